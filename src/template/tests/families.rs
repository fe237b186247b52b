//! csh and fish: bare words only, read by the real shells where they are installed.

use std::process::Command;

use super::{HOSTILE, record};
use crate::model::Slot;
use crate::template::{Insertion, ShellFamily, Strings, Template};

fn compile(command: &str, family: ShellFamily) -> Result<Template, String> {
    let compiled =
        Template::compile(&[command.as_bytes().to_vec()], family, Insertion::default(), &mut Strings::new(family));
    compiled.map(|(template, _)| template).map_err(|error| error.to_string())
}

/// Runs one command for each hostile value and compares what arrives.
fn values_arrive(shell: &str, family: ShellFamily, skip: impl Fn(&[u8]) -> bool) {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let template = compile("/usr/bin/printf %s, a{}b {}", family).expect("bare words");
    for value in HOSTILE.iter().filter(|value| !skip(value)) {
        let mut text = Vec::new();
        template.text(&record(&[value]), Slot(1), &mut text).expect("nothing to refuse");
        let command = Command::new(shell)
            .arg("-c")
            .arg(std::ffi::OsStr::from_bytes(&text))
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .env("LC_ALL", "C.UTF-8")
            .output();
        let Ok(output) = command else {
            return;
        };
        let expected = [b"a", *value, b"b,", value, b","].concat();
        let (found, expected) = (bstr::BStr::new(&output.stdout), bstr::BStr::new(&expected));
        assert_eq!(found, expected, "{shell}: {}\n{}", bstr::BStr::new(&text), bstr::BStr::new(&output.stderr));
        assert!(!folder.path().join("canary").exists(), "{shell}: {value:?} has run");
    }
}

#[test]
fn values_arrive_in_tcsh() {
    values_arrive("tcsh", ShellFamily::Csh, |_| false);
}

#[test]
fn values_arrive_in_fish() {
    values_arrive("fish", ShellFamily::Fish, |_| false);
}

#[test]
fn other_contexts_are_refused() {
    for command in [
        "echo '{}'",
        "echo \"{}\"",
        "echo \\{}",
        "echo $x{}",
        "echo # {}",
        "(echo {})",
        "echo '\"' \"{}\"",
        "cat << x\n{}\nx",
        "echo $x[{}]",
    ] {
        for family in [ShellFamily::Csh, ShellFamily::Fish] {
            let error = compile(command, family).err().unwrap_or_default();
            assert!(error.contains("{} stands"), "{family:?} {command}: {error}");
        }
    }
    for command in
        ["echo `echo {}`", "@ x = {}", "if ({} == 1) echo", "echo !{}", "while {}", "echo 'a\\' {} 'b'; if {}"]
    {
        assert!(compile(command, ShellFamily::Csh).is_err(), "{command}");
    }
    for command in ["echo {}>f", "echo (echo {})", "echo 'a\\' {}'", "echo \"(echo {})\""] {
        assert!(compile(command, ShellFamily::Fish).is_err(), "{command}");
    }
    for command in ["echo {}", "echo a > {}; ls {.} | cat", "echo 'a' \"b\" {}", "{}", "{} x"] {
        for family in [ShellFamily::Csh, ShellFamily::Fish] {
            assert!(compile(command, family).is_ok(), "{family:?} {command}");
        }
    }
    insta::assert_snapshot!(compile("echo \"{}\"", ShellFamily::Fish).err().unwrap_or_default(), @"{} stands in quotes: for fish, values can only be quoted as words of their own; move the placeholder, or run fanout with SHELL=/bin/sh");
}

#[test]
fn a_command_as_a_value_is_not_quoted() {
    let mut text = Vec::new();
    let template = compile("{} {2}", ShellFamily::Fish).expect("bare words");
    template.text(&record(&["echo $x", "a b"]), Slot(1), &mut text).expect("bare words");
    assert_eq!(bstr::BStr::new(&text), "echo $x a b 'a b'");
    let refused = template.text(&record(&["echo '", "a b"]), Slot(1), &mut text);
    assert!(refused.is_err());
}
