//! Starting a process, with everything prepared that stays the same from job to job.
//!
//! This is `vfork` by way of `clone`: the child borrows our memory and its thread's time until it calls `execve`, as in
//! glibc's `posix_spawn`. That one looks at and sets the disposition of all 64 signals in each child, and maps a new
//! stack for each; doing only what has to be done takes 6 % off the floor that `posix_spawn` sets (see ARCHITECTURE.md),
//! and the child can be given limits that `posix_spawn` does not know.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::ptr;
use std::sync::OnceLock;

use super::process::Process;
use super::start;

/// What the child's few calls need, with room to spare; a libc that is loaded lazily resolves them on this stack.
const STACK: usize = 64 << 10;
/// Commands of so few bytes are cut into words byte by byte: memchr asks the CPU for its abilities first, which takes 20 us in
/// a virtual machine.
const FEW: usize = 64;

/// Digits of the longest number.
const LONGEST_NUMBER: usize = 20;

/// What stays the same for every process that one slot starts.
pub struct Spawner {
    own_group: bool,
    environment: Environment,
    /// The limit on descriptors that children get back, when we have raised ours.
    nofile: Option<libc::rlimit>,
    /// Children get 0, 1 and 2 only.
    close_fds: bool,
    /// Children have those of 0, 1 and 2 closed that were closed when we were started.
    keeps_closed: bool,
    /// Where children work; `None`: where we do.
    folder: Option<CString>,
    stack: Vec<u8>,
    argv: Vec<*const c_char>,
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

/// What the child reads from our memory, and the one thing that it writes there.
struct Plan<'a> {
    program: *const c_char,
    argv: *const *const c_char,
    environment: *const *const c_char,
    /// Descriptors for 0, 1, 2; -1 leaves one as it is.
    stdio: [RawFd; 3],
    /// Those that are closed where nothing is put there.
    closed: [bool; 3],
    own_group: bool,
    default_sigpipe: bool,
    default_sigxfsz: bool,
    nofile: Option<&'a libc::rlimit>,
    close_fds: bool,
    /// Null leaves it as it is.
    folder: *const c_char,
    /// The error of execve.
    error: c_int,
}

impl Spawner {
    /// `own_group`: children lead their own process groups. Children start with an empty signal mask and with the
    /// dispositions that fanout itself was started with.
    ///
    /// # Errors
    /// `/dev/null` can't be opened.
    pub fn new(own_group: bool) -> io::Result<Spawner> {
        null()?;
        Ok(Spawner {
            own_group,
            environment: Environment::inherited(),
            nofile: None,
            close_fds: false,
            keeps_closed: false,
            folder: None,
            stack: Vec::with_capacity(STACK),
            argv: Vec::new(),
        })
    }

    /// The environment of the processes to come.
    pub fn environment(&mut self) -> &mut Environment {
        &mut self.environment
    }

    /// Children get this soft and hard limit on descriptors back.
    pub fn restore_nofile(&mut self, soft: u64, hard: u64) {
        self.nofile = Some(libc::rlimit { rlim_cur: soft, rlim_max: hard });
    }

    /// Children get no descriptors but 0, 1 and 2 (see [`can_close_fds`]).
    pub fn close_fds(&mut self) {
        self.close_fds = true;
    }

    /// What was closed of 0, 1 and 2 when we were started is closed for children, too, unless they get something there.
    pub fn keep_closed(&mut self) {
        self.keeps_closed = true;
    }

    /// Children to come work in this folder.
    pub fn work_in(&mut self, folder: CString) {
        self.folder = Some(folder);
    }

    /// Starts `program` (a path; there is no search) with the `words`, each followed by a NUL.
    ///
    /// # Errors
    /// Those of clone and execve: ENOENT, EACCES, ENOEXEC, E2BIG, EAGAIN, ENOMEM, EMFILE and so on.
    pub fn spawn(&mut self, program: &CStr, words: &[u8], stdio: &Stdio<'_>) -> io::Result<Process> {
        self.argv.clear();
        let mut start = 0;
        let mut word = |end: usize| {
            self.argv.push(words[start..].as_ptr().cast());
            start = end + 1;
        };
        if words.len() <= FEW {
            words.iter().enumerate().filter(|(_, byte)| **byte == 0).for_each(|(end, _)| word(end));
        } else {
            memchr::memchr_iter(0, words).for_each(word);
        }
        if start != words.len() {
            return Err(io::Error::from_raw_os_error(libc::EINVAL));
        }
        self.start(program, stdio)
    }

