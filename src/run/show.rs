//! What SIGUSR1 and SIGUSR2 ask for.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, Scope, ScopedJoinHandle};

use crate::diag::Diag;
use crate::exec::{Control, Events};
use crate::report::say_running;
use crate::sys::signals::SIGUSR2;
use crate::sys::wake::Wake;

/// The main thread's side of it. Who asks for a list waits for slots and for standard error, the main thread for nobody.
pub struct Show<'scope, 'env, 'a> {
    /// Where a list gets a thread.
    pub scope: &'scope Scope<'scope, 'env>,
    /// Where the list is written.
    pub diag: &'scope Diag,
    /// Who knows what runs.
    pub control: &'scope Control,
    /// Who draws progress.
    pub events: &'scope Events<'a>,
    /// SIGUSR2s that have come and that the printer has not heard of yet.
    pub toggles: &'scope AtomicUsize,
    /// Is called when a list has been written.
    pub attention: &'scope Wake,
    /// The thread that writes one.
    pub list: RefCell<Option<ScopedJoinHandle<'scope, ()>>>,
}

impl Show<'_, '_, '_> {
    /// One of the two signals has come.
    pub fn signal(&self, signal: i32) {
        if signal == SIGUSR2 {
            self.toggles.fetch_add(1, Ordering::SeqCst);
            self.events.nudge();
        } else if !self.is_listing() {
            let (diag, control, attention) = (self.diag, self.control, self.attention);
            let list = move || {
                say_running(diag, &control.survey());
                attention.call();
            };
            // Where the machine has no room for a thread, there is no list.
            *self.list.borrow_mut() = Builder::new().spawn_scoped(self.scope, list).ok();
        }
    }

    /// Whether a list is being written.
    pub fn is_listing(&self) -> bool {
        self.list.borrow().as_ref().is_some_and(|thread| !thread.is_finished())
    }
}
