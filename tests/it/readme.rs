//! Every command in README.md works, and prints what stands below it.
//!
//! A ```` ```console ```` block is a session: `$ ` starts a command, and the lines up to the next are all that it writes.
//! Each line of a ```` ```sh ```` block is a command of its own, which must succeed with the files of [`FIXTURES`].

use std::fs;
use std::os::unix::fs::symlink;

use crate::harness::{Cmd, Dir, PATH, fanout_bin, sh, sources};

/// What the commands of `sh` blocks find in their directory: name, contents; those that start with `#!` are executable.
const FIXTURES: [(&str, &str); 9] = [
    ("test.sh", "#!/bin/sh\ntest -e \"$1\"\n"),
    ("suite-1", ""),
    ("suite-2", ""),
    ("convert", "#!/bin/sh\ncp \"$1\" \"$2\"\n"),
    ("list.txt", "one.png\ntwo.png\n"),
    ("one.png", "1"),
    ("two.png", "2"),
    ("src/a name\nof two lines.rs", "fn main() {}\n"),
    ("today.log", "nothing new\n"),
];

/// The README starts the program by way of cargo, because it is not installed yet.
const BY_CARGO: &str = "cargo run --release --";

/// The lines of each block in that language, without the indentation of the block.
fn blocks(language: &str) -> Vec<Vec<String>> {
    let readme = fs::read_to_string(sources().join("README.md")).expect("read README.md");
    let opening = format!("```{language}");
    let mut lines = readme.lines();
    let mut blocks = Vec::new();
    while let Some(fence) = lines.find(|line| line.trim_start() == opening) {
        let indentation = fence.len() - opening.len();
        let block = lines.by_ref().take_while(|line| line.trim() != "```");
        blocks.push(block.map(|line| line.get(indentation..).unwrap_or_default().to_owned()).collect());
    }
    assert!(!blocks.is_empty(), "README.md has no {opening} block");
    blocks
}

/// A directory in which `fanout` is found on PATH, by [`with_fanout`].
fn dir() -> Dir {
    let dir = Dir::new();
    symlink(fanout_bin(), dir.home().join("fanout")).expect("link the program under test");
    let beside = std::path::Path::new(&fanout_bin()).with_file_name("fanout-xargs");
    symlink(beside, dir.home().join("fanout-xargs")).expect("link it under its other name");
    dir
}

/// A line that is typed in `dir`.
fn with_fanout(line: &str, dir: &Dir) -> Cmd {
    let path = format!("{}:{PATH}", dir.home().display());
    sh(line).dir(dir).env("PATH", path)
}

#[test]
fn sessions_print_what_the_readme_shows() {
    for block in blocks("console") {
        let dir = dir();
        let session = block.join("\n") + "\n";
        let session = session.strip_prefix("$ ").expect("a session starts with a command");
        for part in session.split("\n$ ") {
            let (command, shown) = part.split_once('\n').unwrap_or((part, ""));
            let shown = if shown.is_empty() || shown.ends_with('\n') { shown.to_owned() } else { format!("{shown}\n") };
            with_fanout(&format!("exec 2>&1\n{command}"), &dir).run().ok().stdout(shown);
        }
    }
}

#[test]
fn examples_succeed() {
    for line in blocks("sh").into_iter().flatten() {
        let dir = dir();
        for (name, contents) in FIXTURES {
            if contents.starts_with("#!") {
                dir.script(name, contents)
            } else {
                dir.write(name, contents)
            };
        }
        let done = match line.strip_prefix("bash ") {
            Some(script) => {
                let script = sources().join(script);
                assert!(script.exists(), "{line}: there is no {}", script.display());
                // Running all tests from within a test would never end.
                Cmd::new("bash").arg("-n").arg(script).run()
            }
            None => with_fanout(&line.replace(BY_CARGO, "fanout"), &dir).run(),
        };
        let said = done.error_text();
        assert!(!said.contains("warning"), "{line}\n{said}");
        let done = done.ok();
        assert!(line.contains("--summary") || said.is_empty(), "{line}\n{said}");
        done.leaves_nothing();
    }
}
