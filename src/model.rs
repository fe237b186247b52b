//! Plain data that walks through the stages: no I/O, nothing of ours is used here.

mod body;
mod buffer;
mod histogram;
mod lanes;
mod values;
mod words;

pub use body::{Block, Body, Content, DataFile};
pub use buffer::{Buffer, BufferPool, PoolStats};
pub use histogram::Histogram;
pub use lanes::{Chunk, Lane, Lanes, Taken};
pub use values::{Evaluator, KeyMaker, Value, Values, Wanted};
pub use words::Words;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// An error of the system, by its number, in the system's own words and no more.
pub fn system_error(number: i32) -> String {
    let text = io::Error::from_raw_os_error(number).to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// The number of a job, in the order in which the input was read; the first is 1 (as GNU parallel's `{#}`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of a slot; the first is 1 (as GNU parallel's `{%}`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The arguments of one job, as read.
///
/// With several sources there is one argument per source; with `-n` there are up to N of them, flat, so that `{1}`
/// is the first whatever brought it there (as GNU parallel numbers them).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Which job this is.
    pub seq: Seq,
    /// Its arguments. Never holds a NUL: `input` has replaced it.
    pub args: Words,
    /// What expressions have made of them, once that is known; `None`: nothing yet, or there are none.
    pub values: Option<Box<Values>>,
    /// What it reads (`--pipe`); `None`: nothing.
    pub body: Option<Arc<Body>>,
}

impl Record {
    /// A record as it is read.
    pub fn new(seq: Seq, args: Words) -> Record {
        Record { seq, args, values: None, body: None }
    }
}

/// One composed command, ready to be started.
///
/// Reused from job to job by a slot, so that its buffers are allocated once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// Whether a shell would do nothing to the command but split it into `words`.
    pub plain: bool,
    /// The words of a plain command; empty when a shell has to read `text`.
    pub words: Words,
    /// The command as text for a shell; empty when the command is plain.
    pub text: Vec<u8>,
    /// The arguments of the record follow the words.
    pub appends: bool,
}

/// Why a job could not even be composed: the value would have been read as code where no quoting exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// One line for the user: which placeholder, where it stands, and the remedy.
    pub reason: String,
}

/// The right to run one job now; given back when dropped, on every path, panics included.
#[must_use]
pub struct Permit<'a> {
    owner: &'a dyn PermitOwner,
}

/// Who hands out permits and takes them back.
pub trait PermitOwner: Sync {
    /// One permit has come back.
    fn give_back(&self);
}

impl<'a> Permit<'a> {
    /// Called by the owner that has just counted this permit out.
    pub fn new(owner: &'a dyn PermitOwner) -> Permit<'a> {
        Permit { owner }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.owner.give_back();
    }
}

/// Which of the two streams of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// A job that takes no longer is short: without `-k`, it waits so long for others that may be, at most.
pub const SHORT: Duration = Duration::from_millis(20);

/// What the stages after `exec` hear about jobs.
#[derive(Debug)]
pub enum Event {
    /// A job's process exists. Only sent when somebody wants to know (progress).
    Started(Started),
    /// A piece of a running job's output, in whole lines unless the job ends without a newline (`--line-buffer`),
    /// or in pieces of any kind (the job whose turn it is, with `--keep-order`).
    Output {
        /// Whose output.
        seq: Seq,
        /// The prefix of each line, with `--tag`.
        tag: Option<std::sync::Arc<[u8]>>,
        /// Which stream.
        stream: Stream,
        /// The bytes.
        bytes: Captured,
    },
    /// A job has run longer than `--slow-timeout`.
    Slow(Slow),
    /// A job has failed and waits to be tried again. Only sent when somebody wants to know (progress).
    Waits(Seq),
    /// A job has ended, one way or another: exactly one for each `Seq` that was read.
    Finished(Box<Finished>),
}

impl Event {
    /// How many bytes of output it brings.
    pub fn weight(&self) -> u64 {
        match self {
            Event::Started(_) | Event::Slow(_) | Event::Waits(_) => 0,
            Event::Output { bytes, .. } => bytes.len(),
            Event::Finished(finished) => finished.stdout.len() + finished.stderr.len(),
        }
    }
}

/// A job that has just started.
#[derive(Clone, Debug)]
pub struct Started {
    /// Which job.
    pub seq: Seq,
    /// In which slot.
    pub slot: Slot,
    /// When, by the wall clock.
    pub at: SystemTime,
    /// The command as the user would type it.
    pub command: Vec<u8>,
    /// The prefix of its lines, with `--tag`.
    pub tag: Option<std::sync::Arc<[u8]>>,
    /// Dropped by the printer once the command has been printed, where the slot waits for that.
    pub printed: Option<crossbeam_channel::Sender<()>>,
}

/// A job that runs longer than expected.
#[derive(Clone, Debug)]
pub struct Slow {
    /// Which job.
    pub seq: Seq,
    /// For how long, without the time that the run was stopped.
    pub ran: Duration,
    /// The command as the user would type it.
    pub command: Vec<u8>,
}

/// A job that runs now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// Which job.
    pub seq: Seq,
    /// In which slot.
    pub slot: Slot,
    /// Its own process.
    pub pid: i32,
    /// When it was started.
    pub since: Instant,
}

