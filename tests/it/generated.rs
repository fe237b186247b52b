//! The man page and the completions are those of the definition of the command line.

use std::fs;

#[path = "../../examples/generate/render.rs"]
mod render;

#[test]
fn generated_files_are_up_to_date() {
    for (path, expected) in render::files().expect("rendered in memory") {
        let committed = fs::read(crate::harness::sources().join(path)).unwrap_or_default();
        assert!(committed == expected, "{path} is out of date: run `cargo run --example generate` and commit it");
    }
}

/// Each entry of the man page about what is not as in GNU parallel has a line `.\" tests:` above it, which names tests: `results::any` is
/// in tests/it/results.rs, `src::cli::tests::any` in src/cli/tests.rs.
#[test]
fn every_difference_has_a_test() {
    let page = fs::read_to_string(crate::harness::sources().join("examples/generate/sections.roff")).expect("a text");
    let section = page.split(".SH ").find(|section| section.starts_with("DIFFERENCES")).expect("the section");
    let (mut named, mut entries) = (false, 0);
    for line in section.lines() {
        if let Some(tests) = line.strip_prefix(".\\\" tests: ") {
            for test in tests.split(", ") {
                assert!(is_test(test), "there is no test {test}");
            }
            named = true;
        } else if line.starts_with(".IP ") {
            assert!(named, "entry {entries} names no test: {section}");
            entries += 1;
            named = false;
        }
    }
    assert!(entries > 50, "the entries were not found: {entries}");
}

fn is_test(path: &str) -> bool {
    let Some((file, name)) = path.rsplit_once("::") else { return false };
    let file = file.replace("::", "/");
    let file = if file.starts_with("src/") { format!("{file}.rs") } else { format!("tests/it/{file}.rs") };
    let Ok(text) = fs::read_to_string(crate::harness::sources().join(file)) else { return false };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let head = format!("fn {name}(");
    (1..lines.len()).any(|at| lines[at].starts_with(&head) && lines[at - 1].starts_with("#[test]"))
}
