use super::super::fixture::{finished, millis};
use super::super::joblog::JobLog;
use super::*;
use crate::model::{PoolReport, PoolStats};
use crate::options::{Joblog, Options, ReportTo};

fn options(format: ReportFormat) -> Options {
    let mut options = Options::default();
    options.report.summary = Some(ReportTo { format, file: Some("-".into()) });
    options
}

fn render(format: ReportFormat, jobs: &[Finished], end: &RunEnd) -> String {
    let diag = Diag::new("fanout");
    let options = options(format);
    let mut summary = Summary::open(&options.report, &diag).expect("opens").expect("is on");
    for job in jobs {
        summary.finished(job);
    }
    summary.close("fanout", end).expect("is rendered");
    String::from_utf8(summary.take_stdout()).expect("is UTF-8")
}

fn jobs() -> Vec<Finished> {
    let mut jobs: Vec<Finished> = (1..=100)
        .map(|seq| {
            let mut job = finished(seq, Outcome::Exited(0), seq * 10, format!("sleep {seq}").as_bytes());
            job.stdout_bytes = 1000;
            job.received = 1000;
            job.stderr_bytes = 24;
            job.usage = Usage { user: millis(2), system: millis(1), peak_rss: seq << 20, peak_is_bound: seq < 50 };
            job
        })
        .collect();
    jobs.push(finished(101, Outcome::Exited(3), 10_000, b"hostile \x1b[2J\xff"));
    jobs.push(finished(102, Outcome::Signaled(9), 20, b"x"));
    jobs.push(finished(103, Outcome::TimedOut, 10_000, b"y"));
    jobs.push(finished(104, Outcome::SpawnFailed("no".into()), 70, b"z"));
    jobs.push(finished(105, Outcome::Cancelled, 60, b"v"));
    jobs.push(finished(106, Outcome::Skipped, 0, b"w"));
    jobs[0].leaked = true;
    jobs[1].tries = 3;
    jobs
}

fn end() -> RunEnd {
    RunEnd {
        wall: millis(20_000),
        pool: PoolReport {
            slots: 4,
            slots_reason: "CPUs of the affinity mask".into(),
            jobs_per_slot: vec![30, 29, 31, 15],
            steals: 1,
            peak_running: 4,
            buffers: PoolStats { allocated: 8, reused: 200, peak_waiting: 1 << 20 },
            spilled_bytes: 3 << 30,
        },
    }
}

