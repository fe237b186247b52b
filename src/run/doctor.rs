//! `--doctor`: what this machine gives, and what each thing means for a run.

use std::fmt;
use std::path::PathBuf;

use super::slots::{self, Slots};
use crate::diag::{Diag, escape};
use crate::exec::{Shell, SpillFile};
use crate::options::{Cpu, Jobs};
use crate::sys::machine::{self, Machine};

/// All that is said. Its text is lines of `name: value`, each followed by its meaning, indented by four blanks.
#[derive(Clone, Debug)]
pub struct Doctor {
    /// Of fanout.
    version: &'static str,
    machine: Machine,
    /// By default.
    slots: Slots,
    /// With `--jobs 0`.
    most: Slots,
    shell: String,
    /// Why this one.
    chosen_by: &'static str,
    /// Simple commands are started without it.
    transparent: bool,
    temp: PathBuf,
    /// Free bytes there.
    free: Option<u64>,
    /// Why no file can be made there.
    no_temp: Option<String>,
}

/// Looks at the machine, for a process that does nothing more (see [`Machine::examine`]).
pub fn examine(diag: &Diag) -> Doctor {
    let shell = Shell::choose();
    let temp = std::env::temp_dir();
    let spill = SpillFile::new(temp.clone(), false);
    Doctor {
        version: env!("CARGO_PKG_VERSION"),
        slots: slots::resolve(&Jobs::Cpus, Cpu::Thread, diag),
        most: slots::resolve(&Jobs::Unlimited, Cpu::Thread, diag),
        shell: shell.path.to_string_lossy().into_owned(),
        chosen_by: Shell::reason(),
        transparent: shell.transparent,
        free: machine::free_space(&temp),
        no_temp: spill.output().append(b"x").err().map(|error| error.to_string()),
        temp,
        machine: Machine::examine(),
    }
}

impl Doctor {
    fn entries(&self) -> Vec<(&'static str, String, String)> {
        let mut entries = self.power();
        entries.extend(self.containment());
        entries.extend(self.surroundings());
        entries
    }

    /// CPUs and limits.
    fn power(&self) -> Vec<(&'static str, String, String)> {
        let machine = &self.machine;
        let quota = machine.quota.map_or("none".to_owned(), |quota| format!("{quota:.1} CPUs"));
        let (soft, hard) = machine.nofile;
        let bound = if machine.root { "root is not bound by it" } else { "all processes of this user count" };
        vec![
            ("fanout", self.version.to_owned(), format!("on {}", machine.system)),
            (
                "cpus",
                machine.mask.to_string(),
                format!("in the affinity mask; {} by default: {}", jobs(self.slots.count), self.slots.reason),
            ),
            ("cpu quota", quota, "of the control groups; a quota below the CPUs makes fewer slots".to_owned()),
            (
                "open files",
                format!("{}, at most {}", limit(Some(soft)), limit(Some(hard))),
                format!(
                    "fanout raises its own limit as it needs: {} with -j0; jobs get theirs back",
                    jobs(self.most.count)
                ),
            ),
            ("processes", limit(machine.nproc), format!("{bound}; beyond it fanout goes on with fewer jobs at once")),
            (
                "memory",
                machine.memory.map_or("unlimited".to_owned(), size),
                "a process may map so much (ulimit -v); fanout needs about 14 MiB".to_owned(),
            ),
            (
                "pipe buffers",
                machine.pipes.map_or("unlimited".to_owned(), size),
                format!(
                    "for all pipes of a user, and new ones are small beyond it; {}",
                    if machine.root { "root is not bound by it" } else { "two pipes a job" }
                ),
            ),
            (
                "arguments",
                size(machine.arguments),
                "for a command and its environment, and 128.0 KiB for one word: longer ones fail before they start"
                    .to_owned(),
            ),
        ]
    }

