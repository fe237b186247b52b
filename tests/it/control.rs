//! When jobs start, end, are tried again, and what is shown of them.

use std::time::Duration;

use crate::harness::{Dir, fanout, procs, seq, sh, wait_for};

#[test]
fn dry_run_prints_commands_and_runs_nothing() {
    let done = fanout().args(["-k", "--dry-run", "touch {}; echo", ":::", "a", "b c"]).same_as_parallel().ok();
    assert!(!done.dir.has("a"));
    fanout().args(["-k", "--dry-run"]).stdin("touch x | cat\n").same_as_parallel().stdout("touch x | cat\n");
    fanout().args(["-k", "--dry-run", "echo", "a  b", "'c'", ":::", "1"]).same_as_parallel().ok();
}

#[test]
fn v_prints_commands_before_their_output() {
    fanout()
        .args(["-k", "-v", "echo", ":::", "a b", "c"])
        .same_as_parallel_with_stderr()
        .stdout("echo 'a b'\na b\necho c\nc\n");
    fanout().args(["-k", "-v", "--dry-run", "echo", ":::", "1"]).same_as_parallel().stdout("echo 1\n");
}

#[test]
fn t_prints_commands_on_standard_error() {
    fanout()
        .args(["-k", "-t", "echo", ":::", "a b", "c"])
        .same_as_parallel()
        .stderr("echo 'a b'\necho c\n")
        .stdout("a b\nc\n");
    fanout().args(["-k", "--verbose", "echo", ":::", "x"]).run().ok().stderr_has("echo x\n");
}

#[test]
fn commands_are_shown_in_the_order_of_the_inputs() {
    let lines: String = (1..=300).map(|number| format!("true {number}\n")).collect();
    fanout().args(["-j16", "-t", "true"]).stdin(seq(300)).run().ok().stderr(&lines);
    fanout().args(["-j16", "-v", "-u", "true"]).stdin(seq(300)).run().ok().stdout(&lines);
    fanout().args(["-j16", "-v", "--lb", "true"]).stdin(seq(300)).run().ok().stdout(&lines);
}

#[test]
fn so_many_arguments_per_job() {
    fanout().args(["-k", "-n2", "echo"]).stdin(seq(5)).same_as_parallel().stdout("1 2\n3 4\n5\n");
    fanout()
        .args(["-k", "--max-args", "3", "echo a {} b"])
        .stdin(seq(4))
        .same_as_parallel()
        .stdout("a 1 2 3 b\na 4 b\n");
    fanout().args(["-k", "-n1", "echo"]).stdin(seq(3)).same_as_parallel().stdout(seq(3));
    fanout().args(["-k", "-n2", "echo {2}-{1}"]).stdin(seq(3)).same_as_parallel().ok();
    // More than fit in a command: as many as fit.
    sh("seq 300000 | \"$FANOUT_BIN\" -k -n 300000 'printf \"%s\\n\"' | cksum")
        .run()
        .ok()
        .stdout(sh("seq 300000 | cksum").run().ok().stdout);
}

#[test]
fn no_run_if_empty_skips_blank_lines() {
    fanout().args(["-k", "-r", "echo [{}]"]).stdin("a\n\n b\n \nc\n").same_as_parallel().ok();
    fanout().args(["-k", "--no-run-if-empty", "echo"]).same_as_parallel().stdout("");
}

/// Starttime of each row, in seconds.
fn starts(log: &str) -> Vec<f64> {
    let mut starts: Vec<f64> =
        log.lines().skip(1).map(|row| row.split('\t').nth(2).expect("Starttime").parse().expect("seconds")).collect();
    starts.sort_by(f64::total_cmp);
    starts
}

#[test]
fn jobs_start_in_the_order_of_the_inputs_under_delay() {
    let job = "echo {} >> order";
    let numbers: Vec<String> = (1..=12).map(|n| n.to_string()).collect();
    let args = [["-j8", "--delay", "0.02", job, ":::"].map(str::to_owned).as_slice(), &numbers].concat();
    let done = fanout().args(&args).run().ok();
    assert_eq!(done.dir.text("order"), crate::harness::seq(12));
}

#[test]
fn delay_keeps_starts_apart() {
    let done =
        fanout().args(["-j4", "--delay", "0.15", "--joblog", "log", "true", ":::", "1", "2", "3", "4"]).run().ok();
    for pair in starts(&done.dir.text("log")).windows(2) {
        // The log has milliseconds.
        assert!(pair[1] - pair[0] > 0.148, "{pair:?}");
    }
    fanout().args(["--delay", "100ms", "true", ":::", "1", "2"]).run().ok();
}

