//! The end of the command line: `::: ARG...`, `:::: FILE...` and their linked forms.
//!
//! It is split off before clap sees anything: it may hold a hundred thousand words of any bytes, and none of them is an
//! option.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use crate::options::{InputSource, SourceKind};

/// What a separator word starts.
#[derive(Clone, Copy)]
struct Separator {
    files: bool,
    linked: bool,
}

/// The words that separate sources.
#[derive(Clone, Copy, Debug)]
pub struct Separators<'a> {
    /// Words follow (`--arg-sep`).
    pub words: &'a [u8],
    /// Files follow (`--arg-file-sep`).
    pub files: &'a [u8],
}

impl Default for Separators<'_> {
    fn default() -> Self {
        Separators { words: b":::", files: b"::::" }
    }
}

impl Separators<'_> {
    fn find(self, word: &OsString) -> Option<Separator> {
        let word = word.as_encoded_bytes();
        let is = |name: &[u8]| match word.strip_prefix(name) {
            Some(b"") => Some(false),
            Some(b"+") => Some(true),
            _ => None,
        };
        // As GNU parallel: files, where both are the same word.
        let files = is(self.files).map(|linked| Separator { files: true, linked });
        files.or_else(|| is(self.words).map(|linked| Separator { files: false, linked }))
    }
}

/// Splits what follows the options into the words of the command and the sources that the first separator starts.
///
/// As GNU parallel: each file is a source of its own; after `::::+` each file goes along with the source before it; the
/// very first source has none before it, whatever its separator says; `:::` without words is an empty source, `::::`
/// without files is none at all.
pub fn split(mut words: Vec<OsString>, separators: Separators<'_>) -> (Vec<OsString>, Vec<InputSource>) {
    let start = words.iter().position(|word| separators.find(word).is_some()).unwrap_or(words.len());
    let tail = words.split_off(start);
    let mut sources: Vec<InputSource> = Vec::new();
    let mut current = Separator { files: true, linked: false };
    for word in tail {
        if let Some(next) = separators.find(&word) {
            current = next;
            if !current.files {
                let linked = current.linked && !sources.is_empty();
                sources.push(InputSource { kind: SourceKind::Words(Vec::new()), linked });
            }
        } else if current.files {
            let linked = current.linked && !sources.is_empty();
            sources.push(InputSource { kind: file(word), linked });
        } else if let Some(InputSource { kind: SourceKind::Words(group), .. }) = sources.last_mut() {
            group.push(word.into_vec());
        }
    }
    (words, sources)
}

/// A source without a single input.
pub fn nothing() -> Vec<InputSource> {
    vec![InputSource { kind: SourceKind::Words(Vec::new()), linked: false }]
}

/// A file by its name; `-` is standard input.
pub fn file(name: OsString) -> SourceKind {
    if name == "-" { SourceKind::Stdin } else { SourceKind::File(PathBuf::from(name)) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The command, then each source as `+`, kind and words: `W[a,b]`, `F(name)`, `-`.
    fn shown(line: &str) -> String {
        let (command, sources) =
            split(line.split(' ').filter(|w| !w.is_empty()).map(OsString::from).collect(), Separators::default());
        let mut shown = command.into_iter().map(|word| word.into_string().unwrap()).collect::<Vec<_>>().join(" ");
        for source in sources {
            shown.push_str(if source.linked { " +" } else { " " });
            match source.kind {
                SourceKind::Words(words) => {
                    let words: Vec<_> = words.iter().map(|word| String::from_utf8_lossy(word)).collect();
                    shown.push_str(&format!("W[{}]", words.join(",")));
                }
                SourceKind::File(path) => shown.push_str(&format!("F({})", path.display())),
                SourceKind::Stdin => shown.push('-'),
            }
        }
        shown
    }

    #[test]
    fn sources_are_those_of_gnu_parallel() {
        for (line, expected) in [
            ("echo a", "echo a"),
            ("echo ::: a b", "echo W[a,b]"),
            ("::: a", " W[a]"),
            ("echo :::", "echo W[]"),
            ("echo ::: ::: a", "echo W[] W[a]"),
            ("echo ::: a b ::: c", "echo W[a,b] W[c]"),
            ("echo ::: a b :::+ c d ::: e", "echo W[a,b] +W[c,d] W[e]"),
            ("echo :::+ a ::: b", "echo W[a] W[b]"),
            ("echo :::: f g", "echo F(f) F(g)"),
            ("echo ::::+ f g", "echo F(f) +F(g)"),
            ("echo ::: a ::::+ f g", "echo W[a] +F(f) +F(g)"),
            ("echo :::: f - :::+ x", "echo F(f) - +W[x]"),
            ("echo ::::", "echo"),
            ("echo :::: ::: a", "echo W[a]"),
            ("echo ::: -- -k ::::: a:::", "echo W[--,-k,:::::,a:::]"),
        ] {
            assert_eq!(shown(line), expected, "{line}");
        }
    }

    proptest! {
        /// Nothing is lost, doubled, reordered or changed, whatever bytes the words hold.
        #[test]
        fn every_word_goes_to_one_place(
            words in prop::collection::vec(
                prop_oneof![
                    prop::sample::select(vec![":::", ":::+", "::::", "::::+", "-", ""]).prop_map(|w| w.as_bytes().to_vec()),
                    prop::collection::vec(1u8..=255, 0..4),
                ],
                0..20,
            )
        ) {
            let (command, sources) = split(words.iter().cloned().map(OsString::from_vec).collect(), Separators::default());
            let separator = |word: &OsString| Separators::default().find(word);
            prop_assert!(sources.first().is_none_or(|source| !source.linked));
            let mut seen: Vec<Vec<u8>> = command.into_iter().map(OsString::into_vec).collect();
            prop_assert!(seen.iter().all(|word| separator(&OsString::from_vec(word.clone())).is_none()));
            for source in sources {
                match source.kind {
                    SourceKind::Words(group) => seen.extend(group),
                    SourceKind::File(path) => seen.push(path.into_os_string().into_vec()),
                    SourceKind::Stdin => seen.push(b"-".to_vec()),
                }
            }
            let expected: Vec<Vec<u8>> =
                words.into_iter().filter(|word| separator(&OsString::from_vec(word.clone())).is_none()).collect();
            prop_assert_eq!(seen, expected);
        }
    }
}
