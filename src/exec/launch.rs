//! Exec or shell: from a composed command to a process.

use std::ffi::CString;
use std::io;

use super::builtins::is_for_the_shell;
use super::shell::which;
use super::surroundings::logical;
use super::{Context, Task};
use crate::model::{Slot, Words};
use crate::options::Way;
use crate::sys::process::Process;
use crate::sys::spawn::{Spawner, Stdio};

/// Why no process came of a command.
#[derive(Debug)]
pub enum Failure {
    /// The machine has no room for it now: processes, descriptors, memory.
    NoRoom(io::Error),
    /// It can't be started at all; one line.
    Never(String),
}

/// Starts the commands of one slot.
#[derive(Debug)]
pub struct Launcher<'a> {
    cx: &'a Context<'a>,
    spawner: Spawner,
    words: Words,
    text: Vec<u8>,
}

impl<'a> Launcher<'a> {
    /// For one slot; `own_group`: jobs lead their own process groups.
    ///
    /// # Errors
    /// Those of [`Spawner::new`].
    pub fn new(cx: &'a Context<'a>, slot: Slot, own_group: bool) -> io::Result<Launcher<'a>> {
        let mut spawner = Spawner::new(own_group)?;
        if cx.options.control.close_fds {
            spawner.close_fds();
        }
        if let Some(folder) = &cx.options.output.tmpdir {
            spawner.environment().set(b"TMPDIR", folder.as_os_str().as_encoded_bytes());
        }
        cx.surroundings.settle(spawner.environment(), slot);
        Ok(Launcher { cx, spawner, words: Words::new(), text: Vec::new() })
    }

    /// Starts the job's process.
    ///
    /// A plain command is executed directly; where that fails, the shell is asked, for its message and its status.
    ///
    /// # Errors
    /// See [`Failure`].
    pub fn start(&mut self, task: &Task<'_>, stdio: &Stdio<'_>) -> Result<Process, Failure> {
        let environment = self.spawner.environment();
        environment.set_number(b"PARALLEL_SEQ", task.record.seq.0);
        environment.set_number(b"FANOUT_SEQ", task.record.seq.0);
        if self.cx.options.pipe.as_ref().is_some_and(|pipe| pipe.way != Way::Stdin) {
            environment.set(b"PARALLEL_TMP", task.record.args.get(0).unwrap_or_default());
        }
        if let Some(folder) = self.cx.surroundings.folder(task.record, task.slot).map_err(Failure::Never)? {
            let (before, now) = (logical(b"."), logical(folder.as_bytes()));
            environment.set(b"OLDPWD", &before);
            environment.set(b"PWD", &now);
            self.spawner.work_in(folder);
        }
        if self.cx.nofile_raised.load(std::sync::atomic::Ordering::Relaxed) {
            let (soft, hard) = self.cx.nofile;
            self.spawner.restore_nofile(soft, hard);
        }
        let job = task.job;
        if job.plain
            && self.cx.shell.transparent
            && let Some(program) = self.program(&job.words)
        {
            match self.spawner.spawn(&program, job.words.as_bytes(), stdio) {
                Ok(process) => return Ok(process),
                Err(error) if is_no_room(&error) => return Err(Failure::NoRoom(error)),
                Err(_) => {}
            }
        }
        self.text.clear();
        if job.plain {
            let mut text = Vec::new();
            let composed = self.cx.template.text(task.record, task.slot, &mut text);
            composed.map_err(|refusal| Failure::Never(refusal.reason))?;
            self.cx.surroundings.compose(&text, &mut self.text);
        } else {
            self.cx.surroundings.compose(&job.text, &mut self.text);
        }
        self.words.clear();
        self.words.push(self.cx.shell.name.as_bytes());
        self.words.push(b"-c");
        self.words.push(&self.text);
        match self.spawner.spawn(&self.cx.shell.path, self.words.as_bytes(), stdio) {
            Ok(process) => Ok(process),
            Err(error) if is_no_room(&error) => Err(Failure::NoRoom(error)),
            Err(error) if error.kind() == io::ErrorKind::ArgumentListTooLong => {
                let remedy = if self.cx.surroundings.needs_shell() {
                    "the shell's variables and functions that come with it take most of it: name those that it needs (--env NAME)"
                } else {
                    "use fewer or shorter arguments (-n)"
                };
                Err(Failure::Never(format!("the command is too long for the system: {remedy}")))
            }
            Err(error) => {
                let shell = self.cx.shell.path.to_string_lossy();
                Err(Failure::Never(format!("can't run the shell {shell}: {error}")))
            }
        }
    }

    /// The program that a shell would run for these words; `None`: only the shell knows what to do.
    fn program(&self, words: &Words) -> Option<CString> {
        let first = words.get(0)?;
        if is_for_the_shell(words) {
            return None;
        }
        // Looked for at each start, as a new shell would do: a job may install what a later one runs.
        let path = if first.contains(&b'/') { first.to_vec() } else { which(first)? };
        CString::new(path).ok()
    }
}

/// Whether this comes and goes with the number of processes.
pub fn is_no_room(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(Errno::from_io_error(error), Some(Errno::AGAIN | Errno::NOMEM | Errno::MFILE | Errno::NFILE))
}
