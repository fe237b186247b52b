//! The functions of `--shell-init`: everything that a shell knows reaches its jobs, and what they print reaches its variables.

use crate::harness::{Cmd, Dir, Done, fanout, installed};

/// Each shell with the line that loads the functions.
const SHELLS: [(&str, &[&str], &str); 3] = [
    ("bash", &["--norc"], "eval \"$($FANOUT_BIN --shell-init bash)\"\n"),
    ("zsh", &["-f"], "eval \"$($FANOUT_BIN --shell-init zsh)\"\n"),
    ("fish", &["--no-config"], "$FANOUT_BIN --shell-init fish | source\n"),
];

fn run_in(dir: &Dir, shell: &str, script: &str) -> Done {
    installed(["bash", "zsh", "fish"]);
    let (_, args, load) = SHELLS.iter().find(|(name, ..)| *name == shell).expect("a shell");
    let script = format!("{load}{script}");
    Cmd::new(shell).dir(dir).unset("PARALLEL_SHELL").args(*args).args(["-c", &script]).run()
}

#[track_caller]
fn prints(shell: &str, script: &str, expected: &str) {
    run_in(&Dir::new(), shell, script).ok().stdout(expected).quiet();
}

/// Values that are code, blanks, newlines or syntax somewhere.
const HOSTILE: [&str; 18] = [
    "$(touch pwned)",
    "`touch pwned`",
    "a  b",
    " lead and trail ",
    "it's",
    "\"; touch pwned; \"",
    "'; touch pwned; '",
    "back\\slash\\",
    "-n",
    "--",
    "*",
    "~",
    "{a,b}",
    "#x",
    "!x",
    "tab\there",
    "é€𝄞",
    "\x01\x7f",
];

/// In single quotes.
fn quoted(shell: &str, value: &str) -> String {
    match shell {
        "fish" => format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'")),
        _ => format!("'{}'", value.replace('\'', "'\\''")),
    }
}

/// It would stay there if the shell were interrupted.
#[test]
fn what_jobs_get_stands_in_no_file() {
    for (shell, ..) in SHELLS {
        let set = if shell == "fish" { "set -g v x" } else { "v=x" };
        prints(shell, &format!("{set}\nenv_parallel 'ls -A $TMPDIR; echo $v' ::: 1"), "x 1\n");
    }
}

#[test]
fn variables_and_arrays_reach_jobs_unchanged() {
    let values = || HOSTILE.iter().copied().chain(["two\nlines", "lines at the end\n\n", ""]);
    for (shell, ..) in SHELLS {
        let all: Vec<String> = values().map(|value| quoted(shell, value)).collect();
        let expected: String = values().map(|value| format!("<{value}>\n")).collect();
        let dir = Dir::new();
        let mut script = String::new();
        for (number, value) in all.iter().enumerate() {
            script +=
                &if shell == "fish" { format!("set -g v{number} {value}\n") } else { format!("v{number}={value}\n") };
        }
        let count = all.len();
        let refer = (0..count).map(|number| format!(" \"$v{number}\"")).collect::<String>();
        script += &format!("env_parallel 'printf \"<%s>\\n\"{refer}; : {{}}' ::: x\n");
        let list = all.join(" ");
        script += &if shell == "fish" {
            format!("set -g list {list}\nenv_fanout 'printf \"<%s>\\n\" $list; : {{}}' ::: x\n")
        } else {
            format!("list=({list})\nenv_fanout 'printf \"<%s>\\n\" \"${{list[@]}}\"; : {{}}' ::: x\n")
        };
        run_in(&dir, shell, &script).ok().stdout(format!("{expected}{expected}")).quiet();
        assert!(!dir.join("pwned").exists(), "{shell}: a value was executed");
    }
}

