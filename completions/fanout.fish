complete -c fanout -s a -l arg-file -d 'Read inputs from FILE instead of standard input; can be repeated' -r -F
complete -c fanout -s d -l delimiter -d 'Inputs are separated by DELIM instead of a newline' -r
complete -c fanout -s C -l colsep -d 'Cut each input into columns at what REGEXP matches: {1}, {2} and so on' -r
complete -c fanout -l header -d 'The first line of each source names its columns: {name}; 0: files are named by their paths' -r
complete -c fanout -l trim -d 'Take blanks off inputs: n (not at all), l (at the start), r (at the end), lr or rl (both)' -r
complete -c fanout -s E -l eof-str -d 'A source ends where one of its inputs is EOF-STR' -r
complete -c fanout -s e -l eof -d 'As -E; without EOF-STR nothing ends a source but its end' -r
complete -c fanout -l linkinputsource -d 'Whether each source, in their order, is linked to the one before (1) or not (0)' -r
complete -c fanout -l filter -d 'Run only jobs of which FILTER is true; can be repeated' -r
complete -c fanout -l arg-sep -d 'Use SEP instead of :::' -r
complete -c fanout -l arg-file-sep -d 'Use SEP instead of ::::' -r
complete -c fanout -s n -l max-args -d 'Give each job up to N inputs, and no more than fit in a command' -r
complete -c fanout -s N -l max-replace-args -d 'As -n, and the word around {} is repeated: `pre-a-post pre-b-post`' -r
complete -c fanout -s L -d 'As -N, and a line that ends in a blank goes on with the next line' -r
complete -c fanout -s l -l max-lines -d 'As -n, and a line that ends in a blank goes on with the next line; N is 1 unless given' -r
complete -c fanout -s s -l max-chars -d 'Keep commands shorter than N bytes' -r
complete -c fanout -l block -d 'How long a block is: SIZE bytes, less the record that does not fit; -N: N blocks for each slot (--pipe-part)' -r
complete -c fanout -l block-timeout -d 'A block goes to a job after TIME at the latest, full or not' -r
complete -c fanout -l recstart -d 'Records start with TEXT' -r
complete -c fanout -l recend -d 'Records end with TEXT; by default with a newline' -r
complete -c fanout -l shard -d 'Start all jobs at once, and give each line to one of them: lines with the same key to the same job' -r
complete -c fanout -l bin -d 'As --shard, and the key is the number of the job (modulo their number)' -r
complete -c fanout -l group-by -d 'Lines with the same key, one behind the other, are one record' -r
complete -c fanout -l match -d 'Take {1.2} for what the second group of REGEXP has matched in the first input; can be repeated' -r
complete -c fanout -s I -l I -d 'Take STRING in place of {}' -r
complete -c fanout -s i -l replace -d 'As -I; without STRING, {} stays' -r
complete -c fanout -l extensionreplace -d 'Take STRING in place of {.}, the input without its extension' -r
complete -c fanout -l basenamereplace -d 'Take STRING in place of {/}, the last part of a path' -r
complete -c fanout -l dirnamereplace -d 'Take STRING in place of {//}, the folder of a path' -r
complete -c fanout -l basenameextensionreplace -d 'Take STRING in place of {/.}, the last part of a path without its extension' -r
complete -c fanout -l seqreplace -d 'Take STRING in place of {#}, the number of the job' -r
complete -c fanout -l slotreplace -d 'Take STRING in place of {%}, the number of the slot' -r
complete -c fanout -l rpl -d 'Define a replacement string: \'NAME PERL-EXPRESSION\'' -r
complete -c fanout -l parens -d 'Start expressions with the first half of STRING and end them with the second [default: {==}]' -r
complete -c fanout -s j -l jobs -d 'Run up to N jobs at once; by default as many as there are CPUs' -r
complete -c fanout -l pin -d 'Pin slots to CPUs: none, compact, spread, or a list like 0,2,4-7' -r
complete -c fanout -l nice -d 'Run jobs at niceness N; where that is less than fanout\'s own, they keep it' -r
complete -c fanout -l tagstring -d 'Start each line of output with TEXT and a TAB; it may hold replacement strings' -r
complete -c fanout -l ctagstring -d '--color and --tagstring TEXT' -r
complete -c fanout -l results -d 'Keep the output of jobs in NAME instead of printing it: a folder, a template, or a .csv, .tsv or .json file' -r -F
complete -c fanout -l compress-program -d 'Compress the files of --results and --files by this command' -r -f -a "(__fish_complete_command)"
complete -c fanout -l decompress-program -d 'Accepted: nothing has to be decompressed by a command' -r -f -a "(__fish_complete_command)"
complete -c fanout -l reduce -d 'When all jobs have succeeded, run COMMAND on what they have written, in the order of the input' -r -f -a "(__fish_complete_command)"
complete -c fanout -l tmpdir -d 'Make temporary files in DIR instead of $TMPDIR; jobs find it there, too' -r -f -a "(__fish_complete_directories)"
complete -c fanout -l print0 -d 'End what each job wrote on standard output with a NUL, for programs that read it' -r -f -a "output\t'What each job wrote'
input\t'Its inputs, and what it wrote'"
complete -c fanout -l buffer-size -d 'Keep up to SIZE bytes of a job\'s output in memory [default: 1M]' -r
complete -c fanout -l template -d 'Before each job, write FILE with its replacement strings filled in to the file REPL, which may hold some, too' -r -F
complete -c fanout -l delay -d 'Wait this long between two starts' -r
complete -c fanout -l ssh-delay -d 'The same as --delay, which is stronger: without remote hosts there is no ssh to wait for' -r
complete -c fanout -l load -d 'Start jobs only while fewer than N threads run or wait for the disk on this machine' -r
complete -c fanout -l memfree -d 'Start jobs only while SIZE bytes of memory are free; below half of that, end the youngest job' -r
complete -c fanout -l memsuspend -d 'Suspend young jobs while less than twice SIZE bytes of memory are free, and resume them later' -r
complete -c fanout -l limit -d 'Start jobs only while COMMAND exits with 0; with 2, end the youngest job' -r -f -a "(__fish_complete_command)"
complete -c fanout -l timeout -d 'End a job that runs longer; it counts as failed' -r
complete -c fanout -l slow-timeout -d 'Name jobs that run longer on standard error, once each; they go on' -r
complete -c fanout -l global-timeout -d 'End the whole run after this time: what runs is ended, nothing more is started' -r
complete -c fanout -l retries -d 'Run a job that fails again, until it has had N tries in all; 0 is no limit' -r
complete -c fanout -l retry-delay -d 'Wait before a job is tried again: TIME, or exp:BASE..MAX' -r
complete -c fanout -l retry-on -d 'Try again only jobs that end like this: exit statuses, signals, timeout' -r
complete -c fanout -l halt -d 'Stop the run early: never, or now|soon,fail|success|done=N|N%' -r
complete -c fanout -l term-seq -d 'End running jobs with these signals and waits [default: TERM,200,TERM,100,TERM,50,KILL,25]' -r
complete -c fanout -l success-codes -d 'Exit statuses that count as success, like 0,1 or 0,3-5 [default: 0]' -r
complete -c fanout -l on-leak -d 'Deal with what finished jobs left running: keep, warn, kill or fail [default: warn]' -r -f -a "keep\t'Leave it alone, silently'
warn\t'Say so where it holds the job\'s output'
kill\t'End it'
fail\t'Where it holds the job\'s output, the job has failed'"
complete -c fanout -l total-jobs -d 'Take N for the number of all jobs, where progress or --halt needs it, instead of counting inputs' -r
complete -c fanout -l timing -d 'Report each job: slot, start, wall and CPU time, peak memory, exit status' -r -f -a "text\t'For people'
json\t'For programs: one object per line'"
complete -c fanout -l timing-file -d 'Write the report of --timing to FILE' -r -F
complete -c fanout -l summary -d 'Report totals at the end: throughput, speed-up, percentiles, slowest jobs' -r -f -a "text\t'For people'
json\t'For programs: one object per line'"
complete -c fanout -l summary-file -d 'Write the report of --summary to FILE' -r -F
complete -c fanout -l joblog -d 'Write a line for each job to FILE, in GNU parallel\'s format; +FILE appends' -r -F
complete -c fanout -l failures -d 'List failed jobs on standard error: auto, always or never [default: auto]' -r -f -a "auto\t'If standard error is a terminal or CI is set'
always\t'Wherever standard error goes'
never\t'Not at all'"
complete -c fanout -l workdir -d 'Run jobs in the folder DIR, which is made where it is missing' -r -f -a "(__fish_complete_directories)"
complete -c fanout -l env -d 'Give jobs the variable or function NAME; can be repeated, and be a list with commas' -r
complete -c fanout -l process-slot-var -d 'Set the variable NAME to the number of the slot, counted from 0 [default: PARALLEL_JOBSLOT0]' -r
complete -c fanout -s J -l profile -d 'Read default options from the profile NAME; can be repeated, the last is the strongest' -r -F
complete -c fanout -l semaphore-name -d 'Use the semaphore NAME [default: the name of the terminal]' -r
complete -c fanout -l semaphore-timeout -d 'Wait so long for a place: then run all the same; with -TIME, then give up' -r
complete -c fanout -s S -l sshlogin -d 'Where jobs run: `:`, this machine' -r
complete -c fanout -l sshloginfile -d 'The hosts are the lines of FILE, which must all be this machine' -r -F
complete -c fanout -l transfer-file -d 'What is to be sent to other hosts and fetched from them: a warning, and nothing else' -r
complete -c fanout -l return -d 'See --transfer-file' -r
complete -c fanout -l trc -d 'See --transfer-file' -r
complete -c fanout -l basefile -d 'See --transfer-file' -r
complete -c fanout -l ssh -d 'For other hosts; changes nothing' -r
complete -c fanout -l rsync-opts -d 'For other hosts; changes nothing' -r
complete -c fanout -l min-version -d 'Print the version of GNU parallel whose options there are; exit with 255 if it is less than VERSION' -r
complete -c fanout -l shell-init -d 'Print the functions env_parallel, env_fanout, parset and env_parset for SHELL: bash, zsh or fish' -r -f -a "bash\t'bash'
zsh\t'zsh'
fish\t'fish'"
complete -c fanout -l shell-completion -d 'Print the completions for SHELL: bash, zsh or fish' -r -f -a "bash\t'bash'
zsh\t'zsh'
fish\t'fish'"
complete -c fanout -s D -l debug -d 'For people who look into GNU parallel; changes nothing' -r
complete -c fanout -s 0 -l null -d 'Inputs end with a NUL instead of a newline, as `find -print0` writes them'
complete -c fanout -l csv -d 'Inputs are records of CSV, with quotes as RFC 4180 has them; newlines may be quoted, too'
complete -c fanout -l skip-first-line -d 'Pass over the first line of the first source'
complete -c fanout -l link -d 'All sources go along with each other; the shorter ones begin anew where they end'
complete -c fanout -l shuf -d 'Run jobs in random order; all inputs are read before'
complete -c fanout -s r -l no-run-if-empty -d 'Skip inputs that are blank'
complete -c fanout -s q -l quote -d 'The words of the command are as they are: the shell reads nothing in them'
complete -c fanout -s m -d 'Give each job as many inputs as fit in a command, spread evenly over the slots'
complete -c fanout -s X -d 'As -m, and the word around {} is repeated for each input'
complete -c fanout -l xargs -d 'Give each job as many inputs as fit in a command'
complete -c fanout -s x -l exit -d 'Accepted for scripts that have it, and ignored, as by GNU parallel'
complete -c fanout -l pipe -d 'Cut standard input into blocks of whole records; each job reads one on its standard input'
complete -c fanout -l pipe-part -d 'Cut the files of -a (or ::::) into blocks of whole records'
complete -c fanout -l regexp -d '--recstart and --recend are regular expressions of Perl\'s'
complete -c fanout -l remove-rec-sep -d 'Take the text of --recstart and --recend out of blocks'
complete -c fanout -l round-robin -d 'Start all jobs at once, and give each block to one that has room; with -k strictly in turn'
complete -c fanout -l tee -d 'Give all of standard input (or of the file of --pipe-part) to each job'
complete -c fanout -l cat -d 'A job gets its block in a temporary file, whose name is {}'
complete -c fanout -l fifo -d 'A job gets its block through a FIFO, whose name is {}'
complete -c fanout -l plus -d 'Know more replacement strings: {..}, {+/}, {##}, {%.gz}, {:-default}, {/from/to} and so on'
complete -c fanout -l use-cores-instead-of-threads -d 'Take the number of CPU cores for the number of CPUs, where --jobs or --load is relative to that'
complete -c fanout -l use-sockets-instead-of-threads -d 'Take the number of CPU sockets for the number of CPUs'
complete -c fanout -l use-cpus-instead-of-cores -d 'For remote hosts of GNU parallel; changes nothing'
complete -c fanout -l group -d 'Print the output of each job in one piece when it has ended (the default)'
complete -c fanout -s k -l keep-order -d 'Print in the order of the inputs'
complete -c fanout -l no-keep-order -d 'Take back -k'
complete -c fanout -l line-buffer -d 'Print whole lines as they come; lines of different jobs may alternate'
complete -c fanout -s u -l ungroup -d 'Let jobs write to fanout\'s own output, where they may mix'
complete -c fanout -l tag -d 'Start each line of output with the job\'s inputs and a TAB'
complete -c fanout -l color -d 'Print each job in a color of its own'
complete -c fanout -l color-failed -d 'Print jobs that have failed white on red'
complete -c fanout -l ctag -d '--color and --tag'
complete -c fanout -l latest-line -d 'Show a line for each job, with what it has written last'
complete -c fanout -l files -d 'Keep the standard output of each job in a temporary file, and print its name'
complete -c fanout -l files0 -d '--files, with a NUL after each name in place of a newline'
complete -c fanout -l compress -d 'Compress output on disk: what waits there for its turn, and the files of --results and --files'
complete -c fanout -s v -d 'Print each command on standard output, before its own output'
complete -c fanout -s t -l verbose -d 'Print each command on standard error when it starts'
complete -c fanout -l silent -d 'Take back -v'
complete -c fanout -l dry-run -d 'Print the commands instead of running them'
complete -c fanout -l shell-quote -d 'Print the commands quoted for a shell instead of running them; again: quoted once more'
complete -c fanout -s p -l interactive -d 'Ask on the terminal before each job: it runs if the answer starts with y or Y'
complete -c fanout -l cleanup -d 'Remove the files of --template when their job has ended'
complete -c fanout -l noswap -d 'Start no jobs while the machine swaps both in and out'
complete -c fanout -l close-fds -d 'Give jobs no descriptors but 0, 1 and 2'
complete -c fanout -l tty -d 'Let jobs use the terminal'
complete -c fanout -s o -l open-tty -d 'Let jobs use the terminal as --tty does, but as many at once as --jobs says, and grouped'
complete -c fanout -l bar -d 'Show a bar with the share of jobs that are done and the time to go'
complete -c fanout -l progress -d 'Show how many jobs are running, done and failed'
complete -c fanout -l eta -d 'Show progress with the estimated time to go'
complete -c fanout -l resume -d 'Pass over the jobs that have finished, as the joblog says, and append to it'
complete -c fanout -l resume-failed -d 'Pass over the jobs that have succeeded, as the joblog says, and append to it'
complete -c fanout -l retry-failed -d 'Run the commands of the joblog that have not succeeded again, and append to it'
complete -c fanout -l fsync -d 'Bring each line of the joblog, and the output before it, to the disk: a power cut loses none'
complete -c fanout -l record-env -d 'Record the names of all variables in ~/.parallel/ignored_vars, for --env _, and do nothing else'
complete -c fanout -l plain -d 'Take no default options: ignore --profile, $FANOUT, $PARALLEL and config files'
complete -c fanout -l shebang -d 'The first option of a script that fanout runs: the lines below the first are the inputs'
complete -c fanout -l _pipe-means-argfiles -d 'With --shebang-wrap, as GNU parallel calls itself then'
complete -c fanout -l semaphore -d 'Run one command as soon as fewer than --jobs commands of this semaphore run, in the background'
complete -c fanout -l fg -d 'Wait for the command, and exit as it does'
complete -c fanout -l bg -d 'Do not wait for the command (the default)'
complete -c fanout -l wait -d 'Wait until no command of the semaphore runs; none is started'
complete -c fanout -l onall -d 'Run all jobs on each host, one after the other: on this machine'
complete -c fanout -l nonall -d 'Run the command once on each host: once on this machine, without reading inputs'
complete -c fanout -l transfer -d 'See --transfer-file'
complete -c fanout -s M -l controlmaster -d 'For other hosts; changes nothing'
complete -c fanout -l filter-hosts -d 'For other hosts; changes nothing'
complete -c fanout -s h -l help -d 'Print help; -h prints less'
complete -c fanout -s V -l version -d 'Print the version'
complete -c fanout -l doctor -d 'Print what this machine gives, and what each thing means for fanout'
complete -c fanout -l number-of-threads -d 'Print the number of hardware threads of this machine'
complete -c fanout -l number-of-cores -d 'Print the number of CPU cores of this machine; also --number-of-cpus'
complete -c fanout -l number-of-sockets -d 'Print the number of CPU sockets of this machine that hold a CPU'
complete -c fanout -l max-line-length-allowed -d 'Print how long a command may be, in bytes'
complete -c fanout -l show-limits -d 'Print how long commands may be, and go on'
complete -c fanout -l citation -d 'Do nothing: fanout asks for no citation'
complete -c fanout -l will-cite -d 'For scripts that were written for GNU parallel; changes nothing'
