//! `--interactive`: a person is asked before each job.

use std::fs::File;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::sys::files::wait_readable;

/// How often it is looked whether the question still stands.
const LOOK: Duration = Duration::from_millis(100);

/// The person at the terminal. One question at a time.
#[derive(Debug)]
pub struct Confirm {
    terminal: Mutex<File>,
}

impl Confirm {
    /// At our terminal.
    ///
    /// # Errors
    /// There is none.
    pub fn open() -> io::Result<Confirm> {
        Ok(Confirm { terminal: Mutex::new(File::open("/dev/tty")?) })
    }

    /// Asks by `prompt` and answers whether the answer was yes: a line that starts with y or Y, behind blanks (as GNU parallel).
    /// `None`: the question does not stand any more, as `stands` says. The end of the terminal's input is no.
    pub fn ask(&self, prompt: &dyn Fn(), stands: &dyn Fn() -> bool) -> Option<bool> {
        let mut terminal = self.terminal.lock().unwrap_or_else(PoisonError::into_inner);
        if !stands() {
            return None;
        }
        prompt();
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            while !wait_readable(&terminal, LOOK) {
                if !stands() {
                    return None;
                }
            }
            let mut byte = [0];
            match terminal.read(&mut byte) {
                Ok(1) => line.push(byte[0]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The terminal is gone, or somebody has typed Ctrl-D.
                _ => break,
            }
        }
        Some(line.trim_ascii_start().first().is_some_and(|byte| byte.eq_ignore_ascii_case(&b'y')))
    }
}
