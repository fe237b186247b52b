//! Opening a joblog and its values: what is refused, emptied or mended before the first row.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};

use super::{HEADER, Row, is_header};
use crate::diag::Diag;
use crate::options::{Joblog, Resume};
use crate::report::lines::{Lines, complain, named};
use crate::report::logfile::{self, Locked, Mended};

/// The file of values beside a joblog.
pub fn values_path(joblog: &Path) -> PathBuf {
    let mut path = OsString::from(joblog);
    path.push(".values");
    path.into()
}

pub fn refuse_resume(joblog: &Joblog, resume: Resume) -> Result<()> {
    if resume != Resume::No {
        bail!("{}", no_lasting_file(resume, &joblog.path));
    }
    Ok(())
}

/// Why nothing can be resumed from what is no regular file.
pub fn no_lasting_file(resume: Resume, path: &Path) -> String {
    let name = named(resume.option(), path);
    format!("{name}: no regular file, so that there is nothing to resume from: give the log of the earlier run")
}

/// Why nothing can be resumed from a file of something else.
pub fn no_joblog(resume: Resume, path: &Path) -> String {
    let name = named(resume.option(), path);
    format!("{name}: it does not begin as a joblog does: give the log of the earlier run")
}

/// The joblog in a file, and the values beside it.
pub fn open_file<'a>(joblog: &Joblog, resume: Resume, diag: &'a Diag) -> Result<(Lines<'a>, Option<Lines<'a>>)> {
    let path = &joblog.path;
    let name = named("--joblog", path);
    let file = logfile::open_to_append(path).map_err(|error| complain(&name, "opened", &error))?;
    if !logfile::is_lasting(path, &file).map_err(|error| complain(&name, "opened", &error))? {
        refuse_resume(joblog, resume)?;
        let mut lines = Lines::to_file(file, name, diag);
        lines.buffer().extend_from_slice(HEADER);
        return Ok((lines, None));
    }
    let keep = joblog.append || resume != Resume::No;
    let alone = claim(&file, path, keep && resume == Resume::No, diag)?;
    if resume != Resume::No && !is_joblog(path).map_err(|error| complain(&name, "read", &error))? {
        bail!("{}", no_joblog(resume, path));
    }
    let values = open_values(path, diag);
    let mut lines = Lines::to_file(file.try_clone()?, name.clone(), diag);
    if alone {
        let verb = if keep { "read" } else { "emptied" };
        let has_rows =
            prepare(&file, values.as_ref(), path, keep, diag).map_err(|error| complain(&name, verb, &error))?;
        if !has_rows {
            lines.buffer().extend_from_slice(HEADER);
            lines.flush()?;
        }
    }
    // Until now nobody else could look at it.
    if alone && logfile::lock_together(&file)? == Locked::InUse {
        return Err(in_use(path));
    }
    Ok((lines, values.map(|file| Lines::to_file(file, named("--joblog", &values_path(path)), diag))))
}

/// Locks the log, for us alone if that can be; true then. Others that add to it are only in the way of those that empty or
/// resume it.
fn claim(file: &File, path: &Path, shares: bool, diag: &Diag) -> Result<bool> {
    // A torn end is to be cut off, and runs that are alive leave none: who is in the way then will be gone at once.
    let insists = !shares || logfile::is_torn(file, path)?;
    let locked = if insists { logfile::insist_alone(file)? } else { logfile::lock_alone(file)? };
    match locked {
        Locked::InUse if shares => {
            logfile::wait_together(file)?;
            return Ok(false);
        }
        Locked::Yes => {}
        Locked::InUse => return Err(in_use(path)),
        Locked::Unable => diag.warn(format_args!(
            "{}: its file system has no locks: see to it that no other run uses it",
            named("--joblog", path)
        )),
    }
    Ok(true)
}

fn in_use(path: &Path) -> anyhow::Error {
    anyhow!(
        "{}: another run is using it: wait for its end, choose another file, or add to it with --joblog +FILE",
        named("--joblog", path)
    )
}

/// Empties the log and its values, or cuts their torn ends off. Answers whether the log has anything.
fn prepare(file: &File, values: Option<&File>, path: &Path, keep: bool, diag: &Diag) -> io::Result<bool> {
    if !keep {
        // The log first: values without rows say nothing.
        file.set_len(0)?;
        values.map_or(Ok(()), |values| values.set_len(0))?;
        return Ok(false);
    }
    let (mended, length) = logfile::mend(file, path, begins_like_a_joblog)?;
    match mended {
        Mended::Whole => {}
        Mended::Cut => diag.warn(format_args!(
            "{}: the last line was not whole, as a killed run leaves it, and has been cut off",
            named("--joblog", path)
        )),
        Mended::Kept => (&*file).write_all(b"\n")?,
    }
    if let Some(values) = values {
        logfile::mend(values, &values_path(path), |_| true)?;
    }
    Ok(length > 0)
}

/// Opens the file of values. Without it, jobs are known by their commands.
fn open_values(path: &Path, diag: &Diag) -> Option<File> {
    let path = values_path(path);
    // Opening a pipe that somebody has put there would wait for its reader.
    let other = path.exists() && !path.is_file();
    let opened = if other { Err(io::Error::other("it is no regular file")) } else { logfile::open_to_append(&path) };
    opened
        .map_err(|error| {
            diag.warn(format_args!(
                "{}: can't be opened: {error}; a run that resumes this one will know jobs by their commands only",
                named("--joblog", &path)
            ));
        })
        .ok()
}

/// Whether the first line is one of a joblog, as far as it goes where it is torn.
fn is_joblog(path: &Path) -> io::Result<bool> {
    let (mut file, mut line) = (BufReader::new(logfile::open_to_read(path)?), Vec::new());
    // Of a large file of something else, no more than that.
    file.by_ref().take(16).read_until(b'\n', &mut line)?;
    if !begins_like_a_joblog(&line) {
        return Ok(false);
    }
    if !line.ends_with(b"\n") {
        file.read_until(b'\n', &mut line)?;
    }
    Ok(line.strip_suffix(b"\n").is_none_or(|whole| is_header(whole) || Row::parse(whole).is_some()))
}

/// Whether a file that starts so is a joblog: with (a piece of) the header, or with a row, because GNU parallel starts
/// none with the header when it appends.
pub fn begins_like_a_joblog(head: &[u8]) -> bool {
    let digits = head.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let row = digits > 0 && matches!(head.get(digits), None | Some(b'\t'));
    let header = head.len().min(HEADER.len());
    row || head[..header] == HEADER[..header]
}
