//! `--doctor`, on the machine as it is.

use crate::harness::{Cmd, fanout, is_root};

/// The lines `name: value`, each of which is followed by its meaning.
fn facts(command: Cmd) -> Vec<(String, String)> {
    let text = command.arg("--doctor").run().ok().quiet().text();
    let lines: Vec<&str> = text.lines().collect();
    let fact = |pair: &[&str]| {
        let [fact, meaning] = pair else { panic!("a fact without a meaning: {pair:?}") };
        assert!(meaning.starts_with("    ") && meaning.trim().len() > 5, "{pair:?}");
        let (name, value) = fact.split_once(": ").expect("name: value");
        (name.to_owned(), value.to_owned())
    };
    lines.chunks(2).map(fact).collect()
}

fn value(facts: &[(String, String)], name: &str) -> String {
    facts.iter().find(|(found, _)| found == name).unwrap_or_else(|| panic!("{name} in {facts:?}")).1.clone()
}

/// As another user where we are root, and else as we are.
fn unprivileged(command: Cmd) -> Cmd {
    if is_root() { command.under(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]) } else { command }
}

#[test]
fn every_fact_has_its_meaning_for_root_and_for_others() {
    const NAMES: [&str; 19] = [
        "fanout",
        "cpus",
        "cpu quota",
        "open files",
        "processes",
        "memory",
        "pipe buffers",
        "arguments",
        "subreaper",
        "pidfd",
        "families in /proc",
        "watcher",
        "hidden in /proc",
        "control group",
        "user namespaces",
        "close_range",
        "shell",
        "temporary files",
        "terminal",
    ];
    for command in [fanout(), unprivileged(fanout())] {
        let facts = facts(command);
        assert_eq!(facts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), NAMES);
        assert_eq!(value(&facts, "fanout"), env!("CARGO_PKG_VERSION"));
        assert_eq!(value(&facts, "shell"), "/bin/sh");
        assert_eq!(value(&facts, "terminal"), "none");
    }
}

#[test]
fn it_says_what_limits_say() {
    let limits = ["prlimit", "--nofile=40:50", "--as=1000000000", "--stack=4194304"];
    let facts = facts(fanout().under(limits).env("TMPDIR", "/no/such/folder").env("PARALLEL_SHELL", "/bin/bash"));
    assert_eq!(value(&facts, "open files"), "40, at most 50");
    assert_eq!(value(&facts, "memory"), "953.7 MiB");
    assert_eq!(value(&facts, "arguments"), "1.0 MiB");
    assert_eq!(value(&facts, "shell"), "/bin/bash");
    assert!(value(&facts, "temporary files").starts_with("/no/such/folder, can't be written: No such file"));
    let facts = self::facts(fanout().under(["taskset", "-c", "0"]));
    assert_eq!(value(&facts, "cpus"), "1");
}

#[test]
fn it_runs_nothing_and_leaves_nothing() {
    let done = fanout().args(["--doctor", "touch", ":::", "started"]).run().ok().quiet();
    assert!(!done.dir.has("started"));
    assert_eq!(std::fs::read_dir(done.dir.tmp()).expect("the folder").count(), 0);
}
