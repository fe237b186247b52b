//! What has to hold for a job to start, and what becomes of those that run where it does not: --load, --memfree, --memsuspend,
//! --noswap, --limit; and files of --jobs and --load, which are read again.

use std::time::Duration;

use crate::harness::{Dir, Signal, fanout, wait_for};

/// Long enough for many looks at the machine. Only for what must not happen.
const A_WHILE: Duration = Duration::from_millis(300);

#[test]
fn a_limit_holds_jobs_back_until_its_command_allows_them() {
    let dir = Dir::new();
    let run = fanout()
        .dir(&dir)
        .args(["--limit", "echo look >> looks; [ -e go ]", "-j2", "-k", "echo", ":::", "a", "b"])
        .spawn();
    wait_for("several looks", || dir.has("looks") && dir.text("looks").lines().count() > 2);
    assert!(run.stdout_so_far().is_empty());
    dir.write("go", "");
    run.wait().ok().stdout("a\nb\n").quiet();
}

#[test]
fn way_over_the_limit_the_youngest_job_is_ended_and_comes_back() {
    let dir = Dir::new();
    let job = "echo {} >> starts; until [ -e end.{} ]; do sleep 0.02; done; echo {}";
    let limit = "[ -e over ] && rm over && exit 2; exit 0";
    let args = ["--limit", limit, "-j2", "--joblog", "log", "--line-buffer", job, ":::", "1", "2"];
    let run = fanout().dir(&dir).args(args).spawn();
    let starts = || if dir.has("starts") { dir.text("starts") } else { String::new() };
    wait_for("both jobs", || starts() == "1\n2\n" || starts() == "2\n1\n");
    dir.write("over", "");
    wait_for("the second job's second start", || starts().matches('2').count() == 2);
    assert_eq!(starts().matches('1').count(), 1);
    dir.write("end.1", "");
    dir.write("end.2", "");
    run.wait().ok().stdout_sorted("1\n2\n").quiet();
    // It is in the log once, and has had one try.
    assert_eq!(dir.text("log").lines().count(), 3);
}

#[test]
fn the_only_job_has_failed_when_it_is_ended_for_the_limit() {
    let dir = Dir::new();
    let limit = "[ -e started ] && rm started && exit 2; exit 0";
    let args = ["--limit", limit, "--joblog", "log", "touch started; sleep 100; : {}", ":::", "x"];
    let done = fanout().dir(&dir).args(args).run().fails_with(1);
    done.check(dir.text("log").contains("\t-1\t15\t"), "it is in the log as ended by us");
    done.leaves_nothing();
}

#[test]
fn a_limit_that_hangs_does_not_keep_the_run_from_ending() {
    let dir = Dir::new();
    let run = fanout().dir(&dir).args(["--limit", "touch looks; sleep 1000", "echo", ":::", "a"]).spawn();
    wait_for("the look", || dir.has("looks"));
    run.signal(Signal::TERM);
    run.wait().dies_of(Signal::TERM).stdout("").leaves_nothing();
}

#[test]
fn a_halt_ends_the_wait_for_better_times() {
    let dir = Dir::new();
    // The second job never gets its place.
    let limit = "[ ! -e started ]";
    let args = ["--limit", limit, "-j2", "--halt", "now,fail=1", "touch started; exit 3; : {}", ":::", "a", "b"];
    fanout().dir(&dir).args(args).run().fails_with(3).leaves_nothing();
}

#[test]
fn little_memory_suspends_the_young_until_the_old_have_ended() {
    let dir = Dir::new();
    let free = free_memory();
    // Enough for a start, and less than twice as much: two jobs may work.
    let size = format!("{}", free / 5 * 4);
    let job = "echo $$ > pid.{}; until [ -e end.{} ]; do sleep 0.02; done; echo {}";
    let args = ["--memsuspend", &size, "-j3", "-k", "--timeout", "1000", job, ":::", "1", "2", "3"];
    let run = fanout().dir(&dir).args(args).spawn();
    let pid = |job: &str| dir.text(format!("pid.{job}")).trim().to_owned();
    let stands = |job: &str| {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid(job))).unwrap_or_default();
        stat.contains(") T ")
    };
    wait_for("three jobs", || ["1", "2", "3"].iter().all(|job| dir.has(format!("pid.{job}")) && !pid(job).is_empty()));
    wait_for("the youngest to be suspended", || stands("3"));
    assert!(!stands("1"), "the oldest works");
    dir.write("end.1", "");
    wait_for("the youngest to go on", || !stands("3"));
    dir.write("end.2", "");
    dir.write("end.3", "");
    run.wait().ok().stdout("1\n2\n3\n").quiet();
}

