use super::*;
use crate::model::{Seq, Words};

fn record(n: u64) -> Record {
    Record::new(Seq(n), Words::new())
}

#[test]
fn one_slot_takes_records_in_their_order() {
    let queue = Queue::default();
    let mut local = queue.join();
    local.took(Duration::from_micros(100));
    for n in 1..=100 {
        queue.push(record(n));
    }
    queue.close();
    let taken: Vec<u64> = std::iter::from_fn(|| queue.next(&mut local)).map(|work| work.record.seq.0).collect();
    assert_eq!(taken, (1..=100).collect::<Vec<u64>>());
}

#[test]
fn batches_hold_no_more_than_two_milliseconds_of_work() {
    let queue = Queue::default();
    let mut local = queue.join();
    assert_eq!(local.batch(), 1, "one until it is known how long jobs take");
    local.took(Duration::from_micros(500));
    assert_eq!(local.batch(), 4);
    for _ in 0..50 {
        local.took(Duration::from_secs(1));
    }
    assert_eq!(local.batch(), 1);
}

#[test]
fn what_a_busy_slot_holds_is_stolen() {
    let queue = Queue::default();
    let (mut busy, mut other) = (queue.join(), queue.join());
    busy.took(Duration::from_micros(100));
    for n in 1..=4 {
        queue.push(record(n));
    }
    queue.close();
    assert_eq!(queue.next(&mut busy).map(|work| work.record.seq), Some(Seq(1)));
    let mut rest: Vec<u64> = std::iter::from_fn(|| queue.next(&mut other)).map(|work| work.record.seq.0).collect();
    rest.sort_unstable();
    assert_eq!(rest, [2, 3, 4]);
    assert!(queue.steals() > 0);
}

#[test]
fn many_slots_and_a_bounded_reader_lose_nothing() {
    let queue = Queue::default();
    let total = 20 * MAX_RECORDS as u64;
    let sum = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut local = queue.join();
                local.took(Duration::from_micros(50));
                while let Some(work) = queue.next(&mut local) {
                    sum.fetch_add(work.record.seq.0, Ordering::Relaxed);
                }
            });
        }
        for n in 1..=total {
            queue.push(record(n));
        }
        queue.close();
    });
    assert_eq!(sum.into_inner(), total * (total + 1) / 2);
}

#[test]
fn a_job_that_is_tried_again_comes_before_those_that_were_not_started() {
    let queue = Queue::default();
    let mut local = queue.join();
    (1..=3).for_each(|n| queue.push(record(n)));
    queue.close();
    let first = queue.next(&mut local).expect("the first");
    queue.push_again(first, Instant::now());
    let taken: Vec<u64> = std::iter::from_fn(|| queue.next(&mut local)).map(|work| work.record.seq.0).collect();
    assert_eq!(taken, [1, 2, 3]);
}

#[test]
fn who_waits_for_a_try_needs_a_slot() {
    let queue = Queue::default();
    assert!(!queue.needs_slot());
    queue.push_again(
        Work { record: record(1), earlier: None, named: false },
        Instant::now() + Duration::from_secs(1000),
    );
    assert!(queue.needs_slot());
    queue.hurry();
    queue.close();
    let mut local = queue.join();
    assert!(queue.next(&mut local).is_some() && queue.next(&mut local).is_none());
    assert!(!queue.needs_slot());
}

#[test]
fn nothing_is_lost_or_doubled_while_slots_hand_jobs_back() {
    // Each job comes back as often as the last digit of its number says, after up to 3 ms.
    let total = 2000;
    let queue = Queue::default();
    let runs: Vec<AtomicUsize> = (0..=total).map(|_| AtomicUsize::new(0)).collect();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let mut local = queue.join();
                local.took(Duration::from_micros(100));
                while let Some(work) = queue.next(&mut local) {
                    let n = work.record.seq.0;
                    let run = runs[n as usize].fetch_add(1, Ordering::SeqCst) as u64;
                    if run < n % 10 {
                        queue.push_again(
                            work,
                            Instant::now() + Duration::from_micros((n * 7919 + run * 104_729) % 3000),
                        );
                    }
                }
            });
        }
        (1..=total).for_each(|n| queue.push(record(n)));
        queue.close();
    });
    for (n, runs) in runs.iter().enumerate().skip(1) {
        assert_eq!(runs.load(Ordering::SeqCst), n % 10 + 1, "job {n}");
    }
    assert!(queue.lock().waiting.len() == 0 && !queue.needs_slot());
}

#[test]
fn no_slot_ends_while_another_one_is_taking_a_batch() {
    let queue = Queue::default();
    let (busy, mut other) = (queue.join(), queue.join());
    queue.push(record(1));
    let Steal::Success(on_its_way) = queue.injector.steal() else { panic!("a record") };
    queue.close();
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| queue.next(&mut other).map(|work| work.record.seq));
        while queue.idle.load(Ordering::SeqCst) == 0 && !waits.is_finished() {
            std::thread::yield_now();
        }
        busy.own.push(on_its_way);
        queue.call_one();
        assert_eq!(waits.join().expect("no panic"), Some(Seq(1)), "the busy slot may not come to it for a day");
    });
}

#[test]
fn all_idle_slots_help_with_one_batch() {
    let queue = Queue::default();
    let busy = queue.join();
    let (done, taken) = std::sync::mpsc::channel();
    let enough = std::thread::scope(|scope| {
        for mut local in [queue.join(), queue.join()] {
            let (queue, done) = (&queue, done.clone());
            scope.spawn(move || done.send(queue.next(&mut local).is_some()));
        }
        while queue.idle.load(Ordering::SeqCst) < 2 {
            std::thread::yield_now();
        }
        queue.records.store(2, Ordering::SeqCst);
        (1..=2).for_each(|n| busy.own.push(record(n)));
        queue.call_one();
        // Only waited out by a slot that nobody calls.
        let enough = (0..2).all(|_| taken.recv_timeout(Duration::from_secs(20)) == Ok(true));
        queue.close();
        enough
    });
    assert!(enough, "the first one may be busy for a day with what it took");
}

#[test]
fn two_jobs_that_come_together_need_more_than_the_one_idle_slot() {
    let queue = Queue::default();
    queue.idle.store(1, Ordering::SeqCst);
    queue.push(record(1));
    assert!(!queue.needs_slot());
    queue.push(record(2));
    assert!(queue.needs_slot(), "the idle one has been called, and has not come yet");
}
