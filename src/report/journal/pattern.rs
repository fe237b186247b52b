//! Whether a command in a log is that of a record, whatever slot it ran in.

use super::Compose;
use crate::model::{Record, Seq, Slot};
use crate::report::joblog::{as_parallel_writes, write_command};

/// Numbers that stand for those of job and slot: no run gets that far.
const SEQ: u64 = u64::MAX;
const SLOT: u32 = u32::MAX;

/// The command of a record, with places for the numbers of job and slot.
#[derive(Debug)]
pub struct Pattern(Vec<Piece>);

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    Seq,
    Slot,
}

impl Pattern {
    /// `theirs`: as GNU parallel writes it into its log.
    pub fn of(record: &Record, compose: &Compose<'_>, theirs: bool) -> Pattern {
        let mut command = Vec::new();
        compose(&Record::new(Seq(SEQ), record.args.clone()), Slot(SLOT), &mut command);
        let mut text = Vec::new();
        if theirs {
            text = as_parallel_writes(&command);
        } else {
            write_command(&command, &mut text);
        }
        let (seq, slot) = (SEQ.to_string(), SLOT.to_string());
        let (mut pieces, mut start, mut at) = (Vec::new(), 0, 0);
        while at < text.len() {
            let rest = &text[at..];
            let (piece, length) = if rest.starts_with(seq.as_bytes()) {
                (Piece::Seq, seq.len())
            } else if rest.starts_with(slot.as_bytes()) {
                (Piece::Slot, slot.len())
            } else {
                at += 1;
                continue;
            };
            pieces.push(Piece::Text(text[start..at].to_vec()));
            pieces.push(piece);
            at += length;
            start = at;
        }
        pieces.push(Piece::Text(text[start..].to_vec()));
        Pattern(pieces)
    }

    /// Whether `text` is this command as the job number `seq`.
    pub fn fits(&self, text: &[u8], seq: u64) -> bool {
        fits(&self.0, text, seq.to_string().as_bytes(), None)
    }
}

/// `slot`: its number, once one was seen; it is the same in all places.
fn fits(pieces: &[Piece], text: &[u8], seq: &[u8], slot: Option<&[u8]>) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return text.is_empty() };
    let literal = match (first, slot) {
        (Piece::Text(literal), _) => literal,
        (Piece::Seq, _) => seq,
        (Piece::Slot, Some(slot)) => slot,
        (Piece::Slot, None) => {
            // A slot's number has few digits, and what follows it may begin with more.
            let digits = text.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
            return (1..=digits).any(|length| fits(rest, &text[length..], seq, Some(&text[..length])));
        }
    };
    text.strip_prefix(literal).is_some_and(|text| fits(rest, text, seq, slot))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(template: &str, value: &str) -> Pattern {
        let template = template.to_owned();
        let compose = move |record: &Record, slot: Slot, text: &mut Vec<u8>| {
            let value = String::from_utf8_lossy(record.args.get(0).unwrap_or_default()).into_owned();
            let command = template.replace("{#}", &record.seq.to_string()).replace("{%}", &slot.to_string());
            text.extend_from_slice(command.replace("{}", &value).as_bytes());
        };
        Pattern::of(&Record::new(Seq(1), [value].into_iter().collect()), &compose, false)
    }

    #[test]
    fn any_slot_fits_and_only_the_rows_own_number() {
        for (template, value, text, seq, expected) in [
            ("GPU={%} train {}", "a", "GPU=3 train a", 7, true),
            ("GPU={%} train {}", "a", "GPU=12 train a", 7, true),
            ("GPU={%} train {}", "a", "GPU= train a", 7, false),
            ("GPU={%} train {}", "a", "GPU=3 train b", 7, false),
            ("{%}0 {%}", "a", "120 12", 7, true),
            ("{%}0 {%}", "a", "120 1", 7, false),
            ("run {} > out.{#}", "a", "run a > out.7", 7, true),
            ("run {} > out.{#}", "a", "run a > out.8", 7, false),
            ("{#}{%}", "a", "71", 7, true),
            ("{#}{%}", "a", "81", 7, false),
            ("{#}", "a", "77", 7, false),
        ] {
            assert_eq!(pattern(template, value).fits(text.as_bytes(), seq), expected, "{template} {value} {text}");
        }
    }
}
