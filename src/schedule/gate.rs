//! What a job has to pass before it starts: a place, and `--delay`. Pure: the caller brings the time.

use std::time::{Duration, Instant};

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
    delay: Duration,
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
    pub fn new(places: usize, delay: Duration) -> Gate {
        let wanted = places.max(1);
        Gate { wanted, limit: wanted, running: 0, peak: 0, delay, last_start: None, last_refusal: None }
    }

    /// One more wants to start at `now`.
    pub fn enter(&mut self, now: Instant) -> Admission {
        if self.limit < self.wanted && self.last_refusal.is_some_and(|at| now.duration_since(at) >= RECOVERY) {
            self.limit += 1;
            self.last_refusal = Some(now);
        }
        if self.running >= self.limit {
            return Admission::Full;
        }
        if !self.delay.is_zero()
            && let Some(next) = self.last_start.and_then(|start| start.checked_add(self.delay))
            && next > now
        {
            return Admission::Later(next - now);
        }
        self.last_start = Some(now);
        self.running += 1;
        self.peak = self.peak.max(self.running);
        Admission::Granted
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

    /// The most that ran at once.
    pub fn peak(&self) -> usize {
        self.peak
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted() {
        let (mut gate, now) = (Gate::new(2, Duration::ZERO), Instant::now());
        assert_eq!(gate.enter(now), Admission::Granted);
        assert_eq!(gate.enter(now), Admission::Granted);
        assert_eq!(gate.enter(now), Admission::Full);
        gate.leave();
        assert_eq!(gate.enter(now), Admission::Granted);
        assert_eq!(gate.peak(), 2);
    }

    #[test]
    fn starts_are_a_delay_apart() {
        let (mut gate, now) = (Gate::new(9, Duration::from_millis(100)), Instant::now());
        assert_eq!(gate.enter(now), Admission::Granted);
        let later = now + Duration::from_millis(30);
        assert_eq!(gate.enter(later), Admission::Later(Duration::from_millis(70)));
        assert_eq!(gate.enter(now + Duration::from_millis(100)), Admission::Granted);
    }

    #[test]
    fn a_refusal_lowers_the_limit_and_time_raises_it_again() {
        let (mut gate, now) = (Gate::new(10, Duration::ZERO), Instant::now());
        for _ in 0..4 {
            gate.enter(now);
        }
        gate.leave();
        assert_eq!(gate.refused(now), 3);
        assert_eq!(gate.enter(now), Admission::Full);
        assert_eq!(gate.enter(now + RECOVERY), Admission::Granted);
        assert_eq!(gate.enter(now + RECOVERY), Admission::Full);
        let mut alone = Gate::new(10, Duration::ZERO);
        assert_eq!(alone.refused(now), 0);
        assert_eq!(alone.enter(now), Admission::Granted, "one may always try");
    }
}
