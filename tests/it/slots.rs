//! How many jobs run at the same time, and where.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::Signal;

use crate::harness::{Cmd, Dir, fanout, fanout_bin, is_root, procs, seq, sh, wait_for};

/// A job that waits until there are `count` of its kind at the same time, so that the run can only end if so many may
/// run at once.
fn meet(count: usize) -> String {
    format!("touch here.{{}}; until set -- here.*; [ $# -ge {count} ]; do sleep 0.05; done; :")
}

/// The most jobs that were there at the same time: each writes how many it saw.
fn overlap(args: &[&str]) -> usize {
    let job = "mkdir run.{}; sleep 0.1; ls -d run.* | wc -l; rmdir run.{}";
    let done = fanout().args(args).arg(job).stdin(seq(12)).run().ok();
    let counts = done.text();
    counts.lines().map(|line| line.trim().parse().expect("a count")).max().expect("counts")
}

#[test]
fn so_many_at_once_as_jobs_says() {
    for (flag, slots) in [("-j1", 1), ("-j3", 3), ("--jobs=5", 5)] {
        fanout().args([flag, &meet(slots)]).stdin(seq(slots)).run().ok();
        let most = overlap(&[flag]);
        assert!(most <= slots, "{flag}: {most} at once");
    }
}

#[test]
fn percentages_and_differences_of_the_cpus() {
    let one = ["taskset", "-c", "0"];
    for (flag, slots) in [("-j100%", 1), ("-j400%", 4), ("-j+3", 4), ("-j-5", 1), ("-j1%", 1)] {
        let done = fanout().under(one).args([flag, &meet(slots)]).stdin(seq(slots)).run().ok();
        drop(done);
        let job = "mkdir run.{}; sleep 0.1; ls -d run.* | wc -l; rmdir run.{}";
        let counts = fanout().under(one).args([flag, job]).stdin(seq(6)).run().ok().text();
        let most: usize = counts.lines().map(|line| line.trim().parse().expect("a count")).max().expect("counts");
        assert!(most <= slots, "{flag}: {most} at once");
    }
}

#[test]
fn by_default_a_slot_per_cpu_that_this_process_may_use() {
    let done = fanout()
        .under(["taskset", "-c", "0"])
        .args(["--summary=json", "--summary-file=s", "true", ":::", "1"])
        .run()
        .ok();
    let summary: serde_json::Value = serde_json::from_slice(&done.dir.read("s")).expect("JSON");
    assert_eq!(summary["slots"].as_u64(), Some(1), "{summary}");
}

#[test]
fn bad_numbers_of_jobs_are_bad_usage() {
    for flag in ["-jx", "-j-", "-j%", "-j1.5.2", "--jobs="] {
        fanout().args([flag, "echo", ":::", "x"]).run().fails_with(255).stdout("").stderr_has("--jobs");
    }
}

#[test]
fn jobs_0_is_as_many_as_the_machine_allows() {
    fanout().args(["-j0", &meet(60)]).stdin(seq(60)).run().ok();
}

#[test]
fn a_thousand_at_once() {
    // One thousand that wait for each other: with fewer slots this would never end.
    let dir = Dir::new();
    let gate = dir.fifo("gate");
    let job = "echo >> here; read x < gate; : {#}";
    let running = fanout().dir(&dir).args(["-j1000", job]).stdin(seq(1000)).spawn();
    wait_for("a thousand jobs", || dir.has("here") && dir.read("here").len() == 1000);
    // As long as the gate is open for writing, nobody who reads it finds its end.
    let mut open = std::fs::File::options().write(true).open(gate).expect("open the gate");
    std::io::Write::write_all(&mut open, seq(1000).as_bytes()).expect("let them go");
    drop(open);
    running.wait().ok().quiet();
}

#[test]
fn slot_numbers_stay_within_the_number_of_slots() {
    let done = fanout().args(["-j4", "echo {%}; sleep 0.01"]).stdin(seq(60)).run().ok();
    let slots: BTreeSet<u32> = done.text().lines().map(|line| line.parse().expect("a slot")).collect();
    assert!(slots.iter().all(|slot| (1..=4).contains(slot)) && slots.contains(&1), "{slots:?}");
}

#[test]
fn no_two_jobs_are_in_the_same_slot_at_once() {
    let job = "mkdir slot.{%} && sleep 0.01 && rmdir slot.{%}";
    fanout().args(["-j7", job]).stdin(seq(100)).run().ok().quiet();
}

