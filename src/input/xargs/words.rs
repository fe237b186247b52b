//! Splitting as findutils does it: a state machine that takes runs of plain bytes at once. Pure.

use memchr::memchr;

use crate::model::Words;
use crate::options::Split;

/// What a byte is outside of quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Class {
    Plain,
    Blank,
    Newline,
    /// White space that is no separator behind a word: VT, FF, CR.
    Space,
    Quote,
    Backslash,
    Nul,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Plain; 256];
    classes[b' ' as usize] = Class::Blank;
    classes[b'\t' as usize] = Class::Blank;
    classes[b'\n' as usize] = Class::Newline;
    classes[0x0b] = Class::Space;
    classes[0x0c] = Class::Space;
    classes[b'\r' as usize] = Class::Space;
    classes[b'\'' as usize] = Class::Quote;
    classes[b'"' as usize] = Class::Quote;
    classes[b'\\' as usize] = Class::Backslash;
    classes[0] = Class::Nul;
    classes
};

/// What came of cutting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// More bytes are needed.
    More,
    /// The unfinished word of the record is whole.
    Word {
        /// And it was the last of its line.
        ends_line: bool,
    },
    /// A line has ended with the argument that ends the input, which is not part of it.
    Line,
    /// There is nothing more.
    End,
    /// A line ended within this quote.
    Unmatched(u8),
    /// A word is longer than a command can be.
    TooLong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a word.
    Space,
    /// In a word.
    Norm,
    /// In quotes.
    Quote(u8),
    /// Behind a backslash.
    Backslash,
}

/// Cuts one input.
#[derive(Debug)]
pub struct Splitter {
    /// `None`: words.
    delimiter: Option<u8>,
    end: Option<Vec<u8>>,
    /// Blanks don't separate: with `-I`, a line is a word.
    by_line: bool,
    state: State,
    /// No word of this line has been finished.
    first: bool,
    /// Something of an argument was seen on this line, be it only quotes.
    seen: bool,
    /// The last byte was a blank.
    behind_blank: bool,
    /// The bytes have ended.
    eof: bool,
    /// There is nothing more to cut.
    over: bool,
    /// Where the word has its first NUL, at which it ends for the system.
    nul: Option<usize>,
    nul_seen: bool,
    /// The last word with all that is behind its NUL, and one for its end.
    size: usize,
}

impl Splitter {
    /// Of an input that is cut like this; `by_line`: for `-I`.
    pub fn new(split: &Split, by_line: bool) -> Splitter {
        let (delimiter, end) = match split {
            Split::At(byte) => (Some(*byte), None),
            Split::Words { end } => (None, end.clone()),
        };
        Splitter {
            delimiter,
            end,
            by_line,
            state: State::Space,
            first: true,
            seen: false,
            behind_blank: false,
            eof: false,
            over: false,
            nul: None,
            nul_seen: false,
            size: 0,
        }
    }

    /// There are no more bytes.
    pub fn end(&mut self) {
        self.eof = true;
    }

    /// Whether any NUL was seen in a word.
    pub fn has_nul(&self) -> bool {
        self.nul_seen
    }

    /// What the last word counts for `-s`.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Cuts until something comes of it: appends to the unfinished word of `args`. Answers how many bytes were used, too.
    /// `limit`: how long a word may be.
    pub fn cut(&mut self, bytes: &[u8], args: &mut Words, limit: usize) -> (usize, Cut) {
        if self.over {
            return (0, Cut::End);
        }
        if bytes.is_empty() && self.eof {
            return (0, self.at_end(args));
        }
        match self.delimiter {
            Some(delimiter) => self.cut_delimited(delimiter, bytes, args, limit),
            None => self.cut_words(bytes, args, limit),
        }
    }

    fn cut_delimited(&mut self, delimiter: u8, bytes: &[u8], args: &mut Words, limit: usize) -> (usize, Cut) {
        let found = memchr(delimiter, bytes);
        let piece = &bytes[..found.unwrap_or(bytes.len())];
        if args.unfinished() + piece.len() > limit {
            return (limit - args.unfinished() + 1, Cut::TooLong);
        }
        if delimiter != 0 && self.nul.is_none() {
            self.nul = memchr(0, piece).map(|at| args.unfinished() + at);
            self.nul_seen |= self.nul.is_some();
        }
        args.extend_word(piece);
        match found {
            None => (piece.len(), Cut::More),
            Some(at) => (at + 1, self.word(args, true)),
        }
    }

