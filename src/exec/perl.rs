//! Expressions that take perl: one perl for the whole run, which keeps its state from job to job.
//!
//! Arguments go to it through a pipe, behind their lengths: they are data there, too. It ends when that pipe does.

use std::ffi::{CStr, CString};
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{dup, read, write};

use super::shell::which_on;
use crate::model::{KeyMaker, Record, Refusal, Slot, Value, Values, Wanted, Words};
use crate::sys::files::pipe;
use crate::sys::process::Process;
use crate::sys::signals::SIGKILL;
use crate::sys::spawn::{Spawner, Stdio};
use crate::template::ShellFamily;

/// Where perl is looked for where there is no PATH.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// What perl runs.
const DRIVER: &str = include_str!("perl/driver.pl");
/// How often who waits for perl looks whether the run is being ended.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
/// How long perl may take to end by itself.
const GRACE: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
/// No message of ours has a piece that is longer.
const LONGEST: usize = 1 << 30;

/// A perl that runs.
#[derive(Debug)]
pub struct Perl {
    /// One job after the other.
    line: Mutex<Line>,
    keeper: Option<JoinHandle<()>>,
    /// Dropped to have the keeper end it.
    end: Option<Sender<()>>,
}

/// The pipes to and from perl.
#[derive(Debug)]
struct Line {
    /// `None`: nothing is asked any more.
    requests: Option<OwnedFd>,
    answers: OwnedFd,
    /// It has ended, or says what nobody understands.
    broken: Option<String>,
    message: Vec<u8>,
}

/// What expressions may ask for that is the same for all jobs.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// The number of jobs, 0 where it is not known.
    pub total: u64,
    /// How many slots there are.
    pub slots: u64,
    /// The shell for which `Q()` quotes.
    pub family: ShellFamily,
}

