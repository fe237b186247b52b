//! What expressions need besides the arguments: numbers that only the run knows, and perl.

use std::sync::OnceLock;

use super::Context;
use super::perl::Perl;
use crate::model::{Evaluator, Record, Refusal, Slot, Values, Wanted};

/// Filled before the first job starts, as far as some expression needs it.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// The number of all jobs.
    pub total: OnceLock<u64>,
    /// How many slots there are.
    pub slots: OnceLock<u64>,
    /// Who evaluates what takes perl. It has a state, so that it is asked in the order of the jobs.
    pub perl: OnceLock<Perl>,
}

impl Evaluation {
    /// Whether jobs have to be evaluated in their order.
    pub fn is_ordered(&self) -> bool {
        self.perl.get().is_some()
    }
}

impl Evaluator for Context<'_> {
    fn total(&self) -> u64 {
        self.evaluation.total.get().copied().unwrap_or(0)
    }

    fn slots(&self) -> u64 {
        self.evaluation.slots.get().copied().unwrap_or(0)
    }

    fn evaluate(&self, record: &Record, slot: Slot, wanted: &[Wanted], values: &mut Values) -> Result<(), Refusal> {
        match self.evaluation.perl.get() {
            Some(perl) => perl.evaluate(record, slot, wanted, values, &|| self.control.is_over()),
            None => Err(Refusal { reason: "internal error: there is no perl".to_owned() }),
        }
    }
}
