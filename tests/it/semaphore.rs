//! One command under a semaphore: `sem`.

mod same;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use rustix::process::Signal;

use crate::harness::{Cmd, Dir, installed, is_root, procs, script_in, wait_for, with_links};

/// A script in which `sem` is fanout.
fn sem(dir: &Dir, script: &str) -> Cmd {
    script_in(dir, script).env("PATH", with_links(dir))
}

/// Where semaphores are in this directory.
fn folder(dir: &Dir) -> PathBuf {
    dir.tmp().join(format!("fanout-sem-{}", rustix::process::geteuid().as_raw()))
}

/// The files of all semaphores.
fn left(dir: &Dir) -> Vec<String> {
    let entries = fs::read_dir(folder(dir)).expect("a folder of semaphores").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Each reads a number, waits for a moment in which others would read the same one, and writes the next.
const COUNT_UP: &str = "read n <count; sleep 0.002; echo $((n + 1)) >count";

#[test]
fn fifty_processes_exclude_each_other() {
    let dir = Dir::new();
    dir.write("count", "0\n");
    let script = format!(
        "for i in $(seq 25); do sem --id c --fg '{COUNT_UP}' & sem --id c '{COUNT_UP}' & done; wait; sem --wait --id c"
    );
    sem(&dir, &script).run().ok().stdout("").stderr("");
    assert_eq!(dir.text("count"), "50\n");
    wait_for("nothing is left of it", || left(&dir).is_empty());
}

#[test]
fn no_more_than_n_are_in() {
    let dir = Dir::new();
    // Who comes in makes a file and counts all there are. Until ten have come, nobody goes before three are in.
    let job = "echo >in.$$; echo >>came; ls in.* | wc -l >>counts; \
               until [ $(ls in.* | wc -l) -ge 3 ] || [ $(wc -l <came) -ge 10 ]; do sleep 0.01; done; rm in.$$";
    let script = format!("for i in $(seq 12); do sem --id c -j3 '{job}'; done; sem --wait --id c; ls");
    sem(&dir, &script).run().ok().stdout("came\ncounts\n");
    let counts: Vec<u32> = dir.text("counts").lines().filter_map(|line| line.trim().parse().ok()).collect();
    assert!(counts.len() == 12 && counts.iter().all(|count| *count <= 3), "{counts:?}");
}

#[test]
fn who_wants_fewer_places_counts_all_that_are_in() {
    let dir = Dir::new();
    for n in 1..=3 {
        dir.fifo(format!("go{n}"));
    }
    // The third place stays taken when the others are free again: as GNU parallel, -j1 waits for that, too, and -j2 does not.
    let script = "for i in 1 2 3; do sem --id c -j3 \"read x <go$i; echo end >>log\"; done
        echo >go1; echo >go2; until [ $(cat log 2>/dev/null | wc -l) = 2 ]; do sleep 0.01; done
        sem --id c -j1 --st -0.2 echo never; echo $?
        sem --id c -j2 --fg --st -20 echo two are fine
        echo >go3; sem --id c -j1 --fg echo alone";
    sem(&dir, script).run().ok().stdout("1\ntwo are fine\nalone\n").stderr_has("giving up");
}

#[test]
fn a_holder_that_is_killed_frees_its_place_when_its_command_is_gone() {
    for (name, victim) in [("the runner", "$PPID"), ("the watcher", "$PARALLEL_PID")] {
        for late in [false, true] {
            eprintln!("{name}, late: {late}");
            let dir = Dir::new();
            let wait =
                if late { "until [ $(readlink /proc/$PARALLEL_PID/cwd) = / ]; do sleep 0.02; done" } else { ":" };
            // Each leaves a daemon that is hard to end, and looks whether that of the one before is there.
            let job = format!(
                "trap '' TERM; [ -e daemon ] && readlink /proc/$(cat daemon)/cwd; rm -f daemon\n\
                 setsid sh -c 'echo $$ >new; mv new daemon; exec sleep 1000' &\n\
                 until [ -e daemon ]; do sleep 0.01; done; {wait}; echo >>killed; kill -9 {victim}; sleep 1000"
            );
            dir.write("job", job);
            let script = "for i in 1 2 3 4; do sem --id c --fg sh job & done; wait; sem --id c --fg echo free";
            sem(&dir, script).run().ok().stdout("free\n").leaves_nothing();
            assert_eq!((dir.text("killed"), left(&dir)), ("\n\n\n\n".to_owned(), Vec::new()));
        }
    }
}

#[test]
fn what_a_command_has_left_does_not_keep_its_place() {
    let dir = Dir::new();
    let script = "sem --id c --fg 'sleep 1000 >/dev/null 2>&1 </dev/null & echo $! >pid'; sem --id c --fg --st -30 echo free; kill $(cat pid)";
    sem(&dir, script).run().ok().stdout("free\n");
}

#[test]
fn the_caller_goes_on_at_once_and_output_still_arrives() {
    let dir = Dir::new();
    dir.fifo("go");
    // Would never end if the first sem waited for its command.
    sem(&dir, "sem --id c 'read x <go; echo later'; echo at once; echo >go; sem --id c --wait")
        .run()
        .ok()
        .stdout("at once\nlater\n");
}

#[test]
fn time_that_is_over() {
    let dir = Dir::new();
    dir.fifo("go");
    let script = "sem --id c 'read x <go; echo first'
        sem --id c --st -0.05 echo never; echo $?
        sem --id c --fg --st 0.05 'echo forced; exit 3'; echo $?
        sem --id c --wait --st -0.05; echo $?
        sem --id c --wait --st 0.05; echo $?
        sem --id other --st -0.05 --fg echo free; echo $?
        echo >go; sem --id c --wait; echo $?";
    let done = sem(&dir, script).run().ok();
    done.stdout("1\nforced\n3\n1\n0\nfree\n0\nfirst\n0\n").stderr(
        "sem: warning: the semaphore is still taken: giving up (--semaphore-timeout)\n\
         sem: warning: the semaphore is still taken: going on without a free place (--semaphore-timeout)\n\
         sem: warning: the semaphore is still taken: giving up (--semaphore-timeout)\n\
         sem: warning: the semaphore is still taken: going on without a free place (--semaphore-timeout)\n",
    );
}

#[test]
fn time_is_over_also_where_somebody_was_stopped_on_the_threshold() {
    installed(["flock"]);
    let dir = Dir::new();
    let inner = "sem --id c --st -0.05 echo never; echo $?; sem --id c --fg --st 0.05 echo forced; sem --id c --wait --st -0.05; echo $?";
    let script = format!(
        "sem --id c --fg true; flock $TMPDIR/fanout-sem-$(id -u)/id-c.lock sh -c '{inner}'; sem --id c --fg echo free"
    );
    sem(&dir, &script).run().ok().stdout("1\nforced\n1\nfree\n");
    assert_eq!(left(&dir), [""; 0]);
}

#[test]
fn who_took_a_place_by_force_counts() {
    let dir = Dir::new();
    dir.fifo("go1");
    dir.fifo("go2");
    let script = "sem --id c 'read x <go1; echo first >>log'; sem --id c --st 0.05 'read x <go2; echo second >>log'
        echo >go1; until [ -s log ]; do sleep 0.01; done
        sem --id c --st -0.2 echo never; echo $?; echo >go2; sem --id c --fg cat log";
    sem(&dir, script).run().ok().stdout("1\nfirst\nsecond\n");
}

#[test]
fn a_signal_ends_who_waits_and_who_runs() {
    let dir = Dir::new();
    let script = "sem --id c 'echo $PARALLEL_PID >new; mv new holder; exec sleep 1000'; sem --id c --fg echo never & \
                  echo $! >new2; mv new2 waiter; wait $!; echo $?";
    let running = sem(&dir, script).spawn();
    for who in ["waiter", "holder"] {
        wait_for(who, || dir.has(who));
        procs::kill(dir.text(who).trim().parse().expect("a process"), Signal::TERM);
    }
    running.wait().ok().stdout("143\n").leaves_nothing();
    assert_eq!(left(&dir), [""; 0]);
}

#[test]
fn any_name_is_a_name() {
    let long = "x".repeat(5000);
    let names = ["..", ".", "", "/", "a/b", "../../x", "a b", "$(touch hit)", "%2f", "-", "é\n", &long, "x.lock", "*"];
    let dir = Dir::new();
    // All at once: none is another one's.
    for name in names {
        let job = "until [ -e go ]; do sleep 0.05; done";
        sem(&dir, &format!("sem --id \"$NAME\" '{job}' >/dev/null 2>&1")).env("NAME", name).run().ok();
        sem(&dir, "sem --id \"$NAME\" --st -0.01 echo never").env("NAME", name).run().fails_with(1).stdout("");
    }
    assert_eq!(left(&dir).len(), 2 * names.len());
    let beside = fs::read_dir(dir.tmp()).expect("list it").count();
    assert_eq!((beside, dir.count("")), (1, 0), "nothing beside the folder of semaphores");
    dir.write("go", "");
    for name in names {
        sem(&dir, "sem --id \"$NAME\" --wait").env("NAME", name).run().ok();
    }
    wait_for("nothing is left", || left(&dir).is_empty());
}

#[test]
fn a_folder_that_is_not_ours_alone_is_refused() {
    let refused = |dir: &Dir| {
        let message = format!(
            "sem: {} is not a folder that only you can use: remove it, or set TMPDIR to a folder of your own\n",
            folder(dir).display()
        );
        sem(dir, "sem --id c --fg echo never").run().fails_with(255).stdout("").stderr(message);
    };
    let dir = Dir::new();
    fs::create_dir(folder(&dir)).expect("make it");
    fs::set_permissions(folder(&dir), fs::Permissions::from_mode(0o777)).expect("open it");
    refused(&dir);
    let dir = Dir::new();
    symlink(dir.path(), folder(&dir)).expect("link it");
    refused(&dir);
    let dir = Dir::new();
    fs::write(folder(&dir), "").expect("write it");
    refused(&dir);
    if is_root() {
        let dir = Dir::new();
        fs::create_dir(folder(&dir)).expect("make it");
        std::os::unix::fs::chown(folder(&dir), Some(12345), None).expect("give it away");
        fs::set_permissions(folder(&dir), fs::Permissions::from_mode(0o700)).expect("close it");
        refused(&dir);
    }
}

#[test]
fn things_planted_in_the_folder_are_not_followed() {
    let dir = Dir::new();
    sem(&dir, "sem --id c --fg true").run().ok();
    let victim = dir.write("victim", "whole\n");
    symlink(&victim, folder(&dir).join("id-c.lock")).expect("link it");
    sem(&dir, "sem --id c --fg echo never").run().fails_with(255).stderr_has("can't open");
    fs::remove_file(folder(&dir).join("id-c.lock")).expect("remove it");
    fs::write(folder(&dir).join("id-c.1"), "").expect("write it");
    sem(&dir, "sem --id c --fg echo never")
        .run()
        .fails_with(255)
        .stderr_has("id-c.1 is not what a semaphore is made of: remove it");
    assert_eq!(dir.text("victim"), "whole\n");
}

#[test]
fn the_environment_does_not_matter() {
    let dir = Dir::new();
    dir.fifo("go");
    // TMPDIR is kept, for the test's sake.
    let script = "sem --id c 'read x <go'; for e in HOME=/nowhere XDG_RUNTIME_DIR=$PWD USER=x; do
        env -i TMPDIR=$TMPDIR PATH=$PATH $e sem --id c --st -0.01 echo never; echo $?; done
        echo >go; sem --id c --wait; ls";
    sem(&dir, script).run().ok().stdout("1\n1\n1\ngo\n");
    sem(&dir, "TMPDIR=/no/such sem --fg echo never")
        .run()
        .fails_with(255)
        .stderr_has("set TMPDIR to one that you can write in");
}

#[test]
fn without_a_terminal_all_share_one() {
    let dir = Dir::new();
    dir.fifo("go");
    let script = "sem 'read x <go'; sem --id 'not a tty' --st -0.01 echo never; echo $?; echo >go; sem --wait";
    sem(&dir, script).run().ok().stdout("1\n");
}

#[test]
fn a_terminal_has_its_own() {
    let dir = Dir::new();
    let script = "tty=$(tty); sem --bg 'until [ -e go ]; do sleep 0.01; done'; sem --id \"$tty\" --st -0.01 echo never; echo \"status $?\"; \
                  touch go; sem --wait; echo over";
    let terminal = sem(&dir, script).on_terminal(24, 80);
    let rows = terminal.wait().1;
    assert!(rows.contains(&"status 1".to_owned()) && rows.last().is_some_and(|row| row == "over"), "{rows:#?}");
}

#[test]
fn what_is_wrong_is_said_before_the_caller_goes_on() {
    let dir = Dir::new();
    sem(&dir, "sem --joblog /no/such/log echo never").run().fails_with(255).stdout("").stderr_has("/no/such/log");
    sem(&dir, "sem -a missing cat").run().fails_with(255).stdout("").stderr_has("can't open missing");
    sem(&dir, "sem --st x echo never").run().fails_with(255).stdout("").stderr_has("--semaphore-timeout 'x'");
    sem(&dir, "sem -a a -a b cat").run().fails_with(255).stderr_has("give no more");
}

#[test]
fn waiting_is_for_all_whatever_jobs_says() {
    let dir = Dir::new();
    // GNU parallel: as soon as fewer than three run.
    let script =
        "sem --id c -j3 'until [ -e go ]; do sleep 0.01; done; echo >done'; sem --id c -j3 --wait --st -0.05; echo $?
        touch go; sem --id c -j3 --wait; ls";
    sem(&dir, script).run().ok().stdout("1\ndone\ngo\n");
}

#[test]
fn unlimited_places_are_never_taken() {
    let dir = Dir::new();
    let job = "until [ -e go ]; do sleep 0.02; done; echo >>log";
    let script = format!("for i in $(seq 8); do sem --id c -j0 '{job}'; done; touch go; sem --id c --wait; wc -l <log");
    sem(&dir, &script).run().ok().stdout("8\n");
}
