//! Jobs that wait to be tried again, by the time from which they may. Pure: the caller brings the time.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::time::Instant;

use crate::model::{Finished, Record};

/// One job for a slot.
#[derive(Debug)]
pub struct Work {
    /// Which.
    pub record: Record,
    /// How its last try ended, where it has been tried before: what is reported if it is not tried again.
    pub earlier: Option<Box<Finished>>,
    /// It has been said that it is slow (`--slow-timeout`), which is said once.
    pub named: bool,
}

impl Work {
    /// How much memory it keeps, in bytes, about; its output has an account of its own.
    fn weight(&self) -> usize {
        let earlier = self.earlier.as_ref().map_or(0, |earlier| size_of::<Finished>() + earlier.command.len());
        size_of::<Entry>() + weight(&self.record) + earlier
    }
}

/// How much memory a record keeps, in bytes, about.
pub fn weight(record: &Record) -> usize {
    let args = &record.args;
    args.as_bytes().len() + args.len() * size_of::<u32>() + record.body.as_ref().map_or(0, |body| body.weight())
}

/// The jobs that wait.
#[derive(Debug, Default)]
pub struct Waiting {
    heap: BinaryHeap<Reverse<Entry>>,
    /// How many have ever waited: of those that are due at the same time, the first comes first.
    count: u64,
    weight: usize,
    hurry: bool,
}

#[derive(Debug)]
struct Entry {
    due: Instant,
    number: u64,
    work: Work,
}

impl Waiting {
    /// `work` may be taken from `due` on.
    pub fn push(&mut self, work: Work, due: Instant) {
        self.weight += work.weight();
        self.heap.push(Reverse(Entry { due, number: self.count, work }));
        self.count += 1;
    }

    /// Nobody waits any more: all are due, and those that come.
    pub fn hurry(&mut self) {
        self.hurry = true;
    }

    /// When the first is due; `None`: nobody waits.
    pub fn next_due(&self, now: Instant) -> Option<Instant> {
        self.heap.peek().map(|Reverse(entry)| if self.hurry { now } else { entry.due })
    }

    /// The first, if it is due.
    pub fn take(&mut self, now: Instant) -> Option<Work> {
        if self.next_due(now)? > now {
            return None;
        }
        let Reverse(entry) = self.heap.pop()?;
        self.weight -= entry.work.weight();
        Some(entry.work)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// How much memory they take, in bytes, about.
    pub fn weight(&self) -> usize {
        self.weight
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::model::{Seq, Words};

    fn work(n: u64) -> Work {
        Work { record: Record::new(Seq(n), Words::new()), earlier: None, named: false }
    }

    #[test]
    fn all_are_due_when_nobody_waits_any_more() {
        let now = Instant::now();
        let mut waiting = Waiting::default();
        waiting.push(work(1), now + Duration::from_secs(1000));
        assert!(waiting.take(now).is_none());
        waiting.hurry();
        assert!(waiting.take(now).is_some());
        waiting.push(work(2), now + Duration::from_secs(1000));
        assert_eq!(waiting.next_due(now), Some(now));
        assert!(waiting.take(now).is_some());
        assert_eq!((waiting.next_due(now), waiting.len(), waiting.weight()), (None, 0, 0));
    }

    proptest! {
        #[test]
        fn each_is_taken_once_when_it_is_due_and_the_first_first(dues in prop::collection::vec(0..50u64, 0..60)) {
            let start = Instant::now();
            let mut waiting = Waiting::default();
            for (n, due) in dues.iter().enumerate() {
                waiting.push(work(n as u64), start + Duration::from_millis(*due));
            }
            let mut expected: Vec<(u64, u64)> = dues.iter().enumerate().map(|(n, due)| (*due, n as u64)).collect();
            expected.sort_unstable();
            let mut taken = Vec::new();
            for tick in 0..50 {
                while let Some(work) = waiting.take(start + Duration::from_millis(tick)) {
                    let n = work.record.seq.0;
                    prop_assert!(dues[n as usize] <= tick);
                    taken.push((dues[n as usize], n));
                }
            }
            prop_assert_eq!(taken, expected);
            prop_assert_eq!((waiting.len(), waiting.weight()), (0, 0));
        }
    }
}
