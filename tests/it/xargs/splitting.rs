//! How the input is cut.

use crate::harness::{same_beside_xargs, sh};

#[test]
fn words_quotes_and_backslashes() {
    same_beside_xargs(
        "",
        &[
            r"printf '' | xargs printf '[%s]'",
            r"printf 'a b  c\td\n\n e\n' | xargs printf '[%s]'",
            r"printf 'a' | xargs printf '[%s]'",
            r#"printf '%s\n' "'a b' c" '"d e" f' "g\\ h" | xargs printf '[%s]'"#,
            r#"printf '%s\n' "a'b c'd" 'e"f g"h' 'i\\j' | xargs printf '[%s]'"#,
            r#"printf '%s\n' "''" '""' "x''" | xargs printf '[%s]'"#,
            r#"printf "''" | xargs printf '[%s]'"#,
            r#"printf "a ''" | xargs printf '[%s]'"#,
            r#"printf "'" | xargs printf '[%s]'"#,
            r#"printf "a '" | xargs printf '[%s]'"#,
            r#"printf "a 'b" | xargs printf '[%s]'"#,
            r#"printf "a 'b\nc" | xargs printf '[%s]'"#,
            r#"printf "a '\nc" | xargs printf '[%s]'"#,
            r#"printf 'a "b\nc' | xargs printf '[%s]'"#,
            r#"printf 'a\n"b' | xargs -n1 printf '[%s]'"#,
            r#"printf 'a\n"b' | xargs -n1 false"#,
            r#"printf 'a\n"b' | xargs -x -n2 printf '[%s]'"#,
            r#"printf 'a\n"b' | xargs -L2 printf '[%s]'"#,
            r#"printf 'a\n"b' | xargs -I{} printf '[%s]' {}"#,
            r#"printf '"%s"' "it's" | xargs printf '[%s]'"#,
            r"printf 'a\\\nb c' | xargs printf '[%s]'",
            r"printf 'a\\' | xargs printf '[%s]'",
            r"printf 'a \\' | xargs printf '[%s]'",
            r"printf '\\ \\\t\\\\ \\a' | xargs printf '[%s]'",
            r"printf 'a\vb\fc\rd\n\v e \r\nf\r\n' | xargs printf '[%s]'",
            r"printf '\303\251 \377\n' | xargs printf '[%s]'",
            r"printf 'a\0b c\n' | xargs printf '[%s]'",
            r"printf '\0a c\0\n' | xargs printf '[%s]'",
            r"printf 'a\0b c\0\n' | xargs -n1 printf '[%s]'",
            r"printf 'a\0b\n' | xargs -s 20 printf '[%s]'",
        ],
    );
}

#[test]
fn delimiters() {
    same_beside_xargs(
        "",
        &[
            r"printf 'a b\0c\nd\0\0' | xargs -0 printf '[%s]'",
            r"printf 'a b\0c' | xargs -0 printf '[%s]'",
            r"printf '' | xargs -0 printf '[%s]'",
            r"printf '\0' | xargs -0 printf '[%s]'",
            r"printf 'a b\0c' | xargs --null printf '[%s]'",
            r#"printf "a'b\\\\n\n \n\nc" | xargs -d '\n' printf '[%s]'"#,
            r"printf 'a,b,,c\n' | xargs -d , printf '[%s]'",
            r"printf 'a,b,,c' | xargs -d, printf '[%s]'",
            r"printf 'a,b' | xargs --delimiter=, printf '[%s]'",
            r"printf 'a,b' | xargs --delim , printf '[%s]'",
            r"printf 'axb' | xargs -d '\x78' printf '[%s]'",
            r"printf 'axb' | xargs -d '\170' printf '[%s]'",
            r"printf 'axb' | xargs -d '\0170' printf '[%s]'",
            r"printf 'a\tb\\c' | xargs -d '\t' printf '[%s]'",
            r"printf 'a\tb\\c' | xargs -d '\\' printf '[%s]'",
            r"printf 'a\tb\\c' | xargs -d '\' printf '[%s]'",
            r"printf 'a\007b\010c\014d\013e\015f' | xargs -d '\a' printf '[%s]'",
            r"printf 'a\007b\010c\014d\013e\015f' | xargs -d '\b' printf '[%s]'",
            r"printf 'a\007b\010c\014d\013e\015f' | xargs -d '\f' printf '[%s]'",
            r"printf 'a\007b\010c\014d\013e\015f' | xargs -d '\v' printf '[%s]'",
            r"printf 'a\007b\010c\014d\013e\015f' | xargs -d '\r' printf '[%s]'",
            r"printf 'a\0b,c' | xargs -d , printf '[%s]'",
            r"printf 'a\0b' | xargs -d '\0' printf '[%s]'",
            r"printf 'a\0b' | xargs -d '\x' printf '[%s]'",
            r"echo a | xargs -d ab echo",
            r"echo a | xargs -d '' echo",
            r"echo a | xargs -d '\q' echo",
            r"echo a | xargs -d '\xzz' echo",
            r"echo a | xargs -d '\x100' echo",
            r"echo a | xargs -d '\777' echo",
            r"echo a | xargs -d '\8' echo",
            r"printf 'a,b' | xargs -0 -d, echo; printf 'a,b' | xargs -d, -0 echo",
        ],
    );
}

