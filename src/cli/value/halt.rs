//! `--halt`.

use super::{percent, whole};
use crate::options::{Halt, HaltAt, HaltOn};

/// `never`, or `now|soon,fail|success|done=N|N%`, or GNU parallel's older numbers.
///
/// # Errors
/// Anything else.
pub fn halt(text: &str) -> Result<Halt, String> {
    let first = |now, what| Some(Halt::When { now, what, threshold: HaltAt::Count(1) });
    let parsed = match text {
        "never" | "0" => Some(Halt::Never),
        // As GNU parallel, whatever comes behind it.
        _ if text.starts_with("never,") => Some(Halt::Never),
        "1" => first(false, HaltOn::Fail),
        "2" => first(true, HaltOn::Fail),
        "-1" => first(false, HaltOn::Success),
        "-2" => first(true, HaltOn::Success),
        _ if text.ends_with('%') && !text.contains(',') => {
            at(text).map(|threshold| Halt::When { now: false, what: HaltOn::Fail, threshold })
        }
        _ => when(text),
    };
    parsed.ok_or_else(|| {
        "give never, or when and why like now,fail=1, soon,fail=10% or now,success=3 (now or soon; fail, success or done)"
            .to_owned()
    })
}

/// `now,fail=1`
fn when(text: &str) -> Option<Halt> {
    let (when, why) = text.split_once(',')?;
    let (what, threshold) = why.split_once('=')?;
    let now = match when {
        "now" => true,
        "soon" => false,
        _ => return None,
    };
    let what = match what {
        "fail" => HaltOn::Fail,
        "success" => HaltOn::Success,
        "done" => HaltOn::Done,
        _ => return None,
    };
    Some(Halt::When { now, what, threshold: at(threshold)? })
}

/// `3` or `3%`. GNU parallel looks only after a job of the kind has ended, so that 0 means the first one to it,
/// and that the exit status is 0.
fn at(text: &str) -> Option<HaltAt> {
    match percent(text) {
        Some(0.0) => Some(HaltAt::Count(0)),
        Some(percent) => (percent > 0.0 && percent <= 100.0).then_some(HaltAt::Percent(percent)),
        None => whole(text).map(HaltAt::Count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_those_of_gnu_parallel() {
        let when = |now, what, threshold| Some(Halt::When { now, what, threshold });
        for (text, expected) in [
            ("never", Some(Halt::Never)),
            ("0", Some(Halt::Never)),
            ("1", when(false, HaltOn::Fail, HaltAt::Count(1))),
            ("2", when(true, HaltOn::Fail, HaltAt::Count(1))),
            ("-1", when(false, HaltOn::Success, HaltAt::Count(1))),
            ("-2", when(true, HaltOn::Success, HaltAt::Count(1))),
            ("30%", when(false, HaltOn::Fail, HaltAt::Percent(30.0))),
            ("now,fail=1", when(true, HaltOn::Fail, HaltAt::Count(1))),
            ("soon,success=3", when(false, HaltOn::Success, HaltAt::Count(3))),
            ("now,done=12.5%", when(true, HaltOn::Done, HaltAt::Percent(12.5))),
            ("soon,fail=0", when(false, HaltOn::Fail, HaltAt::Count(0))),
            ("0%", when(false, HaltOn::Fail, HaltAt::Count(0))),
            ("", None),
            ("3", None),
            ("-3", None),
            ("101%", None),
            ("now", None),
            ("now,fail", None),
            ("now,fail=", None),
            ("now,fail=x", None),
            ("now,fail=-1", None),
            ("fail=1", None),
            ("later,fail=1", None),
            ("now,fails=1", None),
            ("Now,Fail=1", None),
            ("now,fail=1,done=2", None),
        ] {
            assert_eq!(halt(text).ok(), expected, "{text}");
        }
    }
}
