//! Words that are repeated for each argument.

use std::process::Command;

use proptest::prelude::*;

use super::{HOSTILE, inserting, record};
use crate::model::{Job, Record, Seq, Slot};
use crate::template::{Insertion, ShellFamily, Strings, Template};

const REPEATED: Insertion = Insertion { repeat_words: true, nothing: false, only_named: false, quoted: false };

fn text(words: &[&str], args: &[&str]) -> String {
    let mut text = Vec::new();
    let composed = inserting(words, REPEATED).text(&record(args), Slot(3), &mut text);
    composed.map_or_else(|refusal| refusal.reason, |()| String::from_utf8(text).expect("ASCII"))
}

#[test]
fn words_are_repeated() {
    for (template, args, expected) in [
        ("echo", &["1", "2"][..], "echo 1 2"),
        ("echo x{}y z", &["1", "2", "a b"], "echo x1y x2y x'a b'y z"),
        ("echo x{}y", &["1"], "echo x1y"),
        ("mv {}.a {}.b", &["1", "2"], "mv 1.a 2.a 1.b 2.b"),
        ("echo {}-{.} {#}:{} {1}{2}", &["a.x", "b.y"], "echo a.x-a b.y-b 7:a.x 7:b.y a.xb.y"),
        ("echo x{1}y{3} {1}{}", &["a", "b"], "echo xay aa ab"),
        ("echo x\ty{}\tz{}", &["1", "2"], "echo x\ty1 \ty2\tz1 \tz2"),
        ("echo >{}.o 2>&{} <{}", &["1", "2"], "echo >1.o >2.o 2>&1 2>&2 <1 <2"),
        ("echo $(basename<x{})", &["1", "2"], "echo $(basename<x1) $(basename<x2)"),
        // In quotes that are closed within the word.
        ("echo \"a{}b\" 'a{}b' c\"{}\"", &["1", "$x"], "echo \"a1b\" \"a\\$xb\" 'a1b' 'a$xb' c\"1\" c\"\\$x\""),
        ("echo 'x a{}b y'", &["1", "2"], "echo 'x a1b a2b y'"),
        // In quotes that are not: GNU parallel leaves them open, or runs values as commands.
        ("echo \"x {}\"", &["1", "2"], "echo \"x 1 2\""),
        ("echo \"x a{}b\" y", &["1", "2"], "echo \"x a1b a2b\" y"),
        ("echo \"{}.a {}.b\"", &["1", "2"], "echo \"1.a 2.a 1.b 2.b\""),
        ("echo {}; echo b", &["1", "2"], "echo 1 2; echo b"),
        ("(echo {})|cat", &["1", "2"], "(echo 1 2)|cat"),
        ("echo x{}&", &["1", "2"], "echo x1 x2&"),
        ("echo a\nb{}", &["1", "2"], "echo a\nb'1' b2"),
        // Code stays code only where the command starts with it.
        ("{}.sh a{}", &["1;", "$x"], "1;.sh '$x'.sh a'1;' a'$x'"),
        ("{}", &["echo a", "b"], "echo a b"),
    ] {
        assert_eq!(text(&[template], args), expected, "{template}");
    }
    assert_eq!(text(&["echo", "a{}", "b", "{}"], &["1", "2"]), "echo a1 a2 b 1 2");
}

#[test]
fn a_plain_command_stays_one() {
    let mut job = Job::default();
    let template = inserting(&["rm", "pict{}.jpg", "x\"{}\""], REPEATED);
    for args in [&["1", "2"][..], &["1", "2", "3"], &["a b"], &["1", "2"]] {
        template.expand(&record(args), Slot(1), &mut job).expect("nothing to refuse");
        let pictures = args.iter().map(|arg| format!("pict{arg}.jpg"));
        let others = args.iter().map(|arg| format!("x{arg}"));
        let expected: Vec<String> = ["rm".to_owned()].into_iter().chain(pictures).chain(others).collect();
        assert!(job.plain, "{args:?}");
        assert!(job.words.iter().eq(expected.iter().map(|word| word.as_bytes())), "{job:?}");
    }
}

#[test]
fn nothing_is_inserted() {
    for (template, expected) in
        [("echo", "echo "), ("echo x{}y {.} \"{/}\" {#} {2}", "echo xy  \"\" 7 "), ("{}", ""), ("{} {#}", " 7")]
    {
        for repeat_words in [false, true] {
            let template =
                inserting(&[template], Insertion { repeat_words, nothing: true, only_named: false, quoted: false });
            let mut text = Vec::new();
            template.text(&record(&["$(a)"]), Slot(1), &mut text).expect("nothing to refuse");
            assert_eq!(String::from_utf8_lossy(&text), expected);
        }
    }
}

#[test]
fn a_label_repeats_words_too() {
    let label = |insertion| {
        let mut text = Vec::new();
        Template::label(b"T{}\t{}-{#} (\"{};", insertion, &mut Strings::new(ShellFamily::Posix)).label_text(
            &record(&["a b", "c"]),
            Slot(1),
            &mut text,
        );
        String::from_utf8(text).expect("ASCII")
    };
    assert_eq!(label(REPEATED), "Ta b Tc\ta b-7 \tc-7 (\"a b; (\"c;");
    assert_eq!(label(Insertion::default()), "Ta b c\ta b c-7 (\"a b c;");
}

/// The words that sh makes of a command's arguments.
fn words(text: &[u8]) -> Vec<Vec<u8>> {
    use std::os::unix::ffi::OsStrExt;
    let script = [b"args() { for arg; do printf '%s\\0' \"$arg\"; done; }\n", text].concat();
    let output = Command::new("sh").arg("-c").arg(std::ffi::OsStr::from_bytes(&script)).output().expect("sh runs");
    assert!(output.status.success(), "{}", script.escape_ascii());
    let mut words: Vec<Vec<u8>> = output.stdout.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    words.pop();
    words
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever the quotes around, a shell gets each value as it is, in as many words as there are values.
    #[test]
    fn values_come_through(
        parts in prop::collection::vec((prop::sample::select(vec!["", "a", "b-", "'x y'", "\"z\"", "\\;"]), 0usize..3), 1..4),
        values in prop::collection::vec(prop::sample::select(HOSTILE), 1..4),
    ) {
        let mut template = String::from("args a");
        for (literal, quotes) in &parts {
            template += literal;
            template += ["{}", "\"{}\"", "'{}'"][*quotes];
        }
        let unquoted = |literal: &str| literal.replace(['\'', '"', '\\'], "");
        let expected: Vec<Vec<u8>> = values.iter().map(|value| {
            let mut word = b"a".to_vec();
            for (literal, _) in &parts {
                word.extend_from_slice(unquoted(literal).as_bytes());
                word.extend_from_slice(value);
            }
            word
        }).collect();
        let record = Record::new(Seq(1), values.iter().collect());
        let mut text = Vec::new();
        inserting(&[&template], REPEATED).text(&record, Slot(1), &mut text).expect("nothing to refuse");
        // A blank within quotes ends a word for what is repeated, as in GNU parallel.
        if !parts.iter().any(|(literal, _)| literal.contains(' ')) || values.len() == 1 {
            prop_assert_eq!(words(&text), expected, "{}", template);
        } else {
            words(&text);
        }
    }
}
