//! One command under a semaphore.

use std::path::PathBuf;
use std::time::Duration;

use super::Jobs;

/// One command under a semaphore (as GNU parallel `--semaphore`, sem).
#[derive(Clone, Debug)]
pub struct SemaphoreOptions {
    /// `--semaphore-name`; `None`: the name of the terminal on standard input.
    pub name: Option<Vec<u8>>,
    /// `--jobs`: how many may be in at once.
    pub places: Jobs,
    /// What is done.
    pub mode: SemaphoreMode,
    /// `--semaphore-timeout`.
    pub patience: Patience,
    /// `--arg-file`, `::::`: the standard input of the command instead of ours.
    pub stdin: Option<PathBuf>,
}

/// What is done with a semaphore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SemaphoreMode {
    /// The command starts when it has a place, and goes on in the background.
    Background,
    /// `--fg`: its end is waited for.
    Foreground,
    /// `--wait`: until all places are free. There is no command.
    Wait,
}

/// How long a place is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Until there is one.
    Endless,
    /// After this long the command runs without one.
    ThenTake(Duration),
    /// After this long it does not run.
    ThenGiveUp(Duration),
}
