//! The life of one child as a state machine: what is due when, and how it ended. Pure: no process, no clock of its own.

use std::time::{Duration, Instant};

/// How long a finished job's pipes may stay open, held by something in the background, before the job counts as ended
/// all the same. GNU parallel does not wait at all, because it reads files; a pipe may still be on its way to empty.
const LEAK_GRACE: Duration = Duration::from_millis(100);
/// How long a job has to end by the signal that we were sent, before the termination sequence begins (as the step after its
/// first TERM).
const FIRST: Duration = Duration::from_millis(200);

/// Where a child is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It runs.
    Running,
    /// It is being ended: the step of the termination sequence that comes next.
    Terminating {
        /// Index into the termination sequence.
        next: usize,
    },
    /// It has been reaped; its pipes are still open.
    Draining,
    /// It is over.
    Over,
}

/// Why we end a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It ran longer than `--timeout`.
    Timeout,
    /// The run is cancelled.
    Cancel,
}

/// The life of one child.
#[derive(Debug)]
pub struct Life<'a> {
    phase: Phase,
    cause: Option<Cause>,
    /// When something is due in this phase.
    deadline: Option<Instant>,
    /// What is to be sent before the sequence.
    first: Option<i32>,
    /// Since when its clock stands still.
    paused: Option<Instant>,
    sequence: &'a [(i32, Duration)],
}

