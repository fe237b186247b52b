//! Real children: one try of a job from its spawn until it is reaped and its output is collected.

mod attend;

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::capture::Capture;
use super::control::Turn;
use super::feed::{Fed, Feeder, write_file};
use super::launch::{Failure, Launcher, is_no_room};
use super::life::Cause;
use super::pipes::Pipes;
use super::results::{JobFiles, Trouble};
use super::seat::Seat;
use super::{Attempt, Context, Dispatch, Events, Executor, Keeper, Task, Trial};
use crate::model::{Body, Buffer, Captured, Outcome, Slot, Stream, Usage};
use crate::options::{Grouping, OnLeak, Verbose, Way};
use crate::sys::files::pipe;
use crate::sys::process::{How, Process, own_peak_rss};
use crate::sys::spawn::Stdio;
use crate::sys::watch;

use attend::{Attended, Attending};

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
        let reads = cx.options.xargs.as_ref().map_or(tty, |xargs| xargs.open_tty);
        // Without a terminal, a job of --tty gets what any other gets.
        let terminal = if reads { std::fs::File::open("/dev/tty").ok() } else { None };
        Ok(Children {
            cx,
            dispatch,
            events,
            launcher: Launcher::new(cx, slot, !tty)?,
            stdout: Capture::new(cx, events, Stream::Out),
            stderr: Capture::new(cx, events, Stream::Err),
            seat,
            terminal,
        })
    }

    /// Starts the job. While any child of ours has not executed its program, it holds copies of all pipes.
    fn start<'t>(&mut self, task: &'t Task<'_>, turn: &Turn<'_>) -> Result<(Process, Pipes<'t>), Failure> {
        self.seat.starts(turn.number());
        let started = self.start_with_pipes(task);
        self.seat.starts(0);
        started.map(|(process, pipes)| (process, Pipes { last_start: self.cx.control.last_start(), ..pipes }))
    }

    fn start_with_pipes<'t>(&mut self, task: &'t Task<'_>) -> Result<(Process, Pipes<'t>), Failure> {
        let mut pipes = Pipes::default();
        let (mut read, mut out, mut err) = (None, None, None);
        if let Some(body) = &task.record.body {
            (pipes.stdin, read) = self.open_stdin(body, task)?;
        }
        if self.cx.options.output.grouping != Grouping::Ungroup {
            let (read, write) = pipe().map_err(Failure::NoRoom)?;
            (pipes.stdout, out) = (Some(read), Some(write));
            let (read, write) = pipe().map_err(Failure::NoRoom)?;
            (pipes.stderr, err) = (Some(read), Some(write));
        }
        let stdio = Stdio {
            stdin: read.as_ref().map(AsFd::as_fd).or(self.cx.stdin(self.terminal.as_ref())),
            stdout: out.as_ref().map(AsFd::as_fd),
            stderr: err.as_ref().map(AsFd::as_fd),
        };
        Ok((self.launcher.start(task, &stdio)?, pipes))
    }

    /// Opens what the job reads: the feeder, and what is its standard input.
    fn open_stdin<'t>(&self, body: &'t Body, task: &Task<'_>) -> Result<(Option<Stdin<'t>>, Option<OwnedFd>), Failure> {
        let (feeder, read) = match temporary(self.cx, task) {
            None => {
                let (feeder, read) = Feeder::pipe(body).map_err(Failure::NoRoom)?;
                (feeder, Some(read))
            }
            Some((Way::Fifo, path)) => (Feeder::fifo(body, path).map_err(|error| cannot_make(path, &error))?, None),
            Some((_, path)) => {
                write_file(body, path).map_err(|error| cannot_make(path, &error))?;
                return Ok((None, None));
            }
        };
        Ok((Some((feeder, Fed::Full)), read))
    }

    /// How a job ended.
    fn outcome(&self, attended: &Attended) -> Outcome {
        let how = match &attended.ended {
            Some(Err(error)) => return Outcome::SpawnFailed(format!("its exit status was lost: {error}")),
            Some(Ok(ended)) => Some(ended.how),
            None => None,
        };
        match (attended.cause, how) {
            _ if attended.spoiled => Outcome::Cancelled,
            (Some(Cause::Cancel), _) => Outcome::Cancelled,
            (Some(Cause::Timeout), _) => Outcome::TimedOut,
            (Some(Cause::Terminal), _) => Outcome::WantedTerminal,
            (Some(Cause::Eviction), _) => Outcome::Evicted,
            (None, Some(How::Exited(status))) if attended.leaked => self.leaked(status),
            (None, Some(How::Exited(status))) => Outcome::Exited(status),
            (None, Some(How::Signaled(signal))) => Outcome::Signaled(signal),
            (None, None) => Outcome::SpawnFailed("its exit status was lost".to_owned()),
        }
    }

    /// Makes the files that its output is kept in, if any.
    fn open_files(&mut self, task: &Task<'_>) -> Result<Option<JobFiles>, Trouble> {
        let Some(keeper) = &self.cx.keeper else { return Ok(None) };
        let (files, mut stdout, stderr) = keeper.open(task.record, task.slot)?;
        if self.cx.options.output.verbose == Verbose::Stdout {
            // As GNU parallel -v: the command is part of the output.
            let mut command = Vec::new();
            self.cx.template.shown(task.record, task.slot, &mut command);
            command.push(b'\n');
            stdout.write(&command, &|| self.cx.control.is_over());
        }
        self.stdout.keep(stdout);
        stderr.into_iter().for_each(|stderr| self.stderr.keep(stderr));
        Ok(Some(files))
    }

    /// Closes them. What could not be kept makes the job fail, however it ended; `None`: nothing has been kept.
    fn close_files(&mut self, files: Option<JobFiles>, outcome: &mut Outcome) -> Option<Vec<u8>> {
        let (keeper, files) = (self.cx.keeper.as_ref()?, files?);
        let kept = [self.stdout.kept(), self.stderr.kept()].into_iter().flatten();
        match keeper.close(files, kept, outcome, &|| self.cx.control.is_over()) {
            Ok(name) => name,
            Err(reason) => {
                if *outcome != Outcome::Cancelled {
                    *outcome = Outcome::OutputLost(reason);
                }
                None
            }
        }
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
}

