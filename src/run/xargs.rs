//! What a run of xargs does otherwise.

use std::cell::Cell;
use std::io::Write;

use anyhow::{Result, anyhow};

use crate::diag::{Diag, escape};
use crate::exit::{self, Exit};
use crate::input::{BadInput, Inputs, Source, XargsInput};
use crate::model::{Outcome, Stops};
use crate::options::{Jobs, Options, SizeLimits, XargsOptions};
use crate::schedule::Ending;
use crate::sys::limits;
use crate::sys::signals::SIGUSR1;
use crate::sys::wake::Wake;

/// Says what is wrong with a command line.
///
/// # Errors
/// Standard error can't be written.
pub fn complain(text: &[u8]) -> Result<Exit> {
    std::io::stderr().write_all(text)?;
    Ok(Exit::Status(exit::XARGS_OTHER))
}

/// What the system takes as a command, with the environment as it is.
pub fn size_limits() -> SizeLimits {
    let variable = |(name, value): (std::ffi::OsString, std::ffi::OsString)| name.len() + value.len() + 2;
    let environment = std::env::vars_os().map(variable).sum::<usize>();
    SizeLimits { all: limits::arg_max(), environment: environment as u64 }
}

/// What is said before anything is read.
pub fn begin(xargs: &XargsOptions, options: &Options, diag: &Diag) {
    if !xargs.notices.is_empty() {
        diag.write(&xargs.notices);
    }
    if xargs.show_limits {
        diag.write(xargs.limits_text().as_bytes());
        if rustix::termios::isatty(rustix::stdio::stdin()) {
            diag.write(
                b"\nExecution of xargs will continue now, and it will try to read its input and run commands; if this is \
                  not what you wanted to happen, please type the end-of-file keystroke.\n",
            );
            if xargs.runs_if_empty {
                let name = options.command.first().map(Vec::as_slice).unwrap_or_default();
                let name = escape(name);
                diag.write(
                    format!(
                        "Warning: {name} will be run at least once.  If you do not want that to happen, then press the \
                         interrupt keystroke.\n"
                    )
                    .as_bytes(),
                );
            }
        }
    }
}

/// What is read.
pub enum Opened {
    /// Rows of values.
    Rows(Inputs),
    /// What xargs reads.
    Xargs(XargsInput),
}

impl Opened {
    /// Opens it.
    ///
    /// # Errors
    /// It can't be opened.
    pub fn open(options: &Options, stop: &Wake) -> Result<Opened> {
        match &options.xargs {
            Some(xargs) => XargsInput::open(options, xargs).map(Opened::Xargs),
            None => Inputs::open(&options.input, &options.batch, stop).map(Opened::Rows),
        }
    }
}

/// The end of a run: `read` is how reading went, `skipped` how many commands were read and not started.
///
/// # Errors
/// What went wrong with us.
pub fn verdict(
    ending: &Ending,
    stops: &Stops,
    read: Result<()>,
    skipped: u64,
    source: &mut Source<'_>,
    stop: &Wake,
    diag: &Diag,
) -> Result<Exit> {
    if let Some(message) = &ending.fatal {
        return Err(anyhow!("{message}"));
    }
    if let Some(signal) = ending.signal {
        return Ok(Exit::Signal(signal));
    }
    // As findutils, which notices at once that a command can't be run, and what else ends it when it has read the next one. It
    // knows nothing of what is wrong behind that.
    let at_once = matches!(stops.outcomes[..], [Outcome::NotExecutable(_)]);
    let stopped = at_once || (skipped > 0 && !stops.outcomes.is_empty());
    let bad_input = match read {
        Ok(()) => false,
        Err(error) if error.is::<BadInput>() => {
            if !stopped {
                diag.line(&error.to_string());
            }
            true
        }
        Err(error) => return Err(error),
    };
    stop.clear();
    let cut = stopped
        || (!stops.outcomes.is_empty()
            && (bad_input || source.next_record(stop, diag).is_ok_and(|record| record.is_some())));
    let unused = skipped - u64::from(stopped && !at_once);
    source.leave_rest((stopped || skipped > 0).then(|| usize::try_from(unused).unwrap_or(usize::MAX)));
    let status = exit::xargs(stops, cut, bad_input);
    if status == 0
        && let Some(complaint) = source.complaint()
    {
        diag.error(complaint);
    }
    Ok(Exit::Status(if status == 0 && diag.failed() { exit::XARGS_OTHER } else { status }))
}

/// How many commands may run at a time as signals change it.
#[derive(Debug)]
pub struct Sizing(Cell<usize>);

impl Sizing {
    /// As `-P` says; `None`: this is not xargs.
    pub fn new(options: &Options) -> Option<Sizing> {
        options.xargs.as_ref().map(|_| {
            Sizing(Cell::new(match options.slots.jobs {
                Jobs::Exactly(count) => count,
                _ => 0,
            }))
        })
    }

    /// One more at SIGUSR1, one fewer at any other; 0 is as many as possible (as findutils: and one more than that is 1).
    pub fn change(&self, signal: i32) -> usize {
        let count = self.0.get();
        self.0.set(if signal == SIGUSR1 { count.saturating_add(1) } else { count - usize::from(count > 1) });
        self.0.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::signals::SIGUSR2;

    #[test]
    fn signals_change_how_many_run() {
        let sizing = Sizing(Cell::new(1));
        assert_eq!([SIGUSR2, SIGUSR1, SIGUSR1, SIGUSR2].map(|signal| sizing.change(signal)), [1, 2, 3, 2]);
        let unlimited = Sizing(Cell::new(0));
        assert_eq!([SIGUSR2, SIGUSR1].map(|signal| unlimited.change(signal)), [0, 1]);
    }
}