#[test]
fn what_jobs_print_reaches_variables_unchanged() {
    for (shell, ..) in SHELLS {
        let dir = Dir::new();
        let values: Vec<String> = HOSTILE.iter().map(|value| quoted(shell, value)).collect();
        let names: Vec<String> = (0..values.len()).map(|number| format!("v{number}")).collect();
        let refer: String = names.iter().map(|name| format!(" \"${name}\"")).collect();
        let values = values.join(" ");
        // The last newline is left out, as by $(...); other ones stay.
        let list = if shell == "fish" { "$list" } else { "\"${list[@]}\"" };
        let script = format!(
            "parset {} 'printf \"%s\\n\\n\" {{}}' ::: {values}\nprintf '<%s>\\n' {refer}\n\
             parset list 'printf \"%s\" {{}}' ::: {values}\nprintf '<%s>\\n' {list}\n",
            names.join(",")
        );
        let expected: String = HOSTILE.iter().map(|value| format!("<{value}\n>\n")).collect();
        let expected = expected + &HOSTILE.iter().map(|value| format!("<{value}>\n")).collect::<String>();
        run_in(&dir, shell, &script).ok().stdout(expected).quiet();
        assert!(!dir.join("pwned").exists(), "{shell}: a value was executed");
    }
}

#[test]
fn functions_and_aliases_reach_jobs() {
    for shell in ["bash", "zsh"] {
        let aliases = if shell == "bash" { "shopt -s expand_aliases extglob\n" } else { "setopt extendedglob\n" };
        let script = format!(
            "{aliases}alias myecho='echo aliases'\nalias quote=\"echo 'it'\\\"'\\\"'s'\"\nalias blank='echo \\'\n\
             f() {{ echo functions $*; g; }}\ng() {{ echo \"in g\"; }}\n\
             env_parallel myecho ::: work\nenv_parallel quote ::: work\nenv_parallel blank ::: myecho\n\
             env_parallel f ::: work\nenv_parallel --env f f ::: work 2>/dev/null\n\
             env_parallel --env f,g f ::: work\nenv_parallel --env=myecho myecho ::: work\n"
        );
        let expected = "aliases work\nit's work\n myecho\nfunctions work\nin g\nfunctions work\nfunctions work\nin g\naliases work\n";
        let done = run_in(&Dir::new(), shell, &script);
        done.stdout(expected);
    }
    prints("bash", "shopt -s extglob\nf() { [[ $1 == @(a|b) ]] && echo yes; }\nenv_parallel f ::: a", "yes\n");
    prints("zsh", "setopt extendedglob\nf() { [[ $1 == (#i)A ]] && echo yes; }\nenv_parallel f ::: a", "yes\n");
    prints("zsh", "alias -g G='; touch pwned'\nenv_parallel echo ::: 'G'", "G\n");
    let script = "alias myecho='echo aliases'\nfunction f; echo functions $argv; end\n\
                  env_parallel myecho ::: work\nenv_parallel --env f f ::: work\n";
    prints("fish", script, "aliases work\nfunctions work\n");
}

#[test]
fn attributes_and_keys_reach_jobs() {
    let script = "declare -A map=(['a b']='c  d' ['x]y']='$z'); declare -i number=5; declare -r fixed=1; IFS=:\n\
                  env_parallel 'k=\"x]y\"; echo \"${map[a b]}\" \"${map[$k]}\"; number+=1; echo \"$number $fixed$IFS\"; : {}' ::: x";
    prints("bash", script, "c  d $z\n6 1:\n");
    let script = "typeset -A map; map=('a b' 'c  d' 'x]y' '$z'); integer number=5; typeset -r fixed=1\n\
                  env_parallel 'k=\"x]y\"; echo \"${map[a b]}\" \"${map[$k]}\"; number+=1; echo \"$number $fixed\"; : {}' ::: x";
    prints("zsh", script, "c  d $z\n6 1\n");
}

#[test]
fn a_large_environment_reaches_jobs() {
    let large = "0123456789".repeat(30_000);
    for (shell, ..) in SHELLS {
        let script = match shell {
            "fish" => format!("set -g large {large}\nenv_parallel -k 'string length \"$large\"; echo {{}}' ::: 1 2"),
            _ => format!("large={large}\nenv_parallel -k 'echo ${{#large}}; echo {{}}' ::: 1 2"),
        };
        let dir = Dir::new();
        std::fs::write(dir.join("script"), script).expect("write");
        let load = if shell == "fish" { "source ./script" } else { ". ./script" };
        run_in(&dir, shell, load).ok().stdout("300000\n1\n300000\n2\n").quiet();
    }
}

