//! Lines that go to jobs by their keys (`--shard`, `--bin`).

use std::sync::Arc;

use anyhow::Result;

use super::blocks::{Blocks, Cut};
use super::keys::Keys;
use crate::diag::Diag;
use crate::model::{Block, Lanes};
use crate::sys::wake::Wake;

/// Hands each line to the job of its key; `by_number`: that is the key itself.
///
/// # Errors
/// Those of reading; a column that is not there; a line without a key.
pub fn hand_out(
    blocks: &mut Blocks,
    lanes: &Lanes,
    keys: &mut Keys,
    by_number: bool,
    stop: &Wake,
    diag: &Diag,
) -> Result<()> {
    if keys.needs_header() {
        // As GNU parallel: no job gets it.
        let Some(line) = blocks.first_line(stop)? else { return Ok(()) };
        keys.read_header(&line)?;
    }
    let count = lanes.len();
    let mut shares: Vec<Vec<u8>> = vec![Vec::new(); count];
    loop {
        let Cut::Block(block) = blocks.next(stop, diag)? else { return Ok(()) };
        let goes_on = keys.each(&block, &|| stop.is_called(), |line, key| {
            let index = if by_number { bin(key, count) } else { (hash(key) % count as u64) as usize };
            shares[index].extend_from_slice(line);
        })?;
        if !goes_on {
            return Ok(());
        }
        for (index, share) in shares.iter_mut().enumerate().filter(|(_, share)| !share.is_empty()) {
            let chunk = Arc::new(Block::new(std::mem::take(share).into(), 0));
            if !lanes.give_to(index, &chunk) {
                return Ok(());
            }
        }
    }
}

/// The same on every machine, so that a run can be repeated: FNV-1a.
fn hash(value: &[u8]) -> u64 {
    // A last column ends with the line.
    let value = value.strip_suffix(b"\n").unwrap_or(value);
    let hash =
        value.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    // Its low bits are the weakest.
    hash ^ (hash >> 32)
}

/// The job of a number, as GNU parallel: modulo the number of jobs as Perl takes it, and 0 is the last job.
fn bin(value: &[u8], count: usize) -> usize {
    let text = value.trim_ascii_start();
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let number = float(digits).abs();
    let count = count as u64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is too large is the largest")]
    let rest = (number as u64) % count;
    let rest = if negative { (count - rest) % count } else { rest };
    usize::try_from(if rest == 0 { count - 1 } else { rest - 1 }).unwrap_or(0)
}

/// The number that a text begins with, as Perl reads it; 0: none.
fn float(text: &[u8]) -> f64 {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = digits(0);
    if text.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = if end + 1 + sign <= text.len() { digits(end + 1 + sign) } else { 0 };
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    std::str::from_utf8(&text[..end]).ok().and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_numbers_modulo_the_jobs_as_perl_has_them() {
        for (text, expected) in [
            ("1", 0),
            ("2", 1),
            ("3", 2),
            ("0", 2),
            ("4x", 0),
            ("", 2),
            ("x", 2),
            ("-1", 1),
            ("2.7\n", 1),
            (" 1e1", 0),
            (".5", 2),
            ("1e", 0),
        ] {
            assert_eq!(bin(text.as_bytes(), 3), expected, "{text}");
        }
    }
}
