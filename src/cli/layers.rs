//! Default options below those of the command line: of the config files or profiles, and above them of a variable.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use anyhow::{Context as _, Result, anyhow};
use clap::error::ErrorKind;

use super::ReadDefaults;
use super::error;
use super::flags::Definition;
use super::grammar::{self, Line};
use crate::options::{DefaultText, Wanted};

/// The command line with the default options before it, which it overrides.
///
/// As GNU parallel: what follows the options of a layer stands before the command.
///
/// # Errors
/// Those of reading, quotes that are not closed, and options that are wrong: the line says where they stand.
pub fn over(definition: &mut Definition, line: Line, defaults: ReadDefaults<'_>) -> Result<Line> {
    let defaults = defaults(&wanted(&line))?;
    if defaults.files.is_empty() && defaults.variable.is_none() {
        return Ok(line);
    }
    let mut whole = Line::default();
    for layer in [&defaults.files[..], defaults.variable.as_slice()] {
        let origin = layer.iter().map(|text| &*text.origin).collect::<Vec<_>>().join(", ");
        let layer = options(definition, layer).with_context(|| origin)?;
        whole.options.extend(layer.options);
        whole.rest.extend(layer.rest);
    }
    whole.options.extend(line.options);
    whole.rest.extend(line.rest);
    Ok(whole)
}

/// What the command line says about default options. A default of such an option comes too late.
fn wanted(line: &Line) -> Wanted {
    let profile = |option: &OsString| {
        option.as_bytes().strip_prefix(b"--profile=").map(|name| OsStr::from_bytes(name).to_owned())
    };
    Wanted {
        plain: line.options.iter().any(|option| option == "--plain"),
        profiles: line.options.iter().filter_map(profile).collect(),
    }
}

/// The options of one layer.
fn options(definition: &mut Definition, layer: &[DefaultText]) -> Result<Line> {
    let mut all = Vec::new();
    for text in layer {
        all.extend(words(&text.text).ok_or_else(|| anyhow!("a quote or a backslash at the end lacks what it is for"))?);
    }
    let line = grammar::read(definition, all.into_iter().map(OsString::from_vec))?;
    // Here, and not only with those of the command line, as the message has to say where it stands.
    match definition.check(&line.options) {
        Err(error) if !matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Err(error::one_line(&error))
        }
        _ => Ok(line),
    }
}

/// Splits a text as GNU parallel does, by Perl's `Text::ParseWords::shellwords`: blanks separate words, a backslash takes any
/// character as it is, also in double quotes, and between single quotes it keeps itself and the quote after it. `None`: a
/// quote that is not closed, or a backslash with nothing behind it.
fn words(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => words.extend(word.take()),
            b'\\' => word.get_or_insert_default().push(bytes.next()?),
            quote @ (b'"' | b'\'') => {
                let word = word.get_or_insert_default();
                loop {
                    match bytes.next()? {
                        byte if byte == quote => break,
                        b'\\' if quote == b'"' => word.push(bytes.next()?),
                        b'\\' => word.extend([b'\\', bytes.next()?]),
                        byte => word.push(byte),
                    }
                }
            }
            byte => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_split_as_by_perl() {
        for (text, expected) in [
            ("", Some("")),
            (" -k  -j4\t-v\n", Some("[-k][-j4][-v]")),
            (r"-S myssh\ user@server", Some("[-S][myssh user@server]")),
            (r#"a"b c"'d e'f "" x"#, Some("[ab cd ef][][x]")),
            (r#""a\n\"b" 'a\'b\\' \$ \"#, None),
            (r#""a\n\"b" 'a\'b\\' \$ \é"#, Some(r#"[an"b][a\'b\\][$][é]"#)),
            ("-k 'abc", None),
            ("-k \"abc", None),
        ] {
            let shown = words(text.as_bytes()).map(|words| {
                words.iter().map(|word| format!("[{}]", String::from_utf8_lossy(word))).collect::<String>()
            });
            assert_eq!(shown.as_deref(), expected, "{text}");
        }
    }

    /// What Perl makes of these texts; `None` where it gives up.
    fn perl(texts: &[Vec<u8>]) -> Vec<Option<Vec<Vec<u8>>>> {
        let code = r#"use Text::ParseWords; $/ = "\1"; while(<STDIN>) { chomp; my @w = shellwords($_);
            print((@w || !/\S/ ? "" : "broken"), (map { "\2$_" } @w), "\1") }"#;
        let mut child =
            Command::new("perl").args(["-e", code]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let all = texts.iter().flat_map(|text| [&text[..], b"\x01"].concat()).collect::<Vec<_>>();
        child.stdin.take().unwrap().write_all(&all).unwrap();
        let output = child.wait_with_output().unwrap().stdout;
        let answers = output.strip_suffix(b"\x01").unwrap_or_default().split(|byte| *byte == 1);
        let words = |answer: &[u8]| answer.split(|byte| *byte == 2).skip(1).map(<[u8]>::to_vec).collect();
        answers.map(|answer| if answer == b"broken" { None } else { Some(words(answer)) }).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]
        #[test]
        fn any_text_is_split_as_by_perl(texts in prop::collection::vec("[a \"'\\\\\n\t]{0,12}", 1..100)) {
            let texts: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
            let ours: Vec<_> = texts.iter().map(|text| words(text)).collect();
            prop_assert_eq!(ours, perl(&texts));
        }
    }
}
