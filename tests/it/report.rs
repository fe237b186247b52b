//! Joblog, timing and summary.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::harness::{Dir, Done, fanout, parallel, seq};

/// A joblog with what differs from run to run masked: times.
fn masked(log: &str) -> String {
    let mask = |row: &str| {
        let mut fields: Vec<String> = row.split('\t').map(str::to_owned).collect();
        for index in [2, 3] {
            if let Some(field) = fields.get_mut(index).filter(|field| field.ends_with(|c: char| c.is_ascii_digit())) {
                // The form stays: digits become 9, and how many there are before the point is left to the clock.
                let width = field.len();
                let decimals = field.rsplit('.').next().map_or(0, str::len);
                *field = format!("{width}.{decimals}");
            }
        }
        fields.join("\t")
    };
    log.lines().map(|row| mask(row) + "\n").collect()
}

/// The joblog of the same run by both must be the same but for the times.
#[track_caller]
fn same_log(args: &[&str]) {
    let run = |cmd: crate::harness::Cmd| {
        let done = cmd.args(["-j1", "-k", "--joblog", "log"]).args(args).run();
        masked(&done.dir.text("log"))
    };
    assert_eq!(run(fanout()), run(parallel()), "{args:?}");
}

#[test]
fn joblog_as_gnu_parallel_writes_it() {
    same_log(&["echo", ":::", "a", "b c", "it's", ""]);
    same_log(&["echo {}; echo {} >&2; exit {}", ":::", "0", "3", "255"]);
    same_log(&["sleep 0.1; kill -9 $$; : {}", ":::", "1"]);
    same_log(&["no-such-command", ":::", "1"]);
    same_log(&["-n2", "echo", ":::", "1", "2", "3"]);
    same_log(&["--retries", "2", "false", ":::", "1"]);
    same_log(&["seq", ":::", "100000"]);
}

#[test]
fn a_newline_in_a_command_does_not_break_the_joblog() {
    let done = fanout().args(["-0", "-j1", "--joblog", "log", "true"]).stdin("a\nb\0c\0").run().ok();
    let log = done.dir.text("log");
    let rows: Vec<&str> = log.lines().collect();
    assert_eq!(rows.len(), 3, "{log:?}");
    assert!(rows.iter().all(|row| row.split('\t').count() == 9), "{log:?}");
}

