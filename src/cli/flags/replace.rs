//! The options that say which replacement strings there are.

use clap::Args;

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Replacement strings")]
pub struct ReplaceFlags {}
