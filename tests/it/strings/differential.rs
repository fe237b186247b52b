//! Replacement strings beside the real GNU parallel: the same bytes, the same end, the same files.

use std::sync::Mutex;

use crate::harness::same_script;

/// Lines of sh, in which `$P` is the program.
const LINES: &[&str] = &[
    // The manual: expressions.
    "seq 10 | $P -k echo {} + 1 is {= '$_++' =}",
    "$P -k csh -c {= '$_=\"mkdir \".Q($_)' =} ::: '12\" dir'",
    "seq 50 | $P -k echo job {#} of {= '$_=total_jobs()' =}",
    "$P -j1 echo '{= $_= ++$wrong_counter =}' ::: a b c",
    "seq 20 | $P -j1 echo '{= $_ = $foo++; =}'",
    "seq 20 | $P -k -j4 echo '{= $_ = $foo++; =}'",
    // The manual: --rpl.
    "$P -k --rpl '{odd} $_ = seq() % 2 ? \"odd\" : \"even\"' echo {odd} ::: a b c",
    "$P -k --rpl '{0#} $f=1+int(\"\".(log(total_jobs())/log(10))); $_=sprintf(\"%0${f}d\",seq())' echo {0#} ::: a b c d e f g h i j",
    "$P -k --rpl '{#0} $_ = seq() - 1' echo {#0} ::: a b",
    "$P -k -j1 --rpl '{%1} $_ = slot() + 1' echo {%1} ::: a b",
    "$P -k --rpl '{:} s:(\\.[^/]+)*$::' echo {:} ::: a/b.tar.gz c",
    "$P --rpl '{%(.*?)} s/$$1//' echo {%.tar.gz} ::: my.tar.gz",
    "$P --rpl '{:%(.+?)} s:$$1(\\.[^/]+)*$::' echo {:%_file} ::: my_file.tar.gz",
    "$P -n3 --rpl '{/:%(.*?)} s:.*/(.*)$$1(\\.[^/]+)*$:$1:' echo job {#}: {2} {2.} {3/:%_1} ::: a/b.c c/d.e f/g_1.h.i",
    "$P --rpl '{/(.+?)/(.*?)} s/$$1/$$2/;' echo {/replacethis/withthis} {/b/C} ::: a_replacethis_b",
    "$P --rpl '{(.*?)/(.*?)} $_=\"$$2$_$$1\"' echo {swap/these} ::: -middle-",
    // The manual: exit, with every other job failing.
    "$P -k -j1 'exit {= $_%=2 =}' ::: 10 9 8 7 6",
    "$P -k --header : echo '{=x $_=sprintf(\"%.2f\",$_) =}' '{=x $_=$_*10 =}' ::: x 1 2 3",
    // The tutorial.
    "$P -k -I ,, echo ,, ::: A/B.C",
    "$P --extensionreplace ,, echo ,, ::: A/B.C",
    "$P --basenamereplace ,, echo ,, ::: A/B.C",
    "$P --dirnamereplace ,, echo ,, ::: A/B.C",
    "$P --basenameextensionreplace ,, echo ,, ::: A/B.C",
    "$P -k --seqreplace ,, echo ,, ::: A B C",
    "$P -j1 --slotreplace ,, echo ,, ::: A B C",
    "$P echo '{= s:\\.[^.]+$::;s:\\.[^.]+$::; =}' ::: foo.tar.gz",
    "$P -k echo Job {#} of {= '$_=total_jobs()' =} ::: 1 2 3 4 5",
    "$P echo {} shell quoted is {= '$_=Q($_)' =} ::: '*/!#$'",
    "$P -k echo {= 'if($_==3) { skip() }' =} ::: 1 2 3 4 5",
    "$P -k echo {= 'if($arg[1]==$arg[2]) { skip() }' =} ::: 1 2 3 ::: 1 2 3",
    "$P --parens ,,,, echo ',, s:\\.[^.]+$::;s:\\.[^.]+$::; ,,' ::: foo.tar.gz",
    "$P --rpl '.. s:\\.[^.]+$::;s:\\.[^.]+$::;' echo '..' ::: foo.tar.gz",
    "$P --rpl '{..} s:\\.[^.]+$::;s:\\.[^.]+$::;' echo '{..}' ::: foo.tar.gz",
    "$P --rpl '{%(.+?)} s/$$1$//;' echo {%.tar.gz}.zip ::: foo.tar.gz",
    "$P --rpl '{/(.+?)/(.*?)} s/$$1/$$2/;' echo {/tar.gz/zip} ::: foo.tar.gz",
    "$P echo '{=2 s:\\.[^.]+$::;s:\\.[^.]+$::; =} {1}' ::: bar ::: foo.tar.gz",
    "$P --rpl '{..} s:\\.[^.]+$::;s:\\.[^.]+$::;' echo '{2..} {1}' ::: bar ::: foo.tar.gz",
    "$P --plus echo {} {+/}/{/} {.}.{+.} ::: dir/sub/file.ex1.ex2.ex3",
    "$P --plus echo {+/}/{/.}.{+.} {..}.{+..} {+/}/{/..}.{+..} ::: dir/sub/file.ex1.ex2.ex3",
    "$P --plus echo {...}.{+...} {+/}/{/...}.{+...} ::: dir/sub/file.ex1.ex2.ex3",
    "$P -k --plus echo Job {#} of {##} ::: 1 2 3 4 5",
    "$P -k --plus echo {:-myval} ::: '' abcAaAdef",
    "$P --plus echo {:2} ::: abcAaAdef",
    "$P --plus echo {:2:3} ::: abcAaAdef",
    "$P --plus echo {#bc} {#abc} {%de} {%def} {/def/ghi} {^a} {^^a} ::: abcAaAdef",
    "$P --plus echo '{,A}' '{,,A}' ::: AbcAaAdef",
    // The examples.
    "touch abc bcd; $P -k 'mkdir -p {=s/(.).*/$1/=}; mv {} {=s/(.).*/$1/=}' ::: abc bcd",
    "for i in 1 2 3 4 5 6 7 8 9; do echo $i >log.$i; done; seq 9 -1 1 | $P -j1 mv log.{} log.'{= $_++ =}'",
    "$P -k --plus 'mkdir {..}; echo {}' ::: x.tar.gz y.tar.gz",
    "$P -k --plus echo {%_demo} ::: mycode_demo keep_demo_here",
    "$P -k --plus echo {#demo_} ::: demo_mycode keep_demo_here",
    "$P -k --plus echo {/demo_/} ::: demo_mycode remove_demo_here",
    "$P -k echo {1}'{=3 $_=$_%2?\":\":\" \"=}'{2}{3} ::: a b ::: x ::: 1 2 3",
    "echo a >ay01b; echo c >ay02b; $P -k eval 'cat {=s/y01/y*/=} > {=s/y01//=}' ::: *y01*",
    "$P -k --plus echo {choose_k} ::: A B C D ::: A B C D",
    "$P -k --plus echo 2{2choose_k} 1{1choose_k} ::: A B C D ::: A B C D",
    "$P -k --plus echo {choose_k} ::: A B C D ::: A B C D ::: A B C D",
    "$P -k --plus echo {uniq} ::: A B C ::: A B C ::: A B C",
    "$P -k --plus echo {1uniq}+{2uniq}+{3uniq} ::: A B C ::: A B C ::: A B C",
    "$P -k --tagstring '\\033[30;3{=$_=++$::color%8=}m' seq {} ::: 1 2 3",
    "$P -k --rpl '{color} $_=\"\\033[30;3\".(++$::color%8).\"m\"' --tagstring {color} seq {} ::: 1 2 3",
    "$P -k echo '{= s/ url=\"//; s/\"//; =}' ::: ' url=\"http://x/\"'",
    "$P -k echo '{= $a=pQ($_); $b=$_; $_=\"$a$b\" =}' ::: 'a\"b'",
    // -I and -i.
    "$P -k -i -- echo x{} ::: a",
    "$P -k -i,, echo ,, ::: a",
    "$P -k -i ,, echo ,, ::: a",
    "$P -k --replace=,, echo ,, {} ::: a",
    "$P -k --replace ,, echo ,, ::: a",
    "$P -k -I ,, -I :: echo ,, :: ::: a",
    "$P -k -I ,, echo ,, {} {.} {1} {1.} ::: a.b",
    "$P -k -I {x} echo {1x} {2x} {x} ::: a ::: b",
    "$P -k --er ,, --bnr :: --dnr == --bner @@ echo ,, :: == @@ {.} {/} {//} {/.} ::: x/a.b",
    // What is a replacement string, and what is not.
    "$P -k echo '{..} {+/} {##} {%.gz} {:-x} {^a} {0#}' ::: a",
    "$P -k --rpl '{} s/a/b/' echo {} {1} x ::: aa ba",
    "$P -k --rpl '% s/a/b/' --rpl '%% s/b/a/' echo % %% %%% x%%% {%} ::: ab",
    "$P -k --rpl x echo x y ::: 1 2",
    "$P -k --rpl '{x} 2 s/a/b/' echo {x} {} ::: aa ::: ba",
    "$P -k echo {= =} {==} ::: a b",
    "$P -k echo '{={= s/a/b/ =}=}' ::: a",
    "$P -k echo '{=-1 s/a/b/=}' '{=3 $_=\"x\" =}' '{=-2 $_.=1=}' ::: a ::: aa",
    "$P -k echo {= 's/a/b/' ::: a",
    "$P -k echo a=} ::: a",
    "$P -k --parens '<>' echo '< s/a/b/ >' {= x =} ::: a",
    "$P -k --parens '(())' echo '(( s/a/b/ ))' ::: a",
    "$P -k {= s/x/echo/ =} ::: 'x a' 'x b'",
    // --plus.
    "$P -k --plus echo {#z.*z.} {##z.*z.} {%.z.*z} {%%.z.*z} ::: z.z.z.foo foo.z.z.z",
    "$P -k --plus echo {//a/b} {/#a/X} {/%a/X} {//a} ::: banana a/ba",
    "$P -k --plus echo {1:2} {2:1:2} {2%x} {1..} {-1/..} {2+/} ::: a.b.c ::: x/y.z.x",
    "seq 12 | $P -k --plus echo {0#}",
    "$P -k --plus echo '{/[a-c]+/<$1>}' '{/(b)/[$1]}' '{%\\..*}' '{^^[ab]}' ::: abc.d",
    "$P -k -j1 --plus echo {slot} '\"{slot}\"' {host} {sshlogin} ::: a b",
    "$P -k --plus --tagstring '{slot} {/.}' echo ::: x/a.b",
    "$P -k --plus echo '{#a}{%c}' {2#a} ::: abc ::: aba",
    // Expressions.
    "$P -k echo '{= tr/a-z/A-Z/ =}' '{= y/a/b/ =}' '{= $_=uc =}' '{= $_ = ucfirst lc =}' ::: abC",
    "$P -k echo '{= s/(\\d+)/$1+1/e =}' '{= s/[aeiou]//gi =}' ::: a1 b22 AbEc",
    "$P -k echo '{= $_ .= \"-$arg[2]\" =}' ::: a b :::+ c d",
    "$P -k echo '{= use POSIX; $_=floor($_) =}' ::: 3.7",
    "$P -k echo '{= use List::Util qw(max); $_=max(split /,/) =}' ::: 3,7,5",
    "$P -k echo '{= $_ = join \"-\", reverse split // =}' ::: abc",
    "$P -k echo '{= $_ = $job->seq() . $job->slot() =}' ::: a",
    "$P -k echo '{= uq =}' ::: '$LC_ALL' 'a;echo b'",
    "$P -k echo '{= $_=\"\\\"$_\\\"\"; uq() =}' '{}' ::: '$LC_ALL' 'a b'",
    "$P -k --dry-run echo '{= s/ /_/g =}' '{= s/ /-/ =}' ::: 'a b' 'c  d'",
    "$P -k -n2 echo '{= s/a/b/ =}' {1} ::: a aa ba",
    "$P -k -N2 echo '{=1 s/a/b/ =}' {2} ::: a aa ba",
    "$P -k -X echo 'x{= s/a/b/ =}y' ::: a aa ba",
    "$P -k -j2 -m echo '{= $_ = length =}' ::: a aa ba",
    "$P -k --tagstring '{= s/a/b/ =}' echo ::: a ba",
    "$P -k --results 'out/{= s/a/b/ =}' echo ::: a ba",
    "$P -k --joblog log echo {= 'skip() if $_==2' =} ::: 1 2 3; cut -f 7- log; rm log*",
    "$P -k -v echo {= 'skip() if $_==2' =} ::: 1 2 3",
    "$P -k --dry-run echo {= 'skip() if $_==2' =} ::: 1 2 3",
    "$P -j1 --halt now,fail=1 echo {= 'skip() if $_==2' =} ::: 1 2 3",
    "$P echo '{= foo( =}' ::: 1",
    "printf 'a b\\nc\\n' | $P -k echo '{= s/ /\\n/ =}'",
    "$P -k echo '{= s/^.*\\///; s/\\.[^.]*$//; $_=uc =}' ::: a/b.c 'd e/f g.h'",
];

#[test]
fn replacement_strings_are_those_of_gnu_parallel() {
    let next = Mutex::new(LINES.iter());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let line = next.lock().expect("no thread has failed").next();
                    let Some(line) = line else { break };
                    same_script(&line.replace("$P", "parallel"), &|_| {});
                }
            });
        }
    });
}
