//! Standard input as a stream of blocks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use rustix::rand::{GetRandomFlags, getrandom};

use super::keys::{Keys, StartPerl};
use super::rule::{Eraser, Rule};
use super::stream::{Got, PIECE, Stream};
use crate::diag::{Diag, escape};
use crate::model::{Block, Buffer, BufferPool};
use crate::options::{BlockSize, PipeOptions};
use crate::sys::wake::Wake;
use crate::template::pattern::Pattern;

/// A block never grows beyond this (as GNU parallel's).
const LONGEST: usize = (1 << 31) - 1;

/// Cuts standard input into blocks, as GNU parallel does.
pub struct Blocks {
    stream: Stream,
    /// `--group-by`, until the header has been read.
    group_by: Option<Keys>,
    size: usize,
    rule: Rule,
    eraser: Option<Eraser>,
    /// `-N`.
    count: Option<usize>,
    skip_first: bool,
    skip_blank: bool,
    header: Option<Pattern>,
    head: Option<Arc<[u8]>>,
    timeout: Option<Duration>,
    pool: Arc<BufferPool>,
    /// What has been read and is in no block yet, from `start` on.
    buffer: Buffer,
    start: usize,
    /// What is in the buffer is being cut.
    cutting: bool,
    /// A block has been cut since the last look at the input.
    some: bool,
    begun: bool,
    ended: bool,
    over: bool,
}

/// What there was to cut.
pub enum Cut {
    /// A block.
    Block(Block),
    /// The end.
    End,
    /// A call to stop.
    Stopped,
}

impl Blocks {
    /// Nothing is read yet.
    ///
    /// # Errors
    /// A pattern that is not understood; no descriptor is left.
    pub fn new(options: &PipeOptions, start_perl: StartPerl<'_>) -> Result<Blocks> {
        let size = match options.block {
            BlockSize::Bytes(size) => size.min(LONGEST),
            BlockSize::PerSlot(_) => LONGEST,
        };
        let pool = BufferPool::new(size, 0);
        Ok(Blocks {
            stream: Stream::open()?,
            group_by: options.group_by.as_ref().map(|rule| Keys::open("--group-by", rule, start_perl)).transpose()?,
            size,
            rule: Rule::new(&options.records)?,
            eraser: Eraser::new(&options.records)?,
            count: options.records.count,
            skip_first: options.skip_first,
            skip_blank: options.skip_blank,
            header: options.header.as_deref().map(header).transpose()?,
            head: None,
            timeout: options.timeout,
            buffer: Buffer::from(Vec::new()),
            pool,
            start: 0,
            cutting: false,
            some: true,
            begun: false,
            ended: false,
            over: false,
        })
    }

    /// What comes first in each block. Known when the first block is.
    pub fn head(&self) -> Option<&Arc<[u8]>> {
        self.head.as_ref()
    }

    /// The next block.
    ///
    /// # Errors
    /// Those of reading.
    pub fn next(&mut self, stop: &Wake, diag: &Diag) -> Result<Cut> {
        if !self.begun {
            self.begun = true;
            // Where it is no pipe, or the user has no pages left for pipes, it is read in smaller pieces.
            self.stream.grow(self.size);
            if !(self.pass_first_line(stop)? && self.take_header(stop)? && self.group(stop)?) {
                return Ok(Cut::Stopped);
            }
            if self.ended {
                self.look();
            }
        }
        loop {
            if self.cutting {
                if let Some(length) = self.rule.cut(&self.buffer[self.start..], self.ended) {
                    self.cutting = self.rule.repeats();
                    self.some = true;
                    return Ok(self.take(length));
                }
                self.cutting = false;
            }
            if self.over {
                return Ok(Cut::End);
            }
            if self.ended {
                self.over = true;
                let rest = self.buffer.len() - self.start;
                return Ok(if rest > 0 { self.take(rest) } else { Cut::End });
            }
            if !std::mem::replace(&mut self.some, true) && self.timeout.is_none() && self.size < LONGEST {
                // As GNU parallel: the record may be longer than a block.
                let was = self.size;
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no more than LONGEST")]
                let grown = (was as f64 * 1.3 + 1.0).ceil().min(LONGEST as f64) as usize;
                self.size = grown;
                diag.warn(format_args!("A record was longer than {was}. Increasing to --block {grown}."));
            }
            let have = self.buffer.len() - self.start;
            let wanted = self.size - have % self.size;
            if !self.read(wanted, stop)? {
                return Ok(Cut::Stopped);
            }
            self.look();
        }
    }

