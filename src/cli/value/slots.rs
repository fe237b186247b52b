//! `--jobs` and `--pin`.

use super::{percent, whole};
use crate::options::{Jobs, Pin};

/// More CPUs than Linux can be built for (CONFIG_NR_CPUS): a bound, so that a typing error in a range is found.
const MAX_CPUS: usize = 8192;

/// `N`, `N%`, `+N`, `-N`, or `0`. What they come to is only known where the CPUs are counted.
///
/// # Errors
/// Anything else, `0%` too (as GNU parallel: it can't run any jobs).
pub fn jobs(text: &str) -> Result<Jobs, String> {
    let parsed = match text.as_bytes().first() {
        Some(b'+') => whole(&text[1..]).map(Jobs::Plus),
        Some(b'-') => whole(&text[1..]).map(Jobs::Minus),
        _ if text.ends_with('%') => percent(text).filter(|percent| *percent > 0.0).map(Jobs::Percent),
        _ => whole(text).map(|jobs| if jobs == 0 { Jobs::Unlimited } else { Jobs::Exactly(jobs) }),
    };
    parsed
        .ok_or_else(|| "give a number, or +N, -N or N% of the CPUs, or 0 for as many as the machine allows".to_owned())
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
    fn jobs_are_those_of_gnu_parallel() {
        for (text, expected) in [
            ("1", Some(Jobs::Exactly(1))),
            ("007", Some(Jobs::Exactly(7))),
            ("0", Some(Jobs::Unlimited)),
            ("+2", Some(Jobs::Plus(2))),
            ("-2", Some(Jobs::Minus(2))),
            ("+0", Some(Jobs::Plus(0))),
            ("50%", Some(Jobs::Percent(50.0))),
            ("100.5%", Some(Jobs::Percent(100.5))),
            ("", None),
            ("%", None),
            ("+", None),
            ("-", None),
            ("--", None),
            ("0%", None),
            ("+50%", None),
            ("-50%", None),
            ("1.5", None),
            ("1k", None),
            ("two", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(jobs(text).ok(), expected, "{text}");
        }
    }

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
