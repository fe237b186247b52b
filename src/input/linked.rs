//! Inputs that all go along with each other: `--link`.

use anyhow::{Result, bail};

use super::reader::{Reader, Step, Warner};
use super::values::{Place, Values};
use crate::model::Words;
use crate::sys::wake::Wake;

/// Several sources, of which each gives one value at a time. Those that have ended begin anew, until the last one ends
/// (as GNU parallel `--link`).
pub struct Linked {
    /// One per input: sources that read the same stream share one.
    pub readers: Vec<Reader>,
    /// The reader of each source.
    sources: Vec<usize>,
    /// Where we are.
    pub now: Now,
}

/// The values at hand, and those that will be needed again.
#[derive(Clone, Default)]
pub struct Now {
    values: Words,
    members: Vec<Member>,
}

/// One source.
#[derive(Clone, Default)]
struct Member {
    /// What it has given so far. Nothing is kept of the last one that goes on.
    given: Values,
    /// Once it has ended: which of them is next.
    next: Option<Place>,
    ended: bool,
}

impl Linked {
    /// `sources`: the reader of each.
    pub fn new(readers: Vec<Reader>, sources: Vec<usize>) -> Linked {
        let members = vec![Member::default(); sources.len()];
        Linked { readers, sources, now: Now { values: Words::new(), members } }
    }

    /// Goes on to the next values.
    ///
    /// # Errors
    /// As [`Reader::advance`]; a source without any value beside one that has some.
    pub fn advance(&mut self, stop: &Wake, diag: &mut Warner<'_>) -> Result<Step> {
        let Now { values, members } = &mut self.now;
        values.clear();
        let mut is_new = false;
        for index in 0..members.len() {
            let is_last = members.iter().filter(|member| !member.ended).count() == 1;
            let (member, reader) = (&mut members[index], &mut self.readers[self.sources[index]]);
            if !member.ended {
                match reader.advance(stop, diag)? {
                    Step::Value => {
                        values.push(reader.value());
                        reader.verify()?;
                        if !is_last {
                            member.given.push(reader.value());
                        }
                        is_new = true;
                        continue;
                    }
                    Step::End => member.ended = true,
                    Step::Stopped => return Ok(Step::Stopped),
                }
            }
            let place = member.next.unwrap_or_default();
            values.push(member.given.get(place).unwrap_or_default());
            member.next = Some(member.given.after(place).unwrap_or_default());
        }
        if !is_new {
            return Ok(Step::End);
        }
        if members.iter().any(|member| member.ended && member.given.get(Place::default()).is_none()) {
            bail!("--link: one of the inputs has no values: nothing can go along with the others");
        }
        Ok(Step::Value)
    }

    /// The values at hand.
    pub fn values(&self) -> &Words {
        &self.now.values
    }

    /// How many there are of each source.
    pub fn sources(&self) -> &[usize] {
        &self.sources
    }
}
