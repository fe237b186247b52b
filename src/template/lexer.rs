//! A small lexer of the POSIX shell language that finds out in which quotes each placeholder stands.
//!
//! It follows what dash, bash, zsh, ksh93 and mksh read alike. Where they differ, or where it loses track, it says so
//! ([`Unclear`]), and from that command on only values that are harmless everywhere are let in: a wrong guess here
//! would run a value as code.

mod arithmetic;
mod backtick;
mod command;
mod compound;
mod expansion;
mod facts;
mod here;
mod second;

use super::builtin;
use super::place::{Class, Limit, Place};
use super::placeholder::Placeholder;
use super::quote::{Encoding, Layers};

use backtick::View;
use command::{Command, Frame, Phase};
pub(crate) use command::{DYNAMIC, Word, is_keyword};
pub(crate) use facts::{Facts, Item};
pub(crate) use here::HereDoc;

/// The lexer does not know how shells read what follows.
#[derive(Clone, Copy, Debug)]
struct Unclear {
    /// The first placeholder that is concerned.
    from: usize,
    /// Why, and what may stand there nevertheless.
    limit: Limit,
}

impl Unclear {
    /// It concerns the placeholder `from`, too.
    fn since(self, from: usize) -> Unclear {
        Unclear { from: self.from.min(from), ..self }
    }
}

type Lexed<T> = Result<T, Unclear>;

const NO_BRACE: Limit = Limit { class: Class::NoBrace, place: "in quotes within backticks within double quotes" };

/// Substitutions nested deeper than this are not followed.
const DEEPEST: usize = 40;

/// Lexes `items`, the text of a whole template.
pub(crate) fn lex<'a>(items: &[Item], placeholders: &'a [Placeholder]) -> Facts<'a> {
    let mut facts = Facts {
        placeholders,
        places: vec![Place::unclear(Limit::UNCLEAR); placeholders.len()],
        here_docs: Vec::new(),
        evaluates: false,
        reexpands: false,
        flows: false,
        bracketed: false,
        arrays: false,
        redefines: false,
        declared: Vec::new(),
        warning: None,
    };
    let mut lexer = Lexer::new(items, 0, &mut facts);
    if let Err(unclear) = lexer.list(None) {
        for place in facts.places.iter_mut().skip(unclear.from) {
            *place = Place::unclear(unclear.limit);
        }
    }
    if facts.redefines {
        facts.places.fill(Place::unclear(Limit::REDEFINED));
    }
    if facts.arrays {
        for id in std::mem::take(&mut facts.declared) {
            facts.places[id].limit(builtin::DECLARED);
        }
    }
    for (place, placeholder) in facts.places.iter_mut().zip(placeholders) {
        if placeholder.is_number() {
            // Numbers of ours are harmless everywhere, and there is always one.
            place.limits.clear();
        }
    }
    facts.evaluates &= facts.flows;
    if facts.reexpands && facts.flows {
        for (place, placeholder) in facts.places.iter_mut().zip(placeholders) {
            if !placeholder.is_number() {
                place.limit(Limit::REEXPANDED);
            }
        }
    }
    facts
}

/// Reads one level of the text: all of it, or the content of a pair of backticks.
struct Lexer<'f, 'i, 'p> {
    items: &'i [Item],
    at: usize,
    /// The first placeholder at or behind the start of `items`.
    base: usize,
    /// Where placeholders are in `items`, and which.
    holes: Vec<(usize, usize)>,
    layers: Layers,
    /// How many substitutions are around.
    depth: usize,
    /// How many commands are around of which this one is an argument (`sh -c "…"`).
    shells: u8,
    /// How many expansions are around, at this level.
    nesting: usize,
    /// The simple command that is being read.
    command: Command,
    /// Here-documents whose bodies start behind the next newline.
    pending: Vec<here::Pending>,
    /// Whether a command around this substitution waits for bodies of its own.
    outer_pending: bool,
    /// Placeholders in backticks within double quotes that bash does not see in quotes when it expands braces.
    brace_views: Vec<(usize, View)>,
    /// What all placeholders that are met directly, not in a nested substitution, must be like.
    limit: Option<Limit>,
    facts: &'f mut Facts<'p>,
}

impl<'f, 'i, 'p> Lexer<'f, 'i, 'p> {
    /// Reads `items`, whose first placeholder is, or would be, `base`.
    fn new(items: &'i [Item], base: usize, facts: &'f mut Facts<'p>) -> Self {
        let holes = items.iter().enumerate();
        let holes = holes.filter_map(|(at, item)| if let Item::Hole(id) = item { Some((at, *id)) } else { None });
        Lexer {
            items,
            at: 0,
            base,
            holes: holes.collect(),
            layers: Layers::default(),
            depth: 0,
            shells: 0,
            nesting: 0,
            command: Command::start(base),
            pending: Vec::new(),
            outer_pending: false,
            brace_views: Vec::new(),
            limit: None,
            facts,
        }
    }

    fn peek(&self, ahead: usize) -> Option<Item> {
        self.items.get(self.at + ahead).copied()
    }

