//! How a value is written so that a shell reads it back byte for byte.

use super::lexer::is_keyword;

/// Where encoded bytes go: into a text, or only into its length.
pub(crate) trait Sink {
    /// Appends `bytes`.
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Counts bytes instead of keeping them.
#[derive(Debug, Default)]
pub(crate) struct Length(pub(crate) usize);

impl Sink for Length {
    fn put(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }
}

/// How a value is written in the place where its placeholder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As it is: in a quoted here-document, where nothing is special, and where only harmless values are let in.
    Verbatim,
    /// Outside of quotes, as GNU parallel: bare if it is all safe bytes, else in single quotes.
    Bare,
    /// Outside of quotes, always in quotes: where even safe bytes would join with what is around them.
    Quoted,
    /// The name of a command: bare if it is all safe bytes and no word that the shell itself knows, else in quotes.
    Command,
    /// The name of a variable that is assigned to (`{}=x`): bare if it can be one, else in quotes.
    Name,
    /// Inside of `"…"`.
    Double,
    /// Inside of `'…'`.
    Single,
    /// Inside of `$'…'`, without any escape before it.
    Ansi,
    /// Inside of `$'…'`, where an escape before it could swallow the value's first bytes.
    AnsiAfterEscape,
    /// In the body of a here-document whose delimiter is not quoted.
    Here,
    /// Outside of quotes, for csh and tcsh.
    Csh,
    /// Outside of quotes, for fish.
    Fish,
}

/// Bytes that GNU parallel leaves unquoted.
pub(crate) const fn is_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/')
}

const SAFE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = is_safe(byte as u8);
        byte += 1;
    }
    table
};

/// Whether GNU parallel would leave `value` as it is.
pub(crate) fn all_safe(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(|byte| SAFE[usize::from(*byte)])
}

