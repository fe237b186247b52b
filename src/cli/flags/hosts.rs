//! The options about hosts: jobs run on this machine only, whatever it is called.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, ValueHint};

use super::parsed;
use crate::options::Hosts;

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Hosts")]
pub struct HostFlags {
    /// Where jobs run: `:`, this machine
    ///
    /// `N/:` takes N for the number of its CPUs. `..` and `-` are as in --sshloginfile. Other hosts are not there yet.
    #[arg(short = 'S', long, value_name = "HOST", action = ArgAction::Append, value_parser = parsed(Hosts::parse))]
    pub sshlogin: Vec<Hosts>,

    /// The hosts are the lines of FILE, which must all be this machine
    ///
    /// `..` is ~/.parallel/sshloginfile, `.` is /etc/parallel/sshloginfile, `-` is standard input. Also --slf.
    #[arg(long, alias = "slf", value_name = "FILE", action = ArgAction::Append, value_hint = ValueHint::FilePath, hide_short_help = true)]
    pub sshloginfile: Vec<PathBuf>,

    /// Run all jobs on each host, one after the other: on this machine
    ///
    /// As in GNU parallel, --tag is the name of the host, a job has one input of each source, the exit status is 1 if any job has failed, and
    /// --tagstring, --results, --link and what makes batches change nothing.
    #[arg(long, hide_short_help = true)]
    pub onall: bool,

    /// Run the command once on each host: once on this machine, without reading inputs
    #[arg(long, hide_short_help = true)]
    pub nonall: bool,

    /// What is to be sent to other hosts and fetched from them: a warning, and nothing else
    ///
    /// So it is in GNU parallel where there are no others. The same holds for --transfer, --return, --trc and --basefile. Also --tf.
    #[arg(long, aliases = ["transferfile", "transfer-files", "transferfiles", "tf"], value_name = "FILE", action = ArgAction::Append, hide_short_help = true)]
    pub transfer_file: Vec<OsString>,

    /// See --transfer-file
    #[arg(long, hide = true)]
    pub transfer: bool,

    /// See --transfer-file
    #[arg(long = "return", value_name = "FILE", action = ArgAction::Append, hide = true)]
    pub returned: Vec<OsString>,

    /// See --transfer-file
    #[arg(long, value_name = "FILE", action = ArgAction::Append, hide = true)]
    pub trc: Vec<OsString>,

    /// See --transfer-file
    #[arg(long, alias = "bf", value_name = "FILE", action = ArgAction::Append, hide = true)]
    pub basefile: Vec<OsString>,

    /// For other hosts; changes nothing
    #[arg(long, value_name = "COMMAND", hide = true)]
    pub ssh: Option<OsString>,

    /// For other hosts; changes nothing
    #[arg(long, alias = "rsyncopts", value_name = "OPTIONS", hide = true)]
    pub rsync_opts: Option<OsString>,

    /// For other hosts; changes nothing
    #[arg(short = 'M', long, hide = true)]
    pub controlmaster: bool,

    /// For other hosts; changes nothing
    #[arg(long, aliases = ["filterhosts", "filter-host"], hide = true)]
    pub filter_hosts: bool,
}
