//! The table beside the real `parallel`, a Perl script whose table Perl's own Getopt::Long can be asked about.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::process::Command;

use super::*;
use crate::cli::flags::Definition;

/// Lines that this Perl code prints, with `@specs` set from GNU parallel's table.
fn perl(code: &str) -> BTreeSet<String> {
    let table = r#"
        local $/; open(my $file, "<", "/usr/bin/parallel") or die "no GNU parallel: $!";
        <$file> =~ /(sub options_completion_hash\(\) \{.*?\n\})/s or die "no table"; eval $1; die $@ if $@;
        my %table = options_completion_hash(); our @specs = map { s/\[.*//sr } keys %table;
    "#;
    let output = Command::new("perl").args(["-e", &format!("{table}\n{code}")]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_table_is_that_of_the_real_parallel() {
    let theirs = perl(r#"print map { "$_\n" } @specs"#);
    assert_eq!(OPTIONS.iter().map(|spec| (*spec).to_owned()).collect::<BTreeSet<_>>(), theirs);
}

/// Every prefix of every name, in lower and upper case, with a value and without.
#[test]
fn every_prefix_means_what_it_means_to_the_real_parallel() {
    let theirs = perl(
        r#"
        use Getopt::Long; Getopt::Long::Configure("bundling", "require_order");
        my %prefixes; my ($found, $said); local $SIG{__WARN__} = sub { $said .= $_[0] };
        for (@specs) { for (split /\|/, s/[=:].$//r) {
            for my $length (1..length) { $prefixes{substr($_, 0, $length)} = 1; $prefixes{uc substr($_, 0, $length)} = 1 }
        } }
        my @handlers = map { my $spec = $_; ($spec, sub { $found = $spec }) } @specs;
        for my $prefix (keys %prefixes) {
            ($found, $said) = ("none", ""); local @ARGV = ("--$prefix", "1=1"); GetOptions(@handlers);
            # Of one that is wrong only in its value, the name is enough.
            if($said =~ /ambiguous \((.*)\)/) { $found = "several $1" }
            elsif($said =~ /invalid for option (\S+)/) { my $name = $1; ($found) = grep { /(^|\|)\Q$name\E([|=:]|$)/ } @specs }
            print "$prefix $found\n";
        }"#,
    );
    assert!(theirs.len() > 1000, "{} prefixes", theirs.len());
    for line in theirs {
        let (prefix, expected) = line.split_once(' ').unwrap();
        let ours = match long(&prefix.to_ascii_lowercase()) {
            Found::One(Known(spec)) => spec.to_owned(),
            Found::Several(names) => format!("several {}", names.join(", ")),
            Found::None => "none".to_owned(),
        };
        assert_eq!(ours, expected, "--{prefix}");
    }
}

#[test]
fn no_option_of_ours_takes_a_prefix_away() {
    let command = Definition::complete();
    for arg in command.get_arguments() {
        let names = arg.get_long().into_iter().chain(arg.get_all_aliases().unwrap_or_default());
        for name in names.filter(|name| name.len() > 1) {
            if let Found::One(known) = long(name) {
                assert!(
                    known.names().any(|theirs| theirs == name),
                    "--{name} is short for --{} of GNU parallel",
                    known.name()
                );
            }
        }
    }
}

#[test]
fn letters_have_their_case() {
    for (letter, name) in [('x', "exit"), ('X', "X"), ('v', "v"), ('V', "version"), ('0', "null"), ('P', "max-procs")] {
        assert_eq!(short(letter).unwrap().name(), name);
    }
    assert_eq!(short('ß'), None);
}
