//! GNU parallel's grammar of options: what Perl's Getopt::Long takes and clap does not.
//!
//! Options are read up to the first other word, which starts the command. Long options may be shortened to anything
//! unique, in any case; `--k` is `-k`; short ones may be bundled (`-kj4`); a value may start with a dash (`-j -2`) and
//! with an equals sign (`-d=`). The options are rewritten to the one form that clap understands without doubt
//! (`--jobs=4`, `-k`). Which options there are, and which take values, is asked of the clap definition. Whatever is
//! wrong is handed on as it is, so that clap finds it and knows what was meant.

use std::ffi::{OsStr, OsString};
use std::iter::Peekable;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use anyhow::{Result, bail};
use clap::Arg;

use super::flags::Definition;

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
pub fn read(definition: &mut Definition, words: impl IntoIterator<Item = OsString>) -> Result<Line> {
    let mut words = words.into_iter().peekable();
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        match word.as_bytes() {
            b"--" => break,
            [b'-', b'-', long @ ..] => read_long(definition, long, &mut words, &mut options)?,
            [b'-', bundle @ ..] if !bundle.is_empty() => read_bundle(definition, bundle, &mut words, &mut options),
            _ => return Ok(Line { options, rest: std::iter::once(word).chain(words).collect() }),
        }
    }
    Ok(Line { options, rest: words.collect() })
}

/// One long option, without its dashes.
fn read_long(
    definition: &mut Definition,
    word: &[u8],
    words: &mut Peekable<impl Iterator<Item = OsString>>,
    options: &mut Vec<OsString>,
) -> Result<()> {
    let equals = word.iter().position(|byte| *byte == b'=');
    let name = &word[..equals.unwrap_or(word.len())];
    let Some(arg) = find_long(definition, name)? else {
        options.push(OsString::from_vec([b"--", word].concat()));
        return Ok(());
    };
    let mut option = spelt(arg);
    match (equals, takes(arg)) {
        // Where it takes none, clap says so.
        (Some(equals), _) => option.push(OsStr::from_bytes(&word[equals..])),
        (None, Takes::Value) => push_value(&mut option, words.next()),
        (None, Takes::MaybeNumber) => {
            push_value(&mut option, words.next_if(|word| is_number(word)));
        }
        (None, Takes::MaybeText) => push_value(&mut option, words.next_if(is_text)),
        (None, Takes::Nothing | Takes::MaybeValue) => {}
    }
    options.push(option);
    Ok(())
}

/// The options behind one dash.
fn read_bundle(
    definition: &mut Definition,
    mut bundle: &[u8],
    words: &mut Peekable<impl Iterator<Item = OsString>>,
    options: &mut Vec<OsString>,
) {
    while let [short, rest @ ..] = bundle {
        let mut rest = rest;
        let arg = find_short(definition, char::from(*short));
        let Some(arg) = arg else {
            // An unknown letter is shown with what follows it: that may be the rest of a misspelt long option.
            options.push(OsString::from_vec([b"-", bundle].concat()));
            return;
        };
        let mut option = spelt(arg);
        let value = match takes(arg) {
            Takes::Value if rest.is_empty() => words.next(),
            Takes::MaybeText if rest.is_empty() => words.next_if(is_text),
            Takes::Value | Takes::MaybeText => Some(OsStr::from_bytes(std::mem::take(&mut rest)).to_owned()),
            Takes::MaybeNumber if rest.is_empty() => words.next_if(|word| is_number(word)),
            Takes::MaybeNumber => {
                let (number, others) = rest.split_at(number(rest));
                rest = others;
                (!number.is_empty()).then(|| OsStr::from_bytes(number).to_owned())
            }
            Takes::Nothing | Takes::MaybeValue => {
                option = OsString::from_vec(vec![b'-', *short]);
                None
            }
        };
        push_value(&mut option, value);
        options.push(option);
        bundle = rest;
    }
}

/// The name of an option for clap: the long one, if it has one.
fn spelt(arg: &Arg) -> OsString {
    match (arg.get_long(), arg.get_short()) {
        (None, Some(letter)) => format!("-{letter}").into(),
        (long, _) => format!("--{}", long.unwrap_or_default()).into(),
    }
}

/// The length of the number that `text` starts with.
fn number(text: &[u8]) -> usize {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(0);
    let fraction = if whole > 0 && text.get(whole) == Some(&b'.') { digits(whole + 1) } else { 0 };
    if fraction > 0 { whole + 1 + fraction } else { whole }
}

fn is_number(word: &OsStr) -> bool {
    !word.is_empty() && number(word.as_bytes()) == word.len()
}

fn push_value(option: &mut OsString, value: Option<OsString>) {
    // Without a value clap says what is missing.
    if let Some(value) = value {
        option.push("=");
        option.push(value);
    }
}

/// Whether a word can be a value that may be missing: what starts with a dash is an option.
fn is_text(word: &OsString) -> bool {
    !matches!(word.as_bytes(), [b'-', _, ..])
}

/// What follows an option.
enum Takes {
    Nothing,
    Value,
    /// The next word, if it can be one (`-i`).
    MaybeText,
    /// A value only after `=`.
    MaybeValue,
    /// A number, if one follows (`-l 3`, `-l3k`, `-l`).
    MaybeNumber,
}