impl Perl {
    /// Starts perl and has it compile all expressions, by their numbers; empty ones are passed over. `is_over` is asked now and
    /// then: whether the run is being ended (compiling runs `BEGIN {…}`). Nothing is computed then.
    ///
    /// # Errors
    /// There is no perl; an expression that it can't compile.
    pub fn start(code: &[Vec<u8>], facts: Facts, is_over: &dyn Fn() -> bool) -> Result<Perl> {
        // Without PATH (`env -i`), GNU parallel has its own perl.
        let path = std::env::var_os("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
        let Some(path) = which_on(b"perl", path.as_bytes()) else {
            let first = code.iter().find(|code| !code.is_empty()).map(Vec::as_slice).unwrap_or_default();
            bail!(
                "{{= {} =}} takes perl, which is not on PATH: install it, or use what fanout knows by itself (s/from/to/, \
                 tr/a-z/A-Z/, uc, lc, sprintf, $_ + 1, seq(), slot(), skip(), --plus)",
                String::from_utf8_lossy(first)
            );
        };
        let path = CString::new(path).context("the path of perl")?;
        let no_perl = |error: io::Error| anyhow!("can't start perl: {error}");
        let (its_requests, requests) = pipe().map_err(no_perl)?;
        let (answers, its_answers) = pipe().map_err(no_perl)?;
        let (told, tell) = channel();
        let (end, ended) = channel();
        // Jobs are the children of slots' threads and orphans those of the main thread: perl has a thread of its own for its parent.
        let keep = move || keep(&path, its_requests, its_answers, &told, &ended);
        let keeper = Builder::new().name("perl".into()).stack_size(64 << 10).spawn(keep).map_err(no_perl)?;
        let line = Line { requests: Some(requests), answers, broken: None, message: Vec::new() };
        let perl = Perl { line: Mutex::new(line), keeper: Some(keeper), end: Some(end) };
        tell.recv().map_err(|_| anyhow!("can't start perl"))?.map_err(no_perl)?;
        match perl.compile(code, facts, is_over) {
            Err(_) if is_over() => Ok(perl),
            compiled => compiled.map(|()| perl),
        }
    }

    fn compile(&self, code: &[Vec<u8>], facts: Facts, is_over: &dyn Fn() -> bool) -> Result<()> {
        let csh = if facts.family == ShellFamily::Csh { "1" } else { "" };
        let (total, slots) = (facts.total.to_string(), facts.slots.to_string());
        let words =
            [total.as_bytes(), slots.as_bytes(), csh.as_bytes()].into_iter().chain(code.iter().map(Vec::as_slice));
        let answer = self.lock().ask(words, is_over).map_err(|reason| anyhow!("perl: {reason}"))?;
        match (answer.get(0), answer.get(1), answer.get(2)) {
            (Some(b"ok"), ..) => Ok(()),
            (_, Some(code), Some(message)) => {
                bail!("{{= {} =}}: {}", String::from_utf8_lossy(code), in_one_line(message))
            }
            _ => bail!("perl: it does not answer"),
        }
    }

    /// Has it compute values. `is_over` is asked now and then: whether the run is being ended, so that nobody wants them.
    ///
    /// # Errors
    /// What an expression died of; perl has ended.
    pub fn evaluate(
        &self,
        record: &Record,
        slot: Slot,
        wanted: &[Wanted],
        values: &mut Values,
        is_over: &dyn Fn() -> bool,
    ) -> Result<(), Refusal> {
        let numbers: Vec<String> = [record.seq.0, u64::from(slot.0), record.args.len() as u64]
            .into_iter()
            .chain(wanted.iter().flat_map(|wanted| [wanted.expression as u64, wanted.arg as u64]))
            .map(|number| number.to_string())
            .collect();
        let (head, tail) = numbers.split_at(3);
        let words =
            head.iter().map(String::as_bytes).chain(record.args.iter()).chain(tail.iter().map(String::as_bytes));
        let refused = |reason: String| Refusal { reason: format!("{{= =}}: {reason}") };
        let answer = self.lock().ask(words, is_over).map_err(refused)?;
        if answer.get(0) != Some(b"ok") {
            return Err(refused(in_one_line(answer.get(1).unwrap_or_default())));
        }
        values.skip |= answer.get(1) == Some(b"1");
        for (number, wanted) in wanted.iter().enumerate() {
            let (Some(code), Some(text)) = (answer.get(2 + 2 * number), answer.get(3 + 2 * number)) else {
                return Err(refused("perl does not answer as it should".to_owned()));
            };
            if text.contains(&0) {
                return Err(refused("the value has a NUL, which no command can have".to_owned()));
            }
            values.set(wanted.expression, wanted.arg, Value { text: text.to_vec(), is_code: code == b"1" });
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyMaker for Perl {
    fn keys(
        &self,
        column: Option<usize>,
        separator: &[u8],
        as_variable: bool,
        lines: &[u8],
        is_over: &dyn Fn() -> bool,
    ) -> Result<Words, String> {
        let column = column.map_or_else(String::new, |column| column.to_string());
        let as_variable: &[u8] = if as_variable { b"1" } else { b"" };
        let words = [&b"keys"[..], column.as_bytes(), separator, as_variable, lines];
        let mut answer = self.lock().ask(words.into_iter(), is_over)?;
        if answer.get(0) != Some(b"ok") {
            return Err(in_one_line(answer.get(1).unwrap_or_default()));
        }
        Ok(answer.split_off(1))
    }
}

impl Drop for Perl {
    fn drop(&mut self) {
        // The end of its input is perl's end, and the keeper's call.
        self.lock().requests = None;
        self.end = None;
        if let Some(keeper) = self.keeper.take() {
            keeper.join().ok();
        }
    }
}

impl Line {
    /// Sends a message and waits for the answer.
    fn ask<'w>(&mut self, words: impl Iterator<Item = &'w [u8]>, is_over: &dyn Fn() -> bool) -> Result<Words, String> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let answer = self.exchange(words, is_over);
        answer.map_err(|error| {
            let broken = match error.kind() {
                ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe => "perl has ended (exit?)".to_owned(),
                ErrorKind::Interrupted => "the run is being ended".to_owned(),
                _ => format!("perl does not answer: {error}"),
            };
            self.broken.insert(broken).clone()
        })
    }

    fn exchange<'w>(&mut self, words: impl Iterator<Item = &'w [u8]>, is_over: &dyn Fn() -> bool) -> io::Result<Words> {
        let length = |length: usize| u32::try_from(length).map_err(|_| io::Error::from(ErrorKind::FileTooLarge));
        self.message.clear();
        self.message.extend_from_slice(&[0; 4]);
        let mut count = 0;
        for word in words {
            count += 1;
            self.message.extend_from_slice(&length(word.len())?.to_be_bytes());
            self.message.extend_from_slice(word);
        }
        self.message[..4].copy_from_slice(&length(count)?.to_be_bytes());
        let Some(requests) = &self.requests else { return Err(ErrorKind::BrokenPipe.into()) };
        let mut rest = self.message.as_slice();
        while !rest.is_empty() {
            let written = retry(|| write(requests, rest))?;
            rest = &rest[written..];
        }
        let mut word = Vec::new();
        let mut words = Words::new();
        for _ in 0..self.number(is_over)? {
            let length = self.number(is_over)?;
            word.clear();
            self.read(length, &mut word, is_over)?;
            words.push(&word);
        }
        Ok(words)
    }

    fn number(&self, is_over: &dyn Fn() -> bool) -> io::Result<usize> {
        let mut bytes = Vec::new();
        self.read(4, &mut bytes, is_over)?;
        let number = bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
        if number > LONGEST { Err(ErrorKind::InvalidData.into()) } else { Ok(number) }
    }

    fn read(&self, count: usize, bytes: &mut Vec<u8>, is_over: &dyn Fn() -> bool) -> io::Result<()> {
        let start = bytes.len();
        bytes.resize(start + count, 0);
        let mut at = start;
        while at < bytes.len() {
            let mut fds = [PollFd::new(&self.answers, PollFlags::IN)];
            if retry(|| poll(&mut fds, Some(&LOOK)))? == 0 {
                if is_over() {
                    return Err(ErrorKind::Interrupted.into());
                }
                continue;
            }
            match retry(|| read(&self.answers, &mut bytes[at..]))? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                count => at += count,
            }
        }
        Ok(())
    }
}

