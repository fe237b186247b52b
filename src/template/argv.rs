//! Words of a command that no shell reads, as xargs has them: arguments are appended, or one stands wherever a text does.

use memchr::{memchr, memmem};

use super::context::Context;
use super::{ShellFamily, Template};
use crate::model::{Job, Record, Words};

/// The words.
#[derive(Debug)]
pub(super) struct Argv {
    words: Words,
    /// What the one argument stands for; `None`: all are appended.
    replaced: Option<Vec<u8>>,
    /// Text beyond ASCII can be read where the command is shown.
    is_utf8: bool,
}

impl Template {
    /// A command that is executed as it is. With `replaced`, a job's one argument stands wherever that does, but for the name of
    /// the command. `is_utf8`: how it is shown.
    pub fn argv(words: &[Vec<u8>], replaced: Option<&[u8]>, is_utf8: bool) -> Template {
        let words = words.iter().collect();
        let argv = Argv { words, replaced: replaced.map(<[u8]>::to_vec), is_utf8 };
        let context = Context::quoted(Vec::new());
        Template { argv: Some(Box::new(argv)), ..Template::placed(Vec::new(), Vec::new(), ShellFamily::Posix, context) }
    }
}

impl Argv {
    /// The command's words for one record.
    pub(super) fn expand(&self, record: &Record, job: &mut Job) {
        job.plain = true;
        match &self.replaced {
            None => job.words.append(&self.words),
            Some(replaced) => {
                let value = record.args.get(0).unwrap_or_default();
                // The system knows no more of a word than what is before a NUL.
                let nul = memchr(0, value);
                let value = &value[..nul.unwrap_or(value.len())];
                for (index, word) in self.words.iter().enumerate() {
                    if index == 0 {
                        job.words.push(word);
                        continue;
                    }
                    let mut from = 0;
                    for at in memmem::find_iter(word, replaced) {
                        job.words.extend_word(&word[from..at]);
                        job.words.extend_word(value);
                        from = at + replaced.len();
                        if nul.is_some() {
                            from = word.len();
                            break;
                        }
                    }
                    job.words.extend_word(&word[from..]);
                    job.words.finish_word();
                }
            }
        }
        job.appends = self.replaced.is_none();
    }

    /// Appends the command as `xargs -t` shows it.
    pub(super) fn text(&self, record: &Record, text: &mut Vec<u8>) {
        let mut job = Job::default();
        self.expand(record, &mut job);
        let appended = if job.appends { Some(&record.args) } else { None };
        for (index, word) in job.words.iter().chain(appended.into_iter().flat_map(Words::iter)).enumerate() {
            if index > 0 {
                text.push(b' ');
            }
            quote(word, self.is_utf8, text);
        }
    }

    /// Appends the command as it was given.
    pub(super) fn source(&self, text: &mut Vec<u8>) {
        for (index, word) in self.words.iter().enumerate() {
            if index > 0 {
                text.push(b' ');
            }
            quote(word, self.is_utf8, text);
        }
    }
}

/// Appends a word so that a shell reads it as it is, in the way of GNU's programs: bare where it can be, in double quotes where
/// only a single quote is in the way, else in single quotes, with what can't be shown as `$'\351'`.
fn quote(word: &[u8], is_utf8: bool, text: &mut Vec<u8>) {
    // (?, whether it can be shown)
    let pieces: Vec<(&[u8], bool)> = word
        .utf8_chunks()
        .flat_map(|chunk| {
            let valid = chunk.valid().as_bytes();
            let chars = chunk.valid().char_indices().map(move |(at, c)| {
                let shown = if c.is_ascii() { !c.is_ascii_control() } else { is_utf8 && !c.is_control() };
                (&valid[at..at + c.len_utf8()], shown)
            });
            chars.chain(chunk.invalid().chunks(1).map(|byte| (byte, false)))
        })
        .collect();
    let all_shown = pieces.iter().all(|(_, shown)| *shown);
    let special = |byte: &u8| b"!\"$&'()*;<=>[\\^`|? ".contains(byte);
    let leads = word.first().is_some_and(|first| b"#~".contains(first));
    // A brace is only special where it is a word by itself.
    let is_brace = matches!(word, b"{" | b"}");
    if !word.is_empty() && all_shown && !leads && !is_brace && !word.iter().any(special) {
        text.extend_from_slice(word);
        return;
    }
    if all_shown && word.contains(&b'\'') && !word.iter().any(|byte| b"\"$`\\!".contains(byte)) {
        text.push(b'"');
        text.extend_from_slice(word);
        text.push(b'"');
        return;
    }
    text.push(b'\'');
    let mut escaping = false;
    for (piece, shown) in pieces {
        if piece == b"'" {
            // It ends what is escaped, too.
            text.extend_from_slice(b"'\\''");
            escaping = false;
            continue;
        }
        if shown && escaping {
            text.extend_from_slice(b"''");
            escaping = false;
        }
        if shown {
            text.extend_from_slice(piece);
        } else {
            if !escaping {
                text.extend_from_slice(b"'$'");
                escaping = true;
            }
            for byte in piece {
                match byte {
                    0x07 => text.extend_from_slice(b"\\a"),
                    0x08 => text.extend_from_slice(b"\\b"),
                    0x0c => text.extend_from_slice(b"\\f"),
                    b'\n' => text.extend_from_slice(b"\\n"),
                    b'\r' => text.extend_from_slice(b"\\r"),
                    b'\t' => text.extend_from_slice(b"\\t"),
                    0x0b => text.extend_from_slice(b"\\v"),
                    byte => text.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
                }
            }
        }
    }
    text.push(b'\'');
}
