//! Arithmetic and subscripts, where a value can only be a number.

use super::super::place::Limit;
use super::super::quote;
use super::command::PRINTED;
use super::expansion::Around;
use super::{Item, Lexed, Lexer};

impl Lexer<'_, '_, '_> {
    /// Behind `$((`, or behind `((`, which is two subshells for dash.
    pub(super) fn arithmetic(&mut self, command: bool) -> Lexed<()> {
        let mut open = 0usize;
        let first = self.hole_at(self.at);
        while let Some(item) = self.peek(0) {
            self.at += 1;
            self.facts.evaluates |=
                matches!(item, Item::Byte(b) if b.is_ascii_alphabetic() || matches!(b, b'_' | b'$' | b'`'));
            match item {
                Item::Hole(id) => self.put_limited(id, Limit::ARITHMETIC),
                Item::Byte(b'(') => open += 1,
                Item::Byte(b')') if open > 0 => open -= 1,
                Item::Byte(b')') if self.is(0, b')') => {
                    self.at += 1;
                    let end = self.hole_at(self.at);
                    for place in self.facts.places.iter_mut().take(if command { end } else { 0 }).skip(first) {
                        // Where it is two subshells, what a substitution in it prints is run.
                        place.limit(PRINTED);
                    }
                    return Ok(());
                }
                Item::Byte(b'$') => {
                    self.dollar(Around::Double)?;
                }
                Item::Byte(b'`') => self.backtick(Around::Here)?,
                Item::Byte(b'"') if !command && self.harmless_string() => {}
                Item::Byte(b')' | b'\'' | b'"' | b'\\') => return self.unclear(),
                Item::Byte(b'#' | b'<' | b'>' | b';' | b'&' | b'|' | b'\n')
                    if command && !self.plain_operator(item) =>
                {
                    return self.unclear();
                }
                Item::Byte(_) => {}
            }
        }
        self.unclear()
    }

    /// Whether the operator that was just read cannot be anything else for dash, to which `((` is two subshells.
    fn plain_operator(&self, item: Item) -> bool {
        let doubled = self.peek(0) == Some(item);
        let digit = |at: Option<usize>| {
            at.and_then(|at| self.items.get(at)).is_some_and(|i| matches!(i, Item::Byte(b) if b.is_ascii_digit()))
        };
        match item {
            Item::Byte(b'#') => digit(self.at.checked_sub(2)),
            Item::Byte(b'<') => !doubled,
            Item::Byte(b'\n') => self.pending.is_empty() && !self.outer_pending,
            _ => true,
        }
    }

    /// Whether a string that starts here ends before any parenthesis or quote.
    fn harmless_string(&self) -> bool {
        let rest = self.items[self.at..].iter();
        let mut stops = rest.skip_while(|item| !matches!(item, Item::Byte(b'"' | b'(' | b')' | b'\'' | b'`' | b'\\')));
        stops.next() == Some(&Item::Byte(b'"')) || self.closes_string()
    }

    /// Whether the quote that was just read is the second of a pair. Only pairs around harmless text get that far.
    fn closes_string(&self) -> bool {
        let before = self.items[..self.at.saturating_sub(1)].iter().rev();
        let mut stops =
            before.skip_while(|item| !matches!(item, Item::Byte(b'"' | b'(' | b')' | b'\'' | b'`' | b'\\')));
        stops.next() == Some(&Item::Byte(b'"'))
    }

    /// Behind `[`, up to the `]` that belongs to it: old arithmetic or a subscript.
    pub(super) fn brackets(&mut self, limit: Limit, blanks: bool) -> Lexed<()> {
        let mut open = 0usize;
        while let Some(item) = self.peek(0) {
            self.at += 1;
            match item {
                Item::Hole(id) => self.put_limited(id, limit),
                Item::Byte(b'[') => open += 1,
                Item::Byte(b']') if open == 0 => return Ok(()),
                Item::Byte(b']') => open -= 1,
                // mksh reads the substitution once more when it assigns.
                Item::Byte(b'$') if self.is(0, b'(') && !self.is(1, b'(') => return self.unclear(),
                Item::Byte(b'$') => {
                    self.dollar(Around::Double)?;
                }
                Item::Byte(quote @ (b'\'' | b'"')) => {
                    while matches!(self.peek(0), Some(Item::Byte(b)) if quote::is_safe(b)) {
                        self.at += 1;
                    }
                    if !self.skip(&[quote]) {
                        return self.unclear();
                    }
                }
                Item::Byte(b' ' | b'\t') if blanks => {}
                Item::Byte(byte) if byte.is_ascii_graphic() && !b"\\`();&|<>#".contains(&byte) => {
                    self.facts.evaluates |= byte.is_ascii_alphabetic();
                    self.push_text(byte);
                }
                Item::Byte(_) => return self.unclear(),
            }
        }
        self.unclear()
    }
}
