//! fanout-xargs beside the real xargs: the same bytes on both streams, the same end, the same files.

mod ends;
mod extensions;
mod manual;
mod options;
mod packing;
mod random;
mod splitting;
mod suite;
mod terminal;
