//! Processes that look like those of jobs and are nobody's business.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::found::{Mark, Place, describe, started};
use crate::shape::{CHAIN, SHAPES};

/// They live as long as this program does.
#[derive(Debug)]
pub struct Bystanders {
    mark: Mark,
    children: Vec<Child>,
    /// What they have started themselves included: number, start, and what it was.
    all: Vec<(i32, String, String)>,
}

impl Bystanders {
    /// Starts them: in this group and in others, with the names and the environment that jobs have, and another fanout.
    pub fn start(place: &Place) -> Bystanders {
        let mark = place.bystanders("99999");
        fs::write(mark.dir.join("chain"), CHAIN).expect("write a script");
        let mut children = Vec::new();
        let mut start = |command: &mut Command| {
            let command =
                command.current_dir(&mark.dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            children.push(command.spawn().expect("start a bystander"));
        };
        let quiet = ["plain", "background", "session", "daemon", "stubborn", "bare-daemon", "renamed"];
        for (index, shape) in SHAPES.iter().filter(|shape| quiet.contains(&shape.name)).enumerate() {
            fs::write(mark.dir.join("job"), shape.job()).expect("write a script");
            let mut command = Command::new("sh");
            command.args(["./job", &mark.word, "hold"]).env("PARALLEL_PID", "1").env("PARALLEL_SEQ", "1");
            if index % 2 == 0 {
                command.process_group(0);
            }
            start(&mut command);
            // It reads its script while it runs.
            thread::sleep(Duration::from_millis(300));
        }
        start(Command::new("setsid").args(["sleep", &mark.word]));
        start(Command::new(crate::fanout_bin()).args(["-j2", "sleep", "{}", ":::", &mark.word, &mark.word]));
        thread::sleep(Duration::from_millis(700));
        let all = mark.find().into_iter().filter_map(|pid| Some((pid, started(pid)?, describe(pid)))).collect();
        Bystanders { mark, children, all }
    }

    /// Those that are not there any more.
    pub fn harmed(&self) -> Vec<String> {
        let is_gone = |(pid, start, _): &&(i32, String, String)| started(*pid).as_ref() != Some(start);
        self.all.iter().filter(is_gone).map(|(_, _, line)| format!("harmed: {line}")).collect()
    }

    /// Ends them.
    pub fn end(mut self) {
        self.mark.end_all();
        for child in &mut self.children {
            child.wait().ok();
        }
    }
}
