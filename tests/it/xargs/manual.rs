//! The examples of findutils' manual.

use crate::harness::same_beside_xargs;

const FILES: &str = "mkdir -p d/sub; echo 'int main;' >d/main.c; echo '#include' >d/a.h; echo hello >'d/sub/with space.c'; echo core >d/core; \
printf 'a:x\nb:y\n' >passwd; printf 'one\ntwo\nthree\n' >list; echo x >foo.o; echo y >bar.o";

#[test]
fn examples() {
    same_beside_xargs(
        FILES,
        &[
            "find d -name core -type f -print | xargs /bin/rm -f; ls d",
            "find d -name core -type f -print0 | xargs -0 /bin/rm -f; ls d",
            "find d -name '*.[ch]' -print0 | sort -z | xargs -0 grep -l include /dev/null",
            "find d -name '*.c' | sort | xargs grep -l hello /dev/null",
            "cut -d: -f1 < passwd | sort | xargs echo",
            "find d -type f -print0 | sort -z | xargs -0 wc -c",
            "xargs sh -c 'cat \"$@\" < list' cat <list 2>/dev/null; echo foo.o bar.o | xargs sh -c 'cat \"$@\" </dev/null' cat",
            "ls *.o | xargs -n1 basename; ls *.o | xargs -I{} mv {} {}.old; ls",
            "echo 'a b c d e' | xargs -n2 echo; echo 1 2 3 4 | xargs -L1 echo; ls *.o | xargs -t cat",
            "find d -name '*.c' -print0 | sort -z | xargs -0 -n1 -P2 wc -c | sort",
            "printf 'foo\\0bar baz\\0' | xargs -0 -n1 echo; printf 'x y\\n' | xargs -d '\\n' -n1 echo",
            "find d -type f -print0 | sort -z | xargs -0 -I{} sh -c 'echo \"$1\"' _ {}",
            "find d -type f -print0 | sort -z | xargs -0 bash -c 'for f; do echo \"<$f>\"; done; exit' _",
            "xargs --max-lines=1 --arg-file=list echo; xargs -a list -n1 -I% echo '%-%'",
            "xargs -d '\\n' -a list printf '%s;'; xargs --show-limits -r <list 2>/dev/null",
            "echo abc | xargs -I@ echo @@ '@ @' x; seq 5 | xargs -n 2 --verbose echo",
            "find d -mindepth 1 -print0 | sort -z | xargs --null --max-args=1 --no-run-if-empty echo",
            "xargs < list sh -c 'echo \"$#: $*\"' sh; (echo; echo) | xargs -r echo nothing; (echo; echo) | xargs echo something",
        ],
    );
}
