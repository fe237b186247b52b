//! Whole command lines: what they mean, and what is said of those that mean nothing.

#![allow(clippy::unwrap_used)]

mod input;

use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::options::{
    Delay, Failures, Grouping, Halt, HaltAt, HaltOn, InputSource, Joblog, Jobs, Pin, Progress, ReportFormat, ReportTo,
    RetryDelay, SourceKind, Tag, Timeout, Tries, Verbose,
};

/// Words are separated by blanks; `''` is an empty one.
fn request(line: &str) -> Result<Request> {
    let words = line.split(' ').filter(|word| !word.is_empty()).map(|word| if word == "''" { "" } else { word });
    parse(std::iter::once("fanout").chain(words).map(OsString::from).collect())
}

#[track_caller]
fn options(line: &str) -> Options {
    match request(line) {
        Ok(Request::Run(options)) => *options,
        other => panic!("{line}: {other:?}"),
    }
}

fn files(line: &str) -> Vec<(String, bool)> {
    let shown = |source: InputSource| match source.kind {
        SourceKind::Words(words) => (words.iter().map(|word| String::from_utf8_lossy(word)).collect(), source.linked),
        SourceKind::File(path) => (path.display().to_string(), source.linked),
        SourceKind::Stdin => ("(stdin)".to_owned(), source.linked),
    };
    options(line).input.sources.into_iter().map(shown).collect()
}

#[test]
fn nothing_typed_is_the_default() {
    // `Options` has floats and so no equality of its own; what it shows is all of it.
    assert_eq!(format!("{:?}", options("")), format!("{:?}", Options::default()));
    let all_groups = options("--failures auto");
    assert_eq!(format!("{all_groups:?}"), format!("{:?}", Options::default()));
}

#[test]
fn the_name_decides_the_habits() {
    for (argv0, name, habits) in [
        ("fanout", "fanout", Habits::Fanout),
        ("/usr/bin/parallel", "parallel", Habits::Parallel),
        ("./xargs", "./xargs", Habits::Xargs),
        ("fanout-xargs", "fanout-xargs", Habits::Xargs),
        ("myparallel", "myparallel", Habits::Fanout),
        ("", "fanout", Habits::Fanout),
    ] {
        assert_eq!(program(Some(OsStr::new(argv0))), Program { name: name.to_owned(), habits }, "{argv0}");
    }
    assert_eq!(program(None).name, "fanout");
}

#[test]
fn commands_and_sources() {
    let words =
        |line| options(line).command.into_iter().map(|word| String::from_utf8(word).unwrap()).collect::<Vec<_>>();
    assert_eq!(words("-k echo -k {} ::: a"), ["echo", "-k", "{}"]);
    assert_eq!(words("-- -x ::: a"), ["-x"]);
    assert_eq!(words("::: a"), [""; 0]);
    for (line, sources) in [
        ("echo", &[("(stdin)", false)][..]),
        ("echo ::::", &[("(stdin)", false)]),
        ("echo :::", &[("", false)]),
        ("echo :::: -", &[("(stdin)", false)]),
        ("-a f echo", &[("f", false)]),
        // As in GNU parallel, what links sources in the tail is counted from the first file.
        ("-a f --arg-file=g echo ::: x :::+ y", &[("f", false), ("g", true), ("x", false), ("y", false)]),
        (
            "--arg-sep , --arg-file-sep @ echo , x ,+ y @ f @+ g",
            &[("x", false), ("y", true), ("f", false), ("g", true)],
        ),
        ("-a f --xapplyinputsource 0 --linkinputsource 1 echo ::: x", &[("f", false), ("x", true)]),
        ("-a - echo :::: f", &[("(stdin)", false), ("f", false)]),
        // The first source of the tail has none before it in the tail to go along with, as in GNU parallel.
        ("-a f :::+ x", &[("f", false), ("x", false)]),
    ] {
        let expected: Vec<_> = sources.iter().map(|(name, linked)| ((*name).to_owned(), *linked)).collect();
        assert_eq!(files(line), expected, "{line}");
    }
}

