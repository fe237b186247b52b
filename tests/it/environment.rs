//! What jobs find around them: variables, functions, the folder; and where default options come from.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::thread;

use crate::harness::{Cmd, Dir, fanout, fanout_bin, installed, is_root, sh};

/// Runs each line of bash with fanout and with the real parallel as `$P`, each in a directory of its own: the same bytes on
/// standard output, the same status.
fn same(lines: &[&str]) {
    installed(["parallel", "bash"]);
    let run = |program: &str, line: &str| {
        let script = format!("P={program}; {line}");
        Cmd::new("bash").args(["-c", &script]).run()
    };
    let queue = std::sync::Mutex::new(lines.iter());
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(line) = { queue.lock().expect("no panic").next() } {
                    let oracle = run("parallel", line);
                    run("$FANOUT_BIN", line).same_end_as(&oracle, false);
                }
            });
        }
    });
}

#[test]
fn variables_are_those_of_gnu_parallel() {
    same(&[
        "$P -j1 'echo $PARALLEL_SEQ $PARALLEL_JOBSLOT $PARALLEL_JOBSLOT0' ::: a b c",
        "$P -j1 'echo seq:$PARALLEL_SEQ {}' ::: a b c",
        "seq 10 | $P -n2 -k 'echo seq:$PARALLEL_SEQ arg1:{1} arg2:{2}'",
        "seq 4 | $P -j1 --process-slot-var=name 'echo $name {}'",
        "seq 4 | $P -j1 --processslotvar name 'echo $name {} ${PARALLEL_JOBSLOT0-unset}'",
        "$P 'echo $PARALLEL_SSHHOST $PARALLEL_SSHLOGIN {}' ::: a",
        "$P --plus 'echo {host} {sshlogin} {slot} {}' ::: a",
        "PARALLEL_SEQ=99 $P 'echo $PARALLEL_SEQ' ::: a",
        "$P 'test $PARALLEL_PID -gt 1 && echo {}' ::: a",
        "X='a  b' $P 'echo \"$X\" {}' ::: a",
        "export X='a  b'; $P --env X 'echo \"$X\" {}' ::: a",
        "export X='a\nb' Y=c; $P --env X,Y 'echo \"$X$Y\" {}' ::: a",
        "export X=1; $P --env X --env Y 'echo \"$X$Y\" {}' ::: a",
        "unset TMPDIR; $P 'echo $TMPDIR {}' ::: a",
        "TMPDIR= $P 'echo $TMPDIR {}' ::: a",
        "export TMPDIR=$PWD; $P 'test $TMPDIR = $PWD && echo {}' ::: a",
        "mkdir t; $P --tmpdir $PWD/t 'echo ${TMPDIR##*/} {}' ::: a",
        "export TMPDIR=/; $P --tmpdir '' 'echo $TMPDIR {}' ::: a",
        "$P 'env | grep -c \"^PARALLEL_\\(SEQ\\|PID\\|JOBSLOT\\|JOBSLOT0\\|SSHHOST\\|SSHLOGIN\\)=\"; : {}' ::: a",
        "export X=1; $P --env NOT 'echo \"$X\" {}' ::: a",
        "MYVAR='foo bar'; export MYVAR; $P --env MYVAR echo '$MYVAR' ::: baz",
    ]);
}

