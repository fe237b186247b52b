//! Commands that are longer than the system takes: run in pieces, with fewer arguments each, as xargs does it.

use super::slot::TOO_LONG;
use super::{Attempt, Context, Executor, Task, Trial};
use crate::model::{Outcome, Record, Words};

/// What is known about how many words the system takes in one command. Guesses are findutils', as they show in what
/// commands get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArgLimit {
    /// The most that it has taken.
    taken: usize,
    /// The fewest that it has not; 0: none yet.
    refused: usize,
}

impl ArgLimit {
    /// A command of `limit` words was taken, or not: how many to try next, more than `least`.
    fn learn(&mut self, limit: usize, taken: bool, least: usize) -> usize {
        if taken {
            self.taken = self.taken.max(limit);
        } else if self.refused == 0 || limit < self.refused {
            self.refused = limit;
        }
        let next = if self.taken == 0 || self.refused <= self.taken {
            if taken { limit.saturating_add(1) } else { limit / 2 }
        } else {
            let step = ((self.refused - self.taken) / 2).max(1);
            if taken { limit + step } else { limit - step }
        };
        next.max(least + 1)
    }
}

/// An executor that divides what is too long.
pub struct Pieces<'a, E> {
    /// Who runs the pieces.
    pub inner: E,
    /// What all slots share.
    pub cx: &'a Context<'a>,
    /// Says what is run, if that is wanted.
    pub trace: &'a (dyn Fn(&Record) + Sync),
}

impl<E: Executor> Executor for Pieces<'_, E> {
    fn execute(&mut self, task: &Task<'_>) -> Attempt {
        let own = if task.job.appends { task.job.words.len() } else { usize::MAX / 2 };
        // xargs counts the null pointer at the end.
        let all = task.job.words.len() + task.record.args.len() + 1;
        let attempt = self.inner.execute(task);
        if !matches!(attempt, Attempt::TooLong) {
            self.learn(all, true, own);
            return attempt;
        }
        let (mut limit, mut done) = (all, 0);
        let mut last: Option<Box<Trial>> = None;
        while done < task.record.args.len() {
            if limit <= own + 1 {
                return Attempt::Ended(Box::new(Trial::without_process(Outcome::NotExecutable(TOO_LONG))));
            }
            limit = self.learn(limit, false, own);
            loop {
                let args: Words = task.record.args.iter().skip(done).take(limit - own).collect();
                let count = args.len();
                if count == 0 {
                    break;
                }
                let record = Record::new(task.record.seq, args);
                // As xargs: all of it each time.
                (self.trace)(task.record);
                match self.inner.execute(&Task { record: &record, ..*task }) {
                    Attempt::TooLong => break,
                    Attempt::Refused(error) => return Attempt::Refused(error),
                    Attempt::Ended(trial) => {
                        limit = self.learn(limit, true, own);
                        done += count;
                        if trial.outcome.stops_xargs() || matches!(trial.outcome, Outcome::Cancelled | Outcome::Skipped)
                        {
                            return Attempt::Ended(trial);
                        }
                        if last.as_ref().is_none_or(|last| last.outcome == Outcome::Exited(0)) {
                            last = Some(trial);
                        }
                    }
                }
            }
        }
        last.map_or(Attempt::TooLong, Attempt::Ended)
    }
}

impl<E> Pieces<'_, E> {
    fn learn(&self, limit: usize, taken: bool, own: usize) -> usize {
        self.cx.arg_limit.lock().unwrap_or_else(std::sync::PoisonError::into_inner).learn(limit, taken, own)
    }
}
