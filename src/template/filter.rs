//! `--filter`: which jobs are run.

use super::{Insertion, Strings, Template};

impl Template {
    /// Compiles a filter: Perl's code with replacement strings, false for jobs that are not to be run. It is evaluated as an
    /// expression that declines the job then.
    ///
    /// GNU parallel puts values into the code as they are, and so runs what is in them. Here they are values there: `{1}` is
    /// `$arg[1]`, also as `"{1}"` and `'{1}'`.
    ///
    /// # Errors
    /// A replacement string that is no value by itself (`{1.}`), or stands within single quotes.
    pub fn filter(text: &[u8], strings: &mut Strings) -> Result<Template, String> {
        let (left, right) = strings.enclosing();
        let resolved = strings.names().resolve(text, (&left, &right)).into_owned();
        let code = [&left, b" skip() unless (".as_slice(), &code(&resolved)?, b") ", &right].concat();
        Ok(Template::label(&code, Insertion::default(), strings))
    }
}

/// The code with variables in place of replacement strings.
fn code(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut code = Vec::with_capacity(text.len());
    let mut in_single = false;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let Some((variable, length)) = replacement(&text[at..])? else {
            in_single ^= *byte == b'\'';
            code.push(*byte);
            at += 1;
            continue;
        };
        at += length;
        if in_single {
            let alone = code.last() == Some(&b'\'') && text.get(at) == Some(&b'\'');
            if !alone {
                return Err("a replacement string within single quotes: use double quotes".to_owned());
            }
            code.pop();
            at += 1;
            in_single = false;
        }
        code.extend_from_slice(&variable);
    }
    Ok(code)
}

/// The variable for the replacement string that `text` starts with, and the length of that.
fn replacement(text: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    let Some(inner) = text.strip_prefix(b"{") else { return Ok(None) };
    let Some(end) = inner.iter().position(|byte| *byte == b'}') else { return Ok(None) };
    let name = &inner[..end];
    let length = end + 2;
    let digits = name.strip_prefix(b"-").unwrap_or(name);
    let position = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match &digits[position..] {
        b"" if name.is_empty() => Ok(Some((b"$_".to_vec(), length))),
        b"" if position > 0 => Ok(Some(([b"$arg[", name, b"]"].concat(), length))),
        b"#" if name == b"#" => Ok(Some((b"seq()".to_vec(), length))),
        b"%" if name == b"%" => Ok(Some((b"slot()".to_vec(), length))),
        b"." | b"/" | b"//" | b"/." | b"##" => {
            let shown = String::from_utf8_lossy(&text[..length]);
            Err(format!("{shown} is not there: give an expression of $arg[1], $arg[2] and so on instead"))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacement_strings_become_variables() {
        for (text, expected) in [
            ("{1} < {2}+1", "$arg[1] < $arg[2]+1"),
            ("{} > 1 && {#} < 3 || {%}", "$_ > 1 && seq() < 3 || slot()"),
            ("'{1}' eq \"{-1}x\"", "$arg[1] eq \"$arg[-1]x\""),
            ("$arg[1] =~ m{a}", "$arg[1] =~ m{a}"),
        ] {
            assert_eq!(
                code(text.as_bytes()).map(|code| String::from_utf8_lossy(&code).into_owned()),
                Ok(expected.to_owned())
            );
        }
        for text in ["{1.} > 1", "{/} eq 'a'", "'x{1}' eq 'xa'"] {
            assert!(code(text.as_bytes()).is_err(), "{text}");
        }
    }
}