impl Executor for Children<'_> {
    fn execute(&mut self, task: &Task<'_>) -> Attempt {
        // The last look before the spawn: the permit may have been waited for.
        let turn = loop {
            if self.cx.control.is_over() {
                return Attempt::Ended(Box::new(Trial::without_process(Outcome::Skipped)));
            }
            match self.cx.control.starts() {
                Some(turn) => break turn,
                None => self.seat.wake().wait(),
            }
        };
        if self.terminal.is_none() && self.cx.options.xargs.as_ref().is_some_and(|xargs| xargs.open_tty) {
            self.dispatch
                .fatal("can't open /dev/tty for the command to read from (-o): there is no terminal".to_owned());
            return Attempt::Ended(Box::new(Trial::without_process(Outcome::Skipped)));
        }
        self.stdout.discard();
        self.stderr.discard();
        let has = |keeper: &Arc<Keeper>| keeper.has_evaluated(task.record, task.slot);
        if task.attempt == 1 && self.cx.keeper.as_ref().is_some_and(has) {
            return Attempt::Ended(Box::new(Trial::without_process(Outcome::Exited(0))));
        }
        if task.record.body.as_ref().is_some_and(|body| body.is_empty_block()) {
            // As GNU parallel: what was all separators is read by nobody.
            return Attempt::Ended(Box::new(Trial::without_process(Outcome::Exited(0))));
        }
        let files = match self.open_files(task) {
            Ok(files) => files,
            Err(Trouble { error, .. }) if is_no_room(&error) => return Attempt::Refused(error),
            Err(Trouble { reason, .. }) => {
                return Attempt::Ended(Box::new(Trial::without_process(Outcome::OutputLost(reason))));
            }
        };
        let own_peak = own_peak_rss();
        // A job that is ended by us leaves the terminal as it has made it: without echo, or worse. It may do so at once.
        let modes = self.terminal.as_ref().and_then(|terminal| tcgetattr(terminal).ok());
        // Before it is started: who looks at the board after our death must not miss it.
        let _on_board = OnBoard::new(task);
        let start = SystemTime::now();
        let began = Instant::now();
        let started = match self.start(task, &turn) {
            Ok(started) => started,
            Err(failure) => {
                files.into_iter().for_each(JobFiles::abandon);
                remove_temporary(self.cx, task);
                return match failure {
                    Failure::NoRoom(error) => Attempt::Refused(error),
                    Failure::TooLong => Attempt::TooLong,
                    Failure::NotExecutable(number) => {
                        Attempt::Ended(Box::new(Trial::without_process(Outcome::NotExecutable(number))))
                    }
                    Failure::Never(reason) => {
                        Attempt::Ended(Box::new(Trial::without_process(Outcome::SpawnFailed(reason))))
                    }
                };
            }
        };
        let attended = Attending::new(self, task, started, began, turn).until_its_end();
        remove_temporary(self.cx, task);
        if attended.cause.is_some()
            && let (Some(terminal), Some(modes)) = (&self.terminal, modes)
        {
            // Where it is gone, there is nothing to mend.
            tcsetattr(terminal, OptionalActions::Drain, &modes).ok();
        }
        let usage = match &attended.ended {
            Some(Ok(ended)) => Usage {
                user: ended.user,
                system: ended.system,
                peak_rss: ended.peak_rss,
                peak_is_bound: ended.peak_rss <= own_peak,
            },
            _ => Usage::default(),
        };
        let mut outcome = self.outcome(&attended);
        let name = self.close_files(files, &mut outcome);
        if matches!(outcome, Outcome::Exited(status) if self.cx.options.is_success(status))
            && self.cx.patience.succeeded(attended.ran)
        {
            self.cx.control.call_all();
        }
        let mut collect = |capture: &mut Capture<'_>| {
            capture.finish().unwrap_or_else(|error| {
                outcome = Outcome::Cancelled;
                self.dispatch.fatal(self.cx.spill.complaint(&error));
                Default::default()
            })
        };
        let (mut stdout, stderr) = (collect(&mut self.stdout), collect(&mut self.stderr));
        if let Some(name) = name {
            stdout.0 = Captured::Memory(Buffer::from(name));
        }
        let Attended { wall, leaked, named, .. } = attended;
        Attempt::Ended(Box::new(Trial { start, wall, outcome, usage, leaked, named, stdout, stderr }))
    }
}

/// What a job reads, and how far that has come.
type Stdin<'b> = (Feeder<'b>, Fed);

/// The temporary file or FIFO that the job reads, if it reads one.
fn temporary<'t>(cx: &Context<'_>, task: &'t Task<'_>) -> Option<(Way, &'t Path)> {
    let way = cx.options.pipe.as_ref().map(|pipe| pipe.way).filter(|way| *way != Way::Stdin)?;
    Some((way, Path::new(OsStr::from_bytes(task.record.args.get(0)?))))
}

fn remove_temporary(cx: &Context<'_>, task: &Task<'_>) {
    if let Some((_, path)) = temporary(cx, task) {
        // One that the job has moved away is not there any more.
        std::fs::remove_file(path).ok();
    }
}

fn cannot_make(path: &Path, error: &io::Error) -> Failure {
    Failure::Never(format!("can't make the temporary file {} (another folder: --tmpdir): {error}", path.display()))
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