    /// The same with the words of several lists, each with the places of its NULs: nothing is searched.
    ///
    /// # Errors
    /// As [`Spawner::spawn`].
    pub fn spawn_words(&mut self, program: &CStr, lists: &[(&[u8], &[u32])], stdio: &Stdio<'_>) -> io::Result<Process> {
        self.argv.clear();
        self.argv.reserve_exact(lists.iter().map(|(_, ends)| ends.len()).sum::<usize>() + 1);
        for (bytes, ends) in lists {
            let mut start = 0;
            for end in *ends {
                let end = *end as usize;
                if bytes.get(end) != Some(&0) || start > end {
                    return Err(io::Error::from_raw_os_error(libc::EINVAL));
                }
                self.argv.push(bytes[start..].as_ptr().cast());
                start = end + 1;
            }
        }
        self.start(program, stdio)
    }

    /// Starts it with the words that `argv` points to.
    fn start(&mut self, program: &CStr, stdio: &Stdio<'_>) -> io::Result<Process> {
        self.argv.push(ptr::null());
        let null = null()?;
        let raw = |fd: Option<BorrowedFd<'_>>| fd.map_or(-1, |fd| fd.as_raw_fd());
        let mut plan = Plan {
            program: program.as_ptr(),
            argv: self.argv.as_ptr(),
            environment: self.environment.block(),
            stdio: [
                stdio.stdin.map_or_else(|| null.as_raw_fd(), |fd| fd.as_raw_fd()),
                raw(stdio.stdout),
                raw(stdio.stderr),
            ],
            closed: [0, 1, 2].map(|fd| self.keeps_closed && start::was_closed(fd)),
            own_group: self.own_group,
            default_sigpipe: !start::was_ignored(libc::SIGPIPE),
            default_sigxfsz: !start::was_ignored(libc::SIGXFSZ),
            nofile: self.nofile.as_ref(),
            close_fds: self.close_fds,
            folder: self.folder.as_ref().map_or(ptr::null(), |folder| folder.as_ptr()),
            error: 0,
        };
        let mut pidfd: c_int = -1;
        // SAFETY: the child runs `become_job` on a stack of its own in our memory while this thread is suspended
        // (CLONE_VFORK) until it has called execve or has ended, so everything that `plan` points to outlives its use:
        // the program, the folder and the words end with a NUL (checked by our callers, which borrow them), argv and the environment with a null pointer. All
        // signals are blocked around the call, so that no handler of ours ever runs in the child.
        let pid = unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            let mut before: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
            let top = self.stack.as_mut_ptr().add(STACK);
            let top = top.sub(top.addr() % 16);
            let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD | libc::SIGCHLD;
            let pid = libc::clone(become_job, top.cast(), flags, (&raw mut plan).cast(), &raw mut pidfd);
            let error = io::Error::last_os_error();
            libc::pthread_sigmask(libc::SIG_SETMASK, &before, ptr::null_mut());
            if pid < 0 {
                return Err(error);
            }
            pid
        };
        // SAFETY: CLONE_PIDFD has made a new descriptor, which nobody else owns.
        let handle = unsafe { OwnedFd::from_raw_fd(pidfd) };
        let mut process = Process::new(pid, handle, self.own_group);
        if plan.error != 0 {
            // It has ended without becoming anything.
            process.reap()?;
            return Err(io::Error::from_raw_os_error(plan.error));
        }
        Ok(process)
    }
}

/// `/dev/null`, opened once for all slots.
fn null() -> io::Result<&'static File> {
    static NULL: OnceLock<File> = OnceLock::new();
    if let Some(file) = NULL.get() {
        return Ok(file);
    }
    let file = File::open("/dev/null")?;
    Ok(NULL.get_or_init(|| file))
}

