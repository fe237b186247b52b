//! How many words a command gets, and whether they fit: findutils' counts. Pure.

use memchr::memmem;

use super::BadInput;
use crate::model::Words;
use crate::options::XargsOptions;

/// Whether a word found room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It did, and there is more.
    Fits,
    /// It did, and was the last.
    Full,
    /// It did not: it is the first of the next command.
    Next,
}

/// Packs the words of one command after the other.
#[derive(Debug)]
pub struct Packer {
    /// The most bytes of a command.
    max_chars: usize,
    /// The most words that are added.
    max_words: usize,
    max_lines: Option<u64>,
    /// What does not fit ends the run.
    strict: bool,
    /// The bytes of the command's own words.
    own: usize,
    /// Of this command.
    chars: usize,
    lines: u64,
    /// A word that did not fit into the command before.
    held: Option<(Vec<u8>, usize, bool)>,
    insert: Option<Insert>,
}

/// `-I`.
#[derive(Debug)]
struct Insert {
    name: usize,
    words: Vec<Vec<u8>>,
    replaced: Vec<u8>,
    /// A command has been packed.
    any: bool,
}

fn bad<T>(message: &str) -> Result<T, BadInput> {
    Err(BadInput(message.to_owned()))
}

impl Packer {
    /// For this command.
    ///
    /// # Errors
    /// Its own words don't fit.
    pub fn new(options: &XargsOptions, command: &[Vec<u8>]) -> Result<Packer, BadInput> {
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let max_chars = size(options.max_chars);
        let insert = options.replace.as_ref().map(|replaced| Insert {
            name: command.first().map_or(0, Vec::len) + 1,
            words: command.iter().skip(1).cloned().collect(),
            replaced: replaced.clone(),
            any: false,
        });
        let own = if insert.is_some() { 0 } else { command.iter().map(|word| word.len() + 1).sum() };
        if own > max_chars {
            return bad("cannot fit single argument within argument list size limit");
        }
        let most = size(options.limits.words()).saturating_sub(command.len()).max(1);
        Ok(Packer {
            max_chars,
            max_words: options.max_args.map_or(most, |args| size(args).min(most)),
            max_lines: options.max_lines,
            strict: options.exits && (options.max_lines.is_some() || options.max_args.is_some()),
            own,
            chars: own,
            lines: 0,
            held: None,
            insert,
        })
    }

    /// A new command begins, with what is left of the last.
    pub fn begin(&mut self, args: &mut Words) {
        self.chars = self.own;
        if let Some((word, size, ends_line)) = self.held.take() {
            args.push(&word);
            self.chars += size;
            if ends_line {
                self.lines += 1;
            }
        }
    }

    /// Whether nothing more goes into this command.
    pub fn is_full(&mut self, args: &Words) -> bool {
        let by_lines = self.max_lines.is_some_and(|most| self.lines >= most);
        if by_lines {
            self.lines = 0;
        }
        by_lines || args.len() == self.max_words
    }

    /// How long a word may be, without its NUL.
    pub fn longest_word(&self) -> usize {
        let own = match &self.insert {
            // As findutils counts: not for the first line.
            Some(insert) if insert.any => insert.name,
            Some(_) => 0,
            None => self.own,
        };
        self.max_chars.saturating_sub(own + 1)
    }

    /// The unfinished word of `args` is whole; it counts `size`.
    ///
    /// # Errors
    /// It does not fit, and can't.
    pub fn push(&mut self, args: &mut Words, size: usize) -> Result<Fit, BadInput> {
        if let Some(insert) = &mut self.insert {
            insert.check(size - 1, self.max_chars)?;
            insert.any = true;
            args.finish_word();
            return Ok(Fit::Full);
        }
        if self.chars + size > self.max_chars {
            if args.is_empty() {
                return bad("cannot fit single argument within argument list size limit");
            }
            if self.strict {
                return bad("argument list too long");
            }
            let word = args.unfinished_word().to_vec();
            args.cut_unfinished(0);
            self.held = Some((word, size, false));
            return Ok(Fit::Next);
        }
        self.chars += size;
        args.finish_word();
        Ok(if args.len() == self.max_words { Fit::Full } else { Fit::Fits })
    }

    /// A line has ended behind the last word. Answers whether the command has.
    pub fn line_ended(&mut self) -> bool {
        self.lines += 1;
        let full = self.max_lines.is_some_and(|most| self.lines >= most);
        if full {
            self.lines = 0;
        }
        full
    }

    /// A line has ended behind the word that is held.
    pub fn line_of_held(&mut self) {
        if let Some(held) = &mut self.held {
            held.2 = true;
        }
    }
}

impl Insert {
    /// Whether a line of so many bytes fits.
    fn check(&self, line: usize, max_chars: usize) -> Result<(), BadInput> {
        let mut chars = self.name;
        if chars > max_chars {
            return bad("cannot fit single argument within argument list size limit");
        }
        for word in &self.words {
            // In findutils' steps: what it compares is not the length of the whole.
            let mut left = max_chars - 1;
            let mut rest = &word[..];
            let mut length = 0;
            while !rest.is_empty() {
                let found = memmem::find(rest, &self.replaced);
                let before = found.unwrap_or(rest.len());
                if left <= before {
                    return bad("command too long");
                }
                left -= before;
                length += before;
                rest = &rest[before..];
                if found.is_some() {
                    if left <= line || self.replaced.is_empty() {
                        return bad("command too long");
                    }
                    left -= line;
                    length += line;
                    rest = &rest[self.replaced.len()..];
                }
            }
            chars += length + 1;
            if chars > max_chars {
                return bad("argument list too long");
            }
        }
        Ok(())
    }
}
