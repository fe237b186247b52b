//! What becomes of everything that a job has started when the job or the run is ended. Survivors are found by the folder that
//! they work in, which is none of fanout's own means.

use rustix::process::Signal;

use crate::harness::{Cmd, Running, fanout, procs, sh, wait_for};

/// Jobs that make it hard, each with the number of processes that are there once `ready` has so many lines.
const SHAPES: [(&str, &str); 7] = [
    ("plain", "echo >> ready; exec sleep 1000"),
    ("background", "sleep 1000 & sleep 1000 & echo >> ready; wait"),
    ("session", "setsid sleep 1000 & setsid sh -c 'sleep 1000; :' & echo >> ready; wait"),
    ("daemon", "(setsid sh -c 'setsid sh -c \"echo >> ready; exec sleep 1000\" & exit' &); sleep 1000"),
    (
        "stubborn",
        "trap '' TERM INT HUP; sh -c 'trap \"\" TERM; sleep 1000; sleep 1000' & echo >> ready; sleep 1000; sleep 1000",
    ),
    (
        "unmarked daemon",
        "(env -i setsid sh -c '/usr/bin/setsid /bin/sh -c \"echo >> ready; exec /bin/sleep 1000 <&- >&- 2>&-\" & exit' &); \
         sleep 1000",
    ),
    (
        "fork storm",
        "i=0; while [ $i -lt 40 ]; do (trap '' TERM; sleep 0.05; sleep 1000; sleep 1000) & i=$((i+1)); done; \
         echo >> ready; wait",
    ),
];

fn job(shape: &str) -> String {
    format!("{shape}; : {{}}")
}

fn start(command: Cmd) -> Running {
    let running = command.spawn();
    wait_for("the job", || running.dir().has("ready"));
    running
}

#[test]
fn nothing_outlives_a_run_that_is_ended_by_a_signal() {
    for (name, shape) in SHAPES {
        for signal in [Signal::TERM, Signal::INT, Signal::QUIT] {
            eprintln!("{name}, {signal:?}");
            let running = start(fanout().args([&job(shape), ":::", "x"]));
            running.signal(signal);
            running.wait().dies_of(signal).leaves_nothing();
        }
    }
}

#[test]
fn nothing_outlives_a_job_that_is_timed_out() {
    for (name, shape) in SHAPES {
        eprintln!("{name}");
        // Long enough for the job to have started everything, also on a slow machine.
        let done = fanout().args(["--timeout", "2", &job(shape), ":::", "x"]).run().fails_with(1).leaves_nothing();
        assert!(done.dir.has("ready"));
    }
}

#[test]
fn nothing_outlives_a_halt() {
    for (name, shape) in SHAPES {
        eprintln!("{name}");
        let job = format!("[ {{}} = 1 ] || {{ until [ -s ready ]; do sleep 0.02; done; exit 3; }}; {shape}");
        let done = fanout().args(["-j2", "--halt", "now,fail=1", &job, ":::", "1", "2"]).run();
        done.fails_with(3).leaves_nothing();
    }
}

#[test]
fn a_timeout_ends_the_family_of_its_job_and_no_other() {
    // The second job leaves a daemon behind, the third has one while the first is timed out: half a timeout later it is still
    // far from its own.
    let daemon = "(setsid sh -c 'echo >> ready.{}; until [ -e go ]; do sleep 0.02; done; echo {} > whole.{}' &)";
    let job = format!(
        "case {{}} in 1) (setsid sleep 1000 &); sleep 1000;; 2) {daemon}; sleep 4;; \
         3) {daemon}; until [ -e whole.3 ]; do sleep 0.02; done;; esac"
    );
    let running = fanout().args(["-j2", "--timeout", "8", "--joblog", "log", &job, ":::", "1", "2", "3"]).spawn();
    let dir = running.dir().path();
    wait_for("the end of the first job", || running.dir().has("log") && running.dir().text("log").lines().count() == 3);
    assert!(running.dir().has("ready.3"));
    running.dir().write("go", "");
    let done = running.wait().fails_with(1);
    wait_for("the daemon of the second job", || dir.join("whole.2").exists());
    assert_eq!((done.dir.text("whole.2"), done.dir.text("whole.3")), ("2\n".to_owned(), "3\n".to_owned()));
    wait_for("the daemons' end", || done.dir.processes().is_empty());
}

