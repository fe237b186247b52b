//! Several inputs in one record.

use super::*;
use crate::template::Length;

/// Each argument costs `each` bytes, and there are so many slots.
pub(super) fn gauge(each: usize, slots: usize) -> Gauge<'static> {
    let added = move |args: &Words, from: usize, _| {
        let bytes = each * (args.len() - from);
        Length { counted: bytes, real: bytes }
    };
    Gauge { fixed: Length::default(), added: Box::new(added), slots: Box::new(move || slots) }
}

fn numbers(count: usize) -> SourceKind {
    SourceKind::Words((1..=count).map(|number| number.to_string().into_bytes()).collect())
}

/// How many arguments each record gets.
fn sizes(count: usize, slots: usize, each: usize, batch: &BatchOptions, ahead: usize) -> Vec<usize> {
    let (options, _) = with(options(b'\n'), vec![(numbers(count), false)]);
    let mut source = source_of(&options, batch, gauge(each, slots));
    let mut records: Vec<Args> = (0..ahead).filter_map(|_| next(&mut source).expect("reads")).collect();
    let total = (ahead > 0).then(|| read_all(&mut source));
    records.extend(drain(&mut source));
    assert!(total.is_none_or(|total| total == records.len() as u64));
    let all: Vec<Vec<u8>> = records.concat();
    assert!(all.iter().enumerate().all(|(index, arg)| *arg == (index + 1).to_string().into_bytes()));
    assert_eq!(all.len(), count);
    records.iter().map(Vec::len).collect()
}

#[test]
fn the_last_record_is_spread_evenly() {
    let batch = |max_records| BatchOptions { max_records, spread: true, ..BatchOptions::ONE };
    for (count, slots, max, expected) in [
        (10, 4, None, &[3, 3, 3, 1][..]),
        (10, 3, None, &[4, 4, 2]),
        (3, 4, None, &[1, 1, 1]),
        (1, 4, None, &[1]),
        (0, 4, None, &[]),
        (9, 1, None, &[9]),
        (10, 2, Some(4), &[4, 4, 1, 1]),
        (8, 2, Some(4), &[4, 2, 2]),
        (9, 2, Some(4), &[4, 4, 1]),
        (5, 2, Some(1), &[1, 1, 1, 1, 1]),
    ] {
        for ahead in 0..4 {
            assert_eq!(sizes(count, slots, 0, &batch(max), ahead), expected, "{count} over {slots}, {max:?}");
        }
    }
    // What did not fit comes before what is spread.
    let each = USABLE_COMMAND / 4;
    assert_eq!(sizes(11, 2, each, &batch(None), 1), [3, 3, 3, 1, 1]);
    assert_eq!(sizes(11, 2, each, &BatchOptions { max_records: None, ..BatchOptions::ONE }, 1), [3, 3, 3, 2]);
}

#[test]
fn max_chars_is_a_limit_for_a_single_input_too() {
    let limit = |chars| BatchOptions { max_chars: Some(chars), ..BatchOptions::ONE };
    assert_eq!(sizes(3, 1, 9, &limit(10), 0), [1, 1, 1]);
    assert_eq!(sizes(6, 1, 9, &BatchOptions { max_records: Some(5), ..limit(20) }, 0), [2, 2, 2]);
    let (options, _) = with(options(b'\n'), vec![(words(&[b"a\x1bb"]), false)]);
    let mut source = source_of(&options, &limit(10), gauge(10, 1));
    let error = next(&mut source).expect_err("too long").to_string();
    assert_eq!(error, "the command would be too long with the input a\x1bb: 10 bytes, where --max-chars is 10");
}

#[test]
fn a_value_that_ends_in_white_space_goes_on_with_the_next() {
    let joined = |text: &[u8], skip_empty: bool, know_total: bool| {
        let folder = tempfile::tempdir().expect("a folder");
        let list = SourceKind::File(file(folder.path(), "list", text));
        let (mut options, _) = with(options(b'\n'), vec![(list, false)]);
        options.skip_empty = skip_empty;
        let batch = BatchOptions { join_lines: true, ..BatchOptions::ONE };
        let mut source = source_of(&options, &batch, gauge(0, 1));
        source.nul_warned = true;
        assert_eq!(source.total(), None);
        let total = know_total.then(|| read_all(&mut source));
        let records = drain(&mut source);
        assert!(total.is_none_or(|total| total == records.len() as u64));
        String::from_utf8(records.concat().join(&b'|')).expect("text")
    };
    for know_total in [false, true] {
        for (text, all, some) in [
            (&b"a\nb"[..], "a|b", "a|b"),
            (b"a \nb\t\nc\nd", "a b\tc|d", "a b\tc|d"),
            (b"a\n\nb", "a||b", "a|b"),
            (b" \n\nb", " b", "b"),
            (b"a \n\n\nb", "a b", "a b"),
            (b"a\r\nb \n", "a\rb ", "a\rb "),
            (b"a\0 \nb", "a\\0 b", "a\\0 b"),
            (b"  ", "  ", ""),
            (b"", "", ""),
        ] {
            assert_eq!(joined(text, false, know_total), all);
            assert_eq!(joined(text, true, know_total), some);
        }
    }
}
