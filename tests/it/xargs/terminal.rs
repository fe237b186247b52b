//! On a terminal: questions, passwords, Ctrl-C and Ctrl-Z.

use crate::harness::{Cmd, Signal, fanout_xargs, procs, wait_for};

/// A line of sh on a terminal; `xargs` is ours.
fn on_terminal(line: &str) -> crate::harness::pty::Terminal {
    let cmd = Cmd::new("bash").args(["--norc", "-c", line]);
    cmd.env("XARGS", fanout_xargs().program()).on_terminal(24, 100)
}

#[test]
fn commands_run_whose_answer_starts_with_y() {
    let mut terminal = on_terminal("printf 'a b\\nc d\\n' | \"$XARGS\" -n1 -p echo; echo status $?");
    for (question, answer) in [("a", "y\n"), ("b", "n\n"), ("c", " y\n"), ("d", "Yes\n")] {
        terminal.wait_row(&format!("echo {question}?..."));
        terminal.send(answer);
    }
    let (_, rows) = terminal.wait();
    let others: Vec<_> = rows.iter().filter(|row| !row.starts_with("echo ")).collect();
    assert_eq!(others, ["a", "d", "status 0"], "{rows:#?}");
}

#[test]
fn where_nothing_was_wanted_the_command_is_asked_about_by_itself() {
    let mut terminal = on_terminal("echo a b | \"$XARGS\" -n1 -p echo; echo status $?");
    for question in ["echo a?...", "echo b?...", "echo?..."] {
        terminal.wait_row(question);
        terminal.send("n\n");
    }
    assert!(terminal.wait().1.contains(&"status 0".to_owned()));
}

#[test]
fn a_command_asks_for_a_password() {
    for flags in ["", "-P2"] {
        let ask = "stty -echo </dev/tty; printf pass: >/dev/tty; read x </dev/tty; stty echo </dev/tty; echo \"got $x for $1\"; exit $?";
        let mut terminal = on_terminal(&format!("echo a | \"$XARGS\" {flags} sh -c '{ask}' _; echo status $?"));
        terminal.wait_row("pass:");
        terminal.send("secret\n");
        let (_, rows) = terminal.wait();
        assert!(rows.contains(&"status 0".to_owned()), "{rows:#?}");
        assert!(rows.iter().any(|row| row.ends_with("got secret for a")), "{rows:#?}");
    }
}

#[test]
fn commands_can_read_from_the_terminal() {
    let mut terminal = on_terminal(
        "printf 'a\\0b c\\0' | \"$XARGS\" -0o -n1 sh -c 'echo edit $1; read x; echo \"<$x>\"; exit $?' _; echo status $?",
    );
    for name in ["a", "b c"] {
        terminal.wait_row(&format!("edit {name}"));
        terminal.send(&format!("typed for {name}\n"));
        terminal.wait_row(&format!("<typed for {name}>"));
    }
    assert!(terminal.wait().1.contains(&"status 0".to_owned()));
}

#[test]
fn ctrl_c_ends_all_that_was_started() {
    let line = "trap 'echo the shell goes on' INT; seq 4 | \"$XARGS\" -P2 -n1 sh -c 'setsid sleep 777 & echo up $1; sleep 777; exit $?' _; echo status $?";
    let mut terminal = on_terminal(line);
    terminal.wait_row("up 1");
    terminal.wait_row("up 2");
    terminal.send("\x03");
    terminal.wait_row("status 130");
    let dir = terminal.dir().clone();
    terminal.wait();
    wait_for("nothing left running", || dir.processes().is_empty());
}

#[test]
fn ctrl_z_stops_it_with_its_commands() {
    let mut terminal = Cmd::new("bash").args(["--norc", "-i"]).env("PS1", "$ ").on_terminal(24, 100);
    terminal.wait_row("$");
    terminal.send("mkfifo go\n");
    let program = fanout_xargs().program();
    let command = "echo $$ >started; read x <go; echo whole";
    terminal.send(&format!("echo | '{}' sh -c '{command}'\n", program.to_string_lossy()));
    let dir = terminal.dir().clone();
    wait_for("the command", || dir.has("started") && dir.text("started").ends_with('\n'));
    let command = dir.text("started").trim().parse::<i32>().expect("a process");
    terminal.send("\x1a");
    terminal.wait_row("Stopped");
    wait_for("the command to be stopped", || procs::state(command) == Some('T'));
    terminal.send("fg\n");
    dir.write("go", "x\n");
    terminal.wait_row("whole");
    terminal.send("exit\n");
    terminal.wait();
}

#[test]
fn one_more_and_one_fewer_at_a_time() {
    let line = r#"echo $1 >>started; until [ -e go ]; do sleep 0.02; done; exit $?"#;
    let running = fanout_xargs().args(["-n1", "sh", "-c", line, "_"]).stdin("1 2 3 4").spawn();
    let dir = running.dir().clone();
    let started = || if dir.has("started") { dir.text("started").lines().count() } else { 0 };
    wait_for("the first", || started() == 1);
    running.signal(Signal::USR1);
    wait_for("the second", || started() == 2);
    running.signal(Signal::USR1);
    wait_for("the third", || started() == 3);
    running.signal(Signal::USR2);
    dir.write("go", "");
    running.wait().ok();
    assert_eq!(started(), 4);
}
