//! The values of options: from what was typed to what it means. Each parser's error says what is wanted instead; the
//! option and the value are put in front of it where it is shown.

mod conditions;
mod delimiter;
mod halt;
mod input;
mod number;
mod retry;
mod signal;
mod slots;
mod termseq;
mod time;
mod unit;

pub use conditions::{amount, limit, load, template};
pub use delimiter::{Delimiter, delimiter};
pub use halt::halt;
pub use input::trim;
pub use number::{Chars, Codes, block, count, max_chars, max_lines, min_version, nice, size, success_codes, tries};
pub use retry::{retry_delay, retry_on};
pub use slots::{jobs, pin};
pub use termseq::{Steps, termseq};
pub use time::{delay, duration, patience, timeout};

use crate::options::{decimal, percent, whole};
