//! xargs' command line: findutils' options and its words about what is wrong with them.

mod delimiter;
mod getopt;
mod number;
mod table;
#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use table::Name;

use super::{Request, value};
use crate::options::{
    ControlOptions, Failures, Grouping, Halt, Joblog, Jobs, OnLeak, Options, OutputOptions, Program, Progress,
    ReportFormat, ReportOptions, ReportTo, SizeLimits, SlotOptions, Split, XargsOptions,
};

pub use table::command;

/// Of which version the options are.
const GNU_VERSION: &str = "4.9.0";

/// Asks the system what it takes.
pub type ReadLimits<'a> = &'a dyn Fn() -> SizeLimits;

/// Reads the words behind `argv[0]`.
pub fn read(program: Program, words: impl Iterator<Item = OsString>, limits: ReadLimits<'_>) -> Request {
    let mut line = Line::new(program.name.clone(), limits());
    let mut options = getopt::Options::new(words);
    let read = loop {
        match options.next() {
            Ok(Some((Name::Help, _))) => return Request::Print(help(&program)),
            Ok(Some((Name::Version, _))) => return Request::Print(version()),
            Ok(Some((name, value))) => {
                if let Err(error) = line.option(name, &value.unwrap_or_default()) {
                    break Err(error);
                }
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(Wrong::Usage(error)),
        }
    };
    match read.and_then(|()| line.check()) {
        Ok(()) => Request::Run(Box::new(line.options(program, options.rest()))),
        Err(Wrong::Usage(error)) => {
            line.say(&error);
            line.notices.extend_from_slice(format!("Try '{} --help' for more information.\n", program.name).as_bytes());
            Request::Complain(line.notices)
        }
        Err(Wrong::Value(error)) => {
            line.say(&error);
            Request::Complain(line.notices)
        }
    }
}

/// What is wrong with a command line.
enum Wrong {
    /// Something that the help would have told.
    Usage(String),
    /// And what it would not.
    Value(String),
}

/// What has been read so far.
struct Line {
    name: String,
    limits: SizeLimits,
    notices: Vec<u8>,
    delimiter: Option<u8>,
    end: Option<Vec<u8>>,
    file: Option<PathBuf>,
    max_args: Option<u64>,
    max_lines: Option<u64>,
    replace: Option<Vec<u8>>,
    max_chars: u64,
    exits: bool,
    empty: bool,
    open_tty: bool,
    show_limits: bool,
    traces: bool,
    asks: bool,
    jobs: usize,
    slot_variable: Option<Vec<u8>>,
    groups: bool,
    keeps_order: bool,
    report: ReportOptions,
    control: ControlOptions,
}

impl Line {
    fn new(name: String, limits: SizeLimits) -> Line {
        let defaults = Options::default();
        Line {
            name,
            limits,
            notices: Vec::new(),
            delimiter: None,
            end: None,
            file: None,
            max_args: None,
            max_lines: None,
            replace: None,
            max_chars: limits.usual(),
            exits: false,
            empty: true,
            open_tty: false,
            show_limits: false,
            traces: false,
            asks: false,
            jobs: 1,
            slot_variable: None,
            groups: false,
            keeps_order: false,
            report: ReportOptions { failures: Failures::Never, ..defaults.report },
            control: ControlOptions { on_leak: OnLeak::Keep, halt: Halt::LikeXargs, ..defaults.control },
        }
    }

    fn say(&mut self, message: &str) {
        self.notices.extend_from_slice(format!("{}: {message}\n", self.name).as_bytes());
    }

    /// `option`, which has just been read, and an earlier one can't go together.
    fn warn(&mut self, option: &str, earlier: &str) {
        let message = format!(
            "warning: options --{earlier} and {option} are mutually exclusive, ignoring previous --{earlier} value"
        );
        self.say(&message);
    }

    fn option(&mut self, name: Name, value: &[u8]) -> Result<(), Wrong> {
        let text = || String::from_utf8_lossy(value).into_owned();
        match name {
            Name::Null => self.delimiter = Some(0),
            Name::Delimiter => self.delimiter = Some(delimiter::delimiter(value).map_err(Wrong::Value)?),
            Name::EofString | Name::Eof => self.end = (!value.is_empty()).then(|| value.to_vec()),
            Name::ArgFile => self.file = Some(PathBuf::from(OsStr::from_bytes(value))),
            Name::ReplaceString => self.replace(value.to_vec()),
            Name::Replace => self.replace(if value.is_empty() { b"{}".to_vec() } else { value.to_vec() }),
            Name::Lines => self.lines(number::count(value, 'L', 1, i64::MAX).map_err(Wrong::Usage)?, "-L"),
            Name::MaxLines => {
                let value = if value.is_empty() { b"1" } else { value };
                self.lines(number::count(value, 'l', 1, i64::MAX).map_err(Wrong::Usage)?, "--max-lines/-l");
            }
            Name::MaxArgs => {
                let count = number::count(value, 'n', 1, i64::MAX).map_err(Wrong::Usage)?;
                // As POSIX allows: -I has one argument per command anyway.
                if count > 1 || self.replace.is_none() {
                    self.alone("--max-args/-n");
                    self.max_args = Some(count);
                }
            }
            Name::MaxChars => {
                let most = self.limits.command().ok_or_else(no_room)?;
                let (chars, complaint) = number::clamped(value, 's', 1, most).map_err(Wrong::Usage)?;
                complaint.into_iter().for_each(|complaint| self.say(&complaint));
                self.max_chars = chars;
            }
            Name::MaxProcs => {
                let count = number::count(value, 'P', 0, i64::from(i32::MAX)).map_err(Wrong::Usage)?;
                self.jobs = usize::try_from(count).unwrap_or(usize::MAX);
            }
            Name::OpenTty => self.open_tty = true,
            Name::Interactive => self.asks = true,
            Name::NoRunIfEmpty => self.empty = false,
            Name::ShowLimits => self.show_limits = true,
            Name::Verbose => self.traces = true,
            Name::Exit => self.exits = true,
            Name::SlotVariable if value.contains(&b'=') => {
                let wrong = "option --process-slot-var may not be set to a value which includes `='";
                return Err(Wrong::Value(wrong.to_owned()));
            }
            Name::SlotVariable => self.slot_variable = Some(value.to_vec()),
            Name::Group => self.groups = true,
            Name::KeepOrder => self.keeps_order = true,
            Name::Bar => self.report.progress = Progress::Bar,
            Name::Summary => self.report.summary = Some(ReportTo { format: ReportFormat::Text, file: None }),
            Name::Joblog => {
                self.report.joblog = Some(Joblog { path: PathBuf::from(OsStr::from_bytes(value)), append: false });
            }
            Name::Timeout => self.control.timeout = Some(value::timeout(&text()).map_err(ours("--timeout", value))?),
            Name::Halt => self.control.halt = value::halt(&text()).map_err(ours("--halt", value))?,
            Name::Help | Name::Version => {}
        }
        Ok(())
    }

    /// `-n`, `-L` and `-I` exclude each other: the last one counts.
    fn alone(&mut self, option: &str) {
        if self.max_lines.take().is_some() {
            self.warn(option, "max-lines");
        }
        if self.max_args.take().is_some() && option != "--max-args/-n" {
            self.warn(option, "max-args");
        }
        if self.replace.take().is_some() {
            self.warn(option, "replace");
        }
    }

    fn lines(&mut self, count: u64, option: &str) {
        self.max_lines = None;
        self.alone(option);
        self.max_lines = Some(count);
    }

    fn replace(&mut self, replaced: Vec<u8>) {
        self.replace = None;
        self.alone("--replace/-I/-i");
        self.replace = Some(replaced);
    }

    fn check(&mut self) -> Result<(), Wrong> {
        if self.end.is_some() && self.delimiter.is_some() {
            self.say("warning: the -E option has no effect if -0 or -d is used.\n");
        }
        self.limits.command().map(|_| ()).ok_or_else(no_room)
    }

    fn options(self, program: Program, mut command: Vec<Vec<u8>>) -> Options {
        let defaults = Options::default();
        if command.is_empty() {
            command.push(b"echo".to_vec());
        }
        let grouped = self.groups || self.keeps_order || self.report.progress != Progress::No;
        let split = match self.delimiter {
            Some(byte) => Split::At(byte),
            None => Split::Words { end: self.end },
        };
        let xargs = XargsOptions {
            split,
            file: self.file.filter(|file| file.as_os_str() != "-"),
            exits: self.exits || self.max_lines.is_some() || self.replace.is_some(),
            max_args: self.max_args,
            max_lines: self.max_lines,
            replace: self.replace,
            max_chars: self.max_chars,
            runs_if_empty: self.empty,
            open_tty: self.open_tty,
            show_limits: self.show_limits,
            limits: self.limits,
            notices: self.notices,
        };
        let jobs = if self.jobs == 0 { Jobs::Unlimited } else { Jobs::Exactly(self.jobs) };
        let traces = self.traces && !self.asks;
        Options {
            program,
            command,
            slots: SlotOptions { jobs, ..defaults.slots },
            control: ControlOptions {
                interactive: self.asks,
                shows_commands: traces || self.asks,
                // Jobs share our process group.
                tty: true,
                like_xargs: true,
                ..self.control
            },
            output: OutputOptions {
                grouping: if grouped { Grouping::Group } else { Grouping::Ungroup },
                keep_order: self.keeps_order,
                traced: traces,
                ..defaults.output
            },
            report: self.report,
            environment: crate::options::EnvironmentOptions {
                slot_variable: self.slot_variable,
                ..defaults.environment
            },
            xargs: Some(xargs),
            ..defaults_of(defaults.input)
        }
    }
}

/// Everything else, which xargs has no use for.
fn defaults_of(input: crate::options::InputOptions) -> Options {
    Options { input, ..Options::default() }
}

fn no_room() -> Wrong {
    Wrong::Value("environment is too large for exec".to_owned())
}

/// What is wrong with a value of an option of ours.
fn ours<'a>(option: &'a str, value: &'a [u8]) -> impl Fn(String) -> Wrong + 'a {
    move |reason| Wrong::Value(format!("{option} '{}': {reason}", String::from_utf8_lossy(value)))
}

/// The text of `--help`.
fn help(program: &Program) -> String {
    let mut text = format!(
        "Usage: {} [OPTION]... [COMMAND [INITIAL-ARGUMENT]...]\n\
         Run COMMAND (echo unless given) with its arguments and more that are read from standard input.\n\n",
        program.name
    );
    let mut ours = false;
    for flag in table::FLAGS {
        if flag.ours && !ours {
            ours = true;
            text.push_str("\nExtensions, which xargs lacks:\n");
        }
        text.push_str(&flag.line());
    }
    text.push_str("\nExit status: 123 if a command failed, 124 if one exited with 255 and 125 if one was killed\n");
    text.push_str("(both end the run), 126 and 127 if it can't be run or found, 1 for any other error.\n");
    text
}

/// The text of `--version`. Scripts look for findutils in its first line.
fn version() -> String {
    let own = concat!("fanout ", env!("CARGO_PKG_VERSION"));
    format!("xargs (GNU findutils) {GNU_VERSION}\nThis is {own}, with the options of that version.\n")
}
