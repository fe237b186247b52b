//! Files that name hosts, which must all be this machine.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};

use super::defaults;
use crate::options::{Cpu, HostFile, Hosts, Options};

/// Reads the files of `--sshloginfile`, and takes over what they say.
///
/// # Errors
/// A file can't be read, or names another host.
pub fn settle(options: &mut Options) -> Result<()> {
    // A file may name others, each of which is read once.
    let mut at = 0;
    while let Some(file) = options.hosts.files.get(at).cloned() {
        let (name, bytes) = read(&file)?;
        let text = String::from_utf8_lossy(&bytes);
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
            let hosts = Hosts::parse(line).map_err(|error| anyhow!("--sshloginfile {name}: {error}"))?;
            if let (Some(count), false) = (hosts.cpus, matches!(options.slots.cpu, Cpu::Given(_))) {
                options.slots.cpu = Cpu::Given(count);
            }
            for more in hosts.files {
                if !options.hosts.files.contains(&more) {
                    options.hosts.files.push(more);
                }
            }
        }
        at += 1;
    }
    Ok(())
}

/// The name of a file, for messages, and what it holds.
fn read(file: &HostFile) -> Result<(String, Vec<u8>)> {
    let path = match file {
        HostFile::Stdin => {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).context("can't read hosts from standard input")?;
            return Ok(("-".to_owned(), bytes));
        }
        HostFile::User => defaults::user_file(Path::new("sshloginfile")),
        HostFile::Named(path) if path.exists() => Some(path.clone()),
        HostFile::Named(path) => Some(defaults::user_file(path).filter(|path| path.exists()).unwrap_or(path.clone())),
    };
    let path = path.context("HOME is not set: there is no file of hosts there")?;
    let bytes = fs::read(&path).with_context(|| format!("can't read the hosts in {}", path.display()))?;
    Ok((path.display().to_string(), bytes))
}