#[test]
fn names_that_were_there_before_can_be_left_out() {
    for (shell, ..) in SHELLS {
        let set =
            |name: &str| if shell == "fish" { format!("set -g {name} {name}\n") } else { format!("{name}={name}\n") };
        let job = "env_parallel 'echo $one $two; : {}' ::: x\n";
        let some = "env_parallel --env _ 'echo $one $two; : {}' ::: x\n";
        let (one, two) = (set("one"), set("two"));
        prints(
            shell,
            &format!("{one}env_parallel --session\n{two}{job}env_parallel --end-session\n{job}"),
            "two\none two\n",
        );
        prints(shell, &format!("{one}env_parallel --record-env\n{two}{some}{job}"), "two\none two\n");
        let done = run_in(&Dir::new(), shell, some);
        done.fails_with(255).stderr_has("run fanout --record-env in a clean environment first");
    }
}

#[test]
fn parset_is_that_of_the_manual() {
    for shell in ["bash", "zsh"] {
        let first = usize::from(shell == "zsh");
        let at = |number: usize| number + first;
        prints(shell, &format!("parset myarray seq 3 ::: 4 5 6\necho \"${{myarray[{}]}}\"", at(1)), "3\n4\n5\n");
        prints(shell, "parset 'seq pwd ls' ::: 'seq 3' pwd 'ls -d /'\necho \"$seq,$ls\"", "1\n2\n3,/\n");
        prints(shell, "parset myvar1,myvar2 echo ::: a b\necho $myvar1\necho $myvar2", "a\nb\n");
        prints(
            shell,
            "typeset -A myassoc\nparset myassoc seq ::: 4 5 ::: 6 7\necho \"${myassoc[4 7]}\"",
            "4\n5\n6\n7\n",
        );
        let script = format!(
            "cmd=('echo \"<<joe  \\\"double  space\\\"  cartoon>>\"' pwd)\nparset data ::: \"${{cmd[@]}}\"\n\
             echo \"${{data[{}]}}\"\n[ \"${{data[{}]}}\" = \"$PWD\" ] && echo same",
            at(0),
            at(1)
        );
        prints(shell, &script, "<<joe  \"double  space\"  cartoon>>\nsame\n");
        prints(shell, &format!("seq 10 > list\nparset res echo < list\necho ${{res[{}]}}", at(9)), "10\n");
        prints(shell, &format!("parset res echo :::: <(seq 100)\necho ${{res[{}]}}", at(99)), "100\n");
        prints(shell, "f() { echo f $1; }\nenv_parset x,y f ::: 1 2\necho \"$x,$y\"", "f 1,f 2\n");
        prints(shell, "parset x 'exit {}' ::: 3\necho $?", "1\n");
        prints(shell, "parset x printf 'a\\\\0b%s' ::: c\necho \"$x\"", "abc\n");
        prints(
            shell,
            "typeset -A m\nparset m echo ::: 'x]y' '$(touch pwned)'\nk='x]y'\necho \"${m[$k]}\" ${#m[@]}; ls",
            "x]y 2\n",
        );
        prints(shell, "x=old; parset x echo < /dev/null; echo \"${#x[@]}\"", "0\n");
        prints(shell, "parset x,y -v --tag seq ::: 1 2\necho \"$y\"", "2\tseq 2\n2\t1\n2\t2\n");
    }
    prints("fish", "parset a,b echo ::: 1 2\necho $a-$b\nparset l seq ::: 2 3\necho $l[2]", "1-2\n1\n2\n3\n");
    prints(
        "fish",
        "seq 10 > list\nparset res echo < list\necho $res[10]\nparset x false ::: 1\necho $status",
        "10\n1\n",
    );
    prints("fish", "function f; echo f $argv; end\nenv_parset x f ::: q\necho $x", "f q\n");
    for (shell, ..) in SHELLS {
        let status = if shell == "fish" { "$status" } else { "$?" };
        let run =
            |script: &str| run_in(&Dir::new(), shell, &format!("{script}\necho {status}; ls")).ok().stdout("255\n");
        run("parset 'x;touch pwned' echo ::: 1").stderr_has("is no name of a variable");
        run("parset 'x[$(touch pwned)]' echo ::: 1").stderr_has("is no name of a variable");
        run("parset x,y echo ::: 1 2 3").stderr_has("3 jobs and 2 names");
        prints(shell, "parset x,y echo ::: 1 2 3 2>/dev/null\necho $x $y", "1 2\n");
    }
}

