//! What is special about Perl's patterns: flags, and what begins with `(?`.

/// Flags of a pattern.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    /// `i`: letters of ASCII in both cases.
    pub fold: bool,
    /// `m`: `^` and `$` at lines.
    pub lines: bool,
    /// `s`: `.` is also a newline.
    pub dot_all: bool,
    /// `x`: blanks and comments are none of it.
    pub extended: bool,
    /// `n`: plain parentheses don't capture.
    pub no_capture: bool,
}

impl Flags {
    /// Turns one on or off.
    ///
    /// # Errors
    /// One that is Perl's alone.
    pub fn set(&mut self, flag: u8, on: bool) -> Result<(), String> {
        let place = match flag {
            b'i' => &mut self.fold,
            b'm' => &mut self.lines,
            b's' => &mut self.dot_all,
            b'x' => &mut self.extended,
            b'n' => &mut self.no_capture,
            other => return Err(refused(&format!("the flag {}", char::from(other)))),
        };
        *place = on;
        Ok(())
    }
}

/// The line for what is Perl's alone.
pub fn refused(what: &str) -> String {
    format!("{what} of Perl's regular expressions is not there: write it without")
}

/// What begins like this, and its name.
pub const PERLS_ALONE: [(&[u8], &str); 20] = [
    (b"(?<=", "the look-behind (?<=…)"),
    (b"(?<!", "the look-behind (?<!…)"),
    (b"(?=", "the look-ahead (?=…)"),
    (b"(?!", "the look-ahead (?!…)"),
    (b"(?>", "the atomic group (?>…)"),
    (b"(?|", "the branch reset (?|…)"),
    (b"(?{", "code (?{…})"),
    (b"(??{", "code (??{…})"),
    (b"(?(", "the condition (?(…)…)"),
    (b"(?&", "the recursion (?&…)"),
    (b"(?P>", "the recursion (?P>…)"),
    (b"(?P=", "the back-reference (?P=…)"),
    (b"(?R", "the recursion (?R)"),
    (b"(?+", "the recursion (?+…)"),
    (b"(?-1", "the recursion (?-1)"),
    (b"(?0", "the recursion (?0)"),
    (b"(?1", "the recursion (?1)"),
    (b"(?2", "the recursion (?2)"),
    (b"(?*", "the code (?*{…})"),
    (b"(*", "the verb (*…)"),
];

/// The length of what begins a group with a name (`(?<name>`), if it is one.
///
/// # Errors
/// A name that Perl would not take.
pub fn named_group(text: &[u8]) -> Result<Option<usize>, String> {
    for (start, end) in [(&b"(?<"[..], b'>'), (b"(?P<", b'>'), (b"(?'", b'\'')] {
        if let Some(name) = text.strip_prefix(start) {
            let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            if length == 0 || name[0].is_ascii_digit() || name.get(length) != Some(&end) {
                return Err("a group's name is of letters, digits and _: (?<name>…)".to_owned());
            }
            return Ok(Some(start.len() + length + 1));
        }
    }
    Ok(None)
}

/// `a|b`, where what is empty is left out.
pub fn either((one, other): (String, String)) -> String {
    let bar = if one.is_empty() || other.is_empty() { "" } else { "|" };
    one + bar + &other
}
