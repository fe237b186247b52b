//! Standard output and standard error, as the printer writes them.

use std::fmt;
use std::io::{self, Write};
use std::os::fd::BorrowedFd;
use std::path::PathBuf;

use super::buffered::Buffered;
use super::copy;
use super::latest::{Latest, Said};
use super::marked::{Marked, Marks, WholeLines};
use super::palette::Palette;
use super::record::Record;
use super::table::Table;
use crate::diag::escape;
use crate::model::{Captured, Event, Finished, Seq, Started, Stream};
use crate::options::{Grouping, OutputOptions, Verbose};

/// Writes what jobs have written, in the order in which it is handed over.
pub struct Sink<'a> {
    options: &'a OutputOptions,
    stdout: Buffered<BorrowedFd<'static>>,
    stderr: Buffered<BorrowedFd<'static>>,
    palette: Palette,
    table: Option<Table>,
    /// The rows of `--latest-line`.
    latest: Option<Latest>,
    record: Option<Record>,
}

/// Why output could not be written.
#[derive(Debug)]
pub enum SinkError {
    /// Whoever read our standard output is gone.
    ReaderGone,
    /// Something else: a full disk, a temporary file that can't be read back.
    Failed(io::Error),
    /// The file of `--results` can't be written.
    Table(PathBuf, io::Error),
}

impl fmt::Display for SinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let remedy = |error: &io::Error| match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ": free some space where it goes",
            io::ErrorKind::FileTooLarge => ": raise the limit on the size of files (ulimit -f)",
            _ => "",
        };
        match self {
            SinkError::ReaderGone => f.write_str("standard output has no reader any more"),
            SinkError::Failed(error) => {
                write!(f, "can't write what jobs wrote to standard output or standard error: {error}{}", remedy(error))
            }
            SinkError::Table(path, error) => {
                write!(f, "--results {}: can't be written: {error}{}", path.display(), remedy(error))
            }
        }
    }
}

impl From<io::Error> for SinkError {
    fn from(error: io::Error) -> SinkError {
        match error.kind() {
            io::ErrorKind::BrokenPipe => SinkError::ReaderGone,
            _ => SinkError::Failed(error),
        }
    }
}

