//! Compared with Perl itself.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};

use super::*;

/// A running Perl that answers what a pattern finds.
struct Perl {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

/// Lines come in as mode, flags, pattern and text, the last two in hexadecimal.
const SCRIPT: &str = r#"
no warnings; $| = 1;
sub span { defined $_[0] ? "$_[0]-$_[1]" : "u" }
while (<STDIN>) {
    chomp; my ($mode, $flags, $pattern, $text) = split / /, $_, -1;
    $pattern = pack("H*", $pattern); $text = pack("H*", $text);
    $flags =~ s/-//;
    my $re = eval "qr/\$pattern/$flags";
    if ($@) { print "error\n"; next }
    my @found;
    if ($mode eq "all") {
        while ($text =~ /$re/g) { push @found, join ",", map { span($-[$_], $+[$_]) } (0 .. $#-) }
    } else {
        @found = map { defined $_ ? unpack("H*", $_)."." : "u" } $mode eq "keep" ? split(/$re/, $text, -1) : split(/$re/, $text);
    }
    print join(" ", "ok", @found), "\n";
}
"#;

impl Perl {
    /// `None` where it is not installed.
    fn start() -> Option<Perl> {
        let mut child = Command::new("perl")
            .args(["-e", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (to, from) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
        Some(Perl { child, to, from })
    }

    fn ask(&mut self, mode: &str, flags: &str, pattern: &[u8], text: &[u8]) -> String {
        let flags = if flags.is_empty() { "-" } else { flags };
        writeln!(self.to, "{mode} {flags} {} {}", hex(pattern), hex(text)).expect("perl reads");
        let mut answer = String::new();
        self.from.read_line(&mut answer).expect("perl answers");
        answer.trim_end_matches('\n').to_owned()
    }
}

impl Drop for Perl {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What ours answers, in the same words.
fn answer(mode: &str, pattern: &Pattern, text: &[u8]) -> String {
    let mut words = vec!["ok".to_owned()];
    let span = |range: &Option<Range<usize>>| {
        range.as_ref().map_or("u".to_owned(), |range| format!("{}-{}", range.start, range.end))
    };
    if mode == "all" {
        let mut last = None;
        while let Some(found) = pattern.next(text, last.as_ref()) {
            let mut spans = vec![Some(found.range.clone())];
            spans.extend(found.groups.clone());
            // Perl's @- ends with the last group that took part.
            while spans.len() > 1 && spans.last().is_some_and(Option::is_none) {
                spans.pop();
            }
            words.push(spans.iter().map(span).collect::<Vec<_>>().join(","));
            last = Some(found);
        }
    } else {
        pattern.split(text, mode == "keep", |field| {
            words.push(field.map_or("u".to_owned(), |field| format!("{}.", hex(field))));
        });
    }
    words.join(" ")
}

const MODES: [&str; 3] = ["all", "keep", "split"];

#[test]
fn patterns_find_what_perl_finds() {
    let Some(mut perl) = Perl::start() else { return };
    let texts: [&[u8]; 14] = [
        b"",
        b"a",
        b"a,b,,c,,",
        b",a",
        b"a\tb\t\tc\t",
        b"  a  b ",
        b"a\n",
        b"a\nb\n\nc",
        b"\n",
        b"\n\n",
        b"Aa1_-.",
        b"a\r\nb\rc",
        b"\xc3\xa9\xa0\x85x",
        b"foo bar  foo:bar",
    ];
    for (pattern, flags) in [
        (",", ""),
        ("\\t", ""),
        ("\\s+", ""),
        ("\\s*", ""),
        ("", ""),
        ("^", ""),
        ("^", "m"),
        ("^.", "m"),
        ("$", ""),
        ("$", "m"),
        ("a$", ""),
        ("\\s*$", ""),
        ("\\s*\\Z", ""),
        ("\\n$", ""),
        ("(a|b$)", ""),
        ("\\z", ""),
        ("\\A", ""),
        ("[,\\t]", ""),
        ("[^,]", ""),
        ("(,)", ""),
        ("(,)|(\\t)", ""),
        (",|\\t", ""),
        ("a", "i"),
        ("[a-b]", "i"),
        ("[^a]", "i"),
        ("\\h", ""),
        ("\\H+", ""),
        ("\\v", ""),
        ("\\R", ""),
        ("\\R+", ""),
        ("\\N+", ""),
        (".", ""),
        (".", "s"),
        ("\\b", ""),
        ("\\B", ""),
        ("\\w+", ""),
        ("\\W", ""),
        ("[[:punct:]]", ""),
        ("[[:^space:]]+", ""),
        ("\\x2c", ""),
        ("\\x{2C}", ""),
        ("\\054", ""),
        ("[\\054]", ""),
        ("\\cI", ""),
        ("a(?#comment),", ""),
        ("a ,", "x"),
        ("a # what\n ,", "x"),
        ("(?i)A", ""),
        ("(?i:A)a", ""),
        ("(?^:a)", "i"),
        ("(?<x>a),", ""),
        ("(a)(,)?", ""),
        ("(o)+", ""),
        ("o{2}", ""),
        ("o{1,}?", ""),
        ("[]a]", ""),
        ("[^]a]", ""),
        ("[a-]", ""),
        ("{", ""),
        ("a}", ""),
        ("]", ""),
        ("\\<", ""),
        ("\\-", ""),
        (" ", ""),
        ("\u{e9}", ""),
        ("[\u{e9}]", ""),
        ("(?n)(a)", ""),
        ("foo|bar", ""),
        ("(f)oo|(b)ar", ""),
        ("(,)", "n"),
        ("[\\w-]", ""),
        ("\\.", ""),
    ] {
        let compiled = Pattern::compile(pattern.as_bytes(), flags);
        let compiled = compiled.unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(compiled.check_repeatable(), Ok(()), "{pattern}");
        for text in texts {
            for mode in MODES {
                let found = answer(mode, &compiled, text);
                let expected = perl.ask(mode, flags, pattern.as_bytes(), text);
                assert_eq!(found, expected, "{mode} /{pattern}/{flags} in \"{}\"", text.escape_ascii());
            }
        }
    }
}

#[test]
fn what_is_perls_alone_is_refused_by_its_name() {
    for (pattern, name) in [
        ("(?<!\\\\),", "look-behind (?<!…)"),
        ("(?<=a),", "look-behind (?<=…)"),
        (",(?!a)", "look-ahead (?!…)"),
        (",(?=a)", "look-ahead (?=…)"),
        ("(a)\\1", "back-reference \\1"),
        ("\\g1", "back-reference \\g"),
        ("a++", "possessive ++"),
        ("a{2}+", "possessive {2}+"),
        ("(?>a)", "atomic group"),
        ("a\\Kb", "cut \\K"),
        ("\\Ga", "anchor \\G"),
        ("(?(1)a)", "condition"),
        ("(?{print})", "code (?{…})"),
        ("(??{1})", "code (??{…})"),
        ("(?|a)", "branch reset"),
        ("(?R)", "recursion"),
        ("(*FAIL)", "verb (*…)"),
        ("\\p{L}", "property of Unicode"),
        ("\\X", "cluster \\X"),
        ("a$b", "$ before the end"),
        ("a\\Zb", "\\Z before the end"),
        ("\\Ra", "\\R before the end"),
        ("\\R{2}", "{2} behind \\R"),
        ("(?:a*)*", "* behind a group that can be nothing"),
        ("(?:(a)|b)*", "* behind a group with captures"),
        ("\\Qa\\E", "quoting \\Q"),
        ("(?u)a", "flag u"),
        ("(?xx)a", "flag xx"),
        ("\\y", "\\y means nothing"),
        ("a{,2}", "write it {N}"),
        ("[[:foo:]]", "no class of POSIX"),
        ("\\x{100}", "no byte"),
        ("\\b{wb}", "\\b{…}"),
        ("(", "a ( without its )"),
        (")", "a ) without its ("),
        ("[a", "a [ without its ]"),
        ("*", "a * with nothing before it"),
        ("a**", "a quantifier behind *"),
        ("^*", "* behind what is no text"),
        ("[b-a]", "ends before it begins"),
        ("a\\", "a backslash at the end"),
    ] {
        let error = Pattern::compile(pattern.as_bytes(), "").expect_err(pattern);
        assert!(error.contains(name), "{pattern}: {error}");
        assert!(!error.contains('\n'), "{pattern}: {error}");
    }
    assert!(Pattern::compile(b"a?^", "m").is_err(), "Perl's ^ is not at the very end");
    let nested = "(".repeat(5000);
    assert!(Pattern::compile(nested.as_bytes(), "").is_err());
}

/// Patterns out of what there is, good and bad.
fn patterns() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        8 => prop::sample::select(vec![
            "a", "b", ",", "\\.", ".", "\\s", "\\S", "\\d", "\\w", "\\W", "\\t", "\\n", "[ab]", "[^a]", "[a-c,]", "\\h", "\\N",
            " ", "-", "\\x62", "[[:alpha:]]", "[^[:space:],]", "\u{e9}", "#",
        ]).prop_map(str::to_owned),
        2 => prop::sample::select(vec!["^", "$", "\\b", "\\B", "\\A", "\\z", "\\Z", "\\R", "(?i)", "(?m)", "(?-i)", "(?s)"])
            .prop_map(str::to_owned),
    ];
    let quantifier = prop_oneof![
        6 => Just(""),
        4 => prop::sample::select(vec!["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,1}", "{2,}", "{0}"]),
    ];
    let leaf = (atom, quantifier.clone()).prop_map(|(atom, quantifier)| atom + quantifier);
    leaf.prop_recursive(3, 16, 4, move |inner| {
        let sequence = prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat());
        prop_oneof![
            3 => sequence.clone(),
            2 => (prop::sample::select(vec!["(", "(?:", "(?i:", "(?<n>"]), sequence.clone(), quantifier.clone())
                .prop_map(|(open, inner, quantifier)| format!("{open}{inner}){quantifier}")),
            2 => (sequence.clone(), sequence).prop_map(|(left, right)| format!("{left}|{right}")),
        ]
    })
}

/// Whatever is taken means what Perl means by it; what Perl does not take is not taken either.
#[test]
fn what_is_taken_means_the_same() {
    let Some(perl) = Perl::start() else { return };
    let perl = std::cell::RefCell::new(perl);
    let taken = std::cell::Cell::new(0u32);
    let cases = (patterns(), "[imsxn]{0,2}", prop::collection::vec("[abA,. \t\n\r\u{e9}1-]{0,8}", 1..4));
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() });
    let outcome = runner.run(&cases, |(pattern, flags, texts)| {
        let Ok(compiled) = Pattern::compile(pattern.as_bytes(), &flags) else { return Ok(()) };
        let (repeatable, splits) = (compiled.check_repeatable().is_ok(), compiled.check_splits().is_ok());
        for text in texts {
            for mode in MODES {
                let expected = perl.borrow_mut().ask(mode, &flags, pattern.as_bytes(), text.as_bytes());
                let mut found = answer(mode, &compiled, text.as_bytes());
                let mut expected = expected.as_str();
                if !(repeatable || (splits && mode.starts_with("split"))) {
                    // Only the first match is promised then.
                    if mode != "all" || expected == "error" {
                        continue;
                    }
                    let first = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ").len();
                    found.truncate(first(&found));
                    expected = &expected[..first(expected)];
                }
                prop_assert_eq!(found, expected, "{} /{}/{} in {:?}", mode, pattern, flags, text);
            }
        }
        taken.set(taken.get() + 1);
        Ok::<(), TestCaseError>(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(taken.get() > 500, "only {} patterns were taken", taken.get());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(source in prop::collection::vec(any::<u8>(), 0..24), text in prop::collection::vec(any::<u8>(), 0..24)) {
        if let Ok(pattern) = Pattern::compile(&source, "") {
            pattern.find_at(&text, 0);
            pattern.captures_at(&text, text.len() + 1);
            if pattern.check_splits().is_ok() {
                pattern.split(&text, true, |_| {});
            }
        }
    }
}
