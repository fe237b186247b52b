//! Lines of a user's, with the real GNU parallel beside us.

use crate::harness::same_beside_parallel;

/// The files of the tutorial, and some more.
const FILES: &str = r"printf 'A\nB\nC\n' >abc-file; printf 'D\nE\nF\n' >def-file; printf 'A_B_C_' >abc_-file
printf 'A\0B\0C\0' >abc0-file; printf 'f1\tf2\nA\tB\nC\tD\n' >tsv-file.tsv; printf 'x\r\ny\r\n' >crlf
printf ' a\t b \n\n c,d , e\n' >mess; printf 'h1,h 2,h3\n1,2,3\n4,5,6\n' >c.csv; printf '1\n2\nEND\n3\n' >eof";

#[test]
fn the_tutorials_sources() {
    same_beside_parallel(
        FILES,
        &[
            r"$P -k echo ::: A B C",
            r"$P -k -a abc-file echo",
            r"cat abc-file | $P -k echo",
            r"$P -k echo ::: A B C ::: D E F",
            r"$P -k -a abc-file -a def-file echo",
            r"cat abc-file | $P -k -a - -a def-file echo",
            r"cat abc-file | $P -k echo :::: - def-file",
            r"$P -k echo ::: A B C :::: def-file",
            r"$P -k --link echo ::: A B C ::: D E F",
            r"$P -k --link echo ::: A B C D E ::: F G",
            r"$P -k echo :::: abc-file :::+ G H I :::: def-file",
            r"$P -k echo :::: abc-file ::: G H I ::::+ def-file",
            r"$P -k echo ::: A B C D E :::+ F G",
            r"$P -k --arg-sep ,, echo ,, A B C :::: def-file",
            r"$P -k --arg-file-sep // echo ::: A B C // def-file",
            r"$P -k -d _ echo :::: abc_-file",
            r"$P -k -d '\0' echo :::: abc0-file",
            r"$P -k -0 echo :::: abc0-file",
            r"$P -k -E stop echo ::: A B stop C D",
            r"$P -k -a abc-file echo {1} {2} :::",
            r"$P -k -a abc-file echo {1} {2} ::: ::: x",
            r"$P -k echo {1} {2} :::: abc-file :::",
            r"(echo 1; echo; echo 2) | $P -k --no-run-if-empty echo",
        ],
    );
}

#[test]
fn the_tutorials_columns() {
    same_beside_parallel(
        FILES,
        &[
            r"$P -k --colsep '\t' echo 1={1} 2={2} :::: tsv-file.tsv",
            r"$P -k --header : echo f1={f1} f2={f2} ::: f1 A B ::: f2 C D",
            r"$P -k --header : --colsep '\t' echo f1={f1} f2={f2} :::: tsv-file.tsv",
            r"$P -k --trim r echo pre-{}-post ::: ' A '",
            r"$P -k --trim l echo pre-{}-post ::: ' A '",
            r"$P -k --trim lr echo pre-{}-post ::: ' A '",
        ],
    );
}

#[test]
fn the_manuals_examples() {
    same_beside_parallel(
        FILES,
        &[
            r"$P -k --colsep '-' echo {4} {3} {2} {1} ::: A-B C-D ::: e-f g-h",
            r#"echo '"1 big, 2 small","2""x4"" plank",12.34' | $P -k --colsep ',' echo {1} of {2} at {3}"#,
            r"$P -k --link echo {1} {2} ::: 1 2 3 ::: a b c",
            r"$P -k --link echo {1} {2} {3} ::: 1 2 ::: I II III ::: a b c d e f g",
            r"$P -k --header : echo {colour} {size} ::: colour red green blue ::: size S M L XL XXL",
            r"printf 'Name\tE-mail address\nA B\ta@b\n' | $P -k --colsep '\t' --header : echo {Name} {E-mail address}",
            r"$P --header : echo x{X}y{Y}z{Z} \> x{X}y{Y}z{Z} ::: X 1 2 ::: Y 01 02 ::: Z 1 2",
            r"head -n 2 abc-file >1; tail -n 2 abc-file >2; $P -k echo {1} - {2} ::::+ 1 2",
            r"bash -c '$P -k --link -a <(seq 6) -a <(seq 6 -1 1) echo'",
            r"bash -c '$P -k --link echo :::: <(seq 6) <(seq 6 -1 1)'",
            r"$P -k echo ::: 0 1 ::: 0 1 ::: 0 1 ::: 0 1 ::: 0 1 ::: 0 1",
            r"printf 'foo\tbar\nbaz \t quux\n' >t; $P -k -a t --colsep '\t' echo cmd -o {2} -i {1}",
            r"printf 'foo\tbar\nbaz \t quux\n' >t; $P -k -a t --trim n --colsep '\t' echo cmd -o {2} -i {1}",
        ],
    );
}

