//! Control options beside the real GNU parallel: the same bytes, status and files for the same script.
//!
//! Each case is a line of sh in which `$P` is the program. Its directory holds `abc` (three lines), `tmpl` (a file with
//! replacement strings), `two` (a number of jobs) and `show` (perl that says which signals it gets).

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::harness::{Dir, Done, fanout_bin, sh};

/// How many cases run at a time: GNU parallel takes a fifth of a second for nothing.
const AT_A_TIME: usize = 4;

/// Which jobs run, and how many at once.
const SLOTS: &[&str] = &[
    "$P -j1 echo ::: a b c",
    "$P -j 200% -k echo ::: a b c",
    "$P -j 150.5% -k echo ::: a b c",
    "$P -j +0 -k echo ::: a b c",
    "$P -j +3 -k echo ::: a b c",
    "$P -j -1 -k echo ::: a b c",
    "$P -P 2 -k echo ::: a b c",
    "$P --max-procs 2 -k echo ::: a b c",
    "$P --maxprocs 2 -k echo ::: a b c",
    "$P -j0 -k echo ::: a b c",
    "$P -j two -k echo ::: a b c",
    "$P -j ./two -k 'echo {} {%}; sleep 0.2' ::: a",
    "echo 50% > half; $P --jobs half -k echo ::: a b c",
    "printf 1 > one; $P --jobs one echo ::: a b c",
    "$P -j nofile echo ::: a >/dev/null 2>&1",
    "echo x > bad; $P -j bad echo ::: a >/dev/null 2>&1",
    "$P -j 0% echo ::: a 2>/dev/null",
    "$P -j 1.5 echo ::: a >/dev/null 2>&1",
    "for what in threads cores sockets; do taskset -c 0 $P --number-of-$what; done",
    "$P -k -n 010 echo ::: 1 2 3 4 5 6 7 8 9 10",
    "$P -k -L 010 echo ::: 1 2 3 4 5 6 7 8 9 10",
    "seq 30 | $P -k -X -j1 -s 050 echo",
    "$P -j2 --use-cores-instead-of-threads -k echo ::: a b",
    "$P -j 100% --use-sockets-instead-of-threads -k echo ::: a b",
    "$P -j2 --use-cpus-instead-of-cores -k echo ::: a b",
    "$P --nice 7 'nice; echo {}' ::: a",
    "$P --nice 0 'nice; echo {}' ::: a",
    "nice -n 3 $P --nice 7 'nice; echo {}' ::: a",
    "nice -n 3 $P 'nice; echo {}' ::: a",
    "$P --nice 7 -u 'nice; echo {}' ::: a",
];

