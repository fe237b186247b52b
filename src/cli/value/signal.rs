//! Names and numbers of signals.

use rustix::process::Signal;

use super::whole;

/// The signals that somebody would end a job with, or that a job dies of. Their numbers differ between systems, so they
/// are not written here.
const SIGNALS: &[(&str, Signal)] = &[
    ("HUP", Signal::HUP),
    ("INT", Signal::INT),
    ("QUIT", Signal::QUIT),
    ("ILL", Signal::ILL),
    ("TRAP", Signal::TRAP),
    ("ABRT", Signal::ABORT),
    ("BUS", Signal::BUS),
    ("FPE", Signal::FPE),
    ("KILL", Signal::KILL),
    ("USR1", Signal::USR1),
    ("SEGV", Signal::SEGV),
    ("USR2", Signal::USR2),
    ("PIPE", Signal::PIPE),
    ("ALRM", Signal::ALARM),
    ("TERM", Signal::TERM),
    ("XCPU", Signal::XCPU),
    ("XFSZ", Signal::XFSZ),
    ("SYS", Signal::SYS),
    ("CONT", Signal::CONT),
    ("STOP", Signal::STOP),
    ("TSTP", Signal::TSTP),
];

/// A signal by its number, or by its name as [`named`] takes it.
pub fn signal(text: &str) -> Option<i32> {
    match whole::<i32>(text) {
        // 64 is Linux' last real-time signal; other systems have fewer.
        Some(number) => (1..=64).contains(&number).then_some(number),
        None => named(text),
    }
}

/// A signal by its name, with or without SIG, in either case.
pub fn named(text: &str) -> Option<i32> {
    let name = text.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    SIGNALS.iter().find(|(known, _)| *known == name).map(|(_, signal)| signal.as_raw())
}
