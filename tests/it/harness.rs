//! Speaks the user's language: `fanout().args(["-k", "echo"]).stdin("1\n2\n").run().ok().stdout("1\n2\n")`.
//!
//! Each test has a directory of its own as the working directory, a scrubbed environment, and a generous bound on
//! everything that it waits for ([`LIMIT`]): a test may be slow on a slow machine, but it never hangs and never sleeps
//! in the hope that something has happened by then.

mod beside;
mod cmd;
mod diff;
mod dir;
mod done;
pub mod procs;
pub mod pty;
mod running;
mod twin;

use std::time::{Duration, Instant};

pub use beside::{same_beside_parallel, same_beside_xargs, same_xargs};
pub use cmd::{Cmd, PATH, fanout, fanout_bin, fanout_xargs, parallel, sh, xargs};
pub use dir::Dir;
pub use done::Done;
pub use running::Running;
pub use rustix::process::Signal;
pub use twin::{same_script, script_in, with_links};

/// How long anything may take before its test fails. Never reached by a test that passes.
pub const LIMIT: Duration = Duration::from_secs(120);

/// Polls for an event until it has happened.
///
/// # Panics
/// When it has not happened after [`LIMIT`].
#[track_caller]
pub fn wait_for(what: &str, mut happened: impl FnMut() -> bool) {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    while !happened() {
        assert!(start.elapsed() < LIMIT, "{what}: has not happened after {LIMIT:?}");
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// The numbers from 1 to `last`, a line each, as `seq` prints them.
pub fn seq(last: usize) -> String {
    (1..=last).map(|n| format!("{n}\n")).collect()
}

/// Where the sources are: what cargo or `tests/run` says, because another user may not look where they were built.
pub fn sources() -> std::path::PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).into()
}

/// Whether the tests run as root: process limits, pipe budgets and priorities differ.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// These programs, which a test compares with or starts something by.
///
/// # Panics
/// When one of them is not installed: a comparison with nothing must not pass. `tests/run` installs them all.
#[track_caller]
pub fn installed<const N: usize>(programs: [&'static str; N]) -> [&'static str; N] {
    for program in programs {
        let found = cmd::PATH.split(':').any(|dir| std::path::Path::new(dir).join(program).exists());
        assert!(found, "{program} is not installed: this test needs it, `tests/run` installs it");
    }
    programs
}
