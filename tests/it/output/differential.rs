//! What becomes of output, beside GNU parallel: the same on standard output, the same end, the same files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::harness::{Done, fanout_bin, installed, sh};

/// So many cases run at once.
const AT_ONCE: usize = 3;

/// What a command line has left behind.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    stdout: String,
    status: Option<i32>,
    files: BTreeMap<String, String>,
}

/// Runs a command line, without the program's name, by `program`.
fn left(program: &str, line: &str) -> Left {
    let done = sh(&format!("parallel() {{ \"$PROGRAM\" \"$@\"; }}; {line}")).env("PROGRAM", program).run();
    let mut files = BTreeMap::new();
    collect(&done, &done.dir.path(), "", &mut files);
    collect(&done, &done.dir.tmp(), "TMP", &mut files);
    Left { stdout: without_chance(&done, &done.stdout), status: done.status.code(), files }
}

/// The files below `folder`, by name, and the folders without any.
fn collect(done: &Done, folder: &Path, name: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let own = without_chance(done, path.file_name().expect("a name").as_encoded_bytes());
        let name = format!("{name}/{own}");
        if path.is_dir() {
            files.insert(format!("{name}/"), String::new());
            collect(done, &path, &name, files);
        } else if !name.ends_with(".values") {
            // Ours, beside the joblog.
            let text = without_chance(done, &fs::read(&path).expect("a file"));
            // Of several temporary files, the order is left to chance.
            let name = if name.contains("parXXXXX") { format!("{name} {text}") } else { name };
            files.insert(name, text);
        }
    }
}

/// Names of temporary files, times and durations are not the same twice.
fn without_chance(done: &Done, bytes: &[u8]) -> String {
    let text = bytes.escape_ascii().to_string().replace("\\n", "\n").replace("\\t", "\t");
    let text = text.replace(&done.dir.tmp().display().to_string(), "TMP");
    let text = text.replace(&done.dir.path().display().to_string(), "HERE");
    let mut plain = String::new();
    let mut rest = &text[..];
    while let Some(byte) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let decimals =
            rest[digits..].strip_prefix('.').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
        if rest.starts_with("par") && rest.get(8..12) == Some(".par") {
            plain.push_str("parXXXXX.par");
            rest = &rest[12..];
        } else if digits > 0 && decimals == 3 {
            plain.truncate(plain.trim_end_matches(' ').len());
            plain.push_str("TIME");
            rest = &rest[digits + 4..];
        } else {
            let length = digits.max(byte.len_utf8());
            plain.push_str(&rest[..length]);
            rest = &rest[length..];
        }
    }
    plain
}

/// Compares what each line does, several at once.
#[track_caller]
fn same(lines: &[&str]) {
    installed(["parallel", "zstd"]);
    let fanout = fanout_bin().into_string().expect("a path in UTF-8");
    let next = AtomicUsize::new(0);
    let differ = |line: &str| {
        let (ours, theirs) = (left(&fanout, line), left("/usr/bin/parallel", line));
        (ours != theirs).then(|| format!("{line}\n  GNU parallel: {theirs:?}\n  fanout:       {ours:?}"))
    };
    let differences: Vec<String> = std::thread::scope(|scope| {
        let work = || {
            let mut found = Vec::new();
            while let Some(line) = lines.get(next.fetch_add(1, Ordering::SeqCst)) {
                found.extend(differ(line));
            }
            found
        };
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a comparison")).collect()
    });
    assert!(differences.is_empty(), "{} of {} differ:\n{}", differences.len(), lines.len(), differences.join("\n"));
}

#[test]
fn order_and_grouping() {
    same(&[
        "parallel -k 'echo {}; echo e >&2' ::: a b c 2>&1",
        "parallel -j1 --group 'echo {}; echo e >&2; echo {}' ::: a b 2>&1",
        "parallel -j3 -k 'sleep 0.{}; echo {}' ::: 3 2 1",
        "parallel -k --no-keep-order -j1 echo ::: a b",
        "parallel --keeporder -j3 --nok -j1 echo ::: a b",
        "parallel -j1 -u 'echo {}; echo e >&2; echo {}' ::: a b 2>&1",
        "parallel -j1 -u --tag 'echo {}' ::: a b",
        "parallel -j1 --lb 'echo {}; printf x' ::: a b",
        "parallel -j1 -k --line-buffered 'echo {}; printf x' ::: a b",
        "parallel --group --lb echo ::: a",
        "parallel --group -u echo ::: a",
        "parallel -u --linebuffer echo ::: a",
        "parallel -j2 -k 'printf \"%s-start\\n%s\" {} {}; sleep 0.{};printf \"%s\\n\" -middle;echo {}-end' ::: 4 2 1",
        "parallel -j1 --latest-line --dry-run echo ::: a 2>/dev/null | wc -l | grep -c .",
    ]);
}

