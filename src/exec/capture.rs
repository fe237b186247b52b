//! What one job writes to one stream: collected, spilled, or passed on while it runs.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::Arc;

use super::{Context, Events, SpillFile};
use crate::exec::results::Kept;
use crate::exec::spill::SpilledOutput;
use crate::model::{Buffer, BufferPool, Captured, Event, Seq, Stream};
use crate::options::Grouping;
use rustix::buffer::spare_capacity;
use rustix::io::Errno;

/// One stream of the slot's current job. Its buffer is used for one job after the other.
#[derive(Debug)]
pub struct Capture<'a> {
    cx: &'a Context<'a>,
    events: &'a Events<'a>,
    stream: Stream,
    pool: Arc<BufferPool>,
    spill: Arc<SpillFile>,
    buffer: Option<Buffer>,
    spilled: Option<SpilledOutput>,
    /// The file that all of it goes to as it comes, in place of anything else.
    kept: Option<Kept>,
    total: u64,
    /// The last line of what has left the buffer.
    last_line: Vec<u8>,
}

/// So many bytes of a line are kept for who asks what a job has written last.
const LINE: usize = 512;

/// Whose pieces may be passed on while the job runs.
#[derive(Clone, Copy, Debug)]
pub struct Passing<'a> {
    /// Whose they are.
    pub seq: Seq,
    /// The prefix of the lines.
    pub tag: Option<&'a Arc<[u8]>>,
    /// The job may be tried again, or its output is not to be printed before its end for another reason.
    pub hold: bool,
}

