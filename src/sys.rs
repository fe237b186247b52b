//! The only place for `unsafe` and libc; safe signatures out. Nothing Linux-only leaks out of here: a platform twin is a
//! file of the same shape.

#![allow(unsafe_code)]

pub mod map;
pub mod wake;
