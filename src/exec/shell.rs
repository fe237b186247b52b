//! Which shell reads the commands that are not plain.

use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use crate::sys::{tree, watch};
use crate::template::ShellFamily;

/// The shell that GNU parallel would choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shell {
    /// Its path.
    pub path: CString,
    /// What it is called by, as GNU parallel would: it shows in the shell's own messages.
    pub name: CString,
    /// How it quotes.
    pub family: ShellFamily,
    /// A plain command means the same with and without this shell: it is sh, dash or bash, and the environment makes it
    /// read or do nothing of its own.
    pub transparent: bool,
}

/// The shells that GNU parallel recognises as its parents.
const KNOWN: &[&str] = &[
    "ash",
    "bash",
    "bsd-csh",
    "csh",
    "dash",
    "fdsh",
    "fish",
    "fizsh",
    "ksh",
    "ksh93",
    "lksh",
    "mksh",
    "pdksh",
    "posh",
    "rbash",
    "rc",
    "rush",
    "rzsh",
    "sash",
    "sh",
    "static-sh",
    "tcsh",
    "yash",
    "zsh",
];

/// Variables that make a shell read files, change its language or trace.
const MEDDLING: &[&str] = &["BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "POSIXLY_CORRECT"];

impl Shell {
    /// `$PARALLEL_SHELL`, else the shell that started us, else `$SHELL`, else `/bin/sh` (as GNU parallel).
    pub fn choose() -> Shell {
        Shell::at(&chosen().0)
    }

    /// For a run that asks no shell: the one that there always is.
    pub fn none() -> Shell {
        let path = c"/bin/sh".to_owned();
        Shell { name: path.clone(), path, family: ShellFamily::Posix, transparent: true }
    }

    /// Why [`Shell::choose`] chooses what it does, in a few words.
    pub fn reason() -> &'static str {
        chosen().1
    }

    fn at(path: &OsStr) -> Shell {
        let last = Path::new(path).file_name().unwrap_or(path).as_bytes();
        let family = match last {
            b"csh" | b"tcsh" | b"bsd-csh" => ShellFamily::Csh,
            b"fish" => ShellFamily::Fish,
            _ => ShellFamily::Posix,
        };
        // A name without a slash is looked for on PATH, as execvp does for GNU parallel.
        let full = if path.as_bytes().contains(&b'/') { None } else { which(path.as_bytes()) };
        let transparent =
            matches!(last, b"sh" | b"dash" | b"bash") && MEDDLING.iter().all(|name| std::env::var_os(name).is_none());
        let word = |bytes: Vec<u8>| CString::new(bytes).unwrap_or_default();
        let name = word(path.as_bytes().to_vec());
        let path = full.map_or_else(|| name.clone(), word);
        Shell { path, name, family, transparent }
    }
}

impl Shell {
    /// Whether it is zsh, as GNU parallel tells it.
    pub fn is_zsh(&self) -> bool {
        self.path.as_bytes().windows(3).any(|part| part == b"zsh")
    }

    /// Whether it imports the functions that bash exports.
    pub fn is_bash(&self) -> bool {
        self.path.as_bytes().rsplit(|byte| *byte == b'/').next().is_some_and(|name| name.ends_with(b"bash"))
    }
}

/// The shell's path, and why this one.
fn chosen() -> (OsString, &'static str) {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let because = |why| move |path| (path, why);
    named("PARALLEL_SHELL")
        .map(because("$PARALLEL_SHELL"))
        .or_else(|| parent_shell().map(OsString::from_vec).map(because("the shell that fanout was started from")))
        .or_else(|| named("SHELL").map(because("$SHELL")))
        .unwrap_or_else(|| ("/bin/sh".into(), "there is no other"))
}

/// The nearest ancestor that is a shell, by the name it was called by, looked for on PATH.
fn parent_shell() -> Option<Vec<u8>> {
    let mut pid = watch::parent_of_run()?;
    // A process tree is not deep; the bound is against a /proc that lies.
    for _ in 0..64 {
        if let Some(name) = shell_name(&tree::first_word(pid)?)
            && let Some(path) = which(&name)
        {
            return Some(path);
        }
        pid = tree::parent(pid).filter(|pid| *pid > 0)?;
    }
    None
}

/// `-bash`, `/bin/bash`, `bash` are bash.
fn shell_name(first: &[u8]) -> Option<Vec<u8>> {
    let name = first.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let name = name.strip_prefix(b"-").unwrap_or(name);
    KNOWN.iter().any(|known| known.as_bytes() == name).then(|| name.to_vec())
}

/// The first executable file of that name on PATH; `None` without a PATH.
pub fn which(name: &[u8]) -> Option<Vec<u8>> {
    which_on(name, std::env::var_os("PATH")?.as_bytes())
}

/// Where `name` is on `path`.
pub fn which_on(name: &[u8], path: &[u8]) -> Option<Vec<u8>> {
    places(name, path).find(|place| is_executable(OsStr::from_bytes(place)))
}

/// Where a file of that name would be in each folder of `path`, in order; an empty one is the working folder.
pub fn places(name: &[u8], path: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    path.split(|byte| *byte == b':').map(|folder| match folder {
        b"" => name.to_vec(),
        _ => [folder, b"/", name].concat(),
    })
}

fn is_executable(path: &OsStr) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && Path::new(path).is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_known_by_the_name_they_were_called_by() {
        assert_eq!(shell_name(b"-bash").as_deref(), Some(&b"bash"[..]));
        assert_eq!(shell_name(b"/usr/local/bin/zsh").as_deref(), Some(&b"zsh"[..]));
        for other in ["foo.sh", "sshd", "crash", "flush", "", "/"] {
            assert_eq!(shell_name(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn families_are_told_apart() {
        let family = |path: &str| Shell::at(OsStr::new(path)).family;
        assert_eq!(family("/bin/tcsh"), ShellFamily::Csh);
        assert_eq!(family("/usr/bin/fish"), ShellFamily::Fish);
        assert_eq!(family("/bin/zsh"), ShellFamily::Posix);
        assert!(!Shell::at(OsStr::new("/bin/zsh")).transparent);
    }
}
