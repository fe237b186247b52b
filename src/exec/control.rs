//! How running children are reached from outside their slots.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Workforce;
use super::family::end_unclaimed;
use super::seat::Seat;
use super::terminal;
use crate::model::Seq;
use crate::sys::process::Process;
use crate::sys::tree;

/// How long the run waits for its jobs to be stopped before it stops itself.
const PAUSE: Duration = Duration::from_millis(500);

/// A signal to our whole process group has reached us and the jobs in it within this time.
const TOGETHER: Duration = Duration::from_millis(500);

/// What all slots are asked to do with their children. It only ever gets stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Request {
    /// Let them run.
    Run,
    /// End them by the termination sequence; start nothing.
    Terminate,
    /// Kill them at once; start nothing.
    Kill,
}

/// A job that runs, or is about to.
#[derive(Debug)]
pub struct Turn<'a> {
    control: &'a Control,
    number: u64,
    /// No other ran when it was started.
    alone: bool,
}

impl Turn<'_> {
    /// The number of its start, from 1. A try that is made again has a new one.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Whether no other job has run since it was started.
    pub fn is_alone(&self) -> bool {
        self.alone && self.number == self.control.last_start()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.control.running.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A job that has been stopped, together with the run.
#[derive(Debug)]
pub struct Stopped<'a>(&'a Control);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.0.stopped.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The request that holds, and a way to wake each slot.
#[derive(Debug, Default)]
pub struct Control {
    request: AtomicU8,
    /// The signal that we were sent, for the jobs; 0: none.
    forward: AtomicI32,
    /// The terminal has sent it, to our process group.
    by_terminal: AtomicBool,
    /// When the first of those started that we have ended, in the kernel's ticks; 0: none has been.
    since: AtomicU64,
    /// A job was ended without /proc to look for its family.
    blind: AtomicBool,
    running: AtomicUsize,
    /// The run is stopped (Ctrl-Z), or is about to be.
    paused: AtomicBool,
    /// How many jobs have been stopped with it.
    stopped: AtomicUsize,
    /// How many starts there have been, those included that failed or had to wait for the run to go on.
    started: AtomicU64,
    seats: Mutex<Vec<Arc<Seat>>>,
    /// Processes that have been stopped for want of the terminal before it was known that they are jobs.
    stopped_early: Mutex<Vec<i32>>,
    /// How many jobs have been looked through for such.
    pub(super) looked: AtomicUsize,
}

impl Control {
    /// A slot wants to know, and can be asked.
    pub fn enlist(&self, seat: &Arc<Seat>) {
        self.lock().push(Arc::clone(seat));
    }

    /// All slots there are.
    pub(super) fn seats(&self) -> Vec<Arc<Seat>> {
        self.lock().clone()
    }

