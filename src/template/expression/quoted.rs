//! The parts of Perl that have delimiters: `s///`, `tr///`, `m//`.

use super::parse::Parser;
use super::text::{counterpart, delimited, interpolated, pattern, translation};
use super::tree::Node;
use crate::template::pattern::Pattern;

impl Parser<'_> {
    /// `s///`, `tr///`, `y///`, `m//`, `//`.
    pub(super) fn quoted(&mut self) -> Option<Node> {
        let (kind, open) = match self.rest {
            [b'/', ..] => (&b"m"[..], 0),
            [b's' | b'm' | b'y', open, ..] if is_delimiter(*open) => (&self.rest[..1], 1),
            [b't', b'r', open, ..] if is_delimiter(*open) => (&self.rest[..2], 2),
            _ => return None,
        };
        let delimiter = self.rest[open];
        let (first, rest) = delimited(&self.rest[open..])?;
        if kind == b"m" {
            let flags = self.flags(rest, b"imsx")?;
            let pattern = Pattern::compile(&pattern(first, delimiter, &self.constants)?, &flags).ok()?;
            return Some(Node::Match(pattern, Box::new(Node::It)));
        }
        let brackets = counterpart(delimiter) != delimiter;
        let (second, rest) = if brackets {
            let rest = rest.trim_ascii_start();
            if rest.first().is_none_or(|open| counterpart(*open) == *open) {
                return None;
            }
            delimited(rest)?
        } else {
            // The delimiter in the middle is the end of one and the start of the other.
            let from = self.rest.len() - rest.len() - 1;
            delimited(&self.rest[from..])?
        };
        if kind != b"s" {
            if delimiter == b'\'' {
                return None;
            }
            let flags = self.flags(rest, b"cdsr")?;
            let (table, squeeze, keep) = translation(first, second, flags.as_bytes())?;
            return Some(Node::Translate { table, squeeze, keep });
        }
        let flags = self.flags(rest, b"gimsxer")?;
        let by = if flags.contains('e') {
            let mut inner = Parser { rest: second, constants: self.constants.clone(), depth: self.depth };
            let node = inner.loose()?;
            inner.space();
            if !inner.rest.is_empty() || flags.matches('e').count() > 1 {
                return None;
            }
            node
        } else {
            interpolated(second, &self.constants)?
        };
        let (everywhere, keep) = (flags.contains('g'), flags.contains('r'));
        let flags: String = flags.chars().filter(|flag| "imsx".contains(*flag)).collect();
        let pattern = Pattern::compile(&pattern(first, delimiter, &self.constants)?, &flags).ok()?;
        if everywhere && pattern.check_repeatable().is_err() {
            return None;
        }
        Some(Node::Substitute { pattern, by: Box::new(by), everywhere, keep })
    }

    /// Takes the flags that stand at the start of `rest`. `None`: some are others.
    fn flags(&mut self, rest: &'_ [u8], known: &[u8]) -> Option<String> {
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let flags = &rest[..length];
        // A word may follow without a blank (`s/a/b/if …`), but nobody writes that.
        if flags.iter().any(|flag| !known.contains(flag)) {
            return None;
        }
        self.rest = &self.rest[self.rest.len() - rest.len() + length..];
        String::from_utf8(flags.to_vec()).ok()
    }
}

/// What may stand around a pattern, right behind its letters.
fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'=' | b';' | b')' | b']' | b'}' | b'>' | b'\\' | b'`')
}
