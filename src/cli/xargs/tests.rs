#![allow(clippy::unwrap_used)]

use super::*;
use crate::options::Habits;

const LIMITS: SizeLimits = SizeLimits { all: 2 << 20, environment: 1000 };

fn request(line: &str) -> Request {
    let program = Program { name: "xargs".to_owned(), habits: Habits::Xargs };
    read(program, line.split_whitespace().map(OsString::from), &|| LIMITS)
}

fn options(line: &str) -> (XargsOptions, String) {
    let Request::Run(options) = request(line) else { panic!("{line}: no run") };
    let xargs = options.xargs.unwrap();
    let notices = String::from_utf8(xargs.notices.clone()).unwrap();
    (xargs, notices)
}

fn complaint(line: &str) -> String {
    match request(line) {
        Request::Complain(text) => String::from_utf8(text).unwrap(),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn of_options_that_exclude_each_other_the_last_one_counts() {
    let counts = |line| {
        let (xargs, notices) = options(line);
        (xargs.max_args, xargs.max_lines, xargs.replace.is_some(), notices.lines().count())
    };
    assert_eq!(counts("-n2 -n3"), (Some(3), None, false, 0));
    assert_eq!(counts("-I{} -n1"), (None, None, true, 0));
    assert_eq!(counts("-I{} -n2"), (Some(2), None, false, 1));
    assert_eq!(counts("-n1 -I{}"), (None, None, true, 1));
    assert_eq!(counts("-L1 -L2 -l"), (None, Some(1), false, 0));
    assert_eq!(counts("-L1 -I{} -n4"), (Some(4), None, false, 2));
}

#[test]
fn sizes_are_those_of_the_system() {
    assert_eq!(options("").0.max_chars, 131_072);
    assert_eq!(options("-s 1000").0.max_chars, 1000);
    let (xargs, notices) = options("-s 9999999");
    assert_eq!(xargs.max_chars, (2 << 20) - 3048);
    assert_eq!(notices, "xargs: value 9999999 for -s option should be <= 2094104\n");
    assert_eq!(
        complaint("-n0"),
        "xargs: value 0 for -n option should be >= 1\nTry 'xargs --help' for more information.\n"
    );
}

#[test]
fn a_line_of_the_table_is_a_line_of_the_help() {
    let Request::Print(text) = request("--help") else { panic!("no help") };
    assert_eq!(text.matches("\n  ").count(), table::FLAGS.len() + text.matches("\n                   ").count());
    assert!(text.lines().all(|line| line.len() <= 140));
}
