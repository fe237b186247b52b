//! The pipeline between input and output without a process: a fake executor, the real pool and the real scheduler.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::AsFd;
use std::sync::Mutex;
use std::time::Duration;

use super::*;
use crate::exec::{Attempt, Listener, Task, Trial};
use crate::input::Inputs;
use crate::model::{Event, Finished, Outcome, Record, Seq, Words};
use crate::options::{self, Halt, HaltAt, HaltOn, InputSource, RetryDelay, SourceKind, Tries};
use crate::schedule::Ending;
use crate::template::{Insertion, Names, ShellFamily, Strings, Template};

/// What a job does at a try, by its number and the number of the try.
type Script = fn(u64, u32) -> Attempt;

struct Fake<'a> {
    script: Script,
    /// Of all slots: a job may be tried again by another one.
    tries: &'a Mutex<BTreeMap<u64, u32>>,
}

impl Executor for Fake<'_> {
    fn execute(&mut self, task: &Task<'_>) -> Attempt {
        let seq = task.record.seq.0;
        let count = {
            let mut tries = self.tries.lock().expect("not poisoned");
            let count = tries.entry(seq).or_default();
            *count += 1;
            *count
        };
        (self.script)(seq, count)
    }
}

/// How each job ended.
#[derive(Default)]
struct Ends {
    jobs: BTreeMap<u64, Finished>,
    /// The jobs that were said to start, in that order.
    starts: Vec<u64>,
}

impl Listener for Ends {
    fn hear(&mut self, event: Event) {
        match event {
            Event::Finished(finished) => {
                let earlier = self.jobs.insert(finished.seq.0, *finished);
                assert!(earlier.is_none(), "one end for each job");
            }
            Event::Started(started) => self.starts.push(started.seq.0),
            _ => {}
        }
    }

    fn is_at_ease(&self) -> bool {
        true
    }

    fn rest(&mut self, _may_wait: bool) -> bool {
        true
    }

    fn interval(&self) -> Option<Duration> {
        None
    }
}

fn exited(status: i32) -> Attempt {
    Attempt::Ended(Box::new(Trial::without_process(Outcome::Exited(status))))
}

/// Runs `jobs` jobs by the script; answers what was reported of each, and the end.
fn play(options: &Options, jobs: u64, slots: usize, script: Script) -> (BTreeMap<u64, Finished>, Ending) {
    let (ends, ending) = perform(options, jobs, slots, script);
    (ends.jobs, ending)
}

fn perform(options: &Options, jobs: u64, slots: usize, script: Script) -> (Ends, Ending) {
    let diag = Diag::new("test");
    let (stop_input, attention) = (Wake::new().expect("a wake"), Wake::new().expect("a wake"));
    let signals = Signals::collect(&[]).expect("a descriptor");
    let (template, _) = Template::compile(
        &[b"true".to_vec()],
        ShellFamily::Posix,
        Insertion::default(),
        &mut Strings::new(ShellFamily::Posix),
    )
    .expect("compiles");
    let mut strings = Strings::new(ShellFamily::Posix);
    let surroundings = Surroundings::default();
    let cx = context::context(options, &Names::default(), &template, &mut strings, Shell::choose(), surroundings)
        .expect("a context");
    let scheduler = Scheduler::new(&options.control, &diag, &cx.control, &stop_input, &attention);
    let mut ends = Ends::default();
    let events = Events::new(16, &mut ends, &attention);
    let tries = Mutex::default();
    let make = |_: Slot| -> io::Result<Box<dyn Executor>> { Ok(Box::new(Fake { script, tries: &tries })) };
    let limit = || slots;
    let pool = Pool::new(&cx, &scheduler, &make, &events, &limit, Vec::new());
    let ending = thread::scope(|scope| {
        let until_the_end = events.join();
        scope.spawn(|| {
            let _until_the_end = until_the_end;
            for seq in 1..=jobs {
                pool.submit(scope, Record::new(Seq(seq), Words::new()));
            }
            pool.close();
        });
        let is_done = || {
            if scheduler.is_stopping() {
                pool.end_waits();
            }
            events.is_over()
        };
        scheduler.supervise(&signals, attention.as_fd(), &is_done, &|_| {})
    });
    (ends, ending)
}

