//! Starting a process by `posix_spawn`, with everything prepared that stays the same from job to job.
//!
//! `std::process::Command` costs several percent more than the bare call, most of it for the environment, so the
//! environment block is kept here and only its changing words are rewritten.

use std::ffi::{CStr, CString, c_char};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::ptr;

use super::start;

/// What stays the same for every process that one slot starts.
pub struct Spawner {
    attributes: libc::posix_spawnattr_t,
    environment: Environment,
    null: std::fs::File,
    /// The soft limit on descriptors that children get back, when we have raised ours.
    nofile: Option<(u64, u64)>,
}

/// Which descriptors a child gets as its 0, 1 and 2.
#[derive(Debug, Default)]
pub struct Stdio<'a> {
    /// Standard input; `None` is `/dev/null`.
    pub stdin: Option<BorrowedFd<'a>>,
    /// Standard output; `None` is ours.
    pub stdout: Option<BorrowedFd<'a>>,
    /// Standard error; `None` is ours.
    pub stderr: Option<BorrowedFd<'a>>,
}

impl Spawner {
    /// `own_group`: children lead their own process groups. Children start with an empty signal mask and with the
    /// dispositions that fanout itself was started with.
    ///
    /// # Errors
    /// `/dev/null` can't be opened, or there is no memory.
    pub fn new(own_group: bool) -> io::Result<Spawner> {
        let null = std::fs::File::open("/dev/null")?;
        let mut flags = libc::POSIX_SPAWN_SETSIGMASK | libc::POSIX_SPAWN_SETSIGDEF;
        if own_group {
            flags |= libc::POSIX_SPAWN_SETPGROUP;
        }
        // SAFETY: the attributes are initialised before any other call touches them, the sets by sigemptyset, and all
        // pointers are to live locals. A spawnattr may be moved afterwards: glibc and musl keep plain values in it.
        let attributes = unsafe {
            let mut attributes: libc::posix_spawnattr_t = std::mem::zeroed();
            check(libc::posix_spawnattr_init(&mut attributes))?;
            let mut set: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&mut set);
            check(libc::posix_spawnattr_setsigmask(&mut attributes, &set))?;
            libc::sigaddset(&mut set, libc::SIGCHLD);
            if !start::sigpipe_was_ignored() {
                libc::sigaddset(&mut set, libc::SIGPIPE);
            }
            check(libc::posix_spawnattr_setsigdefault(&mut attributes, &set))?;
            check(libc::posix_spawnattr_setpgroup(&mut attributes, 0))?;
            check(libc::posix_spawnattr_setflags(&mut attributes, flags as libc::c_short))?;
            attributes
        };
        Ok(Spawner { attributes, environment: Environment::inherited(), null, nofile: None })
    }

    /// The environment of the processes to come.
    pub fn environment(&mut self) -> &mut Environment {
        &mut self.environment
    }

    /// Children get this soft and hard limit on descriptors back.
    pub fn restore_nofile(&mut self, soft: u64, hard: u64) {
        self.nofile = Some((soft, hard));
    }

    /// Starts `program` (a path; there is no search) with the `words`, each followed by a NUL.
    /// Answers the process id.
    ///
    /// # Errors
    /// Those of posix_spawn: ENOENT, EACCES, ENOEXEC, E2BIG, EAGAIN, ENOMEM and so on.
    pub fn spawn(&mut self, program: &CStr, words: &[u8], stdio: &Stdio<'_>) -> io::Result<i32> {
        let mut argv: Vec<*mut c_char> = Vec::with_capacity(16);
        let mut rest = words;
        while !rest.is_empty() {
            argv.push(rest.as_ptr().cast_mut().cast());
            match memchr::memchr(0, rest) {
                Some(end) => rest = &rest[end + 1..],
                None => return Err(io::Error::from_raw_os_error(libc::EINVAL)),
            }
        }
        argv.push(ptr::null_mut());
        let mut actions = Actions::new()?;
        actions.dup2(stdio.stdin.map_or(self.null.as_raw_fd(), |fd| fd.as_raw_fd()), 0)?;
        if let Some(fd) = stdio.stdout {
            actions.dup2(fd.as_raw_fd(), 1)?;
        }
        if let Some(fd) = stdio.stderr {
            actions.dup2(fd.as_raw_fd(), 2)?;
        }
        let mut pid: libc::pid_t = 0;
        // SAFETY: every pointer is to live memory: `program` is NUL-terminated, `argv` and the environment block end with
        // a null pointer and point to words that end with a NUL (checked above, and by Environment).
        check(unsafe {
            libc::posix_spawn(
                &mut pid,
                program.as_ptr(),
                &actions.0,
                &self.attributes,
                argv.as_ptr(),
                self.environment.block(),
            )
        })?;
        if let Some((soft, hard)) = self.nofile {
            super::limits::set_nofile_of(pid, soft, hard);
        }
        Ok(pid)
    }
}

