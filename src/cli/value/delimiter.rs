//! `--delimiter`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// The bytes of `--delimiter`; at least one.
#[derive(Clone, Debug)]
pub struct Delimiter(pub Vec<u8>);

/// One or more bytes, as themselves or as C escapes (`\n`, `\0`, `\x1f`, `\037`, and `\0037` as printf takes it).
///
/// # Errors
/// No bytes; an escape that is none.
pub fn delimiter(typed: OsString) -> Result<Delimiter, String> {
    let typed = typed.into_vec();
    match typed.as_slice() {
        [] => return Err("an empty delimiter separates nothing; for NUL-terminated input use --null".to_owned()),
        [b'\\'] => return Ok(Delimiter(typed)),
        _ => {}
    }
    let mut bytes = Vec::with_capacity(typed.len());
    let mut rest = typed.as_slice();
    while let [first, more @ ..] = rest {
        let (byte, length) = if *first == b'\\' { unescape(more).ok_or_else(no_escape)? } else { (*first, 0) };
        bytes.push(byte);
        rest = &more[length..];
    }
    Ok(Delimiter(bytes))
}

fn no_escape() -> String {
    "not an escape of one byte; give one like \\n, \\t, \\0, \\\\, \\x1f or \\037 (in quotes, for the shell)".to_owned()
}

/// What follows a backslash, and how long that is.
fn unescape(escape: &[u8]) -> Option<(u8, usize)> {
    let byte = match escape.first()? {
        b'a' => 0x07,
        b'b' => 0x08,
        b'e' => 0x1b,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'\\' => b'\\',
        b'x' => {
            let digits = run(&escape[1..], 2, u8::is_ascii_hexdigit);
            return Some((number(digits, 16)?, 1 + digits.len()));
        }
        first => {
            // C has up to three octal digits; printf up to three after a leading zero.
            let digits = run(escape, if *first == b'0' { 4 } else { 3 }, |byte| matches!(byte, b'0'..=b'7'));
            return Some((number(digits, 8)?, digits.len()));
        }
    };
    Some((byte, 1))
}

/// As many of the first bytes as are of this kind.
fn run(text: &[u8], most: usize, is: impl Fn(&u8) -> bool) -> &[u8] {
    &text[..text.iter().take(most).take_while(|byte| is(byte)).count()]
}

/// The digits as a byte; `from_str_radix` alone would allow a sign.
fn number(digits: &[u8], radix: u32) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    text.chars().all(|digit| digit.is_digit(radix)).then(|| u8::from_str_radix(text, radix).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(typed: impl Into<Vec<u8>>) -> Option<Vec<u8>> {
        delimiter(OsString::from_vec(typed.into())).ok().map(|found| found.0)
    }

    /// The only byte.
    fn of(typed: impl Into<Vec<u8>>) -> Option<u8> {
        all(typed).and_then(|bytes| <[u8; 1]>::try_from(bytes).ok()).map(|[byte]| byte)
    }

    #[test]
    fn escapes_are_those_of_c() {
        for (typed, expected) in [
            (",", Some(b',')),
            ("\\", Some(b'\\')),
            ("\\\\", Some(b'\\')),
            ("\\n", Some(b'\n')),
            ("\\t", Some(b'\t')),
            ("\\r", Some(b'\r')),
            ("\\0", Some(0)),
            ("\\00", Some(0)),
            ("\\12", Some(b'\n')),
            ("\\037", Some(0x1f)),
            ("\\101", Some(b'A')),
            ("\\0101", Some(b'A')),
            ("\\377", Some(0xff)),
            ("\\x1F", Some(0x1f)),
            ("\\x9", Some(b'\t')),
            ("", None),
            ("ab", None),
            ("é", None),
            ("\\q", None),
            ("\\x", None),
            ("\\x123", None),
            ("\\x+1", None),
            ("\\400", None),
            ("\\08", None),
            ("\\01234", None),
            ("\\n\\n", None),
        ] {
            assert_eq!(of(typed), expected, "{typed}");
        }
        assert_eq!(of([0xff]), Some(0xff), "a byte that is not UTF-8");
    }

    #[test]
    fn several_bytes_are_one_delimiter() {
        for (typed, expected) in [
            ("ab", Some(&b"ab"[..])),
            ("\\r\\n", Some(b"\r\n")),
            ("a\\tb", Some(b"a\tb")),
            ("\\x2c\\054,", Some(b",,,")),
            ("\\012x", Some(b"\nx")),
            ("a\\", None),
            ("a\\q", None),
        ] {
            assert_eq!(all(typed).as_deref(), expected, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn every_byte_can_be_written_in_each_way(byte in any::<u8>()) {
            prop_assert_eq!(of(format!("\\x{byte:02x}")), Some(byte));
            prop_assert_eq!(of(format!("\\{byte:03o}")), Some(byte));
            prop_assert_eq!(of(format!("\\0{byte:03o}")), Some(byte));
            prop_assert_eq!(of([byte]), Some(byte));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..8)) {
            let plain = !bytes.is_empty() && !bytes.contains(&b'\\');
            prop_assert!(!plain || all(bytes.clone()) == Some(bytes));
        }
    }
}
