//! What has to hold for a job to start, besides a free slot.

use std::path::PathBuf;

use super::number::{decimal, percent, whole};

/// What has to hold for a job to start, besides a free slot. Sizes are in bytes.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// `--load`: fewer threads than this run.
    pub load: Option<LoadLimit>,
    /// `--memfree`: so much memory is free; below half of it the youngest job is ended. 0: no matter how much.
    pub memfree: u64,
    /// `--memsuspend`: so much memory is free besides; below twice of it young jobs are suspended. 0: no matter how much.
    pub memsuspend: u64,
    /// `--noswap`: the machine does not swap both in and out.
    pub noswap: bool,
    /// `--limit`.
    pub limit: Option<Limit>,
}

impl Conditions {
    /// Whether jobs may be ended to make room.
    pub fn may_evict(&self) -> bool {
        self.memfree > 0 || matches!(self.limit, Some(Limit::Memory(_) | Limit::Command(_)))
    }

    /// Whether there are any.
    pub fn is_any(&self) -> bool {
        self.load.is_some() || self.memfree > 0 || self.memsuspend > 0 || self.noswap || self.limit.is_some()
    }
}

/// `--load`.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadLimit {
    /// This.
    Amount(Load),
    /// What a file says; it may change.
    File(PathBuf),
}

/// So many threads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// N.
    Exactly(f64),
    /// N% of the CPUs.
    Percent(f64),
    /// N more than there are CPUs.
    Plus(usize),
    /// N fewer than there are CPUs.
    Minus(usize),
}

impl Load {
    /// `N`, `N%`, `+N` or `-N`, as on the command line and in a file. `None`: anything else.
    pub fn parse(text: &str) -> Option<Load> {
        match text.as_bytes().first()? {
            b'+' => whole(&text[1..]).map(Load::Plus),
            b'-' => whole(&text[1..]).map(Load::Minus),
            _ if text.ends_with('%') => percent(text).map(Load::Percent),
            _ => decimal(text).map(Load::Exactly),
        }
    }

    /// How many threads that is, with so many CPUs; at least 0.01 (as GNU parallel: a machine where nothing runs may start a
    /// job).
    pub fn of(self, cpus: usize) -> f64 {
        let cpus = cpus as f64;
        let load = match self {
            Load::Exactly(load) => load,
            Load::Percent(percent) => cpus * percent / 100.0,
            Load::Plus(more) => cpus + more as f64,
            Load::Minus(fewer) => cpus - fewer as f64,
        };
        load.max(0.01)
    }
}

/// `--limit`.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// `io N`: no disk is busy more than N of a hundred parts of the time.
    Io(f64),
    /// `mem SIZE`: so many bytes of memory are free.
    Memory(f64),
    /// `load N`: no more than N processes run.
    Load(f64),
    /// A command for the shell exits with 0.
    Command(Vec<u8>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_are_those_of_gnu_parallel() {
        for (text, expected) in [
            ("3", Some(3.0)),
            ("0.5", Some(0.5)),
            ("0", Some(0.01)),
            ("100%", Some(4.0)),
            ("25%", Some(1.0)),
            ("+2", Some(6.0)),
            ("-1", Some(3.0)),
            ("-9", Some(0.01)),
            ("", None),
            ("x", None),
            ("+", None),
            ("1k", None),
            ("+50%", None),
        ] {
            assert_eq!(Load::parse(text).map(|load| load.of(4)), expected, "{text}");
        }
    }
}
