//! Scripts with `sem`, written from its manual, the tutorial and the examples, beside GNU parallel's.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;

use crate::harness::{Dir, installed, same_script};

/// What the scripts find.
fn prepare(dir: &Dir) {
    dir.write("hello", "hello\n");
    dir.write("list", "a\nb\n");
    for name in ["one.log", "two.log", "a b.log"] {
        dir.write(name, format!("{name}\n").repeat(100));
    }
    dir.write("myfile", "end\n");
    // Fails if two run at once.
    dir.script("pod2html", "#!/bin/sh\nmkdir busy || exit 1\nsleep 0.05\necho $1 >$3\nrmdir busy\n");
    let makefile = "all: foo.html bar.html\n\tsem --id pod2html --wait\n\trm -f pod2htmd.tmp\n\
                    foo.html:\n\tsem --id pod2html ./pod2html foo.pod --outfile foo.html\n\
                    bar.html:\n\tsem --id pod2html ./pod2html bar.pod --outfile bar.html\n";
    dir.write("Makefile", makefile);
}

/// Runs the scripts two at a time: the oracle mostly sleeps.
#[track_caller]
fn same(scripts: &[&str]) {
    installed(["parallel", "sem"]);
    let next = Mutex::new(scripts.iter());
    let work = || {
        loop {
            let Some(script) = next.lock().unwrap_or_else(PoisonError::into_inner).next() else { break };
            eprintln!("{script}");
            same_script(script, &prepare);
        }
    };
    thread::scope(|scope| [scope.spawn(work), scope.spawn(work)].map(|worker| worker.join().expect("the same")));
}

#[test]
fn commands() {
    same(&[
        "sem --fg echo a b",
        "sem --fg echo",
        "sem --fg echo '  a   b  '",
        "sem --fg 'echo a{}b {.} {/} {#} {%} {1} {2} {-1} {//} {/.}'",
        "sem --fg 'echo \"{}\" '\"'{}'\"' x{}'",
        "sem --fg 'printf \"<%s>\" a; printf \"<%s>\" {} \"\" {}'",
        "sem --fg printf '\\<%s\\>' a b",
        "sem --fg '{} echo first'",
        "sem --fg echo '$HOME' '\"$((1 + 1))\"' | sed 's:/[^ ]*:home:'",
        "sem --fg echo a ';' echo b '>' out",
        "sem --fg 'for i in 1 2 3; do echo $i; done | tac'",
        "sem --fg",
        "sem",
        "sem --fg -- echo -k",
        "sem --fg -k --group echo x",
        "sem --fg -q echo '$HOME;id' 'a  b'",
        "sem -q --fg touch 'a;touch b'",
        "sem --quote --fg printf '<%s>' 'it'\\''s' '{}' '*'",
        "sem --fg --results out 'echo x; echo y >&2'",
        "sem --fg --results out/ echo x",
        "sem --fg --results 'out{}' echo x",
        "sem --fg --results 'out{#}.txt' echo x",
        "sem --fg --results x.tsv echo x; cut -f 1,2,7-9,11- <x.tsv >y; rm x.tsv",
        "sem --fg --tag echo x; sem --fg --tagstring 't{}{#}{%}' echo x",
    ]);
}

#[test]
fn what_commands_find_around_them() {
    same(&[
        "mkdir dir; sem --fg --wd dir 'pwd | sed s,.*/,,; touch here'",
        "sem --fg --wd new/folder touch here",
        "sem --fg --wd / pwd; sem --fg --workdir . pwd | sed 's,.*/,,' | grep -c .",
        "export X='a  b'; sem --fg --env X 'echo \"$X\"'; sem --env X 'echo \"$X\" >out'; sem --wait",
        "X=1; sem --fg --env X 'echo \"[$X]\"'",
        "sem --fg --nice 5 nice; sem --nice 5 'nice >out'; sem --wait",
        "sem --fg 'echo $PARALLEL_SEQ $PARALLEL_JOBSLOT; test $PARALLEL_PID -gt 1 && echo ok'",
    ]);
}

#[test]
fn default_options() {
    same(&[
        "PARALLEL='--fg --tag' sem echo x",
        "PARALLEL='-q' sem --fg echo '$HOME'",
        "PARALLEL='--fg --id b' sem echo x",
        "PARALLEL='--fg -j2' sem 'echo x; exit 3'",
        "PARALLEL=--dry-run sem --fg 'echo x; exit 3'",
        "PARALLEL='--id a --wait' sem; PARALLEL='--wait' sem",
        "echo '--fg --tagstring t' >$HOME/.parallel/p; sem -J p 'echo x; exit 3'; rm $HOME/.parallel/p",
        "echo '--fg --tagstring t' >$HOME/.parallel/config; sem 'echo x; exit 3'; rm $HOME/.parallel/config",
    ]);
}

