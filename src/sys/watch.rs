//! Two processes instead of one: whoever kills one of them leaves the other to end the jobs.
//!
//! The process that was started becomes the watcher; its child, the runner, does all the work. Both are child subreapers,
//! so when the runner dies all of its descendants become the watcher's, daemons with a cleared environment included.
//!
//! To fork costs too much at the start (ARCHITECTURE.md has the figures). So the runner is made as a thread is, with the
//! memory of its parent, which then does nothing but wait; a short run is over before more is needed. Later the watcher
//! executes this program anew, for a memory of its own: what the kernel kills for its memory then is one of the two.

use std::ffi::{CString, OsString, c_char, c_int, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Access, MemfdFlags, Mode, OFlags};
use rustix::io::FdFlags;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::process::{self, Change};
use super::{limits, tree};

/// How long the watcher waits with the runner's memory before it takes a memory of its own.
const SHORT_RUN: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
/// The runner's stack, as large as the usual one of a main thread; only what is touched is memory. Under a limit on memory
/// (`ulimit -v`) it takes one part of it in so many, and no less than a slot's.
const STACK: usize = 8 << 20;
const STACKS_IN_ALL: u64 = 16;
const SMALL_STACK: usize = 256 << 10;
/// Its lowest part, which nobody may touch.
const GUARD: usize = 64 << 10;
/// Steps of a termination sequence that find room on the board.
const STEPS: usize = 64;
/// Slots that have a place on the board; beyond, every job counts as running.
const PLACES: usize = 4 << 10;
/// How an executed watcher knows itself: the number of the board's descriptor.
const VARIABLE: &str = "FANOUT_WATCHER";
/// What every board begins with.
const MAGIC: u64 = u64::from_ne_bytes(*b"fanout 1");
/// The status of a run that a panic has ended.
const FAILED: u8 = 255;
/// So much of the command line is kept, for those who list processes.
const LINE: usize = 4096;
/// No path is longer.
const LONGEST_NAME: usize = 4096;
/// And so many words of it.
const WORDS: usize = 100;

/// The memory that both see. The kernel fills it with zeros, and gives a page only where one is touched.
#[derive(Debug)]
#[repr(C)]
struct Board {
    magic: AtomicU64,
    watcher: AtomicI32,
    runner: AtomicI32,
    /// Processes were children of the watcher before (`sleep 9 & exec fanout …`).
    had_children: AtomicU32,
    /// The run has ended by itself.
    over: AtomicU32,
    /// The descriptor that the watcher keeps; -1: none.
    kept: AtomicI32,
    /// There are more slots than places.
    crowded: AtomicU32,
    /// How jobs are ended: so many steps of a signal and the milliseconds to wait then.
    steps: AtomicU32,
    signals: [AtomicI32; STEPS],
    waits: [AtomicU64; STEPS],
    /// The number of the job that runs in each slot; 0: none.
    running: [AtomicU64; PLACES],
    /// What the names of the run's temporary files begin with, and how long that is; 0: there are none.
    temporary_length: AtomicU32,
    temporary: [AtomicU8; LONGEST_NAME],
}

