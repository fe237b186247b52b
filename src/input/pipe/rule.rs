//! Where a block ends, as GNU parallel finds it: it looks at what it has read so far, so that the same block size gives the same
//! blocks.

use anyhow::{Result, anyhow};
use memchr::{memchr_iter, memmem, memrchr};

use crate::diag::escape;
use crate::options::RecordRule;
use crate::template::pattern::Pattern;

/// What separates records.
pub enum Rule {
    /// `-L`: a block is as many records of so many lines as fit.
    Lines(usize),
    /// `--csv`: a record ends at a newline that is not quoted.
    Csv,
    /// A fixed text: the end of a record, and the start of the next one.
    Text {
        /// Both, one behind the other.
        both: Vec<u8>,
        /// How much of it is the end of a record.
        end: usize,
        /// `-N`: so many records make a block.
        count: Option<usize>,
    },
    /// Regular expressions.
    Regexp {
        /// The end of a record, as the first group, and the start of the next one.
        both: Box<Pattern>,
        /// The start of a record.
        start: Box<Pattern>,
        /// `-N`: so many records make a block.
        count: Option<usize>,
        /// What stands before the first record has been looked for.
        begun: bool,
    },
}

/// Takes what separates records out of a block (`--remove-rec-sep`).
pub enum Eraser {
    /// A fixed start and end.
    Text(Vec<u8>, Vec<u8>),
    /// Regular expressions: both, a start at the start, an end at the end.
    Regexp(Box<[Pattern; 3]>),
}

impl Rule {
    /// As the options say.
    ///
    /// # Errors
    /// A pattern that is not understood.
    pub fn new(options: &RecordRule) -> Result<Rule> {
        let RecordRule { start, end, count, .. } = options;
        Ok(match options.lines {
            Some(lines) if count.is_none() => Rule::Lines(lines),
            _ if options.csv => Rule::Csv,
            _ if options.regexp => Rule::Regexp {
                both: Box::new(compile(&both(options), "m", options)?),
                start: Box::new(compile(&group(start), "m", options)?),
                count: *count,
                begun: false,
            },
            _ => Rule::Text { both: [&end[..], start].concat(), end: end.len(), count: *count },
        })
    }

    /// Whether several blocks can be cut from what has been read at once.
    pub fn repeats(&self) -> bool {
        matches!(self, Rule::Text { count: Some(_), .. } | Rule::Regexp { count: Some(_), .. })
    }

    /// How long the next block is. `all`: the input has ended. `None`: there is none.
    pub fn cut(&mut self, bytes: &[u8], all: bool) -> Option<usize> {
        let found = match self {
            Rule::Lines(lines) => last_lines(bytes, *lines),
            Rule::Csv => last_csv(bytes),
            Rule::Text { count: None, .. } | Rule::Regexp { count: None, .. } if all => None,
            Rule::Text { both, end, count: None } => memmem::rfind(bytes, both).map(|at| at + *end),
            Rule::Text { both, end, count: Some(count) } => nth(bytes, both, *count).map(|at| at + *end),
            Rule::Regexp { both, count: None, .. } => last_match(both, bytes),
            Rule::Regexp { both, start, count: Some(count), begun } => {
                let before = if std::mem::replace(begun, true) { None } else { garbage(both, start, bytes) };
                before.or_else(|| records(both, start, bytes, *count))
            }
        };
        found.filter(|end| *end > 0)
    }
}

impl Eraser {
    /// As the options say; `None`: nothing is taken out.
    ///
    /// # Errors
    /// A pattern that is not understood.
    pub fn new(options: &RecordRule) -> Result<Option<Eraser>> {
        if !options.remove {
            return Ok(None);
        }
        let RecordRule { start, end, .. } = options;
        if !options.regexp {
            return Ok(Some(Eraser::Text(start.clone(), end.clone())));
        }
        let at_start = [b"^", &group(start)[..]].concat();
        let at_end = [&group(end)[..], b"$"].concat();
        let patterns = [
            compile(&[group(end), group(start)].concat(), "m", options)?,
            compile(&at_start, "s", options)?,
            compile(&at_end, "s", options)?,
        ];
        patterns[0].check_repeatable().map_err(|reason| refused(options, &reason))?;
        Ok(Some(Eraser::Regexp(Box::new(patterns))))
    }

