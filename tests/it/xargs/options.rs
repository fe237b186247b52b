//! The grammar of the command line, and what is said about it.

use crate::harness::{same_beside_xargs, same_xargs};

#[test]
fn forms_of_options() {
    same_beside_xargs(
        "seq 4 >four",
        &[
            "xargs -n2 echo -n1 <four; xargs -n 2 -- echo -x <four; xargs -n2 - <four; xargs -rn2 <four; xargs -n2t <four; xargs -tn2 <four",
            "xargs --max-args 2 <four; xargs --max-args=2 <four; xargs --max-a=2 <four; xargs --max-a 2 <four",
            "xargs --max-c 20 <four; xargs --max-p 2 -n4 <four; xargs --max-l=2 <four; xargs --max-l 2 <four",
            "xargs --nu <four; xargs --no -n2 <four; xargs --arg four; xargs --a=four; xargs -afour; xargs -a four -n2; xargs -a - <four",
            "xargs --e <four; xargs --eo=3 <four; xargs --ex <four; xargs --d=' ' <four; xargs --r <four; xargs --re=2 echo 1 2 <four",
            "xargs --verb <four; xargs --ver <four; xargs --v <four; xargs --max <four; xargs --max=2 <four; xargs --m 2 <four",
            "xargs --foo <four; xargs --foo=2 <four; xargs -z <four; xargs -nz <four; xargs -n <four; xargs -rz <four; xargs -= <four",
            "xargs --null=1 <four; xargs --max-args <four; xargs --process-slot-var; xargs --help=x; xargs -E; xargs -d; xargs -a; xargs -I; xargs -L; xargs -s; xargs -P",
            "xargs -n0 <four; xargs -n-1 <four; xargs -nx <four; xargs -n 1x <four; xargs -n '' <four; xargs -n' 2' <four; xargs -n+2 <four; xargs -n 0x2 <four; xargs -n '2 ' <four",
            "xargs -L0 <four; xargs -l0 <four; xargs -lx <four; xargs -L -3 <four; xargs -l '' <four",
            "xargs -P -1 <four; xargs -Px <four; xargs -P 2147483648 <four; xargs -P 2147483647 <four; xargs -P0 <four; xargs -P 00002 -n4 <four",
            "xargs -s0 <four; xargs -s-5 <four; xargs -sx <four; xargs -n 99999999999999999999 <four",
            "xargs --process-slot-var=a=b <four; xargs --process-slot-var=a=b -n0 <four",
            "xargs -n2 -L1 -I{} echo {} <four; xargs -I{} -L1 -n2 echo {} <four; xargs -n1 -I{} echo {} <four; xargs -I{} -n1 echo {} <four; xargs -I{} -n2 echo {} <four",
            "xargs -L2 -n2 <four; xargs -l2 -n2 <four; xargs -n2 -l2 <four; xargs -i -l2 <four; xargs -l -i <four; xargs -L2 -L1 <four; xargs -n1 -n2 <four; xargs -I{} -I% echo % {} <four",
            "xargs -n2 -n0 <four; xargs -s 9999999999 -z <four; xargs -n2 -L2 -z <four",
            "xargs -h <four; xargs -v <four; xargs -S <four; xargs -e2 <four; xargs -e 2 <four; xargs -i2 echo 2 <four",
            "seq 3 | setsid -w xargs -p echo; seq 3 | setsid -w xargs -n1 -p echo",
            "xargs --interact </dev/null -r; xargs --op -r </dev/null; echo $?; xargs --open-tty -z",
            "POSIXLY_CORRECT=1 xargs -n2 <four; POSIXLY_CORRECT=1 xargs echo -n2 <four",
            "xargs -t -r echo </dev/null; xargs -t </dev/null; xargs -t echo a <four; xargs -t -P2 -n4 <four",
            "xargs -E x -0 <four; xargs -0 -E x <four; xargs -0 -e <four; xargs -E '' -0 <four",
        ],
    );
}

#[test]
fn names_in_messages_are_what_xargs_was_called_by() {
    same_xargs("\"$HOME/../home/bin/xargs\" nosuch </dev/null 2>&1 | sed 's|.*/home/bin|X|'", &[]);
    same_xargs("cd \"$HOME/bin\"; ./xargs nosuch </dev/null; ../bin/xargs -z </dev/null", &[]);
}

#[test]
fn commands_are_shown_as_they_can_be_typed() {
    let line = r#"echo z | xargs -t printf '%s|' 'a b' "it's" "it's \$x" "a'b\"c" '' 'x
y' '~a' 'a~' '#a' 'a#' '{' '}' '{}' 'a{b' '!' 'a!' '*' '?' '[' ']' 'a]' '(' ')' '<' '>' ';' '&' '|' '`' '\' '\n' 'a=b' '=' 'a=' '^' '%' '@' ',' ':' '/' '+' '-' '_' '.' '$' '"' "'" "''" 'é' '日本' "$(printf 'a\tb')" "$(printf '\351')" "$(printf 'x\351y\001\177z')" "$(printf '\302\205')" "$(printf '\342\200\213')" "$(printf 'a\nb\n\nc')" "$(printf "a\r'b'\n'\t\351'c'")""#;
    same_xargs(line, &[("LC_ALL", "C.UTF-8")]);
    same_xargs(line, &[("LC_ALL", "C")]);
    same_xargs("printf 'a\\nb c' | xargs -t -n1 echo; printf 'a\\nb c' | xargs -I{} -t echo '{} {}'", &[]);
}

#[test]
fn files_that_are_read() {
    same_beside_xargs(
        "printf 'a\nb\n' >f; printf '1\n2\n' >g; mkdir d",
        &[
            "xargs -a f; xargs --arg-file=f -n1; xargs -a f -n1 sh -c 'cat; echo got $1' _ <g; xargs -a f cat <g",
            "xargs -n1 sh -c 'cat; echo got $1' _ <f",
            "xargs -a nosuch; xargs -a nosuch -z; xargs -a d; xargs -a d -r; xargs -a ''; LC_ALL=C xargs -a nosuch",
            "mkfifo p; (printf 'x y'; sleep 0.1) >p & xargs -a p; wait; rm p",
            "xargs -a /dev/null; xargs -a /dev/null -r; xargs -a /proc/self/comm -n1 | sed s/fanout-xargs/xargs/",
            "(read x; xargs) <f; (xargs -n1 -Ea; cat) <f",
            "echo a | xargs -a - ; echo a | xargs -a /dev/stdin",
        ],
    );
}

#[test]
fn variables_and_environment() {
    same_beside_xargs(
        "",
        &[
            "echo | xargs env -u _ | sed \"s|$HOME|HOME|g\" | sed \"s|$PWD|PWD|g;s|$TMPDIR|TMP|g\"",
            "seq 3 | xargs -n1 --process-slot-var=SLOT sh -c 'echo $SLOT'",
            "SLOT=9 xargs --process-slot-var=SLOT sh -c 'echo $SLOT' </dev/null; SLOT=9 xargs -r --process-slot-var=SLOT </dev/null",
            "seq 2 | xargs -P2 -n1 --process-slot-var=SLOT sh -c 'echo $SLOT; sleep 1' | sort",
            "X=1 xargs sh -c 'echo $X; exec env' </dev/null | grep -c .",
            "env -i /usr/bin/env | wc -l; echo | env -i PATH=\"$PATH\" \"$(command -v xargs)\" /usr/bin/env | sed 's/=.*//'",
        ],
    );
}
