//! Benches of the pure parts.

fn main() {}
