//! Where arguments come from: standard input, files, words of the command line, and combinations of them.

mod columns;
mod csv;
mod like_parallel;
mod matches;

use std::fs::File;
use std::io::Write;

use crate::harness::{Dir, fanout, seq, sh, wait_for};

#[test]
fn lines_of_standard_input() {
    fanout().args(["-k", "echo"]).stdin("1\n2\n").run().ok().stdout("1\n2\n").quiet();
}

#[test]
fn a_last_line_without_newline_counts() {
    fanout().args(["-k", "echo"]).stdin("one\ntwo").same_as_parallel().stdout("one\ntwo\n");
}

#[test]
fn empty_lines_are_arguments() {
    fanout().args(["-k", "echo [{}]"]).stdin("a\n\nb\n").same_as_parallel().stdout("[a]\n[]\n[b]\n");
}

#[test]
fn empty_input_runs_nothing() {
    fanout().args(["echo", "x"]).same_as_parallel().ok().stdout("").quiet();
}

#[test]
fn blanks_and_carriage_returns_stay() {
    fanout().args(["-k", "echo [{}]"]).stdin("  a  b\t\nc\r\n").same_as_parallel().stdout("[  a  b\t]\n[c\r]\n");
}

#[test]
fn bytes_that_are_no_utf8_stay() {
    let every: Vec<u8> = (1..=255).filter(|byte| *byte != b'\n').collect();
    let done = fanout().args(["-k", "printf '%s\\n' {}; :"]).stdin(every.clone()).run().ok();
    done.stdout([every.as_slice(), b"\n"].concat());
}

#[test]
fn null_separates_arguments() {
    fanout().args(["-0", "-k", "echo"]).stdin("a b\0c\nd\0e").same_as_parallel().stdout("a b\nc\nd\ne\n");
    fanout().args(["--null", "-k", "echo"]).stdin("1\x002\0").same_as_parallel().stdout("1\n2\n");
}

#[test]
fn a_delimiter_of_the_users_choice() {
    for (delimiter, input) in
        [(",", "a,b,c"), ("\\t", "a\tb\tc"), ("\\x2c", "a,b,c"), ("\\054", "a,b,c"), ("\\0", "a\0b\0c")]
    {
        fanout().args(["-k", "-d", delimiter, "echo"]).stdin(input).run().ok().stdout("a\nb\nc\n");
    }
    fanout().args(["-k", "--delimiter", ",", "echo [{}]"]).stdin("a,,b\n,").same_as_parallel();
}

#[test]
fn a_bad_delimiter_is_bad_usage() {
    fanout().args(["-d", "\\q7", "echo"]).stdin("a\n").run().fails_with(255).stdout("").stderr_has("--delimiter");
}

#[test]
fn a_nul_in_a_line_is_treated_as_gnu_parallel_treats_it() {
    let done = fanout().args(["-k", "echo"]).stdin("a\0b\nc\n").same_as_parallel();
    done.stderr_has("NUL");
}

#[test]
fn argument_files_one_after_the_other() {
    let dir = Dir::new();
    dir.write("one", "a\nb\n");
    dir.write("two", "c");
    fanout().dir(&dir).args(["-k", "-a", "one", "echo"]).same_as_parallel().stdout("a\nb\n");
    // Two files are two sources: every combination.
    fanout().dir(&dir).args(["-k", "-a", "one", "--arg-file", "two", "echo"]).same_as_parallel().stdout("a c\nb c\n");
}

#[test]
fn an_argument_file_may_be_a_pipe() {
    sh("mkfifo pipe; seq 5 > pipe & \"$FANOUT_BIN\" -k -a pipe echo").run().ok().stdout(seq(5));
    sh("seq 5 | \"$FANOUT_BIN\" -k -a - echo").run().ok().stdout(seq(5));
    sh("seq 5 | \"$FANOUT_BIN\" -k echo :::: -").run().ok().stdout(seq(5));
}

#[test]
fn standard_input_may_be_a_file() {
    let dir = Dir::new();
    let file = dir.write("list", seq(1000));
    fanout().dir(&dir).args(["-k", "echo"]).stdin_file(file).run().ok().stdout(seq(1000));
}

#[test]
fn standard_input_is_read_from_where_it_stands() {
    let dir = Dir::new();
    dir.write("list", "skipped\nfirst\nsecond\n");
    let script = "{ dd bs=1 count=8 of=/dev/null 2>/dev/null; \"$FANOUT_BIN\" -k echo; } < list";
    sh(script).dir(&dir).run().ok().stdout("first\nsecond\n");
}

#[test]
fn a_missing_argument_file_starts_nothing() {
    let done = fanout().args(["touch", ":::", "never", "::::", "nowhere"]).run();
    assert!(!done.dir.has("never"));
    done.fails_with(255).stdout("").stderr_has("nowhere");
}

#[test]
fn a_directory_is_no_argument_file() {
    fanout().args(["-a", "/", "echo"]).run().fails_with(255).stdout("").stderr_has("/");
}

#[test]
fn words_of_the_command_line() {
    fanout().args(["-k", "echo", ":::", "a", "b c", "", "d"]).same_as_parallel().stdout("a\nb c\n\nd\n");
    fanout().args(["-k", "echo", ":::"]).same_as_parallel().stdout("");
}

#[test]
fn every_combination_the_last_varies_fastest() {
    let args = ["-k", "echo", ":::", "a", "b", ":::", "1", "2", ":::", "x", "y"];
    fanout().args(args).same_as_parallel().stdout("a 1 x\na 1 y\na 2 x\na 2 y\nb 1 x\nb 1 y\nb 2 x\nb 2 y\n");
}

