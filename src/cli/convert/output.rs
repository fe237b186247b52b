//! What happens to what jobs write.

use std::os::unix::ffi::OsStringExt;

use super::super::flags::OutputFlags;
use crate::options::{Grouping, OutputOptions, Tag, Verbose};

/// What was typed about the output; `tty`, `dry_run`: options that say something about it, too.
pub fn output(flags: OutputFlags, tty: bool, dry_run: bool, defaults: OutputOptions) -> OutputOptions {
    let grouping = if flags.line_buffer {
        Grouping::LineBuffer
    } else if flags.ungroup || (tty && !flags.group) {
        Grouping::Ungroup
    } else {
        defaults.grouping
    };
    // As GNU parallel: where jobs write for themselves, there is nothing to order and nothing to tag, and an empty
    // --tagstring is none.
    let ours = grouping != Grouping::Ungroup;
    let tag = match flags.tagstring {
        Some(text) => (!text.is_empty()).then(|| Tag::Template(unescape(text.into_vec()))),
        None => flags.tag.then_some(Tag::Args),
    };
    let verbose = if flags.verbose {
        Verbose::Stderr
    } else if flags.print && !flags.silent && !dry_run {
        Verbose::Stdout
    } else {
        defaults.verbose
    };
    OutputOptions {
        grouping,
        keep_order: flags.keep_order && ours,
        tag: tag.filter(|_| ours),
        buffer_size: flags.buffer_size.unwrap_or(defaults.buffer_size),
        verbose,
    }
}

/// The escapes that GNU parallel knows in a tag: `\t`, `\n`, `\r`, `\0`.
fn unescape(text: Vec<u8>) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.into_iter().peekable();
    while let Some(byte) = bytes.next() {
        let escape = (byte == b'\\').then(|| match bytes.peek() {
            Some(b't') => Some(b'\t'),
            Some(b'n') => Some(b'\n'),
            Some(b'r') => Some(b'\r'),
            Some(b'0') => Some(0),
            _ => None,
        });
        match escape.flatten() {
            Some(control) => {
                bytes.next();
                plain.push(control);
            }
            None => plain.push(byte),
        }
    }
    plain
}
