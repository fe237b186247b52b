//! Expressions beside the real perl, where it is installed.

use std::io::Write;
use std::process::{Command, Stdio};

use super::*;

/// Each is evaluated here, without perl.
const OURS: &[&str] = &[
    "",
    "s/a/b/",
    "s/a/b/g",
    "s/A/b/gi",
    "s/.*/x/g",
    "s/x*/-/g",
    "s/^/> /",
    "s/$/!/",
    "s/\\s+$//",
    "s/^\\s+|\\s+$//g",
    "s:\\.[^.]+$::;s:\\.[^.]+$::;",
    "s:.*/::; s:\\.[^/.]*$::;",
    "s:/[^/]*$:: || s:.*$::",
    "s:.*\\.([^/.]*\\.[^/.]*)$:$1: || s:.*$::",
    "s/(.).*/$1/",
    "s/(.)(.)/$2$1/",
    "s/(\\w+)/\\u$1/g",
    "s/(\\w+)/\\U$1\\E!/",
    "s/(\\w)(\\w*)/\\u\\L$1$2/g",
    "s/(\\w)/$1y/",
    "s/(\\d+)/$1+1/e",
    "s/(\\d+)/sprintf(\"%03d\",$1)/ge",
    "s/(.)/uc($1)/e",
    "s{a}{b}",
    "s|/|_|g",
    "s,/,_,g",
    "s#a#b#",
    "s/\\//_/g",
    "s/\\./-/",
    "s/[aeiou]//g",
    "s/(?:ab)+/x/",
    "s/a|b/c/g",
    "s/\\bA/x/i",
    "s/(a)|(b)/[$1$2]/",
    "$_ = s/a/b/r",
    "tr/a-z/A-Z/",
    "tr/A-Za-z/N-ZA-Mn-za-m/",
    "tr/a-zA-Z//cd",
    "tr/a-z/_/cs",
    "tr/a-y/b-z/",
    "tr/abc/x/d",
    "tr/ab/xy/s",
    "y/a/b/",
    "y/ /_/",
    "tr{/}{_}",
    "$_ = tr/a//",
    "$_ = tr/a-c/x/r",
    "$_=uc",
    "$_=uc($_)",
    "$_ = uc $_",
    "$_=lc;",
    "$_=ucfirst lc $_",
    "$_=ucfirst(lc($_))",
    "$_=lcfirst",
    "$_++",
    "++$_",
    "$_--",
    "$_ += 1",
    "$_ -= 2",
    "$_ *= 3",
    "$_ /= 4",
    "$_ %= 3",
    "$_ = $_ + 1",
    "$_ = $_ * 2 + 1",
    "$_ = 2 * ($_ + 1)",
    "$_ = 10 - $_ - 1",
    "$_ = $_ % 3",
    "$_ = $_ % -3",
    "$_ = -7 % 3",
    "$_ = $_ / 3",
    "$_ = $_ * 1.5",
    "$_ = $_ + 0.1",
    "$_ = int($_ / 2)",
    "$_ = abs($_)",
    "$_ .= 'x'",
    "$_ .= \"\\t$_\"",
    "$_ = 'a' . $_ . \"b\"",
    "$_ = \"<$_>\"",
    "$_ = \"$_$_\"",
    "$_ = 'it\\'s' . '\\n'",
    "$_ = \"a\\$b\\@c\\\"\"",
    "$_ = length",
    "$_ = length($_) + 1",
    "$_ = length $_",
    "$_ = substr($_, 1)",
    "$_ = substr($_, 1, 2)",
    "$_ = substr($_, -2)",
    "$_ = substr($_, 0, -1)",
    "substr($_,0,1) = \"\"",
    "$_ = index($_, 'b')",
    "$_ = sprintf(\"%03d\", $_)",
    "$_ = sprintf(\"%5s|%-5s|\", $_, $_)",
    "$_ = sprintf('%.2f', $_)",
    "$_ = sprintf('%05.1f|%+d|% d', $_, $_, $_)",
    "$_ = sprintf('%x %X %o', $_, $_, $_)",
    "$_ = sprintf('%e', $_)",
    "$_ = sprintf('%g', $_)",
    "$_ = sprintf('%s%%', $_)",
    "$_ = sprintf('%.1s', $_)",
    "chomp",
    "chomp; $_ .= '.'",
    "$_ ||= 'default'",
    "$_ &&= 'set'",
    "$_ = $_ ? 'yes' : 'no'",
    "$_ = $_ == 2 ? 'two' : $_ eq 'a' ? 'A' : 'other'",
    "$_ = $_ > 2",
    "$_ = $_ <=> 2",
    "$_ = $_ cmp 'b'",
    "$_ = $_ lt 'b'",
    "$_ = !$_",
    "not /a/ and $_ = 'none'",
    "$_ = 'x' if /a/",
    "$_ = 'x' unless /a/",
    "$_ = $1 if /(\\d+)/",
    "$_ = $1 if $_ =~ m:([^/]+)$:",
    "$_ = 'n' if $_ !~ /\\d/",
    "if (/a/) { $_ = 'has' } else { $_ = 'not' }",
    "if ($_ eq 'a') { $_ = 1 } elsif ($_ eq 'b') { $_ = 2 } else { $_ = 3 }",
    "unless (/a/) { s/^/un/ }",
    "/a/ and $_ = 'and'",
    "/a/ or $_ = 'or'",
    "/a/ && s/a/b/",
    "$_ =~ s/a/b/; $_ =~ tr/b/c/",
    "s/b/a/ if $_ eq 'abc' and length($_) == 3",
    "$_ = $arg[1] . '-' . $arg[2]",
    "$_ = $arg[9]",
    "$_ = 1 . 2 . 3",
    "$_ = 900719925474099 * 100 + $_",
    "s/[[:digit:]]+/N/",
    "s/^(.{2}).*/$1/",
    "s/.{2}$//",
    "s/(.*?)b/$1B/",
    "s/\\W/_/g",
    "s/\\n/N/g",
    "s/.$//",
];

