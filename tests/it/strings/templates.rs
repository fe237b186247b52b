//! Templates beside the real GNU parallel: what stands in place of replacement strings where there are none, where they are repeated, and in
//! definitions of users.

use crate::harness::same_beside_parallel;

/// A replacement string whose argument is missing (`-N`): no word, and no part of one.
const MISSING: &[&str] = &[
    "$P -k -j1 -N2 'echo {1}-{2}' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo {1}-{2}' ::: a b c",
    "$P -k -j1 -N2 'echo \"{2}\"' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo \"{2}\"' ::: a b c",
    "$P -k -j1 -N2 'echo x{2};echo y' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo x{2};echo y' ::: a b c",
    "$P -k -j1 -N2 'echo {1}+{2}; true' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo {1}+{2}; true' ::: a b c",
    "$P -k -j1 -N2 'echo {2}; true' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo {2}; true' ::: a b c",
    "$P -k -j1 -N2 'printf \"<%s>\" a {2}; true' ::: a b c",
    "$P -k -j1 --dry-run -N2 'printf \"<%s>\" a {2}; true' ::: a b c",
    "$P -k -j1 -N2 'printf \"<%s>\" a {2}' ::: a b c",
    "$P -k -j1 --dry-run -N2 'printf \"<%s>\" a {2}' ::: a b c",
    "$P -k -j1 -N2 'printf \"<%s>\" a \"{2}\"; :' ::: a b c",
    "$P -k -j1 --dry-run -N2 'printf \"<%s>\" a \"{2}\"; :' ::: a b c",
    "$P -k -j1 -N2 'echo {1} {2} | cat' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo {1} {2} | cat' ::: a b c",
    "$P -k -j1 -N2 'echo \"a{2}b\"; :' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo \"a{2}b\"; :' ::: a b c",
    "$P -k -j1 -N2 'x={2}; echo \"$x\"' ::: a b c",
    "$P -k -j1 --dry-run -N2 'x={2}; echo \"$x\"' ::: a b c",
    "$P -k -j1 -N2 'for i in {2} {1}; do echo $i; done' ::: a b c",
    "$P -k -j1 --dry-run -N2 'for i in {2} {1}; do echo $i; done' ::: a b c",
    "$P -k -j1 -N2 '[ -n \"{2}\" ]; echo $?' ::: a b c",
    "$P -k -j1 --dry-run -N2 '[ -n \"{2}\" ]; echo $?' ::: a b c",
    "$P -k -j1 -N2 'echo {2}&& echo b' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo {2}&& echo b' ::: a b c",
    "$P -k -j1 -N2 'echo {1}={2};' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo {1}={2};' ::: a b c",
    "$P -k -j1 -N2 'echo {2}$LC_ALL' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo {2}$LC_ALL' ::: a b c",
    "$P -k -j1 -N2 'echo {2}{2} ; echo' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo {2}{2} ; echo' ::: a b c",
    "$P -k -j1 -N2 'echo a:{2}:b; :' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo a:{2}:b; :' ::: a b c",
    "$P -k -j1 -N2 'echo a,{2},b; :' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo a,{2},b; :' ::: a b c",
    "$P -k -j1 -N2 '(echo {2})' ::: a b c",
    "$P -k -j1 --dry-run -N2 '(echo {2})' ::: a b c",
    "$P -k -j1 -N2 'echo {2}|cat' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo {2}|cat' ::: a b c",
    "$P -k -j1 -N2 'echo `echo {2}`' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo `echo {2}`' ::: a b c",
    "$P -k -j1 -N2 'echo $(echo {2})' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo $(echo {2})' ::: a b c",
    "$P -k -j1 -N2 'printf \"<%s>\" $(printf \"(%s)\" {2})' ::: a b c",
    "$P -k -j1 --dry-run -N2 'printf \"<%s>\" $(printf \"(%s)\" {2})' ::: a b c",
    "$P -k -j1 -N2 'echo \"$(echo {2})\"' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo \"$(echo {2})\"' ::: a b c",
    "$P -k -j1 -N2 'echo *{2}' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo *{2}' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo ~{2}' ::: a b c",
    "$P -k -j1 -N2 'echo {1}/{2}; :' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo {1}/{2}; :' ::: a b c",
    "$P -k -j1 -N2 'echo @{2}; :' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo @{2}; :' ::: a b c",
    "$P -k -j1 -N2 'echo {2}.x; :' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo {2}.x; :' ::: a b c",
    "$P -k -j1 -N2 'echo {1}#{2}; :' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo {1}#{2}; :' ::: a b c",
    "$P -k -j1 -N2 'echo %{2}%; :' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo %{2}%; :' ::: a b c",
    "$P -k -j1 -N2 'echo {2}{3}& wait' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo {2}{3}& wait' ::: a b c",
    "$P -k -j1 -N2 'set -- {2}; echo $#' ::: a b c",
    "$P -k -j1 --dry-run -N2 'set -- {2}; echo $#' ::: a b c",
    "$P -k -j1 -N2 'set -- {2} x{2};echo $#' ::: a b c",
    "$P -k -j1 --dry-run -N2 'set -- {2} x{2};echo $#' ::: a b c",
    "$P -k -j1 -N2 'f() { echo $#; }; f {2}' ::: a b c",
    "$P -k -j1 --dry-run -N2 'f() { echo $#; }; f {2}' ::: a b c",
    "$P -k -j1 -N2 'echo a{2}\"b\" c'\\''{2}'\\''; :' ::: a b c",
    "$P -k -j1 --dry-run -N2 'echo a{2}\"b\" c'\\''{2}'\\''; :' ::: a b c",
];

