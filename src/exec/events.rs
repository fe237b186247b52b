//! The way from the slots to the printer.
//!
//! A bounded channel whose receiver is parked without spinning: crossbeam's own wait spins and yields first, which on a
//! machine whose CPUs are all busy with jobs costs each job several percent of the spawn floor (measured, see
//! ARCHITECTURE.md).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};

use crate::model::Event;

/// So many quiet events may wait for a louder one, at most.
const TOGETHER: usize = 256;

/// The slots' end. Sending waits while the printer is far behind: nobody reads our output then.
#[derive(Clone, Debug)]
pub struct Events {
    sender: Option<Sender<Event>>,
    patient: bool,
    together: usize,
    bell: Arc<Bell>,
}

/// The printer's end.
#[derive(Debug)]
pub struct Printed {
    receiver: Receiver<Event>,
    bell: Arc<Bell>,
}

#[derive(Debug, Default)]
struct Bell {
    asleep: AtomicBool,
    sleeper: std::sync::OnceLock<Thread>,
}

impl Bell {
    fn ring(&self) {
        // After whatever was sent: the sleeper looks once more after it has said that it sleeps.
        if self.asleep.swap(false, Ordering::SeqCst)
            && let Some(thread) = self.sleeper.get()
        {
            thread.unpark();
        }
    }
}

/// A channel for up to `limit` events on their way. `patient`: jobs that have nothing to say may wait for the printer's next
/// turn; where output has to wait for the end of another job (`--keep-order`), they can't.
pub fn events(limit: usize, patient: bool) -> (Events, Printed) {
    let (sender, receiver) = bounded(limit);
    // Never so many that the channel is full before the bell rings.
    let together = TOGETHER.min(limit / 2);
    let bell = Arc::new(Bell::default());
    (Events { sender: Some(sender), patient, together, bell: Arc::clone(&bell) }, Printed { receiver, bell })
}

impl Events {
    /// Hands an event to the printer. One that is gone takes nothing: it goes only when the run is being ended.
    pub fn send(&self, event: Event) {
        if let Some(sender) = &self.sender {
            let quiet = self.patient && is_quiet(&event);
            sender.send(event).ok();
            if !quiet || sender.len() >= self.together {
                self.bell.ring();
            }
        }
    }
}

/// Whether nobody waits for this: a job that succeeded, wrote nothing and is named in no report. Waking the printer for each
/// of them would cost more than the rest of a job's bookkeeping.
fn is_quiet(event: &Event) -> bool {
    match event {
        Event::Finished(job) => job.success && job.command.is_empty() && job.stdout.is_empty() && job.stderr.is_empty(),
        Event::Started(_) | Event::Output { .. } => false,
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // First the end, then the bell: the last one out tells the printer that nothing more will come.
        drop(self.sender.take());
        self.bell.ring();
    }
}

impl Printed {
    /// What has arrived already.
    ///
    /// # Errors
    /// Nothing has, or nothing ever will.
    pub fn try_next(&self) -> Result<Event, TryRecvError> {
        self.receiver.try_recv()
    }

    /// Waits for an event, on the one thread that ever calls this.
    ///
    /// # Errors
    /// None came in `time`, or nothing ever will.
    pub fn next(&self, time: Option<Duration>) -> Result<Event, TryRecvError> {
        self.bell.sleeper.get_or_init(thread::current);
        let until = time.and_then(|time| Instant::now().checked_add(time));
        loop {
            self.bell.asleep.store(true, Ordering::SeqCst);
            match self.receiver.try_recv() {
                Err(TryRecvError::Empty) => {}
                result => {
                    self.bell.asleep.store(false, Ordering::SeqCst);
                    return result;
                }
            }
            match until {
                None => thread::park(),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        self.bell.asleep.store(false, Ordering::SeqCst);
                        return Err(TryRecvError::Empty);
                    }
                    thread::park_timeout(left);
                }
            }
        }
    }
}
