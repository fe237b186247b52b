//! The man page and the completions are those of the definition of the command line.

use std::fs;

#[path = "../../examples/generate/render.rs"]
mod render;

#[test]
fn generated_files_are_up_to_date() {
    for (path, expected) in render::files().expect("rendered in memory") {
        let committed = fs::read(crate::layering::root().join(path)).unwrap_or_default();
        assert!(committed == expected, "{path} is out of date: run `cargo run --example generate` and commit it");
    }
}
