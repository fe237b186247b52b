//! From what was typed to what it means: every default, synonym and conflict is settled here.

mod batch;
mod control;
mod environment;
mod hosts;
mod input;
pub mod other;
mod output;
mod pipe;
mod replace;
mod report;
mod semaphore;

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use anyhow::{Result, bail};

use super::flags::{Flags, PipeFlags, SlotFlags};
use super::tail;
use crate::options::{
    BatchOptions, ControlOptions, Cpu, Grouping, InputSource, Jobs, OnLeak, Options, Program, Results, Resume,
    SlotOptions, Verbose,
};
use batch::{batch, margin};
use control::control;
use environment::environment;
use hosts::hosts;
use input::input;
use output::output;
use pipe::pipe;
use replace::replace;
use report::report;
use semaphore::semaphore;

/// The options of a run.
///
/// # Errors
/// Options that can't go together.
pub fn options(program: Program, mut flags: Flags, job: Vec<OsString>, tail: Vec<InputSource>) -> Result<Options> {
    let defaults = Options::default();
    let cpus = flags.hosts.sshlogin.iter().find_map(|hosts| hosts.cpus);
    let is_named = !flags.hosts.sshlogin.is_empty();
    let tail = hosts::everywhere(&mut flags, tail)?;
    let hosts = hosts(std::mem::take(&mut flags.hosts), flags.control.cleanup, &flags.control.template);
    let semaphore = semaphore(&mut flags, &tail, &program)?;
    let tail = if semaphore.is_some() { tail::nothing() } else { tail };
    let tty = flags.control.tty;
    let show_limits = flags.other.show_limits;
    let mut report = report(flags.report, flags.output.results.is_some())?;
    if report.resume == Resume::Retry && report.joblog.as_ref().is_some_and(|joblog| is_missing(&joblog.path)) {
        // As GNU parallel: the first run of a line that is repeated until nothing fails.
        report.resume = Resume::No;
    }
    let retries = report.resume == Resume::Retry;
    // As GNU parallel: with --retry-failed, the log says everything, and nothing is read.
    let (job, tail) = if retries { (Vec::new(), tail::nothing()) } else { (job, tail) };
    let (mut files, packing) = if retries { Default::default() } else { (flags.input, flags.batch) };
    let mut tail = tail;
    let mut control = ControlOptions { show_limits, ..control(flags.control, defaults.control)? };
    let mut output = output(flags.output, tty, &control, defaults.output);
    if let Some(Results::Table(table)) = &mut output.results {
        // The log says which jobs are done: their rows are not written again.
        table.append = report.joblog.is_some() && report.resume != Resume::No;
    }
    if control.interactive {
        // The question shows the command.
        output.traced = false;
        if output.verbose == Verbose::Stderr {
            output.verbose = Verbose::No;
        }
    }
    control.shows_commands = control.interactive
        || output.traced
        || match output.verbose {
            Verbose::No => false,
            Verbose::Stderr => true,
            // Grouped, it stands before the output of its job, whenever that comes.
            Verbose::Stdout => output.grouping != Grouping::Group,
        };
    if control.on_leak == OnLeak::Fail && output.grouping == Grouping::Ungroup {
        bail!("--on-leak=fail is about output that fanout reads: not with --ungroup or --tty");
    }
    let quote = files.quote;
    let margin = margin(quote, control.shell_quote, is_named);
    let blocks_typed = flags.pipe.pipe || flags.pipe.pipe_part;
    let blocks = if retries || semaphore.is_some() { PipeFlags::default() } else { flags.pipe };
    let tee = blocks.tee;
    let pipe = pipe(blocks, &mut files, &packing, &mut tail, &control, output.keep_order)?;
    if report.resume != Resume::No
        && (retries && blocks_typed || pipe.as_ref().is_some_and(|pipe| !pipe.is_repeatable()))
    {
        bail!("{} can't tell what jobs have read that run side by side: leave it out", report.resume.option());
    }
    if report.resume != Resume::No && report.joblog.is_none() && pipe.is_some() {
        bail!("{} with --pipe needs --joblog FILE, which says what jobs have read", report.resume.option());
    }
    if pipe.is_some() && job.is_empty() {
        bail!("--pipe and --pipe-part need a command to pipe into, like cat");
    }
    let no_inputs = pipe.is_some() && tail.is_empty() && files.arg_file.is_empty();
    let mut input = input(files, tail, defaults.input)?;
    if semaphore.is_some() || no_inputs {
        input.sources.clear();
    }
    if output.reduce.is_some() {
        let elsewhere = output.grouping != Grouping::Group || output.results.is_some() || output.files.is_some();
        if elsewhere || output.records.is_some() || semaphore.is_some() {
            bail!(
                "--reduce is about outputs that would be printed: not with --line-buffer, --ungroup, --files, --results or --print0"
            );
        }
        if report.resume != Resume::No {
            bail!("--reduce needs the outputs of all jobs: not with {}", report.resume.option());
        }
    }
    Ok(Options {
        program,
        command: job.into_iter().map(OsString::into_vec).collect(),
        quote,
        input,
        batch: if pipe.is_some() { BatchOptions::ONE } else { batch(packing, margin) },
        pipe,
        replace: replace(flags.replace),
        slots: slots(flags.slots, cpus, tty, tee, defaults.slots),
        hosts,
        control,
        output,
        report,
        semaphore,
        environment: environment(flags.environment)?,
        xargs: None,
    })
}

/// Whether nobody has that name: the one thing that is asked of the world here, as it decides what the other options mean.
fn is_missing(file: &Path) -> bool {
    fs::metadata(file).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// `cpus`: how many there are said to be.
fn slots(flags: SlotFlags, cpus: Option<usize>, tty: bool, tee: bool, defaults: SlotOptions) -> SlotOptions {
    // Two jobs that read from one terminal would steal each other's keys.
    let jobs = match (tty, tee) {
        (true, _) => Jobs::Exactly(1),
        // As GNU parallel: all have to run at once.
        (false, true) => Jobs::Unlimited,
        (false, false) => defaults.jobs,
    };
    // As GNU parallel: sockets, if both are asked for.
    let cpu = if let Some(count) = cpus {
        Cpu::Given(count)
    } else if flags.use_sockets_instead_of_threads {
        Cpu::Socket
    } else if flags.use_cores_instead_of_threads {
        Cpu::Core
    } else {
        defaults.cpu
    };
    SlotOptions { jobs: flags.jobs.unwrap_or(jobs), cpu, pin: flags.pin.unwrap_or(defaults.pin), nice: flags.nice }
}
