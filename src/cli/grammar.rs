//! GNU parallel's grammar of options: what Perl's Getopt::Long takes and clap does not.
//!
//! Options are read up to the first other word, which starts the command. Long options may be shortened to anything that
//! is unique among GNU parallel's names, in any case; `--k` and `+k` are `-k`; short ones may be bundled (`-kj4`); a value
//! may start with a dash (`-j -2`) and with an equals sign (`-d=`), one that may be missing (`-l 5`, `-i`) is taken if it
//! can be one. The options are rewritten to the one form that clap understands without doubt (`--jobs=4`, `-k`). Which
//! options there are is asked of the clap definition. Whatever is wrong is handed on as it is, so that clap finds it and
//! knows what was meant.

use std::ffi::{OsStr, OsString};
use std::iter::Peekable;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use anyhow::{Result, bail};
use clap::Arg;

use super::absent;
use super::flags::Definition;
use super::gnu::{self, Found, Known, Takes};

/// The words of a command line, `argv[0]` excluded.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The options, in the form that clap reads.
    pub options: Vec<OsString>,
    /// Everything from the first other word on.
    pub rest: Vec<OsString>,
}

/// Separates the options from the rest.
///
/// # Errors
/// A shortened option that could be several, an option of GNU parallel that is not there or that lacks its value.
pub fn read(definition: &mut Definition, words: impl IntoIterator<Item = OsString>) -> Result<Line> {
    let mut reader = Reader { definition, words: words.into_iter().peekable(), options: Vec::new() };
    let rest = reader.read()?;
    Ok(Line { options: reader.options, rest })
}

struct Reader<'a, W: Iterator<Item = OsString>> {
    definition: &'a mut Definition,
    words: Peekable<W>,
    options: Vec<OsString>,
}

impl<W: Iterator<Item = OsString>> Reader<'_, W> {
    /// Reads the options; answers what follows them.
    fn read(&mut self) -> Result<Vec<OsString>> {
        while let Some(word) = self.words.next() {
            match word.as_bytes() {
                b"--" => break,
                [b'-', b'-', long @ ..] => {
                    let equals = long.iter().skip(1).position(|byte| *byte == b'=').map(|at| at + 1);
                    self.long(b"--", &long[..equals.unwrap_or(long.len())], equals.map(|at| &long[at + 1..]))?;
                }
                [b'-', bundle @ ..] if !bundle.is_empty() => self.bundle(bundle)?,
                [b'+', long @ ..] => self.long(b"+", long, None)?,
                _ => return Ok(std::iter::once(word).chain(&mut self.words).collect()),
            }
        }
        Ok(self.words.by_ref().collect())
    }

    /// One long option, without its dashes.
    fn long(&mut self, starter: &[u8], name: &[u8], value: Option<&[u8]>) -> Result<()> {
        let typed = String::from_utf8_lossy(name).to_ascii_lowercase();
        let (known, names) = match gnu::long(&typed) {
            Found::One(known) => (Some(known), known.names().collect()),
            // Ours are taken only as they are: a shorter one may become GNU parallel's.
            Found::Several(_) | Found::None => (None, vec![&*typed]),
        };
        let Some(mut option) = find(self.definition, &names).map(|arg| Typed::of(arg, None)) else {
            if let Some(known) = known {
                return self.absent(&shown(known, &typed), known);
            }
            if let Found::Several(names) = gnu::long(&typed) {
                bail!("--{typed} could be {}: write more of it", alternatives(&names));
            }
            let value = value.map_or(Vec::new(), |value| [b"=", value].concat());
            self.options.push(OsString::from_vec([starter, name, &value].concat()));
            return Ok(());
        };
        // In GNU parallel, an empty value after `=` is none.
        if value.is_some_and(<[u8]>::is_empty) && known.is_some_and(|known| known.takes() == Takes::Value) {
            bail!("{} needs a value: give it after a blank if it is to be empty", option.long);
        }
        match value {
            Some(value) => option.value = Some(OsStr::from_bytes(value).to_owned()),
            None => self.value(&mut option, known),
        }
        self.options.push(option.word());
        Ok(())
    }

    /// The options behind one dash.
    fn bundle(&mut self, mut bundle: &[u8]) -> Result<()> {
        while let [letter, rest @ ..] = bundle {
            let letter = char::from(*letter);
            let known = gnu::short(letter);
            let itself = letter.to_string();
            let names = known.map_or_else(|| vec![&*itself], |known| known.names().collect());
            let Some(mut option) = find(self.definition, &names).map(|arg| Typed::of(arg, Some(letter))) else {
                if let Some(known) = known {
                    return self.absent(&format!("-{letter}"), known);
                }
                // An unknown letter is shown with what follows it: that may be the rest of a misspelt long option.
                self.options.push(OsString::from_vec([b"-", bundle].concat()));
                return Ok(());
            };
            let takes = known.map_or(option.takes, Known::takes);
            bundle = match takes {
                _ if rest.is_empty() => {
                    self.value(&mut option, known);
                    rest
                }
                Takes::Nothing => rest,
                Takes::Value | Takes::MaybeText => {
                    option.value = Some(OsStr::from_bytes(rest).to_owned());
                    &[]
                }
                // `-l5k` is `-l5 -k`.
                Takes::MaybeNumber => match number(rest) {
                    0 => rest,
                    2 if rest.starts_with(b"-0") => &rest[1..],
                    length => {
                        option.value = Some(OsStr::from_bytes(&rest[..length]).to_owned());
                        &rest[length..]
                    }
                },
            };
            self.options.push(option.word());
        }
        Ok(())
    }

    /// An option of GNU parallel that is not there.
    fn absent(&mut self, shown: &str, known: Known) -> Result<()> {
        if let Some(line) = absent::line(shown, known) {
            bail!("{line}");
        }
        self.options.push(shown.into());
        Ok(())
    }

    /// The value in the next word, where it can be one. Without one that is needed, clap says what is missing.
    fn value(&mut self, option: &mut Typed, known: Option<Known>) {
        let is_value = |word: &OsString| match (known.map_or(option.takes, Known::takes), word.as_bytes()) {
            (Takes::Nothing, _) => false,
            (Takes::Value, _) => true,
            (Takes::MaybeText, [b'-' | b'+', _, ..]) => false,
            (Takes::MaybeText, _) => true,
            // As GNU parallel: `-l -0` is both of them.
            (Takes::MaybeNumber, b"-0" | b"") => false,
            (Takes::MaybeNumber, word) => number(word) == word.len(),
        };
        option.value = self.words.next_if(is_value);
    }
}