#[test]
fn batching() {
    let batch = |line| {
        let batch = options(line).batch;
        let flags =
            [(batch.spread, 's'), (batch.repeat_words, 'r'), (batch.insert_nothing, 'n'), (batch.join_lines, 'j')];
        let set = flags.into_iter().filter_map(|(set, letter)| set.then_some(letter));
        let most = batch.max_records.map_or("all".to_owned(), |most| most.to_string());
        most + &batch.max_chars.map(|chars| format!("<{chars}")).unwrap_or_default() + &set.collect::<String>()
    };
    for (line, expected) in [
        ("", "1"),
        ("-n3", "3"),
        ("-n0", "1n"),
        ("-N3", "3r"),
        ("-N0", "1rn"),
        ("-n3 -N2", "2r"),
        ("-N2 -n3", "2r"),
        ("-L2", "2rj"),
        ("-L0", "1rn"),
        ("-n0 -L2", "2rj"),
        ("-n3 -L2", "3rj"),
        ("-L2 --xargs", "2j"),
        ("-N2 --xargs", "2r"),
        ("-l", "1j"),
        ("-l0", "1j"),
        ("-l 3 -L 2", "3rj"),
        ("-m", "alls"),
        ("-X", "allsr"),
        ("-X -n0", "allsrn"),
        ("--xargs", "all"),
        ("-m -n 4 -s 1K -x", "4<1024s"),
        ("-s 0", "1"),
        ("-s 20", "1<20"),
    ] {
        assert_eq!(batch(line), expected, "{line}");
    }
}

#[test]
fn slots() {
    for (line, jobs) in [
        ("-j4", Jobs::Exactly(4)),
        ("-j 4 -j -2", Jobs::Minus(2)),
        ("-P+2", Jobs::Plus(2)),
        ("--max-procs 50%", Jobs::Percent(50.0)),
        ("--jobs=0", Jobs::Unlimited),
        ("--tty", Jobs::Exactly(1)),
        ("--tty -j2", Jobs::Exactly(2)),
    ] {
        assert_eq!(options(line).slots.jobs, jobs, "{line}");
    }
    assert_eq!(options("--pin 1,0").slots.pin, Pin::List(vec![1, 0]));
    assert_eq!(options("--nice 5").slots.nice, Some(5));
}

#[test]
fn control() {
    let control = |line| options(line).control;
    assert_eq!(control("--delay .5").delay, Delay { time: Duration::from_millis(500), auto: false });
    assert_eq!(control("--delay 1m3sauto").delay, Delay { time: Duration::from_secs(63), auto: true });
    assert_eq!(control("--ssh-delay 2 --delay 1").delay.time, Duration::from_secs(1));
    assert_eq!(control("--ssh-delay 2").delay.time, Duration::from_secs(2));
    assert_eq!(control("--timeout 1m").timeout, Some(Timeout::After(Duration::from_secs(60))));
    assert_eq!(control("--timeout 0").timeout, None);
    assert_eq!(control("--timeout 200%").timeout, Some(Timeout::OfMedian(200.0)));
    assert_eq!(control("--slow-timeout 5s").slow_timeout, Some(Duration::from_secs(5)));
    assert_eq!(control("--global-timeout 1h").global_timeout, Some(Duration::from_secs(3600)));
    assert_eq!(control("--retries 3").retry_delay, RetryDelay::Fixed(Duration::ZERO));
    assert_eq!(control("--retries 3 --retry-delay 2").retry_delay, RetryDelay::Fixed(Duration::from_secs(2)));
    assert!(control("--retries 3 --retry-on timeout").retry_on.is_some_and(|on| on.timeout));
    assert_eq!(control("--retries 3").tries, Tries::Each(Some(3)));
    assert_eq!(control("--retries 0").tries, Tries::Each(None));
    let first = Halt::When { now: true, what: HaltOn::Fail, threshold: HaltAt::Count(1) };
    assert_eq!(control("--halt now,fail=1").halt, first);
    assert_eq!(control("--halt-on-error 2").halt, first);
    let success = Halt::When { now: false, what: HaltOn::Success, threshold: HaltAt::Count(1) };
    assert_eq!(control("--halt -1").halt, success);
    for line in ["--termseq INT,5", "--term-seq INT,5"] {
        assert_eq!(control(line).termseq, [(2, Duration::from_millis(5))], "{line}");
    }
    assert_eq!(control("--success-codes 1,0").success_codes, [0, 1]);
    assert!(control("--dry-run").dry_run && control("--dry").dry_run && control("--dryrun").dry_run);
    assert!(control("--tty").tty);
}

