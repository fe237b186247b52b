//! The options that cut a stream, or files, into blocks for jobs to read.

use std::ffi::OsString;
use std::time::Duration;

use clap::Args;

use super::super::value;
use super::parsed;
use crate::options::BlockSize;

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Blocks of a stream")]
pub struct PipeFlags {
    /// Cut standard input into blocks of whole records; each job reads one on its standard input
    ///
    /// A record is a line, unless --recstart or --recend say otherwise, and a block is about --block long. Jobs are started as
    /// blocks come: `cat big | fanout --pipe --block 10M wc -l`. A job need not read all of its block.
    #[arg(long, alias = "spreadstdin")]
    pub pipe: bool,

    /// Cut the files of -a (or ::::) into blocks of whole records
    ///
    /// As --pipe, and faster: `fanout -a big --pipe-part --block -1 wc -l`. The files must be regular ones, or disks.
    #[arg(long, alias = "pipepart")]
    pub pipe_part: bool,

    /// How long a block is: SIZE bytes, less the record that does not fit; -N: N blocks for each slot (--pipe-part)
    ///
    /// SIZE can end in K, M, G (1024) or k, m, g (1000). A record that is longer makes blocks longer. With --pipe-part a block
    /// goes on to the end of the record instead. The default is 1M, and -10 with --pipe-part.
    #[arg(long = "block", aliases = ["block-size", "blocksize"], value_name = "SIZE", value_parser = parsed(value::block), allow_hyphen_values = true)]
    pub block: Option<BlockSize>,

    /// A block goes to a job after TIME at the latest, full or not
    #[arg(long, aliases = ["blocktimeout", "bt"], value_name = "TIME", value_parser = parsed(value::duration))]
    pub block_timeout: Option<Duration>,

    /// Records start with TEXT
    ///
    /// \n, \t, \r, \0, \\, \' and \" stand for what they do in Perl. With --recend, a record ends where both meet.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub recstart: Option<OsString>,

    /// Records end with TEXT; by default with a newline
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub recend: Option<OsString>,

    /// --recstart and --recend are regular expressions of Perl's
    #[arg(long, alias = "regex")]
    pub regexp: bool,

    /// Take the text of --recstart and --recend out of blocks
    #[arg(long, aliases = ["removerecsep", "rrs"])]
    pub remove_rec_sep: bool,

    /// Start all jobs at once, and give each block to one that has room; with -k strictly in turn
    #[arg(long, aliases = ["roundrobin", "round"])]
    pub round_robin: bool,

    /// Give all of standard input (or of the file of --pipe-part) to each job
    ///
    /// `seq 1000 | fanout --pipe --tee -v wc {} ::: -l -c`. There have to be as many slots as jobs, which is the default.
    #[arg(long)]
    pub tee: bool,

    /// Start all jobs at once, and give each line to one of them: lines with the same key to the same job
    ///
    /// KEY is the number or the name of a column (names are in the first line, which no job gets), an expression of Perl's, or a column
    /// and an expression for it: `--shard 3`, `--shard 'name s/ .*//'`. Columns end at --colsep, by default at commas.
    #[arg(long, value_name = "KEY")]
    pub shard: Option<OsString>,

    /// As --shard, and the key is the number of the job (modulo their number)
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    pub bin: Option<OsString>,

    /// Lines with the same key, one behind the other, are one record
    ///
    /// As --shard; columns end at TABs by default. The first line, where it has the names, comes first in each block. Each group is a
    /// job with -N1. With --pipe-part, where groups have to stand one behind the other, a job gets as many as take about --block, and a
    /// first line with names is a line like any other.
    #[arg(long, alias = "groupby", value_name = "KEY")]
    pub group_by: Option<OsString>,

    /// A job gets its block in a temporary file, whose name is {}
    #[arg(long)]
    pub cat: bool,

    /// A job gets its block through a FIFO, whose name is {}
    #[arg(long)]
    pub fifo: bool,
}
