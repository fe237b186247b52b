//! Where arguments come from: readers, splitting, combinations, packing.

mod columns;
mod combine;
mod linked;
mod origin;
mod packing;
mod pipe;
mod reader;
mod rows;
mod tally;
#[cfg(test)]
mod tests;
mod values;
mod xargs;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};

use crate::diag::Diag;
use crate::model::{Record, Seq, Words};
use crate::options::{self, BatchOptions, Header, InputOptions, SourceKind};
use crate::sys::wake::Wake;
use crate::template::Names;
use columns::Columns;
use combine::Combinations;
use origin::Sizes;
use packing::Packing;
use reader::{Reader, Step, Warner};
use rows::Rows;
use tally::{Cut, Delimiter};

pub use packing::{Gauge, Slots, TooLong};
pub use pipe::Pipe;
pub use xargs::{BadInput, XargsInput};

/// All inputs of a run, opened, and what their headers say.
pub struct Inputs {
    rows: Rows,
    names: Names,
    sizes: Sizes,
}

/// All sources of a run as one stream of records.
pub struct Source<'t> {
    rows: Rows,
    packing: Option<Packing<'t>>,
    /// What xargs reads, instead of rows.
    xargs: Option<Box<XargsInput>>,
    pipe: Option<Piped<'t>>,
    sizes: Sizes,
    seq: u64,
    total: Option<u64>,
    /// Somebody called to stop, or there is no more.
    ended: bool,
    /// There is no more.
    complete: bool,
    nul_warned: bool,
}

/// What jobs read, and how many slots there are.
struct Piped<'t> {
    pipe: Pipe,
    slots: Slots<'t>,
}

impl Inputs {
    /// Opens every input, so that a missing file is known before the first job starts. Nothing is waited for, not even
    /// the writer of a FIFO, but for headers and first lines (`--header`, `--skip-first-line`).
    ///
    /// # Errors
    /// A file that can't be opened; a directory; a pattern that is not understood.
    pub fn open(options: &InputOptions, batch: &BatchOptions, stop: &Wake) -> Result<Inputs> {
        Inputs::with(options, batch, Sizes::REAL, stop)
    }

    fn with(options: &InputOptions, batch: &BatchOptions, sizes: Sizes, stop: &Wake) -> Result<Inputs> {
        let columns = Columns::new(options)?;
        let cut = Cut {
            delimiter: Delimiter::of(&options.delimiter),
            skip_blank: options.skip_empty,
            end_of_file: options.end_of_file.clone(),
            quoted: matches!(options.columns, Some(options::Columns::Csv(_))),
            keep_nul: columns.is_some(),
        };
        let (mut readers, mut sources, mut stdin) = (Vec::new(), Vec::new(), None);
        for source in &options.sources {
            let mut add = |reader: Reader| {
                readers.push(reader.joining(batch.join_lines));
                readers.len() - 1
            };
            let cut = cut.clone();
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
        if let (true, Some((first, _))) = (options.skip_first, sources.first()) {
            readers[*first].take_first(stop)?;
        }
        let mut names = Names::default();
        if options.header == Some(Header::First) {
            let mut column = 1;
            for (reader, _) in &sources {
                let header = &mut readers[*reader];
                if header.take_first(stop)? != Step::Value {
                    continue;
                }
                let found = match &columns {
                    Some(columns) => columns.names(header.value())?,
                    None => vec![header.value().to_vec()],
                };
                header.verify()?;
                for name in found {
                    names.add(&name, column);
                    column += 1;
                }
            }
        }
        if options.header.is_some() {
            // As GNU parallel: files are counted without what is between them.
            let paths = options.sources.iter().filter_map(|source| match &source.kind {
                SourceKind::File(path) => Some(path),
                _ => None,
            });
            for (index, path) in paths.enumerate() {
                names.add(path.as_os_str().as_encoded_bytes(), index + 1);
            }
        }
        let combinations = Combinations::new(readers, &sources, options.link);
        Ok(Inputs { rows: Rows::new(combinations, columns, options.shuffle), names, sizes })
    }

    /// The names of columns, for a command.
    pub fn names(&self) -> &Names {
        &self.names
    }
}

impl<'t> Source<'t> {
    /// A stream of what `inputs` hold. `gauge` measures arguments where several go into one job.
    pub fn new(inputs: Inputs, batch: &BatchOptions, gauge: Gauge<'t>) -> Source<'t> {
        let packing = batch.packs().then(|| Packing::new(batch, gauge));
        Source::of(inputs, packing, None)
    }

    /// A stream of what jobs read, with arguments as far as `inputs` hold some.
    pub fn piped(inputs: Inputs, pipe: Pipe, slots: Slots<'t>) -> Source<'t> {
        Source::of(inputs, None, Some(Piped { pipe, slots }))
    }

    fn of(inputs: Inputs, packing: Option<Packing<'t>>, pipe: Option<Piped<'t>>) -> Source<'t> {
        Source {
            rows: inputs.rows,
            packing,
            xargs: None,
            pipe,
            sizes: inputs.sizes,
            seq: 0,
            total: None,
            ended: false,
            complete: false,
            nul_warned: false,
        }
    }

    /// A stream of what xargs reads.
    pub fn of_xargs(input: XargsInput) -> Source<'t> {
        let combinations = Combinations::new(Vec::new(), &[], false);
        Source {
            rows: Rows::new(combinations, None, false),
            packing: None,
            pipe: None,
            xargs: Some(Box::new(input)),
            sizes: Sizes::REAL,
            seq: 0,
            total: None,
            ended: false,
            complete: false,
            nul_warned: false,
        }
    }

