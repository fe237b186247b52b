//! Parentheses and brackets outside of quotes, and what they open.

use super::super::builtin;
use super::super::place::Limit;
use super::super::quote;
use super::command::{Command, DYNAMIC, Frame, Phase, Word};
use super::{Item, Lexed, Lexer};

impl Lexer<'_, '_, '_> {
    /// An opening parenthesis outside of quotes.
    pub(super) fn open(&mut self, frames: &mut Vec<Frame>) -> Lexed<()> {
        if let Some(word) = &self.command.word {
            if matches!(frames.last(), Some(Frame::Array(_))) {
                // A syntax error for bash, which goes on at the next line, be that in the middle of a string.
                return self.unclear();
            }
            if word.text.ends_with(b"=") {
                let declares = self.command.words.first().and_then(Word::literal).is_some_and(builtin::declares);
                let name = word.text.split(|byte| matches!(byte, b'=' | b'[' | b'+')).next().unwrap_or_default();
                let one = word.text.iter().filter(|byte| **byte == b'=').count() == 1;
                if word.quoted || !one || !quote::is_name(name) || !(self.command.at_start || declares) {
                    return self.unclear();
                }
                // An array's elements.
                self.at += 1;
                self.facts.arrays = true;
                let first = self.command.first_hole;
                let outer = std::mem::replace(&mut self.command, Command::start(first));
                frames.push(Frame::Array(outer));
                return Ok(());
            }
            if self.is(1, b')') && word.holes.is_empty() {
                self.at += 2;
                self.command.word = None;
                self.facts.flows = true;
                self.end_command();
                return Ok(());
            }
            if !word.holes.is_empty() {
                return self.unclear();
            }
            self.at += 1;
            return self.group();
        }
        match frames.last() {
            // The optional parenthesis before a pattern.
            Some(Frame::Case(Phase::Pattern)) if self.command.words.is_empty() => {
                self.at += 1;
                return Ok(());
            }
            Some(Frame::Case(Phase::Subject | Phase::In | Phase::Pattern) | Frame::Array(_)) => return self.unclear(),
            _ => {}
        }
        let loops = self.command.words.len() == 1 && self.command.words[0].text == b"for";
        if self.is(1, b'(') && (self.command.at_start || loops) {
            self.at += 2;
            self.arithmetic(true)?;
            self.command.at_start = true;
            return Ok(());
        }
        if self.command.target || self.command.vanishing || self.command.function {
            return self.unclear();
        }
        if !self.command.at_start {
            // `function f ()`, and zsh's `for x (…)` and anonymous functions: fine without placeholders inside.
            let empty = self.is(1, b')');
            if !empty {
                return self.unclear();
            }
            self.at += 2;
            self.end_command();
            return Ok(());
        }
        self.at += 1;
        self.end_command();
        frames.push(Frame::Paren);
        Ok(())
    }

    /// A closing parenthesis outside of quotes. Answers whether it ends the substitution.
    pub(super) fn close(&mut self, frames: &mut Vec<Frame>, close: Option<u8>) -> Lexed<bool> {
        match frames.last_mut() {
            Some(Frame::Array(_)) => {
                if let Some(Frame::Array(outer)) = frames.pop() {
                    self.command = outer;
                }
                self.push_text(DYNAMIC);
            }
            Some(Frame::Case(phase @ Phase::Pattern)) => {
                *phase = Phase::Body;
                let first = self.hole_at(self.at);
                self.command = Command::start(first);
            }
            Some(Frame::Paren) => {
                self.end_command();
                frames.pop();
                // Only redirections and operators can follow, and in zsh the body of a short form.
            }
            None if close == Some(b')') => {
                self.end_command();
                self.at += 1;
                return Ok(true);
            }
            _ => return self.unclear(),
        }
        self.at += 1;
        Ok(false)
    }

    /// `[` outside of quotes: a subscript behind a name that is assigned to, else a byte.
    pub(super) fn bracket(&mut self, frames: &[Frame]) -> Lexed<()> {
        let array = matches!(frames.last(), Some(Frame::Array(_)));
        let cond = matches!(frames.last(), Some(Frame::Cond));
        let subscript = match &self.command.word {
            None => array,
            Some(word) => {
                !cond && self.command.at_start && !word.quoted && word.text.iter().all(|b| quote::is_name(&[b'_', *b]))
            }
        };
        if !subscript {
            self.bare_byte(b'[');
            return Ok(());
        }
        self.bare_byte(b'[');
        self.brackets(Limit::ARITHMETIC, false)?;
        self.push_text(b']');
        Ok(())
    }

    /// Behind `(` that follows a word: a pattern of ksh, or a qualifier of zsh that can run commands.
    pub(super) fn group(&mut self) -> Lexed<()> {
        let outer = self.limit.replace(Limit::UNCLEAR);
        let mut open = 0usize;
        while let Some(item) = self.peek(0) {
            match item {
                Item::Hole(id) => {
                    self.at += 1;
                    self.put_limited(id, Limit::UNCLEAR);
                }
                Item::Byte(b'(') => {
                    self.at += 1;
                    open += 1;
                }
                Item::Byte(b')') if open == 0 => {
                    self.at += 1;
                    self.limit = outer;
                    return Ok(());
                }
                Item::Byte(b')') => {
                    self.at += 1;
                    open -= 1;
                }
                Item::Byte(b'\n' | b';' | b'#' | b'<' | b'>' | b'&') => return self.unclear(),
                Item::Byte(_) => self.word_part()?,
            }
            if self.command.word.is_none() {
                self.command.word = Some(Word::default());
            }
        }
        self.unclear()
    }
}