/// Words that are repeated, and numbers that are not.
const REPEATED: &[&str] = &[
    "$P -k -X -j1 'printf \"[%s]\" x\\ {}\\ y' ::: 1 2 3",
    "$P -k -N2 -q printf '[%s]' 'x {} y' ::: 1 2 3",
    "$P -k -N2 -q --dry-run printf '[%s]' 'x {} y' ::: 1 2 3",
    "$P -k -X -j1 -q printf '[%s]' 'x {} y' ::: 1 2 3",
    "$P -k -X -j1 -q printf '[%s]' 'x{}y' ::: 1 2 '3  4'",
    "$P -k -N2 echo 'x\\\\ {}\\\\ y' ::: 1 2 3",
    "$P -k -N2 -q --dry-run 'x {}' y{} ::: 1 'a b' 3",
    "$P -k -N2 --dry-run 'echo x\\	{}\\	y' ::: 1 2 3",
    "$P -k -N2 --dry-run 'echo \\\\ {} \\\\\\ {} x' ::: 1 2 3",
    "$P -k -N2 --dry-run 'echo {}\\ b' ::: 1 2 3",
    "$P -k -N2 --dry-run 'echo \\ {}\\' ::: 1 2 3",
    "$P -k -N3 -q --dry-run printf '[%s]' \"it's a{}b'c {#} y{2} {.}\" ' {}' ::: 1.x 2.y 3 \"4 '\"",
    "$P -k -N2 -q printf '[%s]' \"it's	{}	 y{}\" ::: 1 \"4 '\"",
    "seq 5 | $P --plus -k -n2 echo {##} {#} {0#}",
    "seq 5 | $P -k -n2 echo {= '$_=total_jobs()' =} x",
    "seq 5 | $P -k -N2 echo a{= '$_=total_jobs()' =}b {}",
    "seq 5 | $P --rpl '{t} $_=total_jobs()' -k -N2 echo a{t} x{}",
    "seq 5 | $P --plus -k -N2 echo a{##}b{} {0#}x",
    "seq 5 | $P --plus -k -n2 --tagstring {##}-{#}-{0#} echo",
];

