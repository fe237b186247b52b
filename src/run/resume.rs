//! What comes next where an earlier run has done some of it: between the input and the pool.

use std::collections::VecDeque;
use std::sync::Arc;

use anyhow::{Result, bail};

use crate::diag::{Diag, escape};
use crate::exec::Keeper;
use crate::input::Source;
use crate::model::{Record, Seq, Slot};
use crate::options::{Options, Resume as Kind};
use crate::report::{Decision, Journal, Report, Retry};
use crate::sys::wake::Wake;
use crate::template::Template;

/// What is to be done with the next record.
#[derive(Debug)]
pub enum Next {
    /// A job for the pool.
    Run(Record),
    /// Nothing: an earlier run has done it.
    PassOver(Seq),
}

/// Which records an earlier run has done. Without `--resume` and its like, none.
#[derive(Debug)]
pub struct Resume<'a> {
    options: &'a Options,
    template: &'a Template,
    diag: &'a Diag,
    journal: Option<Journal>,
    /// The jobs of `--retry-failed`, by their Seq.
    retries: VecDeque<Retry>,
    /// The Seq that follows.
    next_retry: u64,
    /// Those whose turn has not come yet: nothing is run before it is clear that the log is about this command.
    held: VecDeque<Next>,
    unsure: bool,
    warned: bool,
    /// The files of jobs: where they are all there, the job is done.
    keeper: Option<Arc<Keeper>>,
}

impl<'a> Resume<'a> {
    /// Reads the log, which `report` has opened. With `--resume`, the files of jobs say what is done, too (as GNU parallel).
    ///
    /// # Errors
    /// A log that can't be read, or is none.
    pub fn open(
        options: &'a Options,
        template: &'a Template,
        keeper: Option<Arc<Keeper>>,
        report: &mut Report<'_>,
        diag: &'a Diag,
    ) -> Result<Resume<'a>> {
        let mut journal = Journal::read(options, template.has_numbers(), diag)?;
        let (mut retries, mut unsure) = (VecDeque::new(), false);
        if let Some(journal) = &mut journal {
            report.resumes(journal.reruns());
            retries = journal.take_retries().into();
            unsure = journal.is_anonymous && options.report.resume != Kind::Retry;
            if journal.is_anonymous && options.pipe.is_some() {
                bail!(
                    "{}: the log does not say what its jobs have read, as it has rows without values: remove it to run everything",
                    options.report.resume.option()
                );
            }
        }
        let held = VecDeque::new();
        let keeper = keeper.filter(|_| options.report.resume == Kind::Finished);
        Ok(Resume { options, template, diag, journal, retries, next_retry: 1, held, unsure, warned: false, keeper })
    }

    /// Whether anything is resumed.
    pub fn is_on(&self) -> bool {
        self.journal.is_some() || self.keeper.is_some()
    }

    /// How many jobs there are besides those of the input.
    pub fn retries(&self) -> u64 {
        self.retries.len() as u64
    }

    /// What comes next; `None` at the end, and once the run is stopping while the input is waited for.
    ///
    /// # Errors
    /// Those of reading the input; a log of other jobs.
    pub fn next(&mut self, source: &mut Source<'_>, stop: &Wake, stopping: &dyn Fn() -> bool) -> Result<Option<Next>> {
        if let Some(next) = self.held.pop_front().or_else(|| self.next_retry()) {
            return Ok(Some(next));
        }
        if !self.is_on() {
            return Ok(source.next_record(stop, self.diag)?.map(Next::Run));
        }
        while let Some(record) = source.next_record(stop, self.diag)? {
            let next = self.decide(record);
            if !self.unsure && self.held.is_empty() {
                return Ok(Some(next));
            }
            self.held.push_back(next);
            if !self.unsure {
                return Ok(self.held.pop_front());
            }
        }
        if self.unsure && !self.held.is_empty() && !stopping() {
            return self.refuse();
        }
        Ok(None)
    }

    /// The next of those that failed. Numbers that are missing between them are passed over: in order, each has its turn.
    fn next_retry(&mut self) -> Option<Next> {
        let in_order = self.options.output.keep_order;
        let retry = self.retries.front()?;
        let seq = if in_order { self.next_retry } else { retry.seq };
        self.next_retry = seq + 1;
        if seq < retry.seq {
            return Some(Next::PassOver(Seq(seq)));
        }
        let retry = self.retries.pop_front()?;
        Some(Next::Run(Record::new(Seq(seq), [retry.command].into_iter().collect())))
    }

    fn decide(&mut self, record: Record) -> Next {
        // Which slot it had is not known.
        if self.keeper.as_ref().is_some_and(|keeper| keeper.has(&record, Slot(1))) {
            return Next::PassOver(record.seq);
        }
        let Some(journal) = &mut self.journal else { return Next::Run(record) };
        let template = self.template;
        let compose = |record: &Record, slot: Slot, text: &mut Vec<u8>| template.shown(record, slot, text);
        let decision = journal.decide(&record, &compose);
        self.unsure &= !journal.has_matched;
        // What perl would make of the inputs is not known before a job's turn.
        if journal.command_changed && !self.warned && !template.needs_perl() {
            self.warned = true;
            self.diag.warn(format_args!(
                "{}: the command is another one than in the log; what was done with that one stays done (remove the log to run everything)",
                self.options.report.resume.option()
            ));
        }
        match decision {
            Decision::Run => Next::Run(record),
            Decision::Done => Next::PassOver(record.seq),
        }
    }

    fn refuse(&self) -> Result<Option<Next>> {
        let rows = self.journal.as_ref().map_or(0, Journal::len);
        let path = self.options.report.joblog.as_ref().map(|joblog| joblog.path.as_os_str().as_encoded_bytes());
        bail!(
            "{} {}: none of its {rows} rows is of this command and input, and it has no values to know jobs by: give the same \
             command as then, or remove the log to run everything",
            self.options.report.resume.option(),
            escape(path.unwrap_or_default())
        )
    }
}
