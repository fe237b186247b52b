//! From what was typed to what it means: every default, synonym and conflict is settled here.

mod batch;
mod input;
mod output;
mod report;
mod semaphore;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use anyhow::{Result, bail};

use super::flags::{ControlFlags, EnvironmentFlags, Flags, LeakAction, ReplaceFlags, SlotFlags};
use super::tail;
use crate::options::{
    ControlOptions, Grouping, InputSource, Jobs, OnLeak, Options, Program, Results, Resume, SlotOptions, Timeout,
};
use batch::batch;
use input::input;
use output::output;
use report::report;
use semaphore::semaphore;

/// The options of a run.
///
/// # Errors
/// Options that can't go together.
pub fn options(program: Program, mut flags: Flags, job: Vec<OsString>, tail: Vec<InputSource>) -> Result<Options> {
    let defaults = Options::default();
    let semaphore = semaphore(&mut flags, &tail, &program)?;
    let tail = if semaphore.is_some() { tail::nothing() } else { tail };
    let (ReplaceFlags {}, EnvironmentFlags {}) = (flags.replace, flags.environment);
    let (tty, dry_run) = (flags.control.tty, flags.control.dry_run);
    let report = report(flags.report, flags.output.results.is_some())?;
    let retries = report.resume == Resume::Retry;
    // As GNU parallel: with --retry-failed, the log says everything, and nothing is read.
    let (job, tail) = if retries { (Vec::new(), tail::nothing()) } else { (job, tail) };
    let (files, packing) = if retries { Default::default() } else { (flags.input, flags.batch) };
    let (control, mut output) =
        (control(flags.control, defaults.control)?, output(flags.output, tty, dry_run, defaults.output));
    if let Some(Results::Table(table)) = &mut output.results {
        // The log says which jobs are done: their rows are not written again.
        table.append = report.joblog.is_some() && report.resume != Resume::No;
    }
    if control.on_leak == OnLeak::Fail && output.grouping == Grouping::Ungroup {
        bail!("--on-leak=fail is about output that fanout reads: not with --ungroup or --tty");
    }
    let mut input = input(files, tail, defaults.input)?;
    if semaphore.is_some() {
        input.sources.clear();
    }
    Ok(Options {
        program,
        command: job.into_iter().map(OsString::into_vec).collect(),
        input,
        batch: batch(packing),
        slots: slots(flags.slots, tty, defaults.slots),
        control,
        output,
        report,
        semaphore,
    })
}

fn slots(flags: SlotFlags, tty: bool, defaults: SlotOptions) -> SlotOptions {
    // Two jobs that read from one terminal would steal each other's keys.
    let jobs = if tty { Jobs::Exactly(1) } else { defaults.jobs };
    SlotOptions { jobs: flags.jobs.unwrap_or(jobs), pin: flags.pin.unwrap_or(defaults.pin), nice: flags.nice }
}

fn control(flags: ControlFlags, defaults: ControlOptions) -> Result<ControlOptions> {
    for (given, name) in [(flags.retry_delay.is_some(), "--retry-delay"), (flags.retry_on.is_some(), "--retry-on")] {
        if given && flags.retries.is_none() {
            bail!("{name} is about jobs that are tried again: give --retries N, too");
        }
    }
    Ok(ControlOptions {
        delay: flags.delay.unwrap_or(defaults.delay),
        // As GNU parallel: a timeout of 0 is none.
        timeout: flags.timeout.filter(|timeout| *timeout != Timeout::After(Duration::ZERO)),
        slow_timeout: flags.slow_timeout.filter(|after| !after.is_zero()),
        global_timeout: flags.global_timeout.filter(|after| !after.is_zero()),
        tries: flags.retries.map_or(defaults.tries, |tries| tries.0),
        retry_delay: flags.retry_delay.unwrap_or(defaults.retry_delay),
        retry_on: flags.retry_on,
        halt: flags.halt.unwrap_or(defaults.halt),
        termseq: flags.term_seq.map_or(defaults.termseq, |steps| steps.0),
        success_codes: flags.success_codes.map_or(defaults.success_codes, |codes| codes.0),
        tty: flags.tty,
        dry_run: flags.dry_run,
        on_leak: flags.on_leak.map_or(defaults.on_leak, on_leak),
        close_fds: flags.close_fds,
    })
}

fn on_leak(action: LeakAction) -> OnLeak {
    match action {
        LeakAction::Keep => OnLeak::Keep,
        LeakAction::Warn => OnLeak::Warn,
        LeakAction::Kill => OnLeak::Kill,
        LeakAction::Fail => OnLeak::Fail,
    }
}
