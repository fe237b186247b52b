//! Order and grouping of what jobs write; the sole owner of standard output and of the terminal.

mod buffered;
mod latest;
mod marked;
mod packed;
mod palette;
mod record;
mod sequencer;
mod short;
mod sink;
mod table;

use std::io::{self, Write};

use crate::model::Captured;

pub use sequencer::Sequencer;
pub use sink::{Sink, SinkError};
pub use table::Table;

/// Writes captured output, wherever it is.
fn copy(bytes: &Captured, out: &mut dyn Write) -> io::Result<()> {
    match bytes {
        Captured::Empty => Ok(()),
        Captured::Memory(bytes) => out.write_all(bytes),
        Captured::Spilled(spilled) => spilled.copy_to(out),
    }
}