    /// What ends the descendants of a job with it.
    fn containment(&self) -> Vec<(&'static str, String, String)> {
        let machine = &self.machine;
        let cgroup = match &machine.cgroup {
            None => ("not mounted".to_owned(), "version 2 is not there; nothing that fanout needs"),
            Some(group) => {
                let name = escape(group.folder.as_os_str().as_encoded_bytes()).into_owned();
                let delegated = if group.delegated { "delegated" } else { "not delegated" };
                let kill = if group.kill { "with cgroup.kill" } else { "without cgroup.kill" };
                let meaning = match (group.delegated, group.kill) {
                    (true, true) => "jobs could be held in groups and killed as a whole, whatever kills fanout",
                    (true, false) => "jobs could be held in groups, but not killed as a whole (Linux 5.14)",
                    (false, _) => {
                        "this user may make no groups here: systemd-run --user --scope -p Delegate=yes fanout ..."
                    }
                };
                (format!("{name}, {delegated}, {kill}"), meaning)
            }
        };
        let hidden = match &machine.hidepid {
            None => ("nothing".to_owned(), "all processes are seen"),
            Some(value) => {
                (value.clone(), "processes of other users are not seen: those of sudo can't be named when they stay")
            }
        };
        vec![
            choice(
                "subreaper",
                machine.subreaper,
                "daemons that jobs start are adopted, and ended with their jobs",
                "daemons that jobs start are not ended with their jobs (Linux 3.4 can)",
            ),
            choice(
                "pidfd",
                machine.pidfd,
                "a signal never hits a process that has got a reused number",
                "what has left its job's process group is not ended: it needs Linux 5.3, and a sandbox that allows pidfd_open",
            ),
            choice(
                "families in /proc",
                machine.children,
                "what has left its job's process group is found",
                "what has left its job's process group is not found: mount /proc (mount -t proc proc /proc)",
            ),
            choice(
                "watcher",
                machine.subreaper && machine.children,
                "when one of fanout's two processes is killed, the other ends the jobs",
                "when fanout is killed, daemons of its jobs are not ended",
            ),
            ("hidden in /proc", hidden.0, hidden.1.to_owned()),
            ("control group", cgroup.0, cgroup.1.to_owned()),
            choice(
                "user namespaces",
                machine.user_namespaces,
                "unshare -Ur --pid --fork --kill-child fanout ... holds a run in a process namespace, which ends with it",
                "a run can be held in a process namespace by root only",
            ),
            choice(
                "close_range",
                machine.close_range,
                "--close-fds works",
                "--close-fds does not work (Linux 5.9 has it)",
            ),
        ]
    }

    /// The shell, the folder for temporary files, the terminal.
    fn surroundings(&self) -> Vec<(&'static str, String, String)> {
        let direct = if self.transparent {
            "commands without special characters are started without it"
        } else {
            "it runs every command, as only sh, dash and bash can be left out, without BASH_ENV, ENV and their like"
        };
        let temp = escape(self.temp.as_os_str().as_encoded_bytes()).into_owned();
        let (room, meaning) = match (&self.no_temp, self.free) {
            (Some(error), _) => (
                format!("can't be written: {error}"),
                "a run whose output does not fit in memory ends: set TMPDIR to another folder",
            ),
            (None, Some(free)) => {
                (format!("{} free", size(free)), "output that does not fit in memory waits there, without a name")
            }
            (None, None) => {
                ("free space unknown".to_owned(), "output that does not fit in memory waits there, without a name")
            }
        };
        let names = ["input", "output", "error"];
        let shown: Vec<&str> =
            names.into_iter().zip(self.machine.terminals).filter(|(_, is)| *is).map(|(name, _)| name).collect();
        let tty = if self.machine.has_tty {
            "--tty lends jobs the terminal"
        } else {
            "there is none to lend to jobs (--tty)"
        };
        let display = if self.machine.terminals[2] {
            "progress is drawn, and failed jobs are listed"
        } else {
            "progress is a line a minute, and failed jobs are listed if CI is set"
        };
        vec![
            ("shell", escape(self.shell.as_bytes()).into_owned(), format!("{}; {direct}", self.chosen_by)),
            ("temporary files", format!("{temp}, {room}"), meaning.to_owned()),
            (
                "terminal",
                if shown.is_empty() { "none".to_owned() } else { shown.join(", ") },
                format!("{display}; {tty}"),
            ),
        ]
    }
}

