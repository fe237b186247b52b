//! Rows of columns: `--colsep`, `--csv` and `--trim`.

use anyhow::{Result, anyhow, bail};

use super::reader::{Warner, without_nul};
use crate::diag::escape;
use crate::model::Words;
use crate::options::{self, InputOptions, Trim};
use crate::template::pattern::Pattern;

/// Cuts each value of an input into columns, and trims them.
#[derive(Debug)]
pub struct Columns {
    cutter: Cutter,
    trim: Trim,
}

#[derive(Debug)]
enum Cutter {
    /// A value is one column.
    Whole,
    At(Box<Pattern>),
    Csv(u8),
}

impl Columns {
    /// `None`: there is nothing to do.
    ///
    /// # Errors
    /// A pattern that is not understood.
    pub fn new(options: &InputOptions) -> Result<Option<Columns>> {
        if options.columns.is_none() && options.trim == Trim::No {
            return Ok(None);
        }
        let cutter = match &options.columns {
            None => Cutter::Whole,
            Some(options::Columns::Csv(separator)) => Cutter::Csv(*separator),
            Some(options::Columns::Separator(source)) => {
                let compiled = Pattern::compile(source, "").and_then(|pattern| {
                    pattern.check_splits()?;
                    Ok(pattern)
                });
                let refused = |reason| anyhow!("--colsep '{}': {reason}", escape(source));
                Cutter::At(Box::new(compiled.map_err(refused)?))
            }
        };
        Ok(Some(Columns { cutter, trim: options.trim }))
    }

    /// Appends the columns of a value to a row.
    ///
    /// # Errors
    /// What is no CSV.
    pub fn cut(&self, value: &[u8], row: &mut Words, diag: &mut Warner<'_>) -> Result<()> {
        let mut push = |column: &[u8]| {
            let column = self.trimmed(column);
            match without_nul(column) {
                None => row.push(column),
                Some(replaced) => {
                    diag.nul_replaced();
                    row.push(&replaced);
                }
            }
        };
        match &self.cutter {
            Cutter::Whole => push(value),
            // As GNU parallel: an empty line is one empty column.
            Cutter::At(_) if value.is_empty() => push(value),
            Cutter::At(pattern) => pattern.split(value, true, |column| push(column.unwrap_or_default())),
            Cutter::Csv(separator) => csv(value, *separator, push)?,
        }
        Ok(())
    }

    /// The names in a header.
    ///
    /// # Errors
    /// What is no CSV.
    pub fn names(&self, header: &[u8]) -> Result<Vec<Vec<u8>>> {
        // As GNU parallel: files from elsewhere may have a CR before the newline. Names are not trimmed.
        let header = header.strip_suffix(b"\r").unwrap_or(header);
        let mut names = Vec::new();
        match &self.cutter {
            Cutter::Whole => names.push(header.to_vec()),
            Cutter::At(pattern) => {
                pattern.split(header, false, |name| names.push(name.unwrap_or_default().to_vec()));
            }
            Cutter::Csv(separator) => csv(header, *separator, |name| names.push(name.to_vec()))?,
        }
        Ok(names)
    }

    fn trimmed<'v>(&self, value: &'v [u8]) -> &'v [u8] {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
        let first = value.iter().position(|byte| !is_blank(byte)).unwrap_or(value.len());
        let end = value.iter().rposition(|byte| !is_blank(byte)).map_or(0, |last| last + 1);
        match self.trim {
            Trim::No => value,
            Trim::Left => &value[first..],
            Trim::Right => &value[..end],
            Trim::Both => &value[first.min(end)..end],
        }
    }
}

/// Hands out the fields of a record of CSV (RFC 4180). A quote within a field that does not begin with one is refused, and so is
/// text behind a closing quote: what was meant there is not known (Text::CSV, which GNU parallel uses, refuses them, too).
fn csv(record: &[u8], separator: u8, mut field: impl FnMut(&[u8])) -> Result<()> {
    // Records of RFC 4180 end in CR and newline.
    let record = record.strip_suffix(b"\r").unwrap_or(record);
    let mut rest = record;
    let mut unquoted = Vec::new();
    loop {
        let Some(quoted) = rest.strip_prefix(b"\"") else {
            let end = rest.iter().position(|byte| *byte == separator).unwrap_or(rest.len());
            if rest[..end].contains(&b'"') {
                bail!("not CSV: a quote within a field without quotes: {}", escape(record));
            }
            field(&rest[..end]);
            if end == rest.len() {
                return Ok(());
            }
            rest = &rest[end + 1..];
            continue;
        };
        unquoted.clear();
        rest = quoted;
        loop {
            let Some(end) = rest.iter().position(|byte| *byte == b'"') else {
                bail!("not CSV: a quote is not closed: {}", escape(record));
            };
            unquoted.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            let Some(more) = rest.strip_prefix(b"\"") else { break };
            unquoted.push(b'"');
            rest = more;
        }
        field(&unquoted);
        match rest {
            [] => return Ok(()),
            [byte, more @ ..] if *byte == separator => rest = more,
            _ => bail!("not CSV: text behind a closing quote: {}", escape(record)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(record: &str) -> Result<Vec<String>> {
        let mut fields = Vec::new();
        csv(record.as_bytes(), b',', |field| fields.push(String::from_utf8_lossy(field).into_owned()))?;
        Ok(fields)
    }

    #[test]
    fn csv_is_that_of_rfc_4180() {
        for (record, expected) in [
            ("", vec![""]),
            ("a", vec!["a"]),
            ("a,b", vec!["a", "b"]),
            (",", vec!["", ""]),
            ("a,,\"\",", vec!["a", "", "", ""]),
            ("\"a,b\",c", vec!["a,b", "c"]),
            ("\"2\"\"x3\"\" board\"", vec!["2\"x3\" board"]),
            ("\"a\nb\",\" c \"", vec!["a\nb", " c "]),
            ("it's, b", vec!["it's", " b"]),
            ("a,\"b\r\"\r", vec!["a", "b\r"]),
        ] {
            assert_eq!(fields(record).expect(record), expected, "{record}");
        }
        for record in ["a\"b", "\"a\"b", "\"a", "a, \"b\""] {
            let error = fields(record).expect_err(record).to_string();
            assert!(error.starts_with("not CSV: ") && !error.contains('\n'), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(values in prop::collection::vec("[a\", \n]{0,6}", 1..5)) {
            let written: Vec<String> = values.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
            prop_assert_eq!(fields(&written.join(",")).expect("CSV"), values);
        }
    }
}
