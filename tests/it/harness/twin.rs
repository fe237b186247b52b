//! Scripts that were written for GNU parallel: run twice in folders that are alike, with its programs and with fanout under
//! their names.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::{Cmd, Dir, Done, PATH, fanout_bin, sh};

/// Runs the script of sh in two directories that `prepare` has filled, once with the real `parallel` and `sem` and once with fanout under
/// these names: the same bytes on standard output, the same end, and the same files.
#[track_caller]
pub fn same_script(script: &str, prepare: &dyn Fn(&Dir)) -> Done {
    let (theirs, ours) = (Dir::new(), Dir::new());
    prepare(&theirs);
    prepare(&ours);
    let oracle = script_in(&theirs, script).spawn();
    let done = script_in(&ours, script).env("PATH", with_links(&ours)).run();
    done.same_end_as(&oracle.wait(), false);
    let (expected, actual) = (files(&theirs.path()), files(&ours.path()));
    for path in expected.keys().chain(actual.keys()) {
        let show = |file: Option<&Vec<u8>>| file.map(|bytes| bytes.escape_ascii().to_string());
        let (expected, actual) = (expected.get(path), actual.get(path));
        let message = || format!("{}: expected {:?}, got {:?}", path.display(), show(expected), show(actual));
        done.check(expected == actual, &if expected == actual { String::new() } else { message() });
    }
    done
}

/// A script of sh in this directory, without the variables that are for tests of fanout itself.
pub fn script_in(dir: &Dir, script: &str) -> Cmd {
    sh(script).dir(dir).unset("FANOUT_BIN")
}

/// A search path on which `parallel` and `sem` are fanout.
pub fn with_links(dir: &Dir) -> String {
    let bin = dir.home().join("bin");
    fs::create_dir_all(&bin).expect("make a folder for links");
    for name in ["parallel", "sem"] {
        // It may be there from before.
        symlink(fanout_bin(), bin.join(name)).ok();
    }
    format!("{}:{PATH}", bin.display())
}

/// Everything below a folder: what files hold, where links lead, and folders as nothing, with a slash.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("list a folder of the test").flatten() {
        let path = entry.path();
        let kind = entry.file_type().expect("look at a file of the test");
        let name = PathBuf::from(entry.file_name());
        if kind.is_dir() {
            all.extend(files(&path).into_iter().map(|(below, bytes)| (name.join(below), bytes)));
            all.insert(name.join(""), Vec::new());
        } else if kind.is_symlink() {
            let target = fs::read_link(&path).expect("read a link of the test");
            all.insert(name, target.into_os_string().into_encoded_bytes());
        } else {
            all.insert(name, fs::read(&path).expect("read a file of the test"));
        }
    }
    all
}
