//! The input as a whole against simple models.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::options::{InputSource, Options, USABLE_COMMAND};
use crate::sys::map::{page_size, tests::most_mapped};

mod differential;
mod packing;
mod rows;

use packing::gauge;

/// As small as they may be.
fn tiny() -> Sizes {
    Sizes { window: page_size(), buffer: 3, value: 1 << 20 }
}

fn options(delimiter: u8) -> InputOptions {
    InputOptions { sources: Vec::new(), delimiter: vec![delimiter], ..InputOptions::lines() }
}

fn words(words: &[&[u8]]) -> SourceKind {
    SourceKind::Words(words.iter().map(|word| word.to_vec()).collect())
}

type Given = (InputOptions, BatchOptions);

fn with(mut options: InputOptions, sources: Vec<(SourceKind, bool)>) -> Given {
    options.sources = sources.into_iter().map(|(kind, linked)| InputSource { kind, linked }).collect();
    (options, Options::default().batch)
}

fn packed(mut given: Given, max_args: Option<usize>) -> Given {
    given.1.max_records = Some(max_args.unwrap_or(1));
    given
}

fn open(options: &Given) -> Source<'static> {
    open_with(options, tiny(), 0)
}

/// Each argument costs `each` bytes.
fn open_with((options, batch): &Given, sizes: Sizes, each: usize) -> Source<'static> {
    let inputs = Inputs::with(options, batch, sizes, &Wake::new().expect("a descriptor")).expect("opens");
    let mut source = Source::new(inputs, batch, gauge(each, 2));
    // Keeps the warning out of the tests' output.
    source.nul_warned = true;
    source
}

/// With the smallest sizes.
fn source_of(options: &InputOptions, batch: &BatchOptions, gauge: Gauge<'static>) -> Source<'static> {
    let inputs = Inputs::with(options, batch, tiny(), &Wake::new().expect("a descriptor")).expect("opens");
    Source::new(inputs, batch, gauge)
}

type Args = Vec<Vec<u8>>;

fn next(source: &mut Source<'_>) -> Result<Option<Args>> {
    let (stop, diag) = (Wake::new()?, Diag::new("test"));
    let seq = source.seq;
    let record = source.next_record(&stop, &diag)?;
    Ok(record.map(|record| {
        assert_eq!(record.seq, Seq(seq + 1));
        record.args.iter().map(<[u8]>::to_vec).collect()
    }))
}

fn drain(source: &mut Source<'_>) -> Vec<Args> {
    let all = std::iter::from_fn(|| next(source).expect("reads")).collect();
    assert_eq!(next(source).expect("still at the end"), None);
    all
}

fn read_all(source: &mut Source<'_>) -> u64 {
    let (stop, diag) = (Wake::new().expect("a descriptor"), Diag::new("test"));
    source.read_all(&stop, &diag).expect("reads")
}

/// What an input is cut into.
fn model(bytes: &[u8], delimiter: u8, skip_blank: bool) -> Vec<Vec<u8>> {
    let mut pieces: Vec<&[u8]> = bytes.split(|byte| *byte == delimiter).collect();
    pieces.pop_if(|last| last.is_empty());
    let blank = |piece: &[u8]| piece.iter().all(|byte| b" \t\n\x0b\x0c\r".contains(byte));
    let pieces = pieces.into_iter().filter(|piece| !skip_blank || !blank(piece));
    pieces.map(|piece| bstr::ByteSlice::replace(piece, b"\0", b"\\0")).collect()
}

/// Values for which all that matters happens soon, in pieces as they may arrive.
fn pieces() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let byte = prop_oneof![4 => Just(b'\n'), 4 => Just(b'a'), 2 => Just(b' '), 1 => Just(0u8), 1 => any::<u8>()];
    prop::collection::vec(prop::collection::vec(byte, 0..12), 0..6)
}

fn delimiters() -> impl Strategy<Value = u8> {
    prop_oneof![Just(b'\n'), Just(0u8), Just(b'a')]
}

