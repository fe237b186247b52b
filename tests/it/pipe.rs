//! Streams and files that are cut into blocks for jobs to read.

mod differential;

use std::time::Duration;

use proptest::prelude::*;

use crate::harness::{Dir, Signal, fanout, seq, sh};

#[test]
fn a_job_need_not_read_its_block() {
    let stream = seq(400_000);
    fanout().args(["--pipe", "--block", "300k", "true"]).stdin(stream.clone()).run().ok().stdout("").quiet();
    let done = fanout().args(["--pipe", "-k", "--block", "300k", "head -n1; exec <&-; exec sleep 0.01"]).stdin(stream);
    done.run().ok().stdout_has("1\n").quiet();
    sh("seq 100000 > f; \"$FANOUT_BIN\" --pipe-part -a f --block 100k true").run().ok().stdout("").quiet();
}

#[test]
fn a_stream_that_nobody_reads_any_more_ends_the_run() {
    for way in ["--round-robin", "--round-robin -k", "--tee"] {
        let line = format!("yes | timeout 60 \"$FANOUT_BIN\" -j2 --pipe {way} 'head -n1 | tr y {{}}' ::: a b");
        sh(&line).run().ok();
    }
}

#[test]
fn a_job_that_is_tried_again_gets_its_block_again() {
    let job = "cat > part.{#}.$$; test -e tried.{#} || { touch tried.{#}; exit 1; }; cat part.{#}.$$";
    let stream = seq(30_000);
    let done = fanout().args(["--pipe", "-k", "--retries", "2", "--block", "20k", job]).stdin(stream.clone()).run();
    done.ok().stdout(stream.clone());
    // Once, where GNU parallel has it twice.
    let args = ["--pipe", "-k", "--retries", "2", "--header", ":", "-N2", "cat"];
    fanout().args(args).stdin("h\n1\n2\n3\n").run().ok().stdout("h\n1\n2\nh\n3\n");
    let line = format!("cat > f; \"$FANOUT_BIN\" --pipe-part -a f -k --retries 2 --block 20k '{job}'");
    sh(&line).stdin(stream.clone()).run().ok().stdout(stream);
}

#[test]
fn a_halt_ends_a_run_that_still_reads() {
    let args = ["--pipe", "-k", "-j1", "--block", "200", "--halt", "soon,fail=1", "cat; exit 3"];
    fanout().args(args).stdin(seq(300)).run().fails_with(3).stdout(seq(69));
}

#[test]
fn a_signal_ends_a_run_that_waits_for_a_reader() {
    let dir = Dir::new();
    let args = ["--pipe", "--block", "100k", "touch started; exec sleep 1000"];
    let running = fanout().dir(&dir).args(args).stdin(seq(400_000)).spawn();
    crate::harness::wait_for("a job", || dir.has("started"));
    running.signal(Signal::TERM);
    running.wait().dies_of(Signal::TERM).leaves_nothing();
}

#[test]
fn a_block_of_a_slow_stream_goes_out_in_time() {
    // The second line is only written when the first one has been seen.
    let line = "mkfifo in; \"$FANOUT_BIN\" --pipe -u --block-timeout 1 cat < in > out & exec 3> in; echo a >&3; \
        until grep -q a out; do sleep 0.05; done; echo b >&3; exec 3>&-; wait $!; echo $?; cat out";
    sh(line).run().ok().stdout("0\na\nb\n");
}

#[test]
fn a_file_that_shrinks_is_an_error() {
    let line = "seq 1000000 > f; \"$FANOUT_BIN\" -j1 --pipe-part -a f --block 100k ': > f; cat > /dev/null'; echo $?";
    sh(line).run().ok().stdout("255\n").stderr_has("input file f shrank while it was read");
}

#[test]
fn blocks_with_names_are_gone_after_their_jobs() {
    for way in ["--cat", "--fifo"] {
        let dir = Dir::new();
        dir.write("t/keep", "");
        let args = ["--tmpdir", "t", way, "-N100", "-k", "test \"$PARALLEL_TMP\" = {} && wc -l < {}; exit 4"];
        fanout().dir(&dir).args(args).stdin(seq(250)).run().fails_with(3).stdout("100\n100\n50\n");
        // Nobody has to open it.
        fanout().dir(&dir).args(["--tmpdir", "t", way, "-N100", "true {}"]).stdin(seq(250)).run().ok();
        assert_eq!(std::fs::read_dir(dir.join("t")).expect("a folder").count(), 1, "{way}");
    }
    let line = "ulimit -f 1; seq 100000 | \"$FANOUT_BIN\" --cat wc; echo $?";
    sh(line).run().ok().stdout("1\n").stderr_has("can't make the temporary file");
}

