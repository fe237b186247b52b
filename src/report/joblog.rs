//! `--joblog`: a row per job, in GNU parallel's format.
//!
//! TAB-separated `Seq Host Starttime JobRuntime Send Receive Exitval Signal Command`, in the order in which jobs'
//! output was printed; a job that never started has no row. As GNU parallel writes it (20221122), but for its faults:
//!
//! - A command stays on its line and in its column whatever it holds (GNU writes a newline as NUL and a TAB as it is):
//!   see [`escape_command`].
//! - `+FILE` on an empty or new file writes the header too, and a torn last line is taken away instead of being glued
//!   to the next row.
//! - Jobs that were ended because the run was cancelled have a row, with Exitval -1 as those that timed out. So have those whose
//!   output is lost.

mod open;
mod row;

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Result;

use super::lines::{Lines, complain, named};
use super::logfile;
use crate::diag::Diag;
use crate::model::{Finished, Outcome};
use crate::options::Options;

pub use open::{no_joblog, no_lasting_file, values_path};
use open::{open_file, refuse_resume};
use row::DECLINED;
pub use row::{ENDED_BY_US, Ended, Row, ValuesLine, is_header, write_values};

/// The first line.
pub const HEADER: &[u8] = b"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

/// The open joblog.
pub struct JobLog<'a> {
    /// Beside a log in a regular file.
    values: Option<Lines<'a>>,
    lines: Lines<'a>,
    /// What jobs write does not reach standard output any more.
    output_lost: bool,
    reruns: Option<Arc<Reruns>>,
    fsync: bool,
    /// The signal that ends a job first; which one did in the end is not known here.
    first_signal: i32,
    scratch: Vec<u8>,
}

/// What the rows of a run that resumes another one replace: filled by who decides what is run, emptied by the log.
#[derive(Debug, Default)]
pub struct Reruns(Mutex<HashMap<u64, Rerun>>);

/// A job that had a row before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rerun {
    /// The Seq of that row; 0: none.
    pub replaces: u64,
    /// Its values as they stand in the file of values, where they are not the job's own arguments.
    pub values: RerunValues,
}

/// Where the values of a job that had a row before are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RerunValues {
    /// They are its arguments.
    #[default]
    Args,
    /// These (`--retry-failed`).
    Known(Vec<u8>),
    /// Nobody knows: the row had none.
    Unknown,
}

impl Reruns {
    /// The job with this Seq has had a row.
    pub fn add(&self, seq: u64, rerun: Rerun) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(seq, rerun);
    }

    fn take(&self, seq: u64) -> Rerun {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&seq).unwrap_or_default()
    }
}

