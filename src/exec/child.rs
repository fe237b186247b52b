//! Real children: one try of a job from its spawn until it is reaped and its output is collected.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use rustix::event::PollFlags;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::capture::{Capture, Passing};
use super::control::{Request, Turn};
use super::family::Family;
use super::launch::{Failure, Launcher};
use super::life::{Cause, Due, Life, Limits};
use super::pipes::{Pipes, read_ready};
use super::seat::{Answer, Seat};
use super::{Attempt, Context, Dispatch, Events, Executor, Task, Trial};
use crate::model::{Event, Outcome, Slot, Slow, Stream, Usage};
use crate::options::{Grouping, OnLeak, Verbose};
use crate::sys::files::pipe;
use crate::sys::process::{Ended, How, Process, own_peak_rss};
use crate::sys::signals::{SIGCONT, SIGKILL, SIGSTOP};
use crate::sys::spawn::Stdio;
use crate::sys::watch;

/// How often those are looked at who outlive a job that is being ended.
const LOOK: Duration = Duration::from_millis(10);

/// See `attend`: more than what fits in two pipes of any size.
const LATE_READS: usize = 64;

/// The executor of one slot that starts processes.
pub struct Children<'a> {
    cx: &'a Context<'a>,
    dispatch: &'a dyn Dispatch,
    events: &'a Events<'a>,
    launcher: Launcher<'a>,
    stdout: Capture<'a>,
    stderr: Capture<'a>,
    seat: Arc<Seat>,
    terminal: Option<std::fs::File>,
}

