//! What jobs run in.

/// What jobs run in.
#[derive(Clone, Debug)]
pub struct EnvironmentOptions {
    /// `--workdir`; `None`: our own folder.
    pub workdir: Option<Workdir>,
    /// `--process-slot-var`: the variable that holds the number of the slot, counted from 0; `None`: `PARALLEL_JOBSLOT0`
    /// (as GNU parallel).
    pub slot_variable: Option<Vec<u8>>,
    /// `--env`.
    pub exported: Exported,
}

/// `--workdir`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Workdir {
    /// `...`: a new folder for each job, gone when the job is.
    Own,
    /// A folder, which is made where it is missing. Replacement strings stand for the job's values.
    Template(Vec<u8>),
}

/// `--env`: which variables and functions jobs are to get. What is exported reaches jobs on this machine anyway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The names.
    pub names: Vec<Vec<u8>>,
    /// `_`: everything but what `--record-env` has recorded.
    pub all: bool,
}
