//! Counts and sizes.

use super::slots::ranges;
use super::unit::reckon;
use super::whole;
use crate::options::{BlockSize, Tries};

/// The largest number up to which a float counts exactly, 2^53: no memory is that large.
const MOST: f64 = 9_007_199_254_740_992.0;

/// Bytes, or anything else that is counted, see [`reckon`].
///
/// # Errors
/// Anything else, less than 1, and more than can be counted.
pub fn size(text: &str) -> Result<usize, String> {
    let bound = "give a number from 1, which may end in K, M or G (1024) or k, m or g (1000)";
    reckon(text).filter(|size| *size >= 1.0).and_then(counted).ok_or_else(|| bound.to_owned())
}

/// `--block`: a size, or a number below 0 of blocks for each slot.
///
/// # Errors
/// Anything else.
pub fn block(text: &str) -> Result<BlockSize, String> {
    let bytes = |text: &str| {
        // As GNU parallel's Ki, Mi and so on.
        let text = text.strip_suffix(['i', 'I']).map_or_else(|| text.to_owned(), str::to_ascii_uppercase);
        size(&text)
    };
    match text.strip_prefix('-') {
        Some(blocks) => bytes(blocks)
            .map(|blocks| BlockSize::PerSlot(blocks as f64))
            .map_err(|_| "give a number of bytes, or -1, -2 and so on for blocks for each slot".to_owned()),
        None => bytes(text).map(BlockSize::Bytes),
    }
}

/// `--max-args` and its relatives: as [`size`], a part of one counts as one (as GNU parallel's comparison), and 0.
///
/// # Errors
/// Anything else.
pub fn count(text: &str) -> Result<usize, String> {
    let bound = "give a number from 0, which may end in K, M or G (1024) or k, m or g (1000)";
    reckon(text).and_then(|number| counted(number.ceil())).ok_or_else(|| bound.to_owned())
}

/// A number without its fraction.
fn counted(number: f64) -> Option<usize> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0..=2^53, looked at before")]
    (0.0..=MOST).contains(&number).then_some(number as u64).and_then(|number| usize::try_from(number).ok())
}

/// `--max-lines`, where 0 is 1 and a fraction is rounded up.
///
/// # Errors
/// Anything but a number.
pub fn max_lines(text: &str) -> Result<usize, String> {
    count(text).map(|lines| lines.max(1))
}

/// `--max-chars`; 0 is no limit, as in GNU parallel.
///
/// # Errors
/// As [`count`].
pub fn max_chars(text: &str) -> Result<Chars, String> {
    Ok(Chars(Some(count(text)?).filter(|chars| *chars > 0)))
}

/// A limit in bytes; `None` is no limit. A type of its own, for clap takes an `Option` as an option that may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chars(pub Option<usize>);

/// `--retries`: tries in total; 0 is unlimited, and a replacement string may stand for the number, as in GNU parallel.
///
/// # Errors
/// Anything but a number, where nothing looks like a replacement string.
pub fn tries(text: &str) -> Result<Tries, String> {
    match whole(text) {
        Some(number) => Ok(Tries::Each(Tries::of(number))),
        None if text.contains('{') => Ok(Tries::Template(text.into())),
        None => Err("give the number of tries in total, or 0 for no limit".to_owned()),
    }
}

/// `--nice`; more than the kernel has is its most, as in GNU parallel.
///
/// # Errors
/// Anything but a whole number.
pub fn nice(text: &str) -> Result<i32, String> {
    let nice: Result<i32, _> = text.parse();
    nice.map(|nice| nice.clamp(-20, 19))
        .map_err(|_| "give a number from -20 to 19; below 0 needs privileges".to_owned())
}

/// `--min-version`.
///
/// # Errors
/// Anything but a whole number.
pub fn min_version(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| "give the number of a version of GNU parallel, like 20170422".to_owned())
}

/// `--success-codes`: exit statuses and ranges of them, in order and each once.
///
/// # Errors
/// Anything else.
pub fn success_codes(text: &str) -> Result<Codes, String> {
    let codes = ranges(text, 255).ok_or("give exit statuses from 0 to 255, like 0,1 or 0,3-5")?;
    let mut codes: Vec<i32> = codes.into_iter().filter_map(|code| i32::try_from(code).ok()).collect();
    codes.sort_unstable();
    codes.dedup();
    Ok(Codes(codes))
}

/// Exit statuses that count as success. A type of its own, for clap takes a `Vec` as an option that can be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes(pub Vec<i32>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_gnu_parallels_prefixes() {
        for (text, expected) in [
            ("1", Some(1)),
            ("4096", Some(4096)),
            ("1k", Some(1000)),
            ("1K", Some(1024)),
            ("1.5K", Some(1536)),
            ("1m", Some(1_000_000)),
            ("2M", Some(2 << 20)),
            ("1G", Some(1 << 30)),
            ("", None),
            ("0", None),
            ("0.5", None),
            ("-1", None),
            ("M", None),
            ("1MB", None),
            ("1x", None),
            ("1é", None),
            ("9999P", None),
        ] {
            assert_eq!(size(text).ok(), expected, "{text}");
        }
        let counts = [
            ("0", 0),
            ("-0", 0),
            ("0.5", 1),
            ("1+1", 2),
            ("1", 1),
            ("1.5", 2),
            ("2K", 2048),
            ("1.5K", 1536),
            ("2.0", 2),
        ];
        assert!(counts.iter().all(|(text, expected)| count(text) == Ok(*expected)));
        assert!(["", "x", "-1", "1e"].iter().all(|text| count(text).is_err()));
        assert_eq!((max_lines("0"), max_lines("3")), (Ok(1), Ok(3)));
        assert_eq!((max_chars("0"), max_chars("1k")), (Ok(Chars(None)), Ok(Chars(Some(1000)))));
    }

    #[test]
    fn numbers_have_bounds() {
        assert_eq!(tries("3"), Ok(Tries::Each(Some(3))));
        assert_eq!(tries("0"), Ok(Tries::Each(None)));
        assert_eq!(tries("{2}"), Ok(Tries::Template(b"{2}".to_vec())));
        assert!(["", "x", "-1", "1.5", "4294967296"].iter().all(|text| tries(text).is_err()));
        assert_eq!((nice("-21"), nice("25"), nice("+5")), (Ok(-20), Ok(19), Ok(5)));
        assert!(["", "x", "1.5"].iter().all(|text| nice(text).is_err()));
        assert_eq!(success_codes("3-5,0,4"), Ok(Codes(vec![0, 3, 4, 5])));
        assert!(["", "256", "-1", "0,", "x", "5-3"].iter().all(|text| success_codes(text).is_err()));
    }
}
