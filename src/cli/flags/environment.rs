//! The options that say what jobs run in: variables, the folder, defaults.

use clap::Args;

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Environment")]
pub struct EnvironmentFlags {}
