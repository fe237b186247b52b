//! Running jobs: the pool of slots, a slot's loop, one child's life, spawning, capture.

mod builtins;
mod capture;
mod child;
mod confirm;
mod control;
mod dry_run;
mod evaluation;
mod events;
mod family;
mod feed;
mod files;
mod launch;
mod leftovers;
mod life;
mod patience;
mod perl;
mod pieces;
mod pipes;
mod pool;
mod queue;
mod results;
mod seat;
mod shell;
mod slot;
mod spill;
mod stash;
mod surroundings;
mod survey;
mod terminal;
mod waiting;
mod watch;

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, SystemTime};

use crate::model::{BufferPool, Captured, Job, Outcome, Permit, Record, Seq, Slot, Tried, Usage, Verdict};
use crate::options::Options;
use crate::template::Template;

pub use child::Children;
pub use confirm::Confirm;
pub use control::Control;
pub use dry_run::DryRun;
pub use evaluation::Evaluation;
pub use events::{Events, Listener, Member};
pub use files::FilledFile;
pub use leftovers::Leftovers;
pub use patience::Patience;
pub use perl::{Facts, Perl};
pub use pieces::{ArgLimit, Pieces};
pub use pool::Pool;
pub use results::Keeper;
pub use shell::Shell;
pub use spill::SpillFile;
pub use stash::SpillStash;
pub use surroundings::{Prelude, Surroundings, Tidy};
pub use survey::command as command_of;
pub use watch::watch;

/// What a slot asks about its jobs; the scheduler answers.
pub trait Dispatch: Sync {
    /// Waits until one more job may run; `None`: no job is to be started any more.
    fn permit(&self, seq: Seq) -> Option<Permit<'_>>;
    /// This job is on its way to a slot; called in the order of the inputs, in which jobs start under `--delay`.
    fn line_up(&self, seq: Seq);
    /// This job has a permit and its command is known: where commands are composed in the order of the inputs, the next one may be.
    fn composed(&self, seq: Seq);
    /// A try has ended like this that had a permit; `success` is by `--success-codes`, `tried` counts it.
    fn ended(&self, outcome: &Outcome, success: bool, tried: Tried) -> Verdict;
    /// Writes a command to standard error, and `end` behind it.
    fn say(&self, command: &[u8], end: &str);
    /// This job, which had a permit, has been shown, or asked about: the next one may be. For a job that is not in the line, nothing.
    fn shown(&self, seq: Seq);
    /// Whether jobs are still started.
    fn goes_on(&self) -> bool;
    /// A job without a permit, whose last try ended like this or that could not be started, is not tried again: it has failed.
    fn gave_up(&self, outcome: &Outcome);
    /// The machine refused to start one more process or thread. Waits until trying again makes sense; false: give up.
    /// The caller holds no permit.
    fn refused(&self, error: &io::Error) -> bool;
    /// The machine refused one more thread: there are no more slots than these. Says so, and waits for nothing, as the main
    /// thread starts slots, too.
    fn short_of_slots(&self, error: &io::Error, slots: usize);
    /// These descendants of a job that was ended can't be: they are another user's.
    fn unkillable(&self, seq: Seq, pids: &[i32]);
    /// This job is ended because it has been stopped for want of the terminal.
    fn wants_terminal(&self, seq: Seq);
    /// Something that ends the run went wrong: what fanout writes is not what the jobs wrote.
    fn fatal(&self, message: String);
}

/// Reaches all children that run, from outside their slots.
pub trait Workforce: Sync {
    /// Ends them by the termination sequence, `first` before it; no slot starts another. `by_terminal`: those in our process
    /// group have got it.
    fn cancel(&self, first: Option<i32>, by_terminal: bool);
    /// Kills them at once.
    fn kill(&self);
    /// Stops them, and starts no other until [`Workforce::resume`]. Answers when they have been stopped.
    fn pause(&self);
    /// Lets them go on.
    fn resume(&self);
    /// Ends those that have been stopped because they want the terminal. On the main thread.
    fn end_who_want_terminal(&self);
    /// Once all slots have ended their children: kills what cancelled jobs left behind and nobody could tell whose it was.
    /// On the main thread. Answers who can't be killed.
    fn end_unclaimed(&self) -> Vec<i32>;
    /// Then: whether something goes on that may be of a cancelled job, and can't be found, as /proc can't be read. On the main
    /// thread.
    fn has_unseen(&self) -> bool;
}

/// Runs one try of a job to its end, on a slot's thread.
///
/// Real children, a dry run and the tests' fake implement it.
pub trait Executor {
    /// Starts the job and waits for its end.
    fn execute(&mut self, task: &Task<'_>) -> Attempt;
}

/// One job to be tried, with what its executor may need to know.
#[derive(Debug)]
pub struct Task<'a> {
    /// Its arguments and number.
    pub record: &'a Record,
    /// Its command.
    pub job: &'a Job,
    /// Its slot.
    pub slot: Slot,
    /// The prefix of its lines.
    pub tag: Option<&'a Arc<[u8]>>,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// It has been said of an earlier try that the job is slow.
    pub named: bool,
}