#[test]
fn functions_of_bash_reach_jobs() {
    same(&[
        "export PARALLEL_SHELL=/bin/bash; f() { echo f \"$1\"; }; export -f f; $P f ::: 'a  b'",
        "export PARALLEL_SHELL=/bin/bash; f() { echo f \"$1\"; }; export -f f; $P --env f f ::: 'a  b'",
        "export PARALLEL_SHELL=/usr/bin/zsh; f() { echo f \"$1\"; }; export -f f; $P --env f f ::: 'a  b'",
        "export PARALLEL_SHELL=/usr/bin/zsh; f() { echo f \"$1\"; }; export -f f; $P f ::: 'a  b' 2>/dev/null",
        "export PARALLEL_SHELL=/bin/sh; f() { echo f \"$1\"; }; export -f f; $P f ::: 'a  b' 2>/dev/null",
        "export PARALLEL_SHELL=/bin/bash; my_func() { echo in my_func $1; }; export -f my_func; $P --env my_func my_func ::: baz",
        "export PARALLEL_SHELL=/bin/bash; doit() { echo Doing it for $1; sleep 0.01; echo Done with $1; }; export -f doit; $P -k doit ::: 1 2 3",
        "export PARALLEL_SHELL=/bin/bash; doubleit() { echo Doing it for $1 $2; }; export -f doubleit; $P -k doubleit ::: 1 2 3 ::: a b",
        "export PARALLEL_SHELL=/bin/bash; true() { echo mine; }; export -f true; $P true ::: x",
        "$P --record-env; export PARALLEL_SHELL=/bin/bash VAR=foo; f() { echo in f $1; }; export -f f; $P --env _ 'echo $VAR; f' ::: bar",
        "$P --record-env; export PARALLEL_SHELL=/usr/bin/zsh VAR=foo; f() { echo in f $1; }; export -f f; $P --env _ 'echo $VAR; f' ::: bar",
        "f() { :; }; export -f f; $P --record-env; export PARALLEL_SHELL=/usr/bin/zsh; $P --env _ 'f' ::: bar 2>/dev/null",
        "$P --recordenv; A=1 B='x\ny' $P --record-env; grep -cx 'A\\|B' $HOME/.parallel/ignored_vars; grep -c = $HOME/.parallel/ignored_vars",
        "$P --env _ echo ::: a",
        "PARALLEL_ENV='x=5' $P 'echo $x ${PARALLEL_ENV-gone}' ::: a",
        "PARALLEL_ENV=$'f() {\\001 echo \"f $1\";\\001}' $P f ::: 'a  b'",
        "echo 'x=\"from a file\"' > code; PARALLEL_ENV=$PWD/code $P 'echo $x' ::: a",
        "export PARALLEL_SHELL=/usr/bin/zsh PARALLEL_ENV=\"alias hi='echo hi'\"; $P hi ::: \"it's\"",
        "export PARALLEL_SHELL=/bin/bash PARALLEL_ENV=$'shopt -s expand_aliases\\001alias hi=\"echo hi\"'; $P hi ::: \"it's\"",
    ]);
    // dash has no `export -f`; there, GNU parallel's job ends before its command.
    let script =
        "export PARALLEL_SHELL=/bin/dash; f() { echo f \"$1\"; }; export -f f; $FANOUT_BIN --env f f ::: 'a  b'";
    Cmd::new("bash").args(["-c", script]).run().ok().stdout("f a  b\n");
}

#[test]
fn jobs_work_in_the_folder_that_was_asked_for() {
    same(&[
        "$P --wd / pwd ::: a",
        "$P --workdir / 'pwd; echo $PWD' ::: a",
        "$P --work-dir=/tmp pwd ::: a",
        "$P --wd new/folder 'pwd | sed s,.*/new,new,' ::: a; ls -d new/folder",
        "$P --wd ./new/./x// 'echo $PWD | sed s,.*/new,new,' ::: a; ls",
        "$P -k --wd 'd{}' 'echo {} > f' ::: 'a b' c; ls d*; cat d*/f",
        "$P -k --wd '{//}' 'cat {/}; echo' ::: sub/x; mkdir -p sub; echo hi > sub/x; $P -k --wd '{//}' cat {/} ::: sub/x",
        "$P --wd {} pwd ::: /tmp",
        "$P -k --wd {1} echo {2} ::: /tmp ::: x y",
        "$P --wd '' 'echo $PWD | sed s,.*/,,' ::: a | wc -l",
        "mkdir 0; $P --wd 0 'test -d 0; echo $?' ::: a",
        "mkdir x; $P --wd . 'test -d x; echo $?' ::: a",
        "$P --wd ... 'pwd | sed s,.*/.parallel/tmp/,, | tr -d 0-9; touch f; ls' ::: a b; ls $HOME/.parallel/tmp | grep -v sshlogin",
        "$P --wd ... 'test 1 =' ::: a 1; echo $?; ls $HOME/.parallel/tmp | grep -v sshlogin",
        "$P --wd /dev/null/x pwd ::: a",
        "$P --wd /etc/passwd pwd ::: a",
        "mkdir t; echo 'echo script' > t/s; chmod +x t/s; $P --wd t ./s ::: a",
        "$P --wd /tmp 'echo $OLDPWD' ::: a | sed s,.*/,, | wc -l",
        "cd /; for folder in . '' 0 ./ /tmp ..; do $P --wd \"$folder\" 'pwd; echo $OLDPWD' ::: a; done; $P 'echo $OLDPWD' ::: a",
        "cd /usr; OLDPWD=/ $P 'echo $OLDPWD' ::: a; cd bin; $P --wd .. 'echo $OLDPWD' ::: a",
        "$P -k --nice 25 'nice' :::: /dev/null; $P --nice 20 'nice; true' ::: a",
        "$P --wd '/tmp/../usr' 'echo $PWD' ::: a",
        "$P --wd -x 'echo $PWD | sed s,.*/,,' ::: a 2>/dev/null | wc -l",
        "$P --dry-run --wd /tmp echo ::: a",
        "$P -v --wd /tmp echo ::: a",
    ]);
}

