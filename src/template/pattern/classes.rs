//! Characters of Perl's regular expressions: classes and escapes, as sets of bytes.

use super::set::Set;

/// `\v`, and what `\R` takes.
pub fn vertical() -> Set {
    Set::of(b"\n\x0b\x0c\r\x85")
}

/// The class that a letter behind a backslash stands for.
///
/// Texts are bytes to GNU parallel, so that letters, digits and blanks are those of ASCII (perlrecharclass, /d); `\h` and
/// `\v` have their bytes above that always.
pub fn named(letter: u8) -> Option<Set> {
    let set = match letter.to_ascii_lowercase() {
        b'd' => Set::which(|byte| byte.is_ascii_digit()),
        b'w' => Set::which(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
        b's' => Set::of(b"\t\n\x0b\x0c\r "),
        b'h' => Set::of(b"\t \xa0"),
        b'v' => vertical(),
        _ => return None,
    };
    Some(if letter.is_ascii_uppercase() { set.not() } else { set })
}

/// The class of POSIX with this name.
fn posix(name: &[u8]) -> Option<Set> {
    Some(match name {
        b"alpha" => Set::which(|byte| byte.is_ascii_alphabetic()),
        b"digit" => Set::which(|byte| byte.is_ascii_digit()),
        b"alnum" => Set::which(|byte| byte.is_ascii_alphanumeric()),
        b"upper" => Set::which(|byte| byte.is_ascii_uppercase()),
        b"lower" => Set::which(|byte| byte.is_ascii_lowercase()),
        b"punct" => Set::which(|byte| byte.is_ascii_punctuation()),
        b"space" => Set::of(b"\t\n\x0b\x0c\r "),
        b"blank" => Set::of(b"\t "),
        b"cntrl" => Set::which(|byte| byte.is_ascii_control()),
        b"graph" => Set::which(|byte| byte.is_ascii_graphic()),
        b"print" => Set::range(b' '..=b'~'),
        b"xdigit" => Set::which(|byte| byte.is_ascii_hexdigit()),
        b"word" => Set::which(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
        b"ascii" => Set::range(0..=127),
        _ => return None,
    })
}

/// What `[` begins: the set, and the length up to its `]`, which is included.
///
/// # Errors
/// What Perl does not take either, or is beyond bytes.
pub fn bracketed(text: &[u8], fold: bool) -> Result<(Set, usize), String> {
    let negated = text.first() == Some(&b'^');
    let first = usize::from(negated);
    let (mut set, mut at) = (Set::NONE, first);
    loop {
        let byte = *text.get(at).ok_or("a [ without its ]: write \\[")?;
        if byte == b']' && at > first {
            break;
        }
        let (low, length) = member(&text[at..])?;
        at += length;
        let low = match low {
            Member::Set(class) => {
                set = set.or(class);
                continue;
            }
            Member::Byte(low) => low,
        };
        // A dash between two bytes makes a range; any other is itself.
        if text.get(at) == Some(&b'-')
            && text.get(at + 1).is_some_and(|next| *next != b']')
            && let (Member::Byte(high), length) = member(&text[at + 1..])?
        {
            if high < low {
                return Err("a range [b-a] that ends before it begins".to_owned());
            }
            set = set.or(Set::range(low..=high));
            at += 1 + length;
            continue;
        }
        set.add(low);
    }
    let set = if fold { set.folded() } else { set };
    Ok((if negated { set.not() } else { set }, at + 1))
}

enum Member {
    Byte(u8),
    Set(Set),
}

/// One member of a bracketed class.
fn member(text: &[u8]) -> Result<(Member, usize), String> {
    match text {
        [b'[', kind @ (b':' | b'=' | b'.'), rest @ ..] => {
            let end = rest.windows(2).position(|pair| pair == [*kind, b']']);
            let Some(end) = end else { return Ok((Member::Byte(b'['), 1)) };
            let name = &rest[..end];
            // `[[:]x]` and its like are no classes of POSIX.
            if !name.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'^') {
                return Ok((Member::Byte(b'['), 1));
            }
            let (negated, plain) = name.strip_prefix(b"^").map_or((false, name), |plain| (true, plain));
            let set = if *kind == b':' { posix(plain) } else { None };
            let Some(set) = set else {
                return Err(format!("no class of POSIX: [[{}]]", String::from_utf8_lossy(&text[1..end + 3])));
            };
            Ok((Member::Set(if negated { set.not() } else { set }), end + 4))
        }
        [b'\\', letter, ..] if named(*letter).is_some() => Ok((Member::Set(named(*letter).unwrap_or(Set::NONE)), 2)),
        [b'\\', b'b', ..] => Ok((Member::Byte(0x08), 2)),
        [b'\\', b'1'..=b'7', ..] => {
            let (byte, length) = octal(&text[1..])?;
            Ok((Member::Byte(byte), 1 + length))
        }
        [b'\\', rest @ ..] => {
            let (byte, length) = escaped(rest)?;
            Ok((Member::Byte(byte), 1 + length))
        }
        [byte, ..] => Ok((Member::Byte(*byte), 1)),
        [] => Err("a [ without its ]: write \\[".to_owned()),
    }
}

/// The byte that is meant by what stands behind a backslash, and the length of that.
///
/// # Errors
/// A construct that is no byte.
pub fn escaped(text: &[u8]) -> Result<(u8, usize), String> {
    let Some(first) = text.first().copied() else {
        return Err("a backslash at the end: write \\\\".to_owned());
    };
    let byte = match first {
        b't' => b'\t',
        b'n' => b'\n',
        b'r' => b'\r',
        b'f' => 0x0c,
        b'a' => 0x07,
        b'e' => 0x1b,
        b'0' => return octal(text),
        b'x' => return hexadecimal(text),
        b'c' => {
            let control = text.get(1).filter(|byte| byte.is_ascii_graphic() && **byte != b'\\');
            return control
                .map(|byte| (byte.to_ascii_uppercase() ^ 0x40, 2))
                .ok_or_else(|| "\\c needs a letter".to_owned());
        }
        b'o' => {
            let inner =
                text.strip_prefix(b"o{").and_then(|inner| Some((inner, inner.iter().position(|b| *b == b'}')?)));
            let (inner, end) = inner.ok_or("\\o needs {…}")?;
            let digits = std::str::from_utf8(&inner[..end]).unwrap_or_default();
            let byte = u8::from_str_radix(digits, 8).map_err(|_| format!("\\o{{{digits}}} is no byte"))?;
            return Ok((byte, end + 3));
        }
        letter if letter.is_ascii_alphanumeric() => return Err(unknown(letter)),
        other => other,
    };
    Ok((byte, 1))
}

/// Letters whose meaning is Perl's alone.
fn unknown(letter: u8) -> String {
    let what = match letter {
        b'p' | b'P' => "the property of Unicode \\p",
        b'X' => "the cluster \\X",
        b'K' => "the cut \\K",
        b'G' => "the anchor \\G",
        b'k' | b'g' => "the back-reference \\g, \\k",
        b'N' => "the named character \\N{…}",
        b'Q' | b'E' => "the quoting \\Q…\\E",
        b'L' | b'U' | b'l' | b'u' | b'F' => "the change of case \\L, \\U",
        b'R' => "a class with \\R",
        other => return format!("\\{} means nothing: leave the backslash out", char::from(other)),
    };
    format!("{what} of Perl's regular expressions is not there: write it without")
}

/// Up to three digits.
fn octal(text: &[u8]) -> Result<(u8, usize), String> {
    let length = text.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let value = text[..length].iter().fold(0u32, |value, digit| value * 8 + u32::from(digit - b'0'));
    let byte = u8::try_from(value).map_err(|_| format!("\\{value:o} is no byte"))?;
    Ok((byte, length))
}

/// `x`, and up to two digits, or any number of them in braces.
fn hexadecimal(text: &[u8]) -> Result<(u8, usize), String> {
    let (digits, length) = match text.strip_prefix(b"x{") {
        Some(inner) => {
            let end = inner.iter().position(|byte| *byte == b'}').ok_or("\\x{ without its }")?;
            (&inner[..end], end + 3)
        }
        None => {
            let count = text[1..].iter().take(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
            (&text[1..1 + count], count + 1)
        }
    };
    let shown = String::from_utf8_lossy(digits);
    if !digits.iter().all(u8::is_ascii_hexdigit) || digits.is_empty() {
        return Err(format!("\\x{shown}: give two hexadecimal digits"));
    }
    let byte = u8::from_str_radix(&shown, 16).map_err(|_| format!("\\x{{{shown}}} is no byte"))?;
    Ok((byte, length))
}