/// A closer look at a job that runs now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The job.
    pub job: Running,
    /// How long it has been running, by a monotonic clock; stops of the run count.
    pub elapsed: Duration,
    /// Resident memory of all its processes, in bytes; what they share counts for each.
    pub rss: u64,
    /// CPU time of all its processes, those that have ended and been waited for included.
    pub cpu: Duration,
    /// Its command as text.
    pub command: Vec<u8>,
    /// The line that it has written last, or the beginning of it; empty if there is none, or none can be told.
    pub last_line: Vec<u8>,
}

/// Every way in which a job can end.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Outcome {
    /// It exited by itself, with this status (0-255).
    Exited(i32),
    /// It was killed by this signal, and not by us.
    Signaled(i32),
    /// It ran longer than `--timeout` and was ended by us.
    TimedOut,
    /// It was stopped because it wanted the terminal (SIGTTIN, SIGTTOU), and was ended by us.
    WantedTerminal,
    /// It was ended by us to make room (`--memfree`, `--limit`), and will not run again.
    Evicted,
    /// It was not to be started: a person said so (`--interactive`), or its own command did (`skip()`).
    Declined,
    /// It could not be started; the reason is one line.
    SpawnFailed(String),
    /// The system can't execute its command, and no shell is asked (xargs): the number of the error.
    NotExecutable(i32),
    /// What it wrote could not be kept (`--results`); the reason is one line that names the file.
    OutputLost(String),
    /// The template refused its inputs, so that it has no command; the reason is one line.
    Refused(String),
    /// It was running when the run was cancelled, and was ended by us.
    Cancelled,
    /// It was never started because the run was ending.
    Skipped,
    /// It was not started because an earlier run has done it (`--resume`).
    AlreadyDone,
}

/// What the exit status of xargs depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stops {
    /// Commands that have ended the run, in the order of their ends.
    pub outcomes: Vec<Outcome>,
    /// Some other command has failed.
    pub failed: bool,
}

impl Outcome {
    /// Whether xargs starts nothing more after it.
    pub fn stops_xargs(&self) -> bool {
        matches!(self, Outcome::Exited(255) | Outcome::Signaled(_) | Outcome::NotExecutable(_))
    }
}

/// How often a job has been tried.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tried {
    /// So many times.
    pub count: u32,
    /// So many times at most; `None` is no limit.
    pub most: Option<u32>,
}

/// What becomes of a job after a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This try was the last.
    Final,
    /// It is to be tried again after this time.
    Again(Duration),
    /// It was ended only to make room: it is to be started again, as if this try had not been.
    Back,
}

/// What the kernel charged to one job: its process and all descendants that were waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Usage {
    /// CPU time in user mode.
    pub user: Duration,
    /// CPU time in the kernel.
    pub system: Duration,
    /// Peak resident memory of the largest process, in bytes.
    pub peak_rss: u64,
    /// `peak_rss` is not above fanout's own at the spawn, so it is only an upper bound (the kernel starts a child's
    /// count at its parent's).
    pub peak_is_bound: bool,
}

