//! How long commands become, for packing.

use std::ops::AddAssign;

use super::Template;
use super::lexer::Item;
use super::place::{Level, Place};
use super::placeholder::Placeholder;
use super::quote::{self, Encoding, Length as Counter};
use crate::model::Words;

/// A length in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Length {
    /// As GNU parallel counts it: each value as it is quoted outside of quotes, `{2}` for each combination of inputs
    /// that has two values, and what is around a replacement string for each value where words are repeated.
    pub counted: usize,
    /// Never less than the length of the command's text.
    pub real: usize,
}

impl AddAssign for Length {
    fn add_assign(&mut self, more: Length) {
        self.counted += more.counted;
        self.real += more.real;
    }
}

/// Bytes of the longest number that `{#}` can become.
const LONGEST_NUMBER: usize = 20;

impl Template {
    /// The length of a command without any argument, and room for `{#}` and `{%}` in what it really is.
    pub fn fixed_length(&self) -> Length {
        let text = |items: &[Item]| items.iter().filter(|item| matches!(item, Item::Byte(_))).count();
        let hole = |(placeholder, place): (&Placeholder, &Place)| match &place.around {
            _ if placeholder.is_number() => LONGEST_NUMBER,
            Some(_) => real(place, b"") + 2 * real(place, b"'"),
            None => 4,
        };
        let holes: usize = self.placeholders.iter().zip(&self.context.places).map(hole).sum();
        Length { counted: text(self.typed.as_ref().unwrap_or(&self.items)), real: text(&self.items) + holes }
    }

    /// GNU parallel counts the replacement strings of a tag as parts of the command, if they are not in that or if that
    /// had none. `None`: the tag is `{}`.
    pub fn count_tag(&mut self, tag: Option<&Template>) {
        let tag = tag.map_or(&[Placeholder::ALL][..], |tag| &tag.placeholders);
        for placeholder in tag {
            let name = placeholder.to_string();
            let is_in = |all: &[Placeholder]| all.iter().any(|other| other.to_string() == name);
            if !is_in(&self.beside) && (self.appended || !is_in(&self.placeholders)) {
                self.beside.push(placeholder.clone());
            }
        }
    }

    /// What the arguments from index `from` on, a combination of inputs, add to the command of the job `seq`.
    pub fn added_length(&self, args: &Words, from: usize, seq: u64) -> Length {
        let count = args.len() - from;
        let mut length = Length::default();
        for (placeholder, place) in self.placeholders.iter().zip(&self.context.places) {
            if placeholder.is_number() {
                length.counted += self.counted(placeholder, args, from, seq);
                continue;
            }
            if placeholder.may_repeat() {
                for arg in (from..args.len()).filter_map(|index| args.get(index)) {
                    let value = placeholder.of(arg);
                    let bare = encoded(&value, Encoding::Bare);
                    let counted = if self.counts_bytes() { value.len() } else { bare };
                    length += Length { counted, real: if is_bare(place) { bare } else { real(place, &value) } };
                }
                continue;
            }
            length.counted += self.counted(placeholder, args, from, seq);
            // It is a position among all arguments of the job, whichever combination brings that.
            let most = (from..args.len()).filter_map(|index| args.get(index));
            length.real += most.map(|arg| real(place, &placeholder.of(arg))).max().unwrap_or_default();
        }
        for placeholder in &self.beside {
            length.counted += self.counted(placeholder, args, from, seq);
        }
        let further = count - usize::from(from == 0).min(count);
        let extra = self.extra_length();
        length += Length { counted: further * extra.counted, real: further * extra.real };
        length
    }

    /// What is written once more for each further argument, besides its values.
    fn extra_length(&self) -> Length {
        let joints = self.placeholders.len();
        match &self.repeats {
            Some(repeats) => Length { counted: repeats.counted, real: repeats.extra + joints },
            None => Length { counted: joints + self.beside.len(), real: joints },
        }
    }

    /// Whether values are counted as they are: where GNU parallel puts no quotes around them by themselves.
    fn counts_bytes(&self) -> bool {
        self.led || self.typed.is_some()
    }

    /// What GNU parallel counts for a placeholder and the arguments from index `from` on.
    fn counted(&self, placeholder: &Placeholder, args: &Words, from: usize, seq: u64) -> usize {
        if placeholder.is_number() {
            return placeholder.digits(seq);
        }
        let count = args.len() - from;
        let indices = match placeholder.index(count) {
            Some(index) => index..index.saturating_add(1).min(count),
            None => 0..count,
        };
        let values = indices.filter_map(|index| args.get(from + index)).map(|arg| placeholder.of(arg));
        values.map(|value| if self.counts_bytes() { value.len() } else { encoded(&value, Encoding::Bare) }).sum()
    }
}

fn is_bare(place: &Place) -> bool {
    place.encoding == Encoding::Bare
        && place.layers.count == 0
        && !place.braces
        && place.prefix.is_empty()
        && place.around.is_none()
}

fn real(place: &Place, value: &[u8]) -> usize {
    let mut counter = Counter::default();
    place.encode(value, Level::COMMAND, &mut counter);
    if place.around.is_some() {
        place.wrap(place.prefix.to_vec(), Level::COMMAND, &mut counter);
        return counter.0;
    }
    counter.0 + place.prefix.len()
}

fn encoded(value: &[u8], encoding: Encoding) -> usize {
    let mut counter = Counter::default();
    quote::encode(value, encoding, &mut counter);
    counter.0
}
