//! `--csv` beside GNU parallel with Text::CSV.

use std::process::Command;

use crate::harness::{fanout, same_beside_parallel};

const LINES: &[&str] = &[
    r#"printf 'a,b\n"c,d",e\n' | $P -k --csv 'echo {1}-{2}'"#,
    r#"printf 'a,b\n"c ""d""",e\n' | $P -k --csv 'echo {1}-{2}'"#,
    r#"printf 'a,b\n"c\nd",e\n' | $P -k --csv 'echo {1}-{2}'"#,
    r#"printf 'a,b\n"c\n\nd",e\nf,g\n' | $P -k --csv 'echo {1}-{2}'"#,
    r#"printf 'h1,h2\n"c,d",e\n' | $P -k --csv --header : 'echo {h1}-{h2}'"#,
    r#"printf '"h 1","h,2"\n"c,d",e\n' | $P -k --csv --header : 'echo {1}-{2}'"#,
    r#"printf 'h1,h2\n"c\nd",e\n' | $P -k --csv --header : 'echo {h1}-{h2}'"#,
    r#"printf 'a;b\n"c;d";e\n' | $P -k --csv --colsep ';' 'echo {1}-{2}'"#,
    r#"printf 'a\tb\n"c\td"\te\n' | $P -k --csv --colsep "$(printf '\t')" 'echo {1}-{2}'"#,
    r#"printf 'a|b\n"c|d"|e\n' | $P -k --csv --colsep '|' 'echo {1}-{2}'"#,
    r#"printf 'a,,b\n,,\n' | $P -k --csv 'echo [{1}] [{2}] [{3}]'"#,
    r#"printf 'a,"",b\n"",""\n' | $P -k --csv 'echo [{1}] [{2}] [{3}]'"#,
    r#"printf 'a, b , c\n' | $P -k --csv 'echo [{1}] [{2}] [{3}]'"#,
    r#"printf ' a,b\n' | $P -k --csv 'echo [{1}] [{2}] [{3}]'"#,
    r#"printf 'a,b"c\n' | $P -k --csv 'echo [{1}] [{2}] [{3}]'"#,
    r#"printf 'a,b' | $P -k --csv 'echo [{1}] [{2}] [{3}]'"#,
    r#"printf '\n\na,b\n\n' | $P -k --csv 'echo [{1}] [{2}] [{3}]'"#,
    r#"printf 'a,"b\n' | $P -k --csv 'echo [{1}] [{2}] [{3}]'"#,
    // Either program may have started the first row's job by then, or not.
    r#"printf 'a,b\nc,"d\ne,f\n' | $P -k --csv 'echo [{1}] [{2}] [{3}]' >/dev/null"#,
    r#"$P -k --csv 'echo [{1}] [{2}]' ::: 'a,b' '"c,d",e' '"c""d"'"#,
    r#"$P -k --csv 'echo [{1}] [{2}] [{3}]' ::: 'a,b' '"c,d",e' ::: 'x' 'y,z'"#,
    r#"$P -k --csv 'echo {}' ::: 'a,b' '"c,d",e'"#,
    r#"$P -k --csv echo ::: 'a,b' '"c,d",e'"#,
    r#"printf 'a,b\n"c,d",e\n' | $P -k --csv --tag echo"#,
    r#"printf 'a,b\n"c,d",e\n' | $P -k --csv -n1 echo {1}"#,
    r#"printf 'a,b\n"c,d",e\n' | $P -k --csv -N2 echo {1} {2} {3} {4}"#,
    r#"printf 'a,b\n"c,d",e\n' | $P -k --csv -X echo {1} {2}"#,
    r#"printf 'a,b\n"c,d",e\n' >f; $P -k --csv -a f echo {2} {1}"#,
    r#"printf 'a,b\n"c,d",e\n' >f; $P -k --csv echo {2} {1} :::: f f"#,
    r#"printf 'a,b\n"c,d",e\n' >f; $P -k --csv --link echo {2} {1} :::: f ::: 1 2"#,
    r#"printf 'h1,h2\n"c,d",e\n' >f; $P -k --csv --header : echo {h2} {h1} :::: f ::: x 1 2"#,
    r#"printf 'h1,h2\n"c,d",e\n' >f; $P -k --csv --header 1 echo {2} {1} :::: f"#,
    r#"printf 'h1,h2\n"c,d",e\n' >f; $P -k --csv --skip-first-line echo {2} {1} :::: f"#,
    r#"printf 'h1,h2\0"c,d",e\0' >f; $P -k -0 --csv echo {2} {1} :::: f"#,
    r#"printf 'h1,h2;"c,d",e;' >f; $P -k -d ';' --csv echo {2} {1} :::: f"#,
    r#"printf 'a,b\n"\303\244,d",e\n' | $P -k --csv 'echo {1}-{2}'"#,
    r#"printf 'a,b\n"\377,d",e\n' | $P -k --csv 'echo {1}-{2}' | od -c"#,
    r#"printf 'a,b\n"$(touch x)","`touch y`"\n' | $P -k --csv 'echo {1}-{2}'; ls"#,
    r#"printf 'a,b\n"c,d",e\n' | $P -k --csv --trim lr 'echo [{1}] [{2}]'"#,
    r#"printf 'a , b\n" c , d ",e\n' | $P -k --csv --trim lr 'echo [{1}] [{2}]'"#,
    r#"printf 'a,b,c\n' | $P -k --csv 'echo {-1} {-2} {2..} {3/}'"#,
    r#"printf 'a.x/b.y,c\n' | $P -k --csv 'echo {1.} {1/} {1//} {1/.}'"#,
    r#"printf 'a,b\n' | $P -k --csv --results -.tsv 'echo {1}' | cut -f9-"#,
    r#"printf 'a,b\n' | $P -k --csv --results out 'echo {1}'"#,
    r#"printf "a,'b,c'\n" | $P -k --csv 'echo {1} {2} {3}'"#,
    r#"printf 'a\\,b,c\n' | $P -k --csv 'echo {1} {2} {3}'"#,
    r#"printf '"a\\"b",c\n' | $P -k --csv 'echo {1} {2} {3}'"#,
    r#"printf '"1 big, 2 small","2""x4"" plank",12.34\n' | $P -k --csv 'echo {1} of {2} at {3}'"#,
    r#"printf 'a,b\n' | $P -k --csv -E a 'echo {1} {2} {3}'"#,
    r#"printf '#a,b\n' | $P -k --csv 'echo {1} {2} {3}'"#,
    r#"printf 'a b c\n' | $P -k --csv --colsep ' ' 'echo {1} {2} {3}'"#,
    r#"printf 'a, "b"\n' | $P -k --csv 'echo [{1}] [{2}]' 2>/dev/null | cat"#,
    r#"printf 'a,"b" \n' | $P -k --csv 'echo [{1}] [{2}]' 2>/dev/null | cat"#,
];

#[test]
fn rows_are_cut_as_gnu_parallel_cuts_them() {
    let found = Command::new("perl").args(["-MText::CSV", "-e", "1"]).output().expect("run perl");
    assert!(found.status.success(), "Text::CSV is not installed: GNU parallel needs it, `tests/run` installs it");
    same_beside_parallel("", LINES);
}

/// There is none of them in GNU parallel: it dies of a carriage return, and takes no `\t`, as its manual says of `--colsep`.
#[test]
fn rows_may_end_as_those_of_other_systems() {
    let done = fanout().args(["-k", "--csv", "echo [{1}] [{2}]"]).stdin("a,\"b,c\"\r\nd,e\r\n").run();
    done.ok().stdout("[a] [b,c]\n[d] [e]\n").quiet();
    let done = fanout().args(["-k", "--csv", "--colsep", "\\t", "echo {2}-{1}"]).stdin("a\t\"b\tc\"\n").run();
    done.ok().stdout("b\tc-a\n").quiet();
}