/// The end of one job, with everything that is known about it.
#[derive(Debug)]
pub struct Finished {
    /// Which job.
    pub seq: Seq,
    /// In which slot it ran; `None` if it never started.
    pub slot: Option<Slot>,
    /// When its last try started, by the wall clock; for a job that never started, when that was decided.
    pub start: SystemTime,
    /// How long the last try ran, until it was reaped, by a monotonic clock.
    pub wall: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether that counts as success (`--success-codes`).
    pub success: bool,
    /// What the kernel charged to it.
    pub usage: Usage,
    /// Something that it left in the background still held its output when we stopped waiting for it.
    pub leaked: bool,
    /// How many times it was started.
    pub tries: u32,
    /// The command as GNU parallel's joblog shows it. Empty unless somebody asked for commands or the job failed.
    pub command: Vec<u8>,
    /// The arguments, for the joblog; empty unless there is one.
    pub args: Words,
    /// The prefix of each line of output, with `--tag`.
    pub tag: Option<std::sync::Arc<[u8]>>,
    /// What has not been sent as [`Event::Output`] before.
    pub stdout: Captured,
    /// What has not been sent as [`Event::Output`] before.
    pub stderr: Captured,
    /// All bytes it wrote to standard output, those sent before included.
    pub stdout_bytes: u64,
    /// All bytes it wrote to standard error, those sent before included.
    pub stderr_bytes: u64,
    /// The bytes of its output as GNU parallel's joblog counts them: standard output with the command of `-v`, and with
    /// `--line-buffer` standard error, too.
    pub received: u64,
    /// The bytes that it was given to read (`--pipe`).
    pub sent: u64,
    /// What tells that from what other jobs read, for the joblog; empty unless there is one.
    pub identity: Vec<u8>,
}

impl Finished {
    /// The end of a job that an earlier run has done.
    pub fn already_done(seq: Seq) -> Finished {
        Finished {
            seq,
            slot: None,
            start: SystemTime::UNIX_EPOCH,
            wall: Duration::ZERO,
            outcome: Outcome::AlreadyDone,
            success: false,
            usage: Usage::default(),
            leaked: false,
            tries: 0,
            command: Vec::new(),
            args: Words::new(),
            tag: None,
            stdout: Captured::Empty,
            stderr: Captured::Empty,
            stdout_bytes: 0,
            stderr_bytes: 0,
            received: 0,
            sent: 0,
            identity: Vec::new(),
        }
    }
}

/// The output of a job that waits to be printed.
#[derive(Debug, Default)]
pub enum Captured {
    /// Nothing.
    #[default]
    Empty,
    /// In memory.
    Memory(Buffer),
    /// In the shared temporary file.
    Spilled(Box<dyn Spilled>),
}

impl Captured {
    /// How many bytes wait here.
    pub fn len(&self) -> u64 {
        match self {
            Captured::Empty => 0,
            Captured::Memory(bytes) => bytes.len() as u64,
            Captured::Spilled(spilled) => spilled.len(),
        }
    }

    /// Whether nothing waits here.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Output that did not fit in memory, wherever it went.
pub trait Spilled: Send + Sync + fmt::Debug {
    /// How many bytes there are.
    fn len(&self) -> u64;
    /// Writes all of it, in order.
    ///
    /// # Errors
    /// Those of reading the temporary file and of `out`; a short file is an error too.
    fn copy_to(&self, out: &mut dyn io::Write) -> io::Result<()>;
    /// Whether there is nothing.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A place outside our memory for what has to wait.
pub trait Stash: Send + fmt::Debug {
    /// Takes bytes; answers where they are.
    ///
    /// # Errors
    /// Those of writing a temporary file.
    fn put(&mut self, bytes: &[u8]) -> io::Result<u64>;
    /// What was put there, and is not needed there any more.
    ///
    /// # Errors
    /// Those of reading a temporary file.
    fn take(&mut self, place: u64, length: usize) -> io::Result<Vec<u8>>;
}

/// What the pool knows at the end of a run, for the summary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolReport {
    /// How many slots there could be.
    pub slots: usize,
    /// Why that many, in a few words.
    pub slots_reason: String,
    /// Jobs run by each slot that was started; its length is the number of slots that were started.
    pub jobs_per_slot: Vec<u64>,
    /// Jobs that a slot took from a sibling's queue.
    pub steals: u64,
    /// The most jobs that ran at the same time.
    pub peak_running: usize,
    /// What the output buffers did.
    pub buffers: PoolStats,
    /// Bytes of output that went through the temporary file.
    pub spilled_bytes: u64,
}
