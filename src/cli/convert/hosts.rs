//! Where jobs run.

use anyhow::{Result, bail};

use super::super::flags::{BatchFlags, Flags, HostFlags};
use crate::options::{FileTemplate, HostFile, HostOptions, InputSource, Jobs, SourceKind};

/// What was typed about hosts.
pub fn hosts(flags: HostFlags, cleanup: bool, templates: &[FileTemplate]) -> HostOptions {
    // The first of these that was given is named, as by GNU parallel.
    let given = [
        (!flags.trc.is_empty(), "--trc"),
        (flags.transfer, "--transfer"),
        (!flags.transfer_file.is_empty(), "--transferfile"),
        (!flags.returned.is_empty(), "--return"),
        (cleanup && templates.is_empty(), "--cleanup"),
        (!flags.basefile.is_empty(), "--basefile"),
    ];
    HostOptions {
        ignored: given.iter().find(|(given, _)| *given).map(|(_, name)| *name),
        each: flags.onall || flags.nonall,
        files: flags
            .sshloginfile
            .into_iter()
            .map(HostFile::of)
            .chain(flags.sshlogin.into_iter().flat_map(|hosts| hosts.files))
            .collect(),
    }
}

/// `--onall` and `--nonall`: what GNU parallel hands on to the run that it starts for each host.
///
/// # Errors
/// They don't hand blocks on.
pub fn everywhere(flags: &mut Flags, mut tail: Vec<InputSource>) -> Result<Vec<InputSource>> {
    if !flags.hosts.onall && !flags.hosts.nonall {
        return Ok(tail);
    }
    if flags.pipe.pipe || flags.pipe.pipe_part {
        bail!("--onall and --nonall have no part in --pipe: leave one of them out");
    }
    flags.batch = BatchFlags { max_chars: flags.batch.max_chars.take(), ..BatchFlags::default() };
    flags.slots.jobs = Some(Jobs::Exactly(1));
    flags.output.tagstring = flags.output.tag.then(|| ":".into());
    flags.output.results = None;
    flags.input.link = false;
    tail.iter_mut().for_each(|source| source.linked = false);
    if flags.hosts.nonall && tail.is_empty() && flags.input.arg_file.is_empty() {
        // One input, of which nothing is inserted.
        flags.batch.max_replace_args = Some(0);
        tail = vec![InputSource { kind: SourceKind::Words(vec![Vec::new()]), linked: false }];
    }
    Ok(tail)
}
