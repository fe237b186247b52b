//! The ends of a run: what is said, and the exit status.

use anyhow::{Result, bail};

use crate::diag::Diag;
use crate::exit::{self, Exit};
use crate::options::{Habits, Program};
use crate::schedule::{Ending, Halted};
use crate::sys::signals::{self, SIGHUP};
use crate::sys::watch;

/// The exit status of a run that has ended in order. `left`: a drain has left jobs; `as_one`: failed jobs count as one.
///
/// # Errors
/// What went wrong with fanout itself.
pub fn verdict(ending: &Ending, left: bool, as_one: bool, diag: &Diag) -> Result<Exit> {
    if let Some(message) = &ending.fatal {
        bail!("{message}");
    }
    let exit = match (ending.signal, &ending.halted) {
        (Some(signal), _) => Exit::Signal(signal),
        _ if diag.failed() => Exit::Status(exit::OTHER),
        _ if ending.expired => Exit::Status(exit::EXPIRED),
        (_, Some(Halted::Success)) => Exit::Status(0),
        (_, Some(Halted::Job(outcome))) => Exit::Status(exit::job_status(outcome)),
        (_, Some(Halted::Percent(percent))) => Exit::Status(*percent),
        (_, Some(Halted::Failed(failed))) => Exit::Status(exit::failed_jobs(*failed)),
        (_, None) if as_one => Exit::Status(exit::failed_jobs(ending.failed.min(1))),
        (_, None) => Exit::Status(exit::failed_jobs(ending.failed)),
    };
    Ok(match exit {
        // As 129 it can't be taken for a run of all jobs, nor for a number of failed ones.
        Exit::Status(_) if left => Exit::Signal(SIGHUP),
        exit => exit,
    })
}

/// What a drained run says about the jobs that it has not started, if there are any or may be: `skipped` of those that were
/// read, and `unread` ones, if that is known.
pub fn left(skipped: u64, unread: Option<u64>) -> Option<String> {
    let jobs = |count: u64| format!("{count} job{}", if count == 1 { "" } else { "s" });
    match unread.map(|unread| skipped + unread) {
        Some(0) => None,
        Some(count) => Some(format!("SIGHUP: {} not started", jobs(count))),
        None => Some(format!("SIGHUP: {} not started, and there may be unread input", jobs(skipped))),
    }
}

/// Ends the process although a thread still waits for somebody to read our output. All jobs are gone.
pub fn leave(ending: &Ending, diag: &Diag) -> ! {
    if let Some(message) = &ending.fatal {
        diag.line(message);
    }
    watch::over();
    if let Some(signal) = ending.signal {
        signals::die_of(signal);
        std::process::exit(128 + signal);
    }
    std::process::exit(if ending.expired { exit::EXPIRED } else { exit::OTHER }.into());
}

/// The end of the program: says what kept it from its work, and answers its exit status or dies of a signal.
pub fn end(ended: Result<Exit>, program: &Program) -> u8 {
    let exit = ended.unwrap_or_else(|error| {
        Diag::new(&program.name).line(&format!("{error:#}"));
        // xargs has statuses of its own.
        Exit::Status(if program.habits == Habits::Xargs { 1 } else { exit::OTHER })
    });
    watch::over();
    match exit {
        Exit::Status(status) => status,
        Exit::Signal(signal) => {
            signals::die_of(signal);
            // Still here: process 1 of a namespace has no default actions.
            u8::try_from(128 + signal).unwrap_or(exit::OTHER)
        }
    }
}
