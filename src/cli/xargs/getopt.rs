//! The grammar of xargs' options, which is glibc's getopt_long: options up to the first other word, short ones in
//! bundles, long ones shortened to anything that only one of findutils' has, values attached or in the next word.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use super::table::{FLAGS, Flag, Name, Takes};

/// The words of a command line, option by option.
#[derive(Debug)]
pub struct Options<W> {
    words: W,
    /// What is left of a bundle.
    bundle: Vec<u8>,
}

/// An option with its value.
pub type Found = (Name, Option<Vec<u8>>);

impl<W: Iterator<Item = OsString>> Options<std::iter::Peekable<W>> {
    /// The options of these words, `argv[0]` excluded.
    pub fn new(words: W) -> Self {
        Options { words: words.peekable(), bundle: Vec::new() }
    }

    /// The next option; `None`: there are no more.
    ///
    /// # Errors
    /// In getopt's words.
    pub fn next(&mut self) -> Result<Option<Found>, String> {
        if self.bundle.is_empty() {
            let is_option = |word: &OsString| word.as_bytes().len() > 1 && word.as_bytes().starts_with(b"-");
            let Some(word) = self.words.next_if(is_option).map(OsString::into_vec) else { return Ok(None) };
            match word.strip_prefix(b"--") {
                Some(b"") => return Ok(None),
                Some(long) => return self.long(long).map(Some),
                None => self.bundle = word[1..].to_vec(),
            }
        }
        self.short().map(Some)
    }

    /// What follows the options.
    pub fn rest(self) -> Vec<Vec<u8>> {
        self.words.map(OsString::into_vec).collect()
    }

    fn short(&mut self) -> Result<Found, String> {
        let letter = self.bundle.remove(0);
        let shown = String::from_utf8_lossy(&[letter]).into_owned();
        let known = FLAGS.iter().find(|flag| flag.short == Some(letter));
        let Some(flag) = known else { return Err(format!("invalid option -- '{shown}'")) };
        let attached = |bundle: &mut Vec<u8>| Some(std::mem::take(bundle)).filter(|value| !value.is_empty());
        let value = match flag.takes {
            Takes::Nothing => None,
            Takes::Maybe(_) => attached(&mut self.bundle),
            Takes::Value(_) => {
                let value = attached(&mut self.bundle).or_else(|| self.words.next().map(OsString::into_vec));
                Some(value.ok_or_else(|| format!("option requires an argument -- '{shown}'"))?)
            }
        };
        Ok((flag.name, value))
    }

    fn long(&mut self, typed: &[u8]) -> Result<Found, String> {
        let equals = typed.iter().position(|byte| *byte == b'=');
        let (name, attached) = match equals {
            Some(at) => (&typed[..at], Some(typed[at + 1..].to_vec())),
            None => (typed, None),
        };
        let flag = find(name).map_err(|others| match &others[..] {
            [] => format!("unrecognized option '--{}'", String::from_utf8_lossy(typed)),
            others => {
                let list: String = others.iter().map(|long| format!(" '--{long}'")).collect();
                format!("option '--{}' is ambiguous; possibilities:{list}", String::from_utf8_lossy(typed))
            }
        })?;
        let long = flag.long.unwrap_or_default();
        let value = match (flag.takes, attached) {
            (Takes::Nothing, Some(_)) => return Err(format!("option '--{long}' doesn't allow an argument")),
            (Takes::Value(_), None) => {
                let value = self.words.next().map(OsString::into_vec);
                Some(value.ok_or_else(|| format!("option '--{long}' requires an argument"))?)
            }
            (_, attached) => attached,
        };
        Ok((flag.name, value))
    }
}

/// The long option of this name, or with this beginning. Otherwise those that it could be.
fn find(name: &[u8]) -> Result<&'static Flag, Vec<&'static str>> {
    let long = |flag: &Flag| flag.long.unwrap_or_default().as_bytes();
    if let Some(exact) = FLAGS.iter().find(|flag| flag.long.is_some() && long(flag) == name) {
        return Ok(exact);
    }
    let begins = |flag: &&Flag| flag.long.is_some() && !flag.ours && long(flag).starts_with(name);
    match FLAGS.iter().filter(begins).collect::<Vec<_>>()[..] {
        [one] => Ok(one),
        ref several => Err(several.iter().filter_map(|flag| flag.long).collect()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<(Vec<Found>, Vec<String>), String> {
        let mut options = Options::new(line.split_whitespace().map(OsString::from));
        let mut found = Vec::new();
        while let Some(option) = options.next()? {
            found.push(option);
        }
        Ok((found, options.rest().into_iter().map(|word| String::from_utf8(word).unwrap()).collect()))
    }

    #[test]
    fn options_end_at_the_first_other_word() {
        let (found, rest) = read("-0rn2 --max-p=3 -P 4 -i -I X -- -x").unwrap();
        let value = |text: &str| Some(text.as_bytes().to_vec());
        assert_eq!(
            found,
            [
                (Name::Null, None),
                (Name::NoRunIfEmpty, None),
                (Name::MaxArgs, value("2")),
                (Name::MaxProcs, value("3")),
                (Name::MaxProcs, value("4")),
                (Name::Replace, None),
                (Name::ReplaceString, value("X")),
            ]
        );
        assert_eq!(rest, ["-x"]);
        assert_eq!(read("-r - -r").unwrap().1, ["-", "-r"]);
        assert_eq!(read("echo -r").unwrap().1, ["echo", "-r"]);
    }

    #[test]
    fn ours_are_only_known_by_their_whole_names() {
        for (shortened, name) in [("--ex", Name::Exit), ("--h", Name::Help), ("--ve", Name::Verbose)] {
            if shortened == "--ve" {
                assert!(read(shortened).unwrap_err().contains("is ambiguous"));
            } else {
                assert_eq!(read(shortened).unwrap().0[0].0, name);
            }
        }
        for shortened in ["--gr", "--ba", "--su", "--jo", "--ti", "--hal", "--keep"] {
            assert_eq!(read(shortened).unwrap_err(), format!("unrecognized option '{shortened}'"));
        }
        assert_eq!(read("--halt never --group -k").unwrap().0.len(), 3);
    }
}
