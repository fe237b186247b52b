//! Runs that are killed at any moment, and go on with another list.
//!
//! `FANOUT_ROUNDS` is how many runs are killed; 30 by default.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use crate::harness::{Dir, Signal, fanout, procs, seq, sh, wait_for};

/// Runs that are killed before the list is run to its end.
const KILLS: usize = 6;

/// A small generator of random numbers (xorshift), whose seed a failure names.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn one_in(&mut self, limit: usize) -> bool {
        self.below(limit) == 0
    }
}

fn rounds() -> usize {
    std::env::var("FANOUT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(30)
}

/// How many there are of each.
type Counts = BTreeMap<String, usize>;

fn count<'a>(items: impl IntoIterator<Item = &'a str>) -> Counts {
    let mut counts = Counts::new();
    items.into_iter().for_each(|item| *counts.entry(item.to_owned()).or_default() += 1);
    counts
}

/// The value of each whole row of a job that came to its end.
fn rows(dir: &Dir) -> Vec<String> {
    values(dir, |exit| exit != "-1")
}

/// The values of whole rows with such an Exitval (-1: ended with its run), found in their commands, not in the file of values.
fn values(dir: &Dir, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let text = if dir.has("log") { dir.text("log") } else { String::new() };
    let whole = &text[..text.rfind('\n').map_or(0, |at| at + 1)];
    let value = |row: &str| {
        assert!(row.split('\t').count() == 9, "a whole row: {row:?}");
        row.rsplit_once("#").expect("a mark").1.to_owned()
    };
    whole.lines().skip(1).filter(|row| row.split('\t').nth(6).is_some_and(&wanted)).map(value).collect()
}

/// The lines of a file that jobs write to, one write each.
fn evidence(dir: &Dir, name: &str, mark: char) -> Counts {
    let text = if dir.has(name) { dir.text(name) } else { String::new() };
    count(text.lines().filter_map(|line| line.strip_prefix(mark)))
}

/// The list of the next run: extended in front and elsewhere, reordered, shortened, with equal ones.
fn change(list: &mut Vec<String>, dice: &mut Dice, next: &mut usize) {
    for _ in 0..dice.below(6) {
        let value = if dice.one_in(4) && !list.is_empty() {
            list[dice.below(list.len())].clone()
        } else {
            *next += 1;
            format!("v{next}")
        };
        let at = if dice.one_in(2) { 0 } else { dice.below(list.len() + 1) };
        list.insert(at, value);
    }
    if list.is_empty() {
        return;
    }
    for _ in 0..dice.below(4) {
        let (one, other) = (dice.below(list.len()), dice.below(list.len()));
        list.swap(one, other);
    }
    for _ in 0..dice.below(3).min(list.len()) {
        list.remove(dice.below(list.len()));
    }
}

