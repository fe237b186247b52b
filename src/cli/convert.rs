//! From what was typed to what it means: every default, synonym and conflict is settled here.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};

use super::flags::{
    ControlFlags, FailuresWhen, Flags, Format, InputFlags, LeakAction, OutputFlags, ReportFlags, SlotFlags,
};
use super::tail;
use crate::options::{
    ControlOptions, Failures, Grouping, InputOptions, InputSource, Joblog, Jobs, OnLeak, Options, OutputOptions,
    Program, Progress, ReportFormat, ReportOptions, ReportTo, Resume, SlotOptions, SourceKind, Tag, Timeout, Verbose,
};

/// The options of a run.
///
/// # Errors
/// Options that can't go together.
pub fn options(program: Program, flags: Flags, job: Vec<OsString>, tail: Vec<InputSource>) -> Result<Options> {
    let defaults = Options::default();
    let (tty, dry_run) = (flags.control.tty, flags.control.dry_run);
    let report = report(flags.report)?;
    let retries = report.resume == Resume::Retry;
    // As GNU parallel: with --retry-failed, the log says everything, and nothing is read.
    let (job, tail) = if retries { (Vec::new(), tail::nothing()) } else { (job, tail) };
    let files = if retries { InputFlags::default() } else { flags.input };
    let (control, output) =
        (control(flags.control, defaults.control)?, output(flags.output, tty, dry_run, defaults.output));
    if control.on_leak == OnLeak::Fail && output.grouping == Grouping::Ungroup {
        bail!("--on-leak=fail is about output that fanout reads: not with --ungroup or --tty");
    }
    Ok(Options {
        program,
        command: job.into_iter().map(OsString::into_vec).collect(),
        input: input(files, tail, defaults.input)?,
        slots: slots(flags.slots, tty, defaults.slots),
        control,
        output,
        report,
    })
}

fn input(flags: InputFlags, tail: Vec<InputSource>, defaults: InputOptions) -> Result<InputOptions> {
    // As GNU parallel: the files of --arg-file come first, wherever the options stand.
    let files = flags.arg_file.into_iter().map(|name| InputSource { kind: tail::file(name), linked: false });
    let mut sources: Vec<InputSource> = files.chain(tail).collect();
    if sources.is_empty() {
        sources = defaults.sources;
    }
    if sources.iter().filter(|source| source.kind == SourceKind::Stdin).count() > 1 {
        bail!("standard input (-) can be only one of the sources: give a file for the other");
    }
    Ok(InputOptions {
        sources,
        // As GNU parallel: --delimiter is stronger than --null, whichever comes last.
        delimiter: flags.delimiter.unwrap_or(if flags.null { 0 } else { defaults.delimiter }),
        max_args: flags.max_args,
        skip_empty: flags.no_run_if_empty,
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

fn output(flags: OutputFlags, tty: bool, dry_run: bool, defaults: OutputOptions) -> OutputOptions {
    let grouping = if flags.line_buffer {
        Grouping::LineBuffer
    } else if flags.ungroup || (tty && !flags.group) {
        Grouping::Ungroup
    } else {
        defaults.grouping
    };
    // As GNU parallel: where jobs write for themselves, there is nothing to order and nothing to tag, and an empty
    // --tagstring is none.
    let ours = grouping != Grouping::Ungroup;
    let tag = match flags.tagstring {
        Some(text) => (!text.is_empty()).then(|| Tag::Template(unescape(text.into_vec()))),
        None => flags.tag.then_some(Tag::Args),
    };
    let verbose = if flags.verbose {
        Verbose::Stderr
    } else if flags.print && !flags.silent && !dry_run {
        Verbose::Stdout
    } else {
        defaults.verbose
    };
    OutputOptions {
        grouping,
        keep_order: flags.keep_order && ours,
        tag: tag.filter(|_| ours),
        buffer_size: flags.buffer_size.unwrap_or(defaults.buffer_size),
        verbose,
    }
}

fn report(flags: ReportFlags) -> Result<ReportOptions> {
    // The bar says most, so it wins where several are asked for.
    let progress = if flags.bar {
        Progress::Bar
    } else if flags.eta {
        Progress::Eta
    } else if flags.progress {
        Progress::Counts
    } else {
        Progress::No
    };
    let failures = match flags.failures {
        None | Some(FailuresWhen::Auto) => Failures::Auto,
        Some(FailuresWhen::Always) => Failures::Always,
        Some(FailuresWhen::Never) => Failures::Never,
    };
    let resume = if flags.retry_failed {
        Resume::Retry
    } else if flags.resume_failed {
        Resume::Succeeded
    } else if flags.resume {
        Resume::Finished
    } else {
        Resume::No
    };
    let joblog = flags.joblog.map(joblog).transpose()?;
    if joblog.is_none() && resume != Resume::No {
        bail!("{} needs the log of the earlier run: give --joblog FILE", resume.option());
    }
    if joblog.is_none() && flags.fsync {
        bail!("--fsync is about the joblog: give --joblog FILE, too");
    }
    Ok(ReportOptions {
        timing: report_to(flags.timing, flags.timing_file),
        summary: report_to(flags.summary, flags.summary_file),
        joblog,
        resume,
        fsync: flags.fsync,
        progress,
        failures,
    })
}

/// The escapes that GNU parallel knows in a tag: `\t`, `\n`, `\r`, `\0`.
fn unescape(text: Vec<u8>) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.into_iter().peekable();
    while let Some(byte) = bytes.next() {
        let escape = (byte == b'\\').then(|| match bytes.peek() {
            Some(b't') => Some(b'\t'),
            Some(b'n') => Some(b'\n'),
            Some(b'r') => Some(b'\r'),
            Some(b'0') => Some(0),
            _ => None,
        });
        match escape.flatten() {
            Some(control) => {
                bytes.next();
                plain.push(control);
            }
            None => plain.push(byte),
        }
    }
    plain
}

/// A report is wanted if its form or its file is given.
fn report_to(format: Option<Format>, file: Option<PathBuf>) -> Option<ReportTo> {
    let format = match format {
        None if file.is_none() => return None,
        None | Some(Format::Text) => ReportFormat::Text,
        Some(Format::Json) => ReportFormat::Json,
    };
    Some(ReportTo { format, file })
}

/// `FILE`, or `+FILE` to append.
fn joblog(typed: OsString) -> Result<Joblog> {
    let (append, name) = match typed.as_bytes().strip_prefix(b"+") {
        Some(name) => (true, name.to_vec()),
        None => (false, typed.into_vec()),
    };
    if name.is_empty() {
        bail!("--joblog needs the name of a file");
    }
    Ok(Joblog { path: PathBuf::from(OsString::from_vec(name)), append })
}
