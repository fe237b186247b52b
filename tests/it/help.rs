//! Help, version and bad usage as a shell sees them.

use std::path::Path;
use std::process::{Command, Output, Stdio};

fn fanout(args: &[&str]) -> Output {
    let mut command = Command::new(crate::harness::fanout_bin());
    command.args(args).stdin(Stdio::null()).output().expect("fanout starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn help_goes_to_standard_output() {
    for (args, last) in
        [(["-h"], "says more about each option\n"), (["--help"], "::: tests/*\n"), (["--version"], "\n")]
    {
        let output = fanout(&args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(text(&output.stdout).ends_with(last), "{args:?}");
        assert_eq!(text(&output.stderr), "", "{args:?}");
    }
}

#[test]
fn help_fits_in_a_narrow_terminal() {
    for line in text(&fanout(&["--help"]).stdout).lines() {
        assert!(line.len() <= 80, "{line}");
    }
}

#[test]
fn bad_usage_is_one_line_and_255() {
    for (args, line) in [
        (&["--jbos", "4", "echo"][..], "fanout: unknown option --jbos: did you mean --jobs?\n"),
        (&["--nice", "\x1b[2J"], "fanout: --nice '\\x1b[2J': give a number from -20 to 19; below 0 needs privileges\n"),
        (&["-u", "--lb"], "fanout: --ungroup cannot be combined with --line-buffer: choose one\n"),
    ] {
        let output = fanout(args);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(255), String::new()), "{args:?}");
        assert_eq!(text(&output.stderr), line, "{args:?}");
    }
}

#[test]
fn help_into_a_pipe_that_nobody_reads_is_no_error() {
    let mut command = Command::new(crate::harness::fanout_bin());
    let mut child = command.arg("--help").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("fanout starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("fanout ends");
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[test]
fn help_onto_a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let output = Command::new(crate::harness::fanout_bin()).arg("--help").stdout(full).output().expect("fanout starts");
    assert_eq!(output.status.code(), Some(255));
    assert_eq!(text(&output.stderr), "fanout: can't write to standard output: No space left on device (os error 28)\n");
}

#[test]
fn the_xargs_grammar_says_that_it_is_not_there() {
    let output = Command::new(Path::new(&crate::harness::fanout_bin()).with_file_name("fanout-xargs"))
        .arg("true")
        .output()
        .expect("fanout-xargs starts");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "fanout-xargs: the xargs grammar is not there yet: use fanout, or xargs\n");
}
