//! Attending to a child from its start until it is reaped: what it writes is read, its clock is watched, and it is ended if
//! need be.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::Children;
use crate::exec::capture::Passing;
use crate::exec::control::{Request, Stopped, Turn};
use crate::exec::family::Family;
use crate::exec::feed::Fed;
use crate::exec::life::{Cause, Due, Life, Limits};
use crate::exec::pipes::{Pipes, Ready, read_ready};
use crate::exec::seat::Answer;
use crate::exec::{Context, Task};
use crate::model::{Content, Event, Slow, Stream};
use crate::options::{Grouping, OnLeak, Tries, Verbose};
use crate::sys::process::{Ended, How, Process};
use crate::sys::signals::{SIGCONT, SIGKILL, SIGSTOP};

/// How often those are looked at who outlive a job that is being ended.
const LOOK: Duration = Duration::from_millis(10);

/// So often what is left in the pipes may be read after the grace, where the slot came late: more than what fits in two pipes
/// of any size.
const LATE_READS: usize = 64;

/// What came of attending to a child.
pub struct Attended {
    /// `None`: it could not be ended, and was left alone.
    pub ended: Option<io::Result<Ended>>,
    pub wall: Duration,
    /// Without the time that the run was stopped.
    pub ran: Duration,
    pub cause: Option<Cause>,
    pub leaked: bool,
    pub named: bool,
    /// We have lost some of what it reads or writes, which ends the run: it has not done its work, even if it says so.
    pub spoiled: bool,
}

/// A child, and how far attending to it has got.
pub struct Attending<'c, 'a> {
    children: &'c mut Children<'a>,
    cx: &'a Context<'a>,
    task: &'c Task<'c>,
    passing: Passing<'c>,
    pipes: Pipes<'c>,
    began: Instant,
    life: Life<'a>,
    /// It has been stopped, together with the run or to make room.
    stopped: Option<Stopped<'a>>,
    family: Family<'a>,
    process: Process,
    /// The job's own process has ended before its termination sequence, and others of its family have not.
    survived: bool,
    /// What it has written to last.
    latest: Stream,
    late_reads: usize,
    /// The last wait ended because a pipe was ready.
    has_read: bool,
    /// It has been said that the job is slow.
    named: bool,
    /// We have lost some of what it reads or writes.
    spoiled: bool,
    ended: Option<io::Result<Ended>>,
    wall: Duration,
    ran: Duration,
}

