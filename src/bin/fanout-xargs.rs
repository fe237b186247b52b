//! GNU xargs on fanout's pipeline.

use std::process::ExitCode;

use fanout::{cli, run};

fn main() -> ExitCode {
    ExitCode::from(run::end(Err(cli::no_xargs()), &cli::program(Some("fanout-xargs".as_ref()))))
}
