//! Every combination of the values of several inputs, one at a time.

use std::ops::Range;

use anyhow::Result;

use super::linked::{self, Linked};
use super::reader::{self, Reader, Step, Warner};
use super::tally::Counter;
use super::values::{Place, Values};
use crate::model::Words;
use crate::sys::wake::Wake;

/// The inputs of a run as one stream of combinations: for each, one value per source.
///
/// Sources that are linked form a group, whose values go along with each other until the first of its sources ends. The
/// last group varies fastest. All are read no further than needed; what the groups behind the first hold is kept, once.
/// An input without any value stands for one empty value, unless all are so (all as GNU parallel). Without any input there
/// is one combination, of no values.
pub enum Combinations {
    /// One source: its values are never copied on the way.
    One(Reader),
    /// Several.
    Several(Several),
    /// All linked to each other, the shorter ones again and again.
    Linked(Linked),
}

/// Several sources.
pub struct Several {
    /// One per input: sources that read the same stream share one.
    readers: Vec<Reader>,
    /// The reader of each source.
    sources: Vec<usize>,
    /// The sources of each group.
    groups: Vec<Range<usize>>,
    now: Now,
}

/// The combination at hand.
#[derive(Clone, Default)]
struct Now {
    /// Whether there was a first.
    started: bool,
    /// The values of the first group.
    outer: Words,
    /// The other groups.
    inner: Vec<Group>,
}

/// Sources that are linked, or a single one.
#[derive(Clone, Default)]
struct Group {
    /// For each source, the values that it gave so far, and which of them is at hand.
    members: Vec<(Values, Place)>,
    /// One of its sources has ended: there will be no more.
    complete: bool,
}

/// A combination to go back to.
pub struct Mark {
    now: At,
    readers: Vec<reader::Mark>,
}

enum At {
    One,
    Several(Now),
    Linked(linked::Now),
}

impl Combinations {
    /// `sources`: the reader of each, and whether it is linked to the source before; `link`: all are, and the shorter ones begin
    /// anew.
    pub fn new(mut readers: Vec<Reader>, sources: &[(usize, bool)], link: bool) -> Combinations {
        if let ([_], Some(reader)) = (sources, readers.pop_if(|_| sources.len() == 1)) {
            return Combinations::One(reader);
        }
        if link {
            return Combinations::Linked(Linked::new(readers, sources.iter().map(|(reader, _)| *reader).collect()));
        }
        let mut groups: Vec<Range<usize>> = Vec::new();
        for (source, (_, linked)) in sources.iter().enumerate() {
            match groups.last_mut() {
                Some(group) if *linked => group.end = source + 1,
                _ => groups.push(source..source + 1),
            }
        }
        let sources = sources.iter().map(|(reader, _)| *reader).collect();
        Combinations::Several(Several { readers, sources, groups, now: Now::default() })
    }

    /// Goes on to the next combination.
    ///
    /// # Errors
    /// As [`Reader::advance`].
    #[inline]
    pub fn advance(&mut self, stop: &Wake, diag: &mut Warner<'_>) -> Result<Step> {
        match self {
            Combinations::One(reader) => reader.advance(stop, diag),
            Combinations::Several(several) if several.now.started => several.advance(stop, diag),
            Combinations::Several(several) => several.start(stop, diag),
            Combinations::Linked(linked) => linked.advance(stop, diag),
        }
    }

    /// Hands out the values of the combination at hand.
    #[inline]
    pub fn each(&self, mut f: impl FnMut(&[u8])) {
        match self {
            Combinations::One(reader) => f(reader.value()),
            Combinations::Several(several) => {
                several.now.outer.iter().for_each(&mut f);
                for (values, place) in several.now.inner.iter().flat_map(|group| &group.members) {
                    f(values.get(*place).unwrap_or_default());
                }
            }
            Combinations::Linked(linked) => linked.values().iter().for_each(f),
        }
    }

    /// Whether what [`Combinations::each`] gives is what the inputs held: to be asked before it is used.
    ///
    /// # Errors
    /// A mapped file that shrank.
    pub fn verify(&self) -> Result<()> {
        match self {
            Combinations::One(reader) => reader.verify(),
            // Done as the values were copied.
            Combinations::Several(_) | Combinations::Linked(_) => Ok(()),
        }
    }

    /// Whether no value has to be waited for.
    pub fn is_at_hand(&self) -> bool {
        self.readers().iter().all(Reader::is_at_hand)
    }

