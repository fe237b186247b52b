//! The same program under the name that makes it xargs.
#![no_main]

fanout::program!(fanout::program::main);