#[test]
fn parset_is_that_of_gnu_parallel() {
    installed(["parallel", "bash"]);
    let ours = |line: &str| run_in(&Dir::new(), "bash", line);
    let theirs = |line: &str| {
        let script = format!(". /usr/bin/env_parallel.bash\n{line}");
        Cmd::new("bash").unset("PARALLEL_SHELL").args(["--norc", "-c", &script]).run()
    };
    let lines = [
        "parset x --tag echo ::: a b; echo $?; declare -p x",
        "parset x --tagstring t{#} 'seq 3; echo {}' ::: a b; echo $?; declare -p x",
        "parset x,y --tag -v echo ::: a b; echo $?; declare -p x y",
        "parset x -t echo ::: a b 2>/dev/null; echo $?; declare -p x",
        "parset x --dry-run echo ::: a b; echo $?; declare -p x",
        "parset x --ctag echo ::: a b; echo $?; declare -p x",
        "parset x --lb echo ::: a b; echo $?; declare -p x",
        "parset x -u echo ::: a b; echo $?; declare -p x",
        "parset x --files echo ::: a b; echo $?; cat \"${x[@]}\"",
        "parset x --results out echo ::: a b; echo $?; declare -p x; cat out/1/a/stdout",
        "parset x --results out.csv echo ::: a b; echo $?; declare -p x; wc -l <out.csv",
        "declare -A x; parset x --tag -v echo ::: a; echo $?; declare -p x",
        "declare -A x; parset x --tagstring q echo ::: a ::: 'b c'; echo $?; declare -p x",
        "declare -A x; parset x -n2 echo ::: a b; echo $?; declare -p x",
        "x=1; y=2; parset x,y echo ::: a b c 2>/dev/null; echo $?; declare -p x y",
        "x=1; y=2; z=3; parset x,y,z echo ::: a b; echo $?; declare -p x y z",
        "parset x,y 'echo {}; exit {}' ::: 1 2; echo $?; declare -p x y",
        "declare -i x; parset x,y echo ::: 3+4 b; echo $?; declare -p x y",
        "declare -i x; parset x,y echo ::: 16#ff b; echo $?; declare -p x y",
        "declare -ai x; parset x echo ::: -1 '(2 + 3) * 4' 0x10; echo $?; declare -p x",
        "declare -u x; parset x,y echo ::: a b; echo $?; declare -p x y",
        "declare -x x; parset x,y echo ::: a b; echo $?; declare -p x y",
        "x=(1 2 3); parset x,y echo ::: a b; echo $?; declare -p x y",
        "declare -n x=z; parset x,y echo ::: a b; echo $?; declare -p y z",
        "parset 'x[2],x[1]' echo ::: a b; echo $?; declare -p x",
        "f() { local v; parset v echo ::: 1; declare -p v; }; f; declare -p v 2>/dev/null",
        "set -e; parset x false ::: 1; echo never",
    ];
    let queue = std::sync::Mutex::new(lines.iter());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(line) = { queue.lock().expect("no panic").next() } {
                    ours(line).same_end_as(&theirs(line), false);
                }
            });
        }
    });
}

#[test]
fn parset_never_executes_what_jobs_print() {
    for (shell, integer) in [("bash", "declare -i x"), ("zsh", "typeset -i x"), ("zsh", "typeset -F x")] {
        for value in ["a[$(touch pwned)1]", "a[`touch pwned`]", "x=y", "b"] {
            let dir = Dir::new();
            let script = format!("a=(1 2); {integer}; parset x,y echo ::: '{value}' c; echo $?; echo ${{y-unset}}");
            run_in(&dir, shell, &script).ok().stdout("255\nunset\n").stderr_has("give another name");
            assert!(!dir.has("pwned"), "{shell}, {integer}: {value} was executed");
        }
    }
    for script in ["declare -ai x; parset x echo", "declare -Ai x; parset x echo"] {
        let dir = Dir::new();
        let script = format!("a=(1 2); {script} ::: 1 'a[$(touch pwned)]'; echo $?; ls");
        run_in(&dir, "bash", &script).ok().stdout("255\n").stderr_has("x is an integer (declare -i)");
    }
}

