//! Jobs that never ran and a terminal that nobody sees, for the tests of the reports.

use std::io::{self, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use crate::model::{Finished, Outcome, Seq, Slot};

pub fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// A job that ran for `wall` milliseconds; only exit status 0 is success.
pub fn finished(seq: u64, outcome: Outcome, wall: u64, command: &[u8]) -> Finished {
    Finished {
        slot: Some(Slot(1)),
        start: UNIX_EPOCH + millis(1_795_250_223_022),
        wall: millis(wall),
        success: outcome == Outcome::Exited(0),
        outcome,
        tries: 1,
        command: command.to_vec(),
        ..Finished::already_done(Seq(seq))
    }
}

/// A terminal: bytes from the display and from jobs arrive in one stream.
#[derive(Clone, Default)]
pub struct Terminal(Arc<Mutex<Vec<u8>>>);

impl Terminal {
    /// All that arrived.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().expect("whole").clone()
    }

    /// What a person sees in a terminal of `width` columns.
    pub fn shows(&self, width: u16) -> String {
        let size = |count| NonZeroU16::new(count).expect("a terminal has room");
        let mut parser = vt100::Parser::new(size(24), size(width), 0);
        for byte in self.bytes() {
            // The terminal's driver makes CR NL of a newline.
            parser.process(if byte == b'\n' { b"\r\n" } else { std::slice::from_ref(&byte) });
        }
        parser.screen().contents()
    }
}

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
