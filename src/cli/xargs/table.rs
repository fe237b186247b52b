//! The one definition of the options of xargs: for the parser, the help, the man page and the completions.

use clap::{Arg, ArgAction, Command, ValueHint};

use crate::cli::flags::command_words;

/// What an option is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    Null,
    ArgFile,
    Delimiter,
    EofString,
    Eof,
    ReplaceString,
    Replace,
    Lines,
    MaxLines,
    MaxArgs,
    OpenTty,
    MaxProcs,
    Interactive,
    SlotVariable,
    NoRunIfEmpty,
    MaxChars,
    ShowLimits,
    Verbose,
    Exit,
    Help,
    Version,
    Group,
    KeepOrder,
    Bar,
    Summary,
    Joblog,
    Timeout,
    Halt,
}

/// Whether an option has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    /// This one, in the same word or the next.
    Value(&'static str),
    /// This one, in the same word only.
    Maybe(&'static str),
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    pub name: Name,
    pub short: Option<u8>,
    pub long: Option<&'static str>,
    pub takes: Takes,
    /// Ours, which findutils lacks: only known by its whole name, so that all shorter ones keep their meaning.
    pub ours: bool,
    /// The line of the help.
    pub help: &'static str,
    /// What the man page says besides.
    pub more: &'static str,
}

const fn flag(name: Name, short: u8, long: &'static str, takes: Takes, help: &'static str, more: &'static str) -> Flag {
    Flag {
        name,
        short: if short == 0 { None } else { Some(short) },
        long: if long.is_empty() { None } else { Some(long) },
        takes,
        ours: false,
        help,
        more,
    }
}

const fn ours(name: Name, short: u8, long: &'static str, takes: Takes, help: &'static str, more: &'static str) -> Flag {
    Flag { ours: true, ..flag(name, short, long, takes, help, more) }
}

use Takes::{Maybe, Nothing, Value};

/// All options. The long ones stand in the order in which findutils has them: it shows where one is ambiguous.
pub const FLAGS: &[Flag] = &[
    flag(
        Name::Null,
        b'0',
        "null",
        Nothing,
        "Arguments end with a NUL; quotes, backslashes, blanks and newlines are part of them",
        "For the names of files: `find . -print0 | fanout-xargs -0 rm`. It is the only form of input that can hold every name.",
    ),
    flag(
        Name::ArgFile,
        b'a',
        "arg-file",
        Value("FILE"),
        "Read arguments from FILE",
        "The command has the standard input of fanout-xargs then, and not /dev/null.",
    ),
    flag(
        Name::Delimiter,
        b'd',
        "delimiter",
        Value("CHARACTER"),
        "Arguments end with this character; as -0 otherwise",
        "A byte, or an escape of C: \\n, \\t, \\0, \\x1f, \\037. `-d '\\n'` takes each line as it is.",
    ),
    flag(
        Name::EofString,
        b'E',
        "",
        Value("END"),
        "The argument END ends the input",
        "What follows it is left unread where the input is a file. An empty END is none. Not with -0 and -d.",
    ),
    flag(Name::Eof, b'e', "eof", Maybe("END"), "As -E END; without END, there is none", ""),
    flag(
        Name::ReplaceString,
        b'I',
        "",
        Value("R"),
        "Run a command per line, which stands wherever R does in its words",
        "Blanks before a line are no part of it, blanks in it do not divide it; quotes and backslashes still count. R in the name of the command stays. Implies -x.",
    ),
    flag(Name::Replace, b'i', "replace", Maybe("R"), "As -I R; R is {} unless given", ""),
    flag(Name::MaxLines, b'l', "max-lines", Maybe("N"), "As -L N; N is 1 unless given", ""),
    flag(
        Name::Lines,
        b'L',
        "",
        Value("N"),
        "Give each command the arguments of N lines that are not blank",
        "A line that ends in a blank goes on with the next one. Implies -x.",
    ),
    flag(
        Name::MaxArgs,
        b'n',
        "max-args",
        Value("N"),
        "Give each command N arguments at most",
        "Fewer where they would not fit (see -s), unless -x is given. Of -n, -L and -I the last one counts; -n1 behind -I is ignored.",
    ),
    flag(
        Name::OpenTty,
        b'o',
        "open-tty",
        Nothing,
        "The command reads from the terminal",
        "For programs that somebody uses: `fanout-xargs -o vi`.",
    ),
    flag(
        Name::Interactive,
        b'p',
        "interactive",
        Nothing,
        "Ask on the terminal before each command, which runs if the answer starts with y",
        "Implies -t.",
    ),
    flag(
        Name::NoRunIfEmpty,
        b'r',
        "no-run-if-empty",
        Nothing,
        "Run nothing where there are no arguments",
        "Without it, the command is run once.",
    ),
    flag(
        Name::MaxChars,
        b's',
        "max-chars",
        Value("N"),
        "A command has N bytes at most",
        "Each word counts one more than it has, those of the command included. 131072 unless given, or what the system allows.",
    ),
    flag(Name::Verbose, b't', "verbose", Nothing, "Print each command on standard error before it runs", ""),
    flag(Name::ShowLimits, 0, "show-limits", Nothing, "Print the limits on the length of commands first", ""),
    flag(Name::Exit, b'x', "exit", Nothing, "Exit where the arguments of -n or -L do not fit", ""),
    flag(
        Name::MaxProcs,
        b'P',
        "max-procs",
        Value("N"),
        "Run N commands at a time; 0: as many as possible",
        "1 unless given. SIGUSR1 makes it one more, SIGUSR2 one fewer.",
    ),
    flag(
        Name::SlotVariable,
        0,
        "process-slot-var",
        Value("NAME"),
        "Set NAME to a number for each command, 0 to N-1, that no other running one has",
        "",
    ),
    flag(Name::Version, 0, "version", Nothing, "Print the version", ""),
    flag(Name::Help, 0, "help", Nothing, "Print this help", ""),
    ours(
        Name::Group,
        0,
        "group",
        Nothing,
        "Print what a command has written when it has ended, in one piece",
        "Without it, commands write for themselves, as those of xargs, and with -P what they write is mixed.",
    ),
    ours(Name::KeepOrder, b'k', "keep-order", Nothing, "As --group, in the order of the input", ""),
    ours(Name::Bar, 0, "bar", Nothing, "Show a bar with the share of commands that are done", "Implies --group."),
    ours(Name::Summary, 0, "summary", Nothing, "Print totals at the end", ""),
    ours(Name::Joblog, 0, "joblog", Value("FILE"), "Write a row per command to FILE, as fanout's", ""),
    ours(
        Name::Timeout,
        0,
        "timeout",
        Value("TIME"),
        "End commands that run longer, with all that they have started",
        "Seconds, or like 1m30s; N% is of the median runtime.",
    ),
    ours(
        Name::Halt,
        0,
        "halt",
        Value("WHEN,WHY"),
        "Stop early: now,fail=1 ends what runs, soon,fail=3 waits for it",
        "As fanout's. Where it stops the run, it is 255 or a signal that counts no more than any other failure.",
    ),
];

/// The same for clap, which renders man page and completions.
pub fn command() -> Command {
    let shell = Command::new("fanout-xargs")
        .about("Runs a command with arguments that are read from standard input")
        .version(env!("CARGO_PKG_VERSION"))
        .override_usage("fanout-xargs [OPTION]... [COMMAND [INITIAL-ARGUMENT]...]")
        .term_width(80)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(command_words().help("What to run, echo unless given; arguments are appended to its own"));
    FLAGS.iter().enumerate().fold(shell, |shell, (index, flag)| {
        let id = flag.long.unwrap_or(match flag.name {
            Name::EofString => "E",
            Name::ReplaceString => "I",
            _ => "L",
        });
        let mut arg = Arg::new(id).help(flag.help).display_order(index);
        arg = arg.help_heading(if flag.ours { "Extensions" } else { "Options" });
        if !flag.more.is_empty() {
            arg = arg.long_help(format!("{}\n\n{}", flag.help, flag.more));
        }
        if let Some(short) = flag.short {
            arg = arg.short(char::from(short));
        }
        if let Some(long) = flag.long {
            arg = arg.long(long);
        }
        shell.arg(match flag.takes {
            Nothing => arg.action(ArgAction::SetTrue),
            Value(value) => arg.value_name(value).value_hint(hint(value)),
            Maybe(value) => arg.value_name(value).num_args(0..=1).require_equals(true),
        })
    })
}

fn hint(value: &str) -> ValueHint {
    if value == "FILE" { ValueHint::FilePath } else { ValueHint::Other }
}

impl Flag {
    /// Its lines in the help.
    pub fn line(&self) -> String {
        const COLUMN: usize = 31;
        let value = |long: bool| match (self.takes, long) {
            (Nothing, _) => String::new(),
            (Value(value), true) => format!("={value}"),
            (Value(value), false) => format!(" {value}"),
            (Maybe(value), true) => format!("[={value}]"),
            (Maybe(value), false) => format!("[{value}]"),
        };
        let short = self.short.map(|short| format!("-{}", char::from(short)));
        let names = match (short, self.long) {
            (Some(short), Some(long)) => format!("  {short}, --{long}{}", value(true)),
            (Some(short), None) => format!("  {short}{}", value(false)),
            (None, long) => format!("      --{}{}", long.unwrap_or_default(), value(true)),
        };
        let help = self.help;
        if names.len() < COLUMN - 1 {
            format!("{names:COLUMN$}{help}\n")
        } else {
            format!("{names}\n{:COLUMN$}{help}\n", "")
        }
    }
}
