//! Whether a report would be written over an input.

use std::path::PathBuf;

use anyhow::{Result, bail};
use rustix::fs::{FileType, Stat, fstat, stat};

use super::joblog::values_path;
use super::lines::named;
use crate::options::{Options, Resume, SourceKind};

/// To be asked before any report is opened for writing.
///
/// # Errors
/// A report, or the file of a joblog's values, is one of the inputs, too, under whatever name: it would be emptied before it is
/// read, or grow while it is.
pub fn refuse(options: &Options) -> Result<()> {
    let reports = reports(options);
    // With --retry-failed nothing is read.
    if reports.is_empty() || options.report.resume == Resume::Retry {
        return Ok(());
    }
    let files = options.input.sources.iter().filter_map(|source| match &source.kind {
        SourceKind::File(path) => stat(path).ok(),
        SourceKind::Words(_) | SourceKind::Stdin => None,
    });
    let inputs: Vec<Stat> = files.chain(fstat(rustix::stdio::stdin()).ok()).collect();
    for (option, path) in reports {
        let Ok(report) = stat(&path) else { continue };
        let is_report = |input: &Stat| (input.st_dev, input.st_ino) == (report.st_dev, report.st_ino);
        if FileType::from_raw_mode(report.st_mode) == FileType::RegularFile && inputs.iter().any(is_report) {
            bail!("{}: is an input, too: choose another file", named(option, &path));
        }
    }
    Ok(())
}

/// The files of all reports, each with its option.
fn reports(options: &Options) -> Vec<(&'static str, PathBuf)> {
    let report = &options.report;
    let joblog = report.joblog.iter().map(|joblog| &joblog.path).filter(|path| path.as_os_str() != "-");
    let mut files: Vec<_> =
        joblog.flat_map(|path| [("--joblog", path.clone()), ("--joblog", values_path(path))]).collect();
    for (option, to) in [("--timing-file", &report.timing), ("--summary-file", &report.summary)] {
        let file = to.as_ref().and_then(|to| to.file.clone()).filter(|file| file.as_os_str() != "-");
        files.extend(file.map(|file| (option, file)));
    }
    files.extend(options.output.table().and_then(|table| table.file.clone()).map(|file| ("--results", file)));
    files
}