fn fifo(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a FIFO");
    path
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).expect("space");
    path
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_stream_in_any_pieces_gives_what_split_gives(
        pieces in pieces(), delimiter in delimiters(), skip_blank: bool, know_total: bool,
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = fifo(folder.path(), "fifo");
        let options = InputOptions { skip_empty: skip_blank, ..options(delimiter) };
        // Opening does not wait for the writer.
        let mut source = open(&with(options, vec![(SourceKind::File(path.clone()), false)]));
        let all = pieces.concat();
        let expected: Vec<Args> = model(&all, delimiter, skip_blank).into_iter().map(|value| vec![value]).collect();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut fifo = File::options().write(true).open(&path).expect("opens");
                pieces.iter().for_each(|piece| fifo.write_all(piece).expect("is read"));
            });
            prop_assert_eq!(source.total(), None);
            if know_total {
                prop_assert_eq!(read_all(&mut source), expected.len() as u64);
            }
            prop_assert_eq!(drain(&mut source), expected);
            Ok(())
        })?;
    }

    #[test]
    fn a_mapped_file_gives_what_split_gives_in_little_memory(
        runs in prop::collection::vec((pieces(), 0usize..6000, any::<u8>()), 0..4),
        delimiter in delimiters(), skip_blank: bool, know_total: bool,
    ) {
        let bytes: Vec<u8> =
            runs.into_iter().flat_map(|(pieces, length, byte)| [pieces.concat(), vec![byte; length]].concat()).collect();
        let folder = tempfile::tempdir().expect("a folder");
        let path = file(folder.path(), "list", &bytes);
        let options = InputOptions { skip_empty: skip_blank, ..options(delimiter) };
        let mut expected: Vec<Args> = model(&bytes, delimiter, skip_blank).into_iter().map(|value| vec![value]).collect();
        let longest = bytes.split(|byte| *byte == delimiter).map(<[u8]>::len).max().unwrap_or(0);
        most_mapped();
        let mut source = open(&with(options, vec![(SourceKind::File(path.clone()), false)]));
        let total = expected.len() as u64;
        if know_total && !expected.is_empty() {
            prop_assert_eq!(next(&mut source).expect("reads"), Some(expected.remove(0)));
        }
        if !bytes.is_empty() {
            prop_assert_eq!(source.total(), Some(total));
        }
        if know_total {
            prop_assert_eq!(read_all(&mut source), total);
        }
        prop_assert_eq!(drain(&mut source), expected);
        drop(source);
        // Counting maps a window beside that of the reader.
        let most = usize::try_from(most_mapped()).expect("not less than nothing");
        prop_assert!(most <= 2 * page_size() + 2 * (longest + page_size()), "{} mapped", most);
    }

    #[test]
    fn combinations_are_those_of_nested_loops(
        sources in prop::collection::vec((prop::collection::vec("[a-c]{0,2}", 0..4), prop::bool::weighted(0.3), 0..3), 1..5),
        max_args in prop::option::of(1usize..6), each in prop_oneof![Just(0), Just(USABLE_COMMAND / 4)],
        know_total: bool, after in 0usize..4,
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut kinds = Vec::new();
        let mut feeds = Vec::new();
        for (i, (values, linked, kind)) in sources.iter().enumerate() {
            let text: String = values.iter().map(|value| format!("{value}\n")).collect();
            let kind = match kind {
                0 => SourceKind::Words(values.iter().map(|value| value.as_bytes().to_vec()).collect()),
                1 => SourceKind::File(file(folder.path(), &i.to_string(), text.as_bytes())),
                _ => {
                    let path = fifo(folder.path(), &i.to_string());
                    feeds.push((path.clone(), text));
                    SourceKind::File(path)
                }
            };
            kinds.push((kind, *linked));
        }
        let streams = !feeds.is_empty();
        let mut source = open_with(&packed(with(options(b'\n'), kinds), max_args), tiny(), each);

        let mut expected = vec![Vec::new()];
        let mut groups: Vec<Vec<Vec<Vec<u8>>>> = Vec::new();
        let several = sources.len() > 1;
        for (values, linked, _) in &sources {
            let mut values: Vec<Vec<u8>> = values.iter().map(|value| value.as_bytes().to_vec()).collect();
            if values.is_empty() && several {
                values.push(Vec::new());
            }
            match groups.last_mut() {
                Some(group) if *linked => group.push(values),
                _ => groups.push(vec![values]),
            }
        }
        for group in groups {
            let length = group.iter().map(Vec::len).min().unwrap_or(0);
            let rows = (0..length).map(|i| group.iter().map(|values| values[i].clone()).collect::<Args>());
            let rows: Vec<Args> = rows.collect();
            expected = expected.iter().flat_map(|left| rows.iter().map(move |row| [&left[..], row].concat())).collect();
        }
        if sources.iter().all(|(values, ..)| values.is_empty()) {
            expected.clear();
        }
        let fit = if each == 0 { usize::MAX } else { ((USABLE_COMMAND - 1) / (each * sources.len())).max(1) };
        let packed: Vec<Args> = expected.chunks(max_args.unwrap_or(1).min(fit)).map(<[Args]>::concat).collect();

        std::thread::scope(|scope| {
            for (path, text) in feeds {
                scope.spawn(move || {
                    let mut fifo = File::options().write(true).open(path).expect("opens");
                    fifo.write_all(text.as_bytes()).expect("is read");
                });
            }
            // A file without a byte counts as a stream, because files of /proc look like that.
            if !streams && max_args.is_none_or(|max| max == 1) && sources.iter().all(|(values, ..)| !values.is_empty()) {
                prop_assert_eq!(source.total(), Some(packed.len() as u64));
            }
            let mut records = Vec::new();
            if know_total {
                for _ in 0..after {
                    records.extend(next(&mut source).expect("reads"));
                }
                prop_assert_eq!(read_all(&mut source), packed.len() as u64);
                prop_assert_eq!(source.total(), Some(packed.len() as u64));
            }
            records.extend(drain(&mut source));
            prop_assert_eq!(records, packed);
            Ok(())
        })?;
    }
}

