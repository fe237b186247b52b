//! Limits of this process and of its children.

use std::io;

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The soft and hard limit on descriptors; `u64::MAX` is unlimited.
pub fn nofile() -> (u64, u64) {
    let limit = getrlimit(Resource::Nofile);
    (limit.current.unwrap_or(u64::MAX), limit.maximum.unwrap_or(u64::MAX))
}

/// Raises our own soft limit on descriptors.
///
/// # Errors
/// `soft` is above the hard limit.
pub fn raise_nofile(soft: u64) -> io::Result<()> {
    let (_, hard) = nofile();
    Ok(setrlimit(Resource::Nofile, Rlimit { current: Some(soft), maximum: (hard != u64::MAX).then_some(hard) })?)
}

/// The most processes that this user may have; `None` is unlimited, or a user who is not limited.
pub fn nproc() -> Option<u64> {
    getrlimit(Resource::Nproc).current
}

/// The most memory that this process may map, in bytes; `None` is unlimited.
pub fn memory() -> Option<u64> {
    getrlimit(Resource::As).current
}

/// What arguments and environment of a command may take together, in bytes (as glibc's `sysconf(_SC_ARG_MAX)`).
pub fn arg_max() -> u64 {
    const LEAST: u64 = 128 << 10;
    const MOST: u64 = 6 << 20;
    let stack = getrlimit(Resource::Stack).current.unwrap_or(u64::MAX);
    // The kernel gives no more than three quarters of a usual stack, whatever the limit.
    (stack / 4).clamp(LEAST, MOST)
}

/// How many descriptors are open; a guess where the system does not tell.
pub fn open_descriptors() -> u64 {
    std::fs::read_dir("/proc/self/fd").map_or(16, |entries| entries.count() as u64)
}

/// What is missing, with its remedy, where the machine has refused a process, a thread, memory or a descriptor.
pub fn shortage(error: &io::Error) -> String {
    let remedy = match Errno::from_io_error(error) {
        Some(Errno::MFILE) => "raise the limit on open files (ulimit -n) or run fewer jobs (-j)",
        Some(Errno::NFILE) => "the machine has no more descriptors: end other programs",
        Some(Errno::AGAIN) => "raise the limit on processes (ulimit -u) or end others of this user",
        Some(Errno::NOMEM) => "raise the limit on memory (ulimit -v) or run fewer jobs (-j)",
        _ => return error.to_string(),
    };
    format!("{error}: {remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_with_its_remedy() {
        let said = |errno: Errno| shortage(&errno.into());
        assert!(said(Errno::MFILE).contains("ulimit -n"));
        assert!(said(Errno::AGAIN).contains("ulimit -u"));
        assert!(said(Errno::NOMEM).contains("ulimit -v"));
        assert_eq!(said(Errno::NOENT), io::Error::from(Errno::NOENT).to_string());
    }
}
