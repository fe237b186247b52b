//! What is asked for instead of a run.

use super::super::flags::OtherFlags;
use crate::options::{GNU_VERSION, Habits, Program, Question};

/// What is asked about the machine or about us, in GNU parallel's order.
pub fn question(flags: &OtherFlags) -> Option<Question> {
    if flags.number_of_sockets {
        Some(Question::Sockets)
    } else if flags.number_of_cores {
        Some(Question::Cores)
    } else if flags.number_of_threads {
        Some(Question::Threads)
    } else if flags.max_line_length_allowed {
        Some(Question::LongestCommand)
    } else {
        flags.min_version.map(Question::Version)
    }
}

/// The text of `--version`. Scripts take GNU parallel and the one of moreutils apart by its first line, where they have
/// called `parallel`.
pub fn version(program: &Program) -> String {
    let own = concat!("fanout ", env!("CARGO_PKG_VERSION"));
    match program.habits {
        Habits::Parallel => format!("GNU parallel {GNU_VERSION}\nThis is {own}, with the options of that version.\n"),
        Habits::Fanout | Habits::Xargs => format!("{own}\nWith the options of GNU parallel {GNU_VERSION}.\n"),
    }
}
