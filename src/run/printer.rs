//! The printer: events through the sequencer to the sink and the report.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::exec::{Context, Dispatch, Listener, SpillStash, command_of};
use crate::model::{Event, Outcome, Stops};
use crate::options::{Grouping, Options, OutputOptions, Verbose};
use crate::output::{Sequencer, Sink, SinkError, Table};
use crate::report::{Report, RunEnd};
use crate::schedule::Scheduler;
use crate::sys::process::is_foreground;

/// So many bytes may have to be printed at once, at most, for a slot to do it in passing.
const AT_EASE: u64 = 16 << 10;

/// EIO: how writing to a terminal that has gone away fails.
const GONE: i32 = rustix::io::Errno::IO.raw_os_error();

/// The end of the walk: order, output, reports.
pub struct Printer<'a> {
    options: &'a OutputOptions,
    fsync: bool,
    cx: &'a Context<'a>,
    scheduler: &'a Scheduler<'a>,
    sequencer: Sequencer,
    sink: Sink<'a>,
    report: Report<'a>,
    /// What jobs write is thrown away: nobody can be told any more.
    mute: bool,
    /// Jobs that were never started.
    skipped: u64,
    /// So many times somebody wanted progress to be shown, or to be hidden.
    toggles: &'a AtomicUsize,
    /// The first trouble with a report.
    trouble: Option<anyhow::Error>,
}

impl<'a> Printer<'a> {
    /// Not started yet.
    pub fn new(
        options: &'a Options,
        cx: &'a Context<'a>,
        scheduler: &'a Scheduler<'a>,
        report: Report<'a>,
        table: Option<Table>,
        toggles: &'a AtomicUsize,
    ) -> Printer<'a> {
        let (options, fsync) = (&options.output, options.report.fsync);
        // What jobs write by themselves is in nobody's order.
        // The latest lines have rows in order, and are drawn as they come, where they are.
        let sink = Sink::new(options, table);
        let in_order = options.keep_order && options.grouping != Grouping::Ungroup && !sink.draws_rows();
        let sequencer = if in_order {
            Sequencer::input_order(Box::new(SpillStash::new(Arc::clone(&cx.spill))))
        } else if options.grouping == Grouping::Group && !sink.draws_rows() {
            Sequencer::short_first()
        } else {
            Sequencer::arrival()
        };
        let mut printer = Printer {
            options,
            fsync,
            cx,
            scheduler,
            sequencer,
            sink,
            report,
            mute: false,
            skipped: 0,
            toggles,
            trouble: None,
        };
        // A log on standard output begins with its header.
        printer.rows();
        printer
    }

    /// The number of jobs, where it is known before the start.
    pub fn total(&mut self, total: Option<u64>) {
        total.into_iter().for_each(|total| self.report.total(total));
    }

    /// How many jobs have been read and never started.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// What the exit status of xargs depends on.
    pub fn stops(&self) -> Stops {
        self.report.stops()
    }

    /// The last words, once everything is known.
    ///
    /// # Errors
    /// A log that could not be written, now or earlier.
    pub fn close(mut self, end: &RunEnd) -> Result<()> {
        self.release();
        self.settle(true);
        let result = self.report.close(end);
        self.note(result);
        self.rows();
        self.rest(true);
        self.trouble.map_or(Ok(()), Err)
    }

    fn print(&mut self, event: &mut Event) {
        if !self.mute {
            if self.sink.shows() {
                self.report.step_aside();
            }
            let result = self.sink.write(&mut *event);
            self.check(result);
        }
        if let Event::Finished(finished) = event {
            let result = self.report.finished(finished);
            self.note(result);
            self.rows();
            if self.report.is_full() {
                self.settle(false);
            }
        }
    }

    /// Gives what jobs wrote to the kernel, and then the rows that say that they are done: a row without its output would
    /// never be made good by a run that resumes this one. Answers whether nothing is left.
    fn settle(&mut self, may_wait: bool) -> bool {
        let mut settled = true;
        if !self.mute {
            let result = if may_wait { self.sink.flush().map(|()| true) } else { self.sink.flush_some() };
            settled = self.check(result).unwrap_or(true);
        }
        if settled {
            if self.fsync && !self.mute && self.report.has_rows() {
                let result = self.sink.sync();
                self.check(result);
            }
            let result = self.report.flush();
            self.note(result);
        }
        settled
    }

    /// Hands the reports' rows for standard output to its owner.
    fn rows(&mut self) {
        let rows = self.report.take_stdout();
        if !self.mute && !rows.is_empty() {
            let result = self.sink.extra(&rows);
            self.check(result);
        }
    }

    /// A log that can't be written ends the run: nothing more is started.
    fn note(&mut self, result: Result<()>) {
        if let Err(error) = result {
            self.trouble.get_or_insert(error);
            self.scheduler.drain();
        }
    }

    /// Prints what short jobs have written that wait for others.
    fn release(&mut self) {
        let mut sequencer = std::mem::replace(&mut self.sequencer, Sequencer::arrival());
        sequencer.release(&mut |mut event| self.print(&mut event));
        self.sequencer = sequencer;
    }

    fn toggle_progress(&mut self) {
        let control = &self.cx.control;
        for _ in 0..self.toggles.swap(0, Ordering::SeqCst) {
            self.report.toggle_progress(Box::new(|names| {
                let named = |job| (job, if names { command_of(&job) } else { Vec::new() });
                control.running().into_iter().map(named).collect()
            }));
        }
    }

    fn check<T>(&mut self, result: Result<T, SinkError>) -> Option<T> {
        let error = match result {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        self.mute = true;
        self.report.output_lost();
        match error {
            SinkError::ReaderGone => self.scheduler.reader_gone(),
            SinkError::Failed(ref cause) if cause.raw_os_error() == Some(GONE) && self.sink.shows() => {
                self.scheduler.terminal_gone(error.to_string());
            }
            SinkError::Failed(_) | SinkError::Table(..) => self.scheduler.fatal(error.to_string()),
        }
        None
    }
}