/// What is said instead of running jobs, and what is said of jobs.
const QUESTIONS: &[&str] = &[
    "$P --number-of-cpus",
    "$P --number-of-cores",
    "$P --numberofcores",
    "$P --number-of-threads echo ::: a",
    "$P --number-of-sockets",
    "$P --max-line-length-allowed",
    "$P --maxlinelengthallowed",
    "$P --show-limits echo ::: a",
    "$P --showlimits </dev/null true",
    "$P -j1 -kX --show-limits -s 100 echo ::: a b c",
    "$P -j1 -kX --show-limits -s 100000 echo ::: a b c 2>/dev/null",
    "$P --minversion 20130414",
    "$P --min-version 0",
    "$P --minversion 99999999",
    "$P --minversion 20170422 && echo halt done=50% supported from version 20170422 && $P -k --halt now,done=50% echo ::: 1",
    "$P --minversion x >/dev/null 2>&1",
    "$P -k --shellquote ::: 'a b' \"it's\" '' '~x' '*' 'a,b=c+d@e:f/g.h-i_j%k' é",
    "$P -k --shell-quote ::: '$(date)' '`x`' '\"' \"''\" \"'\" '\\\\'",
    "$P -k --shell_quote --shellquote ::: 'a b' \"it's\"",
    "$P --shellquote --shellquote --shellquote ::: 'a b'",
    "$P --shellquote echo ::: 'a b'",
    "$P --shellquote -v echo {} x ::: 'a b'",
    "$P --shellquote --tag echo ::: 'a b'",
    "$P --shellquote --joblog log echo ::: a; cut -f1,2,5- log; rm log",
    "$P -k --shellquote -m -j2 echo ::: a b c",
    "$P -k --shellquote < abc",
    "$P --shellquote --dry-run echo ::: 'a b'",
    "$P --dry-run echo ::: 'a b'",
    "$P --dry-run -k 'cd /; {}' ::: ls 'ls -l'",
    "$P --dry-run -k './{} x; $d/{.}.sh && time {} | {}; (x=1 {}) || ! {}' ::: a b.c",
    "$P --joblog log -k './{}; true' ::: nosuch 2>/dev/null; cut -f9 log; rm log",
    "$P --dryrun -k echo ::: a b",
    "$P --dr -u echo ::: a",
    "$P --dry-run --tag echo ::: a",
    "$P --dry-run --timeout 5 --retries 3 echo ::: a",
    "$P --dry-run --joblog log echo ::: a; cat log 2>/dev/null | wc -l",
    "$P -v echo ::: a",
    "$P -v -v echo ::: a",
    "$P -v --silent echo ::: a",
    "$P --silent echo ::: a",
    "$P -t echo ::: a 2>&1",
    "$P --verbose echo ::: 'a b' 2>&1",
    "$P -j1 -t -k 'echo {}; echo e{} >&2' ::: a b 2>&1",
    "$P -v -k 'echo {}; exit {}' ::: 0 1",
    "$P -v -u echo ::: a",
    "$P -j1 -t -v echo ::: a b",
    "$P -j1 -vt echo ::: 'a b' 2>&1",
    "$P -j1 -v -t --retries 2 'false; : {}' ::: a 2>&1",
    "$P -v --tag echo ::: a",
    "$P -H 1 echo ::: a 2>/dev/null",
    "$P -g echo ::: a 2>/dev/null",
    "$P -U x echo ::: a 2>/dev/null",
    "$P echo '{= $_ = \"$Global::progname-$Global::version\" =}' ::: a",
    "$P -T echo ::: a 2>/dev/null",
    "$P -Y echo ::: a 2>/dev/null",
    "$P --ctrlc echo ::: a 2>/dev/null",
    "$P --noctrlc echo ::: a 2>/dev/null",
    "$P --will-cite echo ::: a 2>&1",
    "$P --willcite --nn --no-notice --nonotice --gnu --plain echo ::: a 2>&1",
    "$P --plain echo ::: a",
    "$P --debug x echo ::: a 2>/dev/null",
];

/// When jobs start.
const CONDITIONS: &[&str] = &[
    "$P --load 1000 -k echo ::: a b c",
    "$P --load 100000% -k echo ::: a b",
    "$P --load +1000 -k echo ::: a b",
    "echo 1000 > max; $P --load max -k echo ::: a b",
    "$P --load nofile echo ::: a >/dev/null 2>&1",
    "echo x > bad; $P --load bad echo ::: a >/dev/null 2>&1",
    "$P --memfree 1k -k echo ::: a b",
    "$P --memfree 1Mi -k echo ::: a b",
    "$P --memfree 1000000 --memsuspend 1M -k echo ::: a b",
    "$P --memsuspend 1k -k echo ::: a b",
    "$P --memfree 0 -k echo ::: a b",
    "$P --noswap -k echo ::: a b",
    "$P --limit true -k echo ::: a b",
    "$P --limit 'mem 1k' -k echo ::: a b",
    "$P --limit 'load 1000' -k echo ::: a b",
    "$P --limit '[ -e abc ]' -k echo ::: a b",
    "$P -j1 --limit 'echo x >> looks; [ $(wc -l < looks) -gt 2 ]' echo ::: a; [ $(wc -l < looks) -ge 3 ]; echo $?; rm looks",
    "$P -j1 --limit 'echo \"$SSHLOGIN\" >> host' echo ::: a b; sort -u host; rm host",
    "$P -j1 --delay 0.1 echo ::: a b c",
    "$P -j1 --delay 0.1auto echo ::: a b c",
    "$P -j1 --delay auto echo ::: a b c",
    "$P -j1 --delay 0s echo ::: a b c",
    "$P -j1 --delay 0.05 --retries 2 'echo {}; exit {}' ::: 0 1",
    "$P -j1 --ssh-delay 0.1 echo ::: a b",
    "$P -j1 --sshdelay 0.1 --delay 0 echo ::: a b",
    "$P --tmpl tmpl=out.{#} -k cat out.{#} ::: a.x 'b c'",
    "$P --template tmpl=out.{} -k 'cat out.{}' ::: a.x 'b c'",
    "$P --tmpl tmpl={.}.conf -k echo ::: a.x 'b c.y'",
    "$P --tmpl tmpl=x=y echo ::: a",
    "$P --tmpl tmpl=one --tmpl abc=two.{#} cat {} one ::: two.1",
    "printf '{2}-{1}.\\n' > t; $P --tmpl t=out.{1}.{2} -k cat out.{1}.{2} ::: a b ::: c d",
    "$P --tmpl tmpl=out --dry-run echo ::: a",
    "$P --tmpl tmpl=out.{#} --cleanup -k cat out.{#} ::: a b",
    "$P --tmpl tmpl=out.{#} --cleanup -j1 --retries 2 'cat out.{#}; false' ::: a",
    "$P --tmpl nofile=out echo ::: a 2>/dev/null",
    "$P --tmpl tmpl echo ::: a >/dev/null 2>&1",
    "printf \"'\\\"\\$x{}\\n\" > q; $P --tmpl q=out.{#} -k cat out.{#} ::: \"it's\" '$(x)'",
];

