//! A command is started directly only where a shell would make no difference. This is a list that tries to tell the two
//! apart, by what GNU parallel does, which always uses the shell.

use crate::harness::{Cmd, Dir, Done, fanout, installed, sh, wait_for};

/// `template` for one argument: as GNU parallel, messages and the status in the joblog included.
#[track_caller]
fn same(template: &str) -> Done {
    same_in(&setting(), template, |cmd| cmd)
}

/// The same with something else in the environment.
#[track_caller]
fn same_in(dir: &Dir, template: &str, change: impl Fn(Cmd) -> Cmd) -> Done {
    // Hidden, so that * does not find it, and what is kept beside it.
    let args = ["-k", "--joblog", ".log", template, ":::", "arg"];
    let cmd = change(fanout().dir(dir).args(args));
    let oracle = change(crate::harness::parallel().dir(dir).args(args)).run();
    let expected = status_in(&dir.text(".log"));
    let done = cmd.run();
    done.same_end_as(&oracle, true);
    let actual = status_in(&dir.text(".log"));
    done.check(actual == expected, &format!("Exitval and Signal in the joblog: expected {expected:?}, got {actual:?}"));
    done
}

/// Exitval and Signal of each row.
fn status_in(log: &str) -> Vec<String> {
    let rows = log.lines().skip(1).map(|row| row.split('\t').skip(6).take(2).collect::<Vec<_>>().join(" "));
    rows.collect()
}

/// A directory with programs, and things that look like programs.
fn setting() -> Dir {
    let dir = Dir::new();
    dir.script("with-shebang", "#!/bin/sh\necho \"with: $0 $1\"\n");
    dir.script("without-shebang", "echo \"without: $1\"; exit 3\n");
    dir.script("empty", "");
    dir.script("bad-interpreter", "#!/no/such/interpreter\necho never\n");
    dir.script("binary-garbage", [0x7f, b'E', b'L', b'F', 9, 9, 0, 0]);
    dir.write("not-executable", "#!/bin/sh\necho never\n");
    dir.write("a-directory/file", "");
    dir.script("a b", "#!/bin/sh\necho \"blank: $1\"\n");
    dir.script("bin/only-on-path", "#!/bin/sh\necho \"path: $1\"\n");
    dir
}

#[test]
fn builtins() {
    for template in [
        "echo",
        "echo -n",
        "echo -e 'a\\tb'",
        "echo a\\\\tb",
        "echo --help",
        "printf '%s-%s\\n' x",
        "printf %d 12x",
        "printf x",
        "printf x%%s",
        "printf '%s%%'",
        "printf",
        "true",
        "false",
        "test -n",
        "[ x = x ] && echo",
        "pwd",
        "pwd -P",
        "cd /; pwd;:",
        "type cd; :",
        "kill -l; :",
        "exit 3;",
        ":",
        "set -- a b; echo $2",
        "umask",
        "ulimit -n; :",
        "command echo",
        "exec echo",
        ". ./with-shebang",
        "times >/dev/null; :",
        "wait",
        "alias; :",
        "hash; :",
    ] {
        same(template);
    }
}

#[test]
fn eval_is_as_in_gnu_parallel_but_for_the_warning() {
    let done = fanout().args(["eval echo", ":::", "arg"]).same_as_parallel().ok();
    done.stderr_has("program text for eval");
}

#[test]
fn keywords_and_assignments() {
    for template in [
        "if true; then echo; fi;:",
        "! true",
        "time -p true 2>/dev/null; :",
        "X=1 env | grep ^X= ; :",
        "X=1",
        "{ echo; }; :",
        "for",
        "case",
    ] {
        same(template);
    }
}

#[test]
fn metacharacters() {
    for template in [
        "echo $HOME",
        "echo ~",
        "echo *",
        "echo a;echo",
        "echo a&&echo",
        "echo a|cat;echo",
        "echo >out; cat out;:",
        "echo 'a  b'",
        "echo \"a  b\"",
        "echo a\\ \\ b",
        "echo a # b",
        "echo a#b",
        "echo {a,b}",
        "echo $(echo x)",
        "echo `echo x`",
        "echo !x",
        "echo =x",
        "echo ^x",
        "echo x=~",
        "echo [x]",
        "echo %1",
        "echo a\nb; :",
    ] {
        same(template);
    }
}

#[test]
fn blanks_between_words_are_no_arguments() {
    for template in ["echo  a   b", " echo a", "echo\ta\tb", "echo a  "] {
        same(template);
    }
    // Words are joined by blanks before the shell reads them.
    fanout().args(["-k", "echo", "", "a", "  b", ":::", "c"]).same_as_parallel().ok();
}

