//! `--bar`, `--progress`, `--eta`: how far the run is, on standard error.
//!
//! On a terminal, one line at the bottom; elsewhere (a CI, a dumb terminal) a plain line now and then, but `--bar` is what a program
//! like zenity(1) reads, as GNU parallel's. Without colours, so that NO_COLOR has nothing to turn off. Every time comes from the caller.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Audience;
use super::screen::{Content, Screen};
use super::text::{clip, clock};
use crate::diag::Diag;
use crate::model::{self, Seq, Started};
use crate::options::Progress as Kind;

/// How often a display on a terminal wants to be drawn.
const TICK: Duration = Duration::from_millis(100);
/// How often there is a line without a terminal.
const PLAIN: Duration = Duration::from_secs(60);
/// How often what a program reads is written, at least.
const STEADY: Duration = Duration::from_secs(1);
/// So many of the longest running jobs are named in it.
const NAMED: usize = 2;
/// Characters of a command in it.
const COMMAND: usize = 60;

/// The counts, and where they are shown.
pub struct Progress<'a> {
    kind: Kind,
    start: Instant,
    counts: Counts,
    running: HashMap<Seq, Running>,
    /// Says what runs where slots don't, because progress was not asked for at the start.
    census: Option<Census<'a>>,
    hidden: bool,
    display: Display<'a>,
}

/// The jobs that run now, with the beginnings of their commands if that is asked for.
pub type Census<'a> = Box<dyn Fn(bool) -> Vec<(model::Running, Vec<u8>)> + Send + 'a>;

/// How many jobs there are, have ended, and have failed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// If it is known.
    pub total: Option<u64>,
    done: u64,
    /// So many of them an earlier run has done: they say nothing about how fast this one is.
    passed_over: u64,
    failed: u64,
}

impl Counts {
    /// One has ended.
    pub fn add(&mut self, failed: bool) {
        self.done += 1;
        self.failed += u64::from(failed);
    }

    /// How many of a hundred have ended, rounded down: 100 is when all have.
    fn percent(&self) -> Option<u64> {
        self.total.map(|total| (self.done * 100).checked_div(total).unwrap_or(100))
    }

