//! A test's own directory.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::procs;

/// A test's own directory: the working directory of what it starts, with a private home and a private place for
/// temporary files beside it. Everything that still works in it when the test ends is killed, and it is removed.
#[derive(Clone, Debug)]
pub struct Dir {
    root: Arc<Root>,
}

#[derive(Debug)]
struct Root {
    temp: tempfile::TempDir,
}

impl Dir {
    /// A new directory, empty.
    pub fn new() -> Dir {
        let temp = tempfile::Builder::new().prefix("fanout-it-").tempdir().expect("make a directory for the test");
        // Other users must get in: some tests start fanout as an unprivileged one.
        open_to_all(temp.path(), 0o755);
        let dir = Dir { root: Arc::new(Root { temp }) };
        for path in [dir.path(), dir.home(), dir.home().join(".parallel"), dir.tmp()] {
            fs::create_dir(&path).expect("make a directory for the test");
            open_to_all(&path, 0o777);
        }
        // Silences GNU parallel's notice.
        fs::write(dir.home().join(".parallel/will-cite"), "").expect("silence GNU parallel");
        dir
    }

    /// The working directory.
    pub fn path(&self) -> PathBuf {
        self.root.temp.path().join("work")
    }

    /// `$HOME`.
    pub fn home(&self) -> PathBuf {
        self.root.temp.path().join("home")
    }

    /// `$TMPDIR`.
    pub fn tmp(&self) -> PathBuf {
        self.root.temp.path().join("tmp")
    }

    /// The full path of a file in the working directory.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file, and the directories above it.
    #[track_caller]
    pub fn write(&self, name: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        let parent = path.parent().expect("a file in the directory");
        fs::create_dir_all(parent).expect("make the file's directory");
        fs::write(&path, contents).expect("write a file for the test");
        path
    }

    /// Writes an executable file.
    #[track_caller]
    pub fn script(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.write(name, text);
        open_to_all(&path, 0o755);
        path
    }

    /// What is in a file.
    #[track_caller]
    pub fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        let path = self.join(name);
        fs::read(&path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()))
    }

    /// What is in a file that is text.
    #[track_caller]
    pub fn text(&self, name: impl AsRef<Path>) -> String {
        String::from_utf8(self.read(name)).expect("text in UTF-8")
    }

    /// Whether there is a file of that name.
    pub fn has(&self, name: impl AsRef<Path>) -> bool {
        self.join(name).exists()
    }

    /// How many files there are whose names start with `prefix`.
    pub fn count(&self, prefix: &str) -> usize {
        let entries = fs::read_dir(self.path()).expect("list the test's directory");
        entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix)).count()
    }

    /// Makes a named pipe.
    #[track_caller]
    pub fn fifo(&self, name: impl AsRef<Path>) -> PathBuf {
        let path = self.join(name);
        let status = std::process::Command::new("mkfifo").arg("-m666").arg(&path).status().expect("start mkfifo");
        assert!(status.success(), "mkfifo {}", path.display());
        path
    }

    /// The processes that work in this directory, by id: what a test has started and all that came of it.
    pub fn processes(&self) -> Vec<i32> {
        procs::working_in(self.root.temp.path())
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        procs::kill_all_in(self.temp.path());
    }
}

/// Permissions whatever the umask is.
fn open_to_all(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set permissions");
}
