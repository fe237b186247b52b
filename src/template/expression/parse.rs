//! Reads the part of Perl that is evaluated here. Whatever is not surely read as Perl reads it is left to perl.

use super::text::{delimited, interpolated, non_greedy, single, variable};
use super::tree::{Function, Node, Number, Operator};
use crate::template::strings;

/// What is known before anything is evaluated: `$$1` and its like.
#[derive(Clone)]
pub(super) struct Constants(Vec<(Vec<u8>, Vec<u8>)>);

impl Constants {
    /// The constant that `text` starts with, and what follows it.
    pub(super) fn start_of<'t>(&self, text: &'t [u8]) -> Option<(&[u8], &'t [u8])> {
        self.0.iter().find_map(|(name, value)| {
            let rest = text.strip_prefix(name.as_slice())?;
            let continues = rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            // `$$1d` is another variable, as in GNU parallel.
            (!continues).then_some((value.as_slice(), rest))
        })
    }
}

/// Reads a whole expression. `groups` are the values of `$$1` and so on. `None`: it is perl's.
pub(super) fn program(code: &[u8], groups: &[Vec<u8>]) -> Option<Vec<Node>> {
    let known = match std::str::from_utf8(code).unwrap_or_default() {
        strings::TOTAL => Some(Node::Assign(None, Box::new(Node::Number(Number::Total)))),
        strings::PADDED_SEQ => Some(Node::Padded { number: Number::Seq, most: Number::Total }),
        strings::PADDED_SLOT => Some(Node::Padded { number: Number::Slot, most: Number::Slots }),
        strings::CHOOSE => Some(Node::Ascending),
        strings::UNIQUE => Some(Node::Unique),
        _ => None,
    };
    if let Some(known) = known {
        return Some(vec![known]);
    }
    let named = |(index, value): (usize, &Vec<u8>)| (format!("$${}", index + 1).into_bytes(), value.clone());
    let mut constants: Vec<(Vec<u8>, Vec<u8>)> = groups.iter().enumerate().map(named).collect();
    let mut code = code;
    if let (Some(rest), Some(group)) = (code.strip_prefix(strings::NON_GREEDY.as_bytes()), groups.first()) {
        constants.push((b"$nongreedy".to_vec(), non_greedy(group)));
        code = rest;
    }
    let mut parser = Parser { rest: code, constants: Constants(constants), depth: 0 };
    let nodes = parser.statements()?;
    parser.rest.is_empty().then_some(nodes)
}

/// Expressions nested deeper than this are perl's.
const DEEPEST: usize = 30;

pub(super) struct Parser<'t> {
    pub(super) rest: &'t [u8],
    pub(super) constants: Constants,
    pub(super) depth: usize,
}