    fn cut_words(&mut self, bytes: &[u8], args: &mut Words, limit: usize) -> (usize, Cut) {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            let class = CLASSES[byte as usize];
            match self.state {
                State::Space => match class {
                    Class::Blank | Class::Newline | Class::Space => {
                        self.behind_blank = class == Class::Blank;
                        at += 1;
                        continue;
                    }
                    _ => self.state = State::Norm,
                },
                State::Norm => {}
                State::Quote(quote) => {
                    at += 1;
                    self.behind_blank = class == Class::Blank;
                    if byte == b'\n' {
                        return (at, Cut::Unmatched(quote));
                    } else if byte == quote {
                        self.state = State::Norm;
                    } else if !self.add(byte, args, limit) {
                        return (at, Cut::TooLong);
                    }
                    continue;
                }
                State::Backslash => {
                    at += 1;
                    self.behind_blank = class == Class::Blank;
                    self.state = State::Norm;
                    if !self.add(byte, args, limit) {
                        return (at, Cut::TooLong);
                    }
                    continue;
                }
            }
            match class {
                Class::Plain => {
                    let length = bytes[at..].iter().position(|byte| CLASSES[*byte as usize] != Class::Plain);
                    let piece = &bytes[at..at + length.unwrap_or(bytes.len() - at)];
                    if args.unfinished() + piece.len() > limit {
                        return (at + limit - args.unfinished() + 1, Cut::TooLong);
                    }
                    args.extend_word(piece);
                    self.seen = true;
                    self.behind_blank = false;
                    at += piece.len();
                }
                Class::Newline => {
                    at += 1;
                    // A blank at the end of a line joins the next one to it.
                    let counts = !self.behind_blank;
                    self.behind_blank = false;
                    if args.unfinished() == 0 && !self.seen {
                        // Only with -I: otherwise white space has been passed over.
                        self.state = State::Space;
                        continue;
                    }
                    if self.is_end(args) {
                        return (at, self.finish_input(args, counts));
                    }
                    return (at, self.word(args, counts));
                }
                Class::Blank if !self.by_line => {
                    at += 1;
                    self.seen = true;
                    self.behind_blank = true;
                    if self.is_end(args) {
                        return (at, self.finish_input(args, false));
                    }
                    let cut = self.word(args, false);
                    self.first = false;
                    self.seen = true;
                    return (at, cut);
                }
                Class::Quote | Class::Backslash => {
                    at += 1;
                    self.seen = true;
                    self.behind_blank = false;
                    self.state = if class == Class::Quote { State::Quote(byte) } else { State::Backslash };
                }
                Class::Blank | Class::Space | Class::Nul => {
                    at += 1;
                    self.seen = true;
                    self.behind_blank = class == Class::Blank;
                    if !self.add(byte, args, limit) {
                        return (at, Cut::TooLong);
                    }
                }
            }
        }
        (at, Cut::More)
    }

    fn add(&mut self, byte: u8, args: &mut Words, limit: usize) -> bool {
        let length = args.unfinished();
        if length >= limit {
            return false;
        }
        if byte == 0 {
            self.nul_seen = true;
            self.nul.get_or_insert(length);
        }
        args.extend_word(&[byte]);
        true
    }

    /// The word is whole; it is finished by whoever packs it.
    fn word(&mut self, args: &mut Words, ends_line: bool) -> Cut {
        self.size = args.unfinished() + 1;
        // In the middle of a word, a line is cut where it stands.
        if let Some(nul) = self.nul.take().filter(|_| !self.by_line) {
            args.cut_unfinished(nul);
        }
        self.state = State::Space;
        self.first = true;
        self.seen = false;
        Cut::Word { ends_line }
    }

    /// Whether the word is the one that ends the input. The system knows no more of it than what is before a NUL.
    fn is_end(&self, args: &Words) -> bool {
        let word = args.unfinished_word();
        let word = &word[..self.nul.unwrap_or(word.len())];
        self.end.as_deref().is_some_and(|end| end == word)
    }

    /// The argument that ends the input has been read.
    fn finish_input(&mut self, args: &mut Words, ends_line: bool) -> Cut {
        self.over = true;
        args.cut_unfinished(0);
        if ends_line && !self.first { Cut::Line } else { Cut::End }
    }

    fn at_end(&mut self, args: &mut Words) -> Cut {
        self.over = true;
        if args.unfinished() == 0 {
            // As findutils: quotes around nothing are nothing here.
            return Cut::End;
        }
        if let State::Quote(quote) = self.state {
            return Cut::Unmatched(quote);
        }
        if self.delimiter.is_none() && self.first && self.is_end(args) {
            args.cut_unfinished(0);
            return Cut::End;
        }
        self.word(args, false)
    }
}
