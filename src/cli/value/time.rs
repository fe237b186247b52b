//! Durations, as GNU parallel's TIME POSTFIXES, and milliseconds.

use std::time::Duration;

use super::{decimal, percent};
use crate::options::{Delay, Patience, Timeout};

/// Seconds, or numbers with the units ms, s, m, h and d that are added up: `90`, `1.5`, `250ms`, `1h30m`. Upper case
/// is taken as well, as GNU parallel does.
///
/// # Errors
/// Anything else, and more than `u32::MAX` seconds (136 years), so that adding it to a clock can't overflow.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wanted = || "give seconds, or numbers with units like 1.5, 250ms, 90s, 1h30m or 2d".to_owned();
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let factor = match unit.to_ascii_lowercase().as_str() {
            "ms" => 0.001,
            "" | "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86400.0,
            _ => return Err(wanted()),
        };
        seconds += decimal(number).ok_or_else(wanted)? * factor;
        rest = after;
    }
    if text.is_empty() {
        return Err(wanted());
    }
    if seconds > f64::from(u32::MAX) {
        return Err("that is longer than a hundred years; leave the option out".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// `--delay`: a duration, with `auto` behind it for one that changes; `auto` alone is one of 0, as in GNU parallel.
///
/// # Errors
/// Anything else.
pub fn delay(text: &str) -> Result<Delay, String> {
    let (time, auto) = text.strip_suffix("auto").map_or((text, false), |time| (time, true));
    let time = if auto && time.is_empty() { Duration::ZERO } else { duration(time)? };
    Ok(Delay { time, auto })
}

/// `--timeout`: a duration, or `N%` of the median runtime.
///
/// # Errors
/// Anything else, and 0%.
pub fn timeout(text: &str) -> Result<Timeout, String> {
    if text.ends_with('%') {
        let wanted = "give more than 0%, like 200% of the median runtime of jobs that succeed";
        return percent(text).filter(|percent| *percent > 0.0).map(Timeout::OfMedian).ok_or_else(|| wanted.to_owned());
    }
    let after = duration(text).map_err(|_| {
        "give seconds, or numbers with units like 1.5, 250ms, 90s, 1h30m or 2d, or a percentage like 200%".to_owned()
    });
    after.map(Timeout::After)
}

/// `--semaphore-timeout`: a duration, after which a place is taken all the same, or one behind a minus, after which it is
/// given up. 0 is no limit (as GNU parallel).
///
/// # Errors
/// Anything else.
pub fn patience(text: &str) -> Result<Patience, String> {
    let (text, then): (_, fn(Duration) -> Patience) = match text.strip_prefix('-') {
        Some(rest) => (rest, Patience::ThenGiveUp),
        None => (text, Patience::ThenTake),
    };
    let time = duration(text).map_err(|wanted| wanted + ", or -TIME to give up then")?;
    Ok(if time.is_zero() { Patience::Endless } else { then(time) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_may_be_percentages() {
        assert_eq!(timeout("90"), Ok(Timeout::After(Duration::from_secs(90))));
        assert_eq!(timeout("150%"), Ok(Timeout::OfMedian(150.0)));
        assert_eq!(timeout(".5%"), Ok(Timeout::OfMedian(0.5)));
        assert!(["", "%", "0%", "-5%", "5%%", "1s%", "x"].iter().all(|text| timeout(text).is_err()));
    }

    #[test]
    fn patience_has_two_ends() {
        let ms = Duration::from_millis;
        assert_eq!(patience("5"), Ok(Patience::ThenTake(ms(5000))));
        assert_eq!(patience("-.5"), Ok(Patience::ThenGiveUp(ms(500))));
        assert_eq!(patience("-1m"), Ok(Patience::ThenGiveUp(ms(60_000))));
        assert_eq!((patience("0"), patience("-0")), (Ok(Patience::Endless), Ok(Patience::Endless)));
        assert!(["", "-", "--1", "+1", "x"].iter().all(|text| patience(text).is_err()));
    }

    #[test]
    fn units_are_those_of_gnu_parallel_and_milliseconds() {
        for (text, milliseconds) in [
            ("0", Some(0)),
            ("1", Some(1000)),
            (".5", Some(500)),
            ("1.", Some(1000)),
            ("0.1", Some(100)),
            ("250ms", Some(250)),
            ("5MS", Some(5)),
            ("1.5s", Some(1500)),
            ("2m", Some(120_000)),
            ("1M", Some(60_000)),
            ("1h30m", Some(5_400_000)),
            ("1m30", Some(90_000)),
            // The example of GNU parallel's manual.
            ("1d3.5h16.6m4s", Some(100_000_000)),
            ("", None),
            (".", None),
            ("1..5", None),
            ("s", None),
            ("-1", None),
            ("+1", None),
            ("1e3", None),
            ("inf", None),
            ("nan", None),
            ("1 s", None),
            ("1w", None),
            ("200%", None),
            ("10auto", None),
            ("4294967296", None),
            ("99999999999999999999999999999", None),
        ] {
            assert_eq!(duration(text).ok(), milliseconds.map(Duration::from_millis), "{text}");
        }
    }
}
