//! Limits of this process and of its children.

use std::io;

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
