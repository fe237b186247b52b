//! When jobs start, end and are tried again.

use std::time::Duration;

use anyhow::{Result, bail};

use super::super::flags::{ControlFlags, LeakAction};
use crate::options::{Conditions, ControlOptions, OnLeak, Timeout};

/// What was typed about when jobs start and end.
///
/// # Errors
/// Options about jobs that are tried again, without `--retries`.
pub fn control(flags: ControlFlags, defaults: ControlOptions) -> Result<ControlOptions> {
    for (given, name) in [(flags.retry_delay.is_some(), "--retry-delay"), (flags.retry_on.is_some(), "--retry-on")] {
        if given && flags.retries.is_none() {
            bail!("{name} is about jobs that are tried again: give --retries N, too");
        }
    }
    Ok(ControlOptions {
        delay: flags.delay.or(flags.ssh_delay).unwrap_or(defaults.delay),
        conditions: Conditions {
            load: flags.load,
            memfree: flags.memfree.unwrap_or(0),
            memsuspend: flags.memsuspend.unwrap_or(0),
            noswap: flags.noswap,
            limit: flags.limit,
        },
        interactive: flags.interactive,
        templates: flags.template,
        cleanup: flags.cleanup,
        // As GNU parallel: a timeout of 0 is none.
        timeout: flags.timeout.filter(|timeout| *timeout != Timeout::After(Duration::ZERO)),
        slow_timeout: flags.slow_timeout.filter(|after| !after.is_zero()),
        global_timeout: flags.global_timeout.filter(|after| !after.is_zero()),
        tries: flags.retries.unwrap_or(defaults.tries),
        retry_delay: flags.retry_delay.unwrap_or(defaults.retry_delay),
        retry_on: flags.retry_on,
        halt: flags.halt.unwrap_or(defaults.halt),
        termseq: flags.term_seq.map_or(defaults.termseq, |steps| steps.0),
        success_codes: flags.success_codes.map_or(defaults.success_codes, |codes| codes.0),
        tty: flags.tty || flags.open_tty,
        dry_run: flags.dry_run,
        shell_quote: flags.shell_quote,
        show_limits: defaults.show_limits,
        shows_commands: defaults.shows_commands,
        on_leak: flags.on_leak.map_or(defaults.on_leak, on_leak),
        like_xargs: false,
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