#[test]
fn tags() {
    same(&[
        "parallel -k --tag echo foo-{} ::: A B C",
        "parallel -k --tagstring {}-bar echo foo-{} ::: A B C",
        "parallel -k --tag-string '{#}:{}' echo foo-{} ::: A B C",
        "parallel -k --tagstring 'a\\tb\\n{}\\033[1m\\0' echo ::: A B",
        "parallel -k --tagstring '' echo ::: A B",
        "parallel -k --tag echo ::: A B ::: 1 2",
        "parallel -j1 --tag 'printf \"a\\rb\\r\\n\\r\\nc\"; : {}' ::: a",
        "parallel -j1 --tag --lb 'printf \"a\\rb\\r\\n\\r\\nc\"; : {}' ::: a",
        "parallel -j1 --tag 'echo {}; echo err >&2' ::: a b 2>&1",
        "parallel -j1 -v --tag echo ::: a b",
        "parallel -j1 -v --tag --lb echo ::: a b",
        "parallel -j1 --dry-run --tag echo ::: a b",
        "parallel -k --tag 'diff {1} {2} | wc -l' ::: /dev/null /dev/zero ::: /dev/null",
    ]);
}

#[test]
fn colors() {
    same(&[
        "parallel -j1 --color 'printf \"a\\nb\\rc\\n\\nd\"; echo e >&2; : {}' ::: a b 2>&1",
        "parallel -j1 --colour 'printf \"a\\r\"; : {}' ::: a b",
        "parallel -j1 --color --lb 'printf \"a\\nb\\rc\\n\\nd\"; : {}' ::: a b",
        "parallel -j1 --color --tag 'echo {}' ::: a b",
        "parallel -j1 --ctag 'echo {}' ::: a b",
        "parallel -j1 --ctagstring '{}-x' 'echo {}' ::: a b",
        "parallel -j1 --ctag-string '{}-x' 'echo {}' ::: a b",
        "parallel -j1 --color-failed 'echo {}; exit {}' ::: 0 1 2",
        "parallel -j1 --cf --tag 'echo {}; exit {}' ::: 0 1 2",
        "parallel -j1 --cf --color 'echo {}; exit {}' ::: 0 1 2",
        "parallel -j1 --cf --lb 'echo {}; exit {}' ::: 0 1",
        "parallel -j1 -u --color --cf 'echo {}; exit {}' ::: 0 1",
        "parallel -j1 -v --color echo ::: a",
        "parallel -j1 --dry-run --color echo ::: a b",
        "seq 500 | parallel -k --color echo",
        "parallel -k --color 'seq {}' ::: 1 2 3 >/dev/null",
    ]);
}

#[test]
fn names_of_files() {
    same(&[
        "parallel -k --files echo ::: A B C",
        "parallel -k --tmpdir tmp --files echo ::: A B C; mkdir tmp; parallel -k --tmpdir tmp --files echo ::: A B C",
        "TMPDIR=. parallel -k --files echo ::: A B C",
        "parallel -k --tempdir . --files 'echo $TMPDIR' ::: A",
        "parallel -k --output-as-files 'echo {}; exit 3' ::: A B C",
        "parallel -k --outputasfiles --tag echo ::: A B C",
        "parallel -k --files -v echo ::: A B C",
        "parallel -j1 --files -u echo ::: A B C",
        "parallel -k --files --lb echo ::: A B C",
        "parallel -k --files true ::: A B C",
        "parallel -k --files --retries 3 false ::: A",
        "parallel -k --tmpdir ./ --files echo ::: A",
        "cat $(parallel -k --files seq ::: 3 2 1)",
        "parallel -k --files --joblog log echo ::: A B",
        "parallel -k --files --color --tag echo ::: A B",
    ]);
}

