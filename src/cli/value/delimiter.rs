//! `--delimiter`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// One byte, as itself or as a C escape (`\n`, `\0`, `\x1f`, `\037`, and `\0037` as printf takes it).
///
/// # Errors
/// Anything but exactly one byte.
pub fn delimiter(typed: OsString) -> Result<u8, String> {
    let bytes = typed.into_vec();
    match bytes.as_slice() {
        [] => Err("an empty delimiter separates nothing; for NUL-terminated input use --null".to_owned()),
        [byte] => Ok(*byte),
        [b'\\', escape @ ..] => unescape(escape).ok_or_else(|| {
            "not an escape of one byte; give one like \\n, \\t, \\0, \\\\, \\x1f or \\037 (in quotes, for the shell)".to_owned()
        }),
        _ => Err("a delimiter is one byte; translate the input first, for instance with tr or sed".to_owned()),
    }
}

/// What follows a backslash.
fn unescape(escape: &[u8]) -> Option<u8> {
    match escape {
        [b'a'] => Some(0x07),
        [b'b'] => Some(0x08),
        [b'e'] => Some(0x1b),
        [b'f'] => Some(0x0c),
        [b'n'] => Some(b'\n'),
        [b'r'] => Some(b'\r'),
        [b't'] => Some(b'\t'),
        [b'v'] => Some(0x0b),
        [b'\\'] => Some(b'\\'),
        [b'x', digits @ ..] if (1..=2).contains(&digits.len()) => number(digits, 16),
        // C has up to three octal digits; printf up to three after a leading zero.
        [b'0', digits @ ..] if (1..=3).contains(&digits.len()) => number(digits, 8),
        digits if (1..=3).contains(&digits.len()) => number(digits, 8),
        _ => None,
    }
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

    fn of(typed: impl Into<Vec<u8>>) -> Option<u8> {
        delimiter(OsString::from_vec(typed.into())).ok()
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
            let longer = bytes.len() > 1 && bytes[0] != b'\\';
            prop_assert!(!(longer && of(bytes).is_some()));
        }
    }
}