#[test]
fn commands_that_are_not_there() {
    for template in [
        "no-such-command",
        "./no-such-file",
        "/no/such/file",
        "no-such-dir/x",
        "''",
        "a-directory",
        "./a-directory",
        "/",
        ".",
    ] {
        same(template);
    }
}

#[test]
fn commands_that_cannot_be_executed() {
    for template in
        ["./not-executable", "not-executable", "./bad-interpreter", "./binary-garbage", "./empty", "./with-shebang/x"]
    {
        same(template);
    }
}

#[test]
fn scripts_with_and_without_shebang() {
    for template in ["./with-shebang", "./without-shebang", "./a\\ b", "'./a b'", "a-directory/../with-shebang"] {
        same(template);
    }
}

#[test]
fn what_the_path_says() {
    let path = |value: &'static str| move |cmd: Cmd| cmd.env("PATH", value);
    for value in [
        "/usr/bin:/bin:bin",
        "/usr/bin:/bin:",
        ":/usr/bin:/bin",
        "/no/such:/usr/bin:/bin:./bin",
        "a-directory:/usr/bin:/bin:bin",
    ] {
        same_in(&setting(), "only-on-path", path(value));
        same_in(&setting(), "with-shebang", path(value));
    }
}

#[test]
fn a_path_entry_that_is_no_program_does_not_hide_a_later_one() {
    let dir = setting();
    dir.write("first/only-on-path", "not executable");
    dir.write("second/only-on-path/file", "a directory");
    same_in(&dir, "only-on-path", |cmd| cmd.env("PATH", "first:second:bin:/usr/bin:/bin"));
}

#[test]
fn the_shell_of_the_users_choice() {
    let names = installed(["sh", "dash", "bash", "zsh", "ksh", "mksh", "fish", "tcsh"]);
    for shell in ["/bin/sh", "/bin/bash"].into_iter().chain(names) {
        for template in
            ["echo", "false", "no-such-command", "./without-shebang", "ps -o args= -p $$ >/dev/null; echo x"]
        {
            same_in(&setting(), template, |cmd| cmd.shell(shell));
        }
    }
}

#[test]
fn a_shell_that_is_not_there() {
    let done = fanout().shell("/no/such/shell").args(["echo a;echo", ":::", "x"]).run();
    done.check(done.status.code() != Some(0), "expected a failure");
    done.stdout("").stderr_has("/no/such/shell");
}

#[test]
fn shell_from_the_environment_where_nothing_else_says() {
    // setsid and env -i make sure that no shell is among the ancestors... as far as GNU parallel looks: it looks
    // through all of them, so both are started from the same ones.
    for shell in ["/bin/dash", "/bin/bash"] {
        same_in(&setting(), "echo ${BASH_VERSION:+bash}", |cmd| cmd.unset("PARALLEL_SHELL").env("SHELL", shell));
    }
}

#[test]
fn the_shell_that_started_it() {
    for shell in installed(["dash", "bash", "zsh", "ksh", "mksh"]) {
        let script =
            "echo 'echo ${BASH_VERSION:+bash} ${ZSH_VERSION:+zsh} ${KSH_VERSION:+ksh}; :' | \"$PROGRAM\"; exit $?";
        let run = |program: &str| {
            Cmd::new(shell)
                .args(["-c", script])
                .unset("PARALLEL_SHELL")
                .env("SHELL", "/bin/false")
                .env("PROGRAM", program)
                .run()
                .ok()
                .stdout
        };
        let program = crate::harness::fanout_bin().into_string().expect("a path in UTF-8");
        assert_eq!(
            run(&program).escape_ascii().to_string(),
            run("parallel").escape_ascii().to_string(),
            "started from {shell}"
        );
    }
}

#[test]
fn exported_functions() {
    // Not the last command: bash would become it, and be no parent of it.
    let script = |program: &str| {
        format!("greet() {{ echo \"hello $1\"; }}; export -f greet; {program} -k greet ::: a 'b c'; exit $?")
    };
    for program in ["\"$FANOUT_BIN\"", "parallel"] {
        let run = Cmd::new("bash").args(["-c", &script(program)]).unset("PARALLEL_SHELL").run();
        run.ok().stdout("hello a\nhello b c\n");
    }
}

#[test]
fn an_exported_function_hides_a_program() {
    let script = "true() { echo mine; }; export -f true; \"$FANOUT_BIN\" true ::: x";
    Cmd::new("bash").args(["-c", script]).shell("bash").run().ok().stdout("mine\n");
}