impl<'a> JobLog<'a> {
    /// Opens the file, and in a new one writes the header. `None` without `--joblog`, and with `--dry-run` (as GNU parallel).
    ///
    /// # Errors
    /// A file that can't be opened, read (where it is added to) or written; one that another run uses.
    pub fn open(options: &Options, diag: &'a Diag) -> Result<Option<JobLog<'a>>> {
        let Some(joblog) = options.report.joblog.as_ref().filter(|_| !options.control.dry_run) else { return Ok(None) };
        let resume = options.report.resume;
        let (lines, values) = if joblog.path.as_os_str() == "-" {
            refuse_resume(joblog, resume)?;
            let mut lines = Lines::open("--joblog", Some(&joblog.path), true, diag)?;
            lines.buffer().extend_from_slice(HEADER);
            (lines, None)
        } else {
            open_file(joblog, resume, diag)?
        };
        let first_signal = options.control.termseq.first().map_or(15, |(signal, _)| *signal);
        let mut log = JobLog {
            values,
            lines,
            output_lost: false,
            reruns: None,
            fsync: options.report.fsync,
            first_signal,
            scratch: Vec::new(),
        };
        log.flush()?;
        if log.fsync && log.values.is_some() {
            // A new file is only there after a power cut if its folder says so.
            logfile::sync_folder(&joblog.path)
                .map_err(|error| complain(&named("--joblog", &joblog.path), "written", &error))?;
        }
        Ok(Some(log))
    }

    /// This run resumes another one: `reruns` knows what its rows replace.
    pub fn resumes(&mut self, reruns: Arc<Reruns>) {
        self.reruns = Some(reruns);
    }

    /// Adds the row of a job. It is written by [`JobLog::flush`], so that the caller can see to the job's output first.
    ///
    /// # Errors
    /// None: memory takes everything.
    pub fn finished(&mut self, job: &Finished) -> Result<()> {
        let (exit, signal, ended) = match job.outcome {
            Outcome::Skipped | Outcome::AlreadyDone => return Ok(()),
            Outcome::Exited(status) => (status, 0, Ended::Yes),
            // As GNU parallel: the status is 0, only the signal tells.
            Outcome::Signaled(signal) => (0, signal, Ended::Yes),
            Outcome::TimedOut | Outcome::WantedTerminal => (ENDED_BY_US, self.first_signal, Ended::Yes),
            Outcome::Cancelled | Outcome::Evicted => (ENDED_BY_US, self.first_signal, Ended::No),
            Outcome::Declined => (DECLINED, 0, Ended::Yes),
            Outcome::SpawnFailed(_) | Outcome::NotExecutable(_) => (255, 0, Ended::No),
            Outcome::OutputLost(_) => (ENDED_BY_US, 0, Ended::No),
            Outcome::Refused(_) => (255, 0, Ended::Refused),
        };
        let (exit, signal, ended) = match self.output_lost {
            true => (ENDED_BY_US, self.first_signal, ended.without_output()),
            false => (exit, signal, ended),
        };
        let start = milliseconds(job.start.duration_since(UNIX_EPOCH).unwrap_or_default());
        let wall = milliseconds(job.wall);
        let buffer = self.lines.buffer();
        let row = buffer.len();
        write!(
            buffer,
            "{}\t:\t{}.{:03}\t{:6}.{:03}\t{}\t{}\t{exit}\t{signal}\t",
            job.seq,
            start / 1000,
            start % 1000,
            wall / 1000,
            wall % 1000,
            job.sent,
            job.received
        )?;
        let plain = write_command(&job.command, buffer);
        if let Some(values) = &mut self.values
            && let Some(row) = Row::parse(&buffer[row..])
        {
            let rerun = self
                .reruns
                .as_ref()
                .map_or_else(|| Rerun { replaces: job.seq.0, ..Rerun::default() }, |reruns| reruns.take(job.seq.0));
            let known = match rerun.values {
                RerunValues::Args => {
                    self.scratch.clear();
                    let identity = Some(&job.identity[..]).filter(|identity| !identity.is_empty());
                    write_values(job.args.iter().chain(identity), &mut self.scratch);
                    Some(&self.scratch[..])
                }
                RerunValues::Known(ref known) => Some(&known[..]),
                RerunValues::Unknown => None,
            };
            if let Some(known) = known {
                let line = values.buffer();
                row.key(line);
                row::write_values_tail(rerun.replaces, ended, plain, known, line);
            }
        }
        self.lines.buffer().push(b'\n');
        self.lines.count_line();
        Ok(())
    }

    /// Standard output can't be written any more: what the jobs of rows that have not been flushed wrote, and those to come, is
    /// lost. They are to be run again, whoever reads the log: FILE.values may be missing, and GNU parallel does not know it.
    pub fn output_lost(&mut self) {
        if !std::mem::replace(&mut self.output_lost, true) {
            row::lose_output(self.lines.buffer(), self.first_signal);
            if let Some(values) = &mut self.values {
                row::lose_output_of_values(values.buffer(), self.first_signal);
            }
        }
    }

    /// Whether any row waits.
    pub fn has_rows(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Whether so much waits that it should be flushed.
    pub fn is_full(&self) -> bool {
        self.lines.is_full() || self.values.as_ref().is_some_and(Lines::is_full)
    }

    /// Gives everything to the kernel: the values first, so that no row is without.
    ///
    /// # Errors
    /// A file that can't be written.
    pub fn flush(&mut self) -> Result<()> {
        if self.lines.is_empty() {
            return Ok(());
        }
        if let Some(values) = &mut self.values {
            values.flush()?;
            if self.fsync {
                values.sync()?;
            }
        }
        self.lines.flush()?;
        if self.fsync { self.lines.sync() } else { Ok(()) }
    }

    /// Rows for standard output (`--joblog -`).
    pub fn take_stdout(&mut self) -> Vec<u8> {
        self.lines.take_stdout()
    }
}

impl Drop for JobLog<'_> {
    /// Rows that nobody has flushed are of jobs whose output may not have been printed.
    fn drop(&mut self) {
        self.lines.discard();
        self.values.iter_mut().for_each(Lines::discard);
    }
}

/// A duration in whole milliseconds, to the nearest: what the joblog shows, and what totals are made of that must agree
/// with it.
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from((duration.as_nanos() + 500_000) / 1_000_000).unwrap_or(u64::MAX)
}

