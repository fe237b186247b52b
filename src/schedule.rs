//! Which job may start when, and when the run ends: permits, gates, halt, retry.
//!
//! The state machines are pure; [`Scheduler`] puts them behind a lock that slots take for an instant, and
//! [`Scheduler::supervise`] is the main thread.

mod conditions;
mod gate;
mod guard;
mod halt;
mod retry;
mod supervise;

use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::diag::{Diag, escape};
use crate::exec::{Dispatch, Workforce};
use crate::model::{Outcome, Permit, PermitOwner, Seq, Tried, Verdict};
use crate::options::ControlOptions;
use crate::sys::signals::SIGPIPE;
use crate::sys::wake::Wake;

use gate::{Admission, Gate};
use guard::Guard;
use halt::{Counts, HaltRule};

pub use conditions::{Readings, Rules, Work, level, memory_level};
pub use halt::Halted;
pub use supervise::Ending;

/// How long the machine may refuse to start a single process, with none of ours running, before its job fails.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait then between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// Decides for all slots.
pub struct Scheduler<'a> {
    options: &'a ControlOptions,
    diag: &'a Diag,
    workforce: &'a dyn Workforce,
    /// Ends the reader's wait for input.
    stop_input: &'a Wake,
    /// Ends the main thread's wait.
    attention: &'a Wake,
    /// When `--global-timeout` ends the run, if it is never stopped meanwhile.
    until: Option<Instant>,
    /// A job leaves the line only when its command has been composed.
    is_in_order: AtomicBool,
    state: Mutex<State>,
    /// A place is free. One waiter is called for each, as hundreds may wait.
    places: Condvar,
    /// Something else has changed.
    changed: Condvar,
    /// For whoever looks at the machine: somebody asks, or a job has ended.
    guard: Condvar,
    /// The answer.
    sky: Condvar,
}

struct State {
    gate: Gate,
    guard: Guard,
    halt: HaltRule,
    counts: Counts,
    stop: Stop,
    /// Jobs that have a permit and have not ended: processes may exist for them.
    alive: usize,
    /// Threads that wait for a place.
    waiting: usize,
    /// With `--delay`, and where commands are composed in order: the jobs that have not been started, as far as they have been read.
    line: BTreeSet<Seq>,
    /// What a halt has decided.
    halted: Option<Halted>,
    fatal: Option<String>,
    /// `--global-timeout` has ended the run.
    expired: bool,
    /// The signal that ended the run: ours to die of.
    signal: Option<i32>,
    /// It came from the terminal, to all of our process group.
    by_terminal: bool,
    /// SIGHUP has come.
    hung_up: bool,
    warned: bool,
    refused_since: Option<Instant>,
    /// Jobs share what they read: none ends before all run.
    all_at_once: bool,
}

/// How far the run has been stopped. It only ever gets stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stop {
    /// Not at all.
    Go,
    /// Nothing more is started.
    Drain,
    /// And what runs is ended.
    Cancel,
}