#[test]
fn nice_lowers_the_priority_of_jobs() {
    let own: i32 = sh("nice").run().ok().text().trim().parse().expect("a niceness");
    let expected = format!("{}\n", own.max(5));
    fanout().args(["--nice", "5", "nice; : {}", ":::", "x"]).run().ok().stdout(&expected);
    let done =
        fanout().args(["--nice=5", "-j2", "cut -d' ' -f19", ":::", "/proc/self/stat", "/proc/self/stat"]).run().ok();
    done.stdout(expected.repeat(2));
}

#[test]
fn timeout_ends_a_job_and_its_family() {
    let job = "sleep {} & sleep {}; echo {}";
    let done = fanout().args(["-k", "-j3", "--timeout", "1", "--joblog", "log", job, ":::", "0", "1000", "0.01"]).run();
    let log = done.dir.text("log");
    let exits: Vec<(&str, &str)> = log
        .lines()
        .skip(1)
        .map(|row| (row.split('\t').next().expect("Seq"), row.split('\t').nth(6).expect("Exitval")))
        .collect();
    assert_eq!(exits.iter().find(|(seq, _)| *seq == "2").expect("the second").1, "-1", "{log}");
    done.fails_with(1).stdout("0\n0.01\n").leaves_nothing();
}

#[test]
fn timeout_has_units() {
    for (timeout, long) in [("300ms", true), ("0.3", true), ("0.005m", true), ("1h", false), ("2d", false)] {
        let job = if long { "sleep 1000; : {}" } else { ": {}" };
        let done = fanout().args(["--timeout", timeout, job, ":::", "x"]).run().leaves_nothing();
        done.fails_with(i32::from(long));
    }
}

#[test]
fn a_timed_out_job_that_ignores_term_is_killed() {
    let job = "trap '' TERM; touch started; while :; do sleep 0.05; done; : {}";
    let done = fanout().args(["--timeout", "0.5", job, ":::", "x"]).run().fails_with(1).leaves_nothing();
    assert!(done.dir.has("started"));
}

#[test]
fn retries_is_tries_in_total() {
    let job = "echo x >> tries.{}; [ $(wc -l < tries.{}) -ge {} ]";
    let done = fanout()
        .args(["-j2", "--retries", "3", "--joblog", "log", job, ":::", "1", "2", "3", "4", "5"])
        .run()
        .fails_with(2);
    let tries: Vec<usize> = (1..=5).map(|n| done.dir.read(format!("tries.{n}")).len() / 2).collect();
    assert_eq!(tries, [1, 2, 3, 3, 3]);
    assert_eq!(done.dir.text("log").lines().count(), 6, "the last try only");
}

#[test]
fn retries_0_is_until_it_works() {
    let job = "echo x >> tries; [ $(wc -l < tries) -ge 12 ]; : || {}; [ $(wc -l < tries) -ge 12 ]";
    let done = fanout().args(["--retries", "0", job, ":::", "1"]).run().ok();
    assert_eq!(done.dir.read("tries").len(), 24);
}

#[test]
fn only_the_last_try_is_printed() {
    let job = "echo x >> tries; echo try $(wc -l < tries); echo err >&2; [ $(wc -l < tries) -ge {} ]";
    fanout().args(["--retries", "5", job, ":::", "3"]).run().ok().stdout("try 3\n");
}

#[test]
fn halt_now_kills_running_jobs() {
    let job = "[ {} = 1 ] && { until [ -e started ]; do sleep 0.02; done; exit 7; }; touch started; sleep 1000";
    let done = fanout().args(["-j2", "--halt", "now,fail=1", job]).stdin(seq(4)).run();
    done.fails_with(7).leaves_nothing().within(Duration::from_secs(50));
}

#[test]
fn halt_soon_lets_running_jobs_finish() {
    let dir = Dir::new();
    let job = "touch started.{}; [ {} = 1 ] && { until [ -e started.2 ]; do sleep 0.02; done; exit 7; }; until [ -e go ]; do sleep 0.02; done; echo {}";
    let running =
        fanout().dir(&dir).args(["-j2", "--halt", "soon,fail=1", "--joblog", "log", job]).stdin(seq(50)).spawn();
    wait_for("the failure in the log", || dir.has("log") && dir.text("log").lines().count() > 1);
    dir.write("go", "");
    running.wait().fails_with(7).stdout_has("2\n");
    assert!(dir.count("started.") < 50);
}

