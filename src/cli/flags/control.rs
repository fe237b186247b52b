//! The options that say when jobs start, end and are tried again.

use std::time::Duration;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{ArgAction, Args, ValueEnum, ValueHint};

use super::super::value::{self, Codes, Steps};
use super::parsed;
use crate::options::{Delay, FileTemplate, Halt, Limit, LoadLimit, RetryDelay, RetryOn, Timeout, Tries};

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Control")]
pub struct ControlFlags {
    /// Print the commands instead of running them
    #[arg(long, aliases = ["dryrun", "dr"])]
    pub dry_run: bool,

    /// Print the commands quoted for a shell instead of running them; again: quoted once more
    #[arg(long, aliases = ["shellquote", "shell_quote"], action = ArgAction::Count)]
    pub shell_quote: u8,

    /// Ask on the terminal before each job: it runs if the answer starts with y or Y
    ///
    /// A job that is not wanted counts as failed, with -2 as its Exitval in the joblog.
    #[arg(short = 'p', long)]
    pub interactive: bool,

    /// Before each job, write FILE with its replacement strings filled in to the file REPL, which may hold some, too
    ///
    /// FILE is read once, at the start. Inputs are written as they are, not quoted. Also --tmpl.
    #[arg(long, alias = "tmpl", value_name = "FILE=REPL", action = ArgAction::Append, value_parser = OsStringValueParser::new().try_map(value::template), value_hint = ValueHint::FilePath)]
    pub template: Vec<FileTemplate>,

    /// Remove the files of --template when their job has ended
    #[arg(long)]
    pub cleanup: bool,

    /// Wait this long between two starts
    ///
    /// In seconds, or with the units ms, s, m, h and d, like 0.5, 250ms or 1h30m. With `auto` behind it, like 1auto,
    /// it becomes 30% longer with each job that fails and 10% shorter with each that succeeds.
    #[arg(long, value_name = "TIME", value_parser = parsed(value::delay))]
    pub delay: Option<Delay>,

    /// The same as --delay, which is stronger: without remote hosts there is no ssh to wait for
    #[arg(long, alias = "sshdelay", value_name = "TIME", value_parser = parsed(value::delay), hide = true)]
    pub ssh_delay: Option<Delay>,

    /// Start jobs only while fewer than N threads run or wait for the disk on this machine
    ///
    /// N is a number, or +N, -N or N% of the CPUs, or a file that holds one of these and is read again when it changes.
    /// Counted are all threads of all users that are running or in uninterruptible sleep now, not those of the kernel.
    #[arg(long, value_name = "N", value_parser = OsStringValueParser::new().map(value::load))]
    pub load: Option<LoadLimit>,

    /// Start jobs only while SIZE bytes of memory are free; below half of that, end the youngest job
    ///
    /// SIZE can end in K, M, G, T, P (1024) or k, m, g, t, p (1000). A job that is ended goes back to those that wait,
    /// unless it was the only one that ran: then it has failed (see --retries).
    #[arg(long, value_name = "SIZE", value_parser = parsed(value::amount))]
    pub memfree: Option<u64>,

    /// Suspend young jobs while less than twice SIZE bytes of memory are free, and resume them later
    ///
    /// Less than SIZE leaves only the oldest running, or two of them, and starts no more. A job's --timeout waits while it
    /// is suspended.
    #[arg(long, value_name = "SIZE", value_parser = parsed(value::amount))]
    pub memsuspend: Option<u64>,

    /// Start no jobs while the machine swaps both in and out
    #[arg(long)]
    pub noswap: bool,

    /// Start jobs only while COMMAND exits with 0; with 2, end the youngest job
    ///
    /// The shell runs COMMAND before each start, and once a second while jobs run. `io N` is true while no disk is busy more than N% of the
    /// time, `load N` while no more than N processes run, `mem SIZE` while SIZE bytes of memory are free.
    #[arg(long, value_name = "COMMAND", value_parser = OsStringValueParser::new().map(value::limit), value_hint = ValueHint::CommandString)]
    pub limit: Option<Limit>,

    /// End a job that runs longer; it counts as failed
    ///
    /// In seconds, or with the units ms, s, m, h and d, like 90, 250ms or 1h30m; or N% of the median runtime of the jobs
    /// that have succeeded so far, from the first on. How it is ended is said by --term-seq. 0 is no limit. Each try of
    /// a job has its own time.
    #[arg(long, value_name = "TIME", value_parser = parsed(value::timeout))]
    pub timeout: Option<Timeout>,

