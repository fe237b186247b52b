//! Where arguments come from: readers, splitting, combinations, packing.

use anyhow::Result;

use crate::diag::Diag;
use crate::model::Record;
use crate::options::InputOptions;
use crate::sys::wake::Wake;
use crate::template::Template;

/// All sources of a run as one stream of records.
#[derive(Debug)]
pub struct Source {}

impl Source {
    /// Opens every source, so that a missing file is known before the first job starts.
    ///
    /// # Errors
    /// A file that can't be opened.
    pub fn open(_options: &InputOptions, _template: &Template) -> Result<Source> {
        Ok(Source {})
    }

    /// The next record; `None` at the end, and when `stop` was called while waiting for input.
    ///
    /// # Errors
    /// Those of reading; a mapped file that shrank; an argument that is too long for a command.
    pub fn next_record(&mut self, _stop: &Wake, _diag: &Diag) -> Result<Option<Record>> {
        Ok(None)
    }

    /// How many records there are in all, where it can be known without waiting for anybody.
    pub fn total(&self) -> Option<u64> {
        None
    }

    /// Reads everything that is still to come into memory, because somebody needs the total. Answers the total.
    ///
    /// # Errors
    /// As [`Source::next_record`].
    pub fn read_all(&mut self, _stop: &Wake, _diag: &Diag) -> Result<u64> {
        Ok(0)
    }
}