#[test]
fn output() {
    let output = |line| options(line).output;
    for (line, grouping, keep_order) in [
        ("--group", Grouping::Group, false),
        ("-k", Grouping::Group, true),
        ("--lb", Grouping::LineBuffer, false),
        ("-k --line-buffer", Grouping::LineBuffer, true),
        ("-u", Grouping::Ungroup, false),
        ("-ku", Grouping::Ungroup, false),
        ("--tty", Grouping::Ungroup, false),
        ("--tty --group", Grouping::Group, false),
        ("--tty --lb", Grouping::LineBuffer, false),
    ] {
        assert_eq!((output(line).grouping, output(line).keep_order), (grouping, keep_order), "{line}");
    }
    let template = |text: &str| Some(Tag::Template(text.as_bytes().to_vec()));
    for (line, tag) in [
        ("--tag", Some(Tag::Args)),
        ("--tagstring {}", template("{}")),
        ("--tag-string x --tag", template("x")),
        ("--tagstring '' --tag", None),
        ("--tag -u", None),
    ] {
        assert_eq!(output(line).tag, tag, "{line}");
    }
    assert_eq!(output("--buffer-size 64K").buffer_size, 65536);
    for (line, verbose) in [
        ("-v", Verbose::Stdout),
        ("-v -v", Verbose::Stdout),
        ("-v --silent", Verbose::No),
        ("-t", Verbose::Stderr),
        ("--verbose --silent", Verbose::Stderr),
        ("-tv", Verbose::Stdout),
    ] {
        assert_eq!(output(line).verbose, verbose, "{line}");
        assert_eq!(output(line).traced, line == "-tv", "{line}");
    }
}

#[test]
fn report() {
    let report = |line: &str| options(line).report;
    let to = |format, file: Option<&str>| Some(ReportTo { format, file: file.map(PathBuf::from) });
    for (line, timing) in [
        ("--timing", to(ReportFormat::Text, None)),
        ("--timing=text", to(ReportFormat::Text, None)),
        ("--timing=json", to(ReportFormat::Json, None)),
        ("--timing=json --timing-file f", to(ReportFormat::Json, Some("f"))),
        ("--timing-file f", to(ReportFormat::Text, Some("f"))),
        ("--summary", None),
    ] {
        assert_eq!(report(line).timing, timing, "{line}");
        let line = line.replace("timing", "@").replace("summary", "timing").replace('@', "summary");
        assert_eq!(report(&line).summary, timing, "{line}");
    }
    // A form is part of its option, so that the command stays the command.
    assert_eq!(options("--timing json").command, [b"json"]);
    for (line, path, append) in
        [("--joblog f", "f", false), ("--jl +f", "f", true), ("--joblog=-", "-", false), ("--joblog ++f", "+f", true)]
    {
        assert_eq!(report(line).joblog, Some(Joblog { path: path.into(), append }), "{line}");
    }
    assert_eq!(report("--progress").progress, Progress::Counts);
    assert_eq!(report("--progress --eta").progress, Progress::Eta);
    assert_eq!(report("--eta --bar --progress").progress, Progress::Bar);
    assert_eq!(report("--failures never").failures, Failures::Never);
    assert_eq!(report("--failures=always").failures, Failures::Always);
}

