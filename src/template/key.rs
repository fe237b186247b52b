//! Keys of lines: a column, and an expression of Perl's that makes something of it (`--shard`, `--bin`, `--group-by`).
//!
//! What is not understood here, an expression or what separates columns, is left to perl.

use crate::model::Words;

use super::ShellFamily;
use super::expression::{Expression, Numbers};
use super::pattern::Pattern;

/// What makes the key of a line.
#[derive(Debug)]
pub struct Key {
    column: Column,
    /// What stands between columns; or why it is not understood.
    separator: Result<Pattern, String>,
    /// It is this byte.
    byte: Option<u8>,
    expression: Option<Expression>,
    code: Vec<u8>,
}

#[derive(Debug)]
enum Column {
    /// The line as it is.
    Whole,
    /// Counted from 0.
    Number(usize),
    /// To be found in the first line.
    Name(Vec<u8>),
}

impl Key {
    /// Reads `[column] [expression]` as GNU parallel does: a number, a name, or neither.
    ///
    /// # Errors
    /// A column that can't be. One line.
    pub fn new(text: &[u8], separator: &[u8]) -> Result<Key, String> {
        let word = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
        let (first, rest) = text.split_at(word);
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let number = std::str::from_utf8(first).ok().and_then(|first| first.parse::<i64>().ok());
        let (column, code) = match number {
            Some(number) => {
                let index = number.checked_sub(1).and_then(|index| usize::try_from(index).ok());
                (Column::Number(index.ok_or("columns are counted from 1")?), rest)
            }
            None if !first.is_empty() && first.iter().all(is_word) => (Column::Name(first.to_vec()), rest),
            None => (Column::Whole, text),
        };
        let code = code.trim_ascii();
        let expression = (!code.is_empty()).then(|| Expression::new(0, code, &[], ShellFamily::Posix));
        let byte = match separator {
            b"\\t" => Some(b'\t'),
            [byte] if byte.is_ascii_alphanumeric() || b",;:\t_-".contains(byte) => Some(*byte),
            _ => None,
        };
        let pattern = Pattern::compile(separator, "").and_then(|pattern| {
            pattern.check_repeatable()?;
            Ok(pattern)
        });
        Ok(Key { column, separator: pattern, byte, expression, code: code.to_vec() })
    }

    /// The expression, where keys are to be had from perl.
    pub fn perl(&self) -> Option<&[u8]> {
        let needs = self.separator.is_err() || self.expression.as_ref().is_some_and(Expression::needs_perl);
        needs.then_some(&self.code)
    }

    /// The column, counted from 0; `None`: the whole line.
    pub fn column(&self) -> Option<usize> {
        match self.column {
            Column::Number(index) => Some(index),
            Column::Whole | Column::Name(_) => None,
        }
    }

    /// Whether the column is known by its name, so that the first line has to be read for it.
    pub fn needs_header(&self) -> bool {
        matches!(self.column, Column::Name(_))
    }

    /// The names of the columns.
    ///
    /// # Errors
    /// The one that is wanted is not among them; what separates them is not understood.
    pub fn read_header(&mut self, line: &[u8]) -> Result<(), String> {
        let Column::Name(name) = &self.column else { return Ok(()) };
        let mut names = Vec::new();
        let separator = self.separator.as_ref().map_err(String::clone)?;
        separator.split(line, false, |field| names.push(field.unwrap_or_default()));
        let is_it = |field: &&[u8]| *field == &name[..] || field.strip_suffix(b"\n") == Some(name);
        let found = names.iter().rposition(is_it);
        let index = found.ok_or_else(|| format!("the first line has no column '{}'", String::from_utf8_lossy(name)))?;
        self.column = Column::Number(index);
        Ok(())
    }

    /// The key of a line, with its newline, where that does not take perl.
    ///
    /// # Errors
    /// The expression can't be evaluated for it.
    pub fn of<'l>(&self, line: &'l [u8]) -> Result<std::borrow::Cow<'l, [u8]>, String> {
        let value = match &self.column {
            Column::Whole | Column::Name(_) => line,
            Column::Number(index) => self.field(line, *index),
        };
        let Some(expression) = &self.expression else { return Ok(value.into()) };
        let args: Words = [value].into_iter().collect();
        match expression.run(value, &args, &Numbers::default()) {
            Some(ran) => Ok(ran?.value.text.into()),
            None => Err("this expression takes perl".to_owned()),
        }
    }

    fn field<'l>(&self, line: &'l [u8], index: usize) -> &'l [u8] {
        if let Some(byte) = self.byte {
            return line.split(|other| *other == byte).nth(index).unwrap_or_default();
        }
        let (mut count, mut wanted) = (0, &b""[..]);
        self.separator.iter().for_each(|separator| {
            separator.split(line, true, |field| {
                if count == index {
                    wanted = field.unwrap_or_default();
                }
                count += 1;
            });
        });
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str, separator: &str, header: &str, line: &str) -> Result<String, String> {
        let mut key = Key::new(text.as_bytes(), separator.as_bytes())?;
        if key.needs_header() {
            key.read_header(header.as_bytes())?;
        }
        Ok(String::from_utf8_lossy(&key.of(line.as_bytes())?).into_owned())
    }

    #[test]
    fn keys_are_columns_and_what_expressions_make_of_them() {
        let ok = |text: &str| Ok(text.to_owned());
        assert_eq!(key("2", ",", "", "a,b,c\n"), ok("b"));
        assert_eq!(key("3", ",", "", "a,b,c\n"), ok("c\n"));
        assert_eq!(key("4", ",", "", "a,b,c\n"), ok(""));
        assert_eq!(key("2", " *; *", "", "a ;  b; c"), ok("b"));
        assert_eq!(key("y", "\t", "x\ty\n", "1\t2\n"), ok("2\n"));
        assert_eq!(key("2 s/b//", ",", "", "a,bc,d\n"), ok("c"));
        assert_eq!(key("s/,.*//s", ",", "", "a,bc,d\n"), ok("a"));
        assert!(key("z", ",", "x,y\n", "").is_err() && key("0", ",", "", "").is_err());
        let takes_perl =
            |text: &[u8], separator: &[u8]| Key::new(text, separator).expect("a key").perl().map(<[u8]>::to_vec);
        assert_eq!(takes_perl(b"1 system 1", b","), Some(b"system 1".to_vec()));
        assert_eq!(takes_perl(b"2", b"(?<=x)"), Some(Vec::new()));
        assert_eq!(takes_perl(b"2 s/b//", b","), None);
    }
}
