//! Columns of inputs, where the GNU parallel at hand has nothing to compare with, or does otherwise.

use crate::harness::{Dir, fanout, sh};

#[test]
fn csv_as_the_manual_has_it() {
    let plank = "\"1 big, 2 small\",\"2\"\"x4\"\" plank\",12.34\n";
    let done = fanout().args(["-k", "--csv", "echo {1} of {2} at {3}"]).stdin(plank).run();
    done.ok().stdout("1 big, 2 small of 2\"x4\" plank at 12.34\n");
    let done = fanout().args(["-k", "--csv", "--colsep", ";", "echo Field 1: {1} Field 2: {2}"]);
    let done = done.stdin("\"Start of field 1 with newline\nLine 2 in field 1\";value 2\n").run();
    done.ok().stdout("Field 1: Start of field 1 with newline\nLine 2 in field 1 Field 2: value 2\n");
}

#[test]
fn csv_with_a_header_with_crlf_and_with_empty_fields() {
    let table = "\"h 1\",h2\r\n1,\r\n\"a\r\nb\",\"c\"\r\n\r\n";
    let done = fanout().args(["-k", "--csv", "--header", ":", "echo [{h 1}] [{h2}]"]).stdin(table).run();
    done.ok().stdout("[1] []\n[a\r\nb] [c]\n[] []\n");
}

#[test]
fn csv_of_several_sources_is_one_row() {
    let done = fanout().args(["-k", "--csv", "echo {1}-{2}-{3}", ":::", "\"a,b\",c", ":::", "x", "\"y,z\""]).run();
    done.ok().stdout("a,b-c-x\na,b-c-y,z\n");
}

#[test]
fn what_is_no_csv_is_an_error() {
    for (record, why) in [
        ("a,\"b\n", "a quote is not closed"),
        ("a,b\"c\"\n", "a quote within a field without quotes"),
        ("\"a\"b\n", "text behind a closing quote"),
    ] {
        fanout().args(["--csv", "echo"]).stdin(record).run().fails_with(255).stdout("").stderr_has(why);
    }
}

#[test]
fn a_row_of_csv_starts_when_its_last_line_is_there() {
    let mut running = fanout().args(["-k", "--csv", "echo got {1}"]).stdin_live().spawn();
    running.feed("one,1\n\"two\n");
    running.wait_stdout("got one\n");
    running.feed("lines\",2\n");
    running.wait_stdout("got two\nlines\n");
    running.wait().ok();
}

#[test]
fn what_is_perls_alone_is_refused_by_its_name() {
    for (pattern, name) in [
        ("(?<!\\\\),", "look-behind (?<!…)"),
        ("(.)\\1", "back-reference \\1"),
        (",++", "possessive"),
        ("\\p{L}", "property of Unicode"),
        ("(", "a ( without its )"),
    ] {
        let done = fanout().args(["--colsep", pattern, "touch", ":::", "x"]).run();
        assert!(!done.dir.has("x"), "{pattern}");
        done.fails_with(255).stdout("").stderr_has("--colsep").stderr_has(name);
    }
}

/// GNU parallel takes an empty name for that of `{}`, and names for regular expressions.
#[test]
fn names_are_taken_as_they_are() {
    let table = "a.b\t\tx+\n1\t2\t3\n";
    let done = fanout().args(["-k", "--header", ":", "echo {a.b} {axb} {x+} {}"]).stdin(table).run();
    done.ok().stdout("1 {axb} 3 1 2 3\n");
}

#[test]
fn values_of_columns_are_data() {
    let done = fanout().args(["-k", "--colsep", ",", "echo \"{2}\" '{1}'"]).stdin("a b,$(touch x)\n").run();
    assert!(!done.dir.has("x"));
    done.ok().stdout("$(touch x) a b\n");
}

/// GNU parallel puts values into the filter as code.
#[test]
fn values_are_data_in_filters_too() {
    let hostile = "\";system(\"touch x\");\"";
    let done = fanout().args(["-k", "--filter", "\"{1}\" ne 'a'", "echo", ":::", hostile, "a"]).run();
    assert!(!done.dir.has("x"));
    done.fails_with(1).stdout(format!("{hostile}\n"));
    let done = fanout().args(["--filter", "{1.} > 1", "echo", ":::", "1"]).run();
    done.fails_with(255).stdout("").stderr_has("--filter");
}

#[test]
fn random_order_has_all_and_is_not_the_order_of_the_input() {
    let done = sh("seq 1000 | \"$FANOUT_BIN\" -j1 --shuf echo").run().ok();
    assert_ne!(done.text(), crate::harness::seq(1000), "the same order by chance once in 10^2567");
    done.stdout_sorted(crate::harness::seq(1000));
}

#[test]
fn the_first_job_of_linked_sources_starts_while_input_is_still_arriving() {
    let mut running = fanout().args(["-k", "--link", "echo got", "::::", "-", ":::", "a", "b"]).stdin_live().spawn();
    running.feed("one\n");
    running.wait_stdout("got one a\n");
    running.feed("two\nthree\n");
    running.wait_stdout("got one a\ngot two b\ngot three a\n");
    running.wait().ok();
}

#[test]
fn a_linked_source_without_values_is_an_error() {
    let done = fanout().args(["--link", "echo", ":::", "a", ":::"]).run();
    done.fails_with(255).stdout("").stderr_has("--link");
}

#[test]
fn a_delimiter_of_several_bytes_may_arrive_in_pieces() {
    let mut running = fanout().args(["-k", "-d", "--\\n", "echo got"]).stdin_live().spawn();
    running.feed("one-");
    running.feed("-");
    running.feed("\n-two");
    running.wait_stdout("got one\n");
    running.feed("-\n--\nthree-");
    running.wait_stdout("got one\ngot -two-\n\n");
    running.wait().ok().stdout("got one\ngot -two-\n\ngot three-\n");
}

/// GNU parallel reads standard input instead, if `:::` is the last word: where a shell's pattern or variable has given no words,
/// that would be the rest of a script.
#[test]
fn no_words_are_no_inputs() {
    fanout().args(["echo", ":::"]).stdin("in\n").run().ok().stdout("").quiet();
    fanout().args([":::"]).stdin("echo in\n").run().ok().stdout("").quiet();
}

#[test]
fn other_hosts_are_refused() {
    for host in ["me@host", ":,host", "@group", "4/host"] {
        fanout().args(["-S", host, "echo", ":::", "x"]).run().fails_with(255).stdout("").stderr_has("remote hosts");
    }
}

#[test]
fn totals_are_known_with_headers_and_first_lines() {
    let dir = Dir::new();
    dir.write("table", "h\n1\n2\n3\n");
    for option in ["--skip-first-line", "--header=:"] {
        let done = fanout().dir(&dir).args([option, "--halt", "soon,done=100%", "-k", "echo", "::::", "table"]).run();
        done.ok().stdout("1\n2\n3\n");
    }
}
