//! `--pipe` and its relatives beside GNU parallel: the same blocks, to the byte.

use crate::harness::same_beside_parallel;

/// Lines of different lengths, records of several kinds, and a file without a newline at its end.
const SETUP: &str = r#"
seq 1 300 > lines
printf 'one\n\ntwo\n\n\nthree\n   \n\tfour\n' > gaps
for i in $(seq 1 60); do printf '>seq%d some text\nACGT\nAC%d\n' $i $i; done > fasta
for i in $(seq 1 40); do printf 'BEGIN %d\nbody %d\nEND\n' $i $i; done > mail
for i in $(seq 1 50); do printf 'a%d,"x\ny, ""%d""",z\n' $i $i; done > csv
printf 'k\tv\n' > table; for i in $(seq 1 60); do printf '%d\t%d\n' $((i / 7)) $i; done >> table
printf 'UserID, Consumption\n123,    1\n123,    2\n12-3,   1\n221,    3\n221,    1\n2/21,   5\n' > table.csv
for i in $(seq 1 400); do echo "$((i * i / 5000)) $i  x$((i % 7))"; done > groups
printf 'a\na\nb\nb' > torn
printf 'no newline' > short
head -c 3000 lines | tr '\n' ' ' > words
: > empty
"#;

#[test]
fn blocks_are_as_long() {
    same_beside_parallel(
        SETUP,
        &[
            "$P --pipe -k --block 100 wc -c < lines",
            "$P --pipe -k --block 1k wc -c < lines",
            "$P --pipe -k --block 1K wc -c < lines",
            "$P --pipe -k --block 0.1K wc -c < lines",
            "$P --pipe -k --block-size 1000 md5sum < fasta",
            "$P --spreadstdin -k --blocksize 777 md5sum < fasta",
            "cat lines | $P --pipe -k --block 50 md5sum",
            "$P --pipe -k wc < lines",
            "$P --pipe -k wc < empty; echo $?",
            "$P --pipe -k cat < short",
            "head -n 40 lines | $P --pipe -k --block 1 wc -c",
            "$P --pipe -k --block 3 wc -c < words",
            "$P --pipe -k --block 20 cat -n < gaps",
            "(cat lines; sleep 0.2; cat lines) | $P --pipe -k --block 500 wc -c",
            "$P --pipe -k -j1 --block 400 'head -n1; echo {#} {%}' < lines",
            "$P --pipe -k --block 400 'cat >/dev/null; echo {#}' < lines",
            "$P --pipe -k --block 400 --tag wc -l < lines",
            "$P --pipe -k --block 400 --tagstring '{#}' wc -l < lines",
            "$P --pipe -k --block 400 -q wc -l < lines",
            "$P --pipe -k --block 400 -v wc -l < lines",
            "$P --pipe -k --block 200 'cat; exit 3' < lines; echo $?",
            "$P --pipe -k --block 200 'echo $PARALLEL_SEQ; cat > f.$PARALLEL_SEQ' < lines",
            "$P --pipe -k --block 200 --results out 'md5sum; echo e >&2' < lines 2>&1",
            "$P --pipe -k -j1 --block 200 --joblog log wc < lines; cut -f1,5-9 log",
            "$P --pipe -k --block 100 --skip-first-line cat -n < lines",
            "$P --pipe -k --block 20 -r cat -n < gaps",
            "$P --pipe -k --block 4 --no-run-if-empty cat -n < gaps",
        ],
    );
}

#[test]
fn records_are_counted() {
    same_beside_parallel(
        SETUP,
        &[
            "$P --pipe -k -N10 wc -l < lines",
            "$P --pipe -k -N1 cat -n < short",
            "$P --pipe -k -n7 wc -l < lines",
            "$P --pipe -k -N7 --block 50 wc -l < lines",
            "$P --pipe -k -N100 --block 50 wc -l < lines",
            "$P --pipe -k -N2 cat -n < gaps",
            "$P --pipe -k -N1 cat -n < gaps",
            "$P --pipe -k -L3 --block 50 wc -l < lines",
            "$P --pipe -k -L7 wc -l < lines",
            "$P --pipe -k -l4 --block 100 wc -l < lines",
            "$P --pipe -k -L2 -N5 wc -l < lines",
            "$P --pipe -k -l -N5 --block 30 wc -l < lines",
            "$P --pipe -k -L2 --block 8 cat -n < gaps",
            "$P --pipe -k -N3 --recend 9 --block 40 cat -n < lines",
            "$P --pipe -k -N50 --recend '' --recstart '' wc -c < lines",
            "$P --pipe -k -N50 --recend '' --block 120 wc -c < lines",
            "$P --pipe -k -N2 --recstart '>' --block 100 md5sum < fasta",
            "$P --pipe -k -N1 --recstart 'BEGIN' --recend 'END\\n' cat -n < mail",
        ],
    );
}

