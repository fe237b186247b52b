//! From the inputs of a job to the names of its files. Pure.
//!
//! Names are GNU parallel's (20221122) wherever these are safe and unique. It writes a backslash, a TAB and a slash in a value
//! as `\\`, `\t` and `\_`; in the same manner stand here, where it leaves the folder or takes two values for one:
//!
//! | value | name |
//! |---|---|
//! | empty | `\e` |
//! | `.` and `..` | `\.` and `\..` |
//! | longer than a name can be | pieces, each a folder in the one before; all but the last end in `\+` |

use crate::model::{Content, Record};
use crate::template::Names;

/// The longest name of a file, in bytes: that of nearly all file systems.
const LONGEST: usize = 255;
/// Behind a piece that goes on in the next one.
const GOES_ON: &[u8] = b"\\+";
/// What is put behind the name of a file.
const SUFFIX: usize = 4;

/// What stands before the values.
#[derive(Debug, Default)]
pub struct Columns {
    /// The names of the columns; where there is none, its number.
    pub names: Names,
    /// So many inputs are one record; `None`: all of them.
    pub width: Option<usize>,
}

impl Columns {
    /// The folders of a job, from the outermost: column, value, column, value…, in the order of the columns' names.
    pub fn components(&self, record: &Record) -> Vec<Vec<u8>> {
        let args: Vec<&[u8]> = record.args.iter().collect();
        if args.is_empty() {
            // As GNU parallel: a job that reads a block has no name, the job of a semaphore and one that reads a part of a file do.
            if record.body.as_ref().is_some_and(|body| !matches!(body.content, Content::Part(..))) {
                return Vec::new();
            }
            let mut components = Vec::new();
            encode(&self.name(0), &mut components);
            components.push(b"\\0noarg".to_vec());
            return components;
        }
        let mut components = Vec::with_capacity(args.len() * 2);
        for record in args.chunks(self.width.unwrap_or(usize::MAX).max(1)) {
            let mut columns: Vec<(Vec<u8>, &[u8])> =
                record.iter().enumerate().map(|(index, value)| (self.name(index), *value)).collect();
            if !self.names.is_empty() {
                // As GNU parallel sorts them: as numbers, as far as they are some, and then as text.
                columns.sort_by(|a, b| number(&a.0).total_cmp(&number(&b.0)).then_with(|| a.0.cmp(&b.0)));
            }
            for (name, value) in columns {
                encode(&name, &mut components);
                encode(value, &mut components);
            }
        }
        components
    }

    fn name(&self, index: usize) -> Vec<u8> {
        self.names.of(index + 1).map_or_else(|| (index + 1).to_string().into_bytes(), <[u8]>::to_vec)
    }
}

/// The number that a text begins with, as Perl reads it; 0 without one.
fn number(text: &[u8]) -> f64 {
    let text = text.trim_ascii_start();
    let is_part = |byte: &&u8| byte.is_ascii_digit() || matches!(**byte, b'.' | b'-' | b'+');
    let length = text.iter().take_while(is_part).count();
    let prefixes = (1..=length).rev().filter_map(|end| std::str::from_utf8(&text[..end]).ok());
    prefixes.filter_map(|text| text.parse().ok()).next().unwrap_or(0.0)
}

/// Adds the folders that stand for a value.
fn encode(value: &[u8], components: &mut Vec<Vec<u8>>) {
    if value.is_empty() {
        return components.push(b"\\e".to_vec());
    }
    let mut name = Vec::with_capacity(value.len());
    for byte in value {
        let escaped: &[u8] = match byte {
            b'\\' => b"\\\\",
            b'\t' => b"\\t",
            0 => b"\\0",
            b'/' => b"\\_",
            other => std::slice::from_ref(other),
        };
        if name.len() + escaped.len() > LONGEST {
            let kept = cut(&name);
            let rest = name.split_off(kept);
            name.extend_from_slice(GOES_ON);
            components.push(std::mem::replace(&mut name, rest));
        }
        name.extend_from_slice(escaped);
    }
    // Nothing that names this folder or the one above it.
    if name == b"." || name == b".." {
        name.insert(0, b'\\');
    }
    components.push(name);
}

