//! What was typed: the one definition of each option, which feeds the parser, the help, the man page and the shells'
//! completions. What it means is settled in `convert`.
//!
//! The first paragraph of an option's comment is the line that `-h` shows; `--help` and the man page show all of it.

mod control;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, ValueEnum, ValueHint};

use super::help;
use super::value;
use crate::options::{Jobs, Pin};

pub use control::{ControlFlags, LeakAction};

/// All options of a command line.
#[derive(Debug, Default)]
pub struct Flags {
    pub input: InputFlags,
    pub slots: SlotFlags,
    pub output: OutputFlags,
    pub control: ControlFlags,
    pub report: ReportFlags,
    pub other: OtherFlags,
}

/// clap's definition of the options, built group by group, as far as a command line needs it: what is typed most is
/// in the first groups, and building all of them takes longer than everything else before the first job.
pub struct Definition {
    command: Command,
    built: usize,
}

/// The groups in the order of the help.
const GROUPS: [fn(Command) -> Command; 6] = [
    InputFlags::augment_args,
    SlotFlags::augment_args,
    OutputFlags::augment_args,
    ControlFlags::augment_args,
    ReportFlags::augment_args,
    OtherFlags::augment_args,
];

impl Definition {
    /// No options yet.
    pub fn new() -> Definition {
        let command = Command::new("fanout")
            .about("Runs commands in parallel: one for each input, or each input as a command")
            .version(env!("CARGO_PKG_VERSION"))
            .override_usage(help::USAGE)
            .after_help(help::EXAMPLES_SHORT)
            .after_long_help(help::EXAMPLES)
            // Fixed, so that help is the same wherever it is printed, and no terminal is asked for its size.
            .term_width(80)
            .args_override_self(true)
            .disable_help_flag(true)
            .disable_version_flag(true);
        Definition { command: command.arg(command_words()), built: 0 }
    }

    /// All options.
    pub fn complete() -> Command {
        let mut definition = Definition::new();
        while definition.extend() {}
        definition.command
    }

    /// The options so far.
    pub fn command(&self) -> &Command {
        &self.command
    }

    /// Adds the next group. Answers whether there was one.
    pub fn extend(&mut self) -> bool {
        let Some(augment) = GROUPS.get(self.built) else { return false };
        self.command = augment(std::mem::take(&mut self.command));
        self.built += 1;
        true
    }

    /// These options and no more, for tests of what reads them.
    #[cfg(test)]
    pub fn of(command: Command) -> Definition {
        Definition { command, built: GROUPS.len() }
    }

    /// Reads options that are in the groups so far; those of the others were not typed.
    ///
    /// # Errors
    /// clap's, which help and version are, too.
    pub fn parse(mut self, typed: impl IntoIterator<Item = OsString>) -> Result<Flags, clap::Error> {
        if self.built == 0 {
            return Ok(Flags::default());
        }
        let program = std::iter::once(OsString::from("fanout"));
        let mut read = self.command.try_get_matches_from_mut(program.chain(typed))?;
        let built = self.built;
        Ok(Flags {
            input: group(&mut read, built > 0)?,
            slots: group(&mut read, built > 1)?,
            output: group(&mut read, built > 2)?,
            control: group(&mut read, built > 3)?,
            report: group(&mut read, built > 4)?,
            other: group(&mut read, built > 5)?,
        })
    }
}

fn group<T: Args + Default>(read: &mut ArgMatches, built: bool) -> Result<T, clap::Error> {
    if built { T::from_arg_matches_mut(read) } else { Ok(T::default()) }
}

/// The command, for help and completions only: `grammar` keeps its words from clap.
fn command_words() -> Arg {
    Arg::new("command")
        .help_heading("Command")
        .value_name("COMMAND")
        .num_args(0..)
        .trailing_var_arg(true)
        .value_hint(ValueHint::CommandWithArguments)
        .help("What to run for each input; without it, each input is a command")
        .long_help(help::COMMAND)
}

