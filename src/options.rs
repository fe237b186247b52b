//! What to do, fully resolved: the command line after every default, synonym and conflict has been settled.
//!
//! Plain data. `cli` makes it, every stage reads the part that concerns it.

mod control;

use std::path::PathBuf;
use std::time::Duration;

pub use control::{ControlOptions, Halt, HaltAt, HaltOn, OnLeak, RetryDelay, RetryOn, Timeout};

/// Everything that a run needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name that fanout was called by: it starts each of its messages and decides some habits.
    pub program: Program,
    /// The words of the command as typed; empty: each record is a command.
    pub command: Vec<Vec<u8>>,
    /// Where arguments come from.
    pub input: InputOptions,
    /// How many slots, and where they run.
    pub slots: SlotOptions,
    /// When jobs start, end and are tried again.
    pub control: ControlOptions,
    /// What happens to what jobs write.
    pub output: OutputOptions,
    /// What is said about jobs.
    pub report: ReportOptions,
}

/// The name that fanout was called by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The last part of `argv[0]`, for messages.
    pub name: String,
    /// Whose habits to follow.
    pub habits: Habits,
}

/// Whose habits to follow where they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habits {
    /// Our own.
    Fanout,
    /// GNU parallel's: called through a link named `parallel`.
    Parallel,
    /// GNU xargs': called through a link whose name ends in `xargs`.
    Xargs,
}

/// Where arguments come from.
#[derive(Clone, Debug)]
pub struct InputOptions {
    /// The sources in the order of the command line. Empty never: without any, standard input is the one.
    pub sources: Vec<InputSource>,
    /// What separates arguments in files and on standard input.
    pub delimiter: u8,
    /// `-n`: at most so many arguments per job, and no more than fit in a command.
    pub max_args: Option<usize>,
    /// `-r`: ignore blank lines (as GNU parallel `--no-run-if-empty`: an input that is empty runs nothing anyway).
    pub skip_empty: bool,
}

/// One source of arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputSource {
    /// What is read.
    pub kind: SourceKind,
    /// `:::+` and `::::+`: goes along with the source before it instead of being combined with it.
    pub linked: bool,
}

/// What a source reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// Words of the command line, after `:::`.
    Words(Vec<Vec<u8>>),
    /// A file, after `-a` or `::::`.
    File(PathBuf),
    /// Standard input: by default, or as `-`.
    Stdin,
}

/// How many slots, and where they run.
#[derive(Clone, Debug)]
pub struct SlotOptions {
    /// `--jobs`.
    pub jobs: Jobs,
    /// `--pin`.
    pub pin: Pin,
    /// `--nice`: added to our own niceness for jobs.
    pub nice: Option<i32>,
}

/// `--jobs`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Jobs {
    /// As many as there are CPUs that this process may really use.
    Cpus,
    /// N.
    Exactly(usize),
    /// N% of the CPUs.
    Percent(f64),
    /// +N: CPUs and N more.
    Plus(usize),
    /// -N: N fewer than CPUs, at least 1.
    Minus(usize),
    /// 0: as many as the machine allows.
    Unlimited,
}

/// `--pin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// Leave the affinity mask alone.
    None,
    /// Slot by slot to the allowed CPUs in their order.
    Compact,
    /// Slot by slot over packages and cores first, hardware threads last.
    Spread,
    /// Slot by slot to these CPUs.
    List(Vec<usize>),
}

/// What happens to what jobs write.
#[derive(Clone, Debug)]
pub struct OutputOptions {
    /// How the output of jobs is kept apart.
    pub grouping: Grouping,
    /// `-k`: in the order of the input.
    pub keep_order: bool,
    /// What each line starts with.
    pub tag: Option<Tag>,
    /// `--buffer-size`: bytes of a job's output kept in memory before it goes to a temporary file.
    pub buffer_size: usize,
    /// Commands are printed before they run or before their output.
    pub verbose: Verbose,
}

/// How the output of jobs is kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// A job's output is printed when it has ended.
    Group,
    /// Whole lines are printed as they come.
    LineBuffer,
    /// Jobs write to our own standard output and error.
    Ungroup,
}

/// What each line of output starts with, followed by a TAB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The arguments.
    Args,
    /// A template with replacement strings.
    Template(Vec<u8>),
}

/// Where commands are printed before they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbose {
    /// Nowhere.
    No,
    /// `-v`: on standard output, before the job's own.
    Stdout,
    /// `-t`: on standard error, at the start.
    Stderr,
}

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

impl Options {
    /// Whether anything but a failure needs the command's text.
    pub fn wants_commands(&self) -> bool {
        self.report.timing.is_some()
            || self.report.summary.is_some()
            || self.report.joblog.is_some()
            || self.report.progress != Progress::No
            || self.output.verbose != Verbose::No
            || self.control.dry_run
    }

    /// Whether a report needs the arguments of jobs: the joblog keeps them beside it.
    pub fn wants_args(&self) -> bool {
        self.report.joblog.is_some() && !self.control.dry_run
    }

    /// Whether this exit status counts as success.
    pub fn is_success(&self, status: i32) -> bool {
        self.control.success_codes.contains(&status)
    }
}

impl Default for Options {
    /// What a bare `fanout` does: lines of standard input are commands, grouped output, a slot per CPU.
    fn default() -> Options {
        let ms = Duration::from_millis;
        Options {
            program: Program { name: "fanout".to_owned(), habits: Habits::Fanout },
            command: Vec::new(),
            input: InputOptions {
                sources: vec![InputSource { kind: SourceKind::Stdin, linked: false }],
                delimiter: b'\n',
                max_args: None,
                skip_empty: false,
            },
            slots: SlotOptions { jobs: Jobs::Cpus, pin: Pin::None, nice: None },
            control: ControlOptions {
                delay: Duration::ZERO,
                timeout: None,
                slow_timeout: None,
                global_timeout: None,
                tries: Some(1),
                retry_delay: RetryDelay::Fixed(Duration::ZERO),
                retry_on: None,
                halt: Halt::Never,
                // As GNU parallel's default: TERM,200,TERM,100,TERM,50,KILL,25.
                termseq: vec![(15, ms(200)), (15, ms(100)), (15, ms(50)), (9, ms(25))],
                success_codes: vec![0],
                tty: false,
                dry_run: false,
                on_leak: OnLeak::Warn,
                close_fds: false,
            },
            output: OutputOptions {
                grouping: Grouping::Group,
                keep_order: false,
                tag: None,
                buffer_size: DEFAULT_BUFFER_SIZE,
                verbose: Verbose::No,
            },
            report: ReportOptions {
                timing: None,
                summary: None,
                joblog: None,
                resume: Resume::No,
                fsync: false,
                progress: Progress::No,
                failures: Failures::Auto,
            },
        }
    }
}

/// The default of `--buffer-size`: 1 MiB.
pub const DEFAULT_BUFFER_SIZE: usize = 1 << 20;
