//! Default options from files and variables, and what `--record-env` leaves for later runs.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::diag::Diag;
use crate::exit::Exit;
use crate::options::{DefaultText, Defaults, Habits, Program, Wanted};

/// Reads the default options that the command line leaves to be wanted.
///
/// As GNU parallel: profiles take the place of the config files, which only `parallel` reads; a variable is stronger than
/// files.
///
/// # Errors
/// A profile that is not there or can't be read.
pub fn defaults(program: &Program, wanted: &Wanted) -> Result<Defaults> {
    if wanted.plain {
        return Ok(Defaults::default());
    }
    let files = if !wanted.profiles.is_empty() {
        wanted.profiles.iter().map(|name| profile(name)).collect::<Result<Vec<_>>>()?.concat()
    } else if program.habits == Habits::Parallel {
        config_files(&Diag::new(&program.name))
    } else {
        Vec::new()
    };
    // Empty is set: who wants nothing of $PARALLEL says so.
    let variable = |name: &str| {
        env::var_os(name).map(|value| DefaultText { origin: format!("${name}"), text: value.as_bytes().to_vec() })
    };
    Ok(Defaults { files, variable: variable("FANOUT").or_else(|| variable("PARALLEL")) })
}

/// What is set and not empty.
fn folder(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The folders of GNU parallel's files, the weakest first.
fn gnu_folders() -> Vec<PathBuf> {
    let parallel = |base: PathBuf| base.join("parallel");
    let others = env::var_os("XDG_CONFIG_DIRS").unwrap_or_default();
    let others = others.as_bytes().split(|byte| *byte == b':').filter(|base| !base.is_empty());
    folder("PARALLEL_HOME")
        .into_iter()
        .chain(folder("XDG_CONFIG_HOME").map(parallel))
        .chain(others.map(|base| parallel(PathBuf::from(OsStr::from_bytes(base)))))
        .chain(folder("HOME").map(|home| home.join(".parallel")))
        .filter(|folder| folder.is_dir())
        .collect()
}

/// Where our own profiles are.
fn own_folder() -> Option<PathBuf> {
    let base = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")))?;
    Some(base.join("fanout"))
}

/// The files of GNU parallel that are read unasked. One that can't be read is named and passed over.
fn config_files(diag: &Diag) -> Vec<DefaultText> {
    let mut paths = vec![PathBuf::from("/etc/parallel/config")];
    paths.extend(gnu_folders().into_iter().map(|folder| folder.join("config")));
    paths.extend(folder("HOME").map(|home| home.join(".parallelrc")));
    let mut found = Vec::new();
    for path in paths {
        match read(&path) {
            Ok(text) => found.extend(text),
            Err(error) => diag.warn(format_args!("{error:#}: it is passed over")),
        }
    }
    found
}

/// A profile by its name: ours, else all of GNU parallel's of that name.
fn profile(name: &OsStr) -> Result<Vec<DefaultText>> {
    let is_path = name.as_bytes().starts_with(b"/") || name.as_bytes().starts_with(b"./");
    let own = if is_path { Some(PathBuf::from(name)) } else { own_folder().map(|folder| folder.join(name)) };
    if let Some(text) = own.as_deref().map(read).transpose()?.flatten() {
        return Ok(vec![text]);
    }
    let mut found = Vec::new();
    if !is_path {
        for folder in gnu_folders() {
            found.extend(read(&folder.join(name))?);
        }
    }
    if found.is_empty() {
        let name = name.to_string_lossy();
        match own {
            Some(path) => bail!("--profile {name}: there is no {}: write its options to that file", path.display()),
            None => bail!("--profile {name}: HOME is not set: give a path that starts with / or ./"),
        }
    }
    Ok(found)
}

/// The lines of a file that are no comments; `None`: it is not there.
fn read(path: &Path) -> Result<Option<DefaultText>> {
    match fs::read(path) {
        Ok(bytes) => {
            let is_comment = |line: &&[u8]| line.trim_ascii_start().starts_with(b"#");
            let text =
                bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| !is_comment(line)).collect::<Vec<_>>();
            Ok(Some(DefaultText { origin: path.display().to_string(), text: text.concat() }))
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("can't read the options in {}", path.display())),
    }
}

/// A file in the user's folder of GNU parallel; `None`: there is no HOME.
pub fn user_file(name: &Path) -> Option<PathBuf> {
    let folder = gnu_folders().into_iter().next_back().or_else(|| Some(folder("HOME")?.join(".parallel")))?;
    Some(folder.join(name))
}

/// The file of `--record-env`.
fn record() -> Result<PathBuf> {
    let folder = gnu_folders().into_iter().next().or_else(|| Some(folder("HOME")?.join(".parallel")));
    Ok(folder.context("HOME is not set: there is no place for the record of --record-env")?.join("ignored_vars"))
}

/// `--record-env`: the names of all variables, a line each.
///
/// # Errors
/// The file can't be written.
pub fn record_env() -> Result<Exit> {
    let path = record()?;
    let mut names = Vec::new();
    for (name, _) in env::vars_os() {
        names.extend_from_slice(name.as_bytes());
        names.push(b'\n');
    }
    let write = || -> io::Result<()> {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(&path, &names)
    };
    write().with_context(|| format!("can't write {}", path.display()))?;
    Ok(Exit::Status(0))
}

/// The names that `--record-env` has recorded.
///
/// # Errors
/// There is no record.
pub fn recorded() -> Result<Vec<OsString>> {
    let path = record()?;
    let bytes = fs::read(&path).with_context(|| {
        format!("--env _ needs {}: run fanout --record-env in a clean environment first", path.display())
    })?;
    Ok(bytes.split(|byte| *byte == b'\n').map(|name| OsStr::from_bytes(name).to_owned()).collect())
}
