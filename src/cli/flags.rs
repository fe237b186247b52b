//! What was typed: the one definition of each option, which feeds the parser, the help, the man page and the shells'
//! completions. What it means is settled in `convert`.
//!
//! The first paragraph of an option's comment is the line that `-h` shows; `--help` and the man page show all of it.

mod batch;
mod control;
mod environment;
mod hosts;
mod input;
mod other;
mod output;
mod pipe;
mod replace;
mod report;
mod semaphore;
mod slots;

use std::ffi::OsString;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Arg, ArgMatches, Args, Command, ValueHint};

use super::help;

pub use batch::BatchFlags;
pub use control::{ControlFlags, LeakAction};
pub use environment::EnvironmentFlags;
pub use hosts::HostFlags;
pub use input::InputFlags;
pub use other::{OtherFlags, ShellName};
pub use output::{OutputFlags, Print0};
pub use pipe::PipeFlags;
pub use replace::ReplaceFlags;
pub use report::{FailuresWhen, Format, ReportFlags};
pub use semaphore::SemaphoreFlags;
pub use slots::SlotFlags;

/// All options of a command line.
#[derive(Debug, Default)]
pub struct Flags {
    pub input: InputFlags,
    pub batch: BatchFlags,
    pub pipe: PipeFlags,
    pub replace: ReplaceFlags,
    pub slots: SlotFlags,
    pub output: OutputFlags,
    pub control: ControlFlags,
    pub report: ReportFlags,
    pub environment: EnvironmentFlags,
    pub semaphore: SemaphoreFlags,
    pub hosts: HostFlags,
    pub other: OtherFlags,
}

/// clap's definition of the options, built group by group, as far as a command line needs it: building all of them takes
/// longer than everything else before the first job.
pub struct Definition {
    command: Command,
    /// Whether each of [`GROUPS`] is in it.
    built: [bool; GROUPS.len()],
}

/// The groups in the order of the help.
const GROUPS: [fn(Command) -> Command; 12] = [
    InputFlags::augment_args,
    BatchFlags::augment_args,
    PipeFlags::augment_args,
    ReplaceFlags::augment_args,
    SlotFlags::augment_args,
    OutputFlags::augment_args,
    ControlFlags::augment_args,
    ReportFlags::augment_args,
    EnvironmentFlags::augment_args,
    SemaphoreFlags::augment_args,
    HostFlags::augment_args,
    OtherFlags::augment_args,
];

/// Where the options are that are typed most, by places in [`GROUPS`], so that no other group is built for them. One that
/// is missing here is looked for in the order of the groups.
const TYPED_MOST: [(usize, &[&str]); 5] = [
    (0, &["a", "0", "colsep", "d", "q", "r"]),
    (1, &["n", "N", "m", "X"]),
    (4, &["j", "P"]),
    (5, &["k", "lb", "line-buffer", "results", "tag", "u"]),
    (7, &["joblog", "resume"]),
];

impl Definition {
    /// No options yet.
    pub fn new() -> Definition {
        Definition { command: Definition::empty(), built: [false; GROUPS.len()] }
    }

    fn empty() -> Command {
        Command::new("fanout")
            .about("Runs commands in parallel: one for each input, or each input as a command")
            .version(env!("CARGO_PKG_VERSION"))
            .override_usage(help::USAGE)
            .after_help(help::EXAMPLES_SHORT)
            .after_long_help(help::EXAMPLES)
            // Fixed, so that help is the same wherever it is printed, and no terminal is asked for its size.
            .term_width(80)
            .args_override_self(true)
            .disable_help_flag(true)
            .disable_version_flag(true)
            .arg(
                command_words()
                    .help("What to run for each input; without it, each input is a command")
                    .long_help(help::COMMAND),
            )
    }

    /// All options.
    pub fn complete() -> Command {
        GROUPS.iter().fold(Definition::empty(), |command, augment| augment(command))
    }

    /// The options so far.
    pub fn command(&self) -> &Command {
        &self.command
    }

