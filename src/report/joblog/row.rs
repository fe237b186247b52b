//! The rows of a joblog and of the file of values beside it, read back.
//!
//! `FILE.values` has a line per row of `FILE`, written before it: the row's own `Seq Starttime JobRuntime Exitval Signal`, by
//! which it is found, then `Replaces` and `Ended`, then the job's values, all separated by TABs.
//!
//! - `Replaces` is the Seq of the row that this one replaces, of a job with the same values: its own in a run that
//!   resumes nothing (there, the last row of a Seq counts, as in GNU parallel), 0 for a job that had none.
//! - `Ended` is 1 for a job that has ended by itself or by its timeout, and whose output has been printed; 0 for one that
//!   was ended because the run was, or could not be started; 2 for one that the template refused, so that it has no
//!   command: `Command` is the template. `p` behind it: `Command` is as it is, although it looks as if it had escapes.

use super::HEADER;

/// A row of a joblog, as it stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    pub seq: u64,
    pub exit: i64,
    pub signal: i64,
    /// It was sent a part of the input (`--pipe`).
    pub was_sent: bool,
    /// Escaped as whoever wrote it does.
    pub command: &'a [u8],
    start: &'a [u8],
    runtime: &'a [u8],
    exit_text: &'a [u8],
    signal_text: &'a [u8],
    seq_text: &'a [u8],
}

impl<'a> Row<'a> {
    /// Reads a line without its newline; `None`: that is no row. GNU parallel does not escape TABs in a command, so that there
    /// may be more columns than nine.
    pub fn parse(line: &'a [u8]) -> Option<Row<'a>> {
        let mut rest = line;
        let mut column = || {
            let tab = memchr::memchr(b'\t', rest)?;
            let column = &rest[..tab];
            rest = &rest[tab + 1..];
            Some(column)
        };
        let (seq_text, _host, start, runtime) = (column()?, column()?, column()?, column()?);
        let (send, _receive, exit_text, signal_text) = (column()?, column()?, column()?, column()?);
        let number = |text: &[u8]| text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b' ' | b'-'));
        if !number(start) || !number(runtime) {
            return None;
        }
        let (exit, signal) = (integer(exit_text)?, integer(signal_text)?);
        let seq = u64::try_from(integer(seq_text)?).ok().filter(|seq| *seq > 0)?;
        let was_sent = integer(send).is_some_and(|bytes| bytes > 0);
        Some(Row { seq, exit, signal, was_sent, command: rest, start, runtime, exit_text, signal_text, seq_text })
    }

    /// Appends what the line of its values starts with.
    pub fn key(&self, key: &mut Vec<u8>) {
        for column in [self.seq_text, self.start, self.runtime, self.exit_text, self.signal_text] {
            key.extend_from_slice(column);
            key.push(b'\t');
        }
    }
}

fn integer(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Whether a line (without its newline) is the header.
pub fn is_header(line: &[u8]) -> bool {
    HEADER.strip_suffix(b"\n") == Some(line)
}

/// What a line of values says about the end of its job: its `Ended`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was ended because the run was, could not be started, or its output is lost.
    No,
    /// It has ended by itself or by its timeout.
    Yes,
    /// It has no command: the template refused it.
    Refused,
}

impl Ended {
    /// The same, if what the job wrote is lost.
    pub fn without_output(self) -> Ended {
        if self == Ended::Yes { Ended::No } else { self }
    }

    fn byte(self) -> u8 {
        match self {
            Ended::No => b'0',
            Ended::Yes => b'1',
            Ended::Refused => b'2',
        }
    }

    fn parse(text: &[u8]) -> Option<Ended> {
        [Ended::No, Ended::Yes, Ended::Refused].into_iter().find(|ended| text == [ended.byte()])
    }
}

/// A line of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValuesLine<'a> {
    /// What [`Row::key`] of its row makes.
    pub key: &'a [u8],
    pub replaces: u64,
    pub ended: Ended,
    /// The command stands in the row as it is, whatever looks like an escape.
    pub plain: bool,
    /// The values, each with a TAB before it, escaped: equal ones are equal bytes.
    pub values: &'a [u8],
}

