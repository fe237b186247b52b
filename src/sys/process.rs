//! One child process: waiting for it, signalling it, and its part of the kernel's accounts.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// A child of ours that has not been reaped, so that its process id can't have been reused.
#[derive(Debug)]
pub struct Process {
    pid: i32,
    /// Readable once the process has exited.
    handle: OwnedFd,
    reaped: bool,
    own_group: bool,
}

/// How a process ended and what it used, with everything it waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit status, or the signal that killed it.
    pub how: How,
    /// CPU time in user mode.
    pub user: Duration,
    /// CPU time in the kernel.
    pub system: Duration,
    /// Peak resident memory in bytes. The kernel starts the count at the parent's size when the child was made.
    pub peak_rss: u64,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// With this exit status.
    Exited(i32),
    /// Killed by this signal.
    Signaled(i32),
}

impl Process {
    /// Takes charge of a child that has just been spawned; `own_group`: it leads a process group.
    pub(super) fn new(pid: i32, handle: OwnedFd, own_group: bool) -> Process {
        Process { pid, handle, reaped: false, own_group }
    }

    /// Whether it leads a process group.
    pub fn has_own_group(&self) -> bool {
        self.own_group
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Sends a signal to its group, or to it alone if it shares ours.
    pub fn signal(&self, signal_number: i32) {
        if self.reaped {
            // Its number may be somebody else's by now.
            return;
        }
        // ESRCH: all of them are gone. EPERM: it has become another user's; there is nothing that we may do.
        signal(self.pid, self.own_group, signal_number).ok();
    }

    /// Whether it has become another user's (sudo) and still runs: no signal of ours reaches it.
    pub fn is_out_of_reach(&self) -> bool {
        let refused = signal(self.pid, false, 0).is_err_and(|error| error.raw_os_error() == Some(libc::EPERM));
        refused && !self.reaped && super::tree::stat(self.pid).is_some_and(|stat| !stat.ended)
    }

    /// Waits for it no more: the main thread reaps it if it ends before us.
    pub fn abandon(&mut self) {
        self.reaped = true;
    }

    /// Waits for its end and takes it out of the process table.
    ///
    /// # Errors
    /// Those of wait4; ECHILD when somebody made the kernel reap for us.
    pub fn reap(&mut self) -> io::Result<Ended> {
        let ended = wait(self.pid);
        self.reaped = true;
        ended
    }
}

impl AsFd for Process {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Only on a panic: a child is never left behind.
        if !self.reaped {
            self.signal(libc::SIGKILL);
            wait(self.pid).ok();
        }
    }
}

fn signal(pid: i32, group: bool, signal: i32) -> io::Result<()> {
    // SAFETY: plain system calls with numbers.
    let result = unsafe { if group { libc::killpg(pid, signal) } else { libc::kill(pid, signal) } };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn wait(pid: i32) -> io::Result<Ended> {
    let mut status = 0;
    // SAFETY: an rusage of all zero bits is valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to live locals.
        let waited = unsafe { libc::wait4(pid, &mut status, 0, &mut usage) };
        if waited == pid {
            break;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    let time = |value: libc::timeval| {
        Duration::from_secs(value.tv_sec.unsigned_abs()) + Duration::from_micros(value.tv_usec.unsigned_abs())
    };
    Ok(Ended {
        how: how(status),
        user: time(usage.ru_utime),
        system: time(usage.ru_stime),
        // Linux counts in KiB.
        peak_rss: usage.ru_maxrss.unsigned_abs() * 1024,
    })
}

fn how(status: i32) -> How {
    if libc::WIFSIGNALED(status) {
        How::Signaled(libc::WTERMSIG(status))
    } else {
        How::Exited(libc::WEXITSTATUS(status))
    }
}

/// What has become of a child since it was asked about before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It has ended, and is out of the process table.
    Ended(How),
    /// It has been stopped.
    Stopped,
    /// It goes on.
    Continued,
}

/// Asks without waiting; `None`: nothing.
pub fn change_of(child: i32) -> Option<Change> {
    let mut status = 0;
    // SAFETY: the pointer is to a live local.
    let waited = unsafe { libc::waitpid(child, &mut status, libc::WNOHANG | libc::WUNTRACED | libc::WCONTINUED) };
    if waited != child {
        return None;
    }
    Some(if libc::WIFSTOPPED(status) {
        Change::Stopped
    } else if libc::WIFCONTINUED(status) {
        Change::Continued
    } else {
        Change::Ended(how(status))
    })
}

/// Waits for a child's end, and takes it out of the process table.
pub fn end_of(child: i32) -> How {
    // It can't be another's: nobody else waits for it. Where the kernel reaps for us, how it ended is lost.
    wait(child).map_or(How::Exited(255), |ended| ended.how)
}

/// Ends this process as another one has ended, without a core dump and without another word.
pub fn end_as(ended: How) -> ! {
    let status = match ended {
        How::Exited(status) => status,
        How::Signaled(signal) => {
            super::signals::die_of(signal);
            128 + signal
        }
    };
    // SAFETY: the process ends here.
    unsafe { libc::_exit(status) }
}

/// Sends a signal to a child that has not been reaped.
pub fn tell(child: i32, number: i32) {
    // ESRCH: it has just ended.
    signal(child, false, number).ok();
}

/// The peak resident memory of fanout itself, in bytes.
pub fn own_peak_rss() -> u64 {
    // SAFETY: an rusage of all zero bits is valid, and the pointer is to a live local.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage.ru_maxrss.unsigned_abs() * 1024
    }
}

/// Whether fanout is in the foreground of the terminal on standard error; true where that is no terminal.
pub fn is_foreground() -> bool {
    let Ok(group) = rustix::termios::tcgetpgrp(rustix::stdio::stderr()) else { return true };
    group.as_raw_nonzero().get() == super::tree::own_group()
}
