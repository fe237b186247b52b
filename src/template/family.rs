//! Shells of other families: placeholders outside of quotes only, where their rules are simple enough to be sure of.

use anyhow::{Result, bail};

use super::ShellFamily;
use super::interpreter;
use super::lexer::{DYNAMIC, Item, Word};
use super::place::Place;
use super::placeholder::Placeholder;
use super::quote::Encoding;

/// Where placeholders stand, all of them outside of quotes, and perhaps a warning.
///
/// # Errors
/// A placeholder anywhere else.
pub(crate) fn places(
    items: &[Item],
    placeholders: &[Placeholder],
    family: ShellFamily,
) -> Result<(Vec<Place>, Option<String>)> {
    let fish = family == ShellFamily::Fish;
    let encoding = if fish { Encoding::Fish } else { Encoding::Csh };
    let mut state = State::default();
    for (at, item) in items.iter().enumerate() {
        let next = items.get(at + 1);
        match item {
            Item::Hole(id) => {
                let id = *id;
                if let Some(reason) = state.reason(fish, next) {
                    let placeholder = &placeholders[id];
                    let shell = if fish { "fish" } else { "csh" };
                    bail!(
                        "{placeholder} stands {reason}: for {shell}, values can only be quoted as words of their own; \
                         move the placeholder, or run fanout with SHELL=/bin/sh"
                    );
                }
                let word = state.word.get_or_insert_default();
                word.text.push(DYNAMIC);
                word.holes.push(id);
                state.previous = 0;
            }
            Item::Byte(byte) => state.byte(*byte, fish),
        }
        if state.warning.is_none() && (state.command_ended || next.is_none()) {
            state.end_word();
            state.warning = interpreter::warning(&state.words, placeholders);
            state.words.clear();
            state.command_ended = false;
        }
    }
    Ok((vec![Place::plain(encoding); placeholders.len()], state.warning))
}

#[derive(Debug, Default)]
struct State {
    /// The quote that is open, or `#` in a comment.
    quote: u8,
    /// The byte before, if nothing escaped it.
    previous: u8,
    escaped: bool,
    parentheses: usize,
    here: bool,
    word: Option<Word>,
    words: Vec<Word>,
    command_ended: bool,
    warning: Option<String>,
}

impl State {
    /// Why no value can stand here, if so.
    fn reason(&self, fish: bool, next: Option<&Item>) -> Option<&'static str> {
        let first = self.words.first().map(|word| word.text.as_slice()).unwrap_or_default();
        let word = self.word.as_ref().map(|word| word.text.as_slice()).unwrap_or_default();
        let starts = first.is_empty() && !fish;
        Some(match self.quote {
            b'\'' | b'"' => "in quotes",
            b'`' => "in a command substitution",
            b'#' => "in a comment",
            _ if self.escaped => "behind a backslash",
            _ if self.parentheses > 0 => "in parentheses",
            _ if self.here => "behind a here-document",
            _ if word.contains(&b'$') => "behind a variable",
            _ if self.previous == b'!' && !fish => "behind a !",
            _ if fish && matches!(next, Some(Item::Byte(b'<' | b'>'))) => "right before a redirection",
            _ if !fish && matches!(first, b"@" | b"if" | b"while" | b"exit" | b"switch" | b"case" | b"else") => {
                "in an expression"
            }
            _ if starts && matches!(word, b"@") => "in an expression",
            _ => return None,
        })
    }

    fn byte(&mut self, byte: u8, fish: bool) {
        let previous = std::mem::replace(&mut self.previous, byte);
        if std::mem::take(&mut self.escaped) {
            self.push(byte);
            self.previous = 0;
            return;
        }
        match (self.quote, byte) {
            (b'#', b'\n') => self.quote = 0,
            (b'#', _) => return,
            // In quotes, csh knows a backslash before ! and newline only, and neither ends them.
            (b'\'' | b'"', b'\\') if fish => self.escaped = true,
            (0, b'\\') => self.escaped = true,
            (0, b'\'' | b'"') => {
                self.quote = byte;
                self.word.get_or_insert_default().quoted = true;
            }
            (0, b'`') if !fish => {
                self.quote = byte;
                self.push(DYNAMIC);
            }
            (open, byte) if open != 0 => {
                if open == byte {
                    self.quote = 0;
                } else {
                    self.push(byte);
                }
            }
            (_, b'#') if self.word.is_none() => self.quote = b'#',
            (_, b'(') => {
                self.parentheses += 1;
                self.push(DYNAMIC);
            }
            (_, b')') => self.parentheses = self.parentheses.saturating_sub(1),
            (_, b' ' | b'\t') => self.end_word(),
            (_, b'<' | b'>') => {
                self.here |= byte == b'<' && previous == b'<';
                self.end_word();
            }
            (_, b';' | b'|' | b'&' | b'\n') => {
                self.end_word();
                self.command_ended = true;
            }
            (_, byte) => self.push(byte),
        }
        if self.quote == 0 && byte == b'\n' {
            self.command_ended = true;
        }
    }

    fn push(&mut self, byte: u8) {
        self.word.get_or_insert_default().text.push(byte);
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }
}
