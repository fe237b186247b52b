//! Opening files of reports in folders that others may write to.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

/// Opens a file to write at its end, and makes it where there is none (its permissions are those of the umask).
///
/// Not through a symbolic link that another user has put into a folder that anybody may write to, as in /tmp: it would
/// make us empty a file of ours that they choose. The kernel does the same where `fs.protected_symlinks` is set.
///
/// # Errors
/// Those of opening; such a link.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.append(true).create(true);
    let no_follow = OFlags::NOFOLLOW.bits().cast_signed();
    match options.clone().custom_flags(no_follow).open(path) {
        // A link that is fine can't be exchanged before it is opened: only its owner, or the folder's, may do that.
        Err(error) if Errno::from_io_error(&error) == Some(Errno::LOOP) => match is_planted(path)? {
            true => Err(io::Error::other("it is a link that another user has put into a folder open to all")),
            false => options.open(path),
        },
        result => result,
    }
}

fn is_planted(link: &Path) -> io::Result<bool> {
    let folder = link.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let (link, folder) = (fs::symlink_metadata(link)?, fs::metadata(folder)?);
    let trusted = [rustix::process::geteuid().as_raw(), folder.uid()];
    Ok(folder.mode() & 0o002 != 0 && !trusted.contains(&link.uid()))
}
