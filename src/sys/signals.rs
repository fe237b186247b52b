//! Signals to fanout itself, read from a descriptor.
//!
//! They are blocked in every thread (children get an empty mask from the spawner), so nothing ever interrupts a system
//! call of ours and no handler runs. A signal that was ignored at the start must be left out: the kernel keeps a blocked
//! one even if it is ignored.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

use super::start;

pub use libc::{
    SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGQUIT, SIGSTOP, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1,
    SIGUSR2,
};

/// Signals that have arrived.
#[derive(Debug)]
pub struct Signals {
    fd: OwnedFd,
}

impl Signals {
    /// Blocks `signals` in this thread and in those that it starts from now on, and collects them.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn collect(signals: &[i32]) -> io::Result<Signals> {
        // SAFETY: the set is initialised by sigemptyset, all pointers are to live locals, and the descriptor is new.
        unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&mut set);
            for signal in signals {
                libc::sigaddset(&mut set, *signal);
            }
            let error = libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
            if error != 0 {
                return Err(io::Error::from_raw_os_error(error));
            }
            let fd = libc::signalfd(-1, &set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK);
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(Signals { fd: OwnedFd::from_raw_fd(fd) })
        }
    }

    /// The next signal that has arrived, if any.
    pub fn next(&self) -> Option<Received> {
        let mut info = [0u8; size_of::<libc::signalfd_siginfo>()];
        // SAFETY: the buffer has the size that the call is told.
        let length = unsafe { libc::read(self.fd.as_raw_fd(), info.as_mut_ptr().cast(), info.len()) };
        if length != info.len() as isize {
            return None;
        }
        // The first three fields are ssi_signo, ssi_errno and ssi_code.
        let field = |at: usize| i32::from_ne_bytes([info[at], info[at + 1], info[at + 2], info[at + 3]]);
        Some(Received { signal: field(0), by_kernel: field(8) > 0 })
    }
}

/// A signal that ends a run and waits for [`Signals`] to be looked at.
pub fn ending() -> Option<i32> {
    // SAFETY: the set is initialised by sigpending, which fails for no valid pointer.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigpending(&mut set);
        [SIGINT, SIGQUIT, SIGTERM, SIGHUP].into_iter().find(|signal| libc::sigismember(&set, *signal) == 1)
    }
}

/// A signal that [`Signals`] has collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Which.
    pub signal: i32,
    /// It comes from the terminal: all of the foreground group has got it.
    pub by_kernel: bool,
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// All signals to this process, where they are waited for and nothing else is.
pub struct Inbox {
    set: libc::sigset_t,
}

/// A signal that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Which.
    pub signal: i32,
    /// The process that has sent it, 0 from outside our namespace; `None`: the kernel, where it comes from the terminal to all
    /// of the foreground group.
    pub from: Option<i32>,
}

impl Inbox {
    /// Blocks all signals but those that were ignored at the start, which stay so, and faults.
    pub fn open() -> Inbox {
        // SAFETY: the set is initialised by sigfillset, and all pointers are to live locals.
        unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&mut set);
            for signal in 1..32 {
                if FAULTS.contains(&signal) || start::was_ignored(signal) {
                    libc::sigdelset(&mut set, signal);
                }
            }
            libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
            Inbox { set }
        }
    }

    /// Waits for the next one, `time` at most.
    pub fn next(&self, time: Option<Duration>) -> Option<Arrival> {
        let time = time
            .map(|time| libc::timespec { tv_sec: time.as_secs().cast_signed(), tv_nsec: time.subsec_nanos().into() });
        // SAFETY: the set was initialised, a siginfo of all zero bits is valid, and a null pointer is no limit. The sender is
        // only asked for where there is one.
        unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
            let signal = libc::sigtimedwait(&self.set, &mut info, time);
            // EAGAIN: the time is over. EINTR: we have been stopped and continued.
            (signal > 0).then(|| Arrival { signal, from: (info.si_code <= 0).then(|| info.si_pid()) })
        }
    }
}

/// What only the thread at fault can see to.
const FAULTS: [i32; 5] = [libc::SIGBUS, libc::SIGSEGV, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP];

/// Leaves signals to other threads, but for the faults of this one.
pub fn block_for_others() {
    // SAFETY: the set is initialised by sigfillset, and all pointers are to live locals.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut set);
        for fault in FAULTS {
            libc::sigdelset(&mut set, fault);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
    }
}

/// Stops all of fanout; returns when it has been continued.
pub fn stop() {
    // SIGSTOP rather than SIGTSTP, which is blocked, and which the kernel would not deliver to an orphaned process group.
    // SAFETY: plain system calls with numbers.
    unsafe {
        libc::kill(libc::getpid(), libc::SIGSTOP);
    }
}

/// Dies of `signal` as if fanout had never caught it, without a core dump. Answers only where that can't be, as process 1
/// of a namespace: then the caller exits with 128 + `signal`.
pub fn die_of(signal: i32) {
    // SAFETY: plain system calls on initialised sets; the default action of these signals ends the process here.
    unsafe {
        let no_core = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &no_core);
        // Where cores go to a program, the limit holds nobody back (core(5)).
        libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0);
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = libc::SIG_DFL;
        libc::sigaction(signal, &action, std::ptr::null_mut());
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &set, std::ptr::null_mut());
        libc::raise(signal);
    }
}

/// The name of a signal, `SIGTERM` for 15; `signal N` for one without a name.
pub fn name(signal: i32) -> String {
    match signal {
        libc::SIGHUP => "SIGHUP",
        libc::SIGINT => "SIGINT",
        libc::SIGQUIT => "SIGQUIT",
        libc::SIGKILL => "SIGKILL",
        libc::SIGTERM => "SIGTERM",
        libc::SIGPIPE => "SIGPIPE",
        _ => return format!("signal {signal}"),
    }
    .to_owned()
}
