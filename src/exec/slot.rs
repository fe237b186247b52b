//! A slot's loop: one record after the other, each to its one outcome.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::waiting::Work;
use super::{Attempt, Context, Dispatch, Events, Executor, Task, Trial};
use crate::model::{
    Event, Finished, Job, Outcome, Permit, Record, Refusal, Slot, Started, Tried, Verdict, Words, system_error,
};
use crate::options::{Grouping, Progress, Records, Spread, Tag, Tries, Verbose};
use crate::sys::limits::shortage;

/// The number of the system's error for a command that is too long.
pub const TOO_LONG: i32 = rustix::io::Errno::TOOBIG.raw_os_error();

/// What one slot needs to run jobs.
pub struct SlotLoop<'a> {
    /// What all slots share.
    pub cx: &'a Context<'a>,
    /// Who decides.
    pub dispatch: &'a dyn Dispatch,
    /// Who runs.
    pub executor: Box<dyn Executor + 'a>,
    /// Who listens.
    pub events: &'a Events<'a>,
    /// Which slot this is.
    pub slot: Slot,
    /// The memory of the composed command.
    pub job: Job,
}

/// What came of a job in a slot.
pub struct Ran {
    /// How long the try took.
    pub wall: Duration,
    /// It is to be tried again, from this time on, by whatever slot; `None`: it has ended.
    pub again: Option<(Work, Instant)>,
}