    pub(super) fn stopped_early(&self) -> MutexGuard<'_, Vec<i32>> {
        self.stopped_early.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Seat>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A job is about to be started; `None` while the run is stopped.
    pub fn starts(&self) -> Option<Turn<'_>> {
        let alone = self.running.fetch_add(1, Ordering::SeqCst) == 0;
        let number = self.started.fetch_add(1, Ordering::SeqCst) + 1;
        // Either this sees the pause, or who pauses sees one more that runs, and waits until it is stopped.
        let turn = Turn { control: self, number, alone };
        (!self.is_paused()).then_some(turn)
    }

    /// The number of the last start.
    pub fn last_start(&self) -> u64 {
        self.started.load(Ordering::SeqCst)
    }

    /// Whether any start up to this one is not over: its child may hold the pipes that we had open then.
    pub fn is_starting(&self, last: u64) -> bool {
        self.lock().iter().any(|seat| seat.is_starting(last))
    }

    /// Whether children have to be stopped.
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::SeqCst)
    }

    /// A job has been stopped, until what this answers is dropped.
    pub fn stops(&self) -> Stopped<'_> {
        self.stopped.fetch_add(1, Ordering::SeqCst);
        Stopped(self)
    }

    /// This job is ended by us.
    pub fn ends(&self, process: &Process) {
        if let Some(stat) = tree::stat(process.pid()) {
            self.note_start(stat.started);
        } else {
            self.blind.store(true, Ordering::SeqCst);
        }
    }

    /// One that started at this time, in the kernel's ticks, is ended.
    fn note_start(&self, started: u64) {
        let earlier = |since: u64| (since == 0 || started < since).then_some(started.max(1));
        // Fails where an earlier one has been noted.
        self.since.fetch_update(Ordering::SeqCst, Ordering::SeqCst, earlier).ok();
    }

    /// What jobs are to be sent before the termination sequence.
    pub fn forwarded(&self) -> Option<i32> {
        Some(self.forward.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
    }

    /// Whether jobs in our process group have got that already, from the terminal.
    pub fn is_by_terminal(&self) -> bool {
        self.by_terminal.load(Ordering::SeqCst)
    }

    /// Of the jobs that run, these are to be stopped, and the others to go on.
    pub fn suspend(&self, stops: &dyn Fn(Seq) -> bool) {
        for seat in self.seats() {
            if let Some(job) = seat.job() {
                seat.suspend(job.seq, stops(job.seq));
            }
        }
    }

    /// Which jobs are to be stopped.
    pub fn suspended(&self) -> Vec<Seq> {
        let jobs = self.seats().into_iter().filter_map(|seat| seat.job().filter(|job| seat.is_suspended(job.seq)));
        jobs.map(|job| job.seq).collect()
    }

    /// Ends the job that was read last of those that run, to make room. One at a time.
    pub fn evict_youngest(&self) {
        let seats = self.seats();
        let jobs: Vec<_> = seats.iter().filter_map(|seat| Some((seat.job()?.seq, seat))).collect();
        if jobs.iter().any(|(seq, seat)| seat.is_evicted(*seq)) {
            return;
        }
        if let Some((seq, seat)) = jobs.iter().max_by_key(|(seq, _)| *seq) {
            seat.evict(*seq);
        }
    }

    /// All slots look again at what holds for their children.
    pub fn call_all(&self) {
        self.lock().iter().for_each(|seat| seat.wake().call());
    }

    /// Whether the run is being ended, and its jobs with it.
    pub fn is_over(&self) -> bool {
        self.request() != Request::Run
    }

    /// What is asked now.
    pub fn request(&self) -> Request {
        match self.request.load(Ordering::SeqCst) {
            0 => Request::Run,
            1 => Request::Terminate,
            _ => Request::Kill,
        }
    }
}

impl Workforce for Control {
    fn end_who_want_terminal(&self) {
        terminal::look(self);
    }

    fn end_unclaimed(&self) -> Vec<i32> {
        match self.since.load(Ordering::SeqCst) {
            0 => Vec::new(),
            since => end_unclaimed(since),
        }
    }

    fn has_unseen(&self) -> bool {
        self.blind.load(Ordering::SeqCst) && tree::has_adopted()
    }

    fn cancel(&self, first: Option<i32>, by_terminal: bool) {
        self.by_terminal.store(by_terminal, Ordering::SeqCst);
        self.forward.store(first.unwrap_or(0), Ordering::SeqCst);
        self.request.fetch_max(Request::Terminate as u8, Ordering::SeqCst);
        // Where the signal went to all of our group, jobs may have ended by it before we have heard of it: what they have left is to
        // be ended, too.
        let own = if by_terminal { TOGETHER } else { Duration::ZERO };
        for began in self.seats().iter().filter_map(|seat| seat.ended_lately(own, TOGETHER)) {
            self.note_start(tree::started_before(began.elapsed()));
        }
        self.call_all();
    }

    fn kill(&self) {
        self.request.fetch_max(Request::Kill as u8, Ordering::SeqCst);
        self.call_all();
    }

    fn pause(&self) {
        self.paused.store(true, Ordering::SeqCst);
        self.call_all();
        let began = Instant::now();
        // A slot that waits for a reader of our output does not come; what its job writes waits, too.
        while self.stopped.load(Ordering::SeqCst) < self.running.load(Ordering::SeqCst) && began.elapsed() < PAUSE {
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn resume(&self) {
        self.paused.store(false, Ordering::SeqCst);
        self.call_all();
    }
}
