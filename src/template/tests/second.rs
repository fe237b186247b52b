//! The command of a second shell: what arrives there is what would have been written had it been the first.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use proptest::prelude::*;

use super::fuzz::{CANARIES, Dice, made_up};
use super::{HOSTILE, job, record, shown, template};
use crate::model::{Job, Slot};
use crate::template::Template;

/// A command in the quotes of the first shell.
fn in_quotes(command: &str, double: bool) -> String {
    if !double {
        return format!("'{}'", command.replace('\'', "'\\''"));
    }
    let mut text = String::from("\"");
    for c in command.chars() {
        if matches!(c, '$' | '`' | '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text + "\""
}

fn text_of(template: &Template, args: &[&[u8]]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    template.text(&record(args), Slot(3), &mut text).ok().map(|()| text)
}

/// What `shell` makes of the last words of some commands, all in one run.
fn read_by(shell: &str, words: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut script = Vec::new();
    for word in words {
        script.extend([b"printf '%s\\0' ".as_slice(), word, b"\n"].concat());
    }
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), script).expect("the script is written");
    let output = Command::new(shell).arg(file.path()).env("LC_ALL", "C").output().expect("the shell runs");
    let mut read: Vec<Vec<u8>> = output.stdout.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    assert_eq!(read.pop().as_deref(), Some(&b""[..]));
    read
}

/// The second shell gets the text that the first one would get. Answers how often.
fn handed_on(commands: &[String], args: &[&[&[u8]]]) -> usize {
    let (mut words, mut expected) = (Vec::new(), Vec::new());
    for command in commands {
        let direct = template(&[command]);
        if direct.appended {
            continue;
        }
        for (start, double, levels) in
            [("sh -c ", false, 1), ("sh -c ", true, 1), ("eval ", true, 1), ("ssh host ", true, 1), ("sh -c ", true, 2)]
        {
            let mut text = command.clone();
            for _ in 0..levels {
                text = format!("{start}{}", in_quotes(&text, double));
            }
            let nested = template(&[&text]);
            for args in args {
                let (direct, nested) = (text_of(&direct, args), text_of(&nested, args));
                // Brackets may be those of subscripts.
                assert!(
                    direct.is_some() == nested.is_some() || (nested.is_none() && command.contains('[')),
                    "{command:?} {args:?} {:?} {:?}",
                    direct.as_deref().map(bstr::BStr::new),
                    nested.as_deref().map(bstr::BStr::new)
                );
                if let (Some(direct), Some(nested)) = (direct, nested) {
                    words.push(nested[start.len()..].to_vec());
                    expected.push((levels, direct, command, start));
                }
            }
        }
    }
    for shell in ["dash", "bash"] {
        let mut read = read_by(shell, &words);
        assert_eq!(read.len(), words.len(), "{shell}");
        let twice: Vec<usize> = (0..read.len()).filter(|at| expected[*at].0 == 2).collect();
        let inner: Vec<Vec<u8>> = twice.iter().map(|at| read[*at][b"sh -c ".len()..].to_vec()).collect();
        for (at, inner) in twice.iter().zip(read_by(shell, &inner)) {
            read[*at] = inner;
        }
        for (read, (levels, direct, command, start)) in read.iter().zip(&expected) {
            let (read, direct) = (bstr::BStr::new(read), bstr::BStr::new(direct));
            assert_eq!(read, direct, "{shell}: {levels} of {start}: {command}");
        }
    }
    words.len()
}