    /// Whether the byte `ahead` of the next one is `byte`.
    fn is(&self, ahead: usize, byte: u8) -> bool {
        self.peek(ahead) == Some(Item::Byte(byte))
    }

    /// Skips `bytes` if they come next.
    fn skip(&mut self, bytes: &[u8]) -> bool {
        let found = bytes.iter().enumerate().all(|(ahead, byte)| self.is(ahead, *byte));
        if found {
            self.at += bytes.len();
        }
        found
    }

    /// The first placeholder at or behind the item `at`.
    fn hole_at(&self, at: usize) -> usize {
        let before = self.holes.partition_point(|(position, _)| *position < at);
        before.checked_sub(1).and_then(|last| self.holes.get(last)).map_or(self.base, |(_, id)| id + 1)
    }

    /// Gives up: placeholders of this command and behind it stand in an unclear place.
    fn unclear<T>(&self) -> Lexed<T> {
        Err(Unclear { from: self.hole_at(self.at).min(self.command.first_hole), limit: Limit::UNCLEAR })
    }

    /// Notes where the placeholder `id` stands, and that it is part of the current word.
    fn put(&mut self, id: usize, place: Place) {
        let mut place = Place { layers: self.layers, ..place };
        match self.brace_views.iter().find(|(hole, _)| *hole == id) {
            Some((_, View::Bare)) if self.layers.count == 1 && place.encoding == Encoding::Double => {
                place.braces = true
            }
            Some(_) => place.limit(NO_BRACE),
            None => {}
        }
        if let Some(limit) = self.limit {
            place.limit(limit);
        }
        // What a substitution prints can end up anywhere.
        self.facts.flows |= self.depth > 0;
        if let Some(slot) = self.facts.places.get_mut(id) {
            *slot = place;
        }
        if let Some(word) = &mut self.command.word {
            word.text.push(DYNAMIC);
            word.holes.push(id);
        }
    }

    /// Notes that the placeholder `id` stands where only such values can stand.
    fn put_limited(&mut self, id: usize, limit: Limit) {
        self.put(id, Place { limits: vec![limit], ..Place::plain(Encoding::Verbatim) });
    }

    /// Reads commands up to `close` (the parenthesis of a substitution) or the end.
    fn list(&mut self, close: Option<u8>) -> Lexed<()> {
        if self.depth > DEEPEST {
            return self.unclear();
        }
        let first = self.hole_at(self.at);
        let outer = std::mem::replace(&mut self.command, Command::start(first));
        let limit = self.limit.take();
        let result = self.commands(close);
        let inner = std::mem::replace(&mut self.command, outer);
        self.limit = limit;
        // What is unclear within a substitution is unclear for the whole command around it.
        result.map_err(|unclear| unclear.since(inner.first_hole).since(self.command.first_hole))
    }

    fn commands(&mut self, close: Option<u8>) -> Lexed<()> {
        let mut frames: Vec<Frame> = Vec::new();
        while let Some(item) = self.peek(0) {
            let byte = match item {
                Item::Hole(id) => {
                    self.bare_hole(id, &frames)?;
                    continue;
                }
                Item::Byte(byte) => byte,
            };
            let mut cond = matches!(frames.last(), Some(Frame::Cond));
            if cond && matches!(byte, b'(' | b')' | b';' | b'&' | b'|' | b'<' | b'>') && self.command.ends_condition() {
                self.end_word(&mut frames)?;
                cond = false;
            }
            match byte {
                b' ' | b'\t' => {
                    self.at += 1;
                    self.end_word(&mut frames)?;
                }
                b'\n' => {
                    self.at += 1;
                    self.newline(&mut frames)?;
                }
                b'\\' if self.is(1, b'\n') => self.at += 2,
                b'#' if self.command.word.is_none() => {
                    if cond {
                        return self.unclear();
                    }
                    self.comment()?;
                }
                b'(' if cond => self.bare_byte(byte),
                b')' if cond => self.bare_byte(byte),
                b'(' => self.open(&mut frames)?,
                b')' => {
                    self.end_word(&mut frames)?;
                    if self.close(&mut frames, close)? {
                        return Ok(());
                    }
                }
                b'<' | b'>' => self.redirection(&mut frames, cond)?,
                b';' if cond => return self.unclear(),
                b'&' | b'|' if cond => {
                    self.at += 1;
                    self.end_word(&mut frames)?;
                }
                b';' | b'&' | b'|' => self.operator(&mut frames, byte)?,
                b'[' => self.bracket(&frames)?,
                _ => self.word_part()?,
            }
        }
        self.end_word(&mut frames)?;
        self.end_command();
        if close.is_some() || !frames.is_empty() {
            return self.unterminated();
        }
        Ok(())
    }

    /// Gives up, for placeholders before this command, too.
    fn unclear_everywhere<T>(&self) -> Lexed<T> {
        Err(Unclear { from: 0, limit: Limit::UNCLEAR })
    }

    /// Something that was opened is not closed: the user's mistake, or it was misread. Nothing is sure, then.
    fn unterminated<T>(&self) -> Lexed<T> {
        Err(Unclear { from: 0, limit: Limit::UNCLOSED })
    }