#[test]
fn columns() {
    same_beside_parallel(
        FILES,
        &[
            r"$P -k --colsep , 'echo [{1}] [{2}] [{3}] [{-1}]' ::: a,b,c ,b a, , '' ' a , b ' a",
            r"$P -k --colsep '[,;]' echo {2} {1} ::: 'a;b' 'c,d'",
            r"$P -k -C '\t' echo 1={1} 2={2} :::: tsv-file.tsv",
            r"$P -k --colsep '\t' echo 1={1} 2={2} :::: tsv-file.tsv",
            r"$P -k --colsep '_' echo ::: a_b_c",
            r"$P -k --colsep '(,)' echo '[{1}][{2}][{3}]' ::: a,b",
            r"$P -k --colsep '(,)|(;)' echo '[{1}][{2}][{3}][{4}]' ::: 'a,b;c'",
            r"$P -k --colsep '' echo {2}-{1} ::: abc",
            r"$P -k --colsep '\s*' echo {2}-{1} ::: 'ab c'",
            r"$P -k --colsep '^' echo {2}-{1} ::: 'ab c'",
            r"$P -k --colsep '|' 'echo [{1}] [{2}] [{3}] [{4}]' ::: 'a|b' 'c||' ' a | b'",
            r"$P -k --colsep ',|' 'echo [{1}] [{2}] [{3}] [{4}] [{-1}]' ::: 'a,b;c' ',,a,'",
            r"$P -k --colsep '|,+' 'echo [{1}] [{2}] [{3}] [{4}] [{-1}]' ::: 'a,b;c' ',,a,'",
            r"$P -k --colsep ',||;' --trim n 'echo [{1}] [{2}] [{3}] [{4}] [{-1}]' ::: 'a,b;c' ',,a,; '",
            r"$P -k --colsep ' ' echo {2}-{1} ::: ' ab  c '",
            r"$P -k --colsep ' +' echo {2}-{1} ::: ' ab  c '",
            r"$P -k --colsep '\|' echo {2}-{1} ::: 'ab|c'",
            r"$P -k --colsep , echo {1}-{2}-{3}-{4} ::: a,b c ::: d,e f",
            r"$P -k --colsep , echo {1}-{2}-{3}-{4} ::: a,b c :::+ d,e f",
            r"$P -k --colsep , --link echo {1}-{2}-{3}-{4} ::: a,b c ::: d,e f g",
            r"$P -k --colsep , -n2 echo {1}-{2}-{3}-{4} ::: a,b c,d e",
            r"$P -k --colsep , --trim n 'echo [{1}][{2}]' ::: ' a , b '",
            r"$P -k --colsep , --trim l 'echo [{1}][{2}]' ::: ' a , b '",
            r"$P -k --colsep , --trim r 'echo [{1}][{2}]' ::: ' a , b '",
            r"$P -k --colsep , --trim lr 'echo [{1}][{2}]' ::: ' a , b '",
            r"$P -k --trim rl 'echo [{}]' :::: mess",
            r"$P -k --trim r 'echo [{}]' ::: '  a  ' '	b	' '   '",
            r"$P -k --trim l 'echo [{}]' ::: '  a  ' '	b	' '   '",
            r"$P -k --colsep , < mess",
            r"$P -k --header : --colsep , echo {h1}-'{h 2}'-{h3}-{3} :::: c.csv",
            r"$P -k --header : --colsep , --link echo {h1}-{x}  :::: c.csv ::: x y z",
            r"$P -k -r --colsep , 'echo [{1}]' ::: ' ' a",
            r"$P -k --colsep '\0' echo {2} < abc0-file",
            r"$P -k -0 --colsep B 'echo [{2}]' < abc0-file",
            r"$P -k --colsep '(?i)X' echo {2} {1} ::: axb aXb",
            r"$P -k --colsep '[[:space:]]+' echo {2} {1} ::: 'a   b'",
            r"$P -k --colsep '\.' echo {2} {1} ::: 10.20.30",
            r"$P -k --colsep ', *$' 'echo [{1}] [{2}]' ::: 'a, ' 'b'",
            r#"$P -k --colsep '\R' -0 'echo [{1}] [{2}]' ::: "$(printf 'a\r\nb')""#,
            r"$P -k --colsep ' ' ::: 'echo a' 'echo b  c'",
            r"$P -k --colsep , -n2 echo {1}-{3} ::: a,b c,d e,f",
            r"$P -k --colsep , -X -j1 echo x{} ::: a,b c,d",
            r"$P -k --colsep , --tag echo {2} ::: a,b",
            r"$P -k --colsep , -N2 echo {} ::: a,b c",
            r"$P -k --colsep : --dry-run 'echo {1/.} {2//}' ::: a/b.c:d/e",
            r"seq 3 | $P -k --colsep 'x*' echo {1} {2}",
            r"$P -k --colsep , -r 'echo [{1}][{2}]' :::: mess",
            r"$P -k --colsep , -L1 echo {1} {2} ::: 'a, ' 'b' c,d",
        ],
    );
}

