//! What a job has to pass before it starts: a place, and `--delay`. Pure: the caller brings the time.

use std::time::{Duration, Instant};

use crate::options::Delay;

/// After the machine has refused something, one more place is tried each time this long has passed without refusal.
const RECOVERY: Duration = Duration::from_secs(1);

/// The gate of a run.
#[derive(Debug)]
pub struct Gate {
    /// Places asked for.
    wanted: usize,
    /// Places that the machine has room for.
    limit: usize,
    running: usize,
    peak: usize,
    delay: Delay,
    last_start: Option<Instant>,
    last_refusal: Option<Instant>,
}

/// What the gate answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Start now.
    Granted,
    /// When somebody leaves.
    Full,
    /// After this time.
    Later(Duration),
}

impl Gate {
    /// At most `places` at once, with at least `delay` between two starts (as GNU parallel `--delay`).
    pub fn new(places: usize, delay: Delay) -> Gate {
        let wanted = places.max(1);
        Gate { wanted, limit: wanted, running: 0, peak: 0, delay, last_start: None, last_refusal: None }
    }

    /// Whether one more may start at `now`.
    pub fn ask(&mut self, now: Instant) -> Admission {
        if self.limit < self.wanted && self.last_refusal.is_some_and(|at| now.duration_since(at) >= RECOVERY) {
            self.limit += 1;
            self.last_refusal = Some(now);
        }
        if self.running >= self.limit {
            return Admission::Full;
        }
        if !self.delay.time.is_zero()
            && let Some(next) = self.last_start.and_then(|start| start.checked_add(self.delay.time))
            && next > now
        {
            return Admission::Later(next - now);
        }
        Admission::Granted
    }

    /// One that may start does.
    pub fn enter(&mut self, now: Instant) {
        self.last_start = Some(now);
        self.running += 1;
        self.peak = self.peak.max(self.running);
    }

    /// From now on at most so many at once; those that run may end.
    pub fn set_places(&mut self, places: usize) {
        let is_short = self.limit < self.wanted;
        self.wanted = places.max(1);
        self.limit = if is_short { self.limit.min(self.wanted) } else { self.wanted };
    }

    /// A try has ended: a delay that is `auto` follows (as GNU parallel: 30 % longer, 10 % shorter).
    pub fn learn(&mut self, success: bool) {
        if self.delay.auto {
            let factor = if success { 0.9 } else { 1.3 };
            self.delay.time =
                Duration::try_from_secs_f64(self.delay.time.as_secs_f64() * factor).unwrap_or(Duration::MAX);
        }
    }

    /// Whether one more may run now.
    pub fn has_room(&self) -> bool {
        self.running < self.limit
    }

    /// One has ended.
    pub fn leave(&mut self) {
        self.running -= 1;
    }

    /// The machine has refused one that has left already: no more than now run from here on, at least one. Answers how
    /// many run.
    pub fn refused(&mut self, now: Instant) -> usize {
        self.limit = self.running.max(1);
        self.last_refusal = Some(now);
        self.running
    }

    /// How many run.
    pub fn running(&self) -> usize {
        self.running
    }

    /// The most that ran at once.
    pub fn peak(&self) -> usize {
        self.peak
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate_of(places: usize, milliseconds: u64) -> Gate {
        Gate::new(places, Delay { time: Duration::from_millis(milliseconds), auto: false })
    }

    /// Asks, and starts if it may.
    fn enter(gate: &mut Gate, now: Instant) -> Admission {
        let admission = gate.ask(now);
        if admission == Admission::Granted {
            gate.enter(now);
        }
        admission
    }

    #[test]
    fn places_are_counted() {
        let (mut gate, now) = (gate_of(2, 0), Instant::now());
        assert_eq!(enter(&mut gate, now), Admission::Granted);
        assert_eq!(enter(&mut gate, now), Admission::Granted);
        assert_eq!(enter(&mut gate, now), Admission::Full);
        gate.leave();
        assert_eq!(enter(&mut gate, now), Admission::Granted);
        assert_eq!(gate.peak(), 2);
    }

    #[test]
    fn starts_are_a_delay_apart() {
        let (mut gate, now) = (gate_of(9, 100), Instant::now());
        assert_eq!(enter(&mut gate, now), Admission::Granted);
        let later = now + Duration::from_millis(30);
        assert_eq!(enter(&mut gate, later), Admission::Later(Duration::from_millis(70)));
        assert_eq!(enter(&mut gate, now + Duration::from_millis(100)), Admission::Granted);
    }

    #[test]
    fn a_refusal_lowers_the_limit_and_time_raises_it_again() {
        let (mut gate, now) = (gate_of(10, 0), Instant::now());
        for _ in 0..4 {
            gate.enter(now);
        }
        gate.leave();
        assert_eq!(gate.refused(now), 3);
        assert_eq!(enter(&mut gate, now), Admission::Full);
        assert_eq!(enter(&mut gate, now + RECOVERY), Admission::Granted);
        assert_eq!(enter(&mut gate, now + RECOVERY), Admission::Full);
        let mut alone = gate_of(10, 0);
        assert_eq!(alone.refused(now), 0);
        assert_eq!(enter(&mut alone, now), Admission::Granted, "one may always try");
    }

    #[test]
    fn places_may_become_more_or_fewer() {
        let (mut gate, now) = (gate_of(2, 0), Instant::now());
        gate.enter(now);
        gate.enter(now);
        gate.set_places(3);
        assert!(gate.has_room());
        gate.set_places(1);
        gate.leave();
        assert_eq!(gate.ask(now), Admission::Full);
        gate.leave();
        assert_eq!(gate.ask(now), Admission::Granted);
        gate.enter(now);
        gate.set_places(4);
        gate.refused(now);
        gate.set_places(9);
        assert_eq!(gate.ask(now), Admission::Full, "the machine has no room for more");
    }

    #[test]
    fn a_delay_may_follow_what_jobs_bring() {
        let auto = Delay { time: Duration::from_millis(100), auto: true };
        let (mut gate, now) = (Gate::new(9, auto), Instant::now());
        gate.enter(now);
        gate.learn(false);
        assert_eq!(gate.ask(now), Admission::Later(Duration::from_millis(130)));
        gate.learn(true);
        assert_eq!(gate.ask(now), Admission::Later(Duration::from_millis(117)));
    }
}