/// When jobs end, are tried again, and when the run does.
const ENDS: &[&str] = &[
    "$P -j1 --halt now,fail=1 'echo {}; exit {}' ::: 0 3 0 2>/dev/null",
    "$P -j1 --halt-on-error 2 'echo {}; exit {}' ::: 0 3 0 2>/dev/null",
    "$P -j1 --haltonerror 1 'echo {}; exit {}' ::: 0 3 0 2>/dev/null",
    "$P -j1 --halt 0 'exit {}' ::: 0 3 4",
    "$P -j1 --halt never 'exit {}' ::: 0 3 4",
    "$P -j1 --halt -1 'echo {}; exit {}' ::: 3 0 4 2>/dev/null",
    "$P -j1 --halt -2 'echo {}; exit {}' ::: 3 0 4 2>/dev/null",
    "$P -j1 --halt 50% 'echo {}; exit {}' ::: 0 1 2 3 2>/dev/null",
    "$P -j1 --halt soon,fail=2 'echo {}; exit {}' ::: 0 1 2 3 2>/dev/null",
    "$P -j1 --halt now,fail=30% 'echo {}; exit {}' ::: 0 1 2 3 2>/dev/null",
    "$P -j1 --total-jobs 2 --halt now,fail=50% 'echo {}; exit {}' ::: 0 1 2 3 2>/dev/null",
    "$P -j1 --total 4 echo ::: a",
    "$P -j1 --halt now,success=2 'echo {}; exit {}' ::: 0 1 0 3 2>/dev/null",
    "$P -j1 --halt soon,done=1 'echo {}; exit {}' ::: 5 1 2>/dev/null",
    "$P -j1 --halt now,fail=0 'echo {}; exit {}' ::: 0 3 4 2>/dev/null",
    "$P -j1 --halt soon,fail=0% 'echo {}; exit {}' ::: 0 3 4 2>/dev/null",
    "$P -j1 --halt soon,done=0 'echo {}; exit {}' ::: 3 0 2>/dev/null",
    "$P -j1 --halt now,fail=1 --retries 2 'echo x >> n; exit 9; : {}' ::: a b 2>/dev/null; echo $?; wc -l < n",
    "$P -j1 --halt x echo ::: a 2>/dev/null",
    "$P -j1 --halt now,nothing=1 echo ::: a 2>/dev/null",
    "$P -j1 --timeout 1 'sleep {}; echo {}' ::: 0 30",
    "$P -j1 --timeout 1s --term-seq KILL,1 'sleep {}; echo {}' ::: 0 30",
    "$P -j1 --timeout 1 --termseq INT,100,KILL,25 'sleep {}; echo {}' ::: 0 30",
    "$P -j1 --timeout 1 --retries 2 'echo x >> n; sleep {}' ::: 30; echo $?; wc -l < n",
    "$P -j1 --timeout 1 --joblog log 'sleep {}' ::: 30; cut -f1,2,5- log; rm log",
    "$P --timeout x echo ::: a 2>/dev/null",
    "$P -j1 --retries 3 'echo x >> n; [ $(wc -l < n) -ge 2 ]; : {}' ::: a; wc -l < n",
    "$P -j1 --retries 3 'echo x >> n; exit 2; : {}' ::: a; echo $?; wc -l < n",
    "$P -j1 --retries 1 'exit {}' ::: 0 1 2",
    "$P --retries {//} -j1 'echo {/} >> n; exit {/}' ::: 1/11 2/22 3/33; echo $?; sort n",
    "$P --retries {2} -j1 'echo {1} >> n; false' ::: a b ::: 1 2; sort n",
    "$P --retries '{= $_*=2 =}' -j1 'echo {} >> n; false' ::: 1 2; sort n",
    "$P --retries '{= $_=ord()-96 =}' -j1 'echo {} >> n; false' ::: a c; sort n",
    "$P -j1 --halt never,fail=1 'echo {}; exit {}' ::: 3 0",
    "$P -k 'exit {}' ::: 1 2 3 4 5",
    "seq 150 | $P 'exit 1; : {}'",
    "$P 'kill -9 $$; : {}' ::: a",
    "$P 'kill -TERM $$; : {}' ::: a b",
    "$P nosuchcommand ::: a 2>/dev/null",
    "$P ::: true false 'exit 7'",
];

