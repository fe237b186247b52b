//! How numbers, commands and signals look in reports for people.

use std::borrow::Cow;
use std::time::Duration;

use rustix::process::Signal;

use crate::diag::escape;

/// A command for one line of ours: escaped, and cut to `limit` characters with `...` in place of the rest, because a
/// command may be as long as the system allows.
pub fn clip(command: &[u8], limit: usize) -> String {
    // Only a prefix is looked at: four bytes hold at least one character.
    let prefix = &command[..command.len().min(4 * limit + 4)];
    let text = escape(prefix);
    if text.chars().nth(limit).is_none() {
        return text.into_owned();
    }
    text.chars().take(limit.saturating_sub(3)).chain("...".chars()).collect()
}

/// How long something took, with about as many digits as a person wants: `0.4ms`, `12ms`, `3.1s`, `182s`.
pub fn short(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    // The limits are those of the rounded figure, so that 0.9996 s is not shown as 1000ms.
    let (value, unit) = match seconds {
        s if s < 0.01 => (format!("{:.1}", s * 1e3), "ms"),
        s if s < 0.9995 => (format!("{:.0}", s * 1e3), "ms"),
        s if s < 99.95 => (format!("{s:.1}"), "s"),
        s => (format!("{s:.0}"), "s"),
    };
    format!("{}{unit}", value.strip_suffix(".0").unwrap_or(&value))
}

/// `HH:MM:SS`, with more digits for hours when needed.
pub fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A number of bytes, in binary units.
pub fn bytes(count: u64) -> String {
    let mut value = count as f64;
    let mut units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"].into_iter();
    let mut unit = "B";
    while value >= 1023.95 {
        value /= 1024.0;
        unit = units.next().unwrap_or("EiB");
    }
    if unit == "B" { format!("{count} B") } else { format!("{value:.1} {unit}") }
}

/// `s` for any number but one.
pub fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// A signal's name with `SIG`, or its number (a real-time signal, for example).
pub fn signal_name(signal: i32) -> Cow<'static, str> {
    const NAMES: [(Signal, &str); 28] = [
        (Signal::HUP, "SIGHUP"),
        (Signal::INT, "SIGINT"),
        (Signal::QUIT, "SIGQUIT"),
        (Signal::ILL, "SIGILL"),
        (Signal::TRAP, "SIGTRAP"),
        (Signal::ABORT, "SIGABRT"),
        (Signal::BUS, "SIGBUS"),
        (Signal::FPE, "SIGFPE"),
        (Signal::KILL, "SIGKILL"),
        (Signal::USR1, "SIGUSR1"),
        (Signal::SEGV, "SIGSEGV"),
        (Signal::USR2, "SIGUSR2"),
        (Signal::PIPE, "SIGPIPE"),
        (Signal::ALARM, "SIGALRM"),
        (Signal::TERM, "SIGTERM"),
        (Signal::CHILD, "SIGCHLD"),
        (Signal::CONT, "SIGCONT"),
        (Signal::STOP, "SIGSTOP"),
        (Signal::TSTP, "SIGTSTP"),
        (Signal::TTIN, "SIGTTIN"),
        (Signal::TTOU, "SIGTTOU"),
        (Signal::URG, "SIGURG"),
        (Signal::XCPU, "SIGXCPU"),
        (Signal::XFSZ, "SIGXFSZ"),
        (Signal::VTALARM, "SIGVTALRM"),
        (Signal::PROF, "SIGPROF"),
        (Signal::IO, "SIGIO"),
        (Signal::SYS, "SIGSYS"),
    ];
    match NAMES.iter().find(|(known, _)| known.as_raw() == signal) {
        Some((_, name)) => Cow::Borrowed(name),
        None => Cow::Owned(format!("signal {signal}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_escaped_and_cut_to_characters() {
        assert_eq!(clip(b"echo a\nb\x1b", 20), "echo a\\nb\\x1b");
        assert_eq!(clip(b"1234567890", 10), "1234567890");
        assert_eq!(clip(b"12345678901", 10), "1234567...");
        assert_eq!(clip("ééééééééééé".as_bytes(), 10), "ééééééé...");
        assert_eq!(clip("𝄞".repeat(1000).as_bytes(), 5), "𝄞𝄞...");
        assert_eq!(clip(&[0xff; 50], 10), "\\xff\\xf...");
        assert_eq!(clip(b"", 10), "");
    }

    #[test]
    fn durations_have_a_unit_that_fits() {
        let of = |seconds: f64| short(Duration::from_secs_f64(seconds));
        assert_eq!(
            [0.0, 0.000_4, 0.003, 0.012, 0.9994, 0.9996, 3.12, 10.0, 99.96, 182.4, 90_000.0].map(of),
            ["0ms", "0.4ms", "3ms", "12ms", "999ms", "1s", "3.1s", "10s", "100s", "182s", "90000s"]
        );
        assert_eq!(clock(Duration::from_secs(190)), "00:03:10");
        assert_eq!(clock(Duration::from_secs(360_000)), "100:00:00");
    }

    #[test]
    fn bytes_have_a_unit_that_fits() {
        assert_eq!(
            [0, 1023, 1024, 1536, 1_048_570, 5 << 30, u64::MAX].map(bytes),
            ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "5.0 GiB", "16.0 EiB"]
        );
    }

    #[test]
    fn signals_have_names() {
        assert_eq!(signal_name(9), "SIGKILL");
        assert_eq!(signal_name(11), "SIGSEGV");
        assert_eq!(signal_name(40), "signal 40");
    }
}
