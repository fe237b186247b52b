//! The values of options: from what was typed to what it means. Each parser's error says what is wanted instead; the
//! option and the value are put in front of it where it is shown.

mod conditions;
mod delimiter;
mod halt;
mod input;
mod number;
mod retry;
mod signal;
mod slots;
mod termseq;
mod time;
mod unit;

pub use conditions::{amount, limit, load, template};
pub use delimiter::{Delimiter, delimiter};
pub use halt::halt;
pub use input::trim;
pub use number::{Chars, Codes, block, count, max_chars, max_lines, min_version, nice, size, success_codes, tries};
pub use retry::{retry_delay, retry_on};
pub use slots::{jobs, pin};
pub use termseq::{Steps, termseq};
pub use time::{delay, duration, patience, timeout};

/// A decimal number without sign or exponent, as GNU parallel takes them: `10`, `.5`, `1.25`.
fn decimal(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.bytes().any(|b| b != b'.');
    plain.then(|| text.parse().ok()).flatten()
}

/// A decimal number without sign or fraction.
fn whole<T: std::str::FromStr>(text: &str) -> Option<T> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// A percentage: `N%`, fractions allowed.
fn percent(text: &str) -> Option<f64> {
    decimal(text.strip_suffix('%')?)
}
