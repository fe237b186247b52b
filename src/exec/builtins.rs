//! Which plain commands a shell would not hand to a program unchanged.

use crate::model::Words;

/// What bash and dash do themselves.
const BUILTINS: &[&str] = &[
    ".",
    ":",
    "[",
    "alias",
    "bg",
    "bind",
    "break",
    "builtin",
    "caller",
    "cd",
    "chdir",
    "command",
    "compgen",
    "complete",
    "compopt",
    "continue",
    "declare",
    "dirs",
    "disown",
    "enable",
    "eval",
    "exec",
    "exit",
    "export",
    "fc",
    "fg",
    "getopts",
    "hash",
    "help",
    "history",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "popd",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "set",
    "shift",
    "shopt",
    "source",
    "suspend",
    "test",
    "times",
    "trap",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "wait",
    // Programs that show what the shell does to the environment of its children (`_`, SHLVL).
    "env",
    "printenv",
];

/// Whether the command has to go to the shell because of its first word, which the shell would treat itself.
///
/// true, false, echo and printf are builtins too, but most people's first command: where their external twins give the
/// same bytes and status for these arguments, they count as programs.
pub fn is_for_the_shell(words: &Words) -> bool {
    let mut iter = words.iter();
    let Some(first) = iter.next() else { return true };
    if first.contains(&b'/') {
        return false;
    }
    if is_exported_function(first) {
        return true;
    }
    match first {
        b"" => true,
        b"true" | b"false" => iter.any(|word| word.starts_with(b"--")),
        // Options and backslashes are where dash, bash and coreutils part.
        b"echo" => words.get(1).is_some_and(|word| word.starts_with(b"-")) || iter.any(|word| word.contains(&b'\\')),
        // Without a conversion, the twin warns of arguments that are left.
        b"printf" => {
            !iter.next().is_some_and(|format| is_simple_format(format) && (words.len() < 3 || converts(format)))
        }
        _ => BUILTINS.iter().any(|name| name.as_bytes() == first),
    }
}

/// Only `%s`, `%%` and the escapes that all three printf know alike.
fn is_simple_format(format: &[u8]) -> bool {
    if format.starts_with(b"-") {
        return false;
    }
    let mut bytes = format.iter();
    while let Some(byte) = bytes.next() {
        let fine = match byte {
            b'%' => matches!(bytes.next(), Some(b's' | b'%')),
            b'\\' => matches!(bytes.next(), Some(b'n' | b't')),
            _ => true,
        };
        if !fine {
            return false;
        }
    }
    true
}

/// Whether a simple format takes arguments.
fn converts(format: &[u8]) -> bool {
    let mut rest = format;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        if rest.get(at + 1) == Some(&b's') {
            return true;
        }
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    false
}

/// bash passes functions to its children in variables of this name.
fn is_exported_function(name: &[u8]) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let mut variable = b"BASH_FUNC_".to_vec();
    variable.extend_from_slice(name);
    variable.extend_from_slice(b"%%");
    std::env::var_os(std::ffi::OsStr::from_bytes(&variable)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn for_the_shell(words: &[&str]) -> bool {
        is_for_the_shell(&words.iter().collect())
    }

    #[test]
    fn twins_count_as_programs_only_where_they_agree() {
        assert!(!for_the_shell(&["echo", "a", "-n"]));
        assert!(!for_the_shell(&["echo"]));
        assert!(for_the_shell(&["echo", "-n", "a"]));
        assert!(for_the_shell(&["echo", "a\\tb"]));
        assert!(!for_the_shell(&["printf", "%s\\n", "a\\b"]));
        assert!(!for_the_shell(&["printf", "a"]));
        assert!(for_the_shell(&["printf", "a%%s", "x"]));
        assert!(for_the_shell(&["printf", "%d", "x"]));
        assert!(for_the_shell(&["printf", "%"]));
        assert!(for_the_shell(&["printf"]));
        assert!(for_the_shell(&["true", "--help"]));
        assert!(!for_the_shell(&["false"]));
    }

    #[test]
    fn builtins_go_to_the_shell_and_paths_do_not() {
        assert!(for_the_shell(&["cd", "/"]));
        assert!(for_the_shell(&["["]));
        assert!(for_the_shell(&["", "x"]));
        assert!(!for_the_shell(&["/bin/kill", "x"]));
        assert!(!for_the_shell(&["gzip", "x"]));
    }
}
