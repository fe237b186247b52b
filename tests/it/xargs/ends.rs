//! How commands and runs end.

use crate::harness::{Signal, fanout_xargs, same_beside_xargs};

#[test]
fn exit_statuses() {
    same_beside_xargs(
        "cat >st <<'x'\n#!/bin/sh\ncase $1 in k*) kill -${1#k} $$;; *) exit $1;; esac\nx\nchmod +x st",
        &[
            "for s in 0 1 2 123 124 125 126 127 128 254 255; do echo $s | xargs ./st; echo $?; done",
            "for s in k9 k15 k1 k2 k10 k13 k11; do echo $s | xargs ./st; echo $?; done",
            "echo 1 0 | xargs -n1 ./st; echo $?; echo 0 1 | xargs -n1 ./st; echo $?; echo 0 1 0 | xargs -n1 ./st",
            "echo 255 0 | xargs -n1 -t ./st; echo $?; echo 0 255 | xargs -t -n1 ./st; echo $?; echo 0 255 0 | xargs -t -n1 ./st",
            "echo 1 255 | xargs -n1 -t ./st; echo $?; echo 1 255 0 | xargs -n1 -t ./st; echo $?; echo 1 255 0 0 | xargs -n1 -t ./st",
            "echo 1 k9 | xargs -n1 -t ./st; echo $?; echo 1 k9 0 | xargs -n1 -t ./st; echo $?; echo k9 0 | xargs -n1 -t ./st",
            "echo 255 | xargs -I{} ./st {}; echo $?; printf '255\n0\n' | xargs -I{} -t ./st {}; echo $?; printf '1 0\n0\n255 1\n0' | xargs -L1 -t ./st",
            "echo 255 255 | xargs -n1 ./st; echo $?; printf '255 \"' | xargs -n1 ./st; echo $?; printf '1\n\"' | xargs -n1 ./st",
            "printf '0\n\"' | xargs -n1 ./st; echo $?; printf '255\n0\n\"' | xargs -n1 ./st",
            "xargs nosuch </dev/null; echo $?; xargs -r nosuch </dev/null; echo $?; echo a b | xargs -n1 nosuch; echo $?; echo a b | xargs -n1 -P2 nosuch",
            "xargs ./nosuch </dev/null; xargs /etc/passwd </dev/null; xargs /etc </dev/null; xargs /etc/passwd/x </dev/null; xargs '' </dev/null; xargs . </dev/null",
            "printf '#!/bin/sh\nrm gone; exit 1\n' >gone; chmod +x gone; echo a b | xargs -n1 ./gone",
            "printf '#!/nosuch/interpreter\n' >bad; chmod +x bad; echo a b | xargs -n1 ./bad",
            "printf 'echo $0 $@\n' >plain; chmod +x plain; echo a b | xargs -n1 ./plain x; echo c | PATH=.:$PATH xargs plain; xargs ./plain </dev/null",
            ": >empty; chmod +x empty; echo a | xargs ./empty; echo $?; printf '\\177ELF' >elf; chmod +x elf; echo a | xargs ./elf 2>/dev/null; echo $?",
            "mkdir -p p/echo q; printf 'echo q' >q/tool; PATH=p:q:$PATH xargs echo hello </dev/null; PATH=q:$PATH xargs tool </dev/null; chmod +x q/tool; PATH=p:q:$PATH xargs tool </dev/null",
            "PATH= xargs st </dev/null; PATH=:/bin xargs st 3 </dev/null; unset PATH; /usr/bin/env -u PATH \"$HOME/bin/xargs\" true </dev/null",
            "echo a | xargs true | cat; seq 3 | xargs -n1 false; seq 3 | xargs -n1 -r true",
        ],
    );
}

#[test]
fn what_was_not_read_is_left_to_others() {
    same_beside_xargs(
        "seq 20000 >in; seq 5 >few; cat >st <<'x'\n#!/bin/sh\ncase $1 in k*) kill -${1#k} $$;; *) exit $1;; esac\nx\nchmod +x st",
        &[
            "(xargs -n1 ./st; echo $?; cat) <few; (xargs -n1 sh -c 'exit 255'; cat | wc) <in; (xargs -n1 sh -c 'kill -9 $$'; cat | wc) <in",
            "(xargs -n1 sh -c 'test $1 -lt 700 || exit 255' _; cat | wc) <in; (xargs -n9 sh -c 'test $1 -lt 70 || exit 255' _; cat | wc) <in",
            "(xargs -L3 sh -c 'exit 255'; cat | wc) <in; (xargs -I{} sh -c 'exit 255'; cat | wc) <in; (xargs -s 50 sh -c 'exit 255'; cat | wc) <in",
            "(xargs -d '\\n' -n2 sh -c 'exit 255'; cat | wc) <in; (read x; xargs -n1 sh -c 'exit 255'; cat) <few",
            "printf '1 2 3\n\"' >q; (xargs -n1 ./nosuch; cat) <q; (xargs -n1 sh -c 'exit 255'; cat) <q; (xargs -n3 ./nosuch; cat) <q",
            "(xargs -n1 ./nosuch; cat) <few; (xargs -n1 /etc/passwd; cat | wc) <in; (xargs ./nosuch; cat | wc) <in",
            "(xargs -n1 -E 3; cat) <few; (xargs -x -n3 -s 10; cat) <few; (xargs -x -n3 -s 9; cat) <in; (xargs -s 8; cat | wc) <in; (xargs -d '\\n' -s 8; cat | wc) <in",
            "printf '0 255 0 0 \"' >q; (xargs -n1 ./st; cat) <q; printf '1\n255' >q; (xargs -n1 ./st; cat) <q",
            "printf '0\n255' >q; (xargs -n1 ./st; cat) <q; printf '255 0' >q; (xargs -n1 ./st; cat) <q; printf '255 0 ' >q; (xargs -n1 ./st; cat | od -c) <q",
            "seq 200000 >in; (xargs sh -c 'exit 255'; cat | wc) <in; (xargs -E 150000 true; cat | wc) <in",
        ],
    );
}

