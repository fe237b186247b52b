//! Combinations of inputs, cut into columns, perhaps in random order.

use std::hash::{BuildHasher, RandomState};

use anyhow::Result;

use super::columns::Columns;
use super::combine::{self, Combinations};
use super::reader::{Step, Warner};
use crate::model::Words;
use crate::sys::wake::Wake;

/// The arguments that go into records, a row at a time: a value of each source, or its columns.
pub struct Rows {
    combinations: Combinations,
    columns: Option<Columns>,
    /// The row at hand, where it is not the combination as it is.
    row: Words,
    shuffled: Option<Shuffled>,
}

/// All rows, in random order.
#[derive(Default)]
struct Shuffled {
    rows: Option<Vec<Words>>,
    /// Which of them is next.
    next: usize,
}

/// A row to go back to.
pub struct Mark {
    combinations: combine::Mark,
    next: usize,
}

impl Rows {
    /// `shuffle`: in random order, once all have been read.
    pub fn new(combinations: Combinations, columns: Option<Columns>, shuffle: bool) -> Rows {
        Rows { combinations, columns, row: Words::new(), shuffled: shuffle.then(Shuffled::default) }
    }

    /// Goes on to the next row.
    ///
    /// # Errors
    /// Those of reading; what is no CSV.
    #[inline]
    pub fn advance(&mut self, stop: &Wake, diag: &mut Warner<'_>) -> Result<Step> {
        if self.shuffled.is_some() {
            return self.advance_shuffled(stop, diag);
        }
        let step = self.combinations.advance(stop, diag)?;
        if step == Step::Value && self.columns.is_some() {
            self.cut(diag)?;
        }
        Ok(step)
    }

    /// Hands out the values of the row at hand.
    #[inline]
    pub fn each(&self, f: impl FnMut(&[u8])) {
        if self.columns.is_some() || self.shuffled.is_some() {
            self.row.iter().for_each(f);
        } else {
            self.combinations.each(f);
        }
    }

    /// Whether what [`Rows::each`] gives is what the inputs held: to be asked before it is used.
    ///
    /// # Errors
    /// A mapped file that shrank.
    pub fn verify(&self) -> Result<()> {
        if self.shuffled.is_some() { Ok(()) } else { self.combinations.verify() }
    }

    /// Whether no row has to be waited for.
    pub fn is_at_hand(&self) -> bool {
        self.combinations.is_at_hand()
    }

    /// How many rows there are in all, if that can be known without waiting.
    pub fn count(&self, window: usize) -> Option<u64> {
        match self.shuffled.as_ref().and_then(|shuffled| shuffled.rows.as_ref()) {
            Some(rows) => Some(rows.len() as u64),
            None => self.combinations.count(window),
        }
    }

    /// Reads what is still to come into memory. False: stopped.
    ///
    /// # Errors
    /// Those of reading.
    pub fn slurp(&mut self, stop: &Wake) -> Result<bool> {
        self.combinations.slurp(stop)
    }

    /// Where we are, for [`Rows::rewind`]. Only after [`Rows::slurp`].
    pub fn mark(&self) -> Mark {
        let next = self.shuffled.as_ref().map_or(0, |shuffled| shuffled.next);
        Mark { combinations: self.combinations.mark(), next }
    }

    /// Goes back to where [`Rows::mark`] was called: what comes next is what came next there.
    ///
    /// # Errors
    /// Those of mmap.
    pub fn rewind(&mut self, mark: Mark) -> Result<()> {
        match &mut self.shuffled {
            Some(shuffled) => {
                shuffled.next = mark.next;
                Ok(())
            }
            None => self.combinations.rewind(mark.combinations),
        }
    }

    /// Makes a row of the combination at hand.
    fn cut(&mut self, diag: &mut Warner<'_>) -> Result<()> {
        let Rows { combinations, columns, row, .. } = self;
        row.clear();
        let mut cut = Ok(());
        combinations.each(|value| match columns {
            Some(columns) if cut.is_ok() => cut = columns.cut(value, row, diag),
            Some(_) => {}
            None => row.push(value),
        });
        // Torn pages read as NULs, which are not the input's.
        combinations.verify()?;
        cut
    }

    fn advance_shuffled(&mut self, stop: &Wake, diag: &mut Warner<'_>) -> Result<Step> {
        if self.shuffled.as_ref().is_some_and(|shuffled| shuffled.rows.is_none()) {
            let mut rows = Vec::new();
            loop {
                match self.combinations.advance(stop, diag)? {
                    Step::Value => {
                        self.cut(diag)?;
                        rows.push(self.row.clone());
                    }
                    Step::End => break,
                    Step::Stopped => return Ok(Step::Stopped),
                }
            }
            shuffle(&mut rows);
            self.shuffled = Some(Shuffled { rows: Some(rows), next: 0 });
        }
        let Some(Shuffled { rows: Some(rows), next }) = &mut self.shuffled else { return Ok(Step::End) };
        let Some(row) = rows.get(*next) else { return Ok(Step::End) };
        self.row.clone_from(row);
        *next += 1;
        Ok(Step::Value)
    }
}

/// Any order, each as likely as any other.
fn shuffle<T>(items: &mut [T]) {
    let random = RandomState::new();
    for last in (1..items.len()).rev() {
        // The remainder favours some by one part in 2^64 / length.
        let other = random.hash_one(last) % (last as u64 + 1);
        items.swap(last, other as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_order_comes_up() {
        let mut seen = std::collections::BTreeSet::new();
        // By chance, one of the six is not among so many once in 10^78.
        for _ in 0..1000 {
            let mut items = [0, 1, 2];
            shuffle(&mut items);
            seen.insert(items);
        }
        assert_eq!(seen.len(), 6);
    }
}
