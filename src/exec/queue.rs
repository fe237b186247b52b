//! The records that wait for slots: one shared queue, one of each slot, and stealing between them; and the jobs that wait to
//! be tried again.

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crossbeam_deque::{Injector, Steal, Stealer, Worker};

use super::waiting::{Waiting, Work, weight};
use crate::model::Record;

/// The reader waits when so many records are queued; it is woken when half of them are gone, so that it wakes rarely.
const MAX_RECORDS: usize = 512;
/// The reader waits when records of so many bytes are queued: packed ones are as large as a command can be.
const MAX_BYTES: usize = 512 << 10;
/// The reader waits when so many jobs wait to be tried again, and when they keep so much memory, in bytes: a list whose
/// jobs all fail must not be kept in memory as a whole.
const MAX_WAITING: usize = 1 << 14;
const MAX_WEIGHT: usize = 16 << 20;
/// A slot takes no more work at once than it will have done in this time.
const BATCH: Duration = Duration::from_millis(2);
/// However short jobs are.
const MAX_BATCH: usize = 16;

/// The shared side of the queues.
#[derive(Debug, Default)]
pub struct Queue {
    injector: Injector<Record>,
    /// The queue of each slot that was started, as its siblings see it.
    siblings: RwLock<Vec<Stealer<Record>>>,
    records: AtomicUsize,
    bytes: AtomicUsize,
    /// Slots that wait for work.
    idle: AtomicUsize,
    reader_waits: AtomicUsize,
    /// Jobs that wait to be tried again, and what they weigh, as in the state.
    waiting: AtomicUsize,
    weight: AtomicUsize,
    steals: AtomicU64,
    state: Mutex<State>,
    /// There is work, or never will be.
    work: Condvar,
    /// There is room for the reader.
    room: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// No more records will come.
    closed: bool,
    /// The jobs that wait to be tried again.
    waiting: Waiting,
    /// Until when an idle slot waits for the first of them. One does, the others wait to be called.
    watched: Option<Instant>,
}

/// One slot's own side.
#[derive(Debug)]
pub struct Local {
    own: Worker<Record>,
    index: usize,
    /// A running mean of how long its jobs take.
    mean: Duration,
}

impl Local {
    /// A job took so long.
    pub fn took(&mut self, wall: Duration) {
        self.mean = if self.mean.is_zero() { wall } else { (self.mean * 3 + wall) / 4 };
    }

    /// How many jobs make up the time that a slot may hold; one until it is known how long they take.
    fn batch(&self) -> usize {
        if self.mean.is_zero() {
            return 1;
        }
        usize::try_from(BATCH.as_nanos() / self.mean.as_nanos().max(1)).unwrap_or(MAX_BATCH).clamp(1, MAX_BATCH)
    }
}

impl Queue {
    /// A place for one more slot.
    pub fn join(&self) -> Local {
        let own = Worker::new_fifo();
        let mut siblings = self.siblings.write().unwrap_or_else(PoisonError::into_inner);
        siblings.push(own.stealer());
        Local { own, index: siblings.len() - 1, mean: Duration::ZERO }
    }

