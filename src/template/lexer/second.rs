//! The command of a second shell: `sh -c "…"`, `eval "…"`, `ssh host "…"`.
//!
//! Where it is known to the byte what that shell will read, its command is lexed as the first one's is, and a value in it is quoted
//! for where it stands there, and that once more for the quotes of the first shell. In double quotes this writes what
//! GNU parallel writes.

use super::super::interpreter;
use super::super::place::Place;
use super::super::quote::{self, Encoding, is_name};
use super::command::{Command, DYNAMIC, Word};
use super::{Item, Lexer};

/// More than anybody nests: the text of a value may double with each.
const MOST: u8 = 4;

impl Lexer<'_, '_, '_> {
    /// Finds out where values stand in the command that a command gives to a second shell. Answers whether that is sure. If
    /// not, values are code, or may be: there is no such command, not every part of it is known, or it holds a variable of
    /// the first shell. What is in that is taken for a part of a word, as it mostly is.
    pub(super) fn second_shell(&mut self, command: &Command) -> bool {
        if self.shells >= MOST || command.words.iter().all(|word| word.holes.is_empty()) {
            return false;
        }
        let Some(words) = interpreter::shell_text(&command.words) else { return false };
        let mut items = Vec::new();
        for word in words {
            if !items.is_empty() {
                items.push(Item::Byte(b' '));
            }
            let Some(text) = self.unquoted(word) else { return false };
            items.extend(text);
        }
        let holes: Vec<usize> = words.iter().flat_map(|word| word.holes.iter().copied()).collect();
        // The user gives the whole program, as with a command that starts with a placeholder.
        if holes.is_empty() || items.len() == 1 {
            return false;
        }
        let outer: Vec<Place> = holes.iter().map(|id| self.facts.places[*id].clone()).collect();
        if !outer.iter().all(carries) {
            return false;
        }
        let shells = self.shells + 1;
        let mut inner = Lexer { shells, ..Lexer::new(&items, holes[0], &mut *self.facts) };
        if let Err(unclear) = inner.list(None) {
            for id in holes.iter().filter(|id| **id >= unclear.from) {
                self.facts.places[*id] = Place::unclear(unclear.limit);
            }
        }
        for (id, outer) in holes.into_iter().zip(outer) {
            self.facts.places[id].within(outer);
        }
        !items.contains(&Item::Byte(DYNAMIC))
    }

    /// What a word is for all shells once its quotes are taken off, with [`DYNAMIC`] for variables within double quotes; `None`:
    /// that is not sure, or a value stands outside of quotes.
    fn unquoted(&self, word: &Word) -> Option<Vec<Item>> {
        let mut text = Vec::new();
        let mut rest = self.items.get(word.start..)?.iter().copied().peekable();
        while let Some(item) = rest.next() {
            match item {
                Item::Byte(b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')') => break,
                Item::Byte(b'\'') => loop {
                    match rest.next()? {
                        Item::Byte(b'\'') => break,
                        item => text.push(item),
                    }
                },
                Item::Byte(b'"') => loop {
                    match rest.next()? {
                        Item::Byte(b'"') => break,
                        Item::Byte(b'`') => return None,
                        Item::Byte(b'$') => {
                            let braces = rest.next_if_eq(&Item::Byte(b'{')).is_some();
                            let mut name = 0;
                            while rest.next_if(|item| matches!(item, Item::Byte(b) if is_name(&[b'_', *b]))).is_some() {
                                name += 1;
                            }
                            let ends = if braces {
                                rest.next() == Some(Item::Byte(b'}'))
                            } else {
                                // What zsh would take for a subscript or a modifier.
                                !matches!(rest.peek(), Some(Item::Byte(b'[' | b':')))
                            };
                            if name == 0 || !ends {
                                return None;
                            }
                            text.push(Item::Byte(DYNAMIC));
                        }
                        Item::Byte(b'\\') => match rest.next()? {
                            Item::Hole(_) => return None,
                            Item::Byte(b'\n') => {}
                            Item::Byte(byte) if matches!(byte, b'$' | b'`' | b'"' | b'\\') => {
                                text.push(Item::Byte(byte))
                            }
                            byte => text.extend([Item::Byte(b'\\'), byte]),
                        },
                        item => text.push(item),
                    }
                },
                Item::Byte(b'\\') => match rest.next()? {
                    Item::Hole(_) => return None,
                    Item::Byte(b'\n') => {}
                    byte => text.push(byte),
                },
                Item::Byte(byte) if quote::is_safe(byte) || matches!(byte, b',' | b':' | b'@' | b'%') => {
                    text.push(item)
                }
                Item::Byte(b'=') if !text.is_empty() => text.push(item),
                _ => return None,
            }
        }
        let same = text.iter().map(|item| if let Item::Byte(byte) = item { *byte } else { DYNAMIC });
        let holes = text.iter().filter_map(|item| if let Item::Hole(id) = item { Some(id) } else { None });
        (same.eq(word.text.iter().copied()) && holes.eq(&word.holes)).then_some(text)
    }
}

/// Whether any text arrives as it is in this place.
fn carries(place: &Place) -> bool {
    let quoted = matches!(place.encoding, Encoding::Double | Encoding::Single);
    quoted && place.prefix.is_empty() && !place.braces && place.limits.is_empty() && place.around.is_none()
}
