//! Where arguments come from.

use std::path::PathBuf;

/// Where arguments come from.
#[derive(Clone, Debug)]
pub struct InputOptions {
    /// The sources in the order of the command line. Empty: there is one job without arguments; where none are typed,
    /// standard input is the one.
    pub sources: Vec<InputSource>,
    /// What separates arguments in files and on standard input; never empty.
    pub delimiter: Vec<u8>,
    /// `-r`: ignore blank lines (as GNU parallel `--no-run-if-empty`: an input that is empty runs nothing anyway).
    pub skip_empty: bool,
    /// `-E`: a source ends where one of its arguments is this.
    pub end_of_file: Option<Vec<u8>>,
    /// `--skip-first-line`: the first argument of the first source is none.
    pub skip_first: bool,
    /// `--header`.
    pub header: Option<Header>,
    /// `--colsep`, `--csv`: an argument is a row of several.
    pub columns: Option<Columns>,
    /// `--trim`.
    pub trim: Trim,
    /// `--link`: all sources go along with each other, and the shorter ones begin anew where they end, until the longest
    /// has ended.
    pub link: bool,
    /// `--shuf`: the rows come in random order.
    pub shuffle: bool,
    /// Standard input is the jobs', as it is.
    pub is_for_jobs: bool,
    /// `--filter`: Perl's code with replacement strings; a job is run if all are true of it.
    pub filters: Vec<Vec<u8>>,
}

impl InputOptions {
    /// Lines of standard input.
    pub fn lines() -> InputOptions {
        InputOptions {
            sources: vec![InputSource { kind: SourceKind::Stdin, linked: false }],
            delimiter: vec![b'\n'],
            skip_empty: false,
            end_of_file: None,
            skip_first: false,
            header: None,
            columns: None,
            trim: Trim::No,
            link: false,
            shuffle: false,
            is_for_jobs: false,
            filters: Vec::new(),
        }
    }
}

/// `--header`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// The first argument of each source names its columns, and files are names of theirs.
    First,
    /// `0`: files are names of their columns.
    Files,
}

/// How a row is cut into columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Columns {
    /// `--colsep`: at what this regular expression of Perl's matches.
    Separator(Vec<u8>),
    /// `--csv`: as RFC 4180 says, with this separator.
    Csv(u8),
}

/// `--trim`: from where blanks are taken off each value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trim {
    /// `n`: none.
    No,
    /// `l`: its start.
    Left,
    /// `r`: its end.
    Right,
    /// `lr`, `rl`.
    Both,
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
