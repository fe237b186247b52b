//! What is shown while jobs run: on a terminal without tearing their output, elsewhere without control bytes.

use crate::harness::pty::Terminal;
use crate::harness::{Dir, fanout, seq, sh, wait_for};

/// Lines of jobs as they must be on the terminal: each whole, on a row of its own.
#[track_caller]
fn assert_whole(rows: &[String], jobs: usize, lines: usize) {
    for job in 1..=jobs {
        for line in 1..=lines {
            let wanted = format!("job {job} line {line} {}", "=".repeat(40));
            assert_eq!(rows.iter().filter(|row| **row == wanted).count(), 1, "{wanted:?} in {rows:#?}");
        }
    }
}

const JOB: &str = "for i in 1 2 3; do echo job {} line $i ========================================; sleep 0.01; done";

#[test]
fn progress_never_tears_the_jobs_output() {
    for flag in ["--bar", "--progress", "--eta"] {
        for mode in ["--group", "--line-buffer", "-k"] {
            let terminal =
                fanout().args([flag, mode, "-j3", JOB]).args([":::"]).args(seq(30).lines()).on_terminal(24, 100);
            let (status, rows) = terminal.wait();
            assert!(status.success(), "{flag} {mode}: {status} {rows:#?}");
            assert_whole(&rows, 30, 3);
        }
    }
}

#[test]
fn progress_leaves_no_rest_behind() {
    let terminal = fanout().args(["--bar", "-j2", JOB, ":::", "1", "2"]).on_terminal(24, 100);
    let (_, rows) = terminal.wait();
    // A last line of the bar itself may stay, but no half of it before or after a job's line.
    assert_whole(&rows, 2, 3);
    assert!(rows.len() <= 6 + 3, "{rows:#?}");
}

#[test]
fn a_bar_shows_percent_once_the_total_is_known() {
    let dir = Dir::new();
    let job = "until [ -e go.{} ]; do sleep 0.02; done";
    let terminal = fanout().dir(&dir).args(["--bar", "-j4", job, ":::", "1", "2", "3", "4"]).on_terminal(24, 100);
    terminal.wait_row("0%");
    dir.write("go.1", "");
    terminal.wait_row("25%");
    for n in 2..=4 {
        dir.write(format!("go.{n}"), "");
    }
    let (status, _) = terminal.wait();
    assert!(status.success());
}

#[test]
fn without_a_terminal_there_are_no_control_bytes() {
    for flag in ["--progress", "--eta"] {
        let done = fanout().args([flag, "-k", "-j2", "echo"]).stdin(seq(20)).run().ok().stdout(seq(20));
        assert!(
            !done.stderr.iter().any(|byte| [0x1b, b'\r', 8].contains(byte)),
            "{flag}: {}",
            done.stderr.escape_ascii()
        );
        // A plain line at most once a minute.
        assert!(done.error_text().lines().count() <= 1, "{flag}: {}", done.error_text());
    }
}

/// As the manual of GNU parallel has it: `--bar … 2> >(perl -pe 'BEGIN{$/="\r";$|=1};s/\r/\n/g' | zenity --progress)`.
#[test]
fn a_program_can_read_the_bar() {
    let dir = Dir::new();
    let script =
        r#"seq 4 | "$FANOUT_BIN" --bar -k -j1 'echo {}; echo job {} >&2' 2>&1 >out | tr '\r' '\n' > lines; cat out"#;
    sh(script).dir(&dir).run().ok().stdout("1\n2\n3\n4\n");
    let text = dir.text("lines");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.iter().any(|line| line.starts_with("# 4 of 4 done (100%)")), "{text}");
    let numbers: Vec<u64> = lines.iter().filter_map(|line| line.parse().ok()).collect();
    assert!(numbers.is_sorted() && numbers.last() == Some(&100), "{text}");
    let jobs: Vec<&&str> = lines.iter().filter(|line| line.starts_with("job")).collect();
    assert_eq!(jobs, [&"job 1", &"job 2", &"job 3", &"job 4"], "each on a line of its own");
}

#[test]
fn a_bar_that_nobody_gets_costs_no_job() {
    sh("\"$FANOUT_BIN\" -k --bar echo ::: 1 2 2>/dev/full").run().ok().stdout("1\n2\n");
}

#[test]
fn a_dumb_terminal_gets_no_control_bytes() {
    let terminal = fanout().args(["--bar", "-j2", JOB, ":::", "1", "2"]).env("TERM", "dumb").on_terminal(24, 100);
    let raw = everything(terminal);
    assert!(!raw.contains(&0x1b), "{}", raw.escape_ascii());
}

#[test]
fn no_color_is_respected() {
    let terminal =
        fanout().args(["--bar", "-j2", JOB]).args([":::", "1", "2", "3"]).env("NO_COLOR", "1").on_terminal(24, 100);
    let raw = everything(terminal);
    let text = String::from_utf8_lossy(&raw).into_owned();
    // Colours are `ESC [ 3x m` and `4x m`; moving and erasing are not.
    for sequence in text.split('\u{1b}').skip(1) {
        let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
        assert!(!(sequence[end..].starts_with('m') && sequence[..end].contains(['3', '4'])), "a colour: {sequence:?}");
    }
}

/// All that was written to the terminal until the program on it has ended.
fn everything(terminal: Terminal) -> Vec<u8> {
    let (status, raw) = terminal.wait_raw();
    assert!(status.success(), "{status}: {}", raw.escape_ascii());
    raw
}

#[test]
fn the_display_stays_on_standard_error() {
    // Standard output elsewhere: it has the jobs' bytes and nothing else.
    let dir = Dir::new();
    let terminal = sh("\"$FANOUT_BIN\" --bar -k -j2 echo ::: $(seq 50) > out").dir(&dir).on_terminal(24, 100);
    let (status, _) = terminal.wait();
    assert!(status.success());
    assert_eq!(dir.text("out"), seq(50));
}

#[test]
fn the_display_draws_only_in_the_foreground() {
    // A background job of an interactive shell must not draw over what its user types.
    let dir = Dir::new();
    let script = "set -m; \"$FANOUT_BIN\" --bar -j2 'sleep 0.05; : {}' ::: $(seq 20) > out & wait; echo over > over";
    let terminal = sh(script).dir(&dir).on_terminal(24, 100);
    let raw = terminal.wait_raw().1;
    wait_for("the end", || dir.has("over"));
    let text = String::from_utf8_lossy(&raw).into_owned();
    assert!(!text.contains('%'), "{text:?}");
}

#[test]
fn a_terminal_that_is_too_narrow_breaks_nothing() {
    let terminal = fanout().args(["--bar", "-j2", "echo {}", ":::"]).args(seq(20).lines()).on_terminal(4, 12);
    let (status, rows) = terminal.wait();
    assert!(status.success());
    for n in 1..=20 {
        assert!(rows.contains(&n.to_string()), "{n} in {rows:#?}");
    }
}
