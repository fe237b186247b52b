//! Placeholders in program text for a second interpreter, which no quoting of ours can protect: the warning.

use super::lexer::Word;
use super::placeholder::Placeholder;

/// Commands that run the command in their arguments.
const PREFIXES: [&str; 34] = [
    "env",
    "sudo",
    "doas",
    "nice",
    "timeout",
    "nohup",
    "time",
    "command",
    "exec",
    "builtin",
    "setsid",
    "stdbuf",
    "ionice",
    "chroot",
    "unshare",
    "nsenter",
    "strace",
    "ltrace",
    "busybox",
    "xargs",
    "chrt",
    "taskset",
    "flock",
    "setpriv",
    "systemd-run",
    "find",
    "noglob",
    "unbuffer",
    "gtimeout",
    "gxargs",
    "prlimit",
    "catchsegv",
    "valgrind",
    "fakeroot",
];

/// Warns if a word of this command is program text with a placeholder in it, and says what to write instead.
pub(crate) fn warning(words: &[Word], placeholders: &[Placeholder]) -> Option<String> {
    if words.iter().all(|word| word.holes.iter().all(|id| placeholders[*id].is_number())) {
        return None;
    }
    let first = words.first().and_then(name).unwrap_or_default();
    if matches!(first, "echo" | "printf") {
        return None;
    }
    let prefixed = PREFIXES.contains(&first);
    for (index, word) in words.iter().enumerate() {
        let Some(name) = name(word) else {
            continue;
        };
        let arguments = &words[index + 1..];
        let (program, remedy) = match program_text(name, arguments, index == 0 || prefixed) {
            Some(found) => found,
            None => continue,
        };
        let holes = program.iter().flat_map(|word| &word.holes);
        if let Some(id) = holes.copied().find(|id| !placeholders[*id].is_number()) {
            let placeholder = &placeholders[id];
            let text = format!("{placeholder} stands in program text for {name}, which would run its value as code: ");
            return Some(text + &remedy.replace("NAME", name));
        }
    }
    None
}

/// The words that make up the command that this one gives to a shell of the POSIX family, with blanks between.
pub(crate) fn shell_text(words: &[Word]) -> Option<&[Word]> {
    let first = words.first().and_then(name)?;
    if matches!(first, "echo" | "printf") {
        return None;
    }
    let prefixed = PREFIXES.contains(&first);
    for (index, word) in words.iter().enumerate() {
        // A value before it might make it something else.
        let name = name(word)?;
        if let Some((program, _)) = program_text(name, &words[index + 1..], index == 0 || prefixed) {
            return is_shell(name).then_some(program);
        }
    }
    None
}

/// Whether program text for this command is read by a shell of the POSIX family, as far as anybody can know who is not
/// on the other host.
fn is_shell(name: &str) -> bool {
    SHELLS.contains(&name)
        || matches!(name, "su" | "runuser" | "ssh" | "rsh" | "slogin" | "flock" | "script" | "eval" | "trap" | "watch")
}

/// The last part of the name of a command, without a version number.
fn name(word: &Word) -> Option<&str> {
    let text = std::str::from_utf8(word.literal()?).ok()?;
    let base = text.rsplit('/').next().unwrap_or(text);
    let plain = base.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    Some(if matches!(plain, "python" | "perl" | "ruby" | "lua" | "php" | "ksh" | "node") { plain } else { base })
}

