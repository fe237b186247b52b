//! What happens to what jobs write.

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
