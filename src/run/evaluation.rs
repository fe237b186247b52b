//! What expressions read besides their inputs.

use anyhow::Result;

use crate::exec::{Evaluation, Facts, Perl};
use crate::model::KeyMaker;
use crate::sys::signals;
use crate::template::{ShellFamily, Strings};

/// Settles what some expression asks for: the number of slots, that of all jobs, and perl. Answers the signal that has ended the run
/// meanwhile, if there was one.
///
/// # Errors
/// There is no perl, or it does not take an expression.
pub fn settle(
    evaluation: &Evaluation,
    strings: &Strings,
    total: Option<u64>,
    slots: &dyn Fn() -> u64,
    family: ShellFamily,
) -> Result<Option<i32>> {
    if strings.needs_slots() {
        evaluation.slots.get_or_init(slots);
    }
    if let Some(total) = total {
        evaluation.total.get_or_init(|| total);
    }
    if strings.needs_perl() {
        let facts = Facts { total: total.unwrap_or(0), slots: evaluation.slots.get().copied().unwrap_or(0), family };
        let perl = Perl::start(&strings.perl(), facts, &|| signals::ending().is_some())?;
        evaluation.perl.get_or_init(|| perl);
        return Ok(signals::ending());
    }
    Ok(None)
}

/// A perl of its own for keys of lines: it is asked while jobs are started.
///
/// # Errors
/// There is no perl, or it does not take the expression.
pub fn key_maker(code: &[u8]) -> Result<Box<dyn KeyMaker>> {
    let facts = Facts { total: 0, slots: 0, family: ShellFamily::Posix };
    // Signals have their own effect as yet.
    Ok(Box::new(Perl::start(&[code.to_vec()], facts, &|| false)?))
}
