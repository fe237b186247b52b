//! `--reduce`: the outputs of all jobs go into one last command.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use memchr::memmem;
use rustix::io::dup;
use rustix::stdio::{dup2_stdin, dup2_stdout, stdout};

use super::results::temporary_folder;
use crate::exit::Exit;
use crate::options::{
    BatchOptions, ControlOptions, Grouping, Halt, HaltAt, HaltOn, InputOptions, InputSource, Jobs, Options,
    OutputOptions, ReportOptions, SlotOptions, SourceKind, USABLE_COMMAND,
};

/// Runs all jobs, and then `command` on what they have written: files of it, in order, where it has `{}`, else all of it on standard
/// input. Where a job has failed there is nothing to reduce: the run ends as it would without.
///
/// # Errors
/// Those of both runs; a temporary file that can't be had; more files than fit in a command.
pub fn run(options: &Options, command: &[u8]) -> Result<Exit> {
    super::needs_stdout()?;
    let folder = temporary_folder(&options.output);
    let no_file =
        || format!("--reduce: can't make a temporary file in {} (another folder: --tmpdir)", folder.display());
    let mut collected = tempfile::tempfile_in(&folder).with_context(no_file)?;
    let by_name = memmem::find(command, b"{}").is_some();
    let jobs = Options {
        output: OutputOptions {
            keep_order: true,
            files: by_name.then_some(0),
            // Files are for the command as they are.
            compress: options.output.compress.clone().filter(|_| !by_name),
            reduce: None,
            ..options.output.clone()
        },
        ..options.clone()
    };
    let ours = dup(stdout()).context("--reduce: no descriptor is left")?;
    dup2_stdout(&collected).context("--reduce")?;
    let ended = super::run(&jobs);
    dup2_stdout(&ours).context("--reduce")?;
    drop(ours);
    let names = Names(if by_name { names(&mut collected)? } else { Vec::new() });
    let ended = ended?;
    if ended != Exit::Status(0) {
        return Ok(ended);
    }
    let input = if by_name {
        let length: usize = names.0.iter().map(|name| name.as_os_str().len() + 3).sum();
        if length + command.len() >= USABLE_COMMAND {
            bail!(
                "--reduce: {} files are too many for one command: make fewer (--block), or leave {{}} out",
                names.0.len()
            );
        }
        let words = names.0.iter().map(|name| name.as_os_str().as_encoded_bytes().to_vec()).collect();
        let source = InputSource { kind: SourceKind::Words(words), linked: false };
        InputOptions { sources: vec![source], delimiter: vec![0], ..InputOptions::lines() }
    } else {
        collected.seek(SeekFrom::Start(0)).map_err(|error| anyhow!("--reduce: {error}"))?;
        dup2_stdin(&collected).context("--reduce")?;
        InputOptions { sources: Vec::new(), is_for_jobs: true, ..InputOptions::lines() }
    };
    super::run(&reduction(options, command, input, by_name))
}

/// The run of the one command.
fn reduction(options: &Options, command: &[u8], input: InputOptions, by_name: bool) -> Options {
    let plain = Options::default();
    Options {
        program: options.program.clone(),
        command: vec![command.to_vec()],
        input,
        batch: BatchOptions { max_records: None, insert_nothing: !by_name, ..BatchOptions::ONE },
        slots: SlotOptions { jobs: Jobs::Exactly(1), ..options.slots.clone() },
        control: ControlOptions {
            // Its status is that of the run.
            halt: Halt::When { now: false, what: HaltOn::Fail, threshold: HaltAt::Count(1) },
            termseq: options.control.termseq.clone(),
            ..plain.control
        },
        output: OutputOptions { grouping: Grouping::Ungroup, tmpdir: options.output.tmpdir.clone(), ..plain.output },
        report: ReportOptions { failures: options.report.failures, ..plain.report },
        environment: options.environment.clone(),
        ..plain
    }
}

/// Files that are removed in the end.
struct Names(Vec<PathBuf>);

impl Drop for Names {
    fn drop(&mut self) {
        for name in &self.0 {
            // One that the command has moved away is not there any more.
            fs::remove_file(name).ok();
        }
    }
}

fn names(list: &mut File) -> Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    list.seek(SeekFrom::Start(0)).and_then(|_| list.read_to_end(&mut bytes)).context("--reduce")?;
    let names = bytes.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| PathBuf::from(OsStr::from_bytes(name))).collect())
}
