//! The options that say how many inputs a job gets.

use clap::Args;

use super::super::value;
use super::parsed;

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Batching")]
pub struct BatchFlags {
    /// Give each job up to N inputs, and no more than fit in a command
    ///
    /// N can end in K, M or G (1024) or in k, m or g (1000).
    #[arg(short = 'n', long, alias = "maxargs", value_name = "N", value_parser = parsed(value::max_args))]
    pub max_args: Option<usize>,
}
