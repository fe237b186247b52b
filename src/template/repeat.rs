//! Words that are repeated for each argument (`-X`, `-N`, `-L`): `pic{}.jpg` becomes `pic1.jpg pic2.jpg`.
//!
//! For a job with several arguments the template is written out: `pic{1}.jpg pic{2}.jpg`. That is compiled as any other
//! template, so that each value is quoted for the place where it really stands.

use std::ops::Range;
use std::sync::OnceLock;

use super::Template;
use super::lexer::Item;
use super::placeholder::Placeholder;
use crate::model::{Record, Refusal};

/// How the arguments of a job stand in its command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Insertion {
    /// The word around a replacement string is repeated for each argument (`-X`), instead of all of them standing in
    /// its place with blanks between.
    pub repeat_words: bool,
    /// They do not: `-n0`, a semaphore's command. Placeholders are what they make of nothing.
    pub nothing: bool,
    /// They stand only where there is a replacement string: none is appended (`--pipe`).
    pub only_named: bool,
    /// `--quote`: each word of the command is as it is; no shell has anything to read in it.
    pub quoted: bool,
}

impl Insertion {
    /// What is left of a template for jobs with so many arguments.
    pub(crate) fn apply(
        self,
        items: Vec<Item>,
        placeholders: Vec<Placeholder>,
        args: usize,
    ) -> (Vec<Item>, Vec<Placeholder>) {
        if !self.nothing {
            return (items, placeholders);
        }
        let (mut left, mut numbers) = (Vec::new(), Vec::new());
        for item in items {
            match item {
                Item::Hole(id) if placeholders[id].is_number() => {
                    left.push(Item::Hole(numbers.len()));
                    numbers.push(placeholders[id].clone());
                }
                // What it makes of nothing, without quotes: `{//}` is a dot, and two with a blank between for two arguments.
                Item::Hole(id) => {
                    let placeholder = &placeholders[id];
                    for arg in 0..if placeholder.may_repeat() { args } else { 1 } {
                        left.extend((arg > 0).then_some(Item::Byte(b' ')));
                        if placeholder.index(args).is_none_or(|index| index < args) {
                            left.extend(placeholder.of(b"").iter().map(|byte| Item::Byte(*byte)));
                        }
                    }
                }
                Item::Byte(_) => left.push(item),
            }
        }
        (left, numbers)
    }
}

impl Template {
    /// `origin`: what [`Insertion::apply`] has made this template of.
    pub(crate) fn repeat_words(&mut self, insertion: Insertion, origin: Option<Origin>) {
        if insertion.repeat_words || origin.is_some() {
            let (items, placeholders) = origin.as_ref().map_or((&self.items, &self.placeholders), |(i, p)| (i, p));
            let mut repeats = Repeats::of(items, placeholders, !self.is_label, insertion.quoted);
            repeats.extra = extra(&self.items);
            repeats.counted = self.typed.as_deref().map_or(repeats.extra, extra);
            repeats.origin = origin.map(|origin| (insertion, origin));
            self.repeats = Some(Box::new(repeats));
        }
    }

    /// Has `compose` work on what is written out for the arguments of this record; `None`: the template is as it is.
    pub(crate) fn written_out<T>(
        &self,
        record: &Record,
        compose: impl FnOnce(&Template) -> Result<T, Refusal>,
    ) -> Option<Result<T, Refusal>> {
        let args = record.args.len();
        let repeats = self.repeats.as_ref().filter(|repeats| args > 1 && !repeats.is_empty())?;
        if let Some((_, template)) = repeats.usual.get().filter(|(usual, _)| *usual == args) {
            return Some(compose(template));
        }
        let (items, placeholders) = match &repeats.origin {
            None => repeats.written_out(&self.items, &self.placeholders, args),
            Some((insertion, (items, placeholders))) => {
                let (items, placeholders) = match insertion.repeat_words {
                    true => repeats.written_out(items, placeholders, args),
                    false => (items.clone(), placeholders.clone()),
                };
                insertion.apply(items, placeholders, args)
            }
        };
        let template = if self.is_label {
            Ok(Template::label_of(items, placeholders))
        } else {
            let whole = self.plan.as_ref().is_some_and(|plan| plan.whole);
            Template::of(items, placeholders, self.family).map(|(template, _)| template.whole(whole))
        };
        let template = match template {
            Ok(template) => template,
            Err(error) => return Some(Err(Refusal { reason: error.to_string() })),
        };
        let composed = compose(&template);
        // Who comes second has made it in vain.
        repeats.usual.set((args, template)).ok();
        Some(composed)
    }
}

