//! GNU xargs on fanout's pipeline.

fn main() {}
