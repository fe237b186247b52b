//! What is asked about this machine, or about us, instead of a run.

use anyhow::Result;

use super::print;
use crate::exit::{self, Exit};
use crate::options::{GNU_VERSION, LONGEST_TRIED, Question, USABLE_COMMAND};
use crate::sys::cpus::topology;

/// Answers on standard output.
///
/// # Errors
/// As [`print()`].
pub fn answer(question: Question) -> Result<Exit> {
    let (answer, exit) = match question {
        Question::Threads => (topology().threads.to_string(), Exit::Status(0)),
        Question::Cores => (topology().cores.to_string(), Exit::Status(0)),
        Question::Sockets => (topology().sockets.to_string(), Exit::Status(0)),
        Question::LongestCommand => (LONGEST_TRIED.to_string(), Exit::Status(0)),
        Question::Version(wanted) if wanted > GNU_VERSION => (GNU_VERSION.to_string(), Exit::Status(exit::OTHER)),
        Question::Version(_) => (GNU_VERSION.to_string(), Exit::Status(0)),
    };
    print(&format!("{answer}\n"))?;
    Ok(exit)
}

/// `--show-limits`: as GNU parallel; `max_chars`: what is given by `--max-chars`.
///
/// # Errors
/// As [`print()`].
pub fn show_limits(max_chars: Option<usize>) -> Result<()> {
    let usable = max_chars.map_or(USABLE_COMMAND, |chars| chars.min(USABLE_COMMAND));
    print(&format!(
        "Maximal size of command: {LONGEST_TRIED}\nMaximal usable size of command: {usable}\n\n\
         Execution will continue now, and it will try to read its input\n\
         and run commands; if this is not what you wanted to happen, please\npress CTRL-D or CTRL-C\n"
    ))?;
    Ok(())
}
