//! What is said about jobs.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use anyhow::{Result, bail};

use super::super::flags::{FailuresWhen, Format, ReportFlags};
use crate::options::{Failures, Joblog, Progress, ReportFormat, ReportOptions, ReportTo, Resume};

/// What was typed about reports. `has_results`: there is a `--results`, which says what is done, too.
///
/// # Errors
/// Options that need a joblog, without one.
pub fn report(flags: ReportFlags, has_results: bool) -> Result<ReportOptions> {
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
    let joblog = flags.joblog.and_then(joblog);
    let in_results = has_results && resume != Resume::Retry;
    if joblog.is_none() && resume != Resume::No && !in_results {
        let or = if resume == Resume::Retry { "" } else { " or --results NAME" };
        bail!("{} needs the log of the earlier run: give --joblog FILE{or}", resume.option());
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
        total_jobs: flags.total_jobs,
        failures,
    })
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

/// `FILE`, or `+FILE` to append; without a name there is none (as GNU parallel: `--joblog "$LOG"`).
fn joblog(typed: OsString) -> Option<Joblog> {
    let (append, name) = match typed.as_bytes().strip_prefix(b"+") {
        Some(name) => (true, name.to_vec()),
        None => (false, typed.into_vec()),
    };
    (!name.is_empty()).then(|| Joblog { path: PathBuf::from(OsString::from_vec(name)), append })
}
