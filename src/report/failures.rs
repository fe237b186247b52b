//! Which jobs failed, where a person or a CI reads along: a line each for the first ones, and a total.

use crate::diag::Diag;
use crate::model::{Finished, Outcome};
use crate::options::{Failures as Wish, Habits, OnLeak, Options, Timeout, Tries};

use super::text::{clip, plural, short, signal_name};
use super::{Audience, Verdict};

/// So many failures have a line of their own.
const SHOWN: u64 = 10;
/// Characters of a command in a line.
pub const COMMAND: usize = 200;
/// Characters of a reason in a line, whose remedy stands at its end.
const REASON: usize = 600;

/// Counts jobs and says which failed.
pub struct Failures<'a> {
    diag: &'a Diag,
    wanted: bool,
    /// Tries in total; `None` is unlimited.
    tries: Option<u32>,
    /// The same for all jobs, if it is.
    timeout: Option<std::time::Duration>,
    /// `--on-leak=warn`.
    warns_of_leaks: bool,
    /// `--on-leak=fail`: such a job is named even where failed jobs are not.
    names_leaks: bool,
    jobs: u64,
    failed: u64,
    cancelled: u64,
    skipped: u64,
}

impl<'a> Failures<'a> {
    /// Silent where nobody asked: in scripts (cron must not send a mail for every `grep` that found nothing), and
    /// always under the name of a program that says nothing. Only a job that could not be started is named even so:
    /// nobody else says why.
    pub fn open(options: &Options, audience: Audience, diag: &'a Diag) -> Failures<'a> {
        let wanted = match options.report.failures {
            Wish::Auto => audience.stderr_is_terminal || audience.ci,
            Wish::Always => true,
            Wish::Never => false,
        };
        let speaks = options.program.habits == Habits::Fanout;
        Failures {
            diag,
            wanted: wanted && speaks,
            tries: match options.control.tries {
                Tries::Each(most) => most,
                Tries::Template(_) => None,
            },
            timeout: match options.control.timeout {
                Some(Timeout::After(timeout)) => Some(timeout),
                _ => None,
            },
            warns_of_leaks: options.control.on_leak == OnLeak::Warn && speaks,
            names_leaks: options.control.on_leak == OnLeak::Fail && speaks,
            jobs: 0,
            failed: 0,
            cancelled: 0,
            skipped: 0,
        }
    }

    /// Counts a job, and says that it failed. One that we ended, or never started, because the run was ending did
    /// not fail by itself: it is only counted.
    pub fn finished(&mut self, job: &Finished) {
        self.jobs += 1;
        let ended_by_itself = matches!(job.outcome, Outcome::Exited(_) | Outcome::Signaled(_));
        if self.warns_of_leaks && job.leaked && ended_by_itself {
            self.diag.warn(format_args!(
                "job {} left something in the background that holds its output: what that writes from now on is \
                 thrown away (see --on-leak)",
                job.seq
            ));
        }
        match Verdict::of(job) {
            Verdict::Skipped => self.skipped += 1,
            Verdict::Cancelled => self.cancelled += 1,
            Verdict::Succeeded => {}
            Verdict::Failed => {
                self.failed += 1;
                let named =
                    matches!(job.outcome, Outcome::SpawnFailed(_) | Outcome::Refused(_) | Outcome::OutputLost(_))
                        || (self.names_leaks && job.leaked);
                let shown = self.wanted || named;
                if shown && self.failed <= SHOWN {
                    self.diag.line(&self.line(job));
                }
            }
        }
    }

    /// Says the totals, if any job failed.
    pub fn close(&self) {
        for line in self.totals() {
            self.diag.line(&line);
        }
    }

    fn line(&self, job: &Finished) -> String {
        let wall = short(job.wall);
        let mut line = format!("job {} failed: ", job.seq);
        line += &match &job.outcome {
            Outcome::Exited(status) => format!("exit {status}, {wall}"),
            Outcome::Signaled(signal) => format!("killed by {}, {wall}", signal_text(*signal)),
            Outcome::TimedOut => format!("timed out after {}", short(self.timeout.unwrap_or(job.wall))),
            Outcome::WantedTerminal => format!("wanted the terminal, {wall}"),
            Outcome::Evicted => format!("ended to make room, {wall}"),
            Outcome::Declined => "not wanted".to_owned(),
            Outcome::SpawnFailed(reason) | Outcome::Refused(reason) => {
                format!("could not start: {}", clip(reason.as_bytes(), REASON))
            }
            Outcome::NotExecutable(number) => {
                format!("could not start: {}", std::io::Error::from_raw_os_error(*number))
            }
            Outcome::OutputLost(reason) => format!("its output is lost: {}", clip(reason.as_bytes(), REASON)),
            Outcome::Cancelled | Outcome::Skipped | Outcome::AlreadyDone => wall,
        };
        match self.tries {
            // Trying again does not help what can't be started.
            _ if job.tries == 0 => {}
            Some(1) => {}
            Some(tries) => line += &format!(", try {}/{tries}", job.tries),
            None => line += &format!(", try {}", job.tries),
        }
        if job.leaked {
            line += ", left something in the background";
            if self.names_leaks {
                line += " that holds its output (--on-leak=fail)";
            }
        }
        if !job.command.is_empty() {
            line += ": ";
            line += &clip(&job.command, COMMAND);
        }
        line
    }

    fn totals(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.failed == 0 || !self.wanted {
            return lines;
        }
        let more = self.failed.saturating_sub(SHOWN);
        if more > 0 {
            lines.push(format!("{more} more failed job{} not shown", plural(more)));
        }
        let mut total = format!("{} of {} job{} failed", self.failed, self.jobs, plural(self.jobs));
        if self.cancelled > 0 {
            total += &format!(", {} cancelled", self.cancelled);
        }
        if self.skipped > 0 {
            total += &format!(", {} never started", self.skipped);
        }
        lines.push(total);
        lines
    }
}

/// `SIGSEGV (11)`; a signal without a name is only its number.
fn signal_text(signal: i32) -> String {
    let name = signal_name(signal);
    if name.starts_with("SIG") { format!("{name} ({signal})") } else { name.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::finished;
    use super::*;

    fn open(diag: &Diag, tries: Option<u32>) -> Failures<'_> {
        let mut options = Options::default();
        options.control.tries = Tries::Each(tries);
        options.control.timeout = Some(Timeout::After(std::time::Duration::from_secs(10)));
        options.report.failures = Wish::Always;
        Failures::open(&options, Audience::default(), diag)
    }

    #[test]
    fn every_way_to_fail_has_its_words() {
        let diag = Diag::new("fanout");
        let failures = open(&diag, Some(1));
        let mut lines: Vec<String> = [
            (Outcome::Exited(2), 3140, &b"grep a\nb \xff"[..]),
            (Outcome::Signaled(11), 12, b"./crash"),
            (Outcome::Signaled(40), 12, b"./real-time"),
            (Outcome::TimedOut, 10_080, b"sleep 60"),
            (Outcome::SpawnFailed("no such shell: x\x1b".into()), 0, b""),
        ]
        .into_iter()
        .map(|(outcome, wall, command)| failures.line(&finished(17, outcome, wall, command)))
        .collect();
        let mut retried = finished(17, Outcome::Exited(1), 3100, "é".repeat(300).as_bytes());
        retried.tries = 3;
        retried.leaked = true;
        lines.push(open(&diag, Some(3)).line(&retried));
        lines.push(open(&diag, None).line(&finished(18, Outcome::Exited(1), 3100, b"x")));
        insta::assert_snapshot!(lines.join("\n"), @r##"
        job 17 failed: exit 2, 3.1s: grep a\nb \xff
        job 17 failed: killed by SIGSEGV (11), 12ms: ./crash
        job 17 failed: killed by signal 40, 12ms: ./real-time
        job 17 failed: timed out after 10s: sleep 60
        job 17 failed: could not start: no such shell: x\x1b
        job 17 failed: exit 1, 3.1s, try 3/3, left something in the background: ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé...
        job 18 failed: exit 1, 3.1s, try 1: x
        "##);
    }

    #[test]
    fn the_totals_come_only_after_a_failure() {
        let diag = Diag::new("fanout");
        let mut failures = open(&diag, Some(1));
        failures.finished(&finished(1, Outcome::Exited(0), 1, b"true"));
        failures.finished(&finished(2, Outcome::Cancelled, 1, b"sleep 5"));
        failures.finished(&finished(3, Outcome::Skipped, 0, b"sleep 5"));
        assert!(failures.totals().is_empty());
        // The lines that are not for this test's standard error are only counted.
        (failures.jobs, failures.failed) = (3 + SHOWN, SHOWN);
        failures.finished(&finished(4, Outcome::Exited(1), 1, b"false"));
        failures.finished(&finished(5, Outcome::Exited(1), 1, b"false"));
        insta::assert_snapshot!(failures.totals().join("\n"), @r##"
        2 more failed jobs not shown
        12 of 15 jobs failed, 1 cancelled, 1 never started
        "##);
    }

    #[test]
    fn scripts_and_other_names_hear_nothing() {
        let diag = Diag::new("fanout");
        let mut options = Options::default();
        let quiet = Audience::default();
        let terminal = Audience { stderr_is_terminal: true, ..quiet };
        let ci = Audience { ci: true, ..quiet };
        let speaks = |options: &Options, audience| Failures::open(options, audience, &diag).wanted;
        assert_eq!([quiet, terminal, ci].map(|audience| speaks(&options, audience)), [false, true, true]);
        options.report.failures = Wish::Never;
        assert!(!speaks(&options, terminal));
        options.report.failures = Wish::Always;
        assert!(speaks(&options, quiet));
        for habits in [Habits::Parallel, Habits::Xargs] {
            options.program.habits = habits;
            assert!(!speaks(&options, terminal));
        }
    }
}
