//! What finished jobs leave running: `--on-leak`, and who is never ended. Survivors are found by the folder that they work in.

use rustix::process::Signal;

use crate::harness::{Dir, Running, fanout, wait_for};

const WARNING: &str = "fanout: warning: job 1 left something in the background that holds its output: what that writes from \
                       now on is thrown away (see --on-leak)\n";

/// Leaves something that holds its output until the file `go` is there.
const LEAK: &str = "(until [ -e go ]; do sleep 0.02; done) & echo {}";
/// Leaves a daemon that holds nothing.
const DAEMON: &str =
    "(setsid sh -c 'echo >> ready; exec sleep 1000 >&- 2>&-' &); until [ -e ready ]; do sleep 0.02; done; echo {}";

/// With `--joblog log`, whose column of exit statuses is asked for below.
fn leaking(action: &[&str]) -> crate::harness::Done {
    fanout().args(action).args(["--joblog", "log", LEAK, ":::", "x"]).run()
}

fn exitval(dir: &Dir) -> String {
    let log = dir.text("log");
    log.lines().nth(1).and_then(|row| row.split('\t').nth(6)).expect("a row").to_owned()
}

#[test]
fn what_holds_the_output_of_a_finished_job_is_named_and_goes_on() {
    for action in [&[][..], &["--on-leak", "warn"], &["--on-leak=warn"]] {
        // The job is over long before the sleep is.
        let done = leaking(action).ok().stdout("x\n").stderr(WARNING);
        assert_eq!(exitval(&done.dir), "0");
        assert!(!done.dir.processes().is_empty(), "it was ended");
    }
    fanout().args(["--on-leak", "warn", DAEMON, ":::", "x"]).run().ok().stdout("x\n").quiet();
}

#[test]
fn keep_says_nothing() {
    let done = leaking(&["--on-leak", "keep"]).ok().stdout("x\n").quiet();
    assert!(!done.dir.processes().is_empty(), "it was ended");
}

#[test]
fn called_as_parallel_nothing_is_said() {
    let dir = Dir::new();
    std::os::unix::fs::symlink(crate::harness::fanout_bin(), dir.join("parallel")).expect("a link");
    let own = crate::harness::Cmd::new(dir.join("parallel")).dir(&dir).args([LEAK, ":::", "x"]);
    own.run().ok().stdout("x\n").quiet();
}

#[test]
fn fail_makes_the_job_fail_and_ends_nothing() {
    let done = leaking(&["--on-leak", "fail"]).fails_with(1).stdout("x\n");
    let done = done.stderr_has("job 1 failed: exit 255, ").stderr_has("left something in the background that holds");
    assert_eq!(exitval(&done.dir), "255");
    assert!(!done.dir.processes().is_empty(), "it was ended");
    // It is 255 to --halt, too, and a job that fails by itself keeps its own status.
    leaking(&["--on-leak", "fail", "--halt", "now,fail=1"]).fails_with(255);
    let job = format!("{LEAK}; exit 7");
    fanout().args(["--on-leak=fail", "--halt", "now,fail=1", &job, ":::", "x"]).run().fails_with(7);
    fanout().args(["--on-leak", "fail", DAEMON, ":::", "x"]).run().ok().stdout("x\n").quiet();
}

#[test]
fn kill_ends_what_a_finished_job_left_and_nothing_else() {
    for job in [LEAK, DAEMON, "(env -i setsid sh -c '/usr/bin/setsid /bin/sleep 1000 & exit' &); echo {}"] {
        eprintln!("{job}");
        let done = fanout().args(["--on-leak", "kill", job, ":::", "x"]).run().ok().stdout("x\n").quiet();
        done.leaves_nothing();
    }
    // The daemon of a job that still runs lives on when another one ends.
    let job = "case {} in 1) (setsid sh -c 'echo >> ready; until [ -e go ]; do sleep 0.02; done; echo > whole' &); \
               until [ -e go ] && [ -e whole ]; do sleep 0.02; done;; *) until [ -e ready ]; do sleep 0.02; done;; esac; echo {}";
    let running = fanout().args(["-j2", "--on-leak", "kill", job, ":::", "1", "2"]).spawn();
    running.wait_stdout("2\n");
    running.dir().write("go", "");
    running.wait().ok().stdout("2\n1\n").quiet();
}

