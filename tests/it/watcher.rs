//! The watcher is nobody's business: who waits for a pipe, a lock, a file system or the end of a run waits for nothing more
//! than fanout itself, whether it ends or is killed.

use rustix::process::Signal;

use crate::harness::{fanout, installed, is_root, procs, sh, wait_for};

/// What a job does to its fanout: nothing, or the end of the process that does the work, soon or when there is a watcher with
/// a memory of its own, or the end of the watcher.
const ENDS: [(&str, &str); 4] = [
    ("ends", ":"),
    ("is killed early", "kill -9 $PPID; sleep 1000"),
    (
        "is killed late",
        "until [ $(readlink /proc/$PARALLEL_PID/cwd) = / ]; do sleep 0.02; done; kill -9 $PPID; sleep 1000",
    ),
    ("has its watcher killed", "kill -9 $PARALLEL_PID; sleep 1000"),
];

#[test]
fn command_substitutions_and_pipes_end_with_fanout() {
    for (name, end) in ENDS {
        eprintln!("fanout {name}");
        let job = format!("echo {{}} >&2; (setsid sleep 1000 >/dev/null 2>&1 &); {end}");
        // Killed before the job's output is printed, it prints none.
        let script = format!(
            "out=$(\"$FANOUT_BIN\" -u '{job}' ::: x); echo \"substituted $out\"\n\"$FANOUT_BIN\" -u '{job}' ::: y | cat\necho piped\n"
        );
        sh(&script).run().ok().stdout("substituted \npiped\n").stderr_has("x\n").stderr_has("y\n");
    }
}

#[test]
fn locks_of_the_caller_end_with_fanout() {
    for (name, end) in &ENDS[..3] {
        eprintln!("fanout {name}");
        let script = format!(
            "flock lock \"$FANOUT_BIN\" '{end}; : {{}}' ::: x\nflock -n lock true || {{ echo held; exit 1; }}\necho free\n"
        );
        sh(&script).run().ok().stdout("free\n");
    }
}

#[test]
fn file_systems_can_be_unmounted_when_fanout_has_ended() {
    // Only root may mount.
    if !is_root() {
        return;
    }
    for (name, end) in &ENDS[..3] {
        eprintln!("fanout {name}");
        let script = format!(
            "mkdir -p place; mount -t tmpfs none place; cd place\n\
             \"$FANOUT_BIN\" --on-leak kill 'echo >> ready; setsid sleep 1000 & {end}; : {{}}' ::: x\n\
             [ -s ready ] && cd .. && umount place && echo free\n"
        );
        sh(&script).under(["unshare", "--mount"]).run().ok().stdout("free\n");
    }
}

#[test]
fn fanout_in_fanout_ends_with_it() {
    let inner = "echo >> ready; (setsid sleep 1000 &); (env -i setsid /bin/sleep 1000 <&- >&- 2>&- &); trap '' TERM; sleep 1000; \
                 sleep 1000; :";
    let outer = "\"$FANOUT_BIN\" -j2 \"$INNER\" ::: {} 2; :";
    for how in ["TERM", "INT", "KILL of the watcher", "KILL of the runner"] {
        eprintln!("{how}");
        let running = fanout().env("INNER", format!("{inner} {{}}")).args([outer, ":::", "1", "2"]).spawn();
        wait_for("the inner jobs", || running.dir().has("ready") && running.dir().text("ready").lines().count() >= 4);
        let end = match how {
            "TERM" => (running.pid(), Signal::TERM),
            "INT" => (running.pid(), Signal::INT),
            "KILL of the watcher" => (running.pid(), Signal::KILL),
            _ => (running.runner(), Signal::KILL),
        };
        procs::kill(end.0, end.1);
        running.wait().dies_of(end.1).leaves_nothing();
    }
}

#[test]
fn it_ends_the_jobs_also_where_session_and_group_are_led_from_outside_of_the_process_namespace() {
    // Only root may make one.
    if !is_root() {
        return;
    }
    installed(["unshare"]);
    let script = "\"$FANOUT_BIN\" 'echo >> ready; setsid sleep 1000 & sleep 1000; : {}' ::: x & \
                  until [ -s ready ]; do sleep 0.02; done; read -r runner </proc/$!/task/$!/children; kill -9 $runner; \
                  wait $!; echo $?; until ! ps -e -o args= | grep -q '^sleep 1000'; do sleep 0.02; done; echo gone";
    sh(script).under(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]).run().ok().stdout("137\ngone\n");
}
