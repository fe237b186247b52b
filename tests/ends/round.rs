//! One run that is ended.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::end::End;
use crate::found::{Mark, Place, describe};
use crate::random::Random;
use crate::shape::{CHAIN, Shape};

/// How long after the termination sequence nobody may be there any more.
const GRACE: Duration = Duration::from_secs(1);
/// How long anything else may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);
/// Jobs that are over at once, so that ends fall into starts.
const SHORT: u64 = 60;

/// What is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// The program under test.
    Fanout,
    /// GNU parallel, to compare with.
    Parallel,
    /// xargs -P, to compare with.
    Xargs,
}

impl Tool {
    /// Whether it can be ended like this.
    pub fn knows(self, end: End) -> bool {
        match self {
            Tool::Fanout => true,
            Tool::Parallel => !matches!(end, End::KillRunner | End::TermThenKillRunner | End::TermThenKillWatcher),
            Tool::Xargs => {
                matches!(end, End::Term | End::Int | End::Quit | End::HupThenTerm | End::TwoInts | End::KillWatcher)
            }
        }
    }
}

/// One run and its end.
#[derive(Debug)]
pub struct Round<'a> {
    pub tool: Tool,
    pub end: End,
    pub shape: &'a Shape,
    pub index: usize,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Processes that were still there.
    pub survivors: usize,
    /// fanout itself had not ended by then; whoever was left when it had is a survivor.
    pub is_late: bool,
    /// Processes that should still have been there.
    pub harmed: usize,
    /// Processes that had to be there afterwards, and were looked for.
    pub spared: usize,
}

/// What is random in a round.
struct Setting {
    slots: u64,
    args: Vec<String>,
    /// The first job leaves a daemon behind and has ended when the run is ended.
    left: bool,
    /// fanout's process has a child before it becomes fanout.
    before: bool,
    timeout: String,
}

impl Setting {
    fn new(round: &Round<'_>, random: &mut Random) -> Setting {
        let halts = matches!(round.end, End::HaltFail | End::HaltDone);
        let slots = random.between(if halts { 2 } else { 1 }, 8);
        let most = if round.shape.is_large { 1 } else { slots - u64::from(halts) };
        let mut args: Vec<String> = (0..random.between(1, most)).map(|n| format!("hold{n}")).collect();
        let moment = random.between(0, 80);
        match round.end {
            End::HaltFail => args.push(format!("bad0.{moment:03}")),
            End::HaltDone => args.push(format!("good0.{moment:03}")),
            _ => {}
        }
        if round.end != End::HaltDone {
            args.extend((0..SHORT).map(|n| format!("short{n}")));
        }
        random.shuffle(&mut args);
        let is_fanout = round.tool == Tool::Fanout;
        let left = is_fanout && random.once_in(3);
        if left {
            args.insert(0, "left".to_owned());
        }
        let undecided = round.shape.is_unmarked && matches!(round.end, End::KillRunner | End::TermThenKillRunner);
        let before = is_fanout && !undecided && random.once_in(4);
        // The job that leaves something has to come to its end.
        let timeout = format!("{}.{:03}", u64::from(left), 10 + moment);
        Setting { slots, args, left, before, timeout }
    }
}