#[test]
fn headers() {
    same_beside_parallel(
        FILES,
        &[
            r"$P -k --header : echo {f1} {f2} {1} :::: tsv-file.tsv",
            r"$P -k --header : echo {f1} {f2} {1} < tsv-file.tsv",
            r"$P -k --header '.*\n' echo {f1} {f2} {1} < tsv-file.tsv",
            r"$P -k --header 1 echo {f1} {f2} {1} < tsv-file.tsv",
            r"$P -k --header : echo {a}-{b} {a/} ::: a 1/2 2 ::: b x y",
            r"$P -k --header : echo {a.} {a/.} {a//} ::: a x/y.z",
            r"$P -k --header 0 echo {abc-file}-{def-file} :::: abc-file def-file",
            r"$P -k --header 0 echo {abc-file}-{2} :::: abc-file ::: 1",
            r"$P -k --header : echo {abc-file}-{D} :::: abc-file def-file",
            r"$P -k --header : --tag --tagstring {a} echo {b} ::: a 1 2 ::: b x",
            r"$P -k --header : echo {x} :::: crlf",
            r"$P -k --header : echo {none} ::: a 1",
            r"$P -k --header : echo ::: a",
            r"$P -k --skip-first-line --header : echo {B} :::: abc-file",
            r"$P -k --header : -0 echo {A} < abc0-file",
            r"$P -k --header : --colsep ';' echo {b} {a} ::: 'a;b' '1;2' ::: 'c' 3",
            r"$P -k --header : --link echo {a}{b} ::: a 1 2 3 ::: b x",
            r"$P -k --header : echo {a}{b} ::: a 1 2 3 :::+ b x y",
            r"$P -k --header : -n2 echo {a} {2} ::: a 1 2 3",
            r"$P -k --header : -0 echo {A} :::: abc0-file",
            r"$P -k --header : -r echo {x} ::: x '' 1",
            r"$P -k --header : echo {A} {D} :::: abc-file def-file",
            r"$P -k --header : echo {A} < /dev/null",
            r"$P -k --header : echo {x} ::: x",
            r#"$P -k --header : --dry-run echo "'{x}'" {x}.txt ::: x 1"#,
        ],
    );
}

#[test]
fn ends_of_inputs() {
    same_beside_parallel(
        FILES,
        &[
            r"$P -k --skip-first-line echo :::: abc-file",
            r"$P -k --skip-first-line echo :::: abc-file def-file",
            r"$P -k -E END echo :::: eof",
            r"$P -k -E END echo :::: eof abc-file",
            r"$P -k -E B echo ::: A B C :::+ 1 2 3",
            r"$P -k -E B echo ::: A B C ::: 1 2 3",
            r"$P -k -E 2 --link echo ::: A B C ::: 1 2 3",
            r"$P -k -E '' echo ::: A B C",
            r"$P -k --eof=B echo ::: A B C",
            r"$P -k -E A echo ::: A B C",
            r"$P -k -d _ echo :::: abc_-file",
            r"$P -k -d _ echo < abc_-file",
            r"$P -k -d B_ echo < abc_-file",
            r"$P -k -d '\n' echo < abc-file",
            r"$P -k -d '\r\n' echo < crlf",
            r"$P -k -d , echo ::: a,b c",
            r"$P -k -0 echo :::: abc0-file",
            r"$P -k -0 echo ::: a b",
            r"$P -k -r 'echo [{}]' ::: a '' ' ' b",
            r"$P -k -r 'echo [{1}{2}]' ::: a '' b ::: '' 1",
            r"$P -k --no-run-if-empty echo < /dev/null",
        ],
    );
}

