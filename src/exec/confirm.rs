//! `--interactive`: a person is asked before each job.

use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::sys::files::wait_readable;

/// How often it is looked whether the question still stands.
const LOOK: Duration = Duration::from_millis(100);

/// The person at the terminal. One question at a time.
#[derive(Debug)]
pub struct Confirm {
    /// `None`: it has not been opened.
    terminal: Mutex<Option<File>>,
    /// Blanks before the answer are none.
    lenient: bool,
    agreed: AtomicBool,
}

impl Confirm {
    /// At our terminal.
    ///
    /// # Errors
    /// There is none.
    pub fn open() -> io::Result<Confirm> {
        Ok(Confirm {
            terminal: Mutex::new(Some(File::open("/dev/tty")?)),
            lenient: true,
            agreed: AtomicBool::new(false),
        })
    }

    /// The same as xargs: opened when the first question is asked, and an answer begins with its first byte.
    pub fn like_xargs() -> Confirm {
        Confirm { terminal: Mutex::default(), lenient: false, agreed: AtomicBool::new(false) }
    }

    /// Shows a job, asks about it, and answers whether the answer was yes: a line that starts with y or Y, behind blanks (as GNU parallel).
    /// `None`: the question does not stand any more, as `stands` says. The end of the terminal's input is no.
    ///
    /// # Errors
    /// There is no terminal.
    pub fn ask(&self, show: &dyn Fn(), ask: &dyn Fn(), stands: &dyn Fn() -> bool) -> io::Result<Option<bool>> {
        let mut terminal = self.terminal.lock().unwrap_or_else(PoisonError::into_inner);
        if !stands() {
            return Ok(None);
        }
        show();
        let terminal = match &mut *terminal {
            Some(terminal) => terminal,
            none => none.insert(File::open("/dev/tty")?),
        };
        ask();
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            while !wait_readable(terminal, LOOK) {
                if !stands() {
                    return Ok(None);
                }
            }
            let mut byte = [0];
            match terminal.read(&mut byte) {
                Ok(1) => line.push(byte[0]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The terminal is gone, or somebody has typed Ctrl-D.
                _ if self.lenient => break,
                _ => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let answer = if self.lenient { line.trim_ascii_start() } else { &line };
        let yes = answer.first().is_some_and(|byte| byte.eq_ignore_ascii_case(&b'y'));
        self.agreed.fetch_or(yes, Ordering::SeqCst);
        Ok(Some(yes))
    }

    /// Whether any answer was yes.
    pub fn has_agreed(&self) -> bool {
        self.agreed.load(Ordering::SeqCst)
    }
}
