//! Replacement strings.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use crate::cli::flags::ReplaceFlags;
use crate::options::ReplaceOptions;

/// Which replacement strings there are.
pub fn replace(flags: ReplaceFlags) -> ReplaceOptions {
    let bytes = |word: Option<OsString>| word.map(OsString::into_vec);
    ReplaceOptions {
        // As GNU parallel: once {} has got another name by -I, -i finds nothing to rename.
        whole: bytes(flags.whole.or(flags.replace.filter(|name| !name.is_empty()))),
        no_extension: bytes(flags.no_extension),
        base: bytes(flags.base),
        folder: bytes(flags.folder),
        base_no_extension: bytes(flags.base_no_extension),
        seq: bytes(flags.seq),
        slot: bytes(flags.slot),
        definitions: flags.rpl.into_iter().map(OsString::into_vec).collect(),
        matches: flags.matches.into_iter().map(OsString::into_vec).collect(),
        plus: flags.plus,
        parens: bytes(flags.parens),
    }
}
