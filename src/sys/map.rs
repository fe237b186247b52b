//! Files mapped into memory in windows, and what happens when such a file shrinks.
//!
//! Touching a mapped page that lies behind the end of its file raises SIGBUS. A handler, installed when the first window is
//! made, puts memory of zeros in place of a window that this happens to and marks it as torn; whoever reads the window
//! asks [`Window::is_torn`] before it believes the bytes. A fault anywhere else goes to the handler that was there
//! before, or has its usual deadly effect. A child's disposition is reset by its exec.
//!
//! A thread that reads a window must not block SIGBUS: the kernel kills a process whose blocked fault can't be delivered.

use std::fs::File;
use std::io;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering::SeqCst};

use libc::{c_int, c_void, siginfo_t};
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};

/// The bytes of a part of a file, not copied. Released when dropped.
#[derive(Debug)]
pub struct Window {
    map: memmap2::Mmap,
    entry: &'static Entry,
}

impl Window {
    /// Maps `length` bytes of `file` from `offset`, which must be a multiple of [`page_size`]; the pages are brought in
    /// at once, which costs less than a fault for each.
    ///
    /// # Errors
    /// Those of mmap: ENODEV for a file that can't be mapped, EACCES for one that is not open for reading, ENOMEM.
    pub fn map(file: &File, offset: u64, length: usize) -> io::Result<Window> {
        install()?;
        // SAFETY: the map is private and read-only, so nothing is written through it. The file may change under it:
        // readers only search and copy these bytes within the length that was asked for, so other bytes can make
        // their result wrong but not unsafe, and pages that vanish are handled by the SIGBUS handler.
        let map = unsafe { memmap2::MmapOptions::new().offset(offset).len(length).populate().map(file)? };
        let entry = Entry::take();
        entry.set(map.as_ptr() as usize, length.next_multiple_of(page_size()));
        #[cfg(test)]
        tests::note_mapped(length.cast_signed());
        Ok(Window { map, entry })
    }

    /// The bytes; zeros once the window is torn.
    pub fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Whether some of the bytes could not be had, because the file shrank or its device failed: none may be believed.
    pub fn is_torn(&self) -> bool {
        self.entry.torn.load(SeqCst)
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // Before the field `map` is dropped: an entry never speaks for memory that is no window.
        self.entry.give_back();
        #[cfg(test)]
        tests::note_mapped(-self.map.len().cast_signed());
    }
}

/// What offsets of windows must be multiples of, in bytes.
pub fn page_size() -> usize {
    rustix::param::page_size()
}

/// Where a window lies, for the handler. Entries are used again and never freed, so that the handler can walk their
/// list at any moment.
#[derive(Debug)]
struct Entry {
    used: AtomicBool,
    /// Odd while `start` and `length` change: the handler believes a pair only if this is even and the same before and
    /// after. The window that a thread has faulted on can't change meanwhile, so a pair that is skipped is not the one.
    version: AtomicU64,
    start: AtomicUsize,
    length: AtomicUsize,
    torn: AtomicBool,
    next: AtomicPtr<Entry>,
}

/// The list of all entries.
static ENTRIES: AtomicPtr<Entry> = AtomicPtr::new(ptr::null_mut());

