//! Scripts whose first line names fanout.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::harness::{Cmd, Dir, Done, fanout_bin, installed};

/// Writes a script and runs it with these arguments: `@P@` in it is GNU parallel, or fanout by a link named so.
fn run(program: &str, script: &str, args: &[&str], input: &str) -> Done {
    let dir = Dir::new();
    symlink(fanout_bin(), dir.join("parallel")).expect("link");
    let program = if program == "fanout" { dir.join("parallel").display().to_string() } else { program.to_owned() };
    fs::write(dir.join("script"), script.replace("@P@", &program)).expect("write");
    fs::set_permissions(dir.join("script"), fs::Permissions::from_mode(0o755)).expect("make it executable");
    Cmd::new("./script").dir(&dir).args(args).stdin(input).run()
}

fn same(script: &str, args: &[&str], input: &str) -> Done {
    installed(["parallel"]);
    let oracle = run("/usr/bin/parallel", script, args, input);
    let ours = run("fanout", script, args, input);
    ours.same_end_as(&oracle, false);
    ours
}

#[test]
fn interpreters_are_wrapped_as_in_the_tutorial() {
    installed(["perl", "bash"]);
    let abc = &["A", "B", "C"];
    same("#!@P@ --shebang-wrap -k /usr/bin/perl\nprint \"Arguments @ARGV\\n\";\n", abc, "").stdout_has("Arguments B\n");
    same("#!@P@ --shebang-wrap -k /usr/bin/perl -w\nprint \"@ARGV\\n\";\n", abc, "").stdout_has("B\n");
    same("#!@P@ --shebang-wrap -k /bin/bash\necho Arguments \"$@\"\n", abc, "").stdout_has("Arguments B\n");
    same("#!@P@ --shebangwrap -k /bin/sh\necho $PARALLEL_SEQ \"$@\"\n", abc, "").stdout_has("2 B\n");
    same("#!@P@ --shebang-wrap -k ARG={} /bin/sh\necho Arguments $ARG $#\n", abc, "").stdout_has("Arguments B 0\n");
    same("#!@P@ --shebang-wrap -k --tagstring \"a  b\" /bin/sh\necho \"$1\"\n", abc, "").stdout_has("a  b\tB\n");
    same("#!@P@ --shebang-wrap -k /bin/sh\necho \"in $1\"\n", &[], "x\ny\n").stdout_has("in x\nin y\n");
    same("#!@P@ --shebang-wrap -j1 --halt now,fail=1 /bin/sh\nexit $1\n", &["0", "3"], "").fails_with(3);
    let alone = run("fanout", "#!/usr/bin/env -S @P@ --shebang-wrap -k /bin/sh\necho\n", abc, "");
    alone.fails_with(255).stderr_has("without env -S");
}

#[test]
fn arguments_of_a_script_are_data() {
    let script = "#!@P@ --shebang-wrap -k /bin/sh\necho \"<$1>\"\n";
    // GNU parallel's shell reads them: it would make two of the first, and execute the second.
    let args = ["a  b", "$(touch pwned)", "it's", "`id`", "x;y"];
    let done = run("fanout", script, &args, "").ok();
    assert!(!done.dir.join("pwned").exists(), "an argument was executed");
    done.stdout("<a  b>\n<$(touch pwned)>\n<it's>\n<`id`>\n<x;y>\n");
}

#[test]
fn inputs_stand_in_the_script() {
    same("#!@P@ --shebang -k -r echo\n\nfoo\nbar\nbaz\n", &[], "").stdout_has("foo\nbar\nbaz\n");
    same("#!@P@ --hashbang -k echo \"a  b\"\nfoo\nbar\n", &[], "").stdout_has("a b foo\na b bar\n");
    same("#!@P@ --shebang -k -q echo \"a  b\"\nfoo\nbar\n", &[], "").stdout_has("a  b foo\na  b bar\n");
    same("#!@P@ --shebang -k --tag -j2 echo {#} {}.x\nfoo\nb r\n", &[], "").stdout_has("b r\t2 b r.x\n");
    same("#!/usr/bin/env -S @P@ --shebang -k echo\nfoo\nbar\n", &[], "").stdout_has("bar\n");
    same("#!@P@ --shebang -k\necho foo\nexit 3\n", &[], "").fails_with(1);
}

#[test]
fn elsewhere_the_option_is_nothing() {
    let script = "#!/bin/sh\n@P@ -k --shebang echo ::: a b\n";
    same(script, &[], "").stdout("a\nb\n");
}