#[test]
fn records_start_and_end_as_they_are_told() {
    same_beside_parallel(
        SETUP,
        &[
            "$P --pipe -k --recstart '>' --block 200 md5sum < fasta",
            "$P --pipe -k --recend '\\n\\n' --block 12 cat -n < gaps",
            "$P --pipe -k --recend '\\n' --recstart '>' --block 200 md5sum < fasta",
            "$P --pipe -k --recend ' ' --block 30 'cat; echo' < words",
            "$P --pipe -k --recend '' --block 64 wc -c < words",
            "$P --pipe -k --recstart x --block 64 wc -c < words",
            "$P --pipe -k --recend END\\\\n --recstart BEGIN --block 100 md5sum < mail",
            "printf 'a\\0b\\0c\\0' | $P --pipe -k --recend '\\0' --block 3 'od -c'",
            "printf 'a\\tb\\\\tc' | $P --pipe -k --recend '\\t' -N1 'od -c'",
            "$P --pipe -k --rrs --recend ' ' -N3 'cat; echo' < words",
            "$P --pipe -k --rrs --recend ' ' --block 30 'cat; echo' < words",
            "$P --pipe -k --rrs --recstart '>' -N2 'cat; echo' < fasta",
            "$P --pipe -k --remove-rec-sep --recstart BEGIN --recend 'END\\n' -N2 'cat; echo' < mail",
            "$P --pipe -k --removerecsep --recend '\\n' -N2 'cat; echo' < gaps",
            "$P --pipe -k --rrs --recend , -N1 'cat; echo' < csv",
            "$P --pipe -k --csv --block 60 md5sum < csv",
            "$P --pipe -k --csv --block 200 cat -n < csv",
            "$P --pipe -k --csv --block 10 wc -c < short",
        ],
    );
}

#[test]
fn patterns_say_where_records_are() {
    same_beside_parallel(
        SETUP,
        &[
            "$P --pipe -k --regexp --recstart '>seq' --block 100 md5sum < fasta",
            "$P --pipe -k --regex --recend '\\n+' --block 12 cat -n < gaps",
            "$P --pipe -k --regexp --recend '[05]\\n' --block 40 cat -n < lines",
            "$P --pipe -k --regexp --recend '5\\n|9\\n' --block 40 cat -n < lines",
            "$P --pipe -k --regexp --recend 'END\\n' --recstart 'BEGIN \\d+' --block 100 md5sum < mail",
            "$P --pipe -k --regexp --recstart '^\\d*5$' --block 50 cat -n < lines",
            "$P --pipe -k --regexp --recend '' --block 50 wc -c < lines",
            "$P --pipe -k --regexp -N2 --recstart '>seq\\d' --block 100 md5sum < fasta",
            "$P --pipe -k --regexp -N3 --recend '[05]\\n' --block 40 cat -n < lines",
            "$P --pipe -k --regexp -N1 --recstart 'BEGIN' --block 70 cat -n < mail",
            "(echo junk; cat mail) | $P --pipe -k --regexp -N2 --recstart 'BEGIN' cat -n",
            "(echo junk; cat mail) | $P --pipe -k --regexp -N2 -L2 --recstart 'BEGIN' --recend 'END\\n' cat -n",
            "$P --pipe -k --regexp --rrs --recend ' \\d' -N3 'cat; echo' < words",
            "$P --pipe -k --regexp --rrs --recstart '>seq\\d+ ' -N2 'cat; echo' < fasta",
            "$P --pipe -k --regexp --rrs --recend 'END\\n' --recstart 'BEGIN' -N2 'cat; echo' < mail",
            "$P --pipe -k --regexp --rrs --recend ', *' -N1 'cat; echo' < csv",
        ],
    );
}

#[test]
fn headers_come_first_in_each_block() {
    same_beside_parallel(
        SETUP,
        &[
            "$P --pipe -k --header : --block 50 cat < table",
            "$P --pipe -k --header : -N20 cat < table",
            "$P --pipe -k --header 2 --block 100 cat < lines",
            "$P --pipe -k --header '(.*\\n){3}' --block 50 cat < lines",
            "$P --pipe -k --header 'k\\t' --block 50 cat < table",
            "$P --pipe -k --header 'none' --block 50 cat < table",
            "$P --pipe -k --header : --block 50 cat < short",
            "$P --pipe -k --header : --block 50 cat < empty",
            "$P --pipe -k --header : --rrs --recend 5 --block 50 cat < lines",
            "$P --pipe -k --header : --skip-first-line --block 50 cat < lines",
            "$P --pipe -k -j2 --header : --round-robin -N2 cat < lines",
            "$P --pipe -k -j1 --header : --joblog log -N100 wc < lines; cut -f1,5-9 log",
        ],
    );
}

