//! Perl's `sprintf`, as far as its formats are C's.

use super::scalar::{Scalar, exponent_text, general, special};

/// A format that is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Format(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    Directive { flags: Vec<u8>, width: usize, precision: Option<usize>, kind: u8 },
}

/// More than anybody prints; what is wider is perl's.
const WIDEST: usize = 1000;

impl Format {
    /// `None`: some directive is perl's.
    pub(super) fn parse(text: &[u8]) -> Option<Format> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
            pieces.push(Piece::Text(rest[..at].to_vec()));
            rest = &rest[at + 1..];
            let flags = rest.iter().take_while(|byte| b"-+ 0#".contains(byte)).count();
            let (flags, tail) = rest.split_at(flags);
            let (width, tail) = number(tail)?;
            let (precision, tail) = match tail.strip_prefix(b".") {
                Some(tail) => number(tail).map(|(precision, tail)| (Some(precision.unwrap_or(0)), tail))?,
                None => (None, tail),
            };
            let (kind, tail) = tail.split_first()?;
            match kind {
                b'%' if flags.is_empty() && width.is_none() && precision.is_none() => {
                    pieces.push(Piece::Text(b"%".to_vec()));
                }
                b'd' | b'i' | b's' | b'x' | b'X' | b'o' | b'f' | b'e' | b'g' if !flags.contains(&b'#') => {
                    pieces.push(Piece::Directive {
                        flags: flags.to_vec(),
                        width: width.unwrap_or(0),
                        precision,
                        kind: *kind,
                    });
                }
                _ => return None,
            }
            rest = tail;
        }
        pieces.push(Piece::Text(rest.to_vec()));
        Some(Format(pieces))
    }

    /// How many values it takes.
    pub(super) fn takes(&self) -> usize {
        self.0.iter().filter(|piece| matches!(piece, Piece::Directive { .. })).count()
    }

    /// With these values.
    pub(super) fn fill(&self, values: &[Scalar]) -> Vec<u8> {
        let mut values = values.iter();
        let mut text = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(piece) => text.extend_from_slice(piece),
                Piece::Directive { flags, width, precision, kind } => {
                    let value = values.next().cloned().unwrap_or(Scalar::NO);
                    directive(&value, flags, *width, *precision, *kind, &mut text);
                }
            }
        }
        text
    }
}

/// A number that may be missing; `None`: it is too large.
fn number(text: &[u8]) -> Option<(Option<usize>, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    if number.is_empty() {
        return Some((None, rest));
    }
    let number = std::str::from_utf8(number).ok()?.parse().ok().filter(|number| *number <= WIDEST)?;
    Some((Some(number), rest))
}

fn directive(value: &Scalar, flags: &[u8], width: usize, precision: Option<usize>, kind: u8, out: &mut Vec<u8>) {
    let has = |flag: u8| flags.contains(&flag);
    let (mut sign, mut digits, mut zeros) = (Vec::new(), Vec::new(), has(b'0') && !has(b'-'));
    let mut signed = |negative: bool| match (negative, has(b'+'), has(b' ')) {
        (true, ..) => sign.push(b'-'),
        (_, true, _) => sign.push(b'+'),
        (_, _, true) => sign.push(b' '),
        _ => {}
    };
    let at_least = |digits: String| match precision {
        Some(0) if digits == "0" => String::new(),
        Some(precision) => format!("{digits:0>precision$}"),
        None => digits,
    };
    match kind {
        b's' => {
            let text = value.text();
            digits.extend_from_slice(&text[..precision.unwrap_or(text.len()).min(text.len())]);
        }
        _ if special(value.float()).is_some() => {
            digits.extend_from_slice(special(value.float()).unwrap_or_default().as_bytes());
            zeros = false;
        }
        b'd' | b'i' => {
            // As Perl, for which what is too large goes round.
            let number = value.whole() as i64;
            signed(number < 0);
            digits = at_least(number.unsigned_abs().to_string()).into_bytes();
            zeros &= precision.is_none();
        }
        b'x' | b'X' | b'o' => {
            let number = value.whole() as u64;
            digits = at_least(match kind {
                b'x' => format!("{number:x}"),
                b'X' => format!("{number:X}"),
                _ => format!("{number:o}"),
            })
            .into_bytes();
            zeros &= precision.is_none();
        }
        _ => {
            let number = value.float();
            signed(number.is_sign_negative());
            let (number, precision) = (number.abs(), precision.unwrap_or(6));
            digits = match kind {
                b'f' => format!("{number:.precision$}"),
                b'e' => {
                    let text = format!("{number:.precision$e}");
                    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                    format!("{digits}e{}", exponent_text(exponent.parse().unwrap_or(0)))
                }
                _ => general(number, precision, false),
            }
            .into_bytes();
        }
    }
    let missing = width.saturating_sub(sign.len() + digits.len());
    let pad = |byte: u8, out: &mut Vec<u8>| out.resize(out.len() + missing, byte);
    if !has(b'-') && !zeros {
        pad(b' ', out);
    }
    out.extend_from_slice(&sign);
    if zeros {
        pad(b'0', out);
    }
    out.extend_from_slice(&digits);
    if has(b'-') {
        pad(b' ', out);
    }
}
