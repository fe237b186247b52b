//! Which descriptors jobs get: 0, 1, 2 and what the caller passed in, and nothing of fanout's own. And what becomes of files.

use std::os::unix::fs::PermissionsExt;

use crate::harness::{Cmd, fanout, wait_for};

/// Prints the numbers of its descriptors. The folder that it reads has the lowest free one and is left out.
const LIST: &str = "for fd in /proc/self/fd/*; do [ -e $fd ] && printf '%s ' ${fd##*/}; done; echo; : {}";

/// Without any that the test itself was started with, but 7 and 9.
fn with_two_more(command: Cmd) -> Cmd {
    let close = "for fd in /proc/self/fd/*; do fd=${fd##*/}; [ $fd -lt 3 ] || eval \"exec $fd>&-\"; done";
    command.shell("/bin/bash").under([
        "bash",
        "-c",
        &format!("{close}; exec 7</dev/null 9</dev/null; exec \"$@\""),
        "bash",
    ])
}

/// The lines that jobs print, without the descriptor that bash itself reads the folder by.
fn lists(command: Cmd) -> Vec<String> {
    let text = with_two_more(command).run().ok().quiet().text();
    text.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn jobs_get_what_the_caller_passed_in() {
    assert_eq!(lists(fanout().args([LIST, ":::", "x"])), ["0 1 2 7 9"]);
    assert_eq!(lists(fanout().args(["-u", LIST, ":::", "x"])), ["0 1 2 7 9"]);
}

#[test]
fn close_fds_leaves_them_three() {
    assert_eq!(lists(fanout().args(["--close-fds", LIST, ":::", "x"])), ["0 1 2"]);
    assert_eq!(lists(fanout().args(["--close-fds", "-u", LIST, ":::", "x"])), ["0 1 2"]);
    // Also where a program is executed directly.
    let done = with_two_more(fanout().args(["--close-fds", "ls", "/proc/self/fd", ":::", "/proc/self/fd"])).run().ok();
    assert!(!done.text().contains(['7', '9']), "{}", done.text());
}

#[test]
fn close_fds_frees_a_lock_that_fanout_holds() {
    // What it is for: a daemon that a job starts does not keep the lock of the script.
    for (args, status) in [(&[][..], "1\n"), (&["--close-fds"], "0\n")] {
        let script = "exec 8> lock; flock 8; \"$FANOUT_BIN\" \"$@\" '(setsid sleep 1000 >/dev/null 2>&1 &); : {}' ::: x; \
                      exec 8>&-; flock -n lock true; echo $?";
        crate::harness::sh(script).arg("sh").args(args).run().ok().stdout(status);
    }
}

#[test]
fn nothing_of_fanouts_own_is_ever_passed_on() {
    // All that it can have open: logs, reports, the temporary file, inputs, several slots with their pipes.
    let dir = crate::harness::Dir::new();
    dir.write("list", "1\n2\n3\n4\n5\n6\n");
    let job = format!(
        "case {{}} in 1) until [ -e spilled ]; do sleep 0.02; done;; [23]) head -c 300000 /dev/zero | tr '\\0' '\\n';; \
         6) touch spilled;; esac; {LIST}"
    );
    let command =
        fanout().dir(&dir).args(["-j3", "-k", "--buffer-size", "1k", "--joblog", "log", "--summary-file", "sum"]);
    let command = command.args(["--timing-file", "time", "--bar", &job, "::::", "list"]);
    let done = with_two_more(command).run().ok();
    let text = done.text();
    let lists: Vec<&str> = text.lines().filter(|line| !line.is_empty()).map(str::trim).collect();
    assert_eq!(lists, ["0 1 2 7 9"; 6]);
}

#[test]
fn a_temporary_file_has_no_name_and_goes_with_fanout() {
    let dir = crate::harness::Dir::new();
    // The first job waits, so that the second one's output waits in the file.
    let job = "[ {} = 2 ] && exec head -c 3000000 /dev/zero; [ {} = 3 ] && exec touch spilled; \
               until [ -e go ]; do sleep 0.02; done; : {}";
    let running = fanout().dir(&dir).args(["-j2", "-k", "--buffer-size", "1k", job, ":::", "1", "2", "3"]).spawn();
    wait_for("the third job", || dir.has("spilled"));
    let names = || std::fs::read_dir(dir.tmp()).expect("the folder").count();
    assert_eq!(names(), 0, "it has a name");
    // It is there, and nobody else's to read.
    let held = std::fs::read_dir(format!("/proc/{}/fd", running.runner())).expect("its descriptors").flatten();
    let inside = |path: &std::path::PathBuf| std::fs::read_link(path).is_ok_and(|to| to.starts_with(dir.tmp()));
    let file = held.map(|entry| entry.path()).find(inside).expect("a temporary file");
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(file).expect("its mode"));
    assert_eq!(mode & 0o777, 0o600);
    running.signal(crate::harness::Signal::KILL);
    running.wait().dies_of(crate::harness::Signal::KILL);
    assert_eq!(names(), 0);
}

#[test]
fn reports_follow_no_link_that_another_user_has_planted() {
    for option in ["--joblog", "--summary-file", "--timing-file"] {
        let dir = crate::harness::Dir::new();
        dir.write("precious", "precious\n");
        // Open to all, as /tmp is, but without the sticky bit, with which the kernel may be first to refuse.
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::create_dir(dir.join("open")).expect("a folder");
        std::fs::set_permissions(dir.join("open"), open).expect("permissions");
        let link = dir.join("open/log");
        std::os::unix::fs::symlink("../precious", &link).expect("a link");
        let run = || fanout().dir(&dir).args([option, "open/log", "echo", ":::", "x"]).run();
        if crate::harness::is_root() {
            std::os::unix::fs::lchown(std::path::Path::new(&dir.join("open")), Some(1), None).expect("another owner");
            std::os::unix::fs::lchown(&link, Some(65_534), None).expect("another owner");
            run().fails_with(255).stdout("").stderr_has("open/log: can't be opened: it is another user");
            assert_eq!(dir.text("precious"), "precious\n");
            // The folder's owner is trusted, as by the kernel.
            std::os::unix::fs::lchown(&link, Some(1), None).expect("another owner");
        }
        run().ok().stdout("x\n");
        assert_ne!(dir.text("precious"), "precious\n", "{option}: a link of our own is followed");
    }
}