#[test]
fn a_folder_that_cant_be_made_is_a_job_that_failed() {
    let done = fanout().args(["-k", "--wd", "{}", "echo", ":::", "/dev/null/x", "/"]).run();
    done.fails_with(1).stdout("/\n").stderr_has("can't work in the folder /dev/null/x: Not a directory");
    fanout()
        .args(["--wd", "{}", "echo", ":::", ""])
        .run()
        .fails_with(1)
        .stderr_has("can't work in the folder : No such");
    let done = fanout().args(["--wd", "/dev/null/x", "echo", ":::", "a"]).run();
    done.fails_with(255)
        .stderr("fanout: --workdir: can't work in the folder /dev/null/x: Not a directory (os error 20)\n");
    let done = fanout().unset("HOME").args(["--wd", "...", "echo", ":::", "a"]).run();
    done.fails_with(255).stderr("fanout: --workdir: HOME is not set: give a folder instead of ...\n");
}

#[test]
fn default_options_are_those_of_gnu_parallel() {
    same(&[
        "PARALLEL=--tag $P -k echo ::: a b",
        "export PARALLEL='--tagstring x\\ y'; $P echo ::: a",
        "export PARALLEL='--tagstring \"x  y\" -k'; $P echo ::: a b",
        "export PARALLEL=\"--tagstring 'x\\\"y' -k\"; $P echo ::: a b",
        "export PARALLEL='-k nice'; $P echo ::: a b",
        "export PARALLEL='-k echo\\ x'; $P echo ::: a b",
        "export PARALLEL='-k -- echo'; $P -- x ::: a b",
        "export PARALLEL='-j1 --dry-run'; $P -j2 echo ::: a",
        "export PARALLEL='--tagstring a'; $P --tagstring b echo ::: x",
        "export PARALLEL='--tag'; $P --plain echo ::: x",
        "export PARALLEL='-a list'; seq 3 > list; $P -k echo ::: a b",
        "export PARALLEL='::: x y'; $P echo",
        "export PARALLEL=$'-k\\n--tag'; $P echo ::: a b",
        "export PARALLEL='--nope'; $P echo ::: a b >/dev/null",
        "export PARALLEL='-j'; $P echo ::: a b >/dev/null",
        "export PARALLEL=' '; $P echo ::: a",
        "export PARALLEL=; $P echo ::: a",
        "export PARALLEL=-kj1; $P --dr echo ::: a b",
        "echo --tag > p; $P -J ./p echo ::: a",
        "echo --tag > p; $P --profile $PWD/p echo ::: a",
        "printf '# no\\n  # no\\n-k\\n--tagstring \"x  y\"\\n' > p; $P --profile ./p echo ::: a b",
        "echo --tag > $HOME/.parallel/p; $P -J p echo ::: a",
        "echo --dryrun --verbose > $HOME/.parallel/dryverbose; $P --profile dryverbose -k echo ::: A B 2>/dev/null",
        "echo nice > $HOME/.parallel/nicetimeout; echo --tag > $HOME/.parallel/t; $P -J nicetimeout -J t echo ::: A",
        "echo --tagstring a > p; echo --tagstring b > q; $P -J ./p -J ./q echo ::: A; $P -J ./q -J ./p echo ::: A",
        "echo --tagstring a > p; export PARALLEL='--tagstring b'; $P -J ./p echo ::: A; $P -J ./p --tagstring c echo ::: A",
        "echo --tag > p; $P -J ./p --plain echo ::: A",
        "echo --tag > p; export PARALLEL='-J ./p'; $P echo ::: A",
        "export PARALLEL_HOME=$PWD/h; mkdir h; echo --tag > h/p; $P -J p echo ::: A",
        "export XDG_CONFIG_HOME=$PWD/x; mkdir -p x/parallel; echo --tag > x/parallel/p; $P -J p echo ::: A",
        "export XDG_CONFIG_DIRS=/nowhere:$PWD/x; mkdir -p x/parallel; echo --tag > x/parallel/p; $P -J p echo ::: A",
        "echo -j-1 nice > $HOME/.parallel/nice_profile; $P -k -J nice_profile echo -9 ::: a b c",
    ]);
}

/// A directory with links to fanout: `parallel`.
fn links() -> Dir {
    let dir = Dir::new();
    symlink(fanout_bin(), dir.join("parallel")).expect("link");
    dir
}