/// What stands behind `Ended` where the command is as it is.
const PLAIN: &[u8] = b"p";

impl<'a> ValuesLine<'a> {
    /// Reads a line without its newline.
    pub fn parse(line: &'a [u8]) -> Option<ValuesLine<'a>> {
        let mut tabs = memchr::memchr_iter(b'\t', line);
        let key_end = tabs.nth(4)? + 1;
        let replaces_end = tabs.next()?;
        let ended_end = tabs.next().unwrap_or(line.len());
        let replaces = u64::try_from(integer(&line[key_end..replaces_end])?).ok()?;
        let ended = &line[replaces_end + 1..ended_end];
        let (ended, plain) = ended.strip_suffix(PLAIN).map_or((ended, false), |ended| (ended, true));
        let ended = Ended::parse(ended)?;
        Some(ValuesLine { key: &line[..key_end], replaces, ended, plain, values: &line[ended_end..] })
    }
}

/// Appends `values` as they stand at the end of a line of values: a TAB before each; backslashes, newlines and TABs in
/// them as `\\`, `\n` and `\t`. Everything else, also what is not UTF-8, is as it is.
pub fn write_values<'v>(values: impl Iterator<Item = &'v [u8]>, line: &mut Vec<u8>) {
    for value in values {
        line.push(b'\t');
        let mut rest = value;
        while let Some(at) = memchr::memchr3(b'\\', b'\n', b'\t', rest) {
            line.extend_from_slice(&rest[..at]);
            line.extend_from_slice(match rest[at] {
                b'\n' => b"\\n",
                b'\t' => b"\\t",
                _ => b"\\\\",
            });
            rest = &rest[at + 1..];
        }
        line.extend_from_slice(rest);
    }
}

/// Appends what follows the key in a line of values.
pub fn write_values_tail(replaces: u64, ended: Ended, plain: bool, values: &[u8], line: &mut Vec<u8>) {
    line.extend_from_slice(replaces.to_string().as_bytes());
    line.push(b'\t');
    line.push(ended.byte());
    if plain {
        line.extend_from_slice(PLAIN);
    }
    line.extend_from_slice(values);
    line.push(b'\n');
}

/// The Exitval of a job that we ended, and of one whose output is lost: it is to be run again.
pub const ENDED_BY_US: i32 = -1;
/// The Exitval of a job that nobody wanted to be started (as GNU parallel).
pub const DECLINED: i32 = -2;

/// What the jobs of these rows wrote is lost: they become as those of jobs that we ended, by `signal`.
pub fn lose_output(rows: &mut Vec<u8>, signal: i32) {
    replace_lines(rows, |line| {
        let row = Row::parse(line)?;
        let kept =
            line.len() - [row.exit_text, row.signal_text, row.command].map(<[u8]>::len).iter().sum::<usize>() - 2;
        let end = format!("{ENDED_BY_US}\t{signal}\t");
        Some([&line[..kept], end.as_bytes(), row.command, b"\n"].concat())
    });
}

/// As [`lose_output`], for the lines of values of the same rows.
pub fn lose_output_of_values(lines: &mut Vec<u8>, signal: i32) {
    replace_lines(lines, |line| {
        let values = ValuesLine::parse(line)?;
        let kept = memchr::memchr_iter(b'\t', values.key).nth(2)? + 1;
        let mut line = [&values.key[..kept], format!("{ENDED_BY_US}\t{signal}\t").as_bytes()].concat();
        write_values_tail(values.replaces, values.ended.without_output(), values.plain, values.values, &mut line);
        Some(line)
    });
}

