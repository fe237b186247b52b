//! The texts of `--help` that belong to no single option.

/// The forms of the command line.
pub const USAGE: &str = "\
fanout [OPTIONS] [COMMAND [WORD]...] < INPUTS
       fanout [OPTIONS] [COMMAND [WORD]...] ::: INPUT...
       fanout [OPTIONS] [COMMAND [WORD]...] :::: FILE...
       sem [OPTIONS] COMMAND [WORD]...";

/// What a command is.
pub const COMMAND: &str = "\
What to run for each input; without it, each input is a command

{} stands for the input, {.} {/} {//} {/.} for parts of it, {1} {2} for the inputs of each source, {#} for the number \
of the job and {%} for that of its slot. Without any of them the input is appended. Everything from the first word \
that is no option belongs to the command, up to ::: or ::::. Where it holds characters that mean something to a \
shell, a shell runs it; inputs are data there, too.";

/// Below the options of `-h`.
pub const EXAMPLES_SHORT: &str = "\
Examples:
  fanout gzip -9 ::: *.log
  find . -name '*.rs' | fanout -k wc -l
  fanout --help             says more about each option";

/// Below the options of `--help`.
pub const EXAMPLES: &str = "\
Several sources:
  ::: A B ::: X Y           a job for every combination: A X, A Y, B X, B Y
  ::: A B :::+ X Y          linked: A X, B Y
  :::: FILE                 the lines of a file; ::::+ links them

Examples:
  Compress every log, a job for each CPU:
    fanout gzip -9 ::: *.log

  Count the lines of all sources, in the order of the list:
    find . -name '*.rs' | fanout -k wc -l

  Use a shell; the name of the file is data, whatever it holds:
    fanout 'gzip -9 < {} > {}.gz' ::: *.log

  Run the lines of a file as commands, four at a time:
    fanout -j4 :::: commands.txt

  Every combination, each line of output marked with its inputs:
    fanout --tag ./bench {1} --threads {2} ::: fast safe ::: 1 2 4

  In CI: stop at the first failure, end what hangs, and report:
    fanout --halt now,fail=1 --timeout 10m --summary ./run-test ::: tests/*";
