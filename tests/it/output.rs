//! What happens to what jobs write: grouped, ordered, in whole lines, tagged; nothing mixed, nothing dropped.

mod differential;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::harness::{Dir, Signal, fanout, is_root, seq, sh, wait_for};

#[test]
fn output_of_a_job_stays_together() {
    let job = "for i in 1 2 3 4 5; do echo {} $i; sleep 0.01; done";
    let done = fanout().args(["-j8", job]).stdin(seq(40)).run().ok();
    let lines: Vec<String> = done.text().lines().map(str::to_owned).collect();
    for group in lines.chunks(5) {
        let job = group[0].split(' ').next().expect("a job");
        let expected: Vec<String> = (1..=5).map(|i| format!("{job} {i}")).collect();
        assert_eq!(group, expected);
    }
    done.stdout_sorted(
        (1..=40)
            .flat_map(|n| (1..=5).map(move |i| format!("{n} {i}\n")))
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<String>(),
    );
}

#[test]
fn grouped_output_comes_when_its_job_has_ended() {
    let dir = Dir::new();
    let job = "echo {}; [ {} = slow ] && until [ -e go ]; do sleep 0.02; done; :";
    let running = fanout().dir(&dir).args(["-j2", job, ":::", "slow", "fast"]).spawn();
    running.wait_stdout("fast\n");
    assert_eq!(running.stdout_so_far(), b"fast\n");
    dir.write("go", "");
    running.wait().ok().stdout("fast\nslow\n");
}

#[test]
fn standard_output_and_error_stay_apart() {
    let job = "echo out {}; echo err {} >&2; echo out2 {}; echo err2 {} >&2";
    fanout().args(["-k", job, ":::", "a", "b"]).same_as_parallel_with_stderr().stderr("err a\nerr2 a\nerr b\nerr2 b\n");
}

#[test]
fn keep_order() {
    let job = "sleep 0.$((3 - {})); echo {}; echo e{} >&2";
    fanout().args(["-j3", "-k", job, ":::", "0", "1", "2"]).same_as_parallel_with_stderr().stdout("0\n1\n2\n");
    fanout().args(["-j3", "--keep-order", job, ":::", "0", "1", "2"]).run().ok().stdout("0\n1\n2\n");
}

#[test]
fn the_job_whose_turn_it_is_need_not_end_for_the_others_to_go_on() {
    let dir = Dir::new();
    let job = "touch started.{}; [ {} = 1 ] && until [ -e go ]; do sleep 0.02; done; echo {}";
    let running = fanout().dir(&dir).args(["-j2", "-k", job]).stdin(seq(200)).spawn();
    wait_for("all the others", || dir.has("started.200"));
    dir.write("go", "");
    running.wait().ok().stdout(seq(200));
}

#[test]
fn line_buffer_prints_lines_as_they_come_and_never_half_a_line() {
    let dir = Dir::new();
    let job = "printf 'one {}\\nhal'; until [ -e go ]; do sleep 0.02; done; echo f {}";
    let running = fanout().dir(&dir).args(["-j2", "--line-buffer", job, ":::", "a", "b"]).spawn();
    wait_for("two lines", || running.stdout_so_far().len() >= 12);
    dir.write("go", "");
    let done = running.wait().ok();
    done.stdout_sorted("half a\nhalf b\none a\none b\n");
}

#[test]
fn line_buffer_ends_a_last_line_without_newline_as_gnu_parallel_does() {
    fanout().args(["-j1", "--line-buffer", "printf '%s\\nx'", ":::", "a", "b"]).same_as_parallel();
    fanout().args(["-j1", "--line-buffer", "--tag", "printf '%s\\nx'", ":::", "a", "b"]).same_as_parallel();
    fanout().args(["-k", "printf '%s\\nx'", ":::", "a", "b"]).same_as_parallel();
}

#[test]
fn many_writers_of_long_lines_never_mix() {
    for mode in ["--line-buffer", "--group", "-k"] {
        let job = "for i in 1 2 3 4 5 6 7 8; do head -c 20000 /dev/zero | tr '\\0' {}; echo; done";
        let done = fanout().args(["-j8", mode, job, ":::", "a", "b", "c", "d", "e", "f", "g", "h"]).run().ok();
        for line in done.text().lines() {
            assert_eq!(line, &line[..1].repeat(20000), "{mode}");
        }
        assert_eq!(done.stdout.len(), 8 * 8 * 20001, "{mode}");
    }
}

#[test]
fn ungroup_gives_jobs_our_own_standard_output() {
    let dir = Dir::new();
    let running = fanout()
        .dir(&dir)
        .args(["-u", "printf half; until [ -e go ]; do sleep 0.02; done; echo {}", ":::", "x"])
        .spawn();
    running.wait_stdout("half");
    dir.write("go", "");
    running.wait().ok().stdout("halfx\n");
    let own = sh("\"$FANOUT_BIN\" --ungroup 'readlink /proc/self/fd/1; : {}' ::: x > file; cat file").run().ok();
    assert_eq!(own.text(), format!("{}\n", own.dir.join("file").display()));
}

