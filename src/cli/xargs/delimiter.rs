//! `-d`, as findutils reads it.

/// A byte as itself or as an escape of C.
///
/// # Errors
/// Anything else, in findutils' words.
pub fn delimiter(typed: &[u8]) -> Result<u8, String> {
    let shown = String::from_utf8_lossy(typed);
    let (kind, rest) = match typed {
        [byte] => return Ok(*byte),
        [b'\\', kind, rest @ ..] => (*kind, rest),
        _ => {
            return Err(format!(
                "Invalid input delimiter specification {shown}: the delimiter must be either a single character or an \
                 escape sequence starting with \\."
            ));
        }
    };
    let (digits, radix) = match kind {
        b'a' => return Ok(0x07),
        b'b' => return Ok(0x08),
        b'f' => return Ok(0x0c),
        b'n' => return Ok(b'\n'),
        b'r' => return Ok(b'\r'),
        b't' => return Ok(b'\t'),
        b'v' => return Ok(0x0b),
        b'\\' => return Ok(b'\\'),
        b'x' => (rest, 16),
        kind if kind.is_ascii_digit() => (&typed[1..], 8),
        _ => return Err(format!("Invalid escape sequence {shown} in input delimiter specification.")),
    };
    let count = digits.iter().take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let (digits, trailing) = digits.split_at(count);
    let add = |sum: u32, byte: &u8| {
        sum.saturating_mul(radix).saturating_add(char::from(*byte).to_digit(radix).unwrap_or_default())
    };
    let number = digits.iter().fold(0, add);
    let wrong = |why: &str| format!("Invalid escape sequence {shown} in input delimiter specification; {why}.");
    let Ok(byte) = u8::try_from(number) else {
        let most = if radix == 16 { "ff" } else { "377" };
        return Err(wrong(&format!("character values must not exceed {most}")));
    };
    if !trailing.is_empty() {
        return Err(wrong(&format!("trailing characters {} not recognised", String::from_utf8_lossy(trailing))));
    }
    Ok(byte)
}
