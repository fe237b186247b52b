//! Exec or shell: from a composed command to a process.

use std::ffi::{CString, OsStr};
use std::io;
use std::os::unix::ffi::OsStrExt;

use rustix::io::Errno;

use super::builtins::is_for_the_shell;
use super::shell::{places, which};
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
    /// Without a shell: the system's limit on its length.
    TooLong,
    /// Without a shell: the system's reason.
    NotExecutable(i32),
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
        if cx.options.xargs.is_some() {
            spawner.keep_closed();
        }
        match &cx.options.xargs {
            // Nothing but that: what jobs get is to be what they get from xargs.
            Some(_) => cx.options.environment.slot_variable.iter().for_each(|name| {
                spawner.environment().set_number(name, u64::from(slot.0) - 1);
            }),
            None => cx.surroundings.settle(spawner.environment(), slot),
        }
        Ok(Launcher { cx, spawner, words: Words::new(), text: Vec::new() })
    }

    /// Starts the job's process.
    ///
    /// A plain command is executed directly; where that fails, the shell is asked, for its message and its status.
    ///
    /// # Errors
    /// See [`Failure`].
    pub fn start(&mut self, task: &Task<'_>, stdio: &Stdio<'_>) -> Result<Process, Failure> {
        if self.cx.options.xargs.is_some() {
            return self.start_program(task, stdio);
        }
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
        self.restore_nofile();
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

    /// Executes the words of a command without any shell, as `execvp` does.
    fn start_program(&mut self, task: &Task<'_>, stdio: &Stdio<'_>) -> Result<Process, Failure> {
        self.restore_nofile();
        let job = task.job;
        let name = job.words.get(0).unwrap_or_default();
        let none = Words::default();
        let appended = if job.appends { &task.record.args } else { &none };
        let mut denied = false;
        for path in candidates(name) {
            let Ok(program) = CString::new(path) else { continue };
            let error = match self.spawner.spawn_words(&program, &[job.words.as_parts(), appended.as_parts()], stdio) {
                Ok(process) => return Ok(process),
                Err(error) => error,
            };
            match Errno::from_io_error(&error) {
                Some(Errno::NOEXEC) => {
                    // A script without a first line that says whose.
                    self.words.clear();
                    self.words.push(b"/bin/sh");
                    self.words.push(program.as_bytes());
                    job.words.iter().skip(1).for_each(|word| self.words.push(word));
                    let words = [self.words.as_parts(), appended.as_parts()];
                    let started = self.spawner.spawn_words(c"/bin/sh", &words, stdio);
                    return started.map_err(not_started);
                }
                Some(Errno::ACCESS) => denied = true,
                Some(Errno::NOENT | Errno::STALE | Errno::NOTDIR | Errno::NODEV | Errno::TIMEDOUT)
                    if !name.contains(&b'/') => {}
                _ => return Err(not_started(error)),
            }
        }
        let error = if denied { Errno::ACCESS } else { Errno::NOENT };
        Err(Failure::NotExecutable(error.raw_os_error()))
    }

    fn restore_nofile(&mut self) {
        if self.cx.nofile_raised.load(std::sync::atomic::Ordering::Relaxed) {
            let (soft, hard) = self.cx.nofile;
            self.spawner.restore_nofile(soft, hard);
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

/// Where a program of this name may be, in the order of the search path; those that are surely not there are left out.
fn candidates(name: &[u8]) -> Vec<Vec<u8>> {
    if name.contains(&b'/') {
        return vec![name.to_vec()];
    }
    if name.is_empty() {
        return Vec::new();
    }
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/bin:/usr/bin".into());
    let is_there = |place: &Vec<u8>| rustix::fs::access(OsStr::from_bytes(place), rustix::fs::Access::EXISTS).is_ok();
    places(name, path.as_bytes()).filter(is_there).collect()
}

fn not_started(error: io::Error) -> Failure {
    match Errno::from_io_error(&error) {
        _ if is_no_room(&error) => Failure::NoRoom(error),
        Some(Errno::TOOBIG) => Failure::TooLong,
        _ => Failure::NotExecutable(error.raw_os_error().unwrap_or_default()),
    }
}

/// Whether this comes and goes with the number of processes.
pub fn is_no_room(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::AGAIN | Errno::NOMEM | Errno::MFILE | Errno::NFILE))
}
