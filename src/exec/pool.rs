//! The pool: slots are threads that serve themselves from the queues, started on demand.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Scope};
use std::time::SystemTime;

use super::queue::Queue;
use super::slot::SlotLoop;
use super::{Attempt, Context, Dispatch, Events, Executor, MakeExecutor, Member, Task, Trial};
use crate::model::{Job, Outcome, PoolReport, Record, Slot};
use crate::options::PipeOptions;
use crate::sys::{affinity, limits};

/// A slot needs little stack: no recursion, and its buffers are on the heap.
const STACK: usize = 256 << 10;
/// Descriptors that a running job takes: two pipes with both ends at the spawn, a pidfd, a wake and some to spare.
const FDS_PER_SLOT: u64 = 8;
/// Descriptors that fanout takes besides.
const FDS_BESIDES: u64 = 64;

/// The slots of a run.
pub struct Pool<'a> {
    cx: &'a Context<'a>,
    dispatch: &'a dyn Dispatch,
    make: MakeExecutor<'a>,
    queue: Queue,
    /// How many slots are wanted, found out at the second.
    wanted: &'a (dyn Fn() -> usize + Sync),
    /// How many the machine has room for.
    limit: AtomicUsize,
    /// CPUs to pin slots to, in turn; empty: none.
    cpus: Vec<usize>,
    events: &'a Events<'a>,
    /// How many jobs each slot that was started has run.
    jobs: Mutex<Vec<u64>>,
    descriptors_raised: AtomicBool,
}

impl<'a> Pool<'a> {
    /// No slot runs yet. `wanted`: at most so many, at least 1; `cpus`: pinned to these in turn, or to none.
    pub fn new(
        cx: &'a Context<'a>,
        dispatch: &'a dyn Dispatch,
        make: MakeExecutor<'a>,
        events: &'a Events<'a>,
        wanted: &'a (dyn Fn() -> usize + Sync),
        cpus: Vec<usize>,
    ) -> Pool<'a> {
        Pool {
            cx,
            dispatch,
            make,
            queue: Queue::default(),
            wanted,
            limit: AtomicUsize::new(usize::MAX),
            cpus,
            events,
            jobs: Mutex::default(),
            descriptors_raised: AtomicBool::new(false),
        }
    }

    /// Hands a record to the slots, waiting while enough are queued, and starts a slot if all are busy.
    pub fn submit<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, record: Record) {
        self.dispatch.line_up(record.seq);
        self.queue.push(record);
        let started = self.started();
        let may_start = || started == 0 || started < self.limit.load(Ordering::Relaxed).min((self.wanted)());
        if self.queue.needs_slot() && may_start() {
            self.start_slot(scope, started);
        }
    }

    /// There may be so many slots now: starts those for which there is work.
    pub fn grow<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, places: usize) {
        let started = self.started();
        let most = self.limit.load(Ordering::Relaxed).min(places).min(started + self.queue.backlog());
        (started..most).for_each(|index| self.start_slot(scope, index));
    }

    /// Whether [`Pool::submit`] would wait for a slot.
    pub fn is_full(&self) -> bool {
        self.queue.is_full()
    }

    /// No more records will come: the slots end when all jobs have ended.
    pub fn close(&self) {
        self.queue.close();
    }

    /// Nothing more is started: jobs that wait to be tried again end as their last try did.
    pub fn end_waits(&self) {
        self.queue.hurry();
    }

    /// What the pool did, but for what the caller knows better.
    pub fn report(&self) -> PoolReport {
        PoolReport {
            jobs_per_slot: self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            steals: self.queue.steals(),
            buffers: self.cx.buffers.stats(),
            spilled_bytes: self.cx.spill.bytes_written(),
            ..PoolReport::default()
        }
    }

    fn started(&self) -> usize {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn start_slot<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, index: usize) {
        self.raise_descriptors(index as u64 + 1);
        let slot = Slot(u32::try_from(index + 1).unwrap_or(u32::MAX));
        {
            let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            if jobs.len() != index {
                // The reader and whoever lets the pool grow wanted the same one.
                return;
            }
            jobs.push(0);
        }
        let thread = thread::Builder::new().name(format!("slot {slot}")).stack_size(STACK);
        let member = self.events.join();
        if let Err(error) = thread.spawn_scoped(scope, move || self.work(slot, &member)) {
            self.jobs.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let pipe = self.cx.options.pipe.as_ref().filter(|_| index > 0);
            if pipe.is_some_and(PipeOptions::runs_all_at_once) {
                if self.dispatch.refused(&error) {
                    self.start_slot(scope, index);
                }
                return;
            }
            self.limit.store(index.max(1), Ordering::Relaxed);
            if index == 0 {
                self.dispatch.fatal(format!("can't start a thread: {}", limits::shortage(&error)));
            } else {
                self.dispatch.short_of_slots(&error, index);
            }
        }
    }

    fn raise_descriptors(&self, slots: u64) {
        let (soft, hard) = self.cx.nofile;
        if slots * FDS_PER_SLOT + FDS_BESIDES <= soft || self.descriptors_raised.swap(true, Ordering::Relaxed) {
            return;
        }
        // Fails only where it is at its hard limit already; then the machine refuses, later, and that is dealt with.
        if limits::raise_nofile(hard).is_ok() {
            self.cx.nofile_raised.store(true, Ordering::Relaxed);
        }
    }

    fn work(&self, slot: Slot, _until_the_end: &Member<'_>) {
        if !self.cpus.is_empty() {
            affinity::pin(self.cpus[(slot.0 as usize - 1) % self.cpus.len()]);
        }
        if let Some(nice) = self.cx.options.slots.nice {
            affinity::renice(nice);
        }
        let executor = loop {
            match (self.make)(slot) {
                Ok(executor) => break executor,
                Err(error) if self.dispatch.refused(&error) => {}
                Err(error) => break Box::new(Broken(error)),
            }
        };
        let mut local = self.queue.join();
        let (cx, dispatch) = (self.cx, self.dispatch);
        let mut slot_loop = SlotLoop { cx, dispatch, executor, events: self.events, slot, job: Job::default() };
        let mut count = 0;
        while let Some(work) = self.queue.next(&mut local) {
            let ran = slot_loop.run(work);
            // Where jobs start in line no slot holds what another one could start first.
            if !cx.options.control.in_line() && !cx.evaluation.is_ordered() {
                local.took(ran.wall);
            }
            match ran.again {
                Some((work, due)) => self.queue.push_again(work, due),
                None => count += 1,
            }
        }
        if let Some(jobs) = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get_mut(slot.0 as usize - 1) {
            *jobs = count;
        }
    }
}

/// The executor of a slot that could not get what it needs: its jobs fail, none is lost.
struct Broken(io::Error);

impl Executor for Broken {
    fn execute(&mut self, _task: &Task<'_>) -> Attempt {
        let outcome = Outcome::SpawnFailed(format!("no room for one more slot: {}", limits::shortage(&self.0)));
        Attempt::Ended(Box::new(Trial { start: SystemTime::now(), ..Trial::without_process(outcome) }))
    }
}
