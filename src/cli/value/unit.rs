//! GNU parallel's UNIT PREFIX: numbers with units, and what is reckoned from them.

/// How deep parentheses may be nested: a bound for the stack, far above what anybody writes.
const DEEPEST: usize = 100;

/// What `text` comes to: K, M, G, T and P (and Ki, ki and so on) are powers of 1024, k, m, g, t and p powers of 1000, and there may be
/// `+`, `-`, `*`, `/` and parentheses: `1M-12*2.024*2k`. With a zero before it, a whole number is octal. `None`: anything else, and what is no finite number.
pub fn reckon(text: &str) -> Option<f64> {
    let mut rest = Rest { text: text.trim_ascii().as_bytes(), deep: 0 };
    let value = rest.sum()?;
    (rest.text.is_empty() && value.is_finite()).then_some(value)
}

/// What has not been read yet.
struct Rest<'t> {
    text: &'t [u8],
    deep: usize,
}

impl Rest<'_> {
    fn sum(&mut self) -> Option<f64> {
        let mut sum = self.product()?;
        loop {
            if self.take(b'+') {
                sum += self.product()?;
            } else if self.take(b'-') {
                sum -= self.product()?;
            } else {
                return Some(sum);
            }
        }
    }

    fn product(&mut self) -> Option<f64> {
        let mut product = self.factor()?;
        loop {
            if self.take(b'*') {
                product *= self.factor()?;
            } else if self.take(b'/') {
                product /= self.factor()?;
            } else {
                return Some(product);
            }
        }
    }

    fn factor(&mut self) -> Option<f64> {
        let negative = self.take(b'-');
        if !negative {
            self.take(b'+');
        }
        let value = if self.take(b'(') {
            self.deep += 1;
            let value = (self.deep <= DEEPEST).then(|| self.sum()).flatten();
            self.deep -= 1;
            value.filter(|_| self.take(b')'))?
        } else {
            self.number()?
        };
        Some(if negative { -value } else { value })
    }

    fn number(&mut self) -> Option<f64> {
        let end = self.text.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        let (digits, rest) = self.text.split_at(end);
        let digits = std::str::from_utf8(digits).ok()?;
        let number: f64 = match digits.strip_prefix('0') {
            // Perl's own way to write an octal number.
            Some(octal) if !octal.is_empty() && !octal.contains('.') => u32::from_str_radix(octal, 8).ok()?.into(),
            _ => digits.parse().ok()?,
        };
        self.text = rest;
        Some(number * self.unit())
    }

    /// The unit that comes next; 1 without one.
    fn unit(&mut self) -> f64 {
        let Some((unit, rest)) = self.text.split_first() else { return 1.0 };
        let Some(power) = b"kmgtp".iter().position(|known| *known == unit.to_ascii_lowercase()) else { return 1.0 };
        self.text = rest;
        let binary = self.take(b'i') || self.take(b'I') || unit.is_ascii_uppercase();
        let base: f64 = if binary { 1024.0 } else { 1000.0 };
        (0..=power).map(|_| base).product()
    }

    fn take(&mut self, byte: u8) -> bool {
        self.text = self.text.trim_ascii_start();
        let there = self.text.first() == Some(&byte);
        self.text = &self.text[usize::from(there)..];
        there
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_reckoned_as_gnu_parallel_does() {
        for (text, expected) in [
            ("1M-12*2.024*2k", 1_000_000.0),
            ("1+2*3", 7.0),
            ("(1+2)*3", 9.0),
            ("7/2", 3.5),
            ("-(2-3)", 1.0),
            ("2*-3+10", 4.0),
            (" 2 * 3k ", 6000.0),
            ("1Ki+1ki+1K+1k", 4072.0),
            ("2P", 2_251_799_813_685_248.0),
            (".5K", 512.0),
            ("+2", 2.0),
            ("-0", 0.0),
            ("010", 8.0),
            ("00", 0.0),
            ("0.5", 0.5),
        ] {
            assert_eq!(reckon(text), Some(expected), "{text}");
        }
        for text in [
            "", " ", "k", "1kk", "1MB", "1x", "1é", "1e3", "1 2", "1+", "*1", "(1", "1)", "()", "1/0", "1..2", ".",
            "08",
        ] {
            assert_eq!(reckon(text), None, "{text}");
        }
        assert_eq!(reckon(&"(".repeat(100_000)), None);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read_or_refused(text in "[-0-9.+*/()kKmMi ]{0,20}") {
            prop_assert!(reckon(&text).is_none_or(f64::is_finite));
        }
    }
}
