//! What jobs do that make it hard to end them.

/// What a job does once it has started.
#[derive(Debug)]
pub struct Shape {
    /// Its name in the table.
    pub name: &'static str,
    /// A part of a script for sh. `$word` is the number of seconds to sleep, which no other round has, and `./nest` starts the
    /// program under test.
    script: &'static str,
    /// So many processes that a round has one such job.
    pub is_large: bool,
    /// Some carry no mark in their environment: where fanout's process had children before, they count as those' own.
    pub is_unmarked: bool,
}

const fn shape(name: &'static str, script: &'static str) -> Shape {
    Shape { name, script, is_large: false, is_unmarked: false }
}

const fn unmarked(shape: Shape) -> Shape {
    Shape { is_unmarked: true, ..shape }
}

const fn large(shape: Shape) -> Shape {
    Shape { is_large: true, ..shape }
}

/// All shapes.
pub const SHAPES: &[Shape] = &[
    shape("plain", "exec sleep $word"),
    shape("background", "sleep $word & sleep $word & wait"),
    shape("session", "setsid sleep $word & setsid sh -c \"sleep $word; :\" & wait"),
    shape("daemon", "(setsid sh -c \"cd /; setsid sh -c 'sleep $word; :' & exit\" &); sleep $word"),
    shape(
        "stubborn",
        "trap '' TERM INT HUP QUIT; sh -c \"trap '' TERM; sleep $word; sleep $word\" & setsid sh -c \"sleep $word; :\" & \
         sleep $word; sleep $word",
    ),
    unmarked(shape(
        "bare-daemon",
        "(env -i setsid sh -c \"cd /; /usr/bin/setsid /bin/sh -c 'exec /bin/sleep $word <&- >&- 2>&-' & exit\" &); sleep $word",
    )),
    shape(
        "renamed",
        "bash -c \"exec -a '[kworker/0:1]' sleep $word\" & \
         (setsid bash -c \"echo kthreadd > /proc/self/comm; sleep $word; :\" &); wait; sleep $word",
    ),
    large(shape(
        "storm",
        "i=0; while [ $i -lt 24 ]; do (trap '' TERM; sleep 0.03; setsid sleep $word; sleep $word) & i=$((i+1)); done; wait",
    )),
    shape("chain", "sh ./chain $word 200 & sh ./chain $word 200 setsid & sleep $word"),
    unmarked(shape(
        "bare-chain",
        "(env -i setsid sh ./chain $word 200 setsid &); env -i sh ./chain $word 200 & sleep $word",
    )),
    large(shape("nested", "sh ./nest 2 \"(setsid sh -c 'sleep $word; :' &); sleep $word; :\"")),
    large(unmarked(shape(
        "nested-bare",
        "sh ./nest 3 \"trap '' TERM; (env -i setsid /bin/sleep $word <&- >&- 2>&- &); sh ./chain $word 200 setsid & sleep $word; \
         sleep $word\"",
    ))),
];

/// Each process starts its successor, perhaps in a session of its own, and ends.
pub const CHAIN: &str =
    "[ $2 -gt 0 ] || exit 0\nsleep 0.006\n$3 sh ./chain $1 $(($2-1)) $3 &\n[ $(($2%2)) = 0 ] || sleep 0.006\n";

impl Shape {
    /// The script of all jobs of a round: `sh ./job WORD WHAT`.
    pub fn job(&self) -> String {
        format!(
            "word=$1\n\
             case $2 in\n\
             short*) exit 0;;\n\
             left*) setsid sh -c 'echo $$ > left.new; mv left.new left; exec sleep '$word' <&- >&- 2>&-' &\n\
             until [ -e left ]; do sleep 0.005; done; exit 0;;\n\
             good*) sleep ${{2#good}}; exit 0;;\n\
             bad*) sleep ${{2#bad}}; exit 1;;\n\
             esac\n\
             : > started\n\
             {}\n",
            self.script
        )
    }
}