#[test]
fn it_gets_what_the_first_one_would_get() {
    let count = std::env::var("FANOUT_FUZZ").ok().and_then(|count| count.parse().ok()).unwrap_or(150);
    let seed = std::env::var("FANOUT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut dice = Dice(seed);
    let commands: Vec<String> = (0..count).map(|_| format!(": ; {}", made_up(&mut dice))).collect();
    let values: Vec<&[u8]> = CANARIES.iter().map(|value| value.as_bytes()).collect();
    let records: Vec<&[&[u8]]> = values.chunks(3).step_by(4).chain([&values[..1], &values[2..4]]).collect();
    let compared = handed_on(&commands, &records);
    assert!(compared > count, "{compared}: nearly all were refused");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn it_gets_any_bytes_as_the_first_one_would(values in proptest::collection::vec(proptest::collection::vec(1u8..=255, 0..9), 1..3), seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let commands: Vec<String> = (0..8).map(|_| format!(": ; {}", made_up(&mut dice))).collect();
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        handed_on(&commands, &[&values]);
    }
}

#[test]
fn a_shell_runs_it_with_the_values_as_they_are() {
    for command in
        ["printf '<%s>' {}", "printf '<%s>' \"{}\"", "printf '<%s>' '{}'", "printf \"<%s>\" \"$(printf %s {}x)\""]
    {
        for value in HOSTILE {
            let text = format!("sh -c {}", in_quotes(command, true));
            let mut job = Job::default();
            template(&[&text]).expand(&record(&[value]), Slot(3), &mut job).expect("nothing to refuse");
            assert_eq!(job.plain, !command.contains(['"', '$']));
            let words = if job.plain {
                job.words
            } else {
                ["sh", "-c"].map(str::as_bytes).into_iter().chain([&job.text[..]]).collect()
            };
            let words: Vec<&OsStr> = words.iter().map(OsStr::from_bytes).collect();
            let output = Command::new(words[0]).args(&words[1..]).output().expect("sh runs");
            let after: &[u8] = if command.contains("$(") { b"x>" } else { b">" };
            assert_eq!(bstr::BStr::new(&output.stdout), bstr::BStr::new(&[b"<", *value, after].concat()), "{command}");
        }
    }
}

#[test]
fn in_double_quotes_it_is_what_gnu_parallel_writes() {
    for (template, args, text) in [
        ("bash -c \"echo {}\"", &["a"][..], "bash -c \"echo a\""),
        ("bash -c \"echo {}\"", &["a b", ";"], "bash -c \"echo 'a b' ';'\""),
        ("timeout 5 sh -ec \"echo {}\"", &["a b"], "timeout 5 sh -ec \"echo 'a b'\""),
        ("env x=1 bash -c \"echo {}\"", &["a b"], "env x=1 bash -c \"echo 'a b'\""),
        ("bash -c 'echo {}'", &["a b"], "bash -c 'echo '\"'\"'a b'\"'\"''"),
        ("eval \"echo {}\"", &["a b"], "eval \"echo 'a b'\""),
        ("ssh host \"ls {}\" x", &["a b"], "ssh host \"ls 'a b'\" x"),
        ("ssh -p 22 host -- \"ls {}\"", &["a"], "ssh -p 22 host -- \"ls a\""),
        ("flock f -c \"ls {}\"", &["a b"], "flock f -c \"ls 'a b'\""),
        ("flock --wait 5 f -c \"ls {}\"", &["a b"], "flock --wait 5 f -c \"ls 'a b'\""),
        ("watch -d \"ls {}\"", &["a b"], "watch -d \"ls 'a b'\""),
        ("bash --rcfile f -c \"ls {}\"", &["a b"], "bash --rcfile f -c \"ls 'a b'\""),
        // No shell is in it.
        ("flock f grep -c \"x {}\" y", &["a b"], "flock f grep -c \"x a b\" y"),
        ("watch -x ls \"x {}\"", &["a b"], "watch -x ls \"x a b\""),
        ("runuser -u u -- grep -c \"x {}\" y", &["a b"], "runuser -u u -- grep -c \"x a b\" y"),
        ("watch -n 5 -x ls \"x {}\"", &["a b"], "watch -n 5 -x ls \"x a b\""),
        ("bash -c \"echo {1}{2}\"", &["a b"], "bash -c \"echo 'a b'\""),
        ("bash -c \"echo \\${x#{2}}\"", &["a", "b"], "bash -c \"echo \\${x#b}\""),
        ("bash -c \"echo \\\"{}\\\"\"", &["$x"], "bash -c \"echo \\\"\\\\\\$x\\\"\""),
        // Bare, the second shell reads it as code, as there.
        ("eval echo {}", &["a b"], "eval echo 'a b'"),
        ("ssh host ls {}", &["a b"], "ssh host ls 'a b'"),
        ("bash -c {}", &["echo x"], "bash -c 'echo x'"),
        ("bash -c \"{}\"", &["echo x"], "bash -c \"echo x\""),
        // What stands around the value is not known.
        ("bash -c \"cd $(pwd); ls {}\"", &["a b"], "bash -c \"cd $(pwd); ls a b\""),
        // It is likely, and as GNU parallel writes it.
        ("bash -c \"cd $x; ls ${y}/{}\"", &["a b"], "bash -c \"cd $x; ls ${y}/'a b'\""),
        ("{2} bash -c \"ls {1}\"", &["a b", "nice"], "nice bash -c \"ls 'a b'\""),
        ("nice {2} bash -c \"ls {1}\"", &["a b", "-1"], "nice -1 bash -c \"ls a b\""),
        ("echo bash -c \"ls {}\"", &["a b"], "echo bash -c \"ls a b\""),
    ] {
        assert_eq!(shown(&[template], args), text);
    }
    assert_eq!(job(&["bash -c \"echo {3}{2}\" x"], &["a", "b c"]).words.iter().last(), Some(&b"x"[..]));
}

#[test]
fn where_it_cannot_quote_harmless_values_pass() {
    for (template, refused) in [
        ("bash -c \"echo \\$(({} + 1))\"", "a[$(x)]"),
        ("bash -c \"cat <<E\n{}\nE\n\"", "x\nE"),
        ("eval \"(( {} ))\"", "x y"),
        ("bash -c \"echo '{}\"", "x y"),
    ] {
        assert!(!shown(&[template], &["1"]).starts_with("refused"), "{template}");
        assert!(shown(&[template], &[refused]).starts_with("refused"), "{template}");
    }
}
