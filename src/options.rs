//! What to do, fully resolved: the command line after every default, synonym and conflict has been settled.
//!
//! Plain data. `cli` makes it, every stage reads the part that concerns it.

mod batch;
mod conditions;
mod control;
mod defaults;
mod environment;
mod hosts;
mod input;
mod number;
mod other;
mod output;
mod pipe;
mod replace;
mod report;
mod semaphore;
mod slots;
mod xargs;

use std::time::Duration;

pub use batch::{BatchOptions, LONGEST_COMMAND, LONGEST_TRIED, Margin, USABLE_COMMAND};
pub use conditions::{Conditions, Limit, Load, LoadLimit};
pub use control::{
    ControlOptions, Delay, FileTemplate, Halt, HaltAt, HaltOn, OnLeak, RetryDelay, RetryOn, Timeout, Tries,
};
pub use defaults::{DefaultText, Defaults, Wanted};
pub use environment::{EnvironmentOptions, Exported, Workdir};
pub use hosts::{HostFile, HostOptions, Hosts};
pub use input::{Columns, Header, InputOptions, InputSource, SourceKind, Trim};
pub use number::{decimal, percent, whole};
pub use other::{GNU_VERSION, Question};
pub use output::{Color, Compress, Grouping, OutputOptions, Records, Results, Table, TableFormat, Tag, Verbose};
pub use pipe::{BlockSize, KeyRule, PipeOptions, RecordRule, Spread, Way};
pub use replace::ReplaceOptions;
pub use report::{Failures, Joblog, Progress, ReportFormat, ReportOptions, ReportTo, Resume};
pub use semaphore::{Patience, SemaphoreMode, SemaphoreOptions};
pub use slots::{Cpu, Jobs, Pin, SlotOptions};
pub use xargs::{SizeLimits, Split, XargsOptions};

/// Everything that a run needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name that fanout was called by: it starts each of its messages and decides some habits.
    pub program: Program,
    /// The words of the command as typed; empty: each record is a command.
    pub command: Vec<Vec<u8>>,
    /// `--quote`: they are words as they are, not text for a shell.
    pub quote: bool,
    /// Where arguments come from.
    pub input: InputOptions,
    /// What jobs read; `None`: nothing.
    pub pipe: Option<PipeOptions>,
    /// How many of them a job gets.
    pub batch: BatchOptions,
    /// Which replacement strings there are.
    pub replace: ReplaceOptions,
    /// How many slots, and where they run.
    pub slots: SlotOptions,
    /// Where they run.
    pub hosts: HostOptions,
    /// When jobs start, end and are tried again.
    pub control: ControlOptions,
    /// What happens to what jobs write.
    pub output: OutputOptions,
    /// What is said about jobs.
    pub report: ReportOptions,
    /// Not many jobs but one, under a semaphore.
    pub semaphore: Option<SemaphoreOptions>,
    /// What jobs run in.
    pub environment: EnvironmentOptions,
    /// What only xargs does; `None`: this is not xargs.
    pub xargs: Option<XargsOptions>,
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
    /// GNU parallel's: called through a link named `parallel` or `sem`.
    Parallel,
    /// GNU xargs': called through a link whose name ends in `xargs`.
    Xargs,
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
            || self.output.table().is_some()
    }

    /// Whether a report needs the arguments of jobs: the joblog keeps them beside it, a table has columns of them.
    pub fn wants_args(&self) -> bool {
        (self.report.joblog.is_some() && !self.control.dry_run) || self.output.table().is_some()
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
            quote: false,
            input: InputOptions::lines(),
            pipe: None,
            batch: BatchOptions::ONE,
            replace: ReplaceOptions::default(),
            slots: SlotOptions { jobs: Jobs::Cpus, cpu: Cpu::Thread, pin: Pin::None, nice: None },
            hosts: HostOptions::default(),
            control: ControlOptions {
                delay: Delay::default(),
                conditions: Conditions::default(),
                interactive: false,
                templates: Vec::new(),
                cleanup: false,
                timeout: None,
                slow_timeout: None,
                global_timeout: None,
                tries: Tries::Each(Some(1)),
                retry_delay: RetryDelay::Fixed(Duration::ZERO),
                retry_on: None,
                halt: Halt::Never,
                // As GNU parallel's default: TERM,200,TERM,100,TERM,50,KILL,25.
                termseq: vec![(15, ms(200)), (15, ms(100)), (15, ms(50)), (9, ms(25))],
                success_codes: vec![0],
                tty: false,
                dry_run: false,
                shell_quote: 0,
                show_limits: false,
                shows_commands: false,
                on_leak: OnLeak::Warn,
                like_xargs: false,
                close_fds: false,
            },
            output: OutputOptions {
                grouping: Grouping::Group,
                keep_order: false,
                tag: None,
                buffer_size: DEFAULT_BUFFER_SIZE,
                verbose: Verbose::No,
                traced: false,
                results: None,
                files: None,
                color: Color::default(),
                latest_line: false,
                compress: None,
                reduce: None,
                tmpdir: None,
                records: None,
            },
            report: ReportOptions {
                timing: None,
                summary: None,
                joblog: None,
                resume: Resume::No,
                fsync: false,
                progress: Progress::No,
                total_jobs: None,
                failures: Failures::Auto,
            },
            semaphore: None,
            environment: EnvironmentOptions { workdir: None, slot_variable: None, exported: Exported::default() },
            xargs: None,
        }
    }
}

/// The default of `--buffer-size`: 1 MiB.
pub const DEFAULT_BUFFER_SIZE: usize = 1 << 20;
