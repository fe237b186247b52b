//! How many slots, and where they run.

use std::path::PathBuf;

use super::number::{percent, whole};

/// How many slots, and where they run.
#[derive(Clone, Debug)]
pub struct SlotOptions {
    /// `--jobs`.
    pub jobs: Jobs,
    /// What is a CPU where a number is relative to that.
    pub cpu: Cpu,
    /// `--pin`.
    pub pin: Pin,
    /// `--nice`: the niceness of jobs, where it is not less than our own.
    pub nice: Option<i32>,
}

/// `--jobs`.
#[derive(Clone, Debug, PartialEq)]
pub enum Jobs {
    /// As many as there are CPUs that this process may really use.
    Cpus,
    /// N.
    Exactly(usize),
    /// N% of the CPUs, rounded up.
    Percent(f64),
    /// +N: CPUs and N more.
    Plus(usize),
    /// -N: N fewer than CPUs, at least 1.
    Minus(usize),
    /// 0: as many as the machine allows.
    Unlimited,
    /// What a file says; it may change.
    File(PathBuf),
}

/// What is counted as a CPU (as GNU parallel `--use-cores-instead-of-threads`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cpu {
    /// A hardware thread.
    Thread,
    /// A core.
    Core,
    /// A socket with at least one core in it.
    Socket,
    /// There are so many, at least 1, whatever the machine has (as GNU parallel `--sshlogin N/:`).
    Given(usize),
}

/// `--pin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// Leave the affinity mask alone.
    None,
    /// Slot by slot to the allowed CPUs in their order.
    Compact,
    /// Slot by slot over packages and cores first, hardware threads last.
    Spread,
    /// Slot by slot to these CPUs.
    List(Vec<usize>),
}

impl Jobs {
    /// `N`, `N%`, `+N`, `-N`, or `0`, as on the command line and in the file of `--jobs FILE`. `None`: anything else, `0%` too (as
    /// GNU parallel: it can't run any jobs). What it comes to is only known where the CPUs are counted.
    pub fn parse(text: &str) -> Option<Jobs> {
        match text.as_bytes().first()? {
            b'+' => whole(&text[1..]).map(Jobs::Plus),
            b'-' => whole(&text[1..]).map(Jobs::Minus),
            _ if text.ends_with('%') => percent(text).filter(|percent| *percent > 0.0).map(Jobs::Percent),
            _ => whole(text).map(|jobs| if jobs == 0 { Jobs::Unlimited } else { Jobs::Exactly(jobs) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_jobs_are_those_of_gnu_parallel() {
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
            assert_eq!(Jobs::parse(text), expected, "{text}");
        }
    }
}