/// `--rpl`.
const DEFINED: &[&str] = &[
    "$P -k --rpl '{p(\\d+)} $_=sprintf(\"%0$$1d\",$_)' echo {p3} {p5} ::: 7",
    "$P -k --rpl '{p(\\d+)} $_=sprintf(\"%0$$1d\",$_)' echo {p3} x{p12}y ::: 7 42",
    "$P -k --rpl '{(\\d)} $_=$$1x$_' echo {2} ::: 7 3",
    "$P -k --rpl '{x(.)} $_=\"$$1$_\"' echo {xa} '{x$}' '{x\"}' '{x\\}' '{x@}' ::: 7",
    "$P -k --rpl '{x(.)(.)} $_=\"$$2$$1\"' echo {xab} ::: 7",
    "$P -k --rpl '{x(.)(.)} $_=$$2.$$1.$$3' echo {xab} ::: 7",
    "$P -k --rpl '{r (\\d)} $_=$$1' echo {r3} ::: 7",
    "$P -k --rpl '{pow(\\d+)} $_=$_**$$1' echo {pow2} {pow10} ::: 2 3",
    "$P -k --rpl '{cut(\\d+)-(\\d+)} $_=substr($_,$$1,$$2)' echo {cut1-3} {2cut1-3} ::: abcdef :::+ ghijkl",
    "$P -k --rpl '{@(.*?)} @a=split /$$1/; $_=$a[1]' echo {@,} {@:} ::: a,b:c",
    "$P -k --rpl '{m(\\d+)(\\w+)} $_ x= $$1; $_.=\"$$2\"' echo {m3ab} ::: x",
    "$P -k --rpl '{w(\\d+)} $_=sprintf(\"%-$$1s|\",$_)' echo {w5} ::: x",
    "$P -k --rpl '{w(\\d+)} $_=sprintf(\"%-$$1s|\",$_)' printf '%s' {w5} ::: x",
    "$P -k --rpl '{f(\\d+)} $_=sprintf(\"%.$$1f\",$_)' echo {f2} ::: 3.14159",
    "$P -k --rpl '{x(\\w+)} $_=\"$ENV{$$1}\"' echo {xLC_ALL} ::: x",
    "$P -k --rpl '{x(\\w+)} $_=$$1 eq \"a\" ? \"yes\" : \"no\"' echo {xa} {xb} ::: x",
    "$P -k --rpl '{x(\\w+)} $$1' echo {xa} ::: x",
    "$P -k --rpl '{e (.)(.)} s/$$1/$$2/' echo {} ::: x",
    "$P -k --rpl '{/(\\.\\S+)/(\\.\\S+)} s/$$1/$$2/g;' echo {/.tar/.gz} ::: UU.tar.gz",
    "$P -k --rpl '{n} $_=++$n' -j1 -k echo {n} {n} {} ::: a b c",
    "$P -k --rpl '{..} s:\\.[^/.]+$::;s:\\.[^/.]+$::;' echo {..} {2..} ::: a.b.c :::+ d.e.f",
    "$P -k --rpl '{x}' echo {x} ::: a",
    "$P -k --rpl '{x} ' echo {x} ::: a",
    "$P -k --rpl 'x	s/a/b/' echo x ::: a",
    "$P -k --rpl '(a) s/a/b/' echo a '(a)' ::: a",
    "$P -k --rpl '{a(b)c} $_=$$1' echo {abc} {1abc} {ab} ::: x",
    "$P -k --rpl '{a(b|c)+} $_=$$1' echo {abcb} ::: x",
    "$P -k --rpl '{t} chomp(my $x=`echo hi`); $_=$x' echo {t} ::: x",
    "$P -k --rpl '{d} use POSIX qw(strftime); $_=strftime(\"%Y\",gmtime($_))' echo {d} ::: 0",
    "$P -k --rpl '{l} $_=length' echo {l} {1l} {2l} ::: abc ::: de",
    "$P -k --rpl '{1} $_=\"one\"' echo {1} {2} ::: a ::: b",
    "$P -k --rpl '{#} $_=\"hash\"' echo {#} ::: a",
    "$P -k --rpl '{%} s/%//' echo {%} ::: a%",
    "$P -k --rpl '{}} $_=\"brace\"' echo {}} {} ::: a",
    "$P -k --rpl '{ } $_=\"blank\"' echo '{ }' ::: a",
    "$P -k --rpl '{é} $_=\"e\"' echo '{é}' ::: a",
    "$P -k --rpl '{p(\\d+)} $_=sprintf(\"%0$$1d\",$_)' --tagstring {p4} echo ::: 7",
    "$P -k --rpl '{p(\\d+)} $_=sprintf(\"%0$$1d\",$_)' --results 'out/{p4}' echo ::: 7",
    "$P -k --rpl '{p(\\d+)} $_=sprintf(\"%0$$1d\",$_)' --tag -X echo x{p4} ::: 7 8 9",
    "$P -k --rpl '{q(.*?)} $_=Q(\"$$1$_\")' echo \"{q'}\" ::: 7",
    "$P -k --rpl '{q(.*?)} $_=pQ(\"$$1$_\")' echo \"{qx}\" ::: '$'",
    "$P -k --rpl '{n} $_=$n++' -j1 -k echo {n} {n} {} {= $_=$n++ =} ::: a b c",
    "$P -k --rpl '{n} $_=$n++' -j1 -k --tagstring {n} echo {n} {} ::: a b c",
    "$P -k --rpl '{x(\\d+)} s/$$1_/y/;' -k echo {x1} ::: a1_b",
    "$P -k --rpl '{x(\\d+)} s/($$1)b/y/;' -k echo {x1} ::: a1b",
];

