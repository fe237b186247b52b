//! clap's errors as one line of ours: the option, what is wrong with it, and the remedy.

use std::error::Error as _;

use anyhow::{Error, anyhow};
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::flags::Definition;

/// The line for an error of the parser (not for its help and version, which are errors to clap as well).
pub fn one_line(error: &clap::Error) -> Error {
    // clap names an option as in its usage: `--jobs <N>`.
    let arg = text(error, ContextKind::InvalidArg).unwrap_or_default();
    let arg = arg.split([' ', '[', '=']).next().unwrap_or_default();
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument => match nearest(arg) {
            Some(name) => anyhow!("unknown option {arg}: did you mean --{name}?"),
            None => anyhow!("unknown option {arg}: see --help"),
        },
        ErrorKind::ValueValidation => match error.source() {
            Some(reason) => anyhow!("{arg} '{value}': {reason}"),
            None => anyhow!("{arg} '{value}': not understood"),
        },
        ErrorKind::InvalidValue if value.is_empty() => anyhow!("{arg} needs a value: see --help"),
        ErrorKind::InvalidValue => {
            let valid = text(error, ContextKind::ValidValue).unwrap_or_default();
            anyhow!("{arg} '{value}': give {valid}")
        }
        ErrorKind::TooManyValues => anyhow!("{arg} takes no value: leave '={value}' out"),
        ErrorKind::ArgumentConflict => {
            let prior = text(error, ContextKind::PriorArg).unwrap_or_default();
            anyhow!("{arg} cannot be combined with {prior}: choose one")
        }
        _ => {
            let message = error.to_string();
            let first = message.lines().next().unwrap_or_default();
            anyhow!("{}", first.strip_prefix("error: ").unwrap_or(first))
        }
    }
}

/// So long may be what was typed: longer, it differs much from all names, and comparing takes the square of it.
const LONGEST: usize = 64;

/// The option whose name, or the beginning of whose name, differs least from what was typed, if that is little.
fn nearest(typed: &str) -> Option<String> {
    let typed = typed.strip_prefix("--").filter(|typed| typed.len() <= LONGEST)?;
    let mut best: Option<((usize, usize), String)> = None;
    for option in Definition::complete().get_arguments() {
        let Some(main) = option.get_long() else { continue };
        let aliases = option.get_all_aliases().unwrap_or_default();
        for name in std::iter::once(main).chain(aliases) {
            let beginnings = (0..=name.len()).filter_map(|end| name.get(..end));
            let differences = |name: &str| strsim::osa_distance(typed, name);
            let (begins, whole) = (beginnings.map(differences).min().unwrap_or(usize::MAX), differences(name));
            if begins <= (typed.len() / 3).max(1) && best.as_ref().is_none_or(|(least, _)| (begins, whole) < *least) {
                best = Some(((begins, whole), main.to_owned()));
            }
        }
    }
    best.map(|(_, name)| name)
}

/// A piece of what clap knows about an error.
fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => match texts.split_last() {
            Some((last, [])) => Some(last.clone()),
            Some((last, others)) => Some(format!("{} or {last}", others.join(", "))),
            None => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_option_is_one_that_may_have_been_meant() {
        for (typed, name) in [
            ("--jbos", Some("jobs")),
            ("--keepp", Some("keep-order")),
            ("--keep_order", Some("keep-order")),
            ("--dryy", Some("dry-run")),
            ("--dryrum", Some("dry-run")),
            ("--tim-out", Some("timeout")),
            ("--resutls", Some("results")),
            ("--line-bufer", Some("line-buffer")),
            ("--no-such", None),
            ("--nosuch", None),
            ("--qqq", None),
            ("--recursive", None),
            ("-Z", None),
        ] {
            assert_eq!(nearest(typed).as_deref(), name, "{typed}");
        }
    }
}
