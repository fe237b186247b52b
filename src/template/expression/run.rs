//! Evaluates what was read, as Perl does.

use std::cmp::Ordering;

use super::scalar::Scalar;
use super::tree::{Case, Function, Node, Number, Operator, Piece, Translation};
use super::{Numbers, Ran};
use crate::model::{Value, Words};
use crate::template::pattern::Pattern;
use crate::template::{ShellFamily, quoted};

/// Evaluates a program for one argument of `args`.
///
/// # Errors
/// What Perl would die of.
pub(super) fn run(
    program: &[Node],
    arg: &[u8],
    args: &Words,
    numbers: &Numbers,
    family: ShellFamily,
) -> Result<Ran, String> {
    let it = Scalar::Text(arg.to_vec());
    let mut machine = Machine { it, args, numbers, family, groups: Vec::new(), skip: false, is_code: false };
    machine.block(program)?;
    Ok(Ran { value: Value { text: machine.it.into_text(), is_code: machine.is_code }, skip: machine.skip })
}

struct Machine<'a> {
    /// `$_`.
    it: Scalar,
    args: &'a Words,
    numbers: &'a Numbers,
    family: ShellFamily,
    /// `$1` and those that follow, of the last match.
    groups: Vec<Option<Vec<u8>>>,
    skip: bool,
    is_code: bool,
}