/// Expressions and definitions that the manual, the tutorial and the examples show.
const SHOWN: &[&str] = &[
    "$P -k --rpl '{} ' --rpl '{#} 1 $_=$job->seq()' --rpl '{%} 1 $_=$job->slot()' --rpl '{/} s:.*/::' --rpl '{//} $Global::use{\"File::Basename\"} ||= eval \"use File::Basename; 1;\"; $_ = dirname($_);' --rpl '{/.} s:.*/::; s:\\.[^/.]+$::;' --rpl '{.} s:\\.[^/.]+$::' echo {} {#} {%} {/} {//} {/.} {.} {2/} ::: a/b.c :::+ d/e.f",
    "$P -k --rpl '{#} $_=$job->seq()' --rpl '{%} $_=$job->slot()' -j1 -n2 echo {#} {%} {} ::: a b c",
    "$P -k --rpl '{+/} s:/[^/]*$:: || s:.*$::' --rpl '{+.} s:.*\\.:: || s:.*$::' --rpl '{+..} s:.*\\.([^/.]+\\.[^/.]+)$:$1: || s:.*$::' --rpl '{+...} s:.*\\.([^/.]+\\.[^/.]+\\.[^/.]+)$:$1: || s:.*$::' echo {+/} {+.} {+..} {+...} ::: a/b.c.d.e f.g h",
    "$P -k --rpl '{..} s:\\.[^/.]+\\.[^/.]+$::' --rpl '{...} s:\\.[^/.]+\\.[^/.]+\\.[^/.]+$::' --rpl '{/..} s:.*/::; s:\\.[^/.]+\\.[^/.]+$::' --rpl '{/...} s:.*/::; s:\\.[^/.]+\\.[^/.]+\\.[^/.]+$::' echo {..} {...} {/..} {/...} ::: a/b.c.d.e f.g.h i",
    "$P -k --rpl '{choose_k} for $t (2..$#arg){ if($arg[$t-1] ge $arg[$t]) { skip() } }' echo {choose_k} ::: A B C ::: A B C",
    "$P -k --rpl '{##} 1 $_=total_jobs()' --rpl '{0%} 1 $f=1+int((log($Global::max_jobs_running||1)/ log(10))); $_=sprintf(\"%0${f}d\",slot())' --rpl '{0#} 1 $f=1+int((log(total_jobs())/log(10))); $_=sprintf(\"%0${f}d\",seq())' -j1 echo {##} {0%} {0#} ::: 1 2 3 4 5 6 7 8 9 10",
    "$P -k --rpl '{:-([^}]+?)} $_ ||= $$1' --rpl '{:(\\d+?)} substr($_,0,$$1) = \"\"' --rpl '{:(\\d+?):(\\d+?)} $_ = substr($_,$$1,$$2);' echo {:-x} {:2} {:1:2} ::: '' abcdef",
    "$P -k --rpl '{#([^#}][^}]*?)} $nongreedy=::make_regexp_ungreedy($$1); s/^$nongreedy(.*)/$1/;' --rpl '{##([^#}][^}]*?)} s/^$$1//;' echo {#z.*z.} {##z.*z.} ::: z.z.z.foo",
    "$P -k --rpl '{%([^}]+?)} $nongreedy=::make_regexp_ungreedy($$1); s/(.*)$nongreedy$/$1/;' --rpl '{%%([^}]+?)} s/$$1$//;' echo {%.z.*z} {%%.z.*z} ::: foo.z.z.z",
    "$P -k --rpl '{/([^}]+?)/([^}]*?)} s/$$1/$$2/;' --rpl '{^([^}]+?)} s/^($$1)/uc($1)/e;' --rpl '{^^([^}]+?)} s/($$1)/uc($1)/eg;' --rpl '{,([^}]+?)} s/^($$1)/lc($1)/e;' --rpl '{,,([^}]+?)} s/($$1)/lc($1)/eg;' echo '{/b/X}' '{^a}' '{^^[ab]}' '{,A}' '{,,[AB]}' ::: abAB ABab",
    "$P -k -j1 --rpl '{slot} 1 $_=\"\\${PARALLEL_JOBSLOT}\";uq()' echo {slot} ::: a b",
    "$P -k --rpl '{odd} $_ = seq() % 2 ? \"odd\" : \"even\"' --rpl '{#0} $_ = seq() - 1' --rpl '{:} s:(\\.[^/]+)*$::' echo {odd} {#0} {:} ::: a/b.c.d e",
    "touch -d @0 \"a b\" c; $P -k mv {} '{= $a=pQ($_); $b=$_;' '$_=qx{date -u -r \"$a\" +%FT%T}; chomp; $_=\"$_ $b\" =}' ::: *",
    "$P -k --results 'out/{= $_=`date -d @0 +%G`; chomp=}/' echo ::: x",
    "$P -k --header : echo 'DecimalX: {=x $_=sprintf(\"%.2f\",$_) =}' 'TenX: {=x $_=$_*10 =}' 'R: {=1 $_=int(rand(1)) =}' ::: x 1.234 2",
    "$P -k echo '{= $SIG{INT}=sub {} =}' ::: 1.1.1.1 8.8.8.8",
    "$P --joblog log -j10 -k 'exit {= $_%=2 =}' ::: 10 9 8 7 6 5 4 3 2 1; cut -f7- log",
    "$P -k --halt soon,fail=1 -j1 'exit {= $_%=3 =}' ::: 6 3 2 1",
    "echo tmpl | cat >t.in; $P -k --template t.in=out-{x} --header : echo ::: x 1 2; rm t.in",
    "printf 'DecimalX: {=x $_=sprintf(\"%%.2f\",$_) =}\\nTenX: {=x $_=$_*10 =}\\n' >t.tmpl; $P -k --header : --template t.tmpl=o-{x}.t cat o-{x}.t ::: x 1.234 2",
    "seq 10 | $P -k echo {} + 1 is {= '$_++' =}",
    "$P -k csh -c {= '$_=\"mkdir \".Q($_)' =} ::: '12\" dir'; ls",
    "seq 50 | $P -k echo job {#} of {= '$_=total_jobs()' =}",
    "seq 30 | $P -j1 echo '{= $_ = $foo++; =}' | head",
    "printf 'a\\tb\\n' | $P -k --colsep '\\t' echo '{=1 $_.=$arg[2] =}' {2}",
    "$P -k echo '{= $_=length yyyy_mm_dd() =}' ::: a",
    "$P -k echo '{= $_=hh_mm() ? \"t\" : \"\" =}' ::: a",
    "$P -k echo '{= $_=Q($_) =}' '{= $_=pQ($_) =}' ::: 'a b' '$x@y\"'",
    "$P -k echo '{= $_=hash($_) ? 1 : 0 =}' ::: a",
    "$P -k --arg-sep ,, echo '{= $_ *= 2 =}' ,, 1 2",
];

