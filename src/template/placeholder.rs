//! Replacement strings: which part of which argument a placeholder stands for.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use memchr::memrchr;

use super::expression::{Expression, Numbers};
use crate::model::{Record, Slot, Words};

/// What a placeholder makes of an argument, as GNU parallel's replacement strings of the same form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// `{}`: the argument.
    Whole,
    /// `{.}`: without its extension.
    NoExtension,
    /// `{/}`: its last component.
    Base,
    /// `{//}`: the folder it is in.
    Folder,
    /// `{/.}`: its last component without extension.
    BaseNoExtension,
    /// `{#}`: the number of the job.
    Seq,
    /// `{%}`: the number of the slot.
    Slot,
    /// `{= perl expression =}`, and what is defined by one.
    Expression(Arc<Expression>),
}

impl Op {
    /// Whether it is a number of ours, which is harmless anywhere.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Op::Seq | Op::Slot)
    }
}

/// One placeholder of a template.
#[derive(Clone, Debug)]
pub(crate) struct Placeholder {
    position: Position,
    op: Op,
    /// As the user wrote it.
    spelling: Cow<'static, [u8]>,
    /// Its values are data, even where its expression calls `uq()`: as GNU parallel under `--quote`.
    is_data: bool,
}

/// Which arguments a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    /// All of them, joined by blanks.
    All,
    /// One, counted from 1, or from the end when negative.
    At(i64),
    /// None of them (`{#}`, `{%}`).
    Number,
}

impl Placeholder {
    /// The placeholder that is appended to a command without any.
    pub(crate) const ALL: Placeholder =
        Placeholder { position: Position::All, op: Op::Whole, spelling: Cow::Borrowed(b"{}"), is_data: false };

    /// One that stands for the arguments at `position`: a number in digits with an optional minus sign, where 0 is all of them, as is
    /// none. Numbers of ours have no position.
    pub(crate) fn new(op: Op, position: &[u8], spelling: &[u8]) -> Placeholder {
        let position = match position {
            _ if op.is_number() => Position::Number,
            b"" | b"0" => Position::All,
            // Beyond the range of i64 no argument can be meant, as with 0 in another spelling (`{00}`, `{-0}`).
            position => {
                let number = std::str::from_utf8(position).ok().and_then(|number| number.parse().ok());
                Position::At(number.filter(|number| *number != 0).unwrap_or(i64::MAX))
            }
        };
        Placeholder { position, op, spelling: Cow::Owned(spelling.to_vec()), is_data: false }
    }

    /// One that stands for a number of ours, which is computed.
    pub(crate) fn number(op: Op, spelling: &[u8]) -> Placeholder {
        Placeholder { position: Position::Number, ..Placeholder::new(op, b"", spelling) }
    }

    /// Whether it stands for a number of ours, which is harmless anywhere.
    pub(crate) fn is_number(&self) -> bool {
        self.position == Position::Number
    }

    /// Whether it has another value for another job with the same arguments.
    pub(crate) fn varies(&self) -> bool {
        self.is_number() || self.expression().is_some_and(Expression::varies)
    }

    /// Has its values be data, whatever its expression asks for.
    pub(crate) fn make_data(&mut self) {
        self.is_data = true;
    }

    /// Whether its values may be command text, because its expression asks for that.
    pub(crate) fn may_be_code(&self) -> bool {
        !self.is_data && self.expression().is_some_and(Expression::may_be_code)
    }

    /// The expression behind it, if there is one.
    pub(crate) fn expression(&self) -> Option<&Expression> {
        match &self.op {
            Op::Expression(expression) => Some(expression),
            _ => None,
        }
    }

    /// Whether it may stand for nothing at all: for an argument that the record does not have.
    pub(crate) fn may_vanish(&self) -> bool {
        matches!(self.position, Position::At(_))
    }

    /// Whether one record can give it more than one value.
    pub(crate) fn may_repeat(&self) -> bool {
        self.position == Position::All
    }

    /// The same for one argument, counted from 1, in place of all.
    pub(crate) fn at(&self, arg: usize) -> Placeholder {
        Placeholder { position: Position::At(i64::try_from(arg).unwrap_or(i64::MAX)), ..self.clone() }
    }

    /// The index of the only argument that it stands for, of so many; beyond them if that is missing.
    pub(crate) fn index(&self, count: usize) -> Option<usize> {
        match self.position {
            Position::At(at) => Some(index(at, count).unwrap_or(usize::MAX)),
            Position::All | Position::Number => None,
        }
    }

    /// How many digits it becomes for the job `seq`, as far as that is known: a slot has one.
    pub(crate) fn digits(&self, seq: u64) -> usize {
        if self.op == Op::Seq { decimal(seq, &mut [0; 20]).len() } else { 1 }
    }

    /// Whether it is `{}` or its like: all arguments as they are.
    pub(crate) fn is_all(&self) -> bool {
        self.position == Position::All && self.op == Op::Whole
    }

