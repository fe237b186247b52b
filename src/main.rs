//! argv in, exit status out.

use std::process::ExitCode;

use fanout::cli::{self, Request};
use fanout::run;

fn main() -> ExitCode {
    let argv: Vec<_> = std::env::args_os().collect();
    let program = cli::program(argv.first().map(AsRef::as_ref));
    let ended = cli::parse(argv).and_then(|request| match request {
        Request::Run(options) => run::run(&options),
        Request::Doctor(program) => run::doctor(&program),
        Request::Print(text) => run::print(&text),
    });
    run::end(ended, &program)
}
