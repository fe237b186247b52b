//! Who looks at the machine for `--load`, `--memfree`, `--memsuspend`, `--noswap` and `--limit`, and at the files of `--jobs` and
//! `--load`: a thread of its own, which only runs where one of these is given. Slots wait for its word and for the end of the
//! run alike, so nothing that it waits for keeps anybody else.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Scope;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::slots;
use crate::diag::Diag;
use crate::exec::{Control, Pool, Shell};
use crate::model::Seq;
use crate::options::{Conditions, Jobs, Limit, Load, LoadLimit, Options};
use crate::schedule::{Readings, Rules, Scheduler, Work, level, memory_level};
use crate::sys::command;
use crate::sys::vitals::{self, DiskWork};
use crate::sys::wake::Wake;

/// A job that has just been started shows in the next numbers only after a while.
const SETTLE: Duration = Duration::from_millis(10);
/// How long to wait for better numbers, at first and at most.
const SOON: Duration = Duration::from_millis(10);
const LATE: Duration = Duration::from_secs(1);
/// How often jobs that run are looked after: memory can be gone in an instant, a command is dear.
const WATCH_MEMORY: Duration = Duration::from_millis(100);
const WATCH_COMMAND: Duration = Duration::from_secs(1);
/// How long swap and disks are looked at for one number.
const SPAN: Duration = Duration::from_secs(1);
/// How often files are looked at while no job ends.
const READ_AGAIN: Duration = Duration::from_secs(1);

/// What was found out before the first job.
#[derive(Debug)]
pub struct Watch<'a> {
    conditions: &'a Conditions,
    rules: Rules,
    /// How many CPUs a load is relative to.
    cpus: usize,
    /// What a file of `--jobs` has said last.
    jobs: Option<Jobs>,
    /// Ends a wait for the command of `--limit`.
    stop: Arc<Wake>,
}

impl<'a> Watch<'a> {
    /// `None`: there is nothing to look at.
    ///
    /// # Errors
    /// A file that can't be read or holds something else.
    pub fn open(options: &'a Options, jobs: &Jobs) -> Result<Option<Watch<'a>>> {
        let conditions = &options.control.conditions;
        let from_file = matches!(options.slots.jobs, Jobs::File(_));
        if options.control.only_prints() || !(conditions.is_any() || from_file) {
            return Ok(None);
        }
        let cpus = if conditions.load.is_some() { slots::usable(options.slots.cpu).count } else { 1 };
        let mut rules = Rules {
            load: None,
            memfree: conditions.memfree as f64,
            memsuspend: conditions.memsuspend as f64,
            noswap: conditions.noswap,
            limit: conditions.limit.is_some(),
        };
        rules.load = conditions.load.as_ref().map(read_load).transpose()?.map(|load| load.of(cpus));
        let stop = Arc::new(Wake::new().context("can't start")?);
        Ok(Some(Watch { conditions, rules, cpus, jobs: from_file.then(|| jobs.clone()), stop }))
    }

    /// What ends a wait for the command of `--limit`.
    pub fn stop(&self) -> Arc<Wake> {
        Arc::clone(&self.stop)
    }
}

/// What `--load` says now.
fn read_load(load: &LoadLimit) -> Result<Load> {
    let path = match load {
        LoadLimit::Amount(load) => return Ok(*load),
        LoadLimit::File(path) => path,
    };
    let shown = path.display();
    let text = slots::regular(path).and_then(|()| fs::read_to_string(path)).with_context(|| {
        format!("--load '{shown}' is no number, +N, -N or N%, and no file that holds one of these can be read")
    })?;
    let parsed = Load::parse(text.trim());
    parsed.with_context(|| format!("--load '{shown}': the file must hold a number, or +N, -N or N% of the CPUs"))
}

/// Who looks.
pub struct Warden<'scope, 'env, 'a, 'p> {
    /// What at.
    pub watch: Watch<'a>,
    /// All options.
    pub options: &'a Options,
    /// Who asks.
    pub scheduler: &'scope Scheduler<'a>,
    /// Who runs.
    pub control: &'scope Control,
    /// Who gets more slots.
    pub pool: &'scope Pool<'p>,
    /// Where they run.
    pub scope: &'scope Scope<'scope, 'env>,
    /// How many slots there may be; 0: as at the start.
    pub places: &'scope AtomicUsize,
    /// Who reads the command of `--limit`.
    pub shell: &'scope Shell,
    /// For complaints.
    pub diag: &'scope Diag,
}

/// Numbers that are differences.
#[derive(Debug, Default)]
struct Earlier {
    swapped: Option<(Instant, (u64, u64))>,
    swaps: Option<bool>,
    disks: Option<DiskWork>,
    io: Option<f64>,
    /// It has been said that a file or a command is of no use.
    complained: bool,
}

impl Warden<'_, '_, '_, '_> {
    /// Looks until the run is over.
    pub fn serve(mut self) {
        let reads_files = self.watch.jobs.is_some() || matches!(self.watch.conditions.load, Some(LoadLimit::File(_)));
        let tick = reads_files.then_some(READ_AGAIN);
        let has_conditions = self.watch.conditions.is_any();
        let cares = self.watch_interval();
        let mut earlier = Earlier::default();
        let mut pause = SOON;
        let mut ended = 0;
        loop {
            let call = self.scheduler.await_call(tick, &|call| {
                let wanted = has_conditions && (call.asked || (cares.is_some() && call.running > 0));
                call.over || wanted || (reads_files && call.ended != ended)
            });
            if call.over {
                return;
            }
            ended = call.ended;
            if reads_files {
                self.read_files(&mut earlier);
            }
            if !(has_conditions && (call.asked || (cares.is_some() && call.running > 0))) {
                continue;
            }
            let readings = self.read(&mut earlier);
            let judgement = self.watch.rules.judge(&readings);
            if judgement.evict {
                self.control.evict_youngest();
            }
            if self.watch.conditions.memsuspend > 0 {
                self.suspend(judgement.work);
            }
            let wait = if !judgement.clear {
                pause = pause.mul_f64(1.5).min(LATE);
                cares.map_or(pause, |often| pause.min(often))
            } else if call.asked {
                self.scheduler.clear();
                pause = SOON;
                SETTLE
            } else {
                cares.unwrap_or(LATE)
            };
            let may_start = judgement.clear && !call.asked;
            self.scheduler.await_call(Some(wait), &|call| call.over || (may_start && call.asked));
        }
    }

