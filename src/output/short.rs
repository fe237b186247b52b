//! The order of short jobs. Pure: events and the time in, events out.
//!
//! Slots start side by side, so two jobs of a few milliseconds end in an order that nobody has asked for. GNU parallel takes
//! longer to start a job than these run, and prints them in the order of the inputs; people have scripts that count on it.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::model::{Event, Finished, SHORT};

/// In bytes. What is larger is printed at once: it may be what somebody waits for.
const SMALL: u64 = 64 << 10;

/// Short jobs that have ended before an earlier one.
#[derive(Debug)]
pub struct ShortFirst {
    /// No job below this one is waited for: it has ended, or it is not short.
    front: u64,
    held: BTreeMap<u64, Event>,
    /// When nothing is waited for any longer.
    due: Option<Instant>,
    weight: u64,
}

impl ShortFirst {
    /// Before the first job.
    pub fn new() -> ShortFirst {
        ShortFirst { front: 1, held: BTreeMap::new(), due: None, weight: 0 }
    }

    /// A job has ended; `now` is only asked for when it has to wait.
    pub fn accept(&mut self, finished: Box<Finished>, now: &dyn Fn() -> Instant, print: &mut dyn FnMut(Event)) {
        let (seq, is_short) = (finished.seq.0, finished.wall <= SHORT);
        let event = Event::Finished(finished);
        if seq > self.front && is_short && event.weight() <= SMALL {
            self.weight += event.weight();
            self.held.insert(seq, event);
            self.due.get_or_insert_with(|| now() + SHORT);
        } else if seq < self.front {
            // Nobody has waited for it.
            print(event);
        } else {
            self.pass(seq, event, print);
        }
    }

    /// Prints a job, those that wait before it, and those that have waited for nothing else.
    fn pass(&mut self, seq: u64, event: Event, print: &mut dyn FnMut(Event)) {
        let later = self.held.split_off(&seq);
        for (_, earlier) in std::mem::replace(&mut self.held, later) {
            self.print(earlier, print);
        }
        print(event);
        self.front = seq + 1;
        while let Some(next) = self.held.remove(&self.front) {
            self.front += 1;
            self.print(next, print);
        }
        if self.held.is_empty() {
            self.due = None;
        }
    }

    /// Prints one that has waited.
    fn print(&mut self, event: Event, print: &mut dyn FnMut(Event)) {
        self.weight -= event.weight();
        print(event);
    }

    /// Prints what waits, in order.
    pub fn release(&mut self, print: &mut dyn FnMut(Event)) {
        for (seq, event) in std::mem::take(&mut self.held) {
            self.front = seq + 1;
            self.print(event, print);
        }
        self.due = None;
    }

    /// When [`ShortFirst::release`] is to be called; `None`: nothing waits.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// How many bytes wait.
    pub fn weight(&self) -> u64 {
        self.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Buffer, Captured, Seq};
    use proptest::prelude::*;
    use std::time::Duration;

    fn finished(seq: u64, millis: u64, bytes: usize) -> Box<Finished> {
        let stdout = Captured::Memory(Buffer::from(vec![b'x'; bytes]));
        Box::new(Finished { stdout, wall: Duration::from_millis(millis), ..Finished::already_done(Seq(seq)) })
    }

    fn number(event: &Event) -> u64 {
        match event {
            Event::Finished(finished) => finished.seq.0,
            _ => 0,
        }
    }

    fn accept(order: &mut ShortFirst, seq: u64, millis: u64, bytes: usize) -> Vec<u64> {
        let mut printed = Vec::new();
        order.accept(finished(seq, millis, bytes), &Instant::now, &mut |event| printed.push(number(&event)));
        printed
    }

    #[test]
    fn short_jobs_are_in_order_and_wait_for_no_long_one() {
        let mut order = ShortFirst::new();
        assert_eq!(accept(&mut order, 2, 1, 3), [0; 0]);
        assert_eq!(accept(&mut order, 3, 1, 3), [0; 0]);
        assert!(order.due().is_some() && order.weight() > 0);
        assert_eq!(accept(&mut order, 1, 1, 3), [1, 2, 3]);
        assert_eq!((order.due(), order.weight()), (None, 0));
        // 4 goes on; 5 waits for it once, and 6 and those behind it never.
        assert_eq!(accept(&mut order, 5, 1, 3), [0; 0]);
        let mut late = Vec::new();
        order.release(&mut |event| late.push(number(&event)));
        assert_eq!((late, order.due()), (vec![5], None));
        assert_eq!(accept(&mut order, 6, 1, 3), [6]);
        assert_eq!(accept(&mut order, 4, 900, 3), [4]);
        // One that took its time, and one that is large, wait for nobody.
        assert_eq!(accept(&mut order, 8, 1, 3), [0; 0]);
        assert_eq!(accept(&mut order, 9, 500, 3), [8, 9]);
        assert_eq!(accept(&mut order, 7, 700, 3), [7]);
        assert_eq!(accept(&mut order, 11, 1, 1 << 20), [11]);
        assert_eq!(accept(&mut order, 10, 1, 3), [10]);
    }

    proptest! {
        #[test]
        fn each_job_is_printed_once(jobs in Just((1..=40_u64).collect::<Vec<_>>()).prop_shuffle(), releases in prop::collection::vec(any::<(bool, bool)>(), 40)) {
            let (mut order, mut printed) = (ShortFirst::new(), Vec::new());
            let all_short = releases.iter().all(|(release, long)| !release && !long);
            for (seq, (release, long)) in jobs.iter().zip(&releases) {
                printed.extend(accept(&mut order, *seq, if *long { 30 } else { 2 }, 1));
                if *release {
                    order.release(&mut |event| printed.push(number(&event)));
                }
            }
            order.release(&mut |event| printed.push(number(&event)));
            prop_assert_eq!(order.weight(), 0);
            if all_short {
                prop_assert_eq!(&printed, &(1..=40).collect::<Vec<_>>());
            }
            printed.sort_unstable();
            prop_assert_eq!(printed, (1..=40).collect::<Vec<_>>());
        }
    }
}
