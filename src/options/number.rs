//! Numbers as they are typed.

/// A decimal number without sign or exponent, as GNU parallel takes them: `10`, `.5`, `1.25`.
pub fn decimal(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.bytes().any(|b| b != b'.');
    plain.then(|| text.parse().ok()).flatten()
}

/// A decimal number without sign or fraction.
pub fn whole<T: std::str::FromStr>(text: &str) -> Option<T> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// A percentage: `N%`, fractions allowed.
pub fn percent(text: &str) -> Option<f64> {
    decimal(text.strip_suffix('%')?)
}