/// Lines for which there is no other one stay: the header, and the rest of one of which the disk took only a part.
fn replace_lines(lines: &mut Vec<u8>, other: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    for line in std::mem::take(lines).split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n").and_then(&other) {
            Some(other) => lines.extend_from_slice(&other),
            None => lines.extend_from_slice(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What [`write_values`] was given.
    fn read_values(text: &[u8]) -> Vec<Vec<u8>> {
        let mut values = Vec::new();
        for escaped in text.split(|byte| *byte == b'\t').skip(1) {
            let mut value = Vec::new();
            let mut bytes = escaped.iter();
            while let Some(byte) = bytes.next() {
                value.push(match byte {
                    b'\\' => match bytes.next().expect("an escape") {
                        b'n' => b'\n',
                        b't' => b'\t',
                        other => *other,
                    },
                    other => *other,
                });
            }
            values.push(value);
        }
        values
    }

    proptest! {
        #[test]
        fn any_values_can_be_read_back(values in prop::collection::vec(prop_oneof![
            prop::collection::vec(prop_oneof![Just(b'\\'), Just(b'\n'), Just(b'\t'), Just(b'n'), Just(b't')], 0..6),
            prop::collection::vec(1u8..=255, 0..20),
        ], 0..5)) {
            let mut text = Vec::new();
            write_values(values.iter().map(Vec::as_slice), &mut text);
            prop_assert!(!text.contains(&b'\n'));
            prop_assert_eq!(read_values(&text), values.clone());
            let mut line = b"1\t2.5\t   0.1\t0\t0\t".to_vec();
            write_values_tail(7, Ended::Refused, false, &text, &mut line);
            let read = ValuesLine::parse(line.strip_suffix(b"\n").expect("a line")).expect("its own line");
            prop_assert_eq!((read.key, read.replaces, read.ended), (&b"1\t2.5\t   0.1\t0\t0\t"[..], 7, Ended::Refused));
            prop_assert_eq!(read_values(read.values), values);
        }

        #[test]
        fn rows_whose_output_is_lost_are_found_by_their_values_and_keep_the_rest(
            values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..5), 0..4),
            command in prop::collection::vec(any::<u8>().prop_filter("one line", |byte| *byte != b'\n'), 0..20),
            exit in 0..256,
        ) {
            let row = [format!("7\t:\t1.5\t   0.1\t3\t4\t{exit}\t0\t").as_bytes(), &command, b"\n"].concat();
            let (mut key, mut text) = (Vec::new(), Vec::new());
            Row::parse(row.strip_suffix(b"\n").expect("a line")).expect("a row").key(&mut key);
            write_values(values.iter().map(Vec::as_slice), &mut text);
            write_values_tail(5, Ended::Yes, false, &text, &mut key);
            let (mut rows, mut lines) = ([HEADER, &row, &row].concat(), key.repeat(2));
            lose_output(&mut rows, 15);
            lose_output_of_values(&mut lines, 15);
            let lost = [&b"7\t:\t1.5\t   0.1\t3\t4\t-1\t15\t"[..], &command, b"\n"].concat();
            prop_assert_eq!(rows, [HEADER, &lost, &lost].concat());
            let key = b"7\t1.5\t   0.1\t-1\t15\t";
            prop_assert_eq!(lines, [&key[..], b"5\t0", &text, b"\n"].concat().repeat(2));
        }

        #[test]
        fn no_line_is_too_odd(line in prop::collection::vec(prop_oneof![Just(b'\t'), Just(b'1'), Just(b'-'), any::<u8>()], 0..60)) {
            Row::parse(&line);
            ValuesLine::parse(&line);
        }
    }

    #[test]
    fn rows_of_both_programs_are_read() {
        let row = Row::parse(b"12\t:\t1795250223.022\t     1.598\t0\t2\t-1\t15\techo a\tb").expect("a row");
        assert_eq!((row.seq, row.exit, row.signal, row.command), (12, -1, 15, &b"echo a\tb"[..]));
        let mut key = Vec::new();
        row.key(&mut key);
        assert_eq!(key, b"12\t1795250223.022\t     1.598\t-1\t15\t");
        assert_eq!(Row::parse(b"1\t:\t1.0\t1\t0\t2\t0\t0\t").expect("a row").command, b"");
        for line in
            [&b""[..], b"1\t:\t1.0\t1\t0\t2\t0\t0", b"0\t:\t1.0\t1\t0\t2\t0\t0\tx", b"a\t:\t1.0\t1\t0\t2\t0\t0\tx"]
        {
            assert_eq!(Row::parse(line), None, "{}", line.escape_ascii());
        }
        assert!(Row::parse(HEADER).is_none() && is_header(&HEADER[..HEADER.len() - 1]));
    }
}
