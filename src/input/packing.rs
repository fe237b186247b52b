//! Several combinations of inputs in one record.

use std::error::Error;
use std::fmt;

use anyhow::Result;

use super::reader::Step;
use crate::model::Words;
use crate::options::{BatchOptions, LONGEST_COMMAND, Margin, USABLE_COMMAND};
use crate::template::{Length, Template};

/// What a run gives for packing.
pub struct Gauge<'t> {
    /// The length of a command without arguments.
    pub fixed: Length,
    /// What the arguments from this index on, a combination, add to the command of the job with this number.
    pub added: Added<'t>,
    /// How many slots there are: asked once at most, where jobs are spread over them.
    pub slots: Slots<'t>,
}

/// See [`Gauge::added`].
pub type Added<'t> = Box<dyn Fn(&Words, usize, u64) -> Length + Send + 't>;
/// See [`Gauge::slots`].
pub type Slots<'t> = Box<dyn Fn() -> usize + Send + 't>;

impl<'t> Gauge<'t> {
    /// Measures by this template.
    pub fn new(template: &'t Template, slots: Slots<'t>) -> Gauge<'t> {
        let added = Box::new(|args: &Words, from, seq| template.added_length(args, from, seq));
        Gauge { fixed: template.fixed_length(), added, slots }
    }
}

/// Puts combinations into records: as many as are wanted, as long as the command stays short enough.
pub struct Packing<'t> {
    gauge: Gauge<'t>,
    most: usize,
    /// What GNU parallel counts stays below.
    limit: usize,
    margin: Margin,
    /// `--max-chars` was given: a single combination must keep to it, too.
    strict: bool,
    /// Whether, and as long as, the last record is to be divided among the slots.
    spread: bool,
    held: Held,
}

/// What was read and is not in a record yet.
#[derive(Clone, Default)]
pub struct Held {
    /// A combination that did not fit in the record before.
    left_over: Option<Words>,
    /// What is divided.
    rest: Option<Rest>,
    /// There is no more to read.
    ended: bool,
}

/// A combination makes a command that is longer than `--max-chars` allows. What was read before it is not concerned.
#[derive(Debug)]
pub struct TooLong {
    length: usize,
    limit: usize,
    input: Words,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 50;
        let text = self.input.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
        let shown: String = text.chars().take(SHOWN).collect();
        let (length, limit) = (self.length, self.limit);
        write!(f, "the command would be too long with the input {shown}: {length} bytes, where --max-chars is {limit}")
    }
}

impl Error for TooLong {}

/// The arguments of what would have been the last record.
#[derive(Clone)]
struct Rest {
    args: Words,
    /// For each combination, the index of the argument behind it.
    ends: Vec<usize>,
    next: usize,
    /// How many each record gets.
    share: usize,
}

impl<'t> Packing<'t> {
    /// Packs as `batch` says.
    pub fn new(batch: &BatchOptions, gauge: Gauge<'t>) -> Packing<'t> {
        Packing {
            gauge,
            most: batch.max_records.unwrap_or(usize::MAX),
            limit: batch.max_chars.map_or(USABLE_COMMAND, |chars| chars.min(USABLE_COMMAND)),
            margin: batch.margin,
            strict: batch.max_chars.is_some(),
            spread: batch.spread,
            held: Held::default(),
        }
    }

    /// Makes the record with this number: `next` appends the next combination to the words that it is given. Answers
    /// whether there is a record.
    ///
    /// # Errors
    /// Those of `next`; a combination that is too long by itself.
    pub fn fill(
        &mut self,
        args: &mut Words,
        seq: u64,
        mut next: impl FnMut(&mut Words) -> Result<Step>,
    ) -> Result<Step> {
        if let Some(rest) = &mut self.held.rest {
            return Ok(if rest.hand_out(args) { Step::Value } else { Step::End });
        }
        let (mut count, mut length) = (0, self.gauge.fixed);
        let mut ends = Vec::new();
        while count < self.most {
            let from = args.len();
            match self.pull(args, &mut next)? {
                Step::Value => {}
                Step::End => break,
                // The run is ending: what was packed so far is not to be run either.
                Step::Stopped => return Ok(Step::Stopped),
            }
            length += (self.gauge.added)(args, from, seq);
            if self.margin.of(length.counted) >= self.limit || length.real > LONGEST_COMMAND {
                if count > 0 {
                    self.held.left_over = Some(args.split_off(from));
                    break;
                }
                self.check_single(args, length)?;
            }
            count += 1;
            if self.spread {
                ends.push(args.len());
            }
        }
        if self.spread && count > 1 && self.has_ended(&mut next)? {
            self.spread = false;
            let share = count.div_ceil((self.gauge.slots)().max(1));
            let mut rest = Rest { args: std::mem::take(args), ends, next: 0, share };
            rest.hand_out(args);
            self.held.rest = Some(rest);
        }
        Ok(if count > 0 { Step::Value } else { Step::End })
    }

    /// What was read and is not in a record yet, to go back to.
    pub fn mark(&self) -> (Held, bool) {
        (self.held.clone(), self.spread)
    }

    /// Goes back to where [`Packing::mark`] was called.
    pub fn rewind(&mut self, (held, spread): (Held, bool)) {
        (self.held, self.spread) = (held, spread);
    }

    fn pull(&mut self, args: &mut Words, next: &mut impl FnMut(&mut Words) -> Result<Step>) -> Result<Step> {
        if let Some(left_over) = self.held.left_over.take() {
            args.append(&left_over);
            return Ok(Step::Value);
        }
        if self.held.ended {
            return Ok(Step::End);
        }
        let step = next(args)?;
        self.held.ended = step == Step::End;
        Ok(step)
    }

    /// Whether there is no more, for which one combination more may have to be read.
    fn has_ended(&mut self, next: &mut impl FnMut(&mut Words) -> Result<Step>) -> Result<bool> {
        if self.held.left_over.is_none() {
            let mut ahead = Words::new();
            if self.pull(&mut ahead, next)? == Step::Value {
                self.held.left_over = Some(ahead);
            }
        }
        Ok(self.held.left_over.is_none() && self.held.ended)
    }

    /// A single combination is run however long it is (the system has the last word), but for `--max-chars`.
    fn check_single(&self, args: &Words, length: Length) -> Result<()> {
        if self.strict {
            return Err(
                TooLong { length: self.margin.of(length.counted), limit: self.limit, input: args.clone() }.into()
            );
        }
        Ok(())
    }
}

impl Rest {
    /// Appends the arguments of the next record to `args`. Answers whether there were any.
    fn hand_out(&mut self, args: &mut Words) -> bool {
        let index = |end: Option<&usize>| end.copied().unwrap_or_default();
        let first = index(self.next.checked_sub(1).and_then(|last| self.ends.get(last)));
        let behind = self.ends.len().min(self.next + self.share);
        let end = index(behind.checked_sub(1).and_then(|last| self.ends.get(last)));
        (first..end).filter_map(|index| self.args.get(index)).for_each(|arg| args.push(arg));
        let some = self.next < behind;
        self.next = behind;
        some
    }
}
