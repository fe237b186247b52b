//! `--trim`.

use crate::options::Trim;

/// From where blanks are taken off.
///
/// # Errors
/// Anything but GNU parallel's words.
pub fn trim(typed: &str) -> Result<Trim, String> {
    match typed {
        "n" => Ok(Trim::No),
        "l" => Ok(Trim::Left),
        "r" => Ok(Trim::Right),
        "lr" | "rl" => Ok(Trim::Both),
        _ => Err("give n, l, r or lr".to_owned()),
    }
}