impl Board {
    fn new(sequence: &[(i32, Duration)]) -> io::Result<(&'static Board, OwnedFd)> {
        let file = rustix::fs::memfd_create(c"fanout", MemfdFlags::CLOEXEC)?;
        rustix::fs::ftruncate(&file, size_of::<Board>() as u64)?;
        let board = Board::of(&file)?;
        for ((signal, wait), step) in board.signals.iter().zip(&board.waits).zip(sequence) {
            signal.store(step.0, Ordering::Relaxed);
            wait.store(u64::try_from(step.1.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        board.steps.store(u32::try_from(sequence.len().min(STEPS)).unwrap_or(0), Ordering::Relaxed);
        board.magic.store(MAGIC, Ordering::Relaxed);
        Ok((board, file))
    }

    fn of(file: impl std::os::fd::AsFd) -> io::Result<&'static Board> {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping of the size of a Board, which is never unmapped; any bits are a valid value of it.
        unsafe {
            let memory = rustix::mm::mmap(ptr::null_mut(), size_of::<Board>(), access, MapFlags::SHARED, file, 0)?;
            Ok(&*memory.cast::<Board>())
        }
    }
}

/// What the runner knows of the two.
#[derive(Debug)]
struct Pair {
    watcher: i32,
    /// The parent of the watcher when it made the runner; 0: outside of our namespace.
    parent: i32,
    board: &'static Board,
}

static PAIR: OnceLock<Pair> = OnceLock::new();

/// Does `work` in a child of this process, which ends as that does. `sequence`: how jobs are ended where the child can't do
/// that any more. `kept`: a descriptor that both keep to their ends, for a lock that is not to be free while the other one may still
/// have to end jobs.
///
/// To be called while there is only one thread. Where there is no room for another process, the work is done here.
pub fn guard(sequence: &[(i32, Duration)], kept: Option<RawFd>, work: impl FnOnce() -> u8) -> u8 {
    let mut work = Some(work);
    let mut once = || work.take().map_or(FAILED, |work| work());
    // The run can do without; where no process can be had, the first job tells.
    split(sequence, kept, &mut once).ok();
    once()
}

/// What the runner takes over from the process that makes it.
struct Plan<'a> {
    watcher: i32,
    parent: i32,
    board: &'static Board,
    board_file: RawFd,
    mask: libc::sigset_t,
    work: &'a mut dyn FnMut() -> u8,
}

/// Returns only where that is impossible.
fn split(sequence: &[(i32, Duration)], kept: Option<RawFd>, work: &mut dyn FnMut() -> u8) -> io::Result<()> {
    let (board, board_file) = Board::new(sequence)?;
    let watcher = i32::try_from(std::process::id()).map_err(io::Error::other)?;
    board.watcher.store(watcher, Ordering::Relaxed);
    board.kept.store(kept.unwrap_or(-1), Ordering::Relaxed);
    let any = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    board.had_children.store(u32::from(waitid(WaitId::All, any).is_ok()), Ordering::Relaxed);
    let environment = environment_with(board_file.as_raw_fd());
    let share = limits::memory().map_or(usize::MAX, |all| usize::try_from(all / STACKS_IN_ALL).unwrap_or(usize::MAX));
    let size = (share & !(GUARD - 1)).clamp(SMALL_STACK, STACK);
    tree::adopt_orphans()?;
    // SAFETY: the stack is a new mapping that nobody else uses. `run` uses `plan`, and what `work` borrows, while this process
    // stays in `wait`, below, with all signals blocked: it writes nothing that the runner reads, errno included, because
    // rustix makes its system calls without libc, and libc is only asked for what can't fail. When this process executes a
    // program or ends, the runner keeps the memory.
    unsafe {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        let stack = rustix::mm::mmap_anonymous(ptr::null_mut(), size, access, MapFlags::PRIVATE | MapFlags::NORESERVE)?;
        rustix::mm::mprotect(stack, GUARD, MprotectFlags::empty())?;
        let parent = Pid::as_raw(rustix::process::getppid());
        let mut plan =
            Plan { parent, watcher, board, board_file: board_file.as_raw_fd(), mask: std::mem::zeroed(), work };
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut plan.mask);
        let mut handle: c_int = -1;
        let flags = libc::CLONE_VM | libc::CLONE_PIDFD | libc::SIGCHLD;
        let runner =
            libc::clone(run, stack.cast::<u8>().add(size).cast(), flags, (&raw mut plan).cast(), &raw mut handle);
        if runner < 0 {
            let error = io::Error::last_os_error();
            libc::pthread_sigmask(libc::SIG_SETMASK, &plan.mask, ptr::null_mut());
            return Err(error);
        }
        board.runner.store(runner, Ordering::SeqCst);
        wait(board, &board_file, BorrowedFd::borrow_raw(handle), &environment, &plan.mask)
    }
}

/// The runner, on a stack of its own.
extern "C" fn run(plan: *mut c_void) -> c_int {
    // SAFETY: `split` passes a Plan that stays as it is; this is the only thread of this process. Its descriptors are its own.
    let plan = unsafe {
        let plan = &mut *plan.cast::<Plan<'_>>();
        // One that reaches us when we are stopped, too.
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGCONT);
        if libc::getppid() != plan.watcher {
            libc::_exit(128 + libc::SIGKILL);
        }
        drop(OwnedFd::from_raw_fd(plan.board_file));
        libc::pthread_sigmask(libc::SIG_SETMASK, &plan.mask, ptr::null_mut());
        plan
    };
    PAIR.get_or_init(|| Pair { watcher: plan.watcher, parent: plan.parent, board: plan.board });
    // A panic has printed its message. Without a word on the board the watcher sees to what is left.
    let status = catch_unwind(AssertUnwindSafe(|| (plan.work)())).unwrap_or(FAILED);
    std::process::exit(status.into())
}

