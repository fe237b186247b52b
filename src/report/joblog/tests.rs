use std::path::Path;
use std::process::Command;

use proptest::prelude::*;

use super::super::fixture::finished;
use super::open::begins_like_a_joblog;
use super::*;
use crate::options::Joblog;

fn options(path: &Path, append: bool) -> Options {
    let mut options = Options::default();
    options.report.joblog = Some(Joblog { path: path.into(), append });
    options
}

/// Writes these jobs, as a run does.
fn write(path: &Path, append: bool, jobs: &[Finished]) -> Result<Vec<u8>> {
    let diag = Diag::new("fanout");
    let options = options(path, append);
    let mut log = JobLog::open(&options, &diag)?.expect("is on");
    for job in jobs {
        log.finished(job)?;
    }
    log.flush()?;
    Ok(log.take_stdout())
}

fn show(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\t', "|")
}

fn jobs() -> Vec<Finished> {
    let mut first = finished(1, Outcome::Exited(0), 0, b"echo a");
    first.received = 2;
    first.wall = Duration::from_micros(1_597_500);
    vec![
        first,
        finished(3, Outcome::Exited(255), 12_345_678, b"printf 'a\\nb' 'c\nd\te'"),
        finished(2, Outcome::Signaled(9), 5, b"kill -9 $$"),
        finished(4, Outcome::TimedOut, 1000, b"sleep 5"),
        finished(5, Outcome::SpawnFailed("no".into()), 0, b"nothing"),
        finished(6, Outcome::Cancelled, 300, b"sleep 5"),
        finished(7, Outcome::Skipped, 0, b"sleep 5"),
        finished(8, Outcome::Exited(0), 1, b"echo \xff\x1b"),
    ]
}

#[test]
fn rows_as_gnu_parallel() {
    insta::assert_snapshot!(show(&write(Path::new("-"), false, &jobs()).expect("writes")), @r##"
    Seq|Host|Starttime|JobRuntime|Send|Receive|Exitval|Signal|Command
    1|:|1795250223.022|     1.598|0|2|0|0|echo a
    3|:|1795250223.022| 12345.678|0|0|255|0|printf 'a\\nb' 'c\nd\te'
    2|:|1795250223.022|     0.005|0|0|0|9|kill -9 $$
    4|:|1795250223.022|     1.000|0|0|-1|15|sleep 5
    5|:|1795250223.022|     0.000|0|0|255|0|nothing
    6|:|1795250223.022|     0.300|0|0|-1|15|sleep 5
    8|:|1795250223.022|     0.001|0|0|0|0|echo �
    "##);
}

#[test]
fn a_dry_run_has_no_joblog() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("log");
    let mut options = options(&path, false);
    options.control.dry_run = true;
    assert!(JobLog::open(&options, &Diag::new("fanout")).expect("opens").is_none());
    assert!(!path.exists());
}

#[test]
fn a_full_disk_is_an_error() {
    let error = write(Path::new("/dev/full"), false, &[]).expect_err("no space");
    assert!(error.to_string().starts_with("--joblog /dev/full: can't be written: "), "{error}");
}

#[test]
fn rows_reach_the_kernel_when_the_caller_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("log");
    let diag = Diag::new("fanout");
    let options = options(&path, false);
    let mut log = JobLog::open(&options, &diag).expect("opens").expect("is on");
    let rows = || std::fs::read_to_string(&path).expect("reads").lines().count() - 1;
    assert_eq!(rows(), 0, "the header is there before the first job");
    for seq in 1..=64 {
        log.finished(&finished(seq, Outcome::Exited(0), 1, b"true")).expect("writes");
    }
    assert_eq!((rows(), log.is_full()), (0, true), "not before the jobs' output");
    log.flush().expect("writes");
    assert_eq!((rows(), log.is_full()), (64, false));
    log.finished(&finished(65, Outcome::Exited(0), 1, b"true")).expect("writes");
    assert!(!log.is_full());
    drop(log);
    assert_eq!(rows(), 64, "nobody has said that the output is there");
}

/// A child that was on its way to its program when its run was killed holds the lock for an instant.
#[test]
fn a_torn_log_is_mended_though_somebody_holds_it_for_an_instant() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("log");
    write(&path, false, &jobs()).expect("writes");
    let whole = std::fs::read(&path).expect("reads");
    std::fs::write(&path, &whole[..whole.len() - 3]).expect("writes");
    let held = std::fs::File::options().append(true).open(&path).expect("opens");
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockShared).expect("locks");
    let next = finished(9, Outcome::Exited(0), 1, b"echo next");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(30));
            drop(held);
        });
        write(&path, true, &[next]).expect("writes");
    });
    let text = std::fs::read_to_string(&path).expect("reads");
    assert_eq!(text.lines().count(), whole.iter().filter(|byte| **byte == b'\n').count(), "{text}");
    assert!(text.lines().last().expect("a row").starts_with("9\t"), "{text}");
}

