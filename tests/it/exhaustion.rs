//! What happens where something runs out or is missing: the table of docs/exhaustion.md. Processes and a full temporary folder
//! are in `slots` and `output`.

use crate::harness::{Cmd, Dir, Done, fanout, installed, is_root, seq, sh};

const FULL: &str = "/dev/full";

/// One line for the error, and 255.
#[track_caller]
fn ends_with_one_line(done: Done, part: &str) -> Done {
    let done = done.fails_with(255).stderr_has(part).stderr_has("No space left on device").leaves_nothing();
    done.check(done.error_text().lines().count() == 1, "expected one line");
    done
}

#[test]
fn a_full_standard_output_ends_the_run_and_jobs_that_ran_are_recorded() {
    for mode in ["-k", "--line-buffer"] {
        let cmd = fanout().args(["-j2", mode, "--joblog", "log", "echo {}; touch ran.{}"]).stdin(seq(2000));
        let done = ends_with_one_line(cmd.stdout_to(FULL).run(), "free some space");
        let (rows, ran) = (done.dir.text("log").lines().count() - 1, done.dir.count("ran."));
        // Those that were ended while they ran may not have come so far.
        assert!(rows >= ran.max(1), "{mode}: {ran} ran, {rows} have rows");
    }
    ends_with_one_line(fanout().args(["--dry-run", "echo", ":::", "1"]).stdout_to(FULL).run(), "standard output");
    ends_with_one_line(fanout().arg("--doctor").stdout_to(FULL).run(), "standard output");
    // With -u it is the job that can't write, as in GNU parallel.
    fanout().args(["-u", "/bin/echo", ":::", "1", "2"]).stdout_to(FULL).run().fails_with(2);
}

#[test]
fn a_full_report_is_named_and_no_output_is_lost() {
    for option in ["--summary-file", "--timing-file"] {
        let done = fanout().args(["-k", option, FULL, "echo", ":::", "1", "2", "3"]).run();
        let done = ends_with_one_line(done, &format!("{option} {FULL}"));
        // What was printed before it was noticed is whole.
        done.check("1\n2\n3\n".starts_with(&done.text()) && !done.stdout.is_empty(), "the first jobs' output");
    }
}

#[test]
fn what_is_written_last_is_not_lost_in_silence() {
    let summary = ["--summary", "--summary-file", "-", "true", ":::", "1"];
    ends_with_one_line(fanout().args(summary).stdout_to(FULL).run(), "standard output");
    // Short jobs that wait for earlier ones, which there are not.
    let rerun = "\"$FANOUT_BIN\" -j1 --joblog log 'echo {}; [ -e fixed ] || exit {}' ::: 0 1 1
        touch fixed; exec \"$FANOUT_BIN\" --joblog log --retry-failed >/dev/full";
    sh(rerun).run().fails_with(255).stderr_has("No space left on device");
}

#[test]
fn a_full_standard_error_is_said_by_the_status() {
    sh("\"$FANOUT_BIN\" 'echo {} >&2' ::: 1 2 3 2>/dev/full").run().fails_with(255);
    sh("\"$FANOUT_BIN\" --summary -k echo ::: 1 2 3 2>/dev/full").run().fails_with(255).stdout("1\n2\n3\n");
}

#[test]
fn a_temporary_folder_that_is_read_only_is_an_error_that_names_it() {
    // Nobody, not even root, may make files there.
    // The second job's output has to wait for the end of the first one, which only the error ends.
    let job = "[ {} = 1 ] && exec sleep 1000; head -c 100000 /dev/zero";
    let done = fanout().env("TMPDIR", "/proc").args(["-k", "-j2", "--buffer-size=1k", job, ":::", "1", "2", "3"]).run();
    done.fails_with(255).stderr_has("in /proc: ").stderr_has("set TMPDIR");
    // Who does not need it does not miss it.
    fanout().env("TMPDIR", "/proc").args(["-k", "echo", ":::", "1", "2"]).run().ok().quiet().stdout("1\n2\n");
}

