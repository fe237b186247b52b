//! Functions: with parentheses, and without where that is plain.

use super::format::Format;
use super::parse::Parser;
use super::tree::{Function, Node, Number};

impl Parser<'_> {
    pub(super) fn quoted_or_call(&mut self) -> Option<Node> {
        let word = self.peek_word().to_vec();
        let behind = self.rest.get(word.len()).copied();
        if matches!(word.as_slice(), b"s" | b"m" | b"y" | b"tr") {
            return self.quoted();
        }
        if behind == Some(b':') && self.rest.get(word.len() + 1) == Some(&b':') {
            return None;
        }
        self.rest = &self.rest[word.len()..];
        self.space();
        if self.rest.starts_with(b"=>") {
            return None;
        }
        let number = match word.as_slice() {
            b"seq" => Some(Node::Number(Number::Seq)),
            b"slot" => Some(Node::Number(Number::Slot)),
            b"total_jobs" => Some(Node::Number(Number::Total)),
            b"skip" => Some(Node::Skip),
            b"uq" => Some(Node::Unquote),
            _ => None,
        };
        if let Some(number) = number {
            if self.punct("(") && !self.punct(")") {
                return None;
            }
            return Some(number);
        }
        let function = match word.as_slice() {
            b"uc" => Function::Upper,
            b"lc" => Function::Lower,
            b"ucfirst" => Function::UpperFirst,
            b"lcfirst" => Function::LowerFirst,
            b"length" => Function::Length,
            b"substr" => Function::Substr,
            b"index" => Function::Index,
            b"int" => Function::Int,
            b"abs" => Function::Abs,
            b"chomp" => Function::Chomp,
            b"Q" => Function::Quote,
            b"sprintf" => return self.sprintf(),
            _ => return None,
        };
        let args = self.arguments(function)?;
        let fits = match function {
            Function::Substr => (2..=3).contains(&args.len()),
            Function::Index => args.len() == 2,
            Function::Chomp => matches!(args.as_slice(), [Node::It]),
            _ => args.len() == 1,
        };
        fits.then_some(Node::Call(function, args))
    }

    /// In parentheses, `$_` by itself, or nothing, which is `$_`, too. How far a longer argument without parentheses goes depends.
    fn arguments(&mut self, function: Function) -> Option<Vec<Node>> {
        if self.punct("(") {
            let args = self.list()?;
            let default = args.is_empty() && !matches!(function, Function::Substr | Function::Index | Function::Quote);
            return Some(if default { vec![Node::It] } else { args });
        }
        if matches!(function, Function::Substr | Function::Index) {
            return None;
        }
        let ends = |rest: &[u8]| {
            let rest = rest.trim_ascii_start();
            rest.is_empty()
                || matches!(rest[0], b';' | b')' | b',' | b'}' | b':')
                || rest.starts_with(b"if ")
                || rest.starts_with(b"unless ")
        };
        if ends(self.rest) && function != Function::Quote {
            return Some(vec![Node::It]);
        }
        let before = self.rest;
        let argument = if self.rest.starts_with(b"$") { self.variable()? } else { self.quoted_or_call_plain()? };
        if ends(self.rest) {
            return Some(vec![argument]);
        }
        self.rest = before;
        None
    }

    /// A further function without parentheses: `ucfirst lc $_`.
    fn quoted_or_call_plain(&mut self) -> Option<Node> {
        let nested = matches!(self.peek_word(), b"uc" | b"lc" | b"ucfirst" | b"lcfirst");
        if nested { self.quoted_or_call() } else { None }
    }

    /// What stands up to the closing parenthesis.
    fn list(&mut self) -> Option<Vec<Node>> {
        let mut nodes = Vec::new();
        if self.punct(")") {
            return Some(nodes);
        }
        loop {
            nodes.push(self.assignment()?);
            if self.punct(")") {
                return Some(nodes);
            }
            if !self.punct(",") {
                return None;
            }
        }
    }

    fn sprintf(&mut self) -> Option<Node> {
        if !self.punct("(") {
            return None;
        }
        let mut args = self.list()?;
        if args.is_empty() {
            return None;
        }
        let Node::Text(format) = args.remove(0) else { return None };
        let format = Format::parse(&format)?;
        (format.takes() == args.len()).then_some(Node::Format(format, args))
    }
}
