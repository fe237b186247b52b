//! Where arguments come from: readers, splitting, combinations, packing.

mod combine;
mod origin;
mod reader;
mod tally;
#[cfg(test)]
mod tests;
mod values;

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};

use crate::diag::Diag;
use crate::model::{Record, Seq, Words};
use crate::options::{BatchOptions, InputOptions, SourceKind};
use crate::sys::wake::Wake;
use crate::template::Template;
use combine::Combinations;
use origin::Sizes;
use reader::{Reader, Step, Warner};
use tally::Cut;

/// The longest command that is packed, in bytes of its text: the kernel's limit for one word, which a command is for the
/// shell that reads it (MAX_ARG_STRLEN, less its NUL). GNU parallel stays below the same bound (it finds it by trying,
/// and packs to half of it to have room for its own wrapping).
const LONGEST_COMMAND: usize = (128 << 10) - 1;

/// All sources of a run as one stream of records.
pub struct Source<'t> {
    combinations: Combinations,
    packing: Option<Packing<'t>>,
    sizes: Sizes,
    seq: u64,
    total: Option<u64>,
    /// Somebody called to stop, or there is no more.
    ended: bool,
    /// There is no more.
    complete: bool,
    nul_warned: bool,
}

/// Measures the bytes that an argument adds to a command.
type Cost<'t> = Box<dyn Fn(&[u8]) -> usize + Send + 't>;

/// `-n`: several combinations in one record.
struct Packing<'t> {
    max: usize,
    /// Bytes of a command without arguments.
    fixed: usize,
    cost: Cost<'t>,
    /// A combination that did not fit in the record before.
    left_over: Option<Words>,
}

impl<'t> Source<'t> {
    /// Opens every source, so that a missing file is known before the first job starts. Nothing is waited for, not even
    /// the writer of a FIFO. `template` measures arguments for `-n`.
    ///
    /// # Errors
    /// A file that can't be opened; a directory.
    pub fn open(options: &InputOptions, batch: &BatchOptions, template: &'t Template) -> Result<Source<'t>> {
        let cost = Box::new(|arg: &[u8]| template.arg_cost(arg));
        Source::with(options, batch, Sizes::REAL, template.fixed_cost(), cost)
    }

    fn with(
        options: &InputOptions,
        batch: &BatchOptions,
        sizes: Sizes,
        fixed: usize,
        cost: Cost<'t>,
    ) -> Result<Source<'t>> {
        let cut = Cut { delimiter: options.delimiter, skip_blank: options.skip_empty };
        let (mut readers, mut sources, mut stdin) = (Vec::new(), Vec::new(), None);
        for source in &options.sources {
            let mut add = |reader| {
                readers.push(reader);
                readers.len() - 1
            };
            let reader = match &source.kind {
                SourceKind::Words(words) => add(Reader::words(words, cut, sizes)),
                // There is but one standard input: who names it twice reads it in turns (as GNU parallel). Opening
                // /dev/stdin anew would fail for a socket or under another user.
                SourceKind::File(path) if path != Path::new("-") && path != Path::new("/dev/stdin") => {
                    add(Reader::file(path, cut, sizes)?)
                }
                SourceKind::File(_) | SourceKind::Stdin => match stdin {
                    Some(reader) => reader,
                    None => *stdin.insert(add(Reader::stdin(cut, sizes)?)),
                },
            };
            sources.push((reader, source.linked));
        }
        let packing = batch.max_args.filter(|max| *max > 1).map(|max| Packing { max, fixed, cost, left_over: None });
        let combinations = Combinations::new(readers, &sources);
        Ok(Source {
            combinations,
            packing,
            sizes,
            seq: 0,
            total: None,
            ended: false,
            complete: false,
            nul_warned: false,
        })
    }

    /// The next record; `None` at the end, and once `stop` was called while waiting for input.
    ///
    /// # Errors
    /// Those of reading; a mapped file that shrank; arguments of more than 2 GiB.
    pub fn next_record(&mut self, stop: &Wake, diag: &Diag) -> Result<Option<Record>> {
        let mut args = Words::new();
        if !self.compose(&mut args, stop, diag)? {
            return Ok(None);
        }
        self.seq += 1;
        Ok(Some(Record { seq: Seq(self.seq), args }))
    }

    /// Whether the next records can be had without waiting for anybody: all sources are words or regular files.
    pub fn is_at_hand(&self) -> bool {
        self.combinations.is_at_hand()
    }

