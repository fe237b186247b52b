//! Finding processes by means that are none of fanout's own, and ending them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// Seconds after which processes end by themselves, also where nobody is left to end them.
const AS_LONG_AS_A_ROUND: &str = "300";
const AS_LONG_AS_ALL_ROUNDS: &str = "20000";

/// The folder of all rounds, and their control group where one can be made.
#[derive(Debug)]
pub struct Place {
    root: tempfile::TempDir,
    group: Option<PathBuf>,
}

impl Place {
    /// A new one.
    pub fn new() -> Place {
        let root = tempfile::Builder::new().prefix("fanout-ends-").tempdir().expect("make a folder");
        // Silences GNU parallel's notice.
        fs::create_dir_all(root.path().join("home/.parallel")).expect("make a folder");
        fs::write(root.path().join("home/.parallel/will-cite"), "").expect("write a file");
        let group = cgroup().map(|own| own.join(format!("fanout-ends-{}", std::process::id())));
        let group = group.filter(|group| fs::create_dir(group).is_ok());
        println!(
            "survivors are found by {}folder and command line",
            if group.is_some() { "control group, " } else { "" }
        );
        Place { root, group }
    }

    /// `$HOME` of all that is started.
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// A place for what one round starts.
    pub fn round(&self, name: &str) -> Mark {
        let group = self.group.as_ref().map(|group| group.join(name));
        if let Some(group) = &group {
            fs::create_dir(group).expect("make a control group");
        }
        Mark { word: word(AS_LONG_AS_A_ROUND, name), group, ..self.bystanders(name) }
    }

    /// A place for those that are in no group of ours.
    pub fn bystanders(&self, name: &str) -> Mark {
        let dir = self.root.path().join(name);
        fs::create_dir(&dir).expect("make a folder");
        Mark { word: word(AS_LONG_AS_ALL_ROUNDS, name), dir, group: None }
    }

    /// Whoever is left after all rounds, as text; and ends them.
    pub fn late(&self) -> Vec<String> {
        let mark = Mark { word: word("", ""), dir: self.root.path().to_owned(), group: None };
        let found = mark.find();
        let lines = found.iter().map(|pid| describe(*pid)).collect();
        mark.end_all();
        lines
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(group) = &self.group {
            fs::remove_dir(group).ok();
        }
    }
}

/// Seconds to sleep, which nobody else has.
fn word(seconds: &str, name: &str) -> String {
    format!("{seconds}.0{:08}{name}", std::process::id())
}

/// The control group of this process, where version 2 is mounted.
fn cgroup() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let mount = mounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(' ').collect();
        (fields.get(2) == Some(&"cgroup2")).then(|| fields[1].to_owned())
    })?;
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    Some(Path::new(&mount).join(own))
}

/// What tells the processes of one round from all others.
#[derive(Debug)]
pub struct Mark {
    /// On the command lines: the number of seconds to sleep.
    pub word: String,
    /// Where they work.
    pub dir: PathBuf,
    /// Their control group, which they can't leave.
    group: Option<PathBuf>,
}

impl Mark {
    /// The file that a process writes its number to in order to enter the control group.
    pub fn door(&self) -> PathBuf {
        self.group.as_ref().map_or_else(|| "/dev/null".into(), |group| group.join("cgroup.procs"))
    }

    /// All processes of the round but zombies.
    pub fn find(&self) -> BTreeSet<i32> {
        if let Some(group) = &self.group {
            // One look of the kernel's: who forks meanwhile is not missed.
            return fs::read_to_string(group.join("cgroup.procs"))
                .unwrap_or_default()
                .lines()
                .filter_map(|line| line.parse().ok())
                .collect();
        }
        // Twice, as one who forks and ends while the list is read may be missed.
        self.look().union(&self.look()).copied().filter(|pid| self.has(*pid)).collect()
    }

    fn look(&self) -> BTreeSet<i32> {
        let entries = fs::read_dir("/proc").expect("read /proc").flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(|pid| self.has(*pid)).collect()
    }

    /// Whether a process is one of the round, by folder and command line.
    pub fn has(&self, pid: i32) -> bool {
        let works_there = || fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(&self.dir));
        let carries_it = || {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.windows(self.word.len()).any(|part| part == self.word.as_bytes())
        };
        // Not this program itself.
        u32::try_from(pid).is_ok_and(|pid| pid != std::process::id()) && (carries_it() || works_there())
    }

    fn is_member(&self, pid: i32) -> bool {
        let in_group = |group: &PathBuf| {
            let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
            let name = group.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let parent = format!("fanout-ends-{}/{name}", std::process::id());
            groups.lines().any(|line| line.starts_with("0::") && line.ends_with(&parent))
        };
        self.has(pid) || self.group.as_ref().is_some_and(in_group)
    }

    /// Sends a signal to a process of the round, and to nobody who has got its number since.
    pub fn signal(&self, pid: i32, signal: Signal) {
        let Some(handle) = Pid::from_raw(pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()) else { return };
        if self.is_member(pid) {
            pidfd_send_signal(handle, signal).ok();
        }
    }

    /// Kills all of them and removes the round's place.
    pub fn end_all(&self) {
        for _ in 0..500 {
            let found = self.find();
            if found.is_empty() {
                break;
            }
            found.iter().for_each(|pid| self.signal(*pid, Signal::STOP));
            found.iter().chain(&self.find()).for_each(|pid| self.signal(*pid, Signal::KILL));
            std::thread::sleep(Duration::from_millis(2));
        }
        if let Some(group) = &self.group {
            // Busy until the last zombie has been reaped, which is init's to do.
            for _ in 0..100 {
                if fs::remove_dir(group).is_ok() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// A process as text: number, state, parent, group, session, command line.
pub fn describe(pid: i32) -> String {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().take(4).collect();
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    format!("{pid} [{}] {}", fields.join(" "), String::from_utf8_lossy(&line).replace('\0', " "))
}

/// When a process started: with its number, who it is.
pub fn started(pid: i32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    (!matches!(*fields.first()?, "Z" | "X")).then(|| fields.get(19).map(|&field| field.to_owned()))?
}
