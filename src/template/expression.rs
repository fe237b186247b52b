//! `{= perl expression =}`: what it makes of an argument, by itself where it can be done without perl.

mod call;
mod format;
mod parse;
mod quoted;
mod run;
mod scalar;
mod text;
mod tree;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::ShellFamily;
use crate::model::{Record, Slot, Value, Words};

/// Numbers that an expression may ask for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Numbers {
    /// `seq()`.
    pub(crate) seq: u64,
    /// `slot()`.
    pub(crate) slot: u64,
    /// `total_jobs()`.
    pub(crate) total: u64,
    /// How many slots there are.
    pub(crate) slots: u64,
}

impl Numbers {
    /// What is known of a job without asking anybody.
    pub(crate) fn of(record: &Record, slot: Slot) -> Numbers {
        Numbers { seq: record.seq.0, slot: u64::from(slot.0), ..Numbers::default() }
    }
}

/// What a run of an expression has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ran {
    /// What stands in place of the replacement string.
    pub(crate) value: Value,
    /// It has called `skip()`.
    pub(crate) skip: bool,
}

/// An expression of a run. Equal ones are one: they have their values in common, as in GNU parallel.
#[derive(Debug)]
pub(crate) struct Expression {
    id: usize,
    code: Vec<u8>,
    /// `None`: it takes perl.
    program: Option<Vec<tree::Node>>,
    /// How `Q()` quotes.
    family: ShellFamily,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Expression) -> bool {
        self.id == other.id
    }
}

impl Eq for Expression {}

impl Expression {
    /// The `id`th of a run. `groups` are what the parentheses of a dynamic replacement string have matched (`$$1`).
    pub(crate) fn new(id: usize, code: &[u8], groups: &[Vec<u8>], family: ShellFamily) -> Expression {
        let program = parse::program(code, groups);
        Expression { id, code: with_groups(code, groups), program, family }
    }

    /// Its number in the run.
    pub(crate) fn id(&self) -> usize {
        self.id
    }

    /// Perl's code for it.
    pub(crate) fn code(&self) -> &[u8] {
        &self.code
    }

    /// Whether it takes perl.
    pub(crate) fn needs_perl(&self) -> bool {
        self.program.is_none()
    }

    /// Whether it needs the number of all jobs.
    pub(crate) fn needs_total(&self) -> bool {
        has(&self.code, b"total_jobs")
    }

    /// Whether it needs the number of slots.
    pub(crate) fn needs_slots(&self) -> bool {
        has(&self.code, b"max_jobs_running")
    }

    /// Whether it may have another value for another job with the same argument.
    pub(crate) fn varies(&self) -> bool {
        self.needs_perl() || has(&self.code, b"seq") || has(&self.code, b"slot")
    }

    /// Whether it may ask for its value to be command text.
    pub(crate) fn may_be_code(&self) -> bool {
        has(&self.code, b"uq")
    }

    /// Its value for one argument of `args`; `None`: that takes perl.
    pub(crate) fn run(&self, arg: &[u8], args: &Words, numbers: &Numbers) -> Option<Result<Ran, String>> {
        Some(run::run(self.program.as_ref()?, arg, args, numbers, self.family))
    }
}

/// Perl's code with the groups as variables, as GNU parallel makes it: what was matched is data there.
fn with_groups(code: &[u8], groups: &[Vec<u8>]) -> Vec<u8> {
    if groups.is_empty() {
        return code.to_vec();
    }
    let mut text = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        text.extend_from_slice(format!("$_pAr_gRp{} = \"", index + 1).as_bytes());
        for byte in group {
            if matches!(byte, b'\\' | b'"' | b'$' | b'@') {
                text.push(b'\\');
            }
            text.push(*byte);
        }
        text.extend_from_slice(b"\";");
    }
    let mut rest = code;
    while let Some(byte) = rest.first() {
        let digits = rest.strip_prefix(b"$$").map_or(0, |tail| tail.iter().take_while(|b| b.is_ascii_digit()).count());
        if digits > 0 {
            text.extend_from_slice(b"$_pAr_gRp");
            text.extend_from_slice(&rest[2..2 + digits]);
            rest = &rest[2 + digits..];
        } else {
            text.push(*byte);
            rest = &rest[1..];
        }
    }
    text
}

/// Whether `code` has this word somewhere, also as part of another one.
fn has(code: &[u8], word: &[u8]) -> bool {
    code.windows(word.len()).any(|window| window == word)
}

/// The expressions of a run, all of its templates together.
#[derive(Debug, Default)]
pub(crate) struct Expressions(Vec<Arc<Expression>>);

impl Expressions {
    /// This expression, the same for the same code.
    pub(crate) fn intern(&mut self, code: &[u8], groups: &[Vec<u8>], family: ShellFamily) -> Arc<Expression> {
        let made = Expression::new(self.0.len(), code, groups, family);
        if let Some(known) = self.0.iter().find(|known| known.code == made.code) {
            return Arc::clone(known);
        }
        let made = Arc::new(made);
        self.0.push(Arc::clone(&made));
        made
    }

    /// All of them, by their numbers.
    pub(crate) fn all(&self) -> &[Arc<Expression>] {
        &self.0
    }
}
