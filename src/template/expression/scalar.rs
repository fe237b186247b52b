//! Perl's scalars: texts that are numbers where one is wanted.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Text(Vec<u8>),
    /// Within what Perl has as an integer: from -2^63 to 2^64 - 1.
    Int(i128),
    Float(f64),
}

use Scalar::{Float, Int, Text};

impl Scalar {
    /// Perl's false, which is nothing as a text and 0 as a number.
    pub(super) const NO: Scalar = Text(Vec::new());
    /// Perl's true.
    pub(super) const YES: Scalar = Int(1);

    pub(super) fn truth(holds: bool) -> Scalar {
        if holds { Scalar::YES } else { Scalar::NO }
    }

    /// An integer, or what Perl has where it is too large for one.
    fn integer(number: i128) -> Scalar {
        if (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&number) { Int(number) } else { Float(number as f64) }
    }

    pub(super) fn count(number: usize) -> Scalar {
        Int(number as i128)
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Text(text) => !text.is_empty() && text != b"0",
            Int(number) => *number != 0,
            Float(number) => *number != 0.0,
        }
    }

    pub(super) fn text(&self) -> Cow<'_, [u8]> {
        match self {
            Text(text) => Cow::Borrowed(text),
            Int(number) => Cow::Owned(number.to_string().into_bytes()),
            Float(number) => Cow::Owned(general(*number, 15, false).into_bytes()),
        }
    }

    pub(super) fn into_text(self) -> Vec<u8> {
        match self {
            Text(text) => text,
            number => number.text().into_owned(),
        }
    }

    /// The number that it is, or that its text starts with.
    pub(super) fn number(&self) -> Scalar {
        match self {
            Text(text) => match parse(text) {
                // What is not all of it a number is none of Perl's integers.
                (Int(number), end) if end != text.len() || end == 0 => Float(number as f64),
                (number, _) => number,
            },
            number => number.clone(),
        }
    }

    pub(super) fn float(&self) -> f64 {
        match self.number() {
            Int(number) => number as f64,
            Float(number) => number,
            Text(_) => 0.0,
        }
    }

    /// Without its fraction, as `int`; what is too large stays at the edge, as for `%d`.
    pub(super) fn whole(&self) -> i128 {
        match self.number() {
            Int(number) => number,
            Float(number) => (number as i128).clamp(i128::from(i64::MIN), i128::from(u64::MAX)),
            Text(_) => 0,
        }
    }

    /// `+`, `-`, `*`: with integers as long as they are large enough for it.
    pub(super) fn arithmetic(&self, other: &Scalar, operator: u8) -> Scalar {
        if let (Int(a), Int(b)) = (self.number(), other.number()) {
            let exact = match operator {
                b'+' => a.checked_add(b),
                b'-' => a.checked_sub(b),
                _ => a.checked_mul(b),
            };
            if let Some(exact) = exact {
                return Scalar::integer(exact);
            }
        }
        let (a, b) = (self.float(), other.float());
        Float(match operator {
            b'+' => a + b,
            b'-' => a - b,
            _ => a * b,
        })
    }

    /// # Errors
    /// Perl's, for 0.
    pub(super) fn divided_by(&self, other: &Scalar) -> Result<Scalar, String> {
        if other.float() == 0.0 {
            return Err("Illegal division by zero".to_owned());
        }
        match (self.number(), other.number()) {
            (Int(a), Int(b)) if a % b == 0 => Ok(Int(a / b)),
            _ => Ok(Float(self.float() / other.float())),
        }
    }

    /// `%`: of integers, with the sign of the right one.
    ///
    /// # Errors
    /// Perl's, for 0.
    pub(super) fn modulo(&self, other: &Scalar) -> Result<Scalar, String> {
        let (a, b) = (self.whole(), other.whole());
        if b == 0 {
            return Err("Illegal modulus zero".to_owned());
        }
        if self.float().abs() > u64::MAX as f64 || other.float().abs() > u64::MAX as f64 {
            let rest = self.float().trunc().rem_euclid(other.float().trunc().abs());
            return Ok(Float(if b < 0 && rest != 0.0 { rest + other.float().trunc() } else { rest }));
        }
        let rest = a.rem_euclid(b.abs());
        Ok(Scalar::integer(if b < 0 && rest != 0 { rest + b } else { rest }))
    }

    pub(super) fn negated(&self) -> Scalar {
        Int(0).arithmetic(self, b'-')
    }

    /// By number; `None`: one of them is none.
    pub(super) fn compare(&self, other: &Scalar) -> Option<Ordering> {
        match (self.number(), other.number()) {
            (Int(a), Int(b)) => Some(a.cmp(&b)),
            _ => self.float().partial_cmp(&other.float()),
        }
    }

    /// `++`, which counts in letters, too.
    pub(super) fn incremented(&self) -> Scalar {
        let Text(text) = self else { return self.arithmetic(&Int(1), b'+') };
        let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if text.is_empty() || !text[letters..].iter().all(u8::is_ascii_digit) {
            return self.arithmetic(&Int(1), b'+');
        }
        let mut text = text.clone();
        for at in (0..text.len()).rev() {
            let (next, carry) = match text[at] {
                b'z' => (b'a', true),
                b'Z' => (b'A', true),
                b'9' => (b'0', true),
                byte => (byte + 1, false),
            };
            text[at] = next;
            if !carry {
                return Text(text);
            }
        }
        let first = if text[0] == b'0' { b'1' } else { text[0] };
        text.insert(0, first);
        Text(text)
    }
}

