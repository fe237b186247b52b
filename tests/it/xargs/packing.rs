//! How many arguments a command gets.

use crate::harness::{Dir, fanout_xargs, procs, same_beside_xargs, same_xargs, sh, wait_for};

#[test]
fn counts_and_lines() {
    same_beside_xargs(
        "printf 'a b\n\n  \nc \nd\ne\\ \nf g\n' >lines",
        &[
            "seq 10 | xargs; seq 10 | xargs -n3; seq 10 | xargs -n 1; seq 10 | xargs --max-args=4; seq 10 | xargs -n 10; seq 10 | xargs -n5",
            "xargs -L1 <lines; xargs -L2 <lines; xargs -L 3 <lines; xargs -L 100 <lines",
            "xargs -l <lines; xargs -l2 <lines; xargs --max-lines <lines; xargs --max-lines=2 <lines",
            "printf 'a\\0b\\0c' | xargs -0 -L2; printf 'a\\0b\\0c\\0' | xargs -0 -L2; printf 'a\\0b\\0c\\0' | xargs -0 -n2; printf 'a,b,c' | xargs -d, -L1",
            "xargs -n2 <lines; xargs -n3 -L1 <lines; xargs -L1 -n3 <lines",
            "printf 'a b \\n c\n d\t\ne' | xargs -L1",
            "printf \"a ''\nb\n''\nc\" | xargs -L1 printf '[%s]'",
            "printf 'a\nb' | xargs -L1 echo x; printf 'a\n' | xargs -L2 echo x; printf '\n\n' | xargs -L2 echo x",
            "xargs </dev/null; xargs -r </dev/null; xargs echo x </dev/null; xargs -r echo x </dev/null; printf ' \n' | xargs -r echo x; xargs --no-run-if-empty false </dev/null",
            "xargs -n2 echo x </dev/null; xargs -L2 echo x </dev/null; seq 4 | xargs -n2 echo x",
        ],
    );
}

#[test]
fn sizes() {
    same_beside_xargs(
        "seq 100000 100010 >six; seq 100 >few",
        &[
            "for s in 6 7 8 9 10 12 13 14 20 21 22 27 28 29 30 100; do xargs -s $s echo <six; echo $?; done",
            "for s in 5 6 7 8 9 20 50; do xargs -s $s echo a <few; echo $?; done",
            "for s in 20 27 28 29 30; do xargs -x -s $s -n2 echo <six; echo $?; done",
            "for s in 20 27 28 29 30; do xargs -x -s $s -n4 echo <six; echo $?; done",
            "for s in 20 27 28 29 30; do xargs -x -s $s echo <six; echo $?; done",
            "for s in 20 27 28 29 30; do xargs -s $s -L2 echo <six; echo $?; done",
            "for s in 10 15 16 17 18 20 22 24 26; do echo abc | xargs -s $s -I{} echo {} x{}y; echo $?; done",
            "for s in 10 12 13 14 15 16 17 18; do printf 'abc\nabcdef\n' | xargs -s $s -I{} echo {}; echo $?; done",
            "for s in 1 2 4 5 6; do xargs -s $s -r </dev/null; echo $?; xargs -s $s </dev/null; echo $?; done",
            "seq 100000 | xargs | cksum; seq 100000 | xargs -s 5000 | cksum; seq 100000 | xargs -n 7777 | cksum; seq 50000 | xargs -L 3333 echo a | cksum",
            "seq 100000 | xargs sh -c 'echo $#' _; seq 100000 | xargs -s 200000 sh -c 'echo $#' _; seq 100000 | xargs -s 65536 sh -c 'echo $#' _",
            "seq 30000 | tr '\\n' '\\0' | xargs -0 sh -c 'echo $#' _; seq 30000 | xargs -d '\\n' -s 9999 sh -c 'echo $#' _",
            "head -c 131071 /dev/zero | tr '\\0' x | xargs echo | wc -c",
            "for n in 131063 131064 131065 131066 131067; do head -c $n /dev/zero | tr '\\0' x | xargs echo | wc -c; done",
            "for n in 131063 131064 131065 131066 131067; do (echo a; head -c $n /dev/zero | tr '\\0' x) | xargs echo | wc; done",
            "for n in 131065 131066 131067; do (echo a; head -c $n /dev/zero | tr '\\0' x) | xargs -x echo | wc; done",
            "for n in 131065 131066 131067; do (echo a; head -c $n /dev/zero | tr '\\0' x) | xargs -0 echo | wc; done",
            "for n in 131065 131066 131067; do (echo a; head -c $n /dev/zero | tr '\\0' x) | xargs -I{} echo {} | wc; done",
            "(echo a; head -c 200000 /dev/zero | tr '\\0' x) | xargs -s 300000 echo | wc",
            "(echo a; head -c 200000 /dev/zero | tr '\\0' x; echo; echo b) | xargs -s 300000 echo | wc",
            "printf 'a\\0bcdef g\n' | xargs -s 14 echo; printf 'a\\0bcdef g\n' | xargs -s 15 echo",
        ],
    );
}

