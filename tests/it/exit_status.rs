//! How fanout itself ends: the table of exit statuses, and signals.

use crate::harness::{Dir, Running, Signal, fanout, installed, procs, same_beside_parallel, seq, sh, wait_for};

#[test]
fn the_number_of_failed_jobs() {
    for failures in [0, 1, 2, 100, 101, 150] {
        let job = format!("[ {{}} -gt {failures} ]");
        let done = fanout().args(["-j4", &job]).stdin(seq(160)).run().quiet();
        done.fails_with(failures.min(101)).stdout("");
    }
    fanout().args(["-j4", "exit"]).stdin("0\n1\n255\n7\n").same_as_parallel().fails_with(3);
}

#[test]
fn a_job_that_dies_of_a_signal_has_failed() {
    fanout().args(["-j2", "kill -9 $$; : {}", ":::", "1", "2"]).same_as_parallel().fails_with(2);
}

#[test]
fn no_input_is_success() {
    fanout().arg("false").same_as_parallel().ok();
}

#[test]
fn halt_as_in_gnu_parallel() {
    for halt in [
        "never",
        "now,fail=1",
        "soon,fail=1",
        "now,fail=2",
        "soon,fail=2",
        "soon,fail=9",
        "now,fail=50%",
        "soon,fail=30%",
        "now,success=1",
        "soon,success=1",
        "soon,success=2",
        "now,done=2",
        "soon,done=1",
        "soon,done=50%",
        "0",
        "1",
        "2",
        "-1",
        "50%",
    ] {
        fanout()
            .args(["-j1", "-k", "--halt", halt, "echo {}; exit {}", ":::", "0", "3", "4", "0", "5"])
            .same_as_parallel();
    }
    // Percentages are said of every end but that by enough successes, reached or not, and rounded up.
    for halt in ["soon,fail=50%", "now,fail=30%", "soon,success=50%", "now,success=80%", "soon,done=50%", "10%"] {
        for jobs in [
            &["1", "0", "0", "0", "0", "0"][..],
            &["5", "4", "3", "0", "0", "0", "0", "0"],
            &["0", "7", "3"],
            &["0"; 3],
        ] {
            fanout().args(["-j1", "--halt", halt, "exit", ":::"]).args(jobs).same_as_parallel();
        }
    }
}

#[test]
fn halt_where_one_job_is_enough_exits_with_its_status() {
    for halt in ["now,done=1", "soon,done=1", "now,fail=50%", "soon,fail=50%", "soon,done=50%", "50%", "1", "2", "-2"] {
        for jobs in [["3", "0"], ["0", "3"], ["3", "4"], ["0", "0"]] {
            fanout().args(["-j1", "--halt", halt, "exit", ":::"]).args(jobs).same_as_parallel();
        }
    }
}

#[test]
fn halt_by_a_job_that_died_of_a_signal() {
    fanout()
        .args(["-j1", "--halt", "now,fail=1", "kill -TERM $$; : {}", ":::", "1"])
        .same_as_parallel()
        .fails_with(143);
    fanout()
        .args(["-j1", "--halt", "soon,fail=1", "kill -9 $$; : {}", ":::", "1", "2"])
        .same_as_parallel()
        .fails_with(137);
}

