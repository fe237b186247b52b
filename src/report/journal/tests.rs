use std::path::Path;

use super::super::fixture::finished;
use super::super::joblog::JobLog;
use super::*;
use crate::diag::Diag;
use crate::model::Outcome;
use crate::options::{Joblog, Options, Resume};

const NONE: [u64; 0] = [];

fn options(path: &Path, resume: Resume) -> Options {
    let mut options = Options::default();
    options.report.joblog = Some(Joblog { path: path.into(), append: false });
    options.report.resume = resume;
    options
}

fn record(seq: u64, values: &[&str]) -> Record {
    Record::new(Seq(seq), values.iter().collect())
}

/// `run SEQ VALUES`, or without the number.
fn compose(numbered: bool) -> impl Fn(&Record, Slot, &mut Vec<u8>) {
    move |record, slot, text| {
        let values = record.args.iter().collect::<Vec<_>>().join(&b' ');
        let number = if numbered { format!("{} {slot} ", record.seq) } else { String::new() };
        text.extend_from_slice(format!("run {number}").as_bytes());
        text.extend_from_slice(&values);
    }
}

/// Runs those of `jobs` that the log does not know, as a run does; answers their Seqs.
fn run(path: &Path, resume: Resume, jobs: &[&str], outcome: fn(&str) -> Outcome) -> Vec<u64> {
    let (options, diag) = (options(path, resume), Diag::new("fanout"));
    let mut log = JobLog::open(&options, &diag).expect("opens").expect("is on");
    let mut journal = Journal::read(&options, true, &diag).expect("reads");
    if let Some(journal) = &journal {
        log.resumes(journal.reruns());
    }
    let compose = compose(true);
    let mut ran = Vec::new();
    for (job, seq) in jobs.iter().zip(1..) {
        let record = record(seq, &[job]);
        if journal.as_mut().is_some_and(|journal| journal.decide(&record, &compose) == Decision::Done) {
            continue;
        }
        let mut command = Vec::new();
        compose(&record, Slot(2), &mut command);
        let mut job = finished(seq, outcome(job), 1, &command);
        job.args = record.args;
        log.finished(&job).expect("waits");
        ran.push(seq);
    }
    log.flush().expect("writes");
    ran
}

fn ok(_: &str) -> Outcome {
    Outcome::Exited(0)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("folder")
}

#[test]
fn inputs_may_be_extended_reordered_and_shortened() {
    let folder = folder();
    let path = folder.path().join("log");
    assert_eq!(run(&path, Resume::Finished, &["a", "b", "c"], ok), [1, 2, 3]);
    assert_eq!(run(&path, Resume::Finished, &["z", "a", "b", "c"], ok), [1]);
    assert_eq!(run(&path, Resume::Finished, &["c", "y", "a"], ok), [2]);
    assert_eq!(run(&path, Resume::Finished, &["c", "y", "a", "b", "z"], ok), NONE);
    assert_eq!(run(&path, Resume::No, &["a"], ok), [1]);
    assert_eq!(run(&path, Resume::Finished, &["a", "b"], ok), [2], "a new run empties the log");
}

#[test]
fn equal_inputs_are_counted() {
    let folder = folder();
    let path = folder.path().join("log");
    assert_eq!(run(&path, Resume::Finished, &["x", "y", "x"], ok), [1, 2, 3]);
    assert_eq!(run(&path, Resume::Finished, &["y", "x", "x", "x"], ok), [4]);
    // Numbers that rows had already do not make them less.
    assert_eq!(run(&path, Resume::Finished, &["x", "x", "x", "x", "x"], ok).len(), 2);
    assert_eq!(run(&path, Resume::Finished, &["x", "x", "x", "x", "x", "y"], ok), NONE);
}

#[test]
fn what_failed_and_then_succeeded_is_done() {
    let folder = folder();
    let path = folder.path().join("log");
    let b_fails = |job: &str| Outcome::Exited(i32::from(job == "b"));
    assert_eq!(run(&path, Resume::No, &["a", "b", "c"], b_fails), [1, 2, 3]);
    assert_eq!(run(&path, Resume::Finished, &["a", "b", "c"], b_fails), NONE);
    assert_eq!(run(&path, Resume::Succeeded, &["z", "a", "b", "c"], b_fails), [1, 3]);
    assert_eq!(run(&path, Resume::Succeeded, &["z", "a", "b", "c"], ok), [3]);
    assert_eq!(run(&path, Resume::Succeeded, &["a", "b", "c", "z"], ok), NONE);
    // It was one job all the time: a second one is new.
    assert_eq!(run(&path, Resume::Finished, &["a", "b", "b", "c", "z"], ok).len(), 1);
}

