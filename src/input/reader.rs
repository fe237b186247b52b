//! One input, cut into values at a delimiter.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, bail};
use memchr::{memchr, memchr_iter, memmem};

use super::origin::{Got, Origin, Sizes};
use super::tally::{self, Cut, Delimiter};
use crate::diag::{Diag, escape};
use crate::sys::wake::Wake;

/// One input as a stream of values.
pub struct Reader {
    /// For messages.
    name: String,
    origin: Origin,
    cut: Cut,
    longest: usize,
    /// Where the next value starts in the bytes at hand.
    next: usize,
    /// From `next` to here, there is no delimiter that counts.
    searched: usize,
    /// From `next` to `searched`, a quote has been opened and not closed.
    in_quotes: bool,
    /// Where the first value starts, as [`Reader::mark`] tells.
    start: u64,
    /// The value that ends the input was found.
    closed: bool,
    /// Whether a NUL was ever seen among the bytes, so that each value must be asked for one.
    nul_seen: bool,
    value: Value,
    /// The value, where its NULs had to be replaced, or where it was joined.
    replaced: Vec<u8>,
    /// A value that ends in white space goes on with the next one.
    joins: bool,
}

/// Where the value is that was cut last.
#[derive(Clone)]
enum Value {
    /// In the bytes at hand.
    InPlace(Range<usize>),
    /// In `replaced`.
    Replaced,
}

/// Where an input stands.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// Where the next value starts, from the start of a file, or of what is in memory.
    next: u64,
    closed: bool,
}

/// What there was to cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A value.
    Value,
    /// The end of the input.
    End,
    /// A call to stop.
    Stopped,
}

impl Reader {
    /// The words of the command line. Each is split at the delimiter, as GNU parallel does: `::: $'a\nb'` is two values.
    pub fn words(words: &[Vec<u8>], cut: Cut, sizes: Sizes) -> Reader {
        let mut bytes = Vec::with_capacity(words.iter().map(|word| word.len() + 1).sum());
        for word in words {
            bytes.extend_from_slice(word);
            bytes.extend_from_slice(cut.delimiter.bytes());
        }
        Reader::new("the command line".to_owned(), Origin::memory(bytes), 0, cut, sizes)
    }

    /// A file.
    ///
    /// # Errors
    /// A file that can't be opened; a directory.
    pub fn file(path: &Path, cut: Cut, sizes: Sizes) -> Result<Reader> {
        let (origin, next) = Origin::file(path, sizes)?;
        let name = format!("input file {}", escape(path.as_os_str().as_encoded_bytes()));
        Ok(Reader::new(name, origin, next, cut, sizes))
    }

    /// Standard input.
    ///
    /// # Errors
    /// A directory; no descriptor is left.
    pub fn stdin(cut: Cut, sizes: Sizes) -> Result<Reader> {
        let (origin, next) = Origin::stdin(sizes)?;
        Ok(Reader::new("standard input".to_owned(), origin, next, cut, sizes))
    }

    /// What `origin` holds from position `next` on.
    pub fn new(name: String, origin: Origin, next: usize, cut: Cut, sizes: Sizes) -> Reader {
        let mut reader = Reader {
            name,
            origin,
            cut,
            longest: sizes.value,
            next,
            searched: next,
            in_quotes: false,
            start: 0,
            closed: false,
            nul_seen: false,
            value: Value::InPlace(0..0),
            replaced: Vec::new(),
            joins: false,
        };
        reader.start = reader.mark().next;
        reader.look_for_nul(next);
        reader
    }

    /// The same, but a value that ends in white space goes on with the next one (`-L`).
    pub fn joining(self, joins: bool) -> Reader {
        Reader { joins, ..self }
    }

    /// Cuts the next value.
    ///
    /// # Errors
    /// Those of reading; a mapped file that shrank; a value that is longer than anything could use; a quote that is not closed.
    #[inline]
    pub fn advance(&mut self, stop: &Wake, diag: &mut Warner<'_>) -> Result<Step> {
        if self.joins { self.advance_joined(stop, diag) } else { self.advance_single(stop, diag) }
    }

    /// Cuts the next value, which is as many as GNU parallel joins: it looks at what it has joined so far when it asks
    /// whether that is blank, and whether that ends in white space. The end of the input ends any.
    #[inline(never)]
    fn advance_joined(&mut self, stop: &Wake, diag: &mut Warner<'_>) -> Result<Step> {
        let mut joined: Option<Vec<u8>> = None;
        loop {
            match self.advance_single(stop, diag)? {
                Step::Value => {}
                Step::End if joined.is_some() => break,
                step => return Ok(step),
            }
            let so_far = joined.get_or_insert_default();
            so_far.extend_from_slice(self.value());
            let length = so_far.len();
            self.verify()?;
            self.check_length(length)?;
            let goes_on = so_far.last().is_some_and(|byte| tally::is_blank(&[*byte]));
            if self.cut.skip_blank && tally::is_blank(so_far) {
                joined = None;
            } else if !goes_on {
                break;
            }
        }
        self.replaced = joined.unwrap_or_default();
        self.value = Value::Replaced;
        Ok(Step::Value)
    }

