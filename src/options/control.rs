//! When jobs start, end and are tried again.

use std::path::PathBuf;
use std::time::Duration;

use super::Conditions;

/// When jobs start, end and are tried again.
#[derive(Clone, Debug)]
pub struct ControlOptions {
    /// `--delay`.
    pub delay: Delay,
    /// What has to hold for a job to start.
    pub conditions: Conditions,
    /// `--interactive`: a person is asked before each job.
    pub interactive: bool,
    /// `--template`: files that are written before each job.
    pub templates: Vec<FileTemplate>,
    /// `--cleanup`: and removed behind it.
    pub cleanup: bool,
    /// `--timeout`: a try that runs longer is ended.
    pub timeout: Option<Timeout>,
    /// `--slow-timeout`: a try that runs longer is named.
    pub slow_timeout: Option<Duration>,
    /// `--global-timeout`: a run that takes longer is ended.
    pub global_timeout: Option<Duration>,
    /// `--retries`.
    pub tries: Tries,
    /// `--retry-delay`: how long a job waits before it is tried again.
    pub retry_delay: RetryDelay,
    /// `--retry-on`: which jobs are tried again; `None`: all that failed.
    pub retry_on: Option<RetryOn>,
    /// `--halt`.
    pub halt: Halt,
    /// How a running job is ended: signal, then wait, and so on (as GNU parallel `--termseq`).
    pub termseq: Vec<(i32, Duration)>,
    /// Exit statuses that count as success.
    pub success_codes: Vec<i32>,
    /// `--tty`, `--open-tty`: jobs share our terminal and process group.
    pub tty: bool,
    /// `--dry-run`: print commands to standard output instead of running them.
    pub dry_run: bool,
    /// `--shell-quote`: print commands quoted so often instead of running them; 0: run them.
    pub shell_quote: u8,
    /// `--show-limits`: say how long commands may be before the first job.
    pub show_limits: bool,
    /// Commands are shown as they start, or asked about: in the order of the inputs.
    pub shows_commands: bool,
    /// `--on-leak`: what finished jobs left running.
    pub on_leak: OnLeak,
    /// The run ends as xargs': SIGHUP ends it as SIGTERM does, and who reads what jobs write is their business.
    pub like_xargs: bool,
    /// `--close-fds`: jobs get 0, 1 and 2 and no other descriptor that fanout itself was given.
    pub close_fds: bool,
}

/// `--retries`: how many tries a job has in total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tries {
    /// So many; `None` is unlimited (as GNU parallel `--retries 0`).
    Each(Option<u32>),
    /// As many as this text with replacement strings comes to for the job (as GNU parallel `--retries {2}`).
    Template(Vec<u8>),
}

impl Tries {
    /// What a number of tries means: 0 is no limit.
    pub fn of(number: u32) -> Option<u32> {
        (number > 0).then_some(number)
    }
}

/// `--delay`: at least `time` between two starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delay {
    /// At first, if `auto`.
    pub time: Duration,
    /// It becomes longer with each job that fails, and shorter with each that succeeds.
    pub auto: bool,
}

/// `--template`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileTemplate {
    /// The file with replacement strings.
    pub source: PathBuf,
    /// The name of the file that is written, with replacement strings.
    pub target: Vec<u8>,
}

impl ControlOptions {
    /// Whether no process is started for a job.
    pub fn only_prints(&self) -> bool {
        self.dry_run || self.shell_quote > 0
    }

    /// Whether jobs start in the order of the inputs without exception: where somebody can tell.
    pub fn in_line(&self) -> bool {
        !self.delay.time.is_zero() || self.shows_commands || self.conditions.is_any()
    }
}

/// `--on-leak`: what becomes of processes that a job which has ended by itself has left running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLeak {
    /// They go on.
    Keep,
    /// They go on; where they hold the job's output, a line says so.
    Warn,
    /// They are killed.
    Kill,
    /// They go on; where they hold the job's output, the job has failed.
    Fail,
}

/// `--timeout`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Timeout {
    /// After this long.
    After(Duration),
    /// After so many of a hundred of the median runtime of the jobs that have succeeded so far; no limit before the first
    /// (as GNU parallel).
    OfMedian(f64),
}

/// `--retry-delay`: how long a job waits before it is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryDelay {
    /// As long each time.
    Fixed(Duration),
    /// At most `base` the first time, twice as long each time after that, and never more than `max`.
    Exponential {
        /// Before the second try; not zero.
        base: Duration,
        /// No less than `base`.
        max: Duration,
    },
}

/// `--retry-on`: which jobs are tried again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetryOn {
    /// Those that exited with one of these.
    pub codes: Vec<i32>,
    /// Those that one of these signals killed.
    pub signals: Vec<i32>,
    /// Those that any signal killed.
    pub any_signal: bool,
    /// Those that ran longer than `--timeout`.
    pub timeout: bool,
}

/// `--halt`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Halt {
    /// Run all jobs no matter what.
    Never,
    /// Start no more when one exits with 255, is killed by a signal or can't be executed (as xargs).
    LikeXargs,
    /// Stop when the condition holds.
    When {
        /// Kill running jobs (`now`) or let them finish (`soon`).
        now: bool,
        /// What is counted.
        what: HaltOn,
        /// How many.
        threshold: HaltAt,
    },
}

/// What `--halt` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HaltOn {
    /// Jobs that failed.
    Fail,
    /// Jobs that succeeded.
    Success,
    /// Both.
    Done,
}

/// How many jobs make `--halt` stop the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HaltAt {
    /// So many.
    Count(u64),
    /// So many of a hundred, of all jobs of the run.
    Percent(f64),
}
