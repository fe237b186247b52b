//! Output buffers that go back to where they came from.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of output. When it came from a [`BufferPool`], its memory goes back there when it is dropped, so that large
/// buffers are allocated once and a printer that is behind is seen in the pool's account.
pub struct Buffer {
    bytes: Vec<u8>,
    home: Option<Arc<BufferPool>>,
    /// What the pool's account was charged for it.
    charged: usize,
}

impl Buffer {
    /// The memory, to be filled.
    pub fn as_mut_vec(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// How many more bytes fit without growing.
    pub fn spare(&self) -> usize {
        self.bytes.capacity() - self.bytes.len()
    }
}

impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Buffer {
        Buffer { bytes, home: None, charged: 0 }
    }
}

impl Deref for Buffer {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bstr::BStr::new(&self.bytes).fmt(f)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            home.take_back(std::mem::take(&mut self.bytes), self.charged);
        }
    }
}

/// What a pool did, for the summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStats {
    /// Buffers that were allocated.
    pub allocated: u64,
    /// Times that a buffer was used again.
    pub reused: u64,
    /// The most bytes of output that waited in memory at once.
    pub peak_waiting: u64,
}

/// Buffers of one size for reuse, and the account of how much finished output waits in memory.
pub struct BufferPool {
    size: usize,
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    free: Vec<Vec<u8>>,
    waiting: usize,
    stats: PoolStats,
}

/// Free buffers kept for reuse beyond those that slots hold; more are given back to the system.
const KEEP: usize = 4;
/// What a buffer has where memory is short, and at least, in bytes.
const SMALL: usize = 64 << 10;
const LEAST: usize = 4 << 10;

impl BufferPool {
    /// Buffers of `size` bytes; at most `limit` bytes of finished output may wait in memory.
    pub fn new(size: usize, limit: usize) -> Arc<BufferPool> {
        Arc::new(BufferPool { size, limit, state: Mutex::default() })
    }

    /// The capacity of each buffer, in bytes.
    pub fn buffer_size(&self) -> usize {
        self.size
    }

    /// Gives an empty buffer its capacity; less where there is no memory for it (`ulimit -v`): more goes to the temporary
    /// file then.
    pub fn make_room(&self, bytes: &mut Vec<u8>) {
        let fits = |size: &usize| bytes.try_reserve_exact(*size).is_ok();
        if ![self.size, self.size.min(SMALL)].iter().any(fits) {
            bytes.reserve_exact(self.size.min(LEAST));
        }
    }

    /// An empty buffer to read into. Its memory is only touched as it is filled.
    pub fn take(self: &Arc<BufferPool>) -> Buffer {
        let mut state = self.lock();
        let bytes = match state.free.pop() {
            Some(bytes) => {
                state.stats.reused += 1;
                bytes
            }
            None => {
                state.stats.allocated += 1;
                drop(state);
                let mut bytes = Vec::new();
                self.make_room(&mut bytes);
                bytes
            }
        };
        Buffer { bytes, home: Some(Arc::clone(self)), charged: 0 }
    }

    /// What is in `buffer`, to wait for its turn to be printed; `buffer` is empty afterwards and can be filled again.
    /// `None` when the account is full or there is no memory: the bytes must go to the temporary file.
    pub fn detach(self: &Arc<BufferPool>, buffer: &mut Buffer) -> Option<Buffer> {
        let length = buffer.len();
        // A small output is copied out so that the large buffer can be used again at once; a large one goes along
        // with its buffer, and a copy is saved.
        let mut copy = Vec::new();
        let is_small = length <= self.size / 4;
        if is_small && copy.try_reserve_exact(length).is_err() {
            return None;
        }
        let mut state = self.lock();
        if state.waiting + length > self.limit {
            return None;
        }
        state.waiting += length;
        let waiting = state.waiting as u64;
        state.stats.peak_waiting = state.stats.peak_waiting.max(waiting);
        let bytes = if is_small {
            state.stats.reused += 1;
            drop(state);
            copy.extend_from_slice(&buffer.bytes);
            buffer.bytes.clear();
            copy
        } else {
            drop(state);
            let mut fresh = self.take();
            std::mem::swap(&mut fresh.bytes, &mut buffer.bytes);
            std::mem::take(&mut fresh.bytes)
        };
        Some(Buffer { bytes, home: Some(Arc::clone(self)), charged: length })
    }

    /// What the pool has done so far.
    pub fn stats(&self) -> PoolStats {
        self.lock().stats
    }

    fn take_back(&self, mut bytes: Vec<u8>, charged: usize) {
        let mut state = self.lock();
        state.waiting -= charged;
        if bytes.capacity() >= self.size && bytes.capacity() <= 2 * self.size && state.free.len() < KEEP {
            bytes.clear();
            state.free.push(bytes);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for BufferPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferPool").field("size", &self.size).field("limit", &self.limit).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_output_is_copied_and_large_output_travels() {
        let pool = BufferPool::new(64, 100);
        let mut buffer = pool.take();
        buffer.as_mut_vec().extend_from_slice(b"small");
        let small = pool.detach(&mut buffer).expect("fits");
        assert_eq!(&*small, b"small");
        assert!(buffer.is_empty());
        buffer.as_mut_vec().extend_from_slice(&[b'x'; 60]);
        let large = pool.detach(&mut buffer).expect("fits");
        assert_eq!(large.len(), 60);
        assert!(buffer.is_empty() && buffer.spare() >= 64);
        buffer.as_mut_vec().extend_from_slice(&[b'y'; 60]);
        assert!(pool.detach(&mut buffer).is_none(), "the account is full");
        assert_eq!(buffer.len(), 60, "and nothing is lost");
        drop(large);
        assert!(pool.detach(&mut buffer).is_some(), "room again");
        assert_eq!(pool.stats().peak_waiting, 65);
    }
}