fn retry<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(rustix::io::Errno::INTR) => {}
            result => return Ok(result?),
        }
    }
}

/// Starts perl, and sees to its end once `end` is dropped.
fn keep(path: &CStr, requests: OwnedFd, answers: OwnedFd, told: &Sender<io::Result<()>>, end: &Receiver<()>) {
    let started = spawn(path, &requests, &answers);
    drop((requests, answers));
    match started {
        Ok(mut process) => {
            // Nobody hears it only after a panic.
            told.send(Ok(())).ok();
            end.recv().ok();
            let mut fds = [PollFd::new(&process, PollFlags::IN)];
            if poll(&mut fds, Some(&GRACE)).is_ok_and(|count| count == 0) {
                process.signal(SIGKILL);
            }
            process.reap().ok();
        }
        Err(error) => {
            told.send(Err(error)).ok();
        }
    }
}

fn spawn(path: &CStr, requests: &OwnedFd, answers: &OwnedFd) -> io::Result<Process> {
    // What expressions print goes to our own standard output, as in GNU parallel. No job runs yet that could get this one.
    let stdout = dup(rustix::stdio::stdout())?;
    let number = stdout.as_raw_fd().to_string();
    let words: Words = [&b"perl"[..], b"-e", DRIVER.as_bytes(), number.as_bytes()].into_iter().collect();
    let stdio = Stdio { stdin: Some(requests.as_fd()), stdout: Some(answers.as_fd()), stderr: None };
    Spawner::new(true)?.spawn(path, words.as_bytes(), &stdio)
}

/// Perl's message as one line, without the place in our own program.
fn in_one_line(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message);
    let text = text.trim_end().trim_end_matches('.');
    let text = match text.rfind(" at (eval ") {
        Some(at) if text[at..].contains(" line ") && !text[at..].contains('\n') => &text[..at],
        _ => text,
    };
    text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}
