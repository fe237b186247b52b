//! argv in, exit status out.

use std::process::ExitCode;

use fanout::cli::{self, Request};
use fanout::run;

fn main() -> ExitCode {
    run::watch_if_asked();
    let argv: Vec<_> = std::env::args_os().collect();
    let program = cli::program(argv.first().map(AsRef::as_ref));
    match cli::parse(argv) {
        Ok(Request::Run(options)) => run::watched(&options),
        Ok(Request::Doctor(program)) => ExitCode::from(run::end(run::doctor(&program), &program)),
        Ok(Request::Print(text)) => ExitCode::from(run::end(run::print(&text), &program)),
        Err(error) => ExitCode::from(run::end(Err(error), &program)),
    }
}
