//! How the machine is now: load, memory, swap, disks. Numbers of the kernel's, for the conditions of a start.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Instant;

use super::cpus::mount;
use super::files::{read_kernel_file, read_kernel_line};

/// PF_KTHREAD: a thread of the kernel's own.
const KERNEL_THREAD: u64 = 0x0020_0000;

/// How many threads are running, or wait for a disk, now; those of the kernel and our own are not counted.
///
/// # Errors
/// /proc can't be read.
pub fn running_threads() -> io::Result<usize> {
    count_running(true)
}

/// The same of processes: by the state of their first threads.
///
/// # Errors
/// /proc can't be read.
pub fn running_processes() -> io::Result<usize> {
    count_running(false)
}

fn count_running(threads: bool) -> io::Result<usize> {
    let own = std::process::id();
    let mut count = 0;
    for pid in numbers(Path::new("/proc"))? {
        // Who has ended meanwhile does not run.
        let Some(stat) = Stat::read(&format!("/proc/{pid}/stat")) else { continue };
        if stat.is_kernel || pid == own {
            continue;
        }
        if !threads || stat.threads == 1 {
            count += usize::from(stat.runs);
            continue;
        }
        for thread in numbers(Path::new(&format!("/proc/{pid}/task"))).unwrap_or_default() {
            let stat = Stat::read(&format!("/proc/{pid}/task/{thread}/stat"));
            count += usize::from(stat.is_some_and(|stat| stat.runs));
        }
    }
    Ok(count)
}

/// The entries of a folder whose names are numbers.
fn numbers(folder: &Path) -> io::Result<Vec<u32>> {
    let names = fs::read_dir(folder)?.flatten().map(|entry| entry.file_name());
    Ok(names.filter_map(|name| name.to_str()?.parse().ok()).collect())
}

/// What counts of a line of `/proc/PID/stat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    runs: bool,
    is_kernel: bool,
    threads: u64,
}

impl Stat {
    fn read(path: &str) -> Option<Stat> {
        let mut memory = [0; 4096];
        Stat::parse(read_kernel_line(path, &mut memory).ok()?)
    }

    fn parse(line: &[u8]) -> Option<Stat> {
        // The name may hold blanks and parentheses.
        let fields = &line[memchr::memrchr(b')', line)? + 1..];
        let mut fields = std::str::from_utf8(fields).ok()?.split_ascii_whitespace();
        let runs = matches!(fields.next()?, "R" | "D");
        let flags: u64 = fields.nth(5)?.parse().ok()?;
        let threads = fields.nth(10)?.parse().ok()?;
        Some(Stat { runs, is_kernel: flags & KERNEL_THREAD != 0, threads })
    }
}

/// How many bytes of memory are available without swapping, as the kernel estimates; where it does not, those that are free or
/// hold what can be read again (as GNU parallel). Never more than the limits of our control groups (version 2) leave.
///
/// # Errors
/// /proc can't be read.
pub fn free_memory() -> io::Result<u64> {
    let text = read_kernel_file(Path::new("/proc/meminfo"))?;
    let free =
        free_of(&String::from_utf8_lossy(&text)).ok_or_else(|| io::Error::other("/proc/meminfo tells nothing"))?;
    Ok(free.min(free_in_groups(Path::new("/")).unwrap_or(u64::MAX)))
}

/// What the limits of our control group and its ancestors leave; what can be read again is free. `None`: there is no limit.
/// `root` is `/`, or a tree that looks like it.
fn free_in_groups(root: &Path) -> Option<u64> {
    let read = |path: &Path| String::from_utf8(read_kernel_file(path).ok()?).ok();
    let memberships = read(&root.join("proc/self/cgroup"))?;
    let mounts = read(&root.join("proc/self/mountinfo"))?;
    let own = memberships.lines().find_map(|line| line.strip_prefix("0::"))?;
    let (mounted, at) = mounts.lines().find_map(|line| mount(line, true))?;
    let top = root.join(at.strip_prefix("/").unwrap_or(&at));
    let mut group = top.join(Path::new(own).strip_prefix(&mounted).ok()?);
    let mut least = None;
    loop {
        let number = |name: &str| read(&group.join(name))?.trim().parse::<u64>().ok();
        if let (Some(most), Some(used)) = (number("memory.max"), number("memory.current")) {
            let stat = read(&group.join("memory.stat")).unwrap_or_default();
            let again = stat.lines().find_map(|line| line.strip_prefix("inactive_file ")?.parse().ok()).unwrap_or(0);
            let free = most.saturating_sub(used.saturating_sub(again));
            least = Some(least.map_or(free, |least: u64| least.min(free)));
        }
        if group == top || !group.pop() {
            return least;
        }
    }
}

fn free_of(meminfo: &str) -> Option<u64> {
    let kib = |name: &str| {
        let rest = meminfo.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        rest.trim().trim_end_matches(" kB").parse::<u64>().ok()
    };
    let sum = || {
        let parts = ["Buffers", "Cached", "SwapCached"].map(|name| kib(name).unwrap_or(0));
        Some(kib("MemFree")? + parts.iter().sum::<u64>())
    };
    Some(kib("MemAvailable").or_else(sum)? * 1024)
}

