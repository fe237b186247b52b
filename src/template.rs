//! Commands with replacement strings: compiled once, expanded per record, values quoted by the context they stand in.
//!
//! `compile` finds the placeholders, lexes the shell text around them (`lexer`) and so knows for each how a value
//! is written there (`quote`), which values may stand there at all (`place`), and whether a shell is needed
//! (`plain`). `expand` only puts the parts together.

mod builtin;
mod family;
mod interpreter;
mod length;
mod lexer;
mod names;
pub mod pattern;
mod place;
mod placeholder;
mod plain;
mod quote;
mod repeat;
mod whole;

#[cfg(test)]
mod tests;

use anyhow::Result;

pub use names::{Names, PARENS};

use crate::model::{Job, Record, Refusal, Slot};
use lexer::{Facts, HereDoc, Item};
use place::{Limit, Place};
use placeholder::Placeholder;
use repeat::Repeats;

pub use length::Length;
pub use repeat::Insertion;
pub use whole::quoted;

/// How the shell that will read a command quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShellFamily {
    /// sh, dash, bash, zsh, ksh and their kin.
    Posix,
    /// csh, tcsh.
    Csh,
    /// fish.
    Fish,
}

/// A command with replacement strings.
#[derive(Debug)]
pub struct Template {
    items: Vec<Item>,
    placeholders: Vec<Placeholder>,
    parts: Vec<Part>,
    family: ShellFamily,
    /// The first placeholder is command text; what stands behind it can only be lexed when that is known.
    led: bool,
    context: Context,
    plan: Option<plain::Plan>,
    /// No shell reads it.
    is_label: bool,
    /// For a job with several arguments, it has to be written out.
    repeats: Option<Box<Repeats>>,
}

/// What lies between two placeholders, and the placeholders.
#[derive(Debug)]
enum Part {
    Text(Vec<u8>),
    Hole(usize),
}

/// What is known about the places of a command's placeholders.
#[derive(Debug)]
struct Context {
    places: Vec<Place>,
    here_docs: Vec<HereDoc>,
    /// Some value might be refused.
    guarded: bool,
    /// Values can get into variables that the command evaluates as arithmetic, and would be refused together if they
    /// make a subscript with a substitution in it.
    evaluates: bool,
    /// The command's own text has the bracket of such a subscript.
    bracketed: bool,
}

impl Template {
    /// Compiles the words of the command line, joined by blanks as GNU parallel joins them; ` {}` is appended when there is
    /// no replacement string in them. No words at all: each record is a command. Answers warnings, too: at most one, for
    /// placeholders in program text of a second interpreter.
    ///
    /// Values are data wherever a placeholder stands, but for one that the command *starts* with: it is command text,
    /// as in GNU parallel, where it makes all others command text, too.
    ///
    /// # Errors
    /// A placeholder where this family of shells gives no way to quote.
    pub fn compile(words: &[Vec<u8>], family: ShellFamily, insertion: Insertion) -> Result<(Template, Vec<String>)> {
        let mut items = Vec::new();
        let mut placeholders = Vec::new();
        for (index, word) in words.iter().enumerate() {
            if index > 0 {
                items.push(Item::Byte(b' '));
            }
            let from = items.len();
            parse(word, &mut items, &mut placeholders);
            if insertion.quoted {
                whole::quote_word(&mut items, from, family);
            }
        }
        if placeholders.is_empty() {
            if !words.is_empty() {
                items.push(Item::Byte(b' '));
            }
            let from = items.len();
            items.push(Item::Hole(0));
            placeholders.push(Placeholder::ALL);
            if insertion.quoted {
                whole::quote_word(&mut items, from, family);
            }
        }
        let (items, placeholders) = insertion.apply(items, placeholders);
        let (template, warning) = Template::of(items, placeholders, family)?;
        let mut template = template.whole(insertion.quoted);
        template.repeat_words(insertion);
        Ok((template, warning.into_iter().collect()))
    }

