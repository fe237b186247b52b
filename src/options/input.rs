//! Where arguments come from.

use std::path::PathBuf;

/// Where arguments come from.
#[derive(Clone, Debug)]
pub struct InputOptions {
    /// The sources in the order of the command line. Empty: there is one job without arguments; where none are typed,
    /// standard input is the one.
    pub sources: Vec<InputSource>,
    /// What separates arguments in files and on standard input.
    pub delimiter: u8,
    /// `-r`: ignore blank lines (as GNU parallel `--no-run-if-empty`: an input that is empty runs nothing anyway).
    pub skip_empty: bool,
}

/// One source of arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputSource {
    /// What is read.
    pub kind: SourceKind,
    /// `:::+` and `::::+`: goes along with the source before it instead of being combined with it.
    pub linked: bool,
}

/// What a source reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// Words of the command line, after `:::`.
    Words(Vec<Vec<u8>>),
    /// A file, after `-a` or `::::`.
    File(PathBuf),
    /// Standard input: by default, or as `-`.
    Stdin,
}