    /// Goes on to cut what is at hand.
    fn look(&mut self) {
        if self.skip_blank {
            let from = self.start;
            erase_blank_lines(self.buffer.as_mut_vec(), from);
            if self.buffer.len() == from {
                // As GNU parallel: that is no sign of a long record.
                return;
            }
        }
        (self.cutting, self.some) = (true, false);
    }

    /// What comes next, whatever it is.
    ///
    /// # Errors
    /// Those of reading.
    pub fn next_bytes(&mut self, stop: &Wake) -> Result<Cut> {
        if !std::mem::replace(&mut self.begun, true) {
            self.stream.grow(PIECE);
        }
        let mut bytes = Buffer::from(Vec::with_capacity(PIECE));
        Ok(match self.stream.read(&mut bytes, PIECE, stop, None)? {
            Got::Bytes => Cut::Block(Block::new(bytes, 0)),
            Got::Stopped => Cut::Stopped,
            Got::End | Got::Late => Cut::End,
        })
    }

    /// The first so many bytes of those that are at hand.
    fn take(&mut self, length: usize) -> Cut {
        let end = self.start + length;
        let rest = self.buffer.len() - end;
        if let Some(eraser) = &self.eraser {
            let left = eraser.erase(&self.buffer[self.start..end]);
            self.start = end;
            return Cut::Block(Block::new(left.into(), 0));
        }
        if rest > length {
            let block = self.buffer[self.start..end].to_vec();
            self.start = end;
            return Cut::Block(Block::new(block.into(), 0));
        }
        // The block goes along with its memory; what is behind it moves to another.
        let mut next = if self.ended { Buffer::from(Vec::new()) } else { self.pool.take() };
        next.as_mut_vec().extend_from_slice(&self.buffer[end..]);
        let mut block = std::mem::replace(&mut self.buffer, next);
        block.as_mut_vec().truncate(end);
        Cut::Block(Block::new(block, std::mem::take(&mut self.start)))
    }

    /// Reads so many bytes, or up to the end of the input, or as long as a block may wait. False: a call to stop.
    fn read(&mut self, wanted: usize, stop: &Wake) -> Result<bool> {
        if self.start > 0 {
            let start = std::mem::take(&mut self.start);
            self.buffer.as_mut_vec().drain(..start);
        }
        if self.buffer.as_mut_vec().capacity() == 0 {
            self.buffer = self.pool.take();
        }
        let bytes = self.buffer.as_mut_vec();
        let full = bytes.len() + wanted;
        bytes
            .try_reserve(wanted)
            .map_err(|_| anyhow!("no memory for a block of {full} bytes: give a smaller --block"))?;
        let deadline = self.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        while self.buffer.len() < full {
            let left = full - self.buffer.len();
            match self.stream.read(&mut self.buffer, left, stop, deadline)? {
                Got::Bytes => {}
                Got::End => {
                    self.ended = true;
                    return Ok(true);
                }
                Got::Stopped => return Ok(false),
                Got::Late => return Ok(true),
            }
        }
        Ok(true)
    }

    /// Throws the first line away.
    fn pass_first_line(&mut self, stop: &Wake) -> Result<bool> {
        while self.skip_first {
            if !self.read(1, stop)? {
                return Ok(false);
            }
            let last = self.buffer.as_mut_vec().pop();
            self.skip_first = !(self.ended || last == Some(b'\n'));
        }
        Ok(true)
    }

