//! What the standard library does not know about files.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};

/// Gives the space of a range of a temporary file back. Where the file system can't, the space stays taken until the end:
/// that is no error.
pub fn punch(file: &File, offset: u64, length: u64) {
    use rustix::fs::{FallocateFlags, fallocate};
    fallocate(file, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, offset, length).ok();
}

/// A file of the kernel's (/proc, /sys), whose size is not known before. Each piece is made when it is read, so a few large
/// reads take a fraction of the time of those that feel their way.
///
/// # Errors
/// Those of opening and reading.
pub fn read_kernel_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let (mut bytes, mut length) = (vec![0; 8192], 0);
    loop {
        match file.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if bytes.len() - length < 4096 {
            bytes.resize(bytes.len() * 2, 0);
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// The beginning of a file of the kernel's that is made in one piece, such as those of one process: by one read, which is the
/// dearest part of a short run.
///
/// # Errors
/// Those of opening and reading.
pub fn read_kernel_line<'a>(path: &str, memory: &'a mut [u8; 4096]) -> io::Result<&'a [u8]> {
    let file = rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let length = rustix::io::retry_on_intr(|| rustix::io::read(&file, &mut memory[..]))?;
    Ok(&memory[..length])
}

/// A pipe of which no child inherits an end: read end, write end.
///
/// # Errors
/// EMFILE, ENFILE: no descriptor is left.
pub fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?)
}

/// Waits until a file can be read, `time` at most. False: it can't be yet.
pub fn wait_readable(file: &File, time: std::time::Duration) -> bool {
    let time = Timespec { tv_sec: time.as_secs().cast_signed(), tv_nsec: time.subsec_nanos().into() };
    // EINTR and ENOMEM are a wait that was too short.
    poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&time)).is_ok_and(|ready| ready > 0)
}

/// Whether what is written to `fd` goes to somebody who may go away: a pipe or a socket.
pub fn has_reader(fd: BorrowedFd<'_>) -> bool {
    use rustix::fs::{FileType, fstat};
    let kind = fstat(fd).map(|stat| FileType::from_raw_mode(stat.st_mode));
    matches!(kind, Ok(FileType::Fifo | FileType::Socket))
}

/// Whether all readers of the pipe that `fd` writes to are gone.
pub fn reader_is_gone(fd: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&now)).is_ok() && fds[0].revents().contains(PollFlags::ERR)
}
