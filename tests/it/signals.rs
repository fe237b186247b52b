//! Signals that do not end the run, and what jobs inherit of them.

use crate::harness::{Dir, Running, Signal, fanout, installed, is_root, parallel, procs, seq, wait_for};

/// A job that says when it has started and ends when the test says so.
const JOB: &str = "touch started.{}; until [ -e go ]; do sleep 0.02; done; echo {}";

/// Two jobs run, and wait for `go`.
fn two_at_work(dir: &Dir, args: &[&str]) -> Running {
    let running = fanout().dir(dir).args(["-j2", "-k", JOB]).args(args).spawn();
    wait_for("two jobs", || dir.count("started.") == 2);
    running
}

/// It has seen what was sent to it.
fn wait_until_taken(running: &Running) {
    // By the watcher, which hands it on, and then by the runner.
    for pid in [running.pid(), running.runner()] {
        let pid = pid.to_string();
        wait_for("the signal to be taken", || {
            procs::status_field(&pid, "ShdPnd").is_none_or(|set| set.trim_start_matches('0').is_empty())
        });
    }
}

#[test]
fn hup_drains_however_often_it_comes_and_says_what_was_left() {
    let dir = Dir::new();
    let words: Vec<String> = (1..=50).map(|n| n.to_string()).collect();
    let args: Vec<&str> = [":::"].into_iter().chain(words.iter().map(String::as_str)).collect();
    let running = two_at_work(&dir, &args);
    running.signal(Signal::HUP);
    running.wait_stderr("SIGHUP received");
    for _ in 0..10 {
        running.signal(Signal::HUP);
    }
    dir.write("go", "");
    let done = running.wait().dies_of(Signal::HUP).stdout_has("1\n2\n");
    let left = 50 - dir.count("started.");
    assert_eq!(done.text().lines().count(), 50 - left, "what runs goes on");
    assert!(left > 40, "{left} not started");
    let done = done.stderr_has(format!("fanout: SIGHUP: {left} jobs not started\n"));
    assert_eq!(done.error_text().lines().count(), 2, "{}", done.error_text());
}

#[test]
fn a_drain_with_input_that_was_not_read_says_so() {
    let dir = Dir::new();
    let mut running = fanout().dir(&dir).args(["-j2", JOB]).stdin_live().spawn();
    running.feed("1\n2\n");
    wait_for("two jobs", || dir.count("started.") == 2);
    running.signal(Signal::HUP);
    running.wait_stderr("SIGHUP received");
    dir.write("go", "");
    running.wait().dies_of(Signal::HUP).stderr_has("0 jobs not started, and there may be unread input\n");
}

#[test]
fn a_drain_that_left_nothing_ends_as_any_run() {
    for (job, status) in [("", 0), ("; exit 3", 2)] {
        let dir = Dir::new();
        let running = fanout().dir(&dir).args(["-j2", "-k", &format!("{JOB}{job}"), ":::", "1", "2"]).spawn();
        wait_for("two jobs", || dir.count("started.") == 2);
        running.signal(Signal::HUP);
        running.wait_stderr("2 running jobs go on");
        dir.write("go", "");
        running.wait().fails_with(status).stdout(seq(2));
    }
}

#[test]
fn term_int_and_quit_end_a_drain() {
    for signal in [Signal::TERM, Signal::INT, Signal::QUIT] {
        let dir = Dir::new();
        let running = two_at_work(&dir, &[":::", "1", "2", "3"]);
        running.signal(Signal::HUP);
        running.wait_stderr("SIGHUP received");
        running.signal(signal);
        running.wait().dies_of(signal).stdout("").leaves_nothing();
    }
}

