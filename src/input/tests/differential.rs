//! The same inputs through GNU parallel.

use std::process::{Command, Stdio};

use super::*;

/// Runs GNU parallel: every argument of every job, a line per job.
fn parallel(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    // Its notice is silenced by this file.
    fs::create_dir_all(folder.join(".parallel")).expect("a folder");
    fs::write(folder.join(".parallel/will-cite"), "").expect("space");
    let mut command = Command::new("parallel");
    let tail = arguments.iter().position(|argument| argument.starts_with("::")).expect("a tail");
    command.args(["-k", "-j1"]).args(&arguments[..tail]).arg("printf '<%s>' {}; echo").args(&arguments[tail..]);
    command.env("HOME", folder).env("PARALLEL_SHELL", "/bin/sh").env_remove("PARALLEL");
    let output = command.current_dir(folder).stdin(Stdio::null()).output();
    output.expect("GNU parallel must be installed to compare with it: tests/run does that").stdout
}

/// As above, by our own hands.
fn ours(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let tail = arguments.iter().position(|argument| argument.starts_with("::")).expect("a tail");
    let (mut options, mut max_args) = (options(b'\n'), None);
    for flag in &arguments[..tail] {
        match *flag {
            "-r" => options.skip_empty = true,
            "-0" => options.delimiter = vec![0],
            "-d," => options.delimiter = vec![b','],
            _ => max_args = Some(flag.trim_start_matches("-n").parse().expect("a number")),
        }
    }
    let mut sources: Vec<(SourceKind, bool)> = Vec::new();
    let mut mode = "";
    for argument in &arguments[tail..] {
        if argument.starts_with("::") {
            mode = argument;
            if mode.starts_with(":::") && !mode.starts_with("::::") {
                sources.push((words(&[]), mode.ends_with('+')));
            }
        } else if mode.starts_with("::::") {
            sources.push((SourceKind::File(folder.join(argument)), mode.ends_with('+')));
        } else if let Some((SourceKind::Words(words), _)) = sources.last_mut() {
            words.push(argument.as_bytes().to_vec());
        }
    }
    let mut lines = Vec::new();
    for record in drain(&mut open(&packed(with(options, sources), max_args))) {
        record.iter().for_each(|value| lines.extend([b"<", &value[..], b">"].concat()));
        lines.push(b'\n');
    }
    lines
}

#[test]
fn inputs_are_read_as_gnu_parallel_reads_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    file(folder, "ab", b"a\nb\n");
    file(folder, "open", b"c\nd");
    file(folder, "none", b"");
    file(folder, "blank", b"x\n\n \t\ny\r\n\x0b\n\n");
    file(folder, "nul", b"a\0\0b\nx\ny\0z\n");
    file(folder, "nuls", b"a\nb\0\0c\0");
    file(folder, "raw", b"\xff\xfe'\"\\$(x)`y`\n-n\n*\n");
    for arguments in [
        // Links: the shortest decides.
        &[":::", "a", "b", "c", ":::+", "1", "2"][..],
        &[":::", "a", "b", ":::+", "1", "2", "3"],
        &[":::", "a", "b", "c", ":::+", "1", "2", ":::", "X", "Y"],
        &[":::", "X", "Y", ":::", "a", "b", "c", ":::+", "1", "2"],
        &[":::", "a", "b", ":::", "c", "d", ":::+", "1", "2", ":::", "x", "y", ":::+", "7", "8", "9"],
        &["::::", "ab", "::::+", "open", ":::", "1", "2"],
        // Products.
        &["::::", "ab", "open"],
        &[":::", "1", "2", "::::", "ab", ":::", "x"],
        // Empty sources.
        &[":::"],
        &["::::", "none"],
        &[":::", "a", "b", ":::"],
        &[":::", ":::", "a", "b"],
        &[":::", "a", "b", ":::+"],
        &["::::", "none", "none"],
        &[":::", "a", "b", "::::", "none", ":::", "c", "d"],
        &["::::", "none", "::::+", "ab"],
        // Empty values.
        &[":::", "a", "", "b"],
        &["-r", ":::", "a", "", "b"],
        &["::::", "blank"],
        &["-r", "::::", "blank"],
        &["-r", ":::", "", "1", ":::", "", "2"],
        &["-r", "-n2", "::::", "blank"],
        // Words are split at the delimiter.
        &[":::", "a\nb", "c\n", "\n"],
        &["-0", ":::", "a\nb", ""],
        &["-d,", ":::", "a,b", "c\n", "d,"],
        // Bytes.
        &["::::", "nul"],
        &["-0", "::::", "nuls"],
        &["-d,", "::::", "ab"],
        &["::::", "raw"],
        // Packing.
        &["-n2", "::::", "ab", "open"],
        &["-n3", ":::", "a", "b", ":::", "c", "d"],
        &["-n2", ":::", "a", "b", ":::", "c", "d", ":::+", "1", "2"],
        &["-n2", "::::", "blank"],
    ] {
        let theirs = parallel(folder, arguments);
        let ours = ours(folder, arguments);
        assert_eq!(bstr::BStr::new(&ours), bstr::BStr::new(&theirs), "{arguments:?}");
    }
}
