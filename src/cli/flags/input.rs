//! The options that say where inputs come from and how they are cut.

use std::ffi::OsString;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{ArgAction, Args, ValueHint};

use super::super::value;
use super::parsed;
use crate::options::Trim;

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

    /// Inputs are separated by DELIM instead of a newline
    ///
    /// DELIM is one or more bytes, as they are or as escapes like \t, \0, \\, \x1f or \037: `-d '\r\n'`. Stronger than --null.
    #[arg(short = 'd', long, value_name = "DELIM", value_parser = OsStringValueParser::new().try_map(value::delimiter))]
    pub delimiter: Option<value::Delimiter>,

    /// Cut each input into columns at what REGEXP matches: {1}, {2} and so on
    ///
    /// REGEXP is one of Perl's regular expressions: `-C '\t'`, `-C ', *'`. What is Perl's alone in them (look-around,
    /// back-references) is refused by its name. Columns are trimmed, unless --trim says otherwise. With several sources the columns
    /// of the second follow those of the first.
    #[arg(short = 'C', long, alias = "col-sep", value_name = "REGEXP")]
    pub colsep: Option<OsString>,

    /// Inputs are records of CSV, with quotes as RFC 4180 has them; newlines may be quoted, too
    ///
    /// Columns are {1}, {2} and so on. --colsep gives another separator than the comma: one character, or \t.
    #[arg(long)]
    pub csv: bool,

    /// The first line of each source names its columns: {name}; 0: files are named by their paths
    ///
    /// With `:` (or anything but 0) the first input of each source is cut by --colsep (by default at TABs) into names of its
    /// columns. `{name}` then is the replacement string of that column, and `{name.}`, `{name/}`, `{name//}`, `{name/.}` with
    /// the path operators. With `0`, `{file}` is the line of that file: `--header 0 echo {a} {b} :::: a b`. Example: `fanout
    /// --header : echo {x} and {y} ::: x 1 2 ::: y 3 4`.
    #[arg(long, value_name = "HEADER")]
    pub header: Option<OsString>,

    /// Pass over the first line of the first source
    #[arg(long, alias = "skipfirstline")]
    pub skip_first_line: bool,

    /// Take blanks off inputs: n (not at all), l (at the start), r (at the end), lr or rl (both)
    #[arg(long, value_name = "WHERE", value_parser = parsed(value::trim))]
    pub trim: Option<Trim>,

    /// A source ends where one of its inputs is EOF-STR
    #[arg(short = 'E', long = "eof-str", value_name = "EOF-STR", overrides_with = "eof")]
    pub eof_str: Option<OsString>,

    /// As -E; without EOF-STR nothing ends a source but its end
    #[arg(short = 'e', long, value_name = "EOF-STR", num_args = 0..=1, require_equals = true, default_missing_value = "", overrides_with = "eof_str")]
    pub eof: Option<OsString>,

    /// All sources go along with each other; the shorter ones begin anew where they end
    ///
    /// `fanout --link echo ::: a b c ::: 1 2` gives `a 1`, `b 2`, `c 1`. `:::+` ends with the shorter one instead. Also --xapply.
    #[arg(long, alias = "xapply")]
    pub link: bool,

    /// Whether each source, in their order, is linked to the one before (1) or not (0)
    #[arg(long = "linkinputsource", alias = "xapplyinputsource", value_name = "0|1", action = ArgAction::Append, hide = true)]
    pub link_input_source: Vec<i64>,

    /// Run jobs in random order; all inputs are read before
    #[arg(long)]
    pub shuf: bool,

    /// Run only jobs of which FILTER is true; can be repeated
    ///
    /// FILTER is an expression of Perl's with {1}, {2} and so on: `--filter '{1} < {2}+1'`. A job of which it is not true is
    /// recorded as declined (-2) and counts as failed. Values are values there, never code.
    #[arg(long, value_name = "FILTER", action = ArgAction::Append)]
    pub filter: Vec<OsString>,

    /// Use SEP instead of :::
    ///
    /// `SEP+` links, as `:::+` does.
    #[arg(long, alias = "argsep", value_name = "SEP")]
    pub arg_sep: Option<OsString>,

    /// Use SEP instead of ::::
    ///
    /// `SEP+` links, as `::::+` does.
    #[arg(long, alias = "argfilesep", value_name = "SEP")]
    pub arg_file_sep: Option<OsString>,

    /// Skip inputs that are blank
    #[arg(short = 'r', long, alias = "norunifempty")]
    pub no_run_if_empty: bool,

    /// The words of the command are as they are: the shell reads nothing in them
    ///
    /// `fanout -q perl -ne 'print "$ARGV: $_"' ::: *.txt`. Without it they are text for a shell, as if they were typed there once more.
    #[arg(short = 'q', long)]
    pub quote: bool,
}
