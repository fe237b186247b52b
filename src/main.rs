//! argv in, exit status out.
#![no_main]

fanout::program!(fanout::program::main);
