//! The printer's thread: events through the sequencer to the sink and the report.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Result;
use crossbeam_channel::TryRecvError;

use crate::exec::{Context, Dispatch, Printed, SpillStash};
use crate::model::Event;
use crate::options::{Grouping, Options, OutputOptions, Verbose};
use crate::output::{Sequencer, Sink, SinkError};
use crate::report::Report;
use crate::schedule::Scheduler;
use crate::sys::process::is_foreground;

/// The end of the walk: order, output, reports.
pub struct Printer<'a> {
    options: &'a OutputOptions,
    cx: &'a Context<'a>,
    scheduler: &'a Scheduler<'a>,
    sequencer: Sequencer,
    sink: Sink<'a>,
    report: Report<'a>,
    /// What jobs write is thrown away: nobody can be told any more.
    mute: bool,
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
    ) -> Printer<'a> {
        let options = &options.output;
        // What jobs write by themselves is in nobody's order.
        let in_order = options.keep_order && options.grouping != Grouping::Ungroup;
        let sequencer = if in_order {
            Sequencer::input_order(Box::new(SpillStash::new(Arc::clone(&cx.spill))))
        } else {
            Sequencer::arrival()
        };
        Printer { options, cx, scheduler, sequencer, sink: Sink::new(options), report, mute: false, trouble: None }
    }

    /// The number of jobs, where it is known before the start.
    pub fn total(&mut self, total: Option<u64>) {
        total.into_iter().for_each(|total| self.report.total(total));
    }

    /// Prints until all slots have ended. Answers the report, for its last words.
    ///
    /// # Errors
    /// A log that could not be written.
    pub fn run(mut self, events: &Printed) -> Result<Report<'a>> {
        loop {
            let mut event = events.try_next();
            if matches!(event, Err(TryRecvError::Empty)) {
                // Flushed when idle, not per job: cheap while busy, and nobody waits for what is there.
                self.flush();
                let interval = self.report.tick_interval();
                if interval.is_some() {
                    self.report.tick(is_foreground());
                }
                event = events.next(interval);
            }
            match event {
                Ok(event) => self.take(event),
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => break,
            }
        }
        self.flush();
        match self.trouble {
            Some(error) => Err(error),
            None => Ok(self.report),
        }
    }

    fn take(&mut self, event: Event) {
        if let Event::Started(started) = &event {
            // Who runs is known at once, whatever the order of the output.
            self.report.started(started);
            match (self.options.verbose, self.options.grouping) {
                (Verbose::Stdout, Grouping::LineBuffer) => {}
                // A slot waits for it, or nobody: it has no place in the order.
                _ => return self.print(&event),
            }
        }
        let mut sequencer = std::mem::replace(&mut self.sequencer, Sequencer::arrival());
        let accepted = sequencer.accept(event, &mut |event| self.print(&event));
        self.sequencer = sequencer;
        if let Err(error) = accepted {
            self.mute = true;
            self.scheduler.fatal(self.cx.spill.complaint(&error));
        }
        if let Some(turn) = self.sequencer.turn() {
            self.cx.turn.store(turn.0, Ordering::Release);
        }
    }

    fn print(&mut self, event: &Event) {
        if !self.mute {
            self.report.step_aside();
            let result = self.sink.write(event);
            self.check(result);
        }
        if let Event::Finished(finished) = event
            && let Err(error) = self.report.finished(finished)
        {
            self.trouble.get_or_insert(error);
            self.scheduler.drain();
        }
    }

    fn flush(&mut self) {
        let rows = self.report.take_stdout();
        if !self.mute {
            let result = self.sink.extra(&rows).and_then(|()| self.sink.flush());
            self.check(result);
        }
        if let Err(error) = self.report.flush() {
            self.trouble.get_or_insert(error);
            self.scheduler.drain();
        }
    }

    fn check(&mut self, result: Result<(), SinkError>) {
        let Err(error) = result else { return };
        self.mute = true;
        match error {
            SinkError::ReaderGone => self.scheduler.reader_gone(),
            SinkError::Failed(_) => self.scheduler.fatal(error.to_string()),
        }
    }
}
