//! How many arguments a job gets.

use super::super::flags::BatchFlags;
use super::super::value::Chars;
use crate::options::{BatchOptions, Margin};

/// What was typed about batching, with GNU parallel's ranks: -N is stronger than -n, and that than -l, and that than
/// -L, wherever they stand; a 0 of -n leaves it to -l and -L.
pub fn batch(flags: BatchFlags, margin: Margin) -> BatchOptions {
    let fills = flags.xargs || flags.many || flags.context;
    let lines = flags.lines.or(flags.max_lines);
    let counts = [flags.max_args, flags.max_lines, flags.lines];
    let typed =
        flags.max_replace_args.or_else(|| counts.into_iter().flatten().reduce(|a, b| if a > 0 { a } else { b }));
    let max_records = typed.filter(|count| *count > 0).or(if fills { None } else { Some(1) });
    let by_lines = flags.lines.is_some() && !(flags.xargs || flags.many);
    BatchOptions {
        max_records,
        max_chars: flags.max_chars.and_then(|Chars(limit)| limit),
        spread: flags.many || flags.context,
        repeat_words: flags.context || flags.max_replace_args.is_some() || by_lines,
        insert_nothing: typed == Some(0),
        join_lines: lines.is_some_and(|lines| lines > 0),
        margin,
    }
}

/// As GNU parallel: three times the length for `--quote`, and for each `--shell-quote`, of which one is enough for five times that.
pub fn margin(quote: bool, shell_quote: u8, host: bool) -> Margin {
    let quotes = u32::from(quote) + u32::from(shell_quote);
    let times = 3usize.saturating_pow(quotes).saturating_mul(if shell_quote > 0 { 5 } else { 1 });
    Margin { times, host }
}
