//! The command lines of findutils' own test suite (4.9: `xargs/testsuite`, `tests/xargs`) on input of the same shapes.

use crate::harness::same_beside_xargs;

/// Stairs up and down, lines of several words, blanks of all kinds, quotes, ends; `-0` has the same with NULs.
const INPUTS: &str = r#"
for i in 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9; do printf "%0${i}d\n" 0 | tr 0 $i; done >stairs
tac stairs >stairs2
printf 'a bb ccc dddd\neeeee ffffff\nggggggg\nhhhhhhhh\niiiiiiiii a bb\nccc dddd eeeee\nffffff ggggggg\nhhhhhhhh\niiiiiiiii\n' >lines
printf ' \f\r\t\v\na bb ccc dddd \neeeee ffffff\nggggggg \nhhhhhhhh \niiiiiiiii a bb\nccc dddd eeeee\nffffff ggggggg\nhhhhhhhh\niiiiiiiii \n' >blanks
printf ' \f\r\t\v\nfool\n s  s \n\ff\f\ff\f\n\rr\r\rr\r\n\tt\t\tt\t\n\vv\v\vv\v\n \f\r\t\v' >items
printf 'un\0 \f\r\t\v\n\0fool\0 s  s \0\ff\f\ff\f\0\rr\r\rr\r\0\tt\t\tt\t\0\vv\v\vv\v\0 \f\r\t\0\nn\n\nn\n\0' >items0
for f in '' a README Makefile.in INSTALL NEWS COPYING install.sh some/longer/name autoheader.m4; do echo /usr/src/tool-2.34/$f; done >files
printf '\n\f\r\t\v \n' >space; printf '\n\n\n\n' >blank
printf '  here is\n"a quoted \t text"  \nand \\\n an escaped \\\n newline\nand '"'"'single\tones'"'"' too.\n' >quotes
printf 'a '"''"'b\nc '"''"'\n'"''"' d\n' >empty
printf 'i\nii\n_\niii\niiii' >eof; printf 'line\nother\n  _\nmore\n' >eof1; printf 'line\nother\nEOF\nmore\n' >eofstr
printf 'i\nii\n EOF\t\niii\n' >EOF; printf 'i\nii\n bEOF\t\niii\n' >EOFb; printf 'i\nii\n EOFe\t\niii\n' >EOFe
printf 'un\n"deux\ntrois' >unmatched; printf 'un\n"deux' >unmatched2; printf 'un\ndeux' >open; printf 'hello moon' >hello
printf 'false\necho 1\necho 2\n' >ftt; printf 'exit 255\necho 1\n' >ett; printf 'kill $$; sleep 9\necho 1\n' >stt
for f in stairs stairs2 lines blanks files open eof; do tr '\n' '\0' <$f >${f}0; done
"#;

#[test]
fn posix() {
    same_beside_xargs(
        INPUTS,
        &[
            "xargs -E EOF <EOF; xargs -E EOF <EOFb; xargs -E EOF <EOFe; xargs -E_ <eof",
            "xargs -E_ -IARG echo from ARG to xARGy <eof; xargs -IARG echo from ARG to xARGy -E_ <eof",
            "xargs -IARG -s15 echo ARG <stairs; xargs -IARG echo from ARG to xARGy <items; xargs -IARG echo from ARG to xARGy <space",
            "xargs -iARG -s86 echo ARG is xARGx <files",
            "LC_ALL=C xargs -L2 -n2 <lines; xargs -L2 <lines; xargs -L2 <blanks; xargs -L3 <lines",
            "yes | head -32767 | xargs sh -c 'echo $#'; yes | head -16383 | xargs true; echo $?; yes | head -65535 | xargs sh -c 'echo $#'",
            "xargs false <files; echo $?; LC_ALL=C xargs -n1 -IARG sh -c ARG <ftt; echo $?",
            "xargs -n1 -IARG sh -c ARG <ett; echo $?; xargs -n1 -IARG sh -c ARG <stt; echo $?",
            "xargs / </dev/null; echo $?; xargs ./missing </dev/null; echo $?",
            "xargs echo this plus that </dev/null; xargs </dev/null; xargs echo this plus that <space; xargs <open; xargs <quotes",
            "xargs -n1 <stairs; xargs -n2 <stairs; xargs -n2 -s21 <stairs; xargs -n3 <files; xargs -n3 -s31 <stairs2",
            "xargs -n2 -s21 -x <stairs; echo $?; xargs -n2 -x <unmatched; echo $?; xargs <unmatched; echo $?; xargs <unmatched2; echo $?",
            "for s in 14 15 25 118; do xargs -s$s <stairs; echo $?; xargs -s$s <stairs2; echo $?; done",
            "for s in 6 42 48 470; do xargs -s$s <files; echo $?; xargs -s$s echo hi there <files; echo $?; done",
            r"printf '1\f2\f3\f4\na\fb\fc\fd\n' | xargs printf '[%s]\n'; printf 'q\vw\ve\vr 6\v7\v8\v9\n' | xargs printf '[%s]\n'",
            "seq 3 >three; (xargs -E2; cat) <three; sh -c '{ xargs -E2; cat; }' <three",
        ],
    );
}