impl Listener for Printer<'_> {
    fn hear(&mut self, mut event: Event) {
        if let Event::Started(started) = &event {
            // Who runs is known at once, whatever the order of the output.
            self.report.started(started);
            match (self.options.verbose, self.options.grouping) {
                (Verbose::Stdout, Grouping::LineBuffer) => {}
                // A slot waits for it, or nobody: it has no place in the order.
                _ => return self.print(&mut event),
            }
        }
        match &event {
            Event::Finished(finished) => {
                self.skipped += u64::from(finished.outcome == Outcome::Skipped);
                self.report.ended(finished);
            }
            Event::Slow(slow) => return self.report.slow(slow),
            Event::Waits(seq) => return self.report.waits(*seq),
            _ => {}
        }
        let mut sequencer = std::mem::replace(&mut self.sequencer, Sequencer::arrival());
        let accepted = sequencer.accept(event, &mut |mut event| self.print(&mut event));
        self.sequencer = sequencer;
        if let Err(error) = accepted {
            self.mute = true;
            self.report.output_lost();
            self.scheduler.fatal(self.cx.spill.complaint(&error));
        }
        if let Some(turn) = self.sequencer.turn() {
            self.cx.turn.store(turn.0, Ordering::Release);
        }
    }

    fn is_at_ease(&self) -> bool {
        self.sequencer.weight() + self.sink.pending() as u64 <= AT_EASE
    }

    fn rest(&mut self, may_wait: bool) -> bool {
        if self.sequencer.due().is_some_and(|due| due <= Instant::now()) {
            self.release();
        }
        let rested = self.settle(may_wait);
        if self.toggles.load(Ordering::Relaxed) > 0 {
            self.toggle_progress();
        }
        if self.report.tick_interval().is_some() {
            // What jobs wrote went first: the display stands below it. It would wipe a line that is not finished, and a
            // background job must not write to the terminal.
            self.report.tick(rested && self.sink.at_line_start() && is_foreground());
        }
        rested
    }

    fn interval(&self) -> Option<Duration> {
        let due = self.sequencer.due().map(|due| due.saturating_duration_since(Instant::now()));
        due.into_iter().chain(self.report.tick_interval()).min()
    }
}