/// Appends `command` to `row`: as it is, as GNU parallel, or with escapes if it takes more than one line. Answers whether it is as it
/// is although it looks as if it had escapes.
pub fn write_command(command: &[u8], row: &mut Vec<u8>) -> bool {
    if memchr::memchr(b'\n', command).is_some() {
        escape_command(command, row);
        return false;
    }
    row.extend_from_slice(command);
    memchr::memchr(b'\\', command).is_some() && unescape_command(command) != command
}

/// Appends `command` to `row` such that it takes one line and one column, and can be read back.
///
/// A newline is written as `\n`, a TAB as `\t`. Backslashes stay as they are, as in GNU parallel, except directly before
/// `n`, `t`, a newline or a TAB: there each is doubled. So an odd number of backslashes before `n` or `t` ends with the
/// start of an escape, and an even number stands for half as many.
fn escape_command(command: &[u8], row: &mut Vec<u8>) {
    let mut rest = command;
    while let Some(at) = memchr::memchr3(b'\n', b'\t', b'\\', rest) {
        let (plain, special) = rest.split_at(at);
        row.extend_from_slice(plain);
        let (backslashes, after) = split_backslashes(special);
        row.extend_from_slice(backslashes);
        if let Some(b'n' | b't' | b'\n' | b'\t') = after.first() {
            row.extend_from_slice(backslashes);
        }
        rest = match after.split_first() {
            Some((b'\n', rest)) => {
                row.extend_from_slice(b"\\n");
                rest
            }
            Some((b'\t', rest)) => {
                row.extend_from_slice(b"\\t");
                rest
            }
            _ => after,
        };
    }
    row.extend_from_slice(rest);
}

/// What [`write_command`] was given, where it wrote escapes.
pub fn unescape_command(escaped: &[u8]) -> Vec<u8> {
    let mut command = Vec::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (plain, special) = rest.split_at(at);
        command.extend_from_slice(plain);
        let (backslashes, after) = split_backslashes(special);
        rest = after;
        let Some((letter @ (b'n' | b't'), behind)) = after.split_first() else {
            command.extend_from_slice(backslashes);
            continue;
        };
        command.extend_from_slice(&backslashes[..backslashes.len() / 2]);
        if backslashes.len() % 2 == 1 {
            command.push(if *letter == b'n' { b'\n' } else { b'\t' });
            rest = behind;
        }
    }
    command.extend_from_slice(rest);
    command
}

/// `command` as GNU parallel writes it into its log: it escapes nothing, but has NUL for a newline.
pub fn as_parallel_writes(command: &[u8]) -> Vec<u8> {
    replaced(command, b'\n', 0)
}

/// What [`as_parallel_writes`] was given.
pub fn as_parallel_wrote(written: &[u8]) -> Vec<u8> {
    replaced(written, 0, b'\n')
}

fn replaced(bytes: &[u8], old: u8, new: u8) -> Vec<u8> {
    bytes.iter().map(|byte| if *byte == old { new } else { *byte }).collect()
}

/// The backslashes at the start, and what follows them.
fn split_backslashes(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().take_while(|byte| **byte == b'\\').count())
}

#[cfg(test)]
mod tests;