impl Round<'_> {
    /// Runs it.
    pub fn run(&self, place: &Place, seed: u64) -> Tally {
        let mut random = Random::new(seed, self.index);
        let setting = Setting::new(self, &mut random);
        let mark = place.round(&format!("{:05}", self.index));
        self.write_scripts(&mark, &setting);
        let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).expect("make a pipe");
        let mut command = self.command(&mark, &setting, &place.home());
        command.stdin(File::open(mark.dir.join("list")).expect("open the list"));
        command.stdout(Stdio::from(write)).stderr(File::create(mark.dir.join("stderr")).expect("make a file"));
        let mut child = command.spawn().expect("start it");
        drop(command);
        let pid = i32::try_from(child.id()).expect("a process id");

        let mut reader = Some(read);
        let mut finished = false;
        if !self.end.is_option() {
            self.wait_for_start(&mark, &mut child);
            if setting.left {
                wait(|| has_finished(&mark.dir) || !is_running(&mut child));
            }
            finished = has_finished(&mark.dir);
            let late = random.between(0, 4) < 2;
            let moment = if late { random.between(80_000, 400_000) } else { random.between(0, 80_000) };
            std::thread::sleep(Duration::from_micros(moment));
            if self.end == End::ClosedStdout {
                reader = None;
            } else if is_running(&mut child) {
                self.send(&mark, pid, &mut child, &mut random);
            }
        }
        let mut due = Instant::now() + self.end.sequence() + GRACE;
        if self.end.is_option() {
            wait(|| !is_running(&mut child));
            due = Instant::now() + GRACE;
            finished = has_finished(&mark.dir);
        }
        let mut spared: BTreeSet<i32> = BTreeSet::new();
        spared.extend(number(&mark.dir.join("left")).filter(|_| finished));
        spared.extend(number(&mark.dir.join("before")));
        let mut is_late = false;
        let survivors = loop {
            let running = is_running(&mut child);
            let found = mark.find();
            if !running && found.is_subset(&spared) {
                break Vec::new();
            }
            if Instant::now() >= due {
                // Where the machine is busy, fanout may not have come to its end yet, and that is another matter.
                let goes_on = running || (self.tool == Tool::Fanout && found.iter().any(|pid| is_fanout(*pid)));
                if self.tool != Tool::Fanout || !goes_on || Instant::now() >= due + LIMIT {
                    break found.difference(&spared).copied().collect::<Vec<i32>>();
                }
                is_late = true;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let here = mark.find();
        let harmed = spared.iter().filter(|pid| !here.contains(pid)).count();
        if self.tool == Tool::Fanout && (!survivors.is_empty() || harmed > 0) {
            self.report(&mark, &setting, pid, &survivors, harmed);
        }
        mark.end_all();
        drop(reader);
        child.wait().expect("wait for it");
        fs::remove_dir_all(&mark.dir).ok();
        Tally { survivors: survivors.len(), is_late, harmed, spared: spared.len() }
    }

    fn write_scripts(&self, mark: &Mark, setting: &Setting) {
        let nest = match self.tool {
            Tool::Fanout => "exec \"$FANOUT_BIN\" -j$1 \"$2; : {}\" ::: a b c",
            Tool::Parallel => "exec parallel -j$1 \"$2; : {}\" ::: a b c",
            Tool::Xargs => "printf '%s\\n' a b c | exec xargs -P$1 -n1 sh -c \"$2\"",
        };
        let files = [
            ("job", self.shape.job()),
            ("chain", CHAIN.to_owned()),
            ("nest", format!("word={}\n{nest}\n", mark.word)),
            ("list", setting.args.join("\n") + "\n"),
        ];
        for (name, text) in files {
            fs::write(mark.dir.join(name), text).expect("write a file");
        }
    }

    fn command(&self, mark: &Mark, setting: &Setting, home: &Path) -> Command {
        let before = if setting.before { "sleep $WORD & echo $! > before" } else { ":" };
        // Enters the control group, and becomes what is to be ended.
        let script = format!("echo $$ > \"$DOOR\"\n{before}\nexec \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script, "sh"]).current_dir(&mark.dir).env_clear();
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", home).env("LC_ALL", "C");
        command.env("DOOR", mark.door()).env("WORD", &mark.word).env("FANOUT_BIN", crate::fanout_bin());
        let slots = setting.slots.to_string();
        match self.tool {
            Tool::Fanout => {
                command.arg(crate::fanout_bin()).args(["-j", &slots, "--joblog", "log"]);
            }
            Tool::Parallel => {
                command.args(["parallel", "-j", &slots]);
            }
            Tool::Xargs => {
                command.args(["xargs", "-P", &slots, "-n1", "sh", "./job", &mark.word]);
                return command;
            }
        }
        // The first one to be done is the one that leaves a daemon.
        let done = if setting.left { "now,done=2" } else { "now,done=1" };
        match self.end {
            End::Timeout => command.args(["--timeout", &setting.timeout]),
            End::HaltFail => command.args(["--halt", "now,fail=1"]),
            End::HaltDone => command.args(["--halt", done]),
            _ => &mut command,
        };
        command.args(["sh", "./job", &mark.word]);
        command
    }

    /// Until it is the program itself that is there; for others, which start slowly, until a job has started.
    fn wait_for_start(&self, mark: &Mark, child: &mut Child) {
        let pid = child.id();
        match self.tool {
            Tool::Fanout => {
                let bin = fs::canonicalize(crate::fanout_bin()).expect("the program under test");
                wait(|| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == bin) || !is_running(child));
            }
            _ => wait(|| mark.dir.join("started").exists() || !is_running(child)),
        }
    }

    /// Ends it now.
    fn send(&self, mark: &Mark, pid: i32, child: &mut Child, random: &mut Random) {
        // Its number can't be somebody else's: it has not been waited for.
        let mut tell = |signal: Signal| {
            if is_running(child) {
                mark.signal(pid, signal);
            }
        };
        let mut pause = |most: u64| std::thread::sleep(Duration::from_micros(random.between(0, most)));
        match self.end {
            End::Term => tell(Signal::TERM),
            End::Int => tell(Signal::INT),
            End::Quit => tell(Signal::QUIT),
            End::HupThenTerm => {
                tell(Signal::HUP);
                pause(60_000);
                tell(Signal::TERM);
            }
            End::TwoInts => {
                tell(Signal::INT);
                pause(200_000);
                tell(Signal::INT);
            }
            End::KillWatcher => tell(Signal::KILL),
            End::KillRunner => kill_runner(mark, pid, child),
            End::TermThenKillWatcher => {
                tell(Signal::TERM);
                pause(300_000);
                tell(Signal::KILL);
            }
            End::TermThenKillRunner => {
                tell(Signal::TERM);
                pause(300_000);
                kill_runner(mark, pid, child);
            }
            End::Timeout | End::HaltFail | End::HaltDone | End::ClosedStdout => {}
        }
    }

    fn report(&self, mark: &Mark, setting: &Setting, pid: i32, survivors: &[i32], harmed: usize) {
        let (end, shape) = (self.end.name(), self.shape.name);
        println!(
            "round {}: {end} x {shape}, fanout {pid}, -j{}, left {}, before {}: {} left, {harmed} harmed",
            self.index,
            setting.slots,
            setting.left,
            setting.before,
            survivors.len()
        );
        survivors.iter().take(8).for_each(|pid| println!("  {}", describe(*pid)));
        let stderr = fs::read_to_string(mark.dir.join("stderr")).unwrap_or_default();
        let log = fs::read_to_string(mark.dir.join("log")).unwrap_or_default();
        log.lines().skip(1).filter(|row| !row.contains(" short")).for_each(|row| println!("  log: {row}"));
        stderr.lines().take(5).for_each(|line| println!("  stderr: {line}"));
    }
}

