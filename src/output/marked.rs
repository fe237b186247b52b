//! What each line of a job's output starts and ends with: `--tag` and `--color`.

use std::io::{self, Write};

/// The marks of one job's lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// What a line starts with.
    start: Vec<u8>,
    /// What it ends with, before the newline; empty: there is no color.
    reset: Vec<u8>,
}

impl Marks {
    /// `tag` and a TAB behind it, in a color: what turns it on and off.
    pub fn new(tag: Option<&[u8]>, color: Option<(&[u8], &[u8])>) -> Marks {
        let (on, reset) = color.unwrap_or_default();
        let tag = tag.map(|tag| [tag, b"\t"].concat()).unwrap_or_default();
        Marks { start: [on, &tag].concat(), reset: reset.to_vec() }
    }

    /// Whether lines stay as they are.
    pub fn is_nothing(&self) -> bool {
        self.start.is_empty() && self.reset.is_empty()
    }
}

/// Marks lines on their way (as GNU parallel: what a carriage return ends is a line, too).
pub struct Marked<'a> {
    out: &'a mut dyn Write,
    marks: &'a Marks,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    AtStart,
    AfterReturn,
    Within,
}

impl<'a> Marked<'a> {
    /// Lines go to `out`.
    pub fn new(out: &'a mut dyn Write, marks: &'a Marks) -> Marked<'a> {
        Marked { out, marks, state: State::AtStart }
    }

    /// The end. A last line without a newline stays so, unless it has a color (as GNU parallel): that ends with it.
    ///
    /// # Errors
    /// Those of writing.
    pub fn finish(self) -> io::Result<()> {
        if self.marks.reset.is_empty() || self.state == State::AtStart {
            return Ok(());
        }
        if self.state == State::AfterReturn {
            self.out.write_all(&self.marks.start)?;
        }
        self.out.write_all(&self.marks.reset)?;
        self.out.write_all(b"\n")
    }
}

impl Write for Marked<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.state != State::Within {
                self.out.write_all(&self.marks.start)?;
                self.state = State::Within;
            }
            let Some(end) = memchr::memchr2(b'\n', b'\r', rest) else {
                self.out.write_all(rest)?;
                break;
            };
            if self.marks.reset.is_empty() {
                self.out.write_all(&rest[..=end])?;
            } else {
                self.out.write_all(&rest[..end])?;
                self.out.write_all(&self.marks.reset)?;
                self.out.write_all(&rest[end..=end])?;
            }
            self.state = if rest[end] == b'\n' { State::AtStart } else { State::AfterReturn };
            rest = &rest[end + 1..];
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whole lines go one way and what is left without a newline another.
pub struct WholeLines<'a> {
    whole: &'a mut dyn Write,
    rest: Vec<u8>,
}

impl<'a> WholeLines<'a> {
    /// Whole lines go to `whole`.
    pub fn new(whole: &'a mut dyn Write) -> WholeLines<'a> {
        WholeLines { whole, rest: Vec::new() }
    }

    /// What is left.
    pub fn rest(self) -> Vec<u8> {
        self.rest
    }
}

impl Write for WholeLines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = memchr::memrchr(b'\n', bytes).map_or(0, |newline| newline + 1);
        if end > 0 {
            self.whole.write_all(&std::mem::take(&mut self.rest))?;
            self.whole.write_all(&bytes[..end])?;
        }
        self.rest.extend_from_slice(&bytes[end..]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.whole.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(marks: &Marks, pieces: &[&str]) -> String {
        let mut text = Vec::new();
        let mut marked = Marked::new(&mut text, marks);
        for piece in pieces {
            marked.write_all(piece.as_bytes()).expect("memory");
        }
        marked.finish().expect("memory");
        String::from_utf8(text).expect("text")
    }

    #[test]
    fn each_line_gets_the_tag_once() {
        let tag = Marks::new(Some(b"x y"), None);
        assert_eq!(marked(&tag, &["a\nb", "c\n\nd"]), "x y\ta\nx y\tbc\nx y\t\nx y\td");
        assert_eq!(marked(&tag, &["a\rb\r", "\n"]), "x y\ta\rx y\tb\rx y\t\n");
        assert_eq!(marked(&tag, &["a\r"]), "x y\ta\r");
        assert_eq!(marked(&tag, &[""]), "");
    }

    #[test]
    fn a_color_ends_with_the_line_and_a_last_line_gets_its_newline() {
        let color = Marks::new(Some(b"t"), Some((b"<", b">")));
        assert_eq!(marked(&color, &["a\nb", "c\n\nd"]), "<t\ta>\n<t\tbc>\n<t\t>\n<t\td>\n");
        assert_eq!(marked(&color, &["a\r"]), "<t\ta>\r<t\t>\n");
        assert_eq!(marked(&color, &[]), "");
    }

    #[test]
    fn what_has_no_newline_is_left() {
        let mut whole = Vec::new();
        let mut lines = WholeLines::new(&mut whole);
        for piece in ["a", "b\nc\nd", "e"] {
            lines.write_all(piece.as_bytes()).expect("memory");
        }
        assert_eq!(lines.rest(), b"de");
        assert_eq!(whole, b"ab\nc\n");
    }
}