/// The watcher, while it has the runner's memory. It must not allocate, take a lock or fail in libc.
///
/// # Safety
/// For `split` alone; `environment` ends with a null pointer.
unsafe fn wait(
    board: &Board,
    file: &OwnedFd,
    runner: BorrowedFd<'_>,
    environment: &[*const c_char],
    mask: &libc::sigset_t,
) -> ! {
    let end_with_it = || {
        if let Some(Change::Ended(how)) = process::change_of(board.runner.load(Ordering::SeqCst)) {
            process::end_as(how);
        }
    };
    let mut fds = [PollFd::from_borrowed_fd(runner, PollFlags::IN)];
    if poll(&mut fds, Some(&SHORT_RUN)).is_ok_and(|count| count > 0) && board.over.load(Ordering::SeqCst) == 1 {
        end_with_it();
    }
    let mut line = [MaybeUninit::<u8>::uninit(); LINE];
    let argv = command_line(&mut line);
    // SAFETY: plain system calls with numbers, and arrays that end with null pointers. The program is there, so execve only
    // fails for want of memory.
    unsafe {
        if rustix::fs::access(c"/proc/self/exe", Access::EXEC_OK).is_ok()
            && rustix::io::fcntl_setfd(file, FdFlags::empty()).is_ok()
        {
            let kept = board.kept.load(Ordering::SeqCst);
            if kept >= 0 {
                // The descriptors of this process are its own, whatever memory it has.
                rustix::io::fcntl_setfd(BorrowedFd::borrow_raw(kept), FdFlags::empty()).ok();
            }
            // Or the kernel would write to the runner's memory when this process lets go of it.
            libc::syscall(libc::SYS_set_tid_address, 0);
            libc::execve(c"/proc/self/exe".as_ptr(), argv.as_ptr(), environment.as_ptr());
        }
        // Without /proc, signals have their own effect on this process, and the runner hears of its end.
        libc::pthread_sigmask(libc::SIG_SETMASK, mask, ptr::null_mut());
    }
    loop {
        poll(&mut fds, None).ok();
        end_with_it();
    }
}

/// The first words of our command line as the kernel keeps it, for execve.
fn command_line(memory: &mut [MaybeUninit<u8>; LINE]) -> [*const c_char; WORDS + 1] {
    let mut words = [ptr::null(); WORDS + 1];
    let Ok(file) = rustix::fs::open(c"/proc/self/cmdline", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()) else {
        return words;
    };
    let Ok((line, _)) = rustix::io::read(&file, &mut memory[..]) else { return words };
    let mut start = 0;
    let mut count = 0;
    for (at, byte) in line.iter().enumerate() {
        if *byte == 0 && count < WORDS {
            words[count] = line[start..].as_ptr().cast();
            (start, count) = (at + 1, count + 1);
        }
    }
    words
}

/// Our environment and what tells the executed watcher the number of its board, with a null pointer at the end.
fn environment_with(board: RawFd) -> Vec<*const c_char> {
    unsafe extern "C" {
        static environ: *const *const c_char;
    }
    // For as long as this process has this memory.
    let ours = Box::leak(format!("{VARIABLE}={board}\0").into_boxed_str());
    let mut all = vec![ours.as_ptr().cast()];
    // SAFETY: the array ends with a null pointer, and nobody changes the environment.
    unsafe {
        let mut at = environ;
        while !at.is_null() && !(*at).is_null() {
            all.push(*at);
            at = at.add(1);
        }
    }
    all.push(ptr::null());
    all
}

/// A watcher with a memory of its own.
#[derive(Debug)]
pub struct Watcher {
    board: &'static Board,
}

impl Watcher {
    /// `Some` where this process was executed to be one.
    pub fn executed() -> Option<Watcher> {
        let number: RawFd = std::env::var_os(VARIABLE)?.to_str()?.parse().ok()?;
        // SAFETY: where somebody else has set the variable, it is no descriptor, or not one of a board: both are found out.
        let file = unsafe { BorrowedFd::borrow_raw(Some(number).filter(|number| *number > 2)?) };
        if rustix::fs::fstat(file).ok()?.st_size != i64::try_from(size_of::<Board>()).ok()? {
            return None;
        }
        let board = Board::of(file).ok()?;
        let watcher = Watcher { board };
        let own = board.magic.load(Ordering::SeqCst) == MAGIC
            && board.watcher.load(Ordering::SeqCst).unsigned_abs() == std::process::id();
        let runner = WaitId::Pid(Pid::from_raw(watcher.runner()).filter(|_| own)?);
        let any = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        waitid(runner, any).ok()?;
        PAIR.get_or_init(|| Pair { watcher: board.watcher.load(Ordering::SeqCst), parent: 0, board });
        Some(watcher)
    }

    /// The process that does the work.
    pub fn runner(&self) -> i32 {
        self.board.runner.load(Ordering::SeqCst)
    }

    /// Processes were children of this one before the run (`sleep 9 & exec fanout …`): what is adopted may be theirs.
    pub fn had_children(&self) -> bool {
        self.board.had_children.load(Ordering::SeqCst) != 0
    }

