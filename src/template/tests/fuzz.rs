//! Commands made up at random, well-formed or not: whatever stands around a placeholder, nothing in a value runs.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{inserting, record};
use crate::model::Slot;
use crate::template::Insertion;

/// Values that run something as soon as they are read as code in the right place.
pub(super) const CANARIES: &[&str] = &[
    "$(touch canary)",
    "`touch canary`",
    "'; touch canary; '",
    "\"; touch canary; \"",
    "'$(touch canary)'",
    "\"$(touch canary)\"",
    "\\'; touch canary; \\'",
    "\\\"; touch canary; \\\"",
    "\\`touch canary\\`",
    "\\\\`touch canary\\\\`",
    "\\\\\\`touch canary\\\\\\`",
    "\\$(touch canary)",
    "`;touch canary;`",
    "); touch canary; (",
    ")); touch canary; ((",
    "}; touch canary; {",
    "}`touch canary`{",
    "]]; touch canary; [[",
    "] ; touch canary; [",
    ";; esac; touch canary; #",
    ") touch canary;; #",
    "\ntouch canary\n",
    "'\ntouch canary\n'",
    "\"\ntouch canary\n\"",
    ")\ntouch canary\n",
    "EOF\ntouch canary\n",
    "\nEOF\ntouch canary\n",
    "\n\tEOF\ntouch canary\n: <<EOF\n",
    "\nE\\\nOF\ntouch canary\n",
    "a[$(touch canary)]",
    "a[`touch canary`0]",
    "x[$(touch canary)]=1",
    "a[\"$(touch canary)\"]",
    "($(touch canary))",
    "([$(touch canary)]=x)",
    "x=$(touch canary)",
    "; touch canary",
    "& touch canary &",
    "| touch canary",
    "> canary",
    "<(touch canary)",
    "#\ntouch canary",
    "\\\ntouch canary\n",
    "\\",
    "'",
    "\"",
    "`",
    "",
    "-v",
    "-eq",
    "case",
    "esac",
    "in",
    "{",
    "if",
    "[[",
    "x",
    "2",
    "\t",
    "{a,'$(touch canary)'}",
    "{A..z};touch canary;\"`touch canary`",
    "*(e:touch canary:)",
    "$'\\'; touch canary; \\'",
    "e:'touch canary':",
];

/// A source of choices that is the same for the same seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // The constants of Knuth's MMIX generator.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const HOLES: &[&str] = &["{}", "{1}", "{2}", "{3}", "{2}", "{1}", "{/}", "{#}"];
const TEXTS: &[&str] = &[
    "a", "b.c", "x", "$x", "$?", "$1", "$@", "\\$", "\\\\", "\\'", "\\\"", "\\`", "\\\n", "~", "*", "=", ":", "#", "[",
    "]", "{a,", "}", "!", "%", "$", "\\", "-n", "${x}", "$#", "it\\'s", "@(", ")", "+", "-", "0", ",", "^", "/",
];

/// A part of a word; `deep` counts down.
fn piece(dice: &mut Dice, deep: usize) -> String {
    let inner = |dice: &mut Dice| if deep == 0 { dice.pick(HOLES).to_owned() } else { word(dice, deep - 1) };
    match dice.roll(if deep == 0 { 8 } else { 17 }) {
        0..=3 => dice.pick(HOLES).to_owned(),
        4 => dice.pick(TEXTS).to_owned(),
        5 => format!("'{}{}'", dice.pick(&["", "a", "\"", "$(", "`", "\\", "# "]), dice.pick(HOLES)),
        6 => format!("\"{}{}\"", dice.pick(&["", "a ", "'", "$x", "\\$", "\\", "${x}", "# "]), dice.pick(HOLES)),
        7 => format!("$'{}{}'", dice.pick(&["", "\\n", "\\x4", "\\\\", "\\'", "a"]), dice.pick(HOLES)),
        8 => format!("\"{}\"", inner(dice).replace(['"', '\''], "")),
        9 => format!("$({})", commands(dice, deep - 1)),
        10 => format!("\"$({})\"", commands(dice, deep - 1)),
        11 => {
            let inner = commands(dice, deep - 1);
            format!("`{}`", inner.replace('\\', "\\\\").replace('`', "\\`"))
        }
        12 => {
            let inner = commands(dice, deep - 1);
            let escaped = inner.replace('\\', "\\\\").replace('`', "\\`");
            format!("\"`{}`\"", if dice.roll(2) == 0 { escaped } else { escaped.replace('"', "\\\"") })
        }
        13 => format!("${{x{}{}}}", dice.pick(&[":-", "-", "#", "%%", ":", "/", "[", "+"]), inner(dice)),
        14 => format!("\"${{x{}{}}}\"", dice.pick(&[":-", "#", "+"]), inner(dice)),
        15 => format!("$(({}{}))", dice.pick(&["1+", "", "x+", "a[", "16#"]), inner(dice)),
        _ => format!("{}({})", dice.pick(&["<", ">", "@", "x=", "*"]), inner(dice)),
    }
}