impl<'a> Sink<'a> {
    /// To our own standard output and standard error, and to a table.
    pub fn new(options: &'a OutputOptions, table: Option<Table>) -> Sink<'a> {
        let (stdout, stderr) = (Buffered::new(rustix::stdio::stdout()), Buffered::new(rustix::stdio::stderr()));
        let latest = options.latest_line.then(|| Latest::new(options.keep_order, stdout.is_terminal()));
        let tagged = options.tag.is_some();
        let (palette, record) =
            (Palette::new(options.color), options.records.map(|records| Record::new(records, tagged)));
        Sink { options, stdout, stderr, palette, table, latest, record }
    }

    /// Writes what an event brings; a table may keep its output.
    ///
    /// # Errors
    /// See [`SinkError`].
    pub fn write(&mut self, event: &mut Event) -> Result<(), SinkError> {
        match event {
            Event::Started(started) => self.started(started),
            Event::Slow(_) | Event::Waits(_) => Ok(()),
            Event::Output { tag, stream: Stream::Out, bytes, .. } if self.record.is_some() => {
                self.piece(tag.as_deref(), bytes)
            }
            Event::Output { seq, tag, stream, bytes } => {
                if let Some(latest) = &mut self.latest {
                    let color = self.palette.of(*seq, false);
                    let said = Said { seq: *seq, tag: tag.as_deref(), color, bytes };
                    latest.written(said, &mut self.stdout)?;
                } else if self.options.is_printed() {
                    let marks = self.marks(*seq, tag.as_deref(), false);
                    self.captured(*stream, &marks, bytes)?;
                }
                if let Some(table) = &mut self.table {
                    table.piece(*seq, *stream, std::mem::take(bytes));
                }
                Ok(())
            }
            Event::Finished(finished) => self.finished(finished),
        }
    }

    /// Bytes for standard output that are not of a job (`--joblog -`).
    ///
    /// # Errors
    /// See [`SinkError`].
    pub fn extra(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        Ok(self.stdout.write_all(bytes)?)
    }

    /// Makes sure that everything has left.
    ///
    /// # Errors
    /// See [`SinkError`].
    pub fn flush(&mut self) -> Result<(), SinkError> {
        self.in_table(Table::flush)?;
        self.stdout.flush()?;
        Ok(self.stderr.flush()?)
    }

    /// Writes as much as is taken at once. False: something is left.
    ///
    /// # Errors
    /// See [`SinkError`].
    pub fn flush_some(&mut self) -> Result<bool, SinkError> {
        self.in_table(Table::flush)?;
        Ok(self.stdout.flush_some()? && self.stderr.flush_some()?)
    }

    /// Waits until what has been written is on the disk, where it goes to one (`--fsync`).
    ///
    /// # Errors
    /// A disk that does not take it.
    pub fn sync(&mut self) -> Result<(), SinkError> {
        self.in_table(|table| table.sync())?;
        for stream in [&self.stdout, &self.stderr] {
            stream.sync().map_err(SinkError::Failed)?;
        }
        Ok(())
    }

    /// How many bytes have not left yet.
    pub fn pending(&self) -> usize {
        self.stdout.pending() + self.stderr.pending()
    }

    /// Whether what has been written ends with a whole line, as far as a terminal shows it.
    pub fn at_line_start(&self) -> bool {
        self.stdout.at_line_start() && self.stderr.at_line_start()
    }

    /// Whether there are rows of jobs, drawn anew as they go on (`--latest-line`).
    pub fn draws_rows(&self) -> bool {
        self.latest.is_some() && self.stdout.is_terminal()
    }

    /// Whether anything of it is shown on a terminal.
    pub fn shows(&self) -> bool {
        self.stdout.is_terminal() || self.stderr.is_terminal()
    }

    fn started(&mut self, started: &Started) -> Result<(), SinkError> {
        match self.options.verbose {
            Verbose::No => return Ok(()),
            // A line of ours, other than on standard output, where it may be read by a program.
            Verbose::Stderr => {
                let command = escape(&started.command);
                self.line(Stream::Err, &Marks::default(), command.as_bytes())?;
            }
            // Grouped, it goes before the job's output, at its end.
            Verbose::Stdout
                if self.options.grouping == Grouping::Group || !self.options.is_printed() || self.latest.is_some() =>
            {
                return Ok(());
            }
            Verbose::Stdout => {
                let marks = self.marks(started.seq, started.tag.as_deref(), false);
                self.line(Stream::Out, &marks, &started.command)?;
            }
        }
        self.flush()
    }

    fn finished(&mut self, finished: &Finished) -> Result<(), SinkError> {
        if let Some(latest) = &mut self.latest {
            let color = self.palette.of(finished.seq, finished.slot.is_some() && !finished.success);
            let (seq, out) = (finished.seq, &mut self.stdout);
            let said = Said { seq, tag: finished.tag.as_deref(), color, bytes: &finished.stderr };
            if finished.slot.is_none() {
                latest.pass_over(seq, out)?;
            } else {
                if !finished.stderr.is_empty() {
                    latest.written(said, out)?;
                }
                latest.ended(Said { bytes: &finished.stdout, ..said }, out)?;
            }
        } else if self.options.files.is_some() {
            self.print_name(finished)?;
        } else if self.options.is_printed() {
            self.print(finished)?;
        }
        let Some(table) = &mut self.table else { return Ok(()) };
        let on_stdout = table.is_on_stdout();
        match table.finished(finished, &mut self.stdout) {
            Err(error) if on_stdout => Err(error.into()),
            written => self.in_table(|_| written),
        }
    }

    /// With `--print0`, a piece of what the job wrote.
    fn piece(&mut self, tag: Option<&[u8]>, bytes: &Captured) -> Result<(), SinkError> {
        self.stderr.flush()?;
        self.record.as_mut().map_or(Ok(()), |record| record.piece(tag, bytes, &mut self.stdout))
    }

    fn print(&mut self, finished: &Finished) -> Result<(), SinkError> {
        let ran = finished.slot.is_some();
        if let Some(record) = &mut self.record {
            // A job that was never started has no record.
            if ran {
                self.stderr.flush()?;
                let (tag, out) = (finished.tag.as_deref(), &mut self.stdout);
                if self.options.verbose == Verbose::Stdout {
                    record.line(tag, &finished.command, out)?;
                }
                record.piece(tag, &finished.stdout, out)?;
                record.end(out)?;
            }
            let marks = self.marks(finished.seq, finished.tag.as_deref(), ran && !finished.success);
            return self.captured(Stream::Err, &marks, &finished.stderr);
        }
        let marks = self.marks(finished.seq, finished.tag.as_deref(), ran && !finished.success);
        if self.options.verbose == Verbose::Stdout && self.options.grouping == Grouping::Group && ran {
            self.line(Stream::Out, &marks, &finished.command)?;
        }
        for (stream, bytes) in [(Stream::Out, &finished.stdout), (Stream::Err, &finished.stderr)] {
            if self.options.grouping == Grouping::LineBuffer && self.options.color.is_on() {
                self.last_of_lines(stream, &marks, finished, bytes)?;
            } else {
                self.captured(stream, &marks, bytes)?;
            }
        }
        Ok(())
    }

    /// The name of the file that the job's output is in, and what it wrote to standard error, which has none.
    fn print_name(&mut self, finished: &Finished) -> Result<(), SinkError> {
        let marks = Marks::new(self.tag(finished.tag.as_deref()), None);
        if finished.stdout.is_empty() || !self.options.is_printed() {
            // Nothing to name.
        } else if let Some(record) = &mut self.record {
            self.stderr.flush()?;
            record.piece(finished.tag.as_deref(), &finished.stdout, &mut self.stdout)?;
            record.end(&mut self.stdout)?;
        } else {
            self.captured(Stream::Out, &marks, &finished.stdout)?;
            self.stdout.write_all(self.options.files.as_slice())?;
        }
        self.captured(Stream::Err, &marks, &finished.stderr)
    }

    /// As GNU parallel: where lines are printed as they come, what is left without a newline has no color.
    fn last_of_lines(
        &mut self,
        stream: Stream,
        marks: &Marks,
        finished: &Finished,
        bytes: &Captured,
    ) -> Result<(), SinkError> {
        let out = self.stream(stream)?;
        let mut marked = Marked::new(out, marks);
        let mut lines = WholeLines::new(&mut marked);
        copy(bytes, &mut lines)?;
        let rest = lines.rest();
        let plain = Marks::new(finished.tag.as_deref(), None);
        Ok(Marked::new(out, &plain).write_all(&rest)?)
    }

    /// What the lines of a job start and end with.
    fn marks(&self, seq: Seq, tag: Option<&[u8]>, has_failed: bool) -> Marks {
        Marks::new(self.tag(tag), self.palette.of(seq, has_failed))
    }

    /// What is for lines of a job's tag.
    fn tag<'t>(&self, tag: Option<&'t [u8]>) -> Option<&'t [u8]> {
        self.record.as_ref().map_or(tag, |record| record.split(tag).1)
    }

    fn line(&mut self, stream: Stream, marks: &Marks, text: &[u8]) -> Result<(), SinkError> {
        let mut marked = Marked::new(self.stream(stream)?, marks);
        marked.write_all(text)?;
        Ok(marked.write_all(b"\n")?)
    }

    fn captured(&mut self, stream: Stream, marks: &Marks, bytes: &Captured) -> Result<(), SinkError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let out = self.stream(stream)?;
        if marks.is_nothing() {
            return Ok(copy(bytes, out)?);
        }
        let mut marked = Marked::new(out, marks);
        copy(bytes, &mut marked)?;
        Ok(marked.finish()?)
    }

    /// What goes wrong with the table's file is not about standard output.
    fn in_table(&mut self, work: impl FnOnce(&mut Table) -> io::Result<()>) -> Result<(), SinkError> {
        let Some(table) = &mut self.table else { return Ok(()) };
        work(table).map_err(|error| SinkError::Table(table.path().map(PathBuf::from).unwrap_or_default(), error))
    }

    /// One of the two, after the other has been flushed: on a terminal they stay in the order in which they were written.
    fn stream(&mut self, stream: Stream) -> Result<&mut Buffered<BorrowedFd<'static>>, SinkError> {
        match stream {
            Stream::Out => {
                self.stderr.flush()?;
                Ok(&mut self.stdout)
            }
            Stream::Err => {
                self.stdout.flush()?;
                Ok(&mut self.stderr)
            }
        }
    }
}

impl fmt::Debug for Sink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").finish_non_exhaustive()
    }
}
