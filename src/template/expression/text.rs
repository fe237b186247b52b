//! The parts of an expression between delimiters: texts, patterns, lists of bytes.

use super::parse::Constants;
use super::tree::{Case, Node, Piece, Translation};

/// What stands between `delimiter`, with which `text` starts, and its counterpart; and what follows. Backslashes stay.
/// `None`: it does not end.
pub(super) fn delimited(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let open = *text.first()?;
    let close = counterpart(open);
    let mut depth = 0usize;
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match *byte {
            b'\\' => at += 1,
            byte if byte == close && depth == 0 => return Some((&text[1..at], &text[at + 1..])),
            byte if byte == close => depth -= 1,
            byte if byte == open => depth += 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// What ends that starts with this.
pub(super) fn counterpart(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        other => other,
    }
}

/// A text in single quotes.
pub(super) fn single(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        if *byte == b'\\' && matches!(rest.first(), Some(b'\\' | b'\'')) {
            plain.push(rest[0]);
            rest = &rest[1..];
        } else {
            plain.push(*byte);
        }
    }
    plain
}

/// A text in double quotes, or a replacement. `None`: something in it is perl's.
pub(super) fn interpolated(text: &[u8], constants: &Constants) -> Option<Node> {
    let mut pieces = Vec::new();
    let mut plain = Vec::new();
    let mut rest = text;
    while let Some((byte, tail)) = rest.split_first() {
        let special = match byte {
            b'\\' => {
                let (escaped, tail) = tail.split_first()?;
                rest = tail;
                let case = match escaped {
                    b'n' => Err(b'\n'),
                    b't' => Err(b'\t'),
                    b'r' => Err(b'\r'),
                    b'U' => Ok(Piece::Case(Case::Upper)),
                    b'L' => Ok(Piece::Case(Case::Lower)),
                    b'u' => Ok(Piece::Case(Case::UpperOnce)),
                    b'l' => Ok(Piece::Case(Case::LowerOnce)),
                    b'E' => Ok(Piece::Case(Case::End)),
                    byte if byte.is_ascii_alphanumeric() => return None,
                    byte => Err(*byte),
                };
                match case {
                    Ok(piece) => piece,
                    Err(byte) => {
                        plain.push(byte);
                        continue;
                    }
                }
            }
            // A lone one at the end is itself; anything else may be an array.
            b'@' if tail.first().is_some_and(|next| !next.is_ascii_whitespace() && !b",.)%/".contains(next)) => {
                return None;
            }
            b'$' => {
                let (node, tail) = variable(rest, constants)?;
                // An element, a method: `$_[0]`, `$1->x`.
                if matches!(tail.first(), Some(b'[' | b'{')) || tail.starts_with(b"->") || tail.starts_with(b"::") {
                    return None;
                }
                rest = tail;
                if let Node::Text(text) = node {
                    plain.extend_from_slice(&text);
                    continue;
                }
                Piece::Value(node)
            }
            byte => {
                plain.push(*byte);
                rest = tail;
                continue;
            }
        };
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
        }
        pieces.push(special);
    }
    if pieces.is_empty() {
        return Some(Node::Text(plain));
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Some(Node::Interpolated(pieces))
}

/// The variable that `text` starts with, and what follows it. `None`: it is perl's.
pub(super) fn variable<'t>(text: &'t [u8], constants: &Constants) -> Option<(Node, &'t [u8])> {
    if let Some((value, rest)) = constants.start_of(text) {
        return Some((Node::Text(value.to_vec()), rest));
    }
    let rest = text.strip_prefix(b"$")?;
    let is_group = rest.first().is_some_and(u8::is_ascii_digit);
    let continues =
        |byte: &&u8| if is_group { byte.is_ascii_digit() } else { byte.is_ascii_alphanumeric() || **byte == b'_' };
    let word = rest.iter().take_while(continues).count();
    let (name, tail) = rest.split_at(word);
    match name {
        b"_" => Some((Node::It, tail)),
        b"arg" => {
            let inner = tail.strip_prefix(b"[")?;
            let digits = inner.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let tail = inner[digits..].strip_prefix(b"]")?;
            Some((Node::Arg(number(&inner[..digits])?), tail))
        }
        [b'1'..=b'9', ..] => Some((Node::Group(number(name)?), tail)),
        b"" => {
            let inner = rest.strip_prefix(b"{")?;
            let digits = inner.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let tail = inner[digits..].strip_prefix(b"}")?;
            Some((Node::Group(number(&inner[..digits]).filter(|group| *group > 0)?), tail))
        }
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|number| *number < 1000)
}

