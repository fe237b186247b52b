//! Replacement strings: those that there are, those that users define, and expressions.

mod differential;
mod templates;

use rustix::process::Signal;

use crate::harness::{fanout, sh};

/// A search path without perl.
fn without_perl() -> crate::harness::Cmd {
    let cmd = fanout().env("PATH", "/nowhere");
    cmd.shell("/bin/sh")
}

#[test]
fn the_commonest_expressions_need_no_perl() {
    for (expression, argument, expected) in [
        ("s/a/b/g", "banana", "bbnbnb\n"),
        ("tr/a-z/A-Z/", "abc", "ABC\n"),
        ("$_ = uc($_)", "abc", "ABC\n"),
        ("$_ = sprintf('%03d', $_ + 1)", "7", "008\n"),
        ("s:\\.[^.]+$::;s:\\.[^.]+$::;", "x.tar.gz", "x\n"),
        ("$_ = seq() . '/' . total_jobs() . '@' . slot()", "x", "1/1@1\n"),
        ("s/(\\w+)/\\u$1/g", "hello big world", "Hello Big World\n"),
        ("skip() if $_ eq 'no'", "yes", "yes\n"),
    ] {
        let command = format!("printf '%s\\n' {{= {expression} =}}");
        without_perl().args(["-k", &command, ":::", argument]).run().ok().quiet().stdout(expected);
    }
    without_perl()
        .args(["-k", "--plus", "echo {..} {+/} {#a/} {%%.gz} {/b/X} {##}/{0#}", ":::", "a/b.tar.gz"])
        .run()
        .ok()
        .stdout("a/b a b.tar.gz a/b.tar a/X.tar.gz 1/1\n");
}

#[test]
fn an_expression_that_takes_perl_says_so_where_there_is_none() {
    let done = without_perl().args(["echo {= $x = $_ =}", ":::", "a"]).run().fails_with(255).stdout("");
    done.stderr_has("takes perl").stderr_has("install it, or use");
}

#[test]
fn perl_is_found_without_a_path() {
    sh("env -i \"$FANOUT_BIN\" -k echo '{= $seen{$_}++; $_ = uc =}' ::: a b").run().ok().quiet().stdout("A\nB\n");
}

/// GNU parallel makes it part of the variable's name.
#[test]
fn a_value_behind_a_variable_is_no_part_of_its_name() {
    sh("x=1 xa=2 \"$FANOUT_BIN\" 'echo $x{} \"$x{}\"' ::: a").run().ok().quiet().stdout("1a 1a\n");
}

/// GNU parallel has those read so far, where the value is true.
#[test]
fn an_expression_knows_all_inputs_of_its_job() {
    let args = ["-k", "-N2", "echo {= $_ = \"$arg[1]+$arg[2]\" =}", ":::", "a", "b", "c"];
    fanout().args(args).run().ok().stdout("a+b a+b\nc+\n");
}

#[test]
fn the_number_of_jobs_counts_batches() {
    for option in ["-m", "-X", "--xargs"] {
        fanout().args(["-j1", "--plus", option, "echo {##} {}", ":::", "a", "b"]).run().ok().stdout("1 a b\n");
    }
}

#[test]
fn what_perl_cannot_compile_is_an_error_before_the_first_job() {
    let done = fanout().args(["touch ran; echo {= foo( =}", ":::", "a", "b"]).run().fails_with(255).stdout("");
    let done = done.stderr_has("{= foo( =}: syntax error");
    assert!(!done.dir.has("ran"));
    assert_eq!(done.error_text().lines().count(), 1);
}

#[test]
fn an_expression_that_dies_fails_its_job_and_no_other() {
    let done = fanout().args(["-k", "echo {= die \"bad $_\\n\" if $_ == 2 =}", ":::", "1", "2", "3"]).run();
    done.fails_with(1).stdout("1\n3\n").stderr_has("bad 2").stderr_has("job 2");
}

#[test]
fn a_perl_that_ends_fails_the_jobs_that_need_it() {
    let done = fanout().args(["-k", "echo {= exit 3 if $_ == 2 =}", ":::", "1", "2", "3"]).run();
    done.fails_with(2).stdout("1\n").stderr_has("perl has ended").leaves_nothing();
}

#[test]
fn division_by_zero_is_an_error_of_the_job() {
    let done = without_perl().args(["-k", "echo {= $_ = 6 / $_ =}", ":::", "2", "0"]).run();
    done.fails_with(1).stdout("3\n").stderr_has("Illegal division by zero");
}

#[test]
fn the_state_of_perl_follows_the_order_of_the_jobs() {
    let numbers: Vec<String> = (1..=300).map(|n| n.to_string()).collect();
    let mut total = 0;
    let expected: String = (1..=300)
        .map(|n| {
            total += n;
            format!("{n} {total}\n")
        })
        .collect();
    fanout().args(["-k", "-j8", "echo {} {= $_ = $total += $_ =}", ":::"]).args(&numbers).run().ok().stdout(expected);
}

#[test]
fn a_job_that_is_tried_again_keeps_its_values() {
    let command = "echo {= $_ = ++$count =} >> log; exit 1";
    let done = fanout().args(["-j1", "--retries", "3", command, ":::", "a", "b"]).run().fails_with(2);
    assert_eq!(done.dir.text("log"), "1\n1\n1\n2\n2\n2\n");
}