#[test]
fn start_up_files_of_the_shell() {
    let dir = setting();
    dir.write("rc", "echo() { printf 'rc: %s\\n' \"$*\"; }\n");
    let rc = dir.join("rc");
    for (shell, variable) in [("bash", "BASH_ENV"), ("dash", "ENV"), ("bash", "ENV")] {
        same_in(&dir, "echo", |cmd| cmd.shell(shell).env(variable, &rc));
    }
}

#[test]
fn the_environment_of_a_job() {
    let template = "env | grep -E '^(PARALLEL_SEQ|PARALLEL_JOBSLOT|X|HOME)=' | sort; :";
    fanout().dir(&Dir::new()).args(["-k", "-j1", template, ":::", "a", "b"]).env("X", "y\nz").same_as_parallel().ok();
    // The same without a shell.
    let done =
        fanout().args(["-k", "-j1", "printenv", "PARALLEL_SEQ", "PARALLEL_JOBSLOT", ":::", "HOME", "HOME"]).run().ok();
    let home = done.dir.home();
    done.stdout(format!("1\n1\n{0}\n2\n1\n{0}\n", home.display()));
}

#[test]
fn a_job_knows_the_run_by_its_process_id() {
    let running = fanout().args(["-k", "printenv", ":::", "PARALLEL_PID"]).spawn();
    let pid = running.pid();
    running.wait().ok().stdout(format!("{pid}\n"));
}

#[test]
fn a_job_has_no_input() {
    fanout().args(["-k", "cat; echo", ":::", "x"]).same_as_parallel().stdout("x\n");
    fanout().args(["-k", "cat", "/dev/stdin", ":::", "/dev/stdin"]).same_as_parallel().ok();
    // The list of arguments on standard input is not a job's to read.
    fanout().args(["-k", "-j1", "cat; echo"]).stdin("1\n2\n3\n").same_as_parallel().stdout("1\n2\n3\n");
}

#[test]
fn a_job_has_only_the_descriptors_that_the_caller_passed_in() {
    let expected = Cmd::new("ls").arg("/proc/self/fd").run().ok().text();
    // Two at a time, so that a descriptor of one job would be seen in the other.
    fanout().args(["-j2", "ls", ":::", "/proc/self/fd", "/proc/self/fd"]).run().ok().stdout(expected.repeat(2));
    fanout().args(["-j2", "ls {}; :", ":::", "/proc/self/fd", "/proc/self/fd"]).run().ok().stdout(expected.repeat(2));
    let script = "exec 7</dev/null 8>/dev/null; \"$FANOUT_BIN\" 'ls -l /proc/self/fd/{} >/dev/null && echo {}' ::: 7 8";
    sh(script).run().ok().stdout_sorted("7\n8\n");
}

#[test]
fn a_job_has_the_signals_that_the_caller_had() {
    let template = "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; :";
    let wanted = |line: &str| sh(&format!("{line}\ngrep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status")).run().ok().stdout;
    for line in ["", "trap '' PIPE", "trap '' HUP USR1"] {
        let expected = wanted(line);
        fanout().under_sh(line).args([template, ":::", "x"]).run().ok().stdout(&expected);
        fanout()
            .under_sh(line)
            .args(["grep", "-E", "'^Sig(Blk|Ign|Cgt)'", ":::", "/proc/self/status"])
            .run()
            .ok()
            .stdout(&expected);
        // The same without any shell.
        fanout()
            .under_sh(line)
            .args(["grep", "-e", "SigBlk", "-e", "SigIgn", "-e", "SigCgt", ":::", "/proc/self/status"])
            .run()
            .ok()
            .stdout(&expected);
    }
}

#[test]
fn a_job_is_the_leader_of_its_own_process_group() {
    let running = fanout().args(["-k", "ps -o pgid= -p $$;:", ":::", "1", "2"]).spawn();
    let own = running.pid().to_string();
    let done = running.wait().ok();
    let groups: Vec<String> = done.text().split_whitespace().map(str::to_owned).collect();
    assert!(groups.len() == 2 && groups[0] != groups[1] && !groups.contains(&own), "{groups:?}, fanout's is {own}");
    wait_for("the end of all", || done.dir.processes().is_empty());
}

#[test]
fn the_working_directory_is_the_callers() {
    let dir = Dir::new();
    dir.write("below/file", "x\n");
    fanout().dir(&dir).cwd("below").args(["cat", ":::", "file"]).run().ok().stdout("x\n");
}