/// Where GNU parallel takes replacement strings besides the command.
const ELSEWHERE: &[&str] = &[
    "mkdir a b; $P -k --wd '{= s/x// =}' pwd ::: ax bx | sed 's:.*/::'",
    "mkdir a b; $P -k --wd '{}' pwd ::: a b | sed 's:.*/::'",
    "mkdir a b; $P -k --wd '{= $_=$_ eq \"1\" ? \"a\" : \"b\" =}' 'echo {}; touch f{}' ::: 1 2",
    "$P -k --wd 'new/{= $_.=\"y\" =}' 'pwd; touch x' ::: 1 2 | sed 's:.*/::'",
    "$P -k --wd 'new/{#}-{= seq() =}' 'touch x' ::: 1 2",
    "$P -k --plus --wd '{..}' 'touch x' ::: a.b.c",
    "$P -k --rpl '{u} $_=uc' --wd '{u}' 'touch x{u}' ::: a",
    "$P -k --header : --wd '{a}' 'touch x{b}' ::: a 1 ::: b 2",
    "$P -k --colsep , --wd '{2}' 'touch x{1}' ::: a,b c,d",
    "$P -k --wd '{//}' 'touch x{/}' ::: p/a q/r/b",
    "$P -k -N2 --wd '{2}' 'touch x{1}' ::: a b c d",
    "$P -k --wd 'a b/{}' 'touch x' ::: 'c d' \"e'f\"",
    "$P -k --wd '{= $_=\"a;b\" =}' 'touch x' ::: 1",
    "$P -k --wd '$LC_ALL' 'pwd' ::: 1 | wc -l",
];

