//! Everything that descends from one job: finding it, signalling it, and ending it with the job.
//!
//! The process group reaches what stayed in it, and the tree what still has its parents. Whoever has left both (a daemon: a
//! new session, and a parent that has ended) was adopted by us, and is known by the number of its job, which stands in
//! the environment that it was started with. One that has wiped that, too, belongs to the only job that has run since, or to
//! the run: it is ended at its end, and never with another job.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::control::Turn;
use crate::model::Seq;
use crate::sys::process::Process;
use crate::sys::signals::{SIGKILL, SIGSTOP};
use crate::sys::tree::{self, Stat};
use crate::sys::watch;

/// How long it may take until all that was killed is gone. Only reached by what is stuck in the kernel, and on machines that
/// are busy beyond measure.
const LAST_RITES: Duration = Duration::from_secs(5);

/// Among those who have orphans without end, not all can be reached.
const LOOKS: usize = 20;

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
        let (leader, own_group) = (self.leader, self.own_group);
        reach(&mut || self.living(), &mut tree::adopted, &mut |pid, stat| {
            if !(own_group && stat.group == leader) {
                // ESRCH: it has just ended. EPERM is found out at the end.
                tree::signal(pid, stat.started, signal).ok();
            }
        });
    }

    /// Whether any of them is there, besides the job's own process.
    pub fn is_alive(&mut self) -> bool {
        !self.living().is_empty()
    }

    /// Whether any of them is stopped, the job's own process included: it hears of no signal but SIGKILL before it goes on.
    pub fn is_stopped(&mut self) -> bool {
        tree::stat(self.leader).is_some_and(|stat| stat.stopped) || self.living().iter().any(|(_, stat)| stat.stopped)
    }

    /// Kills all of them, those included that are being born meanwhile. Answers who can't be killed: processes of other users.
    pub fn end(&mut self) -> Vec<i32> {
        finish_off(&mut || self.living())
    }

    /// The job's own process is about to be reaped: its number means nothing from then on.
    pub fn forget_leader(&mut self) {
        self.leader = 0;
    }

    /// All who are there now.
    fn living(&mut self) -> Vec<(i32, Stat)> {
        self.started = self.started.or_else(|| tree::stat(self.leader).map(|stat| stat.started));
        for pid in tree::adopted() {
            if let Some(stat) = tree::stat(pid).filter(tree::is_adopted)
                && !self.known.contains_key(&pid)
                && (self.is_kin(&stat) || Mark::of(pid) == Some(Mark { seq: Some(self.seq.0) }))
            {
                self.known.insert(pid, stat.started);
            }
        }
        let roots: Vec<i32> = self.known.keys().copied().chain([self.leader]).collect();
        let mut found = tree::descend(roots, &mut |pid, stat| {
            // Where it started at another time, somebody else has got its number.
            if pid == self.leader {
                return self.started == Some(stat.started);
            }
            *self.known.entry(pid).or_insert(stat.started) == stat.started && !(self.has_left(stat) && is_kept(pid))
        });
        found.retain(|(pid, stat)| !stat.ended && *pid != self.leader);
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

/// What a process carries in its environment that a job of this run was started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which job; `None`: it can't be told.
    pub seq: Option<u64>,
}

/// Whether a process was started to stay, whatever becomes of its job. Only asked of those that are orphans and have left the
/// group of their job, so that the variable in the environment of a whole run does not keep jobs from being ended.
pub fn is_kept(pid: i32) -> bool {
    let environment = tree::environment(pid).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|entry| entry == KEEP.as_bytes())
}

impl Mark {
    /// That of a process; `None`: it has none of this run, or may not be asked.
    pub fn of(pid: i32) -> Option<Mark> {
        let environment = tree::environment(pid)?;
        let value = |name: &[u8]| {
            let mut entries = environment.split(|byte| *byte == 0);
            let digits = entries.find_map(|entry| entry.strip_prefix(name)?.strip_prefix(b"="))?;
            std::str::from_utf8(digits).ok()?.parse::<u64>().ok()
        };
        (value(b"PARALLEL_PID")? == u64::from(watch::run_pid())).then(|| Mark { seq: value(b"PARALLEL_SEQ") })
    }
}

/// Of those that were adopted, the ones that are wanted and all who descend from them, but for those that have ended.
pub fn adopted_families(wanted: impl FnMut(&i32) -> bool) -> Vec<(i32, Stat)> {
    let mut found = tree::descend(tree::adopted().into_iter().filter(wanted), &mut |_, _| true);
    found.retain(|(_, stat)| !stat.ended);
    found
}

