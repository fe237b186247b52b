//! How long jobs may run where that follows from how long others took (`--timeout N%`).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::model::Histogram;
use crate::options::Timeout;

/// Running jobs hear of a limit that has become shorter when it is shorter by this share than the longest that they may
/// still know. Without it, each end of a job would wake all slots; with it, a job may run a twentieth longer.
const TOLD: f64 = 0.95;

/// The limit that holds for all jobs now.
#[derive(Debug)]
pub struct Patience {
    /// So many of a hundred of the median; `None`: the limit is fixed.
    percent: Option<f64>,
    /// In nanoseconds; `u64::MAX`: none.
    limit: AtomicU64,
    runtimes: Mutex<Runtimes>,
}

#[derive(Debug, Default)]
struct Runtimes {
    /// Of the jobs that have succeeded.
    all: Histogram,
    /// The longest limit that a running job may know; `None`: no limit.
    known: Option<Duration>,
}

impl Patience {
    /// With `--timeout` as given.
    pub fn new(timeout: Option<Timeout>) -> Patience {
        let (percent, limit) = match timeout {
            None => (None, u64::MAX),
            Some(Timeout::After(limit)) => (None, nanos(limit)),
            Some(Timeout::OfMedian(percent)) => (Some(percent), u64::MAX),
        };
        Patience { percent, limit: AtomicU64::new(limit), runtimes: Mutex::default() }
    }

    /// How long a job may run now; `None`: for ever.
    pub fn limit(&self) -> Option<Duration> {
        match self.limit.load(Ordering::SeqCst) {
            u64::MAX => None,
            limit => Some(Duration::from_nanos(limit)),
        }
    }

    /// A job has succeeded that ran so long. True: running jobs have to hear of a shorter limit.
    pub fn succeeded(&self, runtime: Duration) -> bool {
        let Some(percent) = self.percent else { return false };
        let mut runtimes = self.runtimes.lock().unwrap_or_else(PoisonError::into_inner);
        runtimes.all.add(runtime);
        // Of an even number, the lower of the two in the middle (as GNU parallel), within 0.05 %.
        let median = runtimes.all.percentile(50.0);
        // As for times that are typed: no more than adding it to a clock can bear.
        let limit = (median.as_secs_f64() * percent / 100.0).min(f64::from(u32::MAX));
        let limit = Duration::from_secs_f64(limit);
        self.limit.store(nanos(limit), Ordering::SeqCst);
        let tell = runtimes.known.is_none_or(|known| limit < known.mul_f64(TOLD));
        if tell || runtimes.known.is_some_and(|known| limit > known) {
            runtimes.known = Some(limit);
        }
        tell
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(limit: Option<Duration>, milliseconds: f64) -> bool {
        limit.is_some_and(|limit| (limit.as_secs_f64() * 1e3 - milliseconds).abs() <= 0.001 * milliseconds)
    }

    #[test]
    fn a_fixed_limit_stays() {
        let fixed = Patience::new(Some(Timeout::After(Duration::from_secs(3))));
        assert!(!fixed.succeeded(Duration::from_millis(1)));
        assert_eq!(fixed.limit(), Some(Duration::from_secs(3)));
        assert_eq!(Patience::new(None).limit(), None);
    }

    #[test]
    fn the_limit_follows_the_median_from_the_first_success_on() {
        let patience = Patience::new(Some(Timeout::OfMedian(200.0)));
        let ms = Duration::from_millis;
        assert_eq!(patience.limit(), None);
        assert!(patience.succeeded(ms(100)), "jobs run that know no limit");
        assert!(near(patience.limit(), 200.0));
        assert!(!patience.succeeded(ms(300)));
        assert!(near(patience.limit(), 200.0), "the lower of two");
        assert!(!patience.succeeded(ms(300)), "longer: looked at when it would be due");
        assert!(near(patience.limit(), 600.0));
        assert!(patience.succeeded(ms(10)));
        assert!(near(patience.limit(), 200.0));
        assert!(!patience.succeeded(ms(98)), "not worth a call");
        assert!(near(patience.limit(), 200.0) && patience.limit() > Some(ms(195)));
        assert!(!patience.succeeded(ms(97)));
        assert!(near(patience.limit(), 196.0));
    }

    #[test]
    fn no_runtime_is_too_long() {
        let patience = Patience::new(Some(Timeout::OfMedian(1e300)));
        assert!(patience.succeeded(Duration::from_secs(1 << 40)));
        assert_eq!(patience.limit(), Some(Duration::from_secs(u64::from(u32::MAX))));
    }
}
