//! The options that say what is said about jobs.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::super::value;
use super::parsed;

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
    ///
    /// Where standard error is no terminal, it is what zenity reads: `2> >(tr '\r' '\n' | zenity --progress --auto-kill)`.
    #[arg(long)]
    pub bar: bool,

    /// Show how many jobs are running, done and failed
    #[arg(long)]
    pub progress: bool,

    /// Show progress with the estimated time to go
    #[arg(long)]
    pub eta: bool,

    /// Take N for the number of all jobs, where progress or --halt needs it, instead of counting inputs
    ///
    /// For inputs that come slowly: without it, a percentage of --halt waits for the last of them. Also --total.
    #[arg(long, aliases = ["totaljobs", "total"], value_name = "N", value_parser = parsed(value::amount))]
    pub total_jobs: Option<u64>,

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