    /// Name jobs that run longer on standard error, once each; they go on
    #[arg(long, value_name = "TIME", value_parser = parsed(value::duration))]
    pub slow_timeout: Option<Duration>,

    /// End the whole run after this time: what runs is ended, nothing more is started
    ///
    /// The exit status is 124 then. The time that the run is stopped (Ctrl-Z) does not count.
    #[arg(long, value_name = "TIME", value_parser = parsed(value::duration))]
    pub global_timeout: Option<Duration>,

    /// Run a job that fails again, until it has had N tries in all; 0 is no limit
    ///
    /// It is tried again before jobs that have not been started yet. A replacement string may stand for N: --retries {2}.
    #[arg(long, value_name = "N", value_parser = parsed(value::tries))]
    pub retries: Option<Tries>,

    /// Wait before a job is tried again: TIME, or exp:BASE..MAX
    ///
    /// Other jobs run meanwhile. With exp:BASE..MAX, like exp:1s..5m, the wait is BASE at most, twice as long each time and
    /// never more than MAX; between half of it and all of it is taken at random, so that not all jobs come back at once.
    #[arg(long, value_name = "TIME", value_parser = parsed(value::retry_delay))]
    pub retry_delay: Option<RetryDelay>,

    /// Try again only jobs that end like this: exit statuses, signals, timeout
    ///
    /// LIST is separated by commas, like 1-5,75,SIGSEGV,timeout; `signal` is any signal. By default all jobs that fail are
    /// tried again.
    #[arg(long, value_name = "LIST", value_parser = parsed(value::retry_on))]
    pub retry_on: Option<RetryOn>,

    /// Stop the run early: never, or now|soon,fail|success|done=N|N%
    ///
    /// `now` ends the running jobs, `soon` lets them finish; no more are started. That happens when N jobs, or N% of
    /// all jobs, have failed, have succeeded, or have done either. now,fail=1 exits with the status of that job. GNU parallel's
    /// older values are known, too: 0 (never), 1 (soon,fail=1), 2 (now,fail=1), -1 and -2 (the same for success), N%. Also --halt-on-error.
    #[arg(long, aliases = ["halt-on-error", "haltonerror"], value_name = "WHEN,WHY", value_parser = parsed(value::halt))]
    pub halt: Option<Halt>,

    /// End running jobs with these signals and waits [default: TERM,200,TERM,100,TERM,50,KILL,25]
    ///
    /// SEQ is signals, each followed by the milliseconds to wait for the job to end before the next. Whatever it is, SIGKILL comes last.
    #[arg(long = "term-seq", alias = "termseq", value_name = "SEQ", value_parser = parsed(value::termseq))]
    pub term_seq: Option<Steps>,

    /// Exit statuses that count as success, like 0,1 or 0,3-5 [default: 0]
    #[arg(long, value_name = "LIST", value_parser = parsed(value::success_codes))]
    pub success_codes: Option<Codes>,

    /// Deal with what finished jobs left running: keep, warn, kill or fail [default: warn]
    ///
    /// It is left alone, and where it still holds the job's output a tenth of a second after the job's end, `warn` says so
    /// and `fail` counts the job as failed, with status 255. `kill` ends it, also where it holds nothing. A job's slot
    /// never waits for it, and what it writes after that is thrown away. With --ungroup, where jobs write for themselves, only `kill` has an effect, and `fail` is refused.
    #[arg(long, value_name = "WHAT", hide_possible_values = true)]
    pub on_leak: Option<LeakAction>,

    /// Give jobs no descriptors but 0, 1 and 2
    ///
    /// By default they also get what fanout itself was started with: a lock, a pipe of <(...), make's jobserver.
    #[arg(long)]
    pub close_fds: bool,

    /// Let jobs use the terminal
    ///
    /// For commands that talk to a person: an editor, a password prompt. One job at a time and --ungroup, unless
    /// --jobs or another grouping is given.
    #[arg(long)]
    pub tty: bool,

    /// Let jobs use the terminal as --tty does, but as many at once as --jobs says, and grouped
    #[arg(short = 'o', long)]
    pub open_tty: bool,
}

/// What becomes of what finished jobs left running.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LeakAction {
    /// Leave it alone, silently
    Keep,
    /// Say so where it holds the job's output
    Warn,
    /// End it
    Kill,
    /// Where it holds the job's output, the job has failed
    Fail,
}