/// The child's way from the clone to its program. It shares our memory and runs alone in it: it must not allocate, panic,
/// take a lock or return.
extern "C" fn become_job(plan: *mut c_void) -> c_int {
    // SAFETY: `spawn` passes a live Plan that it does not touch until this process has called execve or has ended. All
    // calls are async-signal-safe system calls with arguments from it.
    unsafe {
        let plan = &mut *plan.cast::<Plan<'_>>();
        if plan.own_group {
            libc::setpgid(0, 0);
            // What stops our group, a Ctrl-Z or our own writing to a terminal in the background, may have come before this: still
            // blocked, it would stop the child before its execve, and our thread with it, so that we never stop as a whole. To
            // ignore it for an instant throws it away; whoever sent it stops us, and we our jobs.
            let mut pending: libc::sigset_t = std::mem::zeroed();
            libc::sigpending(&mut pending);
            for signal in [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU] {
                if libc::sigismember(&pending, signal) == 1 {
                    let mut was: libc::sigaction = std::mem::zeroed();
                    let mut ignore: libc::sigaction = std::mem::zeroed();
                    ignore.sa_sigaction = libc::SIG_IGN;
                    libc::sigaction(signal, &ignore, &mut was);
                    libc::sigaction(signal, &was, ptr::null_mut());
                }
            }
        }
        for ((from, closed), to) in plan.stdio.into_iter().zip(plan.closed).zip(0..) {
            if closed && (from < 0 || from == to) {
                libc::close(to);
            } else if from >= 0 && libc::dup2(from, to) < 0 {
                plan.error = *libc::__errno_location();
                libc::_exit(127);
            }
        }
        if plan.close_fds && close_from(3) < 0 {
            plan.error = *libc::__errno_location();
            libc::_exit(127);
        }
        if !plan.folder.is_null() && libc::chdir(plan.folder) < 0 {
            plan.error = *libc::__errno_location();
            libc::_exit(127);
        }
        if let Some(limit) = plan.nofile {
            libc::setrlimit(libc::RLIMIT_NOFILE, limit);
        }
        // For the case that both processes of a run are killed at once: it comes when the slot's thread is gone.
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGHUP);
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = libc::SIG_DFL;
        // SIGCHLD has been the default since our own start.
        if plan.default_sigxfsz {
            libc::sigaction(libc::SIGXFSZ, &action, ptr::null_mut());
        }
        if plan.default_sigpipe {
            libc::sigaction(libc::SIGPIPE, &action, ptr::null_mut());
        }
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &none, ptr::null_mut());
        libc::execve(plan.program, plan.argv, plan.environment);
        plan.error = *libc::__errno_location();
        libc::_exit(127)
    }
}

/// Whether this system can close all descriptors of a child at once (Linux 5.9).
pub fn can_close_fds() -> bool {
    // SAFETY: a plain system call with numbers; no process has so many descriptors.
    unsafe { close_from(libc::c_uint::MAX) == 0 }
}

/// Closes all descriptors from `first` on. -1: see errno.
///
/// # Safety
/// Nobody in this process may use any of them afterwards.
unsafe fn close_from(first: libc::c_uint) -> libc::c_long {
    // SAFETY: as promised by the caller. Async-signal-safe: a plain system call with numbers.
    unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) }
}

// SAFETY: the pointers in `argv` and in the environment block are only used within `spawn`, by `&mut self`; they point
// into its arguments and into memory that the environment owns.
unsafe impl Send for Spawner {}

impl std::fmt::Debug for Spawner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spawner").finish_non_exhaustive()
    }
}

/// An environment block for `execve`, with room for words that change from job to job.
pub struct Environment {
    fixed: Vec<CString>,
    /// NAME=value, each of them rewritten in place.
    varying: Vec<Vec<u8>>,
    block: Vec<*const c_char>,
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
    pub fn set_number(&mut self, name: &[u8], value: u64) {
        let mut digits = [0u8; LONGEST_NUMBER];
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
        self.set(name, &digits[at..]);
    }

    /// Sets `name`, for the processes that are started from now on. Neither may hold a NUL.
    pub fn set(&mut self, name: &[u8], value: &[u8]) {
        let index = self.varying.iter().position(|word| is_of(word, name)).unwrap_or_else(|| {
            self.remove(name);
            // Room for the longest number, so that the words that change with each job never move and the block stays valid.
            self.varying.push(Vec::with_capacity(name.len() + 2 + LONGEST_NUMBER));
            self.varying.len() - 1
        });
        let word = &mut self.varying[index];
        let place = word.as_ptr();
        word.clear();
        word.extend_from_slice(name);
        word.push(b'=');
        word.extend_from_slice(value);
        word.push(0);
        if word.as_ptr() != place {
            self.block.clear();
        }
    }

    /// Sets `name` unless it is there and not empty.
    pub fn set_missing(&mut self, name: &[u8], value: &[u8]) {
        let mut words =
            self.fixed.iter().map(|word| word.as_bytes_with_nul()).chain(self.varying.iter().map(Vec::as_slice));
        if !words.any(|word| is_of(word, name) && word.len() > name.len() + 2) {
            self.set(name, value);
        }
    }

    /// Takes `name` out, for the processes that are started from now on.
    pub fn remove(&mut self, name: &[u8]) {
        self.fixed.retain(|word| !is_of(word.as_bytes(), name));
        self.varying.retain(|word| !is_of(word, name));
        self.block.clear();
    }

    fn block(&mut self) -> *const *const c_char {
        if self.block.is_empty() {
            self.block.extend(self.fixed.iter().map(|word| word.as_ptr()));
            self.block.extend(self.varying.iter().map(|word| word.as_ptr().cast()));
            self.block.push(ptr::null());
        }
        self.block.as_ptr()
    }
}

/// Whether NAME=value is of this name.
fn is_of(word: &[u8], name: &[u8]) -> bool {
    word.strip_prefix(name).is_some_and(|rest| rest.starts_with(b"="))
}
