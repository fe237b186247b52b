//! The pipeline: builds each stage and connects them.

mod command;
mod context;
mod critical;
mod defaults;
mod doctor;
mod end;
mod evaluation;
mod feed;
mod hosts;
mod prelude;
mod printer;
mod questions;
mod reduce;
mod results;
mod resume;
mod show;
mod slots;
mod strings;
#[cfg(test)]
mod tests;
mod total;
mod warden;
mod xargs;

use std::cell::RefCell;
use std::ffi::CString;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::diag::Diag;
use crate::exec::{self, Children, Dispatch, DryRun, Events, Executor, Pieces, Pool, Shell, Surroundings, Tidy};
use crate::exit::Exit;
use crate::input::{Gauge, Pipe, Source};
use crate::model::{Record, Slot};
use crate::options::{Options, PipeOptions, Program, Progress, USABLE_COMMAND};
use crate::report::{Audience, Report, RunEnd};
use crate::schedule::Scheduler;
use crate::semaphore::Place;
use crate::sys::signals::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, Signals};
use crate::sys::wake::Wake;
use crate::sys::{detach, limits, spawn, start, tree, watch};

use critical::Entry;
use end::{leave, left, verdict};
use feed::Feed;
use printer::Printer;
use resume::Resume;
use show::Show;
use warden::{Warden, Watch};
use xargs::{Opened, Sizing};

pub use defaults::{defaults, record_env};
pub use end::end;
pub use questions::answer;
pub use xargs::{complain, size_limits};

/// Events that may be on their way to the printer. It only falls behind when nobody reads our output; then slots wait.
const EVENTS: usize = 1024;
/// Where this process was executed to watch over a run, does that, and never answers.
pub fn watch_if_asked() {
    if let Some(watcher) = watch::Watcher::executed() {
        exec::watch(&watcher);
    }
}

/// Runs all jobs in a process that is watched, and says what went wrong.
pub fn watched(mut options: Box<Options>) -> u8 {
    if let Err(error) = hosts::settle(&mut options) {
        return end(Err(error), &options.program);
    }
    let options = &*options;
    let entry = options.semaphore.as_ref().map(|semaphore| critical::enter(semaphore, options)).transpose();
    let place = match entry {
        Ok(None) => None,
        Ok(Some(Entry::Go(place))) => Some(place),
        Ok(Some(Entry::Done(status))) => return status,
        Err(error) => return end(Err(error), &options.program),
    };
    let kept = place.as_ref().map(|place| place.as_fd().as_raw_fd());
    let work = || {
        let ended = match &options.output.reduce {
            Some(command) => reduce::run(options, command),
            None => run(options),
        };
        // Before the end, which may be by a signal.
        place.into_iter().for_each(Place::leave);
        end(ended, &options.program)
    };
    if options.control.only_prints() { work() } else { watch::guard(&options.control.termseq, kept, work) }
}

