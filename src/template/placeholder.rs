//! Replacement strings: which part of which argument a placeholder stands for.

use std::convert::Infallible;
use std::fmt;

use memchr::memrchr;

use crate::model::{Record, Slot};

/// What a placeholder makes of an argument, as GNU parallel's replacement strings of the same form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// The forms of replacement strings: what stands between the optional position and the closing brace.
const FORMS: [(&[u8], Op); 7] = [
    (b"}", Op::Whole),
    (b".}", Op::NoExtension),
    (b"/}", Op::Base),
    (b"//}", Op::Folder),
    (b"/.}", Op::BaseNoExtension),
    (b"#}", Op::Seq),
    (b"%}", Op::Slot),
];

/// One placeholder of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placeholder {
    position: Position,
    op: Op,
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
    pub(crate) const ALL: Placeholder = Placeholder { position: Position::All, op: Op::Whole };

    /// The placeholder that `text` starts with, and its length.
    ///
    /// As GNU parallel finds them: blanks may follow the number; `{0}` is `{}`; `{1#}` is taken for position 11
    /// of `{#}` there, which is empty, and is no placeholder here.
    pub(crate) fn parse(text: &[u8]) -> Option<(Placeholder, usize)> {
        let rest = text.strip_prefix(b"{")?;
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest[sign..].iter().take_while(|b| b.is_ascii_digit()).count();
        let number = if digits == 0 { None } else { Some(&rest[..sign + digits]) };
        let mut tail = rest;
        if let Some(number) = number {
            tail = &rest[number.len()..];
            tail = &tail[tail.iter().take_while(|b| b.is_ascii_whitespace() || **b == 0x0b).count()..];
        }
        let (form, op) = FORMS.iter().find(|(form, _)| tail.starts_with(form))?;
        let position = match (number, op) {
            (Some(_), Op::Seq | Op::Slot) => return None,
            (None, Op::Seq | Op::Slot) => Position::Number,
            (None | Some(b"0"), _) => Position::All,
            // Beyond the range of i64 no argument can be meant, as with 0 in another spelling (`{00}`, `{-0}`).
            (Some(number), _) => {
                let number = std::str::from_utf8(number).ok().and_then(|n| n.parse().ok());
                Position::At(number.filter(|n| *n != 0).unwrap_or(i64::MAX))
            }
        };
        Some((Placeholder { position, op: *op }, text.len() - tail.len() + form.len()))
    }

    /// Whether it stands for a number of ours, which is harmless anywhere.
    pub(crate) fn is_number(&self) -> bool {
        self.position == Position::Number
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
    pub(crate) fn at(self, arg: usize) -> Placeholder {
        Placeholder { position: Position::At(i64::try_from(arg).unwrap_or(i64::MAX)), ..self }
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
        *self == Placeholder::ALL
    }

    /// What it makes of one argument. Only for those that stand for arguments.
    pub(crate) fn of<'a>(&self, arg: &'a [u8]) -> &'a [u8] {
        match self.op {
            Op::Whole | Op::Seq | Op::Slot => arg,
            Op::NoExtension => no_extension(arg),
            Op::Base => base(arg),
            Op::Folder => folder(arg),
            Op::BaseNoExtension => no_extension(base(arg)),
        }
    }

    /// Calls `use_value` with each value that it stands for. Without any argument, `{}` is one empty value, as in
    /// GNU parallel.
    pub(crate) fn each<E>(
        &self,
        record: &Record,
        slot: Slot,
        mut use_value: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let args = &record.args;
        match self.position {
            Position::Number => {
                let number = if self.op == Op::Seq { record.seq.0 } else { u64::from(slot.0) };
                let mut digits = [0; 20];
                use_value(decimal(number, &mut digits))
            }
            Position::All if args.is_empty() => use_value(self.of(b"")),
            Position::All => args.iter().try_for_each(|arg| use_value(self.of(arg))),
            Position::At(at) => match index(at, args.len()).and_then(|index| args.get(index)) {
                Some(arg) => use_value(self.of(arg)),
                None => Ok(()),
            },
        }
    }
}

impl Placeholder {
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
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        if let Position::At(at) = self.position {
            write!(f, "{at}")?;
        }
        let form = FORMS.iter().find(|(_, op)| *op == self.op).map_or(&b"}"[..], |(form, _)| form);
        f.write_str(&String::from_utf8_lossy(form))
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
