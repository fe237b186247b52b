//! How many inputs a job gets, and how they stand in its command: the real GNU parallel beside us.

use proptest::prelude::*;

use crate::harness::{fanout, parallel, same_beside_parallel, seq};

/// Lines of sh, in which `$P` is the program.
const LINES: &[&str] = &[
    // The tutorial.
    "seq 30000 | $P -k --xargs echo | wc -l",
    "seq 30000 | $P -k --xargs -s 10000 echo | cksum",
    "seq 30000 | $P -k -j4 -m echo | cksum",
    "$P -k --jobs 4 -m echo ::: 1 2 3 4 5 6 7 8 9 10",
    "$P -k --jobs 4 -m echo pre-{}-post ::: A B C D E F G",
    "$P -k --jobs 4 -X echo pre-{}-post ::: A B C D E F G",
    "$P -k -N3 echo ::: A B C D E F G H",
    "$P -k -N3 echo 1={1} 2={2} 3={3} ::: A B C D E F G H",
    "$P -k -N0 echo foo ::: 1 2 3",
    // The manual.
    "head -20 /etc/passwd | tr ':' '\\n' | $P -k -N7 echo chown {1} {6}",
    "seq 10 | $P -k -N2 echo seq:\\$PARALLEL_SEQ arg1:{1} arg2:{2}",
    "seq 10 | $P -k -n0 echo my_command my_args",
    // The examples.
    "for i in 1 2 3; do echo $i >$i.log; done; mkdir d; ls *.log | $P -m mv {} d",
    "for i in 1 2 3; do echo $i >$i.log; done; mkdir d; printf '%s\\0' *.log | $P -0 -m mv {} d",
    "for i in 1 2 3; do >pict$i.jpg; done; seq 1 2 | $P -X rm pict{}.jpg",
    "seq -w 0 999 | $P -X touch pict{}.jpg; ls | cksum",
    "touch a b c; find . -name '?' -type f | sort | $P -k -j1 -m ls {} '&&' rm {}",
    "seq 5 | $P -N0 -j1 -k echo {#}",
    "for i in 1 2 3 4; do seq $i 9 >$i; done; ls | $P -j150% -n 1000 -m grep -H -n 4 {} | sort",
    "printf 'b.es.x\\nb.x\\nc.es.x\\nc.x\\n' | $P -k -N2 echo cp {1} {2}",
    "for i in 3 1 2; do echo $i >$i.part; done; ls *.part | $P -Xj1 sort -m {} ';' rm {} >whole",
    "find / -maxdepth 1 | sort | $P -k -j10 -X --dry-run rsync -zR -Ha ./{} fooserver:/dest-dir/",
    // How many.
    "$P -k -n2 echo ::: a b c d e",
    "$P -k -n 5 echo file-{}.txt ::: 01 02 03",
    "$P -k --max-args 2 echo x{}y ::: a b c",
    "$P -k --maxargs=2 echo x{}y ::: a b c",
    "$P -k --max-replace-args 2 echo x{}y ::: a b c",
    "$P -k --maxreplaceargs=2 echo x{}y ::: a b c",
    "$P -kn2 echo x{}y ::: a b c",
    "$P -kN2 echo x{}y ::: a b c",
    "$P -k -n3 -N2 echo x{}y ::: a b c d e",
    "$P -k -N2 -n3 echo x{}y ::: a b c d e",
    "$P -k -n 1.5 echo ::: a b c d e",
    "$P -k -n0 echo x ::: a b",
    "$P -k -n0 --dry-run echo 'x{}y' '{.}' {#} ::: a b",
    "$P -k -N0 --dry-run echo 'x{}y' '{.}' {#} '\"{}\"' ::: a b",
    "$P -k -L0 --dry-run echo 'x{}y' ::: a b",
    "$P -k -n0 -N2 echo x{}y ::: a b c",
    "$P -k -n0 -L2 echo x{}y ::: a b c",
    "$P -k -n 1k echo ::: a b c",
    // Positions.
    "$P -k -N3 echo {3}{2}{1} ::: a b c d e",
    "$P -k -N2 echo {-1} {1} {2.} ::: a.x b.y c.z",
    "$P -k -N2 'echo \"{1} and {2}\"' ::: a b c d",
    "$P -k -n2 'echo \"{1} and {2}\"' ::: a b c d",
    "$P -k -N2 echo {1}-{} {2} ::: a b c d e",
    "$P -k -n2 echo {1}-{} {2} ::: a b c d e",
    "$P -k -N2 echo {1} {2} {3} {4} ::: a b c ::: 1 2",
    "$P -k -N2 echo {} ::: a b c :::+ 1 2 3",
    "$P -k -X -j1 echo x{1}-{}y {2}w{} ::: 1 2 ::: a b",
    "$P -k -X -j1 echo x{1}-{}y {2}w{} ::: 1 2 :::+ a b",
    "$P -k -m -j1 echo x{1}-{}y {2}w{} ::: 1 2 ::: a b",
    "$P -k -X -j1 echo x{1}y z{2} {3}{1} ::: 1 2 3",
    // Lines.
    "printf 'a \\nb\\n\\n  \\n\\t\\nc\\n \\nd\\r\\ne\\n   ' | $P -k -l2 \"printf '<%s>' {} ; echo\"",
    "printf 'a \\nb\\n\\n  \\n\\t\\nc\\n \\nd\\r\\ne\\n   ' | $P -k -L2 \"printf '<%s>' {} ; echo\"",
    "printf 'a \\nb\\n\\n  \\n\\t\\nc\\n \\nd\\r\\ne\\n   ' | $P -k -rL2 \"printf '<%s>' {} ; echo\"",
    "printf 'a \\nb\\n\\n  \\n\\t\\nc\\n \\nd\\r\\ne\\n   ' | $P -k -r -l \"printf '<%s>' {} ; echo\"",
    "printf 'a ,b,c\\n,d' | $P -k -L2 -d, \"printf '<%s>' {} ; echo\"",
    "$P -k -l echo ::: 'a ' b c",
    "$P -k -l 2 echo x{}y ::: 'a ' b c d e",
    "$P -k -l2k echo x{}y ::: a b c",
    "$P -k --max-lines=2 echo x{}y ::: a b c",
    "$P -k --maxlines 2 echo x{}y ::: a b c",
    "$P -k --max-lines echo x{}y ::: a b c",
    "$P -k -L2 echo x{}y ::: 'a ' b c d e",
    "$P -k -L 2 --xargs echo x{}y ::: a b c d e",
    "$P -k -L 2 -m -j2 echo x{}y ::: a b c d e",
    "$P -k -L 3 echo {2} {1} ::: a b c d e",
    "printf '1 2 \\n3\\n4 5\\n' | $P -k -L1 -j1 echo [{}]",
    "printf 'a\\0b \\0c\\0' | $P -k -0 -L1 echo [{}]",
    "printf '%s\\n' 'a ' b >f; $P -k -L1 echo {1}{2} :::: f ::: '1 ' 2",
    // Words that are repeated.
    "$P -k -j1 -X --dry-run 'echo \"a{}b\" {.}{/} >{}.x' ::: 1.a x/2 c+d",
    "$P -k -j1 -X 'echo \"a{}b\"' ::: 1 2 3",
    "$P -k -j1 -X \"echo 'a{}b' c\" ::: 1 2 3",
    "$P -k -j1 -X echo {/.}.png {//}:{} ::: a/b.jpg c/d.gif",
    "$P -k -j1 -X echo {#}-{} {#} {%}{} ::: a b c",
    "$P -k -j1 -X echo '{}\tx{}' '{}  {}' ::: a b | od -c",
    "$P -k -j1 -X --dry-run echo 'x{}\ty{}\tz' ::: a b | od -c",
    "$P -k -j1 -X echo '{}-{}' {.}+{} ::: a b",
    "$P -k -j1 -X echo {}{} ::: a b",
    "$P -k -j1 -X echo --file={} a={},{} ::: a b",
    "$P -k -j1 -X 'echo $(echo {} ) x{}' ::: a b",
    "$P -k -j1 -X 'echo $(echo<x{})$((1+{})) 2>&1' ::: 1 2; ls",
    "$P -k -j1 -X 'echo `echo x{}`' ::: 1",
    "$P -k -j1 -m 'echo \"a{}b\"; echo \"{}\"' ::: 1 2 3",
    "$P -k -j1 -X echo ::: 'a  b' '*' '$x' \"it's\" '\"'",
    "$P -k -j1 -X echo x{}y ::: 'a  b' '*' '$x' \"it's\" '\"' ''",
    "$P -k -j1 -m echo x{}y ::: 'a  b' '*' '$x' \"it's\" '\"' ''",
    "$P -k -j1 -X ::: 'echo a' 'b;' 'echo c'",
    "$P -k -j1 -X {} -n ::: echo a",
    "$P -k -j1 -X {}.sh a{} --dry-run ::: 1 2 | cat",
    // Even spread.
    "seq 10 | $P -k -j3 -m echo",
    "seq 10 | $P -k -j4 -X echo x{}",
    "seq 3 | $P -k -j4 -X echo x{}",
    "seq 1 | $P -k -j4 -X echo x{}",
    "$P -k -j4 -X echo x{} </dev/null",
    "seq 9 | $P -k -j1 -X echo x{}",
    "seq 10 | $P -k -j4 --xargs echo",
    "seq 10 | $P -k -j2 -n4 -X echo x{}y",
    "seq 8 | $P -k -j2 -n4 -m echo x{}y",
    "seq 8 | $P -k -j2 -N4 -m echo x{}y {2}",
    "seq 8 | $P -k -j2 -N4 --xargs echo x{}y {2}",
    "seq 8 | $P -k -j0 -X echo x{}",
    "seq 20 | $P -k -j3 -X -s 20 echo x{}",
    "seq 21 | $P -k -j2 -m echo ::: a b c ::: 1 2 3",
    "seq 20000 | $P -k -j3 -X echo x{}y | cksum",
    "seq 20000 | $P -k -j3 -m echo {} {/} | cksum",
    "seq 70000 | $P -k -j2 -n100000 echo | cksum",
    // Lengths.
    "seq 30 | $P -k -j1 --xargs -s 20 echo",
    "seq 30 | $P -k -j1 -X -s 20 echo",
    "seq 30 | $P -k -j1 -X -s 30 echo x{}y z",
    "seq 30 | $P -k -j1 -X -s 40 echo x{}y{} {#}",
    "seq 30 | $P -k -j1 --xargs -s 30 echo x{}y {} {#}",
    "seq 30 | $P -k -j1 --xargs -s 30 echo x{1}y {2} {-1} {}",
    "seq 30 | $P -k -j1 -N4 -s 30 echo x{1}y {2} {-1} {}",
    "seq 30 | $P -k -j1 --max-chars 20 -x -m echo",
    "seq 30 | $P -k -j1 --maxchars=20 --exit -n4 echo",
    "seq 30 | $P -k -j1 -s 0 -n7 echo",
    "seq 30 | $P -k -j1 -s 1k -n70 echo",
    "printf '%s\\n' 'a b' \"c'd\" e 'f;' | $P -k -j1 -X -s 24 echo y{}",
    "printf '%s\\n' 1 2 3 4 5 6 7 | $P -k -j1 -X -s 40 echo {1} {2} {} ::: a b c :::: -",
    "$P -k -j1 -s 20 echo ::: a b cccccccccccccccccccccccccc d",
    "$P -k -j1 -s 20 echo ::: aaaaaaaaaaaaaaaaaaaaaaaaa b",
    "seq 40 | $P -k --dry-run --tag -L3 -s 60 echo",
    "seq 40 | $P -k --dry-run --tag -X -j1 -s 60 echo",
    "seq 40 | $P -k --dry-run --tag -m -j1 -s 60 echo",
    "seq 40 | $P -k --dry-run --tag -X -j1 -s 60 echo x{.}",
    "seq 40 | $P -k --dry-run --tag -m -j1 -s 60 echo x{.}",
    "seq 40 | $P -k --dry-run --tagstring '{#}-{/}-{1}' -m -j1 -s 60 echo x{.}",
    "seq 40 | $P -k --dry-run --tagstring '{#}-{/}-{1}' -X -j1 -s 60 echo {1}",
    "$P -k --plus -N2 echo {##} {..} ::: 1.a.b 2 3",
    "$P -k -N2 echo {=1 s/1/x/ =} {= '$_++' =}y ::: 1 2 3",
    // Beside columns, headers and links.
    "$P -k -X -j1 --colsep , echo x{1}-{}y {2}w{} ::: 1,2,3 a,b",
    "$P -k -N2 --colsep , echo {1} {2} {3} {4} {-1} x{} ::: 1,2 a,b c,d",
    "$P -k -n2 --colsep , echo {1} {2} {3} {4} {-1} x{} ::: 1,2 a,b c,d",
    "$P -k -j2 -m --colsep , echo {1} {2} x{}y ::: 1,2 a,b c,d",
    "$P -k -L2 --colsep ' ' echo {1} {2} {3} ::: 'a ' b 'c d'",
    "printf 'x y\n1 2\n3 4\n5 6\n' | $P -k -N2 --header : --colsep ' ' echo {x}:{y} {1} {3}",
    "printf 'x\n1\n2\n3\n' | $P -k -X -j1 --header : echo v{x} w{}",
    "$P -k -X -j1 --link echo x{1}-{}y {2}w{} ::: 1 2 ::: a b",
    "$P -k -N2 --link echo {1} {2} {3} {4} ::: 1 2 3 ::: a b c",
    "$P -k -N2 --xapply echo {} ::: 1 2 3 ::: a b",
    "printf 'a\nb\nEND\nc\n' | $P -k -X -j1 -E END echo x{}",
    "printf 'a\nb\nEND\nc\n' | $P -k -X -j2 -E END echo x{}",
    "printf 'a\n\nb\n \nc\n' | $P -k -r -X -j1 echo x{}",
    "printf 'a\n\nb\n \nc\n' | $P -k -r -N2 echo x{}",
    "printf ' a \n b\n' | $P -k --trim lr -X -j1 echo x{}y",
    "printf ' a \n b\nc \n' | $P -k --trim lr -L2 echo x{}y",
    "seq 6 | $P -k -j2 -X --skip-first-line echo x{}",
    "printf '1,2\n3,4\n5,6\n' | $P -k -j1 -X -s 40 --colsep , echo {1} {2} {}",
    // Beside other options.
    "$P -k -j1 -X --tag echo x{}y ::: 1 2 3",
    "$P -k -j1 -n2 --tag echo x{}y ::: 1 2 3",
    "$P -k -j1 -N0 --tag echo x{}y ::: 1 2",
    "$P -k -j1 -X --tagstring 'T{}\\t{}-{#}' echo x{}y ::: 1 2 3",
    "$P -k -j1 -n2 --tagstring 'T{}\\t{}-{#}' echo x{}y ::: 1 2 3",
    "$P -k -j1 -N0 --tagstring 'T{}\\t{}-{#}' echo x{}y ::: 1 2 3",
    "$P -k -j2 -N2 --joblog log true x{} ::: a b c; cut -f1,7- log",
    "$P -k -j2 -X --joblog log false {} ::: a b c; echo $?; cut -f1,7- log",
    "$P -k -v -N2 echo x{} ::: a b c",
    "$P -k -v -X -j2 echo x{} ::: a b c",
    "$P -k -N2 'exit {2}' ::: a 3 b 0 c 1",
    "$P -k -j1 -X --dry-run echo {} '\"' ::: 1 2",
    // Nothing of several inputs.
    "$P -k -N0 echo x{} y{//}z ::: a b ::: c",
    "$P -k -N0 echo {} ::: a b ::: c; $P -k -N0 echo a{1//}b{2/}c{3//} {//}{-1//} ::: a ::: c",
    "$P -k -n0 echo a{}b{//} ::: a b ::: c d; $P -k -n0 -q echo a{}b ::: a ::: c",
    "$P -k -L0 --colsep , echo a{}b ::: a,b c",
    "$P -k -j1 -X -n0 echo a{}b ::: a b ::: c d; $P -k -j1 -m -n0 echo a{}b ::: a b",
    "$P -k -N0 --tag echo a{}b ::: a b ::: c d; $P -k -N0 --tagstring 'x{}{//}' echo ::: a ::: c",
    // What is kept for quotes and for other hosts.
    "for s in 20 40 60 100 200; do seq 40 | $P -k -j1 -q -m -s $s echo; done 2>/dev/null",
    "for s in 20 40 60 100; do seq 40 | $P -k -j1 -q -X -s $s echo 'x {}' 'y{} z'; done 2>/dev/null",
    r#"for s in 60 100 200; do seq 40 | sed "s/^/it's /" | $P -k -j1 -q -m -s $s echo "a'b" {}; done 2>/dev/null"#,
    r#"for s in 40 60 100; do seq 40 | sed "s/^/echo '/; s/$/'/" | $P -k -j1 -m -s $s; done 2>/dev/null"#,
    "for s in 40 60 100 400; do seq 40 | $P -k -j1 -S : -m -s $s echo; done",
    "for s in 60 200; do seq 40 | $P -k -j1 -S 2/: -q -X -s $s echo a{}b; done",
    "for s in 60 100 400; do seq 40 | $P -k -j1 --shellquote -m -s $s echo; done 2>/dev/null",
    "seq 40 | $P -k -j1 --shellquote --shellquote -m -s 400 echo",
    "seq 60000 | $P -k -j1 -q -m echo | wc",
    "$P -k -S 3/: -m echo ::: 1 2 3 4 5 6 7 8 9 10",
    "$P -k -S :,3/: -m -j+1 echo ::: 1 2 3 4 5 6 7 8 9 10",
    "$P -k -S 3/: -m -j200% echo ::: 1 2 3 4 5 6 7 8 9 10",
    "$P -k -S 3/: -m -j2 echo ::: 1 2 3 4 5 6 7 8 9 10",
    // Numbers are reckoned.
    "seq 10 | $P -k -n 1+1 echo",
    "seq 10 | $P -k -n '(1+2)*2' echo",
    "seq 10 | $P -k -N 10/4 echo",
    "seq 10 | $P -k -L '2*2' echo",
    "seq 100 | $P -k -j1 -m -s 1M-12*2.024*2k-999900 echo",
    "seq 3000 | $P -k -n 1Ki 'echo {} | wc -w'",
    "seq 3000 | $P -k -n 1ki 'echo {} | wc -w'",
    "seq 10 | $P -k -n 0.5 echo",
    "$P --memfree 1k*2 echo ::: 1",
    "printf '1\\0002\\0003\\000' | $P -k -l -0 echo {} x",
    "printf '1\\0002\\0003\\000' | $P -k -l-0 echo {} x",
    "printf '1\\0002\\0003\\000' | $P -k -0 -L -0 echo {} x",
    "$P -j1 -X --show-limits -s 100 echo ::: 1 2",
];