#[test]
fn text_for_people() {
    insta::assert_snapshot!(render(ReportFormat::Text, &jobs(), &end()), @r##"
    fanout: 106 jobs in 20.000 s
      result      100 succeeded, 4 failed (1 timed out, 1 killed, 1 could not start), 1 cancelled, 1 never started, 2 tries repeated, 1 left something in the background
      throughput  5.2 jobs/s, 5.0 KiB/s of output (100.0 KiB in all)
      speed-up    3.53 over one after another (70.580 s of jobs)
      cost        0.200 s user, 0.100 s system, largest process 100.0 MiB
      job time    min 0.010  median 0.500  p90 0.920  p99 10.000  max 10.000 s
      slots       4 (CPUs of the affinity mask), 4 started, at most 4 jobs at once
      per slot    30 29 31 15 jobs; 1 steal
      buffers     8 allocated, 200 reused, at most 1.0 MiB waited in memory, 3.0 GiB in a file
      slowest        10.000 s  job 101  hostile \x1b[2J\xff
                     10.000 s  job 103  y
                      1.000 s  job 100  sleep 100
                      0.990 s  job 99  sleep 99
                      0.980 s  job 98  sleep 98
    "##);
}

#[test]
fn text_of_a_run_without_jobs_and_of_one_with_many_slots() {
    insta::assert_snapshot!(render(ReportFormat::Text, &[], &RunEnd::default()), @r##"
    fanout: 0 jobs in 0.000 s
      result      0 succeeded, 0 failed
      throughput  0.0 jobs/s, 0 B/s of output (0 B in all)
      speed-up    0.00 over one after another (0.000 s of jobs)
      cost        0.000 s user, 0.000 s system, largest process 0 B
      slots       0, 0 started, at most 0 jobs at once
      buffers     0 allocated, 0 reused, at most 0 B waited in memory, 0 B in a file
    "##);
    let mut end = end();
    end.pool.jobs_per_slot = (1..=17).collect();
    let text = render(ReportFormat::Text, &[], &end);
    assert!(text.contains("  per slot    1 to 17 jobs; 1 steal\n"), "{text}");
}

#[test]
fn json_for_programs() {
    let text = render(ReportFormat::Json, &jobs(), &end());
    insta::assert_snapshot!(text, @r##"{"jobs":106,"succeeded":100,"failed":4,"timed_out":1,"killed":1,"not_started":1,"cancelled":1,"skipped":1,"leaked":1,"retries":2,"wall_s":20.0,"jobs_per_s":5.2,"stdout_bytes":100000,"stderr_bytes":2400,"output_bytes_per_s":5120.0,"job_wall_s":70.58,"joblog_runtime_s":70.65,"speedup":3.529,"user_s":0.2,"system_s":0.1,"peak_rss_bytes":104857600,"peak_is_bound":false,"percentiles":{"min_s":0.01,"median_s":0.50003968,"p90_s":0.919863296,"p99_s":10.0,"max_s":10.0},"slots":4,"slots_reason":"CPUs of the affinity mask","jobs_per_slot":[30,29,31,15],"peak_running":4,"steals":1,"buffers_allocated":8,"buffers_reused":200,"peak_waiting_bytes":1048576,"spilled_bytes":3221225472,"slowest":[{"seq":101,"wall_s":10.0,"command":"hostile \u001b[2J�","command_bytes":[104,111,115,116,105,108,101,32,27,91,50,74,255]},{"seq":103,"wall_s":10.0,"command":"y"},{"seq":100,"wall_s":1.0,"command":"sleep 100"},{"seq":99,"wall_s":0.99,"command":"sleep 99"},{"seq":98,"wall_s":0.98,"command":"sleep 98"}]}"##);
    serde_json::from_str::<serde_json::Value>(&text).expect("parses");
    let empty: serde_json::Value =
        serde_json::from_str(&render(ReportFormat::Json, &[], &RunEnd::default())).expect("parses");
    assert!(empty["percentiles"].is_null());
    assert_eq!(empty["speedup"], 0.0);
}

/// The totals are those that anyone would add up from the joblog.
#[test]
fn totals_equal_the_joblog() {
    let diag = Diag::new("fanout");
    let mut options = options(ReportFormat::Json);
    options.report.joblog = Some(Joblog { path: "-".into(), append: false });
    let mut joblog = JobLog::open(&options, &diag).expect("opens").expect("is on");
    let mut jobs = jobs();
    for (index, job) in jobs.iter_mut().enumerate() {
        // Fractions of a millisecond, which each row rounds.
        job.wall += Duration::from_micros(index as u64 * 37 % 1000);
        joblog.finished(job).expect("is written");
    }
    let log = String::from_utf8_lossy(&joblog.take_stdout()).into_owned();
    let column = |index: usize| -> Vec<String> {
        log.lines().skip(1).map(|row| row.split('\t').nth(index).expect("is there").trim().to_owned()).collect()
    };
    let runtimes: Vec<u64> = column(3).iter().map(|text| text.replace('.', "").parse().expect("is a number")).collect();
    let received: u64 = column(5).iter().map(|text| text.parse::<u64>().expect("is a number")).sum();

    let page: serde_json::Value = serde_json::from_str(&render(ReportFormat::Json, &jobs, &end())).expect("parses");
    assert_eq!(page["joblog_runtime_s"], runtimes.iter().sum::<u64>() as f64 / 1e3);
    assert_eq!(page["stdout_bytes"], received);
    let rows = page["jobs"].as_u64().expect("is a number") - page["skipped"].as_u64().expect("is a number");
    assert_eq!(rows, runtimes.len() as u64);
}

#[test]
fn percentiles_are_within_20_ms() {
    let page: serde_json::Value =
        serde_json::from_str(&render(ReportFormat::Json, &jobs()[..100], &end())).expect("parses");
    for (key, seconds) in [("min_s", 0.01), ("median_s", 0.5), ("p90_s", 0.9), ("p99_s", 0.99), ("max_s", 1.0)] {
        let found = page["percentiles"][key].as_f64().expect("is a number");
        assert!((found - seconds).abs() < 0.02, "{key}: {found}");
    }
}
