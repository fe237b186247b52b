//! How long jobs and runs may take.

use crate::harness::{Dir, fanout, wait_for};

#[test]
fn a_percentage_of_the_median_ends_jobs_that_run_already() {
    // The first that succeeds sets the limit, also for the one that has been running all the while.
    let done = fanout().args(["-j2", "-k", "--timeout", "300%", "sleep {}; echo {}", ":::", "1000", "0.2"]);
    done.same_as_parallel().fails_with(1).stdout("0.2\n").leaves_nothing();
}

#[test]
fn a_percentage_is_no_limit_before_the_first_success() {
    let args = ["-j2", "-k", "--timeout", "100%", "sleep {}; echo {}; false", ":::", "0", "0.3", "0.1", "0.5"];
    fanout().args(args).same_as_parallel().fails_with(4).stdout("0\n0.3\n0.1\n0.5\n");
}

#[test]
fn a_limit_that_becomes_shorter_reaches_jobs_that_run() {
    // By the first success 80 s, which is longer than a test may take; by those that follow much less.
    let args = ["-j2", "--timeout", "8000%", "--joblog", "log", "sleep", ":::", "1", "1000", "0", "0", "0", "0", "0"];
    let done = fanout().args(args).run().leaves_nothing();
    let log = done.dir.text("log");
    let second = log.lines().find(|row| row.starts_with("2\t")).expect("a row");
    assert_eq!(second.split('\t').nth(6), Some("-1"), "{log}");
}

#[test]
fn slow_jobs_are_named_once_and_go_on() {
    let dir = Dir::new();
    let job = "until [ -e go ]; do sleep 0.02; done; echo {}";
    let running = fanout()
        .dir(&dir)
        .under_sh("exec 2> said")
        .args(["-k", "-j2", "--slow-timeout", "100ms", job, ":::", "a b", "c"])
        .spawn();
    wait_for("its start", || dir.has("said"));
    let said = |part: &str| dir.text("said").matches(part).count();
    wait_for("both warnings", || said("warning: job 1 has been running for ") + said("warning: job 2 has been ") >= 2);
    dir.write("go", "");
    running.wait().ok().stdout("a b\nc\n");
    assert_eq!(dir.text("said").lines().count(), 2, "{}", dir.text("said"));
    assert_eq!(said("'a b'\n"), 1, "{}", dir.text("said"));
}

#[test]
fn a_slow_job_is_named_once_for_all_its_tries() {
    let args = ["--retries", "3", "--slow-timeout", "50ms", "--timeout", "0.5", "sleep", ":::", "1000"];
    let done = fanout().args(args).run().fails_with(1).leaves_nothing();
    let lines = done.error_text();
    assert_eq!(lines.matches("warning: job 1 has been running for ").count(), 1, "{lines}");
}

#[test]
fn a_run_ends_after_its_time_also_while_it_waits_for_input() {
    for args in [&["--joblog", "log"][..], &["-k"], &["--retries", "0", "--retry-delay", "1000"]] {
        let mut running =
            fanout().args(args).args(["-j2", "--global-timeout", "1", "sleep {}; exit 1"]).stdin_live().spawn();
        running.feed("0\n1000\n1000\n1000\n");
        wait_for("its end", || !running.is_running());
        let done = running.wait().fails_with(124).stderr_has("--global-timeout").leaves_nothing();
        assert_eq!(done.error_text().lines().count(), 1, "{}", done.error_text());
    }
    // It has not even started a job, because it needs to know how many there are.
    let mut running = fanout().args(["--global-timeout=0.5", "--halt", "soon,fail=50%", "touch"]).stdin_live().spawn();
    running.feed("started\n");
    wait_for("its end", || !running.is_running());
    let done = running.wait().fails_with(124);
    assert!(!done.dir.has("started"));
}

#[test]
fn a_run_that_ends_in_time_is_as_any_other() {
    fanout().args(["--global-timeout", "1000", "exit", ":::", "0", "3"]).run().fails_with(1).quiet();
    fanout().args(["--global-timeout=1000", "--halt=soon,fail=50%", "exit"]).stdin("0\n3\n0\n").run().fails_with(34);
}

#[test]
fn tries_without_a_limit_end_with_the_run() {
    let args = ["-j2", "--retries", "0", "--global-timeout", "0.5", "--joblog", "log", "exit 3; :", ":::", "a", "b"];
    let done = fanout().args(args).run().fails_with(124);
    assert_eq!(done.dir.text("log").lines().count(), 3, "each has its row");
}
