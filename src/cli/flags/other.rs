//! The options that ask for something else than a run.

use std::ffi::OsString;

use clap::{ArgAction, Args, ValueEnum};

use super::super::value;
use super::parsed;

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

    /// Print the number of hardware threads of this machine
    #[arg(long, alias = "numberofthreads")]
    pub number_of_threads: bool,

    /// Print the number of CPU cores of this machine; also --number-of-cpus
    #[arg(long, aliases = ["numberofcores", "number-of-cpus", "numberofcpus"])]
    pub number_of_cores: bool,

    /// Print the number of CPU sockets of this machine that hold a CPU
    #[arg(long, alias = "numberofsockets")]
    pub number_of_sockets: bool,

    /// Print how long a command may be, in bytes
    #[arg(long, alias = "maxlinelengthallowed")]
    pub max_line_length_allowed: bool,

    /// Print how long commands may be, and go on
    #[arg(long, alias = "showlimits")]
    pub show_limits: bool,

    /// Print the version of GNU parallel whose options there are; exit with 255 if it is less than VERSION
    #[arg(long = "min-version", alias = "minversion", value_name = "VERSION", value_parser = parsed(value::min_version))]
    pub min_version: Option<i64>,

    /// Print the functions env_parallel, env_fanout, parset and env_parset for SHELL: bash, zsh or fish
    ///
    /// For ~/.bashrc: eval "$(fanout --shell-init bash)". env_parallel runs fanout with the aliases, arrays, functions
    /// and variables of the shell, parset sets variables to what the jobs print.
    #[arg(long, value_name = "SHELL", hide_possible_values = true)]
    pub shell_init: Option<ShellName>,

    /// Print the completions for SHELL: bash, zsh or fish
    #[arg(long, alias = "shellcompletion", value_name = "SHELL", hide_possible_values = true)]
    pub shell_completion: Option<ShellName>,

    /// Do nothing: fanout asks for no citation
    #[arg(long, alias = "bibtex", hide = true)]
    pub citation: bool,

    /// For scripts that were written for GNU parallel; changes nothing
    #[arg(long, aliases = ["willcite", "nn", "no-notice", "nonotice", "gnu", "bug", "session"], hide = true)]
    pub will_cite: bool,

    /// For people who look into GNU parallel; changes nothing
    #[arg(short = 'D', long, value_name = "WHAT", alias = "_test", hide = true)]
    pub debug: Option<OsString>,
}

/// A shell that code is made for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ShellName {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}