#[test]
fn as_parallel_it_reads_the_config_files_of_parallel() {
    let dir = links();
    let run = |args: &[&str]| Cmd::new(dir.join("parallel")).dir(&dir).args(args);
    fs::write(dir.home().join(".parallel/config"), "# all\n--tagstring config\n").expect("write");
    run(&["echo", ":::", "a"]).same_as_parallel().stdout("config\ta\n");
    run(&["--tagstring", "x", "echo", ":::", "a"]).same_as_parallel().stdout("x\ta\n");
    run(&["--plain", "echo", ":::", "a"]).same_as_parallel().stdout("a\n");
    run(&["echo", ":::", "a"]).env("PARALLEL", "--tagstring var").same_as_parallel().stdout("var\ta\n");
    fs::write(dir.join("profile"), "-k\n").expect("write");
    run(&["-J", "./profile", "echo", ":::", "a"]).same_as_parallel().stdout("a\n");
    fs::write(dir.home().join(".parallelrc"), "--tagstring rc\n").expect("write");
    run(&["echo", ":::", "a"]).same_as_parallel().stdout("rc\ta\n");
    // fanout itself takes nothing that it was not told to take.
    fanout().dir(&dir).args(["echo", ":::", "a"]).run().ok().stdout("a\n");
}

#[test]
fn a_config_file_that_cant_be_read_is_named() {
    if is_root() {
        return;
    }
    let dir = links();
    let config = dir.home().join(".parallel/config");
    fs::write(&config, "--tag\n").expect("write");
    fs::set_permissions(&config, fs::Permissions::from_mode(0o000)).expect("close the file");
    let run = |args: &[&str]| Cmd::new(dir.join("parallel")).dir(&dir).args(args);
    run(&["echo", ":::", "a"]).run().ok().stdout("a\n").stderr_has("can't read the options in");
    run(&["-J", "config", "echo", ":::", "a"]).run().fails_with(255).stderr_has("can't read the options in");
}

#[test]
fn fanout_is_stronger_than_parallel_and_its_profiles_are_found_first() {
    let run = |args: &[&str]| fanout().env("PARALLEL", "--tagstring theirs").args(args);
    run(&["echo", ":::", "a"]).run().ok().stdout("theirs\ta\n");
    run(&["echo", ":::", "a"]).env("FANOUT", "--tagstring ours").run().ok().stdout("ours\ta\n");
    run(&["echo", ":::", "a"]).env("FANOUT", "").run().ok().stdout("a\n");
    let dir = Dir::new();
    fs::create_dir_all(dir.home().join(".config/fanout")).expect("make a folder");
    fs::write(dir.home().join(".config/fanout/p"), "--tagstring ours\n").expect("write");
    fs::write(dir.home().join(".parallel/p"), "--tagstring theirs\n").expect("write");
    let profile = || fanout().dir(&dir).args(["--profile", "p", "echo", ":::", "a"]);
    profile().run().ok().stdout("ours\ta\n");
    fs::create_dir_all(dir.join("xdg/fanout")).expect("make a folder");
    fs::write(dir.join("xdg/fanout/p"), "--tagstring xdg\n").expect("write");
    profile().env("XDG_CONFIG_HOME", dir.join("xdg")).run().ok().stdout("xdg\ta\n");
}

#[test]
fn defaults_that_are_wrong_are_clear_errors() {
    let run =
        |variable: &str| fanout().env("FANOUT", variable).args(["echo", ":::", "a"]).run().fails_with(255).stdout("");
    run("-k \"abc").stderr("fanout: $FANOUT: a quote or a backslash at the end lacks what it is for\n");
    run("--zzz").stderr("fanout: $FANOUT: unknown option --zzz: see --help\n");
    run("--timeout x").stderr_has("fanout: $FANOUT: --timeout 'x': give");
    let done = fanout().args(["-J", "missing", "echo", ":::", "a"]).run().fails_with(255).stdout("");
    done.stderr_has("fanout: --profile missing: there is no ").stderr_has("/.config/fanout/missing: write its options");
    let done = fanout().unset("HOME").args(["-J", "missing", "echo", ":::", "a"]).run().fails_with(255);
    done.stderr("fanout: --profile missing: HOME is not set: give a path that starts with / or ./\n");
    let done = fanout().args(["--env", "_", "echo", ":::", "a"]).run().fails_with(255).stdout("");
    done.stderr_has("--env _ needs ").stderr_has("run fanout --record-env in a clean environment first");
    fanout().unset("HOME").arg("--record-env").run().fails_with(255).stderr_has("HOME is not set");
}

