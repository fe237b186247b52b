//! Jobs that are tried again: which, when, and what is shown of them.

use crate::harness::{Signal, fanout, seq, wait_for};

/// Fails until its Nth try, N being the input; says at which try it is.
const NTH: &str = "t=t.$PARALLEL_PID.$PARALLEL_SEQ; echo x >> $t; n=$(($(wc -l < $t))); echo {} at $n; [ $n -ge {} ]";

#[test]
fn a_replacement_string_that_is_no_number_is_one_try() {
    let done = fanout().args(["-j1", "--retries", "{}", "echo {} >> tries; false", ":::", "a", "2"]).run();
    let done = done.fails_with(2).stdout("").quiet();
    assert_eq!(done.dir.read("tries"), b"a\n2\n2\n");
    fanout().args(["--retries", "{x", "true", ":::", "a"]).run().fails_with(255).stderr_has("no replacement string");
}

#[test]
fn retries_are_those_of_gnu_parallel() {
    for retries in ["1", "2", "3", "9"] {
        fanout().args(["-k", "-j2", "--retries", retries, NTH, ":::", "1", "3", "2", "4", "1"]).same_as_parallel();
    }
    fanout().args(["-k", "-j2", "--retries", "0", NTH, ":::", "1", "3", "5"]).same_as_parallel().ok();
    // Before jobs that have not been started.
    fanout().args(["-j1", "-u", "--retries", "2", "echo {}; false #", ":::", "1", "2", "3"]).same_as_parallel();
    fanout()
        .args(["-j1", "-t", "--retries", "3", ": {}; false", ":::", "1", "2"])
        .same_as_parallel_with_stderr()
        .fails_with(2);
    fanout()
        .args(["-k", "-j1", "--retries", "2", "--halt", "now,fail=1", NTH, ":::", "2", "5", "1"])
        .same_as_parallel();
    fanout()
        .args(["-k", "-j1", "--retries", "2", "--halt", "soon,fail=2", NTH, ":::", "4", "5", "1"])
        .same_as_parallel();
}

#[test]
fn only_the_last_try_is_printed_whole_lines_or_not() {
    let job = "yes {} | head -c 100000; echo x >> t.{}; [ $(wc -l < t.{}) -ge 3 ]";
    for mode in ["--group", "--line-buffer", "-k"] {
        let done =
            fanout().args([mode, "-j2", "--retries", "3", "--buffer-size", "4K", job, ":::", "a", "b"]).run().ok();
        assert_eq!(done.stdout.len(), 200_000, "{mode}");
    }
}

#[test]
fn a_job_that_waits_for_its_next_try_leaves_its_slot_to_others() {
    let job = "echo tried; touch tried.{}; exit 3";
    let args = ["-j2", "-k", "--retries", "2", "--retry-delay", "1000", "--joblog", "log", job];
    // What is left to do when the run is ended: nothing more is started, each has ended as its only try did.
    for (signal, status) in [(Signal::HUP, Some(50)), (Signal::TERM, None)] {
        let running = fanout().args(args).stdin(seq(50)).spawn();
        let dir = running.dir().clone();
        wait_for("all first tries", || dir.count("tried.") == 50);
        running.signal(signal);
        let done = running.wait();
        let done = match status {
            Some(status) => done.fails_with(status).stdout("tried\n".repeat(50)),
            None => done.dies_of(signal),
        };
        let log = done.dir.text("log");
        let exits: Vec<&str> = log.lines().skip(1).map(|row| row.split('\t').nth(6).expect("Exitval")).collect();
        // A last one may have been running still.
        assert_eq!(exits.len(), 50, "{log}");
        assert!(exits.iter().filter(|exit| **exit == "3").count() >= 48, "{log}");
    }
}

#[test]
fn a_halt_does_not_wait_for_a_next_try() {
    let job = "[ {} = 3 ] && until [ -e tried.2 ]; do sleep 0.02; done; touch tried.{}; [ {} = 3 ]";
    let args = ["-j3", "--retries", "0", "--retry-delay=1000", "--halt", "soon,success=1", "--joblog", "log", job];
    let done = fanout().args(args).stdin(seq(3)).run().ok();
    assert_eq!(done.dir.text("log").lines().count(), 4, "each has its row");
}

/// The seconds between the starts of the tries of a job that has written them to a file.
fn gaps(times: &str) -> Vec<f64> {
    let times: Vec<f64> = times.lines().map(|time| time.parse().expect("seconds")).collect();
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn tries_are_a_delay_apart() {
    let job = "date +%s.%N >> times.{}; exit 1";
    let done =
        fanout().args(["-j2", "--retries=3", "--retry-delay=150ms", job, ":::", "a", "b", "c"]).run().fails_with(3);
    for name in ["times.a", "times.b", "times.c"] {
        let gaps = gaps(&done.dir.text(name));
        assert!(gaps.len() == 2 && gaps.iter().all(|gap| *gap >= 0.149), "{gaps:?}");
    }
    let done = fanout().args(["--retries=5", "--retry-delay=exp:100ms..300ms", job, ":::", "a"]).run().fails_with(1);
    let gaps = gaps(&done.dir.text("times.a"));
    let least = [0.049, 0.099, 0.149, 0.149];
    assert!(gaps.len() == 4 && gaps.iter().zip(least).all(|(gap, least)| *gap >= least), "{gaps:?}");
}

#[test]
fn only_what_was_asked_for_is_tried_again() {
    let job = "echo x >> t.{#}; [ {} -gt 500 ] && kill -$(({} - 500)) $$; exit {}";
    let done = fanout()
        .args(["-j2", "--retries", "3", "--retry-on", "2-4,75,SIGKILL", job])
        .args([":::", "1", "3", "75", "509", "515"])
        .run()
        .fails_with(5);
    let tries: Vec<usize> = (1..=5).map(|n| done.dir.read(format!("t.{n}")).len() / 2).collect();
    assert_eq!(tries, [1, 3, 3, 3, 1]);
    for (on, tries) in [("timeout", 2), ("signal,1-255", 1)] {
        let done = fanout()
            .args(["--retries=2", "--retry-on", on, "--timeout=0.3", "--timing=json", "--timing-file=rows"])
            .args(["sleep", ":::", "1000"])
            .run()
            .fails_with(1)
            .leaves_nothing();
        let rows = done.dir.text("rows");
        assert!(rows.contains(&format!("\"tries\":{tries},")) && rows.contains("timed"), "{on}: {rows}");
    }
}

#[test]
fn many_jobs_come_back_at_once_and_none_is_lost() {
    let args =
        ["-j4", "--retries=3", "--retry-delay=exp:1ms..20ms", "--timing=json", "--timing-file=rows", "exit 1; :"];
    let done = fanout().args(args).stdin(seq(200)).run().fails_with(101);
    let rows = done.dir.text("rows");
    assert_eq!(rows.lines().filter(|row| row.contains("\"tries\":3,")).count(), 200, "{rows}");
}

#[test]
fn a_job_that_waits_does_not_count_as_running() {
    let job = "until [ -e go ]; do sleep 0.02; done; : {}; false";
    let args = ["--progress", "--retries=2", "--retry-delay=1000", job, ":::", "x"];
    let terminal = fanout().args(args).on_terminal(24, 100);
    terminal.wait_row("1 running");
    terminal.dir().write("go", "");
    terminal.wait_row("0 of 1 done (0%), 0 failed, 0 running");
}