#[test]
fn bad_usage_starts_nothing_and_says_what_to_do() {
    for (args, named) in [
        (&["--no-such-option"][..], "--no-such-option"),
        (&["--halt", "sometimes"], "--halt"),
        (&["--timeout", "soon"], "--timeout"),
        (&["--retries", "x"], "--retries"),
        (&["--delay", "x"], "--delay"),
        (&["--nice", "x"], "--nice"),
        (&["--success-codes", "a"], "--success-codes"),
        (&["-n", "x"], "--max-args"),
        (&["--summary=xml"], "--summary"),
        (&["--joblog", "/no/such/dir/log"], "/no/such/dir/log"),
        (&["--timing=json", "--timing-file", "/no/such/dir/file"], "/no/such/dir/file"),
    ] {
        let done = fanout().args(args).args(["touch started;:", ":::", "x"]).run();
        done.check(!done.dir.has("started"), "a job was started");
        let done = done.fails_with(255).stdout("").stderr_has("fanout: ").stderr_has(named);
        assert_eq!(done.error_text().lines().count(), 1, "one line: {}", done.error_text());
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    fanout().arg("--version").run().ok().quiet().stdout_has("fanout ");
    fanout().arg("--help").run().ok().quiet().stdout_has("--keep-order");
    sh("\"$FANOUT_BIN\" --help | head -n 1 >/dev/null").run().ok().quiet();
}

/// A run with two jobs that would never end, once they have started.
fn two_endless_jobs(prefix: &str, job_prefix: &str, args: &[&str]) -> Running {
    let job = format!("{job_prefix} echo here > started.{{}}; while :; do sleep 0.05; done");
    let running = fanout().under_sh(prefix).args(args).args(["-j2", &job]).stdin(seq(5)).spawn();
    let dir = running.dir().clone();
    wait_for("two jobs", || dir.has("started.1") && dir.has("started.2"));
    running
}

#[test]
fn int_and_term_end_the_jobs_first_and_then_us_by_the_same_signal() {
    for signal in [Signal::INT, Signal::TERM] {
        let running = two_endless_jobs("", "", &[]);
        running.signal(signal);
        let done = running.wait().dies_of(signal).stdout("");
        // At the very moment of its death, and not some time after.
        let left = done.dir.processes();
        assert!(left.is_empty(), "{left:?} outlive it");
        assert_eq!(done.dir.count("started."), 2, "no further job was started");
    }
}

#[test]
fn a_shell_sees_130_and_143() {
    for (signal, status) in [("INT", "130\n"), ("TERM", "143\n")] {
        let script =
            format!("\"$FANOUT_BIN\" 'echo $PPID; kill -{signal} $PARALLEL_PID; sleep 1000; :' ::: x; echo $?");
        sh(&script).run().ok().stdout_has(status).leaves_nothing();
    }
}

#[test]
fn jobs_that_ignore_term_are_killed() {
    let running = two_endless_jobs("", "trap '' TERM INT HUP;", &[]);
    running.signal(Signal::TERM);
    running.wait().dies_of(Signal::TERM).leaves_nothing();
}

#[test]
fn jobs_get_term_and_may_clean_up() {
    let running = two_endless_jobs("", "trap 'echo bye > bye.{}; exit' TERM;", &[]);
    running.signal(Signal::TERM);
    let done = running.wait().dies_of(Signal::TERM).leaves_nothing();
    assert_eq!(done.dir.count("bye."), 2);
}

#[test]
fn grandchildren_of_a_cancelled_run_are_ended_too() {
    let running = two_endless_jobs("", "sh -c 'while :; do sleep 0.1; done' & sleep 1000 &", &[]);
    running.signal(Signal::INT);
    running.wait().dies_of(Signal::INT).leaves_nothing();
}

#[test]
fn output_that_was_complete_is_printed_before_the_end() {
    let job = "echo {}; [ {} = 1 ] || { touch started; sleep 1000; }";
    let running = fanout().args(["-j2", "-k", job, ":::", "1", "2"]).spawn();
    running.wait_stdout("1\n");
    let dir = running.dir().clone();
    wait_for("the second job", || dir.has("started"));
    running.signal(Signal::TERM);
    running.wait().dies_of(Signal::TERM).stdout_has("1\n").leaves_nothing();
}

#[test]
fn hup_starts_nothing_more_and_lets_running_jobs_finish() {
    let dir = Dir::new();
    let job = "touch started.{}; until [ -e go ]; do sleep 0.02; done; echo {}";
    let running = fanout().dir(&dir).args(["-j2", "-k", job]).stdin(seq(50)).spawn();
    wait_for("two jobs", || dir.count("started.") == 2);
    running.signal(Signal::HUP);
    // It has been seen when it is no longer pending.
    let pid = running.pid().to_string();
    wait_for("the signal to be taken", || {
        procs::status_field(&pid, "ShdPnd").is_none_or(|set| set.trim_start_matches('0').is_empty())
    });
    dir.write("go", "");
    let done = running.wait();
    // A job that was about to start may have slipped in, but the list was left.
    assert!(dir.count("started.") < 50, "{} started", dir.count("started."));
    done.stdout_has("1\n2\n");
}

#[test]
fn hup_under_nohup_stays_ignored_by_us_and_by_jobs() {
    let dir = Dir::new();
    let job = "grep SigIgn /proc/self/status; touch started.{}; until [ -e go ]; do sleep 0.02; done; echo {}";
    let running = fanout().dir(&dir).under_sh("trap '' HUP").args(["-j2", "-k", job]).stdin(seq(4)).spawn();
    wait_for("two jobs", || dir.count("started.") == 2);
    running.signal(Signal::HUP);
    dir.write("go", "");
    let done = running.wait().ok();
    assert_eq!(dir.count("started."), 4);
    for line in done.text().lines().filter(|line| line.starts_with("SigIgn")) {
        assert!(line.ends_with(['1', '3', '5', '7', '9', 'b', 'd', 'f']), "HUP is signal 1: {line}");
    }
}

#[test]
fn int_that_was_ignored_at_the_start_stays_ignored() {
    // As a shell without job control starts things in the background.
    let dir = Dir::new();
    let job = "touch started.{}; until [ -e go ]; do sleep 0.02; done; echo {}";
    let running = fanout().dir(&dir).under_sh("trap '' INT").args(["-j2", "-k", job]).stdin(seq(3)).spawn();
    wait_for("two jobs", || dir.count("started.") == 2);
    running.signal(Signal::INT);
    dir.write("go", "");
    running.wait().ok().stdout(seq(3));
}

#[test]
fn as_process_1_it_exits_with_143() {
    // Only root may make a process namespace; the others' run is the same but for the number.
    if crate::harness::is_root() {
        installed(["unshare"]);
        let dir = Dir::new();
        let job = "touch started; while :; do sleep 0.05; done; : {}";
        let mut running = fanout()
            .dir(&dir)
            .under(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"])
            .args([job, ":::", "x"])
            .spawn();
        wait_for("the job", || dir.has("started"));
        assert!(running.is_running());
        let children = format!("/proc/{0}/task/{0}/children", running.pid());
        let inner: i32 = std::fs::read_to_string(children).expect("children").trim().parse().expect("one child");
        procs::kill(inner, Signal::TERM);
        running.wait().fails_with(143).leaves_nothing();
    }
}

#[test]
fn a_signal_ends_it_also_while_it_opens_its_files() {
    for args in [["--joblog", "fifo"], ["--timing=json", "--timing-file=fifo"]] {
        let dir = crate::harness::Dir::new();
        dir.fifo("fifo");
        let running = fanout().dir(&dir).args(args).args(["echo", ":::", "1"]).spawn();
        wait_for("it to wait for a reader", || procs::state(running.pid()) == Some('S'));
        running.signal(Signal::TERM);
        running.wait().dies_of(Signal::TERM);
    }
}

#[test]
fn a_signal_ends_it_also_while_large_inputs_wait() {
    let dir = Dir::new();
    dir.write("list", format!("{}\n", "a".repeat(600_000)).repeat(4));
    let job = "echo > started; sleep 1000; : {#}";
    let running = fanout().dir(&dir).args(["-j1", job, "::::", "list"]).spawn();
    wait_for("the first job", || dir.has("started"));
    running.signal(Signal::TERM);
    running.wait().dies_of(Signal::TERM).leaves_nothing();
}

/// What scripts may see of a run that goes wrong, by the status alone.
#[test]
fn statuses_of_errors_are_those_of_gnu_parallel() {
    let quiet = |line: &&str| format!("{line} >/dev/null 2>&1");
    let lines: Vec<String> = [
        "$P --nosuch echo ::: 1",
        "PARALLEL=--nosuch $P echo ::: 1",
        "$P -Z echo ::: 1",
        "$P -j foo echo ::: 1",
        "$P -j 1.5 echo ::: 1",
        "$P -j '' echo ::: 1",
        "$P --halt foo echo ::: 1",
        "$P --halt now,fail=0 echo ::: 1",
        "$P --halt now,fail echo ::: 1",
        "$P --timeout foo echo ::: 1",
        "$P --load foo echo ::: 1",
        "$P --nice foo echo ::: 1",
        "$P --trim x echo ::: 1",
        "$P -s 3 echo ::: 1",
        "$P -X -s 10 echo ::: aaaaaaaaaaaaaa",
        "$P --group -u echo ::: 1",
        "$P --group --lb echo ::: 1",
        "$P -u --lb echo ::: 1",
        "$P -B x echo ::: 1",
        "$P --tollef echo ::: 1",
        "$P --ctrlc echo ::: 1",
        "$P -a missing echo",
        "$P echo :::: missing",
        "$P --resume echo ::: 1",
        "$P --resume-failed echo ::: 1",
        "$P --retry-failed --joblog log </dev/null",
        "$P --retry-failed --joblog log echo ::: 1",
        ": >log; $P --resume --joblog log echo ::: 1",
        "$P --joblog missing/x echo ::: 1",
        "$P --joblog / echo ::: 1",
        "$P --results missing/x.csv echo ::: 1",
        "$P --template missing=x echo ::: 1",
        "$P --rpl '{x} (' echo {x} ::: 1",
        "$P echo '{= ( =}' ::: 1",
        "$P --csv echo ::: 'a\"b'",
        "$P --shellcompletion foo",
        "$P --shebang missing",
        "$P --minversion 20100101",
        "$P --minversion 20990101",
        "$P --version",
        "$P --help",
        "$P --number-of-cpus",
        "$P --show-limits </dev/null",
        "$P --env _ echo ::: 1",
        "$P --env missing echo ::: 1",
        "$P --wd missing pwd ::: 1",
        "$P --wd /proc/missing pwd ::: 1",
        "$P missing ::: 1",
        "$P / ::: 1",
        "$P exit ::: 255",
        "$P 'kill -9 $$' ::: 1",
        "$P --timeout 0.3 sleep ::: 30",
        "$P --retries 2 false ::: 1",
        "$P --limit 'exit 0' echo ::: 1",
        "$P --header 0 echo ::: 1",
        "$P --process-slot-var 'a b' echo ::: 1",
        "$P -E '' echo ::: 1",
        "$P -L 0 echo ::: 1",
        "$P --sqlmaster x echo ::: 1",
        "$P --fifo --cat cat ::: 1",
        "$P --slf missing echo ::: 1",
    ]
    .iter()
    .map(quiet)
    .collect();
    same_beside_parallel("", &lines.iter().map(String::as_str).collect::<Vec<_>>());
}

/// GNU parallel dies within Perl there, of whatever errno is at the time.
#[test]
fn what_ends_perl_is_bad_usage() {
    fanout()
        .args(["--tmpdir", "./missing", "echo", ":::", "1"])
        .run()
        .fails_with(255)
        .stdout("")
        .stderr_has("./missing");
    fanout().args(["--colsep", "[", "echo", ":::", "1"]).run().fails_with(255).stdout("").stderr_has("--colsep");
    fanout().args(["-I", "", "echo", ":::", "1"]).run().fails_with(255).stdout("").stderr_has("can't be empty");
}