#[test]
fn a_terminal_that_is_closed_drains_the_run() {
    for args in [&[][..], &["--progress"], &["--line-buffer"]] {
        let dir = Dir::new();
        let job = "touch started.{}; until [ -e go ]; do sleep 0.02; done; echo {}; echo err >&2; : > whole.{}";
        let words = (1..=20).map(|n| n.to_string());
        let mut terminal = fanout().dir(&dir).args(["-j2", job]).args(args).arg(":::").args(words).on_terminal(24, 100);
        wait_for("two jobs", || dir.count("started.") == 2);
        terminal.hang_up();
        // What the jobs write has nowhere to go; they end all the same, and the run with them.
        dir.write("go", "");
        let (status, _) = terminal.wait_raw();
        assert!(!status.success(), "{args:?}: {status}");
        let started = dir.count("started.");
        assert!(started < 20, "{args:?}: {started} started");
        assert_eq!(dir.count("whole."), started, "{args:?}: each that was started came to its end");
    }
}

#[test]
fn usr1_lists_what_runs() {
    let jobs = [
        "printf 'one\\ntwo \\033[2J\\n'; echo > ready.1; until [ -e go ]; do sleep 0.02; done; : {#}",
        "echo early; until [ -e ready.1 ]; do sleep 0.02; done; echo late >&2; echo > ready.2; \
         until [ -e go ]; do sleep 0.02; done; : {#}",
        "sleep 1000 & echo > ready.3; until [ -e go ]; do sleep 0.02; done; kill $!; : {#}",
    ];
    for args in [&[][..], &["--line-buffer"], &["-k"], &["--dry-run"]] {
        let dir = Dir::new();
        let running = fanout().dir(&dir).args(["-j3"]).args(args).stdin(jobs.join("\n")).spawn();
        if args == ["--dry-run"] {
            // Nothing runs, and it may be over before.
            running.signal(Signal::USR2);
            running.wait();
            continue;
        }
        wait_for("the jobs", || dir.count("ready.") == 3);
        running.signal(Signal::USR1);
        running.wait_stderr("last line\n");
        let list = || String::from_utf8_lossy(&running.stderr_so_far()).into_owned();
        wait_for("three lines", || list().matches("MiB").count() == 3);
        let list = list();
        assert!(list.contains("fanout: 3 jobs are running\n"), "{list}");
        for (job, command, last) in
            [(1, "printf 'one", "two \\x1b[2J"), (2, "echo early", "late"), (3, "sleep 1000", "")]
        {
            let line = list.lines().find(|line| line.split_whitespace().next() == Some(&job.to_string()));
            let line = line.unwrap_or_else(|| panic!("job {job} in {list}"));
            assert!(line.contains(command) && line.contains(last), "{line}");
            let slot: u32 = line.split_whitespace().nth(1).and_then(|slot| slot.parse().ok()).expect("a slot");
            assert!((1..=3).contains(&slot), "{line}");
            assert!(line.contains("MiB"), "its memory, with that of what it has started: {line}");
        }
        // Once more, and it goes on undisturbed.
        running.signal(Signal::USR1);
        wait_for("the second list", || {
            String::from_utf8_lossy(&running.stderr_so_far()).matches("3 jobs are").count() == 2
        });
        dir.write("go", "");
        running.wait().ok().stdout_has("one\ntwo ");
    }
}

#[test]
fn usr1_names_the_commands_that_gnu_parallel_names() {
    let list = |cmd: crate::harness::Cmd| {
        let dir = Dir::new();
        let running = cmd.dir(&dir).args(["-j2", JOB, ":::", "1", "2", "3"]).spawn();
        wait_for("two jobs", || dir.count("started.") == 2);
        let said = |n: usize| {
            let command = JOB.replace("{}", &n.to_string());
            String::from_utf8_lossy(&running.stderr_so_far()).contains(&command)
        };
        wait_for("two commands", || {
            // Again: a job may have begun before its runner knows.
            running.signal(Signal::USR1);
            std::thread::sleep(std::time::Duration::from_millis(50));
            said(1) && said(2)
        });
        let third = said(3);
        dir.write("go", "");
        running.wait().ok();
        assert!(!third, "one that does not run");
    };
    list(fanout());
    list(parallel());
}