    /// Adds the group where an option with one of these names may be. Answers whether there was one.
    pub fn extend(&mut self, names: &[&str]) -> bool {
        let likely = TYPED_MOST.iter().find(|(_, known)| names.iter().any(|name| known.contains(name)));
        let likely = likely.map(|(group, _)| *group).filter(|group| !self.built[*group]);
        let Some(group) = likely.or_else(|| self.built.iter().position(|built| !built)) else { return false };
        self.built[group] = true;
        self.command = if self.built.iter().all(|built| *built) {
            // In the order of the help, which may be what is asked for.
            Definition::complete()
        } else {
            GROUPS[group](std::mem::take(&mut self.command))
        };
        true
    }

    /// These options and no more, for tests of what reads them.
    #[cfg(test)]
    pub fn of(command: Command) -> Definition {
        Definition { command, built: [true; GROUPS.len()] }
    }

    /// What clap says to options that are in the groups so far.
    ///
    /// # Errors
    /// clap's, which help and version are, too.
    pub fn check(&self, typed: &[OsString]) -> Result<(), clap::Error> {
        let program = std::iter::once(OsString::from("fanout"));
        self.command.clone().try_get_matches_from(program.chain(typed.iter().cloned())).map(|_| ())
    }

    /// Reads options that are in the groups so far; those of the others were not typed.
    ///
    /// # Errors
    /// clap's, which help and version are, too.
    pub fn parse(mut self, typed: impl IntoIterator<Item = OsString>) -> Result<Flags, clap::Error> {
        if !self.built.contains(&true) {
            return Ok(Flags::default());
        }
        let program = std::iter::once(OsString::from("fanout"));
        let mut read = self.command.try_get_matches_from_mut(program.chain(typed))?;
        Ok(Flags {
            input: group(&mut read, self.built[0])?,
            batch: group(&mut read, self.built[1])?,
            pipe: group(&mut read, self.built[2])?,
            replace: group(&mut read, self.built[3])?,
            slots: group(&mut read, self.built[4])?,
            output: group(&mut read, self.built[5])?,
            control: group(&mut read, self.built[6])?,
            report: group(&mut read, self.built[7])?,
            environment: group(&mut read, self.built[8])?,
            semaphore: group(&mut read, self.built[9])?,
            hosts: group(&mut read, self.built[10])?,
            other: group(&mut read, self.built[11])?,
        })
    }
}

fn group<T: Args + Default>(read: &mut ArgMatches, built: bool) -> Result<T, clap::Error> {
    if built { T::from_arg_matches_mut(read) } else { Ok(T::default()) }
}

/// The command, for help and completions only: its words are kept from clap.
pub fn command_words() -> Arg {
    Arg::new("command")
        .help_heading("Command")
        .value_name("COMMAND")
        .num_args(0..)
        .trailing_var_arg(true)
        .value_hint(ValueHint::CommandWithArguments)
}

/// A value that is parsed from text. Bytes that are not UTF-8 become U+FFFD, which no parser takes, so that the error
/// is that of the option.
fn parsed<T: Clone + Send + Sync + 'static>(parse: fn(&str) -> Result<T, String>) -> impl TypedValueParser<Value = T> {
    OsStringValueParser::new().try_map(move |typed| parse(&typed.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_most_is_where_it_is_looked_for_first() {
        for (place, names) in TYPED_MOST {
            let group = GROUPS[place](Command::new("test"));
            for name in names {
                let has = |arg: &Arg| {
                    let letters = arg
                        .get_short_and_visible_aliases()
                        .unwrap_or_default()
                        .into_iter()
                        .chain(arg.get_all_short_aliases().unwrap_or_default());
                    arg.get_long() == Some(name)
                        || arg.get_all_aliases().unwrap_or_default().contains(name)
                        || letters.map(String::from).any(|letter| letter == *name)
                };
                assert!(group.get_arguments().any(has), "{name}");
            }
        }
    }

    #[test]
    fn groups_need_no_other() {
        for group in GROUPS {
            group(Definition::empty()).debug_assert();
        }
    }
}
