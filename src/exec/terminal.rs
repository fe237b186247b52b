//! Jobs that have been stopped because they want the terminal, which is not theirs: they would wait for ever.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Control;
use super::seat::Seat;
use crate::model::Running;
use crate::sys::signals::{SIGTTIN, SIGTTOU};
use crate::sys::tree;

/// So many jobs are looked through at once, at most, one part after the other.
const PART: usize = 64;

/// Looks for such jobs and tells their slots. On the main thread, about once a second.
pub fn look(control: &Control) {
    let seats = control.seats();
    let jobs: Vec<(&Arc<Seat>, Running)> = seats.iter().filter_map(|seat| Some((seat, seat.job()?))).collect();
    // The kernel tells of each stop of a job's own process once, also where it is another user's (sudo).
    let mut stopped = std::mem::take(&mut *control.stopped_early());
    let known = stopped.len();
    stopped.extend(std::iter::from_fn(tree::next_stopped).filter(|(_, signal)| wants(*signal)).map(|(pid, _)| pid));
    for (index, pid) in stopped.into_iter().enumerate() {
        // One of a job's group, which we have adopted, speaks for the job.
        let group = tree::stat(pid).map(|stat| stat.group);
        match jobs.iter().find(|(_, job)| job.pid == pid || Some(job.pid) == group) {
            Some((seat, job)) => seat.accuse(job.pid),
            // It may be one that its slot has just started.
            None if index >= known => control.stopped_early().push(pid),
            None => {}
        }
    }
    // Of what is below that (`timeout 60 ssh ...` has a group of its own) nobody tells; without a terminal, nobody wants one.
    if jobs.is_empty() || !tree::has_terminal() {
        return;
    }
    let first = control.looked.fetch_add(PART, Ordering::Relaxed);
    for index in first..first + PART.min(jobs.len()) {
        let (seat, job) = &jobs[index % jobs.len()];
        let processes = tree::descend([job.pid], &mut |_, _| true);
        if processes.iter().any(|(_, stat)| stat.stopped_by.is_some_and(wants)) {
            seat.accuse(job.pid);
        }
    }
}

fn wants(signal: i32) -> bool {
    matches!(signal, SIGTTIN | SIGTTOU)
}
