//! One binary for all integration tests.

mod generated;
mod help;
