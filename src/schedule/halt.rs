//! `--halt`: when to stop, and with which exit status. Pure.

use crate::model::Outcome;
use crate::options::{Halt, HaltAt, HaltOn};

/// How many jobs have ended, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// By `--success-codes`.
    pub succeeded: u64,
    /// All others that were started.
    pub failed: u64,
    /// How the last job that failed ended.
    pub last_failure: Option<Outcome>,
}

impl Counts {
    /// One more has ended.
    pub fn add(&mut self, outcome: &Outcome, success: bool) {
        if success {
            self.succeeded += 1;
        } else {
            self.failed += 1;
            self.last_failure = Some(outcome.clone());
        }
    }
}

/// What a rule has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Kill what runs, instead of waiting for it.
    pub now: bool,
    /// What the exit status of the run says.
    pub verdict: Halted,
}

/// What the exit status of a halted run says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halted {
    /// That enough succeeded.
    Success,
    /// How the job ended where one is enough to stop the run.
    Job(Outcome),
    /// How many failed.
    Failed(u64),
    /// So many of a hundred failed.
    Percent(u8),
}

/// The rule of a run.
#[derive(Clone, Copy, Debug)]
pub struct HaltRule {
    halt: Halt,
    total: Option<u64>,
}

impl HaltRule {
    /// As GNU parallel `--halt`.
    pub fn new(halt: Halt) -> HaltRule {
        HaltRule { halt, total: None }
    }

    /// Whether the rule is about a percentage of all jobs.
    pub fn needs_total(&self) -> bool {
        matches!(self.halt, Halt::When { threshold: HaltAt::Percent(_), .. })
    }

    /// So many jobs there are.
    pub fn set_total(&mut self, jobs: u64) {
        self.total = Some(jobs);
    }

    /// What a run says at its end whose rule is about a percentage, also if that was not reached: how many of a hundred
    /// failed, rounded up (as GNU parallel).
    pub fn share(&self, counts: &Counts) -> Option<Halted> {
        self.needs_total().then(|| Halted::Percent(self.percent(counts.failed).ceil() as u8))
    }

    fn percent(&self, count: u64) -> f64 {
        count as f64 * 100.0 / self.total.unwrap_or(u64::MAX).max(1) as f64
    }

    /// Whether to stop now.
    pub fn decide(&self, counts: &Counts) -> Option<Decision> {
        if self.halt == Halt::LikeXargs {
            let stop = counts.last_failure.as_ref().filter(|outcome| outcome.stops_xargs())?;
            return Some(Decision { now: false, verdict: Halted::Job(stop.clone()) });
        }
        let Halt::When { now, what, threshold } = self.halt else { return None };
        let count = match what {
            HaltOn::Fail => counts.failed,
            HaltOn::Success => counts.succeeded,
            HaltOn::Done => counts.failed + counts.succeeded,
        };
        let (reached, one) = match threshold {
            HaltAt::Count(limit) => (count >= limit.max(1), limit == 1),
            HaltAt::Percent(limit) => (
                count > 0 && self.percent(count) >= limit,
                self.total.is_some_and(|total| total as f64 * limit == 100.0),
            ),
        };
        if !reached {
            return None;
        }
        // As GNU parallel: how the job ended where one is enough (also where so many of a hundred are one), the percentage
        // that failed, or the count.
        let verdict = match (what, threshold, &counts.last_failure) {
            (HaltOn::Success, ..) | (_, HaltAt::Count(0), _) => Halted::Success,
            (_, _, Some(outcome)) if one => Halted::Job(outcome.clone()),
            (_, HaltAt::Percent(_), _) => self.share(counts)?,
            _ => Halted::Failed(counts.failed),
        };
        Some(Decision { now, verdict })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(what: HaltOn, threshold: HaltAt) -> HaltRule {
        HaltRule::new(Halt::When { now: true, what, threshold })
    }

    fn counts(succeeded: u64, failures: &[i32]) -> Counts {
        let mut counts = Counts { succeeded, ..Counts::default() };
        for status in failures {
            counts.add(&Outcome::Exited(*status), false);
        }
        counts
    }

    #[test]
    fn one_failure_gives_its_own_status_and_several_their_number() {
        let one = rule(HaltOn::Fail, HaltAt::Count(1));
        assert_eq!(one.decide(&counts(5, &[])), None);
        assert_eq!(one.decide(&counts(5, &[7])).map(|d| d.verdict), Some(Halted::Job(Outcome::Exited(7))));
        let two = rule(HaltOn::Fail, HaltAt::Count(2));
        assert_eq!(two.decide(&counts(0, &[7])), None);
        assert_eq!(two.decide(&counts(0, &[7, 9])).map(|d| d.verdict), Some(Halted::Failed(2)));
    }

    #[test]
    fn percentages_are_of_all_jobs() {
        let mut third = rule(HaltOn::Fail, HaltAt::Percent(30.0));
        assert!(third.needs_total());
        third.set_total(5);
        assert_eq!(third.decide(&counts(0, &[1])), None);
        assert_eq!(third.decide(&counts(0, &[1, 2])).map(|d| d.verdict), Some(Halted::Percent(40)));
        let mut half = rule(HaltOn::Fail, HaltAt::Percent(50.0));
        half.set_total(2);
        let one = half.decide(&counts(0, &[7])).map(|d| d.verdict);
        assert_eq!(one, Some(Halted::Job(Outcome::Exited(7))), "half of two is one");
    }

    #[test]
    fn success_gives_zero_and_done_the_failures() {
        assert_eq!(
            rule(HaltOn::Success, HaltAt::Count(1)).decide(&counts(1, &[3])).map(|d| d.verdict),
            Some(Halted::Success)
        );
        assert_eq!(
            rule(HaltOn::Done, HaltAt::Count(2)).decide(&counts(1, &[3])).map(|d| d.verdict),
            Some(Halted::Failed(1))
        );
        let first = rule(HaltOn::Done, HaltAt::Count(1));
        assert_eq!(first.decide(&counts(0, &[3])).map(|d| d.verdict), Some(Halted::Job(Outcome::Exited(3))));
        assert_eq!(first.decide(&counts(1, &[])).map(|d| d.verdict), Some(Halted::Failed(0)));
        assert_eq!(HaltRule::new(Halt::Never).decide(&counts(0, &[1, 1])), None);
    }
}