#[test]
fn usr1_steps_around_a_progress_display() {
    let dir = Dir::new();
    let terminal = fanout().dir(&dir).args(["--bar", "-j2", JOB, ":::", "1", "2"]).on_terminal(24, 120);
    wait_for("two jobs", || dir.count("started.") == 2);
    terminal.wait_row("0 of 2 done");
    procs::kill(terminal.pid(), Signal::USR1);
    terminal.wait_row("fanout: 2 jobs are running");
    terminal.wait_row("command");
    dir.write("go", "");
    let (status, rows) = terminal.wait();
    assert!(status.success());
    assert_eq!(rows.iter().filter(|row| row.contains("touch started.")).count(), 2, "{rows:#?}");
    assert!(
        rows.iter().all(|row| !(row.contains("done") && row.contains("running,") && row.contains("touch"))),
        "{rows:#?}"
    );
}

#[test]
fn nobody_who_reads_standard_error_keeps_term_waiting() {
    let dir = Dir::new();
    let fifo = dir.fifo("errors");
    // Open for reading, and never read; the pipe is full.
    let script = "exec 2<>errors; head -c 65536 /dev/zero >&2";
    let running = fanout().dir(&dir).under_sh(script).args(["-j2", JOB, ":::", "1", "2"]).spawn();
    wait_for("two jobs", || dir.count("started.") == 2);
    running.signal(Signal::USR1);
    running.signal(Signal::USR1);
    wait_until_taken(&running);
    running.signal(Signal::TERM);
    running.wait().dies_of(Signal::TERM).leaves_nothing();
    drop(fifo);
}

#[test]
fn usr2_shows_progress_and_hides_it() {
    let dir = Dir::new();
    let terminal = fanout().dir(&dir).args(["-j2", JOB, ":::", "1", "2", "3"]).on_terminal(24, 100);
    wait_for("two jobs", || dir.count("started.") == 2);
    let shown = || terminal.rows().iter().filter(|row| row.contains(" done")).count();
    let toggle = || procs::kill(terminal.pid(), Signal::USR2);
    for _ in 0..3 {
        toggle();
        terminal.wait_row("0 done, 0 failed, 2 running,");
        toggle();
        wait_for("it to be hidden", || shown() == 0);
    }
    toggle();
    terminal.wait_row("0 done, 0 failed, 2 running,");
    dir.write("go", "");
    assert!(terminal.wait().0.success());
}

#[test]
fn usr2_without_a_terminal_prints_a_line() {
    let dir = Dir::new();
    let running = two_at_work(&dir, &[":::", "1", "2"]);
    for count in 1..=3 {
        running.signal(Signal::USR2);
        wait_for("a line", || {
            String::from_utf8_lossy(&running.stderr_so_far()).matches("0 done, 0 failed, 2 running").count() == count
        });
        running.signal(Signal::USR2);
        // Off again, before it is turned on: signals that wait are one.
        wait_until_taken(&running);
    }
    dir.write("go", "");
    let done = running.wait().ok().stdout(seq(2)).stderr_has("longest running: job");
    assert!(!done.stderr.contains(&0x1b));
}