#[test]
fn blocks_with_names_are_gone_when_fanout_is_killed() {
    // Whichever of the two processes, and however soon.
    let late = "until [ $(readlink /proc/$PARALLEL_PID/cwd) = / ]; do sleep 0.02; done; kill -9 $PPID; sleep 1000";
    for kill in ["kill -9 $PPID; sleep 1000", late, "kill -9 $PARALLEL_PID; sleep 1000"] {
        for way in ["--cat", "--fifo"] {
            let line = format!(
                "mkdir t; touch t/keep; (\"$FANOUT_BIN\" -u --tmpdir t {way} -N100 'ls t | wc -l >&2; {kill}; : {{}}') 2> log; \
                 head -n 1 log; until [ $(ls t | wc -l) = 1 ]; do sleep 0.05; done; ls t"
            );
            let done = sh(&line).stdin(seq(250)).run().ok();
            let text = done.text();
            done.check(
                text.ends_with("keep\n") && !text.starts_with('1') && text.lines().count() == 2,
                "only the other file",
            );
        }
    }
}

#[test]
fn what_is_done_is_known_by_what_was_read() {
    let dir = Dir::new();
    let run = |more: &[&str], stream: &str| {
        let args = ["--pipe", "-k", "-N2", "--joblog", "log", "tee seen.{#} | grep -v 5"];
        fanout().dir(&dir).args(more).args(args).stdin(stream).run()
    };
    run(&[], "1\n2\n3\n4\n5\n5\n7\n8\n").fails_with(1).stdout("1\n2\n3\n4\n7\n8\n");
    let again = fanout().dir(&dir).args(["--retry-failed", "--joblog", "log"]).run();
    again.fails_with(255).stdout("").stderr_has("job 3 has read a part of the input of --pipe");
    run(&["--resume"], "1\n2\n3\n4\n5\n5\n7\n8\n").ok().stdout("");
    run(&["--resume-failed"], "1\n2\n3\n4\n5\n5\n7\n8\n").fails_with(1).stdout("");
    // What is new in front is run, and nothing else.
    run(&["--resume"], "x\ny\n1\n2\n3\n4\n5\n5\n7\n8\n").ok().stdout("x\ny\n");
    run(&["--resume"], "1\n2\n3\n5\n").ok().stdout("3\n");
    let line = "seq 100 > f; P=\"$FANOUT_BIN --pipe-part -a f -k --block 100 --joblog log\"; $P wc -l > a; \
        $P --resume wc -l; echo 101 >> f; $P --resume wc -l | awk '{s += $1} END {print s}'";
    sh(line).run().ok().stdout("101\n");
    let args = ["--pipe", "--round-robin", "--joblog", "log", "--resume", "cat"];
    fanout().args(args).run().fails_with(255).stderr_has("can't tell what jobs have read");
    fanout().args(["--pipe", "--results", "out", "--resume", "cat"]).run().fails_with(255).stderr_has("needs --joblog");
}

#[test]
fn memory_is_a_few_blocks_however_long_the_stream_and_however_slow_a_job() {
    // The first job reads nothing before all others have ended.
    let job = "if [ {#} = 1 ]; then until [ -e last ]; do sleep 0.01; done; fi; \
        tail -c1 > end.{#}; grep -q z end.{#} && touch last; true";
    let line = format!(
        "ulimit -v 60000; (head -c 300000000 /dev/zero; echo z) | tr -d '\\n' | \
         \"$FANOUT_BIN\" -j2 --pipe --recend '' --block 1M '{job}'; echo $?"
    );
    sh(&line).run().ok().stdout("0\n").quiet();
}

#[test]
fn all_jobs_of_a_tee_run_at_once_or_none() {
    let args = ["--pipe", "--tee", "-j1", "touch ran; cat", ":::", "a", "b"];
    let dir = Dir::new();
    fanout().dir(&dir).args(args).stdin("x\n").run().fails_with(255).stdout("").stderr_has("--jobs to be higher");
    assert!(!dir.has("ran"));
    fanout().args(["--pipe", "--tee", "cat"]).stdin("x\n").run().fails_with(255).stderr_has("--tee needs inputs");
}

#[test]
fn what_is_missing_is_said_before_a_job_starts() {
    let nothing = |args: &[&str], part: &str| {
        fanout().args(args).stdin("x\n").run().fails_with(255).stdout("").stderr_has(part);
    };
    nothing(&["--pipe"], "need a command to pipe into");
    nothing(&["--pipe", "--recend", "(?<=x)", "--regexp", "cat"], "--recend");
    nothing(&["--pipe", "--shard", "1 foo(", "cat"], "--shard '1 foo(': {= foo( =}: syntax error");
    let line = "mkdir bin; ln -s $(command -v cat) bin; PATH=$PWD/bin \"$FANOUT_BIN\" --group-by '$_ = ord' cat";
    sh(line).stdin("x\n").run().fails_with(255).stdout("").stderr_has("takes perl, which is not on PATH");
    nothing(&["--pipe", "--block", "-1", "cat"], "--pipe-part");
    nothing(&["--pipe", "echo {= total_jobs() =}"], "not known before the stream has ended");
    nothing(&["--pipe-part", "-a", "/dev/null", "cat"], "use --pipe < /dev/null");
}

