//! A person is asked before each job.

use crate::harness::{Dir, Signal, fanout, sh, wait_for};

#[test]
fn jobs_run_whose_answer_starts_with_y() {
    let dir = Dir::new();
    let args = ["-j1", "-p", "--joblog", "log", "--failures=never", "echo got {}", ":::", "a", "b", "c", "d"];
    let mut terminal = fanout().dir(&dir).args(args).on_terminal(24, 80);
    for (question, answer) in [("a", "n\n"), ("b", "y\n"), ("c", "  Yes\n"), ("d", "\n")] {
        terminal.wait_row(&format!("echo got {question} ?..."));
        terminal.send(answer);
    }
    let (status, rows) = terminal.wait();
    // As GNU parallel: those that were not wanted have failed.
    assert_eq!(status.code(), Some(2), "{rows:#?}");
    assert_eq!(rows.iter().filter(|row| row.starts_with("got ")).collect::<Vec<_>>(), ["got b", "got c"]);
    let log = dir.text("log");
    let exits: Vec<&str> = log.lines().skip(1).filter_map(|row| row.split('\t').nth(6)).collect();
    assert_eq!(exits, ["-2", "0", "0", "-2"]);
}

#[test]
fn questions_come_in_the_order_of_the_inputs_one_at_a_time() {
    let mut terminal =
        fanout().args(["-j8", "-p", "echo got {}", ":::"]).args(["1", "2", "3", "4", "5"]).on_terminal(24, 80);
    for question in 1..=5 {
        terminal.wait_row(&format!("echo got {question} ?..."));
        assert!(!terminal.rows().iter().any(|row| row.contains(&format!("echo got {} ?...", question + 1))));
        terminal.send("y\n");
    }
    let (status, rows) = terminal.wait();
    assert!(status.success(), "{rows:#?}");
}

#[test]
fn an_end_does_not_wait_for_an_answer() {
    let terminal = fanout().args(["-p", "echo got {}", ":::", "1", "2"]).on_terminal(24, 80);
    terminal.wait_row("?...");
    crate::harness::procs::kill(terminal.pid(), Signal::TERM);
    let (_, rows) = terminal.wait();
    assert!(!rows.iter().any(|row| row.starts_with("got ")), "{rows:#?}");
}

#[test]
fn ctrl_d_is_no() {
    let mut terminal = fanout().args(["-p", "--failures=never", "echo got {}", ":::", "1"]).on_terminal(24, 80);
    terminal.wait_row("?...");
    terminal.send("\x04");
    let (status, rows) = terminal.wait();
    assert_eq!(status.code(), Some(1), "{rows:#?}");
}

#[test]
fn a_command_cannot_drive_the_terminal_by_its_question() {
    let mut terminal = fanout().args(["-p", "echo", ":::", "a\x1b[2Jb"]).on_terminal(24, 80);
    terminal.wait_row("?...");
    assert!(!terminal.raw().windows(4).any(|bytes| bytes == b"\x1b[2J"), "it is escaped");
    terminal.send("n\n");
    terminal.wait();
}

#[test]
fn without_a_terminal_nothing_is_asked_and_nothing_runs() {
    let done = sh("exec setsid -w \"$FANOUT_BIN\" -p echo ::: a").run().fails_with(255).stdout("");
    done.stderr_has("--interactive asks on the terminal, and there is none (/dev/tty)");
}

#[test]
fn open_tty_gives_jobs_the_terminal_and_leaves_the_rest() {
    let dir = Dir::new();
    let job = "read line; echo got $line; touch {}; until [ -e a ] && [ -e b ]; do sleep 0.02; done";
    let mut terminal = fanout().dir(&dir).args(["-o", "-j2", job, ":::", "a", "b"]).on_terminal(24, 80);
    terminal.send("one\ntwo\n");
    wait_for("both jobs", || dir.has("a") && dir.has("b"));
    let (status, rows) = terminal.wait();
    assert!(status.success(), "{rows:#?}");
    assert_eq!(rows.iter().filter(|row| row.starts_with("got ")).count(), 2, "{rows:#?}");
}