impl<'a> Children<'a> {
    /// For one slot, on its thread.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn new(
        cx: &'a Context<'a>,
        dispatch: &'a dyn Dispatch,
        events: &'a Events<'a>,
        slot: Slot,
    ) -> io::Result<Children<'a>> {
        let seat = Arc::new(Seat::new(slot)?);
        cx.control.enlist(&seat);
        let tty = cx.options.control.tty;
        // Without a terminal, a job of --tty gets what any other gets.
        let terminal = if tty { std::fs::File::open("/dev/tty").ok() } else { None };
        Ok(Children {
            cx,
            dispatch,
            events,
            launcher: Launcher::new(cx, !tty)?,
            stdout: Capture::new(cx, events, Stream::Out),
            stderr: Capture::new(cx, events, Stream::Err),
            seat,
            terminal,
        })
    }

    /// Starts the job. While any child of ours has not executed its program, it holds copies of all pipes.
    fn start(&mut self, task: &Task<'_>, turn: &Turn<'_>) -> Result<(Process, Pipes), Failure> {
        self.seat.starts(turn.number());
        let started = self.start_with_pipes(task);
        self.seat.starts(0);
        started.map(|(process, pipes)| (process, Pipes { last_start: self.cx.control.last_start(), ..pipes }))
    }

    fn start_with_pipes(&mut self, task: &Task<'_>) -> Result<(Process, Pipes), Failure> {
        let mut pipes = Pipes::default();
        let (mut out, mut err) = (None, None);
        if self.cx.options.output.grouping != Grouping::Ungroup {
            let (read, write) = pipe().map_err(Failure::NoRoom)?;
            (pipes.stdout, out) = (Some(read), Some(write));
            let (read, write) = pipe().map_err(Failure::NoRoom)?;
            (pipes.stderr, err) = (Some(read), Some(write));
        }
        let stdio = Stdio {
            stdin: self.terminal.as_ref().map(AsFd::as_fd),
            stdout: out.as_ref().map(AsFd::as_fd),
            stderr: err.as_ref().map(AsFd::as_fd),
        };
        Ok((self.launcher.start(task, &stdio)?, pipes))
    }

    /// The end of a job that exited by itself and left something that holds its output.
    fn leaked(&self, status: i32) -> Outcome {
        let options = self.cx.options;
        if options.control.on_leak != OnLeak::Fail || !options.is_success(status) {
            return Outcome::Exited(status);
        }
        // 255, unless --success-codes has it: in the log and for --halt the job must not look like one that succeeded.
        Outcome::Exited((1..=255).rev().find(|status| !options.is_success(*status)).unwrap_or(255))
    }

    /// What somebody wants to know of the job that runs; it has written to `latest` last.
    fn answer(&self, task: &Task<'_>, latest: Stream) -> Answer {
        let mut command = Vec::new();
        // What has been started has been composed.
        self.cx.template.text(task.record, task.slot, &mut command).ok();
        let lines = match latest {
            Stream::Out => [self.stdout.last_line(), self.stderr.last_line()],
            Stream::Err => [self.stderr.last_line(), self.stdout.last_line()],
        };
        let last_line = if lines[0].is_empty() { lines[1] } else { lines[0] }.to_vec();
        Answer { seq: task.record.seq, command, last_line }
    }

    /// Waits for the child's end, sees to its pipes, and ends it if need be.
    fn attend(
        &mut self,
        mut process: Process,
        mut pipes: Pipes,
        task: &Task<'_>,
        began: Instant,
        turn: Turn<'_>,
    ) -> Attended {
        let control = &self.cx.options.control;
        let limits = Limits { slow: control.slow_timeout.filter(|_| !task.named), timeout: self.cx.patience.limit() };
        let mut life = Life::new(began, limits, &control.termseq);
        self.seat.begin(task.record.seq, process.pid(), began);
        let mut family = Family::of(&process, task.record.seq, turn);
        let mut stopped = None;
        // The job's own process has ended before its termination sequence, and others of its family have not.
        let mut survived = false;
        let mut ended = None;
        let mut named = false;
        let (mut wall, mut ran) = (Duration::ZERO, Duration::ZERO);
        let passing = Passing {
            seq: task.record.seq,
            tag: task.tag,
            hold: control.tries != Some(1) || self.cx.options.output.verbose == Verbose::Stdout,
        };
        let mut latest = Stream::Out;
        // So often what is left in the pipes may be read after the grace, where this slot came late.
        let mut late_reads = LATE_READS;
        let mut has_read = false;
        while !life.is_over() {
            let request = self.cx.control.request();
            let now = Instant::now();
            if life.is_draining() && life.deadline().is_some_and(|deadline| deadline <= now) {
                let late = has_read && late_reads > 0;
                late_reads -= usize::from(late);
                if late || self.cx.control.is_starting(pipes.last_start) {
                    life.drain_on(now);
                }
            }
            if self.cx.control.is_paused() {
                if stopped.is_none() && !life.is_reaped() {
                    // SIGSTOP rather than SIGTSTP: it can't be caught, and nobody is asked whether it is meant.
                    family.signal(SIGSTOP);
                    process.signal(SIGSTOP);
                    stopped = Some(self.cx.control.stops());
                    life.pause(now);
                }
            } else if stopped.take().is_some() {
                life.resume(now);
                process.signal(SIGCONT);
                family.signal(SIGCONT);
            }
            match request {
                Request::Run => {}
                Request::Terminate => match self.cx.control.forwarded() {
                    Some(signal) if !process.has_own_group() && self.cx.control.is_by_terminal() => {
                        life.terminate_with(Cause::Cancel, signal, now);
                    }
                    first => life.terminate(Cause::Cancel, first, now),
                },
                Request::Kill => life.kill(Cause::Cancel, now),
            }
            // One that shares our group is stopped with us, and goes on with us.
            if self.seat.is_accused(process.pid()) && process.has_own_group() && life.cause().is_none() {
                self.dispatch.wants_terminal(task.record.seq);
                life.terminate(Cause::Terminal, None, now);
            }
            life.set_timeout(self.cx.patience.limit());
            while let Some(due) = life.due(now) {
                let Due::Signal(signal) = due else {
                    named = true;
                    self.warn(task, life.ran(now));
                    continue;
                };
                self.cx.control.ends(&process);
                family.signal(signal);
                process.signal(signal);
                if signal != SIGKILL {
                    // One that is stopped has to go on to hear of it.
                    process.signal(SIGCONT);
                }
            }
            if life.is_killed() && !life.is_reaped() && process.is_out_of_reach() {
                // It could run for ever, or wait for a terminal.
                let mut refused = family.end();
                refused.insert(0, process.pid());
                self.dispatch.unkillable(task.record.seq, &refused);
                self.seat.end();
                family.forget_leader();
                process.abandon();
                wall = began.elapsed();
                break;
            }
            if life.is_over() {
                break;
            }
            if self.seat.is_asked() {
                self.seat.answer(self.answer(task, latest));
            }
            let awaited = (!life.is_reaped() && !survived).then_some(&process);
            let look = survived.then(|| now + LOOK);
            let deadline =
                life.deadline().map_or(look, |deadline| Some(look.map_or(deadline, |look| look.min(deadline))));
            let ready = pipes.wait(awaited, self.seat.wake(), deadline, now);
            if ready.wake {
                self.seat.wake().clear();
            }
            if ready.stdout.contains(PollFlags::IN) {
                latest = Stream::Out;
            }
            if ready.stderr.contains(PollFlags::IN) {
                latest = Stream::Err;
            }
            has_read = !ready.stdout.is_empty() || !ready.stderr.is_empty();
            let read = [
                read_ready(&mut pipes.stdout, ready.stdout, &mut self.stdout, &passing),
                read_ready(&mut pipes.stderr, ready.stderr, &mut self.stderr, &passing),
            ];
            for error in read.into_iter().filter_map(Result::err) {
                self.dispatch.fatal(self.cx.spill.complaint(&error));
            }
            if (ready.exited || survived) && !life.is_reaped() {
                survived = life.cause().is_some() && !life.is_killed() && family.is_alive();
                if survived {
                    continue;
                }
                let kills_leftovers = life.cause().is_none() && control.on_leak == OnLeak::Kill;
                if kills_leftovers {
                    self.cx.control.ends(&process);
                }
                if life.cause().is_some() || kills_leftovers {
                    // Before it is reaped, while its number can't belong to anybody else: what it left in its group.
                    process.signal(SIGKILL);
                    let refused = family.end();
                    if !refused.is_empty() {
                        self.dispatch.unkillable(task.record.seq, &refused);
                    }
                }
                self.seat.end();
                family.forget_leader();
                ended = Some(process.reap());
                let now = Instant::now();
                (wall, ran) = (now.saturating_duration_since(began), life.ran(now));
                life.reaped(now, pipes.is_open());
                // At least one look after that, however late this slot comes.
                has_read = true;
            } else if !pipes.is_open() {
                life.pipes_closed();
            }
        }
        let leaked = pipes.is_open();
        for pipe in [pipes.stdout.take(), pipes.stderr.take()].into_iter().flatten() {
            self.cx.leftovers.adopt(pipe);
        }
        Attended { ended, wall, ran, cause: life.cause(), leaked, named }
    }

    /// Says that a job is slow.
    fn warn(&self, task: &Task<'_>, ran: Duration) {
        let mut command = Vec::new();
        // It has been composed for its start, so it can be again.
        self.cx.template.text(task.record, task.slot, &mut command).ok();
        self.events.send(Event::Slow(Slow { seq: task.record.seq, ran, command }));
    }
}

