//! Standard output and standard error, as the printer writes them.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::tagged::Tagged;
use crate::diag::escape;
use crate::model::{Captured, Event, Finished, Started, Stream};
use crate::options::{Grouping, OutputOptions, Verbose};

/// Small outputs are written together, up to so many bytes; the printer flushes when it has nothing more to do.
const TOGETHER: usize = 64 << 10;

/// So many bytes a pipe takes whenever poll says that it takes any.
const AT_ONCE: usize = 4096;

/// Writes what jobs have written, in the order in which it is handed over.
pub struct Sink<'a> {
    options: &'a OutputOptions,
    stdout: Buffered,
    stderr: Buffered,
}

/// Why output could not be written.
#[derive(Debug)]
pub enum SinkError {
    /// Whoever read our standard output is gone.
    ReaderGone,
    /// Something else: a full disk, a temporary file that can't be read back.
    Failed(io::Error),
}

impl fmt::Display for SinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SinkError::ReaderGone => f.write_str("standard output has no reader any more"),
            SinkError::Failed(error) => {
                let remedy = match error.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ": free some space where it goes",
                    io::ErrorKind::FileTooLarge => ": raise the limit on the size of files (ulimit -f)",
                    _ => "",
                };
                write!(f, "can't write what jobs wrote to standard output or standard error: {error}{remedy}")
            }
        }
    }
}

impl From<io::Error> for SinkError {
    fn from(error: io::Error) -> SinkError {
        match error.kind() {
            io::ErrorKind::BrokenPipe => SinkError::ReaderGone,
            _ => SinkError::Failed(error),
        }
    }
}

impl<'a> Sink<'a> {
    /// To our own standard output and standard error.
    pub fn new(options: &'a OutputOptions) -> Sink<'a> {
        Sink { options, stdout: Buffered::new(rustix::stdio::stdout()), stderr: Buffered::new(rustix::stdio::stderr()) }
    }

    /// Writes what an event brings.
    ///
    /// # Errors
    /// See [`SinkError`].
    pub fn write(&mut self, event: &Event) -> Result<(), SinkError> {
        match event {
            Event::Started(started) => self.started(started),
            Event::Slow(_) | Event::Waits(_) => Ok(()),
            Event::Output { tag, stream, bytes, .. } => self.captured(*stream, tag.as_deref(), bytes),
            Event::Finished(finished) => self.finished(finished),
        }
    }

    /// Bytes for standard output that are not of a job (`--joblog -`).
    ///
    /// # Errors
    /// See [`SinkError`].
    pub fn extra(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        Ok(self.stdout.write_all(bytes)?)
    }

    /// Makes sure that everything has left.
    ///
    /// # Errors
    /// See [`SinkError`].
    pub fn flush(&mut self) -> Result<(), SinkError> {
        self.stdout.flush()?;
        Ok(self.stderr.flush()?)
    }

    /// Writes as much as is taken at once. False: something is left.
    ///
    /// # Errors
    /// See [`SinkError`].
    pub fn flush_some(&mut self) -> Result<bool, SinkError> {
        Ok(self.stdout.flush_some()? && self.stderr.flush_some()?)
    }

    /// Waits until what has been written is on the disk, where it goes to one (`--fsync`).
    ///
    /// # Errors
    /// A disk that does not take it.
    pub fn sync(&mut self) -> Result<(), SinkError> {
        for stream in [&self.stdout, &self.stderr] {
            match rustix::fs::fdatasync(stream.fd) {
                // Pipes and terminals have nothing to be synchronised.
                Ok(()) | Err(Errno::INVAL | Errno::NOTSUP | Errno::ROFS) => {}
                Err(error) => return Err(SinkError::Failed(error.into())),
            }
        }
        Ok(())
    }

    /// How many bytes have not left yet.
    pub fn pending(&self) -> usize {
        self.stdout.buffer.len() + self.stderr.buffer.len()
    }

    /// Whether what has been written ends with a whole line, as far as a terminal shows it.
    pub fn at_line_start(&self) -> bool {
        self.stdout.at_line_start() && self.stderr.at_line_start()
    }

    /// Whether anything of it is shown on a terminal.
    pub fn shows(&self) -> bool {
        self.stdout.is_terminal || self.stderr.is_terminal
    }

    fn started(&mut self, started: &Started) -> Result<(), SinkError> {
        let stream = match self.options.verbose {
            Verbose::No => return Ok(()),
            // A line of ours, other than on standard output, where it may be read by a program.
            Verbose::Stderr => {
                let command = escape(&started.command);
                self.line(Stream::Err, command.as_bytes())?;
                return self.flush();
            }
            // Grouped, it goes before the job's output, at its end.
            Verbose::Stdout if self.options.grouping == Grouping::Group => return Ok(()),
            Verbose::Stdout => Stream::Out,
        };
        self.line(stream, &started.command)?;
        self.flush()
    }

    fn finished(&mut self, finished: &Finished) -> Result<(), SinkError> {
        let tag = finished.tag.as_deref();
        let ran = finished.slot.is_some();
        if self.options.verbose == Verbose::Stdout && self.options.grouping == Grouping::Group && ran {
            self.line(Stream::Out, &finished.command)?;
        }
        self.captured(Stream::Out, tag, &finished.stdout)?;
        self.captured(Stream::Err, tag, &finished.stderr)
    }

    fn line(&mut self, stream: Stream, text: &[u8]) -> Result<(), SinkError> {
        let out = self.stream(stream)?;
        out.write_all(text)?;
        Ok(out.write_all(b"\n")?)
    }

    fn captured(&mut self, stream: Stream, tag: Option<&[u8]>, bytes: &Captured) -> Result<(), SinkError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let out = self.stream(stream)?;
        match tag {
            None => copy(bytes, out),
            Some(tag) => copy(bytes, &mut Tagged::new(out, tag)),
        }
    }

