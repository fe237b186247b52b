//! Long lists, in the order of the input: nothing lost, nothing twice, nothing out of turn.

use std::collections::BTreeSet;

use crate::harness::{Cmd, Dir, fanout, seq, sh, wait_for, xargs};

#[test]
fn twenty_thousand_jobs_equal_the_serial_loop() {
    fanout().args(["-j8", "-k", "echo"]).stdin(seq(20_000)).run().ok().stdout(seq(20_000)).quiet();
}

#[test]
fn two_thousand_shell_jobs_equal_the_serial_loop() {
    let job = "echo \"a $1\"; echo \"b $1\" >&2; echo \"c $1\"";
    let serial = sh(&format!("for i in $(seq 2000); do set -- $i; {job}; done 2>/dev/null")).run().ok().stdout;
    let job = job.replace("$1", "{}");
    sh(&format!("seq 2000 | \"$FANOUT_BIN\" -j8 -k '{job}' 2>/dev/null")).run().ok().stdout(serial);
}

#[test]
fn without_order_the_same_lines_come() {
    fanout().args(["-j8", "echo"]).stdin(seq(5000)).run().ok().stdout_sorted(sorted(5000));
    fanout().args(["-j8", "--line-buffer", "echo"]).stdin(seq(2000)).run().ok().stdout_sorted(sorted(2000));
    fanout().args(["-j8", "-u", "echo"]).stdin(seq(2000)).run().ok().stdout_sorted(sorted(2000));
}

#[test]
fn a_short_job_waits_for_a_long_one_only_an_instant() {
    let jobs = "if [ {} = 1 ]; then until [ -e go ]; do sleep 0.02; done; fi; echo {}";
    let line = format!(
        "\"$FANOUT_BIN\" -j2 '{jobs}' ::: 1 2 3 | while read -r line; do echo $line; [ $line != 3 ] || touch go; done"
    );
    // Before its end, the first job waits for what the last one prints.
    sh(&line).run().ok().stdout("2\n3\n1\n");
}

fn sorted(last: usize) -> String {
    let lines: BTreeSet<String> = (1..=last).map(|n| format!("{n}\n")).collect();
    lines.into_iter().collect()
}

#[test]
fn what_xargs_does_line_by_line_comes_out_the_same() {
    let input = seq(500);
    let serial = xargs().args(["-d\\n", "-n1", "printf", "<%s>\\n"]).stdin(input.clone()).run().ok().stdout;
    fanout().args(["-j4", "-k", "printf '<%s>\\n'"]).stdin(input).run().ok().stdout(serial);
}

#[test]
fn order_holds_when_early_jobs_end_last() {
    let job = "sleep 0.$((10 - {})); echo {}";
    fanout().args(["-j9", "-k", job]).stdin(seq(9)).run().ok().stdout(seq(9));
}

#[test]
fn a_job_out_of_turn_blocks_no_slot() {
    // The first job waits for the end of the last one: with -k, the others' output has to wait, and their slots don't.
    let job = "[ {} = 1 ] && until [ -e done.2000 ]; do sleep 0.02; done; echo {}; : > done.{}";
    fanout().args(["-j2", "-k", job]).stdin(seq(2000)).run().ok().stdout(seq(2000));
}

#[test]
fn twenty_thousand_behind_a_slow_first_wait_in_little_memory() {
    const COUNT: usize = 20_000;
    let dir = Dir::new();
    let (first, last) = (dir.fifo("first"), dir.fifo("last"));
    // 40 MB wait for the first job, and the last one holds the run once all of it has been printed.
    let quick = (1..=COUNT).map(|n| format!("/usr/bin/printf %2000d {n}\n"));
    let input: String = ["read x < first\n".to_owned()]
        .into_iter()
        .chain(quick)
        .chain(["touch all; read x < last; echo end\n".to_owned()])
        .collect();
    let running = fanout().dir(&dir).args(["-j3", "-k"]).stdin(input).spawn();
    let go = |gate| std::fs::write(gate, "go\n").expect("let it go");
    wait_for("the last job", || dir.has("all"));
    let waiting = running.peak_kib();
    assert!(waiting < 24_000, "{waiting} KiB while all wait");
    go(first);
    // A job is printed before or after its successor has begun; only the one before the last has to be out.
    wait_for("all output but the end", || running.stdout_so_far().len() >= 2000 * COUNT);
    let printed = running.peak_kib();
    assert!(printed < 24_000, "{printed} KiB after all were printed");
    go(last);
    let expected: String = (1..=COUNT).map(|n| format!("{n:2000}")).chain(["end\n".to_owned()]).collect();
    running.wait().ok().stdout(expected).quiet();
}

#[test]
fn silent_and_failed_jobs_leave_no_gap() {
    let job = "[ $(({} % 3)) = 0 ] && exit 1; [ $(({} % 3)) = 1 ] && exit 0; echo {}";
    let expected: String = (1..=30).filter(|n| n % 3 == 2).map(|n| format!("{n}\n")).collect();
    fanout().args(["-j4", "-k", job]).stdin(seq(30)).run().fails_with(10).stdout(expected);
}

#[test]
fn every_job_has_one_row_in_the_log() {
    let done = fanout().args(["-j8", "--joblog", "log", "true"]).stdin(seq(3000)).run().ok();
    let mut seqs: Vec<usize> = done
        .dir
        .text("log")
        .lines()
        .skip(1)
        .map(|row| row.split('\t').next().expect("Seq").parse().expect("Seq"))
        .collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=3000).collect::<Vec<_>>());
}

#[test]
fn the_first_commands_that_people_try() {
    let dir = Dir::new();
    for n in 1..=20 {
        dir.write(format!("src/{n}.rs"), "x\n".repeat(n));
        dir.write(format!("{n}.log"), "y".repeat(n * 100));
    }
    sh("seq 1000 | \"$FANOUT_BIN\" -k echo").run().ok().stdout(seq(1000)).quiet();
    let counted = sh("find . -name '*.rs' | \"$FANOUT_BIN\" wc -l").dir(&dir).run().ok();
    assert_eq!(counted.text().lines().count(), 20);
    sh("\"$FANOUT_BIN\" 'gzip -9 < {} > {}.gz' ::: *.log").dir(&dir).run().ok().stdout("").quiet();
    let unpacked = Cmd::new("sh")
        .dir(&dir)
        .args(["-c", "for i in $(seq 20); do gunzip < $i.log.gz | cmp - $i.log || echo $i; done"]);
    unpacked.run().ok().stdout("");
}
