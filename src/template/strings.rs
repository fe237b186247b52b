//! Which replacement strings there are, and where they stand in a text.
//!
//! As in GNU parallel, all of them are names for expressions: first each `{= … =}` is found, then each name, the longest
//! first, and of one name first the one at the start of a text, and then the last.
//! That tells where names overlap.

mod dynamic;
mod plus;

use super::expression::{Expression, Expressions};
use super::placeholder::{Op, Placeholder};
use super::{Matches, Names, ShellFamily};
use dynamic::Dynamic;
pub(crate) use plus::{CHOOSE, NON_GREEDY, PADDED_SEQ, PADDED_SLOT, TOTAL, UNIQUE};

/// The replacement strings of a run.
#[derive(Debug)]
pub struct Strings {
    /// What starts an expression, and what ends it.
    parens: (Vec<u8>, Vec<u8>),
    /// The longest name first.
    definitions: Vec<Definition>,
    /// Names of columns.
    columns: Names,
    /// Groups of inputs.
    matches: Matches,
    expressions: Expressions,
    family: ShellFamily,
}

/// What one name stands for.
#[derive(Clone, Debug)]
struct Definition {
    name: Vec<u8>,
    /// The name has groups in it.
    dynamic: Option<Dynamic>,
    body: Body,
}