#[test]
fn a_leftover_holds_no_slot() {
    // The second job is what the first one's leftover waits for.
    let job = "[ {} = 2 ] && exec touch go; (until [ -e go ]; do sleep 0.02; done) & echo {}";
    fanout().args(["-j1", "--on-leak=keep", job, ":::", "1", "2"]).run().ok().stdout("1\n").quiet();
}

#[test]
fn a_leftover_that_goes_on_writing_is_read_on() {
    // More than a pipe holds, written when its job has long been over: with SIGPIPE or a full pipe `whole` never comes.
    let job = "if [ {} = 1 ]; then (until [ -e go ]; do sleep 0.02; done; head -c 1000000 /dev/zero && touch whole) & echo 1; \
               else until [ -e whole ]; do sleep 0.02; done; echo 2; fi";
    let running = fanout().args(["-j1", "-k", "--on-leak=keep", job, ":::", "1", "2"]).spawn();
    running.wait_stdout("1\n");
    running.dir().write("go", "");
    running.wait().ok().stdout("1\n2\n").quiet();
}

/// Starts daemons one of which is to stay, and whatever else is given.
fn with_a_kept_daemon(args: &[&str], then: &str) -> Running {
    let job = format!(
        "(FANOUT_KEEP=1 setsid sh -c 'sleep 1000 & echo >> ready; wait' >/dev/null 2>&1 &)
         (env -i FANOUT_KEEP=1 /usr/bin/setsid /bin/sh -c 'echo >> ready; exec /bin/sleep 1000' >/dev/null 2>&1 &)
         (setsid sh -c 'echo >> ready; sleep 1000; :' >/dev/null 2>&1 &)
         until [ $(wc -l < ready) = 3 ]; do sleep 0.02; done 2>/dev/null; echo {{}}; touch running; {then}"
    );
    let running = fanout().args(args).args([&job, ":::", "x"]).spawn();
    wait_for("the job", || running.dir().has("running"));
    running
}

/// The names of the programs that are left, sorted.
fn left(dir: &Dir) -> Vec<String> {
    let name = |pid: i32| std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_owned();
    let mut names: Vec<String> = dir.processes().into_iter().map(name).collect();
    names.sort();
    names
}

#[test]
fn who_carries_fanout_keep_and_is_a_daemon_is_left_alone_at_every_end() {
    let kept = ["sh", "sleep", "sleep"];
    let running = with_a_kept_daemon(&[], "sleep 1000");
    running.signal(Signal::TERM);
    let done = running.wait().dies_of(Signal::TERM);
    assert_eq!(left(&done.dir), kept, "TERM");
    let done = with_a_kept_daemon(&["--timeout", "3"], "sleep 1000").wait().fails_with(1);
    assert_eq!(left(&done.dir), kept, "timeout");
    let done = with_a_kept_daemon(&["--on-leak", "kill"], "exit 0").wait().ok();
    assert_eq!(left(&done.dir), kept, "--on-leak kill");
}

#[test]
fn fanout_keep_saves_no_job_and_nothing_in_its_group() {
    // In the environment of the whole run.
    let job = "sleep 1000 & (sleep 1000 &) ; setsid sleep 1000 & touch running; wait; : {}";
    let running = fanout().env("FANOUT_KEEP", "1").args([job, ":::", "x"]).spawn();
    wait_for("the job", || running.dir().has("running"));
    running.signal(Signal::TERM);
    running.wait().dies_of(Signal::TERM).leaves_nothing();
}