    /// How jobs are ended.
    pub fn sequence(&self) -> impl Iterator<Item = (i32, Duration)> {
        let steps = self.board.signals.iter().zip(&self.board.waits);
        let load = |(signal, wait): (&AtomicI32, &AtomicU64)| {
            (signal.load(Ordering::SeqCst), Duration::from_millis(wait.load(Ordering::SeqCst)))
        };
        steps.take(self.board.steps.load(Ordering::SeqCst) as usize).map(load)
    }

    /// Whether the run has ended by itself: what its jobs have left is left alone.
    pub fn is_over(&self) -> bool {
        self.board.over.load(Ordering::SeqCst) != 0
    }

    /// Whether this job was running, as far as the runner came to say so.
    pub fn was_running(&self, seq: u64) -> bool {
        let is_this = |running: &AtomicU64| running.load(Ordering::SeqCst) == seq;
        self.board.crowded.load(Ordering::SeqCst) != 0 || self.board.running.iter().any(is_this)
    }

    /// What the names of the run's temporary files begin with.
    pub fn temporary(&self) -> Option<PathBuf> {
        let length = self.board.temporary_length.load(Ordering::SeqCst) as usize;
        let bytes = self.board.temporary.iter().take(length).map(|byte| byte.load(Ordering::SeqCst));
        (length > 0).then(|| PathBuf::from(OsString::from_vec(bytes.collect())))
    }

    /// Lets go of everything that somebody may wait for: descriptors, the working folder.
    pub fn let_go(&self) {
        // Older kernels than 5.9 don't know it; then the descriptors are closed with the run.
        // SAFETY: this process uses no descriptor from now on.
        unsafe {
            match libc::c_uint::try_from(self.board.kept.load(Ordering::SeqCst)) {
                Ok(kept) => {
                    libc::syscall(libc::SYS_close_range, 0, kept.saturating_sub(1), 0);
                    libc::syscall(libc::SYS_close_range, kept + 1, libc::c_uint::MAX, 0);
                }
                Err(_) => {
                    libc::syscall(libc::SYS_close_range, 0, libc::c_uint::MAX, 0);
                }
            }
            libc::chdir(c"/".as_ptr());
        }
        // It was executed by another name.
        let first = std::env::args_os().next().unwrap_or_default();
        let name = Path::new(&first).file_name().unwrap_or_default();
        if let Ok(name) = CString::new(name.as_encoded_bytes()) {
            rustix::thread::set_name(&name).ok();
        }
    }
}

/// The number of the process that the user has started.
pub fn run_pid() -> u32 {
    PAIR.get().map_or_else(std::process::id, |pair| pair.watcher.unsigned_abs())
}

/// Who has started the process that the user has started; `None`: somebody outside of our namespace.
pub fn parent_of_run() -> Option<i32> {
    let parent =
        PAIR.get().map_or_else(|| rustix::process::Pid::as_raw(rustix::process::getppid()), |pair| pair.parent);
    Some(parent).filter(|pid| *pid > 0)
}

/// The run has ended by itself.
pub fn over() {
    if let Some(pair) = PAIR.get() {
        pair.board.over.store(1, Ordering::SeqCst);
        // It may still be stopped as we were, or be about to.
        wake();
    }
}

/// Whether the watcher of this runner is gone.
pub fn is_orphaned() -> bool {
    // SAFETY: a plain system call.
    PAIR.get().is_some_and(|pair| unsafe { libc::getppid() } != pair.watcher)
}

/// A slot, counted from 1, runs this job from now on; 0: none.
pub fn runs(slot: u32, seq: u64) {
    let Some(pair) = PAIR.get() else { return };
    match pair.board.running.get((slot as usize).wrapping_sub(1)) {
        Some(place) => place.store(seq, Ordering::SeqCst),
        None => pair.board.crowded.store(1, Ordering::SeqCst),
    }
}

/// Temporary files of this run have names that begin with this path, which is absolute: where we can't, the watcher removes them.
pub fn leaves(names: &Path) {
    let bytes = names.as_os_str().as_encoded_bytes();
    let Some(pair) = PAIR.get().filter(|_| bytes.len() <= LONGEST_NAME) else { return };
    pair.board.temporary.iter().zip(bytes).for_each(|(place, byte)| place.store(*byte, Ordering::Relaxed));
    pair.board.temporary_length.store(u32::try_from(bytes.len()).unwrap_or(0), Ordering::SeqCst);
}

/// Lets the watcher go on, which stops itself whenever the runner is stopped.
pub fn wake() {
    if let Some(pair) = PAIR.get() {
        // SAFETY: plain system calls with numbers; as long as the watcher is our parent, its number is nobody else's.
        unsafe {
            if libc::getppid() == pair.watcher {
                libc::kill(pair.watcher, libc::SIGCONT);
            }
        }
    }
}
