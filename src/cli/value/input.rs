//! `--trim`, `--sshlogin`.

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

/// Only the local machine (`:`), as often as one likes.
///
/// # Errors
/// Any other host.
pub fn sshlogin(typed: &str) -> Result<(), String> {
    if typed.split(',').all(|host| host == ":") {
        return Ok(());
    }
    if typed.split(',').all(|host| host.ends_with("/:")) {
        return Err("the number of this machine's CPUs is not given here: use -j N".to_owned());
    }
    Err("remote hosts are not there: use : for this machine, or GNU parallel, or ssh in the command".to_owned())
}