    fn of(items: Vec<Item>, placeholders: Vec<Placeholder>, family: ShellFamily) -> Result<(Template, Option<String>)> {
        let led = items.first() == Some(&Item::Hole(0)) && !placeholders[0].is_number();
        // A value that is command text is a word like any other as far as warnings go.
        let known: Vec<Item> =
            items.iter().map(|item| if led && *item == Item::Hole(0) { Item::Byte(b'x') } else { *item }).collect();
        let (context, warning) = Context::of(&known, &placeholders, family)?;
        let posix = family == ShellFamily::Posix;
        let plan = if led || !posix { None } else { plain::Plan::of(&items, &placeholders) };
        let parts = parts(&items);
        let (is_label, repeats) = (false, None);
        Ok((Template { items, placeholders, parts, family, led, context, plan, is_label, repeats }, warning))
    }

    /// A text with replacement strings that no shell will read (`--tagstring`): values stand as they are.
    pub fn label(text: &[u8], insertion: Insertion) -> Template {
        let mut items = Vec::new();
        let mut placeholders = Vec::new();
        parse(text, &mut items, &mut placeholders);
        let (items, placeholders) = insertion.apply(items, placeholders);
        let mut template = Template::label_of(items, placeholders);
        template.repeat_words(insertion);
        template
    }

    fn label_of(items: Vec<Item>, placeholders: Vec<Placeholder>) -> Template {
        let parts = parts(&items);
        let places = vec![Place::plain(quote::Encoding::Verbatim); placeholders.len()];
        let (family, context) = (ShellFamily::Posix, Context::quoted(places));
        Template { items, placeholders, parts, family, led: false, context, plan: None, is_label: true, repeats: None }
    }

    /// Composes the command for one record; `job`'s memory is used again.
    ///
    /// # Errors
    /// A value that would be read as code where no quoting exists.
    pub fn expand(&self, record: &Record, slot: Slot, job: &mut Job) -> Result<(), Refusal> {
        job.text.clear();
        job.words.clear();
        job.plain = false;
        if let Some(done) = self.written_out(record, |template| template.expand(record, slot, job)) {
            return done;
        }
        if let Some(plan) = &self.plan {
            self.context.check(&self.placeholders, record, slot)?;
            plan.expand(&self.placeholders, record, slot, &mut job.words);
            // A command all of whose words have vanished is the shell's to judge.
            job.plain = !job.words.is_empty();
            if job.plain {
                return Ok(());
            }
        }
        self.text(record, slot, &mut job.text)?;
        if self.led && self.family == ShellFamily::Posix && self.placeholders.len() == 1 {
            job.plain = plain::split(&job.text, &mut job.words);
            if job.plain {
                job.text.clear();
            } else {
                job.words.clear();
            }
        }
        Ok(())
    }

    /// Appends the command as text, as GNU parallel shows it, whether it is plain or not.
    ///
    /// # Errors
    /// As [`Template::expand`].
    pub fn text(&self, record: &Record, slot: Slot, text: &mut Vec<u8>) -> Result<(), Refusal> {
        if let Some(done) = self.written_out(record, |template| template.text(record, slot, text)) {
            return done;
        }
        if self.led {
            return self.led_text(record, slot, text);
        }
        self.context.check(&self.placeholders, record, slot)?;
        if !self.whole_text(record, slot, text) {
            self.context.write(&self.parts, &self.placeholders, record, slot, text);
        }
        Ok(())
    }

    /// Appends the command as reports show it: its text, or where that can't be composed, its template.
    pub fn shown(&self, record: &Record, slot: Slot, text: &mut Vec<u8>) {
        let start = text.len();
        if self.text(record, slot, text).is_err() {
            text.truncate(start);
            self.source(text);
        }
    }

    /// Whether there is any replacement string in it.
    pub fn has_placeholders(&self) -> bool {
        !self.placeholders.is_empty()
    }