fn count(ends: &BTreeMap<u64, Finished>, outcome: &Outcome) -> usize {
    ends.values().filter(|finished| finished.outcome == *outcome).count()
}

#[test]
fn every_job_ends_once_whatever_becomes_of_it() {
    let (ends, ending) = play(&Options::default(), 5000, 8, |seq, _| exited(i32::from(seq % 10 == 0)));
    assert_eq!(ends.len(), 5000);
    assert_eq!(ending.failed, 500);
    assert_eq!(verdict(&ending, false, false, &Diag::new("test")).expect("a status"), Exit::Status(101));
}

#[test]
fn a_job_is_tried_again_until_it_succeeds_or_the_tries_are_used_up() {
    let mut options = Options::default();
    options.control.tries = Tries::Each(Some(3));
    let (ends, ending) = play(&options, 100, 4, |seq, tries| exited(i32::from(u64::from(tries) < seq % 5 + 1)));
    assert_eq!(ends.len(), 100);
    for (seq, finished) in &ends {
        assert_eq!(u64::from(finished.tries), (seq % 5 + 1).min(3), "job {seq}");
        assert_eq!(finished.success, seq % 5 < 3, "job {seq}");
    }
    assert_eq!(ending.failed, 40);
}

#[test]
fn retrying_jobs_wait_outside_the_slots_and_all_slots_work() {
    let mut options = Options::default();
    options.control.tries = Tries::Each(Some(4));
    let ms = Duration::from_millis;
    options.control.retry_delay = RetryDelay::Exponential { base: ms(1), max: ms(3) };
    let (ends, ending) = play(&options, 500, 2, |seq, tries| {
        // Long enough for the other slot to be needed.
        thread::sleep(Duration::from_micros(100));
        exited(i32::from(seq % 2 == 0 || tries < 3))
    });
    assert_eq!((ends.len(), ending.failed), (500, 250));
    assert!(ends.values().all(|finished| finished.tries == if finished.success { 3 } else { 4 }));
    let by_slot = |slot| ends.values().filter(|finished| finished.slot == Some(Slot(slot))).count();
    assert!(by_slot(1) > 0 && by_slot(2) > 0 && by_slot(1) + by_slot(2) == 500);
}

#[test]
fn jobs_that_wait_for_a_try_are_not_lost_when_the_run_is_halted() {
    let mut options = Options::default();
    options.control.tries = Tries::Each(None);
    options.control.retry_delay = RetryDelay::Fixed(Duration::from_secs(1000));
    options.control.halt = Halt::When { now: true, what: HaltOn::Success, threshold: HaltAt::Count(1) };
    let (ends, ending) = play(&options, 50, 2, |seq, _| exited(if seq == 40 { 0 } else { 3 }));
    assert_eq!(ends.len(), 50);
    // Whatever was started has ended as it did, and was not skipped.
    assert!(ends.values().all(|finished| (finished.tries > 0) == (finished.outcome != Outcome::Skipped)));
    assert!(count(&ends, &Outcome::Exited(3)) >= 38, "those before the one that succeeded, but for the other slot's");
    assert_eq!(ending.failed as usize, count(&ends, &Outcome::Exited(3)));
    assert_eq!(verdict(&ending, false, false, &Diag::new("test")).expect("a status"), Exit::Status(0));
}

#[test]
fn tries_without_a_limit_end_with_the_run() {
    let mut options = Options::default();
    options.control.tries = Tries::Each(None);
    options.control.global_timeout = Some(Duration::from_millis(50));
    let (ends, ending) = play(&options, 20, 2, |_, _| exited(1));
    assert_eq!(ends.len(), 20);
    assert!(ending.expired && count(&ends, &Outcome::Exited(1)) > 0);
    assert_eq!(verdict(&ending, false, false, &Diag::new("test")).expect("a status"), Exit::Status(124));
}

#[test]
fn a_halt_starts_nothing_more_and_skips_the_rest() {
    let mut options = Options::default();
    options.control.halt = Halt::When { now: false, what: HaltOn::Fail, threshold: HaltAt::Count(1) };
    let (ends, ending) = play(&options, 300, 1, |seq, _| exited(if seq == 7 { 9 } else { 0 }));
    assert_eq!(ends.len(), 300, "those that never started have an end, too");
    assert_eq!(count(&ends, &Outcome::Skipped), 293);
    assert_eq!(verdict(&ending, false, false, &Diag::new("test")).expect("a status"), Exit::Status(9));
}

