//! Small things that wait for their turn, in pieces of the shared temporary file.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use super::spill::{SpillFile, SpilledOutput};
use crate::model::{Spilled, Stash};

/// A piece is written when it has grown to this size.
const PIECE: usize = 64 << 10;
/// A place is the number of a piece and an offset of so many bits in it.
const OFFSET_BITS: u32 = 32;

/// What waits for its turn: put in nearly the order in which it is taken.
#[derive(Debug)]
pub struct SpillStash {
    spill: Arc<SpillFile>,
    /// The number of the first piece that is still wanted.
    first: u64,
    pieces: VecDeque<Piece>,
    /// The piece that was read last, for its neighbours.
    read: Option<(u64, Vec<u8>)>,
}

/// Many small things in one.
#[derive(Debug)]
struct Piece {
    /// In memory while it grows.
    bytes: Vec<u8>,
    /// In the file afterwards.
    output: Option<SpilledOutput>,
    /// How many things in it are still wanted.
    wanted: usize,
}

impl SpillStash {
    /// An empty one.
    pub fn new(spill: Arc<SpillFile>) -> SpillStash {
        SpillStash { spill, first: 0, pieces: VecDeque::new(), read: None }
    }

    fn number(&self) -> u64 {
        self.first + self.pieces.len() as u64 - 1
    }
}

impl Stash for SpillStash {
    fn put(&mut self, bytes: &[u8]) -> io::Result<u64> {
        if self.pieces.back().is_none_or(|piece| piece.output.is_some()) {
            self.pieces.push_back(Piece { bytes: Vec::new(), output: None, wanted: 0 });
        }
        let number = self.number();
        let Some(piece) = self.pieces.back_mut() else { return Err(io::ErrorKind::InvalidData.into()) };
        let place = (number << OFFSET_BITS) + piece.bytes.len() as u64;
        piece.bytes.extend_from_slice(bytes);
        piece.wanted += 1;
        if piece.bytes.len() >= PIECE {
            let mut output = self.spill.output();
            output.append(&piece.bytes)?;
            piece.output = Some(output);
            piece.bytes = Vec::new();
        }
        Ok(place)
    }

    fn take(&mut self, place: u64, length: usize) -> io::Result<Vec<u8>> {
        let (number, offset) = (place >> OFFSET_BITS, (place & ((1 << OFFSET_BITS) - 1)) as usize);
        let lost = || io::Error::from(io::ErrorKind::InvalidData);
        let index = usize::try_from(number.checked_sub(self.first).ok_or_else(lost)?).map_err(|_| lost())?;
        let piece = self.pieces.get_mut(index).ok_or_else(lost)?;
        if let Some(output) = &piece.output
            && self.read.as_ref().is_none_or(|(read, _)| *read != number)
        {
            let mut bytes = Vec::with_capacity(usize::try_from(output.len()).unwrap_or(0));
            output.copy_to(&mut bytes)?;
            self.read = Some((number, bytes));
        }
        let bytes = match (&piece.output, &self.read) {
            (Some(_), Some((_, bytes))) => bytes,
            _ => &piece.bytes,
        };
        let taken = bytes.get(offset..offset + length).ok_or_else(lost)?.to_vec();
        piece.wanted -= 1;
        while self.pieces.front().is_some_and(|piece| piece.wanted == 0 && piece.output.is_some()) {
            self.pieces.pop_front();
            self.first += 1;
        }
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_taken_in_any_order_and_its_space_given_back() {
        let mut stash = SpillStash::new(SpillFile::new(std::env::temp_dir(), false));
        let thing = |n: u32| format!("{n:0width$}", width = (n % 500) as usize).into_bytes();
        let mut places: Vec<(u32, u64)> = (0..2000).map(|n| (n, stash.put(&thing(n)).expect("written"))).collect();
        assert!(stash.pieces.len() > 5);
        places[..1000].reverse();
        for (n, place) in places {
            assert_eq!(stash.take(place, thing(n).len()).expect("read"), thing(n));
        }
        assert!(stash.pieces.len() <= 1, "only the one that grows");
        let place = stash.put(b"again").expect("memory");
        assert_eq!(stash.take(place, 5).expect("memory"), b"again");
    }
}
