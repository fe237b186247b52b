//! The life of one child as a state machine: what is due when, and how it ended. Pure: no process, no clock of its own.

use std::time::{Duration, Instant};

/// How long a finished job's pipes may stay open, held by something in the background, before the job counts as ended
/// all the same. GNU parallel does not wait at all, because it reads files; a pipe may still be on its way to empty.
const LEAK_GRACE: Duration = Duration::from_millis(100);
/// How long at a time where it is not clear after that who holds them.
const DRAIN_ON: Duration = Duration::from_millis(10);
/// How long a job has to end by the signal that we were sent, before the termination sequence begins (as the step after its
/// first TERM).
const FIRST: Duration = Duration::from_millis(200);

/// Where a child is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It runs.
    Running,
    /// It has run longer than `--slow-timeout`, and goes on.
    Slow,
    /// It is being ended: the step of the termination sequence that comes next.
    Terminating {
        /// Index into the termination sequence.
        next: usize,
    },
    /// The sequence has been walked to its end: SIGKILL has been sent.
    Killed,
    /// It has been reaped; its pipes are still open.
    Draining,
    /// It has been reaped, and nothing more is to be waited for.
    Over,
}

/// Why we end a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It ran longer than `--timeout`.
    Timeout,
    /// The run is cancelled.
    Cancel,
    /// It waits for the terminal, which it can't have.
    Terminal,
    /// Others need its room.
    Eviction,
}

/// What is to be done because time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Send this signal to it.
    Signal(i32),
    /// Say that it is slow.
    Warning,
}

/// How long a child may run, by a clock that stands still while the run is stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Until it is named (`--slow-timeout`).
    pub slow: Option<Duration>,
    /// Until it is ended (`--timeout`).
    pub timeout: Option<Duration>,
}

/// The life of one child.
#[derive(Debug)]
pub struct Life<'a> {
    phase: Phase,
    cause: Option<Cause>,
    /// When it was started, put off by each time that the run was stopped.
    began: Instant,
    limits: Limits,
    /// When something is due in a phase after [`Phase::Slow`].
    next: Option<Instant>,
    /// What is to be sent before the sequence.
    first: Option<i32>,
    /// Since when its clock stands still.
    paused: Option<Instant>,
    sequence: &'a [(i32, Duration)],
}

impl<'a> Life<'a> {
    /// A child that was started at `now`; `sequence` is how it is ended if need be: signal, wait, signal, wait …
    pub fn new(now: Instant, limits: Limits, sequence: &'a [(i32, Duration)]) -> Life<'a> {
        Life { phase: Phase::Running, cause: None, began: now, limits, next: None, paused: None, first: None, sequence }
    }

    /// When [`Life::due`] has to be asked next.
    pub fn deadline(&self) -> Option<Instant> {
        if self.paused.is_some() {
            return None;
        }
        let after = |limit: Option<Duration>| limit.and_then(|limit| self.began.checked_add(limit));
        match self.phase {
            Phase::Running => after(self.limits.slow).into_iter().chain(after(self.limits.timeout)).min(),
            Phase::Slow => after(self.limits.timeout),
            Phase::Terminating { .. } | Phase::Draining => self.next,
            Phase::Killed | Phase::Over => None,
        }
    }

    /// How long it has run, without the time that the run was stopped.
    pub fn ran(&self, now: Instant) -> Duration {
        self.paused.unwrap_or(now).saturating_duration_since(self.began)
    }

    /// It may run so long from its start on, from now on; `None`: for ever.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.limits.timeout = timeout;
    }

    /// Stops its clock: the run is stopped (Ctrl-Z).
    pub fn pause(&mut self, now: Instant) {
        self.paused.get_or_insert(now);
    }