/// A run that is killed at any instant leaves a log that the next run can add to: whatever was torn off, each row that
/// was whole is still there, the torn one is gone, and the new one stands by itself.
#[test]
fn a_torn_log_is_continued_cleanly() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("log");
    write(&path, false, &jobs()).expect("writes");
    let whole = std::fs::read(&path).expect("reads");
    let next = finished(9, Outcome::Exited(0), 1, b"echo next");
    let row = {
        let log = write(Path::new("-"), false, std::slice::from_ref(&next)).expect("writes");
        log[HEADER.len()..].to_vec()
    };
    for cut in 0..=whole.len() {
        std::fs::write(&path, &whole[..cut]).expect("writes");
        write(&path, true, std::slice::from_ref(&next)).expect("writes");
        let kept = whole[..cut].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let mut expected = if kept == 0 { HEADER.to_vec() } else { whole[..kept].to_vec() };
        expected.extend_from_slice(&row);
        assert_eq!(show(&std::fs::read(&path).expect("reads")), show(&expected), "cut at {cut}");
    }
    // What GNU parallel appends to a new file has no header.
    std::fs::write(&path, b"12\t:\t1.0\t     0.000\t0\t2\t0\t0\techo a\n13\t:").expect("writes");
    write(&path, true, &[next]).expect("writes");
    let text = std::fs::read_to_string(&path).expect("reads");
    assert!(text.starts_with("12\t:") && text.lines().count() == 2 && text.ends_with("echo next\n"), "{text}");
}

#[test]
fn only_a_joblog_is_cut() {
    for ours in [&b"Seq\tHo"[..], &HEADER[..16], b"12", b"1\t:\t", b"S"] {
        assert!(begins_like_a_joblog(ours), "{ours:?}");
    }
    for theirs in [&b"Sequence"[..], b"Dear diary", b"12 drummers", b"\t", b"\n"] {
        assert!(!begins_like_a_joblog(theirs), "{theirs:?}");
    }
}

#[test]
fn commands_of_one_line_stay_as_gnu_parallel_writes_them() {
    for (command, plain) in [
        (&b"echo a\\ b"[..], false),
        (b"sed 's/\\.//' \\", false),
        (b"awk '{print $1}' \xff\r\x1b\t", false),
        (b"printf '%s\\n'", true),
        (b"printf '%s\\\\t'", true),
    ] {
        let mut row = Vec::new();
        assert_eq!(write_command(command, &mut row), plain);
        assert_eq!(row, command);
    }
}

proptest! {
    #[test]
    fn any_command_can_be_read_back(
        command in prop_oneof![
            prop::collection::vec(prop_oneof![Just(b'\\'), Just(b'\n'), Just(b'\t'), Just(b'n'), Just(b't'), Just(b'a')], 0..20),
            prop::collection::vec(any::<u8>(), 0..60),
        ],
    ) {
        let mut row = Vec::new();
        escape_command(&command, &mut row);
        prop_assert!(!row.contains(&b'\n') && !row.contains(&b'\t'));
        prop_assert_eq!(unescape_command(&row), command);
    }
}

/// The same jobs under the real GNU parallel: the same header, and the same rows but for the times, which are as wide.
#[test]
fn the_real_parallel_writes_the_same() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::create_dir(folder.path().join(".parallel")).expect("folder");
    std::fs::write(folder.path().join(".parallel/will-cite"), b"").expect("writes");
    let path = folder.path().join("theirs");
    let commands = ["echo a", "exit 3", "kill -9 $$", "printf '%s\\\\' b\\ c", "kill -15 $$; exit 4"];
    let status = Command::new("parallel")
        .arg("-j1")
        .arg("--joblog")
        .arg(&path)
        .arg(":::")
        .args(commands)
        .env("HOME", folder.path())
        .env("PARALLEL_SHELL", "/bin/sh")
        .env_remove("PARALLEL")
        .output();
    let Ok(_output) = status else {
        eprintln!("skipped: GNU parallel is not installed");
        return;
    };
    let theirs = std::fs::read(&path).expect("reads");
    let outcomes =
        [Outcome::Exited(0), Outcome::Exited(3), Outcome::Signaled(9), Outcome::Exited(0), Outcome::Signaled(15)];
    let jobs: Vec<Finished> = commands
        .iter()
        .zip(outcomes)
        .zip([2, 0, 0, 4, 0])
        .zip(1..)
        .map(|(((command, outcome), bytes), seq)| {
            let mut job = finished(seq, outcome, 3, command.as_bytes());
            job.received = bytes;
            job
        })
        .collect();
    let ours = write(Path::new("-"), false, &jobs).expect("writes");
    // Each digit of a time becomes 9.
    let mask = |log: &[u8]| -> Vec<String> {
        let log = show(log);
        let digits = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "9");
        let row = |line: &str| {
            let fields: Vec<&str> = line.splitn(5, '|').collect();
            format!("{}|{}|{}|{}|{}", fields[0], fields[1], digits(fields[2]), digits(fields[3]), fields[4])
        };
        log.lines().map(row).collect()
    };
    assert_eq!(mask(&ours), mask(&theirs));
}