impl<'a> Life<'a> {
    /// A child that was started at `now`; `sequence` is how it is ended if need be: signal, wait, signal, wait …
    pub fn new(now: Instant, timeout: Option<Duration>, sequence: &'a [(i32, Duration)]) -> Life<'a> {
        let deadline = timeout.and_then(|timeout| now.checked_add(timeout));
        Life { phase: Phase::Running, cause: None, deadline, paused: None, first: None, sequence }
    }

    /// When [`Life::due`] has to be asked next.
    pub fn deadline(&self) -> Option<Instant> {
        if self.paused.is_some() { None } else { self.deadline }
    }

    /// Stops its clock: the run is stopped (Ctrl-Z).
    pub fn pause(&mut self, now: Instant) {
        self.paused.get_or_insert(now);
    }

    /// Lets its clock go on.
    pub fn resume(&mut self, now: Instant) {
        if let Some(since) = self.paused.take() {
            self.deadline =
                self.deadline.and_then(|deadline| deadline.checked_add(now.saturating_duration_since(since)));
        }
    }

    /// Whether nothing more is to be waited for.
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// Whether the process has been reaped.
    pub fn is_reaped(&self) -> bool {
        matches!(self.phase, Phase::Draining | Phase::Over)
    }

    /// Why we ended it, if we did.
    pub fn cause(&self) -> Option<Cause> {
        self.cause
    }

    /// Starts to end it; what is under way goes on as it is. `first` is sent before the sequence begins, unless that begins
    /// with it.
    pub fn terminate(&mut self, cause: Cause, first: Option<i32>, now: Instant) {
        if self.phase == Phase::Running {
            self.phase = Phase::Terminating { next: 0 };
            self.first = first.filter(|first| self.sequence.first().is_none_or(|(signal, _)| signal != first));
            self.cause = Some(cause);
            self.deadline = Some(now);
        }
    }

    /// Ends it by SIGKILL, whatever step of the sequence has been reached.
    pub fn kill(&mut self, cause: Cause, now: Instant) {
        if !self.is_reaped() && !self.is_killed() {
            self.cause.get_or_insert(cause);
            self.phase = Phase::Terminating { next: self.sequence.len() };
            self.first = None;
            self.deadline = Some(now);
        }
    }

    /// Whether the sequence has been walked to its end: SIGKILL has been sent.
    pub fn is_killed(&self) -> bool {
        matches!(self.phase, Phase::Terminating { next } if next > self.sequence.len())
    }

    /// Time has passed. Answers the signal to send now, if any; to be asked again until it answers `None`.
    pub fn due(&mut self, now: Instant) -> Option<i32> {
        if self.deadline().is_none_or(|deadline| deadline > now) {
            return None;
        }
        match self.phase {
            Phase::Running => {
                self.terminate(Cause::Timeout, None, now);
                self.due(now)
            }
            Phase::Terminating { next } => {
                if let Some(first) = self.first.take() {
                    self.deadline = now.checked_add(FIRST);
                    return Some(first);
                }
                // At the end of the sequence comes KILL, whatever the sequence was: nothing outlives its end.
                let (signal, wait) =
                    self.sequence.get(next).copied().unwrap_or((crate::sys::signals::SIGKILL, Duration::MAX));
                self.phase = Phase::Terminating { next: next + 1 };
                self.deadline = now.checked_add(wait);
                Some(signal)
            }
            Phase::Draining => {
                self.phase = Phase::Over;
                self.deadline = None;
                None
            }
            Phase::Over => None,
        }
    }

    /// It has been reaped. `open`: its pipes have not reached their end.
    pub fn reaped(&mut self, now: Instant, open: bool) {
        if open {
            self.phase = Phase::Draining;
            self.deadline = Some(now + LEAK_GRACE);
        } else {
            self.phase = Phase::Over;
            self.deadline = None;
        }
    }

    /// Both pipes have reached their end.
    pub fn pipes_closed(&mut self) {
        if self.phase == Phase::Draining {
            self.phase = Phase::Over;
            self.deadline = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEQUENCE: &[(i32, Duration)] = &[(15, Duration::from_millis(200)), (9, Duration::from_millis(25))];

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn a_child_that_ends_by_itself_is_over_when_reaped() {
        let now = Instant::now();
        let mut life = Life::new(now, None, SEQUENCE);
        assert_eq!(life.deadline(), None);
        assert_eq!(life.due(now + ms(1_000_000)), None);
        life.reaped(now, false);
        assert!(life.is_over());
        assert_eq!(life.cause(), None);
    }

    #[test]
    fn a_timeout_walks_through_the_sequence_and_ends_in_kill() {
        let now = Instant::now();
        let mut life = Life::new(now, Some(ms(10)), SEQUENCE);
        assert_eq!(life.due(now + ms(9)), None);
        assert_eq!(life.due(now + ms(10)), Some(15));
        assert_eq!(life.due(now + ms(10)), None);
        assert_eq!(life.due(now + ms(210)), Some(9));
        assert_eq!(life.due(now + ms(235)), Some(9), "KILL again: something may have been born meanwhile");
        assert_eq!(life.due(now + ms(9_999)), None);
        life.reaped(now + ms(240), true);
        assert!(life.is_reaped() && !life.is_over());
        assert_eq!(life.cause(), Some(Cause::Timeout));
    }

    #[test]
    fn the_clock_stands_still_while_the_run_is_stopped() {
        let now = Instant::now();
        let mut life = Life::new(now, Some(ms(10)), SEQUENCE);
        life.pause(now + ms(4));
        life.pause(now + ms(5));
        assert_eq!((life.deadline(), life.due(now + ms(50))), (None, None));
        life.resume(now + ms(104));
        assert_eq!(life.due(now + ms(109)), None);
        assert_eq!(life.due(now + ms(110)), Some(15), "6 ms after it went on");
        life.resume(now + ms(111));
        assert_eq!(life.deadline(), Some(now + ms(310)));
    }

    #[test]
    fn pipes_held_by_a_leftover_are_waited_for_a_while() {
        let now = Instant::now();
        let mut life = Life::new(now, None, SEQUENCE);
        life.reaped(now, true);
        assert_eq!(life.deadline(), Some(now + LEAK_GRACE));
        assert_eq!(life.due(now + LEAK_GRACE), None);
        assert!(life.is_over());
        let mut other = Life::new(now, None, SEQUENCE);
        other.reaped(now, true);
        other.pipes_closed();
        assert!(other.is_over());
    }

    #[test]
    fn a_signal_to_us_is_handed_on_as_it_is_before_the_sequence() {
        let now = Instant::now();
        let mut life = Life::new(now, None, SEQUENCE);
        life.terminate(Cause::Cancel, Some(2), now);
        assert_eq!((life.due(now), life.due(now)), (Some(2), None));
        assert_eq!(life.due(now + FIRST), Some(15));
        let mut same = Life::new(now, None, SEQUENCE);
        same.terminate(Cause::Cancel, Some(15), now);
        assert_eq!((same.due(now), same.due(now + ms(199)), same.due(now + ms(200))), (Some(15), None, Some(9)));
    }

    #[test]
    fn a_second_request_kills_at_once_and_keeps_the_first_cause() {
        let now = Instant::now();
        let mut life = Life::new(now, Some(ms(10)), SEQUENCE);
        life.terminate(Cause::Cancel, None, now);
        assert_eq!(life.due(now), Some(15));
        life.terminate(Cause::Timeout, None, now + ms(1));
        assert_eq!(life.due(now + ms(1)), None, "what is under way goes on");
        life.kill(Cause::Cancel, now + ms(2));
        assert_eq!(life.due(now + ms(2)), Some(9));
        assert_eq!(life.cause(), Some(Cause::Cancel));
    }
}
