//! Tests of the whole: templates in, command texts and words out.

mod evaluated;
mod families;
mod fuzz;
mod interpreter;
mod length;
mod oracle;
mod repeat;
mod second;
mod shells;
mod whole;

use super::*;
use crate::model::Seq;

/// Values that try to get out of their quotes, and others that are only awkward.
const HOSTILE: &[&[u8]] = &[
    b"",
    b"{<(touch canary",
    b"{>(touch canary)",
    b"{ <( { >(",
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
    Record::new(Seq(7), args.iter().collect())
}

fn template(words: &[&str]) -> Template {
    inserting(words, Insertion::default())
}

fn inserting(words: &[&str], insertion: Insertion) -> Template {
    let words: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
    Template::compile(&words, ShellFamily::Posix, insertion, &mut Strings::new(ShellFamily::Posix))
        .expect("this family never refuses to compile")
        .0
}

/// The text of a command, or why there is none.
fn compose(words: &[&str], record: &Record) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    template(words).text(record, Slot(3), &mut text).map_err(|refusal| refusal.reason)?;
    Ok(text)
}

/// The text of a command for people, or the reason why there is none.
fn shown(words: &[&str], args: &[&str]) -> String {
    compose(words, &record(args)).map_or_else(
        |reason| format!("refused: {reason}"),
        |text| String::from_utf8(text).expect("only ASCII was put in"),
    )
}

fn job(words: &[&str], args: &[&str]) -> Job {
    let mut job = Job::default();
    template(words).expand(&record(args), Slot(3), &mut job).expect("nothing to refuse");
    job
}

#[test]
fn placeholders_are_quoted_by_what_they_stand_in() {
    for (template, args, text) in [
        ("echo", &["a b", "c"][..], "echo 'a b' c"),
        ("echo {#} {%} {##} {3} {-1} {0}", &["a", "b"], "echo 7 3 {##}  b a b"),
        ("file-{}.txt", &["01", "02", "03"], "file-'01 02 03'.txt"),
        ("echo file-{}.txt", &["01", "02", "03"], "echo file-01 02 03.txt"),
        ("a \"{}\" '{}' {}", &["it's $x"], "a \"it's \\$x\" 'it'\"'\"'s $x' 'it'\"'\"'s $x'"),
        ("echo \"x{}y\"", &["a", "b"], "echo \"xa by\""),
        ("gzip < {} > {/.}.gz", &["a b/c d.e"], "gzip < 'a b/c d.e' > 'c d'.gz"),
        ("true && {} x", &["if"], "true && 'if' x"),
        ("echo {}>f", &["2"], "echo '2'>f"),
        ("echo $x{}", &["y"], "echo $x'y'"),
        ("echo \"$x{}\"", &["y"], "echo \"$x\"\"y\""),
        ("[[ {} == a* ]]", &["-v"], "[[ '-v' == a* ]]"),
        ("echo x{3}#y {2}", &["a", "b"], "echo x''#y b"),
        ("{} x {2}", &["echo 'a b' $x", "c d"], "echo 'a b' $x c d x 'c d'"),
        ("{2} \"{1}\"", &["$x", "$y"], "$y \"\\$x\""),
    ] {
        let words: Vec<&str> = if template == "file-{}.txt" { vec!["file-'{}'.txt"] } else { vec![template] };
        assert_eq!(shown(&words, args), text, "{template}");
    }
}

