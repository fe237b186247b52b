//! What is asked instead of a run.

/// A question about this machine, or about us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// How many hardware threads there are.
    Threads,
    /// How many cores.
    Cores,
    /// How many sockets with a core in them.
    Sockets,
    /// How long a command may be, in bytes.
    LongestCommand,
    /// Whether we do what this version of GNU parallel does.
    Version(i64),
}

/// The version of GNU parallel whose command line this is.
pub const GNU_VERSION: i64 = 20_221_122;
