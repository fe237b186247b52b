//! Options about inputs.

use super::options;
use crate::options::{Columns, Header, Trim};

#[test]
fn input() {
    for (line, delimiter) in
        [("-0", 0), ("--null", 0), ("-d ,", b','), ("-d=", b'='), ("-d \\t", b'\t'), ("-d , -0", b','), ("-0d,", b',')]
    {
        assert_eq!(options(line).input.delimiter, [delimiter], "{line}");
    }
    assert_eq!(options("-n3").batch.max_records, Some(3));
    assert_eq!(options("-n 3 --max-args 1K").batch.max_records, Some(1024));
    assert!(options("-r").input.skip_empty);
    assert_eq!(options("-d \\r\\n").input.delimiter, b"\r\n");
    let columns = |line| options(line).input.columns;
    assert_eq!(columns("-C,"), Some(Columns::Separator(b",".to_vec())));
    assert_eq!(columns("--header :"), Some(Columns::Separator(b"\\t".to_vec())));
    assert_eq!(columns("--csv"), Some(Columns::Csv(b',')));
    assert_eq!(columns("--csv --col-sep ;"), Some(Columns::Csv(b';')));
    for (line, trim) in [
        ("--trim rl", Trim::Both),
        ("-C ,", Trim::Both),
        ("--header :", Trim::No),
        ("-C , --trim n", Trim::No),
        ("--csv", Trim::No),
    ] {
        assert_eq!(options(line).input.trim, trim, "{line}");
    }
    assert_eq!(options("--header 0").input.header, Some(Header::Files));
    assert_eq!(options("--header 2").input.header, Some(Header::First));
    assert_eq!(options("--eof=x").input.end_of_file, Some(b"x".to_vec()));
    assert_eq!(options("-E y").input.end_of_file, Some(b"y".to_vec()));
    assert_eq!(options("-E y --eof").input.end_of_file, None);
    let input = options("--xapply --shuf --skipfirstline -S : -S :,:").input;
    assert!(input.link && input.shuffle && input.skip_first);
}