#[test]
fn what_was_not_started_is_left_to_others() {
    // findutils leaves a multiple of what it reads at a time then, so input is lost.
    let line = "printf '1\\n255\\n0\\n3\\n' >in; (${FANOUT_BIN}-xargs -n1 sh -c 'exit $1' _; echo $?; cat) <in 2>/dev/null; \
                (${FANOUT_BIN}-xargs --halt soon,fail=1 -n1 sh -c 'exit $1' _; echo $?; cat) <in";
    let done = crate::harness::sh(line).run();
    done.ok().stdout("123\n3\n123\n255\n0\n3\n");
}

#[test]
fn several_at_a_time() {
    same_beside_xargs(
        "",
        &[
            "seq 20 | xargs -P4 -n1 | sort -n | cksum; seq 20 | xargs -P 0 -n3 | sort -n | cksum; seq 20 | xargs --max-procs=3 -n7 | sort | cksum",
            "seq 20 | xargs -P4 -n1 sh -c 'test $1 != 7' _; echo $?; seq 3 | xargs -P3 -I{} sh -c 'exit 1'",
            "time=$(date +%s); seq 4 | xargs -P4 -n1 sh -c 'sleep 1'; test $(($(date +%s) - time)) -lt 3",
            "seq 2000 | xargs -P2 -n1 echo | sort -n | cksum; seq 3 | xargs -P8 -n1 true",
            "printf 'a\nb\nc\n' | xargs -P2 -n1 sh -c 'case $1 in a) exit 255;; b) until test -e gone; do sleep 0.01; done;; esac' _ 2>err & \
             p=$!; until test -s err; do sleep 0.01; done; : >gone; wait $p; echo $?; cat err",
        ],
    );
}

#[test]
fn what_commands_get() {
    same_beside_xargs(
        "",
        &[
            "echo a | xargs sh -c 'ls -l /proc/self/fd/0 | sed s/.*-.//'; echo a | xargs cat; echo a | xargs sh -c 'read x; echo $?'",
            "trap '' PIPE INT; echo a | xargs sh -c 'grep SigIgn /proc/self/status' _; trap '' HUP USR1; echo a | xargs sh -c 'grep SigIgn /proc/self/status' _",
            "echo a | xargs sh -c 'grep -E \"SigBlk|SigCgt\" /proc/self/status' _",
            "exec 5>five; echo a | xargs sh -c 'echo $1 >&5' _; cat five",
            "seq 1 | xargs echo >&-; echo $?; seq 1 | xargs sh -c 'exit 3' 2>&-; echo $?",
            "xargs echo <&-; echo $?; xargs echo </etc; echo $?; xargs -r echo <&-",
            "echo a | xargs sh -c 'ps -o pgid= -p $$; ps -o pgid= -p $PPID' _ | sort -u | wc -l",
            "umask 027; echo f | xargs touch; stat -c %a f; cd /; echo | xargs pwd; ulimit -n 77; echo | xargs sh -c 'ulimit -n'",
            "yes | head -1000 | xargs -n1 echo | head -1; echo x | xargs sh -c 'echo err >&2; echo out'",
        ],
    );
}

#[test]
fn a_lost_reader_is_the_business_of_the_commands() {
    same_beside_xargs("", &["yes | { xargs -n1 sh -c 'echo x; exit $?' _; echo $? >&2; } | head -1; :"]);
}

#[test]
fn a_signal_ends_all_that_commands_have_started() {
    for (signal, flags) in [(Signal::TERM, ""), (Signal::HUP, "-P2"), (Signal::INT, "-P2 -n1"), (Signal::QUIT, "")] {
        let running = fanout_xargs()
            .args(flags.split_whitespace())
            .args(["sh", "-c", "setsid sh -c '(sleep 777 & echo up >&2; sleep 777)' & sleep 777; exit $?", "_"])
            .stdin("1 2\n")
            .spawn();
        running.wait_stderr("up");
        running.signal(signal);
        running.wait().dies_of(signal).leaves_nothing();
    }
}
