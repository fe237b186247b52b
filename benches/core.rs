//! Benches of what happens once per job: cutting the input, composing the command, starting it, ordering its end.
//!
//! `cargo bench` runs them all, `cargo bench -- spawn` those with that in their name, `-- --quick` all of them shortly.
//! How fast the program is as a whole, beside its peers, is what `benches/compare` shows.

use std::fs;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use fanout::diag::Diag;
use fanout::exec::{SpillFile, SpillStash};
use fanout::input::{Gauge, Inputs, Source};
use fanout::model::{Captured, Event, Finished, Job, Outcome, Record, Seq, Slot, Usage, Words};
use fanout::options::{BatchOptions, InputOptions, InputSource, SourceKind};
use fanout::output::Sequencer;
use fanout::sys::{spawn, wake::Wake};
use fanout::template::{Insertion, ShellFamily, Strings, Template};

fn main() {
    let criterion = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(500));
    let mut criterion = criterion.measurement_time(Duration::from_secs(2)).configure_from_args();
    splitting(&mut criterion);
    expansion(&mut criterion);
    ordering(&mut criterion);
    spawning(&mut criterion);
    criterion.final_summary();
}

/// Lines from a mapped file and from a pipe, one by one and packed.
fn splitting(criterion: &mut Criterion) {
    const LINES: u32 = 100_000;
    let text: String = (1..=LINES).map(|n| format!("{n}\n")).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let list = folder.path().join("list");
    fs::write(&list, &text).expect("space");

    let mut group = criterion.benchmark_group("split");
    group.throughput(Throughput::Bytes(text.len() as u64));
    for (name, max_args) in [("one by one", None), ("-n1000", Some(1000))] {
        group.bench_function(BenchmarkId::new("mapped file", name), |bencher| {
            bencher.iter(|| assert_eq!(count_args(list.clone(), max_args), LINES as usize));
        });
        group.bench_function(BenchmarkId::new("pipe", name), |bencher| {
            bencher.iter(|| {
                let (source, mut sink) = std::io::pipe().expect("a pipe");
                thread::scope(|scope| {
                    // The end of the pipe comes with the end of the thread.
                    let bytes = text.as_bytes();
                    scope.spawn(move || sink.write_all(bytes).expect("is read"));
                    let path = format!("/dev/fd/{}", source.as_raw_fd());
                    assert_eq!(count_args(path.into(), max_args), LINES as usize);
                });
            });
        });
    }
    group.finish();
}

/// Reads a file to its end as the program does; answers how many arguments there were.
fn count_args(file: PathBuf, max_args: Option<usize>) -> usize {
    let sources = vec![InputSource { kind: SourceKind::File(file), linked: false }];
    let options = InputOptions { sources, ..InputOptions::lines() };
    let batch = BatchOptions { max_records: Some(max_args.unwrap_or(1)), ..BatchOptions::ONE };
    let template = template(&["/bin/true"]);
    let (stop, diag) = (Wake::new().expect("a descriptor"), Diag::new("bench"));
    let inputs = Inputs::open(&options, &batch, &stop).expect("opens");
    let mut source = Source::new(inputs, &batch, Gauge::new(&template, Box::new(|| 1)));
    let records = std::iter::from_fn(|| source.next_record(&stop, &diag).expect("reads"));
    records.map(|record| record.args.len()).sum()
}

