//! What a job reads on its way there: from memory, from a file, or as it comes.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::event::PollFlags;
use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;
use rustix::pipe::{SpliceFlags, splice};

use crate::model::{Body, Chunk, Content, Taken};
use crate::sys::files::{do_not_wait, grow_pipe, pipe, read_from};

/// What goes through memory at once where a file can't be spliced.
const PIECE: usize = 256 << 10;

/// Hands a job what it reads, as fast as it reads it.
#[derive(Debug)]
pub struct Feeder<'b> {
    body: &'b Body,
    out: Out,
    /// How much of the body has been written: of all of it, or, where it comes while the job runs, of `chunk`.
    at: u64,
    chunk: Option<Chunk>,
    /// What was read from a file that can't be spliced, and how much of that has been written.
    copied: Option<(Vec<u8>, usize)>,
}

/// Where a job reads.
#[derive(Debug)]
enum Out {
    Pipe(OwnedFd),
    /// Nobody has opened it yet.
    Fifo(PathBuf),
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// More can be written once the job has read some.
    Full,
    /// There is nothing to write yet.
    Idle,
    /// All is written, or nobody reads any more.
    Over,
}

impl<'b> Feeder<'b> {
    /// Through a pipe, whose other end is for the job.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn pipe(body: &'b Body) -> io::Result<(Feeder<'b>, OwnedFd)> {
        let (read, write) = pipe()?;
        do_not_wait(write.as_fd())?;
        let expected = if matches!(body.content, Content::Lane(_)) {
            PIECE
        } else {
            usize::try_from(body.len()).unwrap_or(usize::MAX)
        };
        grow_pipe(write.as_fd(), expected);
        Ok((Feeder { body, out: Out::Pipe(write), at: 0, chunk: None, copied: None }, read))
    }

    /// Through a FIFO, which is made here.
    ///
    /// # Errors
    /// It can't be made.
    pub fn fifo(body: &'b Body, path: &Path) -> io::Result<Feeder<'b>> {
        rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;
        Ok(Feeder { body, out: Out::Fifo(path.to_owned()), at: 0, chunk: None, copied: None })
    }

    /// The descriptor to ask when more can be written, and for what; `None`: it is looked at again after a while.
    pub fn fd(&self) -> Option<&OwnedFd> {
        match &self.out {
            Out::Pipe(fd) => Some(fd),
            Out::Fifo(_) => None,
        }
    }

    /// Writes as much as can be without waiting.
    ///
    /// # Errors
    /// What the job was to read can't be had.
    pub fn feed(&mut self) -> Result<Fed, String> {
        if let Out::Fifo(path) = &self.out {
            match open(path, OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty()) {
                Ok(fd) => {
                    grow_pipe(fd.as_fd(), usize::try_from(self.body.len()).unwrap_or(usize::MAX));
                    self.out = Out::Pipe(fd);
                }
                Err(Errno::NXIO | Errno::INTR) => return Ok(Fed::Full),
                // The job has removed it.
                Err(_) => return Ok(Fed::Over),
            }
        }
        loop {
            match self.step()? {
                Ok(()) => {}
                Err(fed) => return Ok(fed),
            }
        }
    }

    /// One write. `Err`: it is not to be tried again now.
    fn step(&mut self) -> Result<Result<(), Fed>, String> {
        let Out::Pipe(out) = &self.out else { return Ok(Err(Fed::Full)) };
        let head = self.body.head.as_deref().unwrap_or_default();
        let done = |written: Result<usize, Errno>| match written {
            Ok(count) => Ok(count as u64),
            Err(Errno::AGAIN) => Err(Fed::Full),
            Err(Errno::INTR) => Ok(0),
            // EPIPE: a job need not read all.
            Err(_) => Err(Fed::Over),
        };
        let write = |bytes: &[u8]| done(rustix::io::write(out, bytes));
        if let Some(rest) = usize::try_from(self.at).ok().and_then(|at| head.get(at..)).filter(|rest| !rest.is_empty())
        {
            return Ok(write(rest).map(|count| self.at += count));
        }
        let at = self.at - head.len() as u64;
        match &self.body.content {
            Content::Block(block) => {
                let rest = usize::try_from(at).ok().and_then(|at| block.get(at..)).unwrap_or_default();
                if rest.is_empty() {
                    return Ok(Err(Fed::Over));
                }
                Ok(write(rest).map(|count| self.at += count))
            }
            Content::Lane(lane) => {
                let chunk = match &self.chunk {
                    Some(chunk) => chunk,
                    None => match lane.take() {
                        Taken::Chunk(chunk) => self.chunk.insert(chunk),
                        Taken::Nothing => return Ok(Err(Fed::Idle)),
                        Taken::End => return Ok(Err(Fed::Over)),
                    },
                };
                let rest = usize::try_from(at).ok().and_then(|at| chunk.get(at..)).unwrap_or_default();
                let written = write(rest);
                let all = written == Ok(rest.len() as u64);
                self.at += written.unwrap_or(0);
                if all {
                    (self.chunk, self.at) = (None, 0);
                }
                Ok(written.map(|_| ()))
            }
            Content::Part(data, range) => {
                let from = range.start + at;
                if from >= range.end {
                    return Ok(Err(Fed::Over));
                }
                let left = usize::try_from(range.end - from).unwrap_or(usize::MAX);
                let shrank = || format!("input file {} shrank while it was read", data.name);
                if self.copied.is_none() {
                    let mut offset = from;
                    match splice(&data.file, Some(&mut offset), out, None, left, SpliceFlags::NONBLOCK) {
                        Ok(0) => return Err(shrank()),
                        // This kind of file can't be spliced.
                        Err(Errno::INVAL) => self.copied = Some((Vec::with_capacity(PIECE), 0)),
                        spliced => return Ok(done(spliced).map(|count| self.at += count)),
                    }
                }
                let Some((bytes, written)) = &mut self.copied else { return Ok(Err(Fed::Over)) };
                if *written == bytes.len() {
                    bytes.clear();
                    *written = 0;
                    match read_from(data.file.as_fd(), bytes, left.min(PIECE), from) {
                        Ok(0) => return Err(shrank()),
                        Ok(_) | Err(Errno::INTR) => {}
                        Err(error) => return Err(format!("cannot read input file {}: {error}", data.name)),
                    }
                }
                Ok(write(&bytes[*written..]).map(|count| {
                    self.at += count;
                    *written += usize::try_from(count).unwrap_or(0);
                }))
            }
        }
    }

    /// What is to be waited for at its descriptor.
    pub fn interest(fed: Fed) -> PollFlags {
        // That nobody reads any more is told in any case.
        if fed == Fed::Idle { PollFlags::empty() } else { PollFlags::OUT }
    }
}

impl Drop for Feeder<'_> {
    fn drop(&mut self) {
        if let Content::Lane(lane) = &self.body.content {
            lane.leave();
        }
    }
}

/// Writes all that a job reads to a file of its own, which is made here.
///
/// # Errors
/// Those of writing; what the job was to read can't be had.
pub fn write_file(body: &Body, path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(body.head.as_deref().unwrap_or_default())?;
    match &body.content {
        Content::Block(block) => file.write_all(block),
        Content::Lane(lane) => {
            while let Some(chunk) = lane.wait() {
                file.write_all(&chunk)?;
            }
            Ok(())
        }
        Content::Part(data, range) => {
            let (mut at, mut bytes) = (range.start, Vec::with_capacity(PIECE));
            while at < range.end {
                bytes.clear();
                let left = usize::try_from(range.end - at).unwrap_or(usize::MAX).min(PIECE);
                let count = read_from(data.file.as_fd(), &mut bytes, left, at)?;
                if count == 0 {
                    return Err(io::Error::other(format!("input file {} shrank while it was read", data.name)));
                }
                file.write_all(&bytes)?;
                at += count as u64;
            }
            Ok(())
        }
    }
}
