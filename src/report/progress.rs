//! `--bar`, `--progress`, `--eta`: how far the run is, on standard error.
//!
//! On a terminal, one line at the bottom; elsewhere (a CI, a dumb terminal) a plain line now and then. Without colours,
//! so that NO_COLOR has nothing to turn off. Every time comes from the caller.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Audience;
use super::screen::{Content, Screen};
use super::text::{clip, clock};
use crate::diag::Diag;
use crate::model::{Seq, Started};
use crate::options::Progress as Kind;

/// How often a display on a terminal wants to be drawn.
const TICK: Duration = Duration::from_millis(100);
/// How often there is a line without a terminal.
const PLAIN: Duration = Duration::from_secs(60);
/// So many of the longest running jobs are named in it.
const NAMED: usize = 2;
/// Characters of a command in it.
const COMMAND: usize = 60;

/// The counts, and where they are shown.
pub struct Progress<'a> {
    kind: Kind,
    start: Instant,
    total: Option<u64>,
    done: u64,
    failed: u64,
    running: HashMap<Seq, Running>,
    display: Display<'a>,
}

struct Running {
    since: Instant,
    /// The beginning of it; empty on a terminal, where no command is shown.
    command: String,
}

enum Display<'a> {
    /// Shared with the threads that write messages.
    Terminal(Arc<Mutex<Screen>>),
    Plain {
        diag: &'a Diag,
        next: Instant,
    },
}

impl<'a> Progress<'a> {
    /// `None` when nobody asked.
    pub fn open(kind: Kind, audience: Audience, diag: &'a Diag, now: Instant) -> Option<Progress<'a>> {
        if kind == Kind::No {
            return None;
        }
        let display = if audience.stderr_is_terminal && !audience.dumb {
            on_terminal(Screen::on_stderr(), diag)
        } else {
            Display::Plain { diag, next: now + PLAIN }
        };
        Some(Progress::new(kind, display, now))
    }

    fn new(kind: Kind, display: Display<'a>, start: Instant) -> Progress<'a> {
        Progress { kind, start, total: None, done: 0, failed: 0, running: HashMap::new(), display }
    }

    /// The number of jobs is known.
    pub fn total(&mut self, jobs: u64) {
        self.total = Some(jobs);
    }

    /// A job runs (again).
    pub fn started(&mut self, now: Instant, started: &Started) {
        let command = match self.display {
            Display::Terminal(_) => String::new(),
            Display::Plain { .. } => clip(&started.command, COMMAND),
        };
        self.running.entry(started.seq).or_insert(Running { since: now, command });
    }

    /// A job has failed and waits to be tried again.
    pub fn waits(&mut self, seq: Seq) {
        self.running.remove(&seq);
    }

    /// A job has ended, started or not.
    pub fn ended(&mut self, seq: Seq, failed: bool) {
        self.running.remove(&seq);
        self.done += 1;
        self.failed += u64::from(failed);
    }

    /// How long the caller may wait before it calls [`Progress::tick`].
    pub fn tick_interval(&self) -> Duration {
        match self.display {
            Display::Terminal(_) => TICK,
            Display::Plain { .. } => PLAIN,
        }
    }

    /// Shows how far the run is, if that is due; on a terminal only if `may_draw`.
    pub fn tick(&mut self, now: Instant, may_draw: bool) {
        match &self.display {
            Display::Terminal(screen) => lock(screen).tick(now, may_draw, || self.content(now)),
            Display::Plain { diag, next } if now >= *next => {
                diag.line(&self.plain_line(now));
                self.display = Display::Plain { diag, next: now + PLAIN };
            }
            Display::Plain { .. } => {}
        }
    }

    /// Takes the display off the terminal until the next tick.
    pub fn step_aside(&mut self) {
        if let Display::Terminal(screen) = &self.display {
            lock(screen).clear();
        }
    }

    fn content(&self, now: Instant) -> Content {
        let bar = self.total.filter(|_| self.kind == Kind::Bar).map(|total| (self.done, total));
        Content { text: self.status(now), bar }
    }

    /// `120 of 500 done (24%), 2 failed, 4 running, 00:03:10 elapsed, 00:10:01 to go`
    fn status(&self, now: Instant) -> String {
        let elapsed = now.saturating_duration_since(self.start);
        let mut text = match self.total {
            // Rounded down: 100 % is when all are done.
            Some(total) => {
                let percent = (self.done * 100).checked_div(total).unwrap_or(100);
                format!("{} of {total} done ({percent}%)", self.done)
            }
            None => format!("{} done", self.done),
        };
        text += &format!(", {} failed, {} running, {} elapsed", self.failed, self.running.len(), clock(elapsed));
        if self.kind != Kind::Counts
            && let Some(left) = self.time_to_go(elapsed)
        {
            text += &format!(", {} to go", clock(left));
        }
        text
    }

    /// The jobs that are left, at the rate of those that are done; `None` before anything is known.
    fn time_to_go(&self, elapsed: Duration) -> Option<Duration> {
        let left = self.total?.saturating_sub(self.done);
        let rate = self.done as f64 / elapsed.as_secs_f64();
        Duration::try_from_secs_f64(left as f64 / rate).ok()
    }

    fn plain_line(&self, now: Instant) -> String {
        let mut line = self.status(now);
        let mut longest: Vec<(&Seq, &Running)> = self.running.iter().collect();
        longest.sort_unstable_by_key(|(seq, running)| (running.since, **seq));
        for (index, (seq, running)) in longest.into_iter().take(NAMED).enumerate() {
            line += if index == 0 { "; longest running: " } else { ", " };
            let seconds = now.saturating_duration_since(running.since).as_secs();
            line += &format!("job {seq} ({seconds}s) {}", running.command);
        }
        line
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.step_aside();
    }
}

/// Shows the progress on `screen`; messages of `diag`, from whatever thread, take it off for as long as they are
/// written. It comes back with the next tick, because until then somebody else may be in the middle of a line.
fn on_terminal<'a>(screen: Screen, diag: &Diag) -> Display<'a> {
    let screen = Arc::new(Mutex::new(screen));
    let shared = Arc::clone(&screen);
    diag.around(Box::new(move |write| {
        let mut screen = lock(&shared);
        screen.clear();
        write();
    }));
    Display::Terminal(screen)
}

fn lock(screen: &Mutex<Screen>) -> MutexGuard<'_, Screen> {
    screen.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
