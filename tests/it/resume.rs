//! Joblogs that a later run goes on with: --resume, --resume-failed, --retry-failed.

mod crash;
mod open;
mod retry;

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use crate::harness::{Cmd, Dir, Done, Signal, fanout, parallel, seq, sh, wait_for};

/// fanout in `dir` with the joblog `log`.
fn logged(dir: &Dir, args: &[&str]) -> Cmd {
    fanout().dir(dir).args(["-j2", "-k", "--joblog", "log"]).args(args)
}

/// The Seq, Exitval and Signal of each row, in the order of the rows.
fn rows(dir: &Dir, log: &str) -> Vec<(u64, i32, i32)> {
    let text = String::from_utf8_lossy(&dir.read(log)).into_owned();
    let rows = text.lines().skip(1).map(|row| {
        let fields: Vec<&str> = row.split('\t').collect();
        assert!(fields.len() >= 9, "a whole row: {row:?}");
        let number = |index: usize| fields[index].parse().expect("a number");
        (fields[0].parse().expect("Seq"), number(6), number(7))
    });
    rows.collect()
}

#[test]
fn what_has_finished_is_passed_over_wherever_it_stands() {
    let dir = Dir::new();
    let job = "echo {#} {}; test {} != b";
    logged(&dir, &[job, ":::", "a", "b", "c"]).run().fails_with(1).stdout("1 a\n2 b\n3 c\n");
    logged(&dir, &["--resume", job, ":::", "z", "b", "c", "a", "b"]).run().fails_with(1).stdout("1 z\n5 b\n").quiet();
    logged(&dir, &["--resume-failed", job, ":::", "b", "c"]).run().fails_with(1).stdout("1 b\n").quiet();
    logged(&dir, &["--resume", job, ":::", "a", "z"]).run().ok().stdout("").quiet();
    assert_eq!(rows(&dir, "log").len(), 6);
}

#[test]
fn odd_values_are_known_again() {
    let dir = Dir::new();
    let odd = b"a b\0\0\\n\0line\nbreak\0tab\there\0\xff\xfe\0'\"$x\0\\\0a b\0".to_vec();
    let args = ["-0", "printf '%s|'"];
    logged(&dir, &args).stdin(odd.clone()).run().ok();
    logged(&dir, &["--resume"]).args(args).stdin(odd.clone()).run().ok().stdout("").quiet();
    let more = [&b"new\0"[..], &odd].concat();
    logged(&dir, &["--resume"]).args(args).stdin(more).run().ok().stdout("new|").quiet();
    // Several sources make one identity of all their values.
    let two = ["echo", ":::", "a", "b", ":::", "1", "2"];
    logged(&dir, &two).run().ok();
    logged(&dir, &["--resume", "echo", ":::", "b", "c", ":::", "2", "1"]).run().ok().stdout("c 2\nc 1\n");
    // Where lines are commands, the line is the identity.
    logged(&dir, &[]).stdin("echo x; true\necho y\n").run().ok();
    logged(&dir, &["--resume"]).stdin("echo y\necho w\necho x; true\n").run().ok().stdout("w\n").quiet();
}

#[test]
fn a_slot_in_the_command_does_not_matter() {
    let dir = Dir::new();
    let job = "CUDA_VISIBLE_DEVICES={%} sh -c 'echo $0 $CUDA_VISIBLE_DEVICES' {}";
    logged(&dir, &["-j3", job, ":::", "a", "b", "c", "d"]).run().ok();
    logged(&dir, &["-j1", "--resume", job, ":::", "e", "d", "c", "b", "a"]).run().ok().stdout("e 1\n").quiet();
    // Also where only the command is known.
    std::fs::remove_file(dir.join("log.values")).expect("remove the values");
    logged(&dir, &["-j1", "--resume", job, ":::", "f", "e", "d", "c", "b", "a"]).run().ok().stdout("f 1\n").quiet();
}

#[test]
fn another_command_leaves_done_what_is_done_and_says_so() {
    let dir = Dir::new();
    logged(&dir, &["echo", ":::", "a", "b"]).run().ok();
    let done = logged(&dir, &["--resume", "echo new", ":::", "a", "b", "c"]).run().ok().stdout("new c\n");
    assert_eq!(done.error_text().matches("warning").count(), 1, "{}", done.error_text());
}