#[test]
fn batches_are_those_of_gnu_parallel() {
    same_beside_parallel("", LINES);
}

#[test]
fn what_comes_before_an_input_that_is_too_long_is_run() {
    let list = seq(2000) + &"x".repeat(30) + "\n2001\n";
    let done = fanout().args(["-k", "-j2", "-s", "20", "echo"]).stdin(list).run().fails_with(255);
    done.stdout(seq(2000)).stderr_has("35 bytes, where --max-chars is 20");
}

#[test]
fn a_limit_beyond_what_is_packed_is_told_of() {
    let done =
        fanout().args(["-k", "-s", "200k", "--xargs", "echo {} | wc -w"]).stdin(seq(20_000)).same_as_parallel().ok();
    done.stderr_has("--max-chars").stderr_has("63664");
}

/// GNU parallel leaves a quote open here, or runs the second input as a command.
#[test]
fn a_word_that_is_open_is_not_repeated_as_a_whole() {
    for (command, expected) in [
        ("echo \"in x{}y\"", "in x1y x$(touch canary)y x;idy\n"),
        ("echo x{}; echo b", "x1 x$(touch canary) x;id\nb\n"),
        ("(echo {})|cat", "1 $(touch canary) ;id\n"),
        ("echo $(echo {})", "1 $(touch canary) ;id\n"),
        ("echo `echo 'x{}'`", "x1 x$(touch canary) x;id\n"),
        ("sh -c 'echo \"$@\"' _ 'x {}'", "x 1 $(touch canary) ;id\n"),
    ] {
        let done =
            fanout().args(["-X", "-j1", command, ":::", "1", "$(touch canary)", ";id"]).run().ok().stdout(expected);
        assert!(!done.dir.has("canary"), "{command}");
    }
}

