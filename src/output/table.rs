//! `--results` in `.csv`, `.tsv` and `.json`: a row per job, with what it wrote.
//!
//! Rows are GNU parallel's (20221122) to the byte, in the order in which jobs are printed.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::buffered::Buffered;
use super::copy;
use super::marked::{Marked, Marks};
use crate::model::{Captured, Finished, Outcome, Seq, Stream};
use crate::options::{Options, TableFormat, Verbose};

/// The columns before the inputs.
const FIRST: &str = "Seq Host Starttime JobRuntime Send Receive Exitval Signal Command";

/// What jobs wrote, as rows.
pub struct Table {
    format: TableFormat,
    /// `None`: rows go to standard output.
    file: Option<(Buffered<File>, PathBuf)>,
    /// The names of the inputs' columns, where they have any.
    names: Vec<Vec<u8>>,
    has_header: bool,
    /// The command is the first line of what a job wrote (`-v`).
    with_command: bool,
    /// Rows have what jobs wrote to standard error.
    with_errors: bool,
    /// The signal that ends a job first.
    first_signal: i32,
    /// What jobs that have not ended yet have written.
    pieces: HashMap<Seq, [Vec<Captured>; 2]>,
}

impl Table {
    /// To `file`, or without one to standard output. `names`: of the inputs' columns (`--header`). `None`: no table is wanted.
    ///
    /// # Errors
    /// A file whose length can't be had.
    pub fn new(options: &Options, file: Option<(File, PathBuf)>, names: Vec<Vec<u8>>) -> io::Result<Option<Table>> {
        let Some(table) = options.output.table() else { return Ok(None) };
        let has_header = match &file {
            Some((file, _)) => file.metadata()?.len() > 0,
            None => false,
        };
        Ok(Some(Table {
            format: table.format,
            file: file.map(|(file, path)| (Buffered::new(file), path)),
            names,
            has_header,
            with_command: options.output.verbose == Verbose::Stdout && !options.output.keeps_files(),
            with_errors: options.output.files.is_none(),
            first_signal: options.control.termseq.first().map_or(15, |(signal, _)| *signal),
            pieces: HashMap::new(),
        }))
    }

    /// Whether rows go to standard output.
    pub fn is_on_stdout(&self) -> bool {
        self.file.is_none()
    }

    /// The file, for messages.
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|(_, path)| path.as_path())
    }

    /// A piece of what a job that runs has written.
    pub fn piece(&mut self, seq: Seq, stream: Stream, bytes: Captured) {
        let [out, err] = self.pieces.entry(seq).or_default();
        match stream {
            Stream::Out => out.push(bytes),
            Stream::Err => err.push(bytes),
        }
    }

    /// Adds the row of a job to the file, or to `stdout`. One that never started has none.
    ///
    /// # Errors
    /// Those of writing, and of reading output back.
    pub fn finished(&mut self, job: &Finished, stdout: &mut dyn Write) -> io::Result<()> {
        let pieces = self.pieces.remove(&job.seq).unwrap_or_default();
        let (exit, signal) = match job.outcome {
            Outcome::Skipped | Outcome::AlreadyDone => return Ok(()),
            Outcome::Exited(status) => (status, 0),
            Outcome::Signaled(signal) => (0, signal),
            Outcome::TimedOut | Outcome::WantedTerminal | Outcome::Cancelled | Outcome::Evicted => {
                (-1, self.first_signal)
            }
            Outcome::Declined => (-2, 0),
            Outcome::SpawnFailed(_) | Outcome::NotExecutable(_) | Outcome::Refused(_) => (255, 0),
            Outcome::OutputLost(_) => (-1, 0),
        };
        let marks = Marks::new(job.tag.as_deref(), None);
        let mut lead = Vec::new();
        if self.with_command && job.slot.is_some() {
            lead = [&job.command[..], b"\n"].concat();
        }
        let [out, err] = &pieces;
        let text = |lead, pieces, last| Text { lead, pieces, last, marks: &marks };
        let row = Row {
            job,
            exit,
            signal,
            // With --files, what went to standard error has been printed.
            texts: [
                text(&lead, out, &job.stdout),
                text(&[], err, if self.with_errors { &job.stderr } else { &Captured::Empty }),
            ],
        };
        let out: &mut dyn Write = match &mut self.file {
            Some((file, _)) => file,
            None => stdout,
        };
        if self.format == TableFormat::Json {
            return row.write_json(out);
        }
        let separator = if self.format == TableFormat::Csv { b',' } else { b'\t' };
        if !self.has_header {
            self.has_header = true;
            write_header(job.args.iter().count(), &self.names, separator, out)?;
        }
        row.write_csv(separator, out)
    }

    /// Gives what has been collected to the kernel.
    ///
    /// # Errors
    /// Those of writing.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), |(file, _)| file.flush())
    }

    /// Waits until it is on the disk.
    ///
    /// # Errors
    /// A disk that does not take it.
    pub fn sync(&self) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), |(file, _)| file.sync())
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("format", &self.format).finish_non_exhaustive()
    }
}