fn word(dice: &mut Dice, deep: usize) -> String {
    (0..=dice.roll(3)).map(|_| piece(dice, deep)).collect()
}

fn command(dice: &mut Dice, deep: usize) -> String {
    let w = |dice: &mut Dice| word(dice, deep);
    match dice.roll(if deep == 0 { 12 } else { 24 }) {
        0..=2 => format!("echo {} {}", w(dice), w(dice)),
        3 => format!("printf '{}' {} {}", dice.pick(&["%s", "%d", "%s\\n", "-v"]), w(dice), w(dice)),
        4 => format!("x={} y={}", w(dice), w(dice)),
        5 => format!(
            "{} {} {}",
            dice.pick(&[
                "export",
                "declare",
                "typeset",
                "local",
                "readonly",
                "declare -i",
                "typeset -i",
                "declare -a",
                "declare -n",
                "unset",
                "read",
                "let",
                "set",
                "set --",
                "shift",
                "exit",
                "wait",
                "getopts",
                "printf -v",
                "mapfile",
                "ulimit",
                "kill -0"
            ]),
            dice.pick(&["", "x=", "y", "x ", "x+="]),
            w(dice)
        ),
        6 => format!("[ {} {} {} ]", w(dice), dice.pick(&["=", "-eq", "-lt", "", "-a"]), w(dice)),
        7 => format!("[[ {} {} {} ]]", w(dice), dice.pick(&["==", "-eq", "=~", "<", "-v"]), w(dice)),
        8 => format!("echo {} > {}", w(dice), dice.pick(&["/dev/null", "{}", "\"{1}\"", "out{2}", "&2"])),
        9 => format!(
            "[[ {} {} ]] || test {} {}",
            dice.pick(&["-v", "-n", "-t", "!"]),
            w(dice),
            dice.pick(&["-v", "-n", "-t", "-f"]),
            w(dice)
        ),
        10 => format!(
            "{}={}; echo $(({}))",
            dice.pick(&["x", "OPTIND", "COLUMNS", "PS4"]),
            w(dice),
            dice.pick(&["x", "x+1", "1"])
        ),
        11 => format!("a[{}]={}", w(dice), w(dice)),
        12 => format!(
            "case {} in {}) {};; *) {};; esac",
            w(dice),
            w(dice),
            command(dice, deep - 1),
            command(dice, deep - 1)
        ),
        13 => format!("for x in {} {}; do {}; done", w(dice), w(dice), command(dice, deep - 1)),
        14 => format!("if {}; then {}; fi", command(dice, deep - 1), command(dice, deep - 1)),
        15 => format!("{{ {}; }} 2>/dev/null", commands(dice, deep - 1)),
        16 => format!("({})", commands(dice, deep - 1)),
        17 => format!("f() {{ {}; }}; f {}", command(dice, deep - 1), w(dice)),
        18 => format!("(({}))", w(dice)),
        19 => format!("echo x # {}\n{}", w(dice), command(dice, deep - 1)),
        20 => {
            let delimiter = dice.pick(&["EOF", "'EOF'", "\\EOF", "{2}", "\"E\"OF"]);
            let operator = dice.pick(&["<<", "<<-", "<< "]);
            let tab = dice.pick(&["", "\t"]);
            let end = if delimiter == "{2}" { "{2}" } else { "EOF" };
            let tail = dice.pick(&["", "", "", " {}", " | cat", "; echo {1}"]);
            format!("cat {operator}{delimiter}{tail}\n{tab}{}\n{tab}{}\n{tab}{end}\n:", w(dice), w(dice))
        }
        21 => format!("cat <<< {}", w(dice)),
        22 => format!("a=({} {}); echo \"${{a[0]}}\"", w(dice), w(dice)),
        _ => format!("{} && {} | {}", command(dice, deep - 1), command(dice, deep - 1), command(dice, deep - 1)),
    }
}

