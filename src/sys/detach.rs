//! Going on in the background.

use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::files::pipe;
use super::process::{self, How};

/// Where the process waits that was started; `None`: none does.
static CALLER: Mutex<Option<OwnedFd>> = Mutex::new(None);

/// Goes on in a child of this process, which itself ends: with 0 at [`release_caller`], and as the child if that ends before. The
/// child stays in this process group, so that what the terminal sends reaches it as long as it reaches who has called us.
///
/// To be called while there is only one thread.
///
/// # Errors
/// No process, or no descriptor, can be had.
pub fn detach() -> io::Result<()> {
    let (read, write) = pipe()?;
    // SAFETY: there is only one thread, so the child finds memory and locks in order.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            *CALLER.lock().unwrap_or_else(PoisonError::into_inner) = Some(write);
            Ok(())
        }
        child => {
            drop(write);
            let word = std::fs::File::from(read).read(&mut [0]);
            let ended = if word.is_ok_and(|length| length > 0) { How::Exited(0) } else { process::end_of(child) };
            process::end_as(ended)
        }
    }
}

/// What could keep the work from being begun is behind us.
pub fn release_caller() {
    if let Some(write) = CALLER.lock().unwrap_or_else(PoisonError::into_inner).take() {
        // EPIPE: it was killed, and waits for nothing any more.
        rustix::io::write(&write, b"1").ok();
    }
}