#[test]
fn no_quoting_means_harmless_values_only() {
    let admitted = |template: &str, value: &str| compose(&[template], &record(&[value, value])).is_ok();
    for (template, harmless, harmful) in [
        ("echo $((1+{1}))", "-12", "x"),
        ("echo $[1+{1}]", "0x1F", "a[0]"),
        ("((x={1}))", "3", "3)"),
        ("a[{1}]=x", "3", "x"),
        ("echo # {1}", "it's $(x) `y`", "a\nb"),
        ("echo `date # {1}`", "a b", "`"),
        ("cat <<{1}\nx\n{1}", "END", "E D"),
        ("cat <<EOF\n{1}\nEOF", "a 'b' $(c)\n d", "a\nEOF\nb"),
        ("cat <<-EOF\n\tx{1}\n\tEOF", "\ta\n b", "a\n\tb"),
        ("cat <<EOF\n$x{1}\nEOF", "/y", "y"),
        ("echo ${x:-{1}}", "a=b@c:d%e,f/g", "a b"),
        ("echo ${1}", "HOME", "a b"),
        ("echo \\{1}", "n", "a b"),
        ("[[ {1} -eq 1 ]]", "1", "x"),
        ("[ {1} -lt 1 ]", "1", "x"),
        ("[[ -v {1} ]]", "x", "x[0]"),
        ("unset {1}", "x", "x[$(y)]"),
        ("declare {1}", "x=1", "x[$(y)]=1"),
        ("export {1}", "x=1", "x=$(y)"),
        ("export x={1}", "$(y) `z`", ""),
        ("declare -i x={1}", "1", "a[0]"),
        ("printf -v {1} x", "x", "x[0]"),
        ("read {1}", "x", "x[0]"),
        ("let x={1}", "1", "a[0]"),
        ("OPTIND={1} x", "1", "a[0]"),
        ("x={1}; echo $((x))", "$x", "a[$(y)]"),
        ("printf '%d' {1}", "$x", "a[`y`]"),
        ("echo \"${x:-\"y\"}{1}\"", "a", "a b"),
        ("echo 'never closed {1}", "a", "a b"),
        ("echo \"{1}", "a", "a b"),
        ("$(echo {1}) x", "ls", "touch x"),
        ("(($(echo {1})))", "3", "touch x"),
        ("alias e='echo \"'\ne {1}\"", "a", "a b"),
        ("echo $'it\\'s' {1}", "a", "a b"),
    ] {
        assert!(admitted(template, harmless), "{template} with {harmless:?}");
        assert!(harmful.is_empty() || !admitted(template, harmful), "{template} with {harmful:?}");
    }
}