/// Operators between two values, by how tightly they bind, the loosest first.
const LEVELS: [&[(&str, Operator)]; 4] = [
    &[
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<=>", Operator::Order),
        ("eq", Operator::TextEqual),
        ("ne", Operator::TextNotEqual),
        ("cmp", Operator::TextOrder),
    ],
    &[
        ("<=", Operator::NotGreater),
        (">=", Operator::NotLess),
        ("<", Operator::Less),
        (">", Operator::Greater),
        ("le", Operator::TextNotGreater),
        ("ge", Operator::TextNotLess),
        ("lt", Operator::TextLess),
        ("gt", Operator::TextGreater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract), (".", Operator::Join)],
    &[("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Modulo)],
];

/// What `=` may stand behind.
const ASSIGNMENTS: [(&str, Option<Operator>); 9] = [
    ("=", None),
    ("+=", Some(Operator::Add)),
    ("-=", Some(Operator::Subtract)),
    ("*=", Some(Operator::Multiply)),
    ("/=", Some(Operator::Divide)),
    ("%=", Some(Operator::Modulo)),
    (".=", Some(Operator::Join)),
    ("||=", Some(Operator::Or)),
    ("&&=", Some(Operator::And)),
];

impl Parser<'_> {
    pub(super) fn space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// Takes punctuation, if it comes next.
    pub(super) fn punct(&mut self, mark: &str) -> bool {
        self.space();
        let found = self.rest.strip_prefix(mark.as_bytes());
        found.map(|rest| self.rest = rest).is_some()
    }

    /// The word that comes next.
    pub(super) fn peek_word(&mut self) -> &[u8] {
        self.space();
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let word = &self.rest[..length];
        if word.first().is_some_and(u8::is_ascii_digit) { b"" } else { word }
    }

    /// Takes a word, if it comes next.
    fn word(&mut self, word: &str) -> bool {
        let found = self.peek_word() == word.as_bytes();
        if found {
            self.rest = &self.rest[word.len()..];
        }
        found
    }

    fn statements(&mut self) -> Option<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            while self.punct(";") {}
            if self.rest.is_empty() || self.rest.starts_with(b"}") {
                return Some(nodes);
            }
            let negated = self.peek_word() == b"unless";
            if self.word("if") || self.word("unless") {
                nodes.push(self.block_if(negated)?);
                continue;
            }
            let node = self.loose()?;
            let negated = self.peek_word() == b"unless";
            let node = if self.word("if") || self.word("unless") {
                let condition = self.loose()?;
                let condition = if negated { Node::Not(Box::new(condition)) } else { condition };
                Node::If(Box::new(condition), vec![node], Vec::new())
            } else {
                node
            };
            nodes.push(node);
            self.space();
            if !(self.rest.is_empty() || self.rest.starts_with(b";") || self.rest.starts_with(b"}")) {
                return None;
            }
        }
    }

    fn block_if(&mut self, negated: bool) -> Option<Node> {
        if !self.punct("(") {
            return None;
        }
        let condition = self.loose()?;
        let condition = if negated { Node::Not(Box::new(condition)) } else { condition };
        if !self.punct(")") {
            return None;
        }
        let then = self.block()?;
        let otherwise = if self.word("else") {
            self.block()?
        } else if self.word("elsif") {
            vec![self.block_if(false)?]
        } else {
            Vec::new()
        };
        Some(Node::If(Box::new(condition), then, otherwise))
    }

    fn block(&mut self) -> Option<Vec<Node>> {
        let inner = self.punct("{").then(|| self.statements())??;
        self.punct("}").then_some(inner)
    }

    /// `not`, `and`, `or`.
    pub(super) fn loose(&mut self) -> Option<Node> {
        let mut left = self.loose_and()?;
        while self.word("or") {
            left = Node::Or(Box::new(left), Box::new(self.loose_and()?));
        }
        Some(left)
    }

    fn loose_and(&mut self) -> Option<Node> {
        let mut left = self.loose_not()?;
        while self.word("and") {
            left = Node::And(Box::new(left), Box::new(self.loose_not()?));
        }
        Some(left)
    }

    fn loose_not(&mut self) -> Option<Node> {
        if self.word("not") {
            return Some(Node::Not(Box::new(self.loose_not()?)));
        }
        self.assignment()
    }

    pub(super) fn assignment(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let left = self.choice()?;
        self.space();
        let found = ASSIGNMENTS.iter().find(|(mark, _)| {
            let rest = self.rest.strip_prefix(mark.as_bytes());
            rest.is_some_and(|rest| !matches!(rest.first(), Some(b'=' | b'~' | b'>')))
        });
        let node = match (left, found) {
            (Node::It, Some((mark, operator))) => {
                self.rest = &self.rest[mark.len()..];
                Node::Assign(*operator, Box::new(self.assignment()?))
            }
            (Node::Call(Function::Substr, place), Some(("=", _))) if matches!(place.first(), Some(Node::It)) => {
                self.rest = &self.rest[1..];
                Node::Splice { place, by: Box::new(self.assignment()?) }
            }
            (_, Some(_)) => return None,
            (left, None) => left,
        };
        self.depth -= 1;
        Some(node)
    }

    fn choice(&mut self) -> Option<Node> {
        let condition = self.or()?;
        if !self.punct("?") {
            return Some(condition);
        }
        let then = self.assignment()?;
        if !self.punct(":") {
            return None;
        }
        Some(Node::Choose(Box::new(condition), Box::new(then), Box::new(self.assignment()?)))
    }

    fn or(&mut self) -> Option<Node> {
        let mut left = self.and()?;
        self.space();
        while self.rest.starts_with(b"||") && !self.rest.starts_with(b"||=") {
            self.rest = &self.rest[2..];
            left = Node::Or(Box::new(left), Box::new(self.and()?));
            self.space();
        }
        Some(left)
    }

    fn and(&mut self) -> Option<Node> {
        let mut left = self.binary(0)?;
        self.space();
        while self.rest.starts_with(b"&&") && !self.rest.starts_with(b"&&=") {
            self.rest = &self.rest[2..];
            left = Node::And(Box::new(left), Box::new(self.binary(0)?));
            self.space();
        }
        Some(left)
    }

    fn binary(&mut self, level: usize) -> Option<Node> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        let mut count = 0;
        while let Some((name, operator)) = self.operator(operators) {
            self.rest = &self.rest[name.len()..];
            left = Node::Binary(operator, Box::new(left), Box::new(self.binary(level + 1)?));
            count += 1;
            // What compares does not chain, or only in newer perls.
            if level < 2 && count > 1 {
                return None;
            }
        }
        Some(left)
    }

    fn operator(&mut self, operators: &'static [(&'static str, Operator)]) -> Option<(&'static str, Operator)> {
        let word = self.peek_word().to_vec();
        let found = operators.iter().copied().find(|(name, _)| {
            if name.as_bytes()[0].is_ascii_alphabetic() {
                return word == name.as_bytes();
            }
            let Some(rest) = self.rest.strip_prefix(name.as_bytes()) else { return false };
            // `**`, `+=`, `++`, `..`, `<<`, `<=`, `//`, `==`, `=>` are others.
            !matches!(
                (name.as_bytes(), rest.first()),
                (_, Some(b'='))
                    | (b"*", Some(b'*'))
                    | (b"+", Some(b'+'))
                    | (b"-", Some(b'-' | b'>'))
                    | (b".", Some(b'.'))
                    | (b"<", Some(b'<'))
                    | (b">", Some(b'>'))
                    | (b"/", Some(b'/'))
                    | (b"<=", Some(b'>'))
            )
        });
        // A number with a dot would be read with it.
        found.filter(|(name, _)| *name != "." || !self.rest.get(1).is_some_and(u8::is_ascii_digit))
    }

    fn unary(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        self.space();
        let node = if self.rest.starts_with(b"++$_") || self.rest.starts_with(b"--$_") {
            let up = self.rest.starts_with(b"+");
            self.rest = &self.rest[2..];
            match self.term()? {
                Node::It => Node::Step { up, before: true },
                _ => return None,
            }
        } else if self.rest.starts_with(b"!") && !self.rest.starts_with(b"!~") {
            self.rest = &self.rest[1..];
            Node::Not(Box::new(self.unary()?))
        } else if self.rest.starts_with(b"-")
            && self.rest.get(1).is_some_and(|byte| byte.is_ascii_digit() || *byte == b'(')
        {
            // Before a letter it tests files, before a text it is another matter.
            self.rest = &self.rest[1..];
            Node::Negate(Box::new(self.unary()?))
        } else {
            self.bound()?
        };
        self.depth -= 1;
        Some(node)
    }

    /// A term, and `=~` behind it.
    fn bound(&mut self) -> Option<Node> {
        let term = self.term()?;
        self.space();
        let term = match term {
            Node::It if self.rest.starts_with(b"++") => {
                self.rest = &self.rest[2..];
                Node::Step { up: true, before: false }
            }
            Node::It if self.rest.starts_with(b"--") => {
                self.rest = &self.rest[2..];
                Node::Step { up: false, before: false }
            }
            term => term,
        };
        let negated = self.punct("!~");
        if !negated && !self.punct("=~") {
            return Some(term);
        }
        self.space();
        let node = match (self.quoted()?, term) {
            (Node::Match(pattern, _), term) => Node::Match(pattern, Box::new(term)),
            (node, Node::It) => node,
            _ => return None,
        };
        Some(if negated { Node::Not(Box::new(node)) } else { node })
    }

    fn term(&mut self) -> Option<Node> {
        self.space();
        let first = *self.rest.first()?;
        match first {
            b'(' => {
                self.rest = &self.rest[1..];
                let inner = self.loose()?;
                self.punct(")").then_some(inner)
            }
            b'$' => self.variable(),
            b'\'' => {
                let (text, rest) = delimited(self.rest)?;
                self.rest = rest;
                Some(Node::Text(single(text)))
            }
            b'"' => {
                let (text, rest) = delimited(self.rest)?;
                self.rest = rest;
                interpolated(text, &self.constants)
            }
            b'/' => self.quoted(),
            byte if byte.is_ascii_digit() => self.number(),
            byte if byte.is_ascii_alphabetic() || byte == b'_' => self.quoted_or_call(),
            _ => None,
        }
    }

    pub(super) fn variable(&mut self) -> Option<Node> {
        for (method, node) in [
            ("$job->seq()", Node::Number(Number::Seq)),
            ("$job->slot()", Node::Number(Number::Slot)),
            ("$job->skip()", Node::Skip),
            ("$job->total_jobs()", Node::Number(Number::Total)),
        ] {
            if let Some(rest) = self.rest.strip_prefix(method.as_bytes()) {
                self.rest = rest;
                return Some(node);
            }
        }
        let (node, rest) = variable(self.rest, &self.constants)?;
        if matches!(rest.first(), Some(b'[' | b'{')) || rest.starts_with(b"->") || rest.starts_with(b"::") {
            return None;
        }
        self.rest = rest;
        Some(node)
    }

    fn number(&mut self) -> Option<Node> {
        let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let whole = digits(self.rest);
        let fraction = match self.rest.get(whole) {
            Some(b'.') => digits(&self.rest[whole + 1..]),
            _ => 0,
        };
        let length = if fraction > 0 { whole + 1 + fraction } else { whole };
        let (number, rest) = self.rest.split_at(length);
        let number = std::str::from_utf8(number).ok()?;
        // Octal, exponents, underscores, versions.
        let odd = (number.len() > 1 && number.starts_with('0') && !number.starts_with("0."))
            || rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
                && !rest.starts_with(b". ");
        if odd || length > 15 {
            return None;
        }
        self.rest = rest;
        if fraction > 0 { Some(Node::Float(number.parse().ok()?)) } else { Some(Node::Int(number.parse().ok()?)) }
    }
}
