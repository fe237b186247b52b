//! A slot as the rest of the program sees it: how it is woken, which job it runs, and what it is asked about that.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::model::{Running, Seq, Slot};
use crate::sys::wake::Wake;

/// One slot. What a job costs here is a few plain stores: whoever wants to know more asks, and waits.
#[derive(Debug)]
pub struct Seat {
    wake: Wake,
    slot: Slot,
    /// What the times are counted from.
    base: Instant,
    /// The process of its job; 0: none runs.
    pid: AtomicI32,
    seq: AtomicU64,
    /// When its job was started, in nanoseconds since `base`.
    since: AtomicU64,
    /// The number of the start that is under way; 0: none is.
    starting: AtomicU64,
    /// This process has been stopped because it wants the terminal; 0: none has.
    accused: AtomicI32,
    /// This job is to be stopped for a while; 0: none is.
    suspended: AtomicU64,
    /// This job is to be ended to make room; 0: none is.
    evicted: AtomicU64,
    /// When its last job began and ended, and whether a signal ended it: only of jobs in our process group.
    last: Mutex<Option<(Instant, Instant, bool)>>,
    asked: AtomicBool,
    answer: Mutex<Option<Answer>>,
}

/// What only the slot itself knows of its job.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which job.
    pub seq: Seq,
    /// Its command as text.
    pub command: Vec<u8>,
    /// The end of what it has written last.
    pub last_line: Vec<u8>,
}

impl Seat {
    /// Of a slot that runs nothing yet.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn new(slot: Slot) -> io::Result<Seat> {
        Ok(Seat {
            wake: Wake::new()?,
            slot,
            base: Instant::now(),
            pid: AtomicI32::new(0),
            seq: AtomicU64::new(0),
            since: AtomicU64::new(0),
            starting: AtomicU64::new(0),
            accused: AtomicI32::new(0),
            suspended: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
            last: Mutex::default(),
            asked: AtomicBool::new(false),
            answer: Mutex::default(),
        })
    }

    /// What the slot waits for, besides its job.
    pub fn wake(&self) -> &Wake {
        &self.wake
    }

    /// This start is under way; 0: it is over.
    pub fn starts(&self, number: u64) {
        self.starting.store(number, Ordering::SeqCst);
    }

    /// Whether a start is under way that is no later than this one.
    pub fn is_starting(&self, last: u64) -> bool {
        (1..=last).contains(&self.starting.load(Ordering::SeqCst))
    }

    /// This job has been started.
    pub fn begin(&self, seq: Seq, pid: i32, began: Instant) {
        let since = began.saturating_duration_since(self.base).as_nanos();
        self.seq.store(seq.0, Ordering::Relaxed);
        self.since.store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.pid.store(pid, Ordering::Release);
    }

    /// It has ended, and is about to be reaped.
    pub fn end(&self) {
        self.pid.store(0, Ordering::Release);
    }

    /// A job in our process group has ended, perhaps by what has been sent to all of the group.
    pub fn ended_in_group(&self, began: Instant, signaled: bool) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((began, Instant::now(), signaled));
    }

    /// When the last job in our process group began, if it ended within this time; the longer one where a signal ended it.
    pub fn ended_lately(&self, time: Duration, by_signal: Duration) -> Option<Instant> {
        let (began, ended, signaled) = (*self.last.lock().unwrap_or_else(PoisonError::into_inner))?;
        (ended.elapsed() <= if signaled { by_signal } else { time }).then_some(began)
    }

    /// The job that runs here.
    pub fn job(&self) -> Option<Running> {
        loop {
            let pid = self.pid.load(Ordering::Acquire);
            if pid == 0 {
                return None;
            }
            let (seq, since) = (self.seq.load(Ordering::Acquire), self.since.load(Ordering::Acquire));
            // Another one may have begun meanwhile.
            if self.pid.load(Ordering::Acquire) == pid {
                let since = self.base + Duration::from_nanos(since);
                return Some(Running { seq: Seq(seq), slot: self.slot, pid, since });
            }
        }
    }

    /// This job is to be stopped, or to go on.
    pub fn suspend(&self, seq: Seq, stops: bool) {
        let stopped = self.suspended.load(Ordering::SeqCst) == seq.0;
        if stops != stopped {
            self.suspended.store(if stops { seq.0 } else { 0 }, Ordering::SeqCst);
            self.wake.call();
        }
    }

    /// Whether that job is to be stopped now.
    pub fn is_suspended(&self, seq: Seq) -> bool {
        self.suspended.load(Ordering::Acquire) == seq.0
    }

    /// This job is to be ended to make room.
    pub fn evict(&self, seq: Seq) {
        self.evicted.store(seq.0, Ordering::SeqCst);
        self.wake.call();
    }

    /// Whether that job is to be ended to make room.
    pub fn is_evicted(&self, seq: Seq) -> bool {
        self.evicted.load(Ordering::Acquire) == seq.0
    }

    /// A try begins: nothing is asked of it yet.
    pub fn forget_requests(&self) {
        self.suspended.store(0, Ordering::Relaxed);
        self.evicted.store(0, Ordering::Relaxed);
    }

    /// Asks the slot what it knows of its job.
    pub fn ask(&self) {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.asked.store(true, Ordering::SeqCst);
        self.wake.call();
    }

    /// Whether it has been asked and has not answered.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    /// The slot's answer.
    pub fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
        self.asked.store(false, Ordering::SeqCst);
    }

    /// What the slot has answered about this job.
    pub fn take_answer(&self, seq: Seq) -> Option<Answer> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).take().filter(|answer| answer.seq == seq)
    }

    /// The job of this process has been stopped because it wants the terminal.
    pub fn accuse(&self, pid: i32) {
        self.accused.store(pid, Ordering::SeqCst);
        self.wake.call();
    }

    /// Whether that is said of this process. It is said once.
    pub fn is_accused(&self, pid: i32) -> bool {
        self.accused.load(Ordering::Acquire) != 0 && self.accused.swap(0, Ordering::SeqCst) == pid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_that_is_under_way_may_hold_what_was_open_when_it_began() {
        let seat = Seat::new(Slot(1)).expect("a descriptor");
        assert!(!seat.is_starting(9));
        seat.starts(7);
        assert_eq!([6, 7, 8].map(|last| seat.is_starting(last)), [false, true, true]);
        seat.starts(0);
        assert!(!seat.is_starting(9));
    }

    #[test]
    fn what_is_said_of_one_job_does_not_hit_the_next() {
        let seat = Seat::new(Slot(3)).expect("a descriptor");
        assert_eq!(seat.job(), None);
        let began = Instant::now();
        seat.begin(Seq(7), 100, began);
        assert_eq!(seat.job(), Some(Running { seq: Seq(7), slot: Slot(3), pid: 100, since: began }));
        seat.accuse(100);
        seat.ask();
        seat.end();
        assert_eq!(seat.job(), None);
        seat.begin(Seq(8), 101, began);
        assert!(!seat.is_accused(101));
        assert!(!seat.is_accused(100), "it is over");
        assert!(seat.is_asked());
        seat.answer(Answer { seq: Seq(8), command: Vec::new(), last_line: Vec::new() });
        assert!(!seat.is_asked());
        assert!(seat.take_answer(Seq(7)).is_none());
    }
}
