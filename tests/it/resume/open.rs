//! What is looked at before a joblog is opened for writing.

use std::os::unix::fs::symlink;

use super::{logged, rows};
use crate::harness::{Dir, fanout};

#[test]
fn a_log_that_is_an_input_is_refused_and_not_emptied() {
    let dir = Dir::new();
    logged(&dir, &["echo", ":::", "a"]).run().ok();
    let (log, values) = (dir.text("log"), dir.text("log.values"));
    symlink("log", dir.join("link")).expect("link");
    std::fs::hard_link(dir.join("log"), dir.join("other")).expect("link");
    let refused = |args: &[&str], of: &str| {
        let done = fanout().dir(&dir).args(["--timing", "--timing-file", "timing"]).args(args).run();
        done.fails_with(255)
            .stdout("")
            .stderr(format!("fanout: --joblog {of}: is an input, too: choose another file\n"));
        assert_eq!((dir.text("log"), dir.text("log.values")), (log.clone(), values.clone()), "{args:?}");
        assert!(!dir.has("timing"), "nothing is opened for writing");
    };
    refused(&["--joblog", "log", "echo", "::::", "log"], "log");
    refused(&["--joblog", "log", "-a", "log", "echo"], "log");
    refused(&["--joblog", "log", "-a", "link", "echo"], "log");
    refused(&["--joblog", "link", "echo", ":::", "x", "::::", "other"], "link");
    refused(&["--joblog", "+log", "echo", "::::", "log"], "log");
    refused(&["--joblog", "log", "--resume", "echo", "::::", "log"], "log");
    refused(&["--joblog", "log", "echo", "::::", "log.values"], "log.values");
    for name in ["log", "log.values"] {
        let done = fanout().dir(&dir).args(["--joblog", "log", "echo"]).stdin_file(dir.join(name)).run();
        done.fails_with(255).stdout("").stderr_has(format!("--joblog {name}: is an input, too"));
        assert_eq!((dir.text("log"), dir.text("log.values")), (log.clone(), values.clone()), "{name}");
    }
    // Where no inputs are read, and where nothing is lost.
    fanout().dir(&dir).args(["--retry-failed", "--joblog", "log", "-a", "log"]).run().ok().quiet();
    let null = ["--joblog", "/dev/null", "echo", "::::", "/dev/null"];
    fanout().dir(&dir).args(null).run().ok().stdout("").quiet();
    dir.write("list", "log\n");
    fanout().dir(&dir).args(["--joblog", "log", "-a", "list", "echo"]).run().ok().stdout("log\n").quiet();
}

#[test]
fn what_is_no_log_is_refused_and_left_as_it_is() {
    let dir = Dir::new();
    let texts = ["Dear diary,\n", "Dear diary,\nno newline", "no newline", "12\tdrummers\n", "\n", "Seq\tHost\n"];
    for text in texts {
        dir.write("diary", text);
        for option in ["--resume", "--resume-failed", "--retry-failed"] {
            let done = fanout().dir(&dir).args([option, "--joblog", "diary", "echo", ":::", "1"]).run();
            done.fails_with(255).stdout("").stderr(format!(
                "fanout: {option} diary: it does not begin as a joblog does: give the log of the earlier run\n"
            ));
            assert_eq!(dir.text("diary"), text, "{option}");
            assert!(!dir.has("diary.values"), "{option} {text:?}");
        }
    }
    // An empty one, and one that was torn in its first line, know no job.
    for text in ["", "Seq\tHo", "1\t:\t17"] {
        dir.write("torn", text);
        fanout().dir(&dir).args(["--resume", "--joblog", "torn", "echo", ":::", "1"]).run().ok().stdout("1\n");
        assert_eq!(rows(&dir, "torn"), [(1, 0, 0)], "{text:?}");
        std::fs::remove_file(dir.join("torn.values")).expect("its values");
    }
}

#[test]
fn somebody_elses_text_stays_whole_when_rows_are_added() {
    let dir = Dir::new();
    for text in ["Dear diary", "Dear diary\n", "Dear\ndiary"] {
        dir.write("diary", text);
        fanout().dir(&dir).args(["--joblog", "+diary", "echo", ":::", "1"]).run().ok().stdout("1\n").quiet();
        let added = dir.text("diary");
        let row = added.strip_prefix(text.trim_end()).expect("what was there").strip_prefix('\n').expect("a newline");
        assert!(row.starts_with("1\t:\t") && row.ends_with("\techo 1\n") && row.lines().count() == 1, "{row:?}");
    }
}
