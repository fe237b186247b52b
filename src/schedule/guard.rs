//! Where starts depend on more than places: the slot that wants to start a job asks, somebody who looks at the machine answers.

use std::sync::PoisonError;
use std::time::Duration;

use super::Scheduler;

/// What stands between the slots and whoever looks at the machine for them.
#[derive(Debug, Default)]
pub struct Guard {
    /// Each start has to be allowed.
    pub on: bool,
    /// Somebody waits for calls.
    pub watched: bool,
    /// Somebody wants to start a job.
    pub asked: bool,
    /// One may.
    pub clear: bool,
    /// How many tries have ended.
    pub ended: u64,
    /// Nobody will ask any more.
    pub over: bool,
}

/// What whoever looks at the machine is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Somebody wants to start a job.
    pub asked: bool,
    /// How many jobs run.
    pub running: usize,
    /// How many tries have ended.
    pub ended: u64,
    /// The run is over.
    pub over: bool,
}

impl Scheduler<'_> {
    /// Waits until `what` holds, which is asked at each change, or for `time`.
    pub fn await_call(&self, time: Option<Duration>, what: &dyn Fn(&Call) -> bool) -> Call {
        let mut state = self.lock();
        state.guard.watched = true;
        let call = |state: &super::State| {
            let guard = &state.guard;
            Call { asked: guard.asked, running: state.alive, ended: guard.ended, over: guard.over }
        };
        let waits = |state: &mut super::State| !what(&call(state));
        state = match time {
            Some(time) => self.guard.wait_timeout_while(state, time, waits).unwrap_or_else(PoisonError::into_inner).0,
            None => self.guard.wait_while(state, waits).unwrap_or_else(PoisonError::into_inner),
        };
        call(&state)
    }

    /// One job may start.
    pub fn clear(&self) {
        self.lock().guard.clear = true;
        self.sky.notify_all();
    }

    /// From now on at most so many jobs run at once.
    pub fn set_places(&self, places: usize) {
        self.lock().gate.set_places(places);
        self.places.notify_all();
    }

    /// Nobody has to look at the machine any more.
    pub fn end_guard(&self) {
        self.lock().guard.over = true;
        self.guard.notify_all();
    }
}
