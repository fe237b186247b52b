//! `--match`: the examples of GNU parallel's manual, which is younger than the one at hand.

use crate::harness::fanout;

#[track_caller]
fn prints(args: &[&str], expected: &str) {
    fanout().arg("-k").args(args).run().ok().stdout(expected).quiet();
}

#[test]
fn groups_are_replacement_strings() {
    prints(
        &["--match", "(.*)/([a-zA-Z]+)", "echo", "{1.2}", "{1.1}", ":::", "works/This", "works, too/This"],
        "This works\nThis works, too\n",
    );
    prints(
        &["--match", "(.).* (.*)", "echo", "{1.1}.", "{1.2}", ":::", "Arthur Dent", "Ford Prefect"],
        "A. Dent\nF. Prefect\n",
    );
    prints(
        &[
            "--match",
            "https://(.*?)/(.*)",
            "echo",
            "Domain:",
            "{1.1}",
            "Path:",
            "{1.2}",
            ":::",
            "https://gnu.org/s/parallel",
        ],
        "Domain: gnu.org Path: s/parallel\n",
    );
    prints(
        &["--match", "(.*)/(.*)/(.*)", "echo", "{1.3}-{1.1:%02d}-{1.2:%02d}", ":::", "12/31/1969", "1/19/2038"],
        "1969-12-31\n2038-01-19\n",
    );
    prints(
        &["--match", "(.)", "--dry-run", "mkdir -p {1.1} && mv {} {1.1}", ":::", "afile", "b file"],
        "mkdir -p a && mv afile a\nmkdir -p b && mv 'b file' b\n",
    );
}

#[test]
fn each_source_has_its_own() {
    prints(
        &["--match", "", "--match", "(.*)/([A-Z]+)", "echo", "{2.1}", "{1}", ":::", "works", ":::", "This/SKIP"],
        "This works\n",
    );
    prints(
        &["--match", "+2", "--match", "([A-Z]+)", "echo", "{2.1}", "{1.1}", ":::", "ignoreOK", ":::", "ignoreALL"],
        "ALL OK\n",
    );
    prints(
        &[
            "--header",
            ":",
            "--match",
            "+2",
            "--match",
            "([A-Z]+)",
            "echo",
            "{B.1}",
            "{A.1}",
            ":::",
            "A",
            "ignoreOK",
            ":::",
            "B",
            "ignoreALL",
        ],
        "ALL OK\n",
    );
    prints(
        &[
            "--match",
            "(.*)\\((.*)\\) (.*),(.*)",
            "--match",
            "+1",
            "echo",
            "From {1.1}/{1.2} to {2.1}/{2.2} dial {1.3}-{2.4}",
            ":::",
            "DK(Denmark) 00,45",
            ":::",
            "US(United States) 011,1",
        ],
        "From DK/Denmark to US/United States dial 00-1\n",
    );
}

#[test]
fn groups_have_expressions_and_are_data() {
    prints(
        &[
            "--match",
            "([a-z])([a-z]*) ([a-z])([a-z]*)",
            "echo",
            "{=1.1 $_=uc($_) =}{1.2} {=1.3 $_=uc($_) =}{1.4}",
            ":::",
            "pan galactic",
        ],
        "Pan Galactic\n",
    );
    prints(
        &["--match", "([a-z]+)", "echo [{1.1}]", ":::", "matches", "FAILS", "MATCHESpartly"],
        "[matches]\n[]\n[partly]\n",
    );
    let done = fanout().args(["--match", "(.*)", "echo \"{1.1}\"", ":::", "$(touch x)"]).run();
    assert!(!done.dir.has("x"));
    done.ok().stdout("$(touch x)\n");
}

#[test]
fn a_group_of_a_source_without_one_is_an_error() {
    for args in [&["--match", "dummy", "echo", "{2.1}", ":::", "a"][..], &["--match", "+2", "echo", ":::", "a"]] {
        fanout().args(args).run().fails_with(255).stdout("").stderr_has("--match");
    }
}
