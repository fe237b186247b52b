//! The jobs that run now, for a person who asks (SIGUSR1).

use super::text::{bytes, clip, plural, short};
use crate::diag::Diag;
use crate::model::Sighting;

/// Characters of a command and of a line of output where no terminal says how many fit.
const TEXT: usize = 120;
/// Columns before the command.
const BEFORE: usize = 48;
/// A terminal is taken to be at least so wide; in a narrower one lines wrap.
const NARROWEST: usize = 60;

/// Says what runs, a line per job, as GNU parallel at SIGUSR1, which prints the commands alone.
pub fn say_running(diag: &Diag, jobs: &[Sighting]) {
    let columns = rustix::termios::tcgetwinsize(rustix::stdio::stderr()).ok().map(|size| usize::from(size.ws_col));
    let count = jobs.len() as u64;
    let verb = if count == 1 { "is" } else { "are" };
    diag.line(&format!("{count} job{} {verb} running", plural(count)));
    if count > 0 {
        diag.write(table(jobs, columns.filter(|columns| *columns > 0)).as_bytes());
    }
}

/// A header and a line for each job, of no more than `columns` characters.
fn table(jobs: &[Sighting], columns: Option<usize>) -> String {
    let room = columns.map(|columns| columns.max(NARROWEST) - BEFORE);
    let quiet = jobs.iter().all(|sighting| sighting.last_line.is_empty());
    // The command may take what the line of output leaves; both together have all the room.
    let most = room.map_or(TEXT, |room| if quiet { room } else { room / 2 });
    let commands: Vec<String> = jobs.iter().map(|sighting| clip(&sighting.command, most)).collect();
    let width = commands.iter().map(|command| command.chars().count()).max().unwrap_or(0).max("command".len());
    let rest = room.map_or(TEXT, |room| room.saturating_sub(width + 2));
    let line = |fields: [&str; 5], command: &str, last: &str| {
        let [job, slot, elapsed, memory, cpu] = fields;
        let line = format!("{job:>7} {slot:>6} {elapsed:>9} {memory:>11} {cpu:>9}  {command:<width$}  {last}");
        line.trim_end().to_owned() + "\n"
    };
    let mut text = line(["job", "slot", "elapsed", "memory", "cpu"], "command", &clip(b"last line", rest));
    for (sighting, command) in jobs.iter().zip(&commands) {
        let (seq, slot) = (sighting.job.seq.to_string(), sighting.job.slot.to_string());
        let (elapsed, memory, cpu) = (short(sighting.elapsed), bytes(sighting.rss), short(sighting.cpu));
        text += &line([&seq, &slot, &elapsed, &memory, &cpu], command, &clip(&sighting.last_line, rest));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::model::{Running, Seq, Slot};

    fn sighting(seq: u64, command: &[u8], last_line: &[u8]) -> Sighting {
        Sighting {
            job: Running { seq: Seq(seq), slot: Slot(seq as u32 % 7), pid: 1, since: Instant::now() },
            elapsed: Duration::from_millis(1234 * seq),
            rss: seq << 21,
            cpu: Duration::from_millis(10 * seq),
            command: command.to_vec(),
            last_line: last_line.to_vec(),
        }
    }

    #[test]
    fn a_line_for_each_job_that_fits() {
        let jobs = [
            sighting(1, b"gzip -9 a\nb", b"\x1b[2J 40 %"),
            sighting(12_345, &b"long ".repeat(40), &b"words ".repeat(40)),
            sighting(3, b"sleep 10", b""),
        ];
        insta::assert_snapshot!(table(&jobs, Some(100)), @r"
            job   slot   elapsed      memory       cpu  command                     last line
              1      1      1.2s     2.0 MiB      10ms  gzip -9 a\nb                \x1b[2J 40 %
          12345      4    15234s    24.1 GiB      123s  long long long long lon...  words words words wor...
              3      3      3.7s     6.0 MiB      30ms  sleep 10
        ");
        insta::assert_snapshot!(table(&jobs[..1], None), @r"
            job   slot   elapsed      memory       cpu  command       last line
              1      1      1.2s     2.0 MiB      10ms  gzip -9 a\nb  \x1b[2J 40 %
        ");
        assert!(table(&jobs, Some(100)).lines().all(|line| line.chars().count() <= 100));
        assert!(table(&jobs, Some(10)).lines().all(|line| line.chars().count() <= NARROWEST));
    }
}