/// How one try ended.
#[derive(Debug)]
pub enum Attempt {
    /// It ran, or will never run.
    Ended(Box<Trial>),
    /// The machine has no room for one more process now.
    Refused(io::Error),
    /// Its command is longer than the system takes.
    TooLong,
}

/// What is known about a try that has ended.
#[derive(Debug)]
pub struct Trial {
    /// When it started.
    pub start: SystemTime,
    /// How long it ran until it was reaped.
    pub wall: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// What it used.
    pub usage: Usage,
    /// Something that it left behind still held its output.
    pub leaked: bool,
    /// It has been said that the job is slow.
    pub named: bool,
    /// What it wrote and has not been sent yet, and how much it wrote in all.
    pub stdout: (Captured, u64),
    /// What it wrote and has not been sent yet, and how much it wrote in all.
    pub stderr: (Captured, u64),
}

impl Trial {
    /// A try without a process.
    pub fn without_process(outcome: Outcome) -> Trial {
        Trial {
            start: SystemTime::now(),
            wall: Duration::ZERO,
            outcome,
            usage: Usage::default(),
            leaked: false,
            named: false,
            stdout: (Captured::Empty, 0),
            stderr: (Captured::Empty, 0),
        }
    }
}

/// What all slots share.
#[derive(Debug)]
pub struct Context<'a> {
    /// What to do.
    pub options: &'a Options,
    /// The command.
    pub template: &'a Template,
    /// `--tagstring`.
    pub label: Option<Template>,
    /// The shell that reads commands that are not plain.
    pub shell: Shell,
    /// The folder and the code before commands.
    pub surroundings: Surroundings,
    /// Output buffers and the account of what waits in memory.
    pub buffers: Arc<BufferPool>,
    /// Where output goes that does not fit in memory.
    pub spill: Arc<SpillFile>,
    /// Where output is kept that is not printed, with `--results` or `--files`.
    pub keeper: Option<Arc<Keeper>>,
    /// Who reads on where finished jobs left something that writes.
    pub leftovers: Leftovers,
    /// The job whose turn it is to be printed, with `--keep-order`; it may send its output while it runs.
    pub turn: AtomicU64,
    /// How running children are reached.
    pub control: Control,
    /// How long they may run.
    pub patience: Patience,
    /// Who is asked before each job, with `--interactive`.
    pub confirm: Option<Confirm>,
    /// The files of `--template`.
    pub files: Vec<FilledFile>,
    /// The number of tries, where replacement strings stand in it.
    pub tries: Option<Template>,
    /// `--filter`: whose expressions decline jobs.
    pub filters: Vec<Template>,
    /// Our own limits on descriptors at the start: (soft, hard), given back to children once ours has been raised.
    pub nofile: (u64, u64),
    /// Ours has been raised.
    pub nofile_raised: AtomicBool,
    /// What expressions need.
    pub evaluation: Evaluation,
    /// How many words the system has taken in one command.
    pub arg_limit: std::sync::Mutex<ArgLimit>,
}

impl Context<'_> {
    /// Whether there are expressions in it.
    fn evaluates(&self) -> bool {
        self.templates().any(Template::evaluates)
    }

    /// Everything that is composed for a job.
    fn templates(&self) -> impl Iterator<Item = &Template> {
        let names = self.keeper.as_ref().and_then(|keeper| keeper.template());
        let files = self.files.iter().flat_map(FilledFile::templates);
        let own = [Some(self.template), self.label.as_ref(), self.tries.as_ref(), names];
        own.into_iter().flatten().chain(files).chain(&self.filters)
    }

    /// Whether it is this job's turn to be printed.
    fn has_turn(&self, seq: Seq) -> bool {
        self.turn.load(std::sync::atomic::Ordering::Acquire) == seq.0
    }

    /// What jobs read; `None` is `/dev/null`.
    fn stdin<'b>(&self, terminal: Option<&'b File>) -> Option<BorrowedFd<'b>> {
        // A semaphore reads no inputs: what is there is the command's (as GNU parallel).
        let from_file = self.options.xargs.as_ref().is_some_and(|xargs| xargs.file.is_some());
        let is_for_jobs = self.options.semaphore.is_some() || from_file || self.options.input.is_for_jobs;
        let ours = is_for_jobs.then(rustix::stdio::stdin);
        terminal.map(AsFd::as_fd).or(ours)
    }
}

/// Makes the executor of one slot, on its thread.
pub type MakeExecutor<'a> = &'a (dyn Fn(Slot) -> io::Result<Box<dyn Executor + 'a>> + Sync);
