//! Where arguments come from.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use anyhow::{Result, bail};

use super::super::flags::InputFlags;
use super::super::tail;
use crate::options::{Columns, Header, InputOptions, InputSource, Trim};

/// What was typed about the inputs, with the sources of the tail.
///
/// # Errors
/// Options that can't go together.
pub fn input(flags: InputFlags, tail: Vec<InputSource>, defaults: InputOptions) -> Result<InputOptions> {
    let columns = columns(&flags)?;
    let trims = flags.colsep.is_some();
    // As GNU parallel: the files of --arg-file come first, wherever the options stand, and what links sources in the tail is
    // counted from the first of all sources.
    let links = flags.link_input_source.iter().map(|link| *link != 0).chain(tail.iter().map(|source| source.linked));
    let links: Vec<bool> = links.collect();
    // As GNU parallel: a lone ::: without words adds nothing to files.
    let tail = if !flags.arg_file.is_empty() && tail == tail::nothing() { Vec::new() } else { tail };
    let files = flags.arg_file.into_iter().map(|name| InputSource { kind: tail::file(name), linked: false });
    let mut sources: Vec<InputSource> = files.chain(tail).collect();
    for (index, source) in sources.iter_mut().enumerate() {
        source.linked = index > 0 && links.get(index).is_some_and(|linked| *linked);
    }
    if sources.is_empty() {
        sources = defaults.sources;
    }
    let end_of_file = flags.eof_str.or(flags.eof).map(OsString::into_vec).filter(|text| !text.is_empty());
    Ok(InputOptions {
        sources,
        // As GNU parallel: --delimiter is stronger than --null, whichever comes last.
        delimiter: flags
            .delimiter
            .map_or(if flags.null { vec![0] } else { defaults.delimiter }, |delimiter| delimiter.0),
        skip_empty: flags.no_run_if_empty,
        end_of_file,
        skip_first: flags.skip_first_line,
        header: flags.header.map(|header| if header == "0" { Header::Files } else { Header::First }),
        columns,
        trim: flags.trim.unwrap_or(if trims { Trim::Both } else { Trim::No }),
        link: flags.link,
        shuffle: flags.shuf,
        filters: flags.filter.into_iter().map(OsString::into_vec).collect(),
    })
}

fn columns(flags: &InputFlags) -> Result<Option<Columns>> {
    let separator = flags.colsep.clone().map(OsString::into_vec);
    if flags.csv {
        return match separator.as_deref() {
            None => Ok(Some(Columns::Csv(b','))),
            Some(b"\\t") => Ok(Some(Columns::Csv(b'\t'))),
            Some([separator]) if !b"\"\r\n".contains(separator) => Ok(Some(Columns::Csv(*separator))),
            Some(_) => bail!("--csv needs a --colsep of one character that is no quote and no newline, or \\t"),
        };
    }
    // As GNU parallel: names in a header are columns, so that there must be some.
    let separator = separator.or_else(|| flags.header.as_ref().map(|_| b"\\t".to_vec()));
    Ok(separator.map(Columns::Separator))
}
