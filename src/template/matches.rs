//! Parts of inputs as replacement strings: `--match`.

use super::Names;

/// A regular expression for each source, whose groups are replacement strings: `{2.1}` is the first group of the second input.
///
/// As in GNU parallel from 2024 on: an empty expression is none, `+N` is that of source N once more, `{1.1:%02d}` is formatted
/// by sprintf, and `{=1.1 … =}` is an expression of the group. What does not match has empty groups.
#[derive(Clone, Debug, Default)]
pub struct Matches(Vec<Option<Vec<u8>>>);

/// What may enclose a regular expression that it is not part of.
const DELIMITERS: &[u8] = b"/|,!;:%~";

impl Matches {
    /// For the sources in their order. `parens` enclose expressions.
    ///
    /// # Errors
    /// A number that is no source's; an expression that nothing could enclose.
    pub fn new(given: &[Vec<u8>], parens: (&[u8], &[u8])) -> Result<Matches, String> {
        let mut matches = Vec::with_capacity(given.len());
        for text in given {
            let number =
                text.strip_prefix(b"+").and_then(|number| std::str::from_utf8(number).ok()?.parse::<usize>().ok());
            let pattern = match number {
                Some(number) => {
                    let other = number.checked_sub(1).and_then(|index| given.get(index));
                    other.ok_or_else(|| format!("+{number}: there is no such --match"))?
                }
                None => text,
            };
            let encloses = |paren: &[u8]| !paren.is_empty() && pattern.windows(paren.len()).any(|part| part == paren);
            if encloses(parens.0) || encloses(parens.1) {
                return Err("it must not hold what encloses expressions ({= and =}): use [=]".to_owned());
            }
            if !pattern.is_empty() && !DELIMITERS.iter().any(|byte| !pattern.contains(byte)) {
                return Err("it holds all of / | , ! ; : % ~: write one of them as \\x2f".to_owned());
            }
            matches.push((!pattern.is_empty()).then(|| pattern.clone()));
        }
        Ok(Matches(matches))
    }

    /// A text with expressions in place of groups.
    ///
    /// # Errors
    /// A group of a source without `--match`.
    pub fn resolve(&self, text: &[u8], names: &Names, (left, right): (&[u8], &[u8])) -> Result<Vec<u8>, String> {
        let mut resolved = Vec::with_capacity(text.len());
        let mut at = 0;
        while at < text.len() && !self.0.is_empty() {
            let rest = &text[at..];
            let (opening, is_expression) =
                if !left.is_empty() && rest.starts_with(left) { (left, true) } else { (&b"{"[..], false) };
            let found = rest.strip_prefix(opening).and_then(|inner| group(inner, names));
            let Some((source, number, length)) = found else {
                resolved.push(text[at]);
                at += 1;
                continue;
            };
            let inner = &rest[opening.len() + length..];
            let (then, used) = if is_expression {
                (&b""[..], 0)
            } else {
                let Some(end) = inner.iter().position(|byte| *byte == b'}') else { break };
                match &inner[..end] {
                    b"" => (&b""[..], end + 1),
                    [b':', format @ ..] if !format.is_empty() && !format.contains(&b'"') => (format, end + 1),
                    _ => {
                        resolved.push(text[at]);
                        at += 1;
                        continue;
                    }
                }
            };
            let pattern = source.checked_sub(1).and_then(|index| self.0.get(index)?.as_ref());
            let pattern = pattern.ok_or_else(|| format!("{{{source}.{number}}}: source {source} has no --match"))?;
            let delimiter = DELIMITERS.iter().copied().find(|byte| !pattern.contains(byte)).unwrap_or(b'/');
            resolved.extend_from_slice(left);
            resolved.extend_from_slice(format!("{source} $_ = m").as_bytes());
            resolved.push(delimiter);
            resolved.extend_from_slice(pattern);
            resolved.push(delimiter);
            resolved.extend_from_slice(format!(" ? ${number} : ''; ").as_bytes());
            if !then.is_empty() {
                resolved.extend([b"$_ = sprintf(\"", then, b"\", $_); "].concat());
            }
            if !is_expression {
                resolved.extend_from_slice(right);
            }
            at += opening.len() + length + used;
        }
        resolved.extend_from_slice(&text[at..]);
        Ok(resolved)
    }
}

/// The source and the number of the group that `text` starts with (`2.1`, `name.1`), and the length of that.
fn group(text: &[u8], names: &Names) -> Option<(usize, usize, usize)> {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<usize>().ok();
    let own = digits(text);
    let (source, length) = if own > 0 { (number(&text[..own])?, own) } else { names.start_of(text)? };
    let rest = text[length..].strip_prefix(b".")?;
    let count = digits(rest);
    let number = number(&rest[..count]).filter(|number| *number > 0)?;
    Some((source, number, length + 1 + count))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENS: (&[u8], &[u8]) = (b"{=", b"=}");

    #[test]
    fn groups_become_expressions() {
        let mut names = Names::default();
        names.add(b"B", 2);
        let matches = Matches::new(&[b"(a)/(b)".to_vec(), b"+1".to_vec(), Vec::new()], PARENS).expect("understood");
        for (text, expected) in [
            ("{1.2}.x", "{=1 $_ = m|(a)/(b)| ? $2 : ''; =}.x"),
            ("{2.1:%02d}", "{=2 $_ = m|(a)/(b)| ? $1 : ''; $_ = sprintf(\"%02d\", $_); =}"),
            ("{=1.1 $_=uc =}", "{=1 $_ = m|(a)/(b)| ? $1 : '';  $_=uc =}"),
            ("{B.1}", "{=2 $_ = m|(a)/(b)| ? $1 : ''; =}"),
            ("{1.} {1} {} {.} {1.x} {1.2", "{1.} {1} {} {.} {1.x} {1.2"),
        ] {
            let resolved = matches.resolve(text.as_bytes(), &names, PARENS).expect(text);
            assert_eq!(String::from_utf8_lossy(&resolved), expected);
        }
        assert!(matches.resolve(b"{3.1}", &names, PARENS).is_err());
        assert!(matches.resolve(b"{4.1}", &names, PARENS).is_err());
        for wrong in [&b"+4"[..], b"a=}", b"/|,!;:%~"] {
            assert!(Matches::new(&[wrong.to_vec()], PARENS).is_err());
        }
    }
}
