//! One file that output is kept in, on the way through whatever compresses it.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use zstd::stream::write::Encoder;

use super::complaint;
use crate::model::Words;
use crate::options::Compress;
use crate::sys::files::{do_not_wait, pipe};
use crate::sys::process::{How, Process};
use crate::sys::signals::SIGKILL;
use crate::sys::spawn::{Spawner, Stdio};

/// How often who waits for a program looks whether the run is being ended.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
/// So many looks a program has then to come to its end.
const LAST_LOOKS: usize = 4;

/// A file that output is kept in.
#[derive(Debug)]
pub struct Kept {
    path: Vec<u8>,
    way: Way,
    /// Bytes that were meant to be written.
    total: u64,
    /// The first that went wrong; nothing is written after that.
    trouble: Option<String>,
}

/// The way to the file.
enum Way {
    Plain(File),
    Zstd(Encoder<'static, File>),
    Program(Program),
    /// Not begun: what has no bytes has an empty file, as in GNU parallel.
    Later(Option<(File, Later)>),
}

/// A program that compresses. It leads a group of its own, so that no signal of the terminal takes output away from a job that goes on.
struct Program {
    process: Process,
    /// What it reads; who writes there doesn't wait.
    stdin: OwnedFd,
    name: String,
}

/// What compresses from the first byte on.
#[derive(Debug)]
enum Later {
    Zstd,
    Program { shell: CString, command: Vec<u8> },
}

impl Kept {
    /// To `file`, which is called `path` in messages.
    pub fn new(file: File, path: Vec<u8>, compress: Option<&Compress>, shell: &CStr) -> Kept {
        let way = match compress {
            None => Way::Plain(file),
            Some(Compress::Zstd) => Way::Later(Some((file, Later::Zstd))),
            Some(Compress::Program(command)) => {
                Way::Later(Some((file, Later::Program { shell: shell.to_owned(), command: command.clone() })))
            }
        };
        Kept { path, way, total: 0, trouble: None }
    }

    /// Adds bytes. What goes wrong is said by [`Kept::close`]: the job may go on writing to nobody. `is_over` is asked where a program
    /// is waited for: whether the run is being ended.
    pub fn write(&mut self, bytes: &[u8], is_over: &dyn Fn() -> bool) {
        self.total += bytes.len() as u64;
        if self.trouble.is_none()
            && !bytes.is_empty()
            && let Err(error) = self.try_write(bytes, is_over)
        {
            self.trouble = Some(self.complaint(&error));
        }
    }

    /// Bytes that were meant to be written, before they were compressed.
    pub fn total(&self) -> u64 {
        self.total
    }

    fn try_write(&mut self, bytes: &[u8], is_over: &dyn Fn() -> bool) -> io::Result<()> {
        if let Way::Later(later) = &mut self.way {
            let (file, later) = later.take().ok_or(io::ErrorKind::InvalidInput)?;
            self.way = begin(file, later)?;
        }
        match &mut self.way {
            Way::Plain(file) => file.write_all(bytes),
            Way::Zstd(encoder) => encoder.write_all(bytes),
            Way::Program(program) => program.write_all(bytes, is_over),
            Way::Later(_) => Ok(()),
        }
    }

    fn complaint(&self, error: &io::Error) -> String {
        match &self.way {
            // Its end is known when it is waited for.
            Way::Program(Program { name, .. }) if error.kind() == io::ErrorKind::BrokenPipe => {
                format!("{name} has not compressed {}", String::from_utf8_lossy(&self.path))
            }
            _ => complaint(&self.path, "written", error),
        }
    }

    /// The end of it. `fsync`: waits until it is on the disk, where it is written by us. `is_over`: see [`Kept::write`].
    ///
    /// # Errors
    /// One line that names the file, if not everything has got there.
    pub fn close(self, fsync: bool, is_over: &dyn Fn() -> bool) -> Result<(), String> {
        let Kept { path, way, trouble, .. } = self;
        let failed = |error: io::Error| complaint(&path, "written", &error);
        let file = match way {
            Way::Plain(file) => Some(file),
            Way::Later(later) => later.map(|(file, _)| file),
            Way::Zstd(encoder) if trouble.is_none() => Some(encoder.finish().map_err(failed)?),
            Way::Zstd(_) => None,
            Way::Program(program) => {
                program.end(is_over).map_err(|error| complaint(&path, "compressed", &error))?;
                None
            }
        };
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        match file.filter(|_| fsync) {
            Some(file) => file.sync_all().map_err(failed),
            None => Ok(()),
        }
    }
}

fn begin(file: File, later: Later) -> io::Result<Way> {
    match later {
        Later::Zstd => Ok(Way::Zstd(Encoder::new(file, 1)?)),
        Later::Program { shell, command } => Program::start(&file, &shell, &command).map(Way::Program),
    }
}

impl Program {
    fn start(file: &File, shell: &CStr, command: &[u8]) -> io::Result<Program> {
        let (its_stdin, stdin) = pipe()?;
        do_not_wait(stdin.as_fd())?;
        let words: Words = [shell.to_bytes(), b"-c", command].into_iter().collect();
        let stdio = Stdio { stdin: Some(its_stdin.as_fd()), stdout: Some(file.as_fd()), stderr: None };
        let process = Spawner::new(true)?.spawn(shell, words.as_bytes(), &stdio)?;
        Ok(Program { process, stdin, name: String::from_utf8_lossy(command).into_owned() })
    }

    fn write_all(&self, bytes: &[u8], is_over: &dyn Fn() -> bool) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match rustix::io::write(&self.stdin, rest) {
                Ok(count) => rest = &rest[count..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => wait(&self.stdin, PollFlags::OUT, is_over)?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Waits for its end.
    fn end(self, is_over: &dyn Fn() -> bool) -> io::Result<()> {
        let Program { mut process, stdin, name } = self;
        drop(stdin);
        let waited = wait(&process, PollFlags::IN, is_over);
        if waited.is_err() {
            process.signal(SIGKILL);
        }
        let how = process.reap()?.how;
        waited?;
        match how {
            How::Exited(0) => Ok(()),
            How::Exited(status) => Err(io::Error::other(format!("{name} has ended with exit status {status}"))),
            How::Signaled(signal) => Err(io::Error::other(format!("{name} has been ended by signal {signal}"))),
        }
    }
}

/// Waits until there is one of `events`; not for long once the run is being ended.
fn wait(fd: &impl AsFd, events: PollFlags, is_over: &dyn Fn() -> bool) -> io::Result<()> {
    let mut looks = 0;
    loop {
        let mut fds = [PollFd::new(fd, events)];
        match poll(&mut fds, Some(&LOOK)) {
            Ok(0) | Err(Errno::INTR) => looks += usize::from(is_over()),
            Ok(_) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        if looks > LAST_LOOKS {
            return Err(io::Error::other("the run is being ended"));
        }
    }
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Way::Plain(_) => "Plain",
            Way::Zstd(_) => "Zstd",
            Way::Program(_) => "Program",
            Way::Later(_) => "Later",
        })
    }
}
