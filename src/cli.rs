//! The command line: clap structs, the `:::` tail, and their conversion to [`Options`]. The sole user of clap.
//!
//! `script` knows the first line of a script, `layers` puts default options below those of the command line, `grammar` finds
//! the options as GNU parallel does, `tail` splits off the sources, clap reads the options into `flags` (what was typed),
//! and `convert` settles what that means. Nothing is opened and no terminal is asked here.

mod absent;
mod convert;
mod error;
mod flags;
mod gnu;
mod grammar;
mod help;
mod layers;
mod script;
mod shell_init;
mod tail;
mod value;
mod xargs;

#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::Result;
use clap::error::ErrorKind;
use flags::Definition;

use crate::options::{Defaults, Habits, Options, Program, Question, SizeLimits, Wanted};
use convert::other;

pub use xargs::{ReadLimits, command as xargs_command};

/// What the command line asked for.
#[derive(Debug)]
pub enum Request {
    /// Run jobs.
    Run(Box<Options>),
    /// Print what this machine gives.
    Doctor(Program),
    /// Record the names of all variables.
    RecordEnv,
    /// Have the shell run this line instead of us.
    Shell(Vec<u8>),
    /// Print this on standard output and be done: help, version.
    Print(String),
    /// Write this to standard error as it is, and exit with 1.
    Complain(Vec<u8>),
    /// Answer this on standard output and be done.
    Answer(Question, Program),
}

/// The one definition of all options, for help, man page and completions.
pub fn command() -> clap::Command {
    Definition::complete()
}

/// The name that a program was called by, and whose habits that asks for. Without a name it is `fanout`.
pub fn program(argv0: Option<&OsStr>) -> Program {
    let name = argv0.and_then(|path| Path::new(path).file_name()).unwrap_or(OsStr::new("fanout"));
    let mut name = name.to_string_lossy().into_owned();
    let habits = if name == "parallel" || name == "sem" {
        Habits::Parallel
    } else if name.ends_with("xargs") {
        // As findutils: its messages begin with what it was called by, path and all.
        name = argv0.unwrap_or_default().to_string_lossy().into_owned();
        Habits::Xargs
    } else {
        Habits::Fanout
    };
    Program { name, habits }
}

/// Reads default options that stand elsewhere than on the command line: they are asked for what that says.
pub type ReadDefaults<'a> = &'a dyn Fn(&Wanted) -> Result<Defaults>;

/// Reads a command line, `argv[0]` included, which is all there is.
///
/// # Errors
/// Bad usage: one line that names the flag and the remedy.
pub fn parse(argv: Vec<OsString>) -> Result<Request> {
    read(argv, &|_| Ok(Defaults::default()), &SizeLimits::default)
}

/// Reads a command line, `argv[0]` included, over default options. Only xargs asks for `limits`.
///
/// # Errors
/// Bad usage: one line that names the flag and the remedy. Those of `defaults`.
pub fn read(argv: Vec<OsString>, defaults: ReadDefaults<'_>, limits: ReadLimits<'_>) -> Result<Request> {
    let program = program(argv.first().map(AsRef::as_ref));
    if program.habits == Habits::Xargs {
        return Ok(xargs::read(program, argv.into_iter().skip(1), limits));
    }
    if let Some(line) = script::line(&argv)? {
        return Ok(Request::Shell(line));
    }
    let mut words = argv.into_iter();
    let name = words.next();
    let mut definition = Definition::new();
    let line = grammar::read(&mut definition, words)?;
    let line = layers::over(&mut definition, line, defaults)?;
    let flags = match definition.parse(line.options) {
        Ok(flags) => flags,
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp => return Ok(Request::Print(error.to_string())),
            ErrorKind::DisplayVersion => return Ok(Request::Print(other::version(&program))),
            _ => return Err(error::one_line(&error)),
        },
    };
    let separator = |given: &Option<OsString>| given.as_ref().map(|word| word.as_encoded_bytes().to_vec());
    let (words, files) = (separator(&flags.input.arg_sep), separator(&flags.input.arg_file_sep));
    let known = tail::Separators::default();
    let separators = tail::Separators {
        words: words.as_deref().unwrap_or(known.words),
        files: files.as_deref().unwrap_or(known.files),
    };
    let (job, sources) = tail::split(line.rest, separators);
    // `parallel --citation` stands in many an image's build script; anything but silence would run what it is fed.
    if flags.other.citation {
        return Ok(Request::Print(String::new()));
    }
    if let Some(question) = other::question(&flags.other) {
        return Ok(Request::Answer(question, program));
    }
    if flags.other.doctor {
        return Ok(Request::Doctor(program));
    }
    if let Some(shell) = flags.other.shell_init {
        let name = name.as_deref().map_or(&b"fanout"[..], |name| name.as_encoded_bytes());
        return Ok(Request::Print(shell_init::functions(shell, name)));
    }
    if let Some(shell) = flags.other.shell_completion {
        return Ok(Request::Print(shell_init::completions(shell).to_owned()));
    }
    if flags.environment.record_env {
        return Ok(Request::RecordEnv);
    }
    Ok(Request::Run(Box::new(convert::options(program, flags, job, sources)?)))
}
