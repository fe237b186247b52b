//! `--latest-line`: a line for each job on the terminal, with what it has written last.
//!
//! As GNU parallel draws it: jobs have rows in the order in which they first write, or with `--keep-order` in that of the
//! inputs; a row stays when it and all above it have ended, and what has no room waits for that. Where there is no
//! terminal, each job's last line is printed once, at its end.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::ops::Range;
use std::os::fd::BorrowedFd;

use rustix::termios::tcgetwinsize;

use super::copy;
use crate::model::{Captured, Seq};

/// Where the size of a terminal is not known.
const SIZE: (usize, usize) = (24, 80);
/// So many bytes of a line are kept.
const LONGEST: usize = 4096;

/// What a job has written.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The job.
    pub seq: Seq,
    /// Its mark.
    pub tag: Option<&'a [u8]>,
    /// What turns its color on and off.
    pub color: Option<(&'a [u8], &'a [u8])>,
    /// What it has written since.
    pub bytes: &'a Captured,
}

/// The rows of the jobs.
#[derive(Debug)]
pub struct Latest {
    in_input_order: bool,
    on_terminal: bool,
    rows: BTreeMap<u64, Row>,
    /// The rows of jobs, where these are not their numbers.
    numbers: HashMap<Seq, u64>,
    last_number: u64,
    /// Where the cursor is.
    cursor: u64,
    /// The lowest row that has been drawn.
    lowest: u64,
    /// The first row that may still change.
    first: u64,
}

#[derive(Debug, Default)]
struct Row {
    tag: Vec<u8>,
    color: Option<(Vec<u8>, Vec<u8>)>,
    line: Vec<u8>,
    has_ended: bool,
}

impl Latest {
    /// No rows yet.
    pub fn new(in_input_order: bool, on_terminal: bool) -> Latest {
        Latest {
            in_input_order,
            on_terminal,
            rows: BTreeMap::new(),
            numbers: HashMap::new(),
            last_number: 0,
            cursor: 1,
            lowest: 1,
            first: 1,
        }
    }

    /// A job has written something.
    ///
    /// # Errors
    /// Those of reading it back and of writing.
    pub fn written(&mut self, said: Said<'_>, out: &mut dyn Write) -> io::Result<()> {
        let number = self.update(said)?;
        if self.on_terminal { self.draw(number, out) } else { Ok(()) }
    }

    /// A job has ended, and has written this before.
    ///
    /// # Errors
    /// Those of reading it back and of writing.
    pub fn ended(&mut self, said: Said<'_>, out: &mut dyn Write) -> io::Result<()> {
        let number = self.update(said)?;
        self.numbers.remove(&said.seq);
        if !self.on_terminal {
            let Some(row) = self.rows.remove(&number) else { return Ok(()) };
            let (on, off) = row.color.unwrap_or_default();
            return if row.line.is_empty() {
                Ok(())
            } else {
                out.write_all(&[&on[..], &row.tag, &row.line, &off, b"\n"].concat())
            };
        }
        self.over(number, out)
    }

    /// There is no such job, as it was not started.
    ///
    /// # Errors
    /// Those of writing.
    pub fn pass_over(&mut self, seq: Seq, out: &mut dyn Write) -> io::Result<()> {
        if !self.in_input_order || !self.on_terminal {
            return Ok(());
        }
        self.rows.insert(seq.0, Row::default());
        self.over(seq.0, out)
    }

    fn over(&mut self, number: u64, out: &mut dyn Write) -> io::Result<()> {
        if let Some(row) = self.rows.get_mut(&number) {
            row.has_ended = true;
        }
        self.draw(number, out)?;
        while self.rows.get(&self.first).is_some_and(|row| row.has_ended) {
            self.draw(self.first, out)?;
            self.rows.remove(&self.first);
            self.first += 1;
        }
        // There may be room for others now.
        let end = self.room(size().0).end;
        (self.lowest + 1..end).try_for_each(|number| self.draw(number, out))
    }

    /// The rows that a terminal of this height shows.
    fn room(&self, height: usize) -> Range<u64> {
        self.first..self.first + (height.max(2) as u64 - 1)
    }

    /// Keeps the last line; answers the row.
    fn update(&mut self, Said { seq, tag, color, bytes }: Said<'_>) -> io::Result<u64> {
        let number = if self.in_input_order {
            seq.0
        } else {
            *self.numbers.entry(seq).or_insert_with(|| {
                self.last_number += 1;
                self.last_number
            })
        };
        let row = self.rows.entry(number).or_default();
        row.tag = tag.map(|tag| [tag, b"\t"].concat()).unwrap_or_default();
        row.color = color.map(|(on, off)| (on.to_vec(), off.to_vec()));
        let mut last = LastLine::default();
        copy(bytes, &mut last)?;
        if let Some(line) = last.line() {
            row.line = line;
        }
        Ok(number)
    }