/// Replacement strings of all kinds together.
const MIXED: &[&str] = &[
    "$P -k -j1 'x=/; bash -c \"cd $x; printf '\\''<%s>'\\'' {} ${x}{/}\"' ::: a 'b  c' ';d'",
    "$P -k -j1 echo '{1#}' 'x{1%}y' '{2#}' '{-1#}' '{0#}' '{01#}' '{1 #}' ::: a b",
    "$P -k -j1 --plus echo '{1##}' 'x{1slot}y' '{2host}' '{0##}' '{0slot}' ::: a b",
    "$P -k -j1 --plus -X echo '{1##}' 'x{1slot}y' '{2#}' ::: a b",
    "$P -k -j1 -N3 printf '\"[%s]\"' 'é{-2}é' '{{= s/a/b/ =}é{-3}:' ::: a b c d",
    "$P -k -j1 --plus -m -n2 printf '\"[%s]\"' '{/%b/Z}_{2/}' 'x{^^[ab]},' '{:1:2}{}' ::: a/b ab.c q/ b",
    "$P -k -j1 --plus -X printf '\"[%s]\"' '{2:1:2}={+.}' 'a.{##.*/}{-1}' ::: d/e/f.tar.gz 'a b' \"it's\"",
    "$P -k -j1 --plus -q -N2 printf '[%s]' \"it's {%b}{1..}\" ' {,,A}' '{#}x{2+/}' ::: AB b/c/d 'a  b' '$HOME'",
    "$P -k -j1 --tagstring '{2/.}{= s/a/b/ =}' -N2 printf '\"[%s]\"' '{}{1.}' ::: a.b c/d.e f",
    "$P -k -j1 --plus 'bash -c \"printf '\\''[%s]'\\'' {+/}x {2/}{= s/a/b/ =} {##} {3}\"' ::: a/b 'a b' ::: c/d '#'",
    "$P -k -j1 --colsep , --plus 'sh -c \"printf '\\''[%s]'\\'' {1..} {-1%b} {2:1} {}\"' ::: a.b.c,x,bb 'd e,f;g,h'",
];