#[test]
fn words_and_files_combined() {
    let dir = Dir::new();
    dir.write("numbers", "1\n2\n");
    fanout()
        .dir(&dir)
        .args(["-k", "echo", ":::", "a", "b", "::::", "numbers"])
        .same_as_parallel()
        .stdout("a 1\na 2\nb 1\nb 2\n");
    fanout()
        .dir(&dir)
        .args(["-k", "echo", "::::", "numbers", "numbers"])
        .same_as_parallel()
        .stdout("1 1\n1 2\n2 1\n2 2\n");
    let stdin = fanout().dir(&dir).args(["-k", "echo", "::::", "-", ":::", "x"]).stdin("7\n8\n");
    stdin.same_as_parallel().stdout("7 x\n8 x\n");
}

#[test]
fn a_product_of_billions_starts_at_once() {
    let script = "n=$(seq 1000); \"$FANOUT_BIN\" -k echo ::: $n ::: $n ::: $n ::: $n | head -n 2";
    sh(script).run().ok().stdout("1 1 1 1\n1 1 1 2\n").leaves_nothing();
}

#[test]
fn linked_sources_go_along() {
    fanout()
        .args(["-k", "echo", ":::", "a", "b", "c", ":::+", "1", "2", "3"])
        .same_as_parallel()
        .stdout("a 1\nb 2\nc 3\n");
    // The shorter one ends both.
    fanout().args(["-k", "echo", ":::", "a", "b", "c", ":::+", "1", "2"]).same_as_parallel();
    fanout().args(["-k", "echo", ":::", "a", "b", ":::+", "1", "2", ":::", "x", "y"]).same_as_parallel();
    let dir = Dir::new();
    dir.write("numbers", "1\n2\n");
    fanout()
        .dir(&dir)
        .args(["-k", "echo", ":::", "a", "b", "::::+", "numbers"])
        .same_as_parallel()
        .stdout("a 1\nb 2\n");
    fanout()
        .dir(&dir)
        .args(["-k", "echo", "::::", "numbers", ":::+", "a", "b"])
        .same_as_parallel()
        .stdout("1 a\n2 b\n");
}

#[test]
fn without_a_command_each_line_is_one() {
    let commands = "echo one\necho two | tr t T\nfalse\nX=3; echo $X\n";
    fanout().arg("-k").stdin(commands).same_as_parallel().fails_with(1).stdout("one\nTwo\n3\n");
    fanout().args(["-k", ":::", "echo a b", "echo c; echo d"]).same_as_parallel().stdout("a b\nc\nd\n");
    let dir = Dir::new();
    dir.write("commands", "echo from a file\n");
    fanout().dir(&dir).args(["-a", "commands"]).same_as_parallel().stdout("from a file\n");
}

#[test]
fn the_first_job_starts_while_input_is_still_arriving() {
    let mut running = fanout().args(["-j4", "-k", "echo got"]).stdin_live().spawn();
    running.feed("one\n");
    running.wait_stdout("got one\n");
    running.feed("two\nthr");
    running.wait_stdout("got two\n");
    running.feed("ee\n");
    running.wait_stdout("got three\n");
    running.wait().ok().stdout("got one\ngot two\ngot three\n");
}

#[test]
fn the_first_job_starts_while_an_argument_file_is_still_arriving() {
    let dir = Dir::new();
    let path = dir.fifo("pipe");
    let running = fanout().dir(&dir).args(["-k", "-a", "pipe", "echo got"]).spawn();
    let mut pipe = File::options().write(true).open(path).expect("open the pipe");
    pipe.write_all(b"one\n").expect("write");
    running.wait_stdout("got one\n");
    pipe.write_all(b"two\n").expect("write");
    drop(pipe);
    running.wait().ok().stdout("got one\ngot two\n");
}

#[test]
fn a_huge_line_is_an_argument_or_an_error_and_never_cut() {
    let fits = "x".repeat(100_000);
    fanout().args(["echo"]).stdin(fits.clone()).run().ok().stdout(fits + "\n");
    // One argument of execve can't be longer than 128 KiB on Linux; a command line of GNU parallel neither.
    let done = fanout().args(["-k", "echo {} | wc -c"]).stdin("y".repeat(3_000_000)).run();
    done.check(done.status.code() != Some(0), "expected a failure");
    done.stdout("").stderr_has("fanout:");
}

#[test]
fn a_file_that_shrinks_under_us_is_an_error_and_no_crash() {
    let dir = Dir::new();
    let path = dir.write("list", seq(2_000_000));
    let job = "test -e go || { touch started; until test -e go; do sleep 0.01; done; }; echo";
    let running = fanout().dir(&dir).args(["-j1", "-a", "list", job]).spawn();
    wait_for("the first job", || dir.has("started"));
    // Most of the lines are gone now and must be missed.
    File::options().write(true).open(path).and_then(|file| file.set_len(40)).expect("shrink the list");
    dir.write("go", "");
    running.wait().fails_with(255).stderr_has("list").leaves_nothing();
}

#[test]
fn a_million_lines_arrive_in_order() {
    let mut input = String::new();
    for n in 0..1_000_000 {
        input.push_str(&format!("{n}\n"));
    }
    // At most 20,000 arguments, and no more than fit in a command.
    fanout().args(["-j2", "-k", "-n", "20000", "printf '%s\\n'"]).stdin(input.clone()).run().ok().stdout(input);
}