    #[inline]
    fn advance_single(&mut self, stop: &Wake, diag: &mut Warner<'_>) -> Result<Step> {
        loop {
            let step = self.cut_next(stop)?;
            let plain = !self.nul_seen && !self.cut.skip_blank && self.cut.end_of_file.is_none();
            if plain || step != Step::Value {
                return Ok(step);
            }
            if let Some(step) = self.finish(diag)? {
                return Ok(step);
            }
        }
    }

    /// Cuts the next value as it is, blank or not; it is not counted as one.
    ///
    /// # Errors
    /// As [`Reader::advance`].
    pub fn take_first(&mut self, stop: &Wake) -> Result<Step> {
        let step = self.cut_next(stop)?;
        self.start = self.mark().next;
        Ok(step)
    }

    #[inline]
    fn cut_next(&mut self, stop: &Wake) -> Result<Step> {
        if self.closed {
            return Ok(Step::End);
        }
        loop {
            let bytes = self.origin.bytes();
            let found = match &self.cut.delimiter {
                Delimiter::Byte(byte) => find(*byte, &bytes[self.searched..]),
                Delimiter::Bytes(delimiter) => memmem::find(&bytes[self.searched..], delimiter),
            };
            let width = self.cut.delimiter.bytes().len();
            let (end, next) = match found {
                Some(length) => (self.searched + length, self.searched + length + width),
                None => {
                    // A part of the delimiter may be here already.
                    let searched = bytes.len().saturating_sub(width - 1).max(self.searched);
                    self.pass(searched);
                    match self.pull(stop)? {
                        Got::Bytes => continue,
                        Got::Stopped => return Ok(Step::Stopped),
                        Got::End => {
                            let end = self.origin.bytes().len();
                            // What follows the last delimiter is a value, too, unless it is empty.
                            if self.next == end {
                                return Ok(Step::End);
                            }
                            self.pass(end);
                            if self.in_quotes {
                                bail!("{}: not CSV: a quote is not closed", self.name);
                            }
                            (end, end)
                        }
                    }
                }
            };
            if self.cut.quoted {
                self.pass(end);
                if self.in_quotes {
                    self.searched = next;
                    continue;
                }
            }
            self.value = Value::InPlace(self.next..end);
            self.next = next;
            self.searched = next;
            return Ok(Step::Value);
        }
    }

    /// No delimiter that counts is before this.
    #[inline]
    fn pass(&mut self, searched: usize) {
        if self.cut.quoted {
            let quotes = memchr_iter(b'"', &self.origin.bytes()[self.searched..searched]).count();
            self.in_quotes ^= quotes % 2 == 1;
        }
        self.searched = searched;
    }

    /// Looks at the value that was just cut: passes over a blank one (`None`), ends the input where it says so, and replaces NULs.
    fn finish(&mut self, diag: &mut Warner<'_>) -> Result<Option<Step>> {
        let value = self.value();
        if self.cut.end_of_file.as_deref() == Some(value) {
            self.verify()?;
            self.closed = true;
            return Ok(Some(Step::End));
        }
        if self.cut.skip_blank && !self.joins && tally::is_blank(value) {
            return Ok(None);
        }
        if self.nul_seen && !self.cut.keep_nul {
            let replaced = without_nul(value);
            if let Some(replaced) = replaced {
                // Torn pages read as NULs, which are not the input's.
                self.verify()?;
                diag.nul_replaced();
                self.check_length(replaced.len())?;
                self.replaced = replaced;
                self.value = Value::Replaced;
            }
        }
        Ok(Some(Step::Value))
    }

    /// The value that was cut last, with its NULs replaced.
    #[inline]
    pub fn value(&self) -> &[u8] {
        match &self.value {
            Value::InPlace(range) => &self.origin.bytes()[range.clone()],
            Value::Replaced => &self.replaced,
        }
    }

    /// Whether what was cut since the last bytes came is what the input held: to be asked before it is used.
    ///
    /// # Errors
    /// A mapped file that shrank.
    pub fn verify(&self) -> Result<()> {
        self.origin.verify().with_context(|| self.cannot_read())
    }

    /// Reads what is still to come into memory (a regular file can be read again and stays where it is). False: stopped.
    ///
    /// # Errors
    /// As [`Reader::advance`].
    pub fn slurp(&mut self, stop: &Wake) -> Result<bool> {
        if let Origin::Mapped(mapped) = &mut self.origin {
            mapped.freeze();
            return Ok(true);
        }
        loop {
            match self.pull_any(stop)? {
                Got::Bytes => {}
                Got::End => return Ok(true),
                Got::Stopped => return Ok(false),
            }
        }
    }