#[test]
fn folders() {
    same(&[
        "parallel --results outdir echo ::: A B C",
        "parallel --results foo echo {1} {2} ::: I II ::: III IIII",
        "parallel --res foo 'echo {}; echo e{} >&2; exit {}' ::: 0 1 2",
        "parallel --result foo/ echo ::: a",
        "parallel --results ./foo/../bar echo ::: a",
        "parallel --results a/b/c echo ::: a",
        "parallel --results \"$PWD/a\" -k --files echo ::: a b",
        "parallel --results foo -n2 echo ::: a b c",
        "parallel --results foo -j1 -n2 echo ::: a b c ::: x",
        "parallel --results foo echo ::: 'a b' '~' ' ' '-' ... .x 'a*' \"it's\" '\"' '$(id)' é",
        "parallel --results foo echo ::: a/b /etc/passwd a// 'a\\b' 'a\\' 'a\tb' 'b\\_c'",
        "printf '\\377\\376\\n' | parallel --results foo echo",
        "parallel --results foo -v 'echo {}; echo {} >&2' ::: a b",
        "parallel --results foo -u 'echo {}; echo {} >&2' ::: a b",
        "parallel --results foo --tag --color 'echo {}; echo {} >&2' ::: a b",
        "parallel --results foo -k --lb 'echo {}; echo {} >&2' ::: a b",
        "parallel --results foo -k --lb --tag 'echo {}; echo {} >&2' ::: a b",
        "parallel --results foo -k --files --tag 'echo {}; echo {} >&2' ::: a b",
        "parallel --results foo --retries 3 'echo x >> tries; cat tries; false' ::: a",
        "parallel -k --results foo --joblog log -v 'echo {}; exit {}' ::: 0 1",
        "parallel -j1 --results foo 'kill -9 $$; : {}' ::: a",
        "parallel --results '' echo ::: a",
        "parallel --header : --results outdir echo ::: f1 A B ::: f2 C D",
        "parallel --header : --results foo echo {a} {b} ::: a I II ::: b III IIII",
        "parallel --header : --results foo echo {z} {y} ::: z I II ::: y III IIII",
        "parallel --header : --results 'foo/{y}-{z}' echo {z} {y} ::: z I II ::: y III IIII",
        "parallel --colsep , --results foo echo {2} {1} ::: a,b c,d,e f",
        "printf 'x,y\\n1,2\\n3,4\\n' | parallel --colsep , --header : --results foo echo {y} {x}",
        "parallel --results foo echo ::: a b :::+ c d",
        "parallel -j1 -N2 --results foo echo {2} {1} ::: a b c d e",
        "parallel -j1 -m --results foo echo ::: a b c",
        "parallel -j1 --results foo true ::: a a",
        "parallel -j1 --results foo 'echo {#}' ::: a a",
        "parallel --results foo 'echo a'; parallel --results foo echo < /dev/null",
        "ln -s elsewhere foo; mkdir elsewhere; parallel --results foo echo ::: a",
        "parallel --results foo 'cat foo/1/{}/stdout; echo {}' ::: a; parallel --results foo 'echo 2{}' ::: a",
    ]);
}

#[test]
fn templates() {
    same(&[
        "parallel --results my_{} echo ::: foo bar baz",
        "parallel --results my_{}/ echo ::: foo bar baz",
        "parallel --results 'out/{1}/{2}' 'echo {}; echo e >&2' ::: a b ::: c d",
        "parallel --results 'out/{1}-{2}/' 'echo {}; echo e >&2' ::: a b ::: c d",
        "parallel --results 'out/{#}' echo ::: foo bar",
        "parallel --results '{}.out' echo ::: foo a/b bar",
        "parallel --results '{.}.out' echo ::: a.c b.c",
        "parallel --results 'out/{/.}.txt' echo ::: /x/y/a.c b.c",
        "parallel --results 'out/{}' echo ::: foo a/b c/d/e 'it is'",
        "parallel --results 'out/{}' echo ::: ''",
        "parallel -k --results 'o/{//}/{/}' --files echo ::: x/y a/b/c d",
        "parallel --results 'out/{2}/{1}' echo ::: a b ::: '' c",
        "parallel --results 'a{}b' echo ::: x/y",
        "parallel --results '{= $_ .= \"x\" =}/' echo ::: a b",
        "parallel --results 'o/{= $_ = join(\"\",reverse split //,$_) =}' echo ::: ab cd",
        "parallel --plus --results 'o/{/..}' echo ::: a.b.c d.e",
        "parallel --results 'o/,,' -I ,, echo ,, ::: a.b.c d.e",
        "parallel --header : --results 'o/{x/.}' echo ::: x a.b.c d.e",
        "parallel -k --results 'out/{}' --files --tag echo ::: a b",
    ]);
}

