//! Tests of the whole: templates in, command texts and words out.

mod fuzz;
mod shells;

use super::*;
use crate::model::Seq;

/// Values that try to get out of their quotes, and others that are only awkward.
const HOSTILE: &[&[u8]] = &[
    b"",
    b"plain",
    b"a b",
    b"it's",
    b"'",
    b"''",
    b"\"",
    b"\\",
    b"\\\\",
    b"a\\",
    b"-n",
    b"--",
    b"-e",
    b" lead and trail ",
    b"\ttab\t",
    b"new\nline",
    b"\n",
    b"trail\n\n",
    b"cr\r",
    b"$HOME ${HOME} $((1+1))",
    b"$(touch canary)",
    b"`touch canary`",
    b"'; touch canary; '",
    b"\"; touch canary; \"",
    b"\\'; touch canary; \\'",
    b"\\\"; touch canary; \\\"",
    b"'\"'\"'; touch canary; '\"'\"'",
    b")",
    b"); touch canary; (",
    b")); touch canary; ((",
    b"`; touch canary; `",
    b"\\`touch canary\\`",
    b"\\\\`touch canary\\\\`",
    b"\\$(touch canary)",
    b"\\\\$(touch canary)",
    b"${x:-$(touch canary)}",
    b"}; touch canary; {",
    b"EOF",
    b"EOF\ntouch canary\n",
    b"x\nEOF\ntouch canary\ncat <<EOF",
    b"\tEOF\ntouch canary",
    b"E\\\nOF\ntouch canary",
    b"\nA\ntouch canary\n",
    b"\n\t\ttabs",
    b"# touch canary",
    b"x\ntouch canary\n#",
    b"a[$(touch canary)]",
    b"a[`touch canary`]",
    b"x=$(touch canary)",
    b"~root *? [a-z] {a,b} !! !x ^a^b",
    b"&& touch canary",
    b"| touch canary",
    b"> canary",
    b"<(touch canary) >(touch canary)",
    b"$'\\'; touch canary; \\''",
    b"esac; touch canary",
    b";; esac; touch canary #",
    b"]] ; touch canary; [[",
    b"\xff\xfe\x80 invalid",
    b"\xc3\xa9t\xc3\xa9",
    b"\x81\"\x82$(touch canary)\x83`touch canary`",
    b"\x01\x02\x7f\x1b[31m",
    b"12",
    b"-3",
];

fn record(args: &[impl AsRef<[u8]>]) -> Record {
    Record { seq: Seq(7), args: args.iter().collect() }
}

fn template(words: &[&str]) -> Template {
    let words: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
    Template::compile(&words, ShellFamily::Posix).expect("this family never refuses to compile").0
}

/// The text of a command, or why there is none.
fn compose(words: &[&str], record: &Record) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    template(words).text(record, Slot(3), &mut text).map_err(|refusal| refusal.reason)?;
    Ok(text)
}