#[test]
fn what_finished_jobs_left_running_is_left_alone() {
    let job = "[ {} = 1 ] && { (setsid sh -c 'echo >> left; exec sleep 1000 >&- 2>&-' &); until [ -e left ]; do sleep 0.02; done; \
               exit; }; echo >> ready; sleep 1000";
    let running = start(fanout().args(["-j1", job, ":::", "1", "2"]));
    running.signal(Signal::TERM);
    let done = running.wait().dies_of(Signal::TERM);
    assert_eq!(done.dir.processes().len(), 1, "the one that the first job left");
}

#[test]
fn daemons_that_end_leave_no_zombies() {
    // While the run goes on: the first job waits until the others have been, and then until the last orphan has been reaped.
    let watch = "until [ -e over ]; do sleep 0.05; done; until [ $(ps -o stat= --ppid $PPID | grep -c Z) = 0 ]; do \
                 sleep 0.05; done; echo none; :";
    let job = "(setsid sh -c 'exit' &); (sh -c 'exit' &); :";
    let commands = format!("{watch}\n{}touch over\n", format!("{job}\n").repeat(400));
    fanout().args(["-j2", "-k"]).stdin(commands).run().ok().stdout("none\n");
}

#[test]
fn jobs_get_the_signal_that_fanout_got() {
    for (signal, name) in [(Signal::INT, "INT"), (Signal::TERM, "TERM"), (Signal::QUIT, "QUIT")] {
        let traps = "for s in INT TERM QUIT; do trap \"echo $s >> got; exit\" $s; done";
        let running = start(fanout().args([&format!("{traps}; echo >> ready; sleep 1000 & wait; : {{}}"), ":::", "x"]));
        running.signal(signal);
        let done = running.wait().dies_of(signal).leaves_nothing();
        assert_eq!(done.dir.text("got"), format!("{name}\n"));
    }
}

#[test]
fn a_second_signal_kills_at_once() {
    let job = "trap 'echo >> got' INT; trap '' TERM; echo >> ready; while :; do sleep 0.05; done; : {}";
    // Without the second one it would take a minute.
    let running = start(fanout().args(["--termseq", "TERM,60000,KILL,25", job, ":::", "x"]));
    running.signal(Signal::INT);
    wait_for("the first one", || running.dir().has("got"));
    // Sooner, it is taken for the same one.
    std::thread::sleep(std::time::Duration::from_millis(150));
    running.signal(Signal::INT);
    running.wait().dies_of(Signal::INT).leaves_nothing().within(std::time::Duration::from_secs(40));
}

#[test]
fn nothing_outlives_a_fanout_that_is_killed() {
    // Killed while it runs for a moment, the watcher still has the runner's memory; later it has its own.
    for (name, shape) in SHAPES {
        for (whom, late) in [("watcher", false), ("watcher", true), ("runner", false), ("runner", true)] {
            eprintln!("{name}, the {whom} is killed {}", if late { "late" } else { "early" });
            let running = start(fanout().args([&job(shape), ":::", "x"]));
            let runner = running.runner();
            if late {
                wait_for("a memory of its own", || procs::cwd(running.pid()).as_deref() == Some("/".as_ref()));
            }
            procs::kill(if whom == "runner" { runner } else { running.pid() }, Signal::KILL);
            running.wait().dies_of(Signal::KILL).leaves_nothing();
        }
    }
}

