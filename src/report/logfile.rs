//! Opening a log: never through somebody else's symbolic link, never while another run uses it, its torn end cut off.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;

/// Opens a file to be written at its end, and makes it, by the umask, where there is none.
///
/// # Errors
/// Those of opening; a link that somebody else has put into a folder that everybody can write to.
pub fn open_to_append(path: &Path) -> io::Result<File> {
    open(File::options().append(true).create(true).mode(0o666), path)
}

/// Opens a file to be read, as careful as [`open_to_append`].
///
/// # Errors
/// As [`open_to_append`].
pub fn open_to_read(path: &Path) -> io::Result<File> {
    open(File::options().read(true), path)
}

/// What the kernel does where `protected_symlinks` is on, for the last component: who may put files into a folder that
/// everybody can write to, like /tmp, must not choose which of our files is emptied.
fn open(how: &mut fs::OpenOptions, path: &Path) -> io::Result<File> {
    let nofollow = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0);
    match how.custom_flags(nofollow).open(path) {
        Err(error) if Errno::from_io_error(&error) == Some(Errno::LOOP) => {}
        opened => return opened,
    }
    let link = fs::symlink_metadata(path)?;
    let folder = fs::metadata(folder_of(path))?;
    let anybody = Mode::from_raw_mode(folder.mode()).contains(Mode::WOTH);
    let own = rustix::process::geteuid().as_raw();
    // Between this look and the opening, only those who are trusted here can change a link that passes in a sticky folder.
    if link.is_symlink() && anybody && link.uid() != own && link.uid() != folder.uid() {
        return Err(io::Error::other("it is another user's symbolic link in a folder that everybody can write to"));
    }
    how.custom_flags(0).open(path)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Waits until the names of the files in the folder of `path` are on the disk.
///
/// # Errors
/// A folder that can't be read; a disk that does not take it.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// Whether a log is one that can be locked, mended and resumed from: a regular file that is not merely where a descriptor
/// of ours leads (`/dev/stderr`, `/dev/fd/3`).
pub fn is_lasting(path: &Path, file: &File) -> io::Result<bool> {
    let alias = ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder));
    // What is mounted there is a folder like any other.
    let alias = alias && !path.starts_with("/dev/shm");
    Ok(!alias && file.metadata()?.is_file())
}

/// How a lock on a log came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locked {
    /// It is held, until the file is closed.
    Yes,
    /// Another run is in the way.
    InUse,
    /// This file system has no locks.
    Unable,
}

/// Takes the log for this run alone, for as long as it is emptied or mended; does not wait.
///
/// # Errors
/// None of those that a file system without locks answers.
pub fn lock_alone(file: &File) -> io::Result<Locked> {
    lock(file, FlockOperation::NonBlockingLockExclusive)
}

/// As [`lock_alone`], but waits a second before it gives up. The lock is of the open file, which no child keeps beyond its
/// `execve`; but one that was on its way there when its run was killed holds it until then.
///
/// # Errors
/// As [`lock_alone`].
pub fn insist_alone(file: &File) -> io::Result<Locked> {
    for _ in 0..100 {
        match lock_alone(file)? {
            Locked::InUse => thread::sleep(Duration::from_millis(10)),
            locked => return Ok(locked),
        }
    }
    lock_alone(file)
}

/// Takes the log together with others that add to it, as a run does to its end. Turning [`lock_alone`] into it lets go for an
/// instant, in which another run may come first: that is [`Locked::InUse`].
///
/// # Errors
/// As [`lock_alone`].
pub fn lock_together(file: &File) -> io::Result<Locked> {
    lock(file, FlockOperation::NonBlockingLockShared)
}

/// As [`lock_together`], but waits for a run that is just opening the log.
///
/// # Errors
/// As [`lock_alone`].
pub fn wait_together(file: &File) -> io::Result<Locked> {
    lock(file, FlockOperation::LockShared)
}

fn lock(file: &File, operation: FlockOperation) -> io::Result<Locked> {
    loop {
        return match flock(file, operation) {
            Ok(()) => Ok(Locked::Yes),
            Err(Errno::WOULDBLOCK) => Ok(Locked::InUse),
            Err(Errno::INTR) => continue,
            Err(Errno::NOLCK | Errno::NOSYS | Errno::OPNOTSUPP | Errno::INVAL) => Ok(Locked::Unable),
            Err(error) => Err(error.into()),
        };
    }
}