    /// Lets its clock go on.
    pub fn resume(&mut self, now: Instant) {
        if let Some(since) = self.paused.take() {
            let stopped = now.saturating_duration_since(since);
            self.began += stopped;
            self.next = self.next.and_then(|next| next.checked_add(stopped));
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

    /// Whether it has been reaped, and only its pipes are waited for.
    pub fn is_draining(&self) -> bool {
        self.phase == Phase::Draining
    }

    /// Its pipes are waited for a little longer: they may not be held by anything that it has left.
    pub fn drain_on(&mut self, now: Instant) {
        if self.phase == Phase::Draining {
            self.next = Some(now + DRAIN_ON);
        }
    }

    /// Why we ended it, if we did.
    pub fn cause(&self) -> Option<Cause> {
        self.cause
    }

    /// Starts to end it; what is under way goes on as it is. `first` is sent before the sequence begins, unless that begins
    /// with it.
    pub fn terminate(&mut self, cause: Cause, first: Option<i32>, now: Instant) {
        if matches!(self.phase, Phase::Running | Phase::Slow) {
            self.phase = Phase::Terminating { next: 0 };
            self.first = first.filter(|first| self.sequence.first().is_none_or(|(signal, _)| signal != first));
            self.cause = Some(cause);
            self.next = Some(now);
        }
    }

    /// As [`Life::terminate`] where it has just got this signal from somebody else: it is not sent again.
    pub fn terminate_with(&mut self, cause: Cause, signal: i32, now: Instant) {
        if matches!(self.phase, Phase::Running | Phase::Slow) {
            let (next, wait) = match self.sequence.first() {
                Some((first, wait)) if *first == signal => (1, *wait),
                _ => (0, FIRST),
            };
            self.terminate(cause, None, now);
            self.phase = Phase::Terminating { next };
            self.next = now.checked_add(wait);
        }
    }

    /// Ends it by SIGKILL, whatever step of the sequence has been reached.
    pub fn kill(&mut self, cause: Cause, now: Instant) {
        if !self.is_reaped() && !self.is_killed() {
            self.cause.get_or_insert(cause);
            self.phase = Phase::Terminating { next: self.sequence.len() };
            self.first = None;
            self.next = Some(now);
        }
    }

    /// Whether the sequence has been walked to its end: SIGKILL has been sent.
    pub fn is_killed(&self) -> bool {
        self.phase == Phase::Killed
    }

    /// Time has passed. Answers what to do now, if anything; to be asked again until it answers `None`.
    pub fn due(&mut self, now: Instant) -> Option<Due> {
        if self.deadline().is_none_or(|deadline| deadline > now) {
            return None;
        }
        match self.phase {
            Phase::Running | Phase::Slow => {
                if self.limits.timeout.is_some_and(|timeout| self.ran(now) >= timeout) {
                    self.terminate(Cause::Timeout, None, now);
                    return self.due(now);
                }
                self.phase = Phase::Slow;
                Some(Due::Warning)
            }
            Phase::Terminating { next } => {
                if let Some(first) = self.first.take() {
                    self.next = now.checked_add(FIRST);
                    return Some(Due::Signal(first));
                }
                // At the end of the sequence comes KILL, whatever the sequence was: nothing outlives its end.
                let Some((signal, wait)) = self.sequence.get(next).copied() else {
                    self.phase = Phase::Killed;
                    return Some(Due::Signal(crate::sys::signals::SIGKILL));
                };
                self.phase = Phase::Terminating { next: next + 1 };
                self.next = now.checked_add(wait);
                Some(Due::Signal(signal))
            }
            Phase::Draining => {
                self.phase = Phase::Over;
                None
            }
            Phase::Killed | Phase::Over => None,
        }
    }

    /// It has been reaped. `open`: its pipes have not reached their end.
    pub fn reaped(&mut self, now: Instant, open: bool) {
        self.phase = if open { Phase::Draining } else { Phase::Over };
        self.next = Some(now + LEAK_GRACE);
    }

    /// Both pipes have reached their end.
    pub fn pipes_closed(&mut self) {
        if self.phase == Phase::Draining {
            self.phase = Phase::Over;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEQUENCE: &[(i32, Duration)] = &[(15, Duration::from_millis(200)), (9, Duration::from_millis(25))];

    const TIMEOUT: Limits = Limits { slow: None, timeout: Some(Duration::from_millis(10)) };

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn a_child_that_ends_by_itself_is_over_when_reaped() {
        let now = Instant::now();
        let mut life = Life::new(now, Limits::default(), SEQUENCE);
        assert_eq!(life.deadline(), None);
        assert_eq!(life.due(now + ms(1_000_000)), None);
        life.reaped(now, false);
        assert!(life.is_over());
        assert_eq!(life.cause(), None);
    }

    #[test]
    fn a_timeout_walks_through_the_sequence_and_ends_in_kill() {
        let now = Instant::now();
        let mut life = Life::new(now, TIMEOUT, SEQUENCE);
        assert_eq!(life.due(now + ms(9)), None);
        assert_eq!(life.due(now + ms(10)), Some(Due::Signal(15)));
        assert_eq!(life.due(now + ms(10)), None);
        assert_eq!(life.due(now + ms(210)), Some(Due::Signal(9)));
        assert_eq!(life.due(now + ms(235)), Some(Due::Signal(9)), "KILL again: something may have been born meanwhile");
        assert_eq!(life.due(now + ms(9_999)), None);
        life.reaped(now + ms(240), true);
        assert!(life.is_reaped() && !life.is_over());
        assert_eq!(life.cause(), Some(Cause::Timeout));
    }

    #[test]
    fn the_clock_stands_still_while_the_run_is_stopped() {
        let now = Instant::now();
        let mut life = Life::new(now, TIMEOUT, SEQUENCE);
        life.pause(now + ms(4));
        life.pause(now + ms(5));
        assert_eq!((life.deadline(), life.due(now + ms(50))), (None, None));
        life.resume(now + ms(104));
        assert_eq!(life.due(now + ms(109)), None);
        assert_eq!(life.due(now + ms(110)), Some(Due::Signal(15)), "6 ms after it went on");
        life.resume(now + ms(111));
        assert_eq!(life.deadline(), Some(now + ms(310)));
    }

    #[test]
    fn pipes_held_by_a_leftover_are_waited_for_a_while() {
        let now = Instant::now();
        let mut life = Life::new(now, Limits::default(), SEQUENCE);
        life.reaped(now, true);
        assert_eq!(life.deadline(), Some(now + LEAK_GRACE));
        assert_eq!(life.due(now + LEAK_GRACE), None);
        assert!(life.is_over());
        let mut other = Life::new(now, Limits::default(), SEQUENCE);
        other.reaped(now, true);
        other.pipes_closed();
        assert!(other.is_over());
    }

    #[test]
    fn pipes_are_waited_for_longer_where_nobody_may_hold_them() {
        let now = Instant::now();
        let mut life = Life::new(now, Limits::default(), SEQUENCE);
        life.drain_on(now);
        assert!(!life.is_draining());
        life.reaped(now, true);
        life.drain_on(now + LEAK_GRACE);
        assert_eq!(life.due(now + LEAK_GRACE), None);
        assert!(life.is_draining());
        assert_eq!(life.due(now + LEAK_GRACE + DRAIN_ON), None);
        assert!(life.is_over());
    }

    #[test]
    fn a_signal_to_us_is_handed_on_as_it_is_before_the_sequence() {
        let now = Instant::now();
        let mut life = Life::new(now, Limits::default(), SEQUENCE);
        life.terminate(Cause::Cancel, Some(2), now);
        assert_eq!((life.due(now), life.due(now)), (Some(Due::Signal(2)), None));
        assert_eq!(life.due(now + FIRST), Some(Due::Signal(15)));
        let mut same = Life::new(now, Limits::default(), SEQUENCE);
        same.terminate(Cause::Cancel, Some(15), now);
        assert_eq!(
            (same.due(now), same.due(now + ms(199)), same.due(now + ms(200))),
            (Some(Due::Signal(15)), None, Some(Due::Signal(9)))
        );
    }

    #[test]
    fn a_signal_that_it_has_got_from_the_terminal_is_not_sent_again() {
        let now = Instant::now();
        let mut life = Life::new(now, Limits::default(), SEQUENCE);
        life.terminate_with(Cause::Cancel, 2, now);
        assert_eq!((life.due(now), life.due(now + FIRST)), (None, Some(Due::Signal(15))));
        let mut same = Life::new(now, Limits::default(), SEQUENCE);
        same.terminate_with(Cause::Cancel, 15, now);
        assert_eq!((same.due(now + ms(199)), same.due(now + ms(200))), (None, Some(Due::Signal(9))));
        same.terminate_with(Cause::Cancel, 15, now + ms(201));
        assert_eq!(same.cause(), Some(Cause::Cancel));
    }

    #[test]
    fn a_second_request_kills_at_once_and_keeps_the_first_cause() {
        let now = Instant::now();
        let mut life = Life::new(now, TIMEOUT, SEQUENCE);
        life.terminate(Cause::Cancel, None, now);
        assert_eq!(life.due(now), Some(Due::Signal(15)));
        life.terminate(Cause::Timeout, None, now + ms(1));
        assert_eq!(life.due(now + ms(1)), None, "what is under way goes on");
        life.kill(Cause::Cancel, now + ms(2));
        assert_eq!(life.due(now + ms(2)), Some(Due::Signal(9)));
        assert_eq!(life.cause(), Some(Cause::Cancel));
    }

    #[test]
    fn a_slow_child_is_named_once_and_still_timed_out() {
        let now = Instant::now();
        let limits = Limits { slow: Some(ms(5)), timeout: Some(ms(10)) };
        let mut life = Life::new(now, limits, SEQUENCE);
        assert_eq!((life.deadline(), life.due(now + ms(4))), (Some(now + ms(5)), None));
        assert_eq!((life.due(now + ms(5)), life.due(now + ms(5))), (Some(Due::Warning), None));
        assert_eq!((life.phase, life.deadline()), (Phase::Slow, Some(now + ms(10))));
        assert_eq!(life.due(now + ms(10)), Some(Due::Signal(15)));
        // Found too late for a warning that would only be noise.
        let mut late = Life::new(now, limits, SEQUENCE);
        assert_eq!(late.due(now + ms(11)), Some(Due::Signal(15)));
        let mut endless = Life::new(now, Limits { timeout: None, ..limits }, SEQUENCE);
        assert_eq!(endless.due(now + ms(6)), Some(Due::Warning));
        assert_eq!((endless.deadline(), endless.due(now + ms(60_000))), (None, None));
    }

    #[test]
    fn the_warning_waits_while_the_run_is_stopped() {
        let now = Instant::now();
        let mut life = Life::new(now, Limits { slow: Some(ms(5)), timeout: None }, SEQUENCE);
        life.pause(now + ms(1));
        assert_eq!((life.due(now + ms(100)), life.ran(now + ms(100))), (None, ms(1)));
        life.resume(now + ms(101));
        assert_eq!((life.due(now + ms(104)), life.due(now + ms(105))), (None, Some(Due::Warning)));
        assert_eq!(life.ran(now + ms(105)), ms(5));
    }

    #[test]
    fn a_timeout_may_change_while_it_runs() {
        let now = Instant::now();
        let mut life = Life::new(now, Limits::default(), SEQUENCE);
        assert_eq!(life.due(now + ms(50)), None);
        life.set_timeout(Some(ms(100)));
        assert_eq!((life.due(now + ms(50)), life.deadline()), (None, Some(now + ms(100))));
        life.set_timeout(Some(ms(200)));
        assert_eq!(life.due(now + ms(100)), None);
        life.set_timeout(Some(ms(20)));
        assert_eq!(life.due(now + ms(100)), Some(Due::Signal(15)));
        life.set_timeout(Some(ms(500)));
        assert_eq!(life.due(now + ms(300)), Some(Due::Signal(9)), "once it is being ended, it is ended");
    }
}