/// Shells of the POSIX family.
const SHELLS: [&str; 12] =
    ["sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "yash", "rbash", "ksh93", "posh", "oksh"];

const SHELL: &str = "use NAME -c '… \"$1\"' _ {}";
const VARIABLE: &str = "put it into a variable first, v={}, and write \"$v\" there";

/// The words that are program text for the command `name`, and the safe form.
fn program_text<'a>(name: &str, arguments: &'a [Word], own: bool) -> Option<(&'a [Word], &'static str)> {
    match name {
        name if SHELLS.contains(&name) => Some((shell(arguments)?, SHELL)),
        "fish" => Some((shell(arguments)?, "use fish -c '… $argv[1]' {}")),
        "csh" | "tcsh" => Some((shell(arguments)?, "use env v={} NAME -c '… $v:q'")),
        // Its own way of running a command, without a shell.
        "runuser" if arguments.iter().any(|word| word.text == b"-u" || word.text.starts_with(b"--user")) => None,
        "su" | "runuser" => {
            let options = Options { long: &["command", "anywhere"], ..Options::new("c", "Uugsw") };
            Some((option(arguments, &options)?, "use NAME USER -c '… \"$1\"' -- _ {}"))
        }
        "perl" => {
            let options = Options { glued: "MmiFxDCV", numbered: "l0", ..Options::new("eE", "I") };
            Some((option(arguments, &options)?, "use perl -e '… $ARGV[0] …' {}"))
        }
        "ruby" => {
            let options = Options { glued: "iFxK", numbered: "0TW", ..Options::new("e", "rICEX") };
            Some((option(arguments, &options)?, "use ruby -e '… ARGV[0] …' {}"))
        }
        "python" | "pypy" => Some((option(arguments, &Options::new("c", "WX"))?, "use NAME -c '… sys.argv[1] …' {}")),
        "node" | "nodejs" | "bun" => {
            let options = Options { long: &["eval", "print"], ..Options::new("ep", "r") };
            Some((option(arguments, &options)?, "use NAME -e '… process.argv[1] …' {}"))
        }
        "php" => {
            let options = Options { long: &["run"], ..Options::new("rBRE", "cdfz") };
            Some((option(arguments, &options)?, "use php -r '… $argv[1] …' -- {}"))
        }
        "lua" | "Rscript" | "julia" | "osascript" | "groovy" => {
            let options = Options { long: &["eval"], ..Options::new("e", "l") };
            Some((option(arguments, &options)?, "use env v={} NAME … and read the variable v there"))
        }
        "awk" | "gawk" | "mawk" | "nawk" | "original-awk" if own => {
            let remedy = "use env v={} NAME '… ENVIRON[\"v\"] …'";
            let options = Options { long: &["source"], ..Options::new("e", "Fvfilo") };
            Some((option(arguments, &options).or_else(|| script(arguments, "Fvil", "fE"))?, remedy))
        }
        "sed" | "gsed" if own => {
            let remedy = "use env v={} perl -pe '… $ENV{v} …'";
            let options = Options { long: &["expression", "anywhere"], ..Options::new("e", "fl") };
            Some((option(arguments, &options).or_else(|| script(arguments, "l", "f"))?, remedy))
        }
        "ssh" | "rsh" | "slogin" if own => {
            let host = operands(arguments, "bBcDEeFIiJLlmOopQRSWw", &[]);
            Some((arguments.get(host + 1..)?, "use printf '%s\\0' {} | NAME HOST 'xargs -0 COMMAND'"))
        }
        "flock" if own => {
            // Right behind the file: further on, -c is an option of the command that it runs.
            let file = operands(arguments, "wE", &["--wait", "--timeout", "--conflict-exit-code"]);
            let is_command = arguments.get(file + 1).is_some_and(|word| matches!(&word.text[..], b"-c" | b"--command"));
            let program = arguments.get(file + 2..file + 3).filter(|_| is_command)?;
            Some((program, "use flock FILE COMMAND {}"))
        }
        "script" if own => {
            let options = Options { long: &["command", "anywhere"], ..Options::new("c", "EIOBTmo") };
            Some((option(arguments, &options)?, "use env v={} script -c '… \"$v\"' FILE"))
        }
        "eval" | "alias" if own => Some((arguments, VARIABLE)),
        "trap" if own => {
            let at = operands(arguments, "", &[]);
            Some((arguments.get(at..at + 1)?, VARIABLE))
        }
        "watch" if own => {
            let at = operands(arguments, "nqs", &["--interval", "--equexit", "--shotsdir"]);
            // -x has no shell run it.
            let executes = |word: &Word| {
                let letters = word.text.strip_prefix(b"-").unwrap_or_default();
                let mut letters = letters.iter().take_while(|letter| !b"-nqs".contains(letter));
                word.text == b"--exec" || letters.any(|letter| *letter == b'x')
            };
            let is_direct = arguments.iter().take(at).any(executes);
            Some((arguments.get(at..).filter(|_| !is_direct)?, "use watch -x COMMAND {}"))
        }
        _ => None,
    }
}

