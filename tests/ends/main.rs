//! Ends runs at random moments, in each way with each shape of job, and counts who is left: `cargo test --test ends`.
//!
//! Survivors are found by means that are none of fanout's own (`found.rs`): the control group of the round where one can be
//! made, the folder that they work in, and a word on their command lines. A survivor is who is still there one second after
//! the termination sequence was due to end, and when fanout itself has ended. Nobody may be harmed, either: look-alikes, children that fanout's process had
//! before it became fanout, daemons that finished jobs have left.
//!
//! | variable | |
//! |---|---|
//! | `FANOUT_ENDS` | how many runs of fanout to end (40), the rows in turn |
//! | `FANOUT_ENDS_OTHERS` | how often to end GNU parallel and xargs, for each row (0) |
//! | `FANOUT_ENDS_SEED` | for the random moments; it is printed |
//! | `FANOUT_BIN` | the fanout to test |
//!
//! Words after `--` choose rows: `cargo test --test ends -- kill-runner daemon`. `docs/ends.md` has results.

#![cfg(unix)]

mod bystander;
mod end;
mod found;
mod random;
mod round;
mod shape;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use bystander::Bystanders;
use end::{ENDS, End};
use found::Place;
use round::{Round, Tool};
use shape::{SHAPES, Shape};
use table::Table;

/// Rounds at a time: most of a round is waiting.
const WORKERS: usize = 4;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let all = ENDS.into_iter().flat_map(|end| SHAPES.iter().map(move |shape| (end, shape)));
    let rows: Vec<(End, &Shape)> = all.filter(|(end, shape)| is_chosen(&words, end.name(), shape.name)).collect();
    if std::env::args().any(|word| word == "--list") {
        rows.iter().for_each(|(end, shape)| println!("{} {}: test", end.name(), shape.name));
        return ExitCode::SUCCESS;
    }
    if rows.is_empty() {
        return ExitCode::SUCCESS;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let seed = number("FANOUT_ENDS_SEED").unwrap_or(now);
    let ends = usize::try_from(number("FANOUT_ENDS").unwrap_or(40)).unwrap_or(usize::MAX);
    let others = number("FANOUT_ENDS_OTHERS").unwrap_or(0);
    println!("seed {seed}, {ends} ends of fanout, {others} of GNU parallel and of xargs for each row");

    let place = Place::new();
    let bystanders = Bystanders::start(&place);
    // Odd, and far from any divisor of the number of rows: also a few ends touch all ends and all shapes.
    let stride = (1..).find(|step| step * 5 > rows.len() * 2 && gcd(*step, rows.len()) == 1).unwrap_or(1);
    let mut plan: Vec<Round<'_>> = Vec::new();
    for index in 0..ends {
        let (end, shape) = rows[index * stride % rows.len()];
        plan.push(Round { tool: Tool::Fanout, end, shape, index });
    }
    for tool in [Tool::Parallel, Tool::Xargs] {
        for &(end, shape) in rows.iter().filter(|(end, _)| tool.knows(*end)) {
            for _ in 0..others {
                plan.push(Round { tool, end, shape, index: plan.len() });
            }
        }
    }
    let table = Mutex::new(Table::default());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(round) = plan.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let tally = round.run(&place, seed);
                    table.lock().expect("no worker panics with it").add(round, &tally);
                }
            });
        }
    });
    let table = table.into_inner().expect("no worker panics with it");
    let harmed = bystanders.harmed();
    bystanders.end();
    // Whoever slipped through the looks at a round that was taken for over.
    let late = place.late();
    println!("{}", table.render(plan.len() > rows.len()));
    println!("bystanders harmed: {}; found after all rounds: {}", harmed.len(), late.len());
    harmed.iter().chain(&late).for_each(|line| println!("  {line}"));
    if table.is_clean() && harmed.is_empty() && late.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One word of an end's name and one of a shape's, or one of the two.
fn is_chosen(words: &[String], end: &str, shape: &str) -> bool {
    words.iter().all(|word| end.contains(word.as_str()) || shape.contains(word.as_str()))
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable}={value} is no number")))
}

/// The fanout to test.
fn fanout_bin() -> PathBuf {
    std::env::var_os("FANOUT_BIN").map_or_else(|| env!("CARGO_BIN_EXE_fanout").into(), PathBuf::from)
}
