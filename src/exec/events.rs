//! The way from the slots to the end of the walk.
//!
//! Whoever brings an event also hears what waits, if nobody else is at it (flat combining): a thread of its own would have
//! to be woken for each job, which on a machine whose CPUs are busy with jobs costs several percent of the spawn floor
//! (measured, see ARCHITECTURE.md). What may keep the listener waiting, large output and that of a running job above all,
//! is left to such a thread, started when it is first needed: a slot with a child never waits for a reader of our output.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering, fence};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::thread::{self, Thread};
use std::time::Duration;

use crate::model::{Event, SHORT};
use crate::sys::wake::Wake;

/// An event of no more than this is heard by the slot that brings it, as long as nothing heavier waits.
const LIGHT: u64 = 4096;
/// How long a slot waits for a full queue before it looks whether it has to empty it itself.
const PATIENCE: Duration = Duration::from_millis(100);

const NO: u8 = 0;
const WANTED: u8 = 1;
const TAKEN: u8 = 2;

/// The end of the walk. One thread at a time calls it, not always the same.
pub trait Listener: Send {
    /// Takes an event.
    fn hear(&mut self, event: Event);
    /// Whether one more light event is heard without waiting for anybody, as far as can be told.
    fn is_at_ease(&self) -> bool;
    /// Nothing more waits: gives what has been collected to the kernel, all of it if it `may_wait`, else only what is
    /// taken at once. Answers whether nothing is left.
    fn rest(&mut self, may_wait: bool) -> bool;
    /// How long it may be left alone; `None`: forever.
    fn interval(&self) -> Option<Duration>;
}

/// Events on their way, and who hears them.
pub struct Events<'a> {
    queue: Mutex<VecDeque<Event>>,
    /// At most so many are on their way.
    limit: usize,
    /// There is room again, for those who wait for it.
    room: Condvar,
    waiting: AtomicUsize,
    /// Events on their way that are not light.
    heavy: AtomicUsize,
    listener: Mutex<&'a mut dyn Listener>,
    members: AtomicUsize,
    thread: OnceLock<Thread>,
    /// It sleeps for no longer than [`SHORT`]: nobody has to call it for what short jobs wait for, or it would wake for each of them.
    wakes_soon: AtomicBool,
    /// The listener needs a thread of its own: `NO`, `WANTED` or `TAKEN`, if somebody sees to it.
    wanted: AtomicU8,
    /// It can't have one.
    alone: AtomicBool,
    over: AtomicBool,
    /// Called when a thread is wanted, and when all is over.
    attention: &'a Wake,
}

/// Someone who may still bring events. When the last one goes, the rest is heard and all is over.
pub struct Member<'a>(&'a Events<'a>);