#[test]
fn inputs_are_not_read() {
    same(&[
        "sem --fg echo x ::: a b",
        "sem --fg 'echo {} {1} {2}' ::: a b ::: c",
        "sem --fg 'echo {}' ::: a :::+ b",
        "sem --fg cat :::: list",
        "echo x | sem --fg cat :::",
        "echo x | sem --fg cat ::::",
        "echo x | sem --fg cat :::: -",
        "echo x | sem --fg cat ::: a b",
        "sem --fg -a list cat ::: a",
        "sem --fg -n2 echo x",
        "echo hello | sem --fg cat",
        "echo hello | sem cat; sem --wait",
        "cat list | sem --fg 'read x; echo \"first $x\"'; echo $?",
        "sem --fg -a hello cat",
        "sem --fg --arg-file hello cat - list",
        "sem -a hello cat; sem --wait",
        "sem --fg -a hello -a list cat",
        "sem --fg cat </dev/null",
        "sem --fg cat <hello; cat",
        "cat one.log | sem --id read cat | wc -l",
        "sem --id diskio cat one.log | tr a-z A-Z | sem --id diskio2 'cat >out'; sem --id diskio2 --wait",
    ]);
}

#[test]
fn ends() {
    same(&[
        "sem --fg exit 7",
        "sem --fg true",
        "sem --fg false",
        "sem --fg exit 101",
        "sem --fg exit 255",
        "sem --fg 'kill -9 $$'",
        "sem --fg 'kill -TERM $$'",
        "sem --fg no-such-command",
        "sem --fg ./hello",
        "sem exit 7",
        "sem --bg 'kill -9 $$'; echo $?; sem --wait; echo $?",
        "sem no-such-command; echo $?; sem --wait",
        "sem --fg 'echo x >&2; exit 3' 2>&1",
        "sem --wait",
        "sem --wait echo not this",
        "sem --fg --wait --id new",
        "sem --fg --halt now,fail=1 exit 5",
        "sem --fg --timeout 0.2 sleep 30; echo $?",
    ]);
}

#[test]
fn output() {
    same(&[
        "sem --fg --dry-run echo a b",
        "sem --dry-run 'echo {} {#}' ; sem --wait",
        "sem --fg -v echo a b",
        "sem --fg -t echo a b 2>&1",
        "sem --fg --tag echo a b",
        "sem --fg --tagstring x{#} echo a b",
        "sem --fg -u 'echo a; echo b >&2; echo c' 2>&1",
        "sem --fg --line-buffer 'echo a; echo b'",
        "sem --fg 'echo a; echo b >&2; echo c' 2>&1",
        "sem --fg --joblog log echo x; cut -f 1,2,7- log; rm log*",
        "sem --fg 'echo $PARALLEL_SEQ $PARALLEL_JOBSLOT'",
        "x=$(sem 'sleep 0.1; echo hi'); echo \"x=$x\"",
        "sem 'sleep 0.1; echo hi' | cat; echo over",
        "sem 'sleep 0.1; echo hi' >out; sem --wait; cat out",
        "sem --fg -u sh -c 'sleep 0.05; echo done'; echo after",
        "sem --fg 'head -c 100000 /dev/zero | tr \"\\0\" x'; echo",
    ]);
}

#[test]
fn spellings() {
    same(&[
        "parallel --fg echo a",
        "parallel --bg echo a; parallel --wait",
        "parallel --semaphore --fg echo b",
        "parallel --semaphore echo b; parallel --semaphore --wait",
        "parallel --id x --fg echo {#}",
        "parallel --id x echo c; parallel --id x --wait",
        "parallel --semaphorename x --fg echo c",
        "parallel --semaphore-name=x --fg echo c",
        "parallel --st 5 --fg echo d",
        "parallel --semaphoretimeout 5 --fg echo d",
        "parallel --semaphore-timeout=-5 --fg echo d",
        "parallel --st 0 --fg echo d",
        "sem --fg --st 1m echo e",
        "sem --fg -j +0 echo f",
        "sem --fg -j50% echo f",
        "sem --fg --jobs 3 echo f",
        "sem --fg -P3 echo f",
        "sem --fg --max-procs 3 echo f",
        "sem --fg --bg echo f; sem --wait",
        "echo 2 >n; sem --fg -j n echo f",
        "sem --fg --use-cores-instead-of-threads -j100% echo f",
        "sem --bg --interactive echo f",
        "sem --FG --Id X echo f",
        "sem --id '' --fg echo g",
        "sem --id '../../x' --fg echo g",
        "sem --id 'a b/$(echo c)' --fg echo g; ls",
        "sem --id $(printf '\\377') --fg echo g",
    ]);
}

