//! Words of a command that are as they are: `--quote`.

use super::lexer::Item;
use super::quote;
use super::{ShellFamily, Template};
use crate::model::{Record, Slot, Words};

/// `text` as one word for a shell of this family, as GNU parallel quotes it.
pub fn quoted(text: &[u8], family: ShellFamily) -> Vec<u8> {
    let encoding = match family {
        ShellFamily::Posix => quote::Encoding::Bare,
        ShellFamily::Csh => quote::Encoding::Csh,
        ShellFamily::Fish => quote::Encoding::Fish,
    };
    let mut word = Vec::new();
    quote::encode(text, encoding, &mut word);
    word
}

/// Quotes the text of a word, which begins at `from`, so that a shell reads it as it is. Replacement strings stay bare; a word of
/// nothing but those stays a word, whatever they come to.
pub(crate) fn quote_word(items: &mut Vec<Item>, from: usize, family: ShellFamily) {
    let word = items.split_off(from);
    let is_hole = |item: &Item| matches!(item, Item::Hole(_));
    if word.iter().all(is_hole) {
        items.extend(quoted(b"", family).into_iter().map(Item::Byte));
    }
    for run in word.chunk_by(|one, next| is_hole(one) == is_hole(next)) {
        let text: Vec<u8> =
            run.iter().filter_map(|item| if let Item::Byte(byte) = item { Some(*byte) } else { None }).collect();
        if text.is_empty() {
            items.extend(run);
        } else {
            items.extend(quoted(&text, family).into_iter().map(Item::Byte));
        }
    }
}

impl Template {
    /// The same, and whether its words are as they are.
    pub(crate) fn whole(mut self, whole: bool) -> Template {
        self.plan.iter_mut().for_each(|plan| plan.whole = whole);
        self
    }

    /// The text of a command whose words are as they are, as GNU parallel writes it: each word is quoted as a whole. False: it
    /// has to be composed as any other.
    pub(crate) fn whole_text(&self, record: &Record, slot: Slot, text: &mut Vec<u8>) -> bool {
        let Some(plan) = self.plan.as_ref().filter(|plan| plan.whole) else { return false };
        let mut words = Words::new();
        plan.expand(&self.placeholders, &self.context, record, slot, &mut words);
        for (index, word) in words.iter().enumerate() {
            if index > 0 {
                text.push(b' ');
            }
            text.extend_from_slice(&quoted(word, ShellFamily::Posix));
        }
        true
    }
}
