//! The options that say what becomes of what jobs write.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

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

    /// Take back -k
    #[arg(long, aliases = ["nokeeporder", "nok", "no-k"])]
    pub no_keep_order: bool,

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

    /// Print each job in a color of its own
    #[arg(long, alias = "colour")]
    pub color: bool,

    /// Print jobs that have failed white on red
    ///
    /// Not with --line-buffer, where it is printed before that is known.
    #[arg(long, aliases = ["colour-failed", "colorfailed", "colourfailed", "color-fail", "colour-fail", "colorfail", "colourfail", "cf"])]
    pub color_failed: bool,

    /// --color and --tag
    #[arg(long)]
    pub ctag: bool,

    /// --color and --tagstring TEXT
    #[arg(long, alias = "ctag-string", value_name = "TEXT")]
    pub ctagstring: Option<OsString>,

    /// Show a line for each job, with what it has written last
    ///
    /// It is drawn anew as the job goes on, and stays as it is at its end. Also --ll.
    #[arg(long, aliases = ["latestline", "ll"])]
    pub latest_line: bool,

    /// Keep the output of jobs in NAME instead of printing it: a folder, a template, or a .csv, .tsv or .json file
    ///
    /// A NAME without replacement strings is a folder: it gets NAME/1/INPUT/stdout, stderr and seq for each job. With replacement
    /// strings it is the file of a job's standard output, beside NAME.err and NAME.seq; with a slash at its end a folder. A
    /// NAME in .csv, .tsv or .json gets a row for each job; -.csv and its like go to standard output. See RESULTS in the
    /// man page. Also --res.
    #[arg(long, aliases = ["result", "res"], value_name = "NAME", value_hint = ValueHint::AnyPath)]
    pub results: Option<OsString>,

    /// Keep the standard output of each job in a temporary file, and print its name
    ///
    /// Files are made in $TMPDIR, or where --tmpdir says, and stay. Also --output-as-files.
    #[arg(long, aliases = ["output-as-files", "outputasfiles"])]
    pub files: bool,

    /// --files, with a NUL after each name in place of a newline
    #[arg(long)]
    pub files0: bool,

    /// Compress output on disk: what waits there for its turn, and the files of --results and --files
    ///
    /// Those files are zstd's then.
    #[arg(long)]
    pub compress: bool,

    /// Compress the files of --results and --files by this command
    #[arg(long, aliases = ["use-compress-program", "usecompressprogram", "compressprogram"], value_name = "COMMAND", value_hint = ValueHint::CommandString)]
    pub compress_program: Option<OsString>,

    /// Accepted: nothing has to be decompressed by a command
    #[arg(long, aliases = ["use-decompress-program", "usedecompressprogram", "decompressprogram"], value_name = "COMMAND", value_hint = ValueHint::CommandString)]
    pub decompress_program: Option<OsString>,

    /// Make temporary files in DIR instead of $TMPDIR; jobs find it there, too
    #[arg(long, alias = "tempdir", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub tmpdir: Option<PathBuf>,

    /// End what each job wrote on standard output with a NUL, for programs that read it
    ///
    /// NULs in it and its last newline are left out. With --print0=input, the inputs of the job are a record of their own before
    /// it. The output of a job is printed in one piece then, whatever --line-buffer, --ungroup and --latest-line say.
    #[arg(long, value_name = "input", num_args = 0..=1, require_equals = true, default_missing_value = "output", hide_possible_values = true)]
    pub print0: Option<Print0>,

    /// Keep up to SIZE bytes of a job's output in memory [default: 1M]
    ///
    /// More goes to a temporary file without a name in $TMPDIR (see --tmpdir). SIZE can end in K, M or G (1024) or in k, m or g
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

/// What ends with a NUL.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Print0 {
    /// What each job wrote
    Output,
    /// Its inputs, and what it wrote
    Input,
}
