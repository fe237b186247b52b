//! GNU parallel's grammar of options: what Perl's Getopt::Long takes and clap does not.
//!
//! Options are read up to the first other word, which starts the command. Long options may be shortened to anything
//! unique, in any case; `--k` is `-k`; short ones may be bundled (`-kj4`); a value may start with a dash (`-j -2`) and
//! with an equals sign (`-d=`). The options are rewritten to the one form that clap understands without doubt
//! (`--jobs=4`, `-k`). Which options there are, and which take values, is asked of the clap definition. Whatever is
//! wrong is handed on as it is, so that clap finds it and knows what was meant.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use anyhow::{Result, bail};
use clap::{Arg, Command};

/// The words of a command line, `argv[0]` excluded.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// The options, in the form that clap reads.
    pub options: Vec<OsString>,
    /// Everything from the first other word on.
    pub rest: Vec<OsString>,
}

/// Separates the options from the rest.
///
/// # Errors
/// A shortened option that could be several.
pub fn read(command: &Command, words: impl IntoIterator<Item = OsString>) -> Result<Line> {
    let mut words = words.into_iter();
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        match word.as_bytes() {
            b"--" => break,
            [b'-', b'-', long @ ..] => read_long(command, long, &mut words, &mut options)?,
            [b'-', bundle @ ..] if !bundle.is_empty() => read_bundle(command, bundle, &mut words, &mut options),
            _ => return Ok(Line { options, rest: std::iter::once(word).chain(words).collect() }),
        }
    }
    Ok(Line { options, rest: words.collect() })
}

/// One long option, without its dashes.
fn read_long(
    command: &Command,
    word: &[u8],
    words: &mut impl Iterator<Item = OsString>,
    options: &mut Vec<OsString>,
) -> Result<()> {
    let equals = word.iter().position(|byte| *byte == b'=');
    let name = &word[..equals.unwrap_or(word.len())];
    let Some(arg) = find_long(command, name)? else {
        options.push(OsString::from_vec([b"--", word].concat()));
        return Ok(());
    };
    let Some(long) = arg.get_long() else {
        // `--v`, of an option that has only a short name.
        options.push(OsString::from_vec([b"-", name].concat()));
        return Ok(());
    };
    let mut option = OsString::from("--");
    option.push(long);
    if let Some(equals) = equals {
        option.push(OsStr::from_bytes(&word[equals..]));
    } else if let Takes::Value = takes(arg) {
        push_value(&mut option, words.next());
    }
    options.push(option);
    Ok(())
}

/// The options behind one dash.
fn read_bundle(
    command: &Command,
    mut bundle: &[u8],
    words: &mut impl Iterator<Item = OsString>,
    options: &mut Vec<OsString>,
) {
    while let [short, rest @ ..] = bundle {
        let arg = command.get_arguments().find(|arg| has_short(arg, char::from(*short)));
        match arg.and_then(|arg| Some((arg.get_long()?, takes(arg)))) {
            Some((long, Takes::Value)) => {
                let mut option = OsString::from("--");
                option.push(long);
                let value = if rest.is_empty() { words.next() } else { Some(OsStr::from_bytes(rest).to_owned()) };
                push_value(&mut option, value);
                options.push(option);
                return;
            }
            // An unknown letter is shown with what follows it: that may be the rest of a misspelt long option.
            None if arg.is_none() => {
                options.push(OsString::from_vec([b"-", bundle].concat()));
                return;
            }
            _ => options.push(OsString::from_vec(vec![b'-', *short])),
        }
        bundle = rest;
    }
}

fn push_value(option: &mut OsString, value: Option<OsString>) {
    // Without a value clap says what is missing.
    if let Some(value) = value {
        option.push("=");
        option.push(value);
    }
}

/// What follows an option.
enum Takes {
    Nothing,
    Value,
    /// A value only after `=`.
    MaybeValue,
}

fn takes(arg: &Arg) -> Takes {
    if !arg.get_action().takes_values() {
        Takes::Nothing
    } else if arg.is_require_equals_set() {
        Takes::MaybeValue
    } else {
        Takes::Value
    }
}

fn has_short(arg: &Arg, letter: char) -> bool {
    arg.get_short() == Some(letter) || arg.get_all_short_aliases().is_some_and(|aliases| aliases.contains(&letter))
}