impl Machine<'_> {
    fn block(&mut self, nodes: &[Node]) -> Result<(), String> {
        nodes.iter().try_for_each(|node| self.value(node).map(|_| ()))
    }

    fn value(&mut self, node: &Node) -> Result<Scalar, String> {
        Ok(match node {
            Node::Text(text) => Scalar::Text(text.clone()),
            Node::Int(number) => Scalar::Int(*number),
            Node::Float(number) => Scalar::Float(*number),
            Node::Interpolated(pieces) => Scalar::Text(self.interpolate(pieces)?),
            Node::It => self.it.clone(),
            Node::Group(number) => match self.groups.get(number - 1) {
                Some(Some(group)) => Scalar::Text(group.clone()),
                _ => Scalar::NO,
            },
            Node::Arg(number) => match number.checked_sub(1).and_then(|index| self.args.get(index)) {
                Some(arg) => Scalar::Text(arg.to_vec()),
                None => Scalar::NO,
            },
            Node::Assign(operator, value) => {
                self.it = match operator {
                    Some(Operator::Or) if self.it.is_true() => return Ok(self.it.clone()),
                    Some(Operator::And) if !self.it.is_true() => return Ok(self.it.clone()),
                    None | Some(Operator::Or | Operator::And) => self.value(value)?,
                    Some(operator) => {
                        let right = self.value(value)?;
                        binary(*operator, &self.it, &right)?
                    }
                };
                self.it.clone()
            }
            Node::Step { up, before } => {
                let old = self.it.clone();
                self.it = if *up { old.incremented() } else { old.arithmetic(&Scalar::Int(1), b'-') };
                if *before { self.it.clone() } else { old }
            }
            Node::Not(value) => Scalar::truth(!self.value(value)?.is_true()),
            Node::Negate(value) => self.value(value)?.negated(),
            Node::Binary(operator, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                binary(*operator, &left, &right)?
            }
            Node::And(left, right) => {
                let left = self.value(left)?;
                if left.is_true() { self.value(right)? } else { left }
            }
            Node::Or(left, right) => {
                let left = self.value(left)?;
                if left.is_true() { left } else { self.value(right)? }
            }
            Node::Choose(condition, yes, no) => {
                if self.value(condition)?.is_true() {
                    self.value(yes)?
                } else {
                    self.value(no)?
                }
            }
            Node::Call(function, args) => self.call(*function, args)?,
            Node::Format(format, args) => {
                let values = args.iter().map(|arg| self.value(arg)).collect::<Result<Vec<_>, _>>()?;
                Scalar::Text(format.fill(&values))
            }
            Node::Splice { place, by } => {
                let by = self.value(by)?;
                let text = self.it.text().into_owned();
                let range = self.range(&text, &place[1..])?.ok_or("substr outside of string")?;
                let mut text = text;
                text.splice(range, by.text().iter().copied());
                self.it = Scalar::Text(text);
                by
            }
            Node::Substitute { pattern, by, everywhere, keep } => self.substitute(pattern, by, *everywhere, *keep)?,
            Node::Translate { table, squeeze, keep } => self.translate(table, *squeeze, *keep),
            Node::Match(pattern, text) => {
                let text = self.value(text)?.into_text();
                let found = pattern.captures_at(&text, 0);
                if let Some(found) = &found {
                    self.keep_groups(&text, &found.groups);
                }
                Scalar::truth(found.is_some())
            }
            Node::If(condition, yes, no) => {
                let nodes = if self.value(condition)?.is_true() { yes } else { no };
                self.block(nodes)?;
                Scalar::NO
            }
            Node::Skip => {
                self.skip = true;
                Scalar::YES
            }
            Node::Unquote => {
                self.is_code = true;
                Scalar::YES
            }
            Node::Ascending => {
                let args: Vec<&[u8]> = self.args.iter().collect();
                self.skip |= args.windows(2).any(|pair| pair[0] >= pair[1]);
                Scalar::NO
            }
            Node::Unique => {
                // As GNU parallel: there is an element before the first argument, and it looks like an empty one.
                let mut args: Vec<&[u8]> = self.args.iter().chain([&b""[..]]).collect();
                let count = args.len();
                args.sort_unstable();
                args.dedup();
                self.skip |= args.len() != count;
                Scalar::NO
            }
            Node::Padded { number, most } => {
                // As GNU parallel reckons: a digit too few for 1000.
                let digits = (self.number(*most).max(1) as f64).ln() / 10f64.ln();
                let width = 1 + digits as usize;
                let number = self.number(*number);
                self.it = Scalar::Text(format!("{number:0width$}").into_bytes());
                self.it.clone()
            }
            Node::Number(number) => Scalar::Int(i128::from(self.number(*number))),
        })
    }

    fn number(&self, number: Number) -> u64 {
        match number {
            Number::Seq => self.numbers.seq,
            Number::Slot => self.numbers.slot,
            Number::Total => self.numbers.total,
            Number::Slots => self.numbers.slots,
        }
    }

    fn call(&mut self, function: Function, args: &[Node]) -> Result<Scalar, String> {
        if function == Function::Substr {
            let text = self.value(&args[0])?.into_text();
            let range = self.range(&text, &args[1..])?;
            return Ok(Scalar::Text(range.map(|range| text[range].to_vec()).unwrap_or_default()));
        }
        if function == Function::Index {
            let (text, part) = (self.value(&args[0])?.into_text(), self.value(&args[1])?.into_text());
            let at = (0..=text.len()).find(|at| text[*at..].starts_with(&part));
            return Ok(Scalar::Int(at.map_or(-1, |at| at as i128)));
        }
        let value = match args.first() {
            Some(arg) => self.value(arg)?,
            None => self.it.clone(),
        };
        let first = |change: fn(&mut u8)| {
            let mut text = value.text().into_owned();
            text.first_mut().into_iter().for_each(change);
            Scalar::Text(text)
        };
        Ok(match function {
            Function::Upper => Scalar::Text(value.text().to_ascii_uppercase()),
            Function::Lower => Scalar::Text(value.text().to_ascii_lowercase()),
            Function::UpperFirst => first(u8::make_ascii_uppercase),
            Function::LowerFirst => first(u8::make_ascii_lowercase),
            Function::Length => Scalar::count(value.text().len()),
            Function::Int => match value.number() {
                Scalar::Float(number) if number.is_finite() && number.abs() < 9e18 => {
                    Scalar::Int(number.trunc() as i128)
                }
                number => number,
            },
            Function::Abs => {
                if value.float() < 0.0 {
                    value.negated()
                } else {
                    value.number()
                }
            }
            Function::Chomp => {
                let mut text = value.into_text();
                let cut = text.last() == Some(&b'\n');
                if cut {
                    text.pop();
                }
                self.it = Scalar::Text(text);
                Scalar::count(usize::from(cut))
            }
            Function::Quote => Scalar::Text(quoted(&value.text(), self.family)),
            Function::Substr | Function::Index => Scalar::NO,
        })
    }

    /// The part of `text` that `substr` means by an offset and perhaps a length; `None`: it is outside.
    fn range(&mut self, text: &[u8], place: &[Node]) -> Result<Option<std::ops::Range<usize>>, String> {
        let size = text.len() as i128;
        let start = self.value(&place[0])?.whole();
        let start = if start < 0 { start + size } else { start };
        let end = match place.get(1) {
            None => size,
            Some(length) => {
                let length = self.value(length)?.whole();
                if length < 0 { size + length } else { start.saturating_add(length) }
            }
        };
        if start > size || (start < 0 && end < 0) {
            return Ok(None);
        }
        let start = start.clamp(0, size) as usize;
        Ok(Some(start..(end.clamp(0, size) as usize).max(start)))
    }

    fn keep_groups(&mut self, text: &[u8], groups: &[Option<std::ops::Range<usize>>]) {
        let group = |range: &Option<std::ops::Range<usize>>| {
            range.clone().and_then(|range| text.get(range)).map(<[u8]>::to_vec)
        };
        self.groups = groups.iter().map(group).collect();
    }

    fn substitute(&mut self, pattern: &Pattern, by: &Node, everywhere: bool, keep: bool) -> Result<Scalar, String> {
        let text = self.it.text().into_owned();
        let mut replaced = Vec::with_capacity(text.len());
        let (mut at, mut count) = (0, 0);
        let mut last = None;
        while let Some(found) = pattern.next(&text, last.as_ref()) {
            self.keep_groups(&text, &found.groups);
            replaced.extend_from_slice(&text[at..found.range.start]);
            replaced.extend_from_slice(&self.value(by)?.text());
            at = found.range.end;
            count += 1;
            if !everywhere {
                break;
            }
            last = Some(found);
        }
        replaced.extend_from_slice(&text[at..]);
        if keep {
            return Ok(Scalar::Text(replaced));
        }
        if count == 0 {
            return Ok(Scalar::NO);
        }
        self.it = Scalar::Text(replaced);
        Ok(Scalar::count(count))
    }

    fn translate(&mut self, table: &[Translation; 256], squeeze: bool, keep: bool) -> Scalar {
        let text = self.it.text().into_owned();
        let mut translated = Vec::with_capacity(text.len());
        let (mut count, mut last) = (0, None);
        for byte in text {
            match table[usize::from(byte)] {
                Translation::Stays => {
                    translated.push(byte);
                    last = None;
                    continue;
                }
                Translation::Becomes(by) => {
                    if !squeeze || last != Some(by) {
                        translated.push(by);
                    }
                    last = Some(by);
                }
                Translation::Vanishes => {}
            }
            count += 1;
        }
        if keep {
            return Scalar::Text(translated);
        }
        if count > 0 {
            self.it = Scalar::Text(translated);
        }
        Scalar::count(count)
    }

    fn interpolate(&mut self, pieces: &[Piece]) -> Result<Vec<u8>, String> {
        let mut text = Vec::new();
        let (mut case, mut once) = (None, None);
        for piece in pieces {
            let mut part = match piece {
                Piece::Text(part) => part.clone(),
                Piece::Value(node) => self.value(node)?.into_text(),
                Piece::Case(Case::End) => {
                    (case, once) = (None, None);
                    continue;
                }
                Piece::Case(change @ (Case::UpperOnce | Case::LowerOnce)) => {
                    once = Some(*change);
                    continue;
                }
                Piece::Case(change) => {
                    case = Some(*change);
                    continue;
                }
            };
            match case {
                Some(Case::Upper) => part.make_ascii_uppercase(),
                Some(Case::Lower) => part.make_ascii_lowercase(),
                _ => {}
            }
            if let Some(first) = part.first_mut() {
                match once.take() {
                    Some(Case::UpperOnce) => first.make_ascii_uppercase(),
                    Some(Case::LowerOnce) => first.make_ascii_lowercase(),
                    _ => {}
                }
            }
            text.append(&mut part);
        }
        Ok(text)
    }
}