#[test]
fn what_cancelled_runs_ended_is_run_again() {
    let dir = Dir::new();
    let job = "test {} = x && touch started && sleep 1000; echo {}";
    let running = logged(&dir, &[job, ":::", "a", "x"]).spawn();
    wait_for("the second job", || dir.has("started"));
    running.signal(Signal::TERM);
    running.wait().dies_of(Signal::TERM);
    assert_eq!(rows(&dir, "log").last(), Some(&(2, -1, 15)), "it has its row");
    logged(&dir, &["--resume", "echo {}", ":::", "a", "x"]).run().ok().stdout("x\n");
    logged(&dir, &["--resume", "echo {}", ":::", "a", "x"]).run().ok().stdout("");
    // A timeout is an end of its own.
    logged(&dir, &["--timeout", "0.1", "sleep 1000; :", ":::", "t"]).run().fails_with(1);
    logged(&dir, &["--resume", "echo {}", ":::", "t"]).run().ok().stdout("");
    logged(&dir, &["--resume-failed", "echo {}", ":::", "t"]).run().ok().stdout("t\n");
}

#[test]
fn halted_and_killed_jobs_have_rows_and_those_never_started_have_none() {
    let done = fanout()
        .args(["-j2", "--halt", "now,fail=1", "--joblog", "log"])
        .args(["case {} in 1) until [ -e up ]; do sleep 0.01; done; exit 3;; 2) touch up; sleep 1000; :;; esac", ":::"])
        .args(["1", "2", "3", "4"])
        .run()
        .fails_with(3);
    let mut rows = rows(&done.dir, "log");
    rows.sort_unstable();
    assert_eq!(rows, [(1, 3, 0), (2, -1, 15)]);
}

#[test]
fn a_torn_row_is_cut_off_with_one_warning_and_its_job_runs_again() {
    let dir = Dir::new();
    logged(&dir, &["-j1", "echo", ":::", "a", "b"]).run().ok();
    let log = dir.read("log");
    dir.write("log", &log[..log.len() - 3]);
    let done = logged(&dir, &["--resume", "echo", ":::", "a", "b"]).run().ok().stdout("b\n");
    assert_eq!(done.error_text().matches("warning").count(), 1, "{}", done.error_text());
    assert_eq!(rows(&dir, "log"), [(1, 0, 0), (2, 0, 0)]);
    dir.write("log", "Seq\tHo");
    logged(&dir, &["--resume", "echo", ":::", "a"]).run().ok().stdout("a\n").stderr_has("cut off");
    assert_eq!(rows(&dir, "log"), [(1, 0, 0)]);
}

#[test]
fn a_log_cut_anywhere_is_resumed_where_its_whole_rows_end() {
    let dir = Dir::new();
    let job = "echo {#} {%} {}";
    logged(&dir, &[job]).stdin(seq(4)).run().ok();
    let (log, values) = (dir.read("log"), dir.read("log.values"));
    for cut in 0..=log.len() {
        dir.write("log", &log[..cut]);
        dir.write("log.values", &values);
        let whole = log[..cut].iter().filter(|byte| **byte == b'\n').count().saturating_sub(1);
        let done = logged(&dir, &["--resume", "-j1", job]).stdin(seq(4)).run().ok();
        let expected: String = (whole + 1..=4).map(|n| format!("{n} 1 {n}\n")).collect();
        done.stdout(expected);
        assert_eq!(rows(&dir, "log").len(), 4, "cut at {cut}");
    }
}