#[test]
fn a_single_input_may_be_longer_than_what_is_packed() {
    let long = "x".repeat(100_000);
    let list = format!("1\n2\n{long}\n3\n4\n");
    let done = fanout().args(["-k", "-j1", "-m", "echo {} | wc -c"]).stdin(list).run().ok();
    done.stdout("4\n100001\n4\n");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// `FANOUT_BATCHES` asks for more than the few cases for which there is time in each run.
    #[test]
    fn random_batches_are_those_of_gnu_parallel(
        options in prop::sample::subsequence(OPTIONS, 1..=3),
        (jobs, words, tag) in (1..5, prop::sample::subsequence(WORDS, 0..=3), prop::bool::weighted(0.2)),
        values in prop::collection::vec(prop::sample::select(VALUES), 0..12),
        second in prop::option::weighted(0.3, prop::collection::vec(prop::sample::select(VALUES), 1..4)),
    ) {
        let mut args: Vec<String> = vec!["-k".into(), format!("-j{jobs}"), "--dry-run".into()];
        args.extend(tag.then(|| "--tag".into()));
        args.extend(options.iter().flat_map(|option| option.split(' ')).map(str::to_owned));
        // Where a job reads several inputs and inserts none, GNU parallel leaves the blanks between them.
        let nothing = options.iter().any(|option| option.ends_with('0') && !option.starts_with("-s"));
        prop_assume!(!nothing || options.len() == 1 && second.is_none());
        // In quotes, GNU parallel shows quotes of its own around values.
        let lists: Vec<Vec<&str>> = [Some(values), second].into_iter().flatten().collect();
        let plain = |value: &&str| !value.is_empty() && !value.contains([' ', '\'', '$']);
        let awkward = lists.iter().any(|list| list.is_empty() || !list.iter().all(plain));
        let words = words.into_iter().filter(|word| !(awkward && word.contains(['"', '\''])));
        args.extend(["echo"].into_iter().chain(words).map(str::to_owned));
        for list in lists {
            args.push(":::".into());
            args.extend(list.iter().map(|value| (*value).to_owned()));
        }
        let theirs = parallel().args(&args).run();
        let ours = fanout().args(&args).run();
        if theirs.error_text().contains("too long") {
            // What was started before may have been printed by then, or not.
            ours.fails_with(255).stderr_has("too long");
            theirs.fails_with(255);
        } else {
            ours.same_end_as(&theirs, false);
        }
    }
}

fn cases() -> u32 {
    std::env::var("FANOUT_BATCHES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(30)
}

const OPTIONS: &[&str] = &[
    "-n 2", "-n 3", "-n0", "-N 2", "-N 3", "-N0", "-L 2", "-L3", "-l", "-l2", "-X", "-m", "--xargs", "-s 40", "-s 60",
    "-s 100",
];
const WORDS: &[&str] =
    &["{}", "x{}y", "{1}", "{2}-{}", "{.}", "a{/}{}", "{#}", "{-1}b", "z", "'q{}'", "a=\"{}\"", "{}\t{.}"];
const VALUES: &[&str] = &["1", "22", "a.b", "c/d.e", "x y", "tail ", "it's", "", "$v", "-n"];