fn binary(operator: Operator, left: &Scalar, right: &Scalar) -> Result<Scalar, String> {
    use Ordering::{Equal, Greater, Less};
    let number = |wanted: &[Ordering]| Scalar::truth(left.compare(right).is_some_and(|order| wanted.contains(&order)));
    let text = |wanted: &[Ordering]| Scalar::truth(wanted.contains(&left.text().cmp(&right.text())));
    let order = |order: Ordering| Scalar::Int(order as i128);
    Ok(match operator {
        Operator::Add => left.arithmetic(right, b'+'),
        Operator::Subtract => left.arithmetic(right, b'-'),
        Operator::Multiply => left.arithmetic(right, b'*'),
        Operator::Divide => left.divided_by(right)?,
        Operator::Modulo => left.modulo(right)?,
        Operator::Join => Scalar::Text([left.text(), right.text()].concat()),
        Operator::Or => {
            if left.is_true() {
                left.clone()
            } else {
                right.clone()
            }
        }
        Operator::And => {
            if left.is_true() {
                right.clone()
            } else {
                left.clone()
            }
        }
        Operator::Less => number(&[Less]),
        Operator::Greater => number(&[Greater]),
        Operator::NotGreater => number(&[Less, Equal]),
        Operator::NotLess => number(&[Greater, Equal]),
        Operator::Equal => number(&[Equal]),
        Operator::NotEqual => Scalar::truth(left.compare(right) != Some(Equal)),
        Operator::Order => left.compare(right).map_or(Scalar::NO, order),
        Operator::TextLess => text(&[Less]),
        Operator::TextGreater => text(&[Greater]),
        Operator::TextNotGreater => text(&[Less, Equal]),
        Operator::TextNotLess => text(&[Greater, Equal]),
        Operator::TextEqual => text(&[Equal]),
        Operator::TextNotEqual => text(&[Less, Greater]),
        Operator::TextOrder => order(left.text().cmp(&right.text())),
    })
}
