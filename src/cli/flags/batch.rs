//! The options that say how many inputs a job gets.

use clap::Args;

use super::super::value;
use super::parsed;

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Batching")]
pub struct BatchFlags {
    /// Give each job up to N inputs, and no more than fit in a command
    ///
    /// {} stands for all of them, with blanks between: `-n3 echo pre-{}-post` runs `echo pre-a b c-post`. 0 reads
    /// one input and puts none into the command. N can end in K, M or G (1024) or in k, m or g (1000),
    /// and be reckoned: `1M-2*3k`.
    #[arg(short = 'n', long, alias = "maxargs", value_name = "N", value_parser = parsed(value::count))]
    pub max_args: Option<usize>,

    /// As -n, and the word around {} is repeated: `pre-a-post pre-b-post`
    ///
    /// {1}, {2} and so on are the first, the second and so on of a job's inputs; those that are missing are empty.
    #[arg(short = 'N', long, alias = "maxreplaceargs", value_name = "N", value_parser = parsed(value::count))]
    pub max_replace_args: Option<usize>,

    /// As -N, and a line that ends in a blank goes on with the next line
    #[arg(short = 'L', value_name = "N", value_parser = parsed(value::count))]
    pub lines: Option<usize>,

    /// As -n, and a line that ends in a blank goes on with the next line; N is 1 unless given
    #[arg(short = 'l', long, alias = "maxlines", value_name = "N", num_args = 0..=1, require_equals = true,
        default_missing_value = "1", value_parser = parsed(value::max_lines))]
    pub max_lines: Option<usize>,

    /// Give each job as many inputs as fit in a command, spread evenly over the slots
    ///
    /// {} stands for all of them, with blanks between. When the input ends, what is left is divided: 10 inputs make
    /// jobs of 3, 3, 3 and 1 with -j4.
    #[arg(short = 'm')]
    pub many: bool,

    /// As -m, and the word around {} is repeated for each input
    ///
    /// `-X mv file-{}.txt dir` runs `mv file-1.txt file-2.txt dir`.
    #[arg(short = 'X')]
    pub context: bool,

    /// Give each job as many inputs as fit in a command
    ///
    /// As -m, but the last jobs are not divided.
    #[arg(long)]
    pub xargs: bool,

    /// Keep commands shorter than N bytes
    ///
    /// It limits what -n, -N, -L, -m, -X and --xargs pack. An input that makes a command of N bytes by itself is an
    /// error. More than 63664 bytes are never packed.
    #[arg(short = 's', long, alias = "maxchars", value_name = "N", value_parser = parsed(value::max_chars))]
    pub max_chars: Option<value::Chars>,

    /// Accepted for scripts that have it, and ignored, as by GNU parallel
    #[arg(short = 'x', long)]
    pub exit: bool,
}