/// A template before anything was taken out of it.
pub(crate) type Origin = (Vec<Item>, Vec<Placeholder>);

/// What a template repeats.
#[derive(Debug)]
pub(crate) struct Repeats {
    /// The parts that are repeated, in order, and what stands between one and the next.
    groups: Vec<(Range<usize>, Vec<Item>)>,
    /// Bytes for each further argument, besides its values.
    pub(crate) extra: usize,
    /// What GNU parallel counts for these.
    pub(crate) counted: usize,
    /// What is written out, where the template has no arguments in it.
    origin: Option<(Insertion, Origin)>,
    /// The template written out for so many arguments: the number that the first job had.
    pub(crate) usual: OnceLock<(usize, Template)>,
}

impl Repeats {
    /// The words with replacement strings in them. For a shell, such a word ends where GNU parallel ends it, at a
    /// blank, if all quotes and parentheses in it are closed and no command ends in it. Else it is no more than the
    /// plain text around the placeholder: `"a {}b"` becomes `"a 1b 2b"`, where GNU parallel leaves a quote open.
    ///
    /// A word that is `quoted` (`--quote`) ends at each of its blanks, too, and its quotes with it: `'x {} y'` becomes `'x 1' '2 y'`.
    pub(crate) fn of(items: &[Item], placeholders: &[Placeholder], for_shell: bool, quoted: bool) -> Repeats {
        let repeats = |item: &Item| matches!(item, Item::Hole(id) if placeholders[*id].may_repeat());
        let quotes = if for_shell { quotes(items) } else { vec![Quote::Bare; items.len() + 1] };
        let mut groups = Vec::new();
        for mut word in split(items, |byte| matches!(byte, b' ' | b'\t')) {
            if !items[word.clone()].iter().any(repeats) {
                continue;
            }
            if !for_shell || quoted || is_closed(&items[word.clone()], &quotes[word.start..=word.end]) {
                // As GNU parallel: a tab belongs to the word behind it.
                let tab = word.start > 0 && items[word.start - 1] == Item::Byte(b'\t');
                word.start -= usize::from(tab);
                groups.push(word);
                continue;
            }
            for part in split(&items[word.clone()], |byte| !is_plain(byte)) {
                let part = word.start + part.start..word.start + part.end;
                if items[part.clone()].iter().any(repeats) {
                    groups.push(part);
                }
            }
        }
        // Values with blanks between are what a placeholder by itself becomes in any case.
        groups.retain(|group| group.len() > 1);
        let joint = |group: Range<usize>| {
            let quote = |at: usize| (quoted && quotes[at] == Quote::Single).then_some(Item::Byte(b'\''));
            let joint = [quote(group.end), Some(Item::Byte(b' ')), quote(group.start)];
            (group, joint.into_iter().flatten().collect())
        };
        let groups = groups.into_iter().map(joint).collect();
        let extra = extra(items);
        Repeats { groups, extra, counted: extra, origin: None, usual: OnceLock::new() }
    }

    /// Whether nothing is repeated but placeholders that stand alone.
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.origin.is_none()
    }

    /// The template written out for so many arguments.
    pub(crate) fn written_out(
        &self,
        items: &[Item],
        placeholders: &[Placeholder],
        args: usize,
    ) -> (Vec<Item>, Vec<Placeholder>) {
        let (mut all, mut holes) = (Vec::new(), Vec::new());
        let mut put = |from: &[Item], arg: Option<usize>| {
            for item in from {
                all.push(match item {
                    Item::Byte(byte) => Item::Byte(*byte),
                    Item::Hole(id) => {
                        let placeholder = &placeholders[*id];
                        let arg = arg.filter(|_| placeholder.may_repeat());
                        holes.push(arg.map_or_else(|| placeholder.clone(), |arg| placeholder.at(arg)));
                        Item::Hole(holes.len() - 1)
                    }
                });
            }
        };
        let mut at = 0;
        for (group, joint) in &self.groups {
            put(&items[at..group.start], None);
            for arg in 1..=args {
                if arg > 1 {
                    put(joint, None);
                }
                put(&items[group.clone()], Some(arg));
            }
            at = group.end;
        }
        put(&items[at..], None);
        (all, holes)
    }
}

