//! Reading a joblog and its values: rows, and which of them later ones replace.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};

use super::{BY_COMMAND, Entry, Hasher, Journal, Key, State};
use crate::diag::Diag;
use crate::options::{Options, Resume};
use crate::report::joblog::{
    ENDED_BY_US, Ended, Rerun, RerunValues, Reruns, Row, ValuesLine, as_parallel_wrote, is_header, no_joblog,
    no_lasting_file, unescape_command, values_path,
};
use crate::report::lines::{complain, named};
use crate::report::logfile;

/// A job that `--retry-failed` runs again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// That of its row; a new one where another of these has it.
    pub seq: u64,
    /// Its command, as it was run.
    pub command: Vec<u8>,
}

/// What a row says, with all that is needed until it is known which rows count.
struct Raw {
    key: Key,
    seq: u64,
    command: u64,
    replaces: u64,
    state: State,
    /// Its command is the template, which refused it.
    refused: bool,
    /// Its command is as it is, whatever looks like an escape.
    plain: bool,
    /// It was sent a part of the input.
    was_sent: bool,
    alive: bool,
}

/// What is kept of some rows only, by their place in the log.
#[derive(Default)]
struct Texts {
    /// Commands that have to be looked at once more.
    commands: HashMap<usize, Vec<u8>>,
    /// Values of rows whose job `--retry-failed` runs.
    values: HashMap<usize, Vec<u8>>,
}

impl Journal {
    /// Reads the joblog of an earlier run, once it has been mended. `None` where nothing is to be resumed. A log that is not
    /// there, or is empty, knows no job.
    ///
    /// `numbered`: the template has `{#}` or `{%}`.
    ///
    /// # Errors
    /// A file that can't be read, or is no joblog.
    pub fn read(options: &Options, numbered: bool, diag: &Diag) -> Result<Option<Journal>> {
        let resume = options.report.resume;
        let Some(joblog) = options.report.joblog.as_ref().filter(|_| resume != Resume::No) else { return Ok(None) };
        let path = &joblog.path;
        let name = named(resume.option(), path);
        // Also where nothing else opens it, with --dry-run.
        let other = std::fs::metadata(path).is_ok_and(|found| !found.is_file());
        if other || path.as_os_str() == "-" {
            bail!("{}", no_lasting_file(resume, path));
        }
        let open = |path: &Path| match logfile::open_to_read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some),
        };
        let log = open(path).map_err(|error| complain(&name, "opened", &error))?;
        // Whoever wrote the log has been warned if these can't be had.
        let values = values_path(path);
        let values = if values.is_file() { open(&values).unwrap_or_default() } else { None };
        let mut reader = Reading {
            hasher: Hasher::default(),
            numbered,
            retry: resume == Resume::Retry,
            success: &|status| i32::try_from(status).is_ok_and(|status| options.is_success(status)),
            texts: Texts::default(),
            rows: Vec::new(),
        };
        let odd = match log {
            Some(log) => reader.rows(Whole::new(log), values.map(Values::new)),
            None => Ok(Odd::default()),
        };
        let odd = odd.map_err(|error| complain(&name, "read", &error))?;
        match odd.first {
            Some(1) => bail!("{}", no_joblog(resume, path)),
            Some(line) => diag.warn(format_args!(
                "{name}: {} of its lines, line {line} first, are no rows of a joblog and are ignored",
                odd.count
            )),
            None => {}
        }
        Ok(Some(reader.finish(resume, diag)))
    }
}

/// Lines that are no rows.
#[derive(Default)]
struct Odd {
    first: Option<u64>,
    count: u64,
}

struct Reading<'a> {
    hasher: Hasher,
    numbered: bool,
    retry: bool,
    success: &'a dyn Fn(i64) -> bool,
    texts: Texts,
    rows: Vec<Raw>,
}