#[test]
fn blocks_go_to_jobs_that_run() {
    same_beside_parallel(
        SETUP,
        &[
            "$P --pipe -k -j3 --round-robin -N1 cat < lines",
            "$P --pipe -k -j3 --roundrobin --block 50 md5sum < lines",
            "$P --pipe -k -j4 --round -N100 wc -l < lines",
            "$P --pipe -k -j4 --round-robin wc -l < short",
            "$P --pipe -k -j2 --round-robin --block 1000 'cat > f.{#}' < lines",
            "$P --pipe -j3 --round-robin wc -l < empty; echo $?",
            "$P --pipe -j2 --round-robin --block 50 cat < lines | sort -n",
            "$P --pipe -j3 -k --round-robin --rrs --recend 5 -N1 'cat; echo' < lines",
            "$P --pipe -k --tee -v {} ::: 'wc -l' 'wc -c' md5sum < lines",
            "$P --pipe -k --tee 'grep {} | head -n 2' ::: 1 2 3 < lines",
            "cat lines | $P --pipe --tag -k --tee tail -n {} ::: 1 2 :::+ x y",
            "$P --pipe -k --tee 'cat {}' ::: -n -e < empty",
            "$P -j1 --pipe --block 100 -k 'echo [{}]; cat' ::: 'a b' < lines | head -3",
        ],
    );
}

#[test]
fn blocks_have_names() {
    same_beside_parallel(
        SETUP,
        &[
            "$P --pipe -k --cat --block 300 'wc -c < {}' < lines",
            "$P --cat -k --block 300 'wc -c < {}; cat {} | md5sum' < lines",
            "$P --pipe -k --cat --block 300 md5sum < lines | cut -c1-32",
            "$P --pipe -k --fifo --block 300 md5sum < lines | cut -c1-32",
            "$P --fifo -k -N100 'wc -l < {}; exit 3' < lines; echo $?",
            "$P --pipe -k --cat -N100 'cat; wc -l < {}' < lines",
            "$P --pipe -k --cat -N100 'test -f {} && wc -l < $PARALLEL_TMP' < lines; echo $?",
            "$P --pipe -k --cat --header : -N100 'cat {}' < lines",
            "TMPDIR=$PWD $P --pipe -k --cat -N100 'wc -l < {}' < lines; ls",
            "TMPDIR=$PWD $P --pipe -k --fifo -N100 'wc -l < {}' < lines; ls",
            "$P --pipe-part -a lines -k --cat --block 300 'wc -c < {}'",
            "$P --pipe-part -a lines -k --fifo --block 300 'wc -c < {}'",
        ],
    );
}

#[test]
fn files_are_cut_into_parts() {
    same_beside_parallel(
        SETUP,
        &[
            "$P --pipe-part -a lines -k --block 100 md5sum",
            "$P --pipepart -a lines -k -j2 md5sum",
            "$P --pipe-part -a lines -k -j3 --block -1 md5sum",
            "$P --pipe-part -a lines -k -j3 --block -3 md5sum",
            "$P --pipe-part -a lines -a fasta -k -j2 --block -2 md5sum",
            "$P --pipe-part -k -j2 --block 1k md5sum :::: lines fasta",
            "$P --pipe-part -a empty -k wc; echo $?",
            "$P --pipe-part -a short -k --block 3 cat",
            "$P --pipe-part -a fasta -k --recstart '>' --block 100 md5sum",
            "$P --pipe-part -a mail -k --recstart BEGIN --recend 'END\\n' --block 100 md5sum",
            "$P --pipe-part -a gaps -k --recend '\\n\\n' --block 5 cat -n",
            "$P --pipe-part -a words -k --recend '' --block 64 wc -c",
            "$P --pipe-part -a fasta -k --regexp --recstart '>seq' --block 1000 md5sum",
            "$P --pipe-part -a lines -k --regexp --recend '5\\n' --block 1000 md5sum",
            "$P --pipe-part -a table -k --header : --block 100 cat",
            "$P --pipe-part -a lines -k --header 2 --block 300 cat",
            "$P --pipe-part -a lines -k --skip-first-line --block 300 cat",
            "$P --pipe-part -a lines -k --skip-first-line --header : --block 300 cat",
            "$P --pipe-part -a lines -k -j3 --round-robin wc -c",
            "$P --pipe-part -a lines -k --block 300 --joblog log 'echo {#} x{}; wc'; cut -f1,5-9 log",
            "$P --pipe-part -a lines -k --block 300 'cat; exit 1'; echo $?",
            "$P --pipe-part -a lines --tee -k {} ::: 'wc -l' md5sum",
            "$P --pipe-part -a lines -k --block 300 --rrs wc -c",
            "$P --pipe-part -a lines -k -j1 --block 300 --results out md5sum",
        ],
    );
}