/// Where a name is cut, so that there is room for [`GOES_ON`] and no escape is cut in two.
fn cut(name: &[u8]) -> usize {
    let end = name.len().min(LONGEST - GOES_ON.len());
    let backslashes = name[..end].iter().rev().take_while(|byte| **byte == b'\\').count();
    // An odd one begins an escape.
    end - backslashes % 2
}

/// The same for a name in which backslashes stand as they are: what looks like one that was changed gets one more.
fn harmless(name: Vec<u8>) -> Vec<u8> {
    let dots = &name[name.iter().take_while(|byte| **byte == b'\\').count()..];
    if dots == b"." || dots == b".." { [b"\\", &name[..]].concat() } else { name }
}

/// Where a template's files are.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// What the user has typed.
    pub fixed: Vec<u8>,
    /// The folders in it.
    pub folders: Vec<Vec<u8>>,
    /// The name of the file; `None`: the template names a folder.
    pub file: Option<Vec<u8>>,
}

/// The place that the text of a template names, which begins with `leading`, what stands before the first replacement
/// string. Slashes of values make folders, as in GNU parallel, but nothing leaves the folder that the user has typed. A
/// template that begins with a replacement string has none: there, the value is the path.
pub fn of_template(text: &[u8], leading: &[u8]) -> Place {
    let slash = |text: &[u8]| memchr::memrchr(b'/', text).map_or(0, |slash| slash + 1);
    let (mut folders, mut file) = (Vec::new(), None);
    if leading.is_empty() {
        let (folder, name) = text.split_at(slash(text));
        if !name.is_empty() {
            file = Some(shorten(name, &mut folders));
        }
        return Place { fixed: folder.to_vec(), folders, file };
    }
    let (fixed, rest) = text.split_at(slash(leading));
    let steps: Vec<&[u8]> = rest.split(|byte| *byte == b'/').collect();
    let (name, before) = steps.split_last().map_or((&b""[..], &[][..]), |(name, before)| (*name, before));
    for step in before.iter().filter(|step| !step.is_empty()) {
        // {//} makes many a `.`, which is where it says.
        let last = if *step == b"." { b".".to_vec() } else { shorten(step, &mut folders) };
        folders.push(last);
    }
    if !name.is_empty() {
        file = Some(shorten(name, &mut folders));
    }
    Place { fixed: fixed.to_vec(), folders, file }
}