#[test]
fn what_was_ended_by_us_is_run_again() {
    let folder = folder();
    let path = folder.path().join("log");
    for (outcome, again) in [
        ((|_| Outcome::Cancelled) as fn(&str) -> Outcome, true),
        (|_| Outcome::SpawnFailed("no".into()), true),
        (|_| Outcome::TimedOut, false),
        (|_| Outcome::Signaled(9), false),
    ] {
        run(&path, Resume::No, &["a"], outcome);
        let expected: &[u64] = if again { &[1] } else { &[] };
        assert_eq!(run(&path, Resume::Finished, &["a"], ok), expected);
    }
}

#[test]
fn jobs_whose_output_is_lost_are_run_again() {
    let folder = folder();
    let path = folder.path().join("log");
    let (options, diag) = (options(&path, Resume::No), Diag::new("fanout"));
    let mut log = JobLog::open(&options, &diag).expect("opens").expect("is on");
    let mut add = |seq: u64, lost: bool| {
        let mut job = finished(seq, Outcome::Exited(0), 1, b"x");
        job.args = [seq.to_string()].into_iter().collect();
        log.finished(&job).expect("waits");
        if lost {
            log.output_lost();
        }
        if seq == 1 {
            log.flush().expect("writes");
        }
    };
    add(1, false);
    add(2, false);
    add(3, true);
    add(4, false);
    log.flush().expect("writes");
    drop(log);
    assert_eq!(run(&path, Resume::Finished, &["1", "2", "3", "4"], ok), [2, 3, 4]);
}

#[test]
fn a_log_that_is_cut_anywhere_is_resumed_where_its_whole_rows_end() {
    let folder = folder();
    let path = folder.path().join("log");
    let values_path = folder.path().join("log.values");
    let odd = ["a", "b\nc", "t\tab", "\\n", "", "a", "\u{e9}\\", "1 2"];
    run(&path, Resume::No, &odd, |job| Outcome::Exited(i32::from(job == "\\n")));
    let (log, values) = (std::fs::read(&path).expect("reads"), std::fs::read(&values_path).expect("reads"));
    for cut in 0..=log.len() {
        std::fs::write(&path, &log[..cut]).expect("writes");
        std::fs::write(&values_path, &values).expect("writes");
        let rows = log[..cut].iter().filter(|byte| **byte == b'\n').count().saturating_sub(1) as u64;
        let ran = run(&path, Resume::Finished, &odd, ok);
        assert_eq!(ran, (rows + 1..=odd.len() as u64).collect::<Vec<_>>(), "cut at {cut}");
        assert_eq!(run(&path, Resume::Finished, &odd, ok), NONE, "cut at {cut}, and resumed");
    }
    // Without its values, a row is known by its command.
    for cut in 0..=values.len() {
        std::fs::write(&path, &log).expect("writes");
        std::fs::write(&values_path, &values[..cut]).expect("writes");
        assert_eq!(run(&path, Resume::Finished, &odd, ok), NONE, "values cut at {cut}");
    }
}

/// As GNU parallel writes it.
fn theirs(rows: &[(u64, i32, &str)]) -> String {
    let row = |(seq, exit, command): &(u64, i32, &str)| {
        format!("{seq}\t:\t1795250223.022\t     0.008\t0\t2\t{exit}\t0\t{command}\n")
    };
    String::from_utf8_lossy(super::super::JOBLOG_HEADER).into_owned() + &rows.iter().map(row).collect::<String>()
}

#[test]
fn logs_without_values_are_known_by_command() {
    let folder = folder();
    let path = folder.path().join("log");
    let log = [(1, 0, "run 1 1 a"), (3, 0, "run 3 12 b\0c"), (2, 1, "run 2 2 t\tab"), (4, 0, "run 4 1 a")];
    std::fs::write(&path, theirs(&log)).expect("writes");
    assert_eq!(run(&path, Resume::Finished, &["z", "t\tab", "a", "b\nc", "a", "a"], ok), [1, 6]);
    std::fs::write(&path, theirs(&log)).expect("writes");
    assert_eq!(run(&path, Resume::Succeeded, &["t\tab", "a", "b\nc", "a"], ok), [1]);
    // The row of the rerun has values and replaces theirs, which has none.
    assert_eq!(run(&path, Resume::Finished, &["t\tab", "t\tab"], ok).len(), 1);
    // A row of theirs that is there twice is one job.
    std::fs::write(&path, theirs(&[(1, 1, "run 1 1 a"), (1, 0, "run 1 2 a"), (1, 0, "run 1 1 a")])).expect("writes");
    assert_eq!(run(&path, Resume::Succeeded, &["a"], ok), NONE);
}