impl<'a> Events<'a> {
    /// Up to `limit` may be on their way. `attention` is called when [`Events::wants_thread`] or [`Events::is_over`] has
    /// become true.
    pub fn new(limit: usize, listener: &'a mut dyn Listener, attention: &'a Wake) -> Events<'a> {
        // One that wants to be called from time to time needs somebody who does it.
        let wanted = if listener.interval().is_some() { WANTED } else { NO };
        Events {
            queue: Mutex::default(),
            limit,
            room: Condvar::new(),
            waiting: AtomicUsize::new(0),
            heavy: AtomicUsize::new(0),
            listener: Mutex::new(listener),
            members: AtomicUsize::new(0),
            thread: OnceLock::new(),
            wakes_soon: AtomicBool::new(false),
            wanted: AtomicU8::new(wanted),
            alone: AtomicBool::new(false),
            over: AtomicBool::new(false),
            attention,
        }
    }

    /// One more who may bring events. All is over when the last one has gone, so the first stays until the end.
    pub fn join(&'a self) -> Member<'a> {
        self.members.fetch_add(1, Ordering::SeqCst);
        Member(self)
    }

    /// Brings an event. A light one is often heard before this returns: not to be called with a light one while a child
    /// of this slot runs. Waits while too many are on their way: nobody reads our output then.
    pub fn send(&self, event: Event) {
        let light = is_light(&event);
        if !light {
            self.heavy.fetch_add(1, Ordering::SeqCst);
        }
        let mut queue = self.queue();
        while queue.len() >= self.limit {
            if self.alone.load(Ordering::SeqCst) {
                drop(queue);
                self.hear_all(&mut **self.lock());
                queue = self.queue();
                continue;
            }
            self.waiting.fetch_add(1, Ordering::SeqCst);
            queue = self.room.wait_timeout(queue, PATIENCE).unwrap_or_else(PoisonError::into_inner).0;
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
        queue.push_back(event);
        drop(queue);
        if light { self.help() } else { self.call_thread() }
    }

    /// Calls the listener's thread, for another reason than an event: it is let rest, and asked for its interval again.
    pub fn nudge(&self) {
        if !self.alone.load(Ordering::SeqCst) {
            self.call_thread();
        }
    }

    /// Whether a thread of its own is to be started for the listener, to [`Events::serve`]. True at most once.
    pub fn wants_thread(&self) -> bool {
        self.wanted.compare_exchange(WANTED, TAKEN, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// No thread could be started: slots do all of it, and wait where they must.
    pub fn go_alone(&self) {
        self.alone.store(true, Ordering::SeqCst);
    }

    /// Whether everybody has gone and everything has been heard.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// Hears what is too heavy for slots, until all is over.
    pub fn serve(&self) {
        self.thread.get_or_init(thread::current);
        // Whoever has just looked for this thread in vain has brought an event before.
        fence(Ordering::SeqCst);
        while !self.is_over() {
            self.wakes_soon.store(false, Ordering::SeqCst);
            let interval = {
                let mut listener = self.lock();
                self.hear_all(&mut **listener);
                listener.interval()
            };
            if !self.queue().is_empty() {
                continue;
            }
            // A call that has come meanwhile makes this return at once.
            match interval {
                None => thread::park(),
                Some(time) => {
                    self.wakes_soon.store(time <= SHORT, Ordering::SeqCst);
                    thread::park_timeout(time);
                }
            }
        }
    }

    /// Hears what waits, unless somebody else is at it or it is too heavy.
    fn help(&self) {
        if self.alone.load(Ordering::Relaxed) {
            return self.hear_all(&mut **self.lock());
        }
        loop {
            // Whoever holds it looks once more when they have let go of it.
            let mut listener = match self.listener.try_lock() {
                Ok(listener) => listener,
                Err(TryLockError::WouldBlock) => return,
                Err(TryLockError::Poisoned(error)) => error.into_inner(),
            };
            while self.heavy.load(Ordering::SeqCst) == 0
                && listener.is_at_ease()
                && let Some(event) = self.next()
            {
                self.hear(&mut **listener, event);
            }
            let rested = listener.rest(false);
            let at_ease = rested && listener.is_at_ease() && self.heavy.load(Ordering::SeqCst) == 0;
            let soon = listener.interval().is_some_and(|time| time <= SHORT);
            drop(listener);
            fence(Ordering::SeqCst);
            if soon && !self.wakes_soon.load(Ordering::SeqCst) {
                self.call_thread();
            }
            if at_ease && self.queue().is_empty() {
                return;
            }
            if !at_ease {
                return self.call_thread();
            }
        }
    }

    fn next(&self) -> Option<Event> {
        let event = self.queue().pop_front();
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.room.notify_one();
        }
        event
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<Event>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear_all(&self, listener: &mut dyn Listener) {
        while let Some(event) = self.next() {
            self.hear(listener, event);
        }
        listener.rest(true);
    }

    fn hear(&self, listener: &mut dyn Listener, event: Event) {
        let light = is_light(&event);
        listener.hear(event);
        if !light {
            // Only now, so that no slot comes in between.
            self.heavy.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn call_thread(&self) {
        fence(Ordering::SeqCst);
        match self.thread.get() {
            Some(thread) => thread.unpark(),
            None if self.alone.load(Ordering::SeqCst) => self.hear_all(&mut **self.lock()),
            None => {
                if self.wanted.compare_exchange(NO, WANTED, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                    self.attention.call();
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, &'a mut dyn Listener> {
        self.listener.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a slot may hear this.
fn is_light(event: &Event) -> bool {
    matches!(event, Event::Finished(_)) && event.weight() <= LIGHT
}

impl Drop for Member<'_> {
    fn drop(&mut self) {
        let events = self.0;
        if events.members.fetch_sub(1, Ordering::SeqCst) > 1 {
            return;
        }
        // Nobody is left who could be kept waiting.
        events.hear_all(&mut **events.lock());
        events.over.store(true, Ordering::SeqCst);
        if let Some(thread) = events.thread.get() {
            thread.unpark();
        }
        events.attention.call();
    }
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("on_their_way", &self.queue().len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Buffer, Captured, Finished, Seq, Stream};

    /// Counts what it hears.
    #[derive(Default)]
    struct Ear {
        heard: Vec<u64>,
        /// What [`Listener::rest`] answers to somebody who can't wait.
        busy: bool,
        uneasy: bool,
        waited: bool,
    }

    impl Listener for Ear {
        fn hear(&mut self, event: Event) {
            match event {
                Event::Finished(finished) => self.heard.push(finished.seq.0),
                Event::Output { seq, .. } => self.heard.push(seq.0),
                Event::Started(_) | Event::Slow(_) | Event::Waits(_) => {}
            }
        }

        fn is_at_ease(&self) -> bool {
            !self.uneasy
        }

        fn rest(&mut self, may_wait: bool) -> bool {
            self.waited |= may_wait;
            may_wait || !self.busy
        }

        fn interval(&self) -> Option<Duration> {
            None
        }
    }

    fn finished(seq: u64, bytes: usize) -> Event {
        let stdout = Captured::Memory(Buffer::from(vec![b'x'; bytes]));
        Event::Finished(Box::new(Finished { stdout, ..Finished::already_done(Seq(seq)) }))
    }

    fn attention() -> Wake {
        Wake::new().expect("a descriptor")
    }

    #[test]
    fn what_is_light_is_heard_by_whoever_brings_it() {
        let (attention, mut ear) = (attention(), Ear::default());
        let events = Events::new(4, &mut ear, &attention);
        let member = events.join();
        for seq in 1..=10 {
            events.send(finished(seq, LIGHT as usize));
        }
        assert!(!events.wants_thread());
        drop(member);
        assert!(events.is_over());
        assert_eq!(ear.heard, (1..=10).collect::<Vec<_>>());
    }

    #[test]
    fn what_may_take_long_is_left_to_a_thread() {
        let heavy = || Event::Output { seq: Seq(7), tag: None, stream: Stream::Out, bytes: Captured::Empty };
        let cases: [(Ear, &dyn Fn() -> Event); 4] = [
            (Ear::default(), &|| finished(7, LIGHT as usize + 1)),
            (Ear::default(), &heavy),
            (Ear { busy: true, ..Ear::default() }, &|| finished(7, 0)),
            (Ear { uneasy: true, ..Ear::default() }, &|| finished(7, 0)),
        ];
        for (mut ear, event) in cases {
            let attention = attention();
            let events = Events::new(4, &mut ear, &attention);
            let member = events.join();
            events.send(event());
            assert!(events.wants_thread());
            assert!(!events.wants_thread(), "one is enough");
            std::thread::scope(|scope| {
                scope.spawn(|| events.serve());
                events.send(event());
                drop(member);
            });
            assert!(events.is_over());
            assert_eq!(ear.heard, [7, 7]);
            assert!(ear.waited);
        }
    }

    #[test]
    fn without_a_thread_slots_do_all_of_it() {
        let (attention, mut ear) = (attention(), Ear { uneasy: true, ..Ear::default() });
        let events = Events::new(2, &mut ear, &attention);
        let member = events.join();
        events.send(finished(1, 1 << 20));
        assert!(events.wants_thread());
        events.go_alone();
        for seq in 2..=10 {
            events.send(finished(seq, 1 << 20));
        }
        drop(member);
        assert_eq!(ear.heard, (1..=10).collect::<Vec<_>>());
    }

    #[test]
    fn many_who_bring_events_lose_none() {
        const EACH: u64 = 2000;
        let (attention, mut ear) = (attention(), Ear::default());
        let events = Events::new(8, &mut ear, &attention);
        std::thread::scope(|scope| {
            let first = events.join();
            for slot in 0..4 {
                let (events, member) = (&events, events.join());
                scope.spawn(move || {
                    for n in 0..EACH {
                        // Some of them are for the thread.
                        events.send(finished(slot * EACH + n, if n % 97 == 0 { LIGHT as usize + 1 } else { 3 }));
                    }
                    drop(member);
                });
            }
            drop(first);
            while !events.is_over() {
                if events.wants_thread() {
                    scope.spawn(|| events.serve());
                }
                std::thread::yield_now();
            }
        });
        assert_eq!(ear.heard.len() as u64, 4 * EACH);
        ear.heard.sort_unstable();
        assert!(ear.heard.iter().copied().eq(0..4 * EACH), "each of them once");
    }
}
