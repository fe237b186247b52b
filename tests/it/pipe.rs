//! Streams and files that are cut into blocks for jobs to read.

mod differential;