/// A pattern with its constants in place. `None`: something in it is perl's, or it is empty, which means the one before.
pub(super) fn pattern(text: &[u8], open: u8, constants: &Constants) -> Option<Vec<u8>> {
    // How an escaped delimiter is read that means something in a pattern is Perl's own affair.
    let meta = b"|.?*+([{^$)]}<>".contains(&open)
        && text.windows(2).any(|pair| pair[0] == b'\\' && (pair[1] == open || pair[1] == counterpart(open)));
    if open == b'\'' || meta {
        return None;
    }
    let mut pattern = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, tail)) = rest.split_first() {
        match byte {
            b'\\' => {
                let (escaped, tail) = tail.split_first()?;
                if matches!(escaped, b'U' | b'L' | b'Q' | b'E' | b'u' | b'l' | b'N' | b'F') {
                    return None;
                }
                pattern.extend_from_slice(&[b'\\', *escaped]);
                rest = tail;
                continue;
            }
            b'$' => {
                if let Some((value, tail)) = constants.start_of(rest) {
                    pattern.extend_from_slice(value);
                    rest = tail;
                    continue;
                }
                if !matches!(tail.first(), None | Some(b')' | b'|')) {
                    return None;
                }
                pattern.push(b'$');
            }
            b'@' if tail.first().is_some_and(|next| next.is_ascii_alphanumeric() || b"_{:$-+".contains(next)) => {
                return None;
            }
            byte => pattern.push(*byte),
        }
        rest = tail;
    }
    (!pattern.is_empty()).then_some(pattern)
}

/// The table of `tr///`; with it, whether it squeezes and whether it leaves `$_` alone. `None`: something in it is perl's.
pub(super) fn translation(from: &[u8], to: &[u8], flags: &[u8]) -> Option<(Box<[Translation; 256]>, bool, bool)> {
    if flags.iter().any(|flag| !b"cdsr".contains(flag)) {
        return None;
    }
    let has = |flag: u8| flags.contains(&flag);
    let (mut from, mut to) = (bytes(from)?, bytes(to)?);
    if has(b'c') {
        from = (0..=255).filter(|byte| !from.contains(byte)).collect();
    }
    if to.is_empty() && !has(b'd') {
        to.clone_from(&from);
    }
    let mut table = Box::new([Translation::Stays; 256]);
    for (at, byte) in from.iter().enumerate() {
        let entry = &mut table[usize::from(*byte)];
        // The first one counts.
        if *entry == Translation::Stays {
            *entry = match (to.get(at), to.last()) {
                (Some(by), _) => Translation::Becomes(*by),
                (None, _) if has(b'd') => Translation::Vanishes,
                (None, Some(last)) => Translation::Becomes(*last),
                (None, None) => Translation::Stays,
            };
        }
    }
    Some((table, has(b's'), has(b'r')))
}

/// A list of bytes with its ranges written out.
fn bytes(text: &[u8]) -> Option<Vec<u8>> {
    let mut plain: Vec<(u8, bool)> = Vec::new();
    let mut rest = text;
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        if *byte != b'\\' {
            plain.push((*byte, *byte == b'-'));
            continue;
        }
        let (escaped, tail) = rest.split_first()?;
        rest = tail;
        plain.push(match escaped {
            b'n' => (b'\n', false),
            b't' => (b'\t', false),
            b'r' => (b'\r', false),
            byte if byte.is_ascii_alphanumeric() => return None,
            byte => (*byte, false),
        });
    }
    let mut list = Vec::new();
    let mut at = 0;
    while at < plain.len() {
        let first = plain[at].0;
        match (plain.get(at + 1), plain.get(at + 2)) {
            (Some((_, true)), Some((last, _))) => {
                if *last < first {
                    return None;
                }
                list.extend(first..=*last);
                at += 3;
            }
            _ => {
                list.push(first);
                at += 1;
            }
        }
    }
    Some(list)
}

/// GNU parallel's `make_regexp_ungreedy`.
pub(super) fn non_greedy(pattern: &[u8]) -> Vec<u8> {
    let (mut class, mut escaped, mut found) = (false, false, false);
    let mut lazy = Vec::new();
    for byte in pattern {
        if std::mem::take(&mut found) && *byte != b'?' {
            lazy.push(b'?');
        }
        lazy.push(*byte);
        match byte {
            _ if std::mem::take(&mut escaped) => {}
            b'\\' => escaped = true,
            b'[' => class = true,
            b']' if class => class = false,
            _ if class => {}
            b'*' | b'+' | b'}' => found = true,
            _ => {}
        }
    }
    if found {
        lazy.push(b'?');
    }
    lazy
}