    /// What is said of an input of xargs that could not be read.
    pub fn complaint(&self) -> Option<String> {
        self.xargs.as_ref().and_then(|xargs| xargs.complaint())
    }

    /// Leaves what was not used to whoever reads the same standard input after us: of xargs, all that is behind the last commands
    /// but `unused`, or what was not read.
    pub fn leave_rest(&mut self, unused: Option<usize>) {
        self.xargs.iter_mut().for_each(|xargs| xargs.leave_rest(unused));
    }

    /// The next record; `None` at the end, and once `stop` was called while waiting for input.
    ///
    /// # Errors
    /// Those of reading; a mapped file that shrank; arguments of more than 2 GiB.
    pub fn next_record(&mut self, stop: &Wake, diag: &Diag) -> Result<Option<Record>> {
        if self.pipe.is_some() {
            return self.next_piped(stop, diag);
        }
        let mut args = Words::new();
        if !self.compose(&mut args, stop, diag)? {
            return Ok(None);
        }
        self.seq += 1;
        Ok(Some(Record::new(Seq(self.seq), args)))
    }

    fn next_piped(&mut self, stop: &Wake, diag: &Diag) -> Result<Option<Record>> {
        let Some(Piped { mut pipe, slots }) = self.pipe.take() else { return Ok(None) };
        let next = pipe.next(&mut |args| self.compose(args, stop, diag), &*slots, stop, diag);
        self.pipe = Some(Piped { pipe, slots });
        let Some((args, body)) = next? else { return Ok(None) };
        self.seq += 1;
        Ok(Some(Record { body: Some(Arc::new(body)), ..Record::new(Seq(self.seq), args) }))
    }

    /// Whether the next records can be had without waiting for anybody: all sources are words or regular files.
    pub fn is_at_hand(&self) -> bool {
        self.xargs.is_none() && self.pipe.is_none() && self.rows.is_at_hand()
    }

    /// How many records there are in all, where it can be known without waiting for anybody: all sources are words or
    /// regular files (which are counted here and now), and lengths don't decide what goes into a record. A file that is
    /// changed afterwards makes it wrong.
    pub fn total(&self) -> Option<u64> {
        self.total.or_else(|| match &self.pipe {
            Some(Piped { pipe, slots }) => pipe.total(slots),
            None if self.packing.is_some() || self.xargs.is_some() => None,
            None => self.rows.count(self.sizes.window),
        })
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
        if self.pipe.is_some() {
            let known = self.total();
            return known.ok_or_else(|| anyhow!("the number of jobs is not known before the stream has ended: --pipe can't go together with what needs it ({{##}}, percentages of --halt)"));
        }
        self.ended = self.ended || !self.rows.slurp(stop)?;
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
        let mark = self.rows.mark();
        let held = self.packing.as_ref().map(Packing::mark);
        let (mut count, mut args) = (0, Words::new());
        let seq = self.seq;
        while self.compose(&mut args, stop, diag)? {
            count += 1;
            // Numbers stand in commands, and so count for their lengths.
            self.seq += 1;
            args.clear();
        }
        self.seq = seq;
        self.rows.rewind(mark)?;
        if let (Some(packing), Some(held)) = (&mut self.packing, held) {
            packing.rewind(held);
        }
        (self.ended, self.complete) = (false, false);
        Ok(count)
    }

    /// The arguments of the next record. False: there are none.
    fn compose(&mut self, args: &mut Words, stop: &Wake, diag: &Diag) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if let Some(xargs) = &mut self.xargs {
            let step = xargs.fill(args, stop, diag)?;
            self.complete = step == Step::End;
            self.ended = step != Step::Value;
            if !self.ended {
                xargs.verify()?;
            }
            return Ok(!self.ended);
        }
        let mut warner = Warner { diag, said: &mut self.nul_warned };
        let (rows, sizes) = (&mut self.rows, self.sizes);
        let mut next = |args: &mut Words| {
            let step = rows.advance(stop, &mut warner)?;
            if step == Step::Value {
                let mut bytes = 0;
                rows.each(|value| bytes += value.len());
                // A template without a place for arguments has room for any number of them.
                check_length(args.as_bytes().len() + bytes, sizes)?;
                rows.each(|value| args.push(value));
            }
            Ok(step)
        };
        let step = match &mut self.packing {
            Some(packing) => packing.fill(args, self.seq + 1, next)?,
            None => next(args)?,
        };
        self.complete = step == Step::End;
        self.ended = step != Step::Value;
        if !self.ended {
            self.rows.verify()?;
        }
        Ok(!self.ended)
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