impl<'a> Scheduler<'a> {
    /// There is a place for each slot, until the machine refuses one.
    pub fn new(
        options: &'a ControlOptions,
        diag: &'a Diag,
        workforce: &'a dyn Workforce,
        stop_input: &'a Wake,
        attention: &'a Wake,
    ) -> Scheduler<'a> {
        let state = State {
            gate: Gate::new(usize::MAX, options.delay),
            guard: Guard { on: options.conditions.is_any() && !options.only_prints(), ..Guard::default() },
            halt: HaltRule::new(options.halt),
            counts: Counts::default(),
            stop: Stop::Go,
            alive: 0,
            waiting: 0,
            line: BTreeSet::new(),
            halted: None,
            fatal: None,
            expired: false,
            signal: None,
            by_terminal: false,
            hung_up: false,
            warned: false,
            refused_since: None,
            all_at_once: false,
        };
        let [places, changed, guard, sky] = [const { Condvar::new() }; 4];
        let until = options.global_timeout.and_then(|time| Instant::now().checked_add(time));
        let (is_in_order, state) = (AtomicBool::new(false), Mutex::new(state));
        Scheduler {
            options,
            diag,
            workforce,
            stop_input,
            attention,
            until,
            is_in_order,
            state,
            places,
            changed,
            guard,
            sky,
        }
    }

    /// Whether percentages of all jobs are asked for.
    pub fn needs_total(&self) -> bool {
        self.lock().halt.needs_total()
    }

    /// Commands are composed in the order of the inputs: their expressions have a state. Before the first job is read.
    pub fn keep_order(&self) {
        self.is_in_order.store(true, Ordering::Relaxed);
    }

    /// All jobs have to run at once, as they share what they read. Before the first job is read.
    pub fn run_all_at_once(&self) {
        self.lock().all_at_once = true;
    }

    /// The number of all jobs is known.
    pub fn set_total(&self, jobs: u64) {
        self.lock().halt.set_total(jobs);
    }

    /// How much of `--global-timeout` is left; `None`: there is none.
    pub fn time_left(&self) -> Option<Duration> {
        self.until.map(|until| until.saturating_duration_since(Instant::now()))
    }

    /// Whether no more jobs are started.
    pub fn is_stopping(&self) -> bool {
        self.lock().stop != Stop::Go
    }

    /// Starts nothing more; what runs goes on.
    pub fn drain(&self) {
        self.stop(&mut self.lock(), Stop::Drain);
    }

    /// Starts nothing more and ends what runs.
    pub fn cancel(&self) {
        self.stop(&mut self.lock(), Stop::Cancel);
    }

    /// Nobody reads our standard output any more: ends the run as SIGPIPE would.
    pub fn reader_gone(&self) {
        self.end_by(SIGPIPE, false);
    }

    /// The terminal that our output went to is gone: nothing more is started, and what runs goes on, as after SIGHUP.
    pub fn terminal_gone(&self, message: String) {
        let mut state = self.lock();
        state.fatal.get_or_insert(message);
        self.stop(&mut state, Stop::Drain);
    }

    /// Cancels the run because of a signal. False: a signal has done that before.
    fn end_by(&self, signal: i32, by_terminal: bool) -> bool {
        let mut state = self.lock();
        let first = state.signal.is_none();
        if first {
            (state.signal, state.by_terminal) = (Some(signal), by_terminal);
        }
        self.stop(&mut state, Stop::Cancel);
        first
    }

    /// The most jobs that had a permit at once.
    pub fn peak_running(&self) -> usize {
        self.lock().gate.peak()
    }

    fn stop(&self, state: &mut State, stop: Stop) {
        state.stop = state.stop.max(stop);
        if state.stop == Stop::Cancel {
            // Who reads our output says nothing to the jobs; they are ended as by a halt.
            self.workforce.cancel(state.signal.filter(|signal| *signal != SIGPIPE), state.by_terminal);
        }
        self.stop_input.call();
        self.places.notify_all();
        self.changed.notify_all();
        self.sky.notify_all();
        self.attention.call();
    }

    /// A job has ended for good.
    fn count(&self, state: &mut State, outcome: &Outcome, success: bool) {
        state.counts.add(outcome, success);
        let State { halt, counts, .. } = &*state;
        if state.halted.is_none()
            && let Some(decision) = halt.decide(counts)
        {
            state.halted = Some(decision.verdict);
            self.stop(state, if decision.now { Stop::Cancel } else { Stop::Drain });
        }
    }

    /// Says once that fewer jobs run at a time than were asked for.
    fn warn_of_refusal(&self, state: &mut State, error: &io::Error, jobs: usize) {
        if !std::mem::replace(&mut state.warned, true) {
            self.diag.warn(format_args!(
                "the machine refuses more processes, threads or descriptors ({error}): going on with {jobs} at a time"
            ));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place.
    fn wait_for_place<'s>(&self, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        state.waiting += 1;
        let mut state = self.places.wait(state).unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state
    }

    /// Waits for another change, `time` at most.
    fn wait<'s>(&self, state: MutexGuard<'s, State>, time: Duration) -> MutexGuard<'s, State> {
        self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
    }
}

impl PermitOwner for Scheduler<'_> {
    fn give_back(&self) {
        let mut state = self.lock();
        state.gate.leave();
        if state.waiting > 0 {
            self.places.notify_one();
        }
    }
}