/// An option as clap reads it.
struct Typed {
    /// Where it has no value.
    bare: String,
    /// Where it has one.
    long: String,
    takes: Takes,
    value: Option<OsString>,
}

impl Typed {
    /// `letter`: it was typed as that one, which tells `-h` from `--help`.
    fn of(arg: &Arg, letter: Option<char>) -> Typed {
        let long = match (arg.get_long(), arg.get_short()) {
            (None, Some(short)) => format!("-{short}"),
            (long, _) => format!("--{}", long.unwrap_or_default()),
        };
        let bare = match letter.filter(|letter| has_letter(arg, *letter)) {
            Some(letter) => format!("-{letter}"),
            None => long.clone(),
        };
        let takes =
            if arg.get_action().takes_values() && !arg.is_require_equals_set() { Takes::Value } else { Takes::Nothing };
        Typed { bare, long, takes, value: None }
    }

    fn word(self) -> OsString {
        match self.value {
            None if self.takes == Takes::Value => self.long.into(),
            None => self.bare.into(),
            Some(value) => {
                let mut word = OsString::from(self.long + "=");
                word.push(value);
                word
            }
        }
    }
}

/// The option that has one of these names. Groups of options are added until it is found.
fn find<'a>(definition: &'a mut Definition, names: &[&str]) -> Option<&'a Arg> {
    while !definition.command().get_arguments().any(|arg| has_name(arg, names)) && definition.extend(names) {}
    definition.command().get_arguments().find(|arg| has_name(arg, names))
}

fn has_name(arg: &Arg, names: &[&str]) -> bool {
    let word = |word: &str| names.contains(&word);
    arg.get_long().is_some_and(word)
        || arg.get_all_aliases().unwrap_or_default().into_iter().any(word)
        || names.iter().filter(|name| name.len() == 1).any(|name| has_letter(arg, char::from(name.as_bytes()[0])))
}

fn has_letter(arg: &Arg, letter: char) -> bool {
    arg.get_short() == Some(letter) || arg.get_all_short_aliases().is_some_and(|aliases| aliases.contains(&letter))
}

/// How an option that was typed like this is named in messages.
fn shown(known: Known, typed: &str) -> String {
    let whole = if known.names().any(|name| name == typed) { typed } else { known.name() };
    if whole.len() == 1 { format!("-{whole}") } else { format!("--{whole}") }
}

