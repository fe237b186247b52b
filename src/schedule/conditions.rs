//! `--load`, `--memfree`, `--memsuspend`, `--noswap` and `--limit`: whether a job may start by what is known about the machine, and
//! what becomes of those that run. Pure: the caller brings the numbers.

/// How much of the memory of `--memfree` may be missing before a job is ended.
const WAY_OVER: f64 = 0.5;

/// What is known about the machine now. `None`: not asked for, or not known yet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Readings {
    /// Threads that run or wait for the disk.
    pub load: Option<f64>,
    /// Bytes of memory that are free.
    pub free: Option<f64>,
    /// The machine swaps both in and out.
    pub swaps: Option<bool>,
    /// What `--limit` says: 0 for below it, 2 for way over it, anything else for over it.
    pub level: Option<i32>,
}

/// What has to hold. Sizes are in bytes; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rules {
    /// Fewer threads than this run.
    pub load: Option<f64>,
    /// So much memory is free.
    pub memfree: f64,
    /// So much memory is free besides.
    pub memsuspend: f64,
    /// The machine does not swap.
    pub noswap: bool,
    /// `--limit` says yes.
    pub limit: bool,
}

/// What follows from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// One more job may start.
    pub clear: bool,
    /// The youngest job has to go.
    pub evict: bool,
    /// Of the jobs that run.
    pub work: Work,
}

/// Which of the jobs that have been started go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// So many, those that were read first; the others are suspended. At least 1.
    Oldest(usize),
    /// One more of those that are suspended.
    OneMore,
}

impl Rules {
    /// Judges. What is not known is taken for bad, as far as starting is concerned.
    pub fn judge(&self, now: &Readings) -> Judgement {
        let is_below = |limit: f64, value: Option<f64>| value.is_some_and(|value| value < limit);
        let memory = self.memfree + self.memsuspend;
        let clear = self.load.is_none_or(|limit| is_below(limit, now.load))
            && (memory <= 0.0 || now.free.is_some_and(|free| free >= memory))
            && (!self.noswap || now.swaps == Some(false))
            && (!self.limit || now.level == Some(0));
        let evict = is_below(self.memfree * WAY_OVER, now.free) || now.level == Some(2);
        let work = match now.free {
            Some(free) if free < 2.0 * self.memsuspend => Work::Oldest(share(free, self.memsuspend)),
            _ => Work::OneMore,
        };
        Judgement { clear, evict, work }
    }
}

/// How many jobs may work where `free` is less than twice `size` (as GNU parallel: one below it, two at 1.5 of it, four at
/// 1.75, and one more each).
fn share(free: f64, size: f64) -> usize {
    // The quotient is below 2, so that this is positive; where it is next to nothing, all may.
    (1.0 / (2.0 - free / size)) as usize + 1
}

/// `--limit mem SIZE`: GNU parallel's script.
pub fn memory_level(free: f64, size: f64) -> i32 {
    if free < size * WAY_OVER { 2 } else { i32::from(free < size) }
}

/// `--limit io N` and `--limit load N`.
pub fn level(value: f64, limit: f64) -> i32 {
    i32::from(limit < value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Readings = Readings { load: None, free: None, swaps: None, level: None };

    fn clear(rules: Rules, now: Readings) -> bool {
        rules.judge(&now).clear
    }

    #[test]
    fn without_rules_all_is_clear() {
        let expected = Judgement { clear: true, evict: false, work: Work::OneMore };
        assert_eq!(Rules::default().judge(&NOTHING), expected);
    }

    #[test]
    fn what_is_not_known_is_not_clear() {
        for rules in [
            Rules { load: Some(9.0), ..Rules::default() },
            Rules { memfree: 1.0, ..Rules::default() },
            Rules { memsuspend: 1.0, ..Rules::default() },
            Rules { noswap: true, ..Rules::default() },
            Rules { limit: true, ..Rules::default() },
        ] {
            assert_eq!(
                rules.judge(&NOTHING),
                Judgement { clear: false, evict: false, work: Work::OneMore },
                "{rules:?}"
            );
        }
    }

    #[test]
    fn load_has_to_be_less_and_memory_no_less() {
        let load = Rules { load: Some(2.0), ..Rules::default() };
        assert!(clear(load, Readings { load: Some(1.0), ..NOTHING }));
        assert!(!clear(load, Readings { load: Some(2.0), ..NOTHING }));
        let memory = Rules { memfree: 100.0, memsuspend: 50.0, ..Rules::default() };
        assert!(clear(memory, Readings { free: Some(150.0), ..NOTHING }));
        assert!(!clear(memory, Readings { free: Some(149.0), ..NOTHING }));
        let swap = Rules { noswap: true, ..Rules::default() };
        assert!(clear(swap, Readings { swaps: Some(false), ..NOTHING }));
        assert!(!clear(swap, Readings { swaps: Some(true), ..NOTHING }));
        let limit = Rules { limit: true, ..Rules::default() };
        let level = |level| limit.judge(&Readings { level: Some(level), ..NOTHING });
        assert!(level(0).clear && !level(1).clear && !level(127).clear && !level(2).clear);
        assert!(level(2).evict && !level(1).evict);
    }

    #[test]
    fn a_job_goes_where_half_of_the_memory_is_missing() {
        let rules = Rules { memfree: 100.0, ..Rules::default() };
        let evict = |free| rules.judge(&Readings { free: Some(free), ..NOTHING }).evict;
        assert!(evict(49.0) && !evict(50.0) && !evict(1000.0));
    }

    #[test]
    fn the_less_memory_the_fewer_jobs_work() {
        let rules = Rules { memsuspend: 100.0, ..Rules::default() };
        let work = |free| rules.judge(&Readings { free: Some(free), ..NOTHING }).work;
        // As GNU parallel counts: int(1 / (2 - free / size)) and one more.
        assert_eq!(work(0.0), Work::Oldest(1));
        assert_eq!(work(99.0), Work::Oldest(1));
        assert_eq!(work(100.0), Work::Oldest(2));
        assert_eq!(work(150.0), Work::Oldest(3));
        assert_eq!(work(175.0), Work::Oldest(5));
        assert_eq!(work(200.0), Work::OneMore);
    }

    #[test]
    fn limits_have_levels() {
        assert_eq!([49.0, 50.0, 99.0, 100.0].map(|free| memory_level(free, 100.0)), [2, 1, 1, 0]);
        assert_eq!([1.0, 2.0, 3.0].map(|value| level(value, 2.0)), [0, 0, 1]);
    }
}
