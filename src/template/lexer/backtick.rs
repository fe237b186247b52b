//! Backticks: commands behind one more layer of backslashes.

use super::super::quote::Layers;
use super::command::DYNAMIC;
use super::expansion::Around;
use super::{Item, Lexed, Lexer};

/// How bash, when it looks for braces to expand, sees what is in backticks within double quotes: there, an inner double
/// quote ends the outer ones for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// Outside of quotes.
    Bare,
    /// In double quotes.
    Double,
    /// In single quotes.
    Single,
}

impl View {
    fn behind(self, byte: u8) -> View {
        match (self, byte) {
            (View::Bare, b'\'') => View::Single,
            (View::Bare, b'"') => View::Double,
            (View::Double, b'"') | (View::Single, b'\'') => View::Bare,
            _ => self,
        }
    }
}

impl Lexer<'_, '_, '_> {
    /// Behind `` ` ``: the content up to the next one, with one layer of backslashes taken off, is a list of commands.
    pub(super) fn backtick(&mut self, around: Around) -> Lexed<()> {
        let start = self.at;
        let base = self.hole_at(start);
        let mut content = Vec::new();
        let mut escaped_hole = false;
        let double = around == Around::Double;
        let mut brace_views = self.brace_views.clone();
        let mut view = View::Double;
        loop {
            let Some(item) = self.peek(0) else {
                // Unterminated: shells that forgive that disagree on what it means.
                return self.unclear();
            };
            self.at += 1;
            match (item, self.peek(0)) {
                (Item::Byte(b'`'), _) => break,
                (Item::Byte(b'\\'), Some(Item::Byte(byte))) => {
                    self.at += 1;
                    if byte == b'"' && around == Around::Here {
                        // Whether this backslash is taken off, too, depends on the shell.
                        return self.unclear();
                    }
                    if !(matches!(byte, b'$' | b'`' | b'\\') || (byte == b'"' && double)) {
                        content.push(item);
                    }
                    content.push(Item::Byte(byte));
                }
                (Item::Byte(b'\\'), Some(Item::Hole(id))) => {
                    escaped_hole |= self.facts.places.get(id).is_some();
                    content.push(item);
                }
                _ => {
                    match item {
                        Item::Byte(byte) => view = view.behind(byte),
                        Item::Hole(id) if double && view != View::Double => brace_views.push((id, view)),
                        Item::Hole(_) => {}
                    }
                    content.push(item);
                }
            }
        }
        self.push_text(DYNAMIC);
        if self.layers.count >= Layers::MOST || self.depth > super::DEEPEST || escaped_hole {
            self.at = start;
            return self.unclear();
        }
        let outer_pending = self.outer_pending || !self.pending.is_empty();
        let inner = Lexer::new(&content, base, &mut *self.facts);
        let mut inner = Lexer {
            layers: self.layers.within(double),
            depth: self.depth + 1,
            shells: self.shells,
            outer_pending,
            brace_views,
            ..inner
        };
        let result = inner.list(None);
        result.map_err(|unclear| unclear.since(self.command.first_hole))
    }
}
