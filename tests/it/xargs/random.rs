//! Random input under random options: the words, packs and messages of the real xargs.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::harness::{Cmd, Done, fanout_xargs, xargs};

/// What goes into commands, number and words, and how it ends.
fn outcome(xargs: Cmd, options: &[String], input: &[u8]) -> (Vec<u8>, String, Option<i32>) {
    let shown = ["sh", "-c", r#"printf '%s|' "$#" "$@"; echo"#, "_"];
    let replaces = options.iter().any(|option| option.starts_with("-I") || option.starts_with("-i"));
    let place = replaces.then_some(["{}", "x{}y{}"]);
    let done: Done = xargs.args(options).args(shown).args(place.into_iter().flatten()).stdin(input).run();
    let said = done.error_text();
    let said = said.lines().map(|line| line.split_once(": ").map_or(line, |(_, said)| said)).collect::<Vec<_>>();
    (done.stdout.clone(), said.join("\n"), done.status.code())
}

fn option() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (1..5u8).prop_map(|count| format!("-n{count}")),
        2 => (1..4u8).prop_map(|count| format!("-L{count}")),
        1 => Just("-l".to_owned()),
        2 => Just("-I{}".to_owned()),
        3 => (45..80u8).prop_map(|size| format!("-s{size}")),
        2 => Just("-x".to_owned()),
        1 => Just("-r".to_owned()),
        2 => Just("-Ea".to_owned()),
        1 => Just("-E".to_owned() + "b c"),
        1 => Just("-0".to_owned()),
        1 => Just("-d\\n".to_owned()),
        1 => Just("-da".to_owned()),
    ]
}

#[test]
fn any_input_is_read_as_by_xargs() {
    // Mostly words, so that lines are long enough for all the limits.
    let byte = prop_oneof![
        8 => prop::sample::select(b"abc".to_vec()),
        5 => prop::sample::select(b" \t\n".to_vec()),
        1 => prop::sample::select(b"'\"\\\0\x0b\r\xe9".to_vec()),
    ];
    let cases = (prop::collection::vec(option(), 0..4), prop::collection::vec(byte, 0..60));
    let mut runner = TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    runner
        .run(&cases, |(options, input)| {
            let [ours, theirs] = [fanout_xargs(), xargs()].map(|program| outcome(program, &options, &input));
            prop_assert_eq!(ours, theirs, "{:?} {:?}", options, input.escape_ascii().to_string());
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