#[test]
fn a_refusal_of_the_machine_costs_no_job() {
    let (ends, ending) = play(&Options::default(), 200, 4, |seq, tries| match (seq % 50, tries) {
        (0, 1 | 2) => Attempt::Refused(io::Error::from_raw_os_error(11)),
        _ => exited(0),
    });
    assert_eq!((ends.len(), ending.failed), (200, 0));
    assert_eq!(count(&ends, &Outcome::Exited(0)), 200);
}

#[test]
fn a_job_that_the_machine_refuses_is_announced_once() {
    let mut options = Options::default();
    options.report.progress = options::Progress::Counts;
    let (ends, _) = perform(&options, 4, 1, |_, tries| match tries {
        1 | 2 => Attempt::Refused(io::Error::from_raw_os_error(11)),
        _ => exited(0),
    });
    assert_eq!(ends.starts, [1, 2, 3, 4]);
}

#[test]
fn a_bug_of_ours_in_the_reader_ends_the_run_with_an_error() {
    let mut options = Options::default();
    options.input.sources = vec![InputSource { kind: SourceKind::Words(vec![b"a".to_vec()]), linked: false }];
    options.batch.max_records = Some(2);
    let diag = Diag::new("test");
    let (stop, attention) = (Wake::new().expect("a wake"), Wake::new().expect("a wake"));
    let signals = Signals::collect(&[]).expect("a descriptor");
    let mut strings = Strings::new(ShellFamily::Posix);
    let command = [b"true".to_vec()];
    let (template, _) =
        Template::compile(&command, ShellFamily::Posix, Insertion::default(), &mut strings).expect("compiles");
    let surroundings = Surroundings::default();
    let cx = context::context(&options, &Names::default(), &template, &mut strings, Shell::none(), surroundings)
        .expect("a context");
    let inputs = Inputs::open(&options.input, &options.batch, &stop).expect("inputs");
    let gauge =
        Gauge { added: Box::new(|_, _, _| panic!("a bug, on purpose")), ..Gauge::new(&template, Box::new(|| 1)) };
    let mut source = Source::new(inputs, &options.batch, gauge);
    let mut report = Report::open(&options, Audience::default(), &diag).expect("a report");
    let mut resume = Resume::open(&options, &template, None, &mut report, &diag).expect("nothing to resume");
    let scheduler = Scheduler::new(&options.control, &diag, &cx.control, &stop, &attention);
    let (mut ends, tries, limit) = (Ends::default(), Mutex::default(), || 1);
    let events = Events::new(16, &mut ends, &attention);
    let make =
        |_: Slot| -> io::Result<Box<dyn Executor>> { Ok(Box::new(Fake { script: |_, _| exited(0), tries: &tries })) };
    let pool = Pool::new(&cx, &scheduler, &make, &events, &limit, Vec::new());
    let read = thread::scope(|scope| {
        // A slot that waits for more.
        pool.submit(scope, Record::new(Seq(1), Words::new()));
        let (source, resume) = (&mut source, &mut resume);
        let feed = Feed { source, resume, scheduler: &scheduler, stop: &stop, pool: &pool, events: &events };
        let reading = feed.start(scope, events.join());
        scheduler.supervise(&signals, attention.as_fd(), &|| events.is_over(), &|_| {});
        reading.end()
    });
    assert_eq!(read.expect_err("a bug").to_string(), "internal error: the reader failed");
}

#[test]
fn a_bug_of_ours_costs_one_job_and_gives_its_permit_back() {
    let (ends, ending) = play(&Options::default(), 50, 1, |seq, _| {
        assert!(seq != 20, "a bug, on purpose");
        exited(0)
    });
    assert_eq!((ends.len(), ending.failed), (50, 1));
    assert!(matches!(ends[&20].outcome, Outcome::SpawnFailed(_)));
}

#[test]
fn starts_are_a_delay_apart_over_all_slots() {
    let mut options = Options::default();
    options.control.delay.time = Duration::from_millis(5);
    let began = Instant::now();
    let (ends, _) = play(&options, 10, 4, |_, _| exited(0));
    assert_eq!(ends.len(), 10);
    assert!(began.elapsed() >= Duration::from_millis(45));
}