/// `--a, --b or --c`
fn alternatives(names: &[&str]) -> String {
    let dashed = |name: &&str| if name.len() == 1 { format!("-{name}") } else { format!("--{name}") };
    let dashed: Vec<String> = names.iter().map(dashed).collect();
    dashed.split_last().map_or_else(String::new, |(last, others)| format!("{} or {last}", others.join(", ")))
}

/// How many bytes a decimal number takes that the text starts with, as Getopt::Long reads one: `5`, `-1.5`, `1e3`.
fn number(text: &[u8]) -> usize {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = |at: usize| usize::from(matches!(text.get(at), Some(b'+' | b'-')));
    let start = sign(0);
    let mut end = start + digits(start);
    if text.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    if end == start {
        return 0;
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let exponent = end + 1 + sign(end + 1);
        if exponent <= text.len() && digits(exponent) > 0 {
            end = exponent + digits(exponent);
        }
    }
    end
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::{ArgAction, Command};

    use super::*;

    fn read_line(line: &str) -> Result<String> {
        let mut definition = Definition::of(Command::new("test").args([
            Arg::new("keep").short('k').long("keep-order").alias("keeporder").action(ArgAction::SetTrue),
            Arg::new("jobs").short('j').short_alias('P').long("jobs").alias("max-procs"),
            Arg::new("delimiter").short('d').long("delimiter"),
            Arg::new("tag").long("tag").action(ArgAction::SetTrue),
            Arg::new("tagstring").long("tagstring").alias("tag-string"),
            Arg::new("timing").long("timing").num_args(0..=1).require_equals(true),
            Arg::new("stdout").short('v').action(ArgAction::SetTrue),
            Arg::new("records").short('L').action(ArgAction::Set),
            Arg::new("lines").short('l').long("max-lines").num_args(0..=1).require_equals(true),
            Arg::new("replace").short('i').long("replace").num_args(0..=1).require_equals(true),
            Arg::new("version").short('V').long("version").action(ArgAction::Version),
        ]));
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
            ("--max-p 4 x", "--jobs=4 | x"),
            ("--kee --KEEP-Order +k +kee x", "--keep-order --keep-order --keep-order --keep-order | x"),
            ("--j 4 --K --v x", "--jobs=4 --keep-order -v | x"),
            ("--tag --tags ::: --TAG-S=x y", "--tag --tagstring=::: --tagstring=x | y"),
            ("--timing json x", "--timing | json x"),
            ("--timing=json x", "--timing=json | x"),
            ("-l 5 x", "--max-lines=5 | x"),
            ("-l x", "-l | x"),
            ("-l5k x", "--max-lines=5 -k | x"),
            ("-l1.5e3k -lk x", "--max-lines=1.5e3 -k -l -k | x"),
            ("-L3 -L 4 x", "-L=3 -L=4 | x"),
            ("-l --max-lines=7 -l 8x", "-l --max-lines=7 -l | 8x"),
            ("-l -1 -l -k x", "--max-lines=-1 -l -k | x"),
            ("-l -0 -l-0 x", "-l -0 -l -0 | x"),
            ("--max-lines 3 --max-lines=3 --MAX-LINES x", "--max-lines=3 --max-lines=3 --max-lines | x"),
            ("-i x y", "--replace=x | y"),
            ("-i - y", "--replace=- | y"),
            ("-i -k -i{} -i -- x", "-i -k --replace={} -i | x"),
            ("--replace --k -i +k x", "--replace --keep-order -i --keep-order | x"),
            ("-k ::: a", "-k | ::: a"),
            // Left to clap.
            ("--jobs", "--jobs | "),
            ("-j", "--jobs | "),
            ("--keep=1 x", "--keep-order=1 | x"),
            ("--nothing x", "--nothing | x"),
            ("-k4 x", "-k -4 | x"),
            ("--timi=json x", "--timi=json | x"),
            ("+nothing x", "+nothing | x"),
            ("--= x", "--= | x"),
        ] {
            assert_eq!(read_line(line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn a_short_form_must_be_unique() {
        for (line, expected) in [
            ("--ta x", "--ta could be --tag, --tag-string or --tagstring: write more of it"),
            ("--jobs= x", "--jobs needs a value: give it after a blank if it is to be empty"),
        ] {
            assert_eq!(read_line(line).unwrap_err().to_string(), expected);
        }
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