/// A list, killed and resumed and changed `KILLS` times and then run to its end.
fn story(seed: u64) {
    let mut dice = Dice(seed | 1);
    let dir = Dir::new();
    let templates = ["{#} {%}", "x{%}y", "out.{#}", ""];
    let numbers = templates[dice.below(templates.len())];
    let work = ["", "sleep 0.01;"][dice.below(2)];
    // The command ends with the value, after a mark.
    let job = format!("echo +{{}} >>$EVIDENCE; : {numbers}; {work} echo out {{}}; echo -{{}} >>$EVIDENCE; : end#{{}}");
    let order: &[&str] = if dice.one_in(2) { &["-k"] } else { &[] };
    let (mut list, mut next) = (Vec::new(), 0);
    while list.len() < 25 {
        change(&mut list, &mut dice, &mut next);
    }
    let mut finished = Counts::new();
    for run in 0..=KILLS {
        let at_all = format!("seed {seed}, run {run}");
        let before = rows(&dir);
        let done = count(before.iter().map(String::as_str));
        let wanted: HashMap<String, usize> = count(list.iter().map(String::as_str))
            .into_iter()
            .map(|(value, times)| (value.clone(), times.saturating_sub(done.get(&value).copied().unwrap_or(0))))
            .collect();
        let to_do: usize = wanted.values().sum();
        // One that was ended with its run has a row, and is run again, also where an equal one has been done by now.
        let ended = count(values(&dir, |exit| exit == "-1").iter().map(String::as_str));
        let (name, out) = (format!("evidence{run}"), format!("out{run}"));
        let out = dir.write(out, "");
        let input: String = list.iter().map(|value| format!("{value}\n")).collect();
        let cmd = fanout().dir(&dir).args(["-j4", "--resume", "--joblog", "log"]).args(order).arg(&job);
        let mut running = cmd.env("EVIDENCE", dir.join(&name)).stdin(input).stdout_to(&out).spawn();
        let mut status = 0;
        if run < KILLS {
            // After any number of starts, and a little later.
            let starts = dice.below(to_do + 1);
            let begun = Instant::now();
            while running.is_running() && evidence(&dir, &name, '+').values().sum::<usize>() < starts {
                assert!(begun.elapsed() < crate::harness::LIMIT, "{at_all}: {starts} starts");
            }
            std::thread::sleep(Duration::from_micros(dice.below(3000) as u64));
            // Either of the two processes of a run; the other one ends it then, and has its say before the log is looked at.
            let runner = procs::children(running.pid()).first().copied();
            match runner.filter(|_| dice.one_in(2)) {
                Some(runner) => procs::kill(runner, Signal::KILL),
                None => running.signal(Signal::KILL),
            }
            let done = running.wait().leaves_nothing();
            status = done.status.code().unwrap_or(-1);
            done.check(status <= 0, &format!("{at_all}: killed, or done before that"));
        } else {
            running.wait().ok();
        }
        let after = rows(&dir);
        assert_eq!(&after[..before.len()], before, "{at_all}: rows stay");
        // What a row says is done has been printed.
        let printed = String::from_utf8(std::fs::read(&out).expect("read the output")).expect("text");
        let printed = count(printed.lines().filter_map(|line| line.strip_prefix("out ")));
        for (value, times) in count(after[before.len()..].iter().map(String::as_str)) {
            assert!(printed.get(&value).copied().unwrap_or(0) >= times, "{at_all}: {value} has a row and no output");
        }
        for (value, times) in evidence(&dir, &name, '+') {
            let wanted = wanted.get(&value).copied().unwrap_or(0);
            let again = ended.get(&value).copied().unwrap_or(0);
            assert!(times <= wanted + again, "{at_all}: {value} ran {times} times, {wanted} were to do, {again} again");
            assert!(status != 0 || run < KILLS || times >= wanted, "{at_all}: {value} ran {times} of {wanted} times");
        }
        for (value, times) in evidence(&dir, &name, '-') {
            *finished.entry(value).or_default() += times;
        }
        if run == KILLS {
            let rows = count(after.iter().map(String::as_str));
            for (value, times) in count(list.iter().map(String::as_str)) {
                assert!(rows.get(&value).copied().unwrap_or(0) >= times, "{at_all}: {value} has no row");
                assert!(finished.get(&value).copied().unwrap_or(0) >= times, "{at_all}: {value} was lost");
            }
            return;
        }
        if dice.one_in(2) && dir.has("log") {
            // Torn anywhere in its last rows.
            let log = dir.read("log");
            let cut = log.len() - dice.below(300.min(log.len()) + 1);
            dir.write("log", &log[..cut]);
        }
        change(&mut list, &mut dice, &mut next);
    }
}

#[test]
fn runs_that_are_killed_lose_no_job_and_repeat_only_those_without_a_row() {
    let seeds = RandomState::new();
    for number in 0..rounds().div_ceil(KILLS) {
        story(seeds.hash_one(number));
    }
}

/// While nobody reads, output waits in our memory, and so must the rows of its jobs: a run that is killed then has printed what
/// its log says.
#[test]
fn no_row_overtakes_the_output_of_its_job() {
    const JOBS: usize = 60;
    let dir = Dir::new();
    dir.fifo("pipe");
    dir.write("list", seq(JOBS));
    // 4,000 bytes each: many are printed together, and all of them are more than a pipe holds.
    let script = r#"
        (exec 3<pipe; until [ -e go ]; do sleep 0.01; done; cat <&3 >out) &
        $FANOUT_BIN -j4 --joblog log 'head -c 3990 /dev/zero | tr "\0" x; echo _{}; touch ended{}' <list >pipe &
        echo $! >pid.new; mv pid.new pid
        wait $!; wait
    "#;
    let running = sh(script).dir(&dir).spawn();
    wait_for("the end of all jobs", || dir.has("pid") && dir.count("ended") == JOBS);
    let pid: i32 = dir.text("pid").trim().parse().expect("a process");
    // The process that prints.
    procs::kill(procs::children(pid)[0], Signal::KILL);
    dir.write("go", "");
    running.wait();
    let out = dir.text("out");
    let log = dir.text("log");
    let printed: Vec<&str> = out.lines().filter(|line| line.len() > 3990).collect();
    for row in log.lines().skip(1) {
        let seq = row.split('\t').next().expect("Seq");
        assert!(printed.iter().any(|line| line.ends_with(&format!("x_{seq}"))), "job {seq} has a row and no output");
    }
    assert!(printed.len() < JOBS, "the pipe has taken everything: this shows nothing");
}
