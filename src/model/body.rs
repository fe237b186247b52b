//! What jobs read on their standard input where that is a part of a stream (`--pipe`).

use std::fmt;
use std::fs::File;
use std::ops::{Deref, Range};
use std::sync::Arc;

use super::{Buffer, Lane};

/// What one job reads.
pub struct Body {
    /// What comes first (`--header`).
    pub head: Option<Arc<[u8]>>,
    /// What comes then.
    pub content: Content,
}

/// Where it is.
pub enum Content {
    /// In memory.
    Block(Block),
    /// In a file (`--pipe-part`).
    Part(Arc<DataFile>, Range<u64>),
    /// It comes while the job runs.
    Lane(Lane),
}

/// Bytes in memory.
pub struct Block {
    bytes: Buffer,
    start: usize,
}

/// A file of which jobs read parts.
#[derive(Debug)]
pub struct DataFile {
    /// Its name, for messages.
    pub name: String,
    /// Open for reading.
    pub file: File,
    /// What changes when it is written to: its size and its time.
    pub stamp: String,
}

impl Body {
    /// How many bytes GNU parallel's joblog tells of: none where its jobs get them from another program.
    /// `in_turn`: blocks are handed out in turn.
    pub fn sent(&self, in_turn: bool) -> u64 {
        match &self.content {
            Content::Block(_) => self.len(),
            Content::Lane(_) if in_turn => self.len(),
            Content::Lane(_) | Content::Part(..) => 0,
        }
    }

    /// How many bytes there are; of what comes while the job runs, those that have come so far.
    pub fn len(&self) -> u64 {
        let head = self.head.as_ref().map_or(0, |head| head.len() as u64);
        match &self.content {
            Content::Block(block) => head + block.len() as u64,
            Content::Part(_, range) => head + (range.end - range.start),
            Content::Lane(lane) => match lane.given() {
                0 => 0,
                given => head + given,
            },
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is a block of nothing.
    pub fn is_empty_block(&self) -> bool {
        matches!(self.content, Content::Block(_)) && self.is_empty()
    }

    /// What tells it from others, also in another run: its position and what it holds (by a hash of 128 bits), or where in which
    /// state of a file it is. `None`: what comes while the job runs is never the same.
    pub fn identity(&self) -> Option<Vec<u8>> {
        match &self.content {
            Content::Block(block) => {
                let head = self.head.as_deref().unwrap_or_default();
                Some(format!("block {:016x}{:032x}", digest(head) as u64, digest(block)).into_bytes())
            }
            Content::Part(data, range) => {
                Some(format!("part {}-{} of {} {}", range.start, range.end, data.name, data.stamp).into_bytes())
            }
            Content::Lane(_) => None,
        }
    }

    /// How much memory it takes, in bytes.
    pub fn weight(&self) -> usize {
        match &self.content {
            Content::Block(block) => block.len(),
            Content::Part(..) | Content::Lane(_) => 0,
        }
    }
}

/// A hash that is the same everywhere. Not made to withstand anybody who wants two blocks to be alike.
fn digest(bytes: &[u8]) -> u128 {
    const KEYS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        (product >> 64) as u64 ^ product as u64
    };
    let mut state = [bytes.len() as u64 ^ KEYS[0], KEYS[1]];
    let mut words = [0u64; 2];
    for piece in bytes.chunks(16) {
        let mut padded = [0u8; 16];
        padded[..piece.len()].copy_from_slice(piece);
        for (word, bytes) in words.iter_mut().zip(padded.chunks_exact(8)) {
            *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        state = [
            fold(state[0] ^ words[0], KEYS[0] ^ words[1]).wrapping_add(state[1]),
            fold(state[1] ^ words[1], KEYS[1] ^ words[0]).wrapping_add(state[0].rotate_left(32)),
        ];
    }
    u128::from(state[0]) << 64 | u128::from(state[1])
}

impl Block {
    /// What is in `bytes` from `start` on.
    pub fn new(bytes: Buffer, start: usize) -> Block {
        Block { bytes, start }
    }
}

impl Deref for Block {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Body) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Body {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_differ_anywhere_have_other_digests() {
        let base = vec![b'x'; 1000];
        let mut seen = std::collections::HashSet::from([digest(&base), digest(b""), digest(b"\0")]);
        for at in 0..base.len() {
            let mut other = base.clone();
            other[at] ^= 1;
            assert!(seen.insert(digest(&other)) && seen.insert(digest(&base[..at])) == (at > 0), "{at}");
        }
    }
}
