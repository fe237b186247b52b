//! Every non-fatal line that fanout itself writes to standard error.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Something that takes the progress display off the terminal around a write and puts it back.
pub type Aside = Box<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

/// The one place that writes messages. Control bytes in them are escaped, so that a file name can't drive a terminal.
pub struct Diag {
    program: String,
    lock: Mutex<()>,
    aside: OnceLock<Aside>,
    failed: AtomicBool,
}

impl Diag {
    /// Messages that start with `program: `.
    pub fn new(program: &str) -> Diag {
        Diag {
            program: program.to_owned(),
            lock: Mutex::new(()),
            aside: OnceLock::new(),
            failed: AtomicBool::new(false),
        }
    }

    /// From now on, writes go through `aside` (once; the first call holds).
    pub fn around(&self, aside: Aside) {
        self.aside.get_or_init(|| aside);
    }

    /// Something the user should know and that stops nothing.
    pub fn warn(&self, message: impl fmt::Display) {
        self.line(&format!("warning: {message}"));
    }

    /// Something that went wrong and makes the run's exit status 255, while the run goes on.
    pub fn error(&self, message: impl fmt::Display) {
        self.failed.store(true, Ordering::Relaxed);
        self.line(&message.to_string());
    }

    /// One line of ours, as it is but for escapes.
    pub fn line(&self, message: &str) {
        let line = format!("{}: {}\n", self.program, escape(message.as_bytes()));
        self.write(line.as_bytes());
    }

    /// Bytes that are already rendered and escaped: reports on standard error.
    pub fn write(&self, bytes: &[u8]) {
        // Standard error is where trouble with standard error would be reported; there is nowhere else to turn,
        // so the exit status says it.
        if self.put(bytes).is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
    }

    /// Writes bytes that nobody misses when they are lost: how far the run is.
    pub fn show(&self, bytes: &[u8]) {
        self.put(bytes).ok();
    }

    fn put(&self, bytes: &[u8]) -> io::Result<()> {
        let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let mut written = Ok(());
        let mut write = || written = io::stderr().write_all(bytes);
        match self.aside.get() {
            Some(aside) => aside(&mut write),
            None => write(),
        }
        written
    }

    /// Whether [`Diag::error`] was called, or standard error could not be written.
    pub fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Diag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Diag").field("program", &self.program).finish_non_exhaustive()
    }
}

/// `bytes` for a line of ours: control bytes (ESC and C1 controls included), marks that turn the direction of text, and
/// invalid UTF-8 as `\n`, `\t`, `\x1b`, and so on. Everything else stays as it is, a backslash too: this is for reading, not for reading back.
pub fn escape(bytes: &[u8]) -> Cow<'_, str> {
    let clean = |text: &str| !text.chars().any(|c| c.is_control() || turns(c));
    if let Ok(text) = std::str::from_utf8(bytes)
        && clean(text)
    {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => line.push_str("\\n"),
                '\t' => line.push_str("\\t"),
                '\r' => line.push_str("\\r"),
                c if c.is_ascii_control() => line.push_str(&format!("\\x{:02x}", c as u32)),
                // C1 controls are two bytes in UTF-8; some terminals obey them.
                c if c.is_control() || turns(c) => line.push_str(&format!("\\u{{{:x}}}", c as u32)),
                c => line.push(c),
            }
        }
        for byte in chunk.invalid() {
            line.push_str(&format!("\\x{byte:02x}"));
        }
    }
    Cow::Owned(line)
}

/// Whether the locale of messages has UTF-8, as far as its name says.
pub fn is_utf8() -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default();
    let name = locale.to_string_lossy().to_ascii_lowercase();
    name.ends_with("utf-8") || name.ends_with("utf8")
}

/// A name in the quotes of the locale, as GNU's programs show it.
pub fn name_in_quotes(name: &[u8]) -> String {
    let name = escape(name);
    if is_utf8() { format!("\u{2018}{name}\u{2019}") } else { format!("'{name}'") }
}

/// Whether this makes a terminal show what follows, or what came before, in another order: a name could pretend to be
/// another one.
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_drive_a_terminal() {
        assert_eq!(escape(b"plain name"), "plain name");
        assert_eq!(escape("né".as_bytes()), "né");
        assert_eq!(escape(b"a\nb\x1b[2J\x07\xff\\"), "a\\nb\\x1b[2J\\x07\\xff\\");
        assert_eq!(escape("\u{9b}2J".as_bytes()), "\\u{9b}2J");
        assert_eq!(escape("a\u{202e}gnp.exe".as_bytes()), "a\\u{202e}gnp.exe");
        assert_eq!(escape("\u{5d0}\u{5d1}".as_bytes()), "\u{5d0}\u{5d1}", "letters that are written so by themselves");
    }
}