impl Entry {
    fn all() -> impl Iterator<Item = &'static Entry> {
        let get = |link: &AtomicPtr<Entry>| {
            // SAFETY: links are null or come from `Box::leak` in `take`, so that they live for ever.
            unsafe { link.load(SeqCst).as_ref() }
        };
        std::iter::successors(get(&ENTRIES), move |entry: &&Entry| get(&entry.next))
    }

    fn take() -> &'static Entry {
        if let Some(free) = Entry::all().find(|entry| !entry.used.swap(true, SeqCst)) {
            return free;
        }
        let entry = Box::leak(Box::new(Entry {
            used: AtomicBool::new(true),
            version: AtomicU64::new(0),
            start: AtomicUsize::new(0),
            length: AtomicUsize::new(0),
            torn: AtomicBool::new(false),
            next: AtomicPtr::new(ptr::null_mut()),
        }));
        let mut head = ENTRIES.load(SeqCst);
        loop {
            entry.next.store(head, SeqCst);
            match ENTRIES.compare_exchange(head, entry, SeqCst, SeqCst) {
                Ok(_) => return entry,
                Err(other) => head = other,
            }
        }
    }

    fn set(&self, start: usize, length: usize) {
        self.version.fetch_add(1, SeqCst);
        self.torn.store(false, SeqCst);
        self.start.store(start, SeqCst);
        self.length.store(length, SeqCst);
        self.version.fetch_add(1, SeqCst);
    }

    fn give_back(&self) {
        self.set(0, 0);
        self.used.store(false, SeqCst);
    }

    /// Start and length, if `address` lies in this window.
    fn around(&self, address: usize) -> Option<(usize, usize)> {
        let version = self.version.load(SeqCst);
        let (start, length) = (self.start.load(SeqCst), self.length.load(SeqCst));
        let steady = version.is_multiple_of(2) && version == self.version.load(SeqCst);
        (steady && address.wrapping_sub(start) < length).then_some((start, length))
    }
}

/// What SIGBUS did before us.
static PREVIOUS: OnceLock<libc::sigaction> = OnceLock::new();

fn install() -> io::Result<()> {
    static INSTALLED: OnceLock<Result<(), i32>> = OnceLock::new();
    let install = || {
        // SAFETY: a sigaction is plain data for which zeros are a value.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: asks only; the pointer is good for the call.
        if unsafe { libc::sigaction(libc::SIGBUS, ptr::null(), &raw mut action) } != 0 {
            return Err(io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL));
        }
        PREVIOUS.get_or_init(|| action);
        action.sa_sigaction = on_sigbus as extern "C" fn(c_int, *mut siginfo_t, *mut c_void) as usize;
        // On the alternate stack where the thread has one: the handler before us may be about overflowing stacks.
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
        // SAFETY: the handler does only what is allowed in one; `action` is complete.
        if unsafe { libc::sigaction(libc::SIGBUS, &raw const action, ptr::null_mut()) } != 0 {
            return Err(io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL));
        }
        Ok(())
    };
    INSTALLED.get_or_init(install).map_err(io::Error::from_raw_os_error)
}

