//! Real shells read what was composed: values arrive byte for byte wherever they stand, and nothing in them runs.

use std::path::Path;
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::{HOSTILE, record};
use crate::model::Slot;
use crate::template::{Insertion, ShellFamily, Strings, Template};

/// A template that prints what it was given, and what it prints around the value.
struct Place {
    template: &'static str,
    before: &'static str,
    after: &'static str,
    /// Values may be refused here.
    refuses: bool,
    /// Only shells with bash's extensions understand it.
    bash: bool,
}

const fn place(template: &'static str, before: &'static str, after: &'static str) -> Place {
    Place { template, before, after, refuses: false, bash: false }
}

const fn bash(template: &'static str, before: &'static str, after: &'static str) -> Place {
    Place { template, before, after, refuses: false, bash: true }
}

const fn refusing(template: &'static str, before: &'static str, after: &'static str) -> Place {
    Place { template, before, after, refuses: true, bash: false }
}

const PLACES: &[Place] = &[
    place(r#"printf '%s\0' {}"#, "", ""),
    place(r#"printf '%s\0' a{}b"#, "a", "b"),
    place(r#"printf '%s\0' "a{}b""#, "a", "b"),
    place(r#"printf '%s\0' 'a{}b'"#, "a", "b"),
    place(r#"printf '%s\0' 'a'"{}"b"#, "a", "b"),
    place(r#"printf '%s\0' "\\{}\"$((1+1))""#, "\\", "\"2"),
    place(r#"printf '%s\0' "\{}""#, "\\", ""),
    place(r#"x=1; printf '%s\0' $x{}"#, "1", ""),
    place(r#"x=1; printf '%s\0' "$x{}$x""#, "1", "1"),
    place(r#"x=1; printf '%s\0' "${x}{}${nothing:-"y"}""#, "1", "y").refuse(),
    place("printf '%s\\0' \\\n{} # it's \"", "", ""),
    place(r#"x={}; printf '%s\0' "$x""#, "", ""),
    place(r#"x="a{}" y={} sh -c 'printf "%s\0" "$x"'"#, "a", ""),
    place(r#"export x={}; printf '%s\0' "$x""#, "", ""),
    place(r#"f() { printf '%s\0' "$1"; }; f {}"#, "", ""),
    place(r#"for x in {}; do printf '%s\0' "$x"; done"#, "", ""),
    place(r#"set -- {}; printf '%s\0' "$1""#, "", ""),
    place(r#"if [ {} = {} ]; then printf '%s\0' "{}"; fi"#, "", ""),
    place(r#"( printf '%s\0' {} ) | cat"#, "", ""),
    place(r#"{ printf '%s\0' '{}'; } 2>&1"#, "", ""),
    place(r#"case {} in {}) printf '%s\0' {};; (*) echo no;; esac"#, "", ""),
    place(r#"printf '%s\0' "$(case x in x) printf '%sx' {};; esac)""#, "", "x"),
    place(r#"printf '%s\0' "$(printf '%sx' {})""#, "", "x"),
    place(r#"printf '%s\0' "$(printf '%sx' "{}")""#, "", "x"),
    place(r#"printf '%s\0' "$(printf '%sx' 'a"{}"b')""#, "a\"", "\"bx"),
    place(r#"printf '%s\0' "$(printf '%sx' "$(printf '%sy' "{}")")""#, "", "yx"),
    place("printf '%s\\0' \"$( # a comment\nprintf '%sx' \"{}\"\n)\"", "", "x"),
    place(r#"x=$(printf '%sx' {}); printf '%s\0' "$x""#, "", "x"),
    place(r#"printf '%s\0' "${nothing:-$(printf '%sx' {})}""#, "", "x"),
    place(r#"x=`printf '%sx' {}`; printf '%s\0' "$x""#, "", "x"),
    place(r#"x=`printf '%sx' "a{}b"`; printf '%s\0' "$x""#, "a", "bx"),
    place(r#"x=`printf '%sx' '{}'`; printf '%s\0' "$x""#, "", "x"),
    place(r#"printf '%s\0' "`printf '%sx' {}`""#, "", "x"),
    place(r#"printf '%s\0' "`printf '%sx' "{}"`""#, "", "x"),
    place(r#"printf '%s\0' "`printf '%sx' \"{}\"`""#, "", "x"),
    place(r#"printf '%s\0' "`printf '%sx' '{}'`""#, "", "x"),
    place(r#"printf '%s\0' "`printf '%sx' "\\\\{}"`""#, "\\", "x"),
    place(r#"y=1; printf '%s\0' "`printf '%sx' "$y{}"`""#, "1", "x"),
    place(r#"printf '%s\0' "`printf '%sx' "it's {}"`""#, "it's ", "x").refuse(),
    place(r#"x=`printf '%sx' \`printf '%sy' '{}' | od -An -v -tx1 | tr -d ' \n'\``; printf '%s\0' "{}""#, "", ""),
    place(r#"x=`y=\`printf '%sy' {}\`; printf '%sx' "$y"`; printf '%s\0' "$x""#, "", "yx"),
    place(r#"x=`printf '%sx' "$(printf '%sy' "{}")"`; printf '%s\0' "$x""#, "", "yx"),
    place(r#"x=$(printf '%sx' "`printf '%sy' "{}"`"); printf '%s\0' "$x""#, "", "yx"),
    place(r#"sh -c "printf '%s\\0' a{}b""#, "a", "b"),
    place(r#"sh -c 'printf "%s\0" "a{}b"'"#, "a", "b"),
    place(r#"eval "printf '%s\\0' 'a'\"{}b\"""#, "a", "b"),
    place(r#"sh -c "sh -c \"printf '%s\\\\0' \\\"{}\\\"\"""#, "", ""),
    place(r#"x=`sh -c "printf '%sx' {}"`; printf '%s\0' "$x""#, "", "x"),
    refusing("sh -c \"cat <<EOF\n{}\nEOF\nprintf '\\\\0'\"", "", "\n"),
    refusing("cat <<EOF\na{}b\nEOF\nprintf '\\0'", "a", "b\n"),
    refusing("cat <<EOF; printf '\\0'\n{}\nEOF\n", "", "\n"),
    refusing("cat <<'EOF'\n{}\nEOF\nprintf '\\0'", "", "\n"),
    refusing("cat <<\"E F\"\n$x{}\nE F\nprintf '\\0'", "$x", "\n"),
    refusing("cat <<-EOF\n\ta{}\n\tEOF\nprintf '\\0'", "a", "\n"),
    refusing("cat <<-EOF\n\t{}\n\tEOF\nprintf '\\0'", "", "\n"),
    refusing("cat <<-\\EOF\n{}\n\tEOF\nprintf '\\0'", "", "\n"),
    refusing("cat <<EOF\n$(printf '%sx' '{}')\nEOF\nprintf '\\0'", "", "x\n"),
    refusing("cat <<EOF\n`printf '%sx' {}`\nEOF\nprintf '\\0'", "", "x\n"),
    refusing("cat <<EOF\n\"{}'\\{}\nEOF\nprintf '\\0'", "\"", "").doubled(),
    refusing("x=$(cat <<EOF\n{}\nEOF\n); printf '%s\\nx\\0' \"$x\"", "", "\nx").trimmed(),
    refusing("x=`cat <<EOF\n{}z\nEOF\n`; printf '%s\\0' \"$x\"", "", "z"),
    refusing("x=`cat <<'EOF'\n{}z\nEOF\n`; printf '%s\\0' \"$x\"", "", "z"),
    refusing("{ cat; cat <&3; } <<A 3<<B\nx{}\nA\ny{}\nB\nprintf '\\0'", "x", "").doubled(),
    refusing("printf '%s\\0' a # {}", "a", "").constant(),
    refusing("printf '%s\\0' $((1+{}))", "", "").constant(),
    refusing("printf '%s\\0' \"${nothing:-{}}\"", "", ""),
    bash(r#"printf '%s\0' $'a\x41\'{}b\n'"#, "aA'", "b\n").refuse(),
    bash(r#"printf '%s\0' $'a\x41{}b\n'"#, "aA", "b\n"),
    bash(r#"printf '%s\0' $'a{}b'"#, "a", "b"),
    bash(r#"printf '%s\0' $'a\{}b'"#, "a\\", "b"),
    bash(r#"printf '%s\0' $"a{}b""#, "a", "b"),
    bash(r#"a=(x {} "{}"); printf '%s\0' "${a[1]}""#, "", "").refuse(),
    bash(r#"[[ {} == "{}" && x{} == 'x{}' ]] && printf '%s\0' {}"#, "", ""),
    bash(r#"cat <<< {}; printf '\0'"#, "", "\n"),
    bash(r#"cat <(printf '%s\0' {})"#, "", ""),
    bash(r#"f() { local x={}; printf '%s\0' "$x"; }; f"#, "", ""),
    bash(r#"printf '%s\0' {a,{}} | tail -zn1"#, "", ""),
];

impl Place {
    const fn refuse(self) -> Place {
        Place { refuses: true, ..self }
    }
    /// Marks of how `expected` differs; see there.
    const fn doubled(self) -> Place {
        Place { after: "\u{1}doubled", ..self }
    }
    const fn trimmed(self) -> Place {
        Place { after: "\u{1}trimmed", ..self }
    }
    const fn constant(self) -> Place {
        Place { after: "\u{1}constant", ..self }
    }

    /// What the template prints for `value`, without its final NUL; `None` if only a harmless run is asked for.
    fn expected(&self, value: &[u8]) -> Option<Vec<u8>> {
        let wrap = |before: &str, value: &[u8], after: &str| [before.as_bytes(), value, after.as_bytes()].concat();
        match self.after {
            "\u{1}constant" => None,
            "\u{1}trimmed" => {
                let end = value.iter().rposition(|b| *b != b'\n').map_or(0, |at| at + 1);
                Some(wrap("", &value[..end], "\nx"))
            }
            "\u{1}doubled" if self.before == "\"" => Some([b"\"", value, b"'\\", value, b"\n"].concat()),
            "\u{1}doubled" => Some([b"x", value, b"\ny", value, b"\n"].concat()),
            after => Some(wrap(self.before, value, after)),
        }
    }
}

/// Ways to write a value as it is.
const HOLES: [&str; 9] =
    ["{}", "{1}", "{-1}", "{= s/qqq// =}", "{%qqq}", "{1#qqq}", "{//qqq/x}", "{:0}", "{=-1 $_ = \"$_\" =}"];

/// The text of a command with one of [`HOLES`] in place of `{}`.
fn composed(template: &str, hole: &str, value: &[u8]) -> Result<Vec<u8>, String> {
    let words = [template.replace("{}", hole).into_bytes()];
    let mut strings = Strings::new(ShellFamily::Posix);
    strings.plus();
    let compiled = Template::compile(&words, ShellFamily::Posix, Insertion::default(), &mut strings);
    let mut text = Vec::new();
    let (template, _) = compiled.expect("this family never refuses to compile");
    template.text(&record(&[value]), Slot(3), &mut text).map_err(|refusal| refusal.reason)?;
    Ok(text)
}

/// Runs `script` and answers what it printed, and whether something ran that was data.
fn run(shell: &str, locale: &str, script: &[u8]) -> (Vec<u8>, Vec<u8>, bool) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("script");
    std::fs::write(&file, script).expect("the script is written");
    let work = folder.path().join("work");
    std::fs::create_dir(&work).expect("a folder to work in");
    let output = Command::new(shell)
        .arg(&file)
        .current_dir(&work)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LC_ALL", locale)
        .stdin(Stdio::null())
        .output()
        .expect("the shell runs");
    let ran = work.join("canary").exists() || is_used(&work);
    (output.stdout, output.stderr, ran)
}

/// Whether anything was created in `folder`.
fn is_used(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

/// Gives each of `values` to each of the places, in one run of each shell in each locale.
fn values_arrive(values: &[Vec<u8>]) {
    std::thread::scope(|scope| {
        for (shell, locale) in [("dash", "C"), ("dash", "C.UTF-8"), ("bash", "C"), ("bash", "C.UTF-8")] {
            scope.spawn(move || values_arrive_in(shell, locale, values));
        }
    });
}

fn values_arrive_in(shell: &str, locale: &str, values: &[Vec<u8>]) {
    let mut script = Vec::new();
    let mut jobs = Vec::new();
    for place in PLACES.iter().filter(|place| !place.bash || shell == "bash") {
        for (number, value) in values.iter().enumerate() {
            let hole = HOLES[(number + jobs.len()) % HOLES.len()];
            let text = match composed(place.template, hole, value) {
                Ok(text) => text,
                Err(refusal) => {
                    assert!(place.refuses, "{} refuses {value:?} in {hole}: {refusal}", place.template);
                    continue;
                }
            };
            script.extend_from_slice(&text);
            // What follows each job is one NUL of its own, so that they stay apart.
            script.extend_from_slice(b"\nprintf '\\1\\0'\n");
            jobs.push((place, value, text));
        }
    }
    let (stdout, stderr, ran) = run(shell, locale, &script);
    let mut found = stdout.split(|byte| *byte == 0);
    for (place, value, text) in &jobs {
        let printed = found.next().unwrap_or_default();
        let text = bstr::BStr::new(text);
        let errors = bstr::BStr::new(&stderr);
        if let Some(expected) = place.expected(value) {
            let (printed, expected) = (bstr::BStr::new(printed), bstr::BStr::new(&expected));
            assert_eq!(printed, expected, "{shell} {locale}: {} with {value:?}\n{text}\n{errors}", place.template);
        }
        assert_eq!(
            found.next(),
            Some(&b"\x01"[..]),
            "{shell} {locale}: {} with {value:?}\n{text}\n{errors}",
            place.template
        );
    }
    assert!(!ran, "{shell} {locale}: a value has run");
}

#[test]
fn hostile_values_arrive_in_every_context() {
    let values: Vec<Vec<u8>> = HOSTILE.iter().map(|value| value.to_vec()).collect();
    values_arrive(&values);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_arrive_in_every_context(values in proptest::collection::vec(value(), 8)) {
        values_arrive(&values);
    }
}

/// Bytes of any kind, those that mean something to a shell more often than others.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let special =
        proptest::sample::select(b"'\"$`\\(){}[]<>|&;#*?~! \t\n\r=-+EOF\x01\x7f\x81\x82\x88\xff\xc3\xa9".to_vec());
    proptest::collection::vec(prop_oneof![3 => special, 1 => 1u8..=255], 0..12)
}
