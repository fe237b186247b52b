//! Where values are cut, and how many there are in a file, counted on all CPUs.

use std::cell::OnceCell;
use std::fs::File;
use std::ops::Range;

use memchr::memchr_iter;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::sys::map::{Window, page_size};
use crate::sys::signals;

/// How an input is cut into values.
#[derive(Clone, Debug)]
pub struct Cut {
    /// What ends a value.
    pub delimiter: Delimiter,
    /// Blank values are none.
    pub skip_blank: bool,
    /// What ends the input where it is a value.
    pub end_of_file: Option<Vec<u8>>,
    /// A delimiter between quotes is none (CSV).
    pub quoted: bool,
    /// Who cuts the values further replaces NULs.
    pub keep_nul: bool,
}

/// What ends a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// One byte.
    Byte(u8),
    /// Several bytes.
    Bytes(Vec<u8>),
}

impl Delimiter {
    /// These bytes, at least one.
    pub fn of(bytes: &[u8]) -> Delimiter {
        match bytes {
            [byte] => Delimiter::Byte(*byte),
            several => Delimiter::Bytes(several.to_vec()),
        }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Delimiter::Byte(byte) => std::slice::from_ref(byte),
            Delimiter::Bytes(bytes) => bytes,
        }
    }
}

/// Whether GNU parallel's `-r` ignores this value: it is empty or only of ASCII white space.
pub fn is_blank(value: &[u8]) -> bool {
    value.iter().all(|byte| matches!(byte, b' ' | b'\t'..=b'\r'))
}

impl Cut {
    /// A value ends at this byte.
    #[cfg(test)]
    pub fn at(byte: u8) -> Cut {
        let delimiter = Delimiter::Byte(byte);
        Cut { delimiter, skip_blank: false, end_of_file: None, quoted: false, keep_nul: false }
    }

    /// The byte to count, where counting that is all there is to it.
    fn countable(&self) -> Option<Count> {
        match self.delimiter {
            Delimiter::Byte(delimiter) if self.end_of_file.is_none() && !self.quoted => {
                Some(Count { delimiter, skip_blank: self.skip_blank })
            }
            _ => None,
        }
    }

    /// How many values there are in `bytes`, which are all of an input, where that can be told without cutting them.
    pub fn count(&self, bytes: &[u8]) -> Option<u64> {
        let count = self.countable()?;
        Some(count.total(count.tally(bytes)))
    }
}

/// How values are counted.
#[derive(Clone, Copy)]
struct Count {
    delimiter: u8,
    skip_blank: bool,
}

impl Count {
    fn total(self, tally: Tally) -> u64 {
        if !tally.delimited {
            return u64::from(tally.tail);
        }
        self.ended(tally.head) + tally.inner + u64::from(tally.tail)
    }

    fn tally(self, bytes: &[u8]) -> Tally {
        if self.skip_blank {
            let mut pieces = bytes.split(|byte| *byte == self.delimiter).map(|piece| !is_blank(piece));
            let head = pieces.next().unwrap_or_default();
            let Some(tail) = pieces.next_back() else { return Tally::piece(head) };
            let inner = pieces.filter(|matters| *matters).count() as u64;
            return Tally { delimited: true, head, inner, tail };
        }
        match memchr_iter(self.delimiter, bytes).count() as u64 {
            0 => Tally::piece(!bytes.is_empty()),
            delimiters => Tally {
                delimited: true,
                head: bytes.first() != Some(&self.delimiter),
                inner: delimiters - 1,
                tail: bytes.last() != Some(&self.delimiter),
            },
        }
    }

    fn join(self, a: Tally, b: Tally) -> Tally {
        match (a.delimited, b.delimited) {
            (false, false) => Tally::piece(a.head || b.head),
            (false, true) => Tally { head: a.head || b.head, ..b },
            (true, false) => Tally { tail: a.tail || b.tail, ..a },
            (true, true) => Tally {
                delimited: true,
                head: a.head,
                inner: a.inner + self.ended(a.tail || b.head) + b.inner,
                tail: b.tail,
            },
        }
    }

