//! Names of columns as replacement strings: `--header`.

use std::borrow::Cow;

/// Names of columns, with their numbers: `{name}` is `{2}`.
///
/// As GNU parallel, names are replaced in the text of a command before it is read, with the path operators: `{name/.}`; and in
/// `{=name s/a/b/ =}`. There, names are regular expressions, and what was replaced is replaced again; here they are
/// taken as they are, once. An empty name, which would change what `{}` is, names nothing.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Each name once, with its column.
    known: Vec<(Vec<u8>, usize)>,
    /// What each column is called, for reports.
    columns: Vec<Vec<u8>>,
}

/// What encloses an expression.
pub const PARENS: (&[u8], &[u8]) = (b"{=", b"=}");

/// What may stand behind a name.
const OPERATORS: [&[u8]; 5] = [b"}", b"/}", b"//}", b".}", b"/.}"];

impl Names {
    /// Names a column, counted from 1. A name that is there already stays that of its column; a column has the last of its names
    /// in reports.
    pub fn add(&mut self, name: &[u8], column: usize) {
        if !name.is_empty() && !self.known.iter().any(|(known, _)| known == name) {
            self.known.push((name.to_vec(), column));
        }
        self.columns.resize(self.columns.len().max(column), Vec::new());
        self.columns[column - 1] = name.to_vec();
    }

    /// Whether no column has a name.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The column of the name that `text` starts with, the longest one, and the length of the name.
    pub(crate) fn start_of(&self, text: &[u8]) -> Option<(usize, usize)> {
        let found = self.known.iter().filter(|(name, _)| text.starts_with(name)).max_by_key(|(name, _)| name.len());
        found.map(|(name, column)| (*column, name.len()))
    }

    /// The names of the columns, in their order; empty where none has one.
    pub fn columns(&self) -> &[Vec<u8>] {
        &self.columns
    }

    /// The name of a column, counted from 1.
    pub fn of(&self, column: usize) -> Option<&[u8]> {
        let name = self.columns.get(column.checked_sub(1)?)?;
        Some(&name[..]).filter(|name| !name.is_empty())
    }

    /// A text with numbers in place of names. `parens`: what encloses an expression, as `{=` and `=}`.
    pub fn resolve<'t>(&self, text: &'t [u8], (left, right): (&[u8], &[u8])) -> Cow<'t, [u8]> {
        if self.is_empty() {
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
        self.known.iter().find_map(|(name, column)| {
            let rest = inner.strip_prefix(&name[..])?;
            let ends = OPERATORS.iter().any(|operator| rest.starts_with(operator));
            ends.then_some((&text[..1], 1 + name.len(), *column))
        })
    }

    /// `{=name`, where a blank or the end follows.
    fn expression<'t>(&self, text: &'t [u8], left: &[u8], right: &[u8]) -> Option<(&'t [u8], usize, usize)> {
        let inner = text.strip_prefix(left)?;
        self.known.iter().find_map(|(name, column)| {
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
            let resolved = names.resolve(text.as_bytes(), PARENS);
            assert_eq!(bstr::BStr::new(&*resolved), bstr::BStr::new(expected));
        }
        assert_eq!(names.columns()[1..3], [b"b c".to_vec(), Vec::new()]);
    }
}
