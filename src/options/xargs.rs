//! What only xargs does: its own splitting, sizes and messages.

use std::path::PathBuf;

/// The size of a command that xargs packs to if nothing else is said (as findutils).
pub const USUAL_SIZE: u64 = 128 << 10;
/// The least that every system has to take (POSIX), for `--show-limits`.
pub const LEAST_SIZE: u64 = 4096;
/// What POSIX wants to be left for variables that the command adds.
pub const HEADROOM: u64 = 2048;

/// How xargs reads and packs.
#[derive(Clone, Debug)]
pub struct XargsOptions {
    /// How the input is cut.
    pub split: Split,
    /// `-a`: the file that is read; jobs have our own standard input then.
    pub file: Option<PathBuf>,
    /// `-n`: at most so many arguments per command, at least 1.
    pub max_args: Option<u64>,
    /// `-L`, `-l`: at most so many lines per command, at least 1.
    pub max_lines: Option<u64>,
    /// `-I`, `-i`: a command per line, which stands wherever this does.
    pub replace: Option<Vec<u8>>,
    /// `-s`: the most bytes of a command, where each word counts one more than it has.
    pub max_chars: u64,
    /// `-x`: what does not fit ends the run. Also with `-L` and `-I`.
    pub exits: bool,
    /// Without `-r`: an input without arguments runs the command once.
    pub runs_if_empty: bool,
    /// `-o`: jobs read from the terminal.
    pub open_tty: bool,
    /// `--show-limits`.
    pub show_limits: bool,
    /// What the system takes.
    pub limits: SizeLimits,
    /// What is to be said before anything else, in whole lines.
    pub notices: Vec<u8>,
}

/// How the input is cut into arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Split {
    /// At blanks and newlines, with quotes and backslashes; `-E`: up to this argument.
    Words {
        /// The argument that ends the input.
        end: Option<Vec<u8>>,
    },
    /// `-0`, `-d`: at this byte.
    At(u8),
}

/// What the system takes, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SizeLimits {
    /// Of arguments and environment together (`ARG_MAX`).
    pub all: u64,
    /// What the environment takes.
    pub environment: u64,
}

impl SizeLimits {
    /// What is left for a command; `None`: the environment leaves nothing.
    pub fn command(&self) -> Option<u64> {
        self.all.checked_sub(self.environment + HEADROOM).filter(|left| *left > 0)
    }

    /// How many words a command may have.
    pub fn words(&self) -> u64 {
        (self.command().unwrap_or(0) / size_of::<usize>() as u64).saturating_sub(2)
    }

    /// What a command may have where nothing is said.
    pub fn usual(&self) -> u64 {
        USUAL_SIZE.min(self.command().unwrap_or(0))
    }
}

impl XargsOptions {
    /// The numbers of `--show-limits`, in findutils' words.
    pub fn limits_text(&self) -> String {
        let most = self.limits.command().unwrap_or(0);
        format!(
            "Your environment variables take up {} bytes\n\
             POSIX upper limit on argument length (this system): {most}\n\
             POSIX smallest allowable upper limit on argument length (all systems): {LEAST_SIZE}\n\
             Maximum length of command we could actually use: {}\n\
             Size of command buffer we are actually using: {}\n\
             Maximum parallelism (--max-procs must be no greater): {}\n",
            self.limits.environment,
            most.saturating_sub(self.limits.environment),
            self.max_chars,
            i32::MAX,
        )
    }
}