#[test]
fn tables() {
    same(&[
        "parallel -k --results my.csv seq ::: 1 2 3; cat my.csv",
        "parallel -k --results -.csv 'echo {}; echo e{} >&2' ::: a 'b c' 'd,e' 'f\"g' ''",
        "parallel -k --results -.tsv 'echo {}; echo e{} >&2' ::: a 'b c' 'd,e' 'f\"g' '\t'",
        "parallel -k --results -.json 'echo {}; echo e{} >&2' ::: a 'b c' 'd,e' 'f\"g' '\t\\'",
        "parallel -k --results X.CSV echo ::: a b ::: 1 2",
        "parallel -k --results x.tsv echo ::: a b ::: 1 2",
        "parallel -k --results x.json echo ::: a b ::: 1 2",
        "parallel -k --results -.json 'printf \"\\001\\177\\377\\r\"; : {}' ::: a",
        "parallel -k --results -.csv 'printf \"a\\rb\"; : {}' ::: a",
        "parallel -k --header : --results -.csv echo ::: x a b ::: y c",
        "printf 'x,y\\n1,2\\n3,4\\n' | parallel -k --colsep , --header : --results -.tsv echo {y} {x}",
        "parallel -k --header : --results -.tsv -N2 echo {1} {2} ::: a 1 2 3",
        "parallel -k --header : --results -.csv -X -j1 echo ::: a 1 2 3 ::: b 4",
        "parallel -k --colsep , --results -.csv echo {2} {1} ::: a,b c,d,e f",
        "parallel -k --results -.json -N2 echo {2} {1} ::: a b c",
        "parallel -k --results -.csv 'exit {}' ::: 0 3",
        "parallel -k --results -.csv 'kill -9 $$; : {}' ::: a",
        "parallel -k --results -.csv -v 'echo {}' ::: a",
        "parallel -k --results -.csv --tag 'echo {}; echo {} >&2' ::: a b",
        "parallel -k --results -.csv --color 'echo {}; echo {} >&2' ::: a b",
        "parallel -j1 --results x.csv --lb 'echo {}; echo {} >&2' ::: a b",
        "parallel -j1 --results -.csv --lb 'echo {}; echo {} >&2' ::: a b",
        "parallel -j1 --results x.csv --lb --tag 'echo {}; echo x' ::: a b",
        "parallel -j1 --results x.csv -u 'echo {}' ::: a b",
        "parallel -k --results x.csv --files 'echo {}; echo {} >&2' ::: a b",
        "parallel -k --results -.csv --files 'echo {}; echo {} >&2' ::: a b",
        "parallel -k --results -.csv --dry-run 'echo {}' ::: a b",
        "parallel -k --results x.csv -n2 echo ::: a b c",
        "parallel -k --results x.csv --joblog log echo ::: a b",
        "parallel -k --results -.csv --retries 2 'echo {}; false' ::: a",
        "parallel -j1 --results '{}.csv' echo ::: a b",
        "parallel -k --results -.csv 'seq {}' ::: 40000 2 | cksum | wc -c | grep -c .",
        "parallel -j1 --halt now,fail=1 --results -.csv 'echo {}; exit {}' ::: 0 1 2",
        "parallel -j1 --halt soon,fail=1 --results -.csv 'echo {}; exit {}' ::: 0 1 2",
        "parallel -j2 --timeout 1 -k --results -.csv 'echo {}; sleep {}' ::: 0 100",
        "parallel -k --tagstring '{1}/{2}' --results -.csv echo ::: 0 1 ::: 2",
        "parallel -k --results -.csv -X -j2 echo ::: 0 1 2",
        "parallel -k --results x.csv --resume --joblog log echo ::: a b",
        "parallel -k --results x.csv --resume echo ::: a b",
        "seq 3 | parallel -k --results x.csv < /dev/null",
    ]);
}

