//! The places of a template's placeholders: which values may stand there, and how they are written.

use anyhow::Result;

use super::lexer::{Facts, HereDoc, Item};
use super::place::{Level, Limit, Place};
use super::placeholder::Placeholder;
use super::{Part, ShellFamily, family, lexer, place, quote};
use crate::model::{Record, Refusal, Slot};

/// What is known about the places of a command's placeholders.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) places: Vec<Place>,
    here_docs: Vec<HereDoc>,
    /// Some value might be refused.
    guarded: bool,
    /// Values can get into variables that the command evaluates as arithmetic, and would be refused together if they
    /// make a subscript with a substitution in it.
    evaluates: bool,
    /// The command's own text has the bracket of such a subscript.
    bracketed: bool,
}

impl Context {
    /// Finds the places of the placeholders in `items`, and a warning.
    pub(super) fn of(
        items: &[Item],
        placeholders: &[Placeholder],
        family: ShellFamily,
    ) -> Result<(Context, Option<String>)> {
        if family != ShellFamily::Posix {
            let (places, warning) = family::places(items, placeholders, family)?;
            return Ok((Context::quoted(places), warning));
        }
        let Facts { mut places, here_docs, warning, evaluates, bracketed, .. } = lexer::lex(items, placeholders);
        let mut there = vec![false; places.len()];
        items.iter().for_each(|item| {
            if let Item::Hole(id) = item {
                there[*id] = true;
            }
        });
        for (place, _) in places.iter_mut().zip(there).filter(|(_, there)| !there) {
            *place = Place { is_code: true, ..Place::plain(quote::Encoding::Verbatim) };
        }
        let guarded = evaluates || !here_docs.is_empty() || places.iter().any(|place| !place.limits.is_empty());
        Ok((Context { places, here_docs, guarded, evaluates, bracketed }, warning))
    }

    /// Places where any value can be quoted.
    pub(super) fn quoted(places: Vec<Place>) -> Context {
        Context { places, here_docs: Vec::new(), guarded: false, evaluates: false, bracketed: false }
    }

    /// Refuses values that would not be data where they stand.
    pub(super) fn check(&self, placeholders: &[Placeholder], record: &Record, slot: Slot) -> Result<(), Refusal> {
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
                    Item::Hole(id) => self.write_hole(*id, placeholders, record, slot, doc.level, &mut body),
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

    pub(super) fn write(
        &self,
        parts: &[Part],
        placeholders: &[Placeholder],
        record: &Record,
        slot: Slot,
        text: &mut Vec<u8>,
    ) {
        for part in parts {
            match part {
                Part::Text(bytes) => text.extend_from_slice(bytes),
                Part::Hole(id) => self.write_hole(*id, placeholders, record, slot, Level::COMMAND, text),
            }
        }
    }

    /// Writes the values of a placeholder for a text at the level `out_of`.
    pub(super) fn write_hole(
        &self,
        id: usize,
        placeholders: &[Placeholder],
        record: &Record,
        slot: Slot,
        out_of: Level,
        text: &mut Vec<u8>,
    ) {
        let (Some(place), Some(placeholder)) = (self.places.get(id), placeholders.get(id)) else {
            return;
        };
        if !place.prefix.is_empty() {
            place.wrap(place.prefix.to_vec(), out_of, text);
        }
        let mut more = false;
        placeholder.for_each(record, slot, |value| {
            if more {
                text.push(b' ');
            }
            more = true;
            place.encode(value, out_of, text);
        });
        if !more && place.filler {
            place.wrap(b"''".to_vec(), out_of, text);
        }
    }
}
