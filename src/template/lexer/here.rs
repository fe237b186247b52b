//! Here-documents: delimiters, bodies, and whether a value would end one early.

use super::super::place::{Class, Level, Limit, Place};
use super::super::quote::Encoding;
use super::expansion::Around;
use super::{Item, Lexed, Lexer, Unclear};

/// A here-document whose body has not been met yet.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    delimiter: Vec<u8>,
    quoted: bool,
    strip: bool,
}

/// The body of a here-document that holds placeholders: no line of it may become its delimiter.
#[derive(Clone, Debug)]
pub(crate) struct HereDoc {
    /// The body, as it is at the level of its command: backslashes of backticks around are taken off.
    pub(crate) body: Vec<Item>,
    pub(crate) level: Level,
    delimiter: Vec<u8>,
    /// `<<-`: tabs at the starts of lines are taken off.
    strip: bool,
    /// A backslash at the end of a line joins it with the next.
    joins: bool,
}

const DELIMITER: Limit = Limit { class: Class::Word, place: "in the delimiter of a here-document" };
const NESTED: Limit = Limit { class: Class::Unjoined, place: "in a substitution in a here-document" };
const INNER_TABS: Limit = Limit { class: Class::InnerTabs, place: "in a <<- here-document, which loses tabs" };
const TABS: Limit = Limit { class: Class::Tabs, place: "in a <<- here-document, which loses tabs" };

impl HereDoc {
    /// Whether one line of the composed `body` is the delimiter, for any shell.
    pub(crate) fn ends_within(&self, body: &[u8]) -> bool {
        let is_delimiter = |line: &[u8]| {
            let tabs = if self.strip { line.iter().take_while(|b| **b == b'\t').count() } else { 0 };
            line[tabs..] == self.delimiter
        };
        if body.split(|b| *b == b'\n').any(is_delimiter) {
            return true;
        }
        self.joins && join_lines(body).split(|b| *b == b'\n').any(is_delimiter)
    }

    /// How many lines of the composed `body` begin with a part of the delimiter that a byte above 0x7f follows: dash (0.5.12)
    /// drops that byte. Lines that are so without any value are the user's own, and not counted.
    pub(crate) fn lines_cut_by_dash(&self, body: &[u8]) -> usize {
        let is_cut = |line: &&[u8]| {
            let tabs = if self.strip { line.iter().take_while(|b| **b == b'\t').count() } else { 0 };
            let line = &line[tabs..];
            let same = line.iter().zip(&self.delimiter).take_while(|(a, b)| a == b).count();
            same > 0 && line.get(same).is_some_and(|byte| *byte >= 0x80)
        };
        let count = |body: &[u8]| body.split(|b| *b == b'\n').filter(is_cut).count();
        let unfilled: Vec<u8> =
            self.body.iter().map(|item| if let Item::Byte(byte) = item { *byte } else { 0 }).collect();
        count(body).saturating_sub(count(&unfilled))
    }

    /// The delimiter, for a message.
    pub(crate) fn delimiter(&self) -> &[u8] {
        &self.delimiter
    }
}

/// `body` without its escaped newlines.
fn join_lines(body: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(body.len());
    let mut bytes = body.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match (byte, bytes.peek()) {
            (b'\\', Some(b'\n')) => {
                bytes.next();
            }
            (b'\\', Some(next)) => {
                joined.extend([byte, *next]);
                bytes.next();
            }
            _ => joined.push(byte),
        }
    }
    joined
}

