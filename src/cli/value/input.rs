//! `--trim`, `--sshlogin`.

use super::whole;
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

/// Only the local machine (`:`), as often as one likes, or `N/:` where it is said how many CPUs it has.
///
/// # Errors
/// Any other host, and no number of CPUs.
pub fn sshlogin(typed: &str) -> Result<Local, String> {
    let mut cpus = None;
    for host in typed.split(',') {
        let wanted = || "remote hosts are not there: use : for this machine, or GNU parallel, or ssh in the command";
        match host.strip_suffix(':').ok_or_else(wanted)?.strip_suffix('/') {
            None if host == ":" => {}
            None => return Err(wanted().to_owned()),
            Some(count) => {
                let count = whole(count).filter(|count| *count > 0);
                let count = count.ok_or("N/: is this machine with N CPUs, at least 1")?;
                // As GNU parallel: what is said first holds.
                cpus = cpus.or(Some(count));
            }
        }
    }
    Ok(Local { cpus })
}

/// The local machine, as `--sshlogin` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// How many CPUs it is said to have.
    pub cpus: Option<usize>,
}
