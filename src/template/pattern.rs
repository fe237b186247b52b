//! Perl's regular expressions, on bytes: what Perl and the regex crate mean alike is run, everything else is refused by
//! its name (`translate`). Nothing runs as something else than Perl would.

mod classes;
mod set;
mod special;
#[cfg(test)]
mod tests;
mod translate;

use std::ops::Range;

use memchr::memchr;
use regex::bytes::{CaptureLocations, Regex, RegexBuilder};

use set::Set;
use translate::{Translated, translate};

/// A regular expression of Perl's.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    groups: Vec<usize>,
    newlines: Vec<usize>,
    /// A single byte out of these needs no engine.
    single: Option<Single>,
    nullable: bool,
    shy: bool,
    /// It without its alternatives that are nothing, where it would prefer one of these to another.
    bite: Option<Regex>,
    start_only: bool,
    lines_only: bool,
}

/// A pattern of one byte.
#[derive(Clone, Copy, Debug)]
enum Single {
    Byte(u8),
    Of(Set),
}

/// Where a match and its groups are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// All of it.
    pub range: Range<usize>,
    /// `$1` and those that follow; `None`: took no part in it.
    pub groups: Vec<Option<Range<usize>>>,
}

impl Pattern {
    /// Reads a pattern as Perl's compiler gets it (after variables, and without its delimiters), with flags of `imsxn`; `g`,
    /// `o`, `p` and `r` are taken and change nothing here. Texts are bytes, as they are to GNU parallel: letters, digits and case are
    /// those of ASCII.
    ///
    /// # Errors
    /// What is Perl's alone, by its name; what Perl doesn't take, either. One line without the pattern itself.
    pub fn compile(source: &[u8], flags: &str) -> Result<Pattern, String> {
        let Translated { text, groups, newlines, single, nullable, shy, bite, start_only, lines_only } =
            translate(source, flags)?;
        let built = |text: &str| {
            RegexBuilder::new(text).unicode(false).build().map_err(|error| match error {
                regex::Error::CompiledTooBig(limit) => {
                    format!("the pattern is too large: it takes more than {limit} bytes")
                }
                other => format!("not understood: {}", other.to_string().replace('\n', " ")),
            })
        };
        let regex = built(&text)?;
        let bite = bite.filter(|_| nullable && shy && groups.is_empty() && newlines.is_empty());
        let bite = bite.map(|text| built(&text)).transpose()?;
        let single = single.map(|set| set.single().map_or(Single::Of(set), Single::Byte));
        Ok(Pattern { regex, groups, newlines, single, nullable, shy, bite, start_only, lines_only })
    }

    /// Whether it can match without taking a byte.
    pub fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// How many groups (`$1`) it has.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// The first match from `start` on. What stands before `start` is there for `^` and `\b`.
    pub fn find_at(&self, text: &[u8], start: usize) -> Option<Range<usize>> {
        let rest = text.get(start..)?;
        if let Some(single) = self.single {
            let at = start + single.find(rest)?;
            return Some(at..at + 1);
        }
        if !self.newlines.is_empty() && text.last() == Some(&b'\n') {
            return self.captures_at(text, start).map(|found| found.range);
        }
        let found = self.regex.find_at(text, start)?.range();
        self.admits(&found, text).then_some(found)
    }

    /// As [`Pattern::find_at`], with the groups.
    pub fn captures_at(&self, text: &[u8], start: usize) -> Option<Match> {
        text.get(start..)?;
        let mut places = self.regex.capture_locations();
        let found = self.regex.captures_read_at(&mut places, text, start)?.range();
        if !self.admits(&found, text) {
            return None;
        }
        // A newline that was eaten for a `$` before it is given back.
        let eaten = self.newlines.iter().find_map(|group| places.get(*group));
        let end = eaten.map_or(found.end, |(start, _)| start);
        let group = |places: &CaptureLocations, group: usize| {
            let (from, to) = places.get(group)?;
            Some(from.min(end)..to.min(end))
        };
        let groups = self.groups.iter().map(|number| group(&places, *number)).collect();
        Some(Match { range: found.start..end, groups })
    }

