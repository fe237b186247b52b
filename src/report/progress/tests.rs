use std::time::SystemTime;

use super::super::fixture::Terminal;
use super::*;
use crate::model::Slot;

fn started(seq: u64, command: &[u8]) -> Started {
    Started {
        seq: Seq(seq),
        slot: Slot(1),
        at: SystemTime::UNIX_EPOCH,
        command: command.to_vec(),
        tag: None,
        printed: None,
    }
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn a_percentage_only_once_the_total_is_known() {
    let start = Instant::now();
    let diag = Diag::new("fanout");
    let mut lines = Vec::new();
    for kind in [Kind::Counts, Kind::Eta, Kind::Bar] {
        let mut progress = Progress::new(kind, Display::Plain { diag: &diag, next: start + PLAIN }, start);
        lines.push(progress.status(start, progress.running.len()));
        progress.started(start, &started(1, b"x"));
        progress.started(start, &started(2, b"y"));
        progress.ended(Seq(1), false);
        progress.ended(Seq(3), true);
        lines.push(progress.status(start + seconds(10), progress.running.len()));
        progress.total(7);
        lines.push(progress.status(start + seconds(10), progress.running.len()));
    }
    let mut empty = Progress::new(Kind::Eta, Display::Plain { diag: &diag, next: start + PLAIN }, start);
    empty.total(0);
    lines.push(empty.status(start, 0));
    insta::assert_snapshot!(lines.join("\n"), @r##"
    0 done, 0 failed, 0 running, 00:00:00 elapsed
    2 done, 1 failed, 1 running, 00:00:10 elapsed
    2 of 7 done (28%), 1 failed, 1 running, 00:00:10 elapsed
    0 done, 0 failed, 0 running, 00:00:00 elapsed
    2 done, 1 failed, 1 running, 00:00:10 elapsed
    2 of 7 done (28%), 1 failed, 1 running, 00:00:10 elapsed, 00:00:25 to go
    0 done, 0 failed, 0 running, 00:00:00 elapsed
    2 done, 1 failed, 1 running, 00:00:10 elapsed
    2 of 7 done (28%), 1 failed, 1 running, 00:00:10 elapsed, 00:00:25 to go
    0 of 0 done (100%), 0 failed, 0 running, 00:00:00 elapsed
    "##);
}

#[test]
fn a_plain_line_names_the_longest_running_jobs() {
    let start = Instant::now();
    let diag = Diag::new("fanout");
    let mut progress = Progress::new(Kind::Counts, Display::Plain { diag: &diag, next: start + PLAIN }, start);
    progress.started(start + seconds(8), &started(17, b"gzip -9 a\nb\x1b[2J"));
    progress.started(start + seconds(130), &started(40, "é".repeat(100).as_bytes()));
    progress.started(start + seconds(140), &started(41, b"young"));
    // A try that failed is tried again: the job has been running since its first.
    progress.started(start + seconds(150), &started(17, b"gzip"));
    insta::assert_snapshot!(progress.plain_line(start + seconds(190)), @r##"0 done, 0 failed, 3 running, 00:03:10 elapsed; longest running: job 17 (182s) gzip -9 a\nb\x1b[2J, job 40 (60s) ééééééééééééééééééééééééééééééééééééééééééééééééééééééééé..."##);
    for seq in [17, 40, 41] {
        progress.ended(Seq(seq), false);
    }
    insta::assert_snapshot!(progress.plain_line(start + seconds(190)), @"3 done, 0 failed, 0 running, 00:03:10 elapsed");
}

#[test]
fn a_plain_line_comes_at_most_once_a_minute() {
    let start = Instant::now();
    let diag = Diag::new("fanout");
    let mut progress = Progress::open(Kind::Eta, Audience::default(), &diag, start).expect("asked for");
    assert_eq!(progress.tick_interval(), Some(PLAIN));
    let next = |progress: &Progress| match &progress.display {
        Display::Plain { next, .. } => *next - start,
        Display::Terminal(_) | Display::Program { .. } => unreachable!("no terminal"),
    };
    progress.tick(start + seconds(59), false);
    assert_eq!(next(&progress), seconds(60));
    progress.tick(start + seconds(65), false);
    assert_eq!(next(&progress), seconds(125));
    progress.tick(start + seconds(124), true);
    assert_eq!(next(&progress), seconds(125));
}

#[test]
fn nobody_asked_and_dumb_terminals() {
    let diag = Diag::new("fanout");
    let now = Instant::now();
    let terminal = Audience { stderr_is_terminal: true, ..Audience::default() };
    assert!(Progress::open(Kind::No, terminal, &diag, now).is_none());
    let dumb = Progress::open(Kind::Bar, Audience { dumb: true, ..terminal }, &diag, now).expect("asked for");
    assert!(matches!(dumb.display, Display::Plain { .. }));
    let smart = Progress::open(Kind::Bar, terminal, &diag, now).expect("asked for");
    assert!(matches!(smart.display, Display::Terminal(_)));
    assert_eq!(smart.tick_interval(), Some(TICK));
}

#[test]
fn messages_of_other_threads_take_the_display_off() {
    let terminal = Terminal::default();
    let diag = Diag::new("fanout");
    let start = Instant::now();
    let screen = Screen::new(Box::new(terminal.clone()), Box::new(|| 80));
    let mut progress = Progress::new(Kind::Bar, on_terminal(screen, &diag), start);
    progress.total(4);
    progress.ended(Seq(1), false);
    progress.tick(start + seconds(1), true);
    assert_eq!(terminal.shows(80), "[#####>--------------] 1 of 4 done (25%), 0 failed, 0 running, 00:00:01 elapsed");
    std::thread::scope(|scope| {
        // Nothing of it is seen: it is the display that must be gone.
        scope.spawn(|| diag.write(b""));
    });
    assert_eq!(terminal.shows(80), "");
    progress.tick(start + seconds(2), true);
    assert!(terminal.shows(80).contains("1 of 4 done"));
    progress.step_aside();
    let before = terminal.bytes();
    progress.step_aside();
    drop(progress);
    assert_eq!(terminal.bytes(), before);
}
