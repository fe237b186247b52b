//! A counting semaphore that all processes of a user share by its name.
//!
//! A place is a FIFO in a folder of the user's, and who is in it keeps it open with an exclusive flock: the kernel frees the
//! place when the last process that has it is gone, however it went. A FIFO, because those who wait have it open for
//! reading, and poll tells them of that moment (its POLLHUP comes after the lock is off). Places are looked at and taken
//! under another lock, the gate, which nobody keeps for longer than that: so "fewer than N are in" is always true when
//! somebody goes in, also where each comes with another N (as GNU parallel counts).

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;

use crate::diag::{Diag, escape};
use crate::options::Patience;

/// Places whose ends are waited for at once: each takes a descriptor.
const WATCHED: usize = 64;
/// How often is looked where more of them are taken than can be waited for.
const LOOK: Duration = Duration::from_millis(50);
/// How often is looked in any case: a file system might not tell.
const LOOK_ANYWAY: Duration = Duration::from_secs(1);
/// How often the gate is tried where the time is limited, or where it is not worth waiting for.
const TRY: Duration = Duration::from_millis(1);
/// How long a place is tidied up for at the most.
const TIDY: Duration = Duration::from_millis(50);
/// Bytes of a file's name; one that would be longer ends in a hash.
const LONGEST_NAME: usize = 200;
/// What GNU parallel calls a standard input without a terminal, and so the semaphore of all who have none.
const NO_TERMINAL: &[u8] = b"not a tty";

/// A semaphore.
#[derive(Debug)]
pub struct Semaphore {
    folder: OwnedFd,
    path: PathBuf,
    name: String,
}

/// A place in it. It is given back when the last process that has it lets go of its descriptor.
#[derive(Debug)]
pub struct Place {
    semaphore: Semaphore,
    file: OwnedFd,
}

/// Who is in.
#[derive(Debug, Default)]
struct Survey {
    taken: usize,
    /// The places that are taken, for poll.
    files: Vec<OwnedFd>,
    /// The first place that is free; there may be no file for it.
    free: u32,
    /// Files there are.
    places: u32,
}

