//! One command under a semaphore.

use std::ffi::OsString;
use std::mem::take;
use std::os::unix::ffi::OsStringExt;

use anyhow::{Result, bail};

use super::super::flags::Flags;
use super::super::tail;
use crate::options::{
    Halt, HaltAt, HaltOn, InputSource, Jobs, Patience, Program, SemaphoreMode, SemaphoreOptions, SourceKind,
};

/// What was typed about the semaphore, if it is one. What means something else then than in a run of many jobs is taken out
/// of `flags`: the file of `--arg-file` and `--jobs`. As GNU parallel, a file behind `::::` is as one of `--arg-file`, and words
/// behind `:::` are nothing.
///
/// # Errors
/// Two sources.
pub fn semaphore(flags: &mut Flags, tail: &[InputSource], program: &Program) -> Result<Option<SemaphoreOptions>> {
    if !flags.semaphore.is_typed() && program.name != "sem" {
        return Ok(None);
    }
    let files = take(&mut flags.input).arg_file;
    let sources: Vec<SourceKind> =
        files.into_iter().map(tail::file).chain(tail.iter().map(|source| source.kind.clone())).collect();
    if sources.len() > 1 {
        bail!("a semaphore's command reads one file as its standard input: give no more (--arg-file, :::, ::::)");
    }
    // The exit status is that of the only job.
    let first = Halt::When { now: false, what: HaltOn::Fail, threshold: HaltAt::Count(1) };
    flags.control.halt.get_or_insert(first);
    let typed = take(&mut flags.semaphore);
    Ok(Some(SemaphoreOptions {
        name: typed.semaphore_name.map(OsString::into_vec),
        places: flags.slots.jobs.replace(Jobs::Exactly(1)).unwrap_or(Jobs::Exactly(1)),
        mode: if typed.wait {
            SemaphoreMode::Wait
        } else if typed.fg {
            SemaphoreMode::Foreground
        } else {
            SemaphoreMode::Background
        },
        patience: typed.semaphore_timeout.unwrap_or(Patience::Endless),
        stdin: sources.into_iter().find_map(|source| match source {
            SourceKind::File(path) => Some(path),
            SourceKind::Stdin | SourceKind::Words(_) => None,
        }),
    }))
}