    /// Reads the names of the columns, if they are needed, and separates groups from then on.
    fn group(&mut self, stop: &Wake) -> Result<bool> {
        let Some(mut keys) = self.group_by.take() else { return Ok(true) };
        if keys.needs_header() {
            let Some(line) = self.first_line(stop)? else { return Ok(false) };
            keys.read_header(&line)?;
            self.head = Some(line.into());
        }
        const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut separator = [0u8; 20];
        getrandom(&mut separator, GetRandomFlags::empty())?;
        separator.iter_mut().for_each(|byte| *byte = LETTERS[usize::from(*byte) % LETTERS.len()]);
        self.rule = Rule::Text { both: separator.to_vec(), end: 0, count: self.count };
        self.eraser = Some(Eraser::Text(separator.to_vec(), Vec::new()));
        self.stream.group(keys, &separator);
        let have = self.buffer.as_mut_vec().split_off(self.start);
        self.stream.unread(have);
        self.ended = false;
        Ok(true)
    }

    /// Takes the first line; `None`: a call to stop.
    ///
    /// # Errors
    /// Those of reading.
    pub fn first_line(&mut self, stop: &Wake) -> Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            if self.start == self.buffer.len() && !self.read(1, stop)? {
                return Ok(None);
            }
            let have = &self.buffer[self.start..];
            if have.is_empty() && self.ended {
                return Ok(Some(line));
            }
            let newline = memchr::memchr(b'\n', have);
            let end = newline.map_or(have.len(), |newline| newline + 1);
            line.extend_from_slice(&have[..end]);
            self.start += end;
            if newline.is_some() {
                return Ok(Some(line));
            }
        }
    }

    /// Reads what is to come first in each block.
    fn take_header(&mut self, stop: &Wake) -> Result<bool> {
        let Some(header) = self.header.take() else { return Ok(true) };
        if self.group_by.as_ref().is_some_and(Keys::needs_header) {
            // As GNU parallel: the line with the names of the columns is the header.
            return Ok(true);
        }
        while !self.ended {
            if !self.read(self.size, stop)? {
                return Ok(false);
            }
            if let Some(found) = header.find_at(&self.buffer, 0) {
                self.head = Some(self.buffer[..found.end].into());
                self.start = found.end;
                break;
            }
        }
        Ok(true)
    }
}

/// `--header`, as GNU parallel reads it.
///
/// # Errors
/// A pattern that is not understood.
pub fn header(text: &[u8]) -> Result<Pattern> {
    const LINE: &[u8] = b"(?:.*\n)";
    let pattern = match std::str::from_utf8(text).ok().and_then(|text| text.parse::<usize>().ok()) {
        Some(lines) => LINE.repeat(lines),
        None if text == b":" => LINE.to_vec(),
        None => text.to_vec(),
    };
    let compiled = Pattern::compile(&[b"^(?:", &pattern[..], b")"].concat(), "");
    compiled.map_err(|reason| anyhow!("--header '{}': {reason}", escape(text)))
}

/// Takes out lines of white space only (as GNU parallel's `s/^\s*\n//gm`).
fn erase_blank_lines(bytes: &mut Vec<u8>, from: usize) {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let (mut read, mut write) = (from, from);
    while read < bytes.len() {
        let space = bytes[read..].iter().take_while(|byte| is_space(byte)).count();
        if let Some(newline) = memchr::memrchr(b'\n', &bytes[read..read + space]) {
            read += newline + 1;
        }
        let end = memchr::memchr(b'\n', &bytes[read..]).map_or(bytes.len(), |newline| read + newline + 1);
        bytes.copy_within(read..end, write);
        write += end - read;
        read = end;
    }
    bytes.truncate(write);
}
