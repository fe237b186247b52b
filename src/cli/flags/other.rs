//! The options that ask for something else than a run.

use clap::{ArgAction, Args};

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
