//! What xargs says about commands that end it, and what its exit status depends on.

use crate::diag::{Diag, escape};
use crate::model::{Finished, Outcome, Stops, system_error};
use crate::options::{Halt, Options};

/// So many ends are said: xargs waits no longer after the second.
const SAID: usize = 2;
/// Of the system's errors, the one for a command that is too long.
const TOO_LONG: i32 = 7;

/// Hears how commands end.
pub struct XargsReport<'a> {
    diag: &'a Diag,
    /// The name of the command.
    name: String,
    /// A command can end the run by its exit status (without `--halt`).
    stops: bool,
    heard: Stops,
}

impl<'a> XargsReport<'a> {
    /// Nothing was heard yet.
    pub fn new(options: &Options, diag: &'a Diag) -> XargsReport<'a> {
        let name = options.command.first().map(Vec::as_slice).unwrap_or_default();
        XargsReport {
            diag,
            name: escape(name).into_owned(),
            stops: options.control.halt == Halt::LikeXargs,
            heard: Stops::default(),
        }
    }

    /// A command has ended.
    pub fn ended(&mut self, finished: &Finished) {
        let outcome = &finished.outcome;
        if finished.success || matches!(outcome, Outcome::Skipped | Outcome::AlreadyDone | Outcome::Declined) {
            return;
        }
        let stops = outcome.stops_xargs() && (self.stops || matches!(outcome, Outcome::NotExecutable(_)));
        if !stops {
            self.heard.failed = true;
            return;
        }
        let again = matches!(outcome, Outcome::NotExecutable(_)) && self.heard.outcomes.contains(outcome);
        if again || self.heard.outcomes.len() >= SAID {
            return;
        }
        let name = &self.name;
        self.diag.line(&match outcome {
            Outcome::Signaled(signal) => format!("{name}: terminated by signal {signal}"),
            Outcome::NotExecutable(TOO_LONG) => "can't call exec() due to argument size restrictions".to_owned(),
            Outcome::NotExecutable(number) => format!("{name}: {}", system_error(*number)),
            _ => format!("{name}: exited with status 255; aborting"),
        });
        self.heard.outcomes.push(outcome.clone());
    }

    /// What was heard.
    pub fn heard(&self) -> &Stops {
        &self.heard
    }
}