#[test]
fn tag_starts_each_line_with_the_arguments() {
    fanout().args(["-k", "--tag", "echo 1; echo 2 {}", ":::", "a", "b c", "d\te"]).same_as_parallel().ok();
    fanout().args(["-k", "--tag", "echo {1} {2}", ":::", "a", "b", ":::", "c"]).same_as_parallel().ok();
    fanout().args(["-k", "--tag", "echo out; echo err >&2; : {}", ":::", "a", "b"]).same_as_parallel_with_stderr().ok();
    fanout().args(["-k", "--tag", "printf 'no newline'; : {}", ":::", "a", "b"]).same_as_parallel().ok();
    fanout().args(["-k", "--tag", ": {}", ":::", "silent"]).same_as_parallel().stdout("");
    fanout().args(["-j1", "--line-buffer", "--tag", "echo 1; echo; : {}", ":::", "a", "b"]).same_as_parallel().ok();
}

#[test]
fn tagstring_is_a_template() {
    for tag in ["{}", "{#}-{/.}:", "x", "{1} {2}", "", "a\\tb"] {
        fanout()
            .args(["-k", "-j1", "--tagstring", tag, "echo out", ":::", "a/b.c", "it's", ":::", "2"])
            .same_as_parallel()
            .ok();
    }
}

#[test]
fn a_large_output_is_complete() {
    // Far above the buffer, so that it goes through the temporary file; every job has bytes of its own.
    let job = "seq {} 3 1200000";
    let expected = sh("for i in 1 2 3; do seq $i 3 1200000; done").run().ok().stdout;
    for args in
        [&["-k", "-j3"][..], &["-k", "-j3", "--buffer-size=4096"], &["-k", "-j3", "--buffer-size=16M"], &["-j1"]]
    {
        fanout().args(args).args([job, ":::", "1", "2", "3"]).run().ok().stdout(&expected);
    }
}

#[test]
fn sizes_have_units_and_bad_ones_are_bad_usage() {
    for size in ["0x", "-1", "big", ""] {
        let done = fanout().args([&format!("--buffer-size={size}"), "echo", ":::", "x"]).run();
        done.fails_with(255).stdout("").stderr_has("--buffer-size");
    }
}

#[test]
fn output_that_waits_for_its_turn_goes_to_an_unlinked_file() {
    let dir = Dir::new();
    let job =
        "[ {} = 1 ] && until [ -e go ]; do sleep 0.02; done; head -c 3000000 /dev/zero | tr '\\0' {}; touch done.{}";
    let running = fanout().dir(&dir).args(["-k", "-j2", "--buffer-size=64K", job]).stdin(seq(9)).spawn();
    wait_for("the others to be done", || (2..=9).all(|n| dir.has(format!("done.{n}"))));
    let names: Vec<_> = std::fs::read_dir(dir.tmp()).expect("list").flatten().map(|entry| entry.file_name()).collect();
    assert!(names.is_empty(), "temporary files have names: {names:?}");
    dir.write("go", "");
    let done = running.wait().ok();
    let expected: Vec<u8> = (1..=9).flat_map(|n| n.to_string().repeat(3_000_000).into_bytes()).collect();
    done.stdout(expected);
}

#[test]
fn memory_is_bounded_however_much_output_waits() {
    let dir = Dir::new();
    let job = "[ {} = 1 ] && until [ -e go ]; do sleep 0.02; done; head -c 20M /dev/zero; touch done.{}";
    let running = fanout().dir(&dir).args(["-k", "-j4", job]).stdin(seq(15)).stdout_to("/dev/null").spawn();
    wait_for("the others to be done", || dir.count("done.") == 14);
    // 280 MB wait for the first job.
    let kib = running.peak_kib();
    assert!(kib < 200_000, "{kib} KiB");
    dir.write("go", "");
    running.wait().ok();
}

#[test]
fn a_missing_tmpdir_is_an_error_that_names_it() {
    let job = "seq 3000000; : {}";
    let done = fanout().env("TMPDIR", "/no/such/dir").args(["--buffer-size=64K", job, ":::", "x"]).run();
    // What fits in memory needs no file, so this may succeed; but never with less than everything.
    if done.status.success() {
        assert_eq!(done.stdout.len(), seq(3_000_000).len());
    } else {
        done.stderr_has("/no/such/dir");
    }
}

#[test]
fn a_full_tmpdir_is_an_error_and_no_silent_loss() {
    // No file may grow above 1 MB: as a full disk, for any user. SIGXFSZ is ignored so that it looks like one.
    let job = "seq {} 2 9000000";
    let cmd = fanout().under(["prlimit", "--fsize=1000000"]).under_sh("trap '' XFSZ");
    let done = cmd.args(["-k", "-j2", "--buffer-size=64K", job, ":::", "1", "2"]).run();
    done.fails_with(255).stderr_has("fanout: ").leaves_nothing();
}

