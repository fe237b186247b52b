//! Looking at processes through /proc, and ending them by their ids.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};

/// The processes whose working directory is `dir` or below it.
pub fn working_in(dir: &Path) -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    // A zombie has no working directory, so this is about processes that can still do something.
    pids.filter(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(dir))).collect()
}

/// Kills every process that works in `dir`, until there is none.
pub fn kill_all_in(dir: &Path) {
    // Bounded: what can't be killed (another user's process) must not keep the test from ending.
    for _ in 0..1000 {
        let pids = working_in(dir);
        if pids.is_empty() {
            return;
        }
        for pid in pids {
            kill(pid, Signal::KILL);
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

/// Sends a signal to one process; one that is gone already is fine.
pub fn kill(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        kill_process(pid, signal).ok();
    }
}

/// The state letter of /proc/PID/stat: `R`, `S`, `T`, `Z` and so on; `None` when it is gone.
pub fn state(pid: i32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything; the state is the first field after its end.
    stat[stat.rfind(')')? + 1..].trim_start().chars().next()
}

/// The value of a field of /proc/PID/status, `Cpus_allowed_list` for one.
pub fn status_field(pid: &str, field: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    Some(line.trim().to_owned())
}

/// The children of a process that has one thread.
pub fn children(pid: i32) -> Vec<i32> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Where a process works.
pub fn cwd(pid: i32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/cwd")).ok()
}