#[test]
fn a_job_whose_output_could_not_be_kept_is_not_done() {
    let job = "[ {} = 1 ] && exec sleep 1000; printf %5000s";
    let args = ["-k", "-j2", "--buffer-size=1k", "--joblog", "log", job, ":::", "1", "2"];
    // It may end before it can be ended.
    for _ in 0..8 {
        let done = fanout().env("TMPDIR", "/proc").args(args).run().fails_with(255).stdout("");
        let log = done.dir.text("log");
        let exits: Vec<&str> = log.lines().skip(1).filter_map(|row| row.split('\t').nth(6)).collect();
        done.check(exits == ["-1", "-1"], &format!("jobs that are to be run again: {log}"));
    }
}

#[track_caller]
fn under_limit_of_descriptors(limit: u32) {
    let limit = format!("--nofile={limit}:{limit}");
    let cmd = fanout().under(["prlimit", &limit]).args(["-j4", "-k", "--joblog", "log", "/bin/echo"]);
    let done = cmd.stdin(seq(3)).run();
    let printed = done.text().lines().count() as i32;
    match done.status.code() {
        // Too few to start at all.
        Some(255) => drop(done.stdout("").stderr_has("Too many open files")),
        Some(0) => drop(done.stdout(seq(3))),
        _ => {
            done.check(done.dir.text("log").lines().count() == 4, "expected a row for each job");
            drop(done.fails_with(3 - printed).stderr_has("ulimit -n"));
        }
    }
}

#[test]
fn whatever_the_limit_on_descriptors_no_job_is_lost_silently() {
    // At once, as fanout waits for ten seconds for descriptors to come back.
    std::thread::scope(|scope| (3..24).for_each(|limit| drop(scope.spawn(move || under_limit_of_descriptors(limit)))));
    let spilling = ["-j100", "-k", "--buffer-size=1k", "head -c 10000 /dev/zero; : {}"];
    let done = fanout().under(["prlimit", "--nofile=32:32"]).args(spilling).stdin(seq(50)).run().ok();
    assert_eq!(done.stdout.len(), 500_000);
}

#[test]
fn where_memory_is_short_output_goes_to_the_temporary_file() {
    // 48 MB are enough; the others are near what the program itself takes.
    for mib in [256, 48, 24, 20, 18, 16, 14, 12, 10, 9, 8, 7] {
        let limit = format!("ulimit -v {}", mib * 1024);
        let done = fanout().under_sh(&limit).args(["-j4", "head -c 3000000 /dev/zero; : {}"]).stdin(seq(3)).run();
        match done.status.code() {
            Some(0) => assert_eq!(done.stdout.len(), 9_000_000, "{mib} MiB: short output without an error"),
            // A signal, or jobs that failed: with a message in either case. The kernel has none where it can't load the program,
            // which takes 13 MB when it is not optimised.
            _ => done.check(!done.stderr.is_empty() || mib < 14, &format!("{mib} MiB: a message")),
        }
        done.check(mib < 48 || done.status.success(), &format!("{mib} MiB are enough"));
    }
}

#[test]
fn closed_standard_streams() {
    let job = ["-k", "echo {}; echo lost >&2; exit {}", ":::", "0", "1", "2"];
    fanout().under_sh("exec 2>&-").args(job).same_as_parallel().fails_with(2).stdout("0\n1\n2\n");
    // Nobody can be told why, but that it did not work.
    fanout().under_sh("exec 2>&-").arg("--no-such-option").run().fails_with(255).quiet();
    for option in ["--doctor", "--help"] {
        fanout().under_sh("exec >&-").arg(option).run().fails_with(255).stderr_has("standard output is closed");
    }
    fanout().under_sh("exec <&- >&- 2>&-").args(["touch", ":::", "ran"]).run().fails_with(255).quiet();
}