    /// Behind a newline: the end of a command, and the bodies of its here-documents.
    fn newline(&mut self, frames: &mut Vec<Frame>) -> Lexed<()> {
        self.end_word(frames)?;
        if !matches!(frames.last(), Some(Frame::Cond | Frame::Array(_))) {
            self.end_command();
        }
        if self.outer_pending {
            return self.unclear();
        }
        self.bodies()
    }

    /// `;`, `&`, `|` and what starts with them.
    fn operator(&mut self, frames: &mut Vec<Frame>, byte: u8) -> Lexed<()> {
        self.end_word(frames)?;
        self.at += 1;
        if byte == b'&' && self.is(0, b'>') {
            // bash redirects, dash starts a new command: the same for quoting.
            return Ok(());
        }
        if byte == b'|' && matches!(frames.last(), Some(Frame::Case(Phase::Pattern))) {
            return Ok(());
        }
        if matches!(frames.last(), Some(Frame::Array(_))) {
            return self.unclear();
        }
        self.end_command();
        let ends_case = byte == b';' && matches!(self.peek(0), Some(Item::Byte(b';' | b'&' | b'|')));
        if ends_case {
            while matches!(self.peek(0), Some(Item::Byte(b';' | b'&' | b'|'))) {
                self.at += 1;
            }
            match frames.last_mut() {
                Some(Frame::Case(phase @ Phase::Body)) => *phase = Phase::Pattern,
                _ => return self.unclear(),
            }
        }
        Ok(())
    }

    /// `<`, `>` and what starts with them; the next word is the target.
    fn redirection(&mut self, frames: &mut Vec<Frame>, cond: bool) -> Lexed<()> {
        if self.is(1, b'(') {
            self.word_mut();
            self.at += 2;
            self.substitution()?;
            self.push_text(DYNAMIC);
            return Ok(());
        }
        if self.is(1, b'#') {
            // ksh93 seeks to a pattern.
            return self.unclear();
        }
        // `{a[$x]}>file` puts the descriptor's number into a variable.
        if let Some(word) = &self.command.word
            && word.text.starts_with(b"{")
            && word.text.contains(&b'[')
        {
            self.facts.evaluates = true;
            self.facts.bracketed = true;
        }
        // Digits right before it are the number of a descriptor, which changes nothing for quoting.
        self.end_word(frames)?;
        if cond {
            if self.is(0, b'<') && self.is(1, b'<') {
                return self.unclear();
            }
            self.at += 1;
            return Ok(());
        }
        if matches!(frames.last(), Some(Frame::Array(_) | Frame::Case(Phase::Pattern))) {
            return self.unclear();
        }
        if self.is(0, b'<') && self.is(1, b'<') && !self.is(2, b'<') {
            self.at += 2;
            return self.delimiter();
        }
        self.command.copies = self.is(0, b'>') && self.is(1, b'&');
        while matches!(self.peek(0), Some(Item::Byte(b'<' | b'>' | b'&' | b'|'))) && !self.is(1, b'(') {
            self.at += 1;
        }
        self.command.target = true;
        Ok(())
    }

    /// Behind `#` at the start of a word, up to the end of the line.
    fn comment(&mut self) -> Lexed<()> {
        let limit = if self.depth == 0 { command::COMMENT } else { command::NESTED_COMMENT };
        while let Some(item) = self.peek(0) {
            match item {
                Item::Byte(b'\n') => break,
                Item::Hole(id) => self.put_limited(id, limit),
                // Old shells count quotes and parentheses in the comments of a substitution.
                Item::Byte(b'\'' | b'"' | b'`' | b'(' | b')' | b'\\' | b'$') if self.depth > 0 => {
                    return self.unclear();
                }
                Item::Byte(_) => {}
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Quotes, expansions and ordinary bytes: the parts of a word.
    fn word_part(&mut self) -> Lexed<()> {
        let Some(Item::Byte(byte)) = self.peek(0) else {
            return Ok(());
        };
        match byte {
            b'\\' => {
                self.word_mut().quoted = true;
                self.at += 1;
                self.escaped()?;
            }
            b'\'' => {
                self.word_mut().quoted = true;
                self.at += 1;
                self.single()?;
            }
            b'"' => {
                self.word_mut().quoted = true;
                self.at += 1;
                self.double()?;
            }
            b'`' => {
                self.word_mut();
                self.at += 1;
                self.backtick(expansion::Around::Bare)?;
            }
            b'$' => {
                self.word_mut();
                self.at += 1;
                if self.dollar(expansion::Around::Bare)? {
                    self.command.glue = Some(self.at);
                }
            }
            byte => self.bare_byte(byte),
        }
        Ok(())
    }

    /// An ordinary byte of a word.
    fn bare_byte(&mut self, byte: u8) {
        self.word_mut();
        self.push_text(byte);
        self.at += 1;
    }

    fn word_mut(&mut self) -> &mut Word {
        let start = self.at;
        self.command.word.get_or_insert_with(|| Word { start, ..Word::default() })
    }

    fn push_text(&mut self, byte: u8) {
        if let Some(word) = &mut self.command.word {
            word.text.push(byte);
        }
    }
}
