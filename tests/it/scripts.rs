//! Scripts of everyday use, written for GNU parallel, side by side with it. `benches/scripts` measures the same ones.

use std::fs;

use crate::harness::{Dir, installed, same_script, script_in, sources};

/// So many files, lines or whatever a script is about.
const N: u32 = 12;

#[track_caller]
fn side_by_side(name: &str) {
    installed(["parallel", "sem"]);
    let file = sources().join("benches/everyday").join(format!("{name}.sh"));
    let run = |function: &str| format!("N={N}; . '{}'; {function}", file.display());
    let prepare = |dir: &Dir| {
        script_in(dir, &run("prepare")).run().ok().quiet();
    };
    let done = same_script(&run("work"), &prepare).ok();
    assert!(!done.stdout.is_empty(), "{name} must show what it has done");
}

macro_rules! scripts {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                side_by_side(stringify!($name));
            }
        )*
        const ALL: &[&str] = &[$(stringify!($name)),*];
    };
}

scripts! { checksums columns compile git gzip images logs loops print0 renames sem urls }

#[test]
fn every_script_has_its_test() {
    let files = fs::read_dir(sources().join("benches/everyday")).expect("list the scripts").flatten();
    let mut names: Vec<_> = files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, ALL.iter().map(|name| format!("{name}.sh")).collect::<Vec<_>>());
}
