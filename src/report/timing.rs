//! `--timing`: what each job cost, a line per job.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use serde::Serialize;

use super::Verdict;
use super::lines::Lines;
use super::text::{clip, signal_name};
use crate::diag::Diag;
use crate::model::{Finished, Outcome};
use crate::options::{ReportFormat, ReportOptions};

/// The open report.
pub struct Timing<'a> {
    lines: Lines<'a>,
    format: ReportFormat,
    headed: bool,
}

impl<'a> Timing<'a> {
    /// Opens the file. `None` without `--timing`.
    ///
    /// # Errors
    /// A file that can't be opened.
    pub fn open(options: &ReportOptions, diag: &'a Diag) -> Result<Option<Timing<'a>>> {
        let Some(to) = &options.timing else { return Ok(None) };
        let lines = Lines::open("--timing-file", to.file.as_deref(), false, diag)?;
        Ok(Some(Timing { lines, format: to.format, headed: false }))
    }

    /// Adds the line of a job.
    ///
    /// # Errors
    /// A file that can't be written.
    pub fn finished(&mut self, job: &Finished) -> Result<()> {
        let line = self.lines.buffer();
        match self.format {
            ReportFormat::Text => {
                if !self.headed {
                    write_columns(HEADER, line)?;
                    self.headed = true;
                }
                write_text(job, line)?;
            }
            ReportFormat::Json => {
                serde_json::to_writer(&mut *line, &Row::new(job))?;
                line.push(b'\n');
            }
        }
        self.lines.end_line()
    }

    /// Gives everything to the kernel.
    ///
    /// # Errors
    /// A file that can't be written.
    pub fn flush(&mut self) -> Result<()> {
        self.lines.flush()
    }

    /// Lines for standard output (`--timing-file -`).
    pub fn take_stdout(&mut self) -> Vec<u8> {
        self.lines.take_stdout()
    }
}

const HEADER: [&str; 11] =
    ["seq", "slot", "start (UTC)", "wall s", "user s", "sys s", "peak MiB", "tries", "exit", "result", "command"];

/// One aligned line for people: times in seconds, memory in MiB, with `<=` where it is only an upper bound. `exit` is
/// the status, the signal, or how else it ended; `result` is `ok` or `failed`, followed by `leaked` when something was
/// left in the background.
fn write_text(job: &Finished, line: &mut Vec<u8>) -> Result<()> {
    let exit = match &job.outcome {
        Outcome::Exited(status) => status.to_string(),
        Outcome::Signaled(signal) => signal_name(*signal).into_owned(),
        Outcome::TimedOut => "timeout".to_owned(),
        Outcome::WantedTerminal => "terminal".to_owned(),
        Outcome::Evicted => "evicted".to_owned(),
        Outcome::Declined => "declined".to_owned(),
        Outcome::SpawnFailed(_) | Outcome::NotExecutable(_) | Outcome::Refused(_) => "unstarted".to_owned(),
        Outcome::OutputLost(_) => "lost".to_owned(),
        Outcome::Cancelled => "cancelled".to_owned(),
        Outcome::Skipped | Outcome::AlreadyDone => "skipped".to_owned(),
    };
    let result = match Verdict::of(job) {
        Verdict::Succeeded => "ok",
        Verdict::Failed => "failed",
        Verdict::Cancelled | Verdict::Skipped => "-",
    };
    let bound = if job.usage.peak_is_bound { "<=" } else { "" };
    // A start before 1970 or after 9999 is a broken clock's; humantime would panic on it.
    let start = job.start.clamp(UNIX_EPOCH, UNIX_EPOCH + Duration::from_secs(253_402_300_799));
    let seconds = |duration: Duration| format!("{:.3}", duration.as_secs_f64());
    write_columns(
        [
            &job.seq.to_string(),
            &job.slot.map_or_else(|| "-".to_owned(), |slot| slot.to_string()),
            &humantime::format_rfc3339_millis(start).to_string(),
            &seconds(job.wall),
            &seconds(job.usage.user),
            &seconds(job.usage.system),
            &format!("{bound}{:.1}", job.usage.peak_rss as f64 / f64::from(1 << 20)),
            &job.tries.to_string(),
            &exit,
            &if job.leaked { format!("{result} leaked") } else { result.to_owned() },
            &clip(&job.command, COMMAND),
        ],
        line,
    )
}

/// Numbers to the right, words to the left, wide enough for all but very long runs.
fn write_columns(fields: [&str; 11], line: &mut Vec<u8>) -> Result<()> {
    let [seq, slot, start, wall, user, system, peak, tries, exit, result, command] = fields;
    writeln!(
        line,
        "{seq:>6} {slot:>4} {start:<24} {wall:>10} {user:>10} {system:>10} {peak:>10} {tries:>5} {exit:<9} {result:<6} {command}"
    )?;
    Ok(())
}

/// Characters of a command in a line.
const COMMAND: usize = 200;

/// The JSON object of one job. The names and units of its members are promised to programs.
#[derive(Serialize)]
struct Row<'a> {
    seq: u64,
    /// Null for a job that never started.
    slot: Option<u32>,
    /// Seconds since 1970, of the last try.
    start: f64,
    wall_s: f64,
    user_s: f64,
    system_s: f64,
    peak_rss_bytes: u64,
    /// `peak_rss_bytes` is only an upper bound.
    peak_is_bound: bool,
    outcome: &'static str,
    /// The exit status; null unless `outcome` is `exited`.
    exit: Option<i32>,
    /// The signal; null unless `outcome` is `signaled`.
    signal: Option<i32>,
    success: bool,
    tries: u32,
    leaked: bool,
    stdout_bytes: u64,
    stderr_bytes: u64,
    #[serde(flatten)]
    command: Command<'a>,
}

