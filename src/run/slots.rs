//! How many slots, why that many, and on which CPUs.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::diag::Diag;
use crate::options::{Cpu, Jobs, Pin};
use crate::sys::cpus::{self, Cpus};
use crate::sys::{affinity, limits};

/// The most slots that `-j0` asks for, where the machine sets no lower limit (as GNU parallel's own bound on a host).
const UNLIMITED: usize = 32_000;
/// Descriptors that a slot takes at most: its wake, both ends of two pipes, the child's handle, and one to spare.
const FDS_PER_SLOT: u64 = 7;
/// Descriptors that fanout may still open besides: inputs, reports, the temporary file.
const FDS_BESIDES: u64 = 8;

/// The slots of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slots {
    /// At least 1.
    pub count: usize,
    /// Why that many, in a few words.
    pub reason: String,
}

/// What `--jobs` says now: where it is a file, what that holds.
///
/// # Errors
/// The file can't be read, or holds something else.
pub fn read(jobs: &Jobs) -> Result<Jobs> {
    let Jobs::File(path) = jobs else { return Ok(jobs.clone()) };
    let shown = path.display();
    let read = regular(path).and_then(|()| fs::read_to_string(path));
    let text = read.with_context(|| {
        format!("--jobs '{shown}' is no number, +N, -N or N%, and no file that holds one of these can be read")
    })?;
    Jobs::parse(text.trim()).with_context(|| {
        format!(
            "--jobs '{shown}': the file must hold a number, or +N, -N or N% of the CPUs, or 0 for as many as possible"
        )
    })
}

/// Something else might make us wait.
pub fn regular(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.is_file() { Ok(()) } else { Err(io::Error::other("no regular file")) }
}

/// What `--jobs` comes to on this machine.
pub fn resolve(jobs: &Jobs, cpu: Cpu, diag: &Diag) -> Slots {
    let (count, reason) = match jobs {
        Jobs::Exactly(count) => ((*count).max(1), format!("--jobs {count}")),
        Jobs::Unlimited => unlimited(),
        relative => by_cpus(relative, &usable(cpu)),
    };
    let (count, reason) = by_descriptors(count, reason, diag);
    Slots { count, reason }
}

/// What `--jobs` comes to for a semaphore: others bring the processes for all places but one.
pub fn places(jobs: &Jobs, cpu: Cpu) -> usize {
    match jobs {
        Jobs::Exactly(count) => (*count).max(1),
        Jobs::Unlimited => usize::MAX,
        relative => by_cpus(relative, &usable(cpu)).0,
    }
}

/// The CPUs that this process may really use, counted as `--use-cores-instead-of-threads` and its relative say.
pub fn usable(cpu: Cpu) -> Cpus {
    let usable = cpus::usable();
    let (count, what) = match cpu {
        Cpu::Thread => return usable,
        Cpu::Core => (cpus::topology().cores, "CPU cores"),
        Cpu::Socket => (cpus::topology().sockets, "CPU sockets"),
        Cpu::Given(count) => return Cpus { count, reason: format!("{count} CPUs, as --sshlogin says") },
    };
    if count >= usable.count { usable } else { Cpus { count, reason: format!("{count} {what}") } }
}

/// No more slots than the hard limit on descriptors has room for: idle slots would keep from those that work what they
/// need.
fn by_descriptors(count: usize, reason: String, diag: &Diag) -> (usize, String) {
    let (soft, hard) = limits::nofile();
    let needed = |open: u64| (count as u64).saturating_mul(FDS_PER_SLOT).saturating_add(FDS_BESIDES + open);
    if needed(soft.min(64)) <= soft {
        return (count, reason);
    }
    let open = limits::open_descriptors();
    if needed(open) <= hard {
        return (count, reason);
    }
    let room = (hard.saturating_sub(FDS_BESIDES + open) / FDS_PER_SLOT).max(1);
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    if room < count {
        diag.warn(format_args!(
            "the limit of {hard} open files allows no more jobs at once than {room}, not {count}: raise it with ulimit -n"
        ));
    }
    (room, format!("the limit of {hard} open files"))
}

fn by_cpus(jobs: &Jobs, cpus: &Cpus) -> (usize, String) {
    let (count, asked) = match jobs {
        // Rounded up, as GNU parallel.
        Jobs::Percent(percent) => ((cpus.count as f64 * percent / 100.0).ceil() as usize, format!("{percent}% of ")),
        Jobs::Plus(more) => (cpus.count.saturating_add(*more), format!("{more} more than ")),
        Jobs::Minus(fewer) => (cpus.count.saturating_sub(*fewer), format!("{fewer} fewer than ")),
        Jobs::Cpus | Jobs::Exactly(_) | Jobs::Unlimited | Jobs::File(_) => (cpus.count, String::new()),
    };
    (count.max(1), format!("{asked}{}", cpus.reason))
}

fn unlimited() -> (usize, String) {
    let (_, hard) = limits::nofile();
    let by_descriptors = (hard.saturating_sub(FDS_BESIDES + limits::open_descriptors()) / FDS_PER_SLOT).max(1);
    let by_processes = limits::nproc().unwrap_or(u64::MAX).max(1);
    let count = usize::try_from(by_descriptors.min(by_processes)).unwrap_or(UNLIMITED).min(UNLIMITED);
    (count, "--jobs 0: as many as the limits on descriptors and processes allow".to_owned())
}

/// The CPUs that slots are pinned to in turn; empty: none.
///
/// # Errors
/// `--pin` names a CPU that this process may not use.
pub fn pins(pin: &Pin, diag: &Diag) -> Result<Vec<usize>> {
    if *pin == Pin::None {
        return Ok(Vec::new());
    }
    let allowed = affinity::allowed();
    if allowed.is_empty() {
        diag.warn("this system does not tell which CPUs may be used: --pin is ignored");
    }
    Ok(match pin {
        Pin::None => Vec::new(),
        Pin::Compact => allowed,
        Pin::Spread => affinity::spread(&allowed),
        Pin::List(cpus) => {
            if let Some(cpu) = cpus.iter().find(|cpu| !allowed.contains(cpu)) {
                bail!("--pin: CPU {cpu} is not one that may be used here: {allowed:?}");
            }
            cpus.clone()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_numbers_start_from_the_usable_cpus_and_never_fall_below_one() {
        let cpus = Cpus { count: 4, reason: "4 CPUs".to_owned() };
        let count = |jobs| by_cpus(&jobs, &cpus).0;
        assert_eq!(count(Jobs::Cpus), 4);
        assert_eq!(count(Jobs::Percent(50.0)), 2);
        assert_eq!(count(Jobs::Percent(1.0)), 1);
        assert_eq!(count(Jobs::Percent(150.0)), 6);
        assert_eq!(count(Jobs::Percent(26.0)), 2);
        assert_eq!(count(Jobs::Plus(3)), 7);
        assert_eq!(count(Jobs::Minus(3)), 1);
        assert_eq!(count(Jobs::Minus(30)), 1);
        assert_eq!(by_cpus(&Jobs::Plus(1), &cpus).1, "1 more than 4 CPUs");
    }
}
