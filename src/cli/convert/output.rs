//! What happens to what jobs write.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::super::flags::{OutputFlags, Print0};
use crate::options::{
    Color, Compress, ControlOptions, Grouping, OutputOptions, Records, Results, Table, TableFormat, Tag, Verbose,
};

/// What was typed about the output; `tty`, `control`: options that say something about it, too.
pub fn output(flags: OutputFlags, tty: bool, control: &ControlOptions, defaults: OutputOptions) -> OutputOptions {
    let (prints, dry_run) = (control.only_prints(), control.dry_run);
    // Without jobs, nothing is kept in files; what would be run is printed.
    let results = flags.results.and_then(results).filter(|results| !(prints && matches!(results, Results::Files(_))));
    let in_folder = matches!(results, Some(Results::Files(_)));
    let mut files = (flags.files || flags.files0).then_some(if flags.files0 { 0 } else { b'\n' }).filter(|_| !prints);
    // As GNU parallel: names are printed then, where there would be lines.
    if flags.line_buffer && in_folder {
        files = files.or(Some(b'\n'));
    }
    let ungroup = flags.ungroup || (tty && !flags.group);
    let latest_line = flags.latest_line && flags.print0.is_none();
    let grouping = if flags.print0.is_some() {
        Grouping::Group
    } else if latest_line || (flags.line_buffer && !in_folder && files.is_none()) {
        Grouping::LineBuffer
    } else if ungroup && !flags.line_buffer && !in_folder {
        Grouping::Ungroup
    } else {
        defaults.grouping
    };
    // As GNU parallel: where jobs write for themselves, there is nothing to order and nothing to tag, and an empty
    // --tagstring is none.
    let ours = grouping != Grouping::Ungroup;
    let tag = match flags.tagstring.or(flags.ctagstring.clone()) {
        Some(text) => (!text.is_empty()).then(|| Tag::Template(unescape(text.into_vec()))),
        None => (flags.tag || flags.ctag).then_some(Tag::Args),
    };
    let print = flags.print && !flags.silent && !dry_run;
    let verbose = if print {
        Verbose::Stdout
    } else if flags.verbose {
        Verbose::Stderr
    } else {
        defaults.verbose
    };
    let compress = match flags.compress_program.filter(|program| !program.is_empty()) {
        Some(program) => Some(Compress::Program(program.into_vec())),
        None => flags.compress.then_some(Compress::Zstd),
    };
    OutputOptions {
        grouping,
        keep_order: flags.keep_order && !flags.no_keep_order && ours,
        tag: tag.filter(|_| ours),
        buffer_size: flags.buffer_size.unwrap_or(defaults.buffer_size),
        verbose,
        traced: print && flags.verbose,
        results,
        files: files.filter(|_| ours),
        color: Color {
            jobs: (flags.color || flags.ctag || flags.ctagstring.is_some()) && ours,
            // As GNU parallel: what is printed as it comes is printed before it is known how the job ends.
            failed: flags.color_failed && (grouping == Grouping::Group || latest_line),
        },
        latest_line,
        compress,
        tmpdir: flags.tmpdir.filter(|folder| !folder.as_os_str().is_empty()),
        records: flags.print0.map(|what| match what {
            Print0::Output => Records::Output,
            Print0::Input => Records::InputAndOutput,
        }),
    }
}

/// `--results`, by the end of its name; an empty one is none.
fn results(name: OsString) -> Option<Results> {
    let name = name.into_vec();
    let lower = name.to_ascii_lowercase();
    let format = [(&b".csv"[..], TableFormat::Csv), (b".tsv", TableFormat::Tsv), (b".json", TableFormat::Json)]
        .into_iter()
        .find(|(end, _)| lower.ends_with(end));
    match format {
        Some((end, format)) => {
            let is_stdout = name.strip_prefix(b"-") == Some(end);
            let file = (!is_stdout).then(|| PathBuf::from(OsString::from_vec(name)));
            Some(Results::Table(Table { format, file, append: false }))
        }
        None => (!name.is_empty()).then_some(Results::Files(name)),
    }
}

/// The escapes that GNU parallel knows in a tag: `\t`, `\n`, `\r`, and octal as `\0` or `\033`.
fn unescape(text: Vec<u8>) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = &text[..];
    while let Some((byte, behind)) = rest.split_first() {
        let (byte, length) = match (byte, behind) {
            (b'\\', [b't', ..]) => (b'\t', 1),
            (b'\\', [b'n', ..]) => (b'\n', 1),
            (b'\\', [b'r', ..]) => (b'\r', 1),
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..]) => {
                ((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), 3)
            }
            (b'\\', [digit @ b'0'..=b'7', ..]) => (digit - b'0', 1),
            (byte, _) => (*byte, 0),
        };
        plain.push(byte);
        rest = &behind[length..];
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_in_tags_are_those_of_gnu_parallel() {
        for (text, plain) in [
            ("a\\tb", "a\tb"),
            ("\\n\\r\\0", "\n\r\0"),
            ("\\033[30m", "\u{1b}[30m"),
            ("\\1x", "\u{1}x"),
            ("\\x\\9\\", "\\x\\9\\"),
        ] {
            assert_eq!(unescape(text.into()), plain.as_bytes(), "{text}");
        }
    }
}