#[test]
fn bytes_go_through_unchanged() {
    let word = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    let argv =
        [b"fanout", &b"-a\xff"[..], b"--joblog=\xfe", b"--tagstring", b"\xfd", b"-d\xfc", b"echo\xfb", b":::", b"\xfa"];
    let Ok(Request::Run(options)) = parse(argv.iter().map(|bytes| word(bytes)).collect()) else { panic!() };
    assert_eq!(options.command, [b"echo\xfb"]);
    assert_eq!(options.input.delimiter, [0xfc]);
    assert_eq!(options.output.tag, Some(Tag::Template(vec![0xfd])));
    assert_eq!(options.report.joblog.unwrap().path.into_os_string(), word(b"\xfe"));
    let kinds: Vec<_> = options.input.sources.into_iter().map(|source| source.kind).collect();
    assert_eq!(kinds, [SourceKind::File(word(b"\xff").into()), SourceKind::Words(vec![vec![0xfa]])]);
}

#[test]
fn what_gnu_parallel_needs_to_hear_changes_nothing() {
    let line = "--will-cite --no-notice --gnu --plain";
    assert_eq!(format!("{:?}", options(line)), format!("{:?}", Options::default()));
    assert!(matches!(request("--citation"), Ok(Request::Print(text)) if text.is_empty()));
}

