//! Everything that descends from one job: finding it, signalling it, and ending it with the job.
//!
//! The process group reaches what stayed in it, and the tree what still has its parents. Whoever has left both (a daemon: a
//! new session, and a parent that has ended) was adopted by us, and is known by the number of its job, which stands in
//! the environment that it was started with. One that has wiped that, too, belongs to the only job that has run since, or to
//! the run: it is ended at its end, and never with another job.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::control::Turn;
use crate::model::Seq;
use crate::sys::process::Process;
use crate::sys::signals::{SIGKILL, SIGSTOP};
use crate::sys::tree::{self, Stat};

/// How long it may take until all that was killed is gone.
const LAST_RITES: Duration = Duration::from_secs(1);

/// In the environment of a daemon: it is left alone at every end (`FANOUT_KEEP=1 ssh -fN host`).
const KEEP: &str = "FANOUT_KEEP=1";

/// The descendants of a running job, as far as they have been seen.
#[derive(Debug)]
pub struct Family<'a> {
    leader: i32,
    own_group: bool,
    seq: Seq,
    turn: Turn<'a>,
    /// When the leader was started; not known before somebody looks.
    started: Option<u64>,
    /// By number and start, those that have ended since then included.
    known: BTreeMap<i32, u64>,
}

impl Family<'_> {
    /// Of a job that has just been started.
    pub fn of<'a>(process: &Process, seq: Seq, turn: Turn<'a>) -> Family<'a> {
        let (leader, own_group) = (process.pid(), process.has_own_group());
        Family { leader, own_group, seq, turn, started: None, known: BTreeMap::new() }
    }

    /// Sends a signal to all of them but the job's own process and its group.
    pub fn signal(&mut self, signal: i32) {
        for (pid, stat) in self.living() {
            if !(self.own_group && stat.group == self.leader) {
                // ESRCH: it has just ended. EPERM is found out at the end.
                tree::signal(pid, stat.started, signal).ok();
            }
        }
    }

    /// Whether any of them is there, besides the job's own process.
    pub fn is_alive(&mut self) -> bool {
        !self.living().is_empty()
    }

    /// Kills all of them, those included that are being born meanwhile. Answers who can't be killed: processes of other users.
    pub fn end(&mut self) -> Vec<i32> {
        let began = Instant::now();
        loop {
            // Stopped first, so that nobody escapes by having children faster than they are found.
            let mut stopped = 0;
            let mut living = self.living();
            while living.len() > stopped && began.elapsed() < LAST_RITES {
                stopped = living.len();
                for (pid, stat) in &living {
                    tree::signal(*pid, stat.started, SIGSTOP).ok();
                }
                living = self.living();
            }
            let mut refused = Vec::new();
            for (pid, stat) in &living {
                if tree::signal(*pid, stat.started, SIGKILL).is_err_and(|error| is_refusal(&error)) {
                    refused.push(*pid);
                }
            }
            if living.len() == refused.len() || began.elapsed() >= LAST_RITES {
                return refused;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// All who are there now.
    fn living(&mut self) -> Vec<(i32, Stat)> {
        let mut found: Vec<(i32, Stat)> = Vec::new();
        let mut roots: Vec<i32> = self.known.keys().copied().collect();
        roots.push(self.leader);
        self.started = self.started.or_else(|| tree::stat(self.leader).map(|stat| stat.started));
        for pid in tree::adopted() {
            if let Some(stat) = tree::stat(pid)
                && !self.known.contains_key(&pid)
                && (self.is_kin(&stat) || is_marked(pid, Some(self.seq)))
            {
                self.known.insert(pid, stat.started);
                roots.push(pid);
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        while let Some(pid) = roots.pop() {
            if !seen.insert(pid) {
                continue;
            }
            let Some(stat) = tree::stat(pid) else { continue };
            if pid == self.leader {
                if self.started != Some(stat.started) {
                    // It has been reaped, and somebody else has got its number.
                    continue;
                }
            } else {
                if *self.known.entry(pid).or_insert(stat.started) != stat.started {
                    // Somebody else has got its number.
                    continue;
                }
                if self.has_left(&stat) && is_kept(pid) {
                    continue;
                }
                if !stat.ended {
                    found.push((pid, stat));
                }
            }
            roots.extend(tree::children(pid));
        }
        found
    }

    /// Whether this one was adopted and is not in the job's group any more.
    fn has_left(&self, stat: &Stat) -> bool {
        let group = if self.own_group { self.leader } else { tree::own_group() };
        tree::is_adopted(stat) && stat.group != group
    }

    /// Whether somebody who was adopted is in a group or session of ours, or can't be of any other job.
    fn is_kin(&self, stat: &Stat) -> bool {
        let ours = |id: i32| (id == self.leader && self.own_group) || self.known.contains_key(&id);
        let only = || self.turn.is_alone() && self.started.is_some_and(|started| stat.started > started);
        ours(stat.group) || ours(stat.session) || only()
    }
}

/// Whether a process carries in its environment what a job of ours, or this one, was started with.
fn is_marked(pid: i32, seq: Option<Seq>) -> bool {
    let environment = tree::environment(pid).unwrap_or_default();
    has(&environment, &format!("PARALLEL_PID={}", std::process::id()))
        && seq.is_none_or(|seq| has(&environment, &format!("PARALLEL_SEQ={seq}")))
}

/// Whether a process was started to stay, whatever becomes of its job. Only asked of those that are orphans and have left the
/// group of their job, so that the variable in the environment of a whole run does not keep jobs from being ended.
fn is_kept(pid: i32) -> bool {
    has(&tree::environment(pid).unwrap_or_default(), KEEP)
}

/// Whether these words, each followed by a NUL, hold this one.
fn has(environment: &[u8], word: &str) -> bool {
    environment.split(|byte| *byte == 0).any(|entry| entry == word.as_bytes())
}

/// Kills what was adopted and is nobody's: it carries no mark of a job of ours, and it was started after `since`, when the
/// first of the jobs started that were ended. Answers who can't be killed.
pub fn end_unclaimed(since: u64) -> Vec<i32> {
    let began = Instant::now();
    loop {
        tree::reap_adopted();
        let (mut living, mut refused) = (0, Vec::new());
        for pid in tree::adopted() {
            let Some(stat) = tree::stat(pid).filter(|stat| !stat.ended && stat.started >= since) else { continue };
            if is_marked(pid, None) || is_kept(pid) {
                // Left by a job that had finished, or to stay.
                continue;
            }
            living += 1;
            for child in tree::children(pid) {
                if let Some(stat) = tree::stat(child) {
                    tree::signal(child, stat.started, SIGKILL).ok();
                }
            }
            if tree::signal(pid, stat.started, SIGKILL).is_err_and(|error| is_refusal(&error)) {
                refused.push(pid);
            }
        }
        if living == refused.len() || began.elapsed() >= LAST_RITES {
            return refused;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn is_refusal(error: &std::io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::PERM)
}
