//! Hostile values in every quote context of every shell of the POSIX family: they arrive byte for byte.

use crate::harness::{Done, fanout, installed};

/// Values that mean something to a shell, somewhere.
pub fn values() -> Vec<Vec<u8>> {
    let texts = [
        "plain",
        "",
        " ",
        "two words",
        " lead and trail ",
        "tab\there",
        "new\nline",
        "ends in newline\n",
        "new\n\tindented line",
        "\n",
        "it's",
        "'",
        "''",
        "\"",
        "say \"hi\"",
        "\"; touch pwned; \"",
        "'; touch pwned; '",
        "\\",
        "\\\\",
        "a\\",
        "\\n\\t\\0",
        "\\'",
        "\\\"",
        "$HOME",
        "${HOME}",
        "$",
        "$$",
        "$(touch pwned)",
        "$((1+1))",
        "`touch pwned`",
        "`",
        "\\`touch pwned\\`",
        "$'touch'",
        "; touch pwned",
        "& touch pwned",
        "| touch pwned",
        "\ntouch pwned\n",
        "> pwned",
        "< /etc/passwd",
        "*",
        "?",
        "[a-z]*",
        "{a,b}",
        "~",
        "~root",
        "!",
        "!!",
        "# comment",
        "-n",
        "--",
        "-e x",
        "-",
        "=",
        "a=b",
        "%s%n",
        ")",
        "(",
        "}",
        "{}",
        "{.}",
        "EOF",
        "x\nEOF\ntouch pwned\n",
        "\tEOF",
        "${x:=$(touch pwned)}",
        "a[$(touch pwned)]",
        "\r",
        "a\r\nb",
        "é ü 日本",
        "\u{1b}[2J",
    ];
    let mut values: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    values.push((1..=255).collect());
    values.push(b"\xff\xfe'\x80\"".to_vec());
    values
}

/// The shells of the POSIX family.
fn shells() -> [&'static str; 5] {
    installed(["dash", "bash", "zsh", "ksh", "mksh"])
}

/// Runs `template` for all values, in each shell; each job must print what `expected` says, and nothing else happens.
#[track_caller]
fn arrive(template: &str, expected: impl Fn(&[u8]) -> Vec<u8>) {
    arrive_but(template, |_| false, expected);
}

/// As [`arrive`], but the values that are `refused` fail their jobs before they start.
#[track_caller]
fn arrive_but(template: &str, refused: impl Fn(&[u8]) -> bool, expected: impl Fn(&[u8]) -> Vec<u8>) {
    let count = values().iter().filter(|value| refused(value)).count();
    let expected = |value: &[u8]| if refused(value) { Vec::new() } else { expected(value) };
    for shell in shells() {
        let input: Vec<u8> = values().iter().flat_map(|value| [value.as_slice(), b"\0"].concat()).collect();
        let wanted: Vec<u8> = values().iter().flat_map(|value| expected(value)).collect();
        // ksh93u+m 1.0.4 by itself never ends when a here-document holds invalid UTF-8 in a UTF-8 locale.
        let locale = if shell == "ksh" && template.contains("<<") { "C" } else { "C.UTF-8" };
        let cmd = fanout().shell(shell).env("LC_ALL", locale).args(["-0", "-k", template]);
        let done = cmd.stdin(input).run();
        harmless(&done);
        done.check(
            done.stdout == wanted,
            &format!("{shell}: {template}\n{}", first_difference(template, &done, &expected)),
        );
        done.fails_with(i32::try_from(count).expect("few"));
    }
}

#[track_caller]
fn harmless(done: &Done) {
    done.check(!done.dir.has("pwned"), "a value was executed");
}

/// Which value was the first that did not arrive.
fn first_difference(template: &str, done: &Done, expected: &impl Fn(&[u8]) -> Vec<u8>) -> String {
    let mut rest = done.stdout.as_slice();
    for value in values() {
        match rest.strip_prefix(expected(&value).as_slice()) {
            Some(after) => rest = after,
            None => {
                let got = &rest[..rest.len().min(value.len() + 40)];
                return format!("value \"{}\" gave \"{}\"", value.escape_ascii(), got.escape_ascii());
            }
        }
    }
    format!("more output than expected from {template}")
}

/// The value between angle brackets.
fn bracketed(value: &[u8]) -> Vec<u8> {
    [b"<", value, b">"].concat()
}

/// The value as a line of its own.
fn line(value: &[u8]) -> Vec<u8> {
    [value, b"\n"].concat()
}

#[test]
fn bare() {
    arrive("printf '<%s>' {}", bracketed);
    arrive("printf '<%s>' {}; :", bracketed);
    arrive("x={}; printf '<%s>' \"$x\"", bracketed);
    arrive("printf '<%s>' a{}b; :", |value| [b"<a", value, b"b>"].concat());
    arrive("printf '<%s>' \\\n{}; :", bracketed);
}

#[test]
fn appended() {
    arrive("printf '<%s>'", bracketed);
}

#[test]
fn in_double_quotes() {
    arrive("printf '<%s>' \"{}\"", bracketed);
    arrive("printf '<%s>' \"a{}$((1+1)){}b\"", |value| [b"<a", value, b"2", value, b"b>"].concat());
    arrive("printf '<%s>' \"it's {}\"", |value| [b"<it's ", value, b">"].concat());
    arrive("printf '<%s>' \"\\\"{}\\\"\"", |value| [b"<\"", value, b"\">"].concat());
}

#[test]
fn in_single_quotes() {
    arrive("printf '<%s>' '{}'", bracketed);
    arrive("printf '<%s>' 'a\"{}\\'", |value| [b"<a\"", value, b"\\>"].concat());
}