#[test]
fn success_codes_say_what_counts_as_success_everywhere() {
    fanout().args(["--success-codes", "0,3", "exit {}", ":::", "0", "3", "4", "1"]).run().fails_with(2);
    fanout().args(["--success-codes", "1", "--halt", "now,success=1", "exit {}", ":::", "1"]).run().ok();
    let job = "echo x >> tries; exit {}";
    let done = fanout().args(["--success-codes=0,3", "--retries", "4", job, ":::", "3"]).run().ok();
    assert_eq!(done.dir.read("tries"), b"x\n", "a success is not tried again");
}

#[test]
fn failures_are_silent_in_scripts_and_named_where_somebody_reads() {
    let args = ["-j1", "exit", ":::", "0", "2"];
    fanout().args(args).run().fails_with(1).quiet();
    let done = fanout().args(args).env("CI", "true").run().fails_with(1).stdout("");
    done.stderr_has("fanout: job 2 failed: exit 2, ").stderr_has(": exit 2\n");
    let done = fanout().args(["-j1", "kill -9 $$; : {}", ":::", "x"]).env("CI", "1").run().fails_with(1);
    done.stderr_has("fanout: job 1 failed: killed by ");
    fanout()
        .args(["-j1", "--retries", "3", "exit", ":::", "2"])
        .env("CI", "1")
        .run()
        .fails_with(1)
        .stderr_has("try 3/3: exit 2\n");
}

#[test]
fn the_first_ten_failures_and_how_many_more() {
    let done = fanout().args(["-j1", "exit 1; :"]).stdin(seq(25)).env("CI", "true").run().fails_with(25);
    let named = done.error_text().lines().filter(|line| line.starts_with("fanout: job ")).count();
    assert_eq!(named, 10, "{}", done.error_text());
    done.stderr_has("15 more");
}

#[test]
fn a_file_name_cannot_drive_a_terminal_or_a_ci() {
    let hostile = "x\x1b[2J\x07\n::error::gotcha\n\u{9b}31m";
    let done = fanout().args(["-0", "exit 1; :"]).stdin(format!("{hostile}\0")).env("CI", "true").run().fails_with(1);
    done.check(!done.stderr.contains(&0x1b) && !done.stderr.contains(&7), "control bytes");
    done.check(!done.error_text().lines().any(|line| line.starts_with("::")), "a line of its own");
    done.check(!done.error_text().contains('\u{9b}'), "a C1 control");
}

#[test]
fn named_parallel_it_says_no_more_than_gnu_parallel() {
    let dir = Dir::new();
    let program = crate::harness::fanout_bin();
    std::os::unix::fs::symlink(program, dir.join("parallel")).expect("a link");
    let link = dir.join("parallel");
    let done = crate::harness::Cmd::new(link).dir(&dir).args(["exit", ":::", "1", "2"]).env("CI", "true").run();
    done.fails_with(2).quiet();
}

#[test]
fn tty_gives_a_job_our_terminal() {
    let terminal = fanout().args(["--tty", "-j1", "read x < /dev/tty; echo got $x", ":::", "y"]).on_terminal(24, 80);
    let mut terminal = terminal;
    terminal.send("typed\n");
    let (status, rows) = terminal.wait();
    assert!(status.success() && rows.iter().any(|row| row.contains("got typed")), "{status} {rows:#?}");
}

#[test]
fn without_tty_a_job_is_not_in_the_foreground() {
    let terminal = fanout().args(["-j1", "ps -o tpgid= -o pgid= -p $$; : {}", ":::", "y"]).on_terminal(24, 80);
    let (status, rows) = terminal.wait();
    let numbers: Vec<&str> = rows.first().expect("a row").split_whitespace().collect();
    assert!(status.success() && numbers.len() == 2 && numbers[0] != numbers[1], "{status} {rows:#?}");
}

#[test]
fn stopped_by_hand_it_goes_on_by_hand() {
    let job = "for i in 1 2 3 4 5 6 7 8 9 10; do echo {} $i; sleep 0.02; done";
    let running = fanout().args(["-k", "-j2", "--line-buffer", job, ":::", "a", "b"]).spawn();
    running.wait_stdout(" 2\n");
    running.signal(crate::harness::Signal::STOP);
    wait_for("the stop", || procs::state(running.pid()) == Some('T'));
    running.signal(crate::harness::Signal::CONT);
    let done = running.wait().ok();
    assert_eq!(done.text().lines().count(), 20);
}

#[test]
fn what_t_prints_cannot_drive_a_terminal() {
    fanout().args(["-t", ":", ":::", "\x1b[2J"]).run().ok().stderr(": '\\x1b[2J'\n");
}
