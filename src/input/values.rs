//! Values that are kept because they are needed again.

use crate::model::Words;

/// Byte strings in memory: in blocks, so that one grows little at a time and positions in it fit `Words`.
#[derive(Clone, Debug, Default)]
pub struct Values {
    blocks: Vec<Words>,
}

/// Bytes in a block, unless a single value is longer.
const BLOCK: usize = 64 << 10;

/// The place of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    block: usize,
    word: usize,
}

impl Values {
    /// Appends a value of at most 2 GiB.
    pub fn push(&mut self, value: &[u8]) {
        match self.blocks.last_mut() {
            Some(block) if block.as_bytes().len() + value.len() < BLOCK => block.push(value),
            _ => self.blocks.push(Words::from_iter([value])),
        }
    }

    /// The value there.
    pub fn get(&self, place: Place) -> Option<&[u8]> {
        self.blocks.get(place.block)?.get(place.word)
    }

    /// The place after this one, if there is a value.
    pub fn after(&self, place: Place) -> Option<Place> {
        let within = Place { word: place.word + 1, ..place };
        let beyond = Place { block: place.block + 1, word: 0 };
        [within, beyond].into_iter().find(|place| self.get(*place).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_order_over_all_blocks() {
        let long = vec![b'x'; BLOCK];
        let all: Vec<&[u8]> = vec![b"a", b"", &long, b"b", &long[1..], b"c", b""];
        let mut values = Values::default();
        assert_eq!(values.get(Place::default()), None);
        all.iter().for_each(|value| values.push(value));
        let places = std::iter::successors(Some(Place::default()), |place| values.after(*place));
        assert_eq!(places.map(|place| values.get(place).expect("is there")).collect::<Vec<_>>(), all);
    }
}