/// Whether the machine has anything to swap to.
pub fn has_swap() -> bool {
    fs::read_to_string("/proc/swaps").is_ok_and(|text| text.lines().count() > 1)
}

/// Pages that have been swapped in and out since the start of the machine.
///
/// # Errors
/// /proc can't be read.
pub fn swapped() -> io::Result<(u64, u64)> {
    let text = String::from_utf8_lossy(&read_kernel_file(Path::new("/proc/vmstat"))?).into_owned();
    let count = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or(0);
    Ok((count("pswpin "), count("pswpout ")))
}

/// How long each disk has been busy until a moment.
#[derive(Clone, Debug)]
pub struct DiskWork {
    at: Instant,
    /// By name, in milliseconds.
    busy: Vec<(String, u64)>,
}

impl DiskWork {
    /// Until now.
    ///
    /// # Errors
    /// /proc can't be read.
    pub fn now() -> io::Result<DiskWork> {
        let text = read_kernel_file(Path::new("/proc/diskstats"))?;
        Ok(DiskWork { at: Instant::now(), busy: busy_of(&String::from_utf8_lossy(&text)) })
    }

    /// Of a hundred parts of the time since `earlier`, how many the disk was busy that was most.
    pub fn since(&self, earlier: &DiskWork) -> f64 {
        let milliseconds = self.at.saturating_duration_since(earlier.at).as_secs_f64() * 1000.0;
        let shares = self.busy.iter().map(|(name, busy)| {
            let before = earlier.busy.iter().find(|(other, _)| other == name).map_or(*busy, |(_, busy)| *busy);
            busy.saturating_sub(before) as f64 * 100.0 / milliseconds.max(1.0)
        });
        shares.fold(0.0, f64::max)
    }

    /// When that was.
    pub fn at(&self) -> Instant {
        self.at
    }
}

fn busy_of(diskstats: &str) -> Vec<(String, u64)> {
    let disk = |line: &str| {
        let mut fields = line.split_ascii_whitespace().skip(2);
        Some((fields.next()?.to_owned(), fields.nth(9)?.parse().ok()?))
    };
    diskstats.lines().filter_map(disk).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_stat_is_read_behind_any_name() {
        let line =
            |state: &str, flags: u64| format!("7 (a) b (c)) {state} 1 7 7 0 -1 {flags} 0 0 0 0 0 0 0 0 20 0 3 0 99\n");
        let parse = |state, flags| Stat::parse(line(state, flags).as_bytes());
        assert_eq!(parse("R", 4_194_560), Some(Stat { runs: true, is_kernel: false, threads: 3 }));
        assert_eq!(parse("D", 0x0020_8040), Some(Stat { runs: true, is_kernel: true, threads: 3 }));
        assert_eq!(parse("S", 0), Some(Stat { runs: false, is_kernel: false, threads: 3 }));
        assert_eq!(Stat::parse(b"7 (x) R 1"), None);
    }

    #[test]
    fn this_machine_can_be_looked_at() {
        assert!(free_memory().is_ok_and(|free| free > 0));
        assert!(running_threads().is_ok() && running_processes().is_ok() && swapped().is_ok());
    }

    #[test]
    fn available_memory_is_the_kernels_estimate_or_a_sum() {
        let old = "MemTotal:  100 kB\nMemFree:   10 kB\nBuffers: 2 kB\nCached: 3 kB\nSwapCached: 1 kB\nActive: 9 kB\n";
        assert_eq!(free_of(old), Some(16 << 10));
        assert_eq!(free_of(&format!("{old}MemAvailable:   20 kB\n")), Some(20 << 10));
        assert_eq!(free_of(""), None);
    }

    #[test]
    fn limits_of_control_groups_leave_less() {
        let root = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("a file");
        };
        assert_eq!(free_in_groups(root.path()), None);
        write("proc/self/cgroup", "4:cpu:/x\n0::/a/b\n");
        write("proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
        write("sys/fs/cgroup/a/b/memory.max", "max\n");
        write("sys/fs/cgroup/a/b/memory.current", "500\n");
        assert_eq!(free_in_groups(root.path()), None);
        write("sys/fs/cgroup/a/memory.max", "1000\n");
        write("sys/fs/cgroup/a/memory.current", "700\n");
        assert_eq!(free_in_groups(root.path()), Some(300));
        write("sys/fs/cgroup/a/memory.stat", "anon 400\ninactive_file 200\n");
        assert_eq!(free_in_groups(root.path()), Some(500));
    }

    #[test]
    fn the_busiest_disk_counts() {
        let at = Instant::now();
        let line = |name: &str, busy: u64| format!(" 8 0 {name} 1 2 3 4 5 6 7 8 0 {busy} 99 0 0 0 0 0 0\n");
        let earlier = DiskWork { at, busy: busy_of(&(line("sda", 100) + &line("sdb", 100))) };
        let later = busy_of(&(line("sda", 600) + &line("sdb", 350) + &line("sdc", 900)));
        let later = DiskWork { at: at + std::time::Duration::from_secs(1), busy: later };
        assert!((later.since(&earlier) - 50.0).abs() < 0.01);
    }
}