#[test]
fn going_on() {
    same(&[
        "parallel --results r 'echo 1{}' ::: a b; parallel -j1 --resume --results r --files 'echo 2{}' ::: a b c",
        "parallel --results r 'echo 1{}; false' ::: a b; parallel -k --resume --results r 'echo 2{}' ::: b c a",
        "parallel --results r 'echo 1{}' ::: a b; parallel --resume-failed --results r 'echo 2{}' ::: a b c",
        "parallel --results 'r/{}' 'echo 1{}' ::: a b; parallel --resume --results 'r/{}' 'echo 2{}' ::: a b c",
        "parallel --results 'r/{}/' 'echo 1{}' ::: a b; parallel --resume --results 'r/{}/' 'echo 2{}' ::: a b c",
        "parallel --results r 'echo 1{}' ::: a b; parallel -j1 --resume --joblog log --results r 'echo 2{}' ::: a b c",
        "parallel -k --joblog log --results r 'exit {}' ::: 0 1; parallel -k --resume-failed --joblog log --results r 'echo {}' ::: 0 1",
        "parallel --results 'r/{= $_ = reverse $_ =}' 'echo 1{}' ::: ab cd; parallel --resume --results 'r/{= $_ = reverse $_ =}' 'echo 2{}' ::: ab cd ef",
        "parallel --resume echo ::: a",
        "parallel --resume-failed echo ::: a",
    ]);
}

#[test]
fn compressed() {
    same(&[
        "parallel -k --compress 'seq {}; echo e >&2' ::: 1 2 3 2>&1",
        "parallel -k --compress --tag 'seq {}; echo e >&2' ::: 1 2 3 2>&1",
        "parallel -j1 --compress --lb 'seq {}' ::: 1 2 3",
        "parallel --compress --results r 'seq {}' ::: 3 30000; zstd -dc r/1/*/stdout; rm -r r",
        "zstd -dc $(parallel -k --compress --files 'seq {}' ::: 3 30000); rm -r $TMPDIR/*",
        "parallel -k --compress-program 'gzip -n' --results r 'seq {}; echo e >&2' ::: 3 30000",
        "parallel -k --use-compress-program 'rev; :' --results r 'seq {}' ::: 30",
        "parallel --compress --results r 'true' ::: a",
        "parallel --compress-program gzip --results r 'true' ::: a",
        "parallel -k --compress --results -.csv 'seq {}' ::: 3",
        "zcat $(parallel -k --compress-program gzip --decompress-program zcat --files seq ::: 3 2); rm -r $TMPDIR/*",
    ]);
}

#[test]
fn in_poor_surroundings() {
    same(&[
        "parallel -k --results r --tag 'echo {}' ::: a b <&-",
        "(HOME=/dev/null parallel -k --results -.csv 'echo {}' ::: a b)",
        "(unset TERM; parallel -k --color 'echo {}' ::: a b)",
        "env -i HOME=\"$HOME\" PATH=\"$PATH\" TMPDIR=\"$TMPDIR\" \"$PROGRAM\" -k --files 'echo {}' ::: a b 2>&-",
        "seq 3 | parallel -k --results r 'cat; echo {}'",
        "parallel -k --results r/s/t.csv echo ::: a; mkdir -p r/s; parallel -k --results r/s/t.csv echo ::: a",
        "parallel -k --results -.json 'echo {}; exit 3' ::: a b | sed -n 2p",
    ]);
}

#[test]
fn commands_that_are_shown() {
    same(&[
        "parallel -k -v echo {} ::: A B C",
        "parallel -k -vv echo {} ::: A B C",
        "parallel -k --silent -v echo {} ::: A B C",
        "parallel -k -v --silent echo {} ::: A B C",
        "parallel -k --dryrun echo {} ::: A B C",
        "parallel -k -t echo {} ::: A B C",
        "parallel -k -v --joblog log 'echo {}' ::: A B C",
        "parallel -j1 --lb --joblog log 'echo {}; echo {} >&2' ::: A B C",
        "parallel -j1 -v -u 'echo {}' ::: A B C",
    ]);
}

/// GNU parallel draws them also where there is no terminal.
#[test]
fn latest_lines_keep_the_order_where_they_are_not_drawn() {
    let job = "until [ {} = 4 ] || [ -e $(({} + 1)) ]; do sleep 0.01; done; echo no; echo {}; touch {}";
    let done = crate::harness::fanout().args(["--latest-line", "-k", "-j4", job, ":::", "1", "2", "3", "4"]).run();
    done.ok().stdout("1\n2\n3\n4\n");
}
