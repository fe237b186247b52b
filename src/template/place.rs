//! The place where a placeholder stands: how a value is written there, and which values may stand there at all.

use super::placeholder::Placeholder;
use super::quote::{self, Encoding, Layers, Sink};
use crate::model::Refusal;

/// Where a placeholder stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// How values are written.
    pub(crate) encoding: Encoding,
    /// Written before the first value, and also when there is none: what keeps the text before from joining with it.
    pub(crate) prefix: &'static [u8],
    /// The backtick substitutions around it.
    pub(crate) layers: Layers,
    /// In backticks within double quotes, where bash takes an inner quote for the end of the outer ones when it looks
    /// for `{a,b}` to expand: an opening brace, and a quote or a `<(` that would change its mind, gets quotes of its own.
    pub(crate) braces: bool,
    /// An argument that does not exist is written as `''`, because the text around it would join into something else.
    pub(crate) filler: bool,
    /// Values are command text, as the user asked.
    pub(crate) is_code: bool,
    /// What values must be like.
    pub(crate) limits: Vec<Limit>,
    /// For a value in the command of a second shell (`sh -c "…"`), where that command stands in the first one's: what is
    /// written for the second shell is written there as a value of its own.
    pub(crate) around: Option<Box<Place>>,
}

/// Where in a command a text stands: below how many others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Level {
    /// Commands of which the one that it stands in is an argument (`sh -c "…"`).
    pub(crate) shells: u8,
    /// Backtick substitutions in that command.
    pub(crate) layers: u8,
}

impl Level {
    /// The command that the first shell reads.
    pub(crate) const COMMAND: Level = Level { shells: 0, layers: 0 };
    /// What that shell has made of a word of it, and hands on as the command of another.
    pub(crate) const WORD: Level = Level { shells: 1, layers: 0 };
}

impl Place {
    /// A place that was not understood, where only what is harmless everywhere may stand.
    pub(crate) fn unclear(limit: Limit) -> Place {
        Place { limits: vec![limit], ..Place::plain(Encoding::Verbatim) }
    }

    /// A place without anything special but its encoding.
    pub(crate) fn plain(encoding: Encoding) -> Place {
        Place {
            encoding,
            prefix: b"",
            layers: Layers::default(),
            braces: false,
            is_code: false,
            filler: false,
            limits: Vec::new(),
            around: None,
        }
    }

    /// Adds a limit, once.
    pub(crate) fn limit(&mut self, limit: Limit) {
        if !self.limits.contains(&limit) {
            self.limits.push(limit);
        }
    }
}

/// Which values may stand in a place where no quoting exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) class: Class,
    /// Where that is, in words.
    pub(crate) place: &'static str,
}

/// What the values must be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// One integer literal.
    Integer,
    /// Letters, digits and `_./:@%+,=-`, or nothing.
    Harmless,
    /// One value of letters, digits and `_./+-`.
    Word,
    /// Anything, but only one value.
    Single,
    /// As `Word`, any number but zero of them.
    Words,
    /// Anything without a newline.
    Line,
    /// As `Harmless`, and blanks.
    HarmlessLine,
    /// Anything that does not continue the name of the variable before it.
    AfterVariable,
    /// No tab where a `<<-` here-document would lose it: at the start of a line within the value.
    InnerTabs,
    /// No opening brace, which bash would expand.
    NoBrace,
    /// No backslash at the end of a line within the value, which would join it with the next, and no newline first.
    Unjoined,
    /// As `InnerTabs`, and not at the start of the value either.
    Tabs,
    /// Anything but an operator of `test` that makes it evaluate its neighbour.
    Operand,
    /// No subscript with a substitution in it, which arithmetic would run: `a[$(…)]`.
    Subscript,
    /// As `Subscript`, but for the first value.
    FurtherSubscript,
    /// No `$` and no backtick.
    Unsubstituted,
    /// As `Unsubstituted`, because it may be expanded once more.
    Reexpanded,
    /// As `Word`.
    Copied,
}

impl Place {
    /// Puts the command in which it stands into `outer`, a place in the command of another shell.
    pub(crate) fn within(&mut self, outer: Place) {
        match &mut self.around {
            Some(around) => around.within(outer),
            None => self.around = Some(Box::new(outer)),
        }
    }

