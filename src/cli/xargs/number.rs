//! Numbers, as C's strtol reads them, and findutils' words about those that are wrong.

/// A number from `least` to `most`, for the option of this letter.
///
/// # Errors
/// Anything else.
pub fn count(typed: &[u8], option: char, least: i64, most: i64) -> Result<u64, String> {
    let number = read(typed, option)?;
    match out_of_range(typed, number, option, least, most) {
        Some(complaint) => Err(complaint),
        None => Ok(number.unsigned_abs()),
    }
}

/// A number; where it is out of range, the nearest that is not, and a complaint.
///
/// # Errors
/// Anything else.
pub fn clamped(typed: &[u8], option: char, least: i64, most: u64) -> Result<(u64, Option<String>), String> {
    let number = read(typed, option)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let complaint = out_of_range(typed, number, option, least, most);
    Ok((number.clamp(least, most.max(least)).unsigned_abs(), complaint))
}

fn out_of_range(typed: &[u8], number: i64, option: char, least: i64, most: i64) -> Option<String> {
    let shown = String::from_utf8_lossy(typed);
    if number < least {
        return Some(format!("value {shown} for -{option} option should be >= {least}"));
    }
    (number > most).then(|| format!("value {shown} for -{option} option should be <= {most}"))
}

fn read(typed: &[u8], option: char) -> Result<i64, String> {
    let wrong = || format!("invalid number \"{}\" for -{option} option", String::from_utf8_lossy(typed));
    let blanks = typed.iter().take_while(|byte| matches!(byte, b' ' | 0x09..=0x0d)).count();
    let (negative, digits) = match &typed[blanks..] {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(wrong());
    }
    // One that is too large is the largest.
    let add = |sum: i64, byte: &u8| sum.saturating_mul(10).saturating_add(i64::from(byte - b'0'));
    let number = digits.iter().fold(0, add);
    Ok(if negative { -number } else { number })
}
