//! Compared with GNU parallel itself, and with what a shell makes of plain commands.

use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::{HOSTILE, compose, record, template};
use crate::model::{Job, Slot};

/// What GNU parallel would run for `values`; `None` where it is not installed.
fn parallel(options: &[&str], command: &str, values: &[&[u8]]) -> Option<Vec<u8>> {
    let home = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(home.path().join(".parallel")).expect("a folder");
    std::fs::write(home.path().join(".parallel/will-cite"), "").expect("a file");
    let mut child = Command::new("parallel")
        .args(["--dry-run", "-k", "-j1", "-0"])
        .args(options)
        .arg(command)
        .env("HOME", home.path())
        .env("PARALLEL_SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input: Vec<u8> = values.join(&0);
    input.push(0);
    child.stdin.take()?.write_all(&input).ok()?;
    let output = child.wait_with_output().ok()?;
    Some(output.stdout)
}

const PATHS: &[&str] = &[
    "a", "a.b", "a.b.c", ".a", ".a.b", "a.", "/", "//", "/a", "a/", "a/b", "a/b.c", "a.d/b", "a.d/b.c", "/a/b.c",
    "a/.b", "a/.b.c", ".", "..", "a/.", "a/..", "./a", ".a/", "a.b/", "/.a", "/a.b/", "//a", "a//b", "a.b c", "a..b",
    "a...", "/.", "a//", "//a//b//", "///", "../..", "-n", "a/b/",
];

#[test]
fn paths_are_taken_apart_as_gnu_parallel_does() {
    let values: Vec<&[u8]> = PATHS.iter().map(|path| path.as_bytes()).chain([&b""[..]]).collect();
    let command = "echo {.} , {/} , {//} , {/.} , {1.} , {-1/} , {2} , {-2} , {0} , {1 /.}";
    let Some(expected) = parallel(&[], command, &values) else {
        return;
    };
    let mut found = Vec::new();
    for value in values {
        found.extend(compose(&[command], &record(&[value])).expect("bare words"));
        found.push(b'\n');
    }
    assert_eq!(bstr::BStr::new(&found), bstr::BStr::new(&expected));
}

#[test]
fn bare_values_are_quoted_as_gnu_parallel_does() {
    for (options, command, count) in [
        (&[][..], "echo", 1),
        (&[], "echo a{}b{/}", 1),
        (&["-n3"], "echo a-{}.b {2} {-1} {-3} {-4} {4}", 3),
        (&["-n2"], "echo {1}-{2}-{3} x{-3}y", 2),
        (&["-n5"], "echo", 5),
    ] {
        let values: Vec<&[u8]> = HOSTILE.iter().copied().filter(|value| !value.contains(&b'\n')).collect();
        let values = &values[..values.len() / 30 * 30];
        let Some(expected) = parallel(options, command, values) else {
            return;
        };
        let mut found = Vec::new();
        for group in values.chunks(count) {
            found.extend(compose(&[command], &record(group)).expect("bare words"));
            found.push(b'\n');
        }
        assert_eq!(bstr::BStr::new(&found), bstr::BStr::new(&expected), "{command}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Where no shell is used, a shell would have made the same words of the text.
    #[test]
    fn a_shell_makes_the_same_words(tail in "([a-c=,:%'\" {}~*$\\\\-]|\\{1\\}|\\{3\\}|\\{\\}|'[ -&(-~]*'){0,12}", args in proptest::collection::vec("[ -~]{0,6}", 1..3)) {
        let command = format!("printf '%s|' x{tail}");
        let command = if command.contains("{}") { command } else { format!("{command} {{}}") };
        let record = record(&args);
        let mut job = Job::default();
        if template(&[&command]).expand(&record, Slot(3), &mut job).is_ok() && job.plain {
            let text = compose(&[&command], &record).expect("composed before");
            let text = std::ffi::OsString::from(String::from_utf8_lossy(&text).into_owned());
            let output = Command::new("sh").arg("-c").arg(&text).output().expect("sh runs");
            let mut expected = Vec::new();
            for word in job.words.iter().skip(2) {
                expected.extend_from_slice(word);
                expected.push(b'|');
            }
            prop_assert_eq!(bstr::BStr::new(&output.stdout), bstr::BStr::new(&expected), "{:?}", text);
        }
    }
}
