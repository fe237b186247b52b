//! Options about hosts where there is no other than this machine, beside GNU parallel.

use crate::harness::{fanout, same_beside_parallel};

#[test]
fn what_is_for_other_hosts_changes_nothing_here() {
    same_beside_parallel(
        "mkdir -p $HOME/.parallel; echo : > $HOME/.parallel/sshloginfile; echo 2/: > $HOME/.parallel/cluster
         echo a > foo.txt; printf '# ours\n\n1/:\n' > hosts",
        &[
            "$P --trc {.}.out 'cat {} > {.}.out; echo done' ::: foo.txt",
            "$P --trc {.}.out --trc {.}.x -S : 'cat {} > {.}.out' ::: foo.txt",
            "$P --transfer --return {.}.out --cleanup 'cat {} > {.}.out' ::: foo.txt",
            "$P -k --return {.}.out echo ::: a b",
            "$P -k --tf {} --transferfile x --transfer-files y echo ::: a b",
            "$P --basefile hosts --bf missing cat ::: foo.txt",
            "$P --cleanup --wd . --trc {}.o pwd ::: a | sed 's,.*/,,' | wc -l",
            "$P -k --ssh nossh -M --controlmaster --filter-hosts --rsync-opts -a --sshdelay 0.01 echo ::: 1 2",
            "$P -k --slf hosts echo ::: 1 2",
            "$P --sshloginfile hosts -j200% echo {%} ::: 1",
            "$P -k --slf cluster echo ::: 1 2",
            "$P -k --slf .. echo ::: 1 2",
            "$P -k -S .. echo ::: 1 2",
            "echo : | $P -k --slf - echo ::: 1 2",
            "$P -k -S @group/:,: echo ::: 1 2@group",
            "$P -k -S :, -S @a+b/2/: echo ::: 1",
            "$P -S '' echo ::: 1",
            "$P -S ,: echo ::: 1",
            "$P --slf missing echo ::: 1",
            "$P --retries 2 -S .. 'echo {}; exit 3' ::: 1 2 | sort",
        ],
    );
}

#[test]
fn each_host_is_this_machine() {
    same_beside_parallel(
        "echo : > hosts",
        &[
            "$P --onall echo ::: 1 2 3",
            "$P --onall -S : --tag echo ::: 1 2 3",
            "seq 3 | $P --onall -S :,1/: echo",
            "$P --onall -S : 'echo {#} {%} {}' ::: a b c",
            "$P --onall -S : exit ::: 1 2 3",
            "$P --onall -S : --retries 2 'echo x >> out; exit' ::: 0 1",
            "$P --onall -S : -v echo ::: 1 2",
            "$P --onall -S : -u echo ::: 1 2",
            "$P --onall -S : -q echo '$HOME  x' ::: 1",
            "$P --onall -S : -N2 echo ::: 1 2 3",
            "$P --onall -S : -X -j4 echo ::: 1 2 3",
            "$P --onall -S : echo {2} {1} ::: 1 2 ::: a b",
            "$P --onall -S : --link echo {2} {1} ::: 1 2 ::: a b",
            "$P --onall -S : echo {2} {1} ::: 1 2 :::+ a b",
            "$P --onall -S : --header : echo {x} ::: x 1 2",
            "$P --onall -S : --colsep - echo {2} ::: 1-2 3-4",
            "$P --onall -S : --tagstring 'T{}' echo ::: 1 2",
            "$P --onall --tag -S : ::: 'echo a' false",
            "$P --nonall echo hello",
            "$P --nonall --tag -k --slf hosts 'echo a; echo b'",
            "$P --nonall -S : --tag 'echo a; exit 4'",
            "$P --nonall -S : --results r echo hi",
            "$P --nonall -S : --joblog log echo hi; cut -f1,2,6-9 log",
            "$P --onall -S : --joblog log echo ::: a b; cut -f1,2,6-9 log",
            "seq 3 | $P --nonall -S : cat",
            "seq 3 | $P --nonall -S : echo x; cat",
            "$P --nonall -S : -v echo 1 2",
            "$P --nonall -S : echo hello ::: a b",
            "$P --nonall -S : 'echo {#} $PARALLEL_SEQ {%}'",
        ],
    );
}

#[test]
fn other_hosts_in_files_are_refused_by_name() {
    let done = fanout().args(["--slf", "-", "echo", ":::", "x"]).stdin("# one\n:\nme@host\n").run();
    done.fails_with(255).stdout("").stderr_has("--sshloginfile -: remote hosts are not there");
}

/// GNU parallel runs them.
#[test]
fn jobs_on_each_host_can_be_shown_only() {
    fanout().args(["--onall", "--dry-run", "echo", ":::", "1", "2"]).run().ok().stdout("echo 1\necho 2\n");
    fanout().args(["--nonall", "--pipe", "cat"]).run().fails_with(255).stderr_has("--pipe");
}
