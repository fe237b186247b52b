//! Code that the shell of jobs reads before each command: what `env_parallel` brings, and functions for `--env`.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use anyhow::{Context as _, Result};
use rustix::fs::{MemfdFlags, memfd_create};

use super::defaults::recorded;
use crate::exec::{Prelude, Shell};
use crate::options::Exported;
use crate::template::ShellFamily;

/// More than this stands in a file: a word of a command may have 128 KiB.
const INLINE: usize = 32 << 10;

/// The code, empty where nothing is wanted.
///
/// # Errors
/// `--env _` without a record, a file in `$PARALLEL_ENV` that can't be read.
pub fn prelude(exported: &Exported, shell: &Shell) -> Result<Prelude> {
    let code = code(exported, shell)?;
    if code.len() <= INLINE {
        return Ok(Prelude { code, file: None });
    }
    // Without a name, and not inherited by jobs: they find it at its owner.
    let file = memfd_create("fanout", MemfdFlags::CLOEXEC).map_err(std::io::Error::from);
    let mut file = file.map(File::from).context("can't keep what env_parallel brings")?;
    file.write_all(&code).context("can't keep what env_parallel brings")?;
    let read = if shell.family == ShellFamily::Fish { "source" } else { "." };
    let code = format!("{read} /proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
    Ok(Prelude { code: code.into_bytes(), file: Some(file) })
}

fn code(exported: &Exported, shell: &Shell) -> Result<Vec<u8>> {
    let mut code = functions(exported, shell)?;
    // As GNU parallel: env_parallel sets it to the code, with 1 for newlines, or to a file that holds it.
    let Some(value) = env::var_os("PARALLEL_ENV").filter(|value| !value.is_empty()) else { return Ok(code) };
    let value = if fs::exists(&value).unwrap_or(false) {
        fs::read(&value)
            .with_context(|| format!("can't read the file in $PARALLEL_ENV, {}", value.to_string_lossy()))?
    } else {
        value.into_vec()
    };
    code.extend(value.into_iter().map(|byte| if byte == 1 { b'\n' } else { byte }));
    Ok(code)
}

/// The functions of bash that another shell is to know. bash itself imports them.
fn functions(exported: &Exported, shell: &Shell) -> Result<Vec<u8>> {
    let mut code = Vec::new();
    // Asked for the record whatever the shell, as it is an error to have none.
    let ignored = if exported.all { recorded()? } else { Vec::new() };
    if shell.is_bash() || (exported.names.is_empty() && !exported.all) {
        return Ok(code);
    }
    for (variable, value) in env::vars_os() {
        let (variable, value) = (variable.as_bytes(), value.as_bytes());
        let name =
            variable.strip_prefix(b"BASH_FUNC_").and_then(|rest| rest.strip_suffix(b"%%").or(rest.strip_suffix(b"()")));
        let Some(name) = name.filter(|_| value.starts_with(b"() {")) else { continue };
        let is_ignored = || ignored.contains(&OsString::from_vec(variable.to_vec()));
        if exported.names.iter().any(|wanted| wanted == name) || (exported.all && !is_ignored()) {
            code.extend_from_slice(&[name, value, b"\n"].concat());
        }
    }
    Ok(code)
}