#[test]
fn waiting() {
    same(&[
        "for i in 1 2 3; do sem --id t \"sleep 0.0$((4 - i)); echo $i\"; done; sem --wait --id t",
        "for i in 1 2 3; do sem -u --id t \"echo $i >>out\"; done; sem --wait --id t; cat out",
        "for i in 1 2 3; do sem -j3 --id t \"echo $i >>out\"; done; sem --wait --id t; sort out; rm out",
        "sem --id a 'until [ -e go ]; do sleep 0.01; done; echo a'; sem --id b --fg echo b; touch go; sem --id a --wait; echo over",
        "sem --id a --fg 'sem --id b --fg echo nested'",
        "sem --id a -j2 --fg 'sem --id a -j2 --fg echo nested'",
        "sem --id a 'until [ -e go ]; do sleep 0.01; done; echo a'; sem --id a --st -1 echo never; echo $?; touch go; sem --id a --wait",
        "sem --id a 'until [ -e go ]; do sleep 0.01; done; echo a'; sem --id a --fg --st 1 'echo forced'; echo $?; touch go; sem --id a --wait",
    ]);
}

/// The examples of `man sem`, `man parallel_tutorial` and `man parallel_examples`, with shorter times, and where their order is by
/// chance, sorted.
#[test]
fn examples_of_the_manual() {
    installed(["make"]);
    same(&[
        "(sem -j 2 'sleep 0.1;echo 1 finished';   echo sem 1 exited
          sem -j 2 'sleep 0.2;echo 2 finished';   echo sem 2 exited
          sem -j 2 'sleep 0.3;echo 3 finished';   echo sem 3 exited
          sem -j 2 'sleep 0.4;echo 4 finished';   echo sem 4 exited
          sem --wait; echo sem --wait done) >out; sort out; tail -n 1 out; rm out",
        "(for i in *.log ; do
            echo $i
            sem -j+0 gzip -n \"'$i'\" \";\" echo done
          done
          sem --wait) | sort",
        "(for i in *.log ; do
            echo $i
            sem -j10 gzip -n \"'$i'\" \";\" echo done
          done
          sem --wait) | sort",
        "make -s -j",
        "(sem 'sleep 0.1; echo The first finished' &&
           echo The first is now running in the background &&
           sem 'sleep 0.1; echo The second finished' &&
           echo The second is now running in the background
         sem --wait) | sort",
        "sem --fg 'sleep 0.1; echo The first finished' &&
           echo The first finished in the foreground &&
           sem --fg 'sleep 0.1; echo The second finished' &&
           echo The second finished in the foreground
         sem --wait",
        "sem --id my_id -u 'echo First started; sleep 0.1; echo First done'
         sem --id my_id -u 'echo Second started; sleep 0.1; echo Second done'
         sem --id my_id --wait",
        "(sem --jobs 3 --id my_id -u 'echo Start 1; sleep 0.5; echo 1 done' &&
          sem --jobs 3 --id my_id -u 'echo Start 2; sleep 0.6; echo 2 done' &&
          sem --jobs 3 --id my_id -u 'echo Start 3; sleep 0.7; echo 3 done' &&
          sem --jobs 3 --id my_id -u 'echo Start 4; sleep 0.8; echo 4 done' &&
          sem --wait --id my_id) | sort",
        "seq 3 | parallel -j1 sem --id mymutex sed -i -e '1i{}' myfile; sem --wait --id mymutex; sort myfile; rm myfile",
    ]);
}

#[test]
fn odd_surroundings() {
    same(&[
        "sem --fg cat <&-",
        "sem --fg echo a <&-",
        "sem echo a <&- ; sem --wait",
        "env -i PATH=$PATH HOME=$HOME sem --fg echo a",
        "sem --fg 'echo a >&2' 2>&-",
        "sem --fg -u 'exec cat' </dev/null",
        "sem --fg -j2 -- -x; echo $?",
        "sem --fg ''; echo $?",
        "sem --fg ' echo  lead'",
        "sem --fg 'echo a\necho b'",
        "sem --fg '# comment'; echo $?",
        "sem --fg 'echo a # x'",
        "sem --fg 'cat <<E\nhere {}\nE'",
        "sem --fg --nice 5 nice",
        "sem --fg -S : echo a",
        "sem --fg --colsep , echo {1}",
        "sem --fg -m echo a",
        "sem --fg -L1 echo a",
        "sem --fg -0 echo a",
        "sem --fg -I ,, echo ,, {}",
        "sem --fg --plus echo {..} x",
    ]);
}
