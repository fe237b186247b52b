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

#[test]
fn look() {
    for (words, args) in [
        (&["echo"][..], &["a b", "c"][..]),
        (&["cmd {1} > {2}"], &["a b", "c d"]),
        (&["echo a_{1}-{2}-{3}"], &["a b", "c d"]),
        (&["echo {3} x"], &["a b", "c d"]),
        (&["cd x && {}"], &["ls"]),
        (&["gzip -9 < {} > {}.gz"], &["it's"]),
        (&["[ -f {} ] && echo {.}"], &["it's.x"]),
        (&["[[ {} == *.gz ]] && echo {/}"], &["a/x.gz"]),
        (&["for x in {}; do echo $((x+1)); done"], &["1", "2"]),
        (&["echo $(( {} * 2 ))"], &["x"]),
        (&["n={}; echo $n"], &["1", "x"]),
        (&["echo \"{}\" '{}' $(basename {}) `basename {}` \"`basename {}`\""], &["a'b\"c $x"]),
        (&["echo {} # {}"], &["a\nb"]),
        (&["{} x {2}"], &["echo 'a b'", "c d"]),
        (&["{} 'x {2}'"], &["echo '", "c d"]),
        (&["cat <<EOF\n{}\nEOF"], &["x\nEOF\ny"]),
        (&["export FOO={}; cmd"], &["a b"]),
        (&["echo 'it"], &["a b"]),
        (&["while read x; do echo $x {}; done < {/}"], &["a b"]),
        (&["case {} in *.a|*.b) echo {.};; *) echo other {};; esac"], &["a b.c"]),
        (&["awk '{print $1}' {} | sort > {.}.out"], &["a b.c"]),
        (&["f() { local x={}; echo $x; }; f"], &["a b"]),
        (&["echo $HOME{} ${x}{} \"$x{}\" ~{}"], &["a b"]),
        (&["echo {}", "-x='{}'"], &["a b"]),
        (&["echo {} && exit $?"], &["a[$(x)]"]),
        (&["printf '%d\\n' {}"], &["a[$(x)]"]),
        (&["echo \\{}"], &["a b"]),
        (&["echo {}{}"], &["a", "b c"]),
        (&["if [ {1} -gt {2} ]; then echo {}; fi"], &["1", "2"]),
        (&["if [ {1} -gt {2} ]; then echo {}; fi"], &["1", "b c"]),
    ] {
        let text = compose(words, &record(args));
        let mut job = Job::default();
        let t = template(words);
        let r = t.expand(&record(args), Slot(1), &mut job);
        println!(
            "{words:?} {args:?}\n   {}\n   plain={} {:?} {:?} cost {} + {}",
            match text {
                Ok(t) => String::from_utf8_lossy(&t).into_owned(),
                Err(e) => e,
            },
            job.plain,
            job.words,
            r.is_ok(),
            t.fixed_cost(),
            t.arg_cost(args[0].as_bytes())
        );
    }
}
