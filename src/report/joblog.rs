//! `--joblog`: a row per job, in GNU parallel's format.
//!
//! TAB-separated `Seq Host Starttime JobRuntime Send Receive Exitval Signal Command`, in the order in which jobs'
//! output was printed; a job that never started has no row. As GNU parallel writes it (20221122), but for its faults:
//!
//! - A command stays on its line and in its column whatever it holds (GNU writes a newline as NUL and a TAB as it is):
//!   see [`escape_command`].
//! - `+FILE` on an empty or new file writes the header too, and a torn last line is taken away instead of being glued
//!   to the next row.
//! - Jobs that were ended because the run was cancelled have a row, with Exitval -1 as those that timed out.

use std::io::Write;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Result;

use super::lines::Lines;
use crate::diag::Diag;
use crate::model::{Finished, Outcome};
use crate::options::Options;

/// The first line.
pub const HEADER: &[u8] = b"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

/// The open joblog.
pub struct JobLog<'a> {
    lines: Lines<'a>,
    /// The signal that ends a job first; which one did in the end is not known here.
    first_signal: i32,
}

impl<'a> JobLog<'a> {
    /// Opens the file and writes the header. `None` without `--joblog`, and with `--dry-run` (as GNU parallel).
    ///
    /// # Errors
    /// A file that can't be opened, read (with `+`) or written.
    pub fn open(options: &Options, diag: &'a Diag) -> Result<Option<JobLog<'a>>> {
        let Some(joblog) = options.report.joblog.as_ref().filter(|_| !options.control.dry_run) else { return Ok(None) };
        let mut lines = Lines::open("--joblog", Some(&joblog.path), joblog.append, diag)?;
        let continued = joblog.append && lines.mend(&joblog.path, begins_like_a_joblog)?;
        if !continued {
            lines.buffer().extend_from_slice(HEADER);
            lines.flush()?;
        }
        let first_signal = options.control.termseq.first().map_or(15, |(signal, _)| *signal);
        Ok(Some(JobLog { lines, first_signal }))
    }

    /// Adds the row of a job.
    ///
    /// # Errors
    /// A file that can't be written.
    pub fn finished(&mut self, job: &Finished) -> Result<()> {
        let (exit, signal) = match job.outcome {
            Outcome::Skipped => return Ok(()),
            Outcome::Exited(status) => (status, 0),
            // As GNU parallel: the status is 0, only the signal tells.
            Outcome::Signaled(signal) => (0, signal),
            Outcome::TimedOut | Outcome::WantedTerminal | Outcome::Cancelled => (-1, self.first_signal),
            Outcome::SpawnFailed(_) => (255, 0),
        };
        let start = milliseconds(job.start.duration_since(UNIX_EPOCH).unwrap_or_default());
        let wall = milliseconds(job.wall);
        let row = self.lines.buffer();
        write!(
            row,
            "{}\t:\t{}.{:03}\t{:6}.{:03}\t0\t{}\t{exit}\t{signal}\t",
            job.seq,
            start / 1000,
            start % 1000,
            wall / 1000,
            wall % 1000,
            job.stdout_bytes
        )?;
        escape_command(&job.command, row);
        row.push(b'\n');
        self.lines.end_line()
    }

    /// Gives everything to the kernel.
    ///
    /// # Errors
    /// A file that can't be written.
    pub fn flush(&mut self) -> Result<()> {
        self.lines.flush()
    }

    /// Rows for standard output (`--joblog -`).
    pub fn take_stdout(&mut self) -> Vec<u8> {
        self.lines.take_stdout()
    }
}

/// A duration in whole milliseconds, to the nearest: what the joblog shows, and what totals are made of that must agree
/// with it.
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from((duration.as_nanos() + 500_000) / 1_000_000).unwrap_or(u64::MAX)
}

/// Appends `command` to `row` such that it takes one line and one column, and can be read back.
///
/// A newline is written as `\n`, a TAB as `\t`. Backslashes stay as they are, as in GNU parallel, except directly before
/// `n`, `t`, a newline or a TAB: there each is doubled. So an odd number of backslashes before `n` or `t` ends with the
/// start of an escape, and an even number stands for half as many.
pub fn escape_command(command: &[u8], row: &mut Vec<u8>) {
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

/// What [`escape_command`] was given.
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

/// The backslashes at the start, and what follows them.
fn split_backslashes(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().take_while(|byte| **byte == b'\\').count())
}

/// Whether a file that starts so is a joblog: with (a piece of) the header, or with a row, because GNU parallel starts
/// none with the header when it appends.
fn begins_like_a_joblog(head: &[u8]) -> bool {
    let digits = head.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let row = digits > 0 && matches!(head.get(digits), None | Some(b'\t'));
    let header = head.len().min(HEADER.len());
    row || head[..header] == HEADER[..header]
}

#[cfg(test)]
mod tests;
