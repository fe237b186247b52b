//! One command under a semaphore.

use std::ffi::OsString;
use std::mem::take;
use std::os::unix::ffi::OsStringExt;

use anyhow::{Result, bail};

use super::super::flags::Flags;
use super::super::tail;
use crate::options::{
    Halt, HaltAt, HaltOn, InputSource, Jobs, Patience, Program, SemaphoreMode, SemaphoreOptions, SourceKind,
};

/// What was typed about the semaphore, if it is one. What means something else then than in a run of many jobs is taken out
/// of `flags`: the file of `--arg-file` and `--jobs`. As GNU parallel, a file behind `::::` is as one of `--arg-file`, and words
/// behind `:::` are nothing.
///
/// # Errors
/// Two sources; `--interactive` in the background.
pub fn semaphore(flags: &mut Flags, tail: &[InputSource], program: &Program) -> Result<Option<SemaphoreOptions>> {
    if !flags.semaphore.is_typed() && program.name != "sem" {
        return Ok(None);
    }
    let input = take(&mut flags.input);
    // How the command is read; the rest of them is about inputs, of which there are none.
    flags.input.quote = input.quote;
    let files = input.arg_file;
    let sources: Vec<SourceKind> =
        files.into_iter().map(tail::file).chain(tail.iter().map(|source| source.kind.clone())).collect();
    if sources.len() > 1 {
        bail!("a semaphore's command reads one file as its standard input: give no more (--arg-file, :::, ::::)");
    }
    if flags.control.interactive && !flags.semaphore.fg {
        bail!("--interactive asks on the terminal, which a command in the background can't: give --fg, too");
    }
    // The exit status is that of the only job.
    let first = Halt::When { now: false, what: HaltOn::Fail, threshold: HaltAt::Count(1) };
    flags.control.halt.get_or_insert(first);
    let typed = take(&mut flags.semaphore);
    Ok(Some(SemaphoreOptions {
        name: typed.semaphore_name.map(OsString::into_vec),
        places: flags.slots.jobs.replace(Jobs::Exactly(1)).unwrap_or(Jobs::Exactly(1)),
        mode: if typed.wait {
            SemaphoreMode::Wait
        } else if typed.fg {
            SemaphoreMode::Foreground
        } else {
            SemaphoreMode::Background
        },
        patience: typed.semaphore_timeout.unwrap_or(Patience::Endless),
        stdin: sources.into_iter().find_map(|source| match source {
            SourceKind::File(path) => Some(path),
            SourceKind::Stdin | SourceKind::Words(_) => None,
        }),
    }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::{Request, parse};
    use super::*;
    use crate::options::Options;

    #[track_caller]
    fn options(line: &str) -> Options {
        match parse(line.split(' ').map(OsString::from).collect()) {
            Ok(Request::Run(options)) => *options,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn a_name_or_any_of_its_options_makes_a_semaphore() {
        for line in
            ["sem x", "/a/sem x", "fanout --semaphore x", "fanout --id n x", "parallel --st 5 x", "fanout --bg x"]
        {
            let options = options(line);
            let semaphore = options.semaphore.unwrap_or_else(|| panic!("{line}"));
            assert_eq!((semaphore.mode, semaphore.places), (SemaphoreMode::Background, Jobs::Exactly(1)), "{line}");
            assert!(options.input.sources.is_empty() && options.command == [b"x"], "{line}");
        }
        for line in ["fanout x", "semi x", "parallel -j1 x", "sem.sh x"] {
            assert!(options(line).semaphore.is_none(), "{line}");
        }
        let mode = |line| options(line).semaphore.map(|semaphore| semaphore.mode);
        assert_eq!(mode("sem --fg --bg x"), Some(SemaphoreMode::Foreground));
        assert_eq!(mode("sem --fg --wait"), Some(SemaphoreMode::Wait));
    }

    #[test]
    fn what_is_typed_means_the_semaphore_and_not_the_run() {
        let options = options("sem -j+2 --semaphorename a --st -1.5 -a file x ::::");
        let semaphore = options.semaphore.unwrap_or_else(|| panic!("one"));
        assert_eq!((semaphore.places, options.slots.jobs), (Jobs::Plus(2), Jobs::Exactly(1)));
        assert_eq!(semaphore.patience, Patience::ThenGiveUp(Duration::from_millis(1500)));
        assert_eq!((semaphore.name.as_deref(), semaphore.stdin), (Some(&b"a"[..]), Some("file".into())));
        assert!(parse(["sem", "-a", "f", "x", ":::", "y"].map(OsString::from).to_vec()).is_err());
        assert!(parse(["sem", "-p", "x"].map(OsString::from).to_vec()).is_err());
    }
}