#[test]
fn without_home_and_without_any_environment() {
    fanout().unset("HOME").args(["-k", "echo {}; :", ":::", "1", "2"]).run().ok().quiet().stdout("1\n2\n");
    for job in ["echo", "echo {}; :", "/bin/echo"] {
        let done = fanout().under(["env", "-i"]).args(["-k", job, ":::", "1", "2"]).run();
        done.ok().quiet().stdout("1\n2\n");
    }
}

/// In a place without /proc, which only root can make.
fn without_proc(args: &[&str]) -> Cmd {
    installed(["unshare", "mount"]);
    let script = "mount -t tmpfs none /proc && exec \"$@\"";
    fanout().args(args).under(["unshare", "-m", "sh", "-c", script, "sh"])
}

#[test]
fn without_proc_jobs_run_and_what_can_t_be_ended_is_said() {
    if !is_root() {
        return;
    }
    without_proc(&["-k", "-j2", "echo", ":::", "1", "2", "3"]).run().ok().quiet().stdout("1\n2\n3\n");
    without_proc(&["--timeout", "0.5", "sleep 1000 & sleep", ":::", "1000"])
        .run()
        .fails_with(1)
        .quiet()
        .leaves_nothing();
    let done = without_proc(&["--timeout", "0.5", "setsid sleep 20 & sleep", ":::", "1000"]).run();
    done.fails_with(255).stderr_has("can't be found, as /proc can't be read");
}

#[test]
fn what_execve_refuses_has_the_shells_message_and_status() {
    let garbage = |cmd: Cmd| {
        cmd.its_dir().script("garbage", b"\x01\x02garbage\n");
        cmd.its_dir().script("interpreter", "#!/no/such/interpreter\n");
        cmd.its_dir().script("script", "echo $# arguments\n");
        cmd
    };
    for program in ["./garbage", "./interpreter", "./script", "./missing", "/etc/passwd", "/"] {
        garbage(fanout()).args(["--joblog", "/dev/null", program, ":::", "1"]).same_as_parallel();
    }
    // ETXTBSY: somebody writes it.
    let script = "cp /bin/echo busy; exec 5>> busy; \"$FANOUT_BIN\" ./busy ::: 1";
    sh(script).run().fails_with(1).stderr_has("busy");
}

#[test]
fn a_command_that_is_too_long_fails_alone() {
    let long = format!("{}\n", "x".repeat(200_000));
    let done = fanout().args(["-k", "/bin/echo"]).stdin(format!("1\n{long}2\n")).run();
    done.fails_with(1).stdout("1\n2\n").stderr_has("job 2 failed").stderr_has("too long for the system");
}

#[test]
fn a_shell_that_is_missing_is_named() {
    let done = fanout().shell("/no/such/shell").args(["echo {};", ":::", "1", "2"]).run();
    done.fails_with(2).stderr_has("can't run the shell /no/such/shell: No such file");
}

#[test]
fn a_limit_on_file_size_is_an_error_and_no_death() {
    // Nothing of fanout's own is so large.
    fanout().under(["prlimit", "--fsize=100000"]).args(["-k", "echo", ":::", "1", "2"]).run().ok().stdout("1\n2\n");
    let dir = Dir::new();
    let out = dir.write("out", "");
    let job = "head -c 60000 /dev/zero; : {}";
    let cmd = fanout().dir(&dir).under(["prlimit", "--fsize=100000"]).args(["-j1", job, ":::", "1", "2", "3"]);
    let done = cmd.stdout_to(&out).run().fails_with(255);
    assert!(done.error_text().contains("File too large"), "{}", done.error_text());
    // Jobs have the signal as the caller had it.
    let job = "head -c 200000 /dev/zero > large.{}";
    let done = fanout().under(["prlimit", "--fsize=100000"]).args(["--joblog", "log", job, ":::", "1"]).run();
    let done = done.fails_with(1);
    let row = done.dir.text("log").lines().last().expect("a row").to_owned();
    let columns: Vec<&str> = row.split('\t').collect();
    assert!(columns[6] == "153" || columns[7] == "25", "{row}");
}