#[test]
fn commands_without_numbers_need_no_text() {
    let folder = folder();
    let path = folder.path().join("log");
    std::fs::write(&path, theirs(&[(1, 0, "run a"), (2, 0, "run 1"), (3, 0, "run 2")])).expect("writes");
    let mut journal =
        Journal::read(&options(&path, Resume::Finished), false, &Diag::new("fanout")).expect("reads").expect("a log");
    assert!(journal.is_anonymous && journal.commands.is_empty());
    let compose = compose(false);
    assert_eq!(journal.decide(&record(1, &["3"]), &compose), Decision::Run);
    assert!(!journal.has_matched);
    assert_eq!(journal.decide(&record(2, &["2"]), &compose), Decision::Done);
    assert!(journal.has_matched);
    assert_eq!(journal.decide(&record(3, &["2"]), &compose), Decision::Run);
}

#[test]
fn another_template_is_noticed_and_another_number_is_not() {
    let folder = folder();
    let path = folder.path().join("log");
    run(&path, Resume::No, &["a", "b"], ok);
    let journal = |jobs: &[&str], compose: &Compose<'_>| {
        let options = options(&path, Resume::Finished);
        let mut journal = Journal::read(&options, true, &Diag::new("fanout")).expect("reads").expect("a log");
        for (job, seq) in jobs.iter().zip(1..) {
            assert_eq!(journal.decide(&record(seq, &[job]), compose), Decision::Done);
        }
        journal.command_changed
    };
    assert!(!journal(&["b", "a"], &compose(true)));
    assert!(journal(&["b", "a"], &compose(false)));
}

#[test]
fn retries_are_the_commands_as_they_were() {
    let folder = folder();
    let path = folder.path().join("log");
    let fails = |_: &str| Outcome::Exited(1);
    run(&path, Resume::No, &["a\\n", "b\nc"], fails);
    let retries = |path: &Path| {
        let options = options(path, Resume::Retry);
        let mut journal = Journal::read(&options, false, &Diag::new("fanout")).expect("reads").expect("a log");
        journal.take_retries().into_iter().map(|retry| (retry.seq, retry.command)).collect::<Vec<_>>()
    };
    assert_eq!(retries(&path), [(1, b"run 1 2 a\\n".to_vec()), (2, b"run 2 2 b\nc".to_vec())]);
    std::fs::write(
        &path,
        theirs(&[
            (2, 0, "ok"),
            (5, 1, "b\0c\\x"),
            (6, 1, "d\\n"),
            (7, 1, "\\\\t"),
            (8, -1, "\\"),
            (3, 1, "x"),
            (3, 1, "y"),
            (9, 1, "z"),
            (9, 0, "z"),
        ]),
    )
    .expect("writes");
    assert_eq!(
        retries(&path),
        [(3, b"x".to_vec()), (5, b"b\nc\\x".to_vec()), (8, b"\\".to_vec()), (10, b"y".to_vec())]
    );
}

#[test]
fn what_is_no_joblog_is_refused_and_odd_lines_are_not_trusted() {
    let folder = folder();
    let path = folder.path().join("log");
    let diag = Diag::new("fanout");
    let read = |text: &str| {
        std::fs::write(&path, text).expect("writes");
        Journal::read(&options(&path, Resume::Finished), false, &diag)
    };
    assert!(read("Dear diary\n").is_err());
    assert_eq!(read("").expect("reads").expect("a log").len(), 0);
    assert_eq!(
        read(&(theirs(&[(1, 0, "a")]) + "odd\n" + &theirs(&[(2, 0, "b")]))).expect("reads").expect("a log").len(),
        2
    );
}

#[test]
fn a_hundred_thousand_equal_inputs_take_no_time() {
    let folder = folder();
    let path = folder.path().join("log");
    let jobs = vec!["x"; 100_000];
    run(&path, Resume::No, &jobs, ok);
    assert_eq!(run(&path, Resume::Succeeded, &jobs[..50_000], ok), NONE);
    assert_eq!(run(&path, Resume::Finished, &vec!["x"; 100_010], ok).len(), 10);
}