fn takes(arg: &Arg) -> Takes {
    if !arg.get_action().takes_values() {
        Takes::Nothing
    } else if arg.get_id() == "replace" {
        Takes::MaybeText
    } else if arg.is_allow_negative_numbers_set() {
        // How the definition says that a number is optional: clap itself never sees it but behind `=`.
        Takes::MaybeNumber
    } else if arg.is_require_equals_set() {
        Takes::MaybeValue
    } else {
        Takes::Value
    }
}

fn has_short(arg: &Arg, letter: char) -> bool {
    arg.get_short() == Some(letter) || arg.get_all_short_aliases().is_some_and(|aliases| aliases.contains(&letter))
}

/// The option with this letter. Groups of options are added until it is found.
fn find_short(definition: &mut Definition, letter: char) -> Option<&Arg> {
    while !definition.command().get_arguments().any(|arg| has_short(arg, letter)) && definition.extend() {}
    definition.command().get_arguments().find(|arg| has_short(arg, letter))
}

/// All names of an option that start so.
fn longs_from<'a>(arg: &'a Arg, start: &str) -> impl Iterator<Item = &'a str> {
    let aliases = arg.get_all_aliases().unwrap_or_default();
    arg.get_long().into_iter().chain(aliases).filter(move |name| name.starts_with(start))
}

/// The option with this name, or the only one with a name that starts so.
fn find_long<'a>(definition: &'a mut Definition, typed: &[u8]) -> Result<Option<&'a Arg>> {
    let Ok(typed) = std::str::from_utf8(typed) else { return Ok(None) };
    let exact = typed.bytes().next().unwrap_or_default();
    let typed = typed.to_ascii_lowercase();
    if let [letter] = typed.as_bytes() {
        // `--X` is -X, but `--K` is -k, as there is no -K.
        let exact = char::from(exact);
        let letter = if find_short(definition, exact).is_some() { exact } else { char::from(*letter) };
        return Ok(find_short(definition, letter));
    }
    let exact = |arg: &Arg| longs_from(arg, &typed).any(|name| name == typed);
    while !definition.command().get_arguments().any(exact) && definition.extend() {}
    let options = || definition.command().get_arguments();
    if let Some(found) = options().find(|arg| exact(arg)) {
        return Ok(Some(found));
    }
    // Several names of one option make nothing ambiguous.
    let mut candidates = options().filter_map(|arg| Some((arg, longs_from(arg, &typed).next()?)));
    match (candidates.next(), candidates.next()) {
        _ if typed.is_empty() => Ok(None),
        (None, _) => Ok(None),
        (Some((only, _)), None) => Ok(Some(only)),
        (Some((_, first)), Some((_, second))) => {
            let others = candidates.map(|(_, name)| format!(" or --{name}")).collect::<String>();
            bail!("--{typed} could be --{first} or --{second}{others}: write more of it")
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::{ArgAction, Command};

    use super::*;

    fn read_line(line: &str) -> Result<String> {
        let mut definition = Definition::of(
            Command::new("test").args([
                Arg::new("keep").short('k').long("keep-order").alias("keeporder").action(ArgAction::SetTrue),
                Arg::new("jobs").short('j').short_alias('P').long("jobs").alias("max-procs"),
                Arg::new("delimiter").short('d').long("delimiter"),
                Arg::new("tag").long("tag").action(ArgAction::SetTrue),
                Arg::new("tagstring").long("tagstring").alias("tag-string"),
                Arg::new("timing").long("timing").num_args(0..=1).require_equals(true),
                Arg::new("lines").short('L').action(ArgAction::Set),
                Arg::new("max")
                    .short('l')
                    .long("max-lines")
                    .num_args(0..=1)
                    .require_equals(true)
                    .allow_negative_numbers(true),
                Arg::new("stdout").short('v').action(ArgAction::SetTrue),
                Arg::new("version").short('V').long("version").action(ArgAction::Version),
            ]),
        );
        let line = read(&mut definition, line.split(' ').filter(|word| !word.is_empty()).map(OsString::from))?;
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
            ("--j 4 --K --v x", "--jobs=4 --keep-order -v | x"),
            ("--tag --tags ::: --TAG-S=x y", "--tag --tagstring=::: --tagstring=x | y"),
            ("--timing json x", "--timing | json x"),
            ("--timi=json x", "--timing=json | x"),
            ("-k ::: a", "-k | ::: a"),
            ("-L3 -L 4 --L 5 --L=6 x", "-L=3 -L=4 -L=5 -L=6 | x"),
            ("-l x", "--max-lines | x"),
            ("-l 3 -l4 x", "--max-lines=3 --max-lines=4 | x"),
            ("-l5k -lk --max-l 2.5 --max-lines x", "--max-lines=5 -k --max-lines -k --max-lines=2.5 --max-lines | x"),
            ("-l --max-lines=7 -l 8x", "--max-lines --max-lines=7 --max-lines | 8x"),
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
        let option = Arg::new("delimiter").short('d').long("delimiter");
        let mut definition = Definition::of(Command::new("test").arg(option));
        let line = read(&mut definition, [word(b"-d\xff"), word(b"-d"), word(b"\xfe"), word(b"--\xfd"), word(b"\xfc")])
            .unwrap();
        assert_eq!(line.options, [word(b"--delimiter=\xff"), word(b"--delimiter=\xfe"), word(b"--\xfd")]);
        assert_eq!(line.rest, [word(b"\xfc")]);
    }
}
