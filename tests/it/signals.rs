//! Signals that do not end the run, and what jobs inherit of them.

use crate::harness::{Dir, Running, Signal, fanout, seq, wait_for};

/// A job that says when it has started and ends when the test says so.
const JOB: &str = "touch started.{}; until [ -e go ]; do sleep 0.02; done; echo {}";

/// Two jobs run, and wait for `go`.
fn two_at_work(dir: &Dir, args: &[&str]) -> Running {
    let running = fanout().dir(dir).args(["-j2", "-k", JOB]).args(args).spawn();
    wait_for("two jobs", || dir.count("started.") == 2);
    running
}

#[test]
fn hup_drains_however_often_it_comes_and_says_what_was_left() {
    let dir = Dir::new();
    let words: Vec<String> = (1..=50).map(|n| n.to_string()).collect();
    let args: Vec<&str> = [":::"].into_iter().chain(words.iter().map(String::as_str)).collect();
    let running = two_at_work(&dir, &args);
    running.signal(Signal::HUP);
    running.wait_stderr("SIGHUP received");
    for _ in 0..10 {
        running.signal(Signal::HUP);
    }
    dir.write("go", "");
    let done = running.wait().dies_of(Signal::HUP).stdout_has("1\n2\n");
    let left = 50 - dir.count("started.");
    assert_eq!(done.text().lines().count(), 50 - left, "what runs goes on");
    assert!(left > 40, "{left} not started");
    let done = done.stderr_has(format!("fanout: SIGHUP: {left} jobs not started\n"));
    assert_eq!(done.error_text().lines().count(), 2, "{}", done.error_text());
}

#[test]
fn a_drain_with_input_that_was_not_read_says_so() {
    let dir = Dir::new();
    let mut running = fanout().dir(&dir).args(["-j2", JOB]).stdin_live().spawn();
    running.feed("1\n2\n");
    wait_for("two jobs", || dir.count("started.") == 2);
    running.signal(Signal::HUP);
    running.wait_stderr("SIGHUP received");
    dir.write("go", "");
    running.wait().dies_of(Signal::HUP).stderr_has("0 jobs not started, and there may be unread input\n");
}

#[test]
fn a_drain_that_left_nothing_ends_as_any_run() {
    for (job, status) in [("", 0), ("; exit 3", 2)] {
        let dir = Dir::new();
        let running = fanout().dir(&dir).args(["-j2", "-k", &format!("{JOB}{job}"), ":::", "1", "2"]).spawn();
        wait_for("two jobs", || dir.count("started.") == 2);
        running.signal(Signal::HUP);
        running.wait_stderr("2 running jobs go on");
        dir.write("go", "");
        running.wait().fails_with(status).stdout(seq(2));
    }
}

#[test]
fn term_int_and_quit_end_a_drain() {
    for signal in [Signal::TERM, Signal::INT, Signal::QUIT] {
        let dir = Dir::new();
        let running = two_at_work(&dir, &[":::", "1", "2", "3"]);
        running.signal(Signal::HUP);
        running.wait_stderr("SIGHUP received");
        running.signal(signal);
        running.wait().dies_of(signal).stdout("").leaves_nothing();
    }
}

#[test]
fn a_terminal_that_is_closed_drains_the_run() {
    for args in [&[][..], &["--progress"], &["--line-buffer"]] {
        let dir = Dir::new();
        let job = "touch started.{}; until [ -e go ]; do sleep 0.02; done; echo {}; echo err >&2; : > whole.{}";
        let words = (1..=20).map(|n| n.to_string());
        let mut terminal = fanout().dir(&dir).args(["-j2", job]).args(args).arg(":::").args(words).on_terminal(24, 100);
        wait_for("two jobs", || dir.count("started.") == 2);
        terminal.hang_up();
        // What the jobs write has nowhere to go; they end all the same, and the run with them.
        dir.write("go", "");
        let (status, _) = terminal.wait_raw();
        assert!(!status.success(), "{args:?}: {status}");
        let started = dir.count("started.");
        assert!(started < 20, "{args:?}: {started} started");
        assert_eq!(dir.count("whole."), started, "{args:?}: each that was started came to its end");
    }
}
