//! One command under a semaphore.

use std::ffi::OsString;
use std::mem::take;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use anyhow::{Result, bail};

use super::super::flags::Flags;
use crate::options::{Halt, HaltAt, HaltOn, Jobs, Patience, Program, SemaphoreMode, SemaphoreOptions};

/// What was typed about the semaphore, if it is one. What means something else then than in a run of many jobs is taken out
/// of `flags`: the file of `--arg-file` and `--jobs`.
///
/// # Errors
/// Two files.
pub fn semaphore(flags: &mut Flags, program: &Program) -> Result<Option<SemaphoreOptions>> {
    if !flags.semaphore.is_typed() && program.name != "sem" {
        return Ok(None);
    }
    let files = take(&mut flags.input).arg_file;
    if files.len() > 1 {
        bail!("--arg-file is the standard input of a semaphore's command: give one file");
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
        stdin: files.into_iter().find(|file| file != "-").map(PathBuf::from),
    }))
}