    /// One is not run, because an earlier run has done it.
    pub fn pass_over(&mut self) {
        self.done += 1;
        self.passed_over += 1;
    }
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
    /// For a program: a line with a `#` before the text, and one with the percentage, which end with carriage returns.
    Program {
        diag: &'a Diag,
        /// When and what it was told last.
        last: Option<(Instant, Option<u64>)>,
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
        } else if kind == Kind::Bar && !audience.stderr_is_terminal {
            Display::Program { diag, last: None }
        } else {
            Display::Plain { diag, next: now + PLAIN }
        };
        Some(Progress::new(kind, display, now))
    }

    fn new(kind: Kind, display: Display<'a>, start: Instant) -> Progress<'a> {
        let counts = Counts::default();
        Progress { kind, start, counts, running: HashMap::new(), census: None, hidden: false, display }
    }

    /// It was asked for only now.
    pub fn late(mut self, counts: Counts, census: Census<'a>, now: Instant) -> Progress<'a> {
        (self.counts, self.census) = (counts, Some(census));
        self.show(now);
        self
    }

    /// Hides what is shown, or shows it again.
    pub fn toggle(&mut self, now: Instant) {
        if self.hidden {
            self.show(now);
        } else {
            self.step_aside();
            self.hidden = true;
        }
    }

    fn show(&mut self, now: Instant) {
        self.hidden = false;
        if let Display::Plain { next, .. } = &mut self.display {
            *next = now;
        }
    }

    /// The number of jobs is known.
    pub fn total(&mut self, jobs: u64) {
        self.counts.total = Some(jobs);
    }

    /// A job runs (again).
    pub fn started(&mut self, now: Instant, started: &Started) {
        let command = match self.display {
            Display::Terminal(_) | Display::Program { .. } => String::new(),
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
        self.counts.add(failed);
    }

    /// A job is not run, because an earlier run has done it.
    pub fn passed_over(&mut self) {
        self.counts.pass_over();
    }

    /// How long the caller may wait before it calls [`Progress::tick`]; `None`: forever.
    pub fn tick_interval(&self) -> Option<Duration> {
        match self.display {
            _ if self.hidden => None,
            Display::Terminal(_) | Display::Program { .. } => Some(TICK),
            Display::Plain { .. } => Some(PLAIN),
        }
    }

    /// Shows how far the run is, if that is due; on a terminal only if `may_draw`.
    pub fn tick(&mut self, now: Instant, may_draw: bool) {
        match &self.display {
            _ if self.hidden => {}
            Display::Terminal(screen) => lock(screen).tick(now, may_draw, || self.content(now)),
            Display::Plain { diag, next } if now >= *next => {
                diag.line(&self.plain_line(now));
                self.display = Display::Plain { diag, next: now + PLAIN };
            }
            Display::Plain { .. } => {}
            Display::Program { last: Some((then, percent)), .. }
                if now < *then + if *percent == self.counts.percent() { STEADY } else { TICK } => {}
            Display::Program { .. } => self.tell(now),
        }
    }

    /// Writes what a program reads.
    fn tell(&mut self, now: Instant) {
        let percent = self.counts.percent();
        let text = self.status(now, self.running.len());
        if let Display::Program { diag, last } = &mut self.display {
            let number = percent.map(|percent| format!("{percent}\r")).unwrap_or_default();
            diag.show(format!("\r# {text}\r{number}").as_bytes());
            *last = Some((now, percent));
        }
    }

    /// All jobs have ended: who reads is told so.
    pub fn close(&mut self, now: Instant) {
        if matches!(&self.display, Display::Program { last, .. } if last.is_none_or(|(_, percent)| percent != Some(100)))
        {
            self.tell(now);
        }
        if let Display::Program { diag, .. } = &self.display {
            diag.show(b"\n");
        }
    }

    /// Takes the display off the terminal until the next tick.
    pub fn step_aside(&mut self) {
        if let Display::Terminal(screen) = &self.display {
            lock(screen).clear();
        }
    }

    fn content(&self, now: Instant) -> Content {
        let counts = &self.counts;
        let bar = counts.total.filter(|_| self.kind == Kind::Bar).map(|total| (counts.done, total));
        let running = self.census.as_ref().map_or(self.running.len(), |census| census(false).len());
        Content { text: self.status(now, running), bar }
    }

    /// `120 of 500 done (24%), 2 failed, 4 running, 00:03:10 elapsed, 00:10:01 to go`
    fn status(&self, now: Instant, running: usize) -> String {
        let elapsed = now.saturating_duration_since(self.start);
        let Counts { total, done, failed, .. } = self.counts;
        let mut text = match total {
            Some(total) => format!("{done} of {total} done ({}%)", self.counts.percent().unwrap_or(0)),
            None => format!("{done} done"),
        };
        text += &format!(", {failed} failed, {running} running, {} elapsed", clock(elapsed));
        if self.kind != Kind::Counts
            && let Some(left) = self.time_to_go(elapsed)
        {
            text += &format!(", {} to go", clock(left));
        }
        text
    }

    /// The jobs that are left, at the rate of those that are done; `None` before anything is known.
    fn time_to_go(&self, elapsed: Duration) -> Option<Duration> {
        let left = self.counts.total?.saturating_sub(self.counts.done);
        let rate = (self.counts.done - self.counts.passed_over) as f64 / elapsed.as_secs_f64();
        Duration::try_from_secs_f64(left as f64 / rate).ok()
    }

    fn plain_line(&self, now: Instant) -> String {
        let mut longest: Vec<(Seq, Instant, Cow<'_, str>)> = match &self.census {
            None => self.running.iter().map(|(seq, job)| (*seq, job.since, Cow::from(job.command.as_str()))).collect(),
            Some(census) => {
                census(true).into_iter().map(|(job, text)| (job.seq, job.since, clip(&text, COMMAND).into())).collect()
            }
        };
        let mut line = self.status(now, longest.len());
        longest.sort_unstable_by_key(|(seq, since, _)| (*since, *seq));
        for (index, (seq, since, command)) in longest.into_iter().take(NAMED).enumerate() {
            line += if index == 0 { "; longest running: " } else { ", " };
            let seconds = now.saturating_duration_since(since).as_secs();
            line += &format!("job {seq} ({seconds}s) {command}");
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