/// What a job wrote to one of its streams, wherever it is.
struct Text<'a> {
    lead: &'a [u8],
    pieces: &'a [Captured],
    last: &'a Captured,
    marks: &'a Marks,
}

impl Text<'_> {
    fn copy_to(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut marked = Marked::new(out, self.marks);
        marked.write_all(self.lead)?;
        self.pieces.iter().chain([self.last]).try_for_each(|piece| copy(piece, &mut marked))?;
        marked.finish()
    }
}

struct Row<'a> {
    job: &'a Finished,
    exit: i32,
    signal: i32,
    texts: [Text<'a>; 2],
}

impl Row<'_> {
    /// When it started, in seconds with milliseconds.
    fn start(&self) -> String {
        seconds(self.job.start.duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    fn write_csv(&self, separator: u8, out: &mut dyn Write) -> io::Result<()> {
        let s = char::from(separator);
        let (start, wall) = (self.start(), seconds(self.job.wall));
        let Row { job, exit, signal, .. } = self;
        let (sent, received) = (job.sent, job.received);
        write!(out, "{}{s}:{s}{start}{s}{wall}{s}{sent}{s}{received}{s}{exit}{s}{signal}", job.seq)?;
        for field in std::iter::once(&job.command[..]).chain(job.args.iter()) {
            out.write_all(&[separator])?;
            write_field(&|out| out.write_all(field), separator, out)?;
        }
        for text in &self.texts {
            out.write_all(&[separator])?;
            write_field(&|out| text.copy_to(out), separator, out)?;
        }
        out.write_all(b"\n")
    }
}

impl Row<'_> {
    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let Row { job, exit, signal, .. } = self;
        let (sent, received) = (job.sent, job.received);
        let (start, wall) = (self.start(), seconds(job.wall));
        write!(out, "{{ \"Seq\": {}, \"Host\": \":\", \"Starttime\": {start}, \"JobRuntime\": {wall}, ", job.seq)?;
        write!(
            out,
            "\"Send\": {sent}, \"Receive\": {received}, \"Exitval\": {exit}, \"Signal\": {signal}, \"Command\": "
        )?;
        write_string(&|out| out.write_all(&job.command), out)?;
        out.write_all(b", \"V\": [ ")?;
        for (index, value) in job.args.iter().enumerate() {
            if index > 0 {
                out.write_all(b",")?;
            }
            write_string(&|out| out.write_all(value), out)?;
        }
        out.write_all(b" ]")?;
        for (name, text) in ["Stdout", "Stderr"].iter().zip(&self.texts) {
            write!(out, ", \"{name}\": ")?;
            write_string(&|out| text.copy_to(out), out)?;
        }
        out.write_all(b" }\n")
    }
}