/// What came of attending to a child.
struct Attended {
    ended: Option<io::Result<Ended>>,
    wall: Duration,
    /// Without the time that the run was stopped.
    ran: Duration,
    cause: Option<Cause>,
    leaked: bool,
    named: bool,
}

impl Executor for Children<'_> {
    fn execute(&mut self, task: &Task<'_>) -> Attempt {
        // The last look before the spawn: the permit may have been waited for.
        let turn = loop {
            if self.cx.control.request() != Request::Run {
                return Attempt::Ended(Box::new(Trial::without_process(Outcome::Skipped)));
            }
            match self.cx.control.starts() {
                Some(turn) => break turn,
                None => self.seat.wake().wait(),
            }
        };
        self.stdout.discard();
        self.stderr.discard();
        let own_peak = own_peak_rss();
        // Before it is started: who looks at the board after our death must not miss it.
        let _on_board = OnBoard::new(task);
        let start = SystemTime::now();
        let began = Instant::now();
        let (process, pipes) = match self.start(task, &turn) {
            Ok(started) => started,
            Err(Failure::NoRoom(error)) => return Attempt::Refused(error),
            Err(Failure::Never(reason)) => {
                return Attempt::Ended(Box::new(Trial::without_process(Outcome::SpawnFailed(reason))));
            }
        };
        // A job that is ended by us leaves the terminal as it has made it: without echo, or worse.
        let modes = self.terminal.as_ref().and_then(|terminal| tcgetattr(terminal).ok());
        let attended = self.attend(process, pipes, task, began, turn);
        if attended.cause.is_some()
            && let (Some(terminal), Some(modes)) = (&self.terminal, modes)
        {
            // Where it is gone, there is nothing to mend.
            tcsetattr(terminal, OptionalActions::Drain, &modes).ok();
        }
        let mut usage = Usage::default();
        let outcome = match attended.ended {
            Some(Ok(ended)) => {
                usage = Usage {
                    user: ended.user,
                    system: ended.system,
                    peak_rss: ended.peak_rss,
                    peak_is_bound: ended.peak_rss <= own_peak,
                };
                match (attended.cause, ended.how) {
                    (Some(Cause::Cancel), _) => Outcome::Cancelled,
                    (Some(Cause::Timeout), _) => Outcome::TimedOut,
                    (Some(Cause::Terminal), _) => Outcome::WantedTerminal,
                    (None, How::Exited(status)) if attended.leaked => self.leaked(status),
                    (None, How::Exited(status)) => Outcome::Exited(status),
                    (None, How::Signaled(signal)) => Outcome::Signaled(signal),
                }
            }
            None if attended.cause == Some(Cause::Cancel) => Outcome::Cancelled,
            None if attended.cause == Some(Cause::Timeout) => Outcome::TimedOut,
            None if attended.cause == Some(Cause::Terminal) => Outcome::WantedTerminal,
            Some(Err(error)) => Outcome::SpawnFailed(format!("its exit status was lost: {error}")),
            None => Outcome::SpawnFailed("its exit status was lost".to_owned()),
        };
        if matches!(outcome, Outcome::Exited(status) if self.cx.options.is_success(status))
            && self.cx.patience.succeeded(attended.ran)
        {
            self.cx.control.call_all();
        }
        let collect = |capture: &mut Capture<'_>| {
            capture.finish().unwrap_or_else(|error| {
                self.dispatch.fatal(self.cx.spill.complaint(&error));
                Default::default()
            })
        };
        let (stdout, stderr) = (collect(&mut self.stdout), collect(&mut self.stderr));
        let Attended { wall, leaked, named, .. } = attended;
        Attempt::Ended(Box::new(Trial { start, wall, outcome, usage, leaked, named, stdout, stderr }))
    }
}

/// A job that the watcher knows to be running.
struct OnBoard(Slot);

impl OnBoard {
    fn new(task: &Task<'_>) -> OnBoard {
        watch::runs(task.slot.0, task.record.seq.0);
        OnBoard(task.slot)
    }
}

impl Drop for OnBoard {
    fn drop(&mut self) {
        watch::runs(self.0.0, 0);
    }
}