    /// What stands before the first replacement string.
    pub fn leading_text(&self) -> &[u8] {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            _ => &[],
        }
    }

    /// Whether `{#}` or `{%}` is in it.
    pub fn has_numbers(&self) -> bool {
        self.placeholders.iter().any(Placeholder::is_number)
    }

    /// The command as the user wrote it, with its placeholders: what is shown of a job whose values were refused. Nobody who
    /// replays a log runs the values by that.
    pub fn source(&self, text: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Text(bytes) => text.extend_from_slice(bytes),
                Part::Hole(id) => text.extend_from_slice(self.placeholders[*id].to_string().as_bytes()),
            }
        }
    }

    /// Appends the text of a [`Template::label`] for one record.
    pub fn label_text(&self, record: &Record, slot: Slot, text: &mut Vec<u8>) {
        let written = self.written_out(record, |template| {
            template.label_text(record, slot, text);
            Ok(())
        });
        if written.is_some() {
            return;
        }
        self.context.write(&self.parts, &self.placeholders, record, slot, text);
    }

    /// The text of a command whose first placeholder is command text. What follows it is lexed behind that text,
    /// for it might open quotes.
    fn led_text(&self, record: &Record, slot: Slot, text: &mut Vec<u8>) -> Result<(), Refusal> {
        let start = text.len();
        let mut more = false;
        self.placeholders[0].for_each(record, slot, |value| {
            if more {
                text.push(b' ');
            }
            more = true;
            text.extend_from_slice(value);
        });
        if self.placeholders.len() == 1 {
            if let Some(Part::Text(rest)) = self.parts.get(1) {
                text.extend_from_slice(rest);
            }
            return Ok(());
        }
        let mut items: Vec<Item> = text[start..].iter().map(|byte| Item::Byte(*byte)).collect();
        items.extend(&self.items[1..]);
        let refused = |error: anyhow::Error| Refusal { reason: error.to_string() };
        let (context, _) = Context::of(&items, &self.placeholders, self.family).map_err(refused)?;
        context.check(&self.placeholders, record, slot)?;
        context.write(&self.parts[1..], &self.placeholders, record, slot, text);
        Ok(())
    }
}

impl Context {
    /// Finds the places of the placeholders in `items`, and a warning.
    fn of(items: &[Item], placeholders: &[Placeholder], family: ShellFamily) -> Result<(Context, Option<String>)> {
        if family != ShellFamily::Posix {
            let (places, warning) = family::places(items, placeholders, family)?;
            return Ok((Context::quoted(places), warning));
        }
        let Facts { mut places, here_docs, warning, evaluates, bracketed, .. } = lexer::lex(items, placeholders);
        for (id, place) in places.iter_mut().enumerate() {
            if !items.contains(&Item::Hole(id)) {
                *place = Place { is_code: true, ..Place::plain(quote::Encoding::Verbatim) };
            }
        }
        let guarded = evaluates || !here_docs.is_empty() || places.iter().any(|place| !place.limits.is_empty());
        Ok((Context { places, here_docs, guarded, evaluates, bracketed }, warning))
    }

    /// Places where any value can be quoted.
    fn quoted(places: Vec<Place>) -> Context {
        Context { places, here_docs: Vec::new(), guarded: false, evaluates: false, bracketed: false }
    }

