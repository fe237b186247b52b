//! What fanout-xargs has and xargs lacks.

use crate::harness::{Dir, Signal, fanout_xargs};

#[test]
fn outputs_are_kept_apart_and_in_order() {
    let line = "echo begin $1; until [ $1 = 3 -o -e done$(($1 + 1)) ]; do sleep 0.01; done; echo end $1; : >done$1";
    let done = fanout_xargs().args(["-P3", "-n1", "-k", "sh", "-c", line, "_"]).stdin("1 2 3").run();
    done.ok().quiet().stdout("begin 1\nend 1\nbegin 2\nend 2\nbegin 3\nend 3\n");
    let line = "echo begin $1; until [ $1 = 2 -o -e done ]; do sleep 0.01; done; echo end $1; : >done";
    let done = fanout_xargs().args(["-P2", "-n1", "--group", "sh", "-c", line, "_"]).stdin("1 2").run();
    // Which of the two ends first is open.
    let text = done.ok().quiet().text();
    let [one, two] = ["begin 1\nend 1\n", "begin 2\nend 2\n"];
    assert!([format!("{one}{two}"), format!("{two}{one}")].contains(&text), "{text}");
}

#[test]
fn commands_are_logged_and_summed_up() {
    let dir = Dir::new();
    let done = fanout_xargs().dir(&dir).args(["-n1", "--joblog", "log", "--summary", "sh", "-c", "exit $1", "_"]);
    done.stdin("0 3").run().fails_with(123).stderr_has("1 succeeded, 1 failed");
    let log = dir.text("log");
    let rows: Vec<(&str, &str)> = log
        .lines()
        .skip(1)
        .filter_map(|row| {
            let fields: Vec<&str> = row.split('\t').collect();
            Some((*fields.get(6)?, *fields.get(8)?))
        })
        .collect();
    assert_eq!(rows, [("0", "sh -c 'exit $1' _ 0"), ("3", "sh -c 'exit $1' _ 3")]);
}

#[test]
fn commands_that_take_too_long_are_ended_with_all_that_they_have_started() {
    let done = fanout_xargs().args(["--timeout", "0.2", "sh", "-c", "setsid sleep 777 & sleep 777; exit $?"]);
    done.stdin("").run().fails_with(123).leaves_nothing();
}

#[test]
fn a_run_stops_early_where_that_is_wanted() {
    let args = ["-n1", "--halt", "soon,fail=1", "sh", "-c", "echo $1; exit $1", "_"];
    fanout_xargs().args(args).stdin("0 2 0").run().fails_with(123).quiet().stdout("0\n2\n");
    // 255 does not end it then.
    let args = ["-n1", "--halt", "never", "sh", "-c", "echo $1; exit $1", "_"];
    fanout_xargs().args(args).stdin("0 255 0").run().fails_with(123).quiet().stdout("0\n255\n0\n");
    fanout_xargs().args(["--halt", "x"]).run().fails_with(1).stderr_has("--halt 'x': give never");
}

#[test]
fn nothing_outlives_one_that_is_killed() {
    let line = "setsid sh -c '(sleep 777 & echo up >&2; sleep 777)' & sleep 777; exit $?";
    let running = fanout_xargs().args(["-P2", "-n1", "sh", "-c", line, "_"]).stdin("1 2").spawn();
    running.wait_stderr("up\nup\n");
    running.signal(Signal::KILL);
    running.wait().dies_of(Signal::KILL).leaves_nothing();
}

#[test]
fn a_word_that_can_not_fit_is_found_without_reading_it_all() {
    let done = fanout_xargs().args(["true"]).stdin(vec![b'x'; 20 << 20]).run();
    done.fails_with(1).stdout("").stderr_has("argument line too long\n");
}
