//! What jobs run in besides their shell: the folder, and code that the shell reads before the command.

use std::ffi::{CString, OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::{Attempt, Executor, Shell, Task};
use crate::model::{Record, Slot};
use crate::options::{EnvironmentOptions, Workdir};
use crate::sys::spawn::Environment;
use crate::sys::watch;
use crate::template::{Insertion, ShellFamily, Strings, Template, quoted};

/// Code that the shell reads before each command.
#[derive(Debug, Default)]
pub struct Prelude {
    /// The code; empty: there is none.
    pub code: Vec<u8>,
    /// The file that the code reads, open as long as jobs may start.
    pub file: Option<File>,
}

/// The folder of jobs and the code before their commands.
#[derive(Debug, Default)]
pub struct Surroundings {
    folder: Option<Folder>,
    prelude: Prelude,
    /// The shell knows the aliases of the prelude only in what it reads later: the command is evaluated (zsh).
    evaluates: bool,
    /// The variable for the number of the slot, counted from 0.
    slot_variable: Vec<u8>,
}

#[derive(Debug)]
enum Folder {
    /// One for each job, below this path.
    Own(PathBuf),
    Template(Box<Template>),
}

impl Surroundings {
    /// As the options say; `prelude`: code for `shell` to read before each command.
    ///
    /// # Errors
    /// A folder that is the same for all jobs and can't be made; no `$HOME` for those of each job.
    pub fn new(
        options: &EnvironmentOptions,
        insertion: Insertion,
        strings: &mut Strings,
        prelude: Prelude,
        shell: &Shell,
    ) -> io::Result<Surroundings> {
        let folder = match &options.workdir {
            None => None,
            Some(Workdir::Own) => {
                let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
                let home = home.ok_or_else(|| io::Error::other("HOME is not set: give a folder instead of ..."))?;
                Some(Folder::Own(Path::new(&home).join(".parallel/tmp")))
            }
            Some(Workdir::Template(text)) => {
                let template = Template::label(text, insertion, strings);
                if template.is_constant() {
                    make(Path::new(OsStr::from_bytes(text)))?;
                }
                Some(Folder::Template(Box::new(template)))
            }
        };
        let slot_variable = options.slot_variable.clone().unwrap_or_else(|| b"PARALLEL_JOBSLOT0".to_vec());
        Ok(Surroundings { folder, prelude, evaluates: shell.is_zsh(), slot_variable })
    }

    /// Whether commands have to be read by the shell whatever they are.
    pub fn needs_shell(&self) -> bool {
        !self.prelude.code.is_empty()
    }

    /// Whether each job has a folder of its own, see [`Tidy`].
    pub fn has_own_folders(&self) -> bool {
        matches!(self.folder, Some(Folder::Own(_)))
    }

    /// The variables that are the same for all jobs of a slot.
    pub fn settle(&self, environment: &mut Environment, slot: Slot) {
        for name in [&b"PARALLEL_PID"[..], b"FANOUT_PID"] {
            environment.set_number(name, u64::from(watch::run_pid()));
        }
        for name in [&b"PARALLEL_JOBSLOT"[..], b"FANOUT_JOBSLOT"] {
            environment.set_number(name, u64::from(slot.0));
        }
        environment.set_number(&self.slot_variable, u64::from(slot.0) - 1);
        // As GNU parallel, for this machine; {host} and {sshlogin} read them.
        for name in [&b"PARALLEL_SSHHOST"[..], b"PARALLEL_SSHLOGIN"] {
            environment.set(name, b":");
        }
        // As GNU parallel: a job can rely on it.
        environment.set_missing(b"TMPDIR", b"/tmp");
        // As GNU parallel: where we are is where jobs come from, with and without --workdir.
        if let Some(folder) = std::env::var_os("PWD") {
            environment.set(b"OLDPWD", folder.as_bytes());
        }
        if self.needs_shell() {
            // As GNU parallel: jobs have it in the code before their commands.
            environment.remove(b"PARALLEL_ENV");
        }
    }

    /// Makes the job's folder where it is missing; `None`: it works where we do.
    ///
    /// # Errors
    /// It can't be made or entered; the line says why.
    pub fn folder(&self, record: &Record, slot: Slot) -> Result<Option<CString>, String> {
        let Some(path) = self.path(record, slot) else { return Ok(None) };
        make(&path).map_err(|error| error.to_string())?;
        let path = CString::new(path.as_os_str().as_bytes().to_vec());
        path.map(Some).map_err(|_| "the name of the job's folder holds a NUL".to_owned())
    }

    fn path(&self, record: &Record, slot: Slot) -> Option<PathBuf> {
        match self.folder.as_ref()? {
            // The name is GNU parallel's.
            Folder::Own(base) => {
                let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
                Some(base.join(format!("{host}-{}-{}", watch::run_pid(), record.seq.0)))
            }
            Folder::Template(template) => {
                let mut text = Vec::new();
                template.label_text(record, slot, &mut text);
                Some(PathBuf::from(OsString::from_vec(text)))
            }
        }
    }

    /// Appends the text for the shell to read: the command with what comes before it.
    pub fn compose(&self, command: &[u8], text: &mut Vec<u8>) {
        if self.prelude.code.is_empty() {
            text.extend_from_slice(command);
            return;
        }
        text.extend_from_slice(&self.prelude.code);
        text.push(b'\n');
        if !self.evaluates {
            text.extend_from_slice(command);
            return;
        }
        text.extend_from_slice(b"eval ");
        text.extend_from_slice(&quoted(command, ShellFamily::Posix));
    }
}

/// Makes a folder where it is missing.
fn make(path: &Path) -> io::Result<()> {
    let enter = || Ok(rustix::fs::access(path, rustix::fs::Access::EXEC_OK)?);
    std::fs::create_dir_all(path)
        .and_then(|()| enter())
        .map_err(|error| io::Error::other(format!("can't work in the folder {}: {error}", path.display())))
}

/// An executor whose jobs have folders of their own, which are removed when they have ended.
pub struct Tidy<'a, E> {
    /// Who runs the jobs.
    pub inner: E,
    /// Who knows the folders.
    pub surroundings: &'a Surroundings,
}

impl<E: Executor> Executor for Tidy<'_, E> {
    fn execute(&mut self, task: &Task<'_>) -> Attempt {
        let attempt = self.inner.execute(task);
        if let Some(path) = self.surroundings.path(task.record, task.slot) {
            // As GNU parallel's `rm -rf`: what can't be removed stays.
            std::fs::remove_dir_all(path).ok();
        }
        attempt
    }
}

/// The path of `folder` as `cd` would put it into `$PWD`.
pub fn logical(folder: &[u8]) -> Vec<u8> {
    let here = || std::env::var_os("PWD").or_else(|| std::env::current_dir().ok().map(Into::into)).unwrap_or_default();
    let whole = if folder.starts_with(b"/") { folder.to_vec() } else { [here().as_bytes(), b"/", folder].concat() };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in whole.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    [b"/", &parts.join(&b'/')[..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_cd() {
        for (folder, expected) in [("/", "/"), ("/a/./b//", "/a/b"), ("/a/../b/..", "/"), ("/..", "/")] {
            assert_eq!(logical(folder.as_bytes()), expected.as_bytes(), "{folder}");
        }
        assert!(logical(b"x").ends_with(b"/x"));
    }
}
