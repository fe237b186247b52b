//! A stream, or files, cut into blocks that jobs read on their standard input.

use std::path::PathBuf;
use std::time::Duration;

/// What is cut, how, and how jobs get it.
#[derive(Clone, Debug)]
pub struct PipeOptions {
    /// `--pipe-part`: these files; `None`: standard input.
    pub files: Option<Vec<PathBuf>>,
    /// `--block`.
    pub block: BlockSize,
    /// What a record is.
    pub records: RecordRule,
    /// `--header`: what this regular expression of Perl's matches at the start comes first in each block.
    pub header: Option<Vec<u8>>,
    /// `--skip-first-line`.
    pub skip_first: bool,
    /// `-r`: blank lines are left out.
    pub skip_blank: bool,
    /// `--block-timeout`: a block goes to a job after this time, full or not.
    pub timeout: Option<Duration>,
    /// Which job gets which block.
    pub spread: Spread,
    /// `--group-by`: lines whose keys are equal are one record.
    pub group_by: Option<KeyRule>,
    /// How a job gets its block.
    pub way: Way,
}

impl PipeOptions {
    /// Whether what a job reads can be had once more.
    pub fn is_repeatable(&self) -> bool {
        self.spread == Spread::Jobs || (self.spread == Spread::Tee && self.files.is_some())
    }

    /// Whether no job can be read to before all have been started.
    pub fn runs_all_at_once(&self) -> bool {
        self.files.is_none() && !matches!(self.spread, Spread::Jobs | Spread::RoundRobin)
    }
}

/// `--block`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BlockSize {
    /// So many bytes.
    Bytes(usize),
    /// So many blocks for each slot.
    PerSlot(f64),
}

impl BlockSize {
    /// Of `--pipe`: 1 MiB.
    pub const STREAM: BlockSize = BlockSize::Bytes(1 << 20);
    /// Of `--pipe-part`, as GNU parallel's: ten blocks for each slot.
    pub const PARTS: BlockSize = BlockSize::PerSlot(10.0);
}

/// What a record is, and how many of them make a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRule {
    /// `--recstart`: what a record starts with; may be empty.
    pub start: Vec<u8>,
    /// `--recend`: what it ends with; may be empty.
    pub end: Vec<u8>,
    /// `--regexp`: these are regular expressions of Perl's.
    pub regexp: bool,
    /// `--csv`: a record ends at a newline that is not quoted.
    pub csv: bool,
    /// `--remove-rec-sep`: starts and ends are taken out.
    pub remove: bool,
    /// `-N`: so many records make a block; `None`: as many as fit.
    pub count: Option<usize>,
    /// `-L`: a record is so many lines.
    pub lines: Option<usize>,
}

/// What the key of a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRule {
    /// A column, an expression of Perl's, or both.
    pub text: Vec<u8>,
    /// What stands between columns: a regular expression of Perl's.
    pub separator: Vec<u8>,
}

/// Which job gets which block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Each block is a job of its own.
    Jobs,
    /// `--round-robin`: all jobs run, and one that has room.
    RoundRobin,
    /// `--round-robin -k`: all jobs run, strictly in turn.
    InTurn,
    /// `--tee`: all jobs get all.
    Tee,
    /// `--shard`: lines with equal keys go to the same job.
    Shard(KeyRule),
    /// `--bin`: the key is the number of the job, modulo the number of jobs.
    Bin(KeyRule),
}

/// How a job gets its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// On its standard input.
    Stdin,
    /// `--cat`: in a temporary file.
    File,
    /// `--fifo`: through a FIFO.
    Fifo,
}
