//! How a command ended, and what a test says about it.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::Signal;

use super::diff::{diff, show};
use super::running::contains;
use super::{Dir, wait_for};

/// How a command ended. Each of its methods asserts something and answers the same value, for a chain of them.
#[derive(Debug)]
pub struct Done {
    pub(super) line: String,
    /// How it ended.
    pub status: ExitStatus,
    /// All that it wrote to standard output.
    pub stdout: Vec<u8>,
    /// All that it wrote to standard error.
    pub stderr: Vec<u8>,
    /// How long it took.
    pub wall: Duration,
    /// Where it ran.
    pub dir: Dir,
}

impl Done {
    /// It exited with 0.
    #[track_caller]
    pub fn ok(self) -> Done {
        self.fails_with(0)
    }

    /// It exited with this status.
    #[track_caller]
    pub fn fails_with(self, status: i32) -> Done {
        self.check(self.status.code() == Some(status), &format!("expected exit status {status}"));
        self
    }

    /// It was killed by this signal: it did not merely exit with 128 + N.
    #[track_caller]
    pub fn dies_of(self, signal: Signal) -> Done {
        self.check(self.status.signal() == Some(signal.as_raw()), &format!("expected death by {signal:?}"));
        self
    }

    /// Standard output is this.
    #[track_caller]
    pub fn stdout(self, expected: impl AsRef<[u8]>) -> Done {
        let expected = expected.as_ref();
        self.check(self.stdout == expected, &format!("standard output: {}", diff(expected, &self.stdout)));
        self
    }

    /// Standard output has these lines, in any order.
    #[track_caller]
    pub fn stdout_sorted(self, expected: impl AsRef<[u8]>) -> Done {
        let (expected, actual) = (sorted(expected.as_ref()), sorted(&self.stdout));
        self.check(actual == expected, &format!("sorted standard output: {}", diff(&expected, &actual)));
        self
    }

    /// Standard output holds this somewhere.
    #[track_caller]
    pub fn stdout_has(self, part: impl AsRef<[u8]>) -> Done {
        let part = part.as_ref();
        self.check(contains(&self.stdout, part), &format!("expected \"{}\" on standard output", part.escape_ascii()));
        self
    }

    /// Standard error is this.
    #[track_caller]
    pub fn stderr(self, expected: impl AsRef<[u8]>) -> Done {
        let expected = expected.as_ref();
        self.check(self.stderr == expected, &format!("standard error: {}", diff(expected, &self.stderr)));
        self
    }

    /// Standard error is empty.
    #[track_caller]
    pub fn quiet(self) -> Done {
        self.stderr("")
    }

    /// Standard error holds this somewhere.
    #[track_caller]
    pub fn stderr_has(self, part: impl AsRef<[u8]>) -> Done {
        let part = part.as_ref();
        self.check(contains(&self.stderr, part), &format!("expected \"{}\" on standard error", part.escape_ascii()));
        self
    }

    /// It took less than this. Only for what would otherwise take many times as long.
    #[track_caller]
    pub fn within(self, bound: Duration) -> Done {
        self.check(self.wall < bound, &format!("expected to take less than {bound:?}, took {:?}", self.wall));
        self
    }

    /// Nothing that it started is left, or will be in a moment.
    #[track_caller]
    pub fn leaves_nothing(self) -> Done {
        wait_for(&format!("{}\nnothing left running", self.line), || self.dir.processes().is_empty());
        self
    }

    /// Standard output as text.
    #[track_caller]
    pub fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).expect("standard output in UTF-8")
    }

    /// Standard error as text.
    #[track_caller]
    pub fn error_text(&self) -> String {
        String::from_utf8(self.stderr.clone()).expect("standard error in UTF-8")
    }

    /// It ended as `other` did, with the same standard output.
    #[track_caller]
    pub fn same_end_as(&self, other: &Done, with_stderr: bool) {
        let said = || format!("\n-- the other one: {}\n{}", other.line, other.account());
        let same = (self.status.code(), self.status.signal()) == (other.status.code(), other.status.signal());
        self.check(same, &format!("ended otherwise{}", said()));
        if self.stdout != other.stdout {
            self.check(false, &format!("standard output: {}{}", diff(&other.stdout, &self.stdout), said()));
        }
        if with_stderr && self.stderr != other.stderr {
            self.check(false, &format!("standard error: {}{}", diff(&other.stderr, &self.stderr), said()));
        }
    }

    #[track_caller]
    pub fn check(&self, holds: bool, message: &str) {
        assert!(holds, "{message}\n-- {}\n{}", self.line, self.account());
    }

    fn account(&self) -> String {
        format!("{}\nstdout:\n{}stderr:\n{}", self.status, show(&self.stdout), show(&self.stderr))
    }
}

/// Lines in byte order.
fn sorted(bytes: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    lines.sort_unstable();
    lines.concat()
}
