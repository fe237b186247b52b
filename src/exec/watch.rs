//! The watcher: the process that was started, while its child does the work. It hands signals on, stops and ends as its child
//! does, and ends the jobs where its child can't any more.

use std::path::Path;
use std::time::{Duration, Instant};

use super::family::{Mark, adopted_families, finish_off, is_kept};
use crate::sys::process::{self, Change};
use crate::sys::signals::{self, Inbox, SIGCHLD, SIGCONT, SIGKILL};
use crate::sys::tree::{self, Stat};
use crate::sys::watch::Watcher;

/// How often those are looked at who are to end.
const LOOK: Duration = Duration::from_millis(5);

/// Watches until the end.
pub fn watch(watcher: &Watcher) -> ! {
    let inbox = Inbox::open();
    watcher.let_go();
    let ended = loop {
        // First: it may have ended before its end could be heard of.
        match last_change_of(watcher.runner()) {
            Some(Change::Ended(how)) => break how,
            Some(Change::Stopped) => {
                signals::stop();
                // The signal that has continued us may be gone by now: a SIGTSTP right behind it takes it back.
                process::tell(watcher.runner(), SIGCONT);
            }
            Some(Change::Continued) | None => {}
        }
        // What comes from the terminal reaches the runner by itself.
        if let Some(arrival) = inbox.next(None)
            && arrival.signal != SIGCHLD
            && arrival.from.is_some_and(|sender| sender != watcher.runner())
        {
            process::tell(watcher.runner(), arrival.signal);
        }
    };
    if !watcher.is_over() {
        end_jobs(watcher, &inbox);
        watcher.temporary().iter().for_each(|names| remove(names));
    }
    process::end_as(ended);
}

/// Removes the files whose names begin with this path.
fn remove(names: &Path) {
    let (Some(folder), Some(first)) = (names.parent(), names.file_name()) else { return };
    // Nobody is left to hear of what can't be removed.
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if file.file_name().as_encoded_bytes().starts_with(first.as_encoded_bytes()) {
            std::fs::remove_file(file.path()).ok();
        }
    }
}

fn last_change_of(runner: i32) -> Option<Change> {
    let mut last = None;
    while let Some(change) = process::change_of(runner) {
        last = Some(change);
        if matches!(change, Change::Ended(_)) {
            break;
        }
    }
    last
}

/// Ends all jobs that ran when the runner was killed, as a cancelled run would have done.
fn end_jobs(watcher: &Watcher, inbox: &Inbox) {
    for (signal, wait) in watcher.sequence() {
        let living = living(watcher);
        for (pid, stat) in &living {
            // ESRCH: it has just ended. EPERM: it has become another user's, and is left.
            tree::signal(*pid, stat.started, signal).ok();
            if signal != SIGKILL {
                tree::signal(*pid, stat.started, SIGCONT).ok();
            }
        }
        if !wait_for_all(watcher, inbox, wait) {
            // Somebody is impatient.
            break;
        }
    }
    finish_off(&mut || living(watcher));
}

/// Waits until all are gone, `time` at most. False: a signal came first.
fn wait_for_all(watcher: &Watcher, inbox: &Inbox, time: Duration) -> bool {
    let began = Instant::now();
    loop {
        tree::reap_adopted();
        let left = time.saturating_sub(began.elapsed());
        if left.is_zero() || living(watcher).is_empty() {
            return true;
        }
        if inbox.next(Some(left.min(LOOK))).is_some_and(|arrival| ![SIGCHLD, SIGCONT].contains(&arrival.signal)) {
            return false;
        }
    }
}

/// What the runner's death has left to us, but for what jobs had left behind that had ended.
fn living(watcher: &Watcher) -> Vec<(i32, Stat)> {
    // A running job that has the variable because the whole run has it is in our session.
    let stays = |pid| tree::stat(pid).is_some_and(|stat| !tree::is_own_session(&stat)) && is_kept(pid);
    adopted_families(|pid| match Mark::of(*pid) {
        _ if stays(*pid) => false,
        Some(Mark { seq: Some(seq) }) => watcher.was_running(seq),
        Some(Mark { seq: None }) => true,
        // Of a running job that has wiped it, unless it may be a process that was there before us.
        None => !watcher.had_children(),
    })
}