#[test]
fn parset_names_what_can_not_be_set() {
    for (shell, ..) in SHELLS {
        if shell != "fish" {
            let script = "typeset -r x=1; parset x echo ::: 1; echo $?; parset y,x touch ::: a b; echo $? $x; ls";
            run_in(&Dir::new(), shell, script).ok().stdout("255\n255 1\n").stderr_has("x is read-only");
        }
        let (set, status) = if shell == "fish" { ("set x old", "$status") } else { ("x=old", "$?") };
        let script = format!("{set}; parset x,y echo ::: 1 2 3; echo {status} $x $y");
        run_in(&Dir::new(), shell, &script).ok().stdout("255 1 2\n").stderr_has("3 jobs and 2 names");
    }
}

#[test]
fn options_of_zsh_reach_jobs_but_those_that_read_quotes_otherwise() {
    let script = "setopt rcquotes cshjunkiequotes shwordsplit; x='a b'
        env_parallel 'printf \"<%s>\" {}{} $x' ::: 'c d'";
    prints("zsh", script, "<c dc d><a><b>");
}

#[test]
fn the_functions_leave_the_shell_as_it_was() {
    let script = "set -eu; set -o pipefail; IFS=:; before=$(set -o; shopt); x=1\n\
                  env_parallel 'echo $x; : {}' ::: a; parset y echo ::: b; echo $y \"$IFS\"\n\
                  [ \"$before\" = \"$(set -o; shopt)\" ] && echo same; compgen -v | grep -i '^_fanout' || echo none";
    prints("bash", script, "1\nb :\nsame\nnone\n");
    let script = "setopt nounset shwordsplit ksharrays; before=$(setopt); x=1\n\
                  env_parallel 'echo $x; : {}' ::: a; parset y,z echo ::: b c; echo $y\n\
                  [ \"$before\" = \"$(setopt)\" ] && echo same; print -l ${(k)parameters} | grep -i '^_fanout' || echo none";
    prints("zsh", script, "1\nb\nsame\nnone\n");
}

#[test]
fn only_shells_that_are_known_have_functions() {
    fanout()
        .args(["--shell-init", "tcsh"])
        .run()
        .fails_with(255)
        .stderr("fanout: --shell-init 'tcsh': give bash, zsh or fish\n");
    fanout().args(["--shell-completion", "bash"]).run().ok().stdout_has("complete -F _fanout");
    fanout().args(["--shellcompletion", "zsh"]).run().ok().stdout_has("#compdef fanout");
}

#[test]
fn outputs_may_end_with_nul() {
    let done = fanout().args(["-k", "--print0", "printf 'a\\0%s\\n\\n' {}; echo e >&2", ":::", "1", "2"]).run();
    done.ok().stdout("a1\n\0a2\n\0").stderr("e\ne\n");
    let done = fanout().args(["-k", "--print0", "--tagstring", "t{}", "-v", "seq", ":::", "1", "0", "2"]).run();
    done.ok().stdout("t1\tseq 1\nt1\t1\0t0\tseq 0\0t2\tseq 2\nt2\t1\nt2\t2\0");
    let done = fanout().args([
        "-k",
        "--print0=input",
        "--tagstring",
        "{#}",
        "seq {2} {1}; seq 1 >&2",
        ":::",
        "1",
        "0",
        ":::",
        "1",
    ]);
    done.run().ok().stdout("1 1\x001\t1\x000 1\0\0").stderr("1\t1\n2\t1\n");
    // Also what is printed while the job runs.
    let done =
        fanout().args(["-k", "-j3", "--print0=input", "seq {} | tail -n 1; seq 100000 | tail -n 1", ":::", "5", "4"]);
    done.run().ok().stdout("5\x005\n100000\x004\x004\n100000\0");
    // Whole, whatever else is said, and so are names of files.
    for option in ["-u", "--lb", "--ll", "--group"] {
        fanout().args(["-k", "--print0", option, "seq", ":::", "2", "1"]).run().ok().stdout("1\n2\x001\0").quiet();
    }
    let dir = Dir::new();
    let line = "$FANOUT_BIN -k --print0=input --files --tag seq ::: 1 2 | tr '\\0' '\\n' | sed 's,/.*/,,;s,par.....[.]par,par,'";
    crate::harness::sh(line).dir(&dir).run().ok().stdout("1\n1\tpar\n2\n2\tpar\n");
    fanout().args(["-k", "--print0", "--results", "out", "seq", ":::", "2", "1"]).run().ok().stdout("");
}
