//! The options that say what becomes of what jobs write.

use std::ffi::OsString;

use clap::Args;

use super::super::value;
use super::parsed;

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Output")]
pub struct OutputFlags {
    /// Print the output of each job in one piece when it has ended (the default)
    ///
    /// First all of its standard output, then all of its standard error.
    #[arg(long, conflicts_with_all = ["line_buffer", "ungroup"])]
    pub group: bool,

    /// Print in the order of the inputs
    #[arg(short = 'k', long, alias = "keeporder")]
    pub keep_order: bool,

    /// Print whole lines as they come; lines of different jobs may alternate
    ///
    /// With --keep-order the job whose turn it is prints as it runs, and the others wait. Also --lb.
    #[arg(long, aliases = ["lb", "linebuffer", "line-buffered", "linebuffered"], conflicts_with = "ungroup")]
    pub line_buffer: bool,

    /// Let jobs write to fanout's own output, where they may mix
    ///
    /// Without --keep-order and --tag, which need what this leaves out.
    #[arg(short = 'u', long)]
    pub ungroup: bool,

    /// Start each line of output with the job's inputs and a TAB
    #[arg(long)]
    pub tag: bool,

    /// Start each line of output with TEXT and a TAB; it may hold replacement strings
    #[arg(long, alias = "tag-string", value_name = "TEXT")]
    pub tagstring: Option<OsString>,

    /// Keep up to SIZE bytes of a job's output in memory [default: 1M]
    ///
    /// More goes to a temporary file without a name in $TMPDIR. SIZE can end in K, M or G (1024) or in k, m or g
    /// (1000).
    #[arg(long, value_name = "SIZE", value_parser = parsed(value::size))]
    pub buffer_size: Option<usize>,

    /// Print each command on standard output, before its own output
    #[arg(short = 'v')]
    pub print: bool,

    /// Print each command on standard error when it starts
    #[arg(short = 't', long)]
    pub verbose: bool,

    /// Take back -v
    #[arg(long)]
    pub silent: bool,
}