    /// Encodes a value for this place, as it has to be written at the level `out_of`.
    pub(crate) fn encode(&self, value: &[u8], out_of: Level, out: &mut impl Sink) {
        if self.layers.count <= out_of.layers && self.around.is_none() {
            quote::encode(value, self.encoding, out);
            return;
        }
        let mut inner = Vec::new();
        quote::encode(value, self.encoding, &mut inner);
        self.wrap(inner, out_of, out);
    }

    /// Protects encoded text from all that reads it out to the level `out_of`.
    pub(crate) fn wrap(&self, text: Vec<u8>, out_of: Level, out: &mut impl Sink) {
        match &self.around {
            Some(around) if self.shells() > out_of.shells => {
                let mut inner = Vec::new();
                self.wrap_here(text, 0, &mut inner);
                around.encode(&inner, out_of, out);
            }
            _ => self.wrap_here(text, out_of.layers, out),
        }
    }

    /// How many commands are around of which its own is an argument.
    fn shells(&self) -> u8 {
        self.around.as_ref().map_or(0, |around| around.shells() + 1)
    }

    /// Protects encoded text from all but the `outer` outermost layers of backticks in the command that this shell reads.
    fn wrap_here(&self, text: Vec<u8>, outer: u8, out: &mut impl Sink) {
        if !self.braces {
            self.layers.wrap(text, outer, out);
            return;
        }
        let mut wrapped = Vec::new();
        self.layers.wrap(text, outer, &mut wrapped);
        for byte in &wrapped {
            match byte {
                b'{' => out.put(br#""\{""#),
                b'\'' => out.put(br#""\'""#),
                b'<' => out.put(br#""\<""#),
                b'>' => out.put(br#""\>""#),
                byte => out.put(&[*byte]),
            }
        }
    }
}

impl Limit {
    pub(crate) const UNCLEAR: Limit = Limit {
        class: Class::Words,
        place: "behind shell syntax that fanout does not follow (shells read it in different ways)",
    };
    pub(crate) const REDEFINED: Limit =
        Limit { class: Class::Words, place: "in a command that changes how its shell reads (aliases, options)" };
    pub(crate) const UNCLOSED: Limit =
        Limit { class: Class::Words, place: "in a command whose quotes, parentheses or case are not closed" };
    pub(crate) const SINGLE: Limit = Limit { class: Class::Single, place: "where only one word can stand" };
    /// Behind the name of a variable that is an integer, an array or code for some shell.
    pub(crate) const SPECIAL: Limit =
        Limit { class: Class::Harmless, place: "in an assignment to a variable that shells evaluate" };
    pub(crate) const ARITHMETIC: Limit = Limit { class: Class::Integer, place: "in arithmetic" };
    pub(crate) const SUBSCRIPT: Limit = Limit {
        class: Class::Subscript,
        place: "in a command that does arithmetic on variables, where a subscript would run the command in it",
    };

    pub(crate) const REEXPANDED: Limit = Limit {
        class: Class::Reexpanded,
        place: "in a command that has bash expand a variable once more (>& $v, PS4)",
    };

    pub(crate) const SUBSTITUTION: Limit = Limit { class: Class::Unsubstituted, ..Limit::SUBSCRIPT };

    /// Whether `value`, one of several, may stand there; the first has the index 0.
    pub(crate) fn admits(&self, value: &[u8], index: usize) -> bool {
        let harmless = |b: &u8| quote::is_safe(*b) || matches!(b, b':' | b'@' | b'%' | b',' | b'=');
        match self.class {
            Class::Integer => is_integer(value),
            Class::Harmless => value.iter().all(harmless),
            Class::Word | Class::Words | Class::Copied => quote::all_safe(value),
            Class::Single => true,
            Class::Line => !value.contains(&b'\n'),
            Class::HarmlessLine => value.iter().all(|b| harmless(b) || *b == b' '),
            Class::AfterVariable => {
                !value.first().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'[' | b':'))
            }
            Class::NoBrace => !value.contains(&b'{'),
            Class::Unjoined => value.first() != Some(&b'\n') && !value.windows(2).any(|pair| pair == b"\\\n"),
            Class::InnerTabs => !inner_tab(value),
            Class::Tabs => !inner_tab(value) && value.first() != Some(&b'\t'),
            Class::Operand => !EVALUATING.contains(&value),
            Class::FurtherSubscript if index == 0 => true,
            Class::Subscript | Class::FurtherSubscript => !(value.contains(&b'[') && substitutes(value)),
            Class::Unsubstituted | Class::Reexpanded => !substitutes(value),
        }
    }

    /// How many values may stand there.
    pub(crate) fn admits_count(&self, count: usize) -> bool {
        match self.class {
            Class::Integer | Class::Word | Class::Copied => count == 1,
            Class::Words => count > 0,
            Class::Single => count < 2,
            _ => true,
        }
    }

    /// Why `value` is refused, in one line with the remedy.
    pub(crate) fn refusal(&self, placeholder: &Placeholder, value: Option<&[u8]>) -> Refusal {
        let (needs, remedy) = match self.class {
            Class::Integer => ("an integer", "give it one, or take it out of the arithmetic"),
            Class::Harmless | Class::HarmlessLine => {
                ("letters, digits and _./:@%+,=-", "put the value into a variable first (v={}) and use \"$v\"")
            }
            Class::Word | Class::Words => {
                ("a word of letters, digits and _./+-", "put the value into a variable first (v={}) and use \"$v\"")
            }
            Class::Single => ("one value", "use {1} or \"…{}…\" in double quotes"),
            Class::Line => ("a value without newline", "move the placeholder out of the comment"),
            Class::AfterVariable => ("a value that does not continue its name", "put braces around the name: ${name}"),
            Class::NoBrace => ("a value without {", "use $(…) instead of backticks"),
            Class::Unjoined => {
                ("lines that do not end in a backslash", "put the value into a variable first (v={}) and use \"$v\"")
            }
            Class::InnerTabs | Class::Tabs => ("lines that do not start with a tab", "use << instead of <<-"),
            Class::Operand => ("a value that is no operator", "give it one placeholder for each operand and [[ … ]]"),
            Class::Unsubstituted => ("a value without $ and `", "do the arithmetic in a script of its own"),
            Class::Reexpanded => {
                ("a value without $ and `", "use > \"$v\" 2>&1 instead of >& \"$v\", or a script of its own")
            }
            Class::Copied => ("a word of letters, digits and _./+-", "use > {} 2>&1 instead of >& {}"),
            Class::Subscript | Class::FurtherSubscript => {
                ("a value without [ beside $ or `", "do the arithmetic in a script of its own")
            }
        };
        let place = self.place;
        let found = match value {
            Some(value) => format!("'{}' is refused", shown(value)),
            None => "this number of arguments is refused".to_owned(),
        };
        Refusal { reason: format!("{placeholder} stands {place}: only {needs} can stand there, {found}; {remedy}") }
    }
}

/// The start of a value, for a message in one line. Whoever prints that escapes what else must be.
pub(crate) fn shown(value: &[u8]) -> String {
    const LONGEST: usize = 40;
    let text = String::from_utf8_lossy(&value[..value.len().min(4 * LONGEST)]);
    let mut shown = String::new();
    for (index, c) in text.chars().enumerate() {
        match c {
            _ if index == LONGEST => return shown + "…",
            // It stays one line.
            c if c.is_control() => shown.extend(c.escape_debug()),
            c => shown.push(c),
        }
    }
    shown
}

/// Operators that make `test` evaluate an operand as arithmetic or as the name of a variable, in some shell.
pub(crate) const EVALUATING: [&[u8]; 9] = [b"-eq", b"-ne", b"-lt", b"-le", b"-gt", b"-ge", b"-v", b"-R", b"-t"];

/// Whether `value` has what could start a substitution.
pub(crate) fn substitutes(value: &[u8]) -> bool {
    value.iter().any(|byte| matches!(byte, b'$' | b'`'))
}

fn inner_tab(value: &[u8]) -> bool {
    value.windows(2).any(|pair| pair == b"\n\t")
}

fn is_integer(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").or_else(|| value.strip_prefix(b"+")).unwrap_or(value);
    let (digits, hex) = match digits.strip_prefix(b"0x").or_else(|| digits.strip_prefix(b"0X")) {
        Some(rest) => (rest, true),
        None => (digits, false),
    };
    !digits.is_empty() && digits.iter().all(|b| if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() })
}
