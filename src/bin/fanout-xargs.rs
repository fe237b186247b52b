//! GNU xargs on fanout's pipeline.

use std::process::ExitCode;

use fanout::cli;
use fanout::diag::Diag;

fn main() -> ExitCode {
    Diag::new("fanout-xargs").line(cli::NO_XARGS);
    ExitCode::FAILURE
}
