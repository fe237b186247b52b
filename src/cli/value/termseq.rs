//! `--term-seq`.

use std::time::Duration;

use super::signal::signal;
use super::whole;

/// Signals, each followed by milliseconds to wait: `TERM,200,KILL,25`. A last signal without a time is followed by no
/// wait. Names with and without SIG in either case, and numbers.
///
/// # Errors
/// Anything else.
pub fn termseq(text: &str) -> Result<Steps, String> {
    steps(text)
        .map(Steps)
        .ok_or_else(|| "give signals, each followed by milliseconds to wait, like TERM,200,TERM,100,KILL,25".to_owned())
}

/// Signals and the time to wait after each. A type of its own, for clap takes a `Vec` as an option that can be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps(pub Vec<(i32, Duration)>);

fn steps(text: &str) -> Option<Vec<(i32, Duration)>> {
    let mut steps = Vec::new();
    let mut parts = text.split(',');
    while let Some(name) = parts.next() {
        let wait = match parts.next() {
            Some(milliseconds) => whole::<u32>(milliseconds)?,
            None => 0,
        };
        steps.push((signal(name)?, Duration::from_millis(u64::from(wait))));
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences() {
        let ms = Duration::from_millis;
        for (text, expected) in [
            ("TERM,200,KILL,25", Some(vec![(15, ms(200)), (9, ms(25))])),
            ("sigint,10", Some(vec![(2, ms(10))])),
            ("15,10,9", Some(vec![(15, ms(10)), (9, ms(0))])),
            ("", None),
            ("TERM,", None),
            ("TERM,x", None),
            ("TERM,-1", None),
            ("TERM,,KILL", None),
            ("TERM,KILL", None),
            ("TEARM,10", None),
            ("0,10", None),
            ("65,10", None),
        ] {
            assert_eq!(termseq(text).ok(), expected.map(Steps), "{text}");
        }
    }
}
