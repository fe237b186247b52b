//! The files under `src/`, as far as these tests have to understand them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::harness::sources;

/// A source file.
#[derive(Debug)]
pub struct File {
    /// Its path below the root.
    pub name: String,
    /// Its text without comments and literals.
    pub code: String,
    /// How many lines it has.
    pub lines: usize,
}

/// All files under `src/`.
pub fn files() -> Vec<File> {
    let mut files = Vec::new();
    read_dir(&sources().join("src"), &mut files);
    assert!(files.len() > 5, "no sources under {}", sources().display());
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

fn read_dir(dir: &Path, files: &mut Vec<File>) {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("list {}: {error}", dir.display()));
    for entry in entries {
        let path = entry.expect("list the sources").path();
        if path.is_dir() {
            read_dir(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("read a source file");
            let name = path.strip_prefix(sources()).expect("below the root").to_string_lossy().into_owned();
            files.push(File { name, code: code(&text), lines: text.lines().count() });
        }
    }
}

impl File {
    /// The top module that it belongs to; `None` for the crate's own page and for the binaries.
    pub fn module(&self) -> Option<String> {
        let below = self.name.strip_prefix("src/")?;
        if below == "lib.rs" || self.is_binary() {
            return None;
        }
        Some(below.split(['/', '.']).next()?.to_owned())
    }

    /// Whether a binary is made of it.
    pub fn is_binary(&self) -> bool {
        self.name == "src/main.rs" || self.name.starts_with("src/bin/")
    }

    /// Whether its code has this word.
    pub fn has_word(&self, word: &str) -> bool {
        idents(&self.code).any(|(_, ident)| ident == word)
    }

    /// The names of the traits that it declares.
    pub fn traits(&self) -> Vec<String> {
        let words: Vec<&str> = idents(&self.code).map(|(_, ident)| ident).collect();
        words.windows(2).filter(|pair| pair[0] == "trait").map(|pair| pair[1].to_owned()).collect()
    }

    /// The paths that start at the top of the crate, without `crate`; `super::x` counts where `x` is one of the top
    /// `modules` and no part of the file's own.
    pub fn crate_paths(&self, modules: &BTreeSet<String>) -> Vec<Vec<String>> {
        let mut paths = self.paths_from("crate");
        let own_part =
            |name: &String| self.module().is_some_and(|own| sources().join(format!("src/{own}/{name}.rs")).exists());
        let from_super = self.paths_from("super").into_iter().map(|mut path| {
            path.retain(|segment| segment != "super");
            path
        });
        paths.extend(
            from_super.filter(|path| path.first().is_some_and(|name| modules.contains(name) && !own_part(name))),
        );
        paths
    }

    /// The paths that start with this word, without it; a group in braces is several paths.
    pub fn paths_from(&self, start: &str) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        for (at, ident) in idents(&self.code) {
            let rest = &self.code[at + ident.len()..];
            let inside = self.code[..at].trim_end().ends_with("::");
            if ident == start && !inside && rest.trim_start().starts_with("::") {
                tree(rest, &mut Vec::new(), &mut paths);
            }
        }
        paths
    }
}

/// Reads `::a::{b, c::d}` and answers what follows.
fn tree<'a>(mut text: &'a str, path: &mut Vec<String>, paths: &mut Vec<Vec<String>>) -> &'a str {
    let depth = path.len();
    while let Some(rest) = text.trim_start().strip_prefix("::") {
        text = rest.trim_start();
        if let Some(group) = text.strip_prefix('{') {
            text = group;
            loop {
                text = text.trim_start().trim_start_matches(',').trim_start();
                if text.is_empty() {
                    break;
                }
                if let Some(rest) = text.strip_prefix('}') {
                    text = rest;
                    break;
                }
                let before = path.len();
                text = segment(text, path);
                text = tree(text, path, paths);
                path.truncate(before);
            }
            path.truncate(depth);
            return text;
        }
        text = segment(text, path);
    }
    paths.push(path.clone());
    // `as name` after it belongs to nobody.
    if let Some(rest) = text.trim_start().strip_prefix("as ") {
        text = segment(rest.trim_start(), &mut Vec::new());
    }
    text
}

/// Takes one name, or one character that is none.
fn segment<'a>(text: &'a str, path: &mut Vec<String>) -> &'a str {
    let end = text.find(|c: char| !is_ident(c)).unwrap_or(text.len());
    if end == 0 {
        return text.get(text.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
    }
    path.push(text[..end].to_owned());
    &text[end..]
}

fn is_ident(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The words of `code` and where they stand.
fn idents(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += code[at..].find(is_ident)?;
        let start = at;
        at += code[at..].find(|c| !is_ident(c)).unwrap_or(code.len() - at);
        Some((start, &code[start..at]))
    })
}

/// Source text without comments, strings and characters.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let raw_string = rest.strip_prefix('r').map(|after| after.len() - after.trim_start_matches('#').len());
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(hashes) = raw_string.filter(|hashes| rest[1 + hashes..].starts_with('"')) {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = hashes + 2;
            rest[body..].find(&close).map_or(rest.len(), |end| body + end + close.len())
        } else if c == '"' {
            literal(rest, '"')
        } else if c == '\'' && (rest[1..].starts_with('\\') || rest[1..].chars().nth(1) == Some('\'')) {
            literal(rest, '\'')
        } else {
            0
        };
        if skip == 0 {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            code.push(' ');
            rest = &rest[skip..];
        }
    }
    code
}

/// The length of a literal that starts and ends with `quote`.
fn literal(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[test]
fn paths_are_found_and_comments_and_literals_are_not() {
    let text = r####"
        use crate::{model::{Job, Seq as S}, sys::wake};   // use crate::cli::X;
        fn f<'a>(x: &'a str) -> char { crate::diag::escape("crate::run"); r#"crate::exec " "#; '"' }
        use super::options::Options; /* crate::cli */ const C: char = '\''; use crate::exit as e;
    "####;
    let file = File { name: "src/output/x.rs".to_owned(), code: code(text), lines: 3 };
    let found: Vec<String> = file.paths_from("crate").iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["model::Job", "model::Seq", "sys::wake", "diag::escape", "exit"]);
    let modules = BTreeSet::from(["options".to_owned()]);
    assert!(file.crate_paths(&modules).contains(&vec!["options".to_owned(), "Options".to_owned()]));
    assert_eq!(file.module().as_deref(), Some("output"));
}