/// How many words are options; those in `valued` take the next word as their value when they end a cluster, and so do those of
/// `long`.
fn operands(arguments: &[Word], valued: &str, long: &[&str]) -> usize {
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        let text = word.text.as_slice();
        if text == b"--" {
            return at + 1;
        }
        if text.len() < 2 || !matches!(text[0], b'-' | b'+') {
            break;
        }
        at += 1;
        let takes_next = if text[1] == b'-' {
            long.iter().any(|name| text == name.as_bytes())
        } else {
            text[1..].iter().position(|b| valued.as_bytes().contains(b)) == Some(text.len() - 2)
        };
        at += usize::from(takes_next);
    }
    at
}

/// The program of a shell that was given `-c`, alone or in a cluster.
fn shell(arguments: &[Word]) -> Option<&[Word]> {
    let at = operands(arguments, "oO", &["--rcfile", "--init-file"]);
    let options = &arguments[..at.min(arguments.len())];
    let commands =
        |word: &Word| word.text.starts_with(b"-") && !word.text.starts_with(b"--") && word.text.contains(&b'c');
    let long = |word: &Word| word.text.starts_with(b"--command");
    if options.iter().any(long) {
        return Some(arguments);
    }
    if options.iter().any(commands) { arguments.get(at..at + 1) } else { None }
}

/// The options of an interpreter, by their letters: which of them gives the program, and how far the others go.
struct Options<'a> {
    /// The program is the rest of the word, or the next one.
    program: &'a str,
    /// Their value is the rest of the word, or the next one.
    valued: &'a str,
    /// Their value, if there is any, is the rest of the word.
    glued: &'a str,
    /// Their value, if there is any, is the digits behind them.
    numbered: &'a str,
    /// Words that give the program, behind `--`. With `anywhere`, options may follow operands.
    long: &'a [&'a str],
}

impl<'a> Options<'a> {
    fn new(program: &'a str, valued: &'a str) -> Options<'a> {
        Options { program, valued, glued: "", numbered: "", long: &[] }
    }
}

/// The program that one of these options gives. What follows the first operand belongs to the program, unless options may stand
/// anywhere.
fn option<'a>(arguments: &'a [Word], options: &Options<'_>) -> Option<&'a [Word]> {
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        let text = word.text.as_slice();
        if let Some(text) = text.strip_prefix(b"--") {
            if let Some(name) = options.long.iter().find(|name| text.starts_with(name.as_bytes())) {
                let glued = text.len() > name.len();
                return if glued { Some(&arguments[at..=at]) } else { arguments.get(at + 1..at + 2) };
            }
        } else if let Some(mut cluster) = text.strip_prefix(b"-") {
            while let Some((letter, behind)) = cluster.split_first() {
                let is_in = |letters: &str| letters.as_bytes().contains(letter);
                if is_in(options.program) {
                    // `node -pe` is both of them.
                    let is_last = behind.iter().all(|next| options.program.as_bytes().contains(next));
                    return if is_last { arguments.get(at + 1..at + 2) } else { Some(&arguments[at..=at]) };
                }
                if is_in(options.valued) {
                    at += usize::from(behind.is_empty());
                    break;
                }
                if is_in(options.glued) {
                    break;
                }
                let digits = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
                cluster = &behind[if is_in(options.numbered) { digits } else { 0 }..];
            }
        } else if !options.long.contains(&"anywhere") {
            break;
        }
        at += 1;
    }
    None
}

/// The first operand, unless one of the options in `files` says that the program is in a file.
fn script<'a>(arguments: &'a [Word], valued: &str, files: &str) -> Option<&'a [Word]> {
    let at = operands(arguments, &format!("{valued}{files}"), &[]);
    let from_file = |word: &Word| {
        let file = word.text.strip_prefix(b"-").and_then(|rest| rest.first());
        file.is_some_and(|letter| files.as_bytes().contains(letter)) || word.text.starts_with(b"--file")
    };
    if arguments[..at.min(arguments.len())].iter().any(from_file) { None } else { arguments.get(at..at + 1) }
}