/// What a replacement string stands for.
#[derive(Clone, Debug)]
enum Body {
    /// What is known without an expression.
    Op(Op),
    /// Perl's code, perhaps behind a position.
    Code(Vec<u8>),
    /// Perl's code for a number of ours, the same for all arguments.
    Number(&'static str),
    /// Text of the command itself.
    Text(&'static [u8]),
}

/// A piece of a text.
#[derive(Debug)]
pub(crate) enum Piece {
    /// As it stands there.
    Text(Vec<u8>),
    /// As if it stood there: what a replacement string stands for.
    Written(&'static [u8]),
    Hole(Placeholder),
}

/// A replacement string that was found: from where to where it goes, its position, and its groups.
struct Found {
    start: usize,
    end: usize,
    position: Vec<u8>,
    groups: Vec<Vec<u8>>,
}

/// Those that need no option.
const DEFAULTS: [(&[u8], Op); 7] = [
    (b"{//}", Op::Folder),
    (b"{/.}", Op::BaseNoExtension),
    (b"{.}", Op::NoExtension),
    (b"{/}", Op::Base),
    (b"{#}", Op::Seq),
    (b"{%}", Op::Slot),
    (b"{}", Op::Whole),
];

impl Strings {
    /// The seven of GNU parallel, and expressions in `{= … =}`.
    pub fn new(family: ShellFamily) -> Strings {
        let known =
            |(name, op): &(&[u8], Op)| Definition { name: name.to_vec(), dynamic: None, body: Body::Op(op.clone()) };
        Strings {
            parens: (b"{=".to_vec(), b"=}".to_vec()),
            definitions: DEFAULTS.iter().map(known).collect(),
            columns: Names::default(),
            matches: Matches::default(),
            expressions: Expressions::default(),
            family,
        }
    }

    /// Adds those of `--plus`.
    pub fn plus(&mut self) {
        for (name, body) in plus::DEFINITIONS {
            let body = match body {
                plus::Plus::Code(code) => Body::Code(code.as_bytes().to_vec()),
                plus::Plus::Number(code) => Body::Number(code),
                plus::Plus::Text(text) => Body::Text(text),
            };
            self.insert(Definition { name: name.to_vec(), dynamic: Dynamic::of(name), body });
        }
    }

    /// `--parens`: the first half starts an expression, the second one ends it.
    pub fn parens(&mut self, parens: &[u8]) {
        let (left, right) = parens.split_at(parens.len() / 2);
        self.parens = (left.to_vec(), right.to_vec());
    }

    /// Gives one of the seven another name (`-I`, `--basenamereplace` and so on).
    pub(crate) fn rename(&mut self, op: &Op, name: &[u8]) {
        let Some((old, op)) = DEFAULTS.iter().find(|(_, known)| known == op) else { return };
        if *old != name {
            self.definitions.retain(|definition| definition.name != *old);
            self.insert(Definition { name: name.to_vec(), dynamic: None, body: Body::Op(op.clone()) });
        }
    }

    /// `--rpl`: a name, white space, and the expression that it stands for.
    ///
    /// # Errors
    /// A name with parentheses that make no regular expression, or one that is Perl's alone.
    pub fn define(&mut self, definition: &[u8]) -> Result<(), String> {
        let space = definition.iter().position(u8::is_ascii_whitespace).unwrap_or(definition.len());
        let (name, code) = (&definition[..space], definition.get(space + 1..).unwrap_or_default());
        if name.is_empty() {
            return Err("it starts with the replacement string, and the expression follows behind a blank".to_owned());
        }
        let dynamic = Dynamic::of(name);
        if let Some(dynamic) = &dynamic {
            dynamic.pattern()?;
        }
        self.insert(Definition { name: name.to_vec(), dynamic, body: Body::Code(code.to_vec()) });
        Ok(())
    }

    /// Names of columns (`--header`).
    pub fn columns(&mut self, names: Names) {
        self.columns = names;
    }

    /// The names of columns.
    pub(crate) fn names(&self) -> &Names {
        &self.columns
    }

    /// Groups of inputs (`--match`), once the parentheses and the names are known. `words` may use them.
    ///
    /// # Errors
    /// Expressions that can't be followed; a group of an input that has none.
    pub fn matches(&mut self, given: &[Vec<u8>], words: &[Vec<u8>]) -> Result<(), String> {
        let parens = (&self.parens.0[..], &self.parens.1[..]);
        let matches = Matches::new(given, parens)?;
        words.iter().try_for_each(|word| matches.resolve(word, &self.columns, parens).map(|_| ()))?;
        self.matches = matches;
        Ok(())
    }

    /// What starts an expression, and what ends it.
    pub(crate) fn enclosing(&self) -> (Vec<u8>, Vec<u8>) {
        self.parens.clone()
    }

    fn insert(&mut self, definition: Definition) {
        self.definitions.retain(|other| other.name != definition.name);
        let at = self.definitions.partition_point(|other| other.name.len() >= definition.name.len());
        self.definitions.insert(at, definition);
    }

    /// Whether some expression takes perl.
    pub fn needs_perl(&self) -> bool {
        self.expressions.all().iter().any(|expression| expression.needs_perl())
    }

    /// Whether some expression needs the number of all jobs.
    pub fn needs_total(&self) -> bool {
        self.expressions.all().iter().any(|expression| expression.needs_total())
    }

    /// Whether some expression needs the number of slots.
    pub fn needs_slots(&self) -> bool {
        self.expressions.all().iter().any(|expression| expression.needs_slots())
    }

    /// Perl's code for each expression, by its number; those that don't take perl are empty.
    pub fn perl(&self) -> Vec<Vec<u8>> {
        let code =
            |expression: &Expression| if expression.needs_perl() { expression.code().to_vec() } else { Vec::new() };
        self.expressions.all().iter().map(|expression| code(expression)).collect()
    }

    /// The words of a command, those together that an expression is spread over: `{=`, `$_++`, `=}`.
    pub(crate) fn merge(&self, words: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let mut merged: Vec<Vec<u8>> = Vec::with_capacity(words.len());
        let mut open = false;
        for word in words {
            match merged.last_mut() {
                Some(last) if open => {
                    last.push(b' ');
                    last.extend_from_slice(word);
                }
                _ => merged.push(word.clone()),
            }
            open = merged.last().is_some_and(|last| self.is_open(last));
        }
        merged
    }

    /// Whether an expression that starts in `text` doesn't end there.
    fn is_open(&self, text: &[u8]) -> bool {
        let (left, right) = &self.parens;
        if left.is_empty() || right.is_empty() || find(text, left).is_none() {
            return false;
        }
        let mut text = text.to_vec();
        loop {
            let ended = |start: &usize| find(&text[start + left.len()..], right).is_some();
            let Some(start) = starts(&text, left).filter(ended).last() else {
                return find(&text, left).is_some();
            };
            let end =
                find(&text[start + left.len()..], right).map_or(text.len(), |at| start + left.len() + at + right.len());
            text.drain(start..end);
        }
    }

    /// Cuts a text into what stands there and its placeholders.
    pub(crate) fn cut(&mut self, text: &[u8]) -> Vec<Piece> {
        let parens = (&self.parens.0[..], &self.parens.1[..]);
        // A label may have a group that nothing is known of: it stands there as it is.
        let grouped = self.matches.resolve(text, &self.columns, parens).unwrap_or_else(|_| text.to_vec());
        let text = self.columns.resolve(&grouped, parens).into_owned();
        let mut pieces = self.expressions_in(&text);
        let definitions = std::mem::take(&mut self.definitions);
        for definition in &definitions {
            // Most words have none: this is done for each of a command before anything starts.
            let lead = definition.dynamic.as_ref().map_or(&definition.name, |dynamic| &dynamic.prefix);
            let starts = |piece: &Piece| match (piece, lead.first()) {
                (Piece::Text(text), Some(first)) => text.contains(first),
                (Piece::Text(_), None) => true,
                _ => false,
            };
            if !pieces.iter().any(starts) {
                continue;
            }
            for positional in [false, true] {
                if positional && definition.name.first() != Some(&b'{') {
                    continue;
                }
                let mut cut = Vec::with_capacity(pieces.len());
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => self.cut_by(definition, positional, &text, &mut cut),
                        piece => cut.push(piece),
                    }
                }
                pieces = cut;
            }
        }
        self.definitions = definitions;
        pieces
    }

    /// Cuts a text at one name.
    fn cut_by(&mut self, definition: &Definition, positional: bool, text: &[u8], cut: &mut Vec<Piece>) {
        let (mut rest, mut behind) = (text, Vec::new());
        while let Some(found) = definition.find_in(rest, positional) {
            let hole = self.piece(&definition.body, &rest[found.start..found.end], &found);
            if found.start == 0 {
                cut.push(hole);
                rest = &rest[found.end..];
                continue;
            }
            if found.end < rest.len() {
                behind.push(Piece::Text(rest[found.end..].to_vec()));
            }
            behind.push(hole);
            rest = &rest[..found.start];
        }
        if !rest.is_empty() {
            cut.push(Piece::Text(rest.to_vec()));
        }
        cut.extend(behind.into_iter().rev());
    }

    fn piece(&mut self, body: &Body, spelling: &[u8], found: &Found) -> Piece {
        match body {
            // `{1#}` is position 11 of `{#}` in GNU parallel, which is nothing. `{0#}` is `{#}`.
            body if body.is_number() && found.position.iter().any(|digit| *digit != b'0') => Piece::Written(b""),
            Body::Text(text) => Piece::Written(text),
            Body::Op(op) => Piece::Hole(Placeholder::new(op.clone(), &found.position, spelling)),
            Body::Number(code) => {
                let expression = self.expressions.intern(code.as_bytes(), &[], self.family);
                Piece::Hole(Placeholder::number(Op::Expression(expression), spelling))
            }
            Body::Code(code) => self.hole(code, found, spelling),
        }
    }

    /// The placeholder of an expression. A number before the code is a position, and continues the one that stands before it.
    fn hole(&mut self, code: &[u8], found: &Found, spelling: &[u8]) -> Piece {
        let sign = usize::from(found.position.is_empty() && code.first() == Some(&b'-'));
        let digits = code.get(sign..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let own = if digits == 0 || !found.groups.is_empty() { 0 } else { sign + digits };
        let (own, code) = code.split_at(own);
        let position = [found.position.as_slice(), own].concat();
        let code = code.trim_ascii();
        let op = if code.is_empty() {
            Op::Whole
        } else {
            Op::Expression(self.expressions.intern(code, &found.groups, self.family))
        };
        Piece::Hole(Placeholder::new(op, &position, spelling))
    }

    /// Finds each `{= … =}`, the innermost.
    fn expressions_in(&mut self, text: &[u8]) -> Vec<Piece> {
        let (left, right) = self.parens.clone();
        let mut pieces = Vec::new();
        let mut rest = text;
        if !left.is_empty() && !right.is_empty() {
            while let Some((start, end)) = innermost(rest, &left, &right) {
                if start > 0 {
                    pieces.push(Piece::Text(rest[..start].to_vec()));
                }
                let code = &rest[start + left.len()..end - right.len()];
                let found = Found { start, end, position: Vec::new(), groups: Vec::new() };
                pieces.push(self.hole(code, &found, &rest[start..end]));
                rest = &rest[end..];
            }
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_vec()));
        }
        pieces
    }
}