impl Reading<'_> {
    fn rows(&mut self, mut log: Whole, mut values: Option<Values>) -> io::Result<Odd> {
        let (mut odd, mut number, mut key) = (Odd::default(), 0, Vec::new());
        while let Some(line) = log.next()? {
            number += 1;
            let Some(row) = Row::parse(line) else {
                if !is_header(line) {
                    odd.first.get_or_insert(number);
                    odd.count += 1;
                }
                continue;
            };
            key.clear();
            row.key(&mut key);
            let known = match &mut values {
                Some(values) => values.of(&key)?,
                None => None,
            };
            self.row(&row, known);
        }
        Ok(odd)
    }

    fn row(&mut self, row: &Row<'_>, known: Option<Found>) {
        let index = self.rows.len();
        let command = self.hasher.command(row.command, self.numbered);
        // What was ended by us, nobody knows why, may have been in the middle of its work.
        let by_exit = if row.exit == i64::from(ENDED_BY_US) { Ended::No } else { Ended::Yes };
        let ended = known.as_ref().map_or(by_exit, |found| found.ended);
        let state = match ended {
            Ended::No | Ended::Refused => State::Unfinished,
            Ended::Yes if row.signal == 0 && (self.success)(row.exit) => State::Succeeded,
            Ended::Yes => State::Failed,
        };
        let refused = ended == Ended::Refused;
        let plain = known.as_ref().is_some_and(|found| found.plain);
        let by_command = known.is_none();
        if (by_command && self.numbered && !self.retry) || (self.retry && state != State::Succeeded) {
            self.texts.commands.insert(index, row.command.to_vec());
        }
        let (key, replaces) = match known {
            Some(found) => {
                let key = self.hasher.values(&found.values);
                if self.retry && state != State::Succeeded {
                    self.texts.values.insert(index, found.values);
                }
                (key, found.replaces)
            }
            // As GNU parallel: the last row of a Seq counts.
            None => ([BY_COMMAND, command], row.seq),
        };
        self.rows.push(Raw {
            key,
            seq: row.seq,
            command,
            replaces,
            state,
            refused,
            plain,
            was_sent: row.was_sent,
            alive: true,
        });
    }

    fn finish(mut self, resume: Resume, diag: &Diag) -> Journal {
        // By key and Seq, then in the order of the log. The keys go along: looking them up in the rows takes longer than all the rest.
        let rows = &self.rows;
        let mut order: Vec<(Key, u64, u32)> =
            rows.iter().zip(0..).map(|(row, index)| (row.key, row.seq, index)).collect();
        order.sort_unstable();
        let anonymous = rows.iter().all(|row| row.key[0] == BY_COMMAND);
        let any_by_command = rows.iter().any(|row| row.key[0] == BY_COMMAND);
        // Nearly all rows replace nothing: those in which only their own job is.
        let mut replacing: Vec<usize> = Vec::new();
        for group in order.chunk_by(|one, other| one.0 == other.0) {
            let simple = |index: u32| {
                let row = &rows[index as usize];
                row.replaces == 0 || (row.replaces == row.seq && (!any_by_command || row.key[0] == BY_COMMAND))
            };
            if group.len() > 1 || !simple(group[0].2) {
                replacing.extend(group.iter().map(|(_, _, index)| *index as usize));
            }
        }
        replacing.sort_unstable();
        for index in replacing {
            let Raw { key, command, replaces, .. } = self.rows[index];
            if replaces == 0 {
                continue;
            }
            let replaced = self.replaced(&order, key, replaces, index);
            // A row without values, whose job was run again in a run that writes them.
            let replaced = replaced.or_else(|| {
                let other = [BY_COMMAND, command];
                (any_by_command && other != key).then(|| self.replaced(&order, other, replaces, index)).flatten()
            });
            if let Some(replaced) = replaced {
                self.rows[replaced].alive = false;
            }
        }
        let retries = if self.retry { self.retries(diag) } else { (Vec::new(), Reruns::default()) };
        let (retries, reruns) = retries;
        let mut commands: HashMap<(Key, u64), Vec<Vec<u8>>> = HashMap::new();
        let mut entries = Vec::with_capacity(self.rows.len());
        for (_, _, index) in order {
            let row = &self.rows[index as usize];
            if !row.alive {
                continue;
            }
            if let Some(text) = self.texts.commands.remove(&(index as usize)).filter(|_| !self.retry) {
                commands.entry((row.key, row.seq)).or_default().push(text);
            }
            let Raw { key, seq, command, state, .. } = *row;
            entries.push(Entry { key, seq, command, state, taken: false });
        }
        Journal {
            is_anonymous: anonymous && !entries.is_empty(),
            entries,
            commands,
            cursors: HashMap::new(),
            hasher: self.hasher,
            done_from: if resume == Resume::Finished { State::Failed } else { State::Succeeded },
            numbered: self.numbered,
            has_matched: false,
            command_changed: false,
            shift: 0,
            reruns: Arc::new(reruns),
            retries,
            scratch: Vec::new(),
        }
    }

    /// The row with this key and Seq, before the one at `index`, that it replaces: one that is to be run again, if there is.
    fn replaced(&self, order: &[(Key, u64, u32)], key: Key, seq: u64, index: usize) -> Option<usize> {
        let row = |place: usize| &self.rows[order[place].2 as usize];
        let start = order.partition_point(|(other, number, _)| (*other, *number) < (key, seq));
        let places: Range<usize> = start..order.len();
        let same_text = |at: usize| {
            // With numbers left out of their keys, commands may differ.
            key[0] != BY_COMMAND || !self.numbered || self.texts.commands.get(&at) == self.texts.commands.get(&index)
        };
        places
            .take_while(|place| row(*place).key == key && row(*place).seq == seq)
            .map(|place| order[place].2 as usize)
            .filter(|at| *at < index && self.rows[*at].alive && same_text(*at))
            .min_by_key(|at| self.rows[*at].state)
    }

    /// What `--retry-failed` runs, in the order of the Seqs, each of which there is only once. Rows that do not say what to
    /// run stay as they are.
    fn retries(&mut self, diag: &Diag) -> (Vec<Retry>, Reruns) {
        let mut failed: Vec<usize> = (0..self.rows.len())
            .filter(|index| self.rows[*index].alive && self.rows[*index].state != State::Succeeded)
            .collect();
        // Where a Seq is there twice, the one that can only be found by it keeps it, and the other gets a new one.
        failed.sort_by_key(|index| (self.rows[*index].seq, self.texts.values.contains_key(index)));
        let mut new = self.rows.iter().map(|row| row.seq).max().unwrap_or(0);
        let (mut last, reruns) = (0, Reruns::default());
        let mut retries = Vec::new();
        for index in failed {
            let row = &self.rows[index];
            let text = self.texts.commands.remove(&index).unwrap_or_default();
            let values = self.texts.values.remove(&index);
            if let Some(why) = unknown_command(row, values.is_some(), &text) {
                diag.error(format_args!("job {}{why}: use --resume-failed with the command", row.seq));
                continue;
            }
            let seq = if row.seq > last {
                last = row.seq;
                last
            } else {
                new += 1;
                new
            };
            let command = match values {
                Some(_) if row.plain => text,
                Some(_) => unescape_command(&text),
                None => as_parallel_wrote(&text),
            };
            let values = values.map_or(RerunValues::Unknown, RerunValues::Known);
            reruns.add(seq, Rerun { replaces: row.seq, values });
            retries.push(Retry { seq, command });
        }
        retries.sort_by_key(|retry| retry.seq);
        (retries, reruns)
    }
}