#[test]
fn what_finished_jobs_left_running_is_left_alone_also_when_fanout_is_killed() {
    let job = "[ {} = 1 ] && { (setsid sh -c 'echo >> left; exec sleep 1000 >&- 2>&-' &); until [ -e left ]; do sleep 0.02; done; \
               exit; }; echo >> ready; (setsid sleep 1000 &); sleep 1000";
    for whom in ["watcher", "runner"] {
        let running = start(fanout().args(["-j1", job, ":::", "1", "2"]));
        let runner = running.runner();
        procs::kill(if whom == "runner" { runner } else { running.pid() }, Signal::KILL);
        let done = running.wait().dies_of(Signal::KILL);
        wait_for("the end of all but one", || done.dir.processes().len() == 1);
    }
}

#[test]
fn children_that_were_there_before_are_nobody_s_business() {
    let script = "(sh -c 'echo $$ > before; exec sleep 1000' &) >/dev/null 2>&1; sleep 1000 >/dev/null 2>&1 & echo $! > child; \
                  exec \"$FANOUT_BIN\" 'echo >> ready; sleep 1000; : {}' ::: x";
    let running = start(sh(script));
    wait_for("all of them", || ["before", "child"].iter().all(|name| running.dir().has(name)));
    procs::kill(runner_among(&running), Signal::KILL);
    let done = running.wait().dies_of(Signal::KILL);
    wait_for("the job's end", || done.dir.processes().len() == 2);
}

/// The one of the children of a shell's process that became fanout which is no sleep.
fn runner_among(running: &Running) -> i32 {
    let child: i32 = running.dir().text("child").trim().parse().expect("a number");
    *procs::children(running.pid()).iter().find(|pid| **pid != child).expect("a runner")
}

#[test]
fn a_killed_fanout_keeps_nobody_waiting() {
    // The pipe of standard output, a folder that is to be unmounted: nobody holds them once it is dead.
    let job = "trap '' TERM; echo >> ready; sleep 1000; sleep 1000; : {}";
    let running = start(fanout().args([job, ":::", "x"]));
    let watcher = running.pid();
    wait_for("the watcher to let go", || procs::cwd(watcher).as_deref() == Some("/".as_ref()));
    let open = std::fs::read_dir(format!("/proc/{watcher}/fd")).expect("descriptors").count();
    assert_eq!(open, 0);
    procs::kill(running.runner(), Signal::KILL);
    running.wait().dies_of(Signal::KILL).leaves_nothing();
}

#[test]
fn a_signal_that_comes_twice_at_once_is_one() {
    // timeout(1) sends it to its command and to the group, in which the runner is, too.
    let job = "trap 'echo got >> got; exit' TERM; echo >> ready; sleep 1000 & wait; : {}";
    let done = fanout().under(["timeout", "--preserve-status", "5"]).args([job, ":::", "x"]).run();
    assert_eq!(done.leaves_nothing().dir.text("got"), "got\n");
}

#[test]
fn what_a_job_leaves_in_the_background_does_not_hold_its_slot() {
    // Held, each would take far longer than a test may.
    fanout()
        .args(["-j1", "-k", "sleep 1000 & echo {}", ":::", "1", "2", "3"])
        .same_as_parallel()
        .ok()
        .stdout("1\n2\n3\n");
}

#[test]
fn nothing_outlives_a_run_that_is_killed_while_it_is_stopped() {
    let running = start(fanout().args(["(setsid sleep 1000 &); echo >> ready; sleep 1000; : {}", ":::", "x"]));
    let runner = running.runner();
    running.signal(Signal::TSTP);
    wait_for("the stop", || procs::state(runner) == Some('T') && procs::state(running.pid()) == Some('T'));
    running.signal(Signal::KILL);
    running.wait().dies_of(Signal::KILL).leaves_nothing();
}

#[test]
fn a_job_is_told_when_both_processes_are_killed_at_once() {
    // timeout -s KILL kills its command and then its group.
    let done = fanout().under(["timeout", "-s", "KILL", "2"]).args(["sleep", ":::", "1000", "1001"]).run();
    done.leaves_nothing();
}
