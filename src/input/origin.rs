//! Bytes of one input, as many at a time as are needed: read into a buffer, or mapped in windows.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use anyhow::{Context, Result, bail};
use rustix::buffer::spare_capacity;
use rustix::fs::{FileType, Mode, OFlags, SeekFrom, fstat, open, seek};
use rustix::io::Errno;

use crate::diag::escape;
use crate::sys::map::{Window, page_size};
use crate::sys::wake::Wake;

/// How much is asked for at a time, in bytes. Tests make it tiny.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Of a mapped window. Mapped pages count as our memory.
    pub window: usize,
    /// Of the buffer of a stream: what one read may bring. A pipe holds 64 KiB unless somebody made it larger.
    pub buffer: usize,
    /// The longest value.
    pub value: usize,
}

impl Sizes {
    /// What a run uses.
    pub const REAL: Sizes = Sizes { window: 1 << 20, buffer: 128 << 10, value: 1 << 31 };
}

/// Some of the bytes of an input, contiguous.
pub enum Origin {
    /// Bytes in memory, and perhaps a stream that brings more.
    Buffer(Buffer),
    /// A regular file.
    Mapped(Mapped),
}

/// The bytes that have been asked for.
#[must_use]
pub struct More {
    /// All positions in the bytes have moved down by so much.
    pub shift: usize,
    /// What has come.
    pub got: Got,
}

/// What has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Got {
    /// More bytes.
    Bytes,
    /// The end: there are no more.
    End,
    /// A call to stop, before any bytes.
    Stopped,
}

impl Origin {
    /// Bytes that are in memory as a whole.
    pub fn memory(bytes: Vec<u8>) -> Origin {
        Origin::Buffer(Buffer { stream: None, bytes, whole: true })
    }

    /// A file, to be mapped if it is a regular one, otherwise (pipes, terminals, /proc) to be read. Answers where in the
    /// bytes at hand it begins, too.
    ///
    /// # Errors
    /// A file that can't be opened; a directory.
    pub fn file(path: &Path, sizes: Sizes) -> Result<(Origin, usize)> {
        // Without NONBLOCK, the open itself would wait for the writer of a FIFO, and nothing could end that wait.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let name = path.as_os_str().as_encoded_bytes();
        let fd =
            open(path, flags, Mode::empty()).with_context(|| format!("cannot open input file {}", escape(name)))?;
        Origin::descriptor(fd, false, sizes).with_context(|| format!("cannot read input file {}", escape(name)))
    }

    /// Standard input, from where it stands.
    ///
    /// # Errors
    /// A directory; no descriptor is left.
    pub fn stdin(sizes: Sizes) -> Result<(Origin, usize)> {
        let open = || {
            let fd = io::stdin().as_fd().try_clone_to_owned()?;
            Origin::descriptor(fd, true, sizes)
        };
        open().context("cannot read standard input")
    }

    /// What a descriptor brings, from where it stands. `shared`: others will go on to read where we stop.
    ///
    /// # Errors
    /// A directory.
    pub fn open(fd: OwnedFd, shared: bool, sizes: Sizes) -> io::Result<(Origin, usize)> {
        Origin::descriptor(fd, shared, sizes)
    }

    /// Leaves the bytes from `next` on to whoever reads the same file after us. Where a stream can't go back, they are lost.
    pub fn leave(&self, next: usize) {
        match self {
            Origin::Buffer(Buffer { stream: Some(stream), bytes, .. }) => {
                let back = i64::try_from(bytes.len() - next).unwrap_or(0);
                seek(stream, SeekFrom::Current(-back)).ok();
            }
            Origin::Mapped(mapped) if mapped.shared => {
                self.leave_at(mapped.base + next as u64);
            }
            _ => {}
        }
    }

    /// Where the byte at `next` stands in the file, if what we leave can be read by others: for [`Origin::leave_at`].
    pub fn place(&self, next: usize) -> Option<u64> {
        match self {
            Origin::Mapped(mapped) if mapped.shared => Some(mapped.base + next as u64),
            _ => None,
        }
    }

    /// As [`Origin::leave`], from this place in the file on.
    pub fn leave_at(&self, place: u64) {
        if let Origin::Mapped(mapped) = self {
            seek(&mapped.file, SeekFrom::Start(place)).ok();
        }
    }

    /// As above. `shared`: others will go on to read where we stop.
    fn descriptor(fd: OwnedFd, shared: bool, sizes: Sizes) -> io::Result<(Origin, usize)> {
        let status = fstat(&fd)?;
        let kind = FileType::from_raw_mode(status.st_mode);
        if kind == FileType::Directory {
            return Err(Errno::ISDIR.into());
        }
        let end = u64::try_from(status.st_size).unwrap_or(0);
        if kind == FileType::RegularFile {
            let start = if shared { seek(&fd, SeekFrom::Current(0))? } else { 0 };
            let mut mapped = Mapped::new(File::from(fd), shared, start..end, sizes.window);
            // Files of /proc claim to be empty and have bytes to read; some of /sys claim a page and can't be mapped.
            if start < end
                && let Ok(next) = mapped.rewind(start)
            {
                return Ok((Origin::Mapped(mapped), next));
            }
            return Ok((Origin::stream(mapped.file.into(), sizes), 0));
        }
        Ok((Origin::stream(fd, sizes), 0))
    }

    /// What a descriptor brings, read by read.
    pub fn stream(fd: OwnedFd, sizes: Sizes) -> Origin {
        Origin::Buffer(Buffer { stream: Some(fd), bytes: Vec::with_capacity(sizes.buffer), whole: true })
    }