/// The option with this name, or the only one with a name that starts so.
fn find_long<'a>(command: &'a Command, typed: &[u8]) -> Result<Option<&'a Arg>> {
    let Ok(typed) = std::str::from_utf8(typed) else { return Ok(None) };
    let typed = typed.to_ascii_lowercase();
    let mut letters = typed.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        let found = command.get_arguments().find(|arg| has_short(arg, letter));
        return Ok(found.or_else(|| command.get_arguments().find(|arg| has_short(arg, letter.to_ascii_uppercase()))));
    }
    let mut candidates: Vec<(&Arg, &str)> = Vec::new();
    for arg in command.get_arguments() {
        let aliases = arg.get_all_aliases().unwrap_or_default();
        for name in arg.get_long().into_iter().chain(aliases) {
            if name == typed {
                return Ok(Some(arg));
            }
            // Several names of one option make nothing ambiguous.
            if !typed.is_empty() && name.starts_with(&typed) && !candidates.iter().any(|(other, _)| *other == arg) {
                candidates.push((arg, name));
            }
        }
    }
    match candidates.as_slice() {
        [] => Ok(None),
        [(arg, _)] => Ok(Some(arg)),
        _ => {
            let names: Vec<String> = candidates.iter().map(|(_, name)| format!("--{name}")).collect();
            bail!("--{typed} could be {}: write more of it", names.join(" or "))
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::ArgAction;

    use super::*;

    fn read_line(line: &str) -> Result<String> {
        let command = Command::new("test").args([
            Arg::new("keep").short('k').long("keep-order").alias("keeporder").action(ArgAction::SetTrue),
            Arg::new("jobs").short('j').short_alias('P').long("jobs").alias("max-procs"),
            Arg::new("delimiter").short('d').long("delimiter"),
            Arg::new("tag").long("tag").action(ArgAction::SetTrue),
            Arg::new("tagstring").long("tagstring").alias("tag-string"),
            Arg::new("timing").long("timing").num_args(0..=1).require_equals(true),
            Arg::new("stdout").short('v').action(ArgAction::SetTrue),
            Arg::new("version").short('V').long("version").action(ArgAction::Version),
        ]);
        let line = read(&command, line.split(' ').filter(|word| !word.is_empty()).map(OsString::from))?;
        let join = |words: Vec<OsString>| words.join(OsStr::new(" ")).into_string().unwrap();
        Ok(format!("{} | {}", join(line.options), join(line.rest)))
    }

    #[test]
    fn options_are_those_of_getopt_long() {
        for (line, expected) in [
            ("", " | "),
            ("echo -k", " | echo -k"),
            ("-k echo --jobs 4", "-k | echo --jobs 4"),
            ("-k - x", "-k | - x"),
            ("-k -- -k x", "-k | -k x"),
            ("-k -- -- x", "-k | -- x"),
            ("-kj4 x", "-k --jobs=4 | x"),
            ("-kj 4 x", "-k --jobs=4 | x"),
            ("-kvj -2 x", "-k -v --jobs=-2 | x"),
            ("-j+2 -P 50% x", "--jobs=+2 --jobs=50% | x"),
            ("-d= x", "--delimiter== | x"),
            ("-d : x", "--delimiter=: | x"),
            ("-d -- x", "--delimiter=-- | x"),
            ("--jobs=4 --jobs 4 x", "--jobs=4 --jobs=4 | x"),
            ("--jobs= x", "--jobs= | x"),
            ("--max-p 4 x", "--jobs=4 | x"),
            ("--kee --KEEP-Order x", "--keep-order --keep-order | x"),
            ("--j 4 --k --v --V x", "--jobs=4 --keep-order -v -v | x"),
            ("--tag --tags ::: --TAG-S=x y", "--tag --tagstring=::: --tagstring=x | y"),
            ("--timing json x", "--timing | json x"),
            ("--timi=json x", "--timing=json | x"),
            ("-k ::: a", "-k | ::: a"),
            // Left to clap.
            ("--jobs", "--jobs | "),
            ("-j", "--jobs | "),
            ("--keep=1 x", "--keep-order=1 | x"),
            ("--nothing x", "--nothing | x"),
            ("-kq4 x", "-k -q4 | x"),
            ("--= x", "--= | x"),
        ] {
            assert_eq!(read_line(line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn a_short_form_must_be_unique() {
        assert_eq!(
            read_line("--ta x").unwrap_err().to_string(),
            "--ta could be --tag or --tagstring: write more of it"
        );
    }

    #[test]
    fn bytes_go_through() {
        let word = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let command = Command::new("test").arg(Arg::new("delimiter").short('d').long("delimiter"));
        let line = read(&command, [word(b"-d\xff"), word(b"-d"), word(b"\xfe"), word(b"--\xfd"), word(b"\xfc")]).unwrap();
        assert_eq!(line.options, [word(b"--delimiter=\xff"), word(b"--delimiter=\xfe"), word(b"--\xfd")]);
        assert_eq!(line.rest, [word(b"\xfc")]);
    }
}