#[test]
fn lines_go_where_their_keys_say() {
    same_beside_parallel(
        SETUP,
        &[
            "$P --pipe -k -j3 --bin 1 cat < lines",
            "$P --pipe -k -j3 --bin 2 --colsep '\t' 'cat; echo {#}' < table",
            "$P --pipe -k -j3 --bin k --colsep '\t' 'cat; echo {#}' < table",
            "$P --pipe -k -j4 --bin '1 s/.$//' cat < lines",
            "$P --pipe -k -j2 --bin '$_=length' cat < lines",
            "printf '-1\\n2.7\\n1e1\\n+3\\n 4\\nx\\n' | $P --pipe -k -j3 --bin 1 'cat; echo {#}'",
            "$P --pipe -k -j2 --joblog log --bin 1 wc < lines; cut -f1,5-9 log",
            "$P --pipe -k -j2 --bin 1 'echo [{}]; cat' ::: x y < lines",
            "$P --pipe -j3 --shard 1 wc -l < lines | awk '{s += $1} END {print s}'",
            "$P --pipe -j3 --shard 1 --colsep '\t' 'cut -f1 | sort -u' < table | sort",
            "$P --pipe -j3 --shard k --colsep '\t' 'cut -f1 | sort -u' < table | sort",
            "$P --pipe -j3 --shard '1 s/.$//' 'sed s/.$// | sort -u' < lines | sort",
            "$P --pipe -j3 --header : --shard k --colsep '\t' cat < table | sort",
            "$P --pipe -k -j3 --header : --bin 2 --colsep '\t' 'cat; echo {#}' < table",
            "$P --pipe -k --group-by 1 -N1 'cat; echo' < table",
            "$P --group-by 1 -k -N2 'cat; echo' < table",
            "$P --pipe -k --groupby k -N1 'cat; echo' < table",
            "$P --pipe -k --group-by 1 --block 120 'cat; echo' < table",
            "$P --pipe -k --group-by k --block 90 'cat; echo' < table",
            "$P --pipe -k --group-by 's/.$//' -N1 'cat; echo' < lines",
            "$P --pipe -k --group-by '2 s/.$//' -N1 'cat; echo' < table",
            "$P --pipe -k --group-by 'k s/[2-9]//' -N1 'cat; echo' < table",
            "$P --pipe -k --group-by 1 --colsep , -N1 'cat; echo' < csv",
            "$P --pipe -k --group-by none -N1 cat < table 2> log; echo $?",
            "$P --pipe -k --group-by 1 --rrs cat < table 2> log; echo $?",
            "$P --pipe -k --group-by 1 --recstart x cat < table 2> log; echo $?",
        ],
    );
}

#[test]
fn parts_of_files_hold_whole_groups() {
    same_beside_parallel(
        SETUP,
        &[
            "$P --pipe-part -a table -k --group-by 1 --block 50 'cat; echo --'",
            "$P --pipe-part -a table -k --group-by k --block 50 'cat; echo --'",
            "$P --pipe-part -a table -k --header : --group-by 1 --block 50 'cat; echo --'",
            "$P --pipe-part -a table -k --skip-first-line --group-by 1 --block 50 'cat; echo --'",
            "$P --pipe-part -a table -k --group-by '1 $_ = uc' --block 50 'cat; echo --'",
            "$P --pipe-part -a table -k --group-by '1 $_ = sprintf \"%o\", $_ ^ 1' --block 50 'cat; echo --'",
            "$P --pipe-part -a groups -k --colsep ' ' --group-by 1 --block 300 'cat; echo --'",
            "$P --pipe-part -a groups -k --colsep ' +' --group-by 1 --block 10 'cat; echo --'",
            "$P --pipe-part -a groups -k --colsep ' +' --group-by 1 --block 1 'cat; echo --'",
            "$P --pipe-part -a groups -k -j3 --colsep ' ' --group-by 1 'cat; echo --'",
            "$P --pipe-part -a groups -k -j3 --block -1 --colsep ' ' --group-by '1 $_ = int' 'cat; echo --'",
            "$P --pipe-part -a groups -k -j2 --colsep ' ' --group-by 1 --round-robin 'cat; echo --'",
            "$P --pipe-part -a lines -k --group-by 's/.$//' --block 50 'cat; echo --'",
            "$P --pipe-part -a lines -k --group-by 's/[^3].*//s' --block 7 'cat; echo --'",
            "$P --pipe-part -a lines -k --group-by '$_ = length;' --block 50 'cat; echo --'",
            "$P --pipe-part -a torn -k --group-by 1 --block 1 'cat; echo --'",
            "$P --pipe-part -a empty -k --group-by 1 --block 1 'cat; echo --'",
            "$P --pipe-part -a short -k --group-by 1 --block 1 'cat; echo --'",
            "$P --pipe-part -a gaps -k --group-by 1 --block 4 'cat; echo --'",
        ],
    );
}