impl SlotLoop<'_> {
    /// Runs one try of a job, and reports the job's end if the try was its last.
    pub fn run(&mut self, work: Work) -> Ran {
        let Work { mut record, earlier, mut named } = work;
        let mut tries = earlier.as_ref().map_or(0, |earlier| earlier.tries);
        let mut permit: Option<Permit<'_>> = None;
        let is_first = earlier.is_none();
        // Expressions are evaluated once, and only when it is the job's turn.
        let waits = self.cx.evaluates() && record.values.is_none();
        let mut tag = None;
        let (mut composed, mut announced) = (None, false);
        if !waits {
            composed = Some(self.compose(&mut record, false, &mut tag));
        }
        let (trial, again) = loop {
            if permit.is_none() {
                permit = self.dispatch.permit(record.seq);
            }
            if permit.is_none() {
                break (Trial::without_process(Outcome::Skipped), None);
            }
            let composed = match &composed {
                Some(composed) => composed,
                None => composed.insert(self.compose(&mut record, true, &mut tag)),
            };
            self.dispatch.composed(record.seq);
            if let Err(refusal) = composed {
                self.dispatch.shown(record.seq);
                if self.cx.control.is_over() {
                    self.dispatch.ended(&Outcome::Skipped, false, Tried::default());
                    break (Trial::without_process(Outcome::Skipped), None);
                }
                let outcome = Outcome::Refused(refusal.reason.clone());
                self.dispatch.ended(&outcome, false, self.tried(tries, &record));
                break (Trial::without_process(outcome), None);
            }
            let mut files = Vec::new();
            // Once, however often the machine has no room for it.
            let declined = if announced { None } else { self.confirm(&record) };
            if !announced && declined.is_none() {
                self.announce(&record, tag.as_ref(), is_first);
            }
            announced = true;
            if self.cx.options.control.shows_commands {
                self.dispatch.shown(record.seq);
            }
            let refusal = declined.or_else(|| {
                let written = self.cx.files.iter().try_for_each(|file| {
                    files.push(file.write(&record, self.slot)?);
                    Ok(())
                });
                written.err().map(Outcome::SpawnFailed)
            });
            let (job, slot, tag) = (&self.job, self.slot, tag.as_ref());
            let task = Task { record: &record, job, slot, tag, attempt: tries + 1, named };
            let attempt = match refusal {
                Some(outcome) => Attempt::Ended(Box::new(Trial::without_process(outcome))),
                None if record.values.as_ref().is_some_and(|values| values.skip) => {
                    let dry_run = self.cx.options.control.dry_run;
                    Attempt::Ended(Box::new(decline(&mut *self.executor, &task, dry_run)))
                }
                None => execute(&mut *self.executor, &task),
            };
            if self.cx.options.control.cleanup {
                for file in files {
                    // One that the job has moved away is not there any more.
                    fs::remove_file(file).ok();
                }
            }
            match attempt {
                Attempt::Ended(trial) => {
                    if trial.outcome != Outcome::Skipped {
                        tries += 1;
                    }
                    named |= trial.named;
                    let success = self.is_success(&trial.outcome);
                    let tried = if success { Tried::default() } else { self.tried(tries, &record) };
                    break match self.dispatch.ended(&trial.outcome, success, tried) {
                        Verdict::Final => (*trial, None),
                        Verdict::Again(wait) => (*trial, Some(wait)),
                        Verdict::Back => {
                            tries -= 1;
                            (*trial, Some(Duration::ZERO))
                        }
                    };
                }
                Attempt::TooLong => {
                    // Whoever can divide a command has done so.
                    let outcome = Outcome::NotExecutable(TOO_LONG);
                    self.dispatch.ended(&outcome, false, self.tried(tries, &record));
                    break (Trial::without_process(outcome), None);
                }
                Attempt::Refused(error) => {
                    self.dispatch.ended(&Outcome::Skipped, false, Tried::default());
                    permit = None;
                    if !self.dispatch.refused(&error) {
                        let outcome =
                            Outcome::SpawnFailed(format!("no room for one more process: {}", shortage(&error)));
                        self.dispatch.gave_up(&outcome);
                        break (Trial::without_process(outcome), None);
                    }
                }
            }
        };
        let wall = trial.wall;
        let mut finished = match earlier {
            // The run is ending: the last try was the last one. A job that was started is never skipped.
            Some(earlier) if trial.outcome == Outcome::Skipped => {
                self.dispatch.gave_up(&earlier.outcome);
                earlier
            }
            _ => Box::new(self.finish(&record, trial, tries, tag)),
        };
        if let Some(wait) = again {
            if self.cx.options.report.progress != Progress::No {
                self.events.send(Event::Waits(record.seq));
            }
            // More than a clock can hold is never; no option takes that much.
            let due = Instant::now().checked_add(wait).unwrap_or_else(Instant::now);
            return Ran { wall, again: Some((Work { record, earlier: Some(finished), named }, due)) };
        }
        if self.cx.options.wants_args() && finished.outcome != Outcome::Skipped {
            finished.identity = record.body.as_ref().and_then(|body| body.identity()).unwrap_or_default();
            finished.args = record.args;
        }
        // The place is only given back when the end has been seen to, so that a full queue holds new jobs back.
        self.events.send(Event::Finished(finished));
        drop(permit);
        Ran { wall, again: None }
    }

    /// Composes the command and its label, and evaluates their expressions before if that is due.
    fn compose(&mut self, record: &mut Record, evaluate: bool, tag: &mut Option<Arc<[u8]>>) -> Result<(), Refusal> {
        if evaluate {
            self.cx.templates().try_for_each(|template| template.evaluate(record, self.slot, self.cx))?;
        }
        *tag = self.tag(record);
        self.cx.template.expand(record, self.slot, &mut self.job)
    }

    /// So many tries, and how many this job has.
    fn tried(&self, count: u32, record: &Record) -> Tried {
        let most = match (&self.cx.options.control.tries, &self.cx.tries) {
            (Tries::Each(most), _) => *most,
            (Tries::Template(_), Some(template)) => {
                let mut text = Vec::new();
                template.label_text(record, self.slot, &mut text);
                // What is no number is no reason to try again, where GNU parallel would do that without end.
                String::from_utf8_lossy(&text).trim().parse().map_or(Some(1), Tries::of)
            }
            (Tries::Template(_), None) => Some(1),
        };
        Tried { count, most }
    }

    fn is_success(&self, outcome: &Outcome) -> bool {
        matches!(outcome, Outcome::Exited(status) if self.cx.options.is_success(*status))
    }

    fn finish(&self, record: &Record, mut trial: Trial, tries: u32, tag: Option<Arc<[u8]>>) -> Finished {
        let success = self.is_success(&trial.outcome);
        let skipped = trial.outcome == Outcome::Skipped;
        // As GNU parallel: what a job has made of nothing, of a stream that was too short for all jobs, is not shown.
        let in_turn =
            matches!(self.cx.options.pipe.as_ref().map(|pipe| &pipe.spread), Some(Spread::RoundRobin | Spread::InTurn));
        let got_nothing = in_turn && record.body.as_ref().is_some_and(|body| body.is_empty());
        if matches!(trial.outcome, Outcome::Cancelled | Outcome::Evicted) || got_nothing {
            // Half an output is none (as GNU parallel: what a halt kills prints nothing).
            (trial.stdout.0, trial.stderr.0) = Default::default();
        }
        let wanted = self.cx.options.wants_commands() || !success;
        let command = if wanted && !skipped { self.command(record) } else { Vec::new() };
        let output = &self.cx.options.output;
        let mut received = trial.stdout.1;
        if output.verbose == Verbose::Stdout
            && output.grouping != Grouping::Ungroup
            && !output.keeps_files()
            && !skipped
        {
            received += command.len() as u64 + 1;
        }
        if output.grouping == Grouping::LineBuffer {
            received += trial.stderr.1;
        }
        Finished {
            seq: record.seq,
            slot: (!skipped).then_some(self.slot),
            start: trial.start,
            wall: trial.wall,
            outcome: trial.outcome,
            success,
            usage: trial.usage,
            leaked: trial.leaked,
            tries,
            command,
            args: Words::new(),
            tag,
            stdout: trial.stdout.0,
            stderr: trial.stderr.0,
            stdout_bytes: trial.stdout.1,
            stderr_bytes: trial.stderr.1,
            received,
            sent: record.body.as_ref().filter(|_| !skipped).map_or(0, |body| body.sent(in_turn)),
            identity: Vec::new(),
        }
    }

    /// The command as text.
    fn command(&self, record: &Record) -> Vec<u8> {
        let mut text = Vec::new();
        self.cx.template.shown(record, self.slot, &mut text);
        text
    }

    fn tag(&self, record: &Record) -> Option<Arc<[u8]>> {
        let output = &self.cx.options.output;
        let inputs = || match self.cx.options.batch.insert_nothing {
            // As GNU parallel's, a tag has no more of the arguments than the command: the blanks between.
            true => vec![b' '; record.args.len().saturating_sub(1)],
            false => record.args.iter().collect::<Vec<_>>().join(&b' '),
        };
        let mut text = match output.records {
            Some(Records::InputAndOutput) => [&inputs()[..], b"\0"].concat(),
            _ if output.tag.is_none() => return None,
            _ => Vec::new(),
        };
        match (&output.tag, &self.cx.label) {
            (Some(Tag::Template(_)), Some(label)) => label.label_text(record, self.slot, &mut text),
            (Some(_), _) => text.extend_from_slice(&inputs()),
            (None, _) => {}
        }
        Some(text.into())
    }

    /// With `--interactive`: asks whether the job is wanted. Answers how it has ended if it is not.
    fn confirm(&self, record: &Record) -> Option<Outcome> {
        let confirm = self.cx.confirm.as_ref()?;
        let is_xargs = self.cx.options.xargs.is_some();
        if is_xargs && record.args.is_empty() && record.seq.0 > 1 && confirm.has_agreed() {
            // It would only have been run if nothing else had been.
            return Some(Outcome::Declined);
        }
        let show = || self.dispatch.say(&self.command(record), "");
        let ask = || self.dispatch.say(b"", if is_xargs { "?..." } else { " ?..." });
        match confirm.ask(&show, &ask, &|| self.dispatch.goes_on()) {
            Ok(Some(true)) => None,
            Ok(Some(false)) => Some(Outcome::Declined),
            Ok(None) => Some(Outcome::Skipped),
            Err(error) => {
                self.dispatch.fatal(match error.raw_os_error() {
                    Some(number) => format!("failed to open /dev/tty for reading: {}", system_error(number)),
                    None => "Failed to read from stdin".to_owned(),
                });
                Some(Outcome::Skipped)
            }
        }
    }

    /// Tells those who want to know that a job starts; waits until the command has been printed where it has to stand
    /// before anything that the job writes by itself.
    fn announce(&self, record: &Record, tag: Option<&Arc<[u8]>>, is_first: bool) {
        let output = &self.cx.options.output;
        if output.traced {
            self.dispatch.say(&self.command(record), "\n");
        }
        let wanted = match output.verbose {
            Verbose::No => self.cx.options.report.progress != Progress::No,
            Verbose::Stderr => true,
            // Once, as its output: only that of the last try is printed.
            Verbose::Stdout => is_first,
        };
        if !wanted {
            return;
        }
        let wait = output.verbose == Verbose::Stderr
            || (output.verbose == Verbose::Stdout && output.grouping == Grouping::Ungroup);
        let (printed, is_printed) = crossbeam_channel::bounded::<()>(0);
        let started = Started {
            seq: record.seq,
            slot: self.slot,
            at: std::time::SystemTime::now(),
            command: self.command(record),
            tag: tag.cloned(),
            printed: wait.then_some(printed),
        };
        self.events.send(Event::Started(started));
        if wait {
            // Nothing is ever sent: the printer drops its end when it has printed.
            is_printed.recv().ok();
        }
    }
}

/// A bug of ours costs one job, which has failed then, and not the run: nothing that was started is lost. The child is
/// ended on the way.
fn execute(executor: &mut dyn Executor, task: &Task<'_>) -> Attempt {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| executor.execute(task)));
    caught.unwrap_or_else(|_| {
        let outcome = Outcome::SpawnFailed("internal error, see above".to_owned());
        Attempt::Ended(Box::new(Trial::without_process(outcome)))
    })
}

/// A job whose command asked not to be run. A dry run shows it all the same, as GNU parallel.
fn decline(executor: &mut dyn Executor, task: &Task<'_>, dry_run: bool) -> Trial {
    match dry_run.then(|| execute(executor, task)) {
        Some(Attempt::Ended(trial)) => Trial { outcome: Outcome::Declined, ..*trial },
        _ => Trial::without_process(Outcome::Declined),
    }
}