/// Whether `value` can be the name of a variable.
pub(crate) fn is_name(value: &[u8]) -> bool {
    value.first().is_some_and(|b| !b.is_ascii_digit()) && value.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// Words that are no name of a command to some shell, where nothing quotes them. Options are for a word before them (`time -p`).
fn is_reserved(value: &[u8]) -> bool {
    const WORDS: &str = "declare export float in integer local namespace nocorrect readonly typeset";
    matches!(value.first(), Some(b'-' | b'+'))
        || is_keyword(value)
        || WORDS.split(' ').any(|word| word.as_bytes() == value)
}

/// Writes `value` for the place that `encoding` describes.
pub(crate) fn encode(value: &[u8], encoding: Encoding, out: &mut impl Sink) {
    match encoding {
        Encoding::Verbatim => out.put(value),
        Encoding::Bare if all_safe(value) => out.put(value),
        Encoding::Command if all_safe(value) && !is_reserved(value) => out.put(value),
        Encoding::Name if is_name(value) => out.put(value),
        Encoding::Bare | Encoding::Quoted | Encoding::Command | Encoding::Name => quote(value, out),
        Encoding::Double => escape(value, b"$`\"\\", out),
        Encoding::Here => escape(value, b"$`\\", out),
        Encoding::Single => replace(value, b'\'', br#"'"'"'"#, out),
        Encoding::Ansi if all_safe(value) => out.put(value),
        Encoding::Ansi | Encoding::AnsiAfterEscape => {
            out.put(b"'");
            quote(value, out);
            out.put(b"$'");
        }
        Encoding::Csh | Encoding::Fish if all_safe(value) => out.put(value),
        Encoding::Csh => quote_for_csh(value, out),
        Encoding::Fish => {
            // Unlike in other shells, backslashes are special in single quotes.
            let mut escaped = Vec::with_capacity(value.len());
            replace(value, b'\\', br"\\", &mut escaped);
            quote(&escaped, out);
        }
    }
}

/// In single quotes, a single quote as `'"'"'`, without the empty pairs of quotes that this would leave at either end
/// (as GNU parallel).
fn quote(value: &[u8], out: &mut impl Sink) {
    if value.is_empty() {
        out.put(b"''");
        return;
    }
    let last = value.iter().filter(|byte| **byte == b'\'').count();
    for (number, piece) in value.split(|byte| *byte == b'\'').enumerate() {
        if number > 0 {
            out.put(br#""'""#);
        }
        if !(piece.is_empty() && (number == 0 || number == last)) {
            out.put(b"'");
            out.put(piece);
            out.put(b"'");
        }
    }
}

/// With a backslash before each of `special`.
fn escape(value: &[u8], special: &[u8], out: &mut impl Sink) {
    let mut rest = value;
    while let Some(at) = rest.iter().position(|byte| special.contains(byte)) {
        out.put(&rest[..at]);
        out.put(b"\\");
        out.put(&rest[at..=at]);
        rest = &rest[at + 1..];
    }
    out.put(rest);
}

/// With `by` in place of each `byte`.
fn replace(value: &[u8], byte: u8, by: &[u8], out: &mut impl Sink) {
    for (number, piece) in value.split(|b| *b == byte).enumerate() {
        if number > 0 {
            out.put(by);
        }
        out.put(piece);
    }
}

/// As GNU parallel: a backslash before each special byte, and newlines in double quotes. csh does not take a backslash before a
/// byte of a longer character, so those are in single quotes; history (`!`) and the end of the line are special even there, and
/// a backslash helps.
fn quote_for_csh(value: &[u8], out: &mut impl Sink) {
    if value.is_empty() {
        out.put(b"''");
        return;
    }
    if value.is_ascii() {
        for byte in value {
            match byte {
                b'\n' => out.put(b"\"\\\n\""),
                2..=9 | 11..=26 => out.put(&[b'\\', *byte]),
                byte if b"\\#?`(){}[]^*<=>~|; \"!$&'".contains(byte) => out.put(&[b'\\', *byte]),
                byte => out.put(&[*byte]),
            }
        }
        return;
    }
    out.put(b"'");
    for byte in value {
        match byte {
            b'\'' => out.put(br#"'"'"'"#),
            b'!' => out.put(b"\\!"),
            b'\n' => out.put(b"\\\n"),
            byte => out.put(&[*byte]),
        }
    }
    out.put(b"'");
}

/// The backtick substitutions around a place. Each takes one backslash off before its commands are read, so that a
/// value needs one more for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layers {
    /// How many there are.
    pub(crate) count: u8,
    /// Which of them stand in double quotes and take the backslash before a double quote off, too; the outermost is
    /// the lowest bit.
    double: u8,
}

impl Layers {
    /// More than anybody nests; deeper templates are not followed, for the text doubles with each.
    pub(crate) const MOST: u8 = 4;

    /// One more, within these.
    pub(crate) fn within(self, double: bool) -> Layers {
        Layers { count: self.count + 1, double: self.double | u8::from(double) << self.count }
    }

    /// Writes `text`, which is encoded for the innermost level, so that all but the `outer` outermost layers leave it
    /// as it is.
    pub(crate) fn wrap(self, text: Vec<u8>, outer: u8, out: &mut impl Sink) {
        let mut text = text;
        for layer in (outer..self.count).rev() {
            let special: &[u8] = if self.double >> layer & 1 == 1 { b"$`\\\"" } else { b"$`\\" };
            let mut wrapped = Vec::with_capacity(text.len() + 8);
            escape(&text, special, &mut wrapped);
            text = wrapped;
        }
        out.put(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(value: &str, encoding: Encoding) -> String {
        let mut out = Vec::new();
        encode(value.as_bytes(), encoding, &mut out);
        String::from_utf8(out).expect("quotes are ASCII")
    }

    #[test]
    fn each_context_has_its_own_quotes() {
        assert_eq!(quoted("a-_.+/Z9", Encoding::Bare), "a-_.+/Z9");
        assert_eq!(quoted("", Encoding::Bare), "''");
        assert_eq!(quoted("it's", Encoding::Bare), r#"'it'"'"'s'"#);
        assert_eq!(quoted("'", Encoding::Bare), r#""'""#);
        assert_eq!(quoted("''", Encoding::Bare), r#""'"''"'""#);
        assert_eq!(quoted("a", Encoding::Quoted), "'a'");
        assert_eq!(quoted("a\"$`\\'!", Encoding::Double), "a\\\"\\$\\`\\\\'!");
        assert_eq!(quoted("a\"$`\\'!", Encoding::Here), "a\"\\$\\`\\\\'!");
        assert_eq!(quoted("it's", Encoding::Single), r#"it'"'"'s"#);
        assert_eq!(quoted("a b", Encoding::Ansi), "''a b'$'");
        assert_eq!(quoted("a!\nb'", Encoding::Csh), "a\\!\"\\\n\"b\\'");
        assert_eq!(quoted("é!\nb'", Encoding::Csh), "'é\\!\\\nb'\"'\"''");
        assert_eq!(quoted("a\\b'", Encoding::Fish), "'a\\\\b'\"'\"");
        let mut out = Vec::new();
        Layers::default().within(false).within(false).wrap(b"`\\\"".to_vec(), 0, &mut out);
        assert_eq!(out, br#"\\\`\\\\""#);
        out.clear();
        Layers::default().within(true).within(false).wrap(b"`\"".to_vec(), 0, &mut out);
        assert_eq!(out, br#"\\\`\""#);
    }
}