/// As GNU parallel shows times: seconds with three decimals.
fn seconds(time: Duration) -> String {
    let milliseconds = time.as_micros().saturating_add(500) / 1000;
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

/// The line of headings. As GNU parallel: there are as many inputs as the first job to be printed has.
fn write_header(inputs: usize, names: &[Vec<u8>], separator: u8, out: &mut dyn Write) -> io::Result<()> {
    let mut fields: Vec<Vec<u8>> = FIRST.split(' ').map(|name| name.as_bytes().to_vec()).collect();
    // With fewer names than inputs, GNU parallel leaves the rest out.
    fields.extend((0..inputs).filter_map(|index| match names.is_empty() {
        true => Some(format!("V{}", index + 1).into_bytes()),
        false => names.get(index).cloned(),
    }));
    fields.extend(["Stdout", "Stderr"].map(|name| name.as_bytes().to_vec()));
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.write_all(&[separator])?;
        }
        write_field(&|out| out.write_all(field), separator, out)?;
    }
    out.write_all(b"\n")
}

/// Something that can be written more than once.
type Source<'a> = &'a dyn Fn(&mut dyn Write) -> io::Result<()>;

/// A field of a row, in quotes where it has to be (as GNU parallel: also where there is a blank).
fn write_field(source: Source<'_>, separator: u8, out: &mut dyn Write) -> io::Result<()> {
    let mut look = Look { separator, needs_quotes: false };
    source(&mut look)?;
    if !look.needs_quotes {
        return source(out);
    }
    out.write_all(b"\"")?;
    source(&mut Escaped { out, escape: |byte| (byte == b'"').then(|| b"\"\"".to_vec()) })?;
    out.write_all(b"\"")
}

fn write_string(source: Source<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"\"")?;
    source(&mut Escaped { out, escape: in_json })?;
    out.write_all(b"\"")
}

/// As GNU parallel; bytes that are not UTF-8 stay as they are.
fn in_json(byte: u8) -> Option<Vec<u8>> {
    match byte {
        b'\\' => Some(b"\\\\".to_vec()),
        b'"' => Some(b"\\\"".to_vec()),
        0..0x20 => Some(format!("\\u{byte:04x}").into_bytes()),
        _ => None,
    }
}

/// Whether a field needs quotes.
struct Look {
    separator: u8,
    needs_quotes: bool,
}

impl Write for Look {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let is_special = |byte: &u8| matches!(byte, b'"' | 0 | b' ' | b'\t'..=b'\r') || *byte == self.separator;
        self.needs_quotes = self.needs_quotes || bytes.iter().any(is_special);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes something else for some bytes.
struct Escaped<'a> {
    out: &'a mut dyn Write,
    escape: fn(u8) -> Option<Vec<u8>>,
}

impl Write for Escaped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut plain = 0;
        for (index, byte) in bytes.iter().enumerate() {
            if *byte > b'"' && *byte != b'\\' {
                continue;
            }
            if let Some(escaped) = (self.escape)(*byte) {
                self.out.write_all(&bytes[plain..index])?;
                self.out.write_all(&escaped)?;
                plain = index + 1;
            }
        }
        self.out.write_all(&bytes[plain..])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_gnu_parallel_quotes_them() {
        let field = |text: &str, separator| {
            let mut written = Vec::new();
            write_field(&|out| out.write_all(text.as_bytes()), separator, &mut written).expect("memory");
            String::from_utf8(written).expect("text")
        };
        for (text, expected) in [
            ("", ""),
            ("a", "a"),
            ("a b", "\"a b\""),
            ("a,b", "\"a,b\""),
            ("\"", "\"\"\"\""),
            ("a\n", "\"a\n\""),
            ("a;b", "a;b"),
        ] {
            assert_eq!(field(text, b','), expected);
        }
        assert_eq!(field("a,b", b'\t'), "a,b");
        assert_eq!(field("a\tb", b'\t'), "\"a\tb\"");
    }

    #[test]
    fn strings_are_those_of_json() {
        let text = "a\"b\\c\n\u{1}\u{7f}é";
        let mut written = Vec::new();
        write_string(&|out| out.write_all(text.as_bytes()), &mut written).expect("memory");
        assert_eq!(written, "\"a\\\"b\\\\c\\u000a\\u0001\u{7f}é\"".as_bytes());
        assert_eq!(serde_json::from_slice::<String>(&written).expect("JSON"), text);
    }
}
