//! Words, simple commands and the compound commands around them, as far as they matter for where a value stands.

use super::super::builtin;
use super::super::interpreter;
use super::super::place::{Class, Limit, Place};
use super::super::placeholder::Placeholder;
use super::super::quote::{self, Encoding};
use super::{Item, Lexed, Lexer};

/// Stands in the text of a word for what is only known when the shell runs.
pub(crate) const DYNAMIC: u8 = 0;

/// A word of a command.
#[derive(Clone, Debug, Default)]
pub(crate) struct Word {
    /// Its text without quotes; [`DYNAMIC`] for each expansion and placeholder.
    pub(crate) text: Vec<u8>,
    /// Whether part of it is in quotes.
    pub(crate) quoted: bool,
    /// The placeholders in it, but for those in substitutions.
    pub(crate) holes: Vec<usize>,
    /// Where it starts, at its level.
    pub(super) start: usize,
}

impl Word {
    /// Its text, if it is the same whatever happens.
    pub(crate) fn literal(&self) -> Option<&[u8]> {
        if self.text.contains(&DYNAMIC) { None } else { Some(&self.text) }
    }

    /// Whether it may be no word at all: nothing but arguments that may not exist.
    pub(crate) fn vanishes(&self, placeholders: &[Placeholder]) -> bool {
        let vanishing = |id: &usize| placeholders.get(*id).is_some_and(Placeholder::may_vanish);
        !self.quoted && self.text.len() == self.holes.len() && self.holes.iter().all(vanishing)
    }
}

/// A simple command while it is read.
#[derive(Debug, Default)]
pub(super) struct Command {
    /// Its words, without assignments before it and targets of redirections.
    pub(super) words: Vec<Word>,
    /// The word that is being read.
    pub(super) word: Option<Word>,
    /// The next word would be the command's name.
    pub(super) at_start: bool,
    /// The next word is where a redirection goes.
    pub(super) target: bool,
    /// That redirection is `>&`.
    pub(super) copies: bool,
    /// The next word is the name of a function.
    pub(super) function: bool,
    /// A word before the next one may vanish, so that the next one may or may not be the command's name.
    pub(super) vanishing: bool,
    /// Where the last variable ended: what follows directly would be added to its name.
    pub(super) glue: Option<usize>,
    /// The first placeholder in it, or behind it if it has none.
    pub(super) first_hole: usize,
}

impl Command {
    pub(super) fn start(first_hole: usize) -> Command {
        Command { at_start: true, first_hole, ..Command::default() }
    }

    /// Whether the word that is being read ends a `[[`, if it ends here.
    pub(super) fn ends_condition(&self) -> bool {
        self.word.as_ref().is_some_and(|word| !word.quoted && word.text == b"]]")
    }
}

/// A compound command that has been opened.
#[derive(Debug)]
pub(super) enum Frame {
    /// `(`.
    Paren,
    /// `case`.
    Case(Phase),
    /// `name=(`; the command that it belongs to.
    Array(Command),
    /// `[[`.
    Cond,
}

/// How far a `case` has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The word that is looked at comes next.
    Subject,
    /// `in` comes next.
    In,
    /// In patterns, up to the `)`.
    Pattern,
    /// In the commands of a pattern.
    Body,
}

pub(super) const COMMENT: Limit = Limit { class: Class::Line, place: "in a comment" };
pub(super) const NESTED_COMMENT: Limit =
    Limit { class: Class::HarmlessLine, place: "in a comment within a substitution" };
pub(super) const PRINTED: Limit =
    Limit { class: Class::Words, place: "in a substitution whose output is the name of a command" };
const COPIED: Limit = Limit { class: Class::Copied, place: "behind >&, where bash expands it once more" };
const ASSIGNED_NAME: Limit =
    Limit { class: Class::Harmless, place: "in an assignment to a variable that is a value, too" };

