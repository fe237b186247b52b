//! `--load`, `--memfree`, `--memsuspend` and `--limit`; `--template`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use super::unit::reckon;
use crate::options::{FileTemplate, Limit, Load, LoadLimit};

/// [`Load::parse`], or the name of a file that holds that.
pub fn load(typed: OsString) -> LoadLimit {
    match Load::parse(&typed.to_string_lossy()) {
        Some(load) => LoadLimit::Amount(load),
        None => LoadLimit::File(PathBuf::from(typed)),
    }
}

/// Bytes, see [`reckon`]; 0 too.
///
/// # Errors
/// Anything else.
pub fn amount(text: &str) -> Result<u64, String> {
    let wanted = "give a number, which may end in K, M, G or T (1024) or k, m, g or t (1000)";
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "more than there can be is as good as any"
    )]
    prefixed(text).map(|size| size as u64).ok_or_else(|| wanted.to_owned())
}

fn prefixed(text: &str) -> Option<f64> {
    reckon(text).filter(|number| *number >= 0.0)
}

/// `--limit`: one of the three that need no command, or a command. As GNU parallel: `io`, `mem` or `load` without a number
/// that makes sense is a command as well.
pub fn limit(typed: OsString) -> Limit {
    let text = typed.to_string_lossy();
    let mut words = text.split_ascii_whitespace();
    let (name, number) = (words.next(), words.next().and_then(prefixed));
    match (name, number) {
        (Some("io"), Some(number)) => Limit::Io(number),
        (Some("mem"), Some(number)) => Limit::Memory(number),
        (Some("load"), Some(number)) => Limit::Load(number),
        _ => Limit::Command(typed.into_vec()),
    }
}

/// `FILE=REPL`.
///
/// # Errors
/// Anything else.
pub fn template(typed: OsString) -> Result<FileTemplate, String> {
    let bytes = typed.as_bytes();
    let cut = memchr::memchr(b'=', bytes).filter(|cut| *cut > 0 && cut + 1 < bytes.len());
    let cut = cut.ok_or("give a file with replacement strings and the name to write it to, like conf.in={.}.conf")?;
    Ok(FileTemplate { source: PathBuf::from(OsStr::from_bytes(&bytes[..cut])), target: bytes[cut + 1..].to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1", Some(1)),
            ("1k", Some(1000)),
            ("1K", Some(1024)),
            ("1ki", Some(1024)),
            ("1.5M", Some(1_572_864)),
            ("2Gi", Some(2 << 30)),
            ("1t", Some(1_000_000_000_000)),
            ("", None),
            ("G", None),
            ("-1", None),
            ("1x", None),
            ("1Kb", None),
            ("1Mib", None),
            ("99999P", Some(u64::MAX)),
        ] {
            assert_eq!(amount(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn limits_are_commands_or_one_of_three_words_with_a_number() {
        let command = |text: &str| Limit::Command(text.as_bytes().to_vec());
        for (text, expected) in [
            ("io 50", Limit::Io(50.0)),
            ("mem 1K", Limit::Memory(1024.0)),
            ("load 1.5", Limit::Load(1.5)),
            ("load", command("load")),
            ("mem x", command("mem x")),
            ("iostat", command("iostat")),
            ("", command("")),
        ] {
            assert_eq!(limit(OsString::from(text)), expected, "{text}");
        }
    }

    #[test]
    fn templates_are_cut_at_the_first_equals_sign() {
        let expected = FileTemplate { source: "a".into(), target: b"b=c".to_vec() };
        assert_eq!(template("a=b=c".into()), Ok(expected));
        assert!(["", "a", "=", "a=", "=b"].iter().all(|text| template((*text).into()).is_err()));
    }
}
