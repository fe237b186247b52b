//! Quotes and expansions: the parts of a word whose content is read by rules of its own.

use super::super::place::{Class, Limit, Place};
use super::super::quote::Encoding;
use super::command::DYNAMIC;
use super::{Item, Lexed, Lexer};

/// What an expansion stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Around {
    /// No quotes.
    Bare,
    /// Double quotes.
    Double,
    /// The body of a here-document.
    Here,
}

/// Behind a `$`: the value becomes the name of a variable.
const NAME: Limit = Limit { class: Class::Word, place: "behind a $" };
const ESCAPED: Limit = Limit { class: Class::Word, place: "behind a backslash" };
const BRACE: Limit = Limit { class: Class::Harmless, place: "in ${…}" };
const AFTER_NAME: Limit = Limit { class: Class::AfterVariable, place: "right behind a variable in a here-document" };
const SUBSCRIPT: Limit =
    Limit { class: Class::Word, place: "in brackets behind a variable, a subscript for some shells" };

impl Lexer<'_, '_, '_> {
    /// Behind a backslash outside of quotes.
    pub(super) fn escaped(&mut self) -> Lexed<()> {
        match self.peek(0) {
            Some(Item::Hole(id)) => self.put_limited(id, ESCAPED),
            Some(Item::Byte(byte)) => self.push_text(byte),
            None => return Ok(()),
        }
        self.at += 1;
        Ok(())
    }

    /// Behind `'`.
    pub(super) fn single(&mut self) -> Lexed<()> {
        while let Some(item) = self.peek(0) {
            self.at += 1;
            match item {
                Item::Byte(b'\'') => return Ok(()),
                Item::Byte(byte) => self.push_text(byte),
                Item::Hole(id) => self.put(id, Place::plain(Encoding::Single)),
            }
        }
        self.unterminated()
    }

    /// Behind `$'`, which dash reads as a dollar sign and a `'…'`: an escaped quote makes all the difference.
    fn ansi(&mut self) -> Lexed<()> {
        let mut encoding = Encoding::Ansi;
        while let Some(item) = self.peek(0) {
            self.at += 1;
            match item {
                Item::Byte(b'\'') => return Ok(()),
                Item::Byte(b'\\') => {
                    encoding = Encoding::AnsiAfterEscape;
                    match self.peek(0) {
                        Some(Item::Hole(id)) => {
                            self.at += 1;
                            self.put(id, Place { prefix: b"\\", ..Place::plain(encoding) });
                        }
                        Some(Item::Byte(b'\'')) => return self.unclear(),
                        Some(Item::Byte(_)) => {
                            self.at += 1;
                            self.push_text(DYNAMIC);
                        }
                        None => {}
                    }
                }
                Item::Byte(byte) => self.push_text(byte),
                Item::Hole(id) => self.put(id, Place::plain(encoding)),
            }
        }
        self.unterminated()
    }

    /// Behind `"`.
    pub(super) fn double(&mut self) -> Lexed<()> {
        if self.quoted(Around::Double, self.items.len())? { Ok(()) } else { self.unterminated() }
    }

    /// The inside of double quotes, or of a here-document's body up to `end`. Answers whether a quote ended it.
    pub(super) fn quoted(&mut self, around: Around, end: usize) -> Lexed<bool> {
        let mut after_variable = false;
        while self.at < end {
            let Some(item) = self.peek(0) else {
                break;
            };
            let glued = std::mem::replace(&mut after_variable, false);
            self.at += 1;
            match item {
                Item::Hole(id) => self.quoted_hole(id, around, if glued { b"\"\"" } else { b"" }),
                Item::Byte(b'"') if around == Around::Double => return Ok(true),
                Item::Byte(b'\\') => match self.peek(0) {
                    // The template's backslash is made one that stands for itself, and the value follows.
                    Some(Item::Hole(id)) if self.at < end => {
                        self.at += 1;
                        self.quoted_hole(id, around, b"\\");
                    }
                    Some(Item::Byte(byte)) if self.at < end => {
                        self.at += 1;
                        let special = matches!(byte, b'$' | b'`' | b'"' | b'\\');
                        if byte != b'\n' {
                            if !special {
                                self.push_text(b'\\');
                            }
                            self.push_text(byte);
                        }
                    }
                    _ => {}
                },
                Item::Byte(b'$') => after_variable = self.dollar(around)?,
                Item::Byte(b'`') => self.backtick(around)?,
                Item::Byte(byte) => self.push_text(byte),
            }
        }
        Ok(false)
    }

    fn quoted_hole(&mut self, id: usize, around: Around, prefix: &'static [u8]) {
        let encoding = if around == Around::Here { Encoding::Here } else { Encoding::Double };
        let mut place = Place { prefix, ..Place::plain(encoding) };
        if around == Around::Here && prefix == b"\"\"" {
            place.prefix = b"";
            place.limit(AFTER_NAME);
        }
        self.put(id, place);
    }

    /// Behind `$`. Answers whether it was a variable to whose name what follows could be added.
    pub(super) fn dollar(&mut self, around: Around) -> Lexed<bool> {
        if self.nesting > super::DEEPEST {
            return self.unclear();
        }
        self.nesting += 1;
        let variable = self.expansion(around)?;
        self.nesting -= 1;
        Ok(variable)
    }

    fn expansion(&mut self, around: Around) -> Lexed<bool> {
        let Some(item) = self.peek(0) else {
            self.push_text(b'$');
            return Ok(false);
        };
        let byte = match item {
            Item::Hole(id) => {
                self.at += 1;
                self.put_limited(id, NAME);
                return Ok(true);
            }
            Item::Byte(byte) => byte,
        };
        let bare = around == Around::Bare;
        match byte {
            b'(' if self.is(1, b'(') => {
                self.at += 2;
                self.arithmetic(false)?;
            }
            b'(' => {
                self.at += 1;
                self.substitution()?;
            }
            b'{' => {
                self.at += 1;
                self.brace(around)?;
            }
            b'[' => {
                self.at += 1;
                self.brackets(Limit::ARITHMETIC, true)?;
                self.facts.evaluates = true;
            }
            b'\'' if bare => {
                self.word_mut().quoted = true;
                self.at += 1;
                self.ansi()?;
                return Ok(false);
            }
            b'"' if bare => {
                self.word_mut().quoted = true;
                self.at += 1;
                self.double()?;
                return Ok(false);
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                while matches!(self.peek(0), Some(Item::Byte(b)) if b.is_ascii_alphanumeric() || b == b'_') {
                    self.at += 1;
                }
                return self.behind_variable();
            }
            b'0'..=b'9' | b'?' | b'!' | b'#' | b'$' | b'*' | b'@' | b'-' => {
                self.at += 1;
                // zsh: the length of the variable that follows.
                if byte == b'#' && matches!(self.peek(0), Some(Item::Byte(b'{' | b'(' | b'$' | b'`'))) {
                    return self.unclear();
                }
                return self.behind_variable();
            }
            // zsh: flags before the name of a variable.
            b'+' | b'=' | b'~' | b'^' | b':' => {
                self.push_text(b'$');
                self.push_text(byte);
                self.at += 1;
                if let Some(Item::Hole(id)) = self.peek(0) {
                    self.at += 1;
                    self.put_limited(id, NAME);
                }
                return Ok(false);
            }
            _ => {
                self.push_text(b'$');
                return Ok(false);
            }
        }
        self.push_text(DYNAMIC);
        Ok(false)
    }

    /// Behind `$name`: zsh takes `[…]` for a subscript and `:x` for a modifier.
    fn behind_variable(&mut self) -> Lexed<bool> {
        self.push_text(DYNAMIC);
        if self.is(0, b'[') {
            let mut open = 0usize;
            let inside = self.items[self.at..].iter().take_while(|item| {
                match item {
                    Item::Byte(b'[') => open += 1,
                    Item::Byte(b']') => open -= 1,
                    _ => {}
                }
                open > 0
            });
            if inside.into_iter().any(|item| matches!(item, Item::Hole(_))) {
                self.at += 1;
                self.brackets(SUBSCRIPT, false)?;
                self.facts.evaluates = true;
            }
            return Ok(false);
        }
        if self.is(0, b':') && matches!(self.peek(1), Some(Item::Hole(_))) {
            self.at += 1;
            self.push_text(b':');
        }
        Ok(true)
    }

    /// The inside of a `$(`, `<(` or `>(`, and its end.
    pub(super) fn substitution(&mut self) -> Lexed<()> {
        let pending = std::mem::take(&mut self.pending);
        let outer = self.outer_pending;
        self.outer_pending |= !pending.is_empty();
        self.depth += 1;
        self.list(Some(b')'))?;
        self.depth -= 1;
        if !self.pending.is_empty() {
            return self.unclear();
        }
        self.outer_pending = outer;
        self.pending = pending;
        Ok(())
    }

    /// Behind `${`.
    fn brace(&mut self, around: Around) -> Lexed<()> {
        let double = around != Around::Bare;
        // ksh and bash 5.3 run commands in `${ …; }`; zsh has flags in `${(…)…}`.
        if matches!(self.peek(0), Some(Item::Byte(b' ' | b'\t' | b'\n' | b'|' | b'(' | b'\\' | b'\'' | b'"' | b'`'))) {
            return self.unclear();
        }
        let outer = self.limit.replace(BRACE);
        let start = self.at;
        loop {
            let Some(item) = self.peek(0) else {
                return self.unclear();
            };
            self.at += 1;
            match item {
                Item::Hole(id) => self.put_limited(id, BRACE),
                Item::Byte(b'}') => break,
                Item::Byte(b'\\') => {
                    self.escaped()?;
                }
                Item::Byte(b'$') => {
                    self.dollar(around)?;
                }
                Item::Byte(b'`') => self.backtick(around)?,
                Item::Byte(b'"') if !double => self.double()?,
                Item::Byte(b'\'') if !double || self.harmless_quote() => {
                    if !double {
                        self.single()?;
                    }
                }
                Item::Byte(b'"' | b'\'' | b'{') => return self.unclear(),
                // `${!x}` reads what is in the variable as a name, with a subscript.
                Item::Byte(b'!') if self.at == start + 1 => self.facts.evaluates = true,
                // `${x@P}` runs what is in the variable; an evaluated subscript or offset is arithmetic.
                Item::Byte(b'@') if self.is(0, b'P') => return self.unclear_everywhere(),
                Item::Byte(b'[') => {
                    let all = matches!(self.peek(0), Some(Item::Byte(b'@' | b'*' | b'0'..=b'9'))) && self.is(1, b']');
                    self.facts.evaluates |= !all;
                }
                Item::Byte(b':') if !matches!(self.peek(0), Some(Item::Byte(b'-' | b'=' | b'?' | b'+'))) => {
                    self.facts.evaluates = true;
                }
                Item::Byte(_) => {}
            }
        }
        if self.at == start + 1 {
            return self.unclear();
        }
        self.limit = outer;
        Ok(())
    }

    /// Whether a single quote within `"${…}"` has a partner, with nothing between or behind them by which shells that
    /// take it for a quote and shells that take it for itself come apart.
    fn harmless_quote(&self) -> bool {
        let rest = self.items[self.at..].iter();
        let mut stops = rest.skip_while(|item| {
            !matches!(item, Item::Byte(b'\'' | b'}' | b'"' | b'$' | b'`' | b'\\' | b'\n' | b'{') | Item::Hole(_))
        });
        match stops.next() {
            Some(Item::Byte(b'\'')) => true,
            // The second of a pair.
            Some(Item::Byte(b'}')) => {
                let before = self.items[..self.at - 1].iter().rev();
                before.take_while(|item| **item != Item::Byte(b'{')).filter(|i| **i == Item::Byte(b'\'')).count() % 2
                    == 1
            }
            _ => false,
        }
    }
}
