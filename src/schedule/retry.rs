//! `--retries`, `--retry-on`, `--retry-delay`: whether a job that has failed is tried again, and when. Pure: the caller
//! brings chance.

use std::time::Duration;

use crate::model::{Outcome, Tried};
use crate::options::{ControlOptions, RetryDelay};

/// How long a job that failed like this at the last of its tries waits for the next one; `None`: it is not tried again.
/// `random` answers any number, each as likely as any other.
pub fn again(
    options: &ControlOptions,
    outcome: &Outcome,
    tried: Tried,
    random: impl FnOnce() -> u64,
) -> Option<Duration> {
    let left = tried.most.is_none_or(|most| tried.count < most);
    (left && is_asked_for(options, outcome)).then(|| delay(options.retry_delay, tried.count, random))
}

fn is_asked_for(options: &ControlOptions, outcome: &Outcome) -> bool {
    // Once more, it would want the terminal once more, or be refused once more.
    let Some(on) = &options.retry_on else {
        return !matches!(outcome, Outcome::WantedTerminal | Outcome::Refused(_));
    };
    match outcome {
        Outcome::Exited(status) => on.codes.contains(status),
        Outcome::Signaled(signal) => on.any_signal || on.signals.contains(signal),
        Outcome::TimedOut => on.timeout,
        Outcome::SpawnFailed(_)
        | Outcome::NotExecutable(_)
        | Outcome::OutputLost(_)
        | Outcome::Refused(_)
        | Outcome::WantedTerminal
        | Outcome::Evicted
        | Outcome::Declined
        | Outcome::Cancelled
        | Outcome::Skipped
        | Outcome::AlreadyDone => false,
    }
}

/// Half of an exponential wait is fixed and half of it is left to chance ("equal jitter"): jobs that failed together don't
/// come back together, and none comes back at once.
fn delay(delay: RetryDelay, tries: u32, random: impl FnOnce() -> u64) -> Duration {
    match delay {
        RetryDelay::Fixed(time) => time,
        RetryDelay::Exponential { base, max } => {
            let factor = 1u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
            let whole = base.saturating_mul(factor).min(max);
            let half = whole / 2;
            (half + half.mul_f64(random() as f64 / u64::MAX as f64)).min(whole)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::options::{Options, RetryOn};

    fn options(on: Option<RetryOn>) -> ControlOptions {
        ControlOptions { retry_on: on, ..Options::default().control }
    }

    #[test]
    fn tries_are_counted_in_total() {
        let again = |most, count| again(&options(None), &Outcome::Exited(1), Tried { count, most }, || 0).is_some();
        assert!(again(Some(3), 1) && again(Some(3), 2) && !again(Some(3), 3));
        assert!(!again(Some(1), 1));
        assert!(again(None, 1_000_000));
    }

    #[test]
    fn only_the_ends_that_were_asked_for_are_tried_again() {
        let ends = [
            Outcome::Exited(1),
            Outcome::Exited(75),
            Outcome::Signaled(11),
            Outcome::Signaled(9),
            Outcome::TimedOut,
            Outcome::SpawnFailed(String::new()),
            Outcome::Refused(String::new()),
        ];
        let asked = |on: Option<RetryOn>| {
            let (options, tried) = (options(on), Tried { count: 1, most: Some(2) });
            ends.each_ref().map(|end| again(&options, end, tried, || 0).is_some())
        };
        assert_eq!(asked(None), [true, true, true, true, true, true, false]);
        let on = RetryOn { codes: vec![75], signals: vec![11], ..RetryOn::default() };
        assert_eq!(asked(Some(on)), [false, true, true, false, false, false, false]);
        let on = RetryOn { any_signal: true, timeout: true, ..RetryOn::default() };
        assert_eq!(asked(Some(on)), [false, false, true, true, true, false, false]);
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let ms = Duration::from_millis;
        let exponential = RetryDelay::Exponential { base: ms(100), max: ms(1000) };
        let longest = |tries| delay(exponential, tries, || u64::MAX).as_millis();
        assert_eq!([1, 2, 3, 4, 5, 33, u32::MAX].map(longest), [100, 200, 400, 800, 1000, 1000, 1000]);
        assert_eq!(delay(exponential, 2, || 0), ms(100));
        assert_eq!(delay(RetryDelay::Fixed(ms(7)), 9, || 0), ms(7));
    }

    proptest! {
        #[test]
        fn a_wait_is_between_half_of_it_and_all_of_it(base in 1..u64::from(u32::MAX), more in 0..1u64 << 40, tries in 0..60u32, random: u64) {
            let (base, max) = (Duration::from_millis(base), Duration::from_millis(base + more));
            let whole = base.saturating_mul(1u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX)).min(max);
            let found = delay(RetryDelay::Exponential { base, max }, tries, || random);
            prop_assert!(whole / 2 <= found && found <= whole);
        }
    }
}