#[test]
fn in_a_command_substitution() {
    // The x keeps newlines at the end from being taken away by the substitution.
    let with_x = |value: &[u8]| [b"<", value, b"x>"].concat();
    arrive("printf '<%s>' \"$(printf %sx {})\"", with_x);
    arrive("printf '<%s>' \"$(printf %sx \"{}\")\"", with_x);
    arrive("printf '<%s>' \"$(printf %sx '{}')\"", with_x);
    arrive("y=$(printf %sx {}); printf '<%s>' \"$y\"", with_x);
    arrive("printf '<%s>' \"$(printf %s \"$(printf %sx \"{}\")\")\"", with_x);
}

#[test]
fn in_backticks() {
    let with_x = |value: &[u8]| [b"<", value, b"x>"].concat();
    arrive("printf '<%s>' \"`printf %sx {}`\"", with_x);
    arrive("y=`printf %sx {}`; printf '<%s>' \"$y\"", with_x);
    arrive("y=`printf %sx '{}'`; printf '<%s>' \"$y\"", with_x);
    arrive("y=`printf %sx \"{}\"`; printf '<%s>' \"$y\"", with_x);
}

#[test]
fn in_the_command_of_a_second_shell() {
    arrive("sh -c \"printf '<%s>' {}\"", bracketed);
    arrive("sh -c 'printf \"<%s>\" {}'", bracketed);
    arrive("sh -c \"printf '<%s>' '{}'\"; :", bracketed);
    arrive("sh -c 'printf \"<%s>\" \"{}\"'; :", bracketed);
    arrive("eval \"printf '<%s>' \\\"{}\\\"\"", bracketed);
    arrive("sh -c 'x={}; sh -c \"printf \\\"<%s>\\\" {}\"'", bracketed);
    arrive("y=`bash -c \"printf %sx {}\"`; printf '<%s>' \"$y\"", |value| [b"<", value, b"x>"].concat());
}

#[test]
fn in_a_here_document() {
    // A line of a value that is the delimiter would end the document: no quoting helps, so the job fails.
    let lines = |value: &[u8]| value.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let alone = |value: &[u8]| lines(value).iter().any(|line| line == b"EOF");
    let inner =
        |value: &[u8]| matches!(&lines(value)[..], [_, inner @ .., _] if inner.iter().any(|line| line == b"EOF"));
    arrive_but("cat <<EOF\n{}\nEOF\n", alone, line);
    arrive_but("cat <<EOF\n\"{}\" '{}'\nEOF\n", inner, |value| [b"\"", value, b"\" '", value, b"'\n"].concat());
    arrive_but("cat <<'EOF'\n<{}>\nEOF\n", inner, |value| [b"<", value, b">\n"].concat());
    // This kind loses tabs at the start of lines.
    let indented = |value: &[u8]| lines(value)[1..].iter().any(|line| line.starts_with(b"\t"));
    let refused = |value: &[u8]| inner(value) || indented(value);
    arrive_but("cat <<-EOF\n\tx{}x\n\tEOF\n", refused, |value| [b"x", value, b"x\n"].concat());
}

#[test]
fn in_a_parameter_expansion() {
    // Shells disagree about quotes in there, so what would need them is refused.
    let hostile =
        ["$(touch pwned)", "}$(touch pwned)", "`touch pwned`", "a'b", "\"; touch pwned; \"", "two words", "\\"];
    harmless_passes_hostile_fails("echo \"${nothing:-{}}\"", "a/b-c.d", "a/b-c.d\n", &hostile);
    harmless_passes_hostile_fails("echo ${nothing:-{}}", "a/b-c.d", "a/b-c.d\n", &hostile);
}

#[test]
fn path_operators_are_quoted_too() {
    let done = fanout()
        .args(["-0", "-k", "printf '<%s>' \"{/}\" '{//}' {.}; :"])
        .stdin("$(touch pwned)/`touch pwned`.x'\0")
        .run()
        .ok();
    harmless(&done);
    done.stdout("<`touch pwned`.x'><$(touch pwned)><$(touch pwned)/`touch pwned`>");
}

/// A harmless value passes, and another fails its job before it starts, while the other jobs run.
#[track_caller]
fn harmless_passes_hostile_fails(template: &str, harmless_value: &str, output: &str, hostile: &[&str]) {
    for shell in shells() {
        let cmd = fanout().shell(shell).args(["-k", template, ":::", harmless_value]);
        cmd.run().ok().stdout(output);
        for value in hostile {
            let input = format!("{value}\0{harmless_value}\0");
            let done = fanout().shell(shell).args(["-0", "-k", template]).stdin(input).run();
            harmless(&done);
            done.stdout(output).fails_with(1);
        }
    }
}

#[test]
fn in_arithmetic() {
    let hostile = ["a[$(touch pwned)]", "1 + x", "$(touch pwned)", "`touch pwned`", "1))$(touch pwned)((1"];
    harmless_passes_hostile_fails("echo $(({} + 1))", "41", "42\n", &hostile);
    harmless_passes_hostile_fails("echo \"$((2 * {}))\"", "21", "42\n", &hostile);
}

#[test]
fn in_a_comment() {
    harmless_passes_hostile_fails("echo hi # {}", "there", "hi\n", &["x\ntouch pwned", "\ntouch pwned\n"]);
}

#[test]
fn in_the_delimiter_line_of_a_here_document() {
    harmless_passes_hostile_fails(
        "cat <<{}\nhi\nEND\n",
        "END",
        "hi\n",
        &["$(touch pwned)", "x\ntouch pwned", "a b", "'"],
    );
}