fn commands(dice: &mut Dice, deep: usize) -> String {
    let first = command(dice, deep);
    match dice.roll(4) {
        0 => format!("{first}; {}", command(dice, deep)),
        1 => format!("{first}\n{}\n", command(dice, deep)),
        _ => first,
    }
}

/// A whole template, sometimes with a byte lost, doubled or put in somewhere.
pub(super) fn made_up(dice: &mut Dice) -> String {
    let deep = dice.roll(4);
    let mut text = commands(dice, deep);
    for _ in 0..dice.roll(3) {
        let at = (0..).map(|_| dice.roll(text.len() + 1)).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        if dice.roll(2) == 0 && at < text.len() {
            text.remove(at);
        } else {
            text.insert_str(
                at,
                dice.pick(&["'", "\"", "`", "\\", "$", "(", ")", "#", "\n", "{}", " ", ";", "{2}", "<", "}"]),
            );
        }
    }
    text
}

/// Runs one command in `folder`, with a limit on its time.
fn run(shell: &str, folder: &Path, text: &[u8]) {
    use std::os::unix::ffi::OsStrExt;
    std::fs::create_dir(folder).expect("a folder of its own");
    let status = Command::new("timeout")
        .args(["-s", "KILL", "5", shell, "-c"])
        .arg(std::ffi::OsStr::from_bytes(text))
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.is_ok(), "{shell} runs");
}

/// Makes up `count` templates and gives each a few records. Answers how many commands were run.
fn nothing_runs(shell: &str, seed: u64, count: usize) -> usize {
    let mut dice = Dice(seed);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut runs = Vec::new();
    for _ in 0..count {
        // What starts with a placeholder is code by choice.
        let template = format!(": ; {}", made_up(&mut dice));
        for _ in 0..4 {
            let args: Vec<&str> = (0..=dice.roll(2)).map(|_| dice.pick(CANARIES)).collect();
            let insertion =
                Insertion { repeat_words: dice.roll(2) == 0, nothing: false, only_named: false, quoted: false };
            let mut text = Vec::new();
            if inserting(&[&template], insertion).text(&record(&args), Slot(3), &mut text).is_err() {
                continue;
            }
            let own = folder.path().join(runs.len().to_string());
            run(shell, &own, &text);
            runs.push((own, template.clone(), args, text));
        }
    }
    // At the end, for the sake of what ran in the background.
    for (own, template, args, text) in &runs {
        let text = bstr::BStr::new(text);
        assert!(!own.join("canary").exists(), "{shell}: a value ran\n{template:?}\n{args:?}\n{text}");
    }
    runs.len()
}

#[test]
fn nothing_in_a_value_runs() {
    let count = std::env::var("FANOUT_FUZZ").ok().and_then(|count| count.parse().ok()).unwrap_or(60);
    let seed = std::env::var("FANOUT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    std::thread::scope(|scope| {
        for shell in ["dash", "bash", "zsh", "ksh", "mksh"] {
            // Only the first two are sure to be there.
            let there = matches!(shell, "dash" | "bash") || Command::new(shell).args(["-c", ":"]).status().is_ok();
            if there {
                scope.spawn(move || {
                    let runs = nothing_runs(shell, seed, count);
                    println!("{shell}: {runs} commands");
                    assert!(runs > count / 4, "{shell}: nearly all were refused");
                });
            }
        }
    });
}