/// A command in JSON, which knows only Unicode.
#[derive(Serialize)]
pub struct Command<'a> {
    /// The command, with U+FFFD for what is not UTF-8.
    command: std::borrow::Cow<'a, str>,
    /// Its bytes, as numbers; only when it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    command_bytes: Option<&'a [u8]>,
}

impl<'a> Command<'a> {
    /// `bytes`, as text and, where that would lose something, as numbers.
    pub fn new(bytes: &'a [u8]) -> Command<'a> {
        let command = String::from_utf8_lossy(bytes);
        let lossy = matches!(command, std::borrow::Cow::Owned(_));
        Command { command, command_bytes: lossy.then_some(bytes) }
    }
}

impl<'a> Row<'a> {
    fn new(job: &'a Finished) -> Row<'a> {
        Row {
            seq: job.seq.0,
            slot: job.slot.map(|slot| slot.0),
            start: epoch_seconds(job.start),
            wall_s: job.wall.as_secs_f64(),
            user_s: job.usage.user.as_secs_f64(),
            system_s: job.usage.system.as_secs_f64(),
            peak_rss_bytes: job.usage.peak_rss,
            peak_is_bound: job.usage.peak_is_bound,
            outcome: outcome_name(&job.outcome),
            exit: match job.outcome {
                Outcome::Exited(status) => Some(status),
                _ => None,
            },
            signal: match job.outcome {
                Outcome::Signaled(signal) => Some(signal),
                _ => None,
            },
            success: job.success,
            tries: job.tries,
            leaked: job.leaked,
            stdout_bytes: job.stdout_bytes,
            stderr_bytes: job.stderr_bytes,
            command: Command::new(&job.command),
        }
    }
}

/// Microseconds are as fine as a double holds since 1970.
fn epoch_seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros() as f64 / 1e6
}

fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Exited(_) => "exited",
        Outcome::Signaled(_) => "signaled",
        Outcome::TimedOut => "timed-out",
        Outcome::WantedTerminal => "wanted-terminal",
        Outcome::Evicted => "evicted",
        Outcome::Declined => "declined",
        Outcome::SpawnFailed(_) | Outcome::NotExecutable(_) | Outcome::Refused(_) => "spawn-failed",
        Outcome::OutputLost(_) => "output-lost",
        Outcome::Cancelled => "cancelled",
        Outcome::Skipped | Outcome::AlreadyDone => "skipped",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{finished, millis};
    use super::*;
    use crate::model::{Slot, Usage};
    use crate::options::{Options, ReportTo};

