//! Standard input, with a separator before each group of lines where that is asked for.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use anyhow::{Context, Result};
use rustix::io::Errno;

use super::keys::Keys;
use crate::model::Buffer;
use crate::sys::files::{grow_pipe, read_at_most};
use crate::sys::wake::{Wake, Woken};

/// What one read brings at most where lines are looked at.
pub const PIECE: usize = 256 << 10;

/// Standard input.
pub struct Stream {
    input: OwnedFd,
    groups: Option<Groups>,
}

/// What a read has ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Got {
    /// More bytes.
    Bytes,
    /// There are none any more.
    End,
    /// A call to stop.
    Stopped,
    /// The time is over.
    Late,
}

/// Lines with equal keys are a group (`--group-by`).
struct Groups {
    keys: Keys,
    separator: Vec<u8>,
    /// The key of the last line.
    last: Option<Vec<u8>>,
    /// What has been read, and is no whole line yet.
    raw: Vec<u8>,
    /// Lines with separators, from `at` on.
    out: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Stream {
    /// From where it stands.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn open() -> Result<Stream> {
        let input = io::stdin().as_fd().try_clone_to_owned().context(CANNOT)?;
        Ok(Stream { input, groups: None })
    }

    /// Makes room in the pipe that it comes from, for reads of so many bytes.
    pub fn grow(&self, size: usize) {
        grow_pipe(self.input.as_fd(), size);
    }

    /// From now on there is `separator` before each group of lines with the same key.
    pub fn group(&mut self, keys: Keys, separator: &[u8]) {
        let separator = separator.to_vec();
        let (raw, out) = (Vec::new(), Vec::new());
        self.groups = Some(Groups { keys, separator, last: None, raw, out, at: 0, ended: false });
    }

    /// These bytes have been read already, and are lines as those that come.
    pub fn unread(&mut self, bytes: Vec<u8>) {
        if let Some(groups) = &mut self.groups {
            groups.raw = bytes;
        }
    }

    /// Reads once, `most` bytes at most.
    ///
    /// # Errors
    /// Those of reading; a line without a key.
    pub fn read(&mut self, bytes: &mut Buffer, most: usize, stop: &Wake, deadline: Option<Instant>) -> Result<Got> {
        let Some(groups) = &mut self.groups else { return read(&self.input, bytes.as_mut_vec(), most, stop, deadline) };
        loop {
            let ready = &groups.out[groups.at..];
            if !ready.is_empty() {
                let count = ready.len().min(most);
                bytes.as_mut_vec().extend_from_slice(&ready[..count]);
                groups.at += count;
                return Ok(Got::Bytes);
            }
            if groups.ended {
                return Ok(Got::End);
            }
            groups.raw.reserve(PIECE);
            match read(&self.input, &mut groups.raw, PIECE, stop, deadline)? {
                Got::Bytes => {}
                Got::End => groups.ended = true,
                got => return Ok(got),
            }
            if !groups.separate(stop)? {
                return Ok(Got::Stopped);
            }
        }
    }
}

impl Groups {
    /// False: a call to stop.
    fn separate(&mut self, stop: &Wake) -> Result<bool> {
        self.out.clear();
        self.at = 0;
        let end = if self.ended { self.raw.len() } else { memchr::memrchr(b'\n', &self.raw).map_or(0, |end| end + 1) };
        let goes_on = self.keys.each(&self.raw[..end], &|| stop.is_called(), |line, key| {
            if self.last.as_deref() != Some(key) {
                self.out.extend_from_slice(&self.separator);
                self.last = Some(key.to_vec());
            }
            self.out.extend_from_slice(line);
        })?;
        self.raw.drain(..end);
        Ok(goes_on)
    }
}

const CANNOT: &str = "cannot read standard input";

fn read(input: &OwnedFd, bytes: &mut Vec<u8>, most: usize, stop: &Wake, deadline: Option<Instant>) -> Result<Got> {
    loop {
        match stop.or_readable_until(input.as_fd(), deadline).context(CANNOT)? {
            Woken::Readable => {}
            Woken::Called => return Ok(Got::Stopped),
            Woken::Late => return Ok(Got::Late),
        }
        match read_at_most(input.as_fd(), bytes, most) {
            Ok(0) => return Ok(Got::End),
            Ok(_) => return Ok(Got::Bytes),
            // AGAIN: somebody else has read what poll saw, or the descriptor doesn't block.
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Err(error).context(CANNOT),
        }
    }
}