#[test]
fn logs_go_from_one_program_to_the_other() {
    let dir = Dir::new();
    let job = "echo {#} {}; test {} != 2";
    let args = ["-j1", "--joblog", "log", job, ":::", "1", "2", "3"];
    parallel().dir(&dir).args(args).run().fails_with(1);
    logged(&dir, &["--resume", job, ":::", "0", "1", "2", "3"]).run().ok().stdout("1 0\n").quiet();
    logged(&dir, &["--resume-failed", job, ":::", "1", "2", "3"]).run().fails_with(1).stdout("2 2\n").quiet();
    // And ours by them, who go by numbers.
    logged(&dir, &[job, ":::", "1", "2", "3"]).run().fails_with(1);
    let theirs =
        |option: &str, more: &[&str]| parallel().dir(&dir).args(["-j1", "--joblog", "log", option]).args(more).run();
    theirs("--resume", &[job, ":::", "1", "2", "3", "4"]).ok().stdout("4 4\n");
    theirs("--resume-failed", &[job, ":::", "1", "2", "3"]).fails_with(1).stdout("2 2\n");
    theirs("--retry-failed", &[]).fails_with(1).stdout("2 2\n");
    // Theirs again, ours and theirs mixed.
    logged(&dir, &["--resume-failed", job, ":::", "5", "1", "2", "3", "4"]).run().fails_with(1).stdout("1 5\n3 2\n");
}

#[test]
fn retry_failed_takes_the_commands_of_the_log() {
    let dir = Dir::new();
    let job = "printf '%s\\n' {#}:{}; test -e good || test {#} = 1";
    let args = ["-0", job];
    let input = "a\0b\nc\0\\n\0";
    logged(&dir, &args).stdin(input).run().fails_with(2);
    logged(&dir, &["--retry-failed", "ignored", ":::", "x"]).run().fails_with(2).stdout("2:b\nc\n3:\\n\n").quiet();
    dir.write("good", "");
    logged(&dir, &["--dry-run", "--retry-failed"]).run().ok().stdout_has("test -e good").quiet();
    logged(&dir, &["--retry-failed"]).run().ok().stdout("2:b\nc\n3:\\n\n").quiet();
    logged(&dir, &["--retry-failed"]).run().ok().stdout("").quiet();
    // The values went along.
    logged(&dir, &["--resume-failed"]).args(args).stdin("\\n\0b\nc\0a\0d\0").run().ok().stdout("4:d\n").quiet();
    let seqs: Vec<u64> = rows(&dir, "log").iter().map(|row| row.0).collect();
    assert_eq!(seqs, [1, 2, 3, 2, 3, 2, 3, 4]);
    // GNU parallel's newlines are NULs.
    parallel().dir(&dir).args(["-0", "-j1", "--joblog", "theirs", "echo {}; false"]).stdin("x\ny\0").run();
    fanout().dir(&dir).args(["--retry-failed", "--joblog", "theirs"]).run().fails_with(1).stdout("x\ny\n");
}

#[test]
fn a_dry_run_shows_what_would_run_and_touches_no_log() {
    let dir = Dir::new();
    logged(&dir, &["echo", ":::", "a", "b"]).run().ok();
    let log = dir.read("log");
    dir.write("log", &log[..log.len() - 1]);
    logged(&dir, &["--dry-run", "--resume", "echo", ":::", "c", "a", "b"]).run().ok().stdout("echo c\necho b\n");
    assert_eq!(dir.read("log"), &log[..log.len() - 1]);
}

#[test]
fn a_log_of_something_else_is_refused() {
    let dir = Dir::new();
    parallel().dir(&dir).args(["--joblog", "log", "echo", ":::", "1", "2"]).run().ok();
    let done = logged(&dir, &["--resume", "other", ":::", "1", "2"]).run().fails_with(255).stdout("");
    done.stderr_has("none of its 2 rows");
    assert_eq!(rows(&dir, "log").len(), 2);
    dir.write("log", "Dear diary,\n");
    logged(&dir, &["--resume", "echo", ":::", "1"]).run().fails_with(255).stdout("").stderr_has("does not begin");
    assert_eq!(dir.text("log"), "Dear diary,\n");
    for path in ["-", "/dev/null", "/dev/stderr"] {
        let done = fanout().args(["--resume", "--joblog", path, "echo", ":::", "1"]).run().fails_with(255).stdout("");
        done.stderr_has("no regular file");
    }
    dir.fifo("fifo");
    for path in ["-", "fifo"] {
        let args = ["--dry-run", "--resume", "--joblog", path, "echo", ":::", "1"];
        fanout().dir(&dir).args(args).run().fails_with(255).stdout("").stderr_has("no regular file");
    }
    dir.fifo("other.values");
    fanout().dir(&dir).args(["--joblog", "other", "true", ":::", "1"]).run().ok().stderr_has("no regular file");
    fanout().args(["--resume", "echo", ":::", "1"]).run().fails_with(255).stderr_has("--joblog");
    // A log that is not there yet is an empty one (as GNU parallel).
    for option in ["--resume", "--resume-failed", "--retry-failed"] {
        fanout().args([option, "--joblog", "none", "echo", ":::", "1"]).run().ok().stdout("1\n").quiet();
    }
    fanout().args(["--retry-failed", "--joblog", "none"]).run().ok().stdout("").quiet();
}