/// What [`mend`] has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mended {
    /// Nothing to do.
    Whole,
    /// The last line had no newline, and is gone.
    Cut,
    /// The last line has no newline, and stays: the file is somebody else's.
    Kept,
}

/// Takes a last line without its newline away, which a killed run left, so that the next line does not continue it
/// and nobody takes it for whole: `--retry-failed` would run half a command. Answers what is left, in bytes, too.
///
/// What does not begin as `ours` says is somebody else's text and keeps its last line.
///
/// # Errors
/// A file that can't be read or cut.
pub fn mend(file: &File, path: &Path, ours: impl Fn(&[u8]) -> bool) -> io::Result<(Mended, u64)> {
    let length = file.metadata()?.len();
    if length == 0 {
        return Ok((Mended::Whole, 0));
    }
    let mut read = open_to_read(path)?;
    let whole = end_of_last_line(&mut read, length)?;
    if whole == length {
        return Ok((Mended::Whole, length));
    }
    let mut head = Vec::new();
    read.rewind()?;
    read.take(16).read_to_end(&mut head)?;
    if ours(&head) {
        file.set_len(whole)?;
        return Ok((Mended::Cut, whole));
    }
    Ok((Mended::Kept, length))
}

/// Whether the last line has no newline.
///
/// # Errors
/// A file that can't be read.
pub fn is_torn(file: &File, path: &Path) -> io::Result<bool> {
    let length = file.metadata()?.len();
    if length == 0 {
        return Ok(false);
    }
    Ok(end_of_last_line(&mut open_to_read(path)?, length)? != length)
}

/// Where the last newline of a file of `length` bytes ends; 0 without any.
fn end_of_last_line(file: &mut File, length: u64) -> io::Result<u64> {
    let mut block = [0; 4096];
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let piece = &mut block[..(end - start) as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(piece)?;
        if let Some(newline) = memchr::memrchr(b'\n', piece) {
            return Ok(start + newline as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_newline_is_found_blocks_away() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("long");
        for (whole, torn) in [(0, 0), (0, 10_000), (5, 4090), (5, 4091), (5, 4092), (9000, 9000), (4096, 0)] {
            let mut text = vec![b'a'; whole];
            if let Some(last) = text.last_mut() {
                *last = b'\n';
            }
            text.resize(whole + torn, b'b');
            std::fs::write(&path, &text).expect("writes");
            let mut file = File::open(&path).expect("opens");
            assert_eq!(end_of_last_line(&mut file, text.len() as u64).expect("reads"), whole as u64);
        }
    }

    #[test]
    fn a_log_is_emptied_by_one_run_and_added_to_by_many() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("log");
        let open = || open_to_append(&path).expect("opens");
        let (one, two, three) = (open(), open(), open());
        assert_eq!(lock_alone(&one).expect("locks"), Locked::Yes);
        assert_eq!(lock_alone(&two).expect("locks"), Locked::InUse);
        assert_eq!(lock_together(&two).expect("locks"), Locked::InUse);
        assert_eq!(lock_together(&one).expect("locks"), Locked::Yes, "less than it has");
        assert_eq!(lock_together(&two).expect("locks"), Locked::Yes);
        assert_eq!(lock_alone(&three).expect("locks"), Locked::InUse);
        drop((one, two));
        assert_eq!(lock_alone(&three).expect("locks"), Locked::Yes);
    }

    #[test]
    fn links_of_ones_own_are_followed() {
        let folder = tempfile::tempdir().expect("folder");
        let (path, link) = (folder.path().join("log"), folder.path().join("link"));
        std::os::unix::fs::symlink(&path, &link).expect("links");
        open_to_append(&link).expect("opens");
        assert!(path.exists());
    }

    #[test]
    fn what_is_no_lasting_file_is_left_alone() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("log");
        let file = open_to_append(&path).expect("opens");
        assert!(is_lasting(&path, &file).expect("looks"));
        for other in ["/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"] {
            assert!(!is_lasting(Path::new(other), &file).expect("looks"), "{other}");
        }
        let null = open_to_append(Path::new("/dev/null")).expect("opens");
        assert!(!is_lasting(Path::new("null"), &null).expect("looks"));
    }
}