/// Async-signal-safe: atomics and system calls only, and rustix's system calls leave errno alone.
extern "C" fn on_sigbus(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel passes a valid siginfo to an SA_SIGINFO handler; `si_addr` is read only for a fault.
    let fault = unsafe { ((*info).si_code > 0).then(|| (*info).si_addr() as usize) };
    if let Some(address) = fault {
        for entry in Entry::all() {
            let Some((start, length)) = entry.around(address) else { continue };
            // The whole window rather than the page: it is lost anyway, and this fits pages of any size.
            let flags = MapFlags::PRIVATE | MapFlags::FIXED;
            // SAFETY: the range is a live window of ours, borrowed by the very thread that has faulted on it; it was
            // mapped by us, is unmapped only when the window is dropped, and holds nothing that zeros could break.
            let zeros = unsafe { mmap_anonymous(start as *mut c_void, length, ProtFlags::READ, flags) };
            if zeros.is_ok() {
                entry.torn.store(true, SeqCst);
                return;
            }
        }
    }
    let previous = PREVIOUS.get().map_or(libc::SIG_DFL, |action| action.sa_sigaction);
    if previous != libc::SIG_DFL && previous != libc::SIG_IGN {
        let with_info = PREVIOUS.get().is_some_and(|action| action.sa_flags & libc::SA_SIGINFO != 0);
        if with_info {
            // SAFETY: with SA_SIGINFO, the kernel's record of a handler is a function of this type.
            let handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = unsafe { std::mem::transmute(previous) };
            handler(signal, info, context);
        } else {
            // SAFETY: without SA_SIGINFO, the kernel's record of a handler is a function of this type.
            let handler: extern "C" fn(c_int) = unsafe { std::mem::transmute(previous) };
            handler(signal);
        }
        return;
    }
    // SAFETY: both calls are allowed in a handler. The instruction that faulted is run again after we return, and this
    // time it ends the process; a signal that somebody sent has to be raised again for that.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        if fault.is_none() {
            libc::raise(signal);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::cell::Cell;
    use std::io::Write;
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    thread_local! {
        /// Bytes mapped now and at most, by this thread.
        static MAPPED: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
    }

    pub(crate) fn note_mapped(change: isize) {
        MAPPED.with(|cell| {
            let (now, most) = cell.get();
            cell.set((now + change, most.max(now + change)));
        });
    }

    /// The most bytes that this thread had mapped at once since it last asked.
    pub(crate) fn most_mapped() -> isize {
        MAPPED.with(|cell| {
            let (now, most) = cell.get();
            cell.set((now, now));
            most
        })
    }

    fn file_of(pages: usize) -> File {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(&vec![b'x'; pages * page_size()]).expect("space");
        file
    }

    #[test]
    fn a_file_that_shrinks_tears_its_window_and_no_other() {
        let (file, other) = (file_of(3), file_of(2));
        let window = Window::map(&file, page_size() as u64, 2 * page_size()).expect("a map");
        let sound = Window::map(&other, 0, 2 * page_size()).expect("a map");
        assert!(window.bytes().iter().all(|byte| *byte == b'x') && !window.is_torn());
        file.set_len(2 * page_size() as u64).expect("shrinks");
        assert_eq!(window.bytes()[page_size()], 0);
        assert!(window.is_torn());
        assert!(sound.bytes().iter().all(|byte| *byte == b'x') && !sound.is_torn());
        drop(window);
        let again = Window::map(&file, 0, page_size()).expect("a map");
        assert!(again.bytes()[0] == b'x' && !again.is_torn(), "the entry is used again, clean");
    }

    #[test]
    fn threads_can_tear_windows_at_the_same_time() {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let file = file_of(2);
                        let window = Window::map(&file, 0, 2 * page_size()).expect("a map");
                        assert_eq!(window.bytes()[page_size()], b'x');
                        file.set_len(0).expect("shrinks");
                        assert_eq!(window.bytes()[page_size()], 0);
                        assert!(window.is_torn());
                    }
                });
            }
        });
    }

    /// Not a test by itself: the process that the next one starts, and that must die.
    #[test]
    fn helper_dies_of_a_fault_elsewhere() {
        let Some(how) = std::env::var_os("FANOUT_TEST_DIE_OF_SIGBUS") else { return };
        let file = file_of(2);
        let window = Window::map(&file, 0, page_size()).expect("a map");
        if how == "sent" {
            // Twice, because the handler of Rust's run-time, which was there before ours, only steps aside at the first.
            // SAFETY: sends a signal to this thread.
            unsafe { (libc::raise(libc::SIGBUS), libc::raise(libc::SIGBUS)) };
        } else {
            // SAFETY: as in `Window::map`; what is read is not used.
            let foreign = unsafe { memmap2::Mmap::map(&file) }.expect("a map");
            file.set_len(0).expect("shrinks");
            std::hint::black_box(foreign[page_size()]);
        }
        assert!(!window.is_torn());
    }

    #[test]
    fn a_fault_elsewhere_kills_as_it_always_did() {
        let me = std::env::current_exe().expect("a path");
        for how in ["sent", "fault"] {
            let mut command = Command::new(&me);
            command.args(["--exact", "sys::map::tests::helper_dies_of_a_fault_elsewhere", "--nocapture"]);
            let output = command.env("FANOUT_TEST_DIE_OF_SIGBUS", how).output().expect("starts");
            assert_eq!(output.status.signal(), Some(libc::SIGBUS), "{how}: {output:?}");
        }
    }
}
