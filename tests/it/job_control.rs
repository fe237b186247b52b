//! Ctrl-Z and what follows: the run stops with its jobs and their clocks, and goes on with them.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::pty::Terminal;
use crate::harness::{Cmd, Dir, fanout, fanout_bin, installed, is_root, procs, sh, wait_for};

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

#[test]
fn jobs_that_want_the_terminal_are_ended_and_say_so() {
    // The second is below a process with a group of its own, which waits for it; a login shell's children are in theirs.
    let jobs = [
        "echo {#} >> tries; head -n 1 /dev/tty",
        "echo {#} >> tries; timeout 1000 head -n 1 /dev/tty",
        "echo {#} >> tries; stty -echo < /dev/tty",
        "echo {#} >> tries; (head -n 1 /dev/tty; :) | cat",
    ];
    let dir = Dir::new();
    let terminal = fanout().dir(&dir).args(["-j4", "--retries", "3", "--joblog", "log", ":::"]).args(jobs);
    let (status, rows) = terminal.on_terminal(24, 100).wait();
    assert_eq!(status.code(), Some(4), "{rows:#?}");
    for job in 1..=4 {
        let said = format!("fanout: job {job} wants the terminal: use --tty");
        assert!(rows.contains(&said), "{said} in {rows:#?}");
    }
    assert_eq!(dir.text("tries").lines().count(), 4, "none was tried again: {rows:#?}");
    let log = dir.text("log");
    assert!(log.lines().skip(1).all(|row| row.split('\t').nth(6) == Some("-1")), "{log}");
}

#[test]
fn a_job_that_somebody_has_stopped_is_left_alone() {
    let dir = Dir::new();
    let jobs = [
        "echo $$ > stopped; kill -STOP $$; echo whole",
        "until [ -s stopped ]; do sleep 0.02; done; head -n 1 /dev/tty",
    ];
    let terminal = fanout().dir(&dir).args(["-j2", ":::"]).args(jobs).on_terminal(24, 100);
    terminal.wait_row("job 2 wants the terminal");
    let pid = dir.text("stopped").trim().parse().expect("a process");
    assert_eq!(procs::state(pid), Some('T'));
    procs::kill(pid, Signal::CONT);
    let (status, rows) = terminal.wait();
    assert_eq!(status.code(), Some(1), "{rows:#?}");
    assert!(rows.iter().any(|row| row == "whole"), "{rows:#?}");
}

/// Asks as ssh and sudo do.
const PROMPT: &str = "stty -echo < /dev/tty; printf 'Password for {}: ' > /dev/tty; read -r answer < /dev/tty; \
                      stty echo < /dev/tty; echo; echo \"{} got <$answer>\"";

#[test]
fn with_tty_a_job_can_ask_for_a_password() {
    let mut terminal = fanout().args(["--tty", PROMPT, ":::", "one", "two"]).on_terminal(24, 100);
    for name in ["one", "two"] {
        terminal.wait_row(&format!("Password for {name}:"));
        terminal.send(&format!("secret {name}\n"));
        terminal.wait_row(&format!("{name} got <secret {name}>"));
    }
    let (status, rows) = terminal.wait();
    assert!(status.success(), "{rows:#?}");
    assert_eq!(rows.iter().filter(|row| row.contains("secret")).count(), 2, "no echo: {rows:#?}");
}

#[test]
fn keys_that_end_a_run_end_it_in_the_foreground() {
    // With and without --tty, where jobs share our group and have the signal already.
    for tty in [&[][..], &["--tty"]] {
        for (key, signal) in [("\x03", Signal::INT), ("\x1c", Signal::QUIT)] {
            let dir = Dir::new();
            let job = "echo > started.{}; while :; do sleep 0.05; done";
            let command = fanout().dir(&dir).under_sh("ulimit -c unlimited").args(tty).args([job, ":::", "x"]);
            let mut terminal = command.on_terminal(24, 100);
            wait_for("the job", || dir.has("started.x"));
            terminal.send(key);
            let (status, rows) = terminal.wait();
            assert_eq!(status.signal(), Some(signal.as_raw()), "{tty:?} {signal:?}: {status} {rows:#?}");
            assert!(!status.core_dumped(), "{status}");
            wait_for("nothing left", || dir.processes().is_empty());
        }
    }
}

