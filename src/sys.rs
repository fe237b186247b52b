//! The only place for `unsafe` and libc; safe signatures out. Nothing Linux-only leaks out of here: a platform twin is a
//! file of the same shape.

#![allow(unsafe_code)]

pub mod affinity;
pub mod command;
pub mod cpus;
pub mod detach;
pub mod files;
pub mod limits;
pub mod machine;
pub mod map;
pub mod process;
pub mod signals;
pub mod spawn;
pub mod start;
pub mod tree;
pub mod vitals;
pub mod wake;
pub mod watch;