impl<'a> Capture<'a> {
    /// For one stream of one slot.
    pub fn new(cx: &'a Context<'a>, events: &'a Events<'a>, stream: Stream) -> Capture<'a> {
        let (pool, spill) = (Arc::clone(&cx.buffers), Arc::clone(&cx.spill));
        Capture {
            cx,
            events,
            stream,
            pool,
            spill,
            buffer: None,
            spilled: None,
            kept: None,
            total: 0,
            last_line: Vec::new(),
        }
    }

    /// Reads once. False: the end has been reached.
    ///
    /// # Errors
    /// Those of the temporary file; reading a pipe has none that matter.
    pub fn read(&mut self, fd: BorrowedFd<'_>, passing: &Passing<'_>) -> io::Result<bool> {
        let buffer = self.buffer.get_or_insert_with(|| self.pool.take());
        let before = buffer.len();
        let bytes = buffer.as_mut_vec();
        if bytes.capacity() == before {
            // The buffer has come back small, after its memory went along with a large output.
            self.pool.make_room(bytes);
        }
        let count = match rustix::io::read(fd, spare_capacity(bytes)) {
            Ok(count) => count,
            Err(Errno::INTR | Errno::AGAIN) => return Ok(true),
            // A pipe has no other errors; an end is the only way on.
            Err(_) => 0,
        };
        self.total += count as u64;
        if count == 0 {
            return Ok(false);
        }
        if let Some(kept) = &mut self.kept {
            Self::remember(&mut self.last_line, buffer);
            kept.write(buffer, &|| self.cx.control.is_over());
            buffer.as_mut_vec().clear();
            return Ok(true);
        }
        let full = buffer.spare() == 0;
        if self.cx.options.output.grouping == Grouping::LineBuffer && !passing.hold {
            let new = &buffer[before..];
            // As GNU parallel: what a progress bar draws over is a line, too, where there is no other.
            if let Some(end) = memchr::memrchr(b'\n', new).or_else(|| memchr::memrchr(b'\r', new)) {
                self.pass_on(before + end + 1, passing)?;
            } else if full {
                self.overflow()?;
            }
        } else if full {
            if self.stream == Stream::Out && !passing.hold && self.cx.has_turn(passing.seq) {
                // What each line is marked with must not come in the middle of one.
                let marked = passing.tag.is_some() || self.cx.options.output.color.is_on();
                let end = self.buffer.as_ref().map_or(0, |buffer| match memchr::memrchr(b'\n', buffer) {
                    newline if marked => newline.map_or(0, |newline| newline + 1),
                    _ => buffer.len(),
                });
                if end > 0 {
                    self.pass_on(end, passing)?;
                } else {
                    self.overflow()?;
                }
            } else {
                self.overflow()?;
            }
        }
        Ok(true)
    }

    /// From now on to the next [`Capture::kept`], all goes to this file.
    pub fn keep(&mut self, kept: Kept) {
        self.kept = Some(kept);
    }

    /// The file that it went to.
    pub fn kept(&mut self) -> Option<Kept> {
        let kept = self.kept.take();
        // What stood in it first counts, too (`-v`).
        self.total = kept.as_ref().map_or(self.total, Kept::total);
        kept
    }

    /// Everything that has not been passed on, and the number of all bytes. The next job can begin.
    ///
    /// # Errors
    /// Those of the temporary file.
    pub fn finish(&mut self) -> io::Result<(Captured, u64)> {
        let total = std::mem::take(&mut self.total);
        Ok((self.take()?, total))
    }

    /// Forgets what a job wrote that is to be tried again.
    pub fn discard(&mut self) {
        self.total = 0;
        self.last_line.clear();
        self.spilled = None;
        self.kept = None;
        if let Some(buffer) = &mut self.buffer {
            buffer.as_mut_vec().clear();
        }
    }

    /// What has been written last: the beginning of the last line that is not empty.
    pub fn last_line(&self) -> &[u8] {
        match self.buffer.as_deref().map(last_line) {
            Some(line) if !line.is_empty() => line,
            _ => &self.last_line,
        }
    }

    /// These bytes leave the buffer.
    fn remember(kept: &mut Vec<u8>, bytes: &[u8]) {
        let line = last_line(bytes);
        if !line.is_empty() {
            kept.clear();
            kept.extend_from_slice(line);
        }
    }

    fn pass_on(&mut self, end: usize, passing: &Passing<'_>) -> io::Result<()> {
        let mut rest = Vec::new();
        if let Some(buffer) = &mut self.buffer {
            Self::remember(&mut self.last_line, &buffer[..end]);
            rest.extend_from_slice(&buffer[end..]);
            buffer.as_mut_vec().truncate(end);
        }
        let bytes = self.take()?;
        if !rest.is_empty() {
            self.buffer.get_or_insert_with(|| self.pool.take()).as_mut_vec().extend_from_slice(&rest);
        }
        let (seq, stream) = (passing.seq, self.stream);
        let event = Event::Output { seq, tag: passing.tag.cloned(), stream, bytes };
        self.events.send(event);
        Ok(())
    }

    fn take(&mut self) -> io::Result<Captured> {
        let Some(buffer) = &mut self.buffer else { return Ok(Captured::Empty) };
        if self.spilled.is_none() {
            if buffer.is_empty() {
                return Ok(Captured::Empty);
            }
            if let Some(bytes) = self.pool.detach(buffer) {
                return Ok(Captured::Memory(bytes));
            }
        }
        self.overflow()?;
        Ok(self.spilled.take().map_or(Captured::Empty, |spilled| Captured::Spilled(Box::new(spilled))))
    }

    fn overflow(&mut self) -> io::Result<()> {
        if let Some(buffer) = &mut self.buffer {
            Self::remember(&mut self.last_line, buffer);
            self.spilled.get_or_insert_with(|| self.spill.output()).append(buffer)?;
            buffer.as_mut_vec().clear();
        }
        Ok(())
    }
}

/// The beginning of the last line that is not empty. What a progress bar has drawn over ends a line, too.
fn last_line(bytes: &[u8]) -> &[u8] {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let end = bytes.iter().rposition(|byte| !is_end(byte)).map_or(0, |last| last + 1);
    let start = memchr::memrchr2(b'\n', b'\r', &bytes[..end]).map_or(0, |newline| newline + 1);
    &bytes[start..end.min(start + LINE)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_the_last_that_says_something() {
        assert_eq!(last_line(b""), b"");
        assert_eq!(last_line(b"\n\r\n"), b"");
        assert_eq!(last_line(b"one\ntwo"), b"two");
        assert_eq!(last_line(b"one\ntwo\n\n"), b"two");
        assert_eq!(last_line(b"10 %\r20 %\r"), b"20 %");
        assert_eq!(last_line(&[b'x'; 3 * LINE]).len(), LINE);
    }
}
