//! argv in, exit status out; the only place that renders a fatal error.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use fanout::cli::{self, Request};
use fanout::diag::Diag;
use fanout::exit::{Exit, OTHER};
use fanout::options::Habits;
use fanout::run;

fn main() -> ExitCode {
    let argv: Vec<_> = std::env::args_os().collect();
    let program = cli::program(argv.first().map(AsRef::as_ref));
    let ended = cli::parse(argv).and_then(|request| match request {
        Request::Run(options) => run::run(&options),
        Request::Print(text) => match io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()) {
            // A reader that has seen enough (`fanout --help | head`) is no error.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(anyhow::Error::new(error).context("standard output"))
            }
            _ => Ok(Exit::Status(0)),
        },
    });
    run::end(ended.unwrap_or_else(|error| {
        Diag::new(&program.name).line(&format!("{error:#}"));
        // xargs has statuses of its own.
        Exit::Status(if program.habits == Habits::Xargs { 1 } else { OTHER })
    }))
}
