//! The keys of lines, many at a time: what takes perl costs a message and an answer.

use anyhow::{Result, anyhow};

use crate::diag::escape;
use crate::model::KeyMaker;
use crate::options::KeyRule;
use crate::template::Key;

/// Starts perl for one expression.
pub type StartPerl<'a> = &'a dyn Fn(&[u8]) -> Result<Box<dyn KeyMaker>>;

/// Makes the keys of lines.
pub struct Keys {
    key: Key,
    /// The option and what was given with it.
    name: String,
    separator: Vec<u8>,
    /// Perl takes a separator that stands in a variable.
    as_variable: bool,
    perl: Option<Box<dyn KeyMaker>>,
}

impl Keys {
    /// Those of `option`; perl is started where they take it.
    ///
    /// # Errors
    /// A rule that is not understood, by perl neither.
    pub fn open(option: &str, rule: &KeyRule, start_perl: StartPerl<'_>) -> Result<Keys> {
        let name = format!("{option} '{}'", escape(&rule.text));
        let key = Key::new(&rule.text, &rule.separator).map_err(|reason| anyhow!("{name}: {reason}"))?;
        let perl = key.perl().map(|code| start_perl(code).map_err(|error| anyhow!("{name}: {error:#}"))).transpose()?;
        Ok(Keys { key, name, separator: rule.separator.clone(), as_variable: option != "--group-by", perl })
    }

    /// Whether the first line has to be read for the names of the columns.
    pub fn needs_header(&self) -> bool {
        self.key.needs_header()
    }

    /// The names of the columns.
    ///
    /// # Errors
    /// The one that is wanted is not among them.
    pub fn read_header(&mut self, line: &[u8]) -> Result<()> {
        self.key.read_header(line).map_err(|reason| self.named(reason))
    }

    /// Hands each of these lines on with its key. False: the run `is_over` before perl has answered.
    ///
    /// # Errors
    /// A line without a key.
    pub fn each<'l>(
        &self,
        lines: &'l [u8],
        is_over: &dyn Fn() -> bool,
        mut take: impl FnMut(&'l [u8], &[u8]),
    ) -> Result<bool> {
        let each_line = lines.split_inclusive(|byte| *byte == b'\n');
        let Some(perl) = &self.perl else {
            for line in each_line {
                take(line, &self.key.of(line).map_err(|reason| self.named(reason))?);
            }
            return Ok(true);
        };
        match perl.keys(self.key.column(), &self.separator, self.as_variable, lines, is_over) {
            Ok(keys) => {
                each_line.zip(keys.iter()).for_each(|(line, key)| take(line, key));
                Ok(true)
            }
            Err(_) if is_over() => Ok(false),
            Err(reason) => Err(self.named(reason)),
        }
    }

    fn named(&self, reason: String) -> anyhow::Error {
        anyhow!("{}: {reason}", self.name)
    }
}