    /// What it makes of one argument, as far as that can be told from the argument alone; only for the cost of arguments.
    pub(crate) fn of<'a>(&self, arg: &'a [u8]) -> Cow<'a, [u8]> {
        match &self.op {
            Op::Expression(expression) => match expression.run(arg, &Words::new(), &Numbers::default()) {
                Some(Ok(ran)) => Cow::Owned(ran.value.text),
                _ => Cow::Borrowed(arg),
            },
            op => Cow::Borrowed(part(op, arg)),
        }
    }

    /// Which arguments of a record it stands for, by their index. Without any argument, `{}` stands for an empty one, as in GNU
    /// parallel.
    pub(crate) fn indices(&self, record: &Record) -> std::ops::Range<usize> {
        match self.position {
            Position::Number => 0..1,
            Position::All => 0..record.args.len().max(1),
            Position::At(at) => match index(at, record.args.len()).filter(|index| *index < record.args.len()) {
                Some(index) => index..index + 1,
                None => 0..0,
            },
        }
    }

    /// Whether any of its values is command text for this record.
    pub(crate) fn is_code(&self, record: &Record) -> bool {
        let (false, Some(expression), Some(values)) = (self.is_data, self.expression(), &record.values) else {
            return false;
        };
        let mut indices = self.indices(record);
        indices.any(|index| values.get(expression.id(), index).is_some_and(|value| value.is_code))
    }

    /// Calls `use_value` with each value that it stands for. Expressions have theirs from `record`.
    pub(crate) fn each<E>(
        &self,
        record: &Record,
        slot: Slot,
        mut use_value: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let args = &record.args;
        match (&self.op, self.position) {
            (Op::Expression(expression), _) => {
                for index in self.indices(record) {
                    match record.values.as_ref().and_then(|values| values.get(expression.id(), index)) {
                        Some(value) => use_value(&value.text)?,
                        None => {
                            let numbers = Numbers::of(record, slot);
                            match expression.run(args.get(index).unwrap_or_default(), args, &numbers) {
                                Some(Ok(ran)) => use_value(&ran.value.text)?,
                                _ => use_value(b"")?,
                            }
                        }
                    }
                }
                Ok(())
            }
            (op, Position::Number) => {
                let number = if *op == Op::Seq { record.seq.0 } else { u64::from(slot.0) };
                let mut digits = [0; 20];
                use_value(decimal(number, &mut digits))
            }
            (op, Position::All) if args.is_empty() => use_value(part(op, b"")),
            (op, Position::All) => args.iter().try_for_each(|arg| use_value(part(op, arg))),
            (op, Position::At(at)) => match index(at, args.len()).and_then(|index| args.get(index)) {
                Some(arg) => use_value(part(op, arg)),
                None => Ok(()),
            },
        }
    }

    /// As [`Placeholder::each`], for what cannot fail.
    pub(crate) fn for_each(&self, record: &Record, slot: Slot, mut use_value: impl FnMut(&[u8])) {
        let each: Result<(), Infallible> = self.each(record, slot, |value| {
            use_value(value);
            Ok(())
        });
        match each {
            Ok(()) => {}
        }
    }

    /// As the user wrote it.
    pub(crate) fn spelling(&self) -> &[u8] {
        &self.spelling
    }
}

/// The part of an argument that a path operator stands for.
fn part<'a>(op: &Op, arg: &'a [u8]) -> &'a [u8] {
    match op {
        Op::Whole | Op::Seq | Op::Slot | Op::Expression(_) => arg,
        Op::NoExtension => no_extension(arg),
        Op::Base => base(arg),
        Op::Folder => folder(arg),
        Op::BaseNoExtension => no_extension(base(arg)),
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.spelling))
    }
}

/// The index of the argument at `at`, of `count`. A negative one that is out of range wraps around once, because
/// GNU parallel's own index is then negative, and Perl counts that from the end again: `{-3}` of two is the last.
fn index(at: i64, count: usize) -> Option<usize> {
    let count = i64::try_from(count).ok()?;
    let mut index = if at > 0 { at - 1 } else { at.checked_add(count)? };
    if index < 0 {
        index += count;
    }
    usize::try_from(index).ok()
}

/// `number` in decimal digits, without an allocation.
fn decimal(mut number: u64, digits: &mut [u8; 20]) -> &[u8] {
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return &digits[start..];
        }
    }
}

/// Without the last dot of the last component and what follows it: `s:\.[^/.]*$::` in GNU parallel.
fn no_extension(path: &[u8]) -> &[u8] {
    match memrchr(b'.', path) {
        Some(dot) if !path[dot..].contains(&b'/') => &path[..dot],
        _ => path,
    }
}

/// What follows the last slash. GNU parallel stops at a newline (`s:.*/::`), so that what it answers may have a slash
/// in it; this one never has.
fn base(path: &[u8]) -> &[u8] {
    memrchr(b'/', path).map_or(path, |slash| &path[slash + 1..])
}

/// As `dirname` of Perl's File::Basename, which GNU parallel uses.
fn folder(path: &[u8]) -> &[u8] {
    let parent = |path: &[u8]| memrchr(b'/', path).map_or(0, |slash| slash + 1);
    let strip = |path: &[u8], mut end: usize| {
        while end > 1 && path[end - 1] == b'/' {
            end -= 1;
        }
        end
    };
    let mut end = parent(path);
    if end == path.len() && end > 0 {
        end = strip(path, end);
        end = parent(&path[..end]);
    }
    match strip(path, end) {
        0 => b".",
        end => &path[..end],
    }
}