impl Semaphore {
    /// The one with this name, or with that of the terminal on standard input.
    ///
    /// # Errors
    /// Its folder can't be made, or is open to others.
    pub fn open(name: Option<&[u8]>) -> Result<Semaphore> {
        let name = match (name, rustix::termios::ttyname(rustix::stdio::stdin(), Vec::new())) {
            (Some(name), _) => file_name(name),
            (None, Ok(terminal)) => file_name(terminal.to_bytes()),
            (None, Err(_)) => file_name(NO_TERMINAL),
        };
        // Neither $HOME nor $XDG_RUNTIME_DIR: a job of cron and one of a login must meet, and the latter's folder goes at logout.
        let base = std::env::var_os("TMPDIR").map(PathBuf::from).filter(|path| path.is_absolute());
        let user = rustix::process::geteuid();
        let path = base.unwrap_or_else(|| "/tmp".into()).join(format!("fanout-sem-{}", user.as_raw()));
        let shown = || escape(path.as_os_str().as_encoded_bytes()).into_owned();
        match rustix::fs::mkdir(&path, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => {
                let error = io::Error::from(error);
                bail!(
                    "can't make the folder of semaphores {}: {error}: set TMPDIR to one that you can write in",
                    shown()
                );
            }
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = rustix::fs::open(&path, flags, Mode::empty());
        let own = folder.ok().filter(|folder| {
            rustix::fs::fstat(folder).is_ok_and(|stat| stat.st_uid == user.as_raw() && stat.st_mode & 0o077 == 0)
        });
        let Some(folder) = own else {
            bail!(
                "{} is not a folder that only you can use: remove it, or set TMPDIR to a folder of your own",
                shown()
            );
        };
        // Who clears away what is old (systemd-tmpfiles) leaves a locked folder alone.
        flock(&folder, FlockOperation::NonBlockingLockShared).ok();
        Ok(Semaphore { folder, path, name })
    }

    /// Waits until fewer than `places` are taken, and takes one. `None`: the time is over.
    ///
    /// # Errors
    /// Files can't be made or locked.
    pub fn enter(self, places: usize, patience: Patience, diag: &Diag) -> Result<Option<Place>> {
        let deadline = deadline(patience);
        loop {
            let Some(gate) = self.gate(deadline)? else {
                // Nobody counts this one: its place is the folder.
                let file = if goes_on(patience, diag) { Some(self.folder.try_clone()?) } else { None };
                return Ok(file.map(|file| Place { semaphore: self, file }));
            };
            let survey = self.survey()?;
            let over = is_over(deadline);
            if survey.taken < places || (over && goes_on(patience, diag)) {
                let file = self.take(survey.free)?;
                drop(gate);
                return Ok(Some(Place { semaphore: self, file }));
            }
            drop(gate);
            if over {
                return Ok(None);
            }
            survey.wait(deadline)?;
        }
    }

    /// Waits until no place is taken. False: the time is over, and that is a failure.
    ///
    /// # Errors
    /// As [`Semaphore::enter`].
    pub fn wait(&self, patience: Patience, diag: &Diag) -> Result<bool> {
        let deadline = deadline(patience);
        loop {
            let Some(gate) = self.gate(deadline)? else { return Ok(goes_on(patience, diag)) };
            let survey = self.survey()?;
            if survey.taken == 0 {
                self.remove(&survey);
                return Ok(true);
            }
            drop(gate);
            if is_over(deadline) {
                return Ok(goes_on(patience, diag));
            }
            survey.wait(deadline)?;
        }
    }

    /// Keeps others from looking and taking as long as it is there. `None`: the time is over, and who has it has been
    /// stopped.
    fn gate(&self, deadline: Option<Instant>) -> Result<Option<OwnedFd>> {
        loop {
            let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let gate = rustix::fs::openat(&self.folder, self.gate_name(), flags, Mode::RUSR | Mode::WUSR);
            let gate = gate.map_err(|error| self.trouble("open", &self.gate_name(), error))?;
            let lock = |how| rustix::io::retry_on_intr(|| flock(&gate, how));
            let locked = match deadline {
                None => lock(FlockOperation::LockExclusive),
                Some(_) => loop {
                    match lock(FlockOperation::NonBlockingLockExclusive) {
                        Err(Errno::WOULDBLOCK) if is_over(deadline) => return Ok(None),
                        Err(Errno::WOULDBLOCK) => thread::sleep(TRY),
                        done => break done,
                    }
                },
            };
            locked.map_err(|error| self.trouble("lock", &self.gate_name(), error))?;
            // Another one may have removed it meanwhile.
            if rustix::fs::fstat(&gate).map_err(io::Error::from)?.st_nlink > 0 {
                return Ok(Some(gate));
            }
        }
    }

    /// Looks who is in. To be called behind the gate.
    fn survey(&self) -> Result<Survey> {
        let mut survey = Survey::default();
        loop {
            let number = survey.places + 1;
            let name = self.place_name(number);
            let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let file = match rustix::fs::openat(&self.folder, &name, flags, Mode::empty()) {
                Ok(file) => file,
                Err(Errno::NOENT) => break,
                Err(error) => return Err(self.trouble("open", &name, error)),
            };
            let stat = rustix::fs::fstat(&file).map_err(|error| self.trouble("look at", &name, error))?;
            if FileType::from_raw_mode(stat.st_mode) != FileType::Fifo {
                bail!("{} is not what a semaphore is made of: remove it", self.shown(&name));
            }
            survey.places = number;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) if survey.free == 0 => survey.free = number,
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => {
                    survey.taken += 1;
                    if survey.files.len() < WATCHED {
                        survey.files.push(file);
                    }
                }
                Err(error) => return Err(self.trouble("lock", &name, error)),
            }
        }
        if survey.free == 0 {
            survey.free = survey.places + 1;
        }
        Ok(survey)
    }

    /// Takes a place that is free. To be called behind the gate.
    fn take(&self, number: u32) -> Result<OwnedFd> {
        let name = self.place_name(number);
        let mode = Mode::RUSR | Mode::WUSR;
        match rustix::fs::mknodat(&self.folder, &name, FileType::Fifo, mode, 0) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(self.trouble("make", &name, error)),
        }
        // For both, so that nobody has to be at the other end.
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.folder, &name, flags, Mode::empty());
        let file = file.map_err(|error| self.trouble("open", &name, error))?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|error| self.trouble("lock", &name, error))?;
        Ok(file)
    }

    /// Removes all files of a semaphore that nobody is in. To be called behind the gate.
    fn remove(&self, survey: &Survey) {
        // What stays is used again. From the last one on, so that no number is ever missing below another.
        let places = (1..=survey.places).rev().map(|number| self.place_name(number));
        for name in places.chain([self.gate_name()]) {
            rustix::fs::unlinkat(&self.folder, name, AtFlags::empty()).ok();
        }
    }

    fn gate_name(&self) -> String {
        format!("{}.lock", self.name)
    }

    fn place_name(&self, number: u32) -> String {
        format!("{}.{number}", self.name)
    }

    fn shown(&self, name: &str) -> String {
        escape(self.path.join(name).as_os_str().as_encoded_bytes()).into_owned()
    }

    fn trouble(&self, what: &str, name: &str, error: Errno) -> anyhow::Error {
        anyhow::anyhow!("can't {what} {}, which the semaphore needs: {}", self.shown(name), io::Error::from(error))
    }
}

