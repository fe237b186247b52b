//! `--tag`: a prefix on each line of what passes through.

use std::io::{self, Write};

/// Writes `tag` and a TAB at the start of each line (as GNU parallel `--tag`). A last line without a newline stays so.
pub struct Tagged<'a> {
    out: &'a mut dyn Write,
    tag: &'a [u8],
    at_start: bool,
}

impl<'a> Tagged<'a> {
    /// Lines go to `out`.
    pub fn new(out: &'a mut dyn Write, tag: &'a [u8]) -> Tagged<'a> {
        Tagged { out, tag, at_start: true }
    }
}

impl Write for Tagged<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.at_start {
                self.out.write_all(self.tag)?;
                self.out.write_all(b"\t")?;
            }
            self.out.write_all(line)?;
            self.at_start = line.ends_with(b"\n");
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_gets_the_tag_once() {
        let mut text = Vec::new();
        let mut tagged = Tagged::new(&mut text, b"x y");
        tagged.write_all(b"a\nb").expect("memory");
        tagged.write_all(b"c\n\nd").expect("memory");
        assert_eq!(text, b"x y\ta\nx y\tbc\nx y\t\nx y\td");
    }
}