impl Lexer<'_, '_, '_> {
    /// Behind `<<`: the delimiter.
    pub(super) fn delimiter(&mut self) -> Lexed<()> {
        let strip = self.skip(b"-");
        while self.is(0, b' ') || self.is(0, b'\t') {
            self.at += 1;
        }
        let mut pending = Pending { delimiter: Vec::new(), quoted: false, strip };
        let mut hole = None;
        while let Some(item) = self.peek(0) {
            let byte = match item {
                Item::Byte(byte) => byte,
                Item::Hole(id) => {
                    self.put_limited(id, DELIMITER);
                    hole = hole.or(Some(id));
                    self.at += 1;
                    continue;
                }
            };
            match byte {
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                b'$' | b'`' => return self.unclear(),
                b'\\' => {
                    pending.quoted = true;
                    match self.peek(1) {
                        Some(Item::Byte(escaped)) if escaped != b'\n' => pending.delimiter.push(escaped),
                        _ => return self.unclear(),
                    }
                    self.at += 2;
                }
                b'\'' | b'"' => {
                    pending.quoted = true;
                    self.at += 1;
                    while !self.is(0, byte) {
                        match self.peek(0) {
                            Some(Item::Byte(b'\n' | b'$' | b'`' | b'\\')) if byte == b'"' => return self.unclear(),
                            Some(Item::Byte(b'\n')) | None => return self.unclear(),
                            Some(Item::Byte(byte)) => pending.delimiter.push(byte),
                            Some(Item::Hole(id)) => {
                                self.put_limited(id, DELIMITER);
                                hole = hole.or(Some(id));
                            }
                        }
                        self.at += 1;
                    }
                    self.at += 1;
                }
                byte => {
                    pending.delimiter.push(byte);
                    self.at += 1;
                }
            }
        }
        if let Some(id) = hole {
            // Where the body ends depends on the value.
            return Err(Unclear { from: id, limit: Limit::UNCLEAR });
        }
        if pending.delimiter.is_empty() {
            return self.unclear();
        }
        self.pending.push(pending);
        Ok(())
    }

    /// Behind a newline: the bodies of the here-documents of the line before.
    pub(super) fn bodies(&mut self) -> Lexed<()> {
        for pending in std::mem::take(&mut self.pending) {
            self.body(pending)?;
        }
        Ok(())
    }

    fn body(&mut self, pending: Pending) -> Lexed<()> {
        let start = self.at;
        let mut line = start;
        let (end, next) = loop {
            let length = self.items[line..].iter().take_while(|item| **item != Item::Byte(b'\n')).count();
            let tabs =
                self.items[line..].iter().take_while(|item| pending.strip && **item == Item::Byte(b'\t')).count();
            let text = &self.items[line + tabs..line + length.max(tabs)];
            if text.iter().copied().eq(pending.delimiter.iter().map(|byte| Item::Byte(*byte))) {
                break (line, (line + length + 1).min(self.items.len()));
            }
            line += length + 1;
            if line >= self.items.len() {
                if self.depth > 0 {
                    return self.unclear();
                }
                break (self.items.len(), self.items.len());
            }
        };
        let body = self.items[start..end].to_vec();
        let holes: Vec<usize> =
            body.iter().filter_map(|item| if let Item::Hole(id) = item { Some(*id) } else { None }).collect();
        let doc = HereDoc {
            body,
            level: Level { shells: self.shells, layers: self.layers.count },
            delimiter: pending.delimiter,
            strip: pending.strip,
            joins: !pending.quoted,
        };
        if doc.joins {
            let bytes = |item: &Item| if let Item::Byte(byte) = item { *byte } else { 0 };
            let mut text: Vec<u8> = doc.body.iter().map(bytes).collect();
            let continued = text.ends_with(b"\\\n") && end < self.items.len();
            text.pop_if(|byte| *byte == b'\n' && end < next);
            // A line that is the delimiter only with its neighbour joined ends the body for some shells.
            if continued || (end > start && doc.ends_within(&text)) {
                return self.unclear();
            }
            self.quoted(Around::Here, end)?;
            if self.at != end {
                self.at = start;
                return self.unclear();
            }
            // bash joins lines before it looks at the substitutions in them.
            for id in &holes {
                let place = &mut self.facts.places[*id];
                if place.encoding != Encoding::Here {
                    place.limit(NESTED);
                }
            }
        } else {
            for id in &holes {
                self.put(*id, Place::plain(Encoding::Verbatim));
            }
        }
        self.at = next;
        if holes.is_empty() {
            return Ok(());
        }
        self.facts.flows = true;
        self.facts.bracketed |= doc.body.contains(&Item::Byte(b'['));
        if doc.strip {
            for id in holes {
                let limit = if at_line_start(&doc.body, id) { TABS } else { INNER_TABS };
                self.facts.places[id].limit(limit);
            }
        }
        self.facts.here_docs.push(doc);
        Ok(())
    }
}

/// Whether nothing but tabs and other placeholders stand before the placeholder `id` on its line.
fn at_line_start(body: &[Item], id: usize) -> bool {
    let before = body.iter().take_while(|item| **item != Item::Hole(id)).collect::<Vec<_>>();
    let line = before.iter().rev().take_while(|item| ***item != Item::Byte(b'\n'));
    line.into_iter().all(|item| matches!(item, Item::Byte(b'\t') | Item::Hole(_)))
}
