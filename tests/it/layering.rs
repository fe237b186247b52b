//! Who may use whom in `src/`, as the table in `src/lib.rs` says, and what may stand where.
//!
//! The table is read from that page, so that it can't say one thing and this test another.

mod source;

use std::collections::{BTreeMap, BTreeSet};

use source::{File, files};

/// What a module may use.
#[derive(Debug, Default)]
struct Allowed {
    /// All that these modules offer.
    modules: BTreeSet<String>,
    /// Only the traits of these.
    traits: BTreeSet<String>,
}

/// The table of `src/lib.rs`.
fn table() -> BTreeMap<String, Allowed> {
    let page = std::fs::read_to_string(crate::harness::sources().join("src/lib.rs")).expect("read src/lib.rs");
    let rows = page.lines().filter_map(|line| line.strip_prefix("//! | ")?.strip_suffix(" |"));
    let cells: Vec<(&str, &str)> = rows.filter_map(|row| row.split_once(" | ")).collect();
    let every: BTreeSet<String> = cells.iter().flat_map(|(who, _)| quoted(who)).collect();
    let mut table = BTreeMap::new();
    for (who, whom) in cells {
        for module in quoted(who) {
            let mut allowed = Allowed::default();
            match whom.strip_prefix("all but ") {
                Some(rest) => {
                    let out = quoted(rest);
                    allowed.modules = every.iter().filter(|name| !out.contains(name)).cloned().collect();
                }
                None => {
                    for part in whom.split(", ") {
                        let set = if part.contains("traits of") { &mut allowed.traits } else { &mut allowed.modules };
                        set.extend(quoted(part));
                    }
                }
            }
            table.insert(module, allowed);
        }
    }
    table
}

/// The words in backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[track_caller]
fn none(offenders: Vec<String>, rule: &str) {
    assert!(offenders.is_empty(), "{rule}:\n  {}", offenders.join("\n  "));
}

#[test]
fn the_table_names_every_module_and_has_no_cycle() {
    let table = table();
    let modules: BTreeSet<String> = files().iter().filter_map(File::module).collect();
    let named: BTreeSet<String> = table.keys().cloned().collect();
    assert_eq!(named, modules, "the table of src/lib.rs and the modules under src/");
    // Take away, again and again, the modules that use none of those that are left; what stays uses each other.
    let mut left = named;
    loop {
        let uses_left = |name: &String| {
            let allowed = &table[name];
            allowed.modules.iter().chain(&allowed.traits).any(|used| used != name && left.contains(used))
        };
        let rest: BTreeSet<String> = left.iter().filter(|name| uses_left(name)).cloned().collect();
        if rest.len() == left.len() {
            break;
        }
        left = rest;
    }
    assert!(left.is_empty(), "the table of src/lib.rs has a cycle among {left:?}");
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let table = table();
    let files = files();
    let exec_traits: BTreeSet<String> =
        files.iter().filter(|file| file.module().as_deref() == Some("exec")).flat_map(File::traits).collect();
    let mut offenders = Vec::new();
    for file in &files {
        let Some(own) = file.module() else { continue };
        let allowed = &table[&own];
        for path in file.crate_paths(&table.keys().cloned().collect()) {
            let Some(used) = path.first().filter(|name| table.contains_key(*name)) else { continue };
            let is_trait = path.last().is_some_and(|item| exec_traits.contains(item));
            let fine = *used == own || allowed.modules.contains(used) || (allowed.traits.contains(used) && is_trait);
            if !fine {
                offenders.push(format!("{}: {own} must not use {}", file.name, path.join("::")));
            }
        }
    }
    none(offenders, "against the table of src/lib.rs");
}

#[test]
fn the_binaries_only_connect_the_command_line_the_run_and_the_exit() {
    let mut offenders = Vec::new();
    for file in files().iter().filter(|file| file.is_binary()) {
        for path in file.paths_from("fanout") {
            if !path.first().is_some_and(|used| ["cli", "run", "exit", "program"].contains(&used.as_str())) {
                offenders.push(format!("{}: uses {}", file.name, path.join("::")));
            }
        }
        if file.lines > 30 {
            offenders.push(format!("{}: {} lines", file.name, file.lines));
        }
    }
    none(offenders, "a binary is argv in, exit status out, in 30 lines");
}

#[test]
fn unsafe_and_libc_stay_under_sys_and_clap_under_cli() {
    let mut offenders = Vec::new();
    for file in files() {
        let module = file.module();
        for (word, home) in [("unsafe", "sys"), ("libc", "sys"), ("clap", "cli")] {
            if module.as_deref() != Some(home) && file.has_word(word) {
                offenders.push(format!("{}: {word} outside of src/{home}", file.name));
            }
        }
    }
    none(offenders, "in the wrong place");
}

#[test]
fn no_file_is_far_above_400_lines() {
    let long = files().into_iter().filter(|file| file.lines > 450);
    none(long.map(|file| format!("{}: {} lines", file.name, file.lines)).collect(), "a file is about one thing");
}

#[test]
fn nothing_is_left_to_do() {
    let mut offenders = Vec::new();
    for file in files() {
        for word in ["todo!", "unimplemented!", "dbg!"] {
            if file.code.contains(word) {
                offenders.push(format!("{}: {word}", file.name));
            }
        }
    }
    none(offenders, "unfinished");
}
