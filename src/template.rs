//! Commands with replacement strings: compiled once, expanded per record, values quoted by the context they stand in.
//!
//! `compile` finds the placeholders, lexes the shell text around them (`lexer`) and so knows for each how a value
//! is written there (`quote`), which values may stand there at all (`place`), and whether a shell is needed
//! (`plain`). `expand` only puts the parts together.

mod argv;
mod builtin;
mod context;
mod evaluation;
mod expression;
mod family;
mod filter;
mod interpreter;
mod key;
mod length;
mod lexer;
mod matches;
mod names;
pub mod pattern;
mod place;
mod placeholder;
mod plain;
mod quote;
mod repeat;
mod strings;
mod whole;

#[cfg(test)]
mod tests;

use anyhow::Result;

pub use key::Key;
pub use matches::Matches;
pub use names::{Names, PARENS};

use crate::model::{Job, Record, Refusal, Slot};
use context::Context;
use lexer::Item;
use place::Place;
use placeholder::Placeholder;
use repeat::Repeats;
use strings::Piece;

pub use length::Length;
pub(crate) use placeholder::Op;
pub use repeat::Insertion;
pub use strings::Strings;
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
    /// Some placeholder has an expression, whose values [`Template::evaluate`] computes.
    evaluates: bool,
    context: Context,
    plan: Option<plain::Plan>,
    /// No shell reads it.
    is_label: bool,
    /// For a job with several arguments, it has to be written out.
    repeats: Option<Box<Repeats>>,
    /// `{}` was appended to the command.
    appended: bool,
    /// What else is counted, see [`Template::count_tag`].
    beside: Vec<Placeholder>,
    /// As it was typed, where `--quote` has put quotes into it: these are not counted.
    typed: Option<Vec<Item>>,
    /// Words that no shell reads, instead of all the rest.
    argv: Option<Box<argv::Argv>>,
}

/// What lies between two placeholders, and the placeholders.
#[derive(Debug)]
enum Part {
    Text(Vec<u8>),
    Hole(usize),
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
    pub fn compile(
        words: &[Vec<u8>],
        family: ShellFamily,
        insertion: Insertion,
        strings: &mut Strings,
    ) -> Result<(Template, Vec<String>)> {
        let mut items = Vec::new();
        let mut typed = Vec::new();
        let mut placeholders = Vec::new();
        let mut found = false;
        for (index, word) in strings.merge(words).iter().enumerate() {
            if index > 0 {
                items.push(Item::Byte(b' '));
            }
            let from = items.len();
            found |= parse(word, strings, &mut items, &mut placeholders);
            if insertion.quoted {
                typed.extend_from_slice(&items[from - usize::from(index > 0)..]);
                // Where nothing stands in the place of all of it, it is no word.
                let vanishes = insertion.nothing && items.len() > from;
                if !(vanishes && items[from..].iter().all(|item| matches!(item, Item::Hole(_)))) {
                    whole::quote_word(&mut items, from, family);
                }
            }
        }
        if !found && !insertion.only_named {
            if !words.is_empty() {
                items.push(Item::Byte(b' '));
            }
            let from = items.len();
            items.push(Item::Hole(0));
            placeholders.push(Placeholder::ALL);
            typed.extend_from_slice(&items[from - usize::from(!words.is_empty())..]);
            // Where nothing stands in its place, it is no word.
            if insertion.quoted && !insertion.nothing {
                whole::quote_word(&mut items, from, family);
            }
        }
        if insertion.quoted {
            placeholders.iter_mut().for_each(Placeholder::make_data);
        }
        let origin = insertion.nothing.then(|| (items.clone(), placeholders.clone()));
        let (items, placeholders) = insertion.apply(items, placeholders, 1);
        let (template, warning) = Template::of(items, placeholders, family)?;
        let mut template = template.whole(insertion.quoted);
        template.appended = !found && !insertion.nothing && !insertion.only_named;
        template.typed = insertion.quoted.then_some(typed);
        template.repeat_words(insertion, origin);
        Ok((template, warning.into_iter().collect()))
    }

    fn of(items: Vec<Item>, placeholders: Vec<Placeholder>, family: ShellFamily) -> Result<(Template, Option<String>)> {
        let led = items.first() == Some(&Item::Hole(0)) && !placeholders[0].is_number();
        // A value that is command text is a word like any other as far as warnings go.
        let is_code = |id: usize| (led && id == 0) || placeholders[id].may_be_code();
        let known = |item: &Item| match item {
            Item::Hole(id) if is_code(*id) => Item::Byte(b'x'),
            item => *item,
        };
        let (context, warning) = Context::of(&items.iter().map(known).collect::<Vec<_>>(), &placeholders, family)?;
        let has_code = (0..placeholders.len()).any(is_code);
        let posix = family == ShellFamily::Posix;
        let plan = if has_code || !posix { None } else { plain::Plan::of(&items, &placeholders) };
        let template = Template { led, plan, ..Template::placed(items, placeholders, family, context) };
        Ok((template, warning))
    }

    /// A text with replacement strings that no shell will read (`--tagstring`): values stand as they are.
    pub fn label(text: &[u8], insertion: Insertion, strings: &mut Strings) -> Template {
        let mut items = Vec::new();
        let mut placeholders = Vec::new();
        parse(text, strings, &mut items, &mut placeholders);
        let origin = insertion.nothing.then(|| (items.clone(), placeholders.clone()));
        let (items, placeholders) = insertion.apply(items, placeholders, 1);
        let mut template = Template::label_of(items, placeholders);
        template.repeat_words(insertion, origin);
        template
    }

