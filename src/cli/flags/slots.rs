//! The options that say how many jobs run at once, and where.

use clap::Args;

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
    /// cgroups' quota), at least 1. 0 is as many as the machine allows. Also -P and --max-procs.
    #[arg(short = 'j', short_alias = 'P', long, aliases = ["max-procs", "maxprocs"], value_name = "N", value_parser = parsed(value::jobs))]
    pub jobs: Option<Jobs>,

    /// Pin slots to CPUs: none, compact, spread, or a list like 0,2,4-7
    ///
    /// `compact` takes the CPUs in their order, `spread` different cores before a core's second thread, a list those
    /// CPUs in that order. More slots than CPUs start again with the first. Jobs inherit their slot's CPU. With
    /// `none`, the default, they may use every CPU that fanout may use.
    #[arg(long, value_name = "CPUS", value_parser = parsed(value::pin))]
    pub pin: Option<Pin>,

    /// Add N to the niceness of jobs
    #[arg(long, value_name = "N", value_parser = parsed(value::nice))]
    pub nice: Option<i32>,
}