#[test]
fn a_suspended_job_is_ended_like_any_other() {
    let dir = Dir::new();
    let size = format!("{}", free_memory() / 5 * 4);
    let job = "echo $$ > pid.{}; sleep 1000";
    let run = fanout().dir(&dir).args(["--memsuspend", &size, "-j3", job, ":::", "1", "2", "3"]).spawn();
    let stands = || {
        let pid = if dir.has("pid.3") { dir.text("pid.3") } else { String::new() };
        std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default().contains(") T ")
    };
    wait_for("the youngest to be suspended", stands);
    run.signal(Signal::TERM);
    run.wait().dies_of(Signal::TERM).leaves_nothing();
}

#[test]
fn without_that_much_memory_nothing_starts() {
    let run = fanout().args(["--memfree", "100000T", "echo", ":::", "a"]).spawn();
    std::thread::sleep(A_WHILE);
    assert!(run.stdout_so_far().is_empty());
    run.signal(Signal::TERM);
    run.wait().dies_of(Signal::TERM).stdout("");
}

#[test]
fn the_file_of_load_is_read_again() {
    let dir = Dir::new();
    dir.write("max", "1");
    let busy = crate::harness::sh("while :; do :; done").dir(&dir).spawn();
    let run = fanout().dir(&dir).args(["--load", "max", "-k", "echo", ":::", "a", "b"]).spawn();
    std::thread::sleep(A_WHILE);
    assert!(run.stdout_so_far().is_empty(), "one thread runs, and that is too much");
    dir.write("max", "100000");
    run.wait().ok().stdout("a\nb\n").quiet();
    drop(busy);
}

#[test]
fn the_file_of_jobs_is_read_again_when_a_job_has_ended() {
    let dir = Dir::new();
    dir.write("jobs", "1\n");
    // The others wait for each other: they have to run at the same time.
    let job = "[ {} = 1 ] && { echo 3 > jobs; exit; }; touch run.{}; \
               until [ -e run.2 ] && [ -e run.3 ] && [ -e run.4 ]; do sleep 0.02; done; echo {}";
    let done = fanout().dir(&dir).args(["-j", "jobs", "-k", job, ":::", "1", "2", "3", "4"]).run();
    done.ok().stdout("2\n3\n4\n").quiet();
}

#[test]
fn the_file_of_jobs_is_read_again_without_any_end() {
    let dir = Dir::new();
    dir.write("jobs", "1\n");
    let job = "touch run.{}; until [ -e run.1 ] && [ -e run.2 ]; do sleep 0.02; done; echo {}";
    let run = fanout().dir(&dir).args(["-j", "jobs", "-k", job, ":::", "1", "2"]).spawn();
    wait_for("the first job", || dir.has("run.1"));
    dir.write("jobs", "2\n");
    run.wait().ok().stdout("1\n2\n").quiet();
}

#[test]
fn fewer_jobs_run_when_the_file_says_so() {
    let dir = Dir::new();
    dir.write("jobs", "4");
    // Who starts finds the marks of those that run.
    let job = "[ {} -le 4 ] && { touch a.{}; until [ -e a.1 ] && [ -e a.2 ] && [ -e a.3 ] && [ -e a.4 ]; do sleep 0.02; done; \
               echo 1 > jobs; sleep 1.2; exit; }; touch b.{}; ls b.* | wc -l; sleep 0.05; rm b.{}";
    let words = ["1", "2", "3", "4", "5", "6", "7", "8"];
    let done = fanout().dir(&dir).args(["-j", "jobs", "-k", job, ":::"]).args(words).run();
    done.ok().stdout("1\n1\n1\n1\n").quiet();
}

#[test]
fn a_file_of_jobs_that_becomes_nonsense_is_named_once_and_changes_nothing() {
    let dir = Dir::new();
    dir.write("jobs", "1");
    let done = fanout().dir(&dir).args(["-j", "jobs", "echo x > jobs; echo {}", ":::", "1", "2", "3"]).run();
    done.ok().stdout("1\n2\n3\n").stderr(
        "fanout: warning: --jobs 'jobs': the file must hold a number, or +N, -N or N% of the CPUs, or 0 for as many as \
         possible: it stays as it was\n",
    );
}

#[test]
fn a_number_that_is_no_number_and_no_file_is_named() {
    for (args, part) in [
        (["-j", "nofile"], "--jobs 'nofile' is no number"),
        (["--load", "nofile"], "--load 'nofile' is no number"),
        (["--load", "/"], "--load '/' is no number"),
        (["--memfree", "x"], "--memfree 'x': give a number"),
        (["--tmpl", "x"], "--template 'x': give a file"),
        (["--tmpl", "nofile=x"], "--template: can't read nofile: No such file"),
    ] {
        fanout().args(args).args(["echo", ":::", "a"]).run().fails_with(255).stdout("").stderr_has(part);
    }
}

/// Bytes of memory that are free here, in a container too.
fn free_memory() -> u64 {
    let number = |path: &str| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let limit = number("/sys/fs/cgroup/memory.max").zip(number("/sys/fs/cgroup/memory.current"));
    let text = std::fs::read_to_string("/proc/meminfo").expect("read /proc/meminfo");
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:")).expect("the line");
    let free = line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024;
    limit.map_or(free, |(most, used)| free.min(most.saturating_sub(used)))
}
