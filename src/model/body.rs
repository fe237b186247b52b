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

    /// How much memory it takes, in bytes.
    pub fn weight(&self) -> usize {
        match &self.content {
            Content::Block(block) => block.len(),
            Content::Part(..) | Content::Lane(_) => 0,
        }
    }
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
