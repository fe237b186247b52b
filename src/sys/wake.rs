//! A descriptor that becomes readable when somebody calls: how a thread that sits in poll or read is woken.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::Errno;

/// Wakes a thread that waits in poll. Calls add up until [`Wake::clear`].
#[derive(Debug)]
pub struct Wake {
    fd: OwnedFd,
}

impl Wake {
    /// A quiet one.
    ///
    /// # Errors
    /// EMFILE or ENFILE: no descriptor is left.
    pub fn new() -> io::Result<Wake> {
        Ok(Wake { fd: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)? })
    }

    /// Makes it readable.
    pub fn call(&self) {
        // The counter is full after 2^64-2 calls: it is readable then, too, which is all that is wanted.
        rustix::io::write(&self.fd, &1u64.to_ne_bytes()).ok();
    }

    /// Makes it quiet again.
    pub fn clear(&self) {
        // Fails with EAGAIN when it is quiet already.
        rustix::io::read(&self.fd, &mut [0u8; 8]).ok();
    }

    /// Whether somebody has called since it was made quiet.
    pub fn is_called(&self) -> bool {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut [PollFd::new(&self.fd, PollFlags::IN)], Some(&now)).is_ok_and(|count| count > 0)
    }

    /// Waits for a call, and makes it quiet again.
    pub fn wait(&self) {
        // EINTR and ENOMEM are calls that nobody made: whoever waits looks again.
        poll(&mut [PollFd::new(&self.fd, PollFlags::IN)], None::<&Timespec>).ok();
        self.clear();
    }

    /// Waits until `fd` can be read, somebody called (also when both are so), or the time is over.
    ///
    /// # Errors
    /// Those of poll, without EINTR.
    pub fn or_readable_until(&self, fd: BorrowedFd<'_>, deadline: Option<Instant>) -> io::Result<Woken> {
        let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::IN), PollFd::new(&self.fd, PollFlags::IN)];
        loop {
            let left = deadline.map(|deadline| {
                let left = deadline.saturating_duration_since(Instant::now());
                Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() }
            });
            match poll(&mut fds, left.as_ref()) {
                Ok(0) => return Ok(Woken::Late),
                Ok(_) if fds[1].revents().is_empty() => return Ok(Woken::Readable),
                Ok(_) => return Ok(Woken::Called),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits until `fd` can be read (true) or somebody called (false, also when both are so).
    ///
    /// # Errors
    /// Those of poll, without EINTR.
    pub fn or_readable(&self, fd: BorrowedFd<'_>) -> io::Result<bool> {
        let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::IN), PollFd::new(&self.fd, PollFlags::IN)];
        loop {
            match poll(&mut fds, None::<&Timespec>) {
                Ok(_) => return Ok(fds[1].revents().is_empty()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// What a wait has ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// There is something to read.
    Readable,
    /// Somebody called.
    Called,
    /// The time is over.
    Late,
}

impl AsFd for Wake {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