/// Commands for one record, executed directly and read by a shell, and as text for reports.
fn expansion(criterion: &mut Criterion) {
    let harmless = b"some/folder/file name.txt".as_slice();
    let hostile = br#"it's "$(rm -rf x)" `id` & more;"#.as_slice();
    let cases: [(&str, &[&str], &[u8]); 6] = [
        ("placeholder", &["/bin/echo {}"], harmless),
        ("appended", &["/bin/echo"], harmless),
        ("quoted for a shell", &["echo {}; :"], hostile),
        ("in double quotes", &["echo \"{}\"; :"], hostile),
        ("path operators", &["gzip < {} > {//}/{/.}.gz"], harmless),
        ("the record is the command", &[], b"/bin/echo one two three"),
    ];
    let mut group = criterion.benchmark_group("expand");
    for (name, words, value) in cases {
        let template = template(words);
        let record = Record::new(Seq(1), [value].into_iter().collect());
        let mut job = Job::default();
        group.bench_function(name, |bencher| {
            bencher.iter(|| template.expand(&record, Slot(1), &mut job).expect("is data"));
        });
    }
    let template = template(&["/bin/echo {}"]);
    let record = Record::new(Seq(1), [hostile].into_iter().collect());
    let mut text = Vec::new();
    group.bench_function("text of a command", |bencher| {
        bencher.iter(|| {
            text.clear();
            template.text(&record, Slot(1), &mut text).expect("is data");
        });
    });
    group.finish();
}

/// A composed command, read by a POSIX shell if need be.
fn template(words: &[&str]) -> Template {
    let words: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
    Template::compile(&words, ShellFamily::Posix, Insertion::default(), &mut Strings::new(ShellFamily::Posix))
        .expect("is a command")
        .0
}

/// Ends of jobs that arrive in several orders and leave in that of the input; most of a crowd waits in the stash.
fn ordering(criterion: &mut Criterion) {
    const JOBS: u64 = 10_000;
    // A prime that does not divide the number of jobs reaches each of them once.
    let shuffled = |n: u64| n * 7919 % JOBS;
    let orders: [(&str, &dyn Fn(u64) -> u64); 4] = [
        ("as the input", &|n| n),
        ("neighbours swapped", &|n| n ^ 1),
        ("reversed", &|n| JOBS - 1 - n),
        ("shuffled", &shuffled),
    ];
    let mut group = criterion.benchmark_group("order");
    group.throughput(Throughput::Elements(JOBS));
    for (name, order) in orders {
        let events = || (0..JOBS).map(|n| finished(Seq(order(n) + 1))).collect::<Vec<Event>>();
        group.bench_function(name, |bencher| {
            bencher.iter_batched(events, in_order, BatchSize::LargeInput);
        });
    }
    group.finish();
}

/// Lets all events through; they must come out in order.
fn in_order(events: Vec<Event>) {
    let stash = SpillStash::new(SpillFile::new(std::env::temp_dir(), false));
    let mut sequencer = Sequencer::input_order(Box::new(stash));
    let (all, mut printed) = (events.len() as u64, 0);
    for event in events {
        let accepted = sequencer.accept(event, &mut |event| {
            printed += 1;
            assert!(matches!(event, Event::Finished(finished) if finished.seq == Seq(printed)));
        });
        accepted.expect("room for temporary files");
    }
    assert_eq!(printed, all);
}

/// The end of a job that has written a line.
fn finished(seq: Seq) -> Event {
    let line = format!("{seq}\n").into_bytes();
    Event::Finished(Box::new(Finished {
        seq,
        slot: Some(Slot(1)),
        start: SystemTime::UNIX_EPOCH,
        wall: Duration::from_millis(1),
        outcome: Outcome::Exited(0),
        success: true,
        usage: Usage::default(),
        leaked: false,
        tries: 1,
        command: Vec::new(),
        args: Words::new(),
        tag: None,
        stdout_bytes: line.len() as u64,
        stdout: Captured::Memory(line.into()),
        stderr: Captured::Empty,
        stderr_bytes: 0,
        received: 0,
        sent: 0,
        identity: Vec::new(),
    }))
}

/// One process from its start to its end, in a group of its own, by our way and by that of the standard library.
fn spawning(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("spawn");
    let mut spawner = spawn::Spawner::new(true).expect("/dev/null opens");
    group.bench_function("Spawner", |bencher| {
        bencher.iter(|| {
            let process = spawner.spawn(c"/bin/true", b"/bin/true\0", &spawn::Stdio::default());
            process.and_then(|mut process| process.reap()).expect("runs");
        });
    });
    group.bench_function("std::process::Command", |bencher| {
        bencher.iter(|| Command::new("/bin/true").stdin(Stdio::null()).process_group(0).status().expect("runs"));
    });
    group.finish();
}
