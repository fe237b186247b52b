//! fanout runs many commands at once and runs them well.
//!
//! # The walk of one job
//! ```text
//! argv -> cli -> Options -> input (Record) -> template (Job) -> schedule (Permit) -> exec (Child) -> Finished -> output (Sequencer, Sink)
//!                                                                                                           \-> report (joblog, summary, progress)
//! ```
//! Data goes one way; nothing flows back but control requests to slots. [`run`] reads as that line.
//!
//! # Who may use whom
//! `tests/it/layering.rs` enforces this; there is no other edge and no cycle.
//!
//! | module | may use |
//! |---|---|
//! | `sys`, `model` | nothing of ours |
//! | `options`, `diag`, `exit` | `model` |
//! | `template` | `model` |
//! | `input` | `sys`, `model`, `options`, `diag`, `template` |
//! | `semaphore` | `options`, `diag` |
//! | `exec` | `sys`, `model`, `options`, `template` |
//! | `output`, `report` | `model`, `options`, `diag` |
//! | `schedule` | `sys`, `model`, `options`, `diag`, the traits of `exec` |
//! | `cli` | `options` |
//! | `run` | all but `cli`, `program` |
//! | `program` | `cli`, `run` |

pub mod cli;
pub mod diag;
pub mod exec;
pub mod exit;
pub mod input;
pub mod model;
pub mod options;
pub mod output;
pub mod program;
pub mod report;
pub mod run;
pub mod schedule;
pub mod semaphore;
pub mod sys;
pub mod template;
