//! `--quote`: words that are as they are.

use super::*;

const QUOTED: Insertion = Insertion { repeat_words: false, nothing: false, only_named: false, quoted: true };

fn compiled(words: &[&str], family: ShellFamily) -> Template {
    let words: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
    Template::compile(&words, family, QUOTED, &mut Strings::new(family)).expect("compiles").0
}

/// The texts are those of the real GNU parallel with -q.
#[test]
fn words_are_quoted_as_a_whole() {
    for (words, args, text) in [
        (&["echo", "$HOME {}", "a  b", "{}"][..], &["x y"][..], "echo '$HOME x y' 'a  b' 'x y'"),
        (&["echo", "$HOME {}"], &["it's"], "echo '$HOME it'\"'\"'s'"),
        (&["echo", "x{}y"], &["a b"], "echo 'xa by'"),
        (&["echo", "x{}y"], &["a"], "echo xay"),
        (&["echo", "{}"], &["x y", "it's"], "echo 'x y' 'it'\"'\"'s'"),
        (&["echo"], &["x y"], "echo 'x y'"),
        (&["{}"], &["x y"], "'x y'"),
        (&[], &["x y"], "'x y'"),
        (&["echo", "{1}", "{2}", "x{2}", ""], &["x y"], "echo 'x y' '' x ''"),
        (&["a=b", "{}"], &["x"], "'a=b' x"),
    ] {
        let record = record(args);
        let template = compiled(words, ShellFamily::Posix);
        let mut found = Vec::new();
        template.text(&record, Slot(3), &mut found).expect("nothing to refuse");
        assert_eq!(bstr::BStr::new(&found), bstr::BStr::new(text), "{words:?}");
    }
}

#[test]
fn hostile_words_and_values_reach_the_program_as_they_are() {
    for value in HOSTILE {
        for word in HOSTILE.iter().filter(|word| std::str::from_utf8(word).is_ok()) {
            let word = String::from_utf8_lossy(word).into_owned();
            let template = compiled(&["printf", "%s|", &word, &(word.clone() + "{}"), "{}"], ShellFamily::Posix);
            let mut job = Job::default();
            template.expand(&record(&[value]), Slot(3), &mut job).expect("nothing to refuse");
            assert!(job.plain, "{word}");
            let words: Vec<&[u8]> = job.words.iter().skip(2).collect();
            assert_eq!(words, [word.as_bytes(), &[word.as_bytes(), value].concat(), value]);
        }
    }
}

#[test]
fn other_shells_quote_in_their_way() {
    for (family, text) in
        [(ShellFamily::Csh, "echo it\\'s\\ \\!x ''y"), (ShellFamily::Fish, "echo 'it'\"'\"'s !x' ''y")]
    {
        let mut found = Vec::new();
        compiled(&["echo", "it's !x"], family).text(&record(&["y"]), Slot(3), &mut found).expect("nothing to refuse");
        assert_eq!(bstr::BStr::new(&found), bstr::BStr::new(text));
    }
}