#[test]
fn a_log_in_use_is_neither_emptied_nor_resumed() {
    let dir = Dir::new();
    let mut first = fanout().dir(&dir).args(["--joblog", "log", "echo"]).stdin_live().spawn();
    first.feed("a\n");
    wait_for("the first row", || dir.has("log") && dir.text("log").lines().count() == 2);
    for args in [&["--joblog", "log"][..], &["--resume", "--joblog", "log"], &["--retry-failed", "--joblog", "log"]] {
        let done = fanout().dir(&dir).args(args).args(["echo", ":::", "x"]).run().fails_with(255).stdout("");
        done.stderr_has("another run is using it");
    }
    fanout().dir(&dir).args(["--joblog", "+log", "echo", ":::", "b"]).run().ok().quiet();
    first.feed("c\n");
    first.wait().ok();
    assert_eq!(rows(&dir, "log").len(), 3);
    // One that adds to it is in the way of others as well.
    let appender = fanout().dir(&dir).args(["--joblog", "+log", "echo"]).stdin_live().spawn();
    wait_for("its lock", || !sh("flock -nx log true").dir(&dir).run().status.success());
    fanout().dir(&dir).args(["--joblog", "log", "echo", ":::", "x"]).run().fails_with(255);
    appender.wait().ok();
    // Jobs do not hold it, also when they outlive the run.
    fanout()
        .dir(&dir)
        .args(["--joblog", "log", "sleep 1000 >/dev/null 2>&1 </dev/null & echo {}", ":::", "x"])
        .run()
        .ok();
    fanout().dir(&dir).args(["--resume", "--joblog", "log", "echo", ":::", "y"]).run().ok().stdout("y\n");
}

#[test]
fn several_runs_add_to_one_log() {
    let dir = Dir::new();
    let runs: Vec<_> = (0..4)
        .map(|run| {
            let args = ["-j4", "--joblog", "+log"];
            fanout().dir(&dir).args(args).arg(format!("echo {run}-{{}} >/dev/null")).stdin(seq(300)).spawn()
        })
        .collect();
    runs.into_iter().for_each(|run| drop(run.wait().ok().quiet()));
    let text = dir.text("log");
    assert_eq!(text.matches("Seq\t").count(), 1);
    let mut counts = BTreeMap::new();
    for row in text.lines().skip(1) {
        assert_eq!(row.split('\t').count(), 9, "{row:?}");
        *counts.entry(row.rsplit('\t').next().expect("a command").to_owned()).or_insert(0) += 1;
    }
    assert!(counts.len() == 1200 && counts.values().all(|count| *count == 1), "{}", counts.len());
}

