//! What the standard library does not know about files.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

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

/// The most that a pipe holds where the user may have it (`/proc/sys/fs/pipe-max-size` is no less, unless somebody has lowered it).
const LARGE_PIPE: usize = 1 << 20;
/// What a pipe holds from its start on.
const USUAL_PIPE: usize = 64 << 10;

/// Makes room in a pipe that blocks of so many bytes go through: each time that its reader or its writer runs dry costs a switch
/// between processes. Where that can't be, because it is no pipe or the user has no pages left for pipes, it stays as it is.
pub fn grow_pipe(fd: BorrowedFd<'_>, block: usize) {
    let size = block.min(LARGE_PIPE);
    if size > USUAL_PIPE && rustix::pipe::fcntl_getpipe_size(fd).is_ok_and(|now| now < size) {
        rustix::pipe::fcntl_setpipe_size(fd, size).ok();
    }
}

/// Reads once, behind the bytes that are there, `most` bytes at most.
///
/// # Errors
/// Those of read.
pub fn read_at_most(fd: BorrowedFd<'_>, bytes: &mut Vec<u8>, most: usize) -> Result<usize, Errno> {
    let most = most.min(bytes.capacity() - bytes.len());
    let count = rustix::io::read(fd, &mut bytes.spare_capacity_mut()[..most])?.0.len();
    // SAFETY: read has filled so many bytes behind those that were there, and they are within the capacity.
    unsafe { bytes.set_len(bytes.len() + count) };
    Ok(count)
}

/// As [`read_at_most`], from this place of a file.
///
/// # Errors
/// Those of pread.
pub fn read_from(fd: BorrowedFd<'_>, bytes: &mut Vec<u8>, most: usize, offset: u64) -> Result<usize, Errno> {
    let most = most.min(bytes.capacity() - bytes.len());
    let count = rustix::io::pread(fd, &mut bytes.spare_capacity_mut()[..most], offset)?.0.len();
    // SAFETY: as above.
    unsafe { bytes.set_len(bytes.len() + count) };
    Ok(count)
}

/// Whoever writes to it doesn't wait. The other end is as it was.
///
/// # Errors
/// Those of fcntl.
pub fn do_not_wait(fd: BorrowedFd<'_>) -> io::Result<()> {
    Ok(rustix::fs::fcntl_setfl(fd, rustix::fs::fcntl_getfl(fd)? | OFlags::NONBLOCK)?)
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