    /// How many combinations there are in all, if that can be known without waiting.
    pub fn count(&self, window: usize) -> Option<u64> {
        let counter = Counter::default();
        let (readers, sources) = match self {
            Combinations::One(reader) => return reader.count(&counter, window),
            Combinations::Several(several) => (&several.readers, &several.sources[..]),
            Combinations::Linked(linked) => (&linked.readers, linked.sources()),
        };
        if readers.len() < sources.len() {
            return None;
        }
        let mut counts = Vec::with_capacity(sources.len());
        for reader in sources {
            counts.push(readers[*reader].count(&counter, window)?);
        }
        if !counts.is_empty() && counts.iter().all(|count| *count == 0) {
            return Some(0);
        }
        let Combinations::Several(several) = self else { return counts.into_iter().max() };
        let group = |group: &Range<usize>| counts[group.clone()].iter().map(|count| (*count).max(1)).min();
        several.groups.iter().filter_map(group).try_fold(1u64, |product, count| product.checked_mul(count))
    }

    /// Reads what is still to come into memory. False: stopped.
    ///
    /// # Errors
    /// As [`Reader::slurp`].
    pub fn slurp(&mut self, stop: &Wake) -> Result<bool> {
        for reader in self.readers_mut() {
            if !reader.slurp(stop)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Where we are, for [`Combinations::rewind`]. Only after [`Combinations::slurp`].
    pub fn mark(&self) -> Mark {
        let now = match self {
            Combinations::One(_) => At::One,
            Combinations::Several(several) => At::Several(several.now.clone()),
            Combinations::Linked(linked) => At::Linked(linked.now.clone()),
        };
        Mark { now, readers: self.readers().iter().map(Reader::mark).collect() }
    }

    /// Goes back to where [`Combinations::mark`] was called: what comes next is what came next there.
    ///
    /// # Errors
    /// Those of mmap.
    pub fn rewind(&mut self, mark: Mark) -> Result<()> {
        match (&mut *self, mark.now) {
            (Combinations::Several(several), At::Several(now)) => several.now = now,
            (Combinations::Linked(linked), At::Linked(now)) => linked.now = now,
            _ => {}
        }
        for (reader, mark) in self.readers_mut().iter_mut().zip(mark.readers) {
            reader.rewind(mark)?;
        }
        Ok(())
    }

    fn readers(&self) -> &[Reader] {
        match self {
            Combinations::One(reader) => std::slice::from_ref(reader),
            Combinations::Several(several) => &several.readers,
            Combinations::Linked(linked) => &linked.readers,
        }
    }

    fn readers_mut(&mut self) -> &mut [Reader] {
        match self {
            Combinations::One(reader) => std::slice::from_mut(reader),
            Combinations::Several(several) => &mut several.readers,
            Combinations::Linked(linked) => &mut linked.readers,
        }
    }
}

impl Several {
    /// The first combination.
    fn start(&mut self, stop: &Wake, diag: &mut Warner<'_>) -> Result<Step> {
        self.now = Now { started: true, ..Now::default() };
        let mut any = self.groups.is_empty();
        for (index, group) in self.groups.iter().enumerate() {
            let mut members = Vec::new();
            for reader in &self.sources[group.clone()] {
                let reader = &mut self.readers[*reader];
                let step = reader.advance(stop, diag)?;
                if step == Step::Stopped {
                    return Ok(step);
                }
                any |= step == Step::Value;
                let value = if step == Step::Value { reader.value() } else { b"" };
                if index == 0 {
                    self.now.outer.push(value);
                } else {
                    let mut values = Values::default();
                    values.push(value);
                    members.push((values, Place::default()));
                }
                reader.verify()?;
            }
            if index > 0 {
                self.now.inner.push(Group { members, complete: false });
            }
        }
        Ok(if any { Step::Value } else { Step::End })
    }

    /// A combination that is not the first.
    fn advance(&mut self, stop: &Wake, diag: &mut Warner<'_>) -> Result<Step> {
        let Some((first, inner)) = self.groups.split_first() else { return Ok(Step::End) };
        for (group, sources) in self.now.inner.iter_mut().zip(inner).rev() {
            // The group goes on as long as all of its sources do; in its first round, they are read along the way, so
            // that a job starts as soon as its values are there.
            let mut goes_on = true;
            for ((values, place), reader) in group.members.iter_mut().zip(&self.sources[sources.clone()]) {
                if values.after(*place).is_some() {
                    continue;
                }
                let reader = &mut self.readers[*reader];
                if !group.complete {
                    match reader.advance(stop, diag)? {
                        Step::Value => {
                            values.push(reader.value());
                            reader.verify()?;
                            continue;
                        }
                        Step::End => group.complete = true,
                        Step::Stopped => return Ok(Step::Stopped),
                    }
                }
                goes_on = false;
                break;
            }
            for (values, place) in &mut group.members {
                *place = values.after(*place).filter(|_| goes_on).unwrap_or_default();
            }
            if goes_on {
                return Ok(Step::Value);
            }
        }
        self.now.outer.clear();
        for reader in &self.sources[first.clone()] {
            let reader = &mut self.readers[*reader];
            match reader.advance(stop, diag)? {
                Step::Value => self.now.outer.push(reader.value()),
                other => return Ok(other),
            }
            reader.verify()?;
        }
        Ok(Step::Value)
    }
}