#[test]
fn the_logical_end() {
    same_beside_xargs(
        "printf 'a b\nEND\nc\n' >lines; printf 'a b END c\nd' >words; printf 'a END' >last; seq 100000 >many",
        &[
            "xargs <lines; xargs -E END <lines; xargs -eEND <lines; xargs --eof=END <lines",
            "xargs -e <lines; xargs --eof <lines; xargs -E '' <lines; xargs -E END -e <lines",
            "xargs -E END <words; xargs -E END <last; xargs -E a <last; xargs -E b <words",
            "xargs -E END -L1 <lines; xargs -E END -L1 <words; xargs -E END -n1 <words; xargs -E END -L2 <words",
            "xargs -E END -I{} echo '<{}>' <lines; xargs -E 'a b' -I{} echo '<{}>' <lines; xargs -E c -I{} echo '<{}>' <lines",
            "(xargs -E END; cat) <lines; (xargs -E END; cat) <words; (xargs -E 77777 true; wc) <many",
            "cat lines | (xargs -E END; cat)",
            "xargs -0 -E END <lines; xargs -E END -d '\\n' <lines",
            "printf '\"END\"\n' | xargs -E END; printf 'E\\\\ND x\n' | xargs -E END; printf 'END' | xargs -E END",
            r#"printf 'a END\n' | xargs -E END -L1; printf 'a \nEND\nb' | xargs -E END -L1; printf 'END\0x\n' | xargs -E END"#,
            "xargs -rE END <<x\nEND\nx",
        ],
    );
}

#[test]
fn lines_for_a_place_in_the_command() {
    same_beside_xargs(
        "printf '   x y  \n\n  \t\nz\n\"q r\" s\\ t \n' >lines",
        &[
            "xargs -I{} echo '<{}>' <lines",
            "xargs -I{} printf '[%s]' {} 'a{}b{}' x <lines",
            "xargs -i echo '<{}>' <lines; xargs -iX echo '<X>' <lines; xargs --replace echo '<{}>' <lines; xargs --replace=YY echo '<YY>' <lines",
            "xargs -I {} {} a <lines",
            "printf 'a\nb\n' | xargs -I echo echo echo; printf 'a\nb' | xargs -I % sh -c 'echo %; echo %%'",
            "xargs -I{} echo x </dev/null; xargs -I{} </dev/null; printf 'a\n' | xargs -I{}",
            r#"printf 'a b\0c\nd\0' | xargs -0 -I{} echo '<{}>'; printf 'a,b\n' | xargs -d, -I{} echo '<{}>'"#,
            "echo a | xargs -I '' echo x",
            "printf \"''\na\n\" | xargs -I{} printf '[%s]' {}",
            "echo a | xargs -I aa echo aaa aaaa a",
            "printf 'a\n\n\nb' | xargs -I{} -t echo {}",
            "printf 'x\ny\n' | xargs -I{} sh -c 'echo \"$1\"' _ {}",
            "seq 3 | xargs -I{} -P1 -r echo {}; xargs -I{} -r echo {} </dev/null",
        ],
    );
}

#[test]
fn a_byte_beyond_ascii_separates() {
    // findutils compares a signed character, and never finds it.
    let done = sh(r"printf 'a\377b' | ${FANOUT_BIN}-xargs -d '\xff' printf '[%s]'").run();
    done.ok().stdout("[a][b]");
}
