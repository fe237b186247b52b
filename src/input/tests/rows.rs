//! What values are cut at, how sources go along, and what becomes of rows: against simple models.

use super::*;
use crate::options::{Columns, Header, Trim};

#[test]
fn sources_that_share_a_stream_take_turns() {
    let input = |bytes: &[u8]| {
        let cut = Cut::at(b'\n');
        Reader::new("memory".to_owned(), origin::Origin::memory(bytes.to_vec()), 0, cut, tiny())
    };
    for (know_total, linked, expected) in [
        (None, false, vec![["1", "2"], ["1", "3"], ["1", "4"]]),
        (Some(0), false, vec![["1", "2"], ["1", "3"], ["1", "4"]]),
        (Some(2), false, vec![["1", "2"], ["1", "3"], ["1", "4"]]),
        (None, true, vec![["1", "2"], ["3", "4"]]),
    ] {
        let mut source = open(&with(options(b'\n'), vec![(words(&[]), false)]));
        let combinations = Combinations::new(vec![input(b"1\n2\n3\n4\n")], &[(0, false), (0, linked)], false);
        source.rows = Rows::new(combinations, None, false);
        let mut records = Vec::new();
        if let Some(after) = know_total {
            (0..after).for_each(|_| records.extend(next(&mut source).expect("reads")));
            assert_eq!(source.total(), None);
            assert_eq!(read_all(&mut source), 3);
        }
        records.extend(drain(&mut source));
        assert_eq!(records, expected.map_bytes());
    }
}

/// A stream that brings these pieces, read to its end.
fn streamed(options: InputOptions, pieces: &[Vec<u8>], know_total: bool) -> Result<Vec<Args>> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = fifo(folder.path(), "fifo");
    let mut source = open(&with(options, vec![(SourceKind::File(path.clone()), false)]));
    std::thread::scope(|scope| {
        let writes = scope.spawn(|| {
            let mut fifo = File::options().write(true).open(&path).expect("opens");
            // Who has found the end of the input may be gone.
            pieces.iter().for_each(|piece| drop(fifo.write_all(piece)));
        });
        let total = know_total.then(|| read_all(&mut source));
        let mut all = Vec::new();
        let read = loop {
            match next(&mut source) {
                Ok(Some(args)) => all.push(args),
                Ok(None) => break Ok(all),
                Err(error) => break Err(error),
            }
        };
        drop(source);
        writes.join().expect("no panic");
        if let (Some(total), Ok(all)) = (total, &read) {
            assert_eq!(total, all.len() as u64);
        }
        read
    })
}

fn few() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec("[ab\",\n-]{0,9}".prop_map(String::into_bytes), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_delimiter_of_several_bytes_is_found_wherever_it_is_torn(pieces in few(), know_total: bool) {
        let all = String::from_utf8(pieces.concat()).expect("ASCII");
        let delimiter = "-\n";
        let mut model: Vec<&str> = all.split(delimiter).collect();
        model.pop_if(|last| last.is_empty());
        let options = InputOptions { delimiter: delimiter.into(), ..InputOptions::lines() };
        let found = streamed(options, &pieces, know_total).expect("reads");
        let expected: Vec<Args> = model.into_iter().map(|value| vec![value.into()]).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn nothing_comes_after_the_end_of_file_string(pieces in few(), know_total: bool) {
        let all = String::from_utf8(pieces.concat()).expect("ASCII");
        let options = InputOptions { end_of_file: Some(b"a".to_vec()), ..InputOptions::lines() };
        let found = streamed(options, &pieces, know_total).expect("reads");
        let expected: Vec<Args> =
            all.split_terminator('\n').take_while(|value| *value != "a").map(|value| vec![value.into()]).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn csv_that_was_written_is_read(
        table in prop::collection::vec(prop::collection::vec("[ab\",\n-]{0,4}", 1..4), 0..5), cut in 1usize..6, know_total: bool,
    ) {
        let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
        let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n";
        let text: String = table.iter().map(line).collect();
        let pieces: Vec<Vec<u8>> = text.as_bytes().chunks(cut).map(<[u8]>::to_vec).collect();
        let options = InputOptions { columns: Some(Columns::Csv(b',')), ..InputOptions::lines() };
        let found = streamed(options, &pieces, know_total).expect("is CSV");
        let expected: Vec<Args> = table.into_iter().map(|row| row.into_iter().map(String::into_bytes).collect()).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn linked_sources_begin_anew_until_the_longest_ends(lengths in prop::collection::vec(1usize..6, 2..4), know_total: bool) {
        let name = |source: usize, index: usize| format!("{source}-{index}").into_bytes();
        let list = |source: usize| SourceKind::Words((0..lengths[source]).map(|index| name(source, index)).collect());
        let sources = (0..lengths.len()).map(|source| (list(source), false)).collect();
        let mut source = open(&with(InputOptions { link: true, ..InputOptions::lines() }, sources));
        let longest = lengths.iter().copied().max().unwrap_or(0);
        prop_assert_eq!(source.total(), Some(longest as u64));
        if know_total {
            prop_assert_eq!(read_all(&mut source), longest as u64);
        }
        let row = |row: usize| lengths.iter().enumerate().map(|(source, length)| name(source, row % length)).collect();
        prop_assert_eq!(drain(&mut source), (0..longest).map(row).collect::<Vec<Args>>());
    }
}

#[test]
fn columns_are_cut_trimmed_and_linked() {
    for (trim, expected) in [
        (Trim::No, vec![[" a ", " b", "c\t", " "]]),
        (Trim::Left, vec![["a ", "b", "c\t", ""]]),
        (Trim::Right, vec![[" a", " b", "c", ""]]),
        (Trim::Both, vec![["a", "b", "c", ""]]),
    ] {
        let options = InputOptions { columns: Some(Columns::Separator(b",".to_vec())), trim, ..InputOptions::lines() };
        let mut source = open(&with(options, vec![(words(&[b" a , b"]), false), (words(&[b"c\t, "]), false)]));
        assert_eq!(drain(&mut source), expected.map_bytes());
    }
}

#[test]
fn headers_and_first_lines_are_no_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(folder.path(), "table", b"skipped\nx\ty\n1\t2\n3\t4\n");
    let options = InputOptions {
        header: Some(Header::First),
        skip_first: true,
        columns: Some(Columns::Separator(b"\\t".to_vec())),
        ..InputOptions::lines()
    };
    let (options, batch) = with(options, vec![(SourceKind::File(path), false), (words(&[b"z", b"5"]), false)]);
    let inputs = Inputs::with(&options, &batch, tiny(), &Wake::new().expect("a descriptor")).expect("opens");
    assert_eq!(inputs.names().columns().iter().skip(1).collect::<Vec<_>>(), [b"y", b"z"]);
    let mut source = Source::new(inputs, &batch, gauge(0, 1));
    assert_eq!(source.total(), Some(2));
    assert_eq!(drain(&mut source), vec![["1", "2", "5"], ["3", "4", "5"]].map_bytes());
}

#[test]
fn all_is_there_in_random_order() {
    let options = InputOptions { shuffle: true, ..InputOptions::lines() };
    let all: Vec<Vec<u8>> = (0..50).map(|number| number.to_string().into_bytes()).collect();
    let kind = SourceKind::Words(all.clone());
    let mut source = open(&with(options, vec![(kind, false)]));
    assert_eq!(read_all(&mut source), 50);
    let mut found: Vec<Vec<u8>> = drain(&mut source).concat();
    assert_ne!(found, all, "by chance once in 10^64");
    found.sort_by_key(|value| (value.len(), value.clone()));
    assert_eq!(found, all);
}