    /// One of the two, after the other has been flushed: on a terminal they stay in the order in which they were written.
    fn stream(&mut self, stream: Stream) -> Result<&mut Buffered, SinkError> {
        match stream {
            Stream::Out => {
                self.stderr.flush()?;
                Ok(&mut self.stdout)
            }
            Stream::Err => {
                self.stdout.flush()?;
                Ok(&mut self.stderr)
            }
        }
    }
}

impl fmt::Debug for Sink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").finish_non_exhaustive()
    }
}

fn copy(bytes: &Captured, out: &mut dyn Write) -> Result<(), SinkError> {
    match bytes {
        Captured::Empty => Ok(()),
        Captured::Memory(bytes) => Ok(out.write_all(bytes)?),
        Captured::Spilled(spilled) => Ok(spilled.copy_to(out)?),
    }
}

/// A descriptor of ours, written in large pieces. The standard library's standard output is flushed line by line.
struct Buffered {
    fd: BorrowedFd<'static>,
    buffer: Vec<u8>,
    is_terminal: bool,
    last: u8,
}

impl Buffered {
    fn new(fd: BorrowedFd<'static>) -> Buffered {
        Buffered { fd, buffer: Vec::new(), is_terminal: fd.is_terminal(), last: b'\n' }
    }

    fn at_line_start(&self) -> bool {
        !self.is_terminal || self.last == b'\n'
    }

    fn flush_some(&mut self) -> io::Result<bool> {
        let mut written = 0;
        let result = loop {
            let piece = &self.buffer[written..];
            if piece.is_empty() {
                break Ok(true);
            }
            if !takes_some(self.fd) {
                break Ok(false);
            }
            let piece = &piece[..piece.len().min(AT_ONCE)];
            match write_all(self.fd, piece) {
                Ok(()) => written += piece.len(),
                Err(error) => break Err(error),
            }
        };
        self.buffer.drain(..written);
        result
    }
}

impl Write for Buffered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.last = bytes.last().copied().unwrap_or(self.last);
        if self.buffer.len() + bytes.len() > TOGETHER {
            self.flush()?;
        }
        if bytes.len() >= TOGETHER {
            write_all(self.fd, bytes)?;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = write_all(self.fd, &self.buffer);
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