    /// The bytes at hand.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Origin::Buffer(buffer) => &buffer.bytes,
            Origin::Mapped(mapped) => mapped.bytes(),
        }
    }

    /// Makes more bytes come to hand; of those that are at hand, the ones from `keep` on stay. Waits where it must, until
    /// `stop` is called.
    ///
    /// # Errors
    /// Those of reading; a mapped file that shrank.
    pub fn more(&mut self, keep: usize, stop: &Wake) -> Result<More> {
        match self {
            Origin::Buffer(buffer) => Ok(buffer.more(keep, stop)?),
            Origin::Mapped(mapped) => mapped.more(keep),
        }
    }

    /// Whether the bytes at hand are those of the file: to be asked before anything that was cut from them is used.
    ///
    /// # Errors
    /// A mapped file that shrank.
    pub fn verify(&self) -> Result<()> {
        match self {
            Origin::Buffer(_) => Ok(()),
            Origin::Mapped(mapped) => mapped.verify(),
        }
    }
}

/// Bytes in memory, and perhaps a stream that brings more.
pub struct Buffer {
    /// `None` once it has ended.
    stream: Option<OwnedFd>,
    bytes: Vec<u8>,
    /// No bytes have been given up: the first at hand are the first of all.
    whole: bool,
}

impl Buffer {
    /// All bytes of the input, if they are here.
    pub fn all(&self) -> Option<&[u8]> {
        (self.whole && self.stream.is_none()).then_some(&self.bytes[..])
    }

    fn more(&mut self, keep: usize, stop: &Wake) -> io::Result<More> {
        let Some(stream) = &self.stream else { return Ok(More { shift: 0, got: Got::End }) };
        self.whole &= keep == 0;
        self.bytes.drain(..keep);
        if self.bytes.len() == self.bytes.capacity() {
            self.bytes.reserve(self.bytes.capacity().max(1));
        }
        let got = loop {
            if !stop.or_readable(stream.as_fd())? {
                break Got::Stopped;
            }
            match rustix::io::read(stream, spare_capacity(&mut self.bytes)) {
                Ok(0) => {
                    self.stream = None;
                    break Got::End;
                }
                Ok(_) => break Got::Bytes,
                // AGAIN: somebody else has read what poll saw, or the descriptor doesn't block.
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        };
        Ok(More { shift: keep, got })
    }
}

/// A regular file, seen through one window at a time.
pub struct Mapped {
    file: File,
    /// Standard input, whose offset goes along, so that `{ fanout …; cat; } < list` is what one would expect.
    shared: bool,
    /// Where the input starts and, so far as is known, ends.
    range: std::ops::Range<u64>,
    /// Whether what is appended to the file while it is read is no longer of interest: somebody knows the total.
    frozen: bool,
    /// Where the window starts.
    base: u64,
    window: Option<Window>,
    size: usize,
}

impl Mapped {
    fn new(file: File, shared: bool, range: std::ops::Range<u64>, size: usize) -> Mapped {
        Mapped { file, shared, base: range.start, range, frozen: false, window: None, size }
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Where the input starts and ends in the file.
    pub fn range(&self) -> std::ops::Range<u64> {
        self.range.clone()
    }

    /// From now on, the end is the one that is known now.
    pub fn freeze(&mut self) {
        self.frozen = true;
    }

    /// Where in the file the bytes at hand begin.
    pub fn base(&self) -> u64 {
        self.base
    }

    fn bytes(&self) -> &[u8] {
        self.window.as_ref().map_or(&[], Window::bytes)
    }

    /// Brings the byte at `offset` to hand and answers its position.
    ///
    /// # Errors
    /// Those of mmap.
    pub fn rewind(&mut self, offset: u64) -> io::Result<usize> {
        let position = (offset % page_size() as u64) as usize;
        self.show(offset - position as u64, position + self.size)?;
        Ok(position)
    }

    /// Moves the window; the old one is released first.
    fn show(&mut self, base: u64, length: usize) -> io::Result<()> {
        self.window = None;
        self.base = base;
        let rest = usize::try_from(self.range.end - base).unwrap_or(usize::MAX);
        let length = length.min(rest);
        if length > 0 {
            self.window = Some(Window::map(&self.file, base, length)?);
        }
        if self.shared {
            seek(&self.file, SeekFrom::Start(base + length as u64))?;
        }
        Ok(())
    }

    fn more(&mut self, keep: usize) -> Result<More> {
        self.verify()?;
        let length = self.bytes().len();
        if self.base + length as u64 == self.range.end {
            // As `cat` would, go on with what was appended meanwhile.
            let end = self.length()?;
            if self.frozen || end <= self.range.end {
                return Ok(More { shift: 0, got: Got::End });
            }
            self.range.end = end;
        }
        let shift = keep - keep % page_size();
        let kept = length - shift;
        // A value that fills the window makes it grow, twofold, so that it is not searched again and again.
        let wanted = if kept <= self.size / 2 { self.size } else { (2 * kept).next_multiple_of(page_size()) };
        self.show(self.base + shift as u64, wanted)?;
        Ok(More { shift, got: Got::Bytes })
    }

    /// How long the file is now.
    fn length(&self) -> io::Result<u64> {
        Ok(u64::try_from(fstat(&self.file)?.st_size).unwrap_or(0))
    }

    fn verify(&self) -> Result<()> {
        let Some(window) = &self.window else { return Ok(()) };
        // The rest of a file's last page reads as zeros without any fault, so the length has to be asked, too.
        if self.length()? < self.base + window.bytes().len() as u64 {
            bail!("it shrank while it was read");
        }
        if window.is_torn() {
            bail!("its pages could not be had: it changed while it was read, or its device failed");
        }
        Ok(())
    }
}