/// The number that `text` starts with, and where it ends; white space around it belongs to it.
fn parse(text: &[u8]) -> (Scalar, usize) {
    let space =
        |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0x0b).count();
    let start = space(0);
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(matches!(text.get(start), Some(b'-' | b'+')));
    let first = start + sign;
    let whole = digits(first);
    let mut end = first + whole;
    let mut is_float = false;
    if text.get(end) == Some(&b'.') && (whole > 0 || digits(end + 1) > 0) {
        end += 1 + digits(end + 1);
        is_float = true;
    } else if whole == 0 {
        let word = text[first..].to_ascii_lowercase();
        let negative = text.get(start) == Some(&b'-');
        for (name, number) in [(&b"infinity"[..], f64::INFINITY), (b"inf", f64::INFINITY), (b"nan", f64::NAN)] {
            if word.starts_with(name) {
                return (Float(if negative { -number } else { number }), first + name.len());
            }
        }
        return (Int(0), 0);
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'-' | b'+')));
        let exponent = text.get(end + 1 + sign..).map_or(0, |_| digits(end + 1 + sign));
        if exponent > 0 {
            end += 1 + sign + exponent;
            is_float = true;
        }
    }
    // Digits and signs are ASCII.
    let number = std::str::from_utf8(&text[start..end]).unwrap_or_default().trim_start_matches('+');
    let number = match number.parse::<i128>() {
        Ok(exact) if !is_float => Scalar::integer(exact),
        _ => Float(number.parse().unwrap_or(0.0)),
    };
    let number = match number {
        // As Perl, which has an integer where a number is one.
        Float(float) if float.fract() == 0.0 && float.abs() < 9e15 => Int(float as i128),
        number => number,
    };
    (number, end + space(end))
}

/// As C's `%.Ng`; `alternate`: with all its zeros.
pub(super) fn general(number: f64, precision: usize, alternate: bool) -> String {
    if let Some(text) = special(number) {
        return text.to_owned();
    }
    let precision = precision.max(1);
    let scientific = format!("{:.*e}", precision - 1, number);
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let strip = |text: &str| match text.contains('.') && !alternate {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if exponent < -4 || exponent >= i32::try_from(precision).unwrap_or(i32::MAX) {
        return format!("{}e{}", strip(digits), exponent_text(exponent));
    }
    let decimals = usize::try_from(i32::try_from(precision).unwrap_or(0) - 1 - exponent).unwrap_or(0);
    strip(&format!("{number:.decimals$}"))
}

/// As C writes an exponent: with its sign and two digits at least.
pub(super) fn exponent_text(exponent: i32) -> String {
    format!("{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// What has no digits, as Perl writes it.
pub(super) fn special(number: f64) -> Option<&'static str> {
    match number {
        _ if number.is_nan() => Some("NaN"),
        f64::INFINITY => Some("Inf"),
        f64::NEG_INFINITY => Some("-Inf"),
        _ => None,
    }
}