    /// How often jobs that run have to be looked after; `None`: never.
    fn watch_interval(&self) -> Option<Duration> {
        let conditions = self.watch.conditions;
        if conditions.memfree > 0 || conditions.memsuspend > 0 {
            return Some(WATCH_MEMORY);
        }
        match conditions.limit {
            Some(Limit::Memory(_)) => Some(WATCH_MEMORY),
            Some(Limit::Command(_)) => Some(WATCH_COMMAND),
            _ => None,
        }
    }

    /// What a file says may have changed. One that is of no use leaves all as it is.
    fn read_files(&mut self, earlier: &mut Earlier) {
        let mut complain = |error: &anyhow::Error| {
            if !std::mem::replace(&mut earlier.complained, true) {
                self.diag.warn(format_args!("{error:#}: it stays as it was"));
            }
        };
        if let Some(load @ LoadLimit::File(_)) = &self.watch.conditions.load {
            match read_load(load) {
                Ok(load) => self.watch.rules.load = Some(load.of(self.watch.cpus)),
                Err(error) => complain(&error),
            }
        }
        let Some(before) = &self.watch.jobs else { return };
        match slots::read(&self.options.slots.jobs) {
            Ok(jobs) if jobs != *before => {
                let places = slots::resolve(&jobs, self.options.slots.cpu, self.diag).count;
                self.watch.jobs = Some(jobs);
                self.places.store(places, Ordering::SeqCst);
                self.scheduler.set_places(places);
                self.pool.grow(self.scope, places);
            }
            Ok(_) => {}
            Err(error) => complain(&error),
        }
    }

    fn read(&self, earlier: &mut Earlier) -> Readings {
        let conditions = self.watch.conditions;
        let needs_memory = conditions.memfree > 0 || conditions.memsuspend > 0;
        Readings {
            load: conditions.load.as_ref().and_then(|_| vitals::running_threads().ok()).map(|count| count as f64),
            free: if needs_memory { free_memory() } else { None },
            swaps: if conditions.noswap { earlier.swaps() } else { None },
            level: conditions.limit.as_ref().and_then(|limit| self.level(limit, earlier)),
        }
    }

    fn level(&self, limit: &Limit, earlier: &mut Earlier) -> Option<i32> {
        match limit {
            Limit::Io(limit) => earlier.io().map(|busy| level(busy, *limit)),
            Limit::Memory(size) => free_memory().map(|free| memory_level(free, *size)),
            Limit::Load(limit) => vitals::running_processes().ok().map(|count| level(count as f64, *limit)),
            Limit::Command(text) => {
                let mut command = Command::new(OsStr::from_bytes(self.shell.path.as_bytes()));
                // As GNU parallel: the name of the host that it is about.
                command.arg("-c").arg(OsStr::from_bytes(text)).env("SSHLOGIN", ":");
                match command::run(&mut command, &self.watch.stop) {
                    Ok(status) => status,
                    Err(error) => {
                        if !std::mem::replace(&mut earlier.complained, true) {
                            self.diag.warn(format_args!(
                                "--limit: the command can't be run: {error}: jobs wait until it can"
                            ));
                        }
                        None
                    }
                }
            }
        }
    }

    fn suspend(&self, work: Work) {
        let mut running: Vec<Seq> = self.control.running().into_iter().map(|job| job.seq).collect();
        running.sort_unstable();
        let mut suspended = match work {
            Work::Oldest(count) => running.split_off(count.min(running.len())),
            Work::OneMore => {
                let mut suspended = self.control.suspended();
                suspended.sort_unstable();
                if !suspended.is_empty() {
                    suspended.remove(0);
                }
                suspended
            }
        };
        suspended.sort_unstable();
        self.control.suspend(&|seq| suspended.binary_search(&seq).is_ok());
    }
}

fn free_memory() -> Option<f64> {
    vitals::free_memory().ok().map(|bytes| bytes as f64)
}

impl Earlier {
    /// Whether the machine has swapped both in and out in the last second that was looked at (as GNU parallel).
    fn swaps(&mut self) -> Option<bool> {
        if self.swapped.is_none() && !vitals::has_swap() {
            return Some(false);
        }
        let (now, total) = (Instant::now(), vitals::swapped().ok()?);
        match self.swapped {
            Some((at, before)) if now.duration_since(at) >= SPAN => {
                self.swaps = Some(total.0 > before.0 && total.1 > before.1);
                self.swapped = Some((now, total));
            }
            Some(_) => {}
            None => self.swapped = Some((now, total)),
        }
        self.swaps
    }

    /// How busy the busiest disk was in the last second that was looked at.
    fn io(&mut self) -> Option<f64> {
        let now = DiskWork::now().ok()?;
        match &self.disks {
            Some(before) if now.at().duration_since(before.at()) >= SPAN => {
                self.io = Some(now.since(before));
                self.disks = Some(now);
            }
            Some(_) => {}
            None => self.disks = Some(now),
        }
        self.io
    }
}
