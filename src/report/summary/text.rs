//! The summary for people.

use std::io::{self, Write};

use super::super::text::{bytes, clip, plural};
use super::{Counts, Page};
use crate::diag::escape;

/// Slots whose job counts are listed one by one; of more, only the extremes.
const LISTED: usize = 16;
/// Characters of a command in a line.
const COMMAND: usize = 120;

/// Appends the page. A line that would say nothing is left out.
pub fn write(program: &str, page: &Page, out: &mut Vec<u8>) -> io::Result<()> {
    writeln!(out, "{}: {} job{} in {:.3} s", escape(program.as_bytes()), page.jobs, plural(page.jobs), page.wall_s)?;
    let mut row = |name: &str, text: String| writeln!(out, "  {name:<12}{text}");

    row("result", result(&page.counts))?;
    let output = page.stdout_bytes + page.stderr_bytes;
    row(
        "throughput",
        format!(
            "{:.1} jobs/s, {}/s of output ({} in all)",
            page.jobs_per_s,
            bytes(page.output_bytes_per_s as u64),
            bytes(output)
        ),
    )?;
    row("speed-up", format!("{:.2} over one after another ({:.3} s of jobs)", page.speedup, page.job_wall_s))?;
    let bound = if page.peak_is_bound { "<= " } else { "" };
    row(
        "cost",
        format!(
            "{:.3} s user, {:.3} s system, largest process {bound}{}",
            page.user_s,
            page.system_s,
            bytes(page.peak_rss_bytes)
        ),
    )?;
    if let Some(of) = &page.percentiles {
        row(
            "job time",
            format!(
                "min {:.3}  median {:.3}  p90 {:.3}  p99 {:.3}  max {:.3} s",
                of.min_s, of.median_s, of.p90_s, of.p99_s, of.max_s
            ),
        )?;
    }
    row("slots", slots(page))?;
    if !page.jobs_per_slot.is_empty() {
        row("per slot", format!("{}; {} steal{}", per_slot(page), page.steals, plural(page.steals)))?;
    }
    row(
        "buffers",
        format!(
            "{} allocated, {} reused, at most {} waited in memory, {} in a file",
            page.buffers_allocated,
            page.buffers_reused,
            bytes(page.peak_waiting_bytes),
            bytes(page.spilled_bytes)
        ),
    )?;
    for (index, slow) in page.slowest.iter().enumerate() {
        let name = if index == 0 { "slowest" } else { "" };
        row(
            name,
            format!("{:>9.3} s  job {}  {}", slow.wall_s, slow.seq, clip(slow.bytes, COMMAND)).trim_end().into(),
        )?;
    }
    Ok(())
}

fn result(counts: &Counts) -> String {
    let mut text = format!("{} succeeded, {} failed", counts.succeeded, counts.failed);
    let kinds = [(counts.timed_out, "timed out"), (counts.killed, "killed"), (counts.not_started, "could not start")];
    let kinds: Vec<String> = kinds.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if !kinds.is_empty() {
        text += &format!(" ({})", kinds.join(", "));
    }
    let others = [
        (counts.cancelled, "cancelled"),
        (counts.skipped, "never started"),
        (counts.retries, "tries repeated"),
        (counts.leaked, "left something in the background"),
    ];
    for (count, what) in others.iter().filter(|(count, _)| *count > 0) {
        text += &format!(", {count} {what}");
    }
    text
}

fn slots(page: &Page) -> String {
    let mut text = page.slots.to_string();
    if !page.slots_reason.is_empty() {
        text += &format!(" ({})", escape(page.slots_reason.as_bytes()));
    }
    let (started, peak) = (page.jobs_per_slot.len(), page.peak_running);
    text + &format!(", {started} started, at most {peak} job{} at once", plural(peak as u64))
}

fn per_slot(page: &Page) -> String {
    let counts = page.jobs_per_slot;
    if counts.len() <= LISTED {
        let counts: Vec<String> = counts.iter().map(u64::to_string).collect();
        return format!("{} jobs", counts.join(" "));
    }
    let extremes = (counts.iter().min(), counts.iter().max());
    format!("{} to {} jobs", extremes.0.unwrap_or(&0), extremes.1.unwrap_or(&0))
}
