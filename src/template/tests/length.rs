//! Lengths of commands, before they are composed and by GNU parallel's reckoning.

use super::{inserting, record, template};
use crate::model::{Slot, Words};
use crate::template::{Insertion, Length, Template};

/// The length of a command with these arguments, one after the other.
fn measured(template: &Template, args: &[&str]) -> Length {
    let args: Words = args.iter().collect();
    let mut length = template.fixed_length();
    for index in 0..args.len() {
        let mut so_far = args.clone();
        so_far.split_off(index + 1);
        length += template.added_length(&so_far, index, 7);
    }
    length
}

#[test]
fn the_cost_of_arguments_is_known_before_they_are_composed() {
    for words in
        ["echo", "echo {} {}", "echo \"{}\" '{/}'", "x `echo {}` \"`echo '{}'`\" {#}", "cat <<E\n{}\nE", "{} x"]
    {
        let template = template(&[words]);
        let args = ["plain", "", "it's", "a/b \"$x\" `y` \\", "''", "é"];
        let mut text = Vec::new();
        template.text(&record(&args), Slot(3), &mut text).expect("nothing to refuse");
        let cost = measured(&template, &args).real;
        assert!(cost >= text.len() && cost <= text.len() + 40, "{words}: {cost}, {}", text.len());
    }
    let counted = |words: &[&str], args: &[&str]| measured(&template(words), args).counted;
    assert_eq!([counted(&["echo"], &["abc"]), counted(&["echo"], &["abc", "a b"])], [8, 14]);
}

/// GNU parallel's own count is wrong where one placeholder is in several words, and it packs by it.
#[test]
fn what_is_counted_is_what_gnu_parallel_counts() {
    let repeated = Insertion { repeat_words: true, nothing: false, only_named: false, quoted: false };
    let counted = |words: &[&str], insertion, args: &[&str]| measured(&inserting(words, insertion), args).counted;
    for (words, args, joined, repeats) in [
        (&["echo"][..], &["1", "22"][..], 9, 9),
        (&["echo x{}y", "z"], &["1", "22"], 13, 15),
        (&["echo {} x{}"], &["1", "22"], 15, 16),
        (&["echo {1} {2}"], &["1", "22"], 11, 11),
        (&["echo {#}{}"], &["1", "22"], 12, 11),
        (&["echo a\n{}b"], &["1", "22"], 12, 13),
        (&["echo"], &["it's"], 15, 15),
    ] {
        let actual = (counted(words, Insertion::default(), args), counted(words, repeated, args));
        assert_eq!(actual, (joined, repeats), "{words:?}");
    }
}
