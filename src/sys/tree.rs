//! Processes that descend from us, whatever became of their parents.
//!
//! We are a child subreaper: a process whose parent has ended becomes a child of our main thread, which never starts any
//! itself. So the children of that thread are exactly those that were adopted, and what it waits for with `__WNOTHREAD`
//! is never a job of a slot's.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::files::{read_kernel_file, read_kernel_line};

/// How long an execve is waited for.
const EXECVE: Duration = Duration::from_secs(1);

/// From now on, orphans among our descendants become children of ours, as far as the system knows such a thing.
///
/// # Errors
/// It does not (Linux before 3.4).
pub fn adopt_orphans() -> io::Result<()> {
    // SAFETY: a plain system call with numbers.
    let result = unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Takes adopted processes that have ended out of the process table. On the main thread only. Answers how many there were.
pub fn reap_adopted() -> usize {
    let mut count = 0;
    // SAFETY: nothing is written where the pointer is null.
    while unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG | libc::__WNOTHREAD) } > 0 {
        count += 1;
    }
    count
}

/// Whether any adopted process is alive, without /proc. On the main thread only.
pub fn has_adopted() -> bool {
    reap_adopted();
    // SAFETY: nothing is written where the pointer is null. 0: there are some, and none of them has ended.
    unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG | libc::__WNOTHREAD) == 0 }
}

/// The processes that were adopted, dead ones that have not been reaped included.
pub fn adopted() -> Vec<i32> {
    let own = std::process::id();
    children_of_thread(&format!("/proc/self/task/{own}/children"))
}

/// The children of a process.
pub fn children(pid: i32) -> Vec<i32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let names = threads.filter_map(|thread| Some(thread.ok()?.file_name()));
    names
        .flat_map(|name| children_of_thread(&format!("/proc/{pid}/task/{}/children", name.to_string_lossy())))
        .collect()
}

fn children_of_thread(path: &str) -> Vec<i32> {
    let text = read_kernel_file(Path::new(path)).unwrap_or_default();
    String::from_utf8_lossy(&text).split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// What the kernel says about a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// It has ended and only waits to be reaped.
    pub ended: bool,
    /// Its parent.
    pub parent: i32,
    /// Its process group.
    pub group: i32,
    /// Its session.
    pub session: i32,
    /// When it started, in clock ticks since the machine did: with its number, this names it for good.
    pub started: u64,
    /// CPU time, that of children which it has waited for included.
    pub cpu: Duration,
    /// Resident memory, in bytes.
    pub rss: u64,
    /// It is stopped (SIGSTOP, Ctrl-Z), not by a debugger.
    pub stopped: bool,
    /// The signal that it is stopped by, where that can be seen: of processes of ours, and not with old kernels.
    pub stopped_by: Option<i32>,
}

/// When something started, as in [`Stat::started`], that has been going on for this long; a little sooner rather than later.
pub fn started_before(age: Duration) -> u64 {
    // SAFETY: plain system call with a timespec of our own; this clock is always there.
    let now = unsafe {
        let mut now: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_BOOTTIME, &mut now);
        Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or(0))
    };
    let ticks = now.saturating_sub(age).as_secs_f64() * rustix::param::clock_ticks_per_second() as f64;
    (ticks as u64).saturating_sub(1)
}

/// Whether its parent is us: of what is no job of a slot's, those that were adopted.
pub fn is_adopted(stat: &Stat) -> bool {
    u32::try_from(stat.parent).is_ok_and(|parent| parent == std::process::id())
}

/// Whether this one is in our session.
pub fn is_own_session(stat: &Stat) -> bool {
    // Not by rustix, to which a session is a number above 0.
    // SAFETY: a system call on plain numbers.
    stat.session == unsafe { libc::getsid(0) }
}

/// Our own process group; 0: its leader is outside of our process namespace, as the leader of our session may be.
pub fn own_group() -> i32 {
    // SAFETY: a system call without arguments.
    unsafe { libc::getpgrp() }
}

/// The parent of a process.
pub fn parent(pid: i32) -> Option<i32> {
    fields(pid, &mut [0; 4096])?.nth(1)?.parse().ok()
}

/// The first word of a process's command line.
pub fn first_word(pid: i32) -> Option<Vec<u8>> {
    let mut memory = [0; 4096];
    let line = read_kernel_line(&format!("/proc/{pid}/cmdline"), &mut memory).ok()?;
    line.split(|byte| *byte == 0).next().map(<[u8]>::to_vec)
}

/// What stands in /proc/PID/stat behind the name: state, parent, group, session …
fn fields(pid: i32, memory: &mut [u8; 4096]) -> Option<impl Iterator<Item = &str>> {
    let text = read_kernel_line(&format!("/proc/{pid}/stat"), memory).ok()?;
    // The name in parentheses may hold anything.
    let end = text.iter().rposition(|byte| *byte == b')')?;
    Some(std::str::from_utf8(&text[end + 1..]).ok()?.split_ascii_whitespace())
}

/// Looks at a process; `None`: there is none of that number.
pub fn stat(pid: i32) -> Option<Stat> {
    let mut memory = [0; 4096];
    let fields: Vec<&str> = fields(pid, &mut memory)?.collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    // User and system time, of its own and of its children.
    let ticks: u64 = (11..15).filter_map(number).sum();
    let cpu = Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64);
    let stopped = *fields.first()? == "T";
    Some(Stat {
        stopped,
        ended: matches!(*fields.first()?, "Z" | "X" | "x"),
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        started: number(19)?,
        cpu,
        rss: number(21)?.saturating_mul(rustix::param::page_size() as u64),
        stopped_by: fields.get(49).and_then(|signal| signal.parse().ok()).filter(|signal| stopped && *signal != 0),
    })
}