#[test]
fn logs_follow_the_umask_and_no_planted_link() {
    let dir = Dir::new();
    let run = |line: &str| fanout().dir(&dir).under_sh(line).args(["--joblog", "log", "true", ":::", "a"]).run().ok();
    run("umask 027");
    for name in ["log", "log.values"] {
        assert_eq!(dir.join(name).metadata().expect("a file").mode() & 0o777, 0o640, "{name}");
    }
    if !crate::harness::is_root() {
        return;
    }
    // As root, another user's link in a folder like /tmp: the kernel would let it through where protected_symlinks is off.
    let open = dir.write("tmp/victim", "precious\n").with_file_name("");
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o1777)).expect("a folder like /tmp");
    dir.write("victim", "precious\n");
    for name in ["tmp/log", "tmp/other.values"] {
        symlink(dir.join("victim"), dir.join(name)).expect("plant a link");
        std::os::unix::fs::lchown(dir.join(name), Some(65534), Some(65534)).expect("make it another user's");
    }
    fanout().dir(&dir).args(["--joblog", "tmp/log", "true", ":::", "a"]).run().fails_with(255).stderr_has("tmp/log");
    let done = fanout().dir(&dir).args(["--joblog", "tmp/other", "true", ":::", "a"]).run().ok();
    done.stderr_has("tmp/other.values: can't be opened");
    assert_eq!(dir.text("victim"), "precious\n");
    // One's own link is followed.
    symlink(dir.join("linked"), dir.join("tmp/own")).expect("link");
    fanout().dir(&dir).args(["--joblog", "tmp/own", "true", ":::", "a"]).run().ok().quiet();
    assert!(dir.has("linked"));
}

#[test]
fn what_is_no_regular_file_has_no_values() {
    let dir = Dir::new();
    fanout().dir(&dir).args(["--joblog", "/dev/null", "echo", ":::", "a"]).run().ok().stdout("a\n").quiet();
    let done = fanout().dir(&dir).args(["--joblog", "/dev/stderr", "echo", ":::", "a"]).run().ok().stdout("a\n");
    done.stderr_has("echo a");
    sh("$FANOUT_BIN --joblog /dev/fd/3 echo ::: a 3>&1 >/dev/null | cat").dir(&dir).run().ok().stdout_has("echo a");
    assert_eq!(dir.count(""), 0, "no file was made");
}

#[test]
fn a_folder_that_cannot_be_written_costs_only_the_values() {
    if crate::harness::is_root() {
        // Root may write anywhere; a folder where the values should be has the same effect.
        let dir = Dir::new();
        std::fs::create_dir(dir.join("log.values")).expect("make a folder");
        let done = logged(&dir, &["echo {}", ":::", "a"]).run().ok().stdout("a\n");
        assert_eq!(done.error_text().matches("warning").count(), 1, "{}", done.error_text());
        logged(&dir, &["--resume", "echo {}", ":::", "b", "a"]).run().ok().stdout("b\n");
        return;
    }
    let dir = Dir::new();
    dir.write("ro/log", "");
    std::fs::set_permissions(dir.join("ro"), std::fs::Permissions::from_mode(0o555)).expect("close the folder");
    let run = |args: &[&str]| fanout().dir(&dir).args(["--joblog", "ro/log"]).args(args).run().ok();
    run(&["echo {}", ":::", "a"]).stdout("a\n").stderr_has("warning");
    run(&["--resume", "echo {}", ":::", "b", "a"]).stdout("b\n");
    std::fs::set_permissions(dir.join("ro"), std::fs::Permissions::from_mode(0o755)).expect("open the folder");
}

#[test]
fn halt_and_order_are_right_among_jobs_that_are_passed_over() {
    let dir = Dir::new();
    logged(&dir, &["echo"]).stdin(seq(1000)).run().ok();
    let input = format!("{}new\n{}", seq(500), seq(1200).split_off(seq(500).len()));
    let expected = format!("new\n{}", seq(1200).split_off(seq(1000).len()));
    logged(&dir, &["--resume", "-v", "echo"]).stdin(input.clone()).run().ok();
    let done = logged(&dir, &["--resume", "echo"]).stdin(input.clone()).run().ok().stdout("").quiet();
    assert_eq!(rows(&done.dir, "log").len(), 1201);
    logged(&dir, &["echo"]).stdin(seq(1000)).run().ok();
    logged(&dir, &["--resume", "echo"]).stdin(input.clone()).run().ok().stdout(expected);
    // 121 of 1201 is the first count above 10 %, whoever ran the others.
    logged(&dir, &["true"]).stdin(seq(1000)).run().ok();
    let done = logged(&dir, &["-j1", "--resume", "--halt", "soon,fail=10%", "false"]).stdin(input).run();
    assert_eq!(rows(&done.dir, "log").len(), 1000 + 121);
}