#[test]
fn outputs_are_reduced_by_a_last_command() {
    let dir = Dir::new();
    dir.write("t/keep", "");
    let stream: String = (0..20_000).map(|n| format!("{}\n", n * 7919 % 20_000)).collect();
    let sorted: String = (0..20_000).map(|n| format!("{n}\n")).collect();
    let run = |args: &[&str]| fanout().dir(&dir).args(["--tmpdir", "t"]).args(args).stdin(stream.clone()).run();
    run(&["--pipe", "--block", "10k", "--reduce", "sort -nm {}", "sort -n"]).ok().stdout(&sorted).quiet();
    let sum = "awk '{s += $1} END {print s}'";
    run(&["--pipe", "--block", "10k", "--reduce", sum, "wc -l"]).ok().stdout("20000\n").quiet();
    run(&["--reduce", "tr '\n' ' '", "sleep 0.0{}; echo {}", ":::", "3", "2", "1"]).ok().stdout("3 2 1 ");
    run(&["--reduce", "cat; exit 7", "echo", ":::", "1"]).fails_with(7).stdout("1\n");
    run(&["--reduce", "touch ran", "exit", ":::", "0", "3"]).fails_with(1).stdout("");
    run(&["--reduce", "touch ran {}", "exit", ":::", "0", "3"]).fails_with(1).stdout("");
    run(&["--pipe", "--reduce", "wc -l", "grep nothing || :"]).ok().stdout("0\n");
    assert!(!dir.has("ran"));
    assert_eq!(std::fs::read_dir(dir.join("t")).expect("a folder").count(), 1, "nothing stays");
    run(&["--reduce", "cat", "-u", "echo", ":::", "1"]).fails_with(255).stderr_has("--reduce is about outputs");
}

#[test]
fn a_reduction_that_is_ended_leaves_nothing() {
    let dir = Dir::new();
    let args = ["--reduce", "touch started; sleep 1000; true", "echo", ":::", "1", "2"];
    let running = fanout().dir(&dir).args(args).spawn();
    crate::harness::wait_for("the last command", || dir.has("started"));
    running.signal(Signal::TERM);
    running.wait().dies_of(Signal::TERM).leaves_nothing();
}

/// Cases of a property that takes two processes each.
const CASES: u32 = 48;

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_arrives_once_and_in_whole_records(
        lengths in prop::collection::vec(prop_oneof![0..10usize, 0..200usize, 3000..9000usize], 0..200),
        end in prop_oneof![Just("\n"), Just("\n\n"), Just("END"), Just("x")],
        block in prop_oneof![1..50usize, 50..5000usize, 5000..100_000usize],
        slots in 1..5usize,
        count in prop::option::of(1..20usize),
        parts: bool,
        whole: bool,
    ) {
        let mut stream: Vec<u8> = Vec::new();
        for (index, length) in lengths.iter().enumerate() {
            stream.extend(std::iter::repeat_n(b'a' + (index % 20) as u8, *length));
            stream.extend_from_slice(end.as_bytes());
        }
        if !whole {
            stream.extend_from_slice(b"rest");
        }
        let dir = Dir::new();
        dir.write("stream", &stream);
        let (slots, size) = (slots.to_string(), block.to_string());
        let mut args = vec!["-k", "-j", &slots, "--block", &size, "--recend", end];
        let count = count.map(|count| count.to_string());
        if parts {
            args.extend(["--pipe-part", "-a", "stream"]);
        } else {
            args.push("--pipe");
            args.extend(count.iter().flat_map(|count| ["-N", count]));
        }
        args.push("cat; printf '\\1'");
        let done = fanout().dir(&dir).args(&args).stdin_file(dir.join("stream")).run().ok();
        let text = done.text().into_bytes();
        let joined: Vec<u8> = text.iter().copied().filter(|byte| *byte != 1).collect();
        prop_assert_eq!(joined.len(), stream.len());
        prop_assert!(joined == stream);
        let mut blocks: Vec<&[u8]> = text.split(|byte| *byte == 1).collect();
        prop_assert_eq!(blocks.pop(), Some(&b""[..]));
        for block in blocks.iter().rev().skip(1) {
            prop_assert!(block.ends_with(end.as_bytes()), "{:?}", String::from_utf8_lossy(block));
        }
    }
}

#[test]
fn a_long_stream_is_as_it_was() {
    let line = "seq 3000000 | \"$FANOUT_BIN\" -j4 --pipe -k --block 1M cat | md5sum; seq 3000000 | md5sum; \
        seq 3000000 > f; \"$FANOUT_BIN\" -j4 --pipe-part -a f -k cat | md5sum";
    let text = sh(line).run().ok().within(Duration::from_secs(120)).text();
    let sums: Vec<&str> = text.lines().collect();
    assert!(sums.len() == 3 && sums[0] == sums[1] && sums[1] == sums[2], "{text}");
}
