//! The command line: clap structs, the `:::` tail, and their conversion to [`Options`]. The sole user of clap.

use std::ffi::OsString;

use anyhow::Result;

use crate::options::Options;

/// What the command line asked for.
#[derive(Debug)]
pub enum Request {
    /// Run jobs.
    Run(Box<Options>),
    /// Print this on standard output and be done: help, version.
    Print(String),
}

/// Reads a command line, `argv[0]` included.
///
/// # Errors
/// Bad usage: one line that names the flag and the remedy.
pub fn parse(_argv: Vec<OsString>) -> Result<Request> {
    Ok(Request::Run(Box::default()))
}
