//! The options that put one command under a semaphore.

use std::ffi::OsString;

use clap::Args;

use super::super::value;
use super::parsed;
use crate::options::Patience;

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Semaphore")]
pub struct SemaphoreFlags {
    /// Run one command as soon as fewer than --jobs commands of this semaphore run, in the background
    ///
    /// No inputs are read; --jobs is 1 by default, which makes it a mutex. The exit status is 0 as soon as the command
    /// has a place, or 255 where it can't be run. The command has the standard input of fanout. Through a link named
    /// `sem`, and with any of the options below, this is what fanout does.
    #[arg(long)]
    pub semaphore: bool,

    /// Use the semaphore NAME [default: the name of the terminal]
    ///
    /// Each user has semaphores of their own, in a folder of $TMPDIR or /tmp. Without a terminal on standard input all share one: in scripts, give a name. Also --id.
    #[arg(long, aliases = ["semaphorename", "id"], value_name = "NAME")]
    pub semaphore_name: Option<OsString>,

    /// Wait so long for a place: then run all the same; with -TIME, then give up
    ///
    /// In seconds, or with the units ms, s, m, h and d. Who gives up exits with status 1. 0 is no limit. Also --st.
    #[arg(long, aliases = ["semaphoretimeout", "st"], value_name = "TIME", value_parser = parsed(value::patience))]
    pub semaphore_timeout: Option<Patience>,

    /// Wait for the command, and exit as it does
    #[arg(long)]
    pub fg: bool,

    /// Do not wait for the command (the default)
    #[arg(long)]
    pub bg: bool,

    /// Wait until no command of the semaphore runs; none is started
    #[arg(long)]
    pub wait: bool,
}

impl SemaphoreFlags {
    /// Whether any of them was typed.
    pub fn is_typed(&self) -> bool {
        self.semaphore
            || self.semaphore_name.is_some()
            || self.semaphore_timeout.is_some()
            || self.fg
            || self.bg
            || self.wait
    }
}
