//! clap's errors as one line of ours: the option, what is wrong with it, and the remedy.

use std::error::Error as _;

use anyhow::{Error, anyhow};
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The line for an error of the parser (not for its help and version, which are errors to clap as well).
pub fn one_line(error: &clap::Error) -> Error {
    // clap names an option as in its usage: `--jobs <N>`.
    let arg = text(error, ContextKind::InvalidArg).unwrap_or_default();
    let arg = arg.split([' ', '[', '=']).next().unwrap_or_default();
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument => match text(error, ContextKind::SuggestedArg) {
            Some(suggested) => anyhow!("unknown option {arg}: did you mean {suggested}?"),
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