impl Dispatch for Scheduler<'_> {
    fn line_up(&self, seq: Seq) {
        if self.options.in_line() || self.is_in_order.load(Ordering::Relaxed) {
            self.lock().line.insert(seq);
        }
    }

    fn composed(&self, seq: Seq) {
        let in_order = self.is_in_order.load(Ordering::Relaxed) && !self.options.shows_commands;
        if in_order && self.lock().line.remove(&seq) {
            self.changed.notify_all();
        }
    }

    fn permit(&self, seq: Seq) -> Option<Permit<'_>> {
        let in_order = self.is_in_order.load(Ordering::Relaxed);
        let mut state = self.lock();
        loop {
            if state.stop != Stop::Go {
                return None;
            }
            // One that is tried again is not in the line: it comes before those that have not been started.
            if state.line.contains(&seq) && state.line.first() != Some(&seq) {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let now = Instant::now();
            match state.gate.ask(now) {
                Admission::Granted if state.guard.on && !state.guard.clear => {
                    state.guard.asked = true;
                    self.guard.notify_one();
                    state = self.sky.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                Admission::Granted => {
                    state.gate.enter(now);
                    (state.guard.asked, state.guard.clear) = (false, false);
                    state.alive += 1;
                    // One that is shown keeps its place in the line until it has been, and one with a state to work on until it has been
                    // composed.
                    if !self.options.shows_commands && !in_order && state.line.remove(&seq) {
                        self.changed.notify_all();
                    }
                    if state.waiting > 0 && state.gate.has_room() {
                        // The limit has grown: there is more than the one place that somebody has left.
                        self.places.notify_one();
                    }
                    return Some(Permit::new(self));
                }
                Admission::Full => state = self.wait_for_place(state),
                Admission::Later(time) => state = self.wait(state, time),
            }
        }
    }

    fn ended(&self, outcome: &Outcome, success: bool, tried: Tried) -> Verdict {
        let mut state = self.lock();
        let ran = !matches!(outcome, Outcome::Cancelled | Outcome::Skipped);
        if matches!(outcome, Outcome::Exited(_) | Outcome::Signaled(_) | Outcome::TimedOut | Outcome::WantedTerminal) {
            // The machine had room for this one.
            state.refused_since = None;
        }
        state.alive -= 1;
        state.guard.ended += 1;
        if state.guard.watched {
            self.guard.notify_one();
        }
        if ran {
            state.gate.learn(success);
        }
        if *outcome == Outcome::Evicted && state.stop == Stop::Go && state.alive > 0 {
            // Others are left to make room for: it comes again. The last one has failed, or it might be ended for ever.
            return Verdict::Back;
        }
        if ran
            && !success
            && state.stop == Stop::Go
            && let Some(wait) = retry::again(self.options, outcome, tried, random)
        {
            return Verdict::Again(wait);
        }
        if ran {
            self.count(&mut state, outcome, success);
        }
        if state.stop == Stop::Cancel && state.alive == 0 {
            self.attention.call();
        }
        Verdict::Final
    }

    fn say(&self, command: &[u8], end: &str) {
        // A command must not drive the terminal on which it is asked about.
        self.diag.write(format!("{}{end}", escape(command)).as_bytes());
    }

    fn shown(&self, seq: Seq) {
        if self.lock().line.remove(&seq) {
            self.changed.notify_all();
        }
    }

    fn goes_on(&self) -> bool {
        !self.is_stopping()
    }

    fn gave_up(&self, outcome: &Outcome) {
        self.count(&mut self.lock(), outcome, false);
    }

    fn refused(&self, error: &io::Error) -> bool {
        let mut state = self.lock();
        // Those that run then wait for this one, as it does for them.
        let is_awaited = state.all_at_once && state.gate.running() > 0;
        if !is_awaited {
            let running = state.gate.refused(Instant::now());
            if state.waiting > 0 && state.gate.has_room() {
                // The call for a place that this thread has had is for another one now.
                self.places.notify_one();
            }
            self.warn_of_refusal(&mut state, error, running.max(1));
            if running > 0 {
                // One of ours will end; its place is the one to try again with.
                drop(self.wait_for_place(state));
                return true;
            }
        }
        let since = *state.refused_since.get_or_insert_with(Instant::now);
        if since.elapsed() > PATIENCE || state.stop == Stop::Cancel {
            if is_awaited {
                state.fatal.get_or_insert(format!(
                    "all jobs have to run at once, and the machine has no room for that ({error}): try fewer (--jobs)"
                ));
                self.stop(&mut state, Stop::Cancel);
            }
            return false;
        }
        drop(self.wait(state, PAUSE));
        true
    }

    fn short_of_slots(&self, error: &io::Error, slots: usize) {
        self.warn_of_refusal(&mut self.lock(), error, slots);
    }

    fn unkillable(&self, seq: Seq, pids: &[i32]) {
        self.diag.error(format_args!("job {seq}: {}", unkillable(pids)));
    }

    fn wants_terminal(&self, seq: Seq) {
        self.diag.line(&format!("job {seq} wants the terminal: use --tty"));
    }

    fn fatal(&self, message: String) {
        let mut state = self.lock();
        state.fatal.get_or_insert(message);
        self.stop(&mut state, Stop::Cancel);
    }
}

/// Any number, each as likely as any other.
fn random() -> u64 {
    std::hash::RandomState::new().hash_one(0)
}

fn unkillable(pids: &[i32]) -> String {
    let list = pids.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
    format!(
        "processes that are another user's, or stuck in the kernel, can't be ended and go on: {list}; end them with sudo kill {}",
        list.replace(',', "")
    )
}
