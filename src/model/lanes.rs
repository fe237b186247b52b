//! The way of blocks to jobs that run: one hands them out, and each job takes those of its lane.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::Block;

/// Bytes on their way to one job, or to all.
pub type Chunk = Arc<Block>;

/// So many blocks may wait for one job, which reads another one meanwhile.
const DEPTH: usize = 1;

/// Called when something has come.
type Call = Arc<dyn Fn() + Send + Sync>;

/// The lanes of all jobs of a run, as the one who hands blocks out sees them.
#[derive(Clone, Default)]
pub struct Lanes(Arc<Shared>);

/// The lane of one job. Whoever drops it reads no more.
pub struct Lane {
    shared: Arc<Shared>,
    index: usize,
}

#[derive(Default)]
struct Shared {
    state: Mutex<Vec<State>>,
    /// A lane has changed.
    change: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Chunk>,
    /// Bytes in all.
    given: u64,
    /// No more will come.
    ended: bool,
    /// Nobody reads it any more.
    left: bool,
    call: Option<Call>,
}

/// What there is to take from a lane.
#[derive(Debug)]
pub enum Taken {
    /// The next block.
    Chunk(Chunk),
    /// None yet.
    Nothing,
    /// None any more.
    End,
}

impl Lanes {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The lane of one more job.
    pub fn add(&self) -> Lane {
        let mut state = self.0.lock();
        state.push(State::default());
        Lane { shared: Arc::clone(&self.0), index: state.len() - 1 }
    }

    /// Hands a block to the first lane from `first` on that has room, waiting for one; `strict`: to the first one that is read
    /// at all. What a lane gets first is `head`. False: nobody reads any.
    pub fn give(&self, first: usize, strict: bool, head: Option<&Chunk>, chunk: &Chunk) -> bool {
        let mut state = self.0.lock();
        loop {
            let count = state.len();
            let mut read = (0..count).map(|step| (first + step) % count).filter(|index| !state[*index].left).peekable();
            if read.peek().is_none() {
                return false;
            }
            let found = if strict { read.next() } else { read.find(|index| state[*index].has_room()) };
            if let Some(index) = found.filter(|index| state[*index].has_room()) {
                let head = head.filter(|_| state[index].given == 0);
                head.into_iter().for_each(|head| drop(state[index].put(Arc::clone(head))));
                let call = state[index].put(Arc::clone(chunk));
                drop(state);
                self.0.change.notify_all();
                call.into_iter().for_each(|call| call());
                return true;
            }
            state = self.0.change.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Hands a block to this lane, waiting for room. False: nobody reads any.
    pub fn give_to(&self, index: usize, chunk: &Chunk) -> bool {
        let mut state = self.0.lock();
        while !state[index].left && !state[index].has_room() {
            state = self.0.change.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let call = if state[index].left { None } else { state[index].put(Arc::clone(chunk)) };
        let some = state.iter().any(|lane| !lane.left);
        drop(state);
        self.0.change.notify_all();
        call.into_iter().for_each(|call| call());
        some
    }

    /// Hands a block to all, once all have room. False: nobody reads any of them.
    pub fn give_all(&self, chunk: &Chunk) -> bool {
        let mut state = self.0.lock();
        while !state.iter().all(|lane| lane.left || lane.has_room()) {
            state = self.0.change.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let mut calls = Vec::new();
        for lane in state.iter_mut().filter(|lane| !lane.left) {
            calls.extend(lane.put(Arc::clone(chunk)));
        }
        let some = state.iter().any(|lane| !lane.left);
        drop(state);
        self.0.change.notify_all();
        calls.into_iter().for_each(|call| call());
        some
    }

    /// No more will come.
    pub fn end(&self) {
        let mut calls: Vec<Call> = Vec::new();
        for lane in self.0.lock().iter_mut() {
            lane.ended = true;
            calls.extend(lane.call.clone());
        }
        self.0.change.notify_all();
        calls.into_iter().for_each(|call| call());
    }
}

impl Lane {
    /// From now on `call` is called when something has come.
    pub fn listen(&self, call: Call) {
        self.shared.lock()[self.index].call = Some(call);
    }

    /// The next block.
    pub fn take(&self) -> Taken {
        let mut state = self.shared.lock();
        let lane = &mut state[self.index];
        match lane.waiting.pop_front() {
            Some(chunk) => {
                drop(state);
                self.shared.change.notify_all();
                Taken::Chunk(chunk)
            }
            None if lane.ended => Taken::End,
            None => Taken::Nothing,
        }
    }

    /// The next block, waiting for it; `None`: there is none any more.
    pub fn wait(&self) -> Option<Chunk> {
        let mut state = self.shared.lock();
        while state[self.index].waiting.is_empty() && !state[self.index].ended {
            state = self.shared.change.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let chunk = state[self.index].waiting.pop_front();
        drop(state);
        self.shared.change.notify_all();
        chunk
    }

    /// Bytes that have come so far.
    pub fn given(&self) -> u64 {
        self.shared.lock()[self.index].given
    }

    /// Nobody reads it any more.
    pub fn leave(&self) {
        let mut state = self.shared.lock();
        let lane = &mut state[self.index];
        lane.left = true;
        lane.waiting.clear();
        lane.call = None;
        drop(state);
        self.shared.change.notify_all();
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.leave();
    }
}

impl State {
    fn has_room(&self) -> bool {
        !self.left && self.waiting.len() < DEPTH
    }

    fn put(&mut self, chunk: Chunk) -> Option<Call> {
        self.given += chunk.len() as u64;
        self.waiting.push_back(chunk);
        self.call.clone()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Vec<State>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Lanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lanes").field(&self.0.lock().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(text: &str) -> Chunk {
        Arc::new(Block::new(text.as_bytes().to_vec().into(), 0))
    }

    #[test]
    fn blocks_go_where_there_is_room_and_somebody_who_reads() {
        let lanes = Lanes::default();
        let (first, second) = (lanes.add(), lanes.add());
        assert!(lanes.give(0, true, None, &chunk("a")));
        assert!(lanes.give(0, false, None, &chunk("b")), "the first is full");
        let is = |taken: Taken, text: &str| matches!(taken, Taken::Chunk(chunk) if **chunk == *text.as_bytes());
        assert!(is(first.take(), "a") && matches!(first.take(), Taken::Nothing));
        drop(first);
        assert!(is(second.take(), "b"));
        assert!(lanes.give(0, true, None, &chunk("c")));
        lanes.end();
        assert!(is(second.take(), "c") && matches!(second.take(), Taken::End));
        assert_eq!((second.given(), second.wait().is_none()), (2, true));
        drop(second);
        assert!(!lanes.give_all(&chunk("e")) && !lanes.give(0, false, None, &chunk("e")));
    }
}