/// Commands in commands.
const SECOND: &[&str] = &[
    "$P -k -j1 bash -c '\"for i in 1 2; do printf \\\"<%s>\\\" {} \\$i; done\"' ::: a 'b  c' ';d'",
    "$P -k -j1 bash -c '\"printf \\\"<%s>\\\" {} | cat; [ -e {} ] || echo no\"' ::: a 'b  c' ';d'",
    "$P -k -j1 'sh -c \"exec printf \\\"<%s>\\\" {} {.} {#}\"' ::: a.b 'b  c.d' ';d'",
    "$P -k -j1 'echo x | xargs -I@ sh -c \"printf \\\"<%s>\\\" @ {}\"' ::: a.b 'b  c.d' ';d'",
    "$P -k -j1 'touch f; find f -exec sh -c \"printf \\\"<%s>\\\" \\$0 {}\" \\{\\} \\;' ::: a.b 'b  c.d' ';d'",
    "$P -k -j1 'nice bash -c \"a={}; printf \\\"<%s>\\\" \\\"\\$a\\\"\"' ::: a.b 'b  c.d' ';d'",
    "$P -k -j1 'bash -c \"printf \\\"<%s>\\\" {1} {2}\" && echo {2}' ::: a.b 'b  c.d' ::: ';d'",
    "$P -k -j1 'x=$(bash -c \"printf \\\"<%s>\\\" {}\"); echo \"$x\"' ::: a.b 'b  c.d' ';d'",
    "$P -k -j1 'flock f -c \"printf \\\"<%s>\\\" {}\"' ::: a.b 'b  c.d' ';d'",
    "$P -k -j1 'trap \"printf \\\"<%s>\\\" {}\" EXIT' ::: a.b 'b  c.d' ';d'",
    "$P -k -j1 bash -c '\"echo {}; exit 3\"' ::: a",
    "$P -k -j1 bash -c {} ::: 'echo a b' 'exit 2'",
    "$P -k -j1 bash -c '{}' ::: 'echo a b'",
    "$P -k -j1 eval {} ::: 'echo a b' 'x=\"c  d\"; echo \"$x\"'",
    "$P -k -j1 eval echo {} ::: 'a b' '$((1+1))'",
    "$P -k -j1 eval 'x={}; echo $x' ::: 'ab' 'c'",
    "$P -k -j1 bash -lc '\"echo {}\"' ::: 'a  b'",
    "$P -k -j1 \"awk 'BEGIN{print \\\"{}\\\"}'\" ::: ab c.d",
    "$P -k -j1 'awk -v x={} \"BEGIN{print x}\"' ::: ab c.d 'e  f'",
    "$P -k -j1 'perl -e \"print q({})\"' ::: ab c.d",
];

#[test]
fn an_argument_that_is_missing_leaves_nothing_as_in_gnu_parallel() {
    same_beside_parallel("", MISSING);
}

#[test]
fn words_are_repeated_as_in_gnu_parallel() {
    same_beside_parallel("", REPEATED);
}

#[test]
fn replacement_strings_of_users_are_those_of_gnu_parallel() {
    same_beside_parallel("", DEFINED);
}

#[test]
fn examples_of_expressions_do_what_they_do_with_gnu_parallel() {
    same_beside_parallel("", SHOWN);
}

#[test]
fn replacement_strings_are_taken_elsewhere_as_in_gnu_parallel() {
    same_beside_parallel("", ELSEWHERE);
}

#[test]
fn replacement_strings_go_together_as_in_gnu_parallel() {
    same_beside_parallel("", MIXED);
}

#[test]
fn a_second_shell_reads_what_it_reads_with_gnu_parallel() {
    same_beside_parallel("", SECOND);
}
