//! A command line to be run: what, with which input, environment and directory.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Dir, Done, Running};

/// Where tests look for programs.
pub const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

/// A command line to be run.
#[derive(Clone, Debug)]
pub struct Cmd {
    program: OsString,
    args: Vec<OsString>,
    under: Vec<OsString>,
    env: Vec<(OsString, Option<OsString>)>,
    stdin: Stdin,
    stdout: Option<PathBuf>,
    cwd: PathBuf,
    dir: Dir,
}

#[derive(Clone, Debug)]
enum Stdin {
    Null,
    Bytes(Vec<u8>),
    File(PathBuf),
    Live,
}

/// The program under test: `$FANOUT_BIN`, or the one that cargo has just built.
pub fn fanout() -> Cmd {
    Cmd::new(fanout_bin())
}

/// `fanout-xargs`, which lies beside `fanout`.
pub fn fanout_xargs() -> Cmd {
    Cmd::new(Path::new(&fanout_bin()).with_file_name("fanout-xargs"))
}

/// Where the program under test is.
pub fn fanout_bin() -> OsString {
    std::env::var_os("FANOUT_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_fanout").into())
}

/// The real GNU parallel, without its notice.
pub fn parallel() -> Cmd {
    Cmd::new("parallel")
}

/// The real xargs.
pub fn xargs() -> Cmd {
    Cmd::new("xargs")
}

/// A script of the kind that users write around fanout, for pipes and redirections; `$FANOUT_BIN` is the program under test.
pub fn sh(script: &str) -> Cmd {
    Cmd::new("sh").args(["-c", script])
}

impl Cmd {
    /// `program` without arguments, with nothing on its standard input, in a new directory.
    pub fn new(program: impl Into<OsString>) -> Cmd {
        let dir = Dir::new();
        Cmd {
            program: program.into(),
            args: Vec::new(),
            under: Vec::new(),
            env: Vec::new(),
            stdin: Stdin::Null,
            stdout: None,
            cwd: dir.path(),
            dir,
        }
    }

    /// One more argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Cmd {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// More arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Cmd {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Another program starts ours: `under(["prlimit", "--nofile=20"])`. It must end in `exec`, so that the process
    /// keeps its id.
    pub fn under<A: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = A>) -> Cmd {
        let words: Vec<OsString> = words.into_iter().map(|word| word.as_ref().to_owned()).collect();
        self.under.splice(0..0, words);
        self
    }

    /// A line of sh starts ours: `under_sh("ulimit -n 20")`.
    pub fn under_sh(self, line: &str) -> Cmd {
        self.under(["sh", "-c", &format!("{line}\nexec \"$@\""), "sh"])
    }

    /// Standard input holds these bytes and ends.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Cmd {
        self.stdin = Stdin::Bytes(bytes.into());
        self
    }

    /// Standard input is this file.
    pub fn stdin_file(mut self, path: impl AsRef<Path>) -> Cmd {
        self.stdin = Stdin::File(path.as_ref().to_owned());
        self
    }

    /// Standard input is a pipe that stays open: see [`Running::feed`] and [`Running::close_stdin`].
    pub fn stdin_live(mut self) -> Cmd {
        self.stdin = Stdin::Live;
        self
    }

    /// Standard output is this file or device.
    pub fn stdout_to(mut self, path: impl AsRef<Path>) -> Cmd {
        self.stdout = Some(path.as_ref().to_owned());
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Cmd {
        self.env.push((name.into(), Some(value.into())));
        self
    }

    /// Removes a variable.
    pub fn unset(mut self, name: impl Into<OsString>) -> Cmd {
        self.env.push((name.into(), None));
        self
    }

    /// The shell that runs composed commands.
    pub fn shell(self, shell: &str) -> Cmd {
        self.env("PARALLEL_SHELL", shell)
    }

    /// Runs in `dir`, which other commands may share.
    pub fn dir(mut self, dir: &Dir) -> Cmd {
        self.cwd = dir.path();
        self.dir = dir.clone();
        self
    }

    /// Runs in this place below its directory.
    pub fn cwd(mut self, below: &str) -> Cmd {
        self.cwd = self.dir.join(below);
        self
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run(self) -> Done {
        self.spawn().wait()
    }

    /// Starts it in the background.
    #[track_caller]
    pub fn spawn(self) -> Running {
        let line = self.line();
        let mut command = self.command();
        command.stderr(Stdio::piped());
        match &self.stdout {
            Some(path) => command.stdout(File::options().write(true).open(path).expect("open standard output")),
            None => command.stdout(Stdio::piped()),
        };
        match &self.stdin {
            Stdin::Null => command.stdin(Stdio::null()),
            Stdin::File(path) => command.stdin(File::open(path).expect("open standard input")),
            Stdin::Bytes(_) | Stdin::Live => command.stdin(Stdio::piped()),
        };
        // A group of its own, so that a signal for it does not hit the test.
        command.process_group(0);
        let child = command.spawn().unwrap_or_else(|error| panic!("start {line}: {error}"));
        let mut running = Running::new(line, child, self.dir);
        if let Stdin::Bytes(bytes) = self.stdin {
            running.feed_all(bytes);
        }
        running
    }

    /// Runs it and the real GNU parallel with the same arguments, input, environment and directory: the same bytes on
    /// standard output and the same end.
    #[track_caller]
    pub fn same_as_parallel(self) -> Done {
        self.beside_parallel(false)
    }

    /// As [`Cmd::same_as_parallel`], and the same bytes on standard error.
    #[track_caller]
    pub fn same_as_parallel_with_stderr(self) -> Done {
        self.beside_parallel(true)
    }

    #[track_caller]
    fn beside_parallel(self, with_stderr: bool) -> Done {
        let mut oracle = self.clone();
        oracle.program = "parallel".into();
        let oracle = oracle.spawn();
        let done = self.run();
        done.same_end_as(&oracle.wait(), with_stderr);
        done
    }

    /// The process to be, without its standard streams.
    pub fn command(&self) -> Command {
        let mut words = self.under.iter().chain([&self.program]).chain(&self.args);
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).current_dir(&self.cwd).env_clear();
        command
            .env("PATH", PATH)
            .env("HOME", self.dir.home())
            .env("TMPDIR", self.dir.tmp())
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "xterm")
            .env("SHELL", "/bin/sh")
            // Without it, the shell would be the one that the tests were started from.
            .env("PARALLEL_SHELL", "/bin/sh")
            .env("FANOUT_BIN", fanout_bin());
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// The program that it starts.
    pub fn program(&self) -> OsString {
        self.program.clone()
    }

    /// Its directory.
    pub fn its_dir(&self) -> Dir {
        self.dir.clone()
    }

    /// The command line for messages.
    pub fn line(&self) -> String {
        let words = self.under.iter().chain([&self.program]).chain(&self.args);
        words.map(|word| format!("{word:?}")).collect::<Vec<_>>().join(" ")
    }
}