/// The log, and going on with it.
const LOGS: &[&str] = &[
    "$P -j1 --joblog log echo ::: a 'b c'; cut -f1,2,5- log; rm log",
    r#"$P -j1 --joblog log "printf '%s\n' {}" ::: a 'b\n'; cut -f1,2,5- log; rm log"#,
    r#"$P -j1 --joblog log "printf '%s\t%s\n' {}; false" ::: "$(printf 'a\tb')"; $P -j1 --retry-failed --joblog log; cut -f1,2,5- log; rm log"#,
    "$P -j1 --jl log echo ::: a; cut -f1,2,5- log; rm log",
    "$P -j1 --joblog log 'exit {}' ::: 0 3; cut -f1,2,5- log; rm log",
    "$P -j1 --joblog log 'kill -9 $$; : {}' ::: a; cut -f1,2,5- log; rm log",
    "$P -j1 --joblog log 'echo {}; echo err >&2' ::: a bb 2>/dev/null; cut -f1,2,5- log; rm log",
    "$P -j1 --joblog log echo ::: a; $P -j1 --joblog +log echo ::: b; cut -f1,2,5- log; rm log",
    "$P -j1 --joblog log echo ::: a b; $P -j1 --resume --joblog log echo ::: a b c; cut -f1,2,5- log; rm log",
    "$P -j1 --joblog log 'exit {}' ::: 0 1; $P -j1 --resume --joblog log 'exit {}' ::: 0 1; echo $?; wc -l < log; rm log",
    "$P -j1 --joblog log 'echo {}; exit {}' ::: 0 1; $P -j1 --resume-failed --joblog log 'echo {}; exit {}' ::: 0 1; echo $?; wc -l < log; rm log",
    "$P -j1 --joblog log 'echo {}; exit {}' ::: 0 1 2; $P -j1 --resumefailed --joblog log 'echo {}' ::: 0 1 2; echo $?; wc -l < log; rm log",
    "$P -j1 --joblog log 'echo {}; exit {}' ::: 0 1 2; $P -j1 --retry-failed --joblog log; echo $?; rm log",
    "$P -j1 --joblog log 'echo {}; exit {}' ::: 0 1; $P -j1 --retryfailed --joblog log; echo $?; rm log",
    "$P -j1 --joblog log --halt now,fail=1 'exit {}' ::: 0 1 0 2>/dev/null; $P -j1 --resume --joblog log 'echo {}; exit {}' ::: 0 1 0; echo $?; rm log",
    "$P -j1 --resume --joblog new 'echo {}' ::: a b; cut -f1,2,5- new; rm new",
    "$P -j1 --resume echo ::: a 2>/dev/null",
    "$P -j1 --retries 2 --joblog log 'exit {}' ::: 0 1; cut -f1,2,5- log; rm log",
    "$P -j1 -k --joblog log echo ::: a b; cut -f1,2,5- log; rm log",
    "$P -j1 --tag --joblog log echo ::: a b; cut -f1,2,5- log; rm log",
    "$P -j1 --joblog /nofolder/log echo ::: a 2>/dev/null",
    "$P --joblog '' echo ::: a",
    "$P --joblog + echo ::: a",
    "$P --joblog '' --resume echo ::: a 2>/dev/null",
];

