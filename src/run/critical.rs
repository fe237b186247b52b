//! A run of one command under a semaphore.

use std::fs::File;

use anyhow::{Context as _, Result};

use super::slots;
use crate::diag::{Diag, escape};
use crate::exit;
use crate::options::{Options, SemaphoreMode, SemaphoreOptions};
use crate::semaphore::{Place, Semaphore};
use crate::sys::detach;

/// How it goes on once the semaphore has been waited for.
pub enum Entry {
    /// The command may run, as long as this is kept.
    Go(Place),
    /// There is nothing to run: the exit status.
    Done(u8),
}

/// Waits for what `semaphore` wants, and goes on in the background if it wants that.
///
/// To be called while there is only one thread.
///
/// # Errors
/// The semaphore can't be had; a file that can't be read; no process for the background.
pub fn enter(semaphore: &SemaphoreOptions, options: &Options) -> Result<Entry> {
    let diag = Diag::new(&options.program.name);
    if let Some(path) = &semaphore.stdin {
        let shown = || escape(path.as_os_str().as_encoded_bytes()).into_owned();
        let file = File::open(path).with_context(|| format!("can't open {}", shown()))?;
        rustix::stdio::dup2_stdin(&file).with_context(|| format!("can't read {}", shown()))?;
    }
    let places = Semaphore::open(semaphore.name.as_deref())?;
    if semaphore.mode == SemaphoreMode::Wait {
        let free = places.wait(semaphore.patience, &diag)?;
        return Ok(Entry::Done(if free { 0 } else { exit::GAVE_UP }));
    }
    let count = slots::places(&slots::read(&semaphore.places)?, options.slots.cpu);
    let Some(place) = places.enter(count, semaphore.patience, &diag)? else {
        return Ok(Entry::Done(exit::GAVE_UP));
    };
    if semaphore.mode == SemaphoreMode::Background {
        detach::detach().context("can't start a process for the background")?;
    }
    Ok(Entry::Go(place))
}
