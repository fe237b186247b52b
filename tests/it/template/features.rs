//! Hostile values through everything that stands for a value: they arrive byte for byte in each context, and nothing in them runs.

use super::hostile::values;
use crate::harness::{Dir, Done, fanout};

/// A command with `@` in a dozen quote contexts.
const CONTEXTS: &str = r#"printf '<%s>' @ "@" '@' a@b "'@'" '"@"'; printf '<%s>' "$(printf %sx @)" "$(printf %sx "@")" "`printf %sx '@'`"; x=@; y="@"; printf '<%s>' "$x" "$y"; sh -c "printf '<%s>' @"; eval 'printf "<%s>" "@"'; :"#;

/// What that prints.
fn in_contexts(value: &[u8]) -> Vec<u8> {
    let around: [(&[u8], &[u8]); 13] = [
        (b"", b""),
        (b"", b""),
        (b"", b""),
        (b"a", b"b"),
        (b"'", b"'"),
        (b"\"", b"\""),
        (b"", b"x"),
        (b"", b"x"),
        (b"", b"x"),
        (b"", b""),
        (b"", b""),
        (b"", b""),
        (b"", b""),
    ];
    around.iter().flat_map(|(before, after)| [b"<", *before, value, after, b">"].concat()).collect()
}

/// Runs `options` with [`CONTEXTS`] for each of the inputs, in two shells.
#[track_caller]
fn arrive(options: &[&str], hole: &str, input: impl Fn(&[u8]) -> Vec<u8>) {
    for shell in ["dash", "bash"] {
        let stdin: Vec<u8> = values().iter().flat_map(|value| [&input(value)[..], b"\0"].concat()).collect();
        let cmd = fanout().shell(shell).args(["-0", "-k"]).args(options).arg(CONTEXTS.replace('@', hole));
        let done = cmd.stdin(stdin).run();
        harmless(&done);
        let mut rest = done.stdout.as_slice();
        for value in values() {
            let expected = in_contexts(&value);
            let arrived = rest.starts_with(&expected);
            done.check(arrived, &format!("{shell} {hole}: value \"{}\" did not arrive", value.escape_ascii()));
            rest = &rest[expected.len()..];
        }
        done.check(rest.is_empty(), "more output than expected");
        done.ok();
    }
}

#[track_caller]
fn harmless(done: &Done) {
    done.check(!done.dir.has("pwned"), "a value was executed");
}

fn as_it_is(value: &[u8]) -> Vec<u8> {
    value.to_vec()
}

#[test]
fn expressions() {
    arrive(&[], "{= s/qqq// =}", as_it_is);
    // These take perl.
    arrive(&[], "{=1 our %seen; $seen{$_}++ =}", as_it_is);
    arrive(&["--parens", ",,,,"], ",,$_ = \"$_\",,", as_it_is);
}

#[test]
fn definitions() {
    arrive(&["--rpl", "{same} s/qqq//"], "{same}", as_it_is);
    arrive(&["--rpl", "{same} s/qqq//"], "{-1same}", as_it_is);
    arrive(&["--rpl", "{cut(.*?)} $n++; s/$$1//"], "{cutqqq}", as_it_is);
    arrive(&["-I", ",,"], ",,", as_it_is);
}

#[test]
fn the_forms_of_plus() {
    for hole in ["{%qqq}", "{1##qqq}", "{/qqq/x}", "{^^qqq}", "{:0}", "{...}", "{-1,q}"] {
        arrive(&["--plus"], hole, as_it_is);
    }
}

#[test]
fn positions_and_columns() {
    arrive(&["-N1"], "{1}", as_it_is);
    arrive(&["--colsep", "@@@", "--trim", "n"], "{2}", |value| [b"x@@@", value].concat());
    arrive(&["--colsep", "@@@", "--trim", "n"], "{-2}", |value| [value, b"@@@y"].concat());
    arrive(&["-a", "-"], "{}", as_it_is);
}

