//! `--summary`: totals at the end of a run.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use super::joblog::milliseconds;
use super::lines::Lines;
use super::timing::Command;
use super::{RunEnd, Verdict};
use crate::diag::Diag;
use crate::model::{Finished, Histogram, Outcome, Usage};
use crate::options::{ReportFormat, ReportOptions};

mod text;

/// So many of the slowest jobs are named.
const SLOWEST: usize = 5;

/// Totals so far, and where they will go.
pub struct Summary<'a> {
    lines: Lines<'a>,
    format: ReportFormat,
    totals: Totals,
}

impl<'a> Summary<'a> {
    /// Opens the file. `None` without `--summary`.
    ///
    /// # Errors
    /// A file that can't be opened.
    pub fn open(options: &ReportOptions, diag: &'a Diag) -> Result<Option<Summary<'a>>> {
        let Some(to) = &options.summary else { return Ok(None) };
        let lines = Lines::open("--summary-file", to.file.as_deref(), false, diag)?;
        Ok(Some(Summary { lines, format: to.format, totals: Totals::default() }))
    }

    /// Adds a job to the totals.
    pub fn finished(&mut self, job: &Finished) {
        self.totals.add(job);
    }

    /// Writes the totals.
    ///
    /// # Errors
    /// A file that can't be written.
    pub fn close(&mut self, program: &str, end: &RunEnd) -> Result<()> {
        let page = Page::new(&self.totals, end);
        let buffer = self.lines.buffer();
        match self.format {
            ReportFormat::Text => text::write(program, &page, buffer)?,
            ReportFormat::Json => {
                serde_json::to_writer(&mut *buffer, &page)?;
                buffer.push(b'\n');
            }
        }
        self.lines.flush()
    }

    /// What is meant for standard output (`--summary-file -`).
    pub fn take_stdout(&mut self) -> Vec<u8> {
        self.lines.take_stdout()
    }
}

/// What is counted while jobs end: nothing here grows with their number.
#[derive(Default)]
struct Totals {
    counts: Counts,
    stdout_bytes: u64,
    stderr_bytes: u64,
    wall: Duration,
    /// The sum of what the joblog shows as JobRuntime, in milliseconds.
    joblog_runtime: u64,
    usage: Usage,
    walls: Histogram,
    /// The slowest jobs, slowest first; of equals, the first to end.
    slowest: Vec<Slow>,
}

/// Jobs by how they ended.
#[derive(Clone, Copy, Default, Serialize)]
struct Counts {
    succeeded: u64,
    failed: u64,
    /// Of those that failed: ended by `--timeout`.
    timed_out: u64,
    /// Of those that failed: killed by a signal that was not ours.
    killed: u64,
    /// Of those that failed: could not be started.
    not_started: u64,
    /// Were running when the run was cancelled.
    cancelled: u64,
    /// Were never started because the run was ending.
    skipped: u64,
    /// Left something in the background that held their output.
    leaked: u64,
    /// Tries beyond the first of each job.
    retries: u64,
}

struct Slow {
    seq: u64,
    wall: Duration,
    command: Vec<u8>,
}

impl Counts {
    fn add(&mut self, job: &Finished) {
        match Verdict::of(job) {
            Verdict::Skipped => self.skipped += 1,
            Verdict::Cancelled => self.cancelled += 1,
            Verdict::Succeeded => self.succeeded += 1,
            Verdict::Failed => self.failed += 1,
        }
        match job.outcome {
            Outcome::TimedOut => self.timed_out += 1,
            Outcome::Signaled(_) => self.killed += 1,
            Outcome::SpawnFailed(_) | Outcome::NotExecutable(_) | Outcome::Refused(_) => self.not_started += 1,
            _ => {}
        }
        self.leaked += u64::from(job.leaked);
        self.retries += u64::from(job.tries.saturating_sub(1));
    }
}

impl Totals {
    fn add(&mut self, job: &Finished) {
        self.counts.add(job);
        self.stdout_bytes += job.stdout_bytes;
        self.stderr_bytes += job.stderr_bytes;
        if job.outcome == Outcome::Skipped {
            return;
        }
        self.joblog_runtime += milliseconds(job.wall);
        if matches!(job.outcome, Outcome::SpawnFailed(_) | Outcome::NotExecutable(_) | Outcome::Refused(_)) {
            // It has a row in the joblog, but it is no measure of how long jobs take.
            return;
        }
        self.wall += job.wall;
        self.walls.add(job.wall);
        self.usage.user += job.usage.user;
        self.usage.system += job.usage.system;
        if job.usage.peak_rss > self.usage.peak_rss {
            self.usage.peak_rss = job.usage.peak_rss;
            self.usage.peak_is_bound = job.usage.peak_is_bound;
        }
        if self.slowest.len() < SLOWEST || self.slowest.last().is_some_and(|last| last.wall < job.wall) {
            let at = self.slowest.partition_point(|slow| slow.wall >= job.wall);
            self.slowest.truncate(SLOWEST - 1);
            self.slowest.insert(at, Slow { seq: job.seq.0, wall: job.wall, command: job.command.clone() });
        }
    }
}

/// Everything that a summary says; as JSON, one object. The names and units of its members are promised to programs.
#[derive(Serialize)]
struct Page<'a> {
    /// All jobs that were read: succeeded, failed, cancelled and skipped.
    jobs: u64,
    #[serde(flatten)]
    counts: Counts,
    wall_s: f64,
    /// Jobs that were started, by `wall_s`.
    jobs_per_s: f64,
    stdout_bytes: u64,
    stderr_bytes: u64,
    output_bytes_per_s: f64,
    /// The sum of the wall times of all jobs.
    job_wall_s: f64,
    /// The same in the precision of the joblog: the sum of its JobRuntime column.
    joblog_runtime_s: f64,
    /// `job_wall_s` by `wall_s`: against one job after the other.
    speedup: f64,
    user_s: f64,
    system_s: f64,
    /// Peak memory of the largest process of any job.
    peak_rss_bytes: u64,
    /// `peak_rss_bytes` is only an upper bound.
    peak_is_bound: bool,
    /// Of the jobs' wall time; null when none ran.
    percentiles: Option<Percentiles>,
    /// How many slots there could be.
    slots: usize,
    slots_reason: &'a str,
    /// Jobs of each slot that was started.
    jobs_per_slot: &'a [u64],
    peak_running: usize,
    steals: u64,
    buffers_allocated: u64,
    buffers_reused: u64,
    peak_waiting_bytes: u64,
    spilled_bytes: u64,
    slowest: Vec<SlowRow<'a>>,
}

