//! Ctrl-Z and what follows: the run stops with its jobs and their clocks, and goes on with them.

use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::{Cmd, fanout, fanout_bin, procs, wait_for};

#[test]
fn a_stopped_run_stops_its_jobs_and_their_clocks() {
    let job = "(setsid sh -c 'echo $$ > daemon; exec sleep 1000' &); echo $$ > leader; \
               until [ -e go ]; do sleep 0.02; done; kill $(cat daemon); : {}";
    let running = fanout().args(["--timeout=3", "--slow-timeout=3", "--global-timeout=3", job, ":::", "x"]).spawn();
    let dir = running.dir();
    wait_for("the job", || dir.has("daemon") && dir.has("leader") && dir.text("leader").ends_with('\n'));
    let pid = |name: &str| dir.text(name).trim().parse::<i32>().expect("a process");
    let states = || [running.pid(), pid("leader"), pid("daemon")].map(|pid| procs::state(pid).expect("it lives"));
    running.signal(Signal::TSTP);
    wait_for("all to be stopped", || states() == ['T', 'T', 'T']);
    // Longer than all the limits, which do not count it.
    thread::sleep(Duration::from_millis(3200));
    running.signal(Signal::CONT);
    wait_for("all to go on", || !states().contains(&'T'));
    dir.write("go", "");
    running.wait().ok().quiet();
}

#[test]
fn stops_in_the_middle_of_spawns_hang_nothing() {
    let running = fanout().args(["-j4", "-k", "/bin/echo"]).stdin(crate::harness::seq(3000)).spawn();
    for _ in 0..10 {
        running.signal(Signal::TSTP);
        wait_for("the stop", || procs::state(running.pid()).is_none_or(|state| matches!(state, 'T' | 'Z')));
        running.signal(Signal::CONT);
    }
    running.wait().ok().stdout(crate::harness::seq(3000));
}

#[test]
fn a_run_that_is_stopped_can_be_ended() {
    let running = fanout().args(["sleep 1000; : {}", ":::", "x"]).spawn();
    wait_for("the job", || running.dir().processes().len() > 1);
    running.signal(Signal::TSTP);
    wait_for("the stop", || procs::state(running.pid()) == Some('T'));
    running.signal(Signal::TERM);
    running.signal(Signal::CONT);
    running.wait().dies_of(Signal::TERM).leaves_nothing();
}

#[test]
fn an_interactive_shell_stops_it_and_takes_it_up_again() {
    let mut terminal = Cmd::new("bash").args(["--norc", "-i"]).env("PS1", "$ ").on_terminal(24, 100);
    terminal.wait_row("$");
    let job = "echo > started; until [ -e go ]; do sleep 0.02; done; echo whole {}";
    terminal.send(&format!("'{}' '{job}' ::: x\n", fanout_bin().to_string_lossy()));
    wait_for("the job", || terminal.dir().has("started"));
    terminal.send("\x1a");
    terminal.wait_row("Stopped");
    terminal.send("touch go; fg\n");
    terminal.wait_row("whole x");
    terminal.send("'exit'\n");
    assert!(terminal.wait().0.success());
}
