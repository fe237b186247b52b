//! --retry-failed where the log does not say what was run.

use super::{logged, rows};
use crate::harness::{Dir, fanout, parallel};

#[test]
fn a_template_that_was_refused_is_no_command() {
    let dir = Dir::new();
    let job = "touch done-{}; [ -e stop ] && exit {}; test {} != 3";
    logged(&dir, &[job, ":::", "1", "a b", "3"]).run().fails_with(2).stderr_has("job 2 failed: could not start");
    let values = dir.text("log.values");
    let ended: Vec<&str> = values.lines().map(|line| line.split('\t').nth(6).expect("Ended")).collect();
    assert_eq!(ended, ["1", "2", "1"]);
    let refused =
        "fanout: job 2 was refused, and the log has only its template: use --resume-failed with the command\n";
    std::fs::remove_file(dir.join("done-3")).expect("job 3 has run");
    for mode in [&["--dry-run", "--retry-failed"][..], &["--retry-failed"]] {
        let done = logged(&dir, mode).run().fails_with(255);
        assert_eq!(done.error_text().matches(refused).count(), 1, "{}", done.error_text());
    }
    assert!(dir.has("done-3"), "what can be run is run");
    assert!(!dir.has("done-{}"), "the template was run");
    let seqs: Vec<u64> = rows(&dir, "log").iter().map(|row| row.0).collect();
    assert_eq!(seqs, [1, 2, 3, 3], "its row stays");
    // From the inputs it can be run, with a command that takes them.
    logged(&dir, &["--resume-failed", "touch now-{}", ":::", "1", "a b"]).run().ok();
    assert!(dir.has("now-a b") && !dir.has("now-1"));
    logged(&dir, &["--retry-failed", "--success-codes", "0,1"]).run().ok().quiet();
    // --resume as well: it has never run.
    logged(&dir, &[job, ":::", "1", "a b"]).run().fails_with(1);
    logged(&dir, &["--resume", "touch then-{}", ":::", "1", "a b"]).run().ok();
    assert!(dir.has("then-a b") && !dir.has("then-1"));
}

#[test]
fn without_values_a_line_that_may_be_escaped_is_not_run() {
    let dir = Dir::new();
    let args = ["-0", "test ! -e bad; s=$?; printf '<%s>' {}; exit $s"];
    let inputs = "a\nb\0c\td\0plain\0\\n\0\\x\0";
    dir.write("bad", "");
    logged(&dir, &args).stdin(inputs).run().fails_with(5);
    std::fs::rename(dir.join("log.values"), dir.join("kept")).expect("there are values");
    std::fs::remove_file(dir.join("bad")).expect("it is there");
    let done = logged(&dir, &["--retry-failed"]).run().fails_with(255).stdout("<c\td><plain><\\x>");
    let line = |job: u64| {
        format!(
            "fanout: job {job}: its line may be escaped, and FILE.values, which would tell, is missing: use --resume-failed \
             with the command\n"
        )
    };
    assert_eq!(done.error_text(), [1, 4].map(line).concat());
    logged(&dir, &["--resume-failed"]).args(args).stdin(inputs).run().ok().stdout("<a\nb><\\n>").quiet();
    // What GNU parallel has written looks the same.
    parallel().dir(&dir).args(["-j1", "--joblog", "theirs", "printf '%s\\n' {}; false", ":::", "x"]).run();
    let done = fanout().dir(&dir).args(["--retry-failed", "--joblog", "theirs"]).run().fails_with(255).stdout("");
    done.stderr(line(1));
}
