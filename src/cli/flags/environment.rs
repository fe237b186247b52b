//! The options that say what jobs run in: variables, the folder, defaults.

use std::ffi::OsString;

use clap::{ArgAction, Args, ValueHint};

#[derive(Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Environment")]
pub struct EnvironmentFlags {
    /// Run jobs in the folder DIR, which is made where it is missing
    ///
    /// Replacement strings in it stand for the job's values, as they are. `...` is a new folder for each job below
    /// ~/.parallel/tmp, which is removed when the job has ended. Also --wd.
    #[arg(long, aliases = ["wd", "work-dir"], value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub workdir: Option<OsString>,

    /// Give jobs the variable or function NAME; can be repeated, and be a list with commas
    ///
    /// What is exported reaches jobs on this machine anyway, a function of bash if the shell of jobs is bash. `_` is all
    /// that is exported but for what --record-env has recorded.
    #[arg(long, value_name = "NAME", action = ArgAction::Append)]
    pub env: Vec<OsString>,

    /// Record the names of all variables in ~/.parallel/ignored_vars, for --env _, and do nothing else
    #[arg(long, alias = "recordenv")]
    pub record_env: bool,

    /// Set the variable NAME to the number of the slot, counted from 0 [default: PARALLEL_JOBSLOT0]
    #[arg(long, alias = "processslotvar", value_name = "NAME")]
    pub process_slot_var: Option<OsString>,

    /// Read default options from the profile NAME; can be repeated, the last is the strongest
    ///
    /// NAME is a file in ~/.config/fanout ($XDG_CONFIG_HOME/fanout), else in ~/.parallel and the other folders of GNU
    /// parallel, or a path that starts with / or ./. It takes the place of the config files that fanout reads when it is
    /// called as parallel. $FANOUT, or $PARALLEL where that is unset, is stronger, and the command line is strongest.
    #[arg(short = 'J', long, value_name = "NAME", action = ArgAction::Append, value_hint = ValueHint::FilePath)]
    pub profile: Vec<OsString>,

    /// Take no default options: ignore --profile, $FANOUT, $PARALLEL and config files
    #[arg(long)]
    pub plain: bool,

    /// The first option of a script that fanout runs: the lines below the first are the inputs
    ///
    /// With --shebang-wrap instead, the arguments of the script are the inputs of a job each, which the interpreter
    /// behind it runs the script for. Both must come first: #!/usr/bin/fanout --shebang -k echo
    #[arg(long, alias = "hashbang")]
    pub shebang: bool,

    /// With --shebang-wrap, as GNU parallel calls itself then
    #[arg(long = "_pipe-means-argfiles", hide = true)]
    pub pipe_means_argfiles: bool,
}
