//! What is said about jobs: joblog, timing, summary, failures, progress.
//!
//! All of it is called from one thread, per job, so every part does no more than format a line into a buffer or add to
//! a total; buffers go to the kernel when the caller is idle ([`Report::flush`]).

mod failures;
#[cfg(test)]
mod fixture;
mod inputs;
mod joblog;
mod journal;
mod lines;
mod logfile;
mod progress;
mod running;
mod screen;
mod summary;
mod text;
mod timing;
mod xargs;

pub use progress::Census;
pub use running::say_running;

pub use joblog::{HEADER as JOBLOG_HEADER, Reruns, unescape_command, write_command};
pub use journal::{Decision, Journal, Retry};
pub use logfile::open_to_append;

use std::env;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::diag::Diag;
use crate::model::{Finished, Outcome, PoolReport, Seq, Slow, Started, Stops};
use crate::options::{self, Options};
use failures::Failures;
use joblog::JobLog;
use progress::{Counts, Progress};
use summary::Summary;
use timing::Timing;
use xargs::XargsReport;

/// Everything that listens to events.
pub struct Report<'a> {
    program: &'a str,
    joblog: Option<JobLog<'a>>,
    timing: Option<Timing<'a>>,
    summary: Option<Summary<'a>>,
    failures: Failures<'a>,
    progress: Option<Progress<'a>>,
    /// What progress has to know where it is shown only later.
    audience: Audience,
    diag: &'a Diag,
    start: Instant,
    counts: Counts,
    xargs: Option<XargsReport<'a>>,
}

/// What only the run itself knows, handed over at its end.
#[derive(Clone, Debug, Default)]
pub struct RunEnd {
    /// From the start of the run to its end, by a monotonic clock.
    pub wall: Duration,
    /// What the pool did.
    pub pool: PoolReport,
}

/// Who reads along on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// It can only print lines: `TERM` is `dumb`, empty or not set.
    pub dumb: bool,
    /// A CI keeps what is printed: `CI` is set, and not to nothing, `0` or `false`.
    pub ci: bool,
}

impl Audience {
    /// That of this process.
    pub fn of_process() -> Audience {
        Audience {
            stderr_is_terminal: io::stderr().is_terminal(),
            dumb: env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb"),
            ci: env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != "0" && ci != "false"),
        }
    }
}

/// What a job's end means for the counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Succeeded,
    Failed,
    /// We ended it, because the run was ending.
    Cancelled,
    /// It never started, because the run was ending.
    Skipped,
}

impl Verdict {
    fn of(job: &Finished) -> Verdict {
        match job.outcome {
            Outcome::Skipped | Outcome::AlreadyDone => Verdict::Skipped,
            Outcome::Cancelled => Verdict::Cancelled,
            _ if job.success => Verdict::Succeeded,
            _ => Verdict::Failed,
        }
    }
}

