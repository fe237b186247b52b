//! Words of the command line as bytes and placeholders.

use super::lexer::Item;
use super::placeholder::Placeholder;
use super::strings::Piece;
use super::{Part, Strings};

/// Splits a word into bytes and placeholders. Answers whether there was a replacement string.
pub(super) fn parse(
    word: &[u8],
    strings: &mut Strings,
    items: &mut Vec<Item>,
    placeholders: &mut Vec<Placeholder>,
) -> bool {
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
pub(super) fn parts(items: &[Item]) -> Vec<Part> {
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