#[test]
fn system_v() {
    same_beside_xargs(
        INPUTS,
        &[
            "xargs -e <eof; xargs -eEOF <eofstr; xargs -E_ <eof1",
            "xargs -t echo this plus that </dev/null; xargs -t </dev/null; xargs -t echo this plus that <space; xargs -s25 -t <stairs",
            r"xargs -iARG echo ARG is xARGx <files; xargs -i echo from \{\} to x{}y <items; xargs -i__ echo FIRST __ IS OK <quotes",
            r"xargs -i -s26 echo from \{\} to x{}y <items; echo $?",
            "xargs -l <lines; xargs -l <blanks; LC_ALL=C xargs -l1 -n4 <files; xargs -l2 <files",
            r"xargs -n1 printf '@%s@\n' <empty; printf 'one two\nthree \nfour\n' | xargs -n2 -t echo",
        ],
    );
}

#[test]
fn gnu() {
    same_beside_xargs(
        INPUTS,
        &[
            "xargs -0 -n3 <files0; xargs -E_ -0 <eof0; xargs -L2 -0 <lines0; xargs -L2 -0 <blanks0; xargs -L3 -0 <lines0; xargs -l -0 <lines0; xargs -l -0 <blanks0",
            "mkfifo p q; printf 'read x <p; echo one\nread x <q; echo two; echo >p\necho three; echo >q\n' | LC_ALL=C xargs -P3 -n1 -IARG sh -c ARG; rm p q",
            "xargs -d o -n1 <hello; xargs -r echo this plus that </dev/null; xargs -r </dev/null; xargs -r echo this plus that <blank; xargs -r echo this plus that <space",
            r"xargs -i -0 echo from \{\} to x{}y <items0; xargs -i -s26 -0 echo from \{\} to x{}y <items0; echo $?",
            "xargs -n1 -0 <stairs0; xargs -n2 -0 <stairs0; xargs -n2 -s21 -0 <stairs0; xargs -n2 -s21 -x -0 <stairs0; echo $?",
            "xargs -n3 -0 <stairs20; xargs -n3 -s31 -0 <stairs20; xargs -0 <open0; xargs echo this plus that </dev/null",
            "for s in 14 15 25 118; do xargs -0 -s$s <stairs0; echo $?; xargs -0 -s$s <stairs20; echo $?; done",
            "xargs -0 echo this plus that <space; xargs -t -0 echo this plus that <space",
        ],
    );
}

#[test]
fn options_that_exclude_each_other() {
    let [words, lines, places] = [["-n2", "--max-args=2"], ["-l2", "--max-lines=2"], ["-IREPL", "--replace=REPL"]];
    let groups = [words, lines, places].map(|group| group.join(" "));
    let pairs = groups.iter().flat_map(|one| {
        let all = format!("{} -i", groups.join(" "));
        [format!("for a in {one}; do for b in {all}; do xargs $a $b <lines; xargs $b $a <lines; done; done")]
    });
    let more = [
        "xargs -l2 -l3 -l4 -i -n2 <lines; xargs -n2 -i -l4 -l5 <lines",
        "xargs -l2 --max-lines=3 --replace=4 -I5 --max-args=6 -n7 -n1 <lines",
        "xargs -I_ -n1 echo 'a._.b' <lines; xargs -n1 -I_ echo 'a._.b' <lines",
    ];
    let table: Vec<String> = pairs.chain(more.map(str::to_owned)).collect();
    same_beside_xargs(INPUTS, &table.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn names_that_need_quotes_are_shown_in_quotes() {
    same_beside_xargs(
        "printf '#!/bin/sh\necho \"$@\"\n' >'a tool'; chmod +x 'a tool'",
        &[r#"printf '%s\0' 111 '2 2' '3"3' "4'4" '5
5' | xargs -0t '-I{}' './a tool' 'two words' '{}' end"#],
    );
}