impl Survey {
    /// Waits until somebody who is in has gone, or it is time to look again.
    fn wait(&self, deadline: Option<Instant>) -> Result<()> {
        let look = if self.taken > self.files.len() { LOOK } else { LOOK_ANYWAY };
        let left = deadline.map_or(look, |deadline| look.min(deadline.saturating_duration_since(Instant::now())));
        let mut files: Vec<PollFd<'_>> = self.files.iter().map(|file| PollFd::new(file, PollFlags::empty())).collect();
        match poll(&mut files, Some(&left.try_into().context("a time of days")?)) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(io::Error::from(error)).context("can't wait for the semaphore"),
        }
    }
}

impl Place {
    /// Frees the place, and removes all files if nobody else is in. Best effort: the end of the process frees it as well.
    pub fn leave(self) {
        let deadline = Some(Instant::now() + TIDY);
        if let Ok(Some(_gate)) = self.semaphore.gate(deadline)
            && flock(&self.file, FlockOperation::Unlock).is_ok()
            && let Ok(survey) = self.semaphore.survey()
            && survey.taken == 0
        {
            self.semaphore.remove(&survey);
        }
    }
}

impl AsFd for Place {
    /// Who has a copy of it has the place.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

fn deadline(patience: Patience) -> Option<Instant> {
    match patience {
        Patience::Endless => None,
        Patience::ThenTake(time) | Patience::ThenGiveUp(time) => Instant::now().checked_add(time),
    }
}

/// The time is over: what comes then, which is said.
fn goes_on(patience: Patience, diag: &Diag) -> bool {
    let goes_on = matches!(patience, Patience::ThenTake(_));
    let what = if goes_on { "going on without a free place" } else { "giving up" };
    diag.warn(format_args!("the semaphore is still taken: {what} (--semaphore-timeout)"));
    goes_on
}

fn is_over(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| deadline <= Instant::now())
}

/// The beginning of the names of its files: the name with everything but letters, digits, `_` and `-` as `%` and two
/// digits, so that no two names have the same files and none is another folder's.
fn file_name(name: &[u8]) -> String {
    let mut encoded = String::from("id-");
    for byte in name {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => encoded.push(char::from(*byte)),
            byte => encoded.push_str(&format!("%{byte:02x}")),
        }
    }
    if encoded.len() > LONGEST_NAME {
        // FNV-1a of 128 bits. Not for secrets: who can choose names shares them with nobody.
        let hash = name.iter().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash: u128, byte| {
            (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        });
        encoded.truncate(LONGEST_NAME - 33);
        // Outside of what an encoded name can hold.
        encoded.push_str(&format!("+{hash:032x}"));
    }
    encoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_safe_in_a_folder() {
        for (name, expected) in [
            (&b"x"[..], "id-x"),
            (b"", "id-"),
            (b"not a tty", "id-not%20a%20tty"),
            (b"/dev/pts/0", "id-%2fdev%2fpts%2f0"),
            (b"..", "id-%2e%2e"),
            (b"a%2f", "id-a%252f"),
            (b"a.lock", "id-a%2elock"),
            (b"\xff\n", "id-%ff%0a"),
        ] {
            assert_eq!(file_name(name), expected);
        }
        assert_eq!(file_name(&[b'x'; 197]).len(), 200);
        assert_eq!(file_name(&[b'x'; 198]).len(), 200);
        assert_ne!(file_name(&[b'x'; 198]), file_name(&[b'x'; 199]));
    }

    proptest! {
        /// Two names have the same files only where they are the same, and no file's name is one of the file system's.
        #[test]
        fn names_stay_apart(
            one in prop::collection::vec(any::<u8>(), 0..300),
            other in prop::collection::vec(prop_oneof![Just(b'/'), Just(b'%'), Just(b'2'), Just(b'f'), Just(b'.')], 0..90),
        ) {
            for name in [&one, &other] {
                let file = file_name(name);
                prop_assert!(file.len() <= LONGEST_NAME);
                let safe = |c: char| c.is_ascii_alphanumeric() || "_-%+".contains(c);
                prop_assert!(file.chars().all(safe), "{}", file);
            }
            prop_assert_eq!(one == other, file_name(&one) == file_name(&other));
        }
    }
}