/// Why a row does not say what was run, and on what. Without values it may be ours or GNU parallel's, who escapes nothing.
fn unknown_command(row: &Raw, has_values: bool, text: &[u8]) -> Option<&'static str> {
    if row.was_sent {
        return Some(" has read a part of the input of --pipe, which is not in the log");
    }
    if row.refused {
        return Some(" was refused, and the log has only its template");
    }
    let may_be_escaped = || text.windows(2).any(|pair| matches!(pair, [b'\\', b'n' | b't']));
    (!has_values && may_be_escaped())
        .then_some(": its line may be escaped, and FILE.values, which would tell, is missing")
}

/// The whole lines of a file.
struct Whole {
    reader: BufReader<File>,
    line: Vec<u8>,
}

impl Whole {
    fn new(file: File) -> Whole {
        Whole { reader: BufReader::with_capacity(256 << 10, file), line: Vec::new() }
    }

    /// The next line without its newline. What follows the last newline is torn, and no line.
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        self.reader.read_until(b'\n', &mut self.line)?;
        Ok(self.line.strip_suffix(b"\n"))
    }
}

/// The values of a row.
struct Found {
    replaces: u64,
    ended: Ended,
    plain: bool,
    values: Vec<u8>,
}

/// The file of values, read along with the log: it is nearly in the same order.
struct Values {
    lines: Whole,
    /// Those that came before their rows, or have none.
    waiting: HashMap<Vec<u8>, VecDeque<Found>>,
}

impl Values {
    fn new(file: File) -> Values {
        Values { lines: Whole::new(file), waiting: HashMap::new() }
    }

    /// The values of the row with this key.
    fn of(&mut self, key: &[u8]) -> io::Result<Option<Found>> {
        if let Some(found) = self.waiting.get_mut(key).and_then(VecDeque::pop_front) {
            return Ok(Some(found));
        }
        while let Some(line) = self.lines.next()? {
            let Some(line) = ValuesLine::parse(line) else { continue };
            let found =
                Found { replaces: line.replaces, ended: line.ended, plain: line.plain, values: line.values.to_vec() };
            if line.key == key {
                return Ok(Some(found));
            }
            self.waiting.entry(line.key.to_vec()).or_default().push_back(found);
        }
        Ok(None)
    }
}
