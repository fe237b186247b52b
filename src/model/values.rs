//! What expressions in a template make of a record's arguments.

use std::fmt;

use super::{Record, Refusal, Slot, Words};

/// What an expression made of one argument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// What stands in place of the replacement string.
    pub text: Vec<u8>,
    /// The expression asked for it to be command text (`uq()`).
    pub is_code: bool,
}

/// The values of the expressions of one record. They are computed once: an expression may have a state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// By the number of the expression, and by the index of the argument.
    table: Vec<Vec<Option<Value>>>,
    /// An expression has called `skip()`: the job is not to be run.
    pub skip: bool,
}

impl Values {
    /// The value of this expression for the argument at this index.
    pub fn get(&self, expression: usize, arg: usize) -> Option<&Value> {
        self.table.get(expression)?.get(arg)?.as_ref()
    }

    /// Keeps a value.
    pub fn set(&mut self, expression: usize, arg: usize, value: Value) {
        if self.table.len() <= expression {
            self.table.resize_with(expression + 1, Vec::new);
        }
        let row = &mut self.table[expression];
        if row.len() <= arg {
            row.resize_with(arg + 1, || None);
        }
        row[arg] = Some(value);
    }
}

/// A value that is to be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The number of the expression.
    pub expression: usize,
    /// The index of the argument. A record without any has one that is empty.
    pub arg: usize,
}

/// Computes what a template can't by itself, and knows what only the run does.
pub trait Evaluator: Sync + fmt::Debug {
    /// How many jobs there are in all; 0 where nobody asked for it before the start.
    fn total(&self) -> u64;
    /// How many slots there are.
    fn slots(&self) -> u64;
    /// Puts the values that are `wanted` into `values`.
    ///
    /// # Errors
    /// What the expression, or its interpreter, says of it, in one line.
    fn evaluate(&self, record: &Record, slot: Slot, wanted: &[Wanted], values: &mut Values) -> Result<(), Refusal>;
}

/// Has perl make keys of lines.
pub trait KeyMaker: Send + Sync {
    /// The keys of all of these lines, which are whole. `column`: counted from 0; `None`: the whole line. `separator`: what stands
    /// between columns; `as_variable`: as Perl takes one that stands in a variable. `is_over` is asked now and then: whether nobody wants them
    /// any more.
    ///
    /// # Errors
    /// What the expression, or perl, says of it, in one line.
    fn keys(
        &self,
        column: Option<usize>,
        separator: &[u8],
        as_variable: bool,
        lines: &[u8],
        is_over: &dyn Fn() -> bool,
    ) -> Result<Words, String>;
}
