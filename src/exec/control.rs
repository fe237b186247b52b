//! How running children are reached from outside their slots.

use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Workforce;
use super::family::end_unclaimed;
use crate::sys::process::Process;
use crate::sys::tree;
use crate::sys::wake::Wake;

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

/// A job that runs.
#[derive(Debug)]
pub struct Turn<'a> {
    control: &'a Control,
    /// Its number, if no other ran when it was started.
    number: Option<u64>,
}

impl Turn<'_> {
    /// Whether no other job has run since it was started.
    pub fn is_alone(&self) -> bool {
        self.number == Some(self.control.started.load(Ordering::SeqCst))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.control.running.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The request that holds, and a way to wake each slot.
#[derive(Debug, Default)]
pub struct Control {
    request: AtomicU8,
    /// When the first of those started that we have ended, in the kernel's ticks; 0: none has been.
    since: AtomicU64,
    running: AtomicUsize,
    /// How many have been started.
    started: AtomicU64,
    slots: Mutex<Vec<Arc<Wake>>>,
}

impl Control {
    /// A slot that waits with `wake` wants to know.
    pub fn enlist(&self, wake: &Arc<Wake>) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(wake));
    }

    /// A job is started.
    pub fn starts(&self) -> Turn<'_> {
        let alone = self.running.fetch_add(1, Ordering::SeqCst) == 0;
        let number = self.started.fetch_add(1, Ordering::SeqCst) + 1;
        Turn { control: self, number: alone.then_some(number) }
    }

    /// This job is ended by us.
    pub fn ends(&self, process: &Process) {
        if let Some(stat) = tree::stat(process.pid()) {
            let earlier = |since: u64| (since == 0 || stat.started < since).then_some(stat.started.max(1));
            // Fails where an earlier one has been noted.
            self.since.fetch_update(Ordering::SeqCst, Ordering::SeqCst, earlier).ok();
        }
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
    fn end_unclaimed(&self) -> Vec<i32> {
        match self.since.load(Ordering::SeqCst) {
            0 => Vec::new(),
            since => end_unclaimed(since),
        }
    }

    fn cancel(&self, at_once: bool) {
        let request = if at_once { Request::Kill } else { Request::Terminate };
        self.request.fetch_max(request as u8, Ordering::SeqCst);
        for wake in self.slots.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            wake.call();
        }
    }
}
