//! Names of columns as replacement strings: `--header`.

use std::borrow::Cow;

/// Names of columns, with their numbers: `{name}` is `{2}`.
///
/// As GNU parallel, names are replaced in the text of a command before it is read, with the path operators: `{name/.}`; and in
/// `{=name s/a/b/ =}`. There, names are regular expressions, and what was replaced is replaced again; here they are
/// taken as they are, once. An empty name, which would change what `{}` is, names nothing.
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<(Vec<u8>, usize)>);

/// What may stand behind a name.
const OPERATORS: [&[u8]; 5] = [b"}", b"/}", b"//}", b".}", b"/.}"];

impl Names {
    /// Names a column, counted from 1. A name that is there already stays.
    pub fn add(&mut self, name: &[u8], column: usize) {
        if !name.is_empty() && !self.0.iter().any(|(known, _)| known == name) {
            self.0.push((name.to_vec(), column));
        }
    }

    /// Whether no column has a name.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of the last column that has a name.
    pub fn columns(&self) -> usize {
        self.0.iter().map(|(_, column)| *column).max().unwrap_or(0)
    }

    /// The name of a column.
    pub fn of(&self, column: usize) -> Option<&[u8]> {
        self.0.iter().find(|(_, number)| *number == column).map(|(name, _)| &name[..])
    }

    /// A text with numbers in place of names. `parens`: what encloses an expression, as `{=` and `=}`.
    pub fn resolve<'t>(&self, text: &'t [u8], (left, right): (&[u8], &[u8])) -> Cow<'t, [u8]> {
        if self.0.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut resolved = Vec::with_capacity(text.len());
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            let rest = &text[at..];
            let found = self.placeholder(rest).or_else(|| self.expression(rest, left, right));
            let Some((open, length, column)) = found else {
                resolved.push(*byte);
                at += 1;
                continue;
            };
            resolved.extend_from_slice(open);
            resolved.extend_from_slice(column.to_string().as_bytes());
            at += length;
        }
        Cow::Owned(resolved)
    }

    /// `{name`, where an operator or the end follows.
    fn placeholder<'t>(&self, text: &'t [u8]) -> Option<(&'t [u8], usize, usize)> {
        let inner = text.strip_prefix(b"{")?;
        self.0.iter().find_map(|(name, column)| {
            let rest = inner.strip_prefix(&name[..])?;
            let ends = OPERATORS.iter().any(|operator| rest.starts_with(operator));
            ends.then_some((&text[..1], 1 + name.len(), *column))
        })
    }

    /// `{=name`, where a blank or the end follows.
    fn expression<'t>(&self, text: &'t [u8], left: &[u8], right: &[u8]) -> Option<(&'t [u8], usize, usize)> {
        let inner = text.strip_prefix(left)?;
        self.0.iter().find_map(|(name, column)| {
            let rest = inner.strip_prefix(&name[..])?;
            let ends = rest.first().is_some_and(u8::is_ascii_whitespace) || rest.starts_with(right);
            ends.then_some((&text[..left.len()], left.len() + name.len(), *column))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_numbers() {
        let mut names = Names::default();
        for (index, name) in ["a", "b c", "", "2", "a", "s", "x.y"].iter().enumerate() {
            names.add(name.as_bytes(), index + 1);
        }
        for (text, expected) in [
            ("{a}-{b c}", "{1}-{2}"),
            ("{a/}{a//}{a.}{a/.}", "{1/}{1//}{1.}{1/.}"),
            ("{} {#} {a", "{} {#} {a"),
            ("{2}{1}", "{4}{1}"),
            ("{ab} {a }", "{ab} {a }"),
            ("{{a}}", "{{1}}"),
            ("{=a s/b/c/ =} {=s/a/b/=} {=s uc=}", "{=1 s/b/c/ =} {=s/a/b/=} {=6 uc=}"),
            ("{x.y} {xzy}", "{7} {xzy}"),
        ] {
            let resolved = names.resolve(text.as_bytes(), (b"{=", b"=}"));
            assert_eq!(bstr::BStr::new(&*resolved), bstr::BStr::new(expected));
        }
        assert_eq!(names.of(2), Some(&b"b c"[..]));
        assert_eq!(names.of(3), None);
    }
}
