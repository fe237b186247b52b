//! The main thread while jobs run: signals, the reader of standard output, and the end.

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{Halted, Scheduler, Stop};
use crate::sys::files::has_reader;
use crate::sys::signals::{self, SIGCONT, SIGHUP, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, Signals};
use crate::sys::{tree, watch};

/// How long the printer may take for its last words once all jobs of a cancelled run are gone: standard output may be
/// a pipe that nobody reads.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How often orphans that have ended are taken out of the process table, and jobs are looked for that wait for the terminal;
/// and how often while there are many of the former.
const SWEEP: Duration = Duration::from_secs(1);
const SWEEP_AGAIN: Duration = Duration::from_millis(50);

/// The same signal so soon after the first is the first one again: sent to our group and, by the watcher, to us (timeout(1)
/// sends it to its command and to its group).
const ECHO: Duration = Duration::from_millis(100);

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// The signal that ended it: ours to die of.
    pub signal: Option<i32>,
    /// SIGHUP has kept it from starting more.
    pub hung_up: bool,
    /// What went wrong with fanout itself.
    pub fatal: Option<String>,
    /// `--global-timeout` ended it.
    pub expired: bool,
    /// What a halt decided.
    pub halted: Option<Halted>,
    /// How many jobs failed.
    pub failed: u64,
    /// The printer did not finish: it must not be waited for.
    pub abandoned: bool,
}

impl Scheduler<'_> {
    /// Waits until `is_done`, which is asked after each call of the attention that the scheduler was made with, and sees
    /// to signals meanwhile. `stdout` is watched for the loss of its reader. SIGUSR1 and SIGUSR2 change nothing in the run and are
    /// handed to `show`.
    pub fn supervise(
        &self,
        arriving: &Signals,
        stdout: BorrowedFd<'_>,
        is_done: &dyn Fn() -> bool,
        show: &dyn Fn(i32),
    ) -> Ending {
        let mut last_words: Option<Instant> = None;
        let mut until = self.until;
        let mut watch_stdout = !self.options.like_xargs;
        let mut abandoned = false;
        let mut reaped = false;
        let mut queue = VecDeque::new();
        let mut was_stopped = false;
        let mut ended_by: Option<(i32, Instant)> = None;
        let mut looked = Instant::now();
        while !is_done() {
            if last_words.is_none() && self.is_cancelled_and_empty() {
                last_words = Some(Instant::now() + LAST_WORDS);
            }
            if until.is_some_and(|until| until <= Instant::now()) {
                until = None;
                self.expire();
            }
            let left = last_words.map(|until| until.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                abandoned = true;
                break;
            }
            let look = SWEEP.saturating_sub(looked.elapsed());
            let left = left.unwrap_or(look).min(if reaped { SWEEP_AGAIN } else { look });
            let left = until.map_or(left, |until| left.min(until.saturating_duration_since(Instant::now())));
            let timeout = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
            let attention = self.attention.as_fd();
            // A pipe without a reader reports an error even when nothing is asked.
            let watched = if watch_stdout { stdout } else { attention };
            let mut fds = [
                PollFd::new(arriving, PollFlags::IN),
                PollFd::from_borrowed_fd(attention, PollFlags::IN),
                PollFd::from_borrowed_fd(watched, PollFlags::empty()),
            ];
            // EINTR: every signal that could interrupt is blocked; ENOMEM passes.
            if poll(&mut fds, Some(&timeout)).is_err() {
                continue;
            }
            reaped = tree::reap_adopted() > 0;
            if was_stopped {
                // It follows us into a stop, perhaps so late that we have been continued before.
                watch::wake();
            }
            if looked.elapsed() >= SWEEP {
                looked = Instant::now();
                self.workforce.end_who_want_terminal();
            }
            let in_error = fds[2].revents().contains(PollFlags::ERR);
            self.attention.clear();
            if in_error {
                watch_stdout = false;
                // A terminal that is gone is in error, too; that is what SIGHUP tells.
                if has_reader(stdout) {
                    self.reader_gone();
                }
            }
            while let Some(received) = queue.pop_front().or_else(|| arriving.next()) {
                let arrived = received.signal;
                if arrived == SIGHUP && !self.options.like_xargs {
                    self.hang_up();
                } else if arrived == SIGTSTP {
                    let stopped = Instant::now();
                    self.workforce.pause();
                    // A SIGCONT behind it takes it back, as it would have done had it come a little sooner.
                    queue.extend(std::iter::from_fn(|| arriving.next()));
                    if !queue.iter().any(|received| received.signal == SIGCONT) && !watch::is_orphaned() {
                        signals::stop();
                    }
                    self.workforce.resume();
                    until = until.and_then(|until| until.checked_add(stopped.elapsed()));
                    was_stopped = true;
                } else if matches!(arrived, SIGUSR1 | SIGUSR2) {
                    show(arrived);
                } else if arrived == SIGCONT {
                    // Somebody has stopped us and let us go on, and the watcher with us; or that one is gone: whoever killed it
                    // wants an end, and nobody is left to see how.
                    was_stopped = true;
                    watch::wake();
                    if watch::is_orphaned() {
                        self.end_by(SIGTERM, false);
                    }
                } else if self.end_by(arrived, received.by_kernel) {
                    ended_by = Some((arrived, Instant::now()));
                } else if ended_by.is_none_or(|(signal, at)| signal != arrived || at.elapsed() >= ECHO) {
                    // A second one: somebody is impatient.
                    self.workforce.kill();
                }
            }
        }
        let unkillable = self.workforce.end_unclaimed();
        if !unkillable.is_empty() {
            self.diag.error(super::unkillable(&unkillable));
        }
        if self.workforce.has_unseen() {
            self.diag.error(
                "something that a job had started goes on after the job was ended, and can't be found, as /proc can't be \
                 read: mount it (mount -t proc proc /proc)",
            );
        }
        Ending { abandoned, ..self.ending() }
    }

    /// How the run has ended, as far as is known now: the printer's last words may fail, too.
    pub fn ending(&self) -> Ending {
        let state = self.lock();
        Ending {
            signal: state.signal,
            hung_up: state.hung_up,
            fatal: state.fatal.clone(),
            expired: state.expired,
            halted: state.halted.clone().or_else(|| state.halt.share(&state.counts)),
            failed: state.counts.failed,
            abandoned: false,
        }
    }

    fn is_cancelled_and_empty(&self) -> bool {
        let state = self.lock();
        state.stop == Stop::Cancel && state.alive == 0
    }

    /// The time of `--global-timeout` is over: ends the run.
    pub fn expire(&self) {
        let running = {
            let mut state = self.lock();
            if state.stop == Stop::Cancel {
                // It is being ended already.
                return;
            }
            state.expired = true;
            self.stop(&mut state, Stop::Cancel);
            state.alive
        };
        self.diag.line(&format!(
            "the time of --global-timeout is over: {running} running job{} ended, no more are started",
            if running == 1 { " is" } else { "s are" }
        ));
    }

    /// SIGHUP: starts nothing more and lets what runs finish (as GNU parallel).
    fn hang_up(&self) {
        let (first, running) = {
            let mut state = self.lock();
            (!std::mem::replace(&mut state.hung_up, true) && state.stop == Stop::Go, state.alive)
        };
        self.drain();
        if first {
            self.diag.line(&format!(
                "SIGHUP received: no new jobs are started, {running} running jobs go on; send SIGTERM to end them"
            ));
        }
    }
}
