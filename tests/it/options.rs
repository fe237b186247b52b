use std::collections::BTreeSet;
use std::process::Command;

use crate::harness::{fanout, installed};

/// Every name of the real GNU parallel's table with a value that it may have, as one line of `--name VALUE`.
fn spellings() -> Vec<(String, Option<&'static str>)> {
    installed(["parallel", "perl"]);
    let code = r#"
        local $/; open(my $file, "<", "/usr/bin/parallel") or die; <$file> =~ /(sub options_completion_hash\(\) \{.*?\n\})/s;
        eval $1; my %table = options_completion_hash();
        for (keys %table) { s/\[.*//s; my ($names, $kind) = /^(.*?)([=:].)?$/; print "$_ $kind\n" for split /\|/, $names }"#;
    let output = Command::new("perl").args(["-e", code]).output().expect("run perl");
    let text = String::from_utf8(output.stdout).expect("names are ASCII");
    let value = |kind: &str| kind.starts_with('=').then_some("1");
    let names = text.lines().filter_map(|line| line.split_once(' '));
    names
        .map(|(name, kind)| (if name.len() == 1 { format!("-{name}") } else { format!("--{name}") }, value(kind)))
        .collect()
}

/// Options that come in their own issues, or not at all, by the words of what is said.
const LATER: &[&str] = &[
    "--_parset",
    "--embed",
    "--hgrp",
    "--hostgroup",
    "--hostgroups",
    "--hostgrp",
    "--sql-and-worker",
    "--sql-master",
    "--sql-worker",
    "--sqlandworker",
    "--sqlmaster",
    "--sqlworker",
    "--tmux",
    "--tmux-pane",
    "--tmuxpane",
];

/// The options of which this is said.
fn of_which_is_said(words: &str) -> BTreeSet<String> {
    let spellings = spellings();
    assert!(spellings.len() > 300, "{} names", spellings.len());
    let is_said = |(option, value): &(String, Option<&str>)| {
        let done = fanout().arg(option).args(value).args(["--dry-run", "echo", ":::", "a"]).run();
        done.error_text().contains(words)
    };
    spellings.into_iter().filter(is_said).map(|(option, _)| option).collect()
}

#[test]
fn no_spelling_of_gnu_parallel_is_unknown() {
    assert_eq!(of_which_is_said("unknown option"), BTreeSet::new(), "GNU parallel knows these");
}

#[test]
fn only_what_comes_later_is_not_there() {
    let later: BTreeSet<String> = LATER.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(of_which_is_said("of GNU parallel is not there"), later);
}
