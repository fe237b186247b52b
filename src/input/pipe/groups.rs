//! Where a part of a file ends that is to hold whole groups of lines (`--pipe-part --group-by`): looked for by halving, so that few lines
//! are read, and by GNU parallel's own steps, so that it is at the same place.

use std::os::fd::AsFd;

use anyhow::Result;

use super::keys::Keys;
use super::parts::PIECE;
use crate::model::DataFile;
use crate::sys::files::read_from;

/// One file, and whoever makes the keys of its lines.
pub struct Groups<'a> {
    pub data: &'a DataFile,
    pub size: u64,
    pub keys: &'a Keys,
    pub is_over: &'a dyn Fn() -> bool,
}

/// A line: its key, where it starts, and whether it is the last.
#[derive(Clone, Debug, Default)]
struct Line {
    key: Vec<u8>,
    at: u64,
    is_last: bool,
}

impl Groups<'_> {
    /// Where the part ends that starts with the line here and is to be about `block` long. `None`: a call to stop.
    ///
    /// # Errors
    /// Those of reading; a line without a key.
    pub fn end(&self, start: u64, block: u64) -> Result<Option<u64>> {
        let Some(a) = self.line(start)? else { return Ok(None) };
        let Some(mut b) = self.line(start.saturating_add(block))? else { return Ok(None) };
        if b.is_last {
            return Ok(Some(self.size));
        }
        let Some(mut c) = self.line(b.at.saturating_add(block))? else { return Ok(None) };
        let found = if a.key == b.key {
            while b.key == c.key {
                if c.at >= self.size {
                    return Ok(Some(self.size));
                }
                b.at = c.at;
                match self.line(c.at.saturating_add(block))? {
                    Some(line) => c = line,
                    None => return Ok(None),
                }
                if c.at >= self.size {
                    c.at = self.size;
                    break;
                }
            }
            self.last_of(b, c.at)?
        } else if b.key == c.key {
            self.first_of(&b.key, a.at, b.at)?
        } else {
            self.last_of(b, c.at)?
        };
        // Where lines of one key are not together, it may be anywhere, but there is an end in any case.
        Ok(found.map(|found| if found > start { found.min(self.size) } else { self.size }))
    }

    /// Behind the last line with this key, where that at `other` has another one.
    fn last_of(&self, Line { key, mut at, .. }: Line, mut other: u64) -> Result<Option<u64>> {
        let (mut distance, mut found) = (other.saturating_sub(at), at);
        while distance > 0 {
            let Some(line) = self.line(at + distance)? else { return Ok(None) };
            found = line.at;
            if line.key == key {
                at = line.at;
                distance = other.saturating_sub(at);
            } else {
                other = line.at;
            }
            distance /= 2;
        }
        Ok(Some(found))
    }

    /// The first line with this key, which the one at `same` has, and that at `before` has not.
    fn first_of(&self, key: &[u8], mut before: u64, mut same: u64) -> Result<Option<u64>> {
        let (mut distance, mut found) = (same.saturating_sub(before), same);
        while distance > 0 {
            let Some(line) = self.line(before + distance)? else { return Ok(None) };
            found = line.at;
            if line.key == key {
                same = line.at;
            } else {
                before = line.at;
                distance = same.saturating_sub(before);
            }
            distance /= 2;
        }
        Ok(Some(found))
    }

    /// The first line that starts here or later; behind the end it is empty. `None`: a call to stop.
    fn line(&self, place: u64) -> Result<Option<Line>> {
        if place > self.size {
            return Ok(Some(Line { at: place - 1, is_last: true, ..Line::default() }));
        }
        let at = match place.checked_sub(1) {
            None => 0,
            Some(before) => before + self.read_line(before)?.len() as u64,
        };
        let line = self.read_line(at)?;
        let is_last = at + line.len() as u64 >= self.size;
        let mut key = Vec::new();
        let goes_on = self.keys.each(&line, self.is_over, |_, found| key = found.to_vec())?;
        Ok(goes_on.then_some(Line { key, at, is_last }))
    }

    /// From here to the end of the line, with the newline.
    fn read_line(&self, from: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            // Most lines are short.
            let piece = if bytes.is_empty() { 4096 } else { PIECE };
            bytes.reserve(piece);
            let had = bytes.len();
            let left = usize::try_from(self.size.saturating_sub(from + had as u64)).unwrap_or(usize::MAX);
            if read_from(self.data.file.as_fd(), &mut bytes, piece.min(left), from + had as u64)? == 0 {
                return Ok(bytes);
            }
            if let Some(newline) = memchr::memchr(b'\n', &bytes[had..]) {
                bytes.truncate(had + newline + 1);
                return Ok(bytes);
            }
        }
    }
}