    /// Perl's `^` of lines is not at the end of the text.
    fn admits(&self, found: &Range<usize>, text: &[u8]) -> bool {
        !self.lines_only || found.end < text.len() || text.is_empty()
    }

    /// Whether it can be looked for again and again ([`Pattern::next`], [`Pattern::split`]).
    ///
    /// # Errors
    /// It may prefer nothing to something, where Perl then takes the something at places that the regex crate can't tell.
    pub fn check_repeatable(&self) -> Result<(), String> {
        if self.nullable && self.shy {
            return Err(
                "a pattern that can be nothing, with | or a lazy quantifier (*?), means something else each time that \
                Perl looks for it: write it without"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Whether it can cut a text ([`Pattern::split`]): also with alternatives that are nothing.
    ///
    /// # Errors
    /// See [`Pattern::check_repeatable`].
    pub fn check_splits(&self) -> Result<(), String> {
        if self.bite.is_some() { Ok(()) } else { self.check_repeatable() }
    }

    /// The match that follows `last` as Perl's `g` finds it: from its end on, and beyond its end if it was empty. `None` as
    /// `last`: the first one. Only for patterns that pass [`Pattern::check_repeatable`].
    pub fn next(&self, text: &[u8], last: Option<&Match>) -> Option<Match> {
        let start = match last {
            None => 0,
            Some(last) if last.range.is_empty() => last.range.end + 1,
            Some(last) => last.range.end,
        };
        if start > text.len() { None } else { self.captures_at(text, start) }
    }

    /// Cuts a text as Perl's `split` does, and hands out its fields in order, and the groups between them (`None`: took no part).
    /// An empty text has no fields. Without `keep_trailing` (the limit -1) empty fields at the end are left out, if the
    /// text ends there. Only for patterns that pass [`Pattern::check_splits`].
    pub fn split<'t>(&self, text: &'t [u8], keep_trailing: bool, mut field: impl FnMut(Option<&'t [u8]>)) {
        // What is empty is handed out once something follows it.
        let mut held = Vec::new();
        let mut put = |piece: Option<&'t [u8]>| {
            held.push(piece);
            if keep_trailing || piece.is_some_and(|piece| !piece.is_empty()) {
                held.drain(..).for_each(&mut field);
            }
        };
        let (mut start, mut is_cut) = (0, false);
        while start < text.len() {
            let Some(found) = self.cut(text, start) else { break };
            put(Some(&text[start..found.range.start]));
            found.groups.into_iter().for_each(|group| put(group.map(|range| &text[range])));
            start = found.range.end;
            is_cut = true;
        }
        if start < text.len() || (is_cut && keep_trailing) {
            put(Some(&text[start..]));
        }
    }

    /// The next place to cut: Perl wants a match to end beyond `start`.
    fn cut(&self, text: &[u8], start: usize) -> Option<Match> {
        if self.start_only {
            // `split /^/` is `split /^/m`.
            let next = start + memchr(b'\n', &text[start..])? + 1;
            return (next < text.len()).then_some(Match { range: next..next, groups: Vec::new() });
        }
        let find = |from| {
            if self.groups.is_empty() {
                self.find_at(text, from).map(|range| Match { range, groups: Vec::new() })
            } else {
                self.captures_at(text, from)
            }
        };
        let found = find(start)?;
        if found.range.end > start {
            return Some(found);
        }
        // At `start` one of the alternatives that are something; where there are none, this finds nothing but nothing.
        let bitten = self.bite.as_ref().and_then(|bite| bite.find_at(text, start)).map(|found| found.range());
        match bitten.filter(|range| range.start == start && !range.is_empty()) {
            Some(range) => Some(Match { range, groups: Vec::new() }),
            None => find(start + 1),
        }
    }
}

impl Single {
    fn find(self, text: &[u8]) -> Option<usize> {
        match self {
            Single::Byte(byte) => memchr(byte, text),
            Single::Of(set) => text.iter().position(|byte| set.has(*byte)),
        }
    }
}