    /// What a piece counts that a delimiter ends. (One that the end of the input ends counts only if it matters.)
    fn ended(self, matters: bool) -> u64 {
        u64::from(matters || !self.skip_blank)
    }
}

/// What is known of a part of an input: joined in order, parts give the whole.
#[derive(Clone, Copy)]
struct Tally {
    /// There is a delimiter in it.
    delimited: bool,
    /// Whether there is anything before the first delimiter (that is not blank, where blanks are skipped).
    head: bool,
    /// Values between the first and the last delimiter.
    inner: u64,
    /// As `head`, after the last delimiter.
    tail: bool,
}

impl Tally {
    /// A part without any delimiter.
    fn piece(matters: bool) -> Tally {
        Tally { delimited: false, head: matters, inner: 0, tail: matters }
    }
}

/// Counts values in files.
#[derive(Debug, Default)]
pub struct Counter {
    /// Rayon's threads, made for the first file that is large enough.
    pool: OnceCell<Option<ThreadPool>>,
}

/// Windows that a thread must have to count to be worth its start.
const WORTH_A_POOL: u64 = 16;

impl Counter {
    /// How many values there are in this range of a file; `None` if it shrinks meanwhile or can't be mapped, or they have to
    /// be cut to be counted.
    pub fn file(&self, file: &File, range: Range<u64>, cut: &Cut, window: usize) -> Option<u64> {
        let cut = cut.countable()?;
        let page = page_size() as u64;
        let base = range.start - range.start % page;
        let windows = (range.end - base).div_ceil(window as u64);
        let tally = |index: u64| {
            let start = base + index * window as u64;
            let end = range.end.min(start + window as u64);
            let map = Window::map(file, start, (end - start) as usize).ok()?;
            let skip = range.start.saturating_sub(start) as usize;
            let tally = cut.tally(&map.bytes()[skip..]);
            (!map.is_torn()).then_some(tally)
        };
        let join = |a, b| Some(cut.join(a?, b?));
        let none = || Some(Tally::piece(false));
        let pool = if windows >= WORTH_A_POOL { self.pool() } else { None };
        let all = match pool {
            Some(pool) => pool.install(|| (0..windows).into_par_iter().map(tally).reduce(none, join)),
            None => (0..windows).map(tally).fold(none(), join),
        }?;
        // A file that shrank by less than a page reads as zeros there.
        (file.metadata().ok()?.len() >= range.end).then(|| cut.total(all))
    }

    fn pool(&self) -> Option<&ThreadPool> {
        // They may live on for an instant, when signals must reach nobody but the main thread.
        let quiet = |_| signals::block_for_others();
        let named = |_| "fanout-count".to_owned();
        let build = || ThreadPoolBuilder::new().thread_name(named).start_handler(quiet).build().ok();
        self.pool.get_or_init(build).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_joined_give_the_whole(bytes in "[ab \n]{0,40}", at in any::<[prop::sample::Index; 3]>(), skip_blank: bool) {
            let cut = Count { delimiter: b'\n', skip_blank };
            let mut at = at.map(|index| index.index(bytes.len() + 1));
            at.sort_unstable();
            let parts = [&bytes[..at[0]], &bytes[at[0]..at[1]], &bytes[at[1]..at[2]], &bytes[at[2]..]];
            let whole = parts.iter().map(|part| cut.tally(part.as_bytes())).reduce(|a, b| cut.join(a, b));
            let mut model: Vec<&str> = bytes.split('\n').collect();
            model.pop_if(|last| last.is_empty());
            let expected = model.iter().filter(|piece| !skip_blank || !piece.trim().is_empty()).count() as u64;
            prop_assert_eq!(whole.map(|tally| cut.total(tally)), Some(expected));
            let cut = Cut { skip_blank, ..Cut::at(b'\n') };
            prop_assert_eq!(cut.count(bytes.as_bytes()), Some(expected));
        }
    }
}
