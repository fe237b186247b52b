//! Commands with replacement strings: compiled once, expanded per record, values quoted by the context they stand in.

use anyhow::Result;

use crate::model::{Job, Record, Refusal, Slot};

/// How the shell that will read a command quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShellFamily {
    /// sh, dash, bash, zsh, ksh and their kin.
    Posix,
    /// csh, tcsh.
    Csh,
    /// fish.
    Fish,
}

/// A command with replacement strings.
#[derive(Debug)]
pub struct Template {}

impl Template {
    /// Compiles the words of the command line, joined by blanks as GNU parallel joins them; ` {}` is appended when there is
    /// no replacement string in them. No words at all: each record is a command. Answers warnings, too.
    ///
    /// # Errors
    /// A placeholder where this family of shells gives no way to quote.
    pub fn compile(_words: &[Vec<u8>], _family: ShellFamily) -> Result<(Template, Vec<String>)> {
        Ok((Template {}, Vec::new()))
    }

    /// A text with replacement strings that no shell will read (`--tagstring`): values stand as they are.
    pub fn label(_text: &[u8]) -> Template {
        Template {}
    }

    /// Composes the command for one record; `job`'s memory is used again.
    ///
    /// # Errors
    /// A value that would be read as code where no quoting exists.
    pub fn expand(&self, _record: &Record, _slot: Slot, _job: &mut Job) -> Result<(), Refusal> {
        Ok(())
    }

    /// Appends a label's text.
    pub fn label_text(&self, _record: &Record, _slot: Slot, _text: &mut Vec<u8>) {}

    /// Appends the command as text, as GNU parallel shows it, whether it is plain or not.
    ///
    /// # Errors
    /// As [`Template::expand`].
    pub fn text(&self, _record: &Record, _slot: Slot, _text: &mut Vec<u8>) -> Result<(), Refusal> {
        Ok(())
    }

    /// Bytes of the command's text without any argument.
    pub fn fixed_cost(&self) -> usize {
        0
    }

    /// Bytes that one more argument adds to the command's text, over all its places.
    pub fn arg_cost(&self, _arg: &[u8]) -> usize {
        0
    }
}