/// Runs all jobs.
///
/// # Errors
/// What kept fanout itself from doing its work; nothing was started when it is bad usage.
pub fn run(options: &Options) -> Result<Exit> {
    let began = Instant::now();
    if options.xargs.is_none() {
        needs_stdout()?;
    }
    if options.control.close_fds && !spawn::can_close_fds() {
        bail!("--close-fds needs Linux 5.9: close what jobs must not get before fanout is started (3>&-)");
    }
    let diag = Diag::new(&options.program.name);
    if let Some(option) = options.hosts.ignored {
        diag.warn(format_args!("{option} ignored as there are no remote --sshlogin"));
    }
    if options.control.show_limits {
        questions::show_limits(options.batch.max_chars)?;
    }
    if let Some(xargs) = &options.xargs {
        // As xargs, which has handlers for them: its commands don't ignore them.
        [SIGUSR1, SIGUSR2].into_iter().for_each(start::heed);
        xargs::begin(xargs, options, &diag);
    }
    // Where the system can't, what has left its parents and its group is not found: nothing else changes.
    tree::adopt_orphans().ok();
    let no_start = |error| anyhow!("can't start: {}", limits::shortage(&error));
    let (stop_input, attention) = (Wake::new().map_err(no_start)?, Wake::new().map_err(no_start)?);

    let opened = Opened::open(options, &stop_input)?;
    let names = match &opened {
        Opened::Rows(inputs) => inputs.names().clone(),
        Opened::Xargs(_) => Default::default(),
    };
    let open = |pipe| Pipe::open(pipe, &results::temporary_folder(&options.output), &evaluation::key_maker);
    let pipe = options.pipe.as_ref().map(open).transpose()?;
    let mut shell = if options.xargs.is_some() { Shell::none() } else { Shell::choose() };
    let family = shell.family;
    let mut strings = strings::strings(options, &names, family)?;
    let prelude = prelude::prelude(&options.environment.exported, &shell)?;
    let folder = Surroundings::new(&options.environment, command::insertion(options), &mut strings, prelude, &shell);
    let surroundings = folder.context("--workdir")?;
    shell.transparent &= !surroundings.needs_shell();
    let template = command::template(options, family, &mut strings, &diag)?;
    let jobs = slots::read(&options.slots.jobs)?;
    // Asked for at the second job, while the first one runs: reading what control groups allow takes a while.
    let slots = LazyLock::new(|| slots::resolve(&jobs, options.slots.cpu, &diag));
    let places = AtomicUsize::new(0);
    let limit = || match places.load(Ordering::SeqCst) {
        0 => slots.count,
        places => places,
    };
    if options.batch.max_chars.is_some_and(|chars| chars > USABLE_COMMAND) {
        diag.warn(format_args!("--max-chars: commands of several inputs stay below {USABLE_COMMAND} bytes"));
    }
    let mut source = match (opened, pipe) {
        (Opened::Xargs(input), _) => Source::of_xargs(input),
        (Opened::Rows(inputs), Some(pipe)) => Source::piped(inputs, pipe, Box::new(limit)),
        (Opened::Rows(inputs), None) => Source::new(inputs, &options.batch, Gauge::new(&template, Box::new(limit))),
    };
    let pins = slots::pins(&options.slots.pin, &diag)?;
    let mut watch = Watch::open(options, &jobs)?;
    let stop_watch = watch.as_ref().map(Watch::stop);
    // Before any log is opened, and emptied: what is wrong with the options is known then.
    let cx = context::context(options, &names, &template, &mut strings, shell, surroundings)?;
    let mut report = Report::open(options, Audience::of_process(), &diag)?;
    let table = results::table(options, &names, &diag)?;
    let mut resume = Resume::open(options, &template, cx.keeper.clone(), &mut report, &diag)?;

    let scheduler = Scheduler::new(&options.control, &diag, &cx.control, &stop_input, &attention);
    // A program that reads the bar waits for percentages; GNU parallel counts for everybody.
    let is_told = options.report.progress == Progress::Bar && options.pipe.is_none() && !io::stderr().is_terminal();
    let needed = strings.needs_total() || is_told;
    let total =
        total::of(&mut source, options, &scheduler, needed, &stop_input, &diag)?.map(|total| total + resume.retries());
    total.into_iter().for_each(|total| scheduler.set_total(total));
    // Only now: until the first job starts, nothing is lost by a signal's own effect, also where opening a file or reading all
    // inputs takes long.
    // What was ignored at the start (nohup) stays so: a blocked signal would be collected all the same.
    let wanted: Vec<i32> = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIGCONT]
        .into_iter()
        .filter(|signal| {
            !start::was_ignored(*signal) || (options.xargs.is_some() && [SIGUSR1, SIGUSR2].contains(signal))
        })
        .collect();
    let signals = Signals::collect(&wanted).map_err(no_start)?;
    if watch::is_orphaned() {
        // It was killed before its end could be heard of.
        return Ok(Exit::Signal(SIGTERM));
    }

    if options.semaphore.is_some() {
        detach::release_caller();
    }
    let toggles = AtomicUsize::new(0);
    let sizing = Sizing::new(options);
    let mut printer = Printer::new(options, &cx, &scheduler, report, table, &toggles);
    printer.total(total);
    let events = Events::new(EVENTS, &mut printer, &attention);
    let trace = |record: &Record| {
        if options.output.traced {
            let mut text = Vec::new();
            template.shown(record, Slot(1), &mut text);
            scheduler.say(&text, "\n");
        }
    };
    let make = |slot: Slot| -> io::Result<Box<dyn Executor>> {
        Ok(if options.control.only_prints() {
            Box::new(DryRun::new(
                &template,
                cx.shell.family,
                options.control.shell_quote * u8::from(!options.control.dry_run),
            ))
        } else {
            let inner = Children::new(&cx, &scheduler, &events, slot)?;
            let surroundings = &cx.surroundings;
            if options.xargs.is_some() {
                Box::new(Pieces { inner, cx: &cx, trace: &trace })
            } else if surroundings.has_own_folders() {
                Box::new(Tidy { inner, surroundings })
            } else {
                Box::new(inner)
            }
        })
    };
    if let Some(signal) = evaluation::settle(&cx.evaluation, &strings, total, &|| slots.count as u64, family)? {
        return Ok(Exit::Signal(signal));
    }
    if strings.needs_perl() {
        scheduler.keep_order();
    }
    if options.pipe.as_ref().is_some_and(PipeOptions::runs_all_at_once) {
        scheduler.run_all_at_once();
    }
    let pool = Pool::new(&cx, &scheduler, &make, &events, &limit, pins);

    let (ending, read) = thread::scope(|scope| {
        let feed = Feed {
            source: &mut source,
            resume: &mut resume,
            scheduler: &scheduler,
            stop: &stop_input,
            pool: &pool,
            events: &events,
        };
        let reading = feed.start(scope, events.join());
        let (diag, control, attention) = (&diag, &cx.control, &attention);
        if let Some(watch) = watch.take() {
            let (scheduler, pool, places, shell) = (&scheduler, &pool, &places, &cx.shell);
            let warden = Warden { watch, options, scheduler, control, pool, scope, places, shell, diag };
            let thread = thread::Builder::new().name("warden".into());
            if let Err(error) = thread.spawn_scoped(scope, || warden.serve()) {
                scheduler.fatal(format!("can't start a thread to look at the machine: {}", limits::shortage(&error)));
            }
        }
        let (events, toggles, list) = (&events, &toggles, RefCell::default());
        let show = Show { scope, diag, control, events, toggles, attention, list };
        let is_done = || {
            if events.wants_thread() && thread::Builder::new().spawn_scoped(scope, || events.serve()).is_err() {
                events.go_alone();
            }
            if scheduler.is_stopping() {
                pool.end_waits();
            }
            events.is_over() && !show.is_listing()
        };
        let ending = scheduler.supervise(&signals, rustix::stdio::stdout(), &is_done, &|signal| {
            let Some(sizing) = &sizing else { return show.signal(signal) };
            let count = sizing.change(signal);
            if count > 0 {
                places.store(count, Ordering::SeqCst);
                scheduler.set_places(count);
                pool.grow(scope, count);
            }
        });
        scheduler.end_guard();
        stop_watch.iter().for_each(|stop| stop.call());
        if ending.abandoned {
            leave(&ending, diag);
        }
        (ending, reading.end())
    });

    let mut end = RunEnd { wall: began.elapsed(), pool: pool.report() };
    if options.report.summary.is_some() {
        end.pool.slots = slots.count;
        end.pool.slots_reason.clone_from(&slots.reason);
    }
    end.pool.peak_running = scheduler.peak_running();
    let (skipped, stops) = (printer.skipped(), printer.stops());
    let left = if ending.hung_up && options.xargs.is_none() { left(printer.skipped(), source.unread()) } else { None };
    if let Some(left) = &left {
        diag.line(left);
    }
    printer.close(&end)?;
    // What is written last can't be written, perhaps.
    let ending = scheduler.ending();
    if options.xargs.is_some() {
        return xargs::verdict(&ending, &stops, read, skipped, &mut source, &stop_input, &diag);
    }
    read?;
    verdict(&ending, left.is_some(), options.hosts.each, &diag)
}

/// What would be written to it would be lost silently.
fn needs_stdout() -> Result<()> {
    if start::was_closed(1) {
        bail!("standard output is closed: redirect it to /dev/null if it is not wanted");
    }
    Ok(())
}

/// Prints what was asked for instead of a run: help, the version.
///
/// # Errors
/// Standard output can't be written. A reader that has seen enough (`fanout --help | head`) is no error.
pub fn print(text: &str) -> Result<Exit> {
    needs_stdout()?;
    match io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("can't write to standard output"),
        _ => Ok(Exit::Status(0)),
    }
}

/// Becomes the shell that runs this line.
///
/// # Errors
/// There is no shell.
pub fn become_shell(line: &[u8]) -> Result<Exit> {
    let line = CString::new(line).context("a NUL in the first line of the script")?;
    Err(start::become_program(c"/bin/sh", &[c"sh", c"-c", &line])).context("can't run /bin/sh")
}

/// `--doctor`: prints what this machine gives.
///
/// # Errors
/// As [`print()`].
pub fn doctor(program: &Program) -> Result<Exit> {
    print(&doctor::examine(&Diag::new(&program.name)).to_string())
}