#[test]
fn a_failed_write_of_output_is_no_success_for_the_next_run() {
    let dir = Dir::new();
    let done = fanout().dir(&dir).args(["--joblog", "log", "echo", ":::", "a"]).stdout_to("/dev/full").run();
    done.fails_with(255);
    logged(&dir, &["--resume", "echo", ":::", "a"]).run().ok().stdout("a\n");
}

/// The log alone has to say it: whoever reads it knows nothing of the values.
#[test]
fn rows_of_jobs_whose_output_is_lost_are_not_of_successes() {
    let dir = Dir::new();
    let full = |args: &[&str]| {
        let done = fanout().dir(&dir).args(["--joblog", "log"]).args(args).stdout_to("/dev/full").run();
        done.fails_with(255);
    };
    full(&["-j1", "echo", ":::", "1", "2", "3"]);
    let lost = rows(&dir, "log");
    assert!(!lost.is_empty() && lost.iter().all(|(_, exit, signal)| (*exit, *signal) == (-1, 15)), "{lost:?}");
    let theirs = parallel().dir(&dir).args(["-j1", "--resume-failed", "--joblog", "log", "echo", ":::", "1"]).run();
    theirs.ok().stdout("1\n");
    // Several that wait for one flush, one of them failed.
    full(&["-k", "-j4", "echo {}; test {} != 2", ":::", "1", "2", "3", "4"]);
    assert!(rows(&dir, "log").iter().all(|(_, exit, _)| *exit == -1));
    let (log, values) = (dir.read("log"), dir.read("log.values"));
    for values in [Some(values), None] {
        dir.write("log", &log);
        match values {
            Some(values) => drop(dir.write("log.values", values)),
            None => std::fs::remove_file(dir.join("log.values")).expect("there are values"),
        }
        let args = ["--resume", "echo {}; test {} != 2", ":::", "1", "2", "3", "4"];
        logged(&dir, &args).run().fails_with(1).stdout("1\n2\n3\n4\n").quiet();
        logged(&dir, &args).run().ok().stdout("").quiet();
    }
}

#[test]
fn with_fsync_every_batch_reaches_the_disk() {
    let done = fanout().args(["--fsync", "--joblog", "log", "echo", ":::", "a", "b"]).run().ok();
    assert_eq!(rows(&done.dir, "log").len(), 2);
    fanout().args(["--fsync", "echo", ":::", "a"]).run().fails_with(255).stderr_has("--joblog");
}

#[test]
fn a_full_disk_under_the_log_leaves_whole_rows_and_a_run_to_resume() {
    if !crate::harness::is_root() {
        return;
    }
    // A file system of its own, in a mount namespace that ends with the script.
    let dir = Dir::new();
    dir.write("list", seq(4000));
    let script = r#"
        mkdir m && mount -t tmpfs -o size=64k none m || exit 77
        $FANOUT_BIN -j2 --joblog m/log 'echo {}; : some more text to fill the disk with' <list >out1 2>err1
        echo status $?
        mount -o remount,size=4M m
        cp m/log cut
        $FANOUT_BIN -j2 --resume --joblog m/log 'echo {}; : some more text to fill the disk with' <list >out2 2>err2
        echo status $?
        cp m/log whole
    "#;
    let done = sh(script).dir(&dir).under(["unshare", "-m"]).run();
    if done.status.code() == Some(77) || done.stdout.is_empty() {
        eprintln!("skipped: no file system can be mounted here");
        return;
    }
    let done: Done = done.ok().stdout("status 255\nstatus 0\n");
    assert!(done.dir.text("err1").contains("No space left"), "{}", done.dir.text("err1"));
    assert_eq!(done.dir.text("err1").lines().filter(|line| line.contains("No space")).count(), 1);
    let cut = done.dir.text("cut");
    let kept = cut.rfind('\n').map_or(0, |at| at + 1);
    assert!(done.dir.text("whole").starts_with(&cut[..kept]), "rows before it stay");
    let mut seqs: Vec<u64> = rows(&done.dir, "whole").iter().map(|row| row.0).collect();
    seqs.sort_unstable();
    assert!(seqs.iter().copied().eq(1..=4000), "each has one row: {}", seqs.len());
}
