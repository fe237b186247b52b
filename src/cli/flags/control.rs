//! The options that say when jobs start, end and are tried again.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::super::value::{self, Codes, Steps, Tries};
use super::parsed;
use crate::options::{Halt, RetryDelay, RetryOn, Timeout};

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Control")]
pub struct ControlFlags {
    /// Print the commands instead of running them
    #[arg(long, alias = "dryrun")]
    pub dry_run: bool,

    /// Wait this long between two starts
    ///
    /// In seconds, or with the units ms, s, m, h and d, like 0.5, 250ms or 1h30m.
    #[arg(long, value_name = "TIME", value_parser = parsed(value::duration))]
    pub delay: Option<Duration>,

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
    /// It is tried again before jobs that have not been started yet.
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
    #[arg(long, alias = "halt-on-error", value_name = "WHEN,WHY", value_parser = parsed(value::halt))]
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
