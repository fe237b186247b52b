//! From Perl's regular expressions to those of the regex crate.
//!
//! Nothing is handed through: each construct that both mean alike is written anew, in a form that knows no flags (case,
//! lines and classes are spelled out), and each other one is refused by its name.

use super::classes;
use super::set::Set;
use super::special::{self, Flags, PERLS_ALONE, refused};

/// A pattern in the words of the regex crate, with what is known about it.
#[derive(Debug, Default)]
pub struct Translated {
    /// For the regex crate, with Unicode off.
    pub text: String,
    /// The number there of each group of the user's.
    pub groups: Vec<usize>,
    /// The groups there that have eaten the last newline for a `$` before it.
    pub newlines: Vec<usize>,
    /// It is but a single byte out of these.
    pub single: Option<Set>,
    /// It can match nothing at all.
    pub nullable: bool,
    /// Where it can match nothing, it can prefer that to something.
    pub shy: bool,
    /// It without its alternatives that are nothing, if none of the others can match nothing.
    pub bite: Option<String>,
    /// It is `^`, which Perl's split takes as that of lines.
    pub start_only: bool,
    /// It is `^` with lines, which does not match at the end of the text.
    pub lines_only: bool,
}

/// A part of a pattern.
#[derive(Debug, Default)]
struct Piece {
    text: String,
    nullable: bool,
    shy: bool,
    bite: Option<String>,
    captures: bool,
    /// What it is called that must have nothing behind it.
    last: Option<&'static str>,
    /// A `^` of lines: something has to come that matches at least a byte.
    wants_more: bool,
    /// Nothing to repeat: an assertion.
    assertion: bool,
    /// It is `^` and nothing else.
    start: bool,
    /// Perl doesn't give back what this has taken.
    atomic: bool,
    single: Option<Set>,
    /// How many of its parts are anything.
    parts: usize,
}

/// Translates a pattern with its flags (`imsxn`; `g`, `o`, `p` and `r` are those of an operator and change nothing here).
///
/// # Errors
/// What Perl means by it is not sure, or is beyond the regex crate.
pub fn translate(source: &[u8], flags: &str) -> Result<Translated, String> {
    let mut on = Flags::default();
    if flags.contains("xx") {
        return Err(refused("the flag xx"));
    }
    for flag in flags.bytes().filter(|flag| !b"gopr".contains(flag)) {
        on.set(flag, true)?;
    }
    let mut parser = Parser { source, at: 0, flags: on, groups: Vec::new(), newlines: Vec::new(), opened: 0, depth: 0 };
    let piece = parser.alternatives()?;
    if parser.at < source.len() {
        return Err("a ) without its (: write \\)".to_owned());
    }
    if piece.wants_more && !piece.start {
        return Err(NOTHING_BEHIND_START.to_owned());
    }
    Ok(Translated {
        text: piece.text,
        groups: parser.groups,
        newlines: parser.newlines,
        single: piece.single,
        nullable: piece.nullable,
        shy: piece.shy,
        bite: piece.bite,
        start_only: piece.start,
        lines_only: piece.start && piece.wants_more,
    })
}

const NOTHING_BEHIND_START: &str = "^ with the flag m, and behind it what can be nothing: Perl does not find it at the very end; put something behind it";

/// Groups within groups: as deep as the regex crate goes.
const DEEPEST: usize = 100;

struct Parser<'a> {
    source: &'a [u8],
    at: usize,
    flags: Flags,
    groups: Vec<usize>,
    newlines: Vec<usize>,
    /// How many groups there are in what is written for the regex crate.
    opened: usize,
    depth: usize,
}

impl Piece {
    fn with_bite(self) -> Piece {
        let bite = (!self.nullable || self.text.is_empty()).then(|| self.text.clone());
        Piece { bite, ..self }
    }
}

