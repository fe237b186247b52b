complete -c fanout-xargs -s a -l arg-file -d 'Read arguments from FILE' -r -F
complete -c fanout-xargs -s d -l delimiter -d 'Arguments end with this character; as -0 otherwise' -r -f
complete -c fanout-xargs -s E -d 'The argument END ends the input' -r -f
complete -c fanout-xargs -s e -l eof -d 'As -E END; without END, there is none' -r
complete -c fanout-xargs -s I -d 'Run a command per line, which stands wherever R does in its words' -r -f
complete -c fanout-xargs -s i -l replace -d 'As -I R; R is {} unless given' -r
complete -c fanout-xargs -s l -l max-lines -d 'As -L N; N is 1 unless given' -r
complete -c fanout-xargs -s L -d 'Give each command the arguments of N lines that are not blank' -r -f
complete -c fanout-xargs -s n -l max-args -d 'Give each command N arguments at most' -r -f
complete -c fanout-xargs -s s -l max-chars -d 'A command has N bytes at most' -r -f
complete -c fanout-xargs -s P -l max-procs -d 'Run N commands at a time; 0: as many as possible' -r -f
complete -c fanout-xargs -l process-slot-var -d 'Set NAME to a number for each command, 0 to N-1, that no other running one has' -r -f
complete -c fanout-xargs -l joblog -d 'Write a row per command to FILE, as fanout\'s' -r -F
complete -c fanout-xargs -l timeout -d 'End commands that run longer, with all that they have started' -r -f
complete -c fanout-xargs -l halt -d 'Stop early: now,fail=1 ends what runs, soon,fail=3 waits for it' -r -f
complete -c fanout-xargs -s 0 -l null -d 'Arguments end with a NUL; quotes, backslashes, blanks and newlines are part of them'
complete -c fanout-xargs -s o -l open-tty -d 'The command reads from the terminal'
complete -c fanout-xargs -s p -l interactive -d 'Ask on the terminal before each command, which runs if the answer starts with y'
complete -c fanout-xargs -s r -l no-run-if-empty -d 'Run nothing where there are no arguments'
complete -c fanout-xargs -s t -l verbose -d 'Print each command on standard error before it runs'
complete -c fanout-xargs -l show-limits -d 'Print the limits on the length of commands first'
complete -c fanout-xargs -s x -l exit -d 'Exit where the arguments of -n or -L do not fit'
complete -c fanout-xargs -l version -d 'Print the version'
complete -c fanout-xargs -l help -d 'Print this help'
complete -c fanout-xargs -l group -d 'Print what a command has written when it has ended, in one piece'
complete -c fanout-xargs -s k -l keep-order -d 'As --group, in the order of the input'
complete -c fanout-xargs -l bar -d 'Show a bar with the share of commands that are done'
complete -c fanout-xargs -l summary -d 'Print totals at the end'
