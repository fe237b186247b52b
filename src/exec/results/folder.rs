//! A folder that files are made in, reached step by step.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, mkdirat, openat, statat, unlinkat};
use rustix::io::Errno;

/// So often a file is made that somebody else makes at the same time.
const TRIES: usize = 100;

/// Tells a file from others of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId(u64, u64);

impl FileId {
    /// That of an open file.
    ///
    /// # Errors
    /// Those of asking for it.
    pub fn of(file: &File) -> io::Result<FileId> {
        let stat = rustix::fs::fstat(file)?;
        Ok(FileId(stat.st_dev, stat.st_ino))
    }
}

/// An open folder.
#[derive(Debug)]
pub struct Folder(OwnedFd);

impl Folder {
    /// Opens `path`, which the user has typed, and `below` it one after the other; each is made where it is not there, if
    /// `make`. One step at a time, so that no path is too long.
    ///
    /// # Errors
    /// Those of opening and making; another user's link in a folder that everybody can write to.
    pub fn open(path: &[u8], below: &[Vec<u8>], make: bool) -> io::Result<Folder> {
        let start: &[u8] = if path.starts_with(b"/") { b"/" } else { b"." };
        let mut folder = openat(CWD, start, FLAGS, Mode::empty())?;
        let typed = path.split(|byte| *byte == b'/').filter(|step| !step.is_empty() && *step != b".");
        for step in typed.chain(below.iter().map(Vec::as_slice)) {
            folder = enter(folder.as_fd(), step, make)?;
        }
        Ok(Folder(folder))
    }

    /// Makes a file, in place of one that is there.
    ///
    /// # Errors
    /// Those of making it; a folder of that name.
    pub fn make(&self, name: &[u8]) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut last = Errno::EXIST;
        for _ in 0..TRIES {
            self.remove(name)?;
            match openat(&self.0, name, flags, Mode::from_raw_mode(0o666)) {
                Ok(file) => return Ok(file.into()),
                // Another job of the same name has been quicker.
                Err(error @ Errno::EXIST) => last = error,
                Err(error) => return Err(error.into()),
            }
        }
        Err(last.into())
    }

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// Those of removing it.
    pub fn remove(&self, name: &[u8]) -> io::Result<()> {
        match unlinkat(&self.0, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// That of the file with this name in it.
    pub fn id(&self, name: &[u8]) -> Option<FileId> {
        let stat = statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        Some(FileId(stat.st_dev, stat.st_ino))
    }

    /// The length of a file in it, in bytes; `None`: there is no such file.
    pub fn length(&self, name: &[u8]) -> Option<u64> {
        let stat = statat(&self.0, name, AtFlags::empty()).ok()?;
        let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        is_file.then(|| u64::try_from(stat.st_size).unwrap_or(0))
    }

    /// Waits until the names in it are on the disk.
    ///
    /// # Errors
    /// A disk that does not take it.
    pub fn sync(&self) -> io::Result<()> {
        let folder = openat(&self.0, ".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        Ok(rustix::fs::fsync(folder)?)
    }
}

const FLAGS: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

fn enter(folder: BorrowedFd<'_>, name: &[u8], make: bool) -> io::Result<OwnedFd> {
    let open = || openat(folder, name, FLAGS | OFlags::NOFOLLOW, Mode::empty());
    let mut opened = open();
    if make && opened.as_ref().is_err_and(|error| *error == Errno::NOENT) {
        match mkdirat(folder, name, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => opened = open(),
            Err(error) => return Err(error.into()),
        }
    }
    match opened {
        Err(Errno::LOOP | Errno::NOTDIR) if is_trusted_link(folder, name)? => {
            Ok(openat(folder, name, FLAGS, Mode::empty())?)
        }
        opened => Ok(opened?),
    }
}

/// As with reports: who may put files into a folder that everybody can write to, like /tmp, must not choose where ours go.
fn is_trusted_link(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<bool> {
    let link = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(link.st_mode) != FileType::Symlink {
        return Ok(false);
    }
    let place = rustix::fs::fstat(folder)?;
    let anybody = Mode::from_raw_mode(place.st_mode).contains(Mode::WOTH);
    let own = rustix::process::geteuid().as_raw();
    if anybody && link.st_uid != own && link.st_uid != place.st_uid {
        return Err(io::Error::other("there is another user's symbolic link in a folder that everybody can write to"));
    }
    Ok(true)
}
