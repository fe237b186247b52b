//! What is said about jobs.

use std::path::PathBuf;

/// What is said about jobs.
#[derive(Clone, Debug)]
pub struct ReportOptions {
    /// `--timing`: a line per job.
    pub timing: Option<ReportTo>,
    /// `--summary`: totals at the end.
    pub summary: Option<ReportTo>,
    /// `--joblog`.
    pub joblog: Option<Joblog>,
    /// What the joblog of an earlier run decides.
    pub resume: Resume,
    /// `--fsync`: rows of the joblog are on the disk before the run goes on.
    pub fsync: bool,
    /// `--bar`, `--progress`, `--eta`.
    pub progress: Progress,
    /// `--total-jobs`: how many jobs there are, as somebody has said.
    pub total_jobs: Option<u64>,
    /// Whether failed jobs are listed on standard error.
    pub failures: Failures,
}

/// A report's form and place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportTo {
    /// Its form.
    pub format: ReportFormat,
    /// Its file; `None` is standard error.
    pub file: Option<PathBuf>,
}

/// A report's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// For people.
    Text,
    /// For programs: one object per line.
    Json,
}

/// `--joblog`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joblog {
    /// The file; `-` is standard output, as in GNU parallel.
    pub path: PathBuf,
    /// `+FILE`: add to what is there.
    pub append: bool,
}

/// What the joblog of an earlier run decides. In the order of their strength, where several are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resume {
    /// Nothing.
    #[default]
    No,
    /// `--resume`: jobs that have finished are passed over.
    Finished,
    /// `--resume-failed`: jobs that have succeeded are passed over.
    Succeeded,
    /// `--retry-failed`: the commands of those that have not succeeded are run again, and nothing else.
    Retry,
}

impl Resume {
    /// The option, for messages.
    pub fn option(self) -> &'static str {
        match self {
            Resume::No => "--joblog",
            Resume::Finished => "--resume",
            Resume::Succeeded => "--resume-failed",
            Resume::Retry => "--retry-failed",
        }
    }
}

/// What is shown while jobs run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing.
    No,
    /// `--bar`: a bar with counts, percentage and time to go.
    Bar,
    /// `--progress`: counts of running, done and failed jobs.
    Counts,
    /// `--eta`: counts and the time to go.
    Eta,
}

/// Whether failed jobs are listed on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failures {
    /// Where a person or a CI reads along: standard error is a terminal, or `CI` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
