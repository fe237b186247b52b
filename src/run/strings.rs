//! Which replacement strings a run has.

use anyhow::{Result, anyhow, bail};

use crate::diag::escape;
use crate::options::Options;
use crate::template::{Names, Op, ShellFamily, Strings};

/// The replacement strings that options ask for, in the order in which GNU parallel settles them.
///
/// # Errors
/// A definition (`--rpl`) or a `--match` that can't be followed.
pub fn strings(options: &Options, columns: &Names, family: ShellFamily) -> Result<Strings> {
    let (words, options) = (&options.command, &options.replace);
    let mut strings = Strings::new(family);
    strings.columns(columns.clone());
    if let Some(parens) = &options.parens {
        strings.parens(parens);
    }
    if options.plus {
        strings.plus();
    }
    let names = [
        ("-I", Op::Whole, &options.whole),
        ("--extensionreplace", Op::NoExtension, &options.no_extension),
        ("--basenamereplace", Op::Base, &options.base),
        ("--dirnamereplace", Op::Folder, &options.folder),
        ("--seqreplace", Op::Seq, &options.seq),
        ("--slotreplace", Op::Slot, &options.slot),
        ("--basenameextensionreplace", Op::BaseNoExtension, &options.base_no_extension),
    ];
    for (option, op, name) in names {
        if let Some(name) = name {
            if name.is_empty() {
                bail!("{option} '': a replacement string can't be empty: leave the option out");
            }
            strings.rename(&op, name);
        }
    }
    for definition in &options.definitions {
        strings.define(definition).map_err(|reason| anyhow!("--rpl '{}': {reason}", escape(definition)))?;
    }
    strings.matches(&options.matches, words).map_err(|reason| anyhow!("--match: {reason}"))?;
    Ok(strings)
}