#[test]
fn slots_start_on_demand() {
    let mut running = fanout().args(["-j500", "echo"]).stdin_live().spawn();
    running.feed("1\n");
    running.wait_stdout("1\n");
    let threads: usize =
        procs::status_field(&running.pid().to_string(), "Threads").expect("a count").parse().expect("a count");
    assert!(threads < 50, "{threads} threads for one job");
    running.wait().ok();
}

/// As an unprivileged user whom nobody else is, because the limit counts all processes of a user.
fn under_process_limit(limit: usize, args: &[&str]) -> Cmd {
    let dir = Dir::new();
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let uid = format!("{}", 60_000 + (std::process::id() + next * 97) % 5000);
    // The program may stand where only root may look.
    std::fs::copy(fanout_bin(), dir.join("fanout")).expect("copy");
    let limit = format!("--nproc={limit}");
    let setpriv = ["setpriv", "--reuid", &uid, "--regid", &uid, "--clear-groups", "prlimit", &limit, "./fanout"];
    Cmd::new("env").dir(&dir).args(setpriv).args(args)
}

/// A job that starts no process of its own, because that would meet the limit by itself, and nobody could help it.
/// What it would print, `-v` prints.
const BRIEF: [&str; 4] = ["-k", "-v", "/bin/sleep", "0.05{}"];

/// What so many of them print.
fn briefs(count: usize) -> String {
    (1..=count).map(|n| format!("/bin/sleep 0.05{n}\n")).collect()
}

#[test]
fn too_few_processes_lower_concurrency_and_lose_nothing() {
    if is_root() {
        let done =
            under_process_limit(40, &[&["-j60"], &BRIEF[..]].concat()).stdin(seq(100)).run().ok().stdout(briefs(100));
        let warnings = done.error_text().lines().filter(|line| line.contains("warning")).count();
        done.check(warnings == 1, "expected one warning");
        assert_eq!(done.error_text().lines().count(), 1, "{}", done.error_text());
    } else {
        // Other tests run as the same user, so nobody knows how many are left; the run must get through all the same.
        let now = std::fs::read_dir("/proc").expect("list processes").count();
        let cmd = fanout().under_sh(&format!("ulimit -u {}", now + 60)).arg("-j200").args(BRIEF);
        cmd.stdin(seq(300)).run().ok().stdout(briefs(300));
    }
}

#[test]
fn jobs_that_share_a_stream_all_run_or_the_run_ends() {
    // Nobody else has an own limit.
    if !is_root() {
        return;
    }
    // The threads are enough in one case, and not in the other.
    for (limit, way) in [(70, "--bin=1"), (30, "--round-robin")] {
        let done = under_process_limit(limit, &["-j60", "-k", "--pipe", way, "/bin/cat"]);
        // More than can wait for a job that has not been started.
        let done = done.stdin(seq(1_000_000)).run();
        done.fails_with(255).stderr_has("all jobs have to run at once");
    }
    // Here those that run go on.
    under_process_limit(40, &["-j60", "--pipe", "--round-robin", "-N1", "/bin/cat"]).stdin(seq(100)).run().ok();
}

#[test]
fn where_nothing_can_be_started_the_run_fails_and_does_not_hang() {
    if is_root() {
        // Room for one thread, for two, for a thread and a job, and so on.
        for limit in 1..=8 {
            let done = under_process_limit(limit, &["-j3", "-k", "/bin/echo"]).stdin(seq(100)).run();
            let failed = done.status.code() == Some(255) && done.error_text().contains("can't start a thread");
            // Jobs that found no room have failed; none is missing.
            let printed = done.text().lines().count() as i32;
            let counted = done.status.code() == Some((100 - printed).min(101));
            done.check(failed || counted, "an error, or jobs that failed");
        }
    }
    // Room for fanout, and for no pipes of a job.
    let done = fanout().under(["prlimit", "--nofile=12:12"]).args(["-j2", "echo", ":::", "1", "2", "3"]).run();
    done.fails_with(3).stderr_has("no room for one more process");
}

#[test]
fn signals_are_heard_where_no_thread_can_be_started_for_one_more_slot() {
    // As root only: nobody else can be a user who runs nothing else.
    for limit in if is_root() { 4..8 } else { 0..0 } {
        let running = under_process_limit(limit, &["-j3", "/bin/sleep", ":::", "1001", "1002", "1003"]).spawn();
        running.wait_stderr("going on with");
        running.signal(Signal::TERM);
        running.wait().dies_of(Signal::TERM);
    }
}