#[test]
fn a_refusal_is_one_line_with_the_remedy() {
    insta::assert_snapshot!(shown(&["echo $((1+{2/.}))"], &["1", "a/x\ny.z"]), @r"refused: {2/.} stands in arithmetic: only an integer can stand there, 'x\ny' is refused; give it one, or take it out of the arithmetic");
    insta::assert_snapshot!(shown(&["cat <<EOF\n{}\nEOF"], &["EOF"]), @"refused: a line of a value would end the here-document in which it stands (EOF), and the rest would run as commands; choose another delimiter");
    insta::assert_snapshot!(shown(&["cat <<EOF\n{}\nEOF"], &["Eé"]), @"refused: a line of the here-document would begin like its delimiter (EOF) and go on with a byte above 0x7f, which dash drops; choose another delimiter");
    insta::assert_snapshot!(shown(&["x={}; y"], &["a", "b"]), @r#"refused: {} stands where only one word can stand: only one value can stand there, this number of arguments is refused; use {1} or "…{}…" in double quotes"#);
}

#[test]
fn plain_commands_need_no_shell() {
    let words = |template: &str, args: &[&str]| {
        let job = job(&[template], args);
        assert_eq!((job.plain, job.text.is_empty()), (!job.words.is_empty(), job.plain || args == [""]), "{template}");
        job.words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect::<Vec<_>>().join("|")
    };
    for (template, args, expected) in [
        ("/bin/echo", &["a b", "$x", ""][..], "/bin/echo|a b|$x|"),
        ("echo  {}\tx", &["*"], "echo|*|x"),
        ("echo a{}b", &["1", "2"], "echo|a1|2b"),
        ("echo 'a{}b' \"c{}\"'d'e", &["1", "2"], "echo|a1 2b|c1 2de"),
        ("echo {3} x{3}", &["1"], "echo|x"),
        ("echo '{3}' {3}''", &["1"], "echo||"),
        (" {} x", &["if"], "if|x"),
        ("{}", &["echo 'a  b' c"], "echo|a  b|c"),
        ("{} x", &["echo 'a  b'"], "echo|a  b|x"),
        ("dd if={} of={.}.o bs=1M", &["a b.c"], "dd|if=a b.c|of=a b.o|bs=1M"),
        ("./run-{}.sh", &["$x"], "./run-$x.sh"),
        ("convert -resize 50% a@b,c:d é", &["x"], "convert|-resize|50%|a@b,c:d|é|x"),
    ] {
        assert_eq!(words(template, args), expected, "{template}");
    }
    for template in [
        "echo $x",
        "echo `x`",
        "echo a;b",
        "echo a&",
        "a|b",
        "echo <{}",
        "echo >{}",
        "(echo)",
        "echo *",
        "echo a?",
        "echo [a]",
        "echo #x",
        "echo ~",
        "! echo",
        "echo a!",
        "x=1 echo",
        "echo =ls",
        "echo {a,b}",
        "{ echo",
        "if true",
        "time echo",
        "echo a\nb",
        "echo \"$x\"",
        "echo \"a\\b\"",
        "echo a\\b",
        "echo 'a",
        "echo a^b",
        "echo a\rb",
        " {3} echo",
    ] {
        assert_eq!(words(template, &["1"]), "", "{template}");
        assert_eq!(words("{}", &[template]), "", "{template} as a line of input");
    }
    assert_eq!([words("{}", &[""]), words("{}", &["  "]), words(" {3}", &["a"])], ["", "", ""]);
}

#[test]
fn a_jobs_memory_is_used_again() {
    let plain = template(&["echo {}"]);
    let shell = template(&["echo {};"]);
    let mut job = Job::default();
    plain.expand(&record(&["a"]), Slot(1), &mut job).expect("data");
    shell.expand(&record(&["b"]), Slot(1), &mut job).expect("data");
    assert_eq!(job, Job { plain: false, words: crate::model::Words::new(), text: b"echo b;".to_vec(), appends: false });
    plain.expand(&record(&["c"]), Slot(1), &mut job).expect("data");
    assert_eq!(job, Job { plain: true, words: ["echo", "c"].into_iter().collect(), text: Vec::new(), appends: false });
}

#[test]
fn a_label_is_not_quoted() {
    let mut text = Vec::new();
    Template::label(b"{#}:{%} {} [{2/}] {5}", Insertion::default(), &mut Strings::new(ShellFamily::Posix)).label_text(
        &record(&["a 'b'", "c/$d"]),
        Slot(3),
        &mut text,
    );
    assert_eq!(bstr::BStr::new(&text), "7:3 a 'b' c/$d [$d] ");
    text.clear();
    Template::label(b"fixed", Insertion::default(), &mut Strings::new(ShellFamily::Posix)).label_text(
        &record(&["a"]),
        Slot(3),
        &mut text,
    );
    assert_eq!(bstr::BStr::new(&text), "fixed");
}

#[test]
fn any_depth_is_survived() {
    for opening in ["${x:-", "$(", "(", "\"$(", "$((", "[[ ", "a[$", "x=("] {
        let command = format!(": ; {}{{}}", opening.repeat(5_000));
        assert!(compose(&[&command], &record(&["a b"])).is_err(), "{opening}");
        assert!(compose(&[&format!("{{}} {command}")], &record(&["a b"])).is_err(), "{opening}");
    }
}

#[test]
fn everyday_commands_take_any_value() {
    for command in [
        "gzip -9 < {} > {}.gz && rm {}",
        "ffmpeg -i {} -c:v libx264 -crf 23 {.}.mp4 2>> \"{/.}.log\" || echo \"failed: {}\" >&2",
        "convert {} -resize '50%' thumbs/{/.}_small.png",
        "if [ -s {} ]; then wc -l < {}; else echo \"{} is empty\"; fi",
        "if [[ -f {} && ! -L {} ]]; then md5sum {}; fi",
        "[[ {} == *.txt ]] && cat {}",
        "[ \"$(stat -c %s {})\" -gt 1000 ] && ls -l {}",
        "test \"{}\" = \"x\" -o -n '{}' && echo {}",
        "for i in 1 2 3; do cp {} {}.$i; done",
        "while read -r line; do echo \"$line\"; done < {}",
        "f={}; echo \"${f%.*}\" \"${f##*/}\" \"${#f}\" ${f//a/b}",
        "x=$(basename {} .txt) && mv {} \"$x.bak\"",
        "cd {//} && tar czf \"$OLDPWD\"/{/}.tgz {/}",
        "curl -s -o {/} \"https://host/{}?a=b&c=d#e\"",
        "(cd /tmp && sort -u) < {} | uniq -c | sort -rn | head -n 10 > {.}.top",
        "case {} in *.gz) zcat {};; *.bz2|*.xz) echo \"other: {}\";; *) cat {};; esac | wc -l",
        "awk -F: '{print $1; s += $2} END {print s}' {} | sed -e 's/a/b/g' -e '/^#/d'",
        "find {} -type f -name '*.c' -exec grep -l 'main(' '{}' \\;",
        "perl -ne 'print if /x$/' {} > {.}.out 2>&1",
        "echo {#}/{%}: {} # the {#}th",
        "sleep $((RANDOM % 3)); echo {}",
        "n=$((1+2)); echo $n {}",
        "for ((i=0; i<3; i++)); do echo $i {}; done",
        "set -euo pipefail; cat {} | tee {}.copy >/dev/null",
        "trap 'rm -f tmp.$$' EXIT; cp {} tmp.$$",
        "export LC_ALL=C F={}; printf '%s\\n' \"$F\"",
        "printf '%d: %s\\n' {#} {}",
        "printf \"%s\\t%s\\n\" \"{1}\" '{2}'",
        "cat <<EOF > {}.txt\nfile: {}\nbase: {/} $(basename {})\nEOF\n",
        "f() { echo \"$1\"; }; f {}",
        "function g { local x=$1; echo \"$x\"; }; g {}",
        "diff <(sort {1}) <(sort {2}) > {1/}.diff",
        "a=(one {} \"two {}\"); printf '%s\\n' \"${a[@]}\"",
        "echo $'tab\\there' {} $'it\\x27s'",
        "timeout 10 wget -q {} -O - 2>/dev/null | grep -c '<a href=\"' || exit 1",
        "{ echo {}; date; } >> log; exit 0",
        "ls -l {} |& cat; echo ${PIPESTATUS[0]}",
        "git -C {} log --format='%h %s' -n 1",
        "jq -r '.a[] | select(.b == \"c\") | \"\\(.d)\"' {}",
        "docker run --rm -v \"$PWD:/w\" -e X={} image cmd --file=/w/{} --opt={}",
        "test -e {}.done || { make -C {} && touch {}.done; }",
        "echo \"`date`\" {} \"`basename \"{}\"`\"",
        "python3 -c 'import sys; print(sys.argv[1])' {}",
        "sh -c 'echo \"$1\"' _ {}",
        "time cat {} > /dev/null",
        "! grep -q x {} && echo \"no x in {}\"",
        "env FOO={} BAR=\"{/}\" cmd < /dev/null &",
        "x=${HOME}/{/}; y=\"${x}_1\"; echo $x{} \"$y{}\"",
    ] {
        for value in ["it's a [$(touch canary)] `x`; \"file\" {a,b} #\\ \n.txt", "-n", "", "a b"] {
            let args = record(&[value, value]);
            let single = record(&[value]);
            let args = if command.contains("{2}") { &args } else { &single };
            match compose(&[command], args) {
                Ok(_) => {}
                // Arithmetic on what may be the value: only such a subscript is kept out.
                Err(reason) if reason.contains("without [ beside") => {
                    assert!(command.contains("-gt") || command.contains("$(("), "{command}: {reason}");
                }
                Err(reason) => {
                    assert!(reason.contains("comment") || reason.contains("here-document"), "{command}: {reason}")
                }
            }
        }
    }
}