#[test]
fn a_record_is_there_as_soon_as_its_delimiter_and_a_call_ends_the_wait() {
    for (stream_first, expected) in [(true, ["first", "x"]), (false, ["x", "first"])] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = fifo(folder.path(), "fifo");
        let mut sources = vec![(SourceKind::File(path.clone()), false), (words(&[b"x"]), false)];
        if !stream_first {
            sources.reverse();
        }
        let mut source = open(&with(options(b'\n'), sources));
        let mut writer = File::options().write(true).open(&path).expect("opens");
        writer.write_all(b"first\nsec").expect("is read");
        assert_eq!(next(&mut source).expect("reads"), vec![expected].map_bytes().pop());
        let (stop, diag) = (Wake::new().expect("a descriptor"), Diag::new("test"));
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| source.next_record(&stop, &diag).expect("no error"));
            stop.call();
            assert_eq!(waits.join().expect("no panic"), None);
        });
        writer.write_all(b"ond\n").expect("nobody closed it");
        stop.clear();
        assert_eq!(source.next_record(&stop, &diag).expect("no error"), None, "a stopped source stays so");
    }
}

#[test]
fn a_stopped_wait_for_the_total_ends_the_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = fifo(folder.path(), "fifo");
    let mut source = open(&with(options(b'\n'), vec![(SourceKind::File(path.clone()), false)]));
    let mut writer = File::options().write(true).open(&path).expect("opens");
    writer.write_all(b"first\nsecond\n").expect("is read");
    assert!(next(&mut source).expect("reads").is_some());
    let (stop, diag) = (Wake::new().expect("a descriptor"), Diag::new("test"));
    stop.call();
    assert_eq!(source.read_all(&stop, &diag).expect("no error"), 1);
    assert_eq!(next(&mut source).expect("no error"), None);
}

#[test]
fn an_input_that_does_not_block_is_waited_for() {
    let (reader, writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::NONBLOCK).expect("a pipe");
    let mut source = open(&with(options(b'\n'), vec![(words(&[]), false)]));
    let cut = Cut::at(b'\n');
    let input = Reader::new("a pipe".to_owned(), origin::Origin::stream(reader, tiny()), 0, cut, tiny());
    source.rows = Rows::new(Combinations::new(vec![input], &[(0, false)], false), None, false);
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| drain(&mut source));
        File::from(writer).write_all(b"a\nb").expect("is read");
        assert_eq!(waits.join().expect("no panic"), [[b"a"], [b"b"]]);
    });
}

/// Text as the arguments that it stands for.
trait MapBytes {
    fn map_bytes(self) -> Vec<Args>;
}

impl<const N: usize> MapBytes for Vec<[&str; N]> {
    fn map_bytes(self) -> Vec<Args> {
        self.into_iter().map(|row| row.map(|value| value.as_bytes().to_vec()).to_vec()).collect()
    }
}

/// A file of three pages of lines of 8 bytes, opened.
fn three_pages(max_args: Option<usize>) -> (File, Source<'static>, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(folder.path(), "list", &b"1234567\n".repeat(3 * page_size() / 8));
    let file = File::options().write(true).open(&path).expect("opens");
    let source = open(&packed(with(options(b'\n'), vec![(SourceKind::File(path), false)]), max_args));
    (file, source, folder)
}

fn fails_by_shrinking(source: &mut Source<'_>, most: usize) {
    let error = (0..=most).find_map(|_| next(source).err()).expect("an error before the records end");
    let text = format!("{error:#}");
    assert!(text.contains("list: it shrank while it was read"), "{text}");
}

