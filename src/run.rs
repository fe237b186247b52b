//! The pipeline: builds each stage and connects them.

use std::process::ExitCode;

use anyhow::Result;

use crate::exit::Exit;
use crate::options::Options;

/// Runs all jobs.
///
/// # Errors
/// What kept fanout itself from doing its work; nothing was started when it is bad usage.
pub fn run(_options: &Options) -> Result<Exit> {
    Ok(Exit::Status(0))
}

/// Ends this process as `exit` says. Returns only the statuses; a signal is not survived.
pub fn end(exit: Exit) -> ExitCode {
    match exit {
        Exit::Status(status) => ExitCode::from(status),
        Exit::Signal(_) => ExitCode::FAILURE,
    }
}
