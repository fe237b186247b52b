//! What the process looked like when it was started, before Rust's run-time changed it.
//!
//! We set SIGPIPE to ignored and open `/dev/null` where a standard descriptor is closed. Children must get the SIGPIPE that
//! fanout got, and a closed standard output must be an error, so both are looked at before `main`.

use std::ffi::CStr;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

static IGNORED: AtomicU64 = AtomicU64::new(0);
static CLOSED: AtomicU64 = AtomicU64::new(0);

/// The signals that are looked at: those which fanout has a use for.
const KNOWN: [libc::c_int; 9] = [
    libc::SIGPIPE,
    libc::SIGXFSZ,
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGTERM,
    libc::SIGQUIT,
    libc::SIGTSTP,
    libc::SIGUSR1,
    libc::SIGUSR2,
];

extern "C" fn look() {
    for signal in KNOWN {
        // SAFETY: a sigaction of all zero bits is valid, and a null new action only asks for the current one.
        let ignored = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, std::ptr::null(), &mut action) == 0 && action.sa_sigaction == libc::SIG_IGN
        };
        if ignored {
            IGNORED.fetch_or(1 << (signal - 1), Ordering::Relaxed);
        }
    }
    // Where these have handlers already, Rust's run-time gives no thread the alternate stack of its own handler, which tells of
    // stack overflows: eight system calls less for each thread (see ARCHITECTURE.md).
    for signal in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: as above; `die` does only what is allowed in a handler.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(signal, std::ptr::null(), &mut action) == 0 && action.sa_sigaction == libc::SIG_DFL {
                action.sa_sigaction = die as extern "C" fn(libc::c_int) as usize;
                libc::sigaction(signal, &action, std::ptr::null_mut());
            }
        }
    }
    // SAFETY: as above. Where it is ignored, the kernel reaps children, and how they ended is lost.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = libc::SIG_DFL;
        libc::sigaction(libc::SIGCHLD, &action, std::ptr::null_mut());
    }
    for fd in 0..3 {
        // SAFETY: asking for the flags of a descriptor that may be closed is harmless.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1 {
            CLOSED.fetch_or(1 << fd, Ordering::Relaxed);
        }
    }
}

/// Has the deadly effect that the signal has without a handler.
extern "C" fn die(signal: libc::c_int) {
    // SAFETY: both are allowed in a handler. The signal is blocked here, and comes when this returns.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

// SAFETY: the loader calls each entry of this section once, before main and on the only thread; `look` has the C calling
// convention, takes nothing that it reads, and only makes system calls and atomic stores.
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = look;

/// Makes the program's `main` of a function that answers the exit status.
///
/// Rust's own start does more than is needed here, a look at /proc/self/maps among it: 0.02 of the start-up of xargs.
#[macro_export]
macro_rules! program {
    ($main:path) => {
        #[unsafe(no_mangle)]
        extern "C" fn main(_count: i32, _words: *const *const u8) -> i32 {
            $crate::sys::start::begin($main)
        }
    };
}

/// What is needed of a start: SIGPIPE and SIGXFSZ are ignored, as a lost reader and a limit on file size are seen to where we
/// write; a closed standard descriptor must not become that of a file. A panic has printed its message.
pub fn begin(main: fn() -> u8) -> i32 {
    // SAFETY: plain system calls, and a path that ends with a NUL.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        for fd in (0..3).filter(|fd| was_closed(*fd)) {
            // The lowest that is free: this one.
            libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
            debug_assert!(libc::fcntl(fd, libc::F_GETFD) != -1);
        }
    }
    let status = std::panic::catch_unwind(main).map_or(101, i32::from);
    std::process::exit(status)
}

/// Becomes another program, as if it had been started instead of us. Answers only why it has not become it.
pub fn become_program(program: &CStr, words: &[&CStr]) -> io::Error {
    let mut argv: Vec<*const libc::c_char> = words.iter().map(|word| word.as_ptr()).collect();
    argv.push(std::ptr::null());
    // SAFETY: plain system calls; the program, each word and the list of words end as execv wants them, and outlive it.
    unsafe {
        for (signal, ignored) in [libc::SIGPIPE, libc::SIGXFSZ].map(|signal| (signal, was_ignored(signal))) {
            libc::signal(signal, if ignored { libc::SIG_IGN } else { libc::SIG_DFL });
        }
        libc::execv(program.as_ptr(), argv.as_ptr());
    }
    io::Error::last_os_error()
}

/// Gives a signal the effect that it has by itself, for us and for what we start, though it was ignored when we were started.
pub fn heed(signal: i32) {
    if was_ignored(signal) {
        // SAFETY: a plain system call with numbers.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// Whether this signal was ignored when fanout was started (only PIPE, XFSZ, HUP, INT, TERM, QUIT, TSTP, USR1 and USR2 are
/// known).
pub fn was_ignored(signal: i32) -> bool {
    // Naming LOOK keeps it in the program.
    std::hint::black_box(&LOOK);
    IGNORED.load(Ordering::Relaxed) & (1 << (signal - 1)) != 0
}

/// Whether descriptor 0, 1 or 2 was closed when fanout was started.
pub fn was_closed(fd: i32) -> bool {
    std::hint::black_box(&LOOK);
    CLOSED.load(Ordering::Relaxed) & (1 << fd) != 0
}