impl Parser<'_> {
    fn rest(&self) -> &[u8] {
        &self.source[self.at..]
    }

    fn eat(&mut self, text: &[u8]) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    /// `a|b|c`, up to the closing parenthesis or the end.
    fn alternatives(&mut self) -> Result<Piece, String> {
        let mut whole = self.sequence()?.with_bite();
        while self.eat(b"|") {
            let next = self.sequence()?.with_bite();
            whole = Piece {
                bite: whole.bite.zip(next.bite).map(special::either),
                text: format!("{}|{}", whole.text, next.text),
                nullable: whole.nullable || next.nullable,
                // Whoever can be nothing may be tried before who can't.
                shy: whole.shy || next.shy || whole.nullable || next.nullable,
                captures: whole.captures || next.captures,
                last: whole.last.or(next.last),
                wants_more: whole.wants_more || next.wants_more,
                parts: 2,
                ..Piece::default()
            };
        }
        Ok(whole)
    }

    /// Parts one behind the other.
    fn sequence(&mut self) -> Result<Piece, String> {
        let mut whole = Piece { nullable: true, ..Piece::default() };
        loop {
            self.skip_blanks();
            match self.rest().first() {
                None | Some(b'|' | b')') => return Ok(whole),
                _ => {}
            }
            let Some(atom) = self.atom()? else { continue };
            let part = self.quantified(atom)?;
            if let Some(what) = whole.last {
                return Err(format!(
                    "{what} before the end of the pattern is Perl's alone: write \\$ for the character, \\n or \\z"
                ));
            }
            whole = Piece {
                text: whole.text + &part.text,
                nullable: whole.nullable && part.nullable,
                shy: whole.shy || part.shy,
                bite: None,
                captures: whole.captures || part.captures,
                last: part.last,
                wants_more: part.wants_more || (whole.wants_more && part.nullable),
                assertion: whole.parts == 0 && part.assertion,
                start: whole.parts == 0 && part.start,
                atomic: false,
                single: if whole.parts == 0 { part.single } else { None },
                parts: whole.parts + 1,
            };
        }
    }

    /// Blanks and comments, under `x`.
    fn skip_blanks(&mut self) {
        while self.flags.extended {
            match self.rest().first() {
                Some(b' ' | b'\t'..=b'\r') => self.at += 1,
                Some(b'#') => {
                    let line = self.rest().iter().position(|byte| *byte == b'\n');
                    self.at += line.unwrap_or(self.rest().len());
                }
                _ => return,
            }
        }
    }

    /// What a quantifier can follow; `None`: something that matches nothing by itself (flags, a comment).
    fn atom(&mut self) -> Result<Option<Piece>, String> {
        let Some(byte) = self.rest().first().copied() else { return Ok(None) };
        match byte {
            b'(' => return self.group(),
            b'*' | b'+' | b'?' => return Err(format!("a {} with nothing before it: write \\{0}", char::from(byte))),
            b'\\' => return self.escape().map(Some),
            _ => {}
        }
        self.at += 1;
        Ok(Some(match byte {
            b'.' if self.flags.dot_all => Piece::set(Set::NONE.not()),
            b'.' => Piece::set(Set::one(b'\n').not()),
            b'^' if self.flags.lines => Piece { wants_more: true, start: true, ..Piece::assertion("(?m:^)") },
            b'^' => Piece { start: true, ..Piece::assertion("\\A") },
            b'$' if self.flags.lines => Piece::assertion("(?m:$)"),
            b'$' => self.end("$"),
            b'[' => {
                let (set, length) = classes::bracketed(self.rest(), self.flags.fold)?;
                self.at += length;
                Piece::set(set)
            }
            literal => self.literal(literal),
        }))
    }

    fn literal(&self, byte: u8) -> Piece {
        let set = Set::one(byte);
        Piece::set(if self.flags.fold { set.folded() } else { set })
    }

    /// The end of the text, or before a newline that is its last byte. The regex crate can't look ahead; where nothing
    /// follows, the newline can as well be eaten and given back.
    fn end(&mut self, name: &'static str) -> Piece {
        self.opened += 1;
        self.newlines.push(self.opened);
        Piece { last: Some(name), ..Piece::assertion("(?:\\z|(\\n\\z))") }
    }

    /// From a backslash on.
    fn escape(&mut self) -> Result<Piece, String> {
        let rest = &self.rest()[1..];
        let Some(byte) = rest.first().copied() else {
            return Err("a backslash at the end: write \\\\".to_owned());
        };
        if let Some(set) = classes::named(byte) {
            self.at += 2;
            return Ok(Piece::set(set));
        }
        let assertion = match byte {
            b'b' | b'B' if rest.get(1) == Some(&b'{') => return Err(refused("\\b{…}")),
            b'b' => Some("\\b"),
            b'B' => Some("\\B"),
            b'A' => Some("\\A"),
            b'z' => Some("\\z"),
            _ => None,
        };
        if let Some(text) = assertion {
            self.at += 2;
            return Ok(Piece::assertion(text));
        }
        match byte {
            b'Z' => {
                self.at += 2;
                Ok(self.end("\\Z"))
            }
            b'N' if rest.get(1) != Some(&b'{') => {
                self.at += 2;
                Ok(Piece::set(Set::one(b'\n').not()))
            }
            b'R' => {
                self.at += 2;
                let text = format!("(?:\\r\\n|{})", classes::vertical());
                Ok(Piece { text, last: Some("\\R"), atomic: true, parts: 1, ..Piece::default() })
            }
            b'1'..=b'9' => Err(refused(&format!("the back-reference \\{}", char::from(byte)))),
            _ => {
                let (byte, length) = classes::escaped(&self.rest()[1..])?;
                self.at += 1 + length;
                Ok(self.literal(byte))
            }
        }
    }

    /// From an opening parenthesis on.
    fn group(&mut self) -> Result<Option<Piece>, String> {
        if self.eat(b"(?#") {
            let end = self.rest().iter().position(|byte| *byte == b')').ok_or("a comment (?#… without its )")?;
            self.at += end + 1;
            return Ok(None);
        }
        let saved = self.flags;
        let captures = if self.rest().starts_with(b"(?") || self.rest().starts_with(b"(*") {
            match self.special()? {
                Special::Flags => return Ok(None),
                Special::Plain => false,
                Special::Named => true,
            }
        } else {
            self.at += 1;
            !self.flags.no_capture
        };
        let mut open = "(?:";
        if captures {
            self.opened += 1;
            self.groups.push(self.opened);
            open = "(";
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("groups are more than {DEEPEST} deep"));
        }
        let inner = self.alternatives()?;
        self.depth -= 1;
        if !self.eat(b")") {
            return Err("a ( without its ): write \\(".to_owned());
        }
        self.flags = saved;
        let single = if captures { None } else { inner.single };
        let text = format!("{open}{})", inner.text);
        Ok(Some(Piece {
            text,
            captures: captures || inner.captures,
            single,
            parts: 1,
            assertion: false,
            start: inner.start && !captures,
            ..inner
        }))
    }

    /// From `(?` or `(*` on, past what it begins with.
    fn special(&mut self) -> Result<Special, String> {
        let rest = self.rest();
        if let Some((_, name)) = PERLS_ALONE.iter().find(|(start, _)| rest.starts_with(start)) {
            return Err(refused(name));
        }
        if let Some(length) = special::named_group(rest)? {
            self.at += length;
            return Ok(Special::Named);
        }
        self.at += 2;
        let mut flags = self.flags;
        if self.eat(b"^") {
            flags = Flags::default();
        }
        let mut on = true;
        loop {
            let byte = self.rest().first().copied().ok_or("a (? without its )")?;
            self.at += 1;
            match byte {
                b'-' if on => on = false,
                b':' | b')' => {
                    self.flags = flags;
                    return Ok(if byte == b':' { Special::Plain } else { Special::Flags });
                }
                b'x' if self.rest().first() == Some(&b'x') => return Err(refused("the flag xx")),
                b'a'..=b'z' => flags.set(byte, on)?,
                _ => return Err(refused(&format!("(?{}", char::from(byte)))),
            }
        }
    }

    /// A part with the quantifier that follows it, if any.
    fn quantified(&mut self, atom: Piece) -> Result<Piece, String> {
        self.skip_blanks();
        let Some((text, least, most)) = self.quantifier()? else { return Ok(atom) };
        let lazy = self.eat(b"?");
        if self.eat(b"+") {
            return Err(refused(&format!("the possessive {text}+")));
        }
        self.skip_blanks();
        if self.quantifier()?.is_some() {
            return Err(format!("a quantifier behind {text}: put what is to be repeated into (?:…)"));
        }
        let repeats = most != Some(1) && most != Some(0);
        if atom.assertion {
            return Err(format!("{text} behind what is no text (^, $, \\b)"));
        }
        if repeats && atom.nullable {
            return Err(refused(&format!("{text} behind a group that can be nothing")));
        }
        if repeats && atom.captures && (atom.parts > 1 || !atom.is_plain_group()) {
            return Err(refused(&format!("{text} behind a group with captures in it")));
        }
        if let Some(what) = atom.last {
            let simple = if atom.atomic { matches!(text.as_str(), "*" | "+" | "?") } else { text == "?" };
            if !simple {
                return Err(refused(&format!("{text} behind {what}")));
            }
        }
        Ok(Piece {
            text: format!("{}{text}{}", atom.text, if lazy { "?" } else { "" }),
            nullable: atom.nullable || least == 0,
            shy: atom.shy || lazy,
            single: None,
            start: false,
            parts: 1,
            ..atom
        })
    }

    /// `*`, `+`, `?`, `{2}`, `{2,}`, `{2,3}`: as text, with its bounds.
    fn quantifier(&mut self) -> Result<Option<(String, u32, Option<u32>)>, String> {
        for (byte, least, most) in [("*", 0, None), ("+", 1, None), ("?", 0, Some(1))] {
            if self.eat(byte.as_bytes()) {
                return Ok(Some((byte.to_owned(), least, most)));
            }
        }
        let Some(inner) = self.rest().strip_prefix(b"{") else { return Ok(None) };
        let Some(length) = inner.iter().position(|byte| *byte == b'}') else { return Ok(None) };
        let Ok(inner) = std::str::from_utf8(&inner[..length]) else { return Ok(None) };
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (least, most) = inner.split_once(',').unwrap_or((inner, inner));
        if !is_number(least) || !(is_number(most) || most.is_empty()) {
            // Newer Perls take these for quantifiers, older ones for text.
            let like_one = inner.bytes().all(|byte| byte.is_ascii_digit() || b", \t".contains(&byte));
            let doubtful = like_one && inner.bytes().any(|byte| byte.is_ascii_digit());
            return if doubtful { Err(format!("{{{inner}}}: write it {{N}}, {{N,}} or {{N,M}}")) } else { Ok(None) };
        }
        let number = |text: &str| match text.parse::<u32>() {
            Ok(number) if number <= 1000 => Ok(number),
            _ => Err(format!("{{{inner}}}: more than 1000 repetitions")),
        };
        let least = number(least)?;
        let most = if most.is_empty() { None } else { Some(number(most)?) };
        if most.is_some_and(|most| most < least) {
            return Err(format!("{{{inner}}}: the second number is the smaller one"));
        }
        let text = format!("{{{inner}}}");
        self.at += length + 2;
        Ok(Some((text, least, most)))
    }
}

/// What begins with `(?` and is there.
enum Special {
    /// `(?i)`.
    Flags,
    /// `(?:…)`, `(?i:…)`.
    Plain,
    /// `(?<name>…)`.
    Named,
}

impl Piece {
    fn set(set: Set) -> Piece {
        Piece { text: set.to_string(), single: Some(set), parts: 1, ..Piece::default() }
    }

    fn assertion(text: &str) -> Piece {
        Piece { text: text.to_owned(), nullable: true, assertion: true, parts: 1, ..Piece::default() }
    }

    /// `(…)` without any other group in it.
    fn is_plain_group(&self) -> bool {
        self.text.starts_with('(') && !self.text[1..].contains('(')
    }
}