#[test]
fn joblog_rows_come_in_order_of_completion_or_of_the_output() {
    let seqs = |args: &[&str]| {
        let done = fanout().args(args).args(["-j2", "--joblog", "log", "sleep 0.{}", ":::", "5", "0"]).run().ok();
        done.dir
            .text("log")
            .lines()
            .skip(1)
            .map(|row| row.split('\t').next().expect("Seq").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(seqs(&[]), ["2", "1"]);
    assert_eq!(seqs(&["-k"]), ["1", "2"]);
}

#[test]
fn joblog_appends_after_a_plus() {
    let dir = Dir::new();
    for word in ["first", "second"] {
        fanout().dir(&dir).args(["--joblog", "+log", "echo", ":::", word]).run().ok();
    }
    let log = dir.text("log");
    assert_eq!(log.lines().count(), 3, "one header, two rows: {log:?}");
    fanout().dir(&dir).args(["--joblog", "log", "echo", ":::", "third"]).run().ok();
    assert_eq!(dir.text("log").lines().count(), 2);
}

#[test]
fn a_row_is_there_as_soon_as_its_job_has_ended() {
    let dir = Dir::new();
    let job = "[ {} = 1 ] || until grep -q '^1' log; do sleep 0.02; done";
    fanout().dir(&dir).args(["-j2", "--joblog", "log", job, ":::", "1", "2"]).run().ok();
}

#[test]
fn a_full_disk_under_the_joblog_is_an_error() {
    let done = fanout().args(["--joblog", "/dev/full", "echo"]).stdin(seq(3)).run();
    done.fails_with(255).stderr_has("/dev/full");
}

#[test]
fn an_option_that_is_wrong_leaves_the_logs_of_earlier_runs_as_they_are() {
    let dir = Dir::new();
    let logs = [("--joblog", "log"), ("--timing-file", "times"), ("--results", "table.csv")];
    logs.iter().for_each(|(_, file)| drop(dir.write(file, "of an earlier run\n")));
    let args = logs.iter().flat_map(|(option, file)| [*option, *file]);
    let done = fanout().dir(&dir).args(args).args(["--template", "none=x", "echo", ":::", "a"]).run();
    done.fails_with(255).stderr_has("can't read none");
    logs.iter().for_each(|(_, file)| assert_eq!(dir.text(file), "of an earlier run\n", "{file}"));
}

/// The lines of a file of JSON objects.
#[track_caller]
fn objects(done: &Done, file: &str) -> Vec<Value> {
    done.dir.text(file).lines().map(|line| serde_json::from_str(line).expect("an object per line")).collect()
}

/// A number of an object, by its key.
#[track_caller]
fn number(object: &Value, key: &str) -> f64 {
    object[key].as_f64().unwrap_or_else(|| panic!("{key} in {object}"))
}

/// A run with all reports: two jobs that fail, one that is killed, output on both streams.
fn reported() -> Done {
    let args =
        ["-j3", "--joblog", "log", "--timing=json", "--timing-file=timing", "--summary=json", "--summary-file=summary"];
    let job = "sleep 0.{}; echo out {}; echo error {} >&2; [ {} = 3 ] && kill -9 $$; [ {} -lt 4 ]";
    fanout().args(args).arg(job).stdin(seq(5)).run().fails_with(3)
}

#[test]
fn timing_has_a_line_per_job() {
    let done = reported();
    let rows = objects(&done, "timing");
    assert_eq!(rows.len(), 5);
    for row in &rows {
        let (seq, slot) = (number(row, "seq"), number(row, "slot"));
        assert!((1.0..=5.0).contains(&seq) && (1.0..=3.0).contains(&slot), "{row}");
        assert!(number(row, "wall_s") >= seq / 10.0, "{row}");
        assert!(
            number(row, "user_s") >= 0.0 && number(row, "system_s") >= 0.0 && number(row, "peak_rss_bytes") > 0.0,
            "{row}"
        );
        assert!(number(row, "start") > 1.6e9, "seconds since 1970: {row}");
    }
    let by_seq: BTreeMap<u64, &Value> = rows.iter().map(|row| (number(row, "seq") as u64, row)).collect();
    assert_eq!((by_seq[&1]["exit"].as_i64(), by_seq[&4]["exit"].as_i64()), (Some(0), Some(1)));
    assert_eq!(by_seq[&3]["signal"].as_i64(), Some(9), "{}", by_seq[&3]);
}

#[test]
fn summary_totals_equal_the_joblog_and_the_timing() {
    let done = reported();
    let summaries = objects(&done, "summary");
    assert_eq!(summaries.len(), 1);
    let summary = &summaries[0];
    let timing = objects(&done, "timing");
    let log = done.dir.text("log");
    let rows: Vec<Vec<&str>> = log.lines().skip(1).map(|row| row.split('\t').collect()).collect();
    let failed = rows.iter().filter(|row| row[6] != "0" || row[7] != "0").count();
    assert_eq!(number(summary, "jobs") as usize, rows.len());
    assert_eq!(number(summary, "failed") as usize, failed);
    let received: f64 = rows.iter().map(|row| row[5].parse::<f64>().expect("Receive")).sum();
    assert_eq!(timing.iter().map(|row| number(row, "stdout_bytes")).sum::<f64>(), received);
    let runtimes: f64 = rows.iter().map(|row| row[3].trim().parse::<f64>().expect("JobRuntime")).sum();
    assert!((number(summary, "joblog_runtime_s") - runtimes).abs() < 0.0005, "{summary} {runtimes}");
    for row in &rows {
        let (seq, runtime): (f64, f64) = (row[0].parse().expect("Seq"), row[3].trim().parse().expect("JobRuntime"));
        let timed = timing.iter().find(|timed| number(timed, "seq") == seq).expect("a line per job");
        assert!((number(timed, "wall_s") - runtime).abs() < 0.0011, "{timed} {row:?}");
    }
}

#[test]
fn summary_percentiles_are_those_of_the_jobs() {
    let done = fanout().args([
        "-j8",
        "--timing=json",
        "--timing-file=timing",
        "--summary=json",
        "--summary-file=summary",
        "sleep 0.{}",
    ]);
    let done = done.stdin((10..50).map(|n| format!("{n}\n")).collect::<String>()).run().ok();
    let summary = &objects(&done, "summary")[0];
    let mut walls: Vec<f64> = objects(&done, "timing").iter().map(|row| number(row, "wall_s")).collect();
    walls.sort_by(f64::total_cmp);
    // Nearest rank, on the walls that were reported: independent of how fast this machine is.
    let rank = |percent: f64| walls[((percent / 100.0 * walls.len() as f64).ceil() as usize).clamp(1, walls.len()) - 1];
    let wall = &summary["percentiles"];
    for (key, expected) in [
        ("min_s", walls[0]),
        ("max_s", walls[39]),
        ("median_s", rank(50.0)),
        ("p90_s", rank(90.0)),
        ("p99_s", rank(99.0)),
    ] {
        // Within 20 ms, so that any common definition of a percentile will do.
        assert!((number(wall, key) - expected).abs() < 0.020, "{key}: {wall}, expected {expected}");
    }
    // No job is shorter than its sleep; that is all that holds on any machine.
    assert!(number(wall, "min_s") >= 0.1 && number(wall, "max_s") >= 0.49, "{wall}");
    assert!(number(summary, "peak_running") <= 8.0 && number(summary, "peak_running") >= 1.0);
}

#[test]
fn cpu_time_is_what_the_kernel_charges() {
    // The job tells what the kernel had charged to it right before its end.
    let job = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; times; : {}";
    let args = ["-j2", "-k", "--timing=json", "--timing-file=timing"];
    let done = fanout().shell("/bin/bash").args(args).args([job, ":::", "1", "2"]).run().ok();
    // `times` prints the shell's user and system time, then its children's.
    let minutes = |text: &str| {
        let (minutes, seconds) = text.split_once('m').expect("MmS.SSSs");
        minutes.parse::<f64>().expect("minutes") * 60.0 + seconds.trim_end_matches('s').parse::<f64>().expect("seconds")
    };
    let text = done.text();
    let told: Vec<f64> = text.lines().step_by(2).map(|line| line.split_whitespace().map(minutes).sum()).collect();
    let mut rows = objects(&done, "timing");
    rows.sort_by(|a, b| number(a, "seq").total_cmp(&number(b, "seq")));
    for (row, told) in rows.iter().zip(told) {
        let charged = number(row, "user_s") + number(row, "system_s");
        // What comes after `times` and before the exit, and the clock ticks of `times`, are in the 20 ms.
        assert!(charged >= told - 0.02 && charged <= told * 1.1 + 0.02, "{row}: the job saw {told}");
        assert!(told > 0.05, "a job without work shows nothing");
    }
}

#[test]
fn peak_memory_is_that_of_the_job() {
    // 60 MB that are really used.
    let job = "head -c 60000000 /dev/zero | tail -c 60000000 | wc -c; : {}";
    let done =
        fanout().args(["--timing=json", "--timing-file=timing", job, ":::", "x"]).run().ok().stdout("60000000\n");
    let peak = number(&objects(&done, "timing")[0], "peak_rss_bytes");
    assert!((60e6..200e6).contains(&peak), "{peak}");
}

#[test]
fn text_goes_to_standard_error() {
    let done = fanout().args(["--timing", "--summary", "-j1", "echo", ":::", "a", "b"]).run().ok().stdout("a\nb\n");
    let text = done.error_text();
    assert!(text.contains("echo a") && text.contains("echo b"), "{text}");
    done.stderr_has("jobs").stderr_has("slots").stderr_has("slowest");
}

#[test]
fn a_value_of_timing_comes_only_after_an_equals_sign() {
    // Otherwise `--timing echo` would take the command for a format.
    fanout().args(["--timing", "echo", ":::", "x"]).run().ok().stdout("x\n");
    fanout().args(["--summary", "echo", ":::", "x"]).run().ok().stdout("x\n");
}

#[test]
fn summary_says_how_many_slots_and_why() {
    let done = fanout().args(["--summary", "-j3", "true", ":::", "x"]).run().ok();
    done.stderr_has("3");
    let done = fanout().under(["taskset", "-c", "0"]).args(["--summary", "true", ":::", "x"]).run().ok();
    done.stderr_has("affinity");
}

#[test]
fn control_bytes_in_reports_are_escaped() {
    let done = fanout().args(["-0", "--timing", "--summary", "true"]).stdin("a\x1b[2Jb\nc\0").run().ok();
    assert!(!done.stderr.contains(&0x1b), "{}", done.stderr.escape_ascii());
}

#[test]
fn the_log_of_a_refused_job_is_not_its_values() {
    // Whoever replays the log runs what stands in it.
    let value = "x[$(touch ran)]";
    let done = fanout().args(["--joblog", "log", "test $(({})) -gt 0", ":::", value, "1"]).run().fails_with(1);
    let log = done.dir.text("log");
    assert!(log.contains("\ttest $(({})) -gt 0\n") && !log.contains("touch"), "{log}");
    crate::harness::parallel().dir(&done.dir).args(["--retry-failed", "--joblog", "log"]).run();
    assert!(!done.dir.has("ran"));
}

#[test]
fn a_report_that_is_an_input_is_refused_and_not_emptied() {
    for option in ["--timing-file", "--summary-file"] {
        let dir = crate::harness::Dir::new();
        dir.write("list", "a\nb\n");
        let done = fanout().dir(&dir).args([option, "list", "echo", "::::", "list"]).run();
        done.fails_with(255)
            .stdout("")
            .stderr(format!("fanout: {option} list: is an input, too: choose another file\n"));
        assert_eq!(dir.text("list"), "a\nb\n");
    }
}
