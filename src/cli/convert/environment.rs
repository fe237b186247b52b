//! What jobs run in.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use anyhow::{Result, bail};

use super::super::flags::EnvironmentFlags;
use crate::options::{EnvironmentOptions, Exported, Workdir};

/// What was typed about the environment of jobs.
///
/// # Errors
/// A name that no variable can have.
pub fn environment(flags: EnvironmentFlags) -> Result<EnvironmentOptions> {
    let mut exported = Exported::default();
    for name in flags.env.iter().flat_map(|names| names.as_encoded_bytes().split(|byte| *byte == b',')) {
        match name {
            b"_" => exported.all = true,
            name => exported.names.push(name.to_vec()),
        }
    }
    let slot_variable = flags.process_slot_var.map(OsString::into_vec);
    if let Some(name) = &slot_variable
        && (name.is_empty() || name.contains(&b'='))
    {
        bail!("--process-slot-var '{}': give the name of a variable", String::from_utf8_lossy(name));
    }
    Ok(EnvironmentOptions { workdir: flags.workdir.and_then(workdir), slot_variable, exported })
}

/// As GNU parallel: the current folder is where jobs run anyway, and so are an empty name and `0`, which are nothing to Perl.
fn workdir(typed: OsString) -> Option<Workdir> {
    match typed.as_encoded_bytes() {
        b"" | b"0" | b"." => None,
        b"..." => Some(Workdir::Own),
        text => Some(Workdir::Template(text.to_vec())),
    }
}
