//! Lines of sh that do the same with fanout and with the real GNU parallel.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use super::{Dir, PATH, fanout_bin, sh};

/// Runs each line twice, `$P` being one program and the other, each in a new directory that `setup`, a line as well, has filled:
/// the same output, end and files. Several lines at a time, as GNU parallel takes long to start.
#[track_caller]
pub fn same_beside_parallel(setup: &str, lines: &[&str]) {
    let next = Mutex::new(lines.iter());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let line = next.lock().expect("no thread has failed").next();
                    let Some(line) = line else { break };
                    same(&format!("{setup}\n{line}"));
                }
            });
        }
    });
}

/// Runs each line twice, `xargs` being fanout-xargs and the real one, each in a new directory: the same output on both
/// streams, end and files.
#[track_caller]
pub fn same_beside_xargs(setup: &str, lines: &[&str]) {
    let next = Mutex::new(lines.iter());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let line = next.lock().expect("no thread has failed").next();
                    let Some(line) = line else { break };
                    same_xargs(&format!("{setup}\n{line}"), &[]);
                }
            });
        }
    });
}

/// The same for one line, with more variables.
#[track_caller]
pub fn same_xargs(line: &str, environment: &[(&str, &str)]) {
    let cmd = |program: &Path| {
        let cmd = sh(line);
        // The environment is of the same size: it counts.
        let bin = cmd.its_dir().home().join("bin");
        std::fs::create_dir(&bin).expect("make a folder for a link");
        std::os::unix::fs::symlink(program, bin.join("xargs")).expect("make a link");
        let cmd = cmd.env("PATH", format!("{}:{PATH}", bin.display())).unset("FANOUT_BIN").unset("PARALLEL_SHELL");
        environment.iter().fold(cmd, |cmd, (name, value)| cmd.env(*name, *value))
    };
    let ours = cmd(&Path::new(&fanout_bin()).with_file_name("fanout-xargs"));
    let theirs = cmd(Path::new("/usr/bin/xargs"));
    let (mine, other) = (ours.its_dir(), theirs.its_dir());
    let (ours, theirs) = (ours.run(), theirs.run());
    ours.same_end_as(&theirs, true);
    assert_eq!(files(&mine), files(&other), "{line}");
}

/// The same output, end and files.
#[track_caller]
fn same(line: &str) {
    let ours = sh(line).env("P", fanout_bin());
    let theirs = sh(line).env("P", "parallel");
    let (mine, other) = (ours.its_dir(), theirs.its_dir());
    let (ours, theirs) = (ours.run(), theirs.run());
    ours.same_end_as(&theirs, false);
    assert_eq!(files(&mine), files(&other), "{line}");
}

/// What is in a directory. Times stand in logs, so these are left to the lines.
fn files(dir: &Dir) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.path()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("list a folder").flatten() {
            let path = entry.path();
            let name = path.strip_prefix(dir.path()).expect("below it").to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !name.starts_with("log") {
                found.insert(name, std::fs::read(path).expect("read a file"));
            }
        }
    }
    found
}