#[test]
fn what_the_system_does_not_take_is_divided() {
    same_beside_xargs(
        "",
        &[
            "seq 300000 | xargs -s 2000000 sh -c 'echo $#' _",
            "seq 300000 | xargs -s 2000000 -t true 2>&1 | cksum",
            "seq 600000 | xargs -s 1900000 sh -c 'echo $#' _",
            "ulimit -s 1024; seq 60000 | xargs -s 200000 sh -c 'echo $#' _",
            "ulimit -s 400; seq 60000 | xargs sh -c 'echo $#' _",
        ],
    );
}

#[test]
fn a_line_that_the_system_does_not_take_is_an_error_and_no_command() {
    // findutils executes its pieces, the data among them.
    let line = "head -c 200000 /dev/zero | tr '\\0' x | ${FANOUT_BIN}-xargs -s 300000 -I{} echo {}";
    let done = sh(line).run();
    done.fails_with(1).stdout("").stderr_has("-xargs: can't call exec() due to argument size restrictions\n");
}

#[test]
fn limits_follow_the_environment_and_the_stack() {
    let lines = [
        "xargs --show-limits -r true </dev/null",
        "xargs --show-l true </dev/null; xargs --show-limits -s 1000 -r </dev/null",
        "ulimit -s 1024; xargs --show-limits -r </dev/null; echo a | xargs -s 999999999",
        "ulimit -s unlimited; xargs --show-limits -r </dev/null",
        "ulimit -s 100; xargs --show-limits -r </dev/null",
        "echo a | xargs -s 999999999; echo $?; echo a | xargs -s 99999999999999999999; echo $?",
    ];
    for line in lines {
        same_xargs(line, &[("X", &"x".repeat(1000))]);
        same_xargs(line, &[("X", &"x".repeat(100_000))]);
    }
}

#[test]
fn an_environment_that_leaves_nothing_is_an_error() {
    let big = "x".repeat(100_000);
    for line in [
        "ulimit -s 512; exec xargs echo </dev/null",
        "ulimit -s 512; exec xargs --version >/dev/null",
        "ulimit -s 512; exec xargs -s 100 echo </dev/null",
    ] {
        same_xargs(line, &[("A", &big)]);
        same_xargs(line, &[("A", &big[..90_000]), ("B", &big[..30_000])]);
    }
}

#[test]
fn memory_does_not_grow_with_the_input() {
    // 48 MB, and one word that is alone in the last command, which waits to be looked at.
    let input = format!("{}end\n", format!("{}\n", "x".repeat(119)).repeat(400_000));
    for from_file in [false, true] {
        let dir = Dir::new();
        let last = "test $# = 1000 || { : >last; until [ -e go ]; do sleep 0.02; done; }; exit $?";
        let cmd = fanout_xargs().dir(&dir).args(from_file.then_some(["-a", "in"]).into_iter().flatten());
        let cmd = cmd.args(["-P2", "-n1000", "sh", "-c", last, "_"]);
        let running = if from_file {
            dir.write("in", &input);
            cmd.spawn()
        } else {
            cmd.stdin(input.as_str()).spawn()
        };
        wait_for("the last command", || dir.has("last"));
        for pid in [running.pid(), running.runner()] {
            let peak = procs::status_field(&pid.to_string(), "VmHWM").expect("its peak memory");
            let kib: usize = peak.trim_end_matches("kB").trim().parse().expect("a number");
            // Most of it is the program, which is large in a build for tests.
            assert!(kib < 32_000, "{kib} KiB");
        }
        dir.write("go", "");
        running.wait().ok();
    }
}
