//! How running children are reached from outside their slots.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Workforce;
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

/// The request that holds, and a way to wake each slot.
#[derive(Debug, Default)]
pub struct Control {
    request: AtomicU8,
    slots: Mutex<Vec<Arc<Wake>>>,
}

impl Control {
    /// A slot that waits with `wake` wants to know.
    pub fn enlist(&self, wake: &Arc<Wake>) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(wake));
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
    fn cancel(&self, at_once: bool) {
        let request = if at_once { Request::Kill } else { Request::Terminate };
        self.request.fetch_max(request as u8, Ordering::SeqCst);
        for wake in self.slots.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            wake.call();
        }
    }
}
