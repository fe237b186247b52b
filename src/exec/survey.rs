//! What runs now, looked at from outside the slots.

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

use super::Control;
use super::seat::Seat;
use crate::model::{Running, Sighting};
use crate::sys::tree;

/// How long slots have to answer. One that waits for a reader of our output does not; its job is listed all the same.
const PATIENCE: Duration = Duration::from_millis(200);

impl Control {
    /// The jobs that run now, in the order of their start. Costs slots nothing.
    pub fn running(&self) -> Vec<Running> {
        let mut jobs: Vec<Running> = self.seats().iter().filter_map(|seat| seat.job()).collect();
        jobs.sort_unstable_by_key(|job| (job.since, job.seq));
        jobs
    }

    /// The jobs that run now with all that can be said of them. Asks their slots, and waits for them for a moment.
    pub fn survey(&self) -> Vec<Sighting> {
        let seats = self.seats();
        let asked: Vec<_> = seats.iter().filter(|seat| seat.job().is_some()).collect();
        asked.iter().for_each(|seat| seat.ask());
        let began = Instant::now();
        let is_waiting = |seat: &Seat| seat.is_asked() && seat.job().is_some();
        while asked.iter().any(|seat| is_waiting(seat)) && began.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
        // Those whose parents have ended, by what may tell whose they are.
        let mut orphans: HashMap<i32, Vec<i32>> = HashMap::new();
        for pid in tree::adopted() {
            if let Some(stat) = tree::stat(pid) {
                orphans.entry(stat.group).or_default().push(pid);
            }
        }
        let sighting = |seat: &Seat| {
            let job = seat.job()?;
            let roots = orphans.get(&job.pid).into_iter().flatten().copied().chain([job.pid]);
            let processes = tree::descend(roots, &mut |_, _| true);
            let answer = seat.take_answer(job.seq);
            let (command, last_line) =
                answer.map_or_else(|| (command(&job), Vec::new()), |answer| (answer.command, answer.last_line));
            Some(Sighting {
                job,
                elapsed: job.since.elapsed(),
                rss: processes.iter().map(|(_, stat)| stat.rss).sum(),
                cpu: processes.iter().map(|(_, stat)| stat.cpu).sum(),
                command,
                last_line,
            })
        };
        let mut found: Vec<Sighting> = asked.iter().filter_map(|seat| sighting(seat)).collect();
        found.sort_unstable_by_key(|sighting| (sighting.job.since, sighting.job.seq));
        found
    }
}

/// What a job's process was started with, with blanks between the words.
pub fn command(job: &Running) -> Vec<u8> {
    let words = tree::command_line(job.pid).unwrap_or_default();
    words.strip_suffix(b"\0").unwrap_or(&words).iter().map(|byte| if *byte == 0 { b' ' } else { *byte }).collect()
}
