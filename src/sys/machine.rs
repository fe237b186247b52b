//! What this machine gives, for `--doctor`. Found out by trying where a try changes nothing that matters to a process that only
//! reports and ends.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use rustix::process::{PidfdFlags, Resource, getrlimit};

use super::files::read_kernel_file;
use super::{cpus, limits, spawn, tree};

/// The machine as this process sees it. Sizes are in bytes; a limit that is `None` is none.
#[derive(Clone, Debug)]
pub struct Machine {
    /// System and release.
    pub system: String,
    /// Whether we are root, whom some limits don't bind.
    pub root: bool,
    /// CPUs in the affinity mask.
    pub mask: usize,
    /// The smallest quota of our control groups and their ancestors, in CPUs.
    pub quota: Option<f64>,
    /// The soft and hard limit on descriptors.
    pub nofile: (u64, u64),
    /// The limit on processes of this user.
    pub nproc: Option<u64>,
    /// The limit on memory that a process may map (`ulimit -v`).
    pub memory: Option<u64>,
    /// What one user's pipes may hold in all before new ones get less.
    pub pipes: Option<u64>,
    /// What a command and its environment may take.
    pub arguments: u64,
    /// Orphans among our descendants become our children.
    pub subreaper: bool,
    /// Processes are had by descriptors, whose numbers can't be reused.
    pub pidfd: bool,
    /// All descriptors of a child can be closed at once.
    pub close_range: bool,
    /// Families can be read from /proc.
    pub children: bool,
    /// What /proc hides of other users' processes: the value of its mount option.
    pub hidepid: Option<String>,
    /// Our own control group, where version 2 is mounted.
    pub cgroup: Option<Cgroup>,
    /// This user may make user namespaces.
    pub user_namespaces: bool,
    /// Standard input, output and error are terminals.
    pub terminals: [bool; 3],
    /// There is a terminal to ask a person on (/dev/tty).
    pub has_tty: bool,
}

/// A control group of version 2.
#[derive(Clone, Debug)]
pub struct Cgroup {
    /// Its folder.
    pub folder: PathBuf,
    /// This process may make groups below it and move its jobs there.
    pub delegated: bool,
    /// It can be killed as a whole (`cgroup.kill`).
    pub kill: bool,
}

impl Machine {
    /// Looks at everything. Leaves this process a subreaper in a user namespace of its own: for one that does nothing more.
    pub fn examine() -> Machine {
        let uname = rustix::system::uname();
        let own = std::process::id();
        let pid = rustix::process::getpid();
        Machine {
            system: format!("{} {}", uname.sysname().to_string_lossy(), uname.release().to_string_lossy()),
            root: rustix::process::geteuid().is_root(),
            mask: cpus::in_mask(),
            quota: cpus::quota(Path::new("/")),
            nofile: limits::nofile(),
            nproc: limits::nproc(),
            memory: limits::memory(),
            pipes: pipes(),
            arguments: arguments(),
            subreaper: tree::adopt_orphans().is_ok(),
            pidfd: rustix::process::pidfd_open(pid, PidfdFlags::empty()).is_ok(),
            close_range: spawn::can_close_fds(),
            children: read_kernel_file(Path::new(&format!("/proc/self/task/{own}/children"))).is_ok(),
            hidepid: text("/proc/self/mountinfo").and_then(|mounts| hidepid(&mounts)),
            cgroup: cgroup(Path::new("/")),
            terminals: [
                std::io::stdin().is_terminal(),
                std::io::stdout().is_terminal(),
                std::io::stderr().is_terminal(),
            ],
            has_tty: std::fs::File::open("/dev/tty").is_ok(),
            // The last, as it changes what others may see.
            user_namespaces: may_make_namespaces(),
        }
    }
}

