//! How long commands become, for packing.

use std::ops::AddAssign;

use super::Template;
use super::lexer::Item;
use super::place::Place;
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

/// How GNU parallel counts a template: under `--quote` and `--shell-quote` it takes what it counts as it was typed, several times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counting {
    /// Bytes of the text as it was typed, and bytes that are repeated of it for each further argument.
    typed: Option<(usize, usize)>,
    /// How many times.
    times: usize,
}

impl Default for Counting {
    fn default() -> Counting {
        Counting { typed: None, times: 1 }
    }
}

/// Bytes of the longest number that `{#}` can become.
const LONGEST_NUMBER: usize = 20;

impl Template {
    /// `--quote`: what was typed is counted, three times.
    pub(super) fn count_typed(&mut self, typed: &[Item]) {
        let text = typed.iter().filter(|item| matches!(item, Item::Byte(_))).count();
        self.counting = Counting { typed: Some((text, super::repeat::extra(typed))), times: 3 };
    }

    /// `--shell-quote`, given so many times.
    pub fn count_shell_quotes(&mut self, given: u8) {
        if given > 0 {
            let times = 3usize.saturating_pow(given.into()).saturating_mul(5);
            self.counting.times = self.counting.times.saturating_mul(times);
        }
    }

    /// The length of a command without any argument, and room for `{#}` and `{%}` in what it really is.
    pub fn fixed_length(&self) -> Length {
        let text = self.items.iter().filter(|item| matches!(item, Item::Byte(_))).count();
        let hole = |number| if number { LONGEST_NUMBER } else { 4 };
        let holes: usize = self.placeholders.iter().map(|placeholder| hole(placeholder.is_number())).sum();
        let counted = self.counting.typed.map_or(text, |(text, _)| text);
        Length { counted: counted.saturating_mul(self.counting.times), real: text + holes }
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
        let encoding = if self.counting.typed.is_some() { Encoding::Verbatim } else { Encoding::Bare };
        let mut length = Length::default();
        for (placeholder, place) in self.placeholders.iter().zip(&self.context.places) {
            if placeholder.is_number() {
                length.counted += counted(placeholder, args, from, seq, encoding);
                continue;
            }
            if placeholder.may_repeat() {
                for arg in (from..args.len()).filter_map(|index| args.get(index)) {
                    let value = placeholder.of(arg);
                    let counted = encoded(&value, encoding);
                    let is_same = encoding == Encoding::Bare && is_bare(place);
                    length += Length { counted, real: if is_same { counted } else { real(place, &value) } };
                }
                continue;
            }
            length.counted += counted(placeholder, args, from, seq, encoding);
            // It is a position among all arguments of the job, whichever combination brings that.
            let most = (from..args.len()).filter_map(|index| args.get(index));
            length.real += most.map(|arg| real(place, &placeholder.of(arg))).max().unwrap_or_default();
        }
        for placeholder in &self.beside {
            length.counted += counted(placeholder, args, from, seq, encoding);
        }
        let further = count - usize::from(from == 0).min(count);
        let extra = self.extra_length();
        length += Length { counted: further * extra.counted, real: further * extra.real };
        length.counted = length.counted.saturating_mul(self.counting.times);
        length
    }

    /// What is written once more for each further argument, besides its values.
    fn extra_length(&self) -> Length {
        let joints = self.placeholders.len();
        match &self.repeats {
            Some(repeats) => {
                let counted = self.counting.typed.map_or(repeats.extra, |(_, extra)| extra);
                Length { counted, real: repeats.extra + joints }
            }
            None => Length { counted: joints + self.beside.len(), real: joints },
        }
    }
}

/// What GNU parallel counts for a placeholder and the arguments from index `from` on.
fn counted(placeholder: &Placeholder, args: &Words, from: usize, seq: u64, encoding: Encoding) -> usize {
    if placeholder.is_number() {
        return placeholder.digits(seq);
    }
    let count = args.len() - from;
    let indices = match placeholder.index(count) {
        Some(index) => index..index.saturating_add(1).min(count),
        None => 0..count,
    };
    let values = indices.filter_map(|index| args.get(from + index));
    values.map(|arg| encoded(&placeholder.of(arg), encoding)).sum()
}

fn is_bare(place: &Place) -> bool {
    place.encoding == Encoding::Bare && place.layers.count == 0 && !place.braces && place.prefix.is_empty()
}

fn real(place: &Place, value: &[u8]) -> usize {
    let mut counter = Counter::default();
    place.encode(value, 0, &mut counter);
    counter.0 + place.prefix.len()
}

fn encoded(value: &[u8], encoding: Encoding) -> usize {
    let mut counter = Counter::default();
    quote::encode(value, encoding, &mut counter);
    counter.0
}
