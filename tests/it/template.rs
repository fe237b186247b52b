//! Replacement strings: what they become, and that a value is never read as code.

mod features;
mod hostile;

use crate::harness::{fanout, installed, same_beside_parallel};

/// Inputs with every kind of path in them.
const PATHS: [&str; 12] = [
    "a/b/c.tar.gz",
    "plain",
    ".hidden",
    "dir/.hidden.txt",
    "a.b/c",
    "/",
    "/x",
    "x/",
    "a//b.c",
    "sp ace/it's.t x",
    "..",
    "-n",
];

#[test]
fn path_operators_as_in_gnu_parallel() {
    let template = "printf '<%s>' {} {.} {/} {//} {/.} {#}; echo";
    fanout().args(["-k", "-j2", template, ":::"]).args(PATHS).same_as_parallel().ok();
}

#[test]
fn positional_operators_as_in_gnu_parallel() {
    let template = "printf '<%s>' {1} {2} {1.} {2/} {1//} {2/.} {-1} {-2} {-1/.} {3} {-3} {-4}; echo";
    fanout().args(["-k", template, ":::", "a/b.c", "d.e/f", ":::", "g/h.i", "-j"]).same_as_parallel().ok();
    fanout().args(["-k", "-n2", "echo {2} {1}"]).stdin("1\n2\n3\n4\n5\n").same_as_parallel().ok();
}

#[test]
fn the_value_is_appended_where_there_is_no_replacement_string() {
    fanout().args(["-k", "echo", "a", ":::", "1", "2"]).same_as_parallel().stdout("a 1\na 2\n");
    fanout().args(["-k", "echo", "{#}", ":::", "x", "y"]).same_as_parallel().stdout("1\n2\n");
    fanout().args(["-k", "echo {%}", ":::", "x"]).same_as_parallel().stdout("1\n");
    fanout().args(["-k", "echo", "a", ":::", "1", ":::", "2", "3"]).same_as_parallel().stdout("a 1 2\na 1 3\n");
}

#[test]
fn a_replacement_string_within_a_word() {
    fanout().args(["-k", "echo", "x{}y", "{}{}", "{.}.b", ":::", "a b.c", "$X"]).same_as_parallel().ok();
    fanout().args(["-k", "-n3", "echo file-{}.txt"]).stdin("1\n2\n3\n4\n").same_as_parallel().ok();
}

#[test]
fn braces_that_are_no_replacement_string_stay() {
    let template = ["echo", "{x}", "{", "}", "{{}}", "{}}", "{0.5}", "{a,b}"];
    fanout().args(["-k"]).args(template).args([":::", "v"]).shell("dash").same_as_parallel().ok();
}

#[test]
fn the_words_of_the_command_are_joined_by_blanks_and_read_by_the_shell() {
    fanout().args(["-k", "echo", "a  b", "$HOME", "*", ";", "echo", "two", ":::", "1"]).same_as_parallel().ok();
}

#[test]
fn harmless_values_look_as_in_gnu_parallel_under_dry_run() {
    let values = [
        "a", "a b", "it's", "", "$x", "a;b", "*", "~", "\\", "\"", "a\tb", "#", "é", "-n", "=", "a=b", "{}", "!", "%",
        "[x]",
    ];
    fanout().args(["-k", "--dry-run", "echo {} x{}y", ":::"]).args(values).same_as_parallel().ok();
}

#[test]
fn a_template_that_starts_with_a_placeholder_is_a_command_of_the_users() {
    fanout().args(["-k", "{}", ":::", "echo a; echo b", "echo 'c  d'"]).same_as_parallel().stdout("a\nb\nc  d\n");
    fanout().args(["-k", "{} x", ":::", "echo a;echo"]).same_as_parallel().stdout("a\nx\n");
    fanout().args(["-k", "{1} {2}", ":::", "echo a;echo", ":::", "b"]).same_as_parallel().stdout("a\nb\n");
}

#[test]
fn only_the_first_placeholder_may_be_a_command() {
    let done = fanout().args(["-k", "{1} {2}", ":::", "echo", ":::", "$(touch pwned)"]).run().ok();
    assert!(!done.dir.has("pwned"));
    done.stdout("$(touch pwned)\n");
}

#[test]
fn without_a_command_a_line_is_the_users_command() {
    fanout().stdin("echo '{}' \"$HOME\"\n").same_as_parallel().ok();
}