impl Lexer<'_, '_, '_> {
    /// A placeholder outside of quotes.
    pub(super) fn bare_hole(&mut self, id: usize, frames: &[Frame]) -> Lexed<()> {
        if matches!(frames.last(), Some(Frame::Case(Phase::In))) {
            return self.unclear();
        }
        self.word_mut();
        let starts = self.command.at_start && !self.command.target && !matches!(frames.last(), Some(Frame::Array(_)));
        let starts =
            starts && !matches!(frames.last(), Some(Frame::Case(Phase::Subject | Phase::Pattern) | Frame::Cond));
        let text = self.command.word.as_ref().map(|word| word.text.as_slice()).unwrap_or_default();
        let encoding = if starts && self.names_variable() {
            Encoding::Name
        } else if starts && self.names_command() {
            Encoding::Command
        } else if (starts && !text.contains(&b'='))
            || self.command.glue == Some(self.at)
            || text == b"="
            || matches!(frames.last(), Some(Frame::Cond | Frame::Case(Phase::Pattern)))
            || self.before_redirection()
        {
            // Where it could become a keyword, part of a variable's name, an operator or a descriptor.
            Encoding::Quoted
        } else {
            Encoding::Bare
        };
        let placeholder = self.facts.placeholders.get(id);
        let target = self.command.target || matches!(frames.last(), Some(Frame::Case(Phase::Subject)));
        let filler = placeholder.is_some_and(|p| p.may_vanish()) && (target || !self.vanishes_cleanly());
        let mut place = Place { filler, ..Place::plain(encoding) };
        // A second value behind an assignment or a target would be the name of a command.
        let assigned = starts && self.command.word.as_ref().is_some_and(|word| word.text.contains(&b'='));
        if placeholder.is_some_and(|p| p.may_repeat()) && (target || assigned) {
            place.limit(Limit::SINGLE);
        }
        self.at += 1;
        self.put(id, place);
        Ok(())
    }

    /// Whether nothing stands around that could make a keyword, a function, or anything else than the name of a command, of a
    /// harmless value.
    fn names_command(&self) -> bool {
        let word = self.command.word.as_ref();
        let is_path = word.is_some_and(|word| word.text.contains(&b'/'));
        let alone = word.is_none_or(|word| word.text.is_empty() && !word.quoted) && !self.command.function;
        let rest = &self.items[self.at + 1..];
        let ends = match rest.first() {
            None => true,
            Some(Item::Byte(byte)) => b" \t\n;&|)`/.".contains(byte) || (is_path && quote::is_safe(*byte)),
            Some(Item::Hole(_)) => false,
        };
        let next = rest.iter().find(|item| !matches!(item, Item::Byte(b' ' | b'\t')));
        let glued = self.command.glue == Some(self.at) || self.before_redirection();
        (is_path || alone) && ends && !glued && next != Some(&Item::Byte(b'('))
    }

    /// Whether only parts of a variable's name stand between here and a `=`.
    fn names_variable(&self) -> bool {
        let word = self.command.word.as_ref();
        let before =
            word.is_none_or(|w| !w.quoted && w.text.iter().all(|b| *b == DYNAMIC || quote::is_name(&[b'_', *b])));
        let rest = self.items[self.at..].iter();
        let mut rest = rest.skip_while(|item| match item {
            Item::Hole(_) => true,
            Item::Byte(byte) => quote::is_name(&[b'_', *byte]),
        });
        before
            && match rest.next() {
                Some(Item::Byte(b'=')) => true,
                Some(Item::Byte(b'+')) => rest.next() == Some(&Item::Byte(b'=')),
                _ => false,
            }
    }

    /// Whether `<`, `>` or `(` follows directly, or behind digits that would become one number with the value.
    fn before_redirection(&self) -> bool {
        let rest = self.items[self.at..].iter();
        let next = rest.into_iter().find(|item| !matches!(item, Item::Hole(_) | Item::Byte(b'0'..=b'9')));
        matches!(next, Some(Item::Byte(b'<' | b'>' | b'(')))
    }

    /// Whether the text on both sides stays what it is when nothing stands between.
    fn vanishes_cleanly(&self) -> bool {
        let hole = |item: &&Item| matches!(item, Item::Hole(_));
        let before = self.items[..self.at].iter().rev().find(|item| !hole(item));
        let after = self.items[self.at..].iter().find(|item| !hole(item));
        // What nothing can be added to: the end of the word.
        let ends = match after {
            None => true,
            Some(Item::Byte(byte)) => matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')'),
            Some(Item::Hole(_)) => false,
        };
        let plain = |byte: u8| {
            quote::is_safe(byte)
                || matches!(byte, b' ' | b'\t' | b'\n' | b'\'' | b'"' | b':' | b',' | b'@' | b'%' | 0x80..)
        };
        let clean = |item: Option<&Item>, more: &[u8]| match item {
            None => true,
            Some(Item::Byte(byte)) => plain(*byte) || more.contains(byte),
            Some(Item::Hole(_)) => false,
        };
        let letter = |item: Option<&Item>| matches!(item, Some(Item::Byte(byte)) if byte.is_ascii_alphabetic());
        let glued = self.command.glue.is_some_and(|at| self.items[at..self.at].iter().all(|item| hole(&item)));
        // A blank that is escaped, or a quote that ends `$'…'`, is the same byte in another role; both stay quoted.
        if ends {
            return glued || clean(before, b"=*?~#");
        }
        clean(before, b"") && clean(after, b"$`") && !(letter(before) && letter(after)) && !glued
    }

    /// The end of a word, if one is being read.
    pub(super) fn end_word(&mut self, frames: &mut Vec<Frame>) -> Lexed<()> {
        let Some(word) = self.command.word.take() else {
            return Ok(());
        };
        self.facts.bracketed |= word.text.contains(&b'[') && self.hole_at(word.start) < self.hole_at(self.at);
        let vanishes = word.vanishes(self.facts.placeholders);
        if std::mem::take(&mut self.command.target) {
            if std::mem::take(&mut self.command.copies) {
                self.limit_copied(&word);
            }
            return Ok(());
        }
        let bare = if word.quoted { None } else { word.literal() };
        match frames.last_mut() {
            Some(Frame::Case(phase @ Phase::Subject)) => {
                *phase = Phase::In;
                return Ok(());
            }
            Some(Frame::Case(phase @ Phase::In)) => {
                if bare != Some(b"in") {
                    return self.unclear();
                }
                *phase = Phase::Pattern;
                return Ok(());
            }
            Some(Frame::Case(Phase::Pattern)) => {
                if bare == Some(b"esac") && self.command.words.is_empty() {
                    frames.pop();
                    self.command.at_start = false;
                } else {
                    self.command.words.push(word);
                }
                return Ok(());
            }
            Some(Frame::Cond) => {
                let ends = bare == Some(b"]]");
                self.command.words.push(word);
                if ends {
                    frames.pop();
                }
                return Ok(());
            }
            Some(Frame::Array(_)) => {
                // `a=([$x]=1)`.
                if word.text.starts_with(b"[") {
                    self.facts.evaluates = true;
                    self.facts.bracketed = true;
                }
                return Ok(());
            }
            Some(Frame::Paren | Frame::Case(Phase::Body)) | None => {}
        }
        if std::mem::take(&mut self.command.function) {
            return Ok(());
        }
        if !self.command.at_start {
            // `for x do`.
            if bare == Some(b"{") && self.command.words.first().is_some_and(|word| word.text == b"[[") {
                // The short form of zsh, which starts a command here.
                return self.unclear();
            }
            let loops = |word: &Word| matches!(word.text.as_slice(), b"for" | b"select");
            self.command.at_start = bare == Some(b"do") && self.command.words.first().is_some_and(loops);
            self.command.words.push(word);
            return Ok(());
        }
        if self.assignment(&word) {
            return Ok(());
        }
        self.limit_printed(&word);
        if vanishes {
            self.command.vanishing = true;
            self.command.words.push(word);
            return Ok(());
        }
        let Some(keyword) = bare.filter(|text| is_keyword(text)) else {
            // `time -p` and its like.
            let option = bare.is_some_and(|text| text.starts_with(b"-")) && self.command.words.is_empty();
            self.command.at_start = option;
            if !option {
                self.command.words.push(word);
            }
            return Ok(());
        };
        if self.command.vanishing {
            return self.unclear();
        }
        match keyword {
            b"case" => {
                frames.push(Frame::Case(Phase::Subject));
            }
            b"esac" => {
                if !matches!(frames.pop(), Some(Frame::Case(Phase::Body))) {
                    return self.unclear();
                }
                self.command.at_start = false;
            }
            b"[[" => {
                frames.push(Frame::Cond);
                self.command.at_start = false;
                self.command.words.push(word);
            }
            b"function" => {
                self.command.function = true;
                self.facts.flows = true;
            }
            b"for" | b"select" | b"foreach" | b"repeat" | b"fi" | b"done" | b"}" => {
                self.command.at_start = false;
                self.command.words.push(word);
            }
            _ => {}
        }
        Ok(())
    }

    /// A command's name that a substitution prints: what is printed is run, and the values in the substitution may be.
    fn limit_printed(&mut self, word: &Word) {
        for id in self.hole_at(word.start)..self.hole_at(self.at) {
            if !word.holes.contains(&id) {
                self.facts.places[id].limit(PRINTED);
            }
        }
    }

    /// The word behind `>&`, which bash expands once more if it is the name of a file.
    fn limit_copied(&mut self, word: &Word) {
        for id in self.hole_at(word.start)..self.hole_at(self.at) {
            self.facts.places[id].limit(COPIED);
        }
        self.facts.reexpands |= word.text.contains(&DYNAMIC);
    }

    /// Whether `word`, before a command's name, is an assignment; then what is special about the variable.
    fn assignment(&mut self, word: &Word) -> bool {
        let Some(equals) = word.text.iter().position(|byte| *byte == b'=') else {
            return false;
        };
        let name = word.text[..equals].strip_suffix(b"+").unwrap_or(&word.text[..equals]);
        let plain = name.split(|byte| *byte == b'[').next().unwrap_or_default();
        let dynamic = plain.contains(&DYNAMIC);
        if !dynamic && !quote::is_name(plain) {
            return false;
        }
        self.facts.flows |= self.hole_at(word.start) < self.hole_at(self.at);
        if plain.len() < name.len() {
            self.facts.evaluates = true;
            self.facts.arrays = true;
        }
        let in_name = name.iter().filter(|byte| **byte == DYNAMIC).count();
        self.facts.evaluates |= builtin::is_special_variable(plain);
        self.facts.reexpands |= builtin::is_text_variable(plain) && word.text[equals..].contains(&DYNAMIC);
        let limit = if dynamic {
            Some(ASSIGNED_NAME)
        } else if builtin::is_special_variable(plain) {
            Some(Limit::SPECIAL)
        } else {
            None
        };
        if let Some(limit) = limit {
            // Expansions in the name shift the count; then the name itself gets the same limit, which is harmless.
            for id in word.holes.iter().skip(if dynamic { in_name.min(word.holes.len()) } else { 0 }) {
                self.facts.places[*id].limit(limit);
            }
        }
        true
    }

    /// The end of a simple command: what its words say about the values in them.
    pub(super) fn end_command(&mut self) {
        let first = self.hole_at(self.at);
        let command = std::mem::replace(&mut self.command, Command::start(first));
        builtin::restrict(&command.words, self.facts);
        if !self.second_shell(&command) && self.facts.warning.is_none() {
            self.facts.warning = interpreter::warning(&command.words, self.facts.placeholders);
        }
    }
}

/// Words that are read as syntax at the start of a command, by some shell.
pub(crate) fn is_keyword(word: &[u8]) -> bool {
    const KEYWORDS: [&[u8]; 24] = [
        b"if",
        b"then",
        b"elif",
        b"else",
        b"fi",
        b"while",
        b"until",
        b"do",
        b"done",
        b"for",
        b"select",
        b"foreach",
        b"repeat",
        b"case",
        b"esac",
        b"function",
        b"time",
        b"coproc",
        b"{",
        b"}",
        b"!",
        b"[[",
        b"always",
        b"end",
    ];
    KEYWORDS.contains(&word)
}
