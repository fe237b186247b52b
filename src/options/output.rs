//! What happens to what jobs write.

use std::path::PathBuf;

/// What happens to what jobs write.
#[derive(Clone, Debug)]
pub struct OutputOptions {
    /// How the output of jobs is kept apart.
    pub grouping: Grouping,
    /// `-k`: in the order of the input.
    pub keep_order: bool,
    /// What each line starts with.
    pub tag: Option<Tag>,
    /// `--buffer-size`: bytes of a job's output kept in memory before it goes to a temporary file.
    pub buffer_size: usize,
    /// Commands are printed before they run or before their output.
    pub verbose: Verbose,
    /// `-t` beside `-v`: they are printed on standard error, too.
    pub traced: bool,
    /// `--results`: where output is kept.
    pub results: Option<Results>,
    /// `--files`: output is kept in temporary files; their names are printed, each with this byte behind it.
    pub files: Option<u8>,
    /// Which jobs are printed in color.
    pub color: Color,
    /// `--latest-line`: one line per job, which shows what it has written last.
    pub latest_line: bool,
    /// `--compress`: what waits for its turn on disk, or is kept in files, is compressed.
    pub compress: Option<Compress>,
    /// `--tmpdir`: the folder for temporary files, `$TMPDIR` of jobs, too; `None`: `$TMPDIR`.
    pub tmpdir: Option<PathBuf>,
    /// `--print0`.
    pub records: Option<Records>,
}

impl OutputOptions {
    /// The table of `--results`, if it is one.
    pub fn table(&self) -> Option<&Table> {
        match &self.results {
            Some(Results::Table(table)) => Some(table),
            _ => None,
        }
    }

    /// Whether what a job writes to its standard output goes to a file of its own.
    pub fn keeps_files(&self) -> bool {
        self.files.is_some() || matches!(self.results, Some(Results::Files(_)))
    }

    /// Whether the output of jobs itself, or the names of its files, goes to our own standard output and error.
    pub fn is_printed(&self) -> bool {
        match &self.results {
            None => true,
            // As GNU parallel: what is printed at all, is printed beside the table, too.
            Some(Results::Table(table)) => {
                table.file.is_some() && (self.grouping != Grouping::Group || self.files.is_some())
            }
            Some(Results::Files(_)) => self.files.is_some(),
        }
    }
}

/// `--results`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Results {
    /// A folder, or with replacement strings the name of a job's own files.
    Files(Vec<u8>),
    /// A row per job.
    Table(Table),
}

/// A row per job, with its output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its form.
    pub format: TableFormat,
    /// Its file; `None`: standard output, where nothing else is printed then.
    pub file: Option<PathBuf>,
    /// Rows of an earlier run stay.
    pub append: bool,
}

/// The form of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// Columns separated by commas.
    Csv,
    /// Columns separated by TABs.
    Tsv,
    /// An object per line.
    Json,
}

/// Which jobs are printed in color.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Color {
    /// `--color`: each job in its own.
    pub jobs: bool,
    /// `--color-failed`: those that failed, white on red.
    pub failed: bool,
}

impl Color {
    /// Whether there is any.
    pub fn is_on(self) -> bool {
        self.jobs || self.failed
    }
}

/// What compresses files that stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compress {
    /// We do, as `zstd`.
    Zstd,
    /// `--compress-program`: a command of the shell.
    Program(Vec<u8>),
}

/// `--print0`: what each job wrote ends with a NUL, and holds none. It is grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// Nothing but that.
    Output,
    /// Before the output, the inputs as a record of their own; they stand before the tag, with a NUL between.
    InputAndOutput,
}

/// How the output of jobs is kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// A job's output is printed when it has ended.
    Group,
    /// Whole lines are printed as they come.
    LineBuffer,
    /// Jobs write to our own standard output and error.
    Ungroup,
}

/// What each line of output starts with, followed by a TAB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The arguments.
    Args,
    /// A template with replacement strings.
    Template(Vec<u8>),
}

/// Where commands are printed before they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbose {
    /// Nowhere.
    No,
    /// `-v`: on standard output, before the job's own.
    Stdout,
    /// `-t`: on standard error, at the start.
    Stderr,
}
