//! Where we do not do what GNU parallel does: what the real one does, and what we do. The man page has a section about it, whose
//! entries name these tests and others (`generated::every_difference_has_a_test`).

use std::sync::Mutex;

use crate::harness::{Dir, Done, fanout, fanout_bin, installed, sh};

/// A line of sh with `$P` for the program, and what is left by ours and by the real one: standard output, and the exit
/// status in brackets.
type Difference = (&'static str, &'static str, &'static str);

/// A joblog's line of headings, for printf.
const LOG: &str = r"LOG='Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n'";

/// Runs each line with both programs, several at a time, as the real one takes long to start.
#[track_caller]
fn differ(lines: &[Difference]) {
    installed(["parallel", "bash", "csh", "fish", "taskset"]);
    let next = Mutex::new(lines.iter());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let line = next.lock().expect("no thread has failed").next();
                    let Some((line, ours, theirs)) = line else { break };
                    for (program, expected) in [(fanout_bin(), ours), ("parallel".into(), theirs)] {
                        let done = sh(&format!("{LOG}\n{line}")).env("P", &program).run();
                        if left(&done) != *expected {
                            let message = format!("{line}\n{program:?}: {:?}\n{}", left(&done), done.error_text());
                            wrong.lock().expect("no thread has failed").push(message);
                        }
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no thread has failed");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn left(done: &Done) -> String {
    let code = done.status.code().map_or_else(|| done.status.to_string(), |code| code.to_string());
    format!("{}[{code}]", done.text())
}

#[test]
fn values_are_data() {
    differ(&[
        (r#"$P 'echo "{}"' ::: '$(echo run)'"#, "$(echo run)\n[0]", "'run'\n[0]"),
        ("x=1 xa=2 $P 'echo $x{}' ::: a", "1a\n[0]", "2\n[0]"),
        ("$P 'my_{}' ::: 'a;echo b' 2>/dev/null", "[1]", "b\n[0]"),
        ("$P '{1} {2}' ::: echo ::: '$(echo y)'", "$(echo y)\n[0]", "y\n[0]"),
        (r#"$P 'echo {= $_ = "x;echo $_"; uq() =} "{}"' ::: '$(echo y)'"#, "x\ny $(echo y)\n[0]", "x\ny 'y'\n[0]"),
        (r#"$P -k --filter '{1} eq "a"' echo ::: a b"#, "a\n[1]", "[2]"),
        ("$P -k --filter '{1} eq' echo ::: 1 2", "[255]", "[2]"),
        ("$P -k -n2 --filter '{} > 1' echo ::: 1 2 3 4", "3 4\n[1]", "1 2\n3 4\n[0]"),
    ]);
}

#[test]
fn shells_of_other_families() {
    differ(&[
        ("PARALLEL_SHELL=/bin/csh $P --dry-run echo ::: é | grep -c \"'é'\"", "1\n[0]", "0\n[1]"),
        (r"PARALLEL_SHELL=/usr/bin/fish $P printf %s ::: 'a\\b'", r"a\\b[0]", r"a\b[0]"),
        (r#"PARALLEL_SHELL=/bin/csh $P 'echo "{}"' ::: a"#, "[255]", "a\n[0]"),
        (r#"PARALLEL_SHELL=/usr/bin/fish $P 'echo "{}"' ::: a"#, "[255]", "a\n[0]"),
        ("PARALLEL_SHELL=/bin/csh $P 'echo `echo {}`' ::: 1", "[255]", "1\n[0]"),
    ]);
}

#[test]
fn ends() {
    differ(&[
        ("$P 'kill -INT $PARALLEL_PID; sleep 1000; : {}' ::: a", "[130]", "[255]"),
        ("$P 'kill -TERM $PARALLEL_PID; sleep 1000; : {}' ::: a", "[143]", "[255]"),
        ("nohup $P -j1 'kill -HUP $PARALLEL_PID; echo {}' ::: a b", "a\nb\n[0]", "a\n[0]"),
        ("$P -j1 --halt soon,done=2 echo ::: a b c", "a\nb\n[0]", "a\nb\n[101]"),
        (
            "$P -j2 -k --halt now,fail=1 'if [ {} = 1 ]; then touch up; sleep 1000; fi; until [ -e up ]; do sleep 0.01; done; \
             echo {}; exit 1' ::: 1 2",
            "2\n[1]",
            "[1]",
        ),
        ("$P echo ::: a >&-", "[255]", "[0]"),
        ("$P --tmpdir /nonexistent echo ::: a", "[255]", "[2]"),
        ("$P --colsep '(' echo ::: a", "[255]", "[25]"),
        (r"$P --rpl '{x([a)} s/a/b/' echo {xaz} ::: a", "[255]", "[25]"),
        (
            "$P --color-failed 'echo {}; kill -9 $$; sleep 1000' ::: a",
            "\x1b[48;5;196;38;5;231m\x1b[Ka\x1b[m\n[1]",
            "a\n[1]",
        ),
        ("$P --id x -a missing --fg cat 2>/dev/null", "[255]", "[0]"),
        ("$P -j-99 echo ::: a", "a\n[0]", "[255]"),
    ]);
}

#[test]
fn batches() {
    differ(&[
        (r#"$P -X -j1 'echo "in x{}y"' ::: 1 2"#, "in x1y x2y\n[0]", "[1]"),
        ("$P -X -j1 'echo x{}; echo b' ::: 1 2", "x1 x2\nb\n[0]", "x1\nb\n[0]"),
        ("$P -N2 '(echo {})|cat' ::: 1 2", "1 2\n[0]", "[1]"),
        ("$P -L2 '(echo {})|cat' ::: 1 2", "1 2\n[0]", "[1]"),
        ("$P -j1 --plus -m 'echo {##} {}' ::: a b", "1 a b\n[0]", "2 a b\n[0]"),
        ("$P -j1 --plus -X 'echo {##} {}' ::: a b", "1 a b\n[0]", "2 a b\n[0]"),
        ("$P -j1 --plus --xargs 'echo {##} {}' ::: a b", "1 a b\n[0]", "2 a b\n[0]"),
        ("head -c 100000 /dev/zero | tr '\\0' x | $P -m 'echo {} | wc -c'", "100001\n[0]", "[255]"),
        ("head -c 100 /dev/zero | tr '\\0' x | $P -m -s 50 echo", "[255]", "[255]"),
    ]);
}

#[test]
fn inputs() {
    differ(&[
        ("echo in | $P echo :::", "[0]", "in\n[0]"),
        (r"printf a,b | $P -k -d '\x2c' echo", "a\nb\n[0]", "a,b\n[0]"),
        ("printf a,b | $P -k -d '' echo", "[255]", "a,b\n[0]"),
        (r"$P -k --colsep '(?<!x),' echo {1}-{2} ::: 'ax,b' 'a,b'", "[255]", "ax,b-\na-b\n[0]"),
        (r"$P -k --colsep '(.)\1' echo {1}-{3} ::: axxb", "[255]", "a-b\n[0]"),
        (r"$P -k --colsep 'x++' echo {1}-{2} ::: axxb", "[255]", "a-b\n[0]"),
        (r"printf 'a.b\tc\n1\t2\n' | $P --colsep '\t' --header : 'echo {a.b} {axb}'", "1 {axb}\n[0]", "1 1\n[0]"),
        (r"printf '\tb\n1\t2\n' | $P --colsep '\t' --header : 'echo {} {b}'", "1 2 2\n[0]", "1 2\n[0]"),
        (r#"printf '"a b",c\n1,2\n' | $P --csv --header : 'echo "{a b}"'"#, "1\n[0]", "{a b} 1 2\n[0]"),
        (r#"printf 'a,b"c"\n' | $P --csv echo"#, "[255]", "[25]"),
        (
            "$P --colsep , --trim lr 'echo {1}-{2} {= $_ = \"[$arg[1]]\" =}' ::: ' a , b '",
            "a-b [a] [a]\n[0]",
            "a-b [ a ] [ a ]\n[0]",
        ),
        ("$P --delay x echo ::: a", "[255]", "a\n[0]"),
        ("$P --retries x echo ::: a", "[255]", "a\n[0]"),
        ("$P --memfree x echo ::: a", "[255]", "a\n[0]"),
    ]);
}

#[test]
fn expressions() {
    differ(&[
        (r#"$P -k echo '{= die "x" if $_ == 1 =}' ::: 1 2"#, "2\n[1]", "[25]"),
        ("$P -j1 echo '{= exit 3 if $_ == 2 =}' ::: 1 2 3", "1\n[2]", "1\n[3]"),
        (r#"echo in | $P echo '{= $x = <STDIN>; chomp $x; $_ = "[$x]" =}' ::: a"#, "[]\n[0]", "[in]\n[0]"),
        (r#"$P echo '{= $_ = "a\0b" =}' ::: 1 2>&1 | grep -c NUL"#, "1\n[0]", "0\n[1]"),
        (r#"$P -k -N2 'echo {= $_ = "$arg[1]+$arg[2]" =}' ::: a b c"#, "a+b a+b\nc+\n[0]", "a+ a+b\nc+\n[0]"),
        ("$P 'echo {= $_ = $opt::jobs =}' ::: 1", "\n[0]", "100%\n[0]"),
    ]);
}

#[test]
fn logs() {
    differ(&[
        ("$P --joblog log true ::: a; ls", "log\nlog.values\n[0]", "log\n[0]"),
        (
            "$P -j2 --joblog log --halt now,fail=1 'if [ {} = 1 ]; then touch up; sleep 1000; fi; until [ -e up ]; do sleep 0.01; \
             done; exit 3' ::: 1 2; cut -f1,7,8 log | sort",
            "1\t-1\t15\n2\t3\t0\nSeq\tExitval\tSignal\n[0]",
            "2\t3\t0\nSeq\tExitval\tSignal\n[0]",
        ),
        (
            "printf \"${LOG}1\\t:\\t1\\t1\\t0\\t0\\t0\\t0\\techo\" > log; $P --joblog +log echo ::: a; cut -f1,9 log",
            "a\nSeq\tCommand\n1\techo a\n[0]",
            "a\nSeq\tCommand\n1\techo1\n[0]",
        ),
        (": > log; $P --joblog +log echo ::: a; cut -f1,9 log", "a\nSeq\tCommand\n1\techo a\n[0]", "a\n1\techo a\n[0]"),
        (
            "$P --joblog log \"$(printf 'echo {};\\ntrue')\" ::: a; cut -f9 log",
            "a\nCommand\necho a;\\ntrue\n[0]",
            "a\nCommand\necho a;\0true\n[0]",
        ),
        // The row is that of b, which is now the second.
        (
            "printf \"${LOG}1\\t:\\t1\\t1\\t0\\t0\\t0\\t0\\techo b\\n\" > log; $P --resume -k --joblog log echo ::: a b",
            "a\n[0]",
            "b\n[0]",
        ),
        (
            "printf \"${LOG}1\\t:\\t1\\t1\\t0\\t0\\t1\\t0\\techo a\\\\\\\\nb\\n\" > log; $P --retry-failed --joblog log",
            "[255]",
            "anb\n[0]",
        ),
    ]);
}

#[test]
fn kept_output() {
    differ(&[
        (
            "$P --results out true ::: . .. ''; find out -name stdout | sort",
            "out/1/\\../stdout\nout/1/\\./stdout\nout/1/\\e/stdout\n[0]",
            "out/1/stdout\nout/stdout\n[0]",
        ),
        // GNU parallel cuts it off, and so takes inputs that begin alike for one.
        (
            "x=$(head -c 300 /dev/zero | tr '\\0' x); $P --results out true ::: ${x}1 ${x}2; find out -name stdout | wc -l",
            "2\n[0]",
            "1\n[0]",
        ),
        (
            "$P --results out -n0 true ::: a b; find out -name stdout | sort",
            "out/1/a/stdout\nout/1/b/stdout\n[0]",
            "out/1/\\0noarg/stdout\n[0]",
        ),
        (
            "$P --results t.csv --id x --fg echo a; cut -d, -f9- t.csv",
            "Command,Stdout,Stderr\n\"echo a \",\"a\n\n[0]",
            "Command,V1,Stdout,Stderr\n\"echo a \",\"\0noarg\",\"a\n\n[0]",
        ),
        (
            "$P --results t.json --id x --fg echo a; sed 's/.*\"V\": //; s/,.*//' t.json",
            "[  ]\n[0]",
            "[ \"\\u0000noarg\" ]\n[0]",
        ),
        (
            "$P --results out true ::: a b; : > out/1/b/seq; $P -k --resume --results out --files echo ::: a b",
            "out/1/b/stdout\n[0]",
            "[0]",
        ),
        (
            "$P --results out true ::: a; $P -k --resume --results out --files true ::: a b",
            "out/1/b/stdout\n[0]",
            "[0]",
        ),
        (
            "$P --results t.csv --joblog log true ::: a; $P --resume --results t.csv --joblog log true ::: a b; cut -d, -f1 t.csv",
            "Seq\n1\n2\n[0]",
            "Seq\n2\n[0]",
        ),
        ("$P --files 'echo {} >&2' ::: a 2>&1 >/dev/null", "a\n[0]", "[0]"),
        ("$P --results out --dry-run echo ::: a; find out -type f | wc -l", "echo a\n0\n[0]", "2\n[0]"),
        ("$P --results out --shellquote echo ::: a; find out -type f | wc -l", "'echo a'\n0\n[0]", "3\n[0]"),
        ("$P --files --dry-run echo ::: a | grep -cx 'echo a'", "1\n[0]", "0\n[1]"),
        ("$P --compress-program nosuch echo ::: a", "a\n[0]", "[1]"),
        ("echo '{}' > t; $P -n2 -k --template t=out.{#} cat out.{#} ::: a b c", "a b\nc\n[0]", "ab\nc\n[0]"),
        ("echo x > t; mkdir out; $P -j1 --template t=out/{} cat out/{} ::: b/y a", "x\n[1]", "[2]"),
    ]);
}

#[test]
fn surroundings() {
    differ(&[
        ("PARALLEL='--tagstring \"x' $P echo ::: a", "[255]", "a\n[0]"),
        ("$P -J nosuch echo ::: a", "[255]", "a\n[0]"),
        ("$P -k --wd {} pwd ::: /dev/null/x /", "/\n[1]", "[255]"),
        ("$P --wd ... 'kill -9 $$; : {}' ::: a; find ~/.parallel/tmp -mindepth 2 | wc -l", "0\n[0]", "3\n[0]"),
        (
            "$P 'echo ${PARALLEL_TMP+1} ${PARALLEL_RSYNC_OPTS+2} ${PARALLEL_REMOTE_TMPDIR+3} ${PARALLEL_HOME+4}; : {}' ::: a",
            "\n[0]",
            "1 2 3 4\n[0]",
        ),
        ("bash -c 'f() { echo f $1; }; export -f f; PARALLEL_SHELL=/bin/dash $P --env f f ::: a'", "f a\n[0]", "[1]"),
        ("$P --version | head -n 1 | cut -d' ' -f1", "fanout\n[0]", "GNU\n[0]"),
        ("$P --nosuch echo ::: a | wc -l", "0\n[0]", "34\n[0]"),
        ("mkdir home; HOME=$PWD/home $P true ::: a; ls -A home", "[0]", ".parallel\n[0]"),
    ]);
}

#[test]
fn streams() {
    differ(&[
        (r"printf 'h\n1\n' | $P --pipe --header : --retries 2 'cat; false'", "h\n1\n[1]", "h\nh\n1\n[1]"),
        (r"printf '1\n2\n' | $P --pipe --cat 'cat {}; false'", "1\n2\n[1]", "1\n2\n[0]"),
        (r"printf '1\n' | $P --pipe --cat --joblog log 'true {}'; cut -f9 log | grep -c 'true /'", "1\n[0]", "0\n[1]"),
        (r"printf '1\n' | $P --pipe --tee cat :::", "[255]", "[0]"),
        (r"printf 'a b\n' | $P -j2 --shard 1 --colsep ' ' cat", "a b\n[0]", "[1]"),
        (r"printf 'a b\n' | $P -j2 --bin 1 --colsep ' ' cat", "a b\n[0]", "[1]"),
        (r"printf 'c d\na b\n' | $P -j1 --pipe --shard d --colsep ' ' cat", "a b\n[0]", "[255]"),
        (
            r"printf '1\n' | $P -j2 --pipe --round-robin --joblog log cat; cut -f1 log | sort",
            "1\n1\n2\nSeq\n[0]",
            "1\n1\nSeq\n[0]",
        ),
    ]);
}

/// On a terminal, where GNU parallel has them (but not as Debian packs it).
#[test]
fn there_are_no_notices() {
    let dir = Dir::new();
    std::fs::remove_file(dir.home().join(".parallel/will-cite")).expect("a file that silences GNU parallel");
    assert_eq!(fanout().dir(&dir).args(["echo", ":::", "a"]).on_terminal(40, 80).wait().1, ["a"]);
}

#[test]
fn semaphores_are_not_shared() {
    let script = "$FANOUT_BIN --semaphore --id c 'until [ -e go ]; do sleep 0.01; done'; $FANOUT_BIN --id c --st -0.01 echo never
        parallel --id c --fg echo in; touch go; $FANOUT_BIN --id c --wait";
    sh(script).run().ok().stdout("in\n");
}
