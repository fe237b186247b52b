//! What an earlier run has done, by its joblog: the rows, and for each new record the question whether it is one of them.
//!
//! A job is known by its values (from the file beside the log) and, among equal ones, by their number: as many records of
//! the same values are done as there are rows. Its number, its slot, its tries and the command do not count. A row
//! without values (of GNU parallel, or of a log that was copied alone) is known by its command instead.
//!
//! Of each row some 40 bytes are kept: values are 128 bits of a hash with a random key.

mod pattern;
mod read;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use super::joblog::{Rerun, Reruns, as_parallel_writes, write_command, write_values};
use crate::model::{Record, Seq, Slot};
use pattern::Pattern;

pub use read::Retry;

/// By what equal jobs are known to be equal.
type Key = [u64; 2];

/// How the job of a row ended; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    /// It was ended because the run was, or its output got lost, or it never started.
    Unfinished,
    Failed,
    Succeeded,
}

/// A row that no later one replaces.
#[derive(Clone, Debug)]
struct Entry {
    key: Key,
    seq: u64,
    /// A hash of the command, without its numbers where the template has `{#}` or `{%}`.
    command: u64,
    state: State,
    /// A record of this run is this job.
    taken: bool,
}

/// What is to be done with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is no job of the log, or one that is to be run again.
    Run,
    /// It has been done.
    Done,
}

/// Composes the command of a record as the log shows it, for a slot.
pub type Compose<'a> = dyn Fn(&Record, Slot, &mut Vec<u8>) + 'a;

/// What an earlier run has done.
#[derive(Debug)]
pub struct Journal {
    /// By key, then by Seq.
    entries: Vec<Entry>,
    /// The commands of rows without values, by key and Seq, where the template has numbers.
    commands: HashMap<(Key, u64), Vec<Vec<u8>>>,
    /// Where to look on among equal ones: for those that are done, and for others.
    cursors: HashMap<usize, [usize; 2]>,
    hasher: Hasher,
    /// From which state on a job is done.
    done_from: State,
    /// The template has `{#}` or `{%}`.
    numbered: bool,
    /// No row has values.
    pub is_anonymous: bool,
    /// Some record was found by its command.
    pub has_matched: bool,
    /// A done job's command is not what it would be now.
    pub command_changed: bool,
    /// By how much the numbers of jobs differed at the last match by command.
    shift: u64,
    reruns: Arc<Reruns>,
    retries: Vec<Retry>,
    scratch: Vec<u8>,
}

/// Makes keys, with a random key of its own so that nobody can provide for equal ones.
#[derive(Debug, Default)]
struct Hasher {
    one: RandomState,
    two: RandomState,
}

/// The first half of the keys of commands.
const BY_COMMAND: u64 = u64::MAX;

impl Hasher {
    /// Of values as they stand in the file of values.
    fn values(&self, text: &[u8]) -> Key {
        [self.one.hash_one(text) & !1, self.two.hash_one(text)]
    }

    /// Of an escaped command.
    fn command(&self, text: &[u8], numbered: bool) -> u64 {
        if !numbered {
            return self.one.hash_one(text);
        }
        // Each run of digits counts as one: where the numbers of job and slot stand can't be seen.
        let mut masked = Vec::with_capacity(text.len());
        for byte in text {
            if !byte.is_ascii_digit() {
                masked.push(*byte);
            } else if masked.last() != Some(&0) {
                masked.push(0);
            }
        }
        self.one.hash_one(masked)
    }
}

impl Journal {
    /// How many jobs the log knows.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the log knows no job.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What the rows of this run replace, for the log.
    pub fn reruns(&self) -> Arc<Reruns> {
        Arc::clone(&self.reruns)
    }

    /// The jobs of `--retry-failed`, in the order of their Seq.
    pub fn take_retries(&mut self) -> Vec<Retry> {
        std::mem::take(&mut self.retries)
    }

    /// Whether a record has been done. To be asked once for each record, in their order: equal ones are counted.
    pub fn decide(&mut self, record: &Record, compose: &Compose<'_>) -> Decision {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        let identity = record.body.as_ref().and_then(|body| body.identity());
        write_values(record.args.iter().chain(identity.as_deref()), &mut text);
        let key = self.hasher.values(&text);
        self.scratch = text;
        let mut found = self.find(key, record.seq.0, &|_, _| true);
        if found.is_none() && !self.entries.is_empty() {
            found = self.find_by_command(record, compose);
        }
        let Some(index) = found else { return Decision::Run };
        let entry = &mut self.entries[index];
        entry.taken = true;
        if entry.state < self.done_from {
            self.reruns.add(record.seq.0, Rerun { replaces: entry.seq, ..Rerun::default() });
            return Decision::Run;
        }
        if !self.command_changed && entry.key[0] != BY_COMMAND {
            let (seq, command) = (entry.seq, entry.command);
            self.command_changed = self.command_of(record, seq, compose) != command;
        }
        Decision::Done
    }