    /// What is left of a block.
    pub fn erase(&self, block: &[u8]) -> Vec<u8> {
        match self {
            Eraser::Text(start, end) => {
                let both = [&end[..], start].concat();
                let mut left = Vec::with_capacity(block.len());
                if both.is_empty() {
                    left.extend_from_slice(block);
                } else {
                    let mut from = 0;
                    for at in memmem::find_iter(block, &both) {
                        left.extend_from_slice(&block[from..at]);
                        from = at + both.len();
                    }
                    left.extend_from_slice(&block[from..]);
                }
                if left.starts_with(start) {
                    left.drain(..start.len());
                }
                // Perl's `$` is before a last newline, too, and the first place counts.
                let ends = [left.len().wrapping_sub(1), left.len()];
                let is_end = |at: &usize| *at < left.len() && left[*at] == b'\n' || *at == left.len();
                let found = ends.into_iter().filter(is_end).find(|at| left[..*at].ends_with(end));
                if let Some(at) = found {
                    left.drain(at - end.len()..at);
                }
                left
            }
            Eraser::Regexp(patterns) => {
                let [both, start, end] = &**patterns;
                let mut left = Vec::with_capacity(block.len());
                let (mut from, mut last) = (0, None);
                while let Some(found) = both.next(block, last.as_ref()) {
                    left.extend_from_slice(&block[from..found.range.start]);
                    from = found.range.end;
                    last = Some(found);
                }
                left.extend_from_slice(&block[from..]);
                if let Some(found) = start.find_at(&left, 0) {
                    left.drain(found);
                }
                if let Some(found) = end.find_at(&left, 0) {
                    left.drain(found);
                }
                left
            }
        }
    }
}

/// The end of a record as the first group, and the start of the next one behind it.
pub fn both(options: &RecordRule) -> Vec<u8> {
    [b"(", &group(&options.end)[..], b")", &group(&options.start)].concat()
}

fn group(pattern: &[u8]) -> Vec<u8> {
    [b"(?:", pattern, b")"].concat()
}

/// A pattern made of these options.
///
/// # Errors
/// One that is not understood.
pub fn compile(source: &[u8], flags: &str, options: &RecordRule) -> Result<Pattern> {
    Pattern::compile(source, flags).map_err(|reason| refused(options, &reason))
}

fn refused(options: &RecordRule, reason: &str) -> anyhow::Error {
    let (start, end) = (escape(&options.start), escape(&options.end));
    anyhow!("--regexp with --recstart '{start}' and --recend '{end}': {reason}")
}

/// Behind the last line that is a multiple of so many.
fn last_lines(bytes: &[u8], lines: usize) -> Option<usize> {
    let extra = memchr_iter(b'\n', bytes).count() % lines;
    let mut end = bytes.len();
    for _ in 0..extra {
        end = memrchr(b'\n', &bytes[..end])?;
    }
    memrchr(b'\n', &bytes[..end]).map(|at| at + 1)
}

/// Behind the last newline with an even number of quotes before it.
fn last_csv(bytes: &[u8]) -> Option<usize> {
    let mut quotes = memchr_iter(b'"', bytes).count();
    let mut end = bytes.len();
    while let Some(at) = memrchr(b'\n', &bytes[..end]) {
        quotes -= memchr_iter(b'"', &bytes[at..end]).count();
        if quotes.is_multiple_of(2) {
            return Some(at + 1);
        }
        end = at;
    }
    None
}

/// Where the nth copy of `text` is; as GNU parallel's, none is at the very start, copies may overlap, and nothing is a byte
/// further each time, up to the end.
fn nth(bytes: &[u8], text: &[u8], n: usize) -> Option<usize> {
    if text.is_empty() {
        return Some(n.min(bytes.len()));
    }
    if let [byte] = text {
        return memchr_iter(*byte, bytes.get(1..)?).nth(n - 1).map(|at| at + 1);
    }
    let finder = memmem::Finder::new(text);
    let mut at = 0;
    for _ in 0..n {
        at += 1 + finder.find(bytes.get(at + 1..)?)?;
    }
    Some(at)
}

/// Where the record ends whose end, with the start of the next one, begins last.
pub fn last_match(both: &Pattern, bytes: &[u8]) -> Option<usize> {
    let mut behind = bytes.len() + 1;
    let mut width = 4096;
    loop {
        let from = behind.saturating_sub(width);
        let (mut at, mut last) = (from, None);
        while let Some(found) = both.captures_at(bytes, at).filter(|found| found.range.start < behind) {
            at = found.range.start + 1;
            last = Some(found);
        }
        if let Some(found) = last {
            return found.groups.first().cloned().flatten().map(|group| group.end);
        }
        if from == 0 {
            return None;
        }
        (behind, width) = (from, width * 2);
    }
}

/// What stands before the first record.
fn garbage(both: &Pattern, start: &Pattern, bytes: &[u8]) -> Option<usize> {
    if start.find_at(bytes, 0).is_some_and(|found| found.start == 0) {
        return None;
    }
    end_of(both, bytes, 0).filter(|end| *end > 0)
}

/// Where the first end of a record is that begins here or later.
fn end_of(both: &Pattern, bytes: &[u8], from: usize) -> Option<usize> {
    both.captures_at(bytes, from)?.groups.first().cloned().flatten().map(|group| group.end)
}

/// Where so many records end.
fn records(both: &Pattern, start: &Pattern, bytes: &[u8], count: usize) -> Option<usize> {
    let mut at = 0;
    for _ in 0..count {
        let begin = start.find_at(bytes, at).filter(|found| found.start == at)?;
        at = end_of(both, bytes, begin.end)?;
    }
    Some(at)
}
