//! What is said about jobs: joblog, timing, summary, failures, progress.

use anyhow::Result;

use crate::diag::Diag;
use crate::model::{Finished, PoolReport, Started};
use crate::options::Options;

/// Everything that listens to events.
pub struct Report<'a> {
    _options: &'a Options,
}

/// What only the run itself knows, handed over at its end.
#[derive(Clone, Debug, Default)]
pub struct RunEnd {
    /// From the start of the run to its end, by a monotonic clock.
    pub wall: std::time::Duration,
    /// What the pool did.
    pub pool: PoolReport,
}

impl<'a> Report<'a> {
    /// Opens the files, so that one that can't be written is known before the first job starts.
    /// `stderr_is_terminal` and `foreground` are the run's to find out.
    ///
    /// # Errors
    /// A file that can't be created.
    pub fn open(options: &'a Options, _stderr_is_terminal: bool, _diag: &'a Diag) -> Result<Report<'a>> {
        Ok(Report { _options: options })
    }

    /// The number of jobs is known now.
    pub fn total(&mut self, _jobs: u64) {}

    /// A job's process exists.
    pub fn started(&mut self, _started: &Started) {}

    /// A job has ended and its output has been handed to the sink.
    ///
    /// # Errors
    /// A log that can't be written.
    pub fn finished(&mut self, _finished: &Finished) -> Result<()> {
        Ok(())
    }

    /// Rows for standard output, which the sink owns.
    pub fn take_stdout(&mut self) -> Vec<u8> {
        Vec::new()
    }

    /// Nothing more is to be said for now: what waits goes out.
    ///
    /// # Errors
    /// A log that can't be written.
    pub fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    /// How long the caller may wait before it calls [`Report::tick`]; `None`: forever.
    pub fn tick_interval(&self) -> Option<std::time::Duration> {
        None
    }

    /// Time has passed: draws the progress display if `foreground`.
    pub fn tick(&mut self, _foreground: bool) {}

    /// Takes the progress display off the terminal, because jobs' output comes; the next tick draws it again.
    pub fn step_aside(&mut self) {}

    /// Ends the display, writes totals, and makes sure that everything reached its file.
    ///
    /// # Errors
    /// A file that can't be written.
    pub fn close(self, _end: &RunEnd) -> Result<()> {
        Ok(())
    }
}