/// A name that is short enough, whatever it begins with in folders of its own.
fn shorten(mut name: &[u8], folders: &mut Vec<Vec<u8>>) -> Vec<u8> {
    const MOST: usize = LONGEST - SUFFIX - GOES_ON.len();
    while name.len() > LONGEST - SUFFIX {
        folders.push([&name[..MOST], GOES_ON].concat());
        name = &name[MOST..];
    }
    harmless(name.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Seq;
    use proptest::prelude::*;

    fn components(value: &[u8]) -> Vec<Vec<u8>> {
        let mut components = Vec::new();
        encode(value, &mut components);
        components
    }

    /// What [`encode`] was given.
    fn decode(components: &[Vec<u8>]) -> Vec<u8> {
        let mut value = Vec::new();
        for component in components {
            let mut bytes = component.iter();
            while let Some(byte) = bytes.next() {
                match (*byte, byte == &b'\\').1.then(|| bytes.next().copied()).flatten() {
                    None => value.push(*byte),
                    Some(b't') => value.push(b'\t'),
                    Some(b'0') => value.push(0),
                    Some(b'_') => value.push(b'/'),
                    Some(b'e' | b'+') => {}
                    Some(other) => value.push(other),
                }
            }
        }
        value
    }

    #[test]
    fn harmless_values_are_named_as_gnu_parallel_names_them() {
        for (value, name) in [
            ("a", "a"),
            ("a b", "a b"),
            ("a/b", "a\\_b"),
            ("a\\b", "a\\\\b"),
            ("a\tb", "a\\tb"),
            ("...", "..."),
            (".x", ".x"),
            ("~", "~"),
            ("\n", "\n"),
            ("", "\\e"),
            (".", "\\."),
            ("..", "\\.."),
            ("\\..", "\\\\.."),
            ("../x", "..\\_x"),
        ] {
            assert_eq!(components(value.as_bytes()), [name.as_bytes()], "{value:?}");
        }
        assert_eq!(components(b"\xff"), [b"\xff"]);
        assert_eq!(components(&[b'x'; LONGEST]), [vec![b'x'; LONGEST]]);
        assert_eq!(components(&[b'x'; LONGEST + 1]).len(), 2);
    }

    #[test]
    fn columns_are_sorted_by_their_names() {
        let record = Record::new(Seq(1), ["a", "b", "c"].into_iter().collect());
        let of = |texts: &[&str]| {
            let mut names = Names::default();
            texts.iter().enumerate().for_each(|(index, name)| names.add(name.as_bytes(), index + 1));
            let components = Columns { names, width: None }.components(&record);
            String::from_utf8(components.join(&b'/')).expect("text")
        };
        assert_eq!(of(&[]), "1/a/2/b/3/c");
        assert_eq!(of(&["z", "y", "x"]), "x/c/y/b/z/a");
        assert_eq!(of(&["11a", "1b", "1a"]), "1a/c/1b/b/11a/a");
        let two = Columns { names: Names::default(), width: Some(2) }.components(&record);
        assert_eq!(two.join(&b'/'), b"1/a/2/b/1/c");
    }

    #[test]
    fn a_template_never_leaves_what_was_typed() {
        let place = |text: &str, leading: &str| {
            let Place { fixed, folders, file } = of_template(text.as_bytes(), leading.as_bytes());
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (text(&fixed), text(&folders.join(&b'|')), file.map(|file| text(&file)))
        };
        let file =
            |fixed: &str, folders: &str, file: &str| (fixed.to_owned(), folders.to_owned(), Some(file.to_owned()));
        assert_eq!(place("out/a", "out/"), file("out/", "", "a"));
        assert_eq!(place("out/a/b", "out/"), file("out/", "a", "b"));
        assert_eq!(place("out/a/", "out/"), ("out/".to_owned(), "a".to_owned(), None));
        assert_eq!(place("out/", "out/"), ("out/".to_owned(), String::new(), None));
        assert_eq!(place("out/../x", "out/"), file("out/", "\\..", "x"));
        assert_eq!(place("out//etc/x", "out/"), file("out/", "etc", "x"));
        assert_eq!(place("../out-../..", "../out-"), file("../", "out-..", "\\.."));
        assert_eq!(place("out/./x", "out/"), file("out/", ".", "x"));
        assert_eq!(place("out/.", "out/"), file("out/", "", "\\."));
        assert_eq!(place("/data/x.log", ""), file("/data/", "", "x.log"));
        let long = format!("out/{}", "x".repeat(600));
        assert!(of_template(long.as_bytes(), b"out/").folders.len() == 2);
    }

    proptest! {
        #[test]
        fn values_are_told_apart_and_none_leaves_its_folder(
            value in prop_oneof![
                proptest::collection::vec(prop_oneof![Just(b'.'), Just(b'/'), Just(b'\\'), Just(b'\t'), any::<u8>()], 0..20),
                (230usize..280, proptest::collection::vec(prop_oneof![Just(b'.'), Just(b'\\')], 0..300))
                    .prop_map(|(count, rest)| [vec![b'x'; count], rest].concat()),
            ],
        ) {
            let components = components(&value);
            for (index, component) in components.iter().enumerate() {
                prop_assert!((1..=LONGEST).contains(&component.len()));
                prop_assert!(component != b"." && component != b".." && !component.contains(&b'/'));
                // An even number of backslashes stands for half as many.
                let before = component.strip_suffix(b"+").unwrap_or_default();
                let goes_on = before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
                prop_assert_eq!(goes_on, index + 1 < components.len());
            }
            prop_assert_eq!(decode(&components), value);
        }

        #[test]
        fn no_value_in_a_template_leaves_its_folder(value in "[./a\\\\]{0,12}") {
            let text = format!("out/{value}");
            let place = of_template(text.as_bytes(), b"out/");
            for name in place.folders.iter().filter(|name| *name != b".").chain(&place.file) {
                prop_assert!(name != b"." && name != b".." && !name.is_empty() && !name.contains(&b'/'));
            }
        }
    }
}
