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

/// A tree of sources, pictures, bills and files of editors; programs that the manual leaves to its reader.
const TREE: &str = r#"mkdir -p src/sub originals bills old/archive
echo 'sprintf(); thing typedef mode_t' >src/a.c; echo 'mode_t x;' >src/sub/b.h; echo nothing >'src/sub/c d.h'; : >src/#junk; : >src/.#lock; : >src/a~
for f in 1 2 3; do echo $f >originals/$f.jpg; printf "b\na$f\n" >bills/$f; : >old/$f; done
printf '#!/bin/sh\necho made "$@"\n' >makeallsizes; printf '#!/bin/sh\necho "$# to munge:"; printf "<%%s>" "$@"; cat\n' >munge; chmod +x makeallsizes munge
find originals -name '*.jpg' | sort >allimages"#;

#[test]
fn tasks() {
    same_beside_xargs(
        TREE,
        &[
            "xargs grep typedef <<x\nsrc/a.c src/sub/b.h\nx",
            "find src -name '*.[ch]' | sort | xargs grep -l thing; echo $?; find src -name '*.[ch]' -print0 | sort -z | xargs -r -0 grep -l thing; echo $?",
            "find src -name '*.c' -print | xargs grep -l sprintf; find src -name '#*' -mtime -7 -print | xargs rm",
            "find src -name nosuch -print0 >list; xargs --null --arg-file=list ./munge </dev/null; echo typed | xargs --null --arg-file=list ./munge",
            "find src -name '*.h' -print0 | sort -z >list; echo typed | xargs --null --arg-file=list ./munge; bash -c 'echo typed | xargs --null --arg-file=<(cat list) ./munge'",
            "xargs -l ./makeallsizes <allimages; xargs -l -P 2 ./makeallsizes <allimages | sort; xargs <allimages -l -P 4 ./makeallsizes | sort",
            "find bills -type f | sort | xargs -I XX sort -o XX.sorted XX; cat bills/*.sorted; find old -type f | xargs -s 50000 echo | xargs -I '{}' -s 100000 rm '{}'; echo $?",
            "find old -type f | sort | xargs -s 50000 echo | xargs -n1 -s 100000 rm; ls old; find . -perm /a=x -type f | sort | xargs head -n1 | grep '#!' | cut -d/ -f3",
            "seq 4 | xargs -l2 -n3; seq 2 | xargs --replace -n1 echo a-{}-b",
            r#"find old -maxdepth 1 -type f -print0 | xargs -r0 sh -c 'mv "$@" old/archive' move; ls old/archive; find old/archive -type f -print0 | xargs -r0 sh -c 'mv "$@" nosuch/there || exit 255' move 2>err; echo $?; tail -n1 err"#,
            r#"find src -name '*.h' | xargs grep -wl mode_t | xargs -r sh -c 'exec cat "$@" <list' Emacs; find src -name '*.h' -print0 | xargs -0 grep -wl mode_t >todo; xargs --arg-file=todo cat; echo typed | xargs --arg-file=todo cat -"#,
            "find src -name '.#*' -print0 | xargs -0r rm -f; find src \\( -name '*~' -o -name '#*' \\) -print0 | sort -z | xargs --no-run-if-empty --null rm -vf; find src -type f | sort",
            "chmod a-w src/sub; find src -type d -not -perm -ug=w | xargs chmod ug+w; stat -c %A src/sub",
            "touch -d 2001-01-01 timestamp; find src -name 'c*' -newer timestamp -print0 | xargs --no-run-if-empty --null -i find {} -maxdepth 0 -newer timestamp -exec touch -r {} timestamp \\; ; find src -newer timestamp -name 'c*'",
            "find src -mtime +90 -print | xargs /bin/rm; echo $?; find src -mtime +90 -print0 | xargs -0 -r /bin/rm; echo $?",
            "LC_ALL=C xargs ls 2>/dev/null <<x\nsrc/*\nx\necho $?; xargs env A=1 sh -c 'echo $A $1' _ <allimages; xargs -a allimages -x -n2 -s 45 echo",
        ],
    );
}

#[test]
fn names_that_are_made_to_harm() {
    same_beside_xargs(
        "nl='\n'; mkdir \"#$nl\" && cd \"#$nl\"; mkdir -p \"u/joeuser/.plan$nl\" && echo >\"u/joeuser/.plan$nl/#foo\"; mkdir -p etc; : >etc/passwd; mkdir -p \"dir$nl\"; \
         : >'two words'; : >\"it's\"; : >-rf; : >'$(touch bad)'; : >'`touch bad`;touch bad'",
        &[
            "cd ..; find . -name '#*' -print | sort | xargs echo; find . -name '#*' -print0 | sort -z | xargs -0 echo",
            "find . -type f -print | sort | xargs echo; echo $?; find . -type f -print0 | sort -z | xargs -0 printf '<%s>'; find . -type f -print | sort | xargs -d '\\n' printf '<%s>'",
            "find . -type f -print0 | sort -z | xargs -0 -I% sh -c 'printf \"<%s>\" \"$1\"' _ %; ls",
            "find . -type f -print0 | sort -z | xargs -0 -n1 -P2 rm -f --; find . | sort; ls | xargs -d '\\n' ls -d --",
            "printf '%s\\0' * | xargs -0 -L1 echo; printf '%s\\0' * | xargs -0t -n2 true",
        ],
    );
}