#[derive(Serialize)]
struct Percentiles {
    min_s: f64,
    median_s: f64,
    p90_s: f64,
    p99_s: f64,
    max_s: f64,
}

#[derive(Serialize)]
struct SlowRow<'a> {
    seq: u64,
    wall_s: f64,
    #[serde(flatten)]
    command: Command<'a>,
    #[serde(skip)]
    bytes: &'a [u8],
}

impl<'a> Page<'a> {
    fn new(totals: &'a Totals, end: &'a RunEnd) -> Page<'a> {
        let (counts, wall) = (totals.counts, end.wall.as_secs_f64());
        // A run without any length has no speed.
        let per_second = |amount: f64| if wall > 0.0 { amount / wall } else { 0.0 };
        let percentile = |percent| totals.walls.percentile(percent).as_secs_f64();
        Page {
            jobs: counts.succeeded + counts.failed + counts.cancelled + counts.skipped,
            counts,
            wall_s: wall,
            jobs_per_s: per_second(totals.walls.count() as f64),
            stdout_bytes: totals.stdout_bytes,
            stderr_bytes: totals.stderr_bytes,
            output_bytes_per_s: per_second((totals.stdout_bytes + totals.stderr_bytes) as f64),
            job_wall_s: totals.wall.as_secs_f64(),
            joblog_runtime_s: totals.joblog_runtime as f64 / 1e3,
            speedup: per_second(totals.wall.as_secs_f64()),
            user_s: totals.usage.user.as_secs_f64(),
            system_s: totals.usage.system.as_secs_f64(),
            peak_rss_bytes: totals.usage.peak_rss,
            peak_is_bound: totals.usage.peak_is_bound,
            percentiles: (totals.walls.count() > 0).then(|| Percentiles {
                min_s: totals.walls.min().as_secs_f64(),
                median_s: percentile(50.0),
                p90_s: percentile(90.0),
                p99_s: percentile(99.0),
                max_s: totals.walls.max().as_secs_f64(),
            }),
            slots: end.pool.slots,
            slots_reason: &end.pool.slots_reason,
            jobs_per_slot: &end.pool.jobs_per_slot,
            peak_running: end.pool.peak_running,
            steals: end.pool.steals,
            buffers_allocated: end.pool.buffers.allocated,
            buffers_reused: end.pool.buffers.reused,
            peak_waiting_bytes: end.pool.buffers.peak_waiting,
            spilled_bytes: end.pool.spilled_bytes,
            slowest: totals
                .slowest
                .iter()
                .map(|slow| SlowRow {
                    seq: slow.seq,
                    wall_s: slow.wall.as_secs_f64(),
                    command: Command::new(&slow.command),
                    bytes: &slow.command,
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests;
