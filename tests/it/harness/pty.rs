//! A terminal for the program under test, and what a person would see on it.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::{Cmd, Dir, procs, wait_for};

/// A program that runs on a terminal of its own, as the leader of its session.
#[derive(Debug)]
pub struct Terminal {
    master: Option<File>,
    hung_up: Arc<AtomicBool>,
    child: Child,
    output: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
    size: (u16, u16),
    dir: Dir,
    line: String,
}

impl Cmd {
    /// Starts it with a terminal of `rows` and `columns` as its three standard streams.
    #[track_caller]
    pub fn on_terminal(self, rows: u16, columns: u16) -> Terminal {
        start(self, rows, columns).expect("start a program on a terminal")
    }
}

fn start(cmd: Cmd, rows: u16, columns: u16) -> std::io::Result<Terminal> {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    tcsetwinsize(&master, Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 })?;
    let name = std::ffi::OsString::from_vec(ptsname(&master, Vec::new())?.into_bytes());
    let slave = || -> std::io::Result<Stdio> {
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
        Ok(rustix::fs::open(&name, flags, rustix::fs::Mode::empty())?.into())
    };
    let (line, dir) = (cmd.line(), cmd.its_dir());
    // `setsid -c` makes its standard input the controlling terminal, and execs in place because it leads no group.
    let mut command = cmd.under(["setsid", "-c"]).command();
    let child = command.stdin(slave()?).stdout(slave()?).stderr(slave()?).spawn()?;
    // The command holds the terminal open until it is dropped, and the reader would wait for ever.
    drop(command);

    let output = Arc::new(Mutex::new(Vec::new()));
    let master = File::from(master);
    let (sink, mut source) = (Arc::clone(&output), master.try_clone()?);
    let hung_up = Arc::new(AtomicBool::new(false));
    let end = Arc::clone(&hung_up);
    let reader = std::thread::spawn(move || {
        let mut piece = vec![0; 1 << 16];
        let pause = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        while !end.load(Ordering::SeqCst) {
            if poll(&mut [PollFd::new(&source, PollFlags::IN)], Some(&pause)).is_ok_and(|ready| ready == 0) {
                continue;
            }
            // EIO is how the end of a terminal looks on Linux.
            let Ok(length @ 1..) = source.read(&mut piece) else { break };
            sink.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&piece[..length]);
        }
    });
    let master = Some(master);
    Ok(Terminal { master, hung_up, child, output, reader: Some(reader), size: (rows, columns), dir, line })
}

impl Terminal {
    /// Every byte that was written to the terminal so far, escapes included.
    pub fn raw(&self) -> Vec<u8> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The rows as a terminal emulator shows them now, those that have scrolled out at the top first; without blanks at
    /// the ends of rows and without empty rows at the end.
    pub fn rows(&self) -> Vec<String> {
        rendered(&self.raw(), self.size)
    }

    /// Waits until a row has this text in it.
    #[track_caller]
    pub fn wait_row(&self, part: &str) {
        wait_for(&format!("{}\na row with {part:?}, on {:#?}", self.line, self.rows()), || {
            self.rows().iter().any(|row| row.contains(part))
        });
    }

    /// Where it works.
    pub fn dir(&self) -> &Dir {
        &self.dir
    }

    /// Types.
    #[track_caller]
    pub fn send(&mut self, keys: &str) {
        let master = self.master.as_mut().expect("a terminal");
        master.write_all(keys.as_bytes()).expect("type on the terminal");
    }

    /// Takes the terminal away, as closing its window does.
    #[track_caller]
    pub fn hang_up(&mut self) {
        self.hung_up.store(true, Ordering::SeqCst);
        wait_for("the reader's end", || self.reader.as_ref().is_none_or(JoinHandle::is_finished));
        self.master = None;
    }

    /// The id of the process on it.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).expect("a process id")
    }

    /// Waits for its end; answers the exit status and the rows at that time.
    #[track_caller]
    pub fn wait(self) -> (ExitStatus, Vec<String>) {
        let size = self.size;
        let (status, raw) = self.wait_raw();
        (status, rendered(&raw, size))
    }

    /// Waits for its end; answers the exit status and every byte that was written to the terminal.
    #[track_caller]
    pub fn wait_raw(mut self) -> (ExitStatus, Vec<u8>) {
        let mut status = None;
        wait_for(&format!("{}\nthe end, on {:#?}", self.line, self.rows()), || {
            status = self.child.try_wait().expect("wait for it");
            status.is_some()
        });
        let reader = self.reader.take().expect("the reader of the terminal");
        wait_for("the terminal to be closed by everybody", || reader.is_finished());
        (status.expect("an end"), self.raw())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            procs::kill(self.pid(), Signal::KILL);
            self.child.wait().ok();
        }
    }
}

/// What a terminal of that size shows after `bytes`, what has scrolled out included.
pub fn rendered(bytes: &[u8], (rows, columns): (u16, u16)) -> Vec<String> {
    const HISTORY: usize = 100_000;
    let size = |n: u16| std::num::NonZeroU16::new(n).expect("a terminal has a size");
    let mut parser = vt100::Parser::new(size(rows), size(columns), HISTORY);
    parser.process(bytes);
    let screen = parser.screen_mut();
    let visible: Vec<String> = screen.rows(0, columns).collect();
    let mut all = Vec::new();
    screen.set_scrollback(HISTORY);
    for back in (1..=screen.scrollback()).rev() {
        screen.set_scrollback(back);
        all.extend(screen.rows(0, columns).next());
    }
    all.extend(visible);
    let mut all: Vec<String> = all.iter().map(|row| row.trim_end().to_owned()).collect();
    while all.last().is_some_and(String::is_empty) {
        all.pop();
    }
    all
}

#[test]
fn the_emulator_keeps_what_scrolls_out_and_shows_what_was_overdrawn() {
    let shown = rendered(b"one\r\ntwo\r\nthree\r\nfo\rFOUR\x1b[K", (2, 20));
    assert_eq!(shown, ["one", "two", "three", "FOUR"]);
}