    /// How many records there are in all, where it can be known without waiting for anybody: all sources are words or
    /// regular files (which are counted here and now), and lengths don't decide what goes into a record. A file that is
    /// changed afterwards makes it wrong.
    pub fn total(&self) -> Option<u64> {
        self.total.or_else(|| if self.packing.is_none() { self.combinations.count(self.sizes.window) } else { None })
    }

    /// How many records have not been read, where that can be known without waiting for anybody (see [`Source::total`]).
    pub fn unread(&self) -> Option<u64> {
        if self.complete { Some(0) } else { self.total().map(|total| total.saturating_sub(self.seq)) }
    }

    /// Reads everything that is still to come into memory, because somebody needs the total. Regular files are not
    /// copied: they are only counted, and what is appended to them from now on is ignored. Answers the total, or what
    /// there was when `stop` was called.
    ///
    /// # Errors
    /// As [`Source::next_record`].
    pub fn read_all(&mut self, stop: &Wake, diag: &Diag) -> Result<u64> {
        self.ended = self.ended || !self.combinations.slurp(stop)?;
        let total = match self.total() {
            _ if self.ended => self.seq,
            Some(total) => total,
            None => self.seq + self.rehearse(stop, diag)?,
        };
        self.total = Some(total);
        Ok(total)
    }

    /// Counts the records that are still to come by making them all, and goes back.
    fn rehearse(&mut self, stop: &Wake, diag: &Diag) -> Result<u64> {
        let mark = self.combinations.mark();
        let left_over = self.packing.as_ref().map(|packing| packing.left_over.clone());
        let (mut count, mut args) = (0, Words::new());
        while self.compose(&mut args, stop, diag)? {
            count += 1;
            args.clear();
        }
        self.combinations.rewind(mark)?;
        if let (Some(packing), Some(left_over)) = (&mut self.packing, left_over) {
            packing.left_over = left_over;
        }
        (self.ended, self.complete) = (false, false);
        Ok(count)
    }

    /// The arguments of the next record. False: there are none.
    fn compose(&mut self, args: &mut Words, stop: &Wake, diag: &Diag) -> Result<bool> {
        let mut warner = Warner { diag, said: &mut self.nul_warned };
        if self.ended {
            return Ok(false);
        }
        let Some(packing) = &mut self.packing else {
            let step = self.combinations.advance(stop, &mut warner)?;
            self.complete = step == Step::End;
            self.ended = step != Step::Value;
            if self.ended {
                return Ok(false);
            }
            let mut bytes = 0;
            self.combinations.each(|value| bytes += value.len());
            check_length(bytes, self.sizes)?;
            self.combinations.each(|value| args.push(value));
            self.combinations.verify()?;
            return Ok(true);
        };
        let (mut count, mut length) = (0, packing.fixed);
        if let Some(left_over) = packing.left_over.take() {
            count = 1;
            length += left_over.iter().map(&packing.cost).sum::<usize>();
            args.append(&left_over);
        }
        while count < packing.max {
            match self.combinations.advance(stop, &mut warner)? {
                Step::Value => {}
                Step::End => {
                    (self.ended, self.complete) = (true, true);
                    break;
                }
                Step::Stopped => {
                    // The run is ending: what was packed so far is not to be run either.
                    self.ended = true;
                    return Ok(false);
                }
            }
            let (mut added, mut bytes) = (0, 0);
            self.combinations.each(|value| {
                added += (packing.cost)(value);
                bytes += value.len();
            });
            // A template without a place for arguments has room for any number of them.
            check_length(args.as_bytes().len() + bytes, self.sizes)?;
            length += added;
            if count > 0 && length > LONGEST_COMMAND {
                let left_over = packing.left_over.insert(Words::new());
                self.combinations.each(|value| left_over.push(value));
                break;
            }
            self.combinations.each(|value| args.push(value));
            count += 1;
        }
        self.combinations.verify()?;
        Ok(count > 0)
    }
}

/// The values of one record together are limited as a single one is, so that positions in a record fit.
#[inline]
fn check_length(bytes: usize, sizes: Sizes) -> Result<()> {
    if bytes > sizes.value {
        bail!("the arguments of one job are longer than {} bytes", sizes.value);
    }
    Ok(())
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("seq", &self.seq).field("ended", &self.ended).finish_non_exhaustive()
    }
}