    fn label_of(items: Vec<Item>, placeholders: Vec<Placeholder>) -> Template {
        let places = vec![Place::plain(quote::Encoding::Verbatim); placeholders.len()];
        let context = Context::quoted(places);
        Template { is_label: true, ..Template::placed(items, placeholders, ShellFamily::Posix, context) }
    }

    /// A template whose placeholders have their places, and no more.
    fn placed(items: Vec<Item>, placeholders: Vec<Placeholder>, family: ShellFamily, context: Context) -> Template {
        Template {
            parts: parts(&items),
            evaluates: placeholders.iter().any(|placeholder| placeholder.expression().is_some()),
            items,
            placeholders,
            family,
            context,
            led: false,
            plan: None,
            is_label: false,
            repeats: None,
            appended: false,
            beside: Vec::new(),
            typed: None,
            argv: None,
        }
    }

    /// Composes the command for one record; `job`'s memory is used again.
    ///
    /// # Errors
    /// A value that would be read as code where no quoting exists.
    pub fn expand(&self, record: &Record, slot: Slot, job: &mut Job) -> Result<(), Refusal> {
        job.text.clear();
        job.words.clear();
        job.plain = false;
        if let Some(argv) = &self.argv {
            argv.expand(record, job);
            return Ok(());
        }
        if let Some(done) = self.written_out(record, |template| template.expand(record, slot, job)) {
            return done;
        }
        if let Some(plan) = &self.plan {
            self.context.check(&self.placeholders, record, slot)?;
            plan.expand(&self.placeholders, &self.context, record, slot, &mut job.words);
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
        if let Some(argv) = &self.argv {
            argv.text(record, text);
            return Ok(());
        }
        if let Some(done) = self.written_out(record, |template| template.text(record, slot, text)) {
            return done;
        }
        if self.evaluates && !self.is_evaluated(record) {
            return Err(Refusal { reason: "its expressions have not been evaluated".to_owned() });
        }
        if self.led || self.placeholders.iter().any(|placeholder| placeholder.is_code(record)) {
            return self.code_text(record, slot, text);
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

    /// Whether `{#}`, `{%}` or their like is in it.
    pub fn has_numbers(&self) -> bool {
        self.placeholders.iter().any(Placeholder::varies)
    }

    /// The command as the user wrote it, with its placeholders: what is shown of a job whose values were refused. Nobody who
    /// replays a log runs the values by that.
    pub fn source(&self, text: &mut Vec<u8>) {
        if let Some(argv) = &self.argv {
            return argv.source(text);
        }
        for part in &self.parts {
            match part {
                Part::Text(bytes) => text.extend_from_slice(bytes),
                Part::Hole(id) => text.extend_from_slice(self.placeholders[*id].spelling()),
            }
        }
    }

    /// Whether it is the same text for every job.
    pub fn is_constant(&self) -> bool {
        self.placeholders.is_empty()
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

    /// The text of a command some of whose placeholders are command text. What stands around them is lexed with that text,
    /// for it might open quotes.
    fn code_text(&self, record: &Record, slot: Slot, text: &mut Vec<u8>) -> Result<(), Refusal> {
        let is_code = |id: usize| (self.led && id == 0) || self.placeholders[id].is_code(record);
        let code = |id: usize, text: &mut Vec<u8>| {
            let mut more = false;
            self.placeholders[id].for_each(record, slot, |value| {
                if more {
                    text.push(b' ');
                }
                more = true;
                text.extend_from_slice(value);
            });
        };
        if self.led && self.placeholders.len() == 1 {
            code(0, text);
            if let Some(Part::Text(rest)) = self.parts.get(1) {
                text.extend_from_slice(rest);
            }
            return Ok(());
        }
        let mut items = Vec::with_capacity(self.items.len());
        let mut written = Vec::new();
        for item in &self.items {
            match item {
                Item::Hole(id) if is_code(*id) => {
                    written.clear();
                    code(*id, &mut written);
                    items.extend(written.iter().map(|byte| Item::Byte(*byte)));
                }
                item => items.push(*item),
            }
        }
        let refused = |error: anyhow::Error| Refusal { reason: error.to_string() };
        let (context, _) = Context::of(&items, &self.placeholders, self.family).map_err(refused)?;
        context.check(&self.placeholders, record, slot)?;
        for part in &self.parts {
            match part {
                Part::Hole(id) if is_code(*id) => code(*id, text),
                part => context.write(std::slice::from_ref(part), &self.placeholders, record, slot, text),
            }
        }
        Ok(())
    }
}

/// Splits a word into bytes and placeholders. Answers whether there was a replacement string.
fn parse(word: &[u8], strings: &mut Strings, items: &mut Vec<Item>, placeholders: &mut Vec<Placeholder>) -> bool {
    let mut found = false;
    for piece in strings.cut(word) {
        match piece {
            Piece::Text(text) => items.extend(text.iter().map(|byte| Item::Byte(*byte))),
            Piece::Written(text) => {
                items.extend(text.iter().map(|byte| Item::Byte(*byte)));
                found = true;
            }
            Piece::Hole(placeholder) => {
                items.push(Item::Hole(placeholders.len()));
                placeholders.push(placeholder);
                found = true;
            }
        }
    }
    found
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