#[test]
fn program_text_for_another_interpreter_is_warned_of_once() {
    for (template, safe_form) in [
        ("sh -c {}", "sh -c '… \"$1\"' _ {}"),
        ("bash -c \"cd $HOME; echo {}\"", "bash -c '… \"$1\"' _ {}"),
        ("eval echo {}", "\"$v\""),
        ("awk 'BEGIN { print \"{}\" }'", "ENVIRON[\"v\"]"),
        ("perl -e 'print \"{}\"'", "$ARGV[0]"),
        ("ssh host ls {}", "{} | ssh"),
    ] {
        let done = fanout().args(["--dry-run", template, ":::", "1", "2", "3"]).run().ok();
        let warnings = done.error_text().lines().filter(|line| line.contains("warning")).count();
        done.check(warnings == 1, "expected one warning");
        done.stderr_has(safe_form);
    }
}

#[test]
fn a_second_shell_gets_what_gnu_parallel_gives_it() {
    let values = ["a", "b  c", "x;y", "*", "a&b|c", "~", "(d)"];
    for command in [
        "bash -c \"printf '<%s>' {}\"",
        "sh -c \"printf '<%s>' x{.}y {#}\"; echo",
        "env X=1 bash -c \"printf '<%s>' {} \\$X\"",
        "eval \"printf '<%s>' {}\"",
        "bash -c \"sh -c \\\"printf '<%s>' {}\\\"\"",
        "x=$(bash -c \"printf '<%s>' {}\"); echo \"$x\"",
    ] {
        fanout().args(["-k", command, ":::"]).args(values).same_as_parallel().ok().quiet();
        fanout().args(["-k", "--dry-run", command, ":::"]).args(values).same_as_parallel().ok().quiet();
        fanout().args(["-k", "-n2", command, ":::"]).args(values).same_as_parallel().ok().quiet();
    }
}

#[test]
fn the_safe_form_for_another_interpreter_is_not_warned_of() {
    let args = ["-k", "sh -c 'echo \"$1\"' _ {}", ":::", "$(touch pwned)", "a  b"];
    let done = fanout().args(args).run().ok().quiet();
    assert!(!done.dir.has("pwned"));
    done.stdout("$(touch pwned)\na  b\n");
}

#[test]
fn shells_of_other_families_allow_a_bare_placeholder() {
    for shell in installed(["fish", "tcsh"]) {
        let values = hostile::values().into_iter().filter(|value| shell != "tcsh" || !value.contains(&b'\n'));
        let values: Vec<Vec<u8>> = values.collect();
        let input: Vec<u8> = values.iter().flat_map(|value| [value.as_slice(), b"\0"].concat()).collect();
        let done = fanout().shell(shell).args(["-0", "-k", "printf '<%s>' {}; true"]).stdin(input).run();
        let expected: Vec<u8> = values.iter().flat_map(|value| [b"<", value.as_slice(), b">"].concat()).collect();
        done.ok().stdout(expected);
    }
}

#[test]
fn shells_of_other_families_read_the_quotes_of_gnu_parallel() {
    // Backslashes are left out for fish, where GNU parallel's quotes lose them.
    let mut lines = Vec::new();
    for shell in installed(["csh", "tcsh", "fish"]) {
        for option in ["-v echo", "--shellquote"] {
            lines.push(format!(
                "printf '%s\\0' 'a b' \"it's\" \"''\" 'a!b' '*?' '$x' '(a)' '{{b,c}}' '~' 'a=b' 'a,b:c@d%e' '\"q\"' '#x' ';' \
                 'x|y&z' '<>' '`id`' '[d]' '^' 'two\nlines' | PARALLEL_SHELL=$(command -v {shell}) $P -0 -k {option}"
            ));
        }
    }
    same_beside_parallel("", &lines.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn print_of_ksh_and_zsh_takes_data_behind_its_options() {
    let mut lines = Vec::new();
    for shell in installed(["ksh", "mksh", "zsh"]) {
        for command in ["print -r --", "print -rn --"] {
            lines.push(format!(
                "PARALLEL_SHELL=$(command -v {shell}) $P -k '{command}' ::: 'a b' \"it's\" '$x' 'a[$(id)]' '%n' -p 'b\\c'"
            ));
        }
    }
    same_beside_parallel("", &lines.iter().map(String::as_str).collect::<Vec<_>>());
    for shell in installed(["ksh", "mksh", "zsh"]) {
        for command in ["print", "print -r", "print -P --", "print -v x --"] {
            let done = fanout().shell(shell).args([command, ":::", "a[$(id)]"]).run();
            done.fails_with(1).stdout("").stderr_has("is refused");
        }
    }
}

#[test]
fn shells_of_other_families_refuse_a_placeholder_in_quotes() {
    for shell in installed(["fish", "tcsh"]) {
        // A backtick is a character like any other in fish, which has parentheses instead.
        let substitution = if shell == "fish" { "echo (echo {})" } else { "echo `echo {}`" };
        for template in ["echo \"{}\"", "echo '{}'", substitution] {
            let done = fanout().shell(shell).args([template, ":::", "x"]).run();
            done.fails_with(255).stdout("").stderr_has("{}");
        }
    }
}
