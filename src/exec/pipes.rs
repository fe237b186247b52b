//! The pipes that a running job writes to, and the wait for what it writes and for its end.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::capture::{Capture, Passing};
use super::feed::{Fed, Feeder};
use crate::sys::process::Process;
use crate::sys::wake::Wake;

/// Our ends of a running job's pipes; `None` once the end has been reached, and when its output is not captured.
#[derive(Debug, Default)]
pub struct Pipes<'b> {
    /// What it reads, and how far that has come; `None`: nothing, or nothing any more.
    pub stdin: Option<(Feeder<'b>, Fed)>,
    /// Of its standard output.
    pub stdout: Option<OwnedFd>,
    /// Of its standard error.
    pub stderr: Option<OwnedFd>,
    /// The last start that had begun when our write ends were closed: while it or one before it is under way, its child may
    /// hold copies of them.
    pub last_start: u64,
}

/// What is ready after a wait.
#[derive(Debug)]
pub struct Ready {
    /// What the job reads is to be looked at.
    pub stdin: bool,
    /// What the pipe of standard output is ready for; empty: nothing.
    pub stdout: PollFlags,
    /// What the pipe of standard error is ready for; empty: nothing.
    pub stderr: PollFlags,
    /// The child has exited.
    pub exited: bool,
    /// Somebody called.
    pub wake: bool,
}

impl Pipes<'_> {
    /// Whether the end of any of them has not been reached.
    pub fn is_open(&self) -> bool {
        self.stdout.is_some() || self.stderr.is_some()
    }

    /// Waits until a pipe can be read, the child has exited, somebody called, or the deadline has passed.
    pub fn wait(&self, process: Option<&Process>, wake: &Wake, deadline: Option<Instant>, now: Instant) -> Ready {
        let timeout = deadline.map(|deadline| {
            let left = deadline.saturating_duration_since(now);
            Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() }
        });
        // A fixed layout: what is not there is asked about nothing.
        let nothing = || PollFd::new(wake, PollFlags::empty());
        let feeder = self.stdin.as_ref().and_then(|(feeder, fed)| Some((feeder.fd()?, Feeder::interest(*fed))));
        let mut fds = [
            self.stdout.as_ref().map_or_else(nothing, |fd| PollFd::new(fd, PollFlags::IN)),
            self.stderr.as_ref().map_or_else(nothing, |fd| PollFd::new(fd, PollFlags::IN)),
            process.map_or_else(nothing, |process| PollFd::new(process, PollFlags::IN)),
            PollFd::new(wake, PollFlags::IN),
            feeder.map_or_else(nothing, |(fd, interest)| PollFd::new(fd, interest)),
        ];
        let count = if feeder.is_some() { fds.len() } else { fds.len() - 1 };
        // EINTR can't happen, as every signal of ours is blocked, and ENOMEM passes: either is a wait that was too short.
        if poll(&mut fds[..count], timeout.as_ref()).is_err() {
            return Ready {
                stdin: false,
                stdout: PollFlags::empty(),
                stderr: PollFlags::empty(),
                exited: false,
                wake: false,
            };
        }
        let wake = !fds[3].revents().is_empty();
        Ready {
            stdin: wake || feeder.is_none() || !fds[4].revents().is_empty(),
            stdout: fds[0].revents(),
            stderr: fds[1].revents(),
            exited: !fds[2].revents().is_empty(),
            wake,
        }
    }
}

/// Reads once from a pipe that is ready for it, and closes it at its end.
///
/// # Errors
/// Those of [`Capture::read`]; the pipe is closed then, too.
pub fn read_ready(
    pipe: &mut Option<OwnedFd>,
    ready: PollFlags,
    capture: &mut Capture<'_>,
    passing: &Passing<'_>,
) -> io::Result<()> {
    let open = if ready.contains(PollFlags::IN) {
        pipe.as_ref().map_or(Ok(false), |fd| capture.read(fd.as_fd(), passing))
    } else {
        // All else is its end.
        Ok(ready.is_empty())
    };
    if !matches!(open, Ok(true)) {
        *pipe = None;
    }
    open.map(|_| ())
}
