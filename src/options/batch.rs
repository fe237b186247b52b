//! How many arguments a job gets, and how they stand in its command.

/// The longest command, in bytes of its text: the kernel's limit for one word, which a command is for the shell that
/// reads it (MAX_ARG_STRLEN, less its NUL).
pub const LONGEST_COMMAND: usize = (128 << 10) - 1;

/// What GNU parallel finds by trying instead, to 1 % (`--max-line-length-allowed`).
pub const LONGEST_TRIED: usize = 130_329;

/// Commands are packed to less than so many bytes: what GNU parallel keeps of the length above, so that it splits a
/// list where it does.
pub const USABLE_COMMAND: usize = (LONGEST_TRIED - 3000) / 2;

/// How many arguments a job gets, and how they stand in its command.
#[derive(Clone, Debug)]
pub struct BatchOptions {
    /// `-n`, `-N`, `-L`, `-l`: at most so many inputs (combinations of them, where there are several sources) per job,
    /// at least 1; `None`: as many as fit. One is never packed, and may be longer than what is packed.
    pub max_records: Option<usize>,
    /// `-s`: a command is shorter than so many bytes, and one that can't be is an error.
    pub max_chars: Option<usize>,
    /// `-m`, `-X`: when the input has ended, the last jobs share what is left evenly, a job for each slot.
    pub spread: bool,
    /// `-X`, `-N`, `-L`: the word around a replacement string is repeated for each argument.
    pub repeat_words: bool,
    /// `-n0`, `-N0`, `-L0`: inputs are read, and none stands in a command.
    pub insert_nothing: bool,
    /// `-L`, `-l`: an input that ends in a blank goes on with the next one.
    pub join_lines: bool,
    /// How much longer than it is a command is taken to be.
    pub margin: Margin,
}

/// What GNU parallel keeps for what is done to a command later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin {
    /// A length is taken so many times (`--quote`, `--shell-quote`).
    pub times: usize,
    /// And four thirds of that, as it might go to another host (`--sshlogin`, whatever that says).
    pub host: bool,
}

impl Margin {
    /// A length is what it is.
    pub const NONE: Margin = Margin { times: 1, host: false };

    /// What this length is taken for.
    pub fn of(self, length: usize) -> usize {
        let length = length.saturating_mul(self.times);
        if self.host { length.saturating_mul(4) / 3 } else { length }
    }
}

impl BatchOptions {
    /// Each job gets one argument.
    pub const ONE: BatchOptions = BatchOptions {
        max_records: Some(1),
        max_chars: None,
        spread: false,
        repeat_words: false,
        insert_nothing: false,
        join_lines: false,
        margin: Margin::NONE,
    };

    /// Whether a job can get several arguments, or too long ones are to be found.
    pub fn packs(&self) -> bool {
        self.max_records != Some(1) || self.max_chars.is_some()
    }
}