#[test]
fn keys_may_take_perl() {
    same_beside_parallel(
        SETUP,
        &[
            // The manual's own.
            "tail -n +2 table.csv | $P --pipe --colsep , --group-by 1 -kN1 wc",
            "cat table.csv | $P --pipe --colsep , --header : --group-by UserID -kN1 wc",
            "cat table.csv | $P --pipe --colsep , --header : --group-by 'UserID s/\\D//g' -kN1 wc",
            "cat table.csv | $P --pipe --colsep , --header : --group-by 1 -kN1 'sed \"s/^.*UserID/UserID/\" | wc'",
            "cat lines | $P --pipe --group-by '$_ = sprintf \"%b\", $_ / 8' -kN1 wc",
            "cat lines | $P --pipe --group-by '$n++; $_ = int($n / 5)' -kN1 'cat; echo'",
            "cat table | $P --pipe --group-by '1 $_ = uc; $_ .= \"x\" if $F[1] > 30;' -kN1 'cat; echo'",
            "cat table | $P --pipe --group-by 'k $_ = join \"\", sort split //;' -kN1 'cat; echo'",
            "cat groups | $P --pipe --colsep ' ' --group-by '1 $_ = uc;' -kN1 'cat; echo'",
            "cat groups | $P --pipe --colsep '(?<=[0-9]) ' --group-by 2 -kN100 'cat; echo'",
            "cat groups | $P --pipe --colsep ' ' --group-by 1 --round-robin -j2 -kN1 'cat; echo'",
            "cat groups | $P --pipe -j3 -k --colsep ' ' --bin 3 'cat; echo'",
            "cat groups | $P --pipe -j3 -k --colsep '(?<=[0-9]) ' --bin 2 'cat; echo'",
            "cat groups | $P --pipe -j3 -k --colsep ' ' --bin '2 $_ = substr $_, 0, 1;' 'cat; echo'",
            "cat lines | $P --pipe -j3 -k --bin '$_ = unpack \"%32C*\", $_' 'cat; echo'",
            "cat lines | $P --pipe -j3 --shard '$_ = ord' wc -l | awk '{s += $1} END {print s}'",
            "cat table.csv | $P --pipe --colsep , --header : --bin 1 -kj3 wc",
            "cat table.csv | $P --pipe --colsep , --header : --bin UserID -kj3 cat",
            "cat table.csv | $P --pipe --colsep , --bin 1 -kj3 --skip-first-line cat",
            "cat lines | $P --pipe --bin 1 -kj3 --cat 'cat {} | wc'",
            "cat lines | $P --pipe --tee -k --skip-first-line 'echo {}; cat | wc' ::: 1 2",
            "cat lines | $P --pipe --tee -k --header : 'echo {}; cat | wc' ::: 1 2",
        ],
    );
}

#[test]
fn what_can_not_go_together_is_refused() {
    same_beside_parallel(
        SETUP,
        &[
            "$P --pipe < lines 2> log; echo $?",
            "$P --pipe --cat --fifo cat < lines 2> log; echo $?",
            "$P --pipe-part -a lines -N3 cat 2> log; echo $?",
            "$P --pipe-part -a lines -L3 cat 2> log; echo $?",
            "$P --pipe-part -a . cat 2> log; echo $?",
            "$P --pipe-part -a missing cat 2> log; echo $?",
            "$P --pipe --round-robin --retries 2 cat < lines 2> log; echo $?",
            "$P --pipe --block-timeout 0 cat < lines 2> log; echo $?",
        ],
    );
}