/// Free bytes for this user in the file system of a folder.
pub fn free_space(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

fn text(path: &str) -> Option<String> {
    String::from_utf8(read_kernel_file(Path::new(path)).ok()?).ok()
}

fn pipes() -> Option<u64> {
    let pages: u64 = text("/proc/sys/fs/pipe-user-pages-soft")?.trim().parse().ok()?;
    // 0 is no limit.
    (pages > 0).then(|| pages.saturating_mul(rustix::param::page_size() as u64))
}

/// As execve: a quarter of the stack's limit, at least 128 KiB, at most three quarters of 8 MiB.
fn arguments() -> u64 {
    let stack = getrlimit(Resource::Stack).current.unwrap_or(u64::MAX);
    (stack / 4).clamp(128 << 10, 6 << 20)
}

/// The value of the option of the /proc that was mounted last; `None`: it hides nothing.
fn hidepid(mounts: &str) -> Option<String> {
    let line = mounts.lines().rfind(|line| line.split(' ').nth(4) == Some("/proc"))?;
    let value = line.split([' ', ',']).find_map(|option| option.strip_prefix("hidepid="))?;
    (value != "0" && value != "off").then(|| value.to_owned())
}

fn cgroup(root: &Path) -> Option<Cgroup> {
    let read = |name: &str| String::from_utf8(read_kernel_file(&root.join(name)).ok()?).ok();
    let (memberships, mounts) = (read("proc/self/cgroup")?, read("proc/self/mountinfo")?);
    let own = memberships.lines().find_map(|line| line.strip_prefix("0::"))?;
    let (mounted, at) = mounts.lines().find_map(|line| cpus::mount(line, true))?;
    let below = Path::new(own).strip_prefix(&mounted).ok()?;
    let top = root.join(at.strip_prefix("/").unwrap_or(&at));
    let folder = if below == Path::new("") { top } else { top.join(below) };
    let may_write = |path: &Path| access(path, Access::WRITE_OK).is_ok();
    let delegated = may_write(&folder) && may_write(&folder.join("cgroup.procs"));
    // The one at the very top has none, but those below it have.
    let has_kill = |folder: &Path| folder.join("cgroup.kill").exists();
    let mut below = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let kill = has_kill(&folder) || below.any(|entry| has_kill(&entry.path()));
    Some(Cgroup { folder, delegated, kill })
}

fn may_make_namespaces() -> bool {
    // SAFETY: a plain system call with numbers. It fails in a process with threads.
    unsafe { libc::unshare(libc::CLONE_NEWUSER) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proc_hides_is_read_from_its_mount() {
        let line = |options: &str| format!("22 1 0:21 / /proc rw,nosuid - proc proc rw{options}\n");
        assert_eq!(hidepid(&line("")), None);
        assert_eq!(hidepid(&line(",hidepid=0")), None);
        assert_eq!(hidepid(&line(",gid=4,hidepid=invisible")).as_deref(), Some("invisible"));
        assert_eq!(hidepid(&format!("{}{}", line(",hidepid=2"), line(""))), None, "the last one is on top");
    }

    #[test]
    fn the_own_group_is_found_below_where_it_is_mounted() {
        let root = tempfile::tempdir().expect("a folder");
        let group = root.path().join("sys/fs/cgroup/user/me");
        std::fs::create_dir_all(&group).expect("folders");
        std::fs::create_dir_all(root.path().join("proc/self")).expect("folders");
        let write = |name: &str, text: &str| std::fs::write(root.path().join(name), text).expect("a file");
        write("proc/self/cgroup", "4:cpu:/x\n0::/user/me\n");
        write("proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
        let found = cgroup(root.path()).expect("a group");
        assert_eq!((found.folder, found.delegated, found.kill), (group.clone(), false, false));
        std::fs::write(group.join("cgroup.procs"), "").expect("a file");
        std::fs::write(group.join("cgroup.kill"), "").expect("a file");
        let found = cgroup(root.path()).expect("a group");
        assert_eq!((found.delegated, found.kill), (true, true));
    }
}
