//! `--retry-delay` and `--retry-on`.

use super::signal::named;
use super::slots::ranges;
use super::time::duration;
use crate::options::{RetryDelay, RetryOn};

/// A duration, or `exp:BASE..MAX`.
///
/// # Errors
/// Anything else, a base of zero, and one above the maximum.
pub fn retry_delay(text: &str) -> Result<RetryDelay, String> {
    let Some(range) = text.strip_prefix("exp:") else {
        return duration(text)
            .map(RetryDelay::Fixed)
            .map_err(|error| format!("{error}; or exp:BASE..MAX, like exp:1s..5m"));
    };
    let wanted = || "give the first wait and the longest, like exp:1s..5m".to_owned();
    let (base, max) = range.split_once("..").ok_or_else(wanted)?;
    let (base, max) = (duration(base).map_err(|_| wanted())?, duration(max).map_err(|_| wanted())?);
    if base.is_zero() || base > max {
        return Err("the first wait has to be more than 0 and no more than the longest, like exp:1s..5m".to_owned());
    }
    Ok(RetryDelay::Exponential { base, max })
}

/// Exit statuses and ranges of them, names of signals, `signal` for any signal, and `timeout`: `1-5,75,SIGSEGV,timeout`.
///
/// # Errors
/// Anything else.
pub fn retry_on(text: &str) -> Result<RetryOn, String> {
    let mut on = RetryOn::default();
    for part in text.split(',') {
        match part {
            "signal" => on.any_signal = true,
            "timeout" => on.timeout = true,
            part => match (named(part), ranges(part, 255)) {
                (Some(signal), _) => on.signals.push(signal),
                (None, Some(codes)) => on.codes.extend(codes.into_iter().filter_map(|code| i32::try_from(code).ok())),
                (None, None) => {
                    return Err(
                        "give exit statuses up to 255, signals by name, signal or timeout, like 1-5,75,SIGSEGV"
                            .to_owned(),
                    );
                }
            },
        }
    }
    Ok(on)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn delays_are_fixed_or_double() {
        let ms = Duration::from_millis;
        let exponential = |base, max| Some(RetryDelay::Exponential { base: ms(base), max: ms(max) });
        for (text, expected) in [
            ("0", Some(RetryDelay::Fixed(ms(0)))),
            ("1.5", Some(RetryDelay::Fixed(ms(1500)))),
            ("250ms", Some(RetryDelay::Fixed(ms(250)))),
            ("exp:1..60", exponential(1000, 60_000)),
            ("exp:.5..2m", exponential(500, 120_000)),
            ("exp:1s..1s", exponential(1000, 1000)),
            ("", None),
            ("exp", None),
            ("exp:", None),
            ("exp:1s", None),
            ("exp:..", None),
            ("exp:1..", None),
            ("exp:0..1", None),
            ("exp:2..1", None),
            ("1..2", None),
            ("-1", None),
        ] {
            assert_eq!(retry_delay(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn lists_hold_statuses_signals_and_timeout() {
        let on = retry_on("1-3,75,SIGSEGV,kill,timeout").expect("a list");
        assert_eq!((on.codes, on.signals), (vec![1, 2, 3, 75], vec![11, 9]));
        assert!(on.timeout && !on.any_signal);
        assert!(retry_on("signal").expect("a list").any_signal);
        for wrong in ["", ",", "1,", "256", "5-3", "-1", "SIGNOPE", "timeouts", "1 2"] {
            assert!(retry_on(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_breaks_the_parsers(text in "(exp:)?[0-9.,smh-]{0,12}|\\PC{0,12}") {
            if let Ok(RetryDelay::Exponential { base, max }) = retry_delay(&text) {
                prop_assert!(!base.is_zero() && base <= max);
            }
            if let Ok(on) = retry_on(&text) {
                prop_assert!(on.codes.iter().all(|code| (0..=255).contains(code)));
            }
        }
    }
}
