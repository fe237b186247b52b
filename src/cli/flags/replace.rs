//! The options that say which replacement strings there are.

use std::ffi::OsString;

use clap::{ArgAction, Args};

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Replacement strings")]
pub struct ReplaceFlags {
    /// Take {1.2} for what the second group of REGEXP has matched in the first input; can be repeated
    ///
    /// The second --match is for the inputs of the second source, and so on; an empty one is for none, and `+1` is the first one
    /// again. `{1.2:%02d}` formats as printf does; `{=1.2 uc =}` is an expression of the group. Where nothing matches, groups are
    /// empty. Example: `fanout --match '(.*)/(.*)/(.*)' echo {1.3}-{1.1}-{1.2} ::: 12/31/1969`.
    #[arg(long = "match", value_name = "REGEXP", action = ArgAction::Append)]
    pub matches: Vec<OsString>,

    /// Take STRING in place of {}
    ///
    /// {1} and its like are gone with {}, unless STRING starts with a brace, too.
    #[arg(short = 'I', long = "I", value_name = "STRING")]
    pub whole: Option<OsString>,

    /// As -I; without STRING, {} stays
    ///
    /// The next word is STRING unless it starts with a dash.
    #[arg(short = 'i', long = "replace", value_name = "STRING", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub replace: Option<OsString>,

    /// Take STRING in place of {.}, the input without its extension
    ///
    /// Also --er.
    #[arg(long = "extensionreplace", alias = "er", value_name = "STRING")]
    pub no_extension: Option<OsString>,

    /// Take STRING in place of {/}, the last part of a path
    ///
    /// Also --bnr.
    #[arg(long = "basenamereplace", alias = "bnr", value_name = "STRING")]
    pub base: Option<OsString>,

    /// Take STRING in place of {//}, the folder of a path
    ///
    /// Also --dnr.
    #[arg(long = "dirnamereplace", alias = "dnr", value_name = "STRING")]
    pub folder: Option<OsString>,

    /// Take STRING in place of {/.}, the last part of a path without its extension
    ///
    /// Also --bner.
    #[arg(long = "basenameextensionreplace", alias = "bner", value_name = "STRING")]
    pub base_no_extension: Option<OsString>,

    /// Take STRING in place of {#}, the number of the job
    #[arg(long = "seqreplace", value_name = "STRING")]
    pub seq: Option<OsString>,

    /// Take STRING in place of {%}, the number of the slot
    #[arg(long = "slotreplace", value_name = "STRING")]
    pub slot: Option<OsString>,

    /// Define a replacement string: 'NAME PERL-EXPRESSION'
    ///
    /// NAME stands for {= PERL-EXPRESSION =}. Parentheses in NAME hold regular expressions, and what they match is $$1 and so
    /// on in the expression: --rpl '{%(.+?)} s/$$1$//' removes any ending. May be given several times.
    #[arg(long, value_name = "DEFINITION")]
    pub rpl: Vec<OsString>,

    /// Know more replacement strings: {..}, {+/}, {##}, {%.gz}, {:-default}, {/from/to} and so on
    ///
    /// See the section REPLACEMENT STRINGS.
    #[arg(long)]
    pub plus: bool,

    /// Start expressions with the first half of STRING and end them with the second [default: {==}]
    #[arg(long, value_name = "STRING")]
    pub parens: Option<OsString>,
}