/// Examples of parallel_tutorial, with shorter times, and in one slot where the order would be left to chance.
const TUTORIAL: &[&str] = &[
    "$P -N0 -j64 echo x :::: abc",
    "$P -N0 --jobs 200% echo x :::: abc",
    "echo 50% > my_jobs; $P -N0 --jobs my_jobs echo x :::: abc",
    "$P --use-cpus-instead-of-cores -N0 echo x :::: abc",
    "$P -j1 --delay 0.25 echo Starting {}\\;true ::: 1 2 3",
    "$P -j1 --timeout 1.1 sleep {}\\; echo {} ::: 0.2 0.4 6 8",
    "$P -j1 --timeout 400% sleep {}\\; echo {} ::: 0.5 0.6 9 0.5",
    "$P -j1 --joblog log exit ::: 1 2 3 0; cut -f1,2,5- log; rm log",
    "$P -j1 --joblog log exit ::: 1 2 3 0; $P -j1 --resume --joblog log exit ::: 1 2 3 0 0 0; cut -f1,2,5- log; rm log",
    "$P -j1 --joblog log exit ::: 1 2 3 0 0 0; $P -j1 --resume-failed --joblog log exit ::: 1 2 3 0 0 0; cut -f1,2,5- log; rm log",
    "$P -j1 --joblog log exit ::: 1 2 3 0 0 0; $P -j1 --retry-failed --joblog log; cut -f1,2,5- log; rm log",
    "$P -j1 --halt soon,fail=1 echo {}\\; exit {} ::: 0 0 1 2 3 2>/dev/null",
    "$P -j1 --halt now,fail=1 echo {}\\; exit {} ::: 0 0 1 2 3 2>/dev/null",
    "$P -j1 --halt soon,fail=20% echo {}\\; exit {} ::: 0 1 2 3 4 5 6 7 8 9 2>/dev/null",
    "$P -j1 --halt now,success=1 echo {}\\; exit {} ::: 1 2 3 0 4 5 6 2>/dev/null",
    "$P -k --retries 3 'echo tried {} >>runs; echo completed {}; exit {}' ::: 1 2 0; sort runs; rm runs",
    "echo | $P --termseq TERM,200,TERM,100,TERM,50,KILL,25 -u --timeout 1 perl show 2>/dev/null",
    "echo | $P -u --timeout 1 perl show 2>/dev/null",
    "echo | $P --termseq INT,200,TERM,100,KILL,25 -u --timeout 1 perl show 2>/dev/null",
    "$P --load 100000% echo load is less than {} job per cpu ::: 1",
    "$P --noswap echo the system is not swapping ::: now",
    "$P --memfree 1M echo will run if more than 1 MB is ::: free",
    "$P --nice 17 echo this is being run with nice -n ::: 17",
    "echo \"perl -e 'print \\\"@ARGV\\\"'\" | $P --shellquote",
    "$P --minversion 20130722 && echo Your version is at least 20130722.",
    "$P --max-line-length-allowed",
    "$P --number-of-cpus; $P --number-of-cores",
];

#[test]
fn tutorial() {
    compare(TUTORIAL);
}

#[test]
fn slots() {
    compare(SLOTS);
}

#[test]
fn questions() {
    compare(QUESTIONS);
}

#[test]
fn conditions() {
    compare(CONDITIONS);
}

#[test]
fn ends() {
    compare(ENDS);
}

#[test]
fn logs() {
    compare(LOGS);
}

/// All cases, a few at a time; says of each that differs how.
#[track_caller]
fn compare(cases: &[&str]) {
    let next = AtomicUsize::new(0);
    let different = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if let Some(difference) = difference(case) {
                        different.lock().expect("not poisoned").push(difference);
                    }
                }
            });
        }
    });
    let different = different.into_inner().expect("not poisoned");
    assert!(different.is_empty(), "{} of {} cases differ:\n{}", different.len(), cases.len(), different.join("\n"));
}

fn difference(case: &str) -> Option<String> {
    let (ours, theirs) = (run(case, fanout_bin()), run(case, "parallel".into()));
    let same = ours.status == theirs.status && ours.stdout == theirs.stdout && files(&ours.dir) == files(&theirs.dir);
    let account = |done: &Done| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let files = files(&done.dir).into_iter().map(|(name, bytes)| format!("[{name}]\n{}", text(&bytes)));
        format!("{}\n{}{}{}", done.status, text(&done.stdout), text(&done.stderr), files.collect::<String>())
    };
    (!same).then(|| format!("{case}\n-- fanout: {}\n-- parallel: {}\n", account(&ours), account(&theirs)))
}

fn run(case: &str, program: std::ffi::OsString) -> Done {
    let dir = Dir::new();
    dir.write("abc", "a\nb c\nd\n");
    dir.write("tmpl", "v={} n={#} b={.} 1={1} /={/}\n");
    dir.write("two", "2\n");
    // The tutorial's: says which signals it gets.
    dir.write(
        "show",
        "$| = 1; for(keys %SIG) { $SIG{$_} = eval \"sub { print \\\"Got $_\\\\n\\\"; }\"; } while(1){sleep 1}\n",
    );
    sh(case).dir(&dir).env("P", program).run()
}

/// What is in the folder, but for what only fanout keeps beside a log.
fn files(dir: &Dir) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(dir.path()).expect("list the folder").flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| !name.ends_with(".values")).map(|name| (name.clone(), dir.read(&name))).collect()
}
