//! Order and grouping of what jobs write; the sole owner of standard output and of the terminal.

mod packed;
mod sequencer;
mod sink;
mod tagged;

pub use sequencer::Sequencer;
pub use sink::{Sink, SinkError};
