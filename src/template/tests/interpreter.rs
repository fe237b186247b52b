//! Warnings about values in program text of other interpreters.

use crate::template::{Insertion, ShellFamily, Strings, Template};

#[test]
fn program_text_of_another_interpreter_gets_one_warning() {
    let warnings = |command: &str| {
        let words = [command.as_bytes().to_vec()];
        Template::compile(&words, ShellFamily::Posix, Insertion::default(), &mut Strings::new(ShellFamily::Posix))
            .expect("compiles")
            .1
    };
    for command in [
        "eval echo {}",
        "sh -c \"echo $x {}\"",
        "find . -name {} -exec sh -c 'mv $1 {}' _ \\;",
        "awk '/{}/ {{print}}' f",
        "gawk -F: -v a=b '{ print \"{}\" }'",
        "perl -ne 'print if /{}/' f",
        "perl -lne 'print if /{}/' f",
        "perl -i -pe 's/{}/x/' f",
        "perl -pi -e 's/{}/x/' f",
        "perl -0777pe 's/{}/x/' f",
        "perl -F: -lane 'print {}' f",
        "perl -I lib -Mx=y -e '{}'",
        "ruby -i -pe 'x {}' f",
        "ruby -W0 -rjson -e 'x {}'",
        "lua -l m -e 'x {}'",
        "bash --rcfile f -c '{}'",
        "node -pe 'f({})'",
        "python3 -c 'print(\"{}\")'",
        "ruby -e 'puts \"{}\"'",
        "node -e 'f(\"{}\")'",
        "ssh -p 22 host rm {}",
        "timeout 5 nice bash -c '{}'",
        "fish -c 'x {}'",
        "bash -o pipefail -c '{}'",
        "sed 's/a/{}/'",
        "if sh -c '{}'; then x; fi",
        "/bin/sh -c {}",
        "alias x={}",
        "watch ls {}",
        "watch -d ls {}",
        "watch -n 5 ls {}",
    ] {
        assert_eq!(warnings(command).len(), 1, "{command}");
    }
    for command in [
        "sh -c 'echo {} {} {}'",
        "sudo -u x bash -ec \"rm {}\"",
        "env A=b sh -c 'rm {}'",
        "trap 'rm {}' EXIT",
        "ssh host 'rm {}'",
        "su -c 'rm {}' user",
        "su user -c 'rm {}'",
        "ls | xargs sh -c 'rm {}'",
        "find . -exec sh -c 'mv $1 {}' _ \\;",
        "nohup zsh -c 'x {}' &",
        "x=$(sh -c 'echo {}')",
        "docker exec x sh -c 'rm {}'",
        "flock lock -c 'rm {}'",
        "script -qc 'rm {}' log",
        "watch 'ls {}'",
        "watch -d --interval 5 'ls {}'",
        "watch -dx ls {}",
        "watch --exec ls '{} x'",
        "flock f grep -c {} x",
        "awk '{print $1}' {}",
        "sh -c 'echo \"$1\"' _ {}",
        "ssh {} uptime",
        "ssh -p {} host uptime",
        "sh {}",
        "bash script -c {}",
        "perl script.pl -e {}",
        "perl -ne 'print' {}",
        "python3 -m x -c {}",
        "awk -v x={} 'BEGIN { print x }'",
        "awk -f {} x",
        "sed -i 's/a/b/' {}",
        "sed -f {} x",
        "trap 'rm x' {}",
        "echo sh -c {}",
        "eval echo; echo {}",
        "find {} -name sh",
        "sh -c 'echo job' {#}",
        "flock {} -c 'rm x'",
        "script -c 'rm x' {}",
        "sh -c 'echo {#}'",
        "su {} -c ls",
        "grep eval {}",
        "env x={} sh -c 'echo \"$x\"'",
    ] {
        assert_eq!(warnings(command), Vec::<String>::new(), "{command}");
    }
    insta::assert_snapshot!(warnings("sh -c \"$x {}\"")[0], @r#"{} stands in program text for sh, which would run its value as code: use sh -c '… "$1"' _ {}"#);
}