/// A value that is parsed from text. Bytes that are not UTF-8 become U+FFFD, which no parser takes, so that the error
/// is that of the option.
fn parsed<T: Clone + Send + Sync + 'static>(parse: fn(&str) -> Result<T, String>) -> impl TypedValueParser<Value = T> {
    OsStringValueParser::new().try_map(move |typed| parse(&typed.to_string_lossy()))
}

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Input")]
pub struct InputFlags {
    /// Read inputs from FILE instead of standard input; can be repeated
    ///
    /// With several files there is a job for every combination of their lines, the last file varying fastest. `-` is
    /// standard input.
    #[arg(short = 'a', long, alias = "argfile", value_name = "FILE", action = ArgAction::Append, value_hint = ValueHint::FilePath)]
    pub arg_file: Vec<OsString>,

    /// Inputs end with a NUL instead of a newline, as `find -print0` writes them
    #[arg(short = '0', long)]
    pub null: bool,

    /// Inputs are separated by the byte C instead of a newline
    ///
    /// C is itself or an escape like \t, \0, \\, \x1f or \037. Stronger than --null.
    #[arg(short = 'd', long, value_name = "C", value_parser = OsStringValueParser::new().try_map(value::delimiter))]
    pub delimiter: Option<u8>,

    /// Give each job up to N inputs, and no more than fit in a command
    ///
    /// N can end in K, M or G (1024) or in k, m or g (1000).
    #[arg(short = 'n', long, alias = "maxargs", value_name = "N", value_parser = parsed(value::max_args))]
    pub max_args: Option<usize>,

    /// Skip inputs that are blank
    #[arg(short = 'r', long, alias = "norunifempty")]
    pub no_run_if_empty: bool,
}

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Slots")]
pub struct SlotFlags {
    /// Run up to N jobs at once; by default as many as there are CPUs
    ///
    /// N is a number, or +N, -N or N% of the CPUs that this process may really use (its affinity mask and its
    /// cgroups' quota), at least 1. 0 is as many as the machine allows. Also -P and --max-procs.
    #[arg(short = 'j', short_alias = 'P', long, aliases = ["max-procs", "maxprocs"], value_name = "N", value_parser = parsed(value::jobs))]
    pub jobs: Option<Jobs>,

    /// Pin slots to CPUs: none, compact, spread, or a list like 0,2,4-7
    ///
    /// `compact` takes the CPUs in their order, `spread` different cores before a core's second thread, a list those
    /// CPUs in that order. More slots than CPUs start again with the first. Jobs inherit their slot's CPU. With
    /// `none`, the default, they may use every CPU that fanout may use.
    #[arg(long, value_name = "CPUS", value_parser = parsed(value::pin))]
    pub pin: Option<Pin>,

    /// Add N to the niceness of jobs
    #[arg(long, value_name = "N", value_parser = parsed(value::nice))]
    pub nice: Option<i32>,
}

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Output")]
pub struct OutputFlags {
    /// Print the output of each job in one piece when it has ended (the default)
    ///
    /// First all of its standard output, then all of its standard error.
    #[arg(long, conflicts_with_all = ["line_buffer", "ungroup"])]
    pub group: bool,

    /// Print in the order of the inputs
    #[arg(short = 'k', long, alias = "keeporder")]
    pub keep_order: bool,

    /// Print whole lines as they come; lines of different jobs may alternate
    ///
    /// With --keep-order the job whose turn it is prints as it runs, and the others wait. Also --lb.
    #[arg(long, aliases = ["lb", "linebuffer", "line-buffered", "linebuffered"], conflicts_with = "ungroup")]
    pub line_buffer: bool,

    /// Let jobs write to fanout's own output, where they may mix
    ///
    /// Without --keep-order and --tag, which need what this leaves out.
    #[arg(short = 'u', long)]
    pub ungroup: bool,

    /// Start each line of output with the job's inputs and a TAB
    #[arg(long)]
    pub tag: bool,

    /// Start each line of output with TEXT and a TAB; it may hold replacement strings
    #[arg(long, alias = "tag-string", value_name = "TEXT")]
    pub tagstring: Option<OsString>,

    /// Keep up to SIZE bytes of a job's output in memory [default: 1M]
    ///
    /// More goes to a temporary file without a name in $TMPDIR. SIZE can end in K, M or G (1024) or in k, m or g
    /// (1000).
    #[arg(long, value_name = "SIZE", value_parser = parsed(value::size))]
    pub buffer_size: Option<usize>,