impl<'a> Report<'a> {
    /// Opens the files, so that one that can't be written is known before the first job starts.
    ///
    /// With progress on a terminal, messages of `diag` take the display off the screen from now on.
    ///
    /// # Errors
    /// A file that can't be created; a joblog that is an input, too.
    pub fn open(options: &'a Options, audience: Audience, diag: &'a Diag) -> Result<Report<'a>> {
        let start = Instant::now();
        inputs::refuse(options)?;
        Ok(Report {
            program: &options.program.name,
            timing: Timing::open(&options.report, diag)?,
            summary: Summary::open(&options.report, diag)?,
            joblog: JobLog::open(options, diag)?,
            failures: Failures::open(options, audience, diag),
            progress: Progress::open(options.report.progress, audience, diag, start),
            audience,
            diag,
            start,
            counts: Counts::default(),
            xargs: options.xargs.as_ref().map(|_| XargsReport::new(options, diag)),
        })
    }

    /// The number of jobs is known now.
    pub fn total(&mut self, jobs: u64) {
        self.counts.total = Some(jobs);
        if let Some(progress) = &mut self.progress {
            progress.total(jobs);
        }
    }

    /// A job's process exists. Only progress wants to know: [`Report::wants_started`].
    pub fn started(&mut self, started: &Started) {
        if let Some(progress) = &mut self.progress {
            progress.started(Instant::now(), started);
        }
    }

    /// A job runs longer than `--slow-timeout`.
    pub fn slow(&self, slow: &Slow) {
        let (ran, command) = (text::short(slow.ran), text::clip(&slow.command, failures::COMMAND));
        self.diag.warn(format_args!("job {} has been running for {ran}: {command}", slow.seq));
    }

    /// A job has failed and waits to be tried again: it does not run.
    pub fn waits(&mut self, seq: Seq) {
        if let Some(progress) = &mut self.progress {
            progress.waits(seq);
        }
    }

    /// Whether [`Report::started`] has any use.
    pub fn wants_started(&self) -> bool {
        self.progress.is_some()
    }

    /// A job has ended; its output may still have to wait for its turn (`-k`). Once for each job, before
    /// [`Report::finished`].
    pub fn ended(&mut self, finished: &Finished) {
        if finished.outcome == Outcome::AlreadyDone {
            self.counts.pass_over();
            if let Some(progress) = &mut self.progress {
                progress.passed_over();
            }
            return;
        }
        if let Some(xargs) = &mut self.xargs {
            xargs.ended(finished);
        }
        let failed = Verdict::of(finished) == Verdict::Failed;
        self.counts.add(failed);
        if let Some(progress) = &mut self.progress {
            progress.ended(finished.seq, failed);
        }
    }

    /// What the exit status of xargs depends on.
    pub fn stops(&self) -> Stops {
        self.xargs.as_ref().map(|xargs| xargs.heard().clone()).unwrap_or_default()
    }

    /// Shows progress from now on, in the form of `--progress`, or hides it, whatever was asked for at the start (as GNU
    /// parallel at SIGUSR2). `census` is asked what runs where slots have not told.
    pub fn toggle_progress(&mut self, census: Census<'a>) {
        let now = Instant::now();
        match &mut self.progress {
            Some(progress) => progress.toggle(now),
            None => {
                let shown = options::Progress::Counts;
                self.progress = Progress::open(shown, self.audience, self.diag, self.start)
                    .map(|progress| progress.late(self.counts, census, now));
            }
        }
    }

    /// A job has ended and its output has been handed to the sink. Its row of the joblog waits for [`Report::flush`].
    ///
    /// # Errors
    /// A log that can't be written. The job is counted all the same, and what was not written is kept for another try.
    pub fn finished(&mut self, finished: &Finished) -> Result<()> {
        if finished.outcome == Outcome::AlreadyDone {
            // It is no job of this run.
            return Ok(());
        }
        if let Some(summary) = &mut self.summary {
            summary.finished(finished);
        }
        self.failures.finished(finished);
        let logged = self.joblog.as_mut().map_or(Ok(()), |joblog| joblog.finished(finished));
        let timed = self.timing.as_mut().map_or(Ok(()), |timing| timing.finished(finished));
        logged.and(timed)
    }

    /// Whether so many rows of the joblog wait (64) that [`Report::flush`] should be called.
    pub fn is_full(&self) -> bool {
        self.joblog.as_ref().is_some_and(JobLog::is_full)
    }

    /// Whether any row of the joblog waits for [`Report::flush`].
    pub fn has_rows(&self) -> bool {
        self.joblog.as_ref().is_some_and(JobLog::has_rows)
    }

    /// Standard output can't be written any more: jobs with a row from now on are to be run again.
    pub fn output_lost(&mut self) {
        self.joblog.iter_mut().for_each(JobLog::output_lost);
    }

    /// This run resumes another one: `reruns` knows what its rows replace.
    pub fn resumes(&mut self, reruns: Arc<Reruns>) {
        self.joblog.iter_mut().for_each(|joblog| joblog.resumes(Arc::clone(&reruns)));
    }

    /// Gives every line to the kernel: to be called whenever the caller has nothing else to do, and the output of the jobs
    /// that have finished has been written. Until then at most 64 lines of other reports than the joblog wait. Costs
    /// nothing when nothing waits.
    ///
    /// # Errors
    /// A log that can't be written.
    pub fn flush(&mut self) -> Result<()> {
        let logged = self.joblog.as_mut().map_or(Ok(()), JobLog::flush);
        let timed = self.timing.as_mut().map_or(Ok(()), Timing::flush);
        logged.and(timed)
    }

    /// Takes what belongs on standard output, which only the sink writes: the joblog's header and rows with
    /// `--joblog -`, and so on. To be called before the first job's output, after each [`Report::finished`] and after
    /// [`Report::close`].
    pub fn take_stdout(&mut self) -> Vec<u8> {
        let mut bytes = self.joblog.as_mut().map(JobLog::take_stdout).unwrap_or_default();
        bytes.append(&mut self.timing.as_mut().map(Timing::take_stdout).unwrap_or_default());
        bytes.append(&mut self.summary.as_mut().map(Summary::take_stdout).unwrap_or_default());
        bytes
    }

    /// How long the caller may wait before it calls [`Report::tick`]; `None`: forever.
    pub fn tick_interval(&self) -> Option<Duration> {
        self.progress.as_ref().and_then(Progress::tick_interval)
    }

    /// Time has passed, or a burst of output is over: draws the progress display if one is due. May be called as often
    /// as is handy.
    ///
    /// `may_draw`: we are in the terminal's foreground, and the last byte that went to the terminal was a newline (a
    /// display would wipe a line that is not finished). It only matters on a terminal.
    pub fn tick(&mut self, may_draw: bool) {
        if let Some(progress) = &mut self.progress {
            progress.tick(Instant::now(), may_draw);
        }
    }

    /// Takes the progress display off the terminal, because output comes there, or because we are about to be stopped;
    /// the next tick draws it again. Costs nothing when nothing is drawn.
    pub fn step_aside(&mut self) {
        if let Some(progress) = &mut self.progress {
            progress.step_aside();
        }
    }

    /// Ends the display, writes totals, and makes sure that everything reached its file. Each report does its part even
    /// when another one failed.
    ///
    /// # Errors
    /// The first file that can't be written.
    pub fn close(&mut self, end: &RunEnd) -> Result<()> {
        self.step_aside();
        if let Some(mut progress) = self.progress.take() {
            progress.close(Instant::now());
        }
        let flushed = self.flush();
        self.failures.close();
        let summed = self.summary.as_mut().map_or(Ok(()), |summary| summary.close(self.program, end));
        flushed.and(summed)
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::finished;
    use super::*;
    use crate::options::{Joblog, ReportFormat, ReportTo};

    #[test]
    fn everything_for_standard_output_is_handed_over() {
        let mut options = Options::default();
        let to = |format| Some(ReportTo { format, file: Some("-".into()) });
        options.report.joblog = Some(Joblog { path: "-".into(), append: false });
        options.report.timing = to(ReportFormat::Json);
        options.report.summary = to(ReportFormat::Json);
        let diag = Diag::new("fanout");
        let mut report = Report::open(&options, Audience::default(), &diag).expect("opens");
        assert_eq!(report.take_stdout(), JOBLOG_HEADER);
        let job = finished(1, Outcome::Exited(0), 1, b"true");
        report.ended(&job);
        report.finished(&job).expect("is written");
        report.flush().expect("is written");
        assert_eq!(String::from_utf8_lossy(&report.take_stdout()).lines().count(), 2);
        report.close(&RunEnd::default()).expect("is written");
        assert!(report.take_stdout().starts_with(b"{\"jobs\":1,"));
        assert_eq!(report.tick_interval(), None);
        assert!(!report.wants_started());
    }

    #[test]
    fn one_full_disk_does_not_silence_the_others() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("timing");
        let mut options = Options::default();
        options.report.joblog = Some(Joblog { path: "/dev/full".into(), append: true });
        options.report.timing = Some(ReportTo { format: ReportFormat::Json, file: Some(path.clone()) });
        let diag = Diag::new("fanout");
        assert!(Report::open(&options, Audience::default(), &diag).is_err(), "known before the first job");
        options.report.joblog = None;
        options.report.summary = Some(ReportTo { format: ReportFormat::Text, file: Some("/dev/full".into()) });
        let mut report = Report::open(&options, Audience::default(), &diag).expect("opens");
        report.finished(&finished(1, Outcome::Exited(0), 1, b"true")).expect("waits");
        let error = report.close(&RunEnd::default()).expect_err("no space").to_string();
        assert!(error.starts_with("--summary-file /dev/full: can't be written: "), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("reads").lines().count(), 1);
    }
}