impl fmt::Display for Doctor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries().iter().try_for_each(|(name, value, meaning)| writeln!(f, "{name}: {value}\n    {meaning}"))
    }
}

fn choice(name: &'static str, there: bool, yes: &str, no: &str) -> (&'static str, String, String) {
    let (value, meaning) = if there { ("yes", yes) } else { ("no", no) };
    (name, value.to_owned(), meaning.to_owned())
}

fn jobs(count: usize) -> String {
    if count == 1 { "1 job at once".to_owned() } else { format!("{count} jobs at once") }
}

fn limit(count: Option<u64>) -> String {
    count.filter(|count| *count != u64::MAX).map_or("unlimited".to_owned(), |count| count.to_string())
}

/// Bytes for people, with one digit after the point.
fn size(bytes: u64) -> String {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20)];
    let (unit, shift) = units.into_iter().find(|(_, shift)| bytes >> shift > 0).unwrap_or(("KiB", 10));
    format!("{:.1} {unit}", bytes as f64 / (1u64 << shift) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::machine::Cgroup;

    fn rich() -> Doctor {
        let slots = |count, reason: &str| Slots { count, reason: reason.to_owned() };
        Doctor {
            version: "1.2.3",
            machine: Machine {
                system: "Linux 6.1.0".to_owned(),
                root: false,
                mask: 8,
                quota: Some(2.5),
                nofile: (1024, 1 << 20),
                nproc: Some(63_000),
                memory: None,
                pipes: Some(64 << 20),
                arguments: 2 << 20,
                subreaper: true,
                pidfd: true,
                close_range: true,
                children: true,
                hidepid: None,
                cgroup: Some(Cgroup { folder: "/sys/fs/cgroup/me".into(), delegated: true, kill: true }),
                user_namespaces: true,
                terminals: [true, false, true],
                has_tty: true,
            },
            slots: slots(3, "cgroup quota of 2.5 CPUs"),
            most: slots(32_000, ""),
            shell: "/bin/bash".to_owned(),
            chosen_by: "$SHELL",
            transparent: true,
            temp: "/tmp".into(),
            free: Some(5 << 30),
            no_temp: None,
        }
    }

    /// A machine that lacks everything.
    fn poor() -> Doctor {
        let mut doctor = rich();
        let machine = &mut doctor.machine;
        (machine.root, machine.quota, machine.nofile, machine.nproc) = (true, None, (32, 32), None);
        (machine.memory, machine.pipes) = (Some(10 << 20), None);
        (machine.subreaper, machine.pidfd, machine.close_range, machine.children) = (false, false, false, false);
        (machine.hidepid, machine.cgroup, machine.user_namespaces) = (Some("invisible".to_owned()), None, false);
        (machine.terminals, machine.has_tty) = ([false; 3], false);
        doctor.slots.count = 1;
        doctor.transparent = false;
        doctor.shell = "/bin/z\x1bsh".to_owned();
        doctor.no_temp = Some("Read-only file system (os error 30)".to_owned());
        doctor
    }

    #[test]
    fn what_a_machine_gives_and_what_it_means() {
        insta::assert_snapshot!(rich(), @r##"
        fanout: 1.2.3
            on Linux 6.1.0
        cpus: 8
            in the affinity mask; 3 jobs at once by default: cgroup quota of 2.5 CPUs
        cpu quota: 2.5 CPUs
            of the control groups; a quota below the CPUs makes fewer slots
        open files: 1024, at most 1048576
            fanout raises its own limit as it needs: 32000 jobs at once with -j0; jobs get theirs back
        processes: 63000
            all processes of this user count; beyond it fanout goes on with fewer jobs at once
        memory: unlimited
            a process may map so much (ulimit -v); fanout needs about 14 MiB
        pipe buffers: 64.0 MiB
            for all pipes of a user, and new ones are small beyond it; two pipes a job
        arguments: 2.0 MiB
            for a command and its environment, and 128.0 KiB for one word: longer ones fail before they start
        subreaper: yes
            daemons that jobs start are adopted, and ended with their jobs
        pidfd: yes
            a signal never hits a process that has got a reused number
        families in /proc: yes
            what has left its job's process group is found
        watcher: yes
            when one of fanout's two processes is killed, the other ends the jobs
        hidden in /proc: nothing
            all processes are seen
        control group: /sys/fs/cgroup/me, delegated, with cgroup.kill
            jobs could be held in groups and killed as a whole, whatever kills fanout
        user namespaces: yes
            unshare -Ur --pid --fork --kill-child fanout ... holds a run in a process namespace, which ends with it
        close_range: yes
            --close-fds works
        shell: /bin/bash
            $SHELL; commands without special characters are started without it
        temporary files: /tmp, 5.0 GiB free
            output that does not fit in memory waits there, without a name
        terminal: input, error
            progress is drawn, and failed jobs are listed; --tty lends jobs the terminal
        "##);
    }

    #[test]
    fn what_a_machine_lacks_and_what_it_means() {
        insta::assert_snapshot!(poor(), @r##"
        fanout: 1.2.3
            on Linux 6.1.0
        cpus: 8
            in the affinity mask; 1 job at once by default: cgroup quota of 2.5 CPUs
        cpu quota: none
            of the control groups; a quota below the CPUs makes fewer slots
        open files: 32, at most 32
            fanout raises its own limit as it needs: 32000 jobs at once with -j0; jobs get theirs back
        processes: unlimited
            root is not bound by it; beyond it fanout goes on with fewer jobs at once
        memory: 10.0 MiB
            a process may map so much (ulimit -v); fanout needs about 14 MiB
        pipe buffers: unlimited
            for all pipes of a user, and new ones are small beyond it; root is not bound by it
        arguments: 2.0 MiB
            for a command and its environment, and 128.0 KiB for one word: longer ones fail before they start
        subreaper: no
            daemons that jobs start are not ended with their jobs (Linux 3.4 can)
        pidfd: no
            what has left its job's process group is not ended: it needs Linux 5.3, and a sandbox that allows pidfd_open
        families in /proc: no
            what has left its job's process group is not found: mount /proc (mount -t proc proc /proc)
        watcher: no
            when fanout is killed, daemons of its jobs are not ended
        hidden in /proc: invisible
            processes of other users are not seen: those of sudo can't be named when they stay
        control group: not mounted
            version 2 is not there; nothing that fanout needs
        user namespaces: no
            a run can be held in a process namespace by root only
        close_range: no
            --close-fds does not work (Linux 5.9 has it)
        shell: /bin/z\x1bsh
            $SHELL; it runs every command, as only sh, dash and bash can be left out, without BASH_ENV, ENV and their like
        temporary files: /tmp, can't be written: Read-only file system (os error 30)
            a run whose output does not fit in memory ends: set TMPDIR to another folder
        terminal: none
            progress is a line a minute, and failed jobs are listed if CI is set; there is none to lend to jobs (--tty)
        "##);
    }

    #[test]
    fn a_group_that_is_not_delegated_says_how_to_get_one() {
        let mut doctor = rich();
        doctor.machine.cgroup = Some(Cgroup { folder: "/sys/fs/cgroup".into(), delegated: false, kill: false });
        let text = doctor.to_string();
        assert!(
            text.contains("control group: /sys/fs/cgroup, not delegated, without cgroup.kill\n    this user"),
            "{text}"
        );
    }
}
