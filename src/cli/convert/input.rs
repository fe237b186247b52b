//! Where arguments come from.

use anyhow::{Result, bail};

use super::super::flags::InputFlags;
use super::super::tail;
use crate::options::{InputOptions, InputSource, SourceKind};

/// What was typed about the inputs, with the sources of the tail.
///
/// # Errors
/// Standard input twice.
pub fn input(flags: InputFlags, tail: Vec<InputSource>, defaults: InputOptions) -> Result<InputOptions> {
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
        skip_empty: flags.no_run_if_empty,
    })
}