#[test]
fn a_full_disk_under_tmpdir_is_an_error() {
    // Only root may mount; others have the test above.
    if is_root() {
        let script = "mkdir small && mount -t tmpfs -o size=1m none small || exit 77
            TMPDIR=$PWD/small \"$FANOUT_BIN\" -k -j2 --buffer-size=64K 'seq {} 2 9000000' ::: 1 2 >/dev/null";
        let done = sh("unshare -m sh -c \"$1\"").arg("sh").arg(script).run();
        done.check(done.status.code() != Some(77), "mount a small file system");
        done.fails_with(255).stderr_has("small").leaves_nothing();
    }
}

#[test]
fn a_full_standard_output_is_an_error() {
    let done = fanout().args(["-k", "echo"]).stdin(seq(100)).stdout_to("/dev/full").run();
    done.fails_with(255).stderr_has("standard output").leaves_nothing();
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quickly_and_silently() {
    for mode in ["-k", "--group", "--line-buffer"] {
        let script = format!("{{ yes | \"$FANOUT_BIN\" -j4 {mode} echo; echo $? > status; }} | head -n 3");
        let done = sh(&script).run().ok().stdout("y\ny\ny\n").quiet().leaves_nothing();
        assert_eq!(done.dir.text("status"), "141\n", "{mode}");
    }
}

/// Three jobs: the first writes and the reader goes away; the others run for a long time, unless `then` ends them.
#[track_caller]
fn reader_goes_away_while_jobs_run(then: &str) {
    let job = format!("[ {{}} = 1 ] && exec echo 1; until [ -e gone ]; do sleep 0.02; done; {then}");
    let script = format!(
        "{{ \"$FANOUT_BIN\" -j3 '{job}' ::: 1 2 3; echo $? > status; }} | {{ head -n 1; exec <&-; : > gone; }}"
    );
    let done = sh(&script).run().ok().stdout("1\n").quiet().leaves_nothing();
    assert_eq!(done.dir.text("status"), "141\n");
    done.within(Duration::from_secs(50));
}

#[test]
fn a_reader_that_goes_away_ends_running_jobs_when_another_writes() {
    reader_goes_away_while_jobs_run("[ {} = 2 ] && exec echo 2; exec sleep 1000");
}

#[test]
fn a_reader_that_goes_away_ends_running_jobs_even_when_none_writes() {
    reader_goes_away_while_jobs_run("exec sleep 1000");
}

#[test]
fn a_closed_reader_is_death_by_sigpipe() {
    let script = "exec \"$FANOUT_BIN\" -k seq ::: 100000 100000 100000";
    // A pipe whose reader has gone before anything was written to it.
    let done = sh(&format!("mkfifo p; : < p & exec 9> p; wait; exec 1>&9 9>&-; {script}")).run();
    done.dies_of(Signal::PIPE).quiet().leaves_nothing();
}

#[test]
fn a_standard_output_that_is_closed_at_the_start_is_an_error() {
    sh("\"$FANOUT_BIN\" echo ::: x >&-").run().fails_with(255).stderr_has("standard output");
}

#[test]
fn a_standard_input_or_error_that_is_closed_at_the_start_is_survived() {
    sh("\"$FANOUT_BIN\" -k echo ::: x y 2>&-").run().ok().stdout("x\ny\n");
    sh("\"$FANOUT_BIN\" -k 'cat; echo {}' ::: x y <&-").run().ok().stdout("x\ny\n");
    sh("\"$FANOUT_BIN\" -k 'echo out {}; echo err {} >&2' ::: x <&- 2>&1").run().ok().stdout("out x\nerr x\n");
}

#[test]
fn what_a_job_left_in_the_background_does_not_delay_its_end_for_ever() {
    let job = "(sleep 1000; echo late) & echo {}";
    let done = fanout().args(["-k", "-j2", "--joblog", "log", job]).stdin(seq(4)).run().ok().stdout(seq(4));
    let rows: BTreeMap<String, String> = done.dir.text("log").lines().skip(1).map(columns).collect();
    assert_eq!(rows.len(), 4);
    done.within(Duration::from_secs(50));
}

/// Seq and Exitval of a row.
fn columns(row: &str) -> (String, String) {
    let fields: Vec<&str> = row.split('\t').collect();
    (fields[0].to_owned(), fields[6].to_owned())
}

#[test]
fn what_a_job_left_in_the_background_never_mixes_into_another_jobs_output() {
    let job = "{ for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.02; echo stray {}; done; } & echo first {}; echo last {}";
    let done = fanout().args(["-k", "-j1", job]).stdin(seq(5)).run().ok();
    let mut current = 0;
    for line in done.text().lines() {
        let (what, job) = line.split_once(' ').expect("two words");
        let job: usize = job.parse().expect("a number");
        assert!(job >= current, "{line:?} after job {current} in\n{}", done.text());
        current = job;
        assert!(["first", "last", "stray"].contains(&what), "{line:?}");
    }
    assert_eq!(current, 5);
}