/// Kills the child of the watcher that runs the same program.
fn kill_runner(mark: &Mark, watcher: i32, child: &mut Child) {
    let exe = |pid: i32| fs::read_link(format!("/proc/{pid}/exe")).ok();
    let find = || {
        let text = fs::read_to_string(format!("/proc/{watcher}/task/{watcher}/children")).unwrap_or_default();
        text.split_whitespace()
            .filter_map(|pid| pid.parse().ok())
            .find(|pid| exe(*pid).is_some() && exe(*pid) == exe(watcher))
    };
    let mut runner: Option<i32> = None;
    wait(|| {
        runner = find();
        runner.is_some() || !is_running(child)
    });
    if let Some(runner) = runner {
        mark.signal(runner, Signal::KILL);
    }
}

fn is_fanout(pid: i32) -> bool {
    let exe = fs::read_link(format!("/proc/{pid}/exe"));
    exe.is_ok_and(|exe| fs::canonicalize(crate::fanout_bin()).is_ok_and(|bin| bin == exe))
}

/// Whether the log says that the job that leaves a daemon has ended well.
fn has_finished(dir: &Path) -> bool {
    let log = fs::read_to_string(dir.join("log")).unwrap_or_default();
    log.lines().any(|row| {
        let fields: Vec<&str> = row.split('\t').collect();
        fields.len() == 9 && fields[6..8] == ["0", "0"] && fields[8].ends_with(" left")
    })
}

fn number(path: &Path) -> Option<i32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn is_running(child: &mut Child) -> bool {
    child.try_wait().expect("look at it").is_none()
}

fn wait(mut happened: impl FnMut() -> bool) {
    let began = Instant::now();
    while !happened() && began.elapsed() < LIMIT {
        std::thread::sleep(Duration::from_micros(500));
    }
}