    /// Adds a record, waiting for room if need be. There is some soon even while a run is being ended: slots skip what
    /// is queued.
    pub fn push(&self, record: Record) {
        if self.is_full() {
            let mut state = self.lock();
            self.reader_waits.store(1, Ordering::SeqCst);
            while self.is_full() {
                state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            self.reader_waits.store(0, Ordering::SeqCst);
        }
        self.records.fetch_add(1, Ordering::SeqCst);
        self.bytes.fetch_add(weight(&record), Ordering::SeqCst);
        self.injector.push(record);
        self.call_one();
    }

    /// Whether [`Queue::push`] would wait.
    pub fn is_full(&self) -> bool {
        self.records.load(Ordering::SeqCst) >= MAX_RECORDS
            || self.bytes.load(Ordering::SeqCst) >= MAX_BYTES
            || self.waiting.load(Ordering::SeqCst) >= MAX_WAITING
            || self.weight.load(Ordering::SeqCst) >= MAX_WEIGHT
    }

    /// Whether there is more work than slots that wait for it.
    pub fn needs_slot(&self) -> bool {
        self.backlog() > 0
    }

    /// How much work there is for slots that have not been started.
    pub fn backlog(&self) -> usize {
        let work = self.records.load(Ordering::SeqCst) + self.waiting.load(Ordering::SeqCst);
        work.saturating_sub(self.idle.load(Ordering::SeqCst))
    }

    /// A job that some slot takes again from `due` on, before any that has not been started yet (as GNU parallel's
    /// retries).
    pub fn push_again(&self, work: Work, due: Instant) {
        let mut state = self.lock();
        state.waiting.push(work, due);
        self.note(&state);
        if state.watched.is_none_or(|until| due < until) {
            self.work.notify_one();
        }
    }

    /// Nothing more is started: whoever waits to be tried again is handed out at once.
    pub fn hurry(&self) {
        self.lock().waiting.hurry();
        self.work.notify_all();
    }

    /// No more records will come: slots end when the queues are empty.
    pub fn close(&self) {
        self.lock().closed = true;
        self.work.notify_all();
    }

    /// Jobs that were taken from a sibling's queue.
    pub fn steals(&self) -> u64 {
        self.steals.load(Ordering::Relaxed)
    }

    /// The next job for a slot: one that is due to be tried again, its own, a batch of the shared ones, or a sibling's.
    /// Waits for one; `None` at the end, when no other slot can need help: all that have not ended run, one in each.
    pub fn next(&self, local: &mut Local) -> Option<Work> {
        loop {
            if self.waiting.load(Ordering::SeqCst) > 0
                && let Some(work) = self.find_again()
            {
                return Some(work);
            }
            if let Some(record) = self.find(local) {
                return Some(Work { record, earlier: None, named: false });
            }
            let mut state = self.lock();
            self.idle.fetch_add(1, Ordering::SeqCst);
            // Whoever adds work after this look sees an idle slot, and takes the lock before it calls.
            fence(Ordering::SeqCst);
            let empty = self.looks_empty();
            let now = Instant::now();
            let due = state.waiting.next_due(now);
            // By the count, which a record leaves last: while a slot takes a batch, that is in no queue, and the slot may not come
            // to the rest of it for long.
            let end = state.closed && due.is_none() && self.records.load(Ordering::SeqCst) == 0;
            match due {
                _ if !empty || end => {}
                Some(due) if state.watched.is_none_or(|until| due < until) => {
                    state.watched = Some(due);
                    let time = due.saturating_duration_since(now);
                    state = self.work.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0;
                    if state.watched == Some(due) {
                        state.watched = None;
                        // This slot may have been called for something else: the next one watches.
                        self.work.notify_one();
                    }
                    drop(state);
                }
                _ => drop(self.work.wait(state).unwrap_or_else(PoisonError::into_inner)),
            }
            self.idle.fetch_sub(1, Ordering::SeqCst);
            if end {
                return None;
            }
        }
    }

    /// A job that is due to be tried again.
    fn find_again(&self) -> Option<Work> {
        let mut state = self.lock();
        let work = state.waiting.take(Instant::now())?;
        self.note(&state);
        if self.reader_waits.load(Ordering::SeqCst) == 1 && !self.is_full() {
            self.room.notify_one();
        }
        if state.closed && state.waiting.len() == 0 {
            // Slots that have waited for it may end.
            self.work.notify_all();
        }
        Some(work)
    }

    /// What others want to know without the lock.
    fn note(&self, state: &State) {
        self.waiting.store(state.waiting.len(), Ordering::SeqCst);
        self.weight.store(state.waiting.weight(), Ordering::SeqCst);
    }

    fn looks_empty(&self) -> bool {
        let siblings = self.siblings.read().unwrap_or_else(PoisonError::into_inner);
        self.injector.is_empty() && siblings.iter().all(Stealer::is_empty)
    }

    fn find(&self, local: &mut Local) -> Option<Record> {
        if let Some(record) = local.own.pop() {
            return Some(self.taken(record));
        }
        let batch = local.batch();
        let shared = || match batch {
            1 => self.injector.steal(),
            _ => self.injector.steal_batch_with_limit_and_pop(&local.own, batch),
        };
        if let Some(record) = steal(shared) {
            if !local.own.is_empty() {
                self.call_one();
            }
            return Some(self.taken(record));
        }
        let siblings = self.siblings.read().unwrap_or_else(PoisonError::into_inner);
        let (before, after) = siblings.split_at(local.index);
        for sibling in after.iter().skip(1).chain(before) {
            if let Some(record) = steal(|| sibling.steal()) {
                self.steals.fetch_add(1, Ordering::Relaxed);
                let more = !sibling.is_empty();
                drop(siblings);
                if more {
                    self.call_one();
                }
                return Some(self.taken(record));
            }
        }
        None
    }

    fn taken(&self, record: Record) -> Record {
        let left = self.records.fetch_sub(1, Ordering::SeqCst) - 1;
        let weight = weight(&record);
        let bytes = self.bytes.fetch_sub(weight, Ordering::SeqCst) - weight;
        if self.reader_waits.load(Ordering::SeqCst) == 1 && left <= MAX_RECORDS / 2 && bytes <= MAX_BYTES / 2 {
            // With the lock, so that the reader is either before its look or in its wait.
            drop(self.lock());
            self.room.notify_one();
        }
        if left == 0 && self.idle.load(Ordering::SeqCst) > 0 && self.lock().closed {
            // Slots that have waited for it may end.
            self.work.notify_all();
        }
        record
    }

    /// Calls one idle slot, if there is one.
    fn call_one(&self) {
        fence(Ordering::SeqCst);
        if self.idle.load(Ordering::SeqCst) > 0 {
            drop(self.lock());
            self.work.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Steals until it is clear whether there is anything.
fn steal<T>(from: impl FnMut() -> Steal<T>) -> Option<T> {
    std::iter::repeat_with(from).find(|stolen| !stolen.is_retry()).and_then(Steal::success)
}
