//! Causes to exit statuses: the one table.
//!
//! As GNU parallel, but for INT, TERM and a HUP that left jobs unstarted, where fanout dies of the signal so that a shell sees
//! 130, 143 and 129.

use crate::model::{Outcome, Stops};

/// Bad usage, or anything that kept fanout itself from doing its work.
pub const OTHER: u8 = 255;
/// The run took longer than `--global-timeout` (as timeout(1)).
pub const EXPIRED: u8 = 124;
/// The semaphore was not free in time (as GNU parallel's sem).
pub const GAVE_UP: u8 = 1;
/// More jobs failed than a status can count.
pub const MANY_FAILED: u8 = 101;

/// How fanout ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By exiting with this status.
    Status(u8),
    /// By dying of this signal (exiting with 128 + N where it can't, as process 1).
    Signal(i32),
}

/// The exit status after all jobs: the number of those that failed, 101 for more than 100.
pub fn failed_jobs(failed: u64) -> u8 {
    u8::try_from(failed).ok().filter(|n| *n <= 100).unwrap_or(MANY_FAILED)
}

/// The status of one job as a shell would show it (128 + N for a signal): what `--halt now,fail=1` exits with.
pub fn job_status(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Exited(status) => u8::try_from(*status).unwrap_or(OTHER),
        Outcome::Signaled(signal) => u8::try_from(128 + signal).unwrap_or(OTHER),
        // As GNU parallel: its -2, cut to a byte.
        Outcome::Declined => 254,
        Outcome::TimedOut
        | Outcome::Evicted
        | Outcome::WantedTerminal
        | Outcome::SpawnFailed(_)
        | Outcome::NotExecutable(_)
        | Outcome::OutputLost(_)
        | Outcome::Refused(_)
        | Outcome::Cancelled
        | Outcome::Skipped
        | Outcome::AlreadyDone => OTHER,
    }
}

/// xargs: everything but what a command has done.
pub const XARGS_OTHER: u8 = 1;

/// The exit status of xargs, as findutils': `cut`: commands were left when the run was ended; `bad_input`: the input was not
/// read to its end.
pub fn xargs(stops: &Stops, cut: bool, bad_input: bool) -> u8 {
    const FAILED: u8 = 123;
    let status = |outcome: &Outcome| match outcome {
        Outcome::Signaled(_) => 125,
        Outcome::NotExecutable(number) if *number == TOO_LONG => XARGS_OTHER,
        Outcome::NotExecutable(number) if *number == NOT_FOUND => 127,
        Outcome::NotExecutable(_) => 126,
        _ => 124,
    };
    match &stops.outcomes[..] {
        [] if stops.failed => FAILED,
        [] => u8::from(bad_input) * XARGS_OTHER,
        // A quirk that scripts see: what has failed before counts more, unless the last of all commands ended the run.
        [only] if stops.failed && (cut || matches!(only, Outcome::NotExecutable(_))) => FAILED,
        [only] => status(only),
        [_, second, ..] => status(second),
    }
}

/// The system's numbers for a program that is not there, and a command that is too long.
const NOT_FOUND: i32 = 2;
const TOO_LONG: i32 = 7;

/// The rows of the table in the man page of xargs.
pub const XARGS_TABLE: &[(&str, &str)] = &[
    ("0", "All commands succeeded."),
    ("123", "A command exited with 1 to 254, or was ended by --timeout or --halt."),
    ("124", "A command exited with 255; no more were started."),
    ("125", "A command was killed by a signal; no more were started."),
    ("126", "The command can't be run."),
    ("127", "The command is not found."),
    ("1", "Any other error: wrong options, quotes that don't match, arguments that don't fit."),
    (
        "123",
        "Instead of 124 to 127, where another command had failed before and more were to be run: a quirk of findutils that is kept.",
    ),
    (
        "129, 130, 131, 143",
        "Ended by SIGHUP, SIGINT, SIGQUIT or SIGTERM, after ending the commands: death by that same signal.",
    ),
];

/// The rows of the man page's table: status, and what it says.
pub const TABLE: &[(&str, &str)] = &[
    ("0", "All jobs ran and succeeded."),
    (
        "1-100",
        "So many jobs failed. With --halt ...,fail=1 or done=1: the status of the job that failed (128+N for signal N, 255 if it was timed out, refused or could not be started); with a percentage: the percentage of jobs that failed.",
    ),
    (
        "any",
        "With --semaphore --fg: the status of the command (128+N for signal N). In the background 0, as soon as it runs. 1 as well if --semaphore-timeout has made it give up.",
    ),
    ("101", "More than 100 jobs failed."),
    ("124", "The run took longer than --global-timeout, and was ended."),
    (
        "255",
        "Bad usage, or fanout itself could not do its work: unreadable input, a full disk, output that could not be written, processes that could not be ended.",
    ),
    (
        "129",
        "SIGHUP has kept jobs from being started (or input from being read), and those that ran have ended: death by SIGHUP.",
    ),
    ("130, 143", "Ended by SIGINT or SIGTERM, after ending the jobs: fanout dies of that same signal."),
    (
        "141",
        "Standard output or standard error was closed by its reader (`| head`), after ending the jobs: death by SIGPIPE.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xargs_has_statuses_of_its_own() {
        let stops = |outcomes: &[Outcome], failed| Stops { outcomes: outcomes.to_vec(), failed };
        let [stop, killed] = [Outcome::Exited(255), Outcome::Signaled(9)];
        assert_eq!(
            [(false, false), (true, false), (true, true)].map(|(failed, bad)| xargs(&stops(&[], failed), false, bad)),
            [0, 123, 123]
        );
        assert_eq!(xargs(&stops(&[], false), false, true), 1);
        assert_eq!([false, true].map(|cut| xargs(&stops(std::slice::from_ref(&stop), true), cut, false)), [124, 123]);
        assert_eq!(xargs(&stops(&[stop, killed], true), true, false), 125);
        assert_eq!(
            [2, 13, 7].map(|number| xargs(&stops(&[Outcome::NotExecutable(number)], false), true, false)),
            [127, 126, 1]
        );
    }

    #[test]
    fn failures_are_counted_up_to_a_hundred() {
        assert_eq!([0, 1, 100, 101, 70_000].map(failed_jobs), [0, 1, 100, 101, 101]);
        assert_eq!(job_status(&Outcome::Exited(7)), 7);
        assert_eq!(job_status(&Outcome::Signaled(9)), 137);
    }
}
