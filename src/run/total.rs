//! The number of all jobs.

use std::thread;

use anyhow::{Context as _, Result};
use crossbeam_channel::RecvTimeoutError;

use crate::diag::Diag;
use crate::input::Source;
use crate::options::{Options, Progress};
use crate::schedule::Scheduler;
use crate::sys::wake::Wake;

/// The number of all jobs, where somebody wants it and it can be had.
///
/// # Errors
/// An input that can't be read.
pub fn of(
    source: &mut Source<'_>,
    options: &Options,
    scheduler: &Scheduler<'_>,
    needed: bool,
    stop: &Wake,
    diag: &Diag,
) -> Result<Option<u64>> {
    if options.report.total_jobs.is_some() {
        return Ok(options.report.total_jobs);
    }
    if needed || scheduler.needs_total() {
        if let Some(known) = source.total() {
            return Ok(Some(known));
        }
        return thread::scope(|scope| {
            // The end of the inputs may never come, and the main thread waits for it here.
            let (read, is_read) = crossbeam_channel::bounded::<()>(0);
            if let Some(time) = scheduler.time_left() {
                let watch = move || {
                    if is_read.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                        scheduler.expire();
                    }
                };
                thread::Builder::new()
                    .spawn_scoped(scope, watch)
                    .context("can't start a thread for --global-timeout")?;
            }
            let total = source.read_all(stop, diag);
            drop(read);
            total.map(Some)
        });
    }
    Ok(if options.report.progress == Progress::No { None } else { source.total() })
}
