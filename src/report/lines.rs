//! Lines of a report on their way to a file, standard output or standard error.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use anyhow::{Result, anyhow};

use super::logfile;
use crate::diag::{Diag, escape};

/// So many lines wait at most before they are written together.
const BATCH: usize = 64;
/// So many bytes wait at most.
const BATCH_BYTES: usize = 64 << 10;

/// Where a report goes. Whole lines are collected and written with one `write`, so that whoever reads along, or whoever
/// kills us, finds whole lines.
pub struct Lines<'a> {
    place: Place,
    diag: &'a Diag,
    pending: Vec<u8>,
    lines: usize,
    /// The last attempt to write failed, and the caller knows.
    failed: bool,
}

enum Place {
    File {
        file: File,
        /// The option and its value, for messages.
        name: String,
    },
    /// The sink owns standard output: the bytes wait for [`Lines::take_stdout`].
    Stdout,
    Stderr,
}

impl<'a> Lines<'a> {
    /// To the file `path` after `option`, emptied first unless `append`; `-` is standard output, no path standard
    /// error.
    ///
    /// The file is written at its end, whatever happens to it: two reports, or two runs, can share one.
    ///
    /// # Errors
    /// A file that can't be opened for writing.
    pub fn open(option: &str, path: Option<&Path>, append: bool, diag: &'a Diag) -> Result<Lines<'a>> {
        let place = match path {
            None => Place::Stderr,
            Some(path) if path.as_os_str() == "-" => Place::Stdout,
            Some(path) => {
                let name = named(option, path);
                let open = || {
                    let file = logfile::open_to_append(path)?;
                    if !append && file.metadata()?.is_file() {
                        file.set_len(0)?;
                    }
                    Ok(file)
                };
                let file = open().map_err(|error| complain(&name, "opened", &error))?;
                Place::File { file, name }
            }
        };
        Ok(Lines { place, diag, pending: Vec::new(), lines: 0, failed: false })
    }

    /// To `file`, which is called `name` in messages.
    pub fn to_file(file: File, name: String, diag: &'a Diag) -> Lines<'a> {
        Lines { place: Place::File { file, name }, diag, pending: Vec::new(), lines: 0, failed: false }
    }

    /// The buffer to which a line is appended; [`Lines::end_line`] must follow.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.pending
    }

    /// A whole line, newline included, has been appended to [`Lines::buffer`].
    ///
    /// # Errors
    /// Those of [`Lines::flush`].
    pub fn end_line(&mut self) -> Result<()> {
        self.count_line();
        if self.is_full() {
            return self.flush();
        }
        Ok(())
    }

    /// As [`Lines::end_line`], where it is the caller who says when lines may be written.
    pub fn count_line(&mut self) {
        self.lines += 1;
    }

    /// Whether so much waits that it should be written.
    pub fn is_full(&self) -> bool {
        self.lines >= BATCH || self.pending.len() >= BATCH_BYTES
    }

    /// Whether anything waits.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Forgets what waits.
    pub fn discard(&mut self) {
        self.pending.clear();
        self.lines = 0;
    }

    /// Waits until everything written is on the disk.
    ///
    /// # Errors
    /// A disk that does not take it.
    pub fn sync(&self) -> Result<()> {
        match &self.place {
            Place::File { file, name } => file.sync_data().map_err(|error| complain(name, "written", &error)),
            Place::Stdout | Place::Stderr => Ok(()),
        }
    }

    /// Gives everything to the kernel. After an error the rest is kept, and the next call goes on where this one
    /// stopped.
    ///
    /// # Errors
    /// A file that can't be written: a full disk, usually.
    pub fn flush(&mut self) -> Result<()> {
        match &mut self.place {
            Place::Stdout => return Ok(()),
            _ if self.pending.is_empty() => return Ok(()),
            Place::Stderr => self.diag.write(&self.pending),
            Place::File { file, name } => {
                let mut written = 0;
                while written < self.pending.len() {
                    let error = match file.write(&self.pending[written..]) {
                        Ok(0) => io::ErrorKind::WriteZero.into(),
                        Ok(count) => {
                            written += count;
                            continue;
                        }
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                        Err(error) => error,
                    };
                    self.pending.drain(..written);
                    self.failed = true;
                    return Err(complain(name, "written", &error));
                }
            }
        }
        self.pending.clear();
        self.lines = 0;
        self.failed = false;
        Ok(())
    }

    /// What is meant for standard output.
    pub fn take_stdout(&mut self) -> Vec<u8> {
        match self.place {
            Place::Stdout => {
                self.lines = 0;
                std::mem::take(&mut self.pending)
            }
            _ => Vec::new(),
        }
    }
}

impl Drop for Lines<'_> {
    /// A run that ends early, by an error or a panic, still leaves the rows of the jobs that have ended.
    fn drop(&mut self) {
        if !self.failed
            && let Err(error) = self.flush()
        {
            self.diag.error(error);
        }
    }
}