    /// Where the next value starts, for [`Reader::rewind`]. Only after [`Reader::slurp`].
    pub fn mark(&self) -> Mark {
        let next = match &self.origin {
            Origin::Buffer(_) => self.next as u64,
            Origin::Mapped(mapped) => mapped.base() + self.next as u64,
        };
        Mark { next, closed: self.closed }
    }

    /// Goes back to where [`Reader::mark`] was called. The value that was cut last is gone.
    ///
    /// # Errors
    /// Those of mmap.
    pub fn rewind(&mut self, mark: Mark) -> Result<()> {
        let next = match &mut self.origin {
            Origin::Buffer(_) => Ok(usize::try_from(mark.next).unwrap_or(usize::MAX)),
            Origin::Mapped(mapped) => mapped.rewind(mark.next),
        };
        (self.closed, self.in_quotes) = (mark.closed, false);
        self.next = next.with_context(|| self.cannot_read())?;
        self.searched = self.next;
        self.value = Value::InPlace(0..0);
        Ok(())
    }

    /// Whether no value has to be waited for.
    pub fn is_at_hand(&self) -> bool {
        match &self.origin {
            Origin::Buffer(buffer) => buffer.all().is_some(),
            Origin::Mapped(_) => true,
        }
    }

    /// How many values there are from the first to the end of the input, if that can be known without waiting.
    pub fn count(&self, counter: &tally::Counter, window: usize) -> Option<u64> {
        if self.joins {
            return None;
        }
        match &self.origin {
            Origin::Buffer(buffer) => self.cut.count(buffer.all()?.get(usize::try_from(self.start).ok()?..)?),
            Origin::Mapped(mapped) => counter.file(mapped.file(), self.start..mapped.range().end, &self.cut, window),
        }
    }

    /// More bytes, and never more for one value than a value may have.
    fn pull(&mut self, stop: &Wake) -> Result<Got> {
        self.check_length(self.origin.bytes().len().saturating_sub(self.next))?;
        self.pull_any(stop)
    }

    fn pull_any(&mut self, stop: &Wake) -> Result<Got> {
        let had = self.origin.bytes().len();
        let keep = self.next.min(had);
        let more = self.origin.more(keep, stop).with_context(|| self.cannot_read())?;
        self.next -= more.shift;
        self.searched -= more.shift;
        if more.got == Got::Bytes {
            self.look_for_nul(had - more.shift);
        }
        Ok(more.got)
    }

    fn look_for_nul(&mut self, from: usize) {
        // One fast search over all bytes instead of one in each value.
        self.nul_seen |= self.cut.delimiter.bytes() != [0] && find(0, &self.origin.bytes()[from..]).is_some();
    }

    fn check_length(&self, length: usize) -> Result<()> {
        if length > self.longest {
            let (limit, delimiter) = (self.longest, escape(self.cut.delimiter.bytes()).into_owned());
            bail!("{}: a value is longer than {limit} bytes; is {delimiter} the right delimiter?", self.name);
        }
        Ok(())
    }

    fn cannot_read(&self) -> String {
        format!("cannot read {}", self.name)
    }
}

/// Says once in a run what has to be said once.
pub struct Warner<'a> {
    /// Where it is said.
    pub diag: &'a Diag,
    /// Whether it has been said.
    pub said: &'a mut bool,
}

/// A value with `\0` for each NUL; `None`: it has none.
pub fn without_nul(value: &[u8]) -> Option<Vec<u8>> {
    memchr(0, value)?;
    let mut replaced = Vec::with_capacity(value.len() + 16);
    for (i, piece) in value.split(|byte| *byte == 0).enumerate() {
        if i > 0 {
            replaced.extend_from_slice(b"\\0");
        }
        replaced.extend_from_slice(piece);
    }
    Some(replaced)
}

impl Warner<'_> {
    /// Says that a value had a NUL.
    pub fn nul_replaced(&mut self) {
        if !std::mem::replace(self.said, true) {
            // GNU parallel's words.
            self.diag.warn(
                "A NUL character in the input was replaced with \\0. \
                 NUL cannot be passed through in the argument list. Did you mean to use the --null option?",
            );
        }
    }
}

/// So few bytes are searched one by one.
const FEW: usize = 64;

/// Where a byte is first. memchr asks the CPU for its abilities when it is first called, which takes 20 us in a virtual
/// machine: too much for one short input.
#[inline]
fn find(byte: u8, bytes: &[u8]) -> Option<usize> {
    if bytes.len() <= FEW { bytes.iter().position(|other| *other == byte) } else { memchr(byte, bytes) }
}
