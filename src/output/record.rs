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
    /// Something of a job whose end has not come has been written.
    begun: bool,
    /// It may have ended with a newline, which is only written if more comes.
    newline: bool,
}

impl Record {
    /// Before the first.
    pub fn new(records: Records) -> Record {
        Record { records, begun: false, newline: false }
    }

    /// A piece of what the job wrote, which ends with a line or is the last; `tag`: its mark.
    ///
    /// # Errors
    /// See [`SinkError`].
    pub fn piece(&mut self, tag: Option<&[u8]>, bytes: &Captured, out: &mut dyn Write) -> Result<(), SinkError> {
        let begins = !std::mem::replace(&mut self.begun, true);
        match self.records {
            Records::Output => {
                let marks = Marks::new(tag, None);
                let mut part = Part { out, newline: &mut self.newline };
                Ok(if marks.is_nothing() {
                    copy(bytes, &mut part)
                } else {
                    copy(bytes, &mut Marked::new(&mut part, &marks))
                }?)
            }
            Records::TagAndOutput => {
                if begins {
                    Part { out, newline: &mut self.newline }.write_all(tag.unwrap_or_default())?;
                    self.newline = false;
                    out.write_all(b"\0")?;
                }
                Ok(copy(bytes, &mut Part { out, newline: &mut self.newline })?)
            }
        }
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
