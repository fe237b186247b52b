//! Pipes that finished jobs left open, held by something in the background.

use std::os::fd::OwnedFd;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crossbeam_channel::{Sender, unbounded};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Reads on, and throws away, what leftovers of finished jobs write, so that they don't die of SIGPIPE while fanout
/// runs. One thread for all, started when it is first needed.
#[derive(Debug, Default)]
pub struct Leftovers {
    reader: Mutex<Option<Sender<OwnedFd>>>,
}

/// How long a new leftover may wait until the reader looks at it; its pipe has room for that long.
const LOOK_AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

impl Leftovers {
    /// Takes over the read end of a pipe.
    pub fn adopt(&self, pipe: OwnedFd) {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if reader.is_none() {
            let (sender, receiver) = unbounded();
            // Not a scoped thread: it ends with the process, whatever the leftovers do. Without a thread the pipe is
            // closed, which is all that can be done then.
            let started = thread::Builder::new().name("leftovers".into()).spawn(move || {
                let mut pipes: Vec<OwnedFd> = Vec::new();
                loop {
                    if pipes.is_empty() {
                        match receiver.recv() {
                            Ok(pipe) => pipes.push(pipe),
                            Err(_) => return,
                        }
                    }
                    pipes.extend(receiver.try_iter());
                    drain(&mut pipes);
                }
            });
            *reader = started.is_ok().then_some(sender);
        }
        if let Some(sender) = &*reader {
            // Fails only when the thread is gone; then the pipe is closed.
            sender.send(pipe).ok();
        }
    }
}

/// Waits for a while, reads what is there, and forgets pipes that have ended.
fn drain(pipes: &mut Vec<OwnedFd>) {
    let mut fds: Vec<PollFd<'_>> = pipes.iter().map(|pipe| PollFd::new(pipe, PollFlags::IN)).collect();
    if poll(&mut fds, Some(&LOOK_AGAIN)).is_err() {
        return;
    }
    let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
    let mut scratch = [0u8; 16 << 10];
    let mut index = 0;
    pipes.retain(|pipe| {
        let is_ready = ready[index];
        index += 1;
        !is_ready || rustix::io::read(pipe, &mut scratch).is_ok_and(|count| count > 0)
    });
}
