//! A process in the background.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process_group};

use super::{Dir, Done, LIMIT, procs, wait_for};

/// A process in the background, whose output is being read. When it is dropped before its end, its group is killed.
#[derive(Debug)]
pub struct Running {
    line: String,
    child: Child,
    dir: Dir,
    stdin: Option<ChildStdin>,
    feeder: Option<JoinHandle<()>>,
    stdout: Collector,
    stderr: Collector,
    started: Instant,
    reaped: bool,
}

impl Running {
    pub(super) fn new(line: String, mut child: Child, dir: Dir) -> Running {
        let stdout = Collector::new(child.stdout.take());
        let stderr = Collector::new(child.stderr.take());
        let stdin = child.stdin.take();
        Running { line, child, dir, stdin, feeder: None, stdout, stderr, started: Instant::now(), reaped: false }
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).expect("a process id")
    }

    /// Its directory.
    pub fn dir(&self) -> &Dir {
        &self.dir
    }

    /// Writes to its standard input, which stays open.
    #[track_caller]
    pub fn feed(&mut self, bytes: impl AsRef<[u8]>) {
        let stdin = self.stdin.as_mut().expect("a live standard input");
        stdin.write_all(bytes.as_ref()).expect("write to its standard input");
    }

    /// Ends its standard input.
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Writes all of it while the test goes on, and ends its standard input.
    pub(super) fn feed_all(&mut self, bytes: Vec<u8>) {
        let mut stdin = self.stdin.take().expect("a live standard input");
        // It may end without reading everything; that is not the writer's business.
        self.feeder = Some(std::thread::spawn(move || drop(stdin.write_all(&bytes))));
    }

    /// Its own peak memory so far, in KiB, without that of its children.
    #[track_caller]
    pub fn peak_kib(&self) -> usize {
        let peak = procs::status_field(&self.pid().to_string(), "VmHWM").expect("its peak memory");
        peak.trim_end_matches("kB").trim().parse().expect("a number")
    }

    /// The process that does the work of a fanout that was started.
    #[track_caller]
    pub fn runner(&self) -> i32 {
        wait_for("the runner", || procs::children(self.pid()).len() == 1);
        procs::children(self.pid())[0]
    }

    /// Sends a signal to it alone.
    pub fn signal(&self, signal: Signal) {
        procs::kill(self.pid(), signal);
    }

    /// What it has written to standard output so far.
    pub fn stdout_so_far(&self) -> Vec<u8> {
        self.stdout.so_far()
    }

    /// Waits until it has written this to standard output.
    #[track_caller]
    pub fn wait_stdout(&self, part: &str) {
        wait_for(&format!("{part:?} on standard output"), || contains(&self.stdout_so_far(), part.as_bytes()));
    }

    /// What it has written to standard error so far.
    pub fn stderr_so_far(&self) -> Vec<u8> {
        self.stderr.so_far()
    }

    /// Waits until it has written this to standard error.
    #[track_caller]
    pub fn wait_stderr(&self, part: &str) {
        wait_for(&format!("{part:?} on standard error"), || contains(&self.stderr_so_far(), part.as_bytes()));
    }

    /// Whether it has not ended yet.
    pub fn is_running(&mut self) -> bool {
        self.try_wait().is_none()
    }

    fn try_wait(&mut self) -> Option<ExitStatus> {
        let status = self.child.try_wait().expect("wait for it");
        self.reaped |= status.is_some();
        status
    }

    /// Waits for its end, and for the end of its output.
    ///
    /// # Panics
    /// When it runs longer than [`LIMIT`] (and is killed then), or when something else keeps its output open.
    #[track_caller]
    pub fn wait(mut self) -> Done {
        self.close_stdin();
        let mut status = None;
        let start = Instant::now();
        let mut pause = std::time::Duration::from_micros(500);
        while status.is_none() {
            status = self.try_wait();
            if status.is_none() {
                if start.elapsed() > LIMIT {
                    self.fail("has not ended");
                }
                std::thread::sleep(pause);
                pause = (pause * 2).min(std::time::Duration::from_millis(20));
            }
        }
        let wall = self.started.elapsed();
        let drained = Instant::now();
        while !(self.stdout.is_done() && self.stderr.is_done()) {
            if drained.elapsed() > LIMIT {
                self.fail("has ended, but something else keeps its output open");
            }
            std::thread::sleep(std::time::Duration::from_micros(500));
        }
        if let Some(feeder) = self.feeder.take() {
            // It ends with the pipe, which nobody reads any more.
            feeder.join().expect("the writer of standard input");
        }
        let status = status.expect("an end");
        Done {
            line: self.line.clone(),
            status,
            stdout: self.stdout.so_far(),
            stderr: self.stderr.so_far(),
            wall,
            dir: self.dir.clone(),
        }
    }

    #[track_caller]
    fn fail(&mut self, what: &str) -> ! {
        let stdout = super::diff::show(&self.stdout.so_far());
        let stderr = super::diff::show(&self.stderr.so_far());
        let left = self.dir.processes();
        panic!("{}\n{what} after {LIMIT:?}; processes left: {left:?}\nstdout:\n{stdout}stderr:\n{stderr}", self.line);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.reaped {
            if let Some(group) = Pid::from_raw(self.pid()) {
                kill_process_group(group, Signal::KILL).ok();
            }
            self.child.wait().ok();
        }
    }
}

/// Reads a pipe to its end in a thread of its own.
#[derive(Debug)]
struct Collector {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Collector {
    fn new(pipe: Option<impl Read + Send + 'static>) -> Collector {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&bytes);
        let reader = pipe.map(|mut pipe| {
            std::thread::spawn(move || {
                let mut piece = vec![0; 1 << 16];
                while let Ok(length @ 1..) = pipe.read(&mut piece) {
                    sink.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&piece[..length]);
                }
            })
        });
        Collector { bytes, reader }
    }

    fn so_far(&self) -> Vec<u8> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_done(&self) -> bool {
        self.reader.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

/// Whether `part` is somewhere in `whole`.
pub(super) fn contains(whole: &[u8], part: &[u8]) -> bool {
    part.is_empty() || whole.windows(part.len()).any(|window| window == part)
}