const ARGUMENTS: &[&[u8]] = &[
    b"",
    b"a",
    b"b",
    b"abc",
    b"aabbcc",
    b"banana",
    b"0",
    b"1",
    b"2",
    b"10",
    b"-3",
    b"007",
    b"3.7",
    b"-0.5",
    b"1e3",
    b"12abc",
    b" 5 ",
    b"az",
    b"Zz",
    b"a9",
    b"zz",
    b"dir/sub/file.tar.gz",
    b".hidden",
    b"a b  c",
    b"Hello World",
    b"x\n",
    b"\n",
    b"a\nb\n",
    b"\xc3\xa9t\xe9",
    b"1000000000000000000000",
    b"0x1f",
    b"9223372036854775807",
    b"a$b@c\"d'e\\f",
    b"\t tab ",
];

/// What belongs to perl.
const PERLS: &[&str] = &[
    "$x = 1",
    "$_ = $x",
    "print",
    "print 'x'",
    "$total += $_",
    "use POSIX",
    "$_ = join ',', split //",
    "$_ = `date`",
    "s/(a)(?{1})/x/",
    "s//x/",
    "s/$_/x/",
    "s/@x/x/",
    "s'a'b'",
    "s/a/b/ee",
    "$_ = \"@ARGV\"",
    "$_ = \"$x\"",
    "$_ = \"$1->x\"",
    "$_ = $_ x 3",
    "$_ = $_ ** 2",
    "$_ = reverse",
    "$_ = time",
    "$_ = -e $_",
    "$_ = 017",
    "$_ = 1_000",
    "$_ = 1..2",
    "$_ = uc . 'x'",
    "$_ = length $_ + 1",
    "$_ = $_[0]",
    "$_ = \"$_[0]\"",
    "foo(",
    "$_ = 'x",
    "s/a/b",
    "for (1..3) { $_ .= 1 }",
    "$_ = sprintf('%*d', 3, $_)",
    "$_ = sprintf($_, 1)",
    "$_ = $_ =~ tr/a//; # comment",
    "die",
    "exit",
    "$_ = <STDIN>",
    "my $y = $_; $_ = $y",
    "$_ = $job->{seq}",
    "s/a/\\1/",
    "s/\\Qa\\E/b/",
    "$_ = \"\\x41\"",
    "1 < 2 < 3",
    "$_ = .5",
    "$SIG{INT} = sub {}",
    "$_ = eval '1'",
    "$_ = qq(a)",
    "tr'a'b'",
    "$_ = hash($_)",
    "$_ = $#arg",
    "$_ = \"$&\"",
    "$_ = +1",
];

fn ours(code: &str) -> Expression {
    Expression::new(0, code.as_bytes(), &[], ShellFamily::Posix)
}

#[test]
fn what_is_evaluated_here_is_what_perl_makes_of_it() {
    let words: Words = ["first", "second"].into_iter().collect();
    let mut input = Vec::new();
    let mut cases = Vec::new();
    let left: Vec<_> = OURS.iter().filter(|code| ours(code).needs_perl()).collect();
    assert!(left.is_empty(), "these should need no perl: {left:?}");
    for code in OURS {
        let expression = ours(code);
        for argument in ARGUMENTS {
            let ran = expression.run(argument, &words, &Numbers::default());
            cases.push((code, argument, ran.expect("it needs no perl")));
            for field in [code.as_bytes(), argument] {
                input.extend_from_slice(format!("{}\n", field.len()).as_bytes());
                input.extend_from_slice(field);
            }
        }
    }
    const PERL: &str = r#"
        @arg = (undef, "first", "second");
        sub field { my $n = <STDIN>; defined $n or exit 0; my $t = ""; read STDIN, $t, $n; $t }
        binmode STDOUT;
        while (1) {
            my ($code, $arg) = (field(), field());
            my $f = $subs{$code} ||= eval "sub { no strict; no warnings; $code }" or die "$code: $@";
            my $r = do { local $_ = $arg; eval { $f->(); 1 } ? "=$_" : "!" };
            print length($r), "\n", $r;
        }"#;
    let perl = Command::new("perl").args(["-e", PERL]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut perl) = perl else { return };
    let mut stdin = perl.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = perl.wait_with_output().expect("perl ends");
    writer.join().expect("no panic").expect("perl reads all of it");
    let mut rest = output.stdout.as_slice();
    let mut wrong = Vec::new();
    for (code, argument, ran) in &cases {
        let line = rest.iter().position(|byte| *byte == b'\n').expect("a length");
        let length: usize = std::str::from_utf8(&rest[..line]).expect("digits").parse().expect("a length");
        let (answer, tail) = rest[line + 1..].split_at(length);
        rest = tail;
        let own = ran.as_ref().map_or(b"!".to_vec(), |ran| [b"=", ran.value.text.as_slice()].concat());
        if own != answer {
            wrong.push(format!(
                "{code} of '{}': perl '{}', here '{}'",
                argument.escape_ascii(),
                answer.escape_ascii(),
                own.escape_ascii()
            ));
        }
    }
    assert!(rest.is_empty());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn what_is_not_surely_understood_is_left_to_perl() {
    let understood: Vec<_> = PERLS.iter().filter(|code| !ours(code).needs_perl()).collect();
    assert!(understood.is_empty(), "{understood:?}");
}
