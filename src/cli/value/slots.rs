//! `--jobs` and `--pin`.

use std::ffi::OsString;
use std::path::PathBuf;

use super::whole;
use crate::options::{Jobs, Pin};

/// More CPUs than Linux can be built for (CONFIG_NR_CPUS): a bound, so that a typing error in a range is found.
const MAX_CPUS: usize = 8192;

/// [`Jobs::parse`], or the name of a file that holds that.
///
/// # Errors
/// What can be neither.
pub fn jobs(typed: OsString) -> Result<Jobs, String> {
    let text = typed.to_string_lossy();
    let looks_like_one = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'%' | b'.');
    match Jobs::parse(&text) {
        Some(jobs) => Ok(jobs),
        None if text.bytes().all(looks_like_one) => {
            Err("give a number, or +N, -N or N% of the CPUs, or 0 for as many as \
             the machine allows, or a file that holds one of these"
                .to_owned())
        }
        None => Ok(Jobs::File(PathBuf::from(typed))),
    }
}

/// `none`, `compact`, `spread`, or CPUs like `0,2,4-7`, in the order in which slots take them.
///
/// # Errors
/// Anything else. Whether this process may use the CPUs is only known where slots start.
pub fn pin(text: &str) -> Result<Pin, String> {
    match text {
        "none" => Ok(Pin::None),
        "compact" => Ok(Pin::Compact),
        "spread" => Ok(Pin::Spread),
        _ => ranges(text, MAX_CPUS - 1)
            .map(Pin::List)
            .ok_or_else(|| "give none, compact, spread, or CPUs like 0,2,4-7".to_owned()),
    }
}

/// Numbers and ranges up to `max`, in the order given: `0,2,4-7`.
pub(super) fn ranges(text: &str, max: usize) -> Option<Vec<usize>> {
    let mut numbers = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (usize, usize) = (whole(first)?, whole(last)?);
        if first > last || last > max {
            return None;
        }
        numbers.extend(first..=last);
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins() {
        for (text, expected) in [
            ("none", Some(Pin::None)),
            ("compact", Some(Pin::Compact)),
            ("spread", Some(Pin::Spread)),
            ("3", Some(Pin::List(vec![3]))),
            ("4-6,0,0", Some(Pin::List(vec![4, 5, 6, 0, 0]))),
            ("", None),
            ("1,", None),
            ("3-1", None),
            ("0-99999999", None),
            ("-1", None),
            ("1-", None),
            ("close", None),
        ] {
            assert_eq!(pin(text).ok(), expected, "{text}");
        }
    }
}
