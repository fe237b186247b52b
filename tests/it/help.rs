//! Help, version and bad usage as a shell sees them.

use crate::harness::{fanout, sh};

#[test]
fn help_goes_to_standard_output() {
    for (flag, last) in [("-h", "says more about each option\n"), ("--help", "::: tests/*\n"), ("--version", "\n")] {
        let done = fanout().arg(flag).run().ok().quiet();
        done.check(done.text().ends_with(last), &format!("expected {last:?} at the end"));
    }
}

#[test]
fn help_fits_in_a_narrow_terminal() {
    for line in fanout().arg("--help").run().ok().text().lines() {
        assert!(line.len() <= 80, "{line}");
    }
}

#[test]
fn bad_usage_is_one_line_and_255() {
    for (args, line) in [
        (&["--jbos", "4", "echo"][..], "fanout: unknown option --jbos: did you mean --jobs?\n"),
        (
            &["--pip", "--pipepart", "wc"][..],
            "fanout: --pip could be --pipe, --pipe-part or --pipepart: write more of it\n",
        ),
        (&["--hgrp", "echo"][..], "fanout: --hgrp of GNU parallel is not there yet: jobs run on this machine only\n"),
        (&["--nice", "\x1b[2J"], "fanout: --nice '\\x1b[2J': give a number from -20 to 19; below 0 needs privileges\n"),
        (&["-u", "--lb"], "fanout: --ungroup cannot be combined with --line-buffer: choose one\n"),
    ] {
        fanout().args(args).run().fails_with(255).stdout("").stderr(line);
    }
}

#[test]
fn help_into_a_pipe_that_nobody_reads_is_no_error() {
    // The reader is gone before the help is written.
    sh("{ while (echo 2>/dev/null); do :; done; \"$FANOUT_BIN\" --help; echo $? >&2; } | :").run().ok().stderr("0\n");
}

#[test]
fn help_onto_a_full_disk_is_an_error() {
    let done = fanout().arg("--help").stdout_to("/dev/full").run();
    done.fails_with(255).stderr("fanout: can't write to standard output: No space left on device (os error 28)\n");
}
