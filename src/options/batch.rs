//! How many arguments a job gets.

/// How many arguments a job gets.
#[derive(Clone, Debug)]
pub struct BatchOptions {
    /// `-n`: at most so many arguments per job, and no more than fit in a command.
    pub max_args: Option<usize>,
}
