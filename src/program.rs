//! Both programs: argv in, exit status out. The name that one is called by makes it xargs.

use crate::cli::{self, Request};
use crate::run;

/// Does what the command line asks for, and answers the exit status.
pub fn main() -> u8 {
    run::watch_if_asked();
    let argv: Vec<_> = std::env::args_os().collect();
    let program = cli::program(argv.first().map(AsRef::as_ref));
    match cli::read(argv, &|wanted| run::defaults(&program, wanted), &run::size_limits) {
        Ok(Request::Run(options)) => run::watched(options),
        Ok(Request::Doctor(program)) => run::end(run::doctor(&program), &program),
        Ok(Request::Answer(question, program)) => run::end(run::answer(question), &program),
        Ok(Request::RecordEnv) => run::end(run::record_env(), &program),
        Ok(Request::Shell(line)) => run::end(run::become_shell(&line), &program),
        Ok(Request::Print(text)) => run::end(run::print(&text), &program),
        Ok(Request::Complain(text)) => run::end(run::complain(&text), &program),
        Err(error) => run::end(Err(error), &program),
    }
}