#[test]
fn sources() {
    same_beside_parallel(
        FILES,
        &[
            r"$P -k --link echo ::: A B C ::: D E F",
            r"$P -k --link echo {1} {2} ::: A B C D E ::: F G",
            r"$P -k --xapply echo {1} {2} {3} ::: A  ::: F G ::: 1 2 3",
            r"$P -k --xapply -a abc-file -a def-file echo {2} {1}",
            r"$P -k --xapply echo :::: abc-file def-file ::: 1",
            r"$P -k --link echo ::: a b :::+ 1 2 3",
            r"$P -k --link echo ::: a",
            r"$P -k --link echo :::",
            r"$P -k -a abc-file -a def-file echo",
            r"$P -k -a abc-file echo ::: 1 2",
            r"$P -k -a - echo :::: def-file < abc-file",
            r"$P -k echo :::: - < abc-file",
            r"cat abc-file | $P -k echo :::: - -",
            r"cat abc-file | $P -k echo :::: - :::: -",
            r"cat abc-file | $P -k -a - echo :::+ -",
            r"$P -k -a abc-file echo ::: a b :::+ 7 8",
            r"$P -k -a abc-file echo :::+ x y z",
            r"$P -k -a abc-file -a def-file echo ::: x :::+ y",
            r"$P -k --arg-sep ,, echo ,, A B C :::: def-file",
            r"$P -k --arg-sep ,, echo ,, A B ,,+ 1 2 ,, x",
            r"$P -k --arg-file-sep ,, echo ::: A B C ,, def-file",
            r"$P -k --arg-file-sep // echo // abc-file //+ def-file",
            r"$P -k --shuf echo ::: 1 2 3 | sort",
            r"$P --shuf -k -n2 echo ::: 1 2 3 4 | tr ' ' '\n' | sort",
            r"$P -k -S : echo ::: a",
            r"$P -k --sshlogin : echo ::: a",
            r"$P -k echo ::: a b -j2",
            r"$P -k echo -j2 ::: a",
            r"$P -k -- echo -- ::: a -- b",
            r"$P -k -- -x ::: a",
            r"$P -k echo ::: a ::::",
            r"$P -k echo :::: abc-file :::",
            r"echo in | $P -k echo ::::",
            r"echo in | $P -k echo ::: :::",
            r"echo in | $P -k echo :::: abc-file ::::",
            r"$P -k echo :::+ a ::: b :::+ c ::: d ::::+ abc-file",
            r"$P -k echo ::: a b c ::: d :::+ e f ::: g h",
            r"$P -k echo ::: a b c :::+ d e :::+ f g h ::: 1 2 ::::+ def-file",
            r"$P -k echo ::: a b ::: c d e :::+ 1 2 ::: x y",
            r"$P -k echo ::: '' ::: a",
            r"$P -k echo ::: ::: a b",
            "$P -k echo ::: 'a\nb' c",
            r"$P -k --arg-sep ::: --arg-file-sep ::: echo ::: abc-file",
            r"$P -k --shuf -N2 --dry-run echo {#} ::: 1 2 3 | wc -l",
            r"seq 200 | $P -j2 --shuf echo | sort -n | cksum",
            r"$P --shuf --link echo ::: a b c ::: 1 2 | sort",
            r"seq 3 | $P -k --colsep , --shuf echo {1} ::: x,y :::: - | sort",
            r"seq 5 >n; $P -k --bar --shuf echo :::: n 2>/dev/null | sort",
            r"$P -k --link -N2 echo {1} {2} {3} {4} ::: a b c ::: 1 2",
            r"$P -k --link --halt now,fail=1 echo ::: a b ::: 1 2 3",
            r"$P -k --link -a abc-file echo :::: def-file ::: x y",
            r"$P -k -S : -S :,: echo ::: a",
            r"env -i PATH=$PATH HOME=$HOME $P -k echo ::: a",
            r"$P -k echo ::: a <&-",
            r"$P -k -a abc-file echo <&-",
        ],
    );
}