/// An interactive bash with `$FANOUT_BIN`, whose first prompt is `1> `, its second `2> `, and so on: what is typed before the prompt
/// has come may be lost.
fn bash(dir: &Dir) -> Terminal {
    let terminal = Cmd::new("bash").args(["--norc", "-i"]).dir(dir).env("PS1", "\\#> ").on_terminal(24, 100);
    terminal.wait_row("1>");
    terminal
}

#[test]
fn a_background_run_works_and_comes_to_the_foreground() {
    let dir = Dir::new();
    let mut terminal = bash(&dir);
    let job = "echo > started; until [ -e go ]; do sleep 0.02; done; echo whole {}";
    terminal.send(&format!("\"$FANOUT_BIN\" '{job}' ::: x &\n"));
    wait_for("the job", || dir.has("started"));
    terminal.wait_row("2>");
    terminal.send("fg\n");
    let foreground = || terminal.rows().iter().filter(|row| row.starts_with("\"$FANOUT_BIN\"")).count() == 1;
    wait_for("the foreground", foreground);
    // It is in the foreground when a key reaches it.
    terminal.send("\x1a");
    terminal.wait_row("Stopped");
    terminal.wait_row("3>");
    terminal.send("touch go; bg; wait; echo over\n");
    terminal.wait_row("whole x");
    terminal.wait_row("over");
    terminal.send("exit\n");
    assert!(terminal.wait().0.success());
}

#[test]
fn a_background_run_that_may_not_write_is_stopped_until_it_may() {
    // Several at once: what stops it may fall into the start of the other job.
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..3).for_each(|_| stopped_by_writing()));
        }
    });
}

fn stopped_by_writing() {
    let dir = Dir::new();
    let mut terminal = bash(&dir);
    terminal.send("stty tostop; \"$FANOUT_BIN\" 'echo > started.{}; echo whole {}' ::: x y & jobs -p > pid\n");
    terminal.wait_row("2>");
    let pid = || dir.text("pid").trim().parse().unwrap_or(0);
    // The first line that it writes stops it, whether the other job has been started or not.
    wait_for("the stop", || procs::state(pid()) == Some('T'));
    terminal.send("fg\n");
    terminal.wait_row("whole x");
    terminal.wait_row("whole y");
    terminal.send("exit\n");
    assert!(terminal.wait().0.success());
}

/// Stops at random moments, in the middle of spawns, too: nothing hangs, and no clock counts the time of a stop. So many rounds as
/// `FANOUT_ROUNDS` says.
#[test]
fn random_stops_hang_nothing_and_cost_no_job_its_time() {
    const AT_ONCE: usize = 25;
    let rounds: usize = std::env::var("FANOUT_ROUNDS").map_or(10, |rounds| rounds.parse().expect("a number"));
    // Timeouts are 1.5 times as long as the job of two seconds, and each stop three times.
    let long = "for i in 1 2 3 4; do sleep 0.5; done; echo {}";
    thread::scope(|scope| {
        for run in 0..AT_ONCE {
            scope.spawn(move || {
                let mut random = std::process::id() as usize + run;
                let mut below = |limit: usize| {
                    random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    (random >> 33) % limit
                };
                for round in (run..rounds).step_by(AT_ONCE) {
                    let short = round % 2 == 1;
                    let common = fanout().args(["--timeout", "3", "-k", "--joblog", "log"]);
                    let running = if short {
                        common.args(["-j4", "/bin/echo"]).stdin(crate::harness::seq(2000)).spawn()
                    } else {
                        common.args(["-j2", long, ":::", "1", "2"]).spawn()
                    };
                    thread::sleep(Duration::from_millis(below(if short { 300 } else { 1900 }) as u64));
                    running.signal(Signal::TSTP);
                    let state = || procs::state(running.pid());
                    wait_for("the stop", || state().is_none_or(|state| matches!(state, 'T' | 'Z')));
                    thread::sleep(Duration::from_secs(6));
                    running.signal(Signal::CONT);
                    let done = running.wait().ok();
                    done.stdout(crate::harness::seq(if short { 2000 } else { 2 }));
                }
            });
        }
    });
}

