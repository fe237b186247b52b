//! The options that say where inputs come from and how they are cut.

use std::ffi::OsString;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{ArgAction, Args, ValueHint};

use super::super::value;

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Input")]
pub struct InputFlags {
    /// Read inputs from FILE instead of standard input; can be repeated
    ///
    /// With several files there is a job for every combination of their lines, the last file varying fastest. `-` is
    /// standard input.
    #[arg(short = 'a', long, alias = "argfile", value_name = "FILE", action = ArgAction::Append, value_hint = ValueHint::FilePath)]
    pub arg_file: Vec<OsString>,

    /// Inputs end with a NUL instead of a newline, as `find -print0` writes them
    #[arg(short = '0', long)]
    pub null: bool,

    /// Inputs are separated by the byte C instead of a newline
    ///
    /// C is itself or an escape like \t, \0, \\, \x1f or \037. Stronger than --null.
    #[arg(short = 'd', long, value_name = "C", value_parser = OsStringValueParser::new().try_map(value::delimiter))]
    pub delimiter: Option<u8>,

    /// Skip inputs that are blank
    #[arg(short = 'r', long, alias = "norunifempty")]
    pub no_run_if_empty: bool,
}
