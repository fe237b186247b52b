//! A descriptor that is written in large pieces.

use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Small outputs are written together, up to so many bytes; the printer flushes when it has nothing more to do.
const TOGETHER: usize = 64 << 10;

/// So many bytes a pipe takes whenever poll says that it takes any.
const AT_ONCE: usize = 4096;

/// A descriptor, written in large pieces. The standard library's standard output is flushed line by line.
pub struct Buffered<F> {
    fd: F,
    buffer: Vec<u8>,
    is_terminal: bool,
    last: u8,
}

impl<F: AsFd> Buffered<F> {
    /// Nothing has been written yet.
    pub fn new(fd: F) -> Buffered<F> {
        let is_terminal = fd.as_fd().is_terminal();
        Buffered { fd, buffer: Vec::new(), is_terminal, last: b'\n' }
    }

    /// Whether it is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// How many bytes have not left yet.
    pub fn pending(&self) -> usize {
        self.buffer.len()
    }

    /// Whether what has been written ends with a whole line, as far as a terminal shows it.
    pub fn at_line_start(&self) -> bool {
        !self.is_terminal || self.last == b'\n'
    }

    /// Writes as much as is taken at once. False: something is left.
    ///
    /// # Errors
    /// Those of writing.
    pub fn flush_some(&mut self) -> io::Result<bool> {
        let mut written = 0;
        let result = loop {
            let piece = &self.buffer[written..];
            if piece.is_empty() {
                break Ok(true);
            }
            if !takes_some(self.fd.as_fd()) {
                break Ok(false);
            }
            let piece = &piece[..piece.len().min(AT_ONCE)];
            match write_all(self.fd.as_fd(), piece) {
                Ok(()) => written += piece.len(),
                Err(error) => break Err(error),
            }
        };
        self.buffer.drain(..written);
        result
    }

    /// Waits until what has been written is on the disk, where it goes to one.
    ///
    /// # Errors
    /// A disk that does not take it.
    pub fn sync(&self) -> io::Result<()> {
        match rustix::fs::fdatasync(&self.fd) {
            // Pipes and terminals have nothing to be synchronised.
            Ok(()) | Err(Errno::INVAL | Errno::NOTSUP | Errno::ROFS) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl<F: AsFd> Write for Buffered<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.last = bytes.last().copied().unwrap_or(self.last);
        if self.buffer.len() + bytes.len() > TOGETHER {
            self.flush()?;
        }
        if bytes.len() >= TOGETHER {
            write_all(self.fd.as_fd(), bytes)?;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = write_all(self.fd.as_fd(), &self.buffer);
        self.buffer.clear();
        result
    }
}

/// Whether a write of [`AT_ONCE`] bytes is not held up by whoever reads.
fn takes_some(fd: BorrowedFd<'_>) -> bool {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::OUT)];
    // An error is for the write to find.
    poll(&mut fds, Some(&now)).map_or(true, |_| !fds[0].revents().is_empty())
}

/// Writes all of `bytes`, also to a descriptor that somebody else has made non-blocking.
fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::OUT)], None::<&Timespec>)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
