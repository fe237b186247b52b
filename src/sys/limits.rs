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

/// Gives a child that has just been started its caller's limit on descriptors back, from outside.
///
/// It runs already, but has not got past its loader in the microseconds since the spawn; posix_spawn itself knows no
/// limits, and lowering ours around a spawn would take descriptors from the other slots.
pub fn set_nofile_of(pid: i32, soft: u64, hard: u64) {
    let limit = libc::rlimit { rlim_cur: soft, rlim_max: hard };
    // SAFETY: the pointer is to a live local. ESRCH: it has ended already, and needs no limit.
    unsafe { libc::prlimit(pid, libc::RLIMIT_NOFILE, &limit, std::ptr::null_mut()) };
}

/// The most processes that this user may have; `None` is unlimited, or a user who is not limited.
pub fn nproc() -> Option<u64> {
    getrlimit(Resource::Nproc).current
}