#[test]
fn names_of_columns() {
    let stdin: Vec<u8> = [b"name\0".to_vec(), values().join(&0), b"\0".to_vec()].concat();
    let done = fanout()
        .args(["-0", "-k", "--header", ":", "--colsep", "@@@", "--trim", "n", &CONTEXTS.replace('@', "{name}")])
        .stdin(stdin)
        .run()
        .ok();
    harmless(&done);
    done.stdout(values().iter().flat_map(|value| in_contexts(value)).collect::<Vec<u8>>());
}

#[test]
fn batches() {
    for (options, template, around) in [
        (["-j1", "-X"], "printf '<%s>' x{}y; :", ("x", "y")),
        (["-j1", "-X"], "printf '<%s>' 'it'\"'\"'s_'{} ; :", ("it's_", "")),
        (["-j1", "-X"], "printf '<%s>' \"x\"'{= s/qqq// =}'y ; :", ("x", "y")),
        (["-j1", "-m"], "printf '<%s>' {}; :", ("", "")),
        (["-j1", "-N3"], "printf '<%s>' x{/qqq/}y; :", ("x", "y")),
        (["-j1", "-n3"], "printf '<%s>'", ("", "")),
    ] {
        let done =
            fanout().args(["-0", "-k", "--plus"]).args(options).arg(template).stdin(values().join(&0)).run().ok();
        harmless(&done);
        let wrap = |value: &Vec<u8>| [b"<", around.0.as_bytes(), value, around.1.as_bytes(), b">"].concat();
        done.stdout(values().iter().flat_map(wrap).collect::<Vec<u8>>());
    }
}

#[test]
fn quoted_words() {
    let done =
        fanout().args(["-0", "-k", "-q", "printf", "<%s>", "it's {} $x", "{}"]).stdin(values().join(&0)).run().ok();
    harmless(&done);
    done.stdout(
        values().iter().flat_map(|value| [b"<it's ", &value[..], b" $x><", value, b">"].concat()).collect::<Vec<u8>>(),
    );
}

#[test]
fn tags() {
    for hole in ["{}", "{= s/qqq// =}", "{= $n++ =}", "{1%qqq}"] {
        let args = ["-0", "-k", "--plus", "--tagstring", hole, "echo y; :", "{}"];
        let done = fanout().args(args).stdin(values().join(&0)).run().ok();
        harmless(&done);
        done.stdout(values().iter().flat_map(|value| [value, &b"\ty\n"[..]].concat()).collect::<Vec<u8>>());
    }
}

#[test]
fn names_of_results() {
    for name in ["out", "out/{}", "out/{= s/qqq// =}/", "out/{%qqq}-{#}.x"] {
        let done = fanout().args(["-0", "--plus", "--results", name, "echo {}; :"]).stdin(values().join(&0)).run().ok();
        harmless(&done);
        done.check(names(&done.dir) == ["out"], "something was made outside of the folder");
    }
}

#[test]
fn folders_to_work_in() {
    for name in ["w/{}", "w/{= s/qqq// =}", "w/{= $n++ =}", "w/{%qqq}"] {
        let done = fanout().args(["-0", "--plus", "--wd", name, "echo {}>x; :"]).stdin(values().join(&0)).run().ok();
        harmless(&done);
        done.check(names(&done.dir) == ["w"], "something was made outside of the folder");
    }
}

#[test]
fn variables_of_the_environment() {
    use std::os::unix::ffi::OsStringExt as _;
    for value in values() {
        let variable = std::ffi::OsString::from_vec(value.clone());
        let cmd = fanout().env("V", variable).args(["--env", "V", "printf '<%s>' \"$V\" {}; :", ":::", "a b"]);
        let done = cmd.run().ok();
        harmless(&done);
        done.stdout([b"<", &value[..], b"><a b>"].concat());
    }
}

fn names(dir: &Dir) -> Vec<String> {
    let entries = std::fs::read_dir(dir.path()).expect("list a folder").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name != "home").collect()
}
