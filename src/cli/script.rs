//! The first line of a script: `#!/usr/bin/fanout --shebang -k echo`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use anyhow::{Result, bail};

/// The line for the shell that does what the first line of a script says; `None`: nothing of that kind was asked for.
///
/// The kernel gives us all that follows our name there as one word, then the script's name and its arguments. As GNU
/// parallel, the shell splits that word: quotes, `$0` and other expansions work there. Unlike there, the script's name and
/// its arguments, which are data, are never read by it.
///
/// # Errors
/// An interpreter in a word of its own, as `env -S` makes it: nobody could tell the script from it, and a script that is taken
/// for an input runs itself.
pub fn line(argv: &[OsString]) -> Result<Option<Vec<u8>>> {
    let [program, first, rest @ ..] = argv else { return Ok(None) };
    let forms =
        [(true, &b"--shebang-wrap"[..]), (true, b"--shebangwrap"), (false, b"--shebang"), (false, b"--hashbang")];
    let form = forms.into_iter().find_map(|(wraps, name)| Some((wraps, first.as_bytes().strip_prefix(name)?)));
    let Some((wraps, options)) = form else { return Ok(None) };
    if wraps && options.trim_ascii().is_empty() {
        bail!(
            "--shebang-wrap stands in the first line of a script, with the interpreter behind it, and without env -S"
        );
    }
    let mut line = b"exec ".to_vec();
    quote(program.as_bytes(), &mut line);
    let mut words = rest.iter().map(|word| word.as_bytes());
    if wraps {
        line.extend_from_slice(b" --_pipe-means-argfiles ");
        line.extend_from_slice(options);
        if let Some(script) = words.next() {
            line.push(b' ');
            quote(script, &mut line);
        }
        // Without arguments, the script reads its inputs.
        if words.len() > 0 {
            line.extend_from_slice(b" :::");
        }
    } else if let Some(script) = words.next_back() {
        line.extend_from_slice(b" --skip-first-line -a ");
        quote(script, &mut line);
        line.push(b' ');
        line.extend_from_slice(options);
    }
    for word in words {
        line.push(b' ');
        quote(word, &mut line);
    }
    Ok(Some(line))
}

/// Appends a word in single quotes.
pub fn quote(word: &[u8], line: &mut Vec<u8>) {
    line.push(b'\'');
    for byte in word {
        match byte {
            b'\'' => line.extend_from_slice(b"'\\''"),
            byte => line.push(*byte),
        }
    }
    line.push(b'\'');
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_gnu_parallel_with_data_in_quotes() {
        let shown = |argv: &[&str]| {
            let argv: Vec<OsString> = argv.iter().map(OsString::from).collect();
            line(&argv).unwrap().map(|line| String::from_utf8(line).unwrap())
        };
        for (argv, expected) in [
            (&["parallel", "-k", "--shebang"][..], None),
            (&["parallel"], None),
            (
                &["/usr/bin/parallel", "--shebang -k echo \"a b\"", "./it's"],
                Some(r#"exec '/usr/bin/parallel' --skip-first-line -a './it'\''s'  -k echo "a b""#),
            ),
            (
                &["parallel", "--hashbang", "-k", "echo", "script"],
                Some("exec 'parallel' --skip-first-line -a 'script'  '-k' 'echo'"),
            ),
            (
                &["/bin/sem", "--shebang-wrap --id $0 /bin/sh", "./s", "$(id)", "b c"],
                Some("exec '/bin/sem' --_pipe-means-argfiles  --id $0 /bin/sh './s' ::: '$(id)' 'b c'"),
            ),
        ] {
            assert_eq!(shown(argv).as_deref(), expected, "{argv:?}");
        }
    }
}