/// Calls `tell` for each who is there, once. Where somebody is adopted during a look, it may have been missed by it (its parent was gone
/// when its turn came), so there is another look.
fn reach(
    living: &mut dyn FnMut() -> Vec<(i32, Stat)>,
    adopted: &mut dyn FnMut() -> Vec<i32>,
    tell: &mut dyn FnMut(i32, &Stat),
) {
    let mut told = BTreeSet::new();
    for _ in 0..LOOKS {
        let before = adopted();
        for (pid, stat) in living() {
            if told.insert((pid, stat.started)) {
                tell(pid, &stat);
            }
        }
        if adopted().iter().all(|pid| before.contains(pid)) {
            return;
        }
    }
}

/// Who is there; `None`: nobody was seen, but one who has forked and ended between the look at our children and the look at
/// its own may have left us a child that is seen only now.
fn look(
    living: &mut dyn FnMut() -> Vec<(i32, Stat)>,
    adopted: &mut dyn FnMut() -> Vec<i32>,
) -> Option<Vec<(i32, Stat)>> {
    let before = adopted();
    let found = living();
    (!found.is_empty() || adopted().iter().all(|pid| before.contains(pid))).then_some(found)
}

/// Kills all who are there, those included that are being born meanwhile. Answers who is left: processes of other users, and
/// what has not gone in all the time that there is.
pub fn finish_off(living: &mut dyn FnMut() -> Vec<(i32, Stat)>) -> Vec<i32> {
    let began = Instant::now();
    let mut stopped = BTreeSet::new();
    loop {
        let is_late = began.elapsed() >= LAST_RITES;
        let Some(found) = look(living, &mut tree::adopted) else {
            if is_late {
                return Vec::new();
            }
            continue;
        };
        // Stopped first, so that nobody escapes by having children faster than they are found.
        let mut any_new = false;
        for (pid, stat) in &found {
            if stopped.insert((*pid, stat.started)) {
                any_new = true;
                tree::signal(*pid, stat.started, SIGSTOP).ok();
            }
        }
        if any_new && !is_late {
            continue;
        }
        let mut refused = Vec::new();
        for (pid, stat) in &found {
            if tree::signal(*pid, stat.started, SIGKILL).is_err_and(|error| is_refusal(&error)) {
                refused.push(*pid);
            }
        }
        if found.len() == refused.len() {
            return refused;
        }
        if is_late {
            return found.into_iter().map(|(pid, _)| pid).collect();
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Kills what was adopted and is nobody's: it carries no mark of a job of ours, and it was started after `since`, when the
/// first of the jobs started that were ended. Answers who can't be killed.
pub fn end_unclaimed(since: u64) -> Vec<i32> {
    finish_off(&mut || {
        tree::reap_adopted();
        // One with a mark was left by a job that had finished.
        adopted_families(|pid| {
            tree::stat(*pid).is_some_and(|stat| tree::is_adopted(&stat) && stat.started >= since)
                && Mark::of(*pid).is_none()
                && !is_kept(*pid)
        })
    })
}

fn is_refusal(error: &std::io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::PERM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_adopted_during_a_look_is_reached_by_the_next() {
        let stat = tree::stat(i32::try_from(std::process::id()).expect("a number")).expect("ourselves");
        let mut ours = [vec![7], vec![7, 8], vec![7, 8], vec![7, 8]].into_iter();
        let mut seen = [vec![(7, stat)], vec![(7, stat), (8, stat)]].into_iter();
        let mut told = Vec::new();
        reach(&mut || seen.next().expect("two looks"), &mut || ours.next().expect("four"), &mut |pid, _| {
            told.push(pid)
        });
        assert_eq!(told, [7, 8]);
    }

    #[test]
    fn a_look_during_which_somebody_is_adopted_is_not_believed() {
        let stat = tree::stat(i32::try_from(std::process::id()).expect("a number")).expect("ourselves");
        // The look at 7's children came when it had had none yet, or none any more.
        let mut ours = [vec![7], vec![7, 8], vec![7, 8], vec![7, 8], vec![8], vec![]].into_iter();
        let mut seen = [vec![], vec![(8, stat)], vec![]].into_iter();
        let mut next = || look(&mut || seen.next().expect("three looks"), &mut || ours.next().expect("six"));
        assert_eq!(next(), None);
        assert_eq!(next(), Some(vec![(8, stat)]));
        assert_eq!(next(), Some(Vec::new()));
    }
}
