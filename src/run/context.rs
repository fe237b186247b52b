//! What all slots share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use anyhow::{Context as _, Result, anyhow, bail};

use super::command::insertion;
use super::results;
use crate::diag::escape;
use crate::exec::{
    Confirm, Context, Control, Evaluation, FilledFile, Leftovers, Patience, Shell, SpillFile, Surroundings,
};
use crate::model::BufferPool;
use crate::options::{Options, Tag, Tries};
use crate::sys::limits;
use crate::template::{Names, Strings, Template};

/// Bytes of finished output that may wait in memory for the printer or for their turn.
const WAITING_BYTES: usize = 32 << 20;
/// Of a limit on memory (`ulimit -v`), one buffer takes no more than one part in so many, and what waits no more than
/// one in so many.
const BUFFERS_IN_ALL: usize = 128;
const SHARE_OF_WAITING: usize = 16;

/// Everything that jobs need from outside.
///
/// # Errors
/// A file or an expression of the options that can't be followed; no terminal for `--interactive`.
pub fn context<'a>(
    options: &'a Options,
    names: &Names,
    template: &'a Template,
    strings: &mut Strings,
    shell: Shell,
    surroundings: Surroundings,
) -> Result<Context<'a>> {
    let temporary = results::temporary_folder(&options.output);
    let confirm = match (&options.xargs, options.control.interactive) {
        (Some(_), true) => Some(Confirm::like_xargs()),
        (None, true) => {
            let none = "--interactive asks on the terminal, and there is none (/dev/tty)";
            Some(Confirm::open().context(none)?)
        }
        (_, false) => None,
    };
    let files = options.control.templates.iter().map(|file| {
        let named = || format!("--template: can't read {}", file.source.display());
        FilledFile::read(file, insertion(options), strings).with_context(named)
    });
    let files = files.collect::<Result<_>>()?;
    let filters =
        options.input.filters.iter().map(|text| {
            Template::filter(text, strings).map_err(|reason| anyhow!("--filter '{}': {reason}", escape(text)))
        });
    let filters = filters.collect::<Result<_>>()?;
    let mut label = |text: &[u8]| Template::label(text, insertion(options), strings);
    let tries = match &options.control.tries {
        Tries::Template(text) => Some(label(text)),
        Tries::Each(_) => None,
    };
    if tries.as_ref().is_some_and(Template::is_constant) {
        bail!("--retries: there is no replacement string in it: give the number of tries in total, or 0 for no limit");
    }
    Ok(Context {
        options,
        template,
        label: match &options.output.tag {
            Some(Tag::Template(text)) => Some(label(text)),
            _ => None,
        },
        keeper: results::keeper(options, label, names, &shell),
        shell,
        surroundings,
        buffers: buffers(options.output.buffer_size),
        spill: SpillFile::new(temporary, options.output.compress.is_some()),
        leftovers: Leftovers::default(),
        turn: AtomicU64::new(u64::from(options.output.keep_order)),
        control: Control::default(),
        patience: Patience::new(options.control.timeout),
        confirm,
        files,
        tries,
        filters,
        evaluation: Evaluation::default(),
        arg_limit: std::sync::Mutex::default(),
        nofile: limits::nofile(),
        nofile_raised: AtomicBool::new(false),
    })
}

/// No larger than what leaves room for everything else under a limit on memory: what can't be had elsewhere is death.
fn buffers(size: usize) -> Arc<BufferPool> {
    let memory = limits::memory().map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    BufferPool::new(size.min(memory / BUFFERS_IN_ALL), WAITING_BYTES.min(memory / SHARE_OF_WAITING))
}
