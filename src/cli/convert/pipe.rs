//! What jobs read.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use anyhow::{Result, bail};

use super::super::flags::{BatchFlags, InputFlags, PipeFlags};
use crate::options::{
    BlockSize, ControlOptions, InputSource, KeyRule, PipeOptions, RecordRule, SourceKind, Spread, Tries, Way,
};

/// What was typed about blocks. What is said by options that mean something else without them is taken from `input` and
/// `batch`, and files that are cut are taken out of the sources.
///
/// # Errors
/// Options that can't go together.
pub fn pipe(
    flags: PipeFlags,
    input: &mut InputFlags,
    batch: &BatchFlags,
    tail: &mut Vec<InputSource>,
    control: &ControlOptions,
    keep_order: bool,
) -> Result<Option<PipeOptions>> {
    if flags.cat && flags.fifo {
        bail!("--fifo and --cat can't go together: give one of them");
    }
    let keyed = flags.shard.is_some() || flags.bin.is_some() || flags.group_by.is_some();
    if !(flags.pipe || flags.pipe_part || flags.cat || flags.fifo || keyed) {
        return Ok(None);
    }
    let lines = batch.lines.or(batch.max_lines);
    if flags.pipe_part && (lines.is_some() || batch.max_replace_args.is_some()) {
        bail!("--pipe-part can't count records: leave -N, -L and -l out, or use --pipe");
    }
    if flags.pipe_part && (flags.shard.is_some() || flags.bin.is_some()) {
        bail!("--pipe-part can't look at each line: use --pipe with --shard and --bin");
    }
    if flags.group_by.is_some() {
        let clash = [(flags.remove_rec_sep, "--remove-rec-sep"), (flags.recstart.is_some(), "--recstart")];
        let recend = flags.recend.as_ref().is_some_and(|end| end != "\n");
        if let Some((_, name)) = clash.into_iter().chain([(recend, "--recend")]).find(|(given, _)| *given) {
            bail!("{name} and --group-by can't go together: a record is a group of lines");
        }
    }
    let separator = match (&input.colsep, input.csv) {
        (Some(separator), _) => Some(separator.clone().into_vec()),
        (None, true) => Some(b",".to_vec()),
        (None, false) => input.header.as_ref().map(|_| b"\\t".to_vec()),
    };
    if keyed && tail.is_empty() && (flags.pipe_part || input.arg_file.is_empty()) {
        // There are no other columns.
        input.colsep = None;
    }
    let key = |text: OsString, usual: &[u8]| KeyRule {
        text: text.into_vec(),
        separator: separator.clone().unwrap_or_else(|| usual.to_vec()),
    };
    let group_by = flags.group_by.map(|text| key(text, b"\\t"));
    let (spread, name) = match (flags.shard, flags.bin) {
        _ if flags.tee => (Spread::Tee, "--tee"),
        (_, Some(text)) => (Spread::Bin(key(text, b",")), "--bin"),
        (Some(text), _) => (Spread::Shard(key(text, b",")), "--shard"),
        _ if flags.round_robin && !flags.pipe_part && keep_order => (Spread::InTurn, "--round-robin"),
        _ if flags.round_robin && !flags.pipe_part => (Spread::RoundRobin, "--round-robin"),
        _ => (Spread::Jobs, ""),
    };
    if spread != Spread::Jobs && !(spread == Spread::Tee && flags.pipe_part) {
        if control.tries != Tries::Each(Some(1)) {
            bail!("--retries and {name} can't go together: what a job has read is gone");
        }
        if control.conditions.may_evict() {
            bail!("{name} can't go together with --memfree or --limit: what a job that is ended has read is gone");
        }
    }
    if flags.block_timeout.is_some_and(|time| time < Duration::from_secs(1)) {
        bail!("--block-timeout must be at least 1");
    }
    let block = match (flags.block, flags.pipe_part) {
        (Some(BlockSize::PerSlot(_)), false) => bail!("--block below 0 is for --pipe-part, where the size is known"),
        (_, true) if flags.round_robin => BlockSize::PerSlot(1.0),
        (Some(block), _) => block,
        (None, true) => BlockSize::PARTS,
        (None, false) => BlockSize::STREAM,
    };
    // As GNU parallel, which ignores them where each line goes its own way. In any case they are none of the sources'.
    let by_line = matches!(spread, Spread::Shard(_) | Spread::Bin(_));
    let header = input.header.take().map(OsString::into_vec);
    let skip_first = spread != Spread::Tee && std::mem::take(&mut input.skip_first_line) && !by_line;
    let files = if flags.pipe_part { Some(data_files(flags.tee, input, tail)?) } else { None };
    let typed = batch.max_replace_args.or(batch.max_args).filter(|count| *count > 0);
    Ok(Some(PipeOptions {
        files,
        block,
        records: RecordRule {
            csv: input.csv,
            remove: flags.remove_rec_sep,
            count: typed.map(|count| count.saturating_mul(lines.filter(|lines| *lines > 0).unwrap_or(1))),
            lines: lines.filter(|lines| *lines > 0),
            ..rule(flags.recstart, flags.recend, flags.regexp)
        },
        header: header.filter(|header| !by_line && !header.is_empty() && header != b"0"),
        skip_first,
        skip_blank: std::mem::take(&mut input.no_run_if_empty),
        timeout: flags.block_timeout.map(|time| Duration::from_secs(time.as_secs())),
        spread,
        group_by,
        way: match (flags.cat, flags.fifo) {
            (true, _) => Way::File,
            (_, true) => Way::Fifo,
            _ => Way::Stdin,
        },
    }))
}