/// These processes and all that descend from them, as far as their parents live, those included that have ended and wait to be
/// reaped. `enters` says of each whether it is one of them; if not, it and what is below it are left out.
pub fn descend(roots: impl IntoIterator<Item = i32>, enters: &mut dyn FnMut(i32, &Stat) -> bool) -> Vec<(i32, Stat)> {
    // Each with the parent that it was found below.
    let mut next: Vec<(i32, Option<i32>)> = roots.into_iter().map(|pid| (pid, None)).collect();
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    while let Some((pid, below)) = next.pop() {
        // It may have ended since it was found, and its number be another's; or its parent has, and it was adopted.
        let is_same = |stat: &Stat| below.is_none_or(|parent| stat.parent == parent) || is_adopted(stat);
        if seen.insert(pid)
            && let Some(stat) = stat(pid).filter(is_same)
            && enters(pid, &stat)
        {
            found.push((pid, stat));
            next.extend(children(pid).into_iter().map(|child| (child, Some(pid))));
        }
    }
    found
}

/// A child of any thread of ours that has been stopped, and by which signal. Each stop is told once.
pub fn next_stopped() -> Option<(i32, i32)> {
    // SAFETY: a siginfo of all zero bits is valid and says that there is nobody; the pointer is to a live local, and the fields
    // that are read are those of a child that has been stopped.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let found = libc::waitid(libc::P_ALL, 0, &mut info, libc::WSTOPPED | libc::WNOHANG) == 0;
        (found && info.si_pid() != 0).then(|| (info.si_pid(), info.si_status()))
    }
}

/// Whether we have a controlling terminal.
pub fn has_terminal() -> bool {
    let own = i32::try_from(std::process::id()).unwrap_or(0);
    // tty_nr
    fields(own, &mut [0; 4096]).is_some_and(|mut fields| fields.nth(4).is_some_and(|number| number != "0"))
}

/// The words that a process was started with, each followed by a NUL, unless it has changed them; `None` where they may not
/// be read.
pub fn command_line(pid: i32) -> Option<Vec<u8>> {
    read_kernel_file(Path::new(&format!("/proc/{pid}/cmdline"))).ok()
}

/// The environment that a process was started with; `None` where it may not be read.
///
/// In the middle of an execve it can't be seen, which looks as if there were none (one look in 25 at a process that does
/// nothing else): the new program is waited for.
pub fn environment(pid: i32) -> Option<Vec<u8>> {
    let began = Instant::now();
    loop {
        let text = read_kernel_file(Path::new(&format!("/proc/{pid}/environ"))).ok()?;
        if !text.is_empty() || has_none(pid) || began.elapsed() > EXECVE {
            return Some(text);
        }
        thread::sleep(Duration::from_micros(100));
    }
}

/// Whether a process has an environment without words, or none any more as it has ended.
fn has_none(pid: i32) -> bool {
    let mut memory = [0; 4096];
    let Some(fields) = fields(pid, &mut memory) else { return true };
    let fields: Vec<&str> = fields.collect();
    // Where it begins and ends in memory, from Linux 3.5 on; 0: not known yet.
    let (Some(state), Some(start), Some(end)) = (fields.first(), fields.get(47), fields.get(48)) else { return true };
    matches!(*state, "Z" | "X" | "x") || (start == end && *end != "0")
}

/// Sends a signal to the process that was seen with this start time, and to no other that may have got its number.
///
/// # Errors
/// ESRCH: it is gone; EPERM: it has become another user's.
pub fn signal(pid: i32, started: u64, signal: i32) -> io::Result<()> {
    // SAFETY: a plain system call with numbers; a new descriptor is nobody else's.
    let handle = unsafe {
        let fd = libc::syscall(libc::SYS_pidfd_open, pid, 0);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        OwnedFd::from_raw_fd(i32::try_from(fd).map_err(io::Error::other)?)
    };
    // Held by the descriptor, the number can't change its meaning any more.
    if stat(pid).is_none_or(|stat| stat.started != started) {
        return Err(io::Error::from_raw_os_error(libc::ESRCH));
    }
    // SAFETY: the descriptor is open, and a null pointer asks for what kill would send.
    let result = unsafe {
        libc::syscall(libc::SYS_pidfd_send_signal, handle.as_raw_fd(), signal, std::ptr::null::<libc::siginfo_t>(), 0)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn an_environment_is_seen_also_in_the_middle_of_an_execve() {
        let dir = tempfile::tempdir().expect("a folder");
        let script = dir.path().join("again");
        // Ends by itself when the folder is gone.
        std::fs::write(&script, "exec sh \"$0\"").expect("write it");
        let mut command = Command::new("sh");
        command
            .arg(&script)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("MARK", "1")
            .stderr(std::process::Stdio::null());
        let mut child = command.spawn().expect("start it");
        let pid = i32::try_from(child.id()).expect("a number");
        let has_mark = |text: Vec<u8>| text.split(|byte| *byte == 0).any(|entry| entry == b"MARK=1");
        let blind = (0..2000).filter(|_| !environment(pid).is_some_and(has_mark)).count();
        child.kill().expect("end it");
        child.wait().expect("its end");
        assert_eq!(blind, 0);
        assert_eq!(environment(pid), None);
    }

    #[test]
    fn an_empty_environment_is_not_waited_for() {
        let mut child = Command::new("sleep").arg("100").env_clear().spawn().expect("start it");
        let pid = i32::try_from(child.id()).expect("a number");
        let began = Instant::now();
        let environment = environment(pid);
        let time = began.elapsed();
        child.kill().expect("end it");
        child.wait().expect("its end");
        assert_eq!(environment, Some(Vec::new()));
        assert!(time < EXECVE, "{time:?}");
    }
}