    fn draw(&mut self, number: u64, out: &mut dyn Write) -> io::Result<()> {
        let (height, width) = size();
        let Some(row) = self.rows.get(&number) else { return Ok(()) };
        if !self.room(height).contains(&number) {
            return Ok(());
        }
        let (tag, line) = (untabbed(&row.tag, 0), untabbed(&row.line, 0));
        let times = |text: &[u8], from: u64, to: u64| text.repeat(to.saturating_sub(from) as usize);
        let mut text = times(b"\x1b[A", number, self.cursor);
        text.extend(times(b"\n", self.cursor, number));
        text.push(b'\r');
        let room = width.saturating_sub(tag.chars().count());
        if room == 0 {
            text.extend(tag.chars().take(width - 1).collect::<String>().bytes());
            text.push(b'>');
        } else {
            let (on, off) = row.color.as_ref().map_or((&b""[..], &b""[..]), |(on, off)| (on, off));
            text.extend_from_slice(tag.as_bytes());
            text.extend_from_slice(on);
            text.extend(line.chars().take(room - 1).collect::<String>().bytes());
            text.push(if line.chars().count() < room { b' ' } else { b'>' });
            // What a longer line has left.
            text.extend_from_slice(if on.is_empty() { b"\x1b[K" } else { b"" });
            text.extend_from_slice(off);
        }
        self.lowest = self.lowest.max(number);
        text.extend(times(b"\n", number, self.lowest + 1));
        self.cursor = self.lowest + 1;
        out.write_all(&text)
    }
}

/// Rows and columns.
fn size() -> (usize, usize) {
    let stdout: BorrowedFd<'_> = rustix::stdio::stdout();
    match tcgetwinsize(stdout) {
        Ok(size) if size.ws_row > 1 && size.ws_col > 1 => (size.ws_row.into(), size.ws_col.into()),
        _ => SIZE,
    }
}

/// As text with blanks for each TAB, from column `start` on.
fn untabbed(bytes: &[u8], start: usize) -> String {
    let mut text = String::new();
    let mut column = start;
    for c in String::from_utf8_lossy(bytes).chars() {
        let width = if c == '\t' { 8 - column % 8 } else { 1 };
        column += width;
        if c == '\t' { text.extend(std::iter::repeat_n(' ', width)) } else { text.push(c) }
    }
    text
}

/// Keeps the last line that says something, and forgets the others.
#[derive(Debug, Default)]
struct LastLine {
    whole: Option<Vec<u8>>,
    open: Vec<u8>,
}

impl LastLine {
    fn line(self) -> Option<Vec<u8>> {
        if self.open.is_empty() { self.whole } else { Some(self.open) }
    }
}

impl Write for LastLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        for piece in bytes.split_inclusive(is_end) {
            let ends = piece.last().is_some_and(is_end);
            let text = &piece[..piece.len() - usize::from(ends)];
            let room = LONGEST.saturating_sub(self.open.len()).min(text.len());
            self.open.extend_from_slice(&text[..room]);
            if ends && !self.open.is_empty() {
                self.whole = Some(std::mem::take(&mut self.open));
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Buffer;

    fn captured(text: &str) -> Captured {
        Captured::Memory(Buffer::from(text.as_bytes().to_vec()))
    }

    fn said<'a>(seq: u64, tag: Option<&'static [u8]>, bytes: &'a Captured) -> Said<'a> {
        Said { seq: Seq(seq), tag, color: None, bytes }
    }

    #[test]
    fn what_a_person_sees_is_the_last_line_of_each_job() {
        let mut latest = Latest::new(false, true);
        let mut out = Vec::new();
        for (seq, text) in [(2, "two\n"), (1, "one\nlonger than that\n"), (2, "half\rnew\n"), (1, "1\n")] {
            latest.written(said(seq, Some(b"t"), &captured(text)), &mut out).expect("memory");
        }
        for seq in [1, 2] {
            latest.ended(said(seq, Some(b"t"), &captured("end")), &mut out).expect("memory");
        }
        latest.written(said(3, None, &captured("three\n")), &mut out).expect("memory");
        let size = |count| std::num::NonZeroU16::new(count).expect("a terminal has room");
        let mut screen = vt100::Parser::new(size(24), size(80), 0);
        // A terminal makes a carriage return of each newline, too.
        screen.process(
            &out.iter()
                .flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] })
                .collect::<Vec<_>>(),
        );
        let lines: Vec<String> = screen.screen().rows(0, 80).take(3).map(|row| row.trim_end().to_owned()).collect();
        assert_eq!(lines, ["t       end", "t       end", "three"]);
    }

    #[test]
    fn without_a_terminal_the_last_line_is_printed_at_the_end() {
        let mut latest = Latest::new(false, false);
        let mut out = Vec::new();
        latest.written(said(1, None, &captured("a\nb\n")), &mut out).expect("memory");
        latest.ended(said(2, Some(b"t"), &captured("c\n\n")), &mut out).expect("memory");
        latest.ended(said(1, None, &Captured::Empty), &mut out).expect("memory");
        latest.ended(said(3, None, &Captured::Empty), &mut out).expect("memory");
        assert_eq!(out, b"t\tc\nb\n");
    }
}