impl Body {
    /// Whether it is the same for all arguments.
    fn is_number(&self) -> bool {
        match self {
            Body::Op(op) => op.is_number(),
            Body::Number(_) | Body::Text(_) => true,
            Body::Code(_) => false,
        }
    }
}

impl Definition {
    /// Where it stands in `text`, with or without a position: at the start, or else in the last place.
    fn find_in(&self, text: &[u8], positional: bool) -> Option<Found> {
        let name = if positional { &self.name[1..] } else { &self.name[..] };
        let lead = match &self.dynamic {
            Some(dynamic) => {
                if positional {
                    dynamic.prefix.get(1..)?
                } else {
                    &dynamic.prefix
                }
            }
            None => name,
        };
        for start in (0..text.len()).take(1).chain((1..text.len()).rev()) {
            let mut rest = &text[start..];
            let mut position = Vec::new();
            if positional {
                let Some(behind) = rest.strip_prefix(b"{") else { continue };
                let sign = usize::from(behind.first() == Some(&b'-'));
                let digits = behind[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                if digits == 0 {
                    continue;
                }
                position = behind[..sign + digits].to_vec();
                rest = &behind[sign + digits..];
                rest = &rest[rest.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0x0b).count()..];
            }
            let Some(behind) = rest.strip_prefix(lead) else { continue };
            let at = text.len() - behind.len();
            match &self.dynamic {
                None => return Some(Found { start, end: at, position, groups: Vec::new() }),
                Some(dynamic) => {
                    if let Some((length, groups)) = dynamic.fits(behind).filter(|(length, _)| at + length > start) {
                        return Some(Found { start, end: at + length, position, groups });
                    }
                }
            }
        }
        None
    }
}

/// Where `part` is in `text`.
fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    starts(text, part).next()
}

/// All places where `part` starts in `text`.
fn starts<'a>(text: &'a [u8], part: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    (0..text.len()).filter(move |at| text[*at..].starts_with(part))
}

/// The first pair of `left` and `right` without another one of either within.
fn innermost(text: &[u8], left: &[u8], right: &[u8]) -> Option<(usize, usize)> {
    starts(text, left).find_map(|start| {
        let from = start + left.len();
        let close = from + find(&text[from..], right)?;
        let open = find(&text[from..], left).map(|at| from + at);
        (left == right || open.is_none_or(|open| open >= close)).then_some((start, close + right.len()))
    })
}