#[test]
fn jobs_get_the_dispositions_of_fanout_and_an_empty_mask() {
    let all = ["HUP", "INT", "QUIT", "TERM", "TSTP", "TTIN", "TTOU", "USR1", "USR2", "CHLD", "ALRM", "WINCH"];
    let number = |name: &str| match name {
        "HUP" => 1,
        "INT" => 2,
        "QUIT" => 3,
        "USR1" => 10,
        "USR2" => 12,
        "PIPE" => 13,
        "ALRM" => 14,
        "TERM" => 15,
        "TSTP" => 20,
        "TTIN" => 21,
        "TTOU" => 22,
        "WINCH" => 28,
        _ => 0,
    };
    for ignored in [&[][..], &["HUP"], &["USR1", "PIPE", "INT"], &["USR2", "QUIT", "TSTP"], &all] {
        for args in [&[][..], &["--tty"], &["-u"], &["--progress"]] {
            let under = if ignored.is_empty() { ":".to_owned() } else { format!("trap '' {}", ignored.join(" ")) };
            let job = ["cat", "/proc/self/status", ":::", "-s"];
            let done = fanout().under_sh(&under).args(args).args(job).run().ok();
            // SIGCHLD is always as by default: a job could not wait for its children.
            let of = |name: &&&str| if **name == "CHLD" { 0 } else { 1u64 << (number(name) - 1) };
            let mask = inherited() | ignored.iter().map(|name| of(&name)).sum::<u64>();
            done.stdout_has(format!("SigBlk:\t{0:016x}\nSigIgn:\t{mask:016x}\nSigCgt:\t{0:016x}\n", 0));
        }
    }
}

/// What the tests were started with, as a set of the kernel's. Rust's own SIGPIPE is not handed on.
fn inherited() -> u64 {
    let set = procs::status_field("self", "SigIgn").expect("a set of signals");
    u64::from_str_radix(&set, 16).expect("a number") & !(1 << 12)
}

#[test]
fn nohup_and_setsid_hold() {
    installed(["nohup", "setsid"]);
    for under in [&["nohup"][..], &["setsid", "nohup"]] {
        let dir = Dir::new();
        let job = format!("grep SigIgn /proc/self/status; {JOB}");
        let running = fanout().dir(&dir).under(under).args(["-j2", &job, ":::", "1", "2", "3"]).spawn();
        wait_for("two jobs", || dir.count("started.") == 2);
        running.signal(Signal::HUP);
        dir.write("go", "");
        let done = running.wait().ok();
        assert_eq!(done.text().matches(&format!("SigIgn:\t{:016x}\n", inherited() | 1)).count(), 3, "{}", done.text());
    }
}

#[test]
fn signals_that_are_ignored_at_the_start_do_nothing() {
    for signal in ["USR1", "USR2"] {
        let dir = Dir::new();
        let running = fanout().dir(&dir).under_sh(&format!("trap '' {signal}")).args([JOB, ":::", "1"]).spawn();
        wait_for("the job", || dir.has("started.1"));
        procs::kill(running.pid(), if signal == "USR1" { Signal::USR1 } else { Signal::USR2 });
        dir.write("go", "");
        running.wait().ok().quiet();
    }
}

#[test]
fn process_1_of_a_namespace_obeys_signals_and_reaps() {
    // Only root may make a process namespace.
    if !is_root() {
        return;
    }
    installed(["unshare"]);
    let cases = [(Signal::INT, 130), (Signal::QUIT, 131), (Signal::TERM, 143), (Signal::HUP, 129)];
    for (signal, expected) in cases {
        let dir = Dir::new();
        // Orphans of all kinds, which end before their job does.
        let job = "(setsid sh -c exit &); (sh -c exit &); touch started.{}; \
                   until [ -e go ] && ! grep -l '^State:.Z' /proc/[0-9]*/status; do sleep 0.05; done 2>/dev/null";
        let running = fanout()
            .dir(&dir)
            .under(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"])
            .args(["-j2", job, ":::", "1", "2", "3"])
            .spawn();
        wait_for("two jobs", || dir.count("started.") == 2);
        let children = format!("/proc/{0}/task/{0}/children", running.pid());
        let inner: i32 = std::fs::read_to_string(children).expect("children").trim().parse().expect("one child");
        procs::kill(inner, signal);
        if signal == Signal::HUP {
            running.wait_stderr("SIGHUP received");
            dir.write("go", "");
        }
        running.wait().fails_with(expected).leaves_nothing();
    }
}