#[test]
fn a_file_that_shrinks_is_an_error() {
    let page = page_size() as u64;
    let lines = page_size() / 8;
    for max_args in [None, Some(1000)] {
        for (before, length) in [(1, 0), (1, 1), (1, page - 8), (1, page), (1, page + 8), (lines + 1, 3 * page - 1)] {
            let (file, mut source, _folder) = three_pages(max_args);
            if max_args.is_none() {
                (0..before).for_each(|_| assert!(next(&mut source).expect("reads").is_some()));
            }
            file.set_len(length).expect("shrinks");
            assert_eq!(source.total(), None);
            // What is in a window that the file still fills is given out.
            fails_by_shrinking(&mut source, 2 * lines);
        }
    }
}

#[test]
fn a_source_of_many_values_that_shrinks_is_an_error() {
    let (file, source, folder) = three_pages(None);
    drop(source);
    let list = SourceKind::File(folder.path().join("list"));
    let mut source = open(&with(options(b'\n'), vec![(words(&[b"a"]), false), (list, false)]));
    file.set_len(5).expect("shrinks");
    fails_by_shrinking(&mut source, 0);
}

#[test]
fn a_file_that_grows_is_read_on_unless_the_total_is_known() {
    for know_total in [false, true] {
        let (_, mut source, folder) = three_pages(None);
        let lines = 3 * page_size() as u64 / 8;
        if know_total {
            assert_eq!(read_all(&mut source), lines);
        }
        let mut file = File::options().append(true).open(folder.path().join("list")).expect("opens");
        file.write_all(b"more\nand more").expect("space");
        let records = drain(&mut source);
        assert_eq!(records.len() as u64, if know_total { lines } else { lines + 2 });
        assert!(know_total || records.ends_with(&[vec![b"more".to_vec()], vec![b"and more".to_vec()]]));
    }
}

#[test]
fn a_replaced_nul_is_warned_of_once() {
    let mut source = open(&with(options(b'\n'), vec![(words(&[b"a", b"b\0c"]), false)]));
    source.nul_warned = false;
    assert_eq!(next(&mut source).expect("reads"), Some(vec![b"a".to_vec()]));
    assert!(!source.nul_warned);
    assert_eq!(next(&mut source).expect("reads"), Some(vec![b"b\\0c".to_vec()]));
    assert!(source.nul_warned);
}

#[test]
fn files_that_only_look_regular_are_read() {
    for path in ["/proc/sys/kernel/ostype", "/sys/kernel/mm/transparent_hugepage/enabled"] {
        let Ok(text) = fs::read(path) else { continue };
        let mut source = open(&with(options(b'\n'), vec![(SourceKind::File(path.into()), false)]));
        let expected: Vec<Args> = model(&text, b'\n', false).into_iter().map(|value| vec![value]).collect();
        assert_eq!(drain(&mut source), expected);
    }
}

#[test]
fn what_can_not_be_opened_is_known_at_once() {
    let open = |path: &[u8]| {
        let kind = SourceKind::File(OsStr::from_bytes(path).into());
        let (options, batch) = with(options(b'\n'), vec![(kind, false)]);
        let opened = Inputs::with(&options, &batch, tiny(), &Wake::new().expect("a descriptor"));
        format!("{:#}", opened.err().expect("an error"))
    };
    insta::assert_snapshot!(open(b"/no\x1bwhere"), @r"cannot open input file /no\x1bwhere: No such file or directory (os error 2)");
    insta::assert_snapshot!(open(b"/usr"), @"cannot read input file /usr: Is a directory (os error 21)");
}

#[test]
fn a_value_beyond_all_use_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(folder.path(), "list", &[b'x'; 9000]);
    let sizes = Sizes { value: 5000, ..tiny() };
    let mut source = open_with(&with(options(b'\n'), vec![(SourceKind::File(path), false)]), sizes, 0);
    let text = format!("{:#}", next(&mut source).expect_err("too long"));
    assert!(text.ends_with(r"list: a value is longer than 5000 bytes; is \n the right delimiter?"), "{text}");
    let long = [b'x'; 3000];
    let mut source =
        open_with(&with(options(b'\n'), vec![(words(&[&long]), false), (words(&[&long]), false)]), sizes, 0);
    let text = format!("{:#}", next(&mut source).expect_err("too long"));
    assert_eq!(text, "the arguments of one job are longer than 5000 bytes");
    let given = packed(with(options(b'\n'), vec![(words(&[&long, &long]), false)]), Some(9));
    let mut source = open_with(&given, sizes, 0);
    let text = format!("{:#}", next(&mut source).expect_err("too long"));
    assert_eq!(text, "the arguments of one job are longer than 5000 bytes");
}

#[test]
fn a_source_moves_to_another_thread() {
    fn sends<T: Send>(_: &T) {}
    sends(&open(&with(options(b'\n'), vec![(words(&[b"a"]), false)])));
}