#[test]
fn jobs_run_without_a_home_and_without_an_environment() {
    // GNU parallel finds that the command line is too long, where it has not measured it before.
    fanout().unset("HOME").args(["-k", "echo", ":::", "a", "b"]).run().ok().stdout("a\nb\n").quiet();
    let done = sh("env -i \"$FANOUT_BIN\" 'env | sort | grep -v \"^_=\\|^PWD=\"; : {}' ::: x").run().ok();
    let names: Vec<String> = done.text().lines().filter_map(|line| Some(line.split_once('=')?.0.to_owned())).collect();
    let ours = [
        "FANOUT_JOBSLOT",
        "FANOUT_PID",
        "FANOUT_SEQ",
        "PARALLEL_JOBSLOT0",
        "PARALLEL_JOBSLOT",
        "PARALLEL_PID",
        "PARALLEL_SEQ",
        "PARALLEL_SSHHOST",
        "PARALLEL_SSHLOGIN",
        "TMPDIR",
    ];
    assert_eq!(names.iter().filter(|name| !["SHLVL", "OLDPWD"].contains(&name.as_str())).collect::<Vec<_>>(), ours);
}

#[test]
fn names_of_ours_hold_the_same_numbers() {
    let job = "test $FANOUT_SEQ = $PARALLEL_SEQ && test $FANOUT_PID = $PARALLEL_PID && echo $FANOUT_JOBSLOT $PARALLEL_JOBSLOT0 {}";
    fanout().args(["-k", "-j1", job, ":::", "a", "b"]).run().ok().stdout("1 0 a\n1 0 b\n");
    let done = fanout().args(["--process-slot-var=name", "printenv", ":::", "FANOUT_SEQ", ":::", "name"]).run();
    done.ok().stdout("1\n0\n");
    let done = fanout().args(["-j1", "--process-slot-var=name", "printenv name FANOUT_SEQ; :", ":::", "a"]).run();
    done.ok().stdout("0\n1\n");
    fanout().args(["--process-slot-var=a=b", "echo"]).run().fails_with(255).stderr_has("give the name of a variable");
}

/// Without a terminal, a home, streams or most of the environment. (With none of it, GNU parallel takes each command for too long.)
#[test]
fn with_little_around_it_does_what_gnu_parallel_does() {
    same(&[
        "$P -k echo {} ::: 1 2 <&-",
        "$P -k echo <&-",
        "$P -k 'cat; echo {}' ::: 1 2 <&-",
        "$P -k 'echo {}; echo e{} >&2' ::: 1 2 2>&-",
        "echo x | $P -k 'cat; echo {}' :::: - <&-",
        "env -i PATH=$PATH HOME=$HOME $P -k 'echo {} $PARALLEL_SEQ $PATH' ::: 1 2",
        "HOME=$PWD/missing $P -k 'echo {} ${HOME##*/}' ::: 1 2",
        "HOME=/proc $P -k echo ::: 1 2",
        "HOME=/dev/null $P -k echo ::: 1 2",
        "mkdir ro; chmod 555 ro; HOME=$PWD/ro $P -k echo ::: 1 2",
        "unset SHELL; $P -k 'echo {}' ::: 1 2",
        "setsid -w $P -k 'tty; echo {}' ::: 1 2 <&-",
        "setsid -w $P -k 'cat; echo {}' ::: 1 2 </dev/null",
        "seq 3 | setsid -w $P -k 'cat; echo {}'",
        "echo x | setsid -w $P -k 'cat; echo {}' ::: 1 2",
        "setsid -w $P --tty 'echo {}' ::: 1 2 </dev/null",
        "setsid -w $P -k --bar 'echo {}' ::: 1 2 2>/dev/null",
        "setsid -w $P -k --progress --eta 'echo {}' ::: 1 2 2>/dev/null",
        "setsid -w $P -j1 -u 'echo {}' ::: 1 2 </dev/null",
        "setsid -w $P --semaphore --fg --id x echo 1 </dev/null",
        "$P --semaphore --fg --id x cat <&-",
        "cd /; $P -k pwd '#' ::: 1",
        "LC_ALL=C $P -k echo ::: é $'\\377' | od -c",
    ]);
}

/// Where GNU parallel loses what jobs print, and says that all is well.
#[test]
fn a_closed_standard_output_is_an_error() {
    for options in ["-k", "--line-buffer", "--results out"] {
        let line = format!("$FANOUT_BIN {options} touch ::: 1 >&-");
        let dir = Dir::new();
        sh(&line).dir(&dir).run().fails_with(255).stderr_has("standard output is closed: redirect it to /dev/null");
        assert!(!dir.has("1"), "nothing is started");
    }
}