/// The files that are cut: those of `-a` and `::::`; with `--tee` the first.
fn data_files(tee: bool, input: &mut InputFlags, tail: &mut Vec<InputSource>) -> Result<Vec<std::path::PathBuf>> {
    let mut files: Vec<_> = std::mem::take(&mut input.arg_file).into_iter().map(std::path::PathBuf::from).collect();
    if tee {
        if files.is_empty() {
            bail!("--pipe-part needs a file to read: give one with -a FILE");
        }
        let rest = files.split_off(1);
        input.arg_file = rest.into_iter().map(std::path::PathBuf::into_os_string).collect();
        return Ok(files);
    }
    for source in tail.drain(..) {
        match source.kind {
            SourceKind::File(path) => files.push(path),
            SourceKind::Stdin => files.push("-".into()),
            // As GNU parallel: values are not used.
            SourceKind::Words(_) => {}
        }
    }
    Ok(files)
}

fn rule(start: Option<OsString>, end: Option<OsString>, regexp: bool) -> RecordRule {
    let text = |given: OsString| if regexp { given.into_vec() } else { unescaped(&given.into_vec()) };
    let (start, end) = match (start, end) {
        (None, None) => (Vec::new(), b"\n".to_vec()),
        // As GNU parallel: each byte is a record.
        (None, Some(end)) if regexp && end.is_empty() => (Vec::new(), b"(?s:.)".to_vec()),
        (start, end) => (start.map_or_else(Vec::new, text), end.map_or_else(Vec::new, text)),
    };
    RecordRule { start, end, regexp, csv: false, remove: false, count: None, lines: None }
}

/// With the escapes that GNU parallel takes; every other backslash is one.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, tail)) = rest.split_first() {
        let escaped = tail.first().filter(|_| *byte == b'\\').and_then(|next| {
            Some(match next {
                b'0' => 0,
                b'r' => b'\r',
                b'n' => b'\n',
                b't' => b'\t',
                b'\'' | b'"' | b'\\' => *next,
                _ => return None,
            })
        });
        bytes.push(escaped.unwrap_or(*byte));
        rest = if escaped.is_some() { &tail[1..] } else { tail };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_gnu_parallel() {
        assert_eq!(unescaped(br#"a\n\t\r\0\\\'\"\x\"#), b"a\n\t\r\0\\'\"\\x\\");
    }
}