#[test]
fn values_of_expressions_are_data() {
    let hostile = "$(touch pwned) `touch pwned` '; touch pwned; ' \"; touch pwned; \"";
    for template in ["printf %s {= s/^/x/ =}", "printf %s \"{= s/^/x/ =}\"", "printf %s '{= s/^/x/ =}'"] {
        let done = fanout().args([template, ":::", hostile]).run().ok();
        assert!(!done.dir.has("pwned"), "{template}");
        done.stdout(format!("x{hostile}"));
    }
    // As perl computes them, too, and where they came into being in a replacement.
    for template in ["printf %s \"{= $x = $_; $_ = $x =}\"", "printf %s \"{= $_ = join '', split // =}\""] {
        let done = fanout().args([template, ":::", hostile]).run().ok();
        assert!(!done.dir.has("pwned"), "{template}");
        done.stdout(hostile);
    }
    let done = fanout().args(["--plus", "echo \"{:-$(touch pwned)}\" '{/a/`touch pwned`}'", ":::", "a"]).run();
    assert!(!done.dir.has("pwned"));
    done.ok().stdout("a `touch pwned`\n");
}

#[test]
fn no_argument_is_code_for_perl() {
    let hostile = "\"; system('touch pwned'); \"@{[system 'touch pwned']} $x ${\\ system 'touch pwned'} =} {=";
    let done = fanout().args(["printf %s {= $x = 1; $_ .= '' =}", ":::", hostile]).run().ok();
    assert!(!done.dir.has("pwned"));
    done.stdout(hostile);
}

#[test]
fn uq_makes_that_value_command_text_and_no_other() {
    let command = "echo {= $_ = \"x; echo $_\"; uq() =} \"{}\"";
    let done = fanout().args([command, ":::", "$(echo y)"]).run().ok();
    done.stdout("x\ny $(echo y)\n");
    fanout().args(["echo '{= uq() =}'", ":::", "a' 'b"]).same_as_parallel().stdout("a b\n");
}

#[test]
fn what_an_expression_prints_goes_to_standard_output() {
    fanout().args(["-k", "true {= print \"<$_>\\n\" =}", ":::", "1", "2"]).run().ok().stdout("<1>\n<2>\n");
    let done = fanout().args(["true {= warn \"careful\\n\" =}", ":::", "1"]).run().ok();
    done.stdout("").stderr_has("careful");
}

#[test]
fn perl_does_not_outlive_the_run_and_jobs_have_nothing_of_it() {
    let done = sh("$FANOUT_BIN -kj2 'echo {= $x = $_ =}; ls /proc/self/fd | tr \"\\n\" \" \"' ::: 1 2 | sort -u").run();
    let with = done.leaves_nothing().text();
    let plain = sh("$FANOUT_BIN -kj2 'echo {}; ls /proc/self/fd | tr \"\\n\" \" \"' ::: 1 2 | sort -u").run().text();
    assert_eq!(with, plain);
}

#[test]
fn a_perl_that_hangs_is_ended_with_the_run() {
    let running = fanout().args(["echo {= print \"busy\\n\"; sleep 1 while 1 =}", ":::", "1", "2"]).spawn();
    running.wait_stdout("busy\n");
    running.signal(Signal::INT);
    running.wait().dies_of(Signal::INT).leaves_nothing();
}

#[test]
fn a_perl_that_hangs_as_it_compiles_is_ended_with_the_run() {
    for signal in [Signal::INT, Signal::TERM] {
        let running = fanout().args(["echo {= BEGIN { print \"busy\\n\"; sleep 1 while 1 } =}", ":::", "1"]).spawn();
        running.wait_stdout("busy\n");
        running.signal(signal);
        running.wait().dies_of(signal).leaves_nothing();
    }
}

#[test]
fn a_skipped_job_fails_and_has_a_row() {
    let args = ["--joblog", "log", "-k", "echo {= skip() if $_ == 2 =}", ":::", "1", "2", "3"];
    let done = fanout().args(args).run().fails_with(1).stdout("1\n3\n");
    let log = done.dir.text("log");
    let row: Vec<&str> = log.lines().nth(2).expect("a second row").split('\t').collect();
    assert_eq!((row[0], row[6], row[7], row[8]), ("2", "-2", "0", "echo 2"));
}

#[test]
fn a_run_whose_expressions_take_perl_is_resumed_by_its_inputs() {
    let args = ["--joblog", "log", "--resume", "-k", "echo {= $x = $_ =}", ":::", "a", "b"];
    let first = fanout().args(&args[..args.len() - 1]).run().ok().stdout("a\n");
    fanout().dir(&first.dir).args(args).run().ok().quiet().stdout("b\n");
}

#[test]
fn a_definition_that_is_none_is_refused() {
    fanout().args(["--rpl", "{x(", "echo", ":::", "a"]).run().ok();
    fanout().args(["--rpl", "(.*?) s/a/b/", "echo", ":::", "a"]).run().ok();
    fanout().args(["-I", "", "echo", ":::", "a"]).run().fails_with(255).stderr_has("-I ''");
    let done = fanout().args(["--rpl", "{x([a)} s/a/b/", "echo", ":::", "a"]).run().fails_with(255).stdout("");
    done.stderr_has("--rpl '{x([a)} s/a/b/'");
}