    /// Refuses values that would not be data where they stand.
    fn check(&self, placeholders: &[Placeholder], record: &Record, slot: Slot) -> Result<(), Refusal> {
        if !self.guarded {
            return Ok(());
        }
        for (place, placeholder) in self.places.iter().zip(placeholders) {
            for limit in &place.limits {
                let mut count = 0;
                placeholder.each(record, slot, |value| {
                    count += 1;
                    if limit.admits(value, count - 1) { Ok(()) } else { Err(limit.refusal(placeholder, Some(value))) }
                })?;
                if !limit.admits_count(count) {
                    return Err(limit.refusal(placeholder, None));
                }
            }
        }
        if self.evaluates {
            // Each may bring a part of the subscript.
            let mut bracket = self.bracketed;
            let mut substitution = None;
            for (place, placeholder) in self.places.iter().zip(placeholders) {
                if place.is_code || placeholder.is_number() {
                    continue;
                }
                placeholder.for_each(record, slot, |value| {
                    bracket |= value.contains(&b'[');
                    if substitution.is_none() && place::substitutes(value) {
                        substitution = Some(Limit::SUBSCRIPT.refusal(placeholder, Some(value)));
                    }
                });
            }
            if let Some(refusal) = substitution.filter(|_| bracket) {
                return Err(refusal);
            }
        }
        for doc in &self.here_docs {
            let mut body = Vec::new();
            for item in &doc.body {
                match item {
                    Item::Byte(byte) => body.push(*byte),
                    Item::Hole(id) => self.write_hole(*id, placeholders, record, slot, doc.layers, &mut body),
                }
            }
            let delimiter = || place::shown(doc.delimiter());
            if doc.lines_cut_by_dash(&body) > 0 {
                return Err(Refusal {
                    reason: format!(
                        "a line of the here-document would begin like its delimiter ({}) and go on with a byte above 0x7f, \
                         which dash drops; choose another delimiter",
                        delimiter()
                    ),
                });
            }
            if doc.ends_within(&body) {
                let delimiter = delimiter();
                return Err(Refusal {
                    reason: format!(
                        "a line of a value would end the here-document in which it stands ({delimiter}), and the rest \
                         would run as commands; choose another delimiter"
                    ),
                });
            }
        }
        Ok(())
    }

    fn write(&self, parts: &[Part], placeholders: &[Placeholder], record: &Record, slot: Slot, text: &mut Vec<u8>) {
        for part in parts {
            match part {
                Part::Text(bytes) => text.extend_from_slice(bytes),
                Part::Hole(id) => self.write_hole(*id, placeholders, record, slot, 0, text),
            }
        }
    }

    /// Writes the values of a placeholder for the level that is `outer` layers deep.
    fn write_hole(
        &self,
        id: usize,
        placeholders: &[Placeholder],
        record: &Record,
        slot: Slot,
        outer: u8,
        text: &mut Vec<u8>,
    ) {
        let (Some(place), Some(placeholder)) = (self.places.get(id), placeholders.get(id)) else {
            return;
        };
        if !place.prefix.is_empty() {
            place.wrap(place.prefix.to_vec(), outer, text);
        }
        let mut more = false;
        placeholder.for_each(record, slot, |value| {
            if more {
                text.push(b' ');
            }
            more = true;
            place.encode(value, outer, text);
        });
        if !more && place.filler {
            text.extend_from_slice(b"''");
        }
    }
}

/// Splits a word into bytes and placeholders.
fn parse(word: &[u8], items: &mut Vec<Item>, placeholders: &mut Vec<Placeholder>) {
    let mut rest = word;
    while let Some(byte) = rest.first() {
        let length = match Placeholder::parse(rest) {
            Some((placeholder, length)) => {
                items.push(Item::Hole(placeholders.len()));
                placeholders.push(placeholder);
                length
            }
            None => {
                items.push(Item::Byte(*byte));
                1
            }
        };
        rest = &rest[length..];
    }
}

/// `items` with the bytes between placeholders put together.
fn parts(items: &[Item]) -> Vec<Part> {
    let mut parts = Vec::new();
    for item in items {
        match (item, parts.last_mut()) {
            (Item::Byte(byte), Some(Part::Text(text))) => text.push(*byte),
            (Item::Byte(byte), _) => parts.push(Part::Text(vec![*byte])),
            (Item::Hole(id), _) => parts.push(Part::Hole(*id)),
        }
    }
    parts
}
