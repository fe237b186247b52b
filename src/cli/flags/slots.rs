//! The options that say how many jobs run at once, and where.

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};

use super::super::value;
use super::parsed;
use crate::options::{Jobs, Pin};

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Slots")]
pub struct SlotFlags {
    /// Run up to N jobs at once; by default as many as there are CPUs
    ///
    /// N is a number, or +N, -N or N% of the CPUs that this process may really use (its affinity mask and its
    /// cgroups' quota), rounded up, at least 1. 0 is as many as the machine allows. Or it is a file that holds one of
    /// these and is read again when a job has ended, and every second. Also -P and --max-procs.
    #[arg(short = 'j', short_alias = 'P', long, aliases = ["max-procs", "maxprocs"], value_name = "N", value_parser = OsStringValueParser::new().try_map(value::jobs))]
    pub jobs: Option<Jobs>,

    /// Take the number of CPU cores for the number of CPUs, where --jobs or --load is relative to that
    #[arg(long, alias = "usecoresinsteadofthreads", hide_short_help = true)]
    pub use_cores_instead_of_threads: bool,

    /// Take the number of CPU sockets for the number of CPUs
    #[arg(long, alias = "usesocketsinsteadofthreads", hide_short_help = true)]
    pub use_sockets_instead_of_threads: bool,

    /// For remote hosts of GNU parallel; changes nothing
    #[arg(long, alias = "usecpusinsteadofcores", hide = true)]
    pub use_cpus_instead_of_cores: bool,

    /// Pin slots to CPUs: none, compact, spread, or a list like 0,2,4-7
    ///
    /// `compact` takes the CPUs in their order, `spread` different cores before a core's second thread, a list those
    /// CPUs in that order. More slots than CPUs start again with the first. Jobs inherit their slot's CPU. With
    /// `none`, the default, they may use every CPU that fanout may use.
    #[arg(long, value_name = "CPUS", value_parser = parsed(value::pin))]
    pub pin: Option<Pin>,

    /// Run jobs at niceness N; where that is less than fanout's own, they keep it
    #[arg(long, value_name = "N", value_parser = parsed(value::nice))]
    pub nice: Option<i32>,
}