    fn render(format: ReportFormat, jobs: &[Finished]) -> String {
        let mut options = Options::default();
        options.report.timing = Some(ReportTo { format, file: Some("-".into()) });
        let diag = Diag::new("fanout");
        let mut timing = Timing::open(&options.report, &diag).expect("opens").expect("is on");
        for job in jobs {
            timing.finished(job).expect("is written");
        }
        String::from_utf8(timing.take_stdout()).expect("is UTF-8")
    }

    fn jobs() -> Vec<Finished> {
        let mut first = finished(1, Outcome::Exited(0), 1234, b"gzip -9 a.log");
        first.usage = Usage { user: millis(1100), system: millis(34), peak_rss: 12_345_678, peak_is_bound: false };
        let mut killed = finished(2, Outcome::Signaled(9), 20, b"echo \xff\x1b[2J");
        killed.slot = Some(Slot(12));
        killed.usage.peak_rss = 3 << 20;
        killed.usage.peak_is_bound = true;
        killed.leaked = true;
        killed.tries = 3;
        let mut skipped = finished(100_000, Outcome::Skipped, 0, b"echo");
        skipped.slot = None;
        skipped.tries = 0;
        vec![
            first,
            killed,
            finished(3, Outcome::TimedOut, 10_001, b"sleep 60"),
            finished(4, Outcome::SpawnFailed("no".into()), 0, b"x"),
            finished(5, Outcome::Cancelled, 5, b"y"),
            skipped,
        ]
    }

    #[test]
    fn text_is_aligned() {
        insta::assert_snapshot!(render(ReportFormat::Text, &jobs()), @r##"
           seq slot start (UTC)                  wall s     user s      sys s   peak MiB tries exit      result command
             1    1 2026-11-21T08:37:03.022Z      1.234      1.100      0.034       11.8     1 0         ok     gzip -9 a.log
             2   12 2026-11-21T08:37:03.022Z      0.020      0.000      0.000      <=3.0     3 SIGKILL   failed leaked echo \xff\x1b[2J
             3    1 2026-11-21T08:37:03.022Z     10.001      0.000      0.000        0.0     1 timeout   failed sleep 60
             4    1 2026-11-21T08:37:03.022Z      0.000      0.000      0.000        0.0     1 unstarted failed x
             5    1 2026-11-21T08:37:03.022Z      0.005      0.000      0.000        0.0     1 cancelled -      y
        100000    - 2026-11-21T08:37:03.022Z      0.000      0.000      0.000        0.0     0 skipped   -      echo
        "##);
    }

    #[test]
    fn json_is_an_object_per_line() {
        let text = render(ReportFormat::Json, &jobs());
        insta::assert_snapshot!(text.lines().take(2).collect::<Vec<_>>().join("\n"), @r##"
        {"seq":1,"slot":1,"start":1795250223.022,"wall_s":1.234,"user_s":1.1,"system_s":0.034,"peak_rss_bytes":12345678,"peak_is_bound":false,"outcome":"exited","exit":0,"signal":null,"success":true,"tries":1,"leaked":false,"stdout_bytes":0,"stderr_bytes":0,"command":"gzip -9 a.log"}
        {"seq":2,"slot":12,"start":1795250223.022,"wall_s":0.02,"user_s":0.0,"system_s":0.0,"peak_rss_bytes":3145728,"peak_is_bound":true,"outcome":"signaled","exit":null,"signal":9,"success":false,"tries":3,"leaked":true,"stdout_bytes":0,"stderr_bytes":0,"command":"echo �\u001b[2J","command_bytes":[101,99,104,111,32,255,27,91,50,74]}
        "##);
        for line in text.lines() {
            serde_json::from_str::<serde_json::Value>(line).expect("parses");
        }
        assert_eq!(text.lines().count(), 6);
    }

    #[test]
    fn a_broken_clock_is_no_reason_to_stop() {
        let mut job = finished(1, Outcome::Exited(0), 1, b"x");
        for start in [UNIX_EPOCH - millis(5000), UNIX_EPOCH + millis(u64::MAX / 4)] {
            job.start = start;
            for format in [ReportFormat::Text, ReportFormat::Json] {
                assert!(render(format, std::slice::from_ref(&job)).ends_with('\n'));
            }
        }
    }
}