#[test]
fn a_job_of_another_user_that_wants_the_terminal_hangs_nothing() {
    // As sudo does: root by its file's mode, and then in all respects. Only root can set that up.
    if !is_root() {
        return;
    }
    let dir = Dir::new();
    let copy = |from: &std::path::Path, name: &str, mode| {
        let to = dir.join(name);
        std::fs::copy(from, &to).expect("copy a program");
        std::fs::set_permissions(to, std::fs::Permissions::from_mode(mode)).expect("set permissions");
    };
    let [setpriv] = installed(["setpriv"]);
    copy(&std::path::Path::new("/usr/bin").join(setpriv), "sudo", 0o4755);
    copy(std::path::Path::new(&fanout_bin()), "fanout", 0o755);
    let job = "./sudo --reuid=0 --regid=0 --clear-groups head -n 1 /dev/tty";
    let terminal = Cmd::new("./fanout")
        .dir(&dir)
        .under([setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"])
        .args([job, ":::", "--"])
        .on_terminal(24, 150);
    let (status, rows) = terminal.wait();
    assert_eq!(status.code(), Some(255), "{rows:#?}");
    assert!(rows.iter().any(|row| row.contains("job 1 wants the terminal")), "{rows:#?}");
    assert!(rows.iter().any(|row| row.contains("end them with sudo kill")), "{rows:#?}");
}

#[test]
fn a_stop_that_is_taken_back_at_once_is_none() {
    for _ in 0..20 {
        let running = fanout().args(["-j2", "sleep 0.1; echo {}", ":::", "1", "2"]).spawn();
        let runner = running.runner();
        for signal in [Signal::TSTP, Signal::CONT] {
            procs::kill(running.pid(), signal);
            procs::kill(runner, signal);
        }
        running.wait().ok();
    }
}

#[test]
fn a_runner_that_is_stopped_and_continued_by_itself_takes_the_watcher_along() {
    for pause in [0, 3, 20, 100] {
        let running = fanout().args(["-j1", "sleep 0.3; echo {}", ":::", "1"]).spawn();
        let runner = running.runner();
        procs::kill(runner, Signal::STOP);
        std::thread::sleep(std::time::Duration::from_millis(pause));
        procs::kill(runner, Signal::CONT);
        running.wait().ok().stdout("1\n");
    }
}

#[test]
fn a_terminal_gets_its_modes_back_after_a_job_that_was_ended() {
    let job = "stty -echo -icanon </dev/tty; touch set; sleep 1000; : {}";
    let bash =
        sh(&format!("$FANOUT_BIN --tty --timeout 1 '{job}' ::: x; stty -a </dev/tty > modes")).on_terminal(24, 80);
    wait_for("the modes", || bash.dir().has("modes") && bash.dir().text("modes").contains("icanon"));
    let modes = bash.dir().text("modes");
    assert!(modes.contains(" icanon") && modes.contains(" echo "), "{modes}");
    bash.wait();
}

#[test]
fn with_tty_a_key_reaches_a_job_once() {
    let job =
        "trap 'echo got >> got' INT; touch ready; until [ -e got ]; do sleep 0.05; done; sleep 0.2; mv got all; : {}";
    let mut terminal = fanout().args(["--tty", "--term-seq", "INT,60000,KILL,25", job, ":::", "x"]).on_terminal(24, 80);
    wait_for("the job", || terminal.dir().has("ready"));
    terminal.send("\x03");
    wait_for("the key", || terminal.dir().has("all"));
    assert_eq!(terminal.dir().text("all"), "got\n");
    terminal.wait();
}