#[test]
fn errors_name_the_option_and_the_remedy() {
    let mut said = String::new();
    for line in [
        "--jbos 4 echo",
        "--gruop echo",
        "--qqq",
        "-W",
        "-kW",
        "--ta echo",
        "--dry-run=1",
        "-j",
        "--joblog",
        "-j 1.5",
        "--jobs= x",
        "--timing=xml",
        "--timing=",
        "--failures maybe",
        "-u --lb",
        "--group --lb",
        "--group -u",
        "-d ''",
        "-d \\q",
        "-n -1",
        "-s x",
        "-L x",
        "-n x",
        "--nice 1.5",
        "--pin here",
        "--delay soon",
        "--timeout 0%",
        "--timeout soon",
        "--retries -1",
        "--retries 2 --retry-delay exp:2..1",
        "--retries 2 --retry-on never",
        "--retry-on 1",
        "--halt soon",
        "--termseq STOPIT",
        "--success-codes 256",
        "--buffer-size 1MB",
        "--trim x",
        "-S me@host",
        "-S 0/:",
        "--csv --colsep ab",
    ] {
        let error = request(line).err().unwrap_or_else(|| panic!("{line} was accepted"));
        said.push_str(&format!("{line}\n    {error:#}\n"));
    }
    insta::assert_snapshot!(said, @r"
    --jbos 4 echo
        unknown option --jbos: did you mean --jobs?
    --gruop echo
        unknown option --gruop: did you mean --group?
    --qqq
        unknown option --qqq: see --help
    -W
        -W has been retired by GNU parallel: use --workdir
    -kW
        -W has been retired by GNU parallel: use --workdir
    --ta echo
        --ta could be --tag, --tag-string or --tagstring: write more of it
    --dry-run=1
        --dry-run takes no value: leave '=1' out
    -j
        --jobs needs a value: see --help
    --joblog
        --joblog needs a value: see --help
    -j 1.5
        --jobs '1.5': give a number, or +N, -N or N% of the CPUs, or 0 for as many as the machine allows, or a file that holds one of these
    --jobs= x
        --jobs needs a value: give it after a blank if it is to be empty
    --timing=xml
        --timing 'xml': give text or json
    --timing=
        --timing needs a value: see --help
    --failures maybe
        --failures 'maybe': give auto, always or never
    -u --lb
        --ungroup cannot be combined with --line-buffer: choose one
    --group --lb
        --group cannot be combined with --line-buffer: choose one
    --group -u
        --group cannot be combined with --ungroup: choose one
    -d ''
        --delimiter '': an empty delimiter separates nothing; for NUL-terminated input use --null
    -d \q
        --delimiter '\q': not an escape of one byte; give one like \n, \t, \0, \\, \x1f or \037 (in quotes, for the shell)
    -n -1
        --max-args '-1': give a number from 0, which may end in K, M or G (1024) or k, m or g (1000)
    -s x
        --max-chars 'x': give a number from 0, which may end in K, M or G (1024) or k, m or g (1000)
    -L x
        -L 'x': give a number from 0, which may end in K, M or G (1024) or k, m or g (1000)
    -n x
        --max-args 'x': give a number from 0, which may end in K, M or G (1024) or k, m or g (1000)
    --nice 1.5
        --nice '1.5': give a number from -20 to 19; below 0 needs privileges
    --pin here
        --pin 'here': give none, compact, spread, or CPUs like 0,2,4-7
    --delay soon
        --delay 'soon': give seconds, or numbers with units like 1.5, 250ms, 90s, 1h30m or 2d
    --timeout 0%
        --timeout '0%': give more than 0%, like 200% of the median runtime of jobs that succeed
    --timeout soon
        --timeout 'soon': give seconds, or numbers with units like 1.5, 250ms, 90s, 1h30m or 2d, or a percentage like 200%
    --retries -1
        --retries '-1': give the number of tries in total, or 0 for no limit
    --retries 2 --retry-delay exp:2..1
        --retry-delay 'exp:2..1': the first wait has to be more than 0 and no more than the longest, like exp:1s..5m
    --retries 2 --retry-on never
        --retry-on 'never': give exit statuses up to 255, signals by name, signal or timeout, like 1-5,75,SIGSEGV
    --retry-on 1
        --retry-on is about jobs that are tried again: give --retries N, too
    --halt soon
        --halt 'soon': give never, or when and why like now,fail=1, soon,fail=10% or now,success=3 (now or soon; fail, success or done)
    --termseq STOPIT
        --term-seq 'STOPIT': give signals, each followed by milliseconds to wait, like TERM,200,TERM,100,KILL,25
    --success-codes 256
        --success-codes '256': give exit statuses from 0 to 255, like 0,1 or 0,3-5
    --buffer-size 1MB
        --buffer-size '1MB': give a number from 1, which may end in K, M or G (1024) or k, m or g (1000)
    --trim x
        --trim 'x': give n, l, r or lr
    -S me@host
        --sshlogin 'me@host': remote hosts are not there: use : for this machine, or GNU parallel, or ssh in the command
    -S 0/:
        --sshlogin '0/:': N/: is this machine with N CPUs, at least 1
    --csv --colsep ab
        --csv needs a --colsep of one character that is no quote and no newline, or \t
    ");
}

#[test]
fn every_option_is_explained_and_in_a_group() {
    let command = command();
    command.clone().debug_assert();
    for arg in command.get_arguments() {
        assert!(arg.get_help().is_some_and(|help| !help.to_string().is_empty()), "{}", arg.get_id());
        assert!(arg.get_help_heading().is_some(), "{}", arg.get_id());
        // Help lines end without a full stop, paragraphs with one.
        assert!(!arg.get_help().is_some_and(|help| help.to_string().ends_with('.')), "{}", arg.get_id());
    }
}

#[test]
fn help_and_version_are_printed() {
    let print = |line| match request(line) {
        Ok(Request::Print(text)) => text,
        other => panic!("{line}: {other:?}"),
    };
    let version = format!("fanout {}\nWith the options of GNU parallel 20221122.\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(print("--version"), version);
    assert_eq!(print("-V"), print("--version"));
    assert!(print("-h").len() < print("--help").len());
    assert_eq!(print("--help"), command().render_long_help().to_string());
    // Help is asked for where something is not understood, so it comes before what follows.
    assert_eq!(print("--help -j x"), print("--hel"));
}