#[test]
fn too_few_descriptors_lower_concurrency_and_lose_nothing() {
    let done =
        fanout().under(["prlimit", "--nofile=40:40"]).args(["-j100", "-k", "sleep 0.02; echo"]).stdin(seq(200)).run();
    let done = done.ok().stdout(seq(200));
    let warnings = done.error_text().lines().filter(|line| line.contains("warning")).count();
    done.check(warnings == 1, "expected one warning");
}

#[test]
fn the_soft_limit_of_descriptors_is_raised_only_for_us() {
    let limit = ["prlimit", "--nofile=64:4096"];
    let done = fanout().under(limit).args(["-j200", "ulimit -Sn; ulimit -Hn; :"]).stdin(seq(200)).run().ok().quiet();
    assert_eq!(done.text(), "64\n4096\n".repeat(200));
    // The same without a shell.
    let args = ["-j200", "grep", "-h", "'Max open files'", ":::"];
    let done = fanout().under(limit).args(args).args(vec!["/proc/self/limits"; 200]).run().ok();
    for line in done.text().lines() {
        assert_eq!(line.split_whitespace().skip(3).take(2).collect::<Vec<_>>(), ["64", "4096"], "{line}");
    }
}

/// The CPUs in a list like `0-2,5`.
fn cpus(list: &str) -> BTreeSet<usize> {
    let parse = |text: &str| text.trim().parse::<usize>().expect("a CPU");
    let ranges = list.trim().split(',').map(|range| range.split_once('-').unwrap_or((range, range)));
    ranges.flat_map(|(from, to)| parse(from)..=parse(to)).collect()
}

fn own_cpus() -> BTreeSet<usize> {
    cpus(&procs::status_field("self", "Cpus_allowed_list").expect("Cpus_allowed_list"))
}

#[test]
fn without_pin_the_affinity_mask_is_untouched() {
    let done = fanout().args(["-j3", "grep", "Cpus_allowed_list", ":::"]).args(["/proc/self/status"; 5]).run().ok();
    for line in done.text().lines() {
        assert_eq!(cpus(line.rsplit('\t').next().expect("a list")), own_cpus());
    }
}

#[test]
fn pinned_jobs_have_one_cpu_each() {
    for pin in ["--pin=compact", "--pin=spread"] {
        let count = own_cpus().len();
        let job = format!(
            "touch here.{{}}; until set -- here.*; [ $# -ge {count} ]; do sleep 0.02; done; grep Cpus_allowed_list /proc/self/status"
        );
        let done = fanout().args([pin, &format!("-j{count}"), &job]).stdin(seq(count)).run().ok();
        let lists: Vec<BTreeSet<usize>> =
            done.text().lines().map(|line| cpus(line.rsplit('\t').next().expect("a list"))).collect();
        assert!(lists.iter().all(|list| list.len() == 1), "{pin}: {lists:?}");
        let all: BTreeSet<usize> = lists.into_iter().flatten().collect();
        assert_eq!(all, own_cpus(), "{pin}: as many slots as CPUs use them all");
    }
}

#[test]
fn pinned_to_a_list() {
    let last = *own_cpus().last().expect("a CPU");
    let done = fanout()
        .args([&format!("--pin={last}"), "-j3", "grep", "Cpus_allowed_list", ":::"])
        .args(["/proc/self/status"; 5])
        .run()
        .ok();
    for line in done.text().lines() {
        assert_eq!(cpus(line.rsplit('\t').next().expect("a list")), BTreeSet::from([last]));
    }
}

#[test]
fn a_cpu_that_we_may_not_use_is_bad_usage() {
    let done = fanout().args(["--pin=9999", "echo", ":::", "x"]).run();
    done.fails_with(255).stdout("").stderr_has("--pin").stderr_has("9999");
    fanout().args(["--pin=sideways", "echo", ":::", "x"]).run().fails_with(255).stdout("").stderr_has("--pin");
}

#[test]
fn as_many_jobs_as_there_are_lines_whatever_the_slots() {
    for slots in ["1", "2", "16", "100"] {
        sh(&format!("seq 300 | \"$FANOUT_BIN\" -j{slots} echo | sort -n")).run().ok().stdout(seq(300));
    }
}