impl<'c, 'a> Attending<'c, 'a> {
    /// To a child that was started at `began`.
    pub fn new(
        children: &'c mut Children<'a>,
        task: &'c Task<'c>,
        (process, pipes): (Process, Pipes<'c>),
        began: Instant,
        turn: Turn<'a>,
    ) -> Attending<'c, 'a> {
        let cx = children.cx;
        let control = &cx.options.control;
        let limits = Limits { slow: control.slow_timeout.filter(|_| !task.named), timeout: cx.patience.limit() };
        let output = &cx.options.output;
        // The color depends on how it ends.
        let needs_end = output.color.failed && output.grouping == Grouping::Group;
        // A table has it in one piece.
        let in_table = output.table().is_some() && output.grouping == Grouping::Group;
        let comes_again = control.tries != Tries::Each(Some(1)) || control.conditions.may_evict();
        let hold = comes_again || output.verbose == Verbose::Stdout || in_table || needs_end;
        children.seat.forget_requests();
        children.seat.begin(task.record.seq, process.pid(), began);
        if let Some(Content::Lane(lane)) = task.record.body.as_ref().map(|body| &body.content) {
            let seat = Arc::clone(&children.seat);
            lane.listen(Arc::new(move || seat.wake().call()));
        }
        Attending {
            children,
            cx,
            task,
            passing: Passing { seq: task.record.seq, tag: task.tag, hold },
            pipes,
            began,
            life: Life::new(began, limits, &control.termseq),
            stopped: None,
            family: Family::of(&process, task.record.seq, turn),
            process,
            survived: false,
            latest: Stream::Out,
            late_reads: LATE_READS,
            has_read: false,
            named: false,
            spoiled: false,
            ended: None,
            wall: Duration::ZERO,
            ran: Duration::ZERO,
        }
    }

    /// Waits for the child's end, sees to its pipes, and ends it if need be.
    pub fn until_its_end(mut self) -> Attended {
        self.feed(true);
        while !self.life.is_over() {
            let now = Instant::now();
            self.drain_longer(now);
            self.stop_and_go(now);
            self.heed_requests(now);
            self.do_what_is_due(now);
            if self.life.is_killed() && self.process.is_out_of_reach() {
                self.abandon();
                break;
            }
            if self.life.is_over() {
                break;
            }
            self.answer();
            let ready = self.wait(now);
            self.feed(ready.stdin);
            self.read(&ready);
            if (ready.exited || self.survived) && !self.life.is_reaped() {
                self.see_to_exit();
            } else if !self.pipes.is_open() {
                self.life.pipes_closed();
            }
        }
        let leaked = self.pipes.is_open();
        for pipe in [self.pipes.stdout, self.pipes.stderr].into_iter().flatten() {
            self.cx.leftovers.adopt(pipe);
        }
        let cause = self.life.cause();
        let Attending { ended, wall, ran, named, spoiled, .. } = self;
        Attended { ended, wall, ran, cause, leaked, named, spoiled }
    }

    /// The grace for pipes is over: it is longer where they may not be held by anything that the job has left.
    fn drain_longer(&mut self, now: Instant) {
        if self.life.is_draining() && self.life.deadline().is_some_and(|deadline| deadline <= now) {
            let late = self.has_read && self.late_reads > 0;
            self.late_reads -= usize::from(late);
            if late || self.cx.control.is_starting(self.pipes.last_start) {
                self.life.drain_on(now);
            }
        }
    }

    /// Stops it together with the run or to make room, and lets it go on. One that is to be ended has to go on for that.
    fn stop_and_go(&mut self, now: Instant) {
        let seat = &self.children.seat;
        let makes_room = seat.is_suspended(self.task.record.seq)
            && !seat.is_evicted(self.task.record.seq)
            && !self.cx.control.is_over()
            && self.life.cause().is_none();
        if self.cx.control.is_paused() || makes_room {
            if self.stopped.is_none() && !self.life.is_reaped() {
                // SIGSTOP rather than SIGTSTP: it can't be caught, and nobody is asked whether it is meant.
                self.family.signal(SIGSTOP);
                self.process.signal(SIGSTOP);
                self.stopped = Some(self.cx.control.stops());
                self.life.pause(now);
            }
        } else if self.stopped.take().is_some() {
            self.life.resume(now);
            self.process.signal(SIGCONT);
            self.family.signal(SIGCONT);
        }
    }

    /// Begins to end it where that is asked for.
    fn heed_requests(&mut self, now: Instant) {
        let control = &self.cx.control;
        match control.request() {
            Request::Run if self.children.seat.is_evicted(self.task.record.seq) && !self.life.is_reaped() => {
                self.life.terminate(Cause::Eviction, None, now);
            }
            Request::Run => {}
            Request::Terminate => match control.forwarded() {
                Some(signal) if !self.process.has_own_group() && control.is_by_terminal() => {
                    self.life.terminate_with(Cause::Cancel, signal, now);
                }
                first => self.life.terminate(Cause::Cancel, first, now),
            },
            Request::Kill => self.life.kill(Cause::Cancel, now),
        }
        // One that shares our group is stopped with us, and goes on with us.
        if self.stopped.is_none()
            && self.children.seat.is_accused(self.process.pid())
            && self.process.has_own_group()
            && self.life.cause().is_none()
        {
            self.children.dispatch.wants_terminal(self.task.record.seq);
            self.life.terminate(Cause::Terminal, None, now);
        }
    }

    fn do_what_is_due(&mut self, now: Instant) {
        self.life.set_timeout(self.cx.patience.limit());
        while let Some(due) = self.life.due(now) {
            let Due::Signal(signal) = due else {
                self.named = true;
                self.warn(self.life.ran(now));
                continue;
            };
            self.cx.control.ends(&self.process);
            self.family.signal(signal);
            self.process.signal(signal);
            if signal != SIGKILL && self.family.is_stopped() {
                // Only then: a job may say what signals it gets.
                self.process.signal(SIGCONT);
            }
        }
    }

    /// Says that the job is slow.
    fn warn(&self, ran: Duration) {
        self.children.events.send(Event::Slow(Slow { seq: self.task.record.seq, ran, command: self.command() }));
    }

    /// No signal of ours reaches it: it could run for ever, or wait for a terminal.
    fn abandon(&mut self) {
        let mut refused = self.family.end();
        refused.insert(0, self.process.pid());
        self.children.dispatch.unkillable(self.task.record.seq, &refused);
        self.children.seat.end();
        self.family.forget_leader();
        self.process.abandon();
        self.wall = self.began.elapsed();
    }

    /// Tells who has asked what the job is doing.
    fn answer(&self) {
        let Children { seat, stdout, stderr, .. } = &*self.children;
        if !seat.is_asked() {
            return;
        }
        let lines = match self.latest {
            Stream::Out => [stdout.last_line(), stderr.last_line()],
            Stream::Err => [stderr.last_line(), stdout.last_line()],
        };
        let last_line = if lines[0].is_empty() { lines[1] } else { lines[0] }.to_vec();
        seat.answer(Answer { seq: self.task.record.seq, command: self.command(), last_line });
    }

    /// The job's command as text.
    fn command(&self) -> Vec<u8> {
        let mut command = Vec::new();
        // It has been composed for its start, so it can be again.
        self.cx.template.text(self.task.record, self.task.slot, &mut command).ok();
        command
    }

    /// Waits until there is something to see to.
    fn wait(&self, now: Instant) -> Ready {
        let awaited = (!self.life.is_reaped() && !self.survived).then_some(&self.process);
        let look = self.survived.then(|| now + LOOK);
        let unopened = self.pipes.stdin.as_ref().is_some_and(|(feeder, _)| feeder.fd().is_none());
        let look = look.or(unopened.then(|| now + LOOK));
        let deadline = self.life.deadline().into_iter().chain(look).min();
        let wake = self.children.seat.wake();
        let ready = self.pipes.wait(awaited, wake, deadline, now);
        if ready.wake {
            wake.clear();
        }
        ready
    }

    /// Hands on what it is to read.
    fn feed(&mut self, ready: bool) {
        let Some((feeder, fed)) = &mut self.pipes.stdin else { return };
        if !ready {
            return;
        }
        match feeder.feed() {
            Ok(Fed::Over) => self.pipes.stdin = None,
            Ok(now) => *fed = now,
            Err(reason) => {
                self.spoiled = true;
                self.pipes.stdin = None;
                self.children.dispatch.fatal(reason);
            }
        }
    }

    /// Takes what it has written.
    fn read(&mut self, ready: &Ready) {
        if ready.stdout.contains(PollFlags::IN) {
            self.latest = Stream::Out;
        }
        if ready.stderr.contains(PollFlags::IN) {
            self.latest = Stream::Err;
        }
        self.has_read = !ready.stdout.is_empty() || !ready.stderr.is_empty();
        let read = [
            read_ready(&mut self.pipes.stdout, ready.stdout, &mut self.children.stdout, &self.passing),
            read_ready(&mut self.pipes.stderr, ready.stderr, &mut self.children.stderr, &self.passing),
        ];
        for error in read.into_iter().filter_map(Result::err) {
            self.spoiled = true;
            self.children.dispatch.fatal(self.cx.spill.complaint(&error));
        }
    }

    /// The job's own process has ended: ends with it what is to be ended, and reaps it. Where it is being ended, its family has
    /// the time of the termination sequence, too.
    fn see_to_exit(&mut self) {
        let by_us = self.life.cause().is_some();
        self.survived = by_us && !self.life.is_killed() && self.family.is_alive();
        if self.survived {
            return;
        }
        let in_group = !self.process.has_own_group();
        // It may have ended by the very signal that ends the run.
        let with_run = in_group && self.cx.control.is_over();
        let kills_leftovers = !by_us && (with_run || self.cx.options.control.on_leak == OnLeak::Kill);
        if by_us || kills_leftovers {
            // It may have ended before any signal of ours was due, by what the terminal has sent to our group.
            self.cx.control.ends(&self.process);
            // Before it is reaped, while its number can't belong to anybody else: what it left in its group.
            self.process.signal(SIGKILL);
            let refused = self.family.end();
            if !refused.is_empty() {
                self.children.dispatch.unkillable(self.task.record.seq, &refused);
            }
        }
        self.children.seat.end();
        self.pipes.stdin = None;
        self.family.forget_leader();
        self.ended = Some(self.process.reap());
        if in_group {
            let signaled = matches!(&self.ended, Some(Ok(ended)) if matches!(ended.how, How::Signaled(_)));
            self.children.seat.ended_in_group(self.began, signaled);
        }
        let now = Instant::now();
        (self.wall, self.ran) = (now.saturating_duration_since(self.began), self.life.ran(now));
        self.life.reaped(now, self.pipes.is_open());
        // At least one look after that, however late this slot comes.
        self.has_read = true;
    }
}