// SAFETY: the attributes are plain values that only `spawn` (by `&mut self`) reads, and the raw pointers are into memory
// that the environment owns.
unsafe impl Send for Spawner {}

impl Drop for Spawner {
    fn drop(&mut self) {
        // SAFETY: initialised in `new`, destroyed once.
        unsafe { libc::posix_spawnattr_destroy(&mut self.attributes) };
    }
}

impl std::fmt::Debug for Spawner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spawner").finish_non_exhaustive()
    }
}

struct Actions(libc::posix_spawn_file_actions_t);

impl Actions {
    fn new() -> io::Result<Actions> {
        // SAFETY: init writes the whole value before anything reads it.
        unsafe {
            let mut actions: libc::posix_spawn_file_actions_t = std::mem::zeroed();
            check(libc::posix_spawn_file_actions_init(&mut actions))?;
            Ok(Actions(actions))
        }
    }

    fn dup2(&mut self, from: RawFd, to: RawFd) -> io::Result<()> {
        // SAFETY: initialised in `new`; the numbers are only used in the child.
        check(unsafe { libc::posix_spawn_file_actions_adddup2(&mut self.0, from, to) })
    }
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: initialised in `new`, destroyed once.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.0) };
    }
}

/// An environment block for `execve`, with room for words that change from job to job.
pub struct Environment {
    fixed: Vec<CString>,
    /// NAME=value, each of them rewritten in place.
    varying: Vec<Vec<u8>>,
    block: Vec<*mut c_char>,
}

impl Environment {
    fn inherited() -> Environment {
        let fixed = std::env::vars_os()
            .filter_map(|(name, value)| {
                let mut word = name.into_vec();
                word.push(b'=');
                word.extend_from_slice(&value.into_vec());
                CString::new(word).ok()
            })
            .collect();
        Environment { fixed, varying: Vec::new(), block: Vec::new() }
    }

    /// Sets `name` to a number, for the processes that are started from now on.
    pub fn set_number(&mut self, name: &str, value: u64) {
        let is_name = |word: &[u8]| word.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="));
        let mut digits = [0u8; 20];
        let mut at = digits.len();
        let mut rest = value;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        let word = match self.varying.iter().position(|word| is_name(word)) {
            Some(index) => &mut self.varying[index],
            None => {
                self.fixed.retain(|word| !is_name(word.as_bytes()));
                // Room for the longest number, so that the word never moves and the block stays valid.
                self.varying.push(Vec::with_capacity(name.len() + 2 + digits.len()));
                self.block.clear();
                let last = self.varying.len() - 1;
                &mut self.varying[last]
            }
        };
        word.clear();
        word.extend_from_slice(name.as_bytes());
        word.push(b'=');
        word.extend_from_slice(&digits[at..]);
        word.push(0);
    }

    fn block(&mut self) -> *const *mut c_char {
        if self.block.is_empty() {
            self.block.extend(self.fixed.iter().map(|word| word.as_ptr().cast_mut()));
            self.block.extend(self.varying.iter().map(|word| word.as_ptr().cast_mut().cast()));
            self.block.push(ptr::null_mut());
        }
        self.block.as_ptr()
    }
}

fn check(error: i32) -> io::Result<()> {
    if error == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(error)) }
}
