//! A command of our own, beside the jobs: it can be left at any time.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};

use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use super::wake::Wake;

/// Runs a command to its end and answers its exit status, 128 + N for signal N. It has nothing on its standard input and the
/// other two of ours. `None`: somebody called meanwhile, and it has been killed with its process group.
///
/// # Errors
/// It can't be started or waited for.
pub fn run(command: &mut Command, wake: &Wake) -> io::Result<Option<i32>> {
    let mut child = command.stdin(Stdio::null()).process_group(0).spawn()?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let ended = match pid {
        Some(pid) => wake.or_readable(rustix::fd::AsFd::as_fd(&pidfd_open(pid, PidfdFlags::empty())?)),
        None => Ok(true),
    };
    let ended = ended.unwrap_or(false);
    if !ended && let Some(pid) = pid {
        // It has not been reaped, so the number is its own.
        kill_process_group(pid, Signal::KILL).ok();
    }
    let status = child.wait()?;
    let status = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(ended.then_some(status))
}