/// The text around placeholders, with a blank for each word of it.
fn extra(items: &[Item]) -> usize {
    let words = split(items, |byte| byte.is_ascii_whitespace() || byte == 0x0b);
    let holes = |word: &Range<usize>| items[word.clone()].iter().filter(|item| matches!(item, Item::Hole(_))).count();
    words
        .iter()
        .map(|word| (word.len(), holes(word)))
        .filter(|(_, holes)| *holes > 0)
        .map(|(len, holes)| len - holes + 1)
        .sum()
}

/// The parts of `items` between the bytes that end them; none is empty.
fn split(items: &[Item], ends: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, item) in items.iter().enumerate() {
        if matches!(item, Item::Byte(byte) if ends(*byte)) {
            parts.push(start..at);
            start = at + 1;
        }
    }
    parts.push(start..items.len());
    parts.retain(|part| !part.is_empty());
    parts
}

/// In which quotes something stands. Less exact than the lexer, which has the last word: this only decides what is
/// repeated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    Bare,
    Single,
    Double,
    /// `$'…'`.
    Ansi,
}

/// In which quotes each item stands, and what follows the last one.
fn quotes(items: &[Item]) -> Vec<Quote> {
    let mut quotes = Vec::with_capacity(items.len() + 1);
    let mut now = Quote::Bare;
    let (mut escaped, mut dollar) = (false, false);
    for item in items {
        quotes.push(now);
        let byte = if let Item::Byte(byte) = item { *byte } else { 0 };
        if std::mem::take(&mut escaped) {
            dollar = false;
            continue;
        }
        now = match (now, byte) {
            (Quote::Bare, b'\'') if dollar => Quote::Ansi,
            (Quote::Bare, b'\'') => Quote::Single,
            (Quote::Bare, b'"') => Quote::Double,
            (Quote::Single | Quote::Ansi, b'\'') | (Quote::Double, b'"') => Quote::Bare,
            (now, _) => now,
        };
        escaped = byte == b'\\' && now != Quote::Single;
        dollar = byte == b'$';
    }
    quotes.push(now);
    quotes
}

/// Whether a word can be repeated as it is: it ends in the quotes in which it starts, and within it no command ends
/// that was there before.
fn is_closed(word: &[Item], quotes: &[Quote]) -> bool {
    let (mut depth, mut backticks) = (0usize, 0);
    let mut escaped = false;
    let at = |index: usize| if let Some(Item::Byte(byte)) = word.get(index) { *byte } else { 0 };
    for (index, quote) in quotes.iter().take(word.len()).enumerate() {
        let byte = at(index);
        if std::mem::take(&mut escaped) || *quote == Quote::Single || *quote == Quote::Ansi {
            continue;
        }
        escaped = byte == b'\\';
        backticks += usize::from(byte == b'`');
        if *quote == Quote::Double {
            continue;
        }
        let redirects = |byte: u8| matches!(byte, b'<' | b'>');
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return false,
            b')' => depth -= 1,
            // `2>&1` and `&>{}` are redirections.
            b'&' if index > 0 && redirects(at(index - 1)) || redirects(at(index + 1)) => {}
            b';' | b'|' | b'&' | b'\n' if depth == 0 => return false,
            _ => {}
        }
    }
    // A backslash at its end is before the blank that follows, as in each copy.
    depth == 0 && backticks % 2 == 0 && quotes.first() == quotes.last()
}

/// Bytes that mean nothing to a shell, in quotes or out of them.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/' | b',' | b':' | b'@' | b'%' | b'=' | 0x80..)
}