/// An option and its file, for messages.
pub fn named(option: &str, path: &Path) -> String {
    format!("{option} {}", escape(path.as_os_str().as_bytes()))
}

/// One line: which option, what is wrong, and what helps.
pub fn complain(name: &str, verb: &str, error: &io::Error) -> anyhow::Error {
    let remedy = match error.kind() {
        io::ErrorKind::NotFound => "create its folder, or choose another file",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space, or choose another file",
        io::ErrorKind::BrokenPipe => "its reader is gone: choose another file",
        _ => "choose another file",
    };
    anyhow!("{name}: can't be {verb}: {error}; {remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(lines: &mut Lines, text: &str) -> Result<()> {
        lines.buffer().extend_from_slice(text.as_bytes());
        lines.end_line()
    }

    #[test]
    fn a_full_disk_is_an_error_that_names_the_option_and_the_remedy() {
        let diag = Diag::new("fanout");
        let mut lines = Lines::open("--joblog", Some(Path::new("/dev/full")), false, &diag).expect("opens");
        line(&mut lines, "a row\n").expect("waits");
        let error = lines.flush().expect_err("no space").to_string();
        insta::assert_snapshot!(error, @"--joblog /dev/full: can't be written: No space left on device (os error 28); free some space, or choose another file");
        assert_eq!(lines.buffer(), b"a row\n", "kept for another try");
    }

    #[test]
    fn what_standard_output_has_taken_does_not_wait_any_more() {
        let diag = Diag::new("fanout");
        let mut lines = Lines::open("--joblog", Some(Path::new("-")), true, &diag).expect("opens");
        (0..BATCH).for_each(|_| line(&mut lines, "a row\n").expect("waits"));
        assert!(lines.is_full());
        assert_eq!(lines.take_stdout().len(), 6 * BATCH);
        line(&mut lines, "a row\n").expect("waits");
        assert!(!lines.is_full());
    }

    #[test]
    fn a_missing_folder_is_known_at_once() {
        let diag = Diag::new("fanout");
        let error = Lines::open("--summary-file", Some(Path::new("/proc/nonexistent/a\nb")), false, &diag).err();
        insta::assert_snapshot!(error.expect("no folder").to_string(), @r##"--summary-file /proc/nonexistent/a\nb: can't be opened: No such file or directory (os error 2); create its folder, or choose another file"##);
    }

    #[test]
    fn lines_are_written_in_batches_and_two_reports_share_a_file() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("log");
        std::fs::write(&path, "old\n").expect("writes");
        let diag = Diag::new("fanout");
        let mut one = Lines::open("--x", Some(&path), false, &diag).expect("opens");
        let mut two = Lines::open("--y", Some(&path), false, &diag).expect("opens");
        for _ in 0..BATCH - 1 {
            line(&mut one, "1\n").expect("waits");
        }
        assert_eq!(std::fs::read(&path).expect("reads"), b"");
        line(&mut one, "1\n").expect("written");
        line(&mut two, "2\n").expect("waits");
        two.flush().expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("reads"), "1\n".repeat(BATCH) + "2\n");
    }

    #[test]
    fn what_is_for_standard_output_waits_to_be_taken() {
        let diag = Diag::new("fanout");
        let mut lines = Lines::open("--joblog", Some(Path::new("-")), false, &diag).expect("opens");
        line(&mut lines, "row\n").expect("waits");
        lines.flush().expect("nothing to do");
        assert_eq!(lines.take_stdout(), b"row\n");
        assert_eq!(lines.take_stdout(), b"");
    }
}
