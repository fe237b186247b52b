//! Options of GNU parallel that are not there: what is said, and what serves instead.

use super::gnu::Known;

/// What serves instead of groups of hosts.
const REMOTE: &str = "jobs run on this machine only";
/// What serves instead of options for databases.
const SQL: &str = "use --joblog FILE and --resume, and load the log into a database";

/// What is not there yet, by main names.
const LATER: &[(&str, &str)] = &[("hgrp", REMOTE)];

/// What will not be there.
const NEVER: &[(&str, &str)] = &[
    ("sql-master sql-worker sql-and-worker", SQL),
    ("tmux tmux-pane", "use --line-buffer --tag to watch jobs, or --tty for one at a time"),
    ("_parset", "parset is a function of the shell: eval \"$(fanout --shell-init bash)\""),
    ("embed", "put the fanout program, which is a single file, beside the script"),
];

/// What GNU parallel itself refuses.
const RETIRED: &[(&str, &str)] = &[
    ("g", "use --group"),
    ("B", "use --basefile"),
    ("T", "use --tty"),
    ("U", "use --extensionreplace"),
    ("W", "use --workdir"),
    ("Y", "use --shebang"),
    ("H", "use --halt"),
    ("sql", "use --joblog"),
    ("ctrl-c", "leave it out"),
    ("no-ctrl-c", "leave it out"),
    ("tollef", "leave it out, and write the inputs after :::"),
];

/// The line for an option that was typed like this; `None`: nothing special is known of it.
pub fn line(typed: &str, known: Known) -> Option<String> {
    let remedy = |table: &[(&str, &'static str)]| {
        let has = |(names, _): &&(&str, &'static str)| names.split_ascii_whitespace().any(|name| name == known.name());
        table.iter().find(has).map(|(_, remedy)| *remedy)
    };
    let later = remedy(LATER).map(|remedy| format!("{typed} of GNU parallel is not there yet: {remedy}"));
    let never = || remedy(NEVER).map(|remedy| format!("{typed} of GNU parallel is not there: {remedy}"));
    let retired = || remedy(RETIRED).map(|remedy| format!("{typed} has been retired by GNU parallel: {remedy}"));
    later.or_else(never).or_else(retired)
}