    /// Print each command on standard output, before its own output
    #[arg(short = 'v')]
    pub print: bool,

    /// Print each command on standard error when it starts
    #[arg(short = 't', long)]
    pub verbose: bool,

    /// Take back -v
    #[arg(long)]
    pub silent: bool,
}

/// A report's form.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs: one object per line
    Json,
}

/// Whether failed jobs are listed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FailuresWhen {
    /// If standard error is a terminal or CI is set
    Auto,
    /// Wherever standard error goes
    Always,
    /// Not at all
    Never,
}

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Report")]
pub struct ReportFlags {
    /// Show a bar with the share of jobs that are done and the time to go
    #[arg(long)]
    pub bar: bool,

    /// Show how many jobs are running, done and failed
    #[arg(long)]
    pub progress: bool,

    /// Show progress with the estimated time to go
    #[arg(long)]
    pub eta: bool,

    /// Report each job: slot, start, wall and CPU time, peak memory, exit status
    ///
    /// FORMAT is text (the default) or json. Goes to standard error, or to the file of --timing-file.
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "text", hide_possible_values = true)]
    pub timing: Option<Format>,

    /// Write the report of --timing to FILE
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub timing_file: Option<PathBuf>,

    /// Report totals at the end: throughput, speed-up, percentiles, slowest jobs
    ///
    /// FORMAT is text (the default) or json. Goes to standard error, or to the file of --summary-file.
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "text", hide_possible_values = true)]
    pub summary: Option<Format>,

    /// Write the report of --summary to FILE
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub summary_file: Option<PathBuf>,

    /// Write a line for each job to FILE, in GNU parallel's format; +FILE appends
    ///
    /// The inputs of each job are kept beside it, in FILE.values, for --resume.
    #[arg(long, alias = "jl", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub joblog: Option<OsString>,

    /// Pass over the jobs that have finished, as the joblog says, and append to it
    ///
    /// A job is known by its inputs: they may have been reordered, extended or shortened, and the command may have
    /// changed. Jobs that were ended because the run was are run again.
    #[arg(long)]
    pub resume: bool,

    /// Pass over the jobs that have succeeded, as the joblog says, and append to it
    #[arg(long, alias = "resumefailed")]
    pub resume_failed: bool,

    /// Run the commands of the joblog that have not succeeded again, and append to it
    ///
    /// Any command and inputs on the command line are ignored. A job whose line does not say for sure what was run (it was
    /// refused, or FILE.values is missing and its command holds \n or \t) is named and left alone.
    #[arg(long, alias = "retryfailed")]
    pub retry_failed: bool,

    /// Bring each line of the joblog, and the output before it, to the disk: a power cut loses none
    ///
    /// Lines of jobs that end at the same time are brought there together, the output of the jobs first. It takes as
    /// long as the disk takes.
    #[arg(long)]
    pub fsync: bool,

    /// List failed jobs on standard error: auto, always or never [default: auto]
    ///
    /// `auto` does so if standard error is a terminal or CI is set, but never when called as parallel.
    #[arg(long, value_name = "WHEN", hide_possible_values = true)]
    pub failures: Option<FailuresWhen>,
}

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Other")]
pub struct OtherFlags {
    /// Print help; -h prints less
    #[arg(short = 'h', long, action = ArgAction::Help)]
    pub help: Option<bool>,

    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    pub version: Option<bool>,

    /// Print what this machine gives, and what each thing means for fanout
    ///
    /// CPUs, limits, the means to end what jobs have started, the shell, the folder for temporary files. Lines are
    /// `name: value`, each with its meaning indented below it. Runs nothing.
    #[arg(long)]
    pub doctor: bool,

    /// Do nothing: fanout asks for no citation
    #[arg(long, hide = true)]
    pub citation: bool,

    /// For scripts that were written for GNU parallel; changes nothing
    #[arg(long, aliases = ["no-notice", "gnu", "plain"], hide = true)]
    pub will_cite: bool,
}
