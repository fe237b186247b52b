//! Sets of bytes: what one character class of a regular expression takes.

use std::fmt;
use std::ops::RangeInclusive;

/// A set of bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Set([u64; 4]);

impl Set {
    /// No byte.
    pub const NONE: Set = Set([0; 4]);

    /// One byte.
    pub fn one(byte: u8) -> Set {
        Set::range(byte..=byte)
    }

    /// A range of bytes.
    pub fn range(range: RangeInclusive<u8>) -> Set {
        let mut set = Set::NONE;
        range.for_each(|byte| set.add(byte));
        set
    }

    /// These bytes.
    pub fn of(bytes: &[u8]) -> Set {
        let mut set = Set::NONE;
        bytes.iter().for_each(|byte| set.add(*byte));
        set
    }

    /// Those for which this holds.
    pub fn which(holds: impl Fn(u8) -> bool) -> Set {
        let mut set = Set::NONE;
        (0..=u8::MAX).filter(|byte| holds(*byte)).for_each(|byte| set.add(byte));
        set
    }

    /// One more byte.
    pub fn add(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    /// Whether a byte is in it.
    pub fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    /// All bytes of both.
    pub fn or(self, other: Set) -> Set {
        Set(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// All others.
    pub fn not(self) -> Set {
        Set(self.0.map(|bits| !bits))
    }

    /// With the other case of each letter of ASCII.
    pub fn folded(self) -> Set {
        Set::which(|byte| self.has(byte.to_ascii_lowercase()) || self.has(byte.to_ascii_uppercase()))
    }

    /// The only byte in it.
    pub fn single(&self) -> Option<u8> {
        let mut bytes = (0..=u8::MAX).filter(|byte| self.has(*byte));
        bytes.next().filter(|_| bytes.next().is_none())
    }
}

/// As the regex crate writes it.
impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(byte) = self.single() {
            return write!(f, "\\x{byte:02X}");
        }
        if *self == Set::NONE {
            return f.write_str("[^\\x00-\\xFF]");
        }
        f.write_str("[")?;
        let mut next = 0;
        while let Some(start) = (next..256).find(|byte| self.has(*byte as u8)) {
            let end = (start..256).find(|byte| !self.has(*byte as u8)).unwrap_or(256);
            write!(f, "\\x{start:02X}-\\x{:02X}", end - 1)?;
            next = end;
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
