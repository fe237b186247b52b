//! `--print0`: what a job wrote as a record, which ends with a NUL and holds none.

use std::io::{self, Write};

use super::copy;
use super::marked::{Marked, Marks};
use super::sink::SinkError;
use crate::model::Captured;
use crate::options::Records;

/// The record of one job after the other.
#[derive(Debug)]
pub struct Record {
    records: Records,
    /// There is a tag for lines.
    tagged: bool,
    /// Something of a job whose end has not come has been written.
    begun: bool,
    /// It may have ended with a newline, which is only written if more comes.
    newline: bool,
}

impl Record {
    /// Before the first; `tagged`: lines get a tag.
    pub fn new(records: Records, tagged: bool) -> Record {
        Record { records, tagged, begun: false, newline: false }
    }

    /// The inputs that are a record of their own, and what lines start with.
    pub fn split<'t>(&self, tag: Option<&'t [u8]>) -> (Option<&'t [u8]>, Option<&'t [u8]>) {
        let (inputs, tag) = match (self.records, tag) {
            (Records::InputAndOutput, Some(tag)) => {
                let end = memchr::memchr(0, tag).unwrap_or(tag.len());
                (Some(&tag[..end]), tag.get(end + 1..))
            }
            (_, tag) => (None, tag),
        };
        (inputs, tag.filter(|_| self.tagged))
    }

    /// A piece of what the job wrote, which starts a line; `tag`: its mark.
    ///
    /// # Errors
    /// See [`SinkError`].
    pub fn piece(&mut self, tag: Option<&[u8]>, bytes: &Captured, out: &mut dyn Write) -> Result<(), SinkError> {
        self.write(tag, out, &mut |part| copy(bytes, part))
    }

    /// A line of the job: `text` without its newline.
    ///
    /// # Errors
    /// See [`SinkError`].
    pub fn line(&mut self, tag: Option<&[u8]>, text: &[u8], out: &mut dyn Write) -> Result<(), SinkError> {
        self.write(tag, out, &mut |part| {
            part.write_all(text)?;
            part.write_all(b"\n")
        })
    }

    fn write(
        &mut self,
        tag: Option<&[u8]>,
        out: &mut dyn Write,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), SinkError> {
        let (inputs, tag) = self.split(tag);
        if let Some(inputs) = inputs.filter(|_| !self.begun) {
            out.write_all(inputs)?;
            out.write_all(b"\0")?;
        }
        self.begun = true;
        let mut part = Part { out, newline: &mut self.newline };
        Ok(write(&mut Marked::new(&mut part, &Marks::new(tag, None)))?)
    }

    /// The job has ended.
    ///
    /// # Errors
    /// See [`SinkError`].
    pub fn end(&mut self, out: &mut dyn Write) -> Result<(), SinkError> {
        (self.begun, self.newline) = (false, false);
        Ok(out.write_all(b"\0")?)
    }
}

/// Leaves out NULs, which end records, and the last newline.
struct Part<'a> {
    out: &'a mut dyn Write,
    newline: &'a mut bool,
}

impl Write for Part<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split(|byte| *byte == 0).filter(|piece| !piece.is_empty()) {
            if std::mem::take(self.newline) {
                self.out.write_all(b"\n")?;
            }
            let whole = piece.strip_suffix(b"\n");
            *self.newline = whole.is_some();
            self.out.write_all(whole.unwrap_or(piece))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
