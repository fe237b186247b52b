//! Where jobs run: on this machine, in whatever words.

use std::path::PathBuf;

/// Where jobs run: on this machine, as it is named by `--sshlogin` and in files.
#[derive(Clone, Debug, Default)]
pub struct HostOptions {
    /// Files that name hosts (`--sshloginfile`), in order; what stands in them is checked before the first job.
    pub files: Vec<HostFile>,
    /// The option that is about files for other hosts, where one was given: it is said that nothing comes of it.
    pub ignored: Option<&'static str>,
    /// `--onall`, `--nonall`: on each of the hosts, of which this machine is the only one. As GNU parallel: failed jobs count as one.
    pub each: bool,
}

/// A file of hosts, as GNU parallel names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostFile {
    /// `..`: `sshloginfile` in the user's folder of GNU parallel.
    User,
    /// `-`: standard input.
    Stdin,
    /// A file, or one of that name in the user's folder of GNU parallel; `.` is `/etc/parallel/sshloginfile`.
    Named(PathBuf),
}

impl HostFile {
    /// What such a name means.
    pub fn of(name: PathBuf) -> HostFile {
        match name.as_os_str().as_encoded_bytes() {
            b".." => HostFile::User,
            b"-" => HostFile::Stdin,
            b"." => HostFile::Named(PathBuf::from("/etc/parallel/sshloginfile")),
            _ => HostFile::Named(name),
        }
    }
}

/// What a list of hosts says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// How many CPUs this machine is said to have, where that is said.
    pub cpus: Option<usize>,
    /// Files that name more of them.
    pub files: Vec<HostFile>,
}

impl Hosts {
    /// A list with commas, as on the command line and in files: `:` and `N/:`, with the groups that it is in (`@GROUP/:`), and `..` and `-`.
    ///
    /// # Errors
    /// Any other host, and no number of CPUs.
    pub fn parse(list: &str) -> Result<Hosts, String> {
        let mut hosts = Hosts::default();
        // As GNU parallel: commas at the end separate nothing.
        for host in list.trim_end_matches([',', '\n']).split([',', '\n']).map(str::trim_end) {
            if host == ".." || host == "-" {
                hosts.files.push(HostFile::of(host.into()));
                continue;
            }
            let wanted = || REMOTE.to_owned();
            let group = host.strip_prefix('@').map(|rest| rest.split_once('/').ok_or_else(wanted)).transpose()?;
            let plain = group.map_or(host, |(_, rest)| rest);
            match plain.strip_suffix(':').ok_or_else(wanted)?.strip_suffix('/') {
                None if plain == ":" => {}
                None => return Err(wanted()),
                Some(count) => {
                    let count = super::number::whole(count).filter(|count| *count > 0);
                    let count = count.ok_or("N/: is this machine with N CPUs, at least 1")?;
                    // As GNU parallel: what is said first holds.
                    hosts.cpus = hosts.cpus.or(Some(count));
                }
            }
        }
        Ok(hosts)
    }
}

/// What is said to other hosts.
const REMOTE: &str = "remote hosts are not there: use : for this machine, or GNU parallel, or ssh in the command";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_many_names() {
        for (list, cpus) in [(":", None), ("2/:", Some(2)), (":,", None), ("@g/:", None), ("@a+b/4/:,2/:", Some(4))] {
            assert_eq!(Hosts::parse(list), Ok(Hosts { cpus, files: Vec::new() }), "{list}");
        }
        for list in ["host", "me@host", ":,host", "@group", "4/host", "0/:", ":/", "x:", "", ",:"] {
            assert!(Hosts::parse(list).is_err(), "{list}");
        }
        assert_eq!(Hosts::parse("..,-").map(|hosts| hosts.files), Ok(vec![HostFile::User, HostFile::Stdin]));
    }
}
