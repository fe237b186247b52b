//! How many arguments a job gets.

use super::super::flags::BatchFlags;
use super::super::value::Chars;
use crate::options::BatchOptions;

/// What was typed about batching, with GNU parallel's ranks: -N is stronger than -n, and that than -l, and that than
/// -L, wherever they stand; a 0 of -n leaves it to -l and -L.
pub fn batch(flags: BatchFlags) -> BatchOptions {
    let fills = flags.xargs || flags.many || flags.context;
    let max_lines = flags.max_lines.map(|lines| lines.count);
    let lines = flags.lines.or(max_lines);
    let counts = [flags.max_args, max_lines, flags.lines];
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
    }
}