#[test]
fn quoted_commands() {
    same_beside_parallel(
        FILES,
        &[
            r#"$P -k -q echo '$HOME {}' 'a  b' ::: 'x y' "it's""#,
            r#"$P -k -q --dry-run echo '$HOME {}' 'a  b' {1}{2} ::: 'x y' "it's" a"#,
            r#"$P -k -q --dry-run -n2 echo {} ::: 'x y' "it's" a"#,
            r#"$P -k -q --dry-run -n2 echo 'a b'{} ::: 'x y' "it's" a"#,
            r#"$P -k -q --dry-run  echo  ::: 'x y' "it's" a"#,
            r#"$P -k -q --dry-run  {}  ::: 'x y' "it's" a"#,
            r#"$P -k -q --dry-run  ::: 'x y' "it's" a"#,
            r"$P -k -q --dry-run echo {1} {2} x{2} '' ::: 'x y'",
            r"$P -k -q -v echo 'a;b' '{.}' '{/}.x' ::: 'x y.c' d/e.f",
            r#"$P -k -q perl -ne '/^\S+$/ and print $ARGV,"\n"' ::: abc-file def-file"#,
            r#"$P -k -q printf '%s|' 'a\nb' '"{}"' "'{}'" ::: 'x"y' "it's""#,
            r"$P -k --quote echo '`date` $(date) {#} {%}' -j1 ::: a",
            r"$P -k -q --joblog /dev/stderr echo 'a b' ::: x 2>&1 | cut -f 1,9",
            r"$P -k -q -X -j1 --dry-run echo x{}y ::: 'a b' c",
            r"$P -k -q -m -j1 --dry-run echo x{}y ::: 'a b' c",
            r"$P -k -q --header : --dry-run echo 'x {h}' ::: h 'a b'",
            r"$P -k -q --tag echo 'x {}' ::: 'a b'",
            r"$P -q 'echo x' ::: a 2>/dev/null",
            r"printf 'FOO BAR\n' >z; find z -print0 | $P -q0 perl -i -pe 's/FOO BAR/FUBAR/g'; cat z; rm z",
            r"$P -k -q echo '~' '*' ::: '*' '~'",
            r#"VAR='My brother"s 12" records are worth <$$$>'; $P -q echo "$VAR" ::: '!'"#,
            r"$P -k -q echo 'a\nb' {} ::: x",
        ],
    );
}

#[test]
fn filters_and_expressions_of_columns() {
    same_beside_parallel(
        FILES,
        &[
            r"$P -k --filter '{1} < {2}+1' echo {#} {} ::: 1 2 3 ::: 1 2 3",
            r"$P -k --filter '{1} > 1' --filter '{1} < 4' echo ::: 1 2 3 4 5",
            r#"$P -k --filter '"{1}" eq "a"' echo {#}-{} ::: a b a"#,
            r#"$P -k --filter '"{1}" =~ /b/' echo ::: abc def"#,
            r"$P -k --filter '{#} > 1' echo {#} ::: a b c",
            r"$P -k --filter '{a} > 1' --header : echo {#} ::: a 1 2 3",
            r"$P -k --joblog log --filter '{1} > 1' echo ::: 1 2; cut -f 1,7- log",
            r"$P -k --dry-run --filter '{1} > 1' echo ::: 1 2",
            r"$P -k --filter '{1} > 1' false ::: 1 2 3",
            r#"$P -k --filter '{1} ne "b" and {1} ne "c"' echo ::: 1 b"#,
            r#"$P -k --filter 'length("{1}") > 1' echo ::: a bb ccc"#,
            r"$P -k --filter '{1} % 2' echo ::: 1 2 3 4",
            r#"$P -k --filter '"{1}" lt "{2}"' echo ::: a b c ::: a b c"#,
            r#"$P -k --filter '-e "{1}"' echo ::: abc-file nofile"#,
            r"$P -k --colsep , --filter '{2} > 1' echo {1} ::: a,1 b,2",
            r"$P -k --filter '{1} > 1' --tag echo ::: 1 2",
            r"$P -k --header : echo '{=f1 s/A/x/=} {f2}' :::: tsv-file.tsv",
            r"$P -k --header : echo '{=f1 s/A/x/; =}' :::: tsv-file.tsv",
            r"$P -k --header : --tagstring '{f1}' echo '{=f2 $_=lc =}' :::: tsv-file.tsv",
            r"$P -k --colsep , echo '{=2 $_++ =}' ::: a,1 b,2",
            r"$P -k --colsep , --plus echo {1..} {2%x} ::: a.b.c,1x",
        ],
    );
}