    /// The hash of the command that the row with this Seq would have now.
    fn command_of(&self, record: &Record, seq: u64, compose: &Compose<'_>) -> u64 {
        let (mut command, mut escaped) = (Vec::new(), Vec::new());
        if self.numbered {
            compose(&Record::new(Seq(seq), record.args.clone()), Slot(1), &mut command);
        } else {
            compose(record, Slot(1), &mut command);
        }
        write_command(&command, &mut escaped);
        self.hasher.command(&escaped, self.numbered)
    }

    /// Where `key`, and in it `seq`, would be.
    fn position(&self, key: Key, seq: u64) -> usize {
        self.entries.partition_point(|entry| (entry.key, entry.seq) < (key, seq))
    }

    /// The row that a record with this key and Seq is: the one with the same Seq first, then one that is done, then any.
    fn find(&mut self, key: Key, seq: u64, fits: &dyn Fn(&Journal, &Entry) -> bool) -> Option<usize> {
        let free = |journal: &Journal, index: usize| {
            journal.entries.get(index).is_some_and(|entry| !entry.taken && entry.key == key && fits(journal, entry))
        };
        let same = self.position(key, seq);
        let with_seq =
            |index: &usize| self.entries.get(*index).is_some_and(|entry| entry.key == key && entry.seq == seq);
        if let Some(index) = (same..).take_while(with_seq).find(|index| free(self, *index)) {
            return Some(index);
        }
        let start = self.position(key, 0);
        for (which, wants_done) in [true, false].into_iter().enumerate() {
            // What has been passed by is taken, or of the other kind, for good; where not all fit the next record, that is not so.
            let counted = key[0] != BY_COMMAND || !self.numbered;
            let from = if counted { self.cursors.get(&start).map_or(start, |cursors| cursors[which]) } else { start };
            let in_group = |index: &usize| self.entries.get(*index).is_some_and(|entry| entry.key == key);
            let wanted =
                |index: &usize| (self.entries[*index].state >= self.done_from) == wants_done && free(self, *index);
            let found = (from..).take_while(in_group).find(wanted);
            if counted {
                let next = found.unwrap_or_else(|| self.entries.partition_point(|entry| entry.key <= key));
                if next > start {
                    self.cursors.entry(start).or_insert([start; 2])[which] = next;
                }
            }
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// The row without values that a record is, by its command with the row's own number and any slot's.
    fn find_by_command(&mut self, record: &Record, compose: &Compose<'_>) -> Option<usize> {
        if self.entries.last().is_none_or(|entry| entry.key[0] != BY_COMMAND) {
            // They are the last ones.
            return None;
        }
        let (mut command, mut escaped) = (Vec::new(), Vec::new());
        compose(record, Slot(1), &mut command);
        write_command(&command, &mut escaped);
        let twins = [escaped, as_parallel_writes(&command)];
        let count = if twins[0] == twins[1] { 1 } else { 2 };
        for (which, twin) in twins.iter().enumerate().take(count) {
            let key = [BY_COMMAND, self.hasher.command(twin, self.numbered)];
            let found = if self.numbered {
                let pattern = Pattern::of(record, compose, which == 1);
                let fits = |journal: &Journal, entry: &Entry| {
                    let commands = journal.commands.get(&(entry.key, entry.seq));
                    commands.is_some_and(|commands| commands.iter().any(|text| pattern.fits(text, entry.seq)))
                };
                let shifted = record.seq.0.wrapping_add(self.shift);
                let index = self.position(key, shifted);
                let fits_shifted = self.shift != 0
                    && self.entries.get(index).is_some_and(|entry| {
                        entry.key == key && entry.seq == shifted && !entry.taken && fits(self, entry)
                    });
                if fits_shifted { Some(index) } else { self.find(key, record.seq.0, &fits) }
            } else {
                self.find(key, record.seq.0, &|_, _| true)
            };
            if let Some(index) = found {
                self.shift = self.entries[index].seq.wrapping_sub(record.seq.0);
                self.has_matched = true;
                return found;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
