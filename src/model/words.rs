//! A list of byte strings in one buffer.

use std::fmt;

/// Byte strings, each followed by a NUL, in one buffer: what `execve` wants, without an allocation per word.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Words {
    bytes: Vec<u8>,
    /// Where each word ends: the position of its NUL.
    ends: Vec<u32>,
}

impl Words {
    /// No words.
    pub fn new() -> Words {
        Words::default()
    }

    /// Makes room for so many bytes, NULs included, and so many words in all.
    pub fn make_room(&mut self, bytes: usize, words: usize) {
        self.bytes.reserve_exact(bytes);
        self.ends.reserve_exact(words);
    }

    /// Appends a word. A NUL in it would end it early for `execve`; callers have replaced it.
    pub fn push(&mut self, word: &[u8]) {
        self.bytes.extend_from_slice(word);
        self.finish_word();
    }

    /// Appends to the word that the next [`Words::finish_word`] will end.
    pub fn extend_word(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
    }

    /// Ends the word that [`Words::extend_word`] has built; without any call of it, an empty word.
    pub fn finish_word(&mut self) {
        let end = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.bytes.push(0);
        self.ends.push(end);
    }

    /// Appends all words of `other` in one copy.
    pub fn append(&mut self, other: &Words) {
        let base = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(&other.bytes);
        self.ends.extend(other.ends.iter().map(|end| base.saturating_add(*end)));
    }

    /// Takes the words from the index `from` on away; answers them.
    pub fn split_off(&mut self, from: usize) -> Words {
        let start =
            if from == 0 { 0 } else { self.ends.get(from - 1).map_or(self.bytes.len(), |end| *end as usize + 1) };
        let base = u32::try_from(start).unwrap_or(u32::MAX);
        let mut ends = self.ends.split_off(from.min(self.ends.len()));
        ends.iter_mut().for_each(|end| *end -= base);
        Words { bytes: self.bytes.split_off(start), ends }
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The word at `index`, counted from 0, without its NUL.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)? as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize + 1 };
        Some(&self.bytes[start..end])
    }

    /// The words, without their NULs.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &[u8]> + ExactSizeIterator {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default())
    }

    /// All words with their NULs, and where each NUL is.
    pub fn as_parts(&self) -> (&[u8], &[u32]) {
        (&self.bytes, &self.ends)
    }

    /// How many bytes [`Words::extend_word`] has added to the word that is not finished.
    pub fn unfinished(&self) -> usize {
        self.bytes.len() - self.ends.last().map_or(0, |end| *end as usize + 1)
    }

    /// Takes back all but the first `length` bytes of the word that is not finished.
    pub fn cut_unfinished(&mut self, length: usize) {
        let cut = self.unfinished().saturating_sub(length);
        self.bytes.truncate(self.bytes.len() - cut);
    }

    /// The word that is not finished.
    pub fn unfinished_word(&self) -> &[u8] {
        &self.bytes[self.bytes.len() - self.unfinished()..]
    }

    /// All words with their NULs: what they take up in a command.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets the words and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(bstr::BStr::new)).finish()
    }
}

impl<T: AsRef<[u8]>> FromIterator<T> for Words {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Words {
        let mut words = Words::new();
        for item in items {
            words.push(item.as_ref());
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_as_they_were_pushed() {
        let mut words: Words = ["a", "", "c d"].into_iter().collect();
        words.extend_word(b"x");
        words.extend_word(b"y");
        words.finish_word();
        let other = words.clone();
        words.append(&other);
        let all: Vec<&[u8]> = words.iter().collect();
        assert_eq!(all, [&b"a"[..], b"", b"c d", b"xy", b"a", b"", b"c d", b"xy"]);
        assert_eq!(other.as_bytes(), b"a\0\0c d\0xy\0");
        assert_eq!(words.get(8), None);
        let mut both = words.clone();
        assert_eq!(both.split_off(4), other);
        assert_eq!(both, other);
        assert_eq!(both.split_off(9), Words::new());
        assert_eq!(both.split_off(0), other);
        assert_eq!(both, Words::new());
    }
}
