//! What is printed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::round::{Round, Tally, Tool};

/// Counts of rounds of one kind.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    ends: usize,
    /// Rounds in which somebody survived.
    leaky: usize,
    survivors: usize,
    late: usize,
    harmed: usize,
    spared: usize,
}

impl Count {
    fn add(&mut self, other: &Count) {
        self.ends += other.ends;
        self.leaky += other.leaky;
        self.survivors += other.survivors;
        self.late += other.late;
        self.harmed += other.harmed;
        self.spared += other.spared;
    }
}

/// All counts.
#[derive(Debug, Default)]
pub struct Table(BTreeMap<(&'static str, &'static str, Tool), Count>);

impl Table {
    /// One more round.
    pub fn add(&mut self, round: &Round<'_>, tally: &Tally) {
        let count = Count {
            ends: 1,
            leaky: usize::from(tally.survivors > 0),
            survivors: tally.survivors,
            late: usize::from(tally.is_late),
            harmed: tally.harmed,
            spared: tally.spared,
        };
        self.0.entry((round.end.name(), round.shape.name, round.tool)).or_default().add(&count);
    }

    /// Whether fanout has left nobody and harmed nobody.
    pub fn is_clean(&self) -> bool {
        let total = self.total(Tool::Fanout, None);
        total.survivors == 0 && total.harmed == 0
    }

    fn total(&self, tool: Tool, end: Option<&str>) -> Count {
        let mut total = Count::default();
        for ((name, _, who), count) in &self.0 {
            if *who == tool && end.is_none_or(|end| end == *name) {
                total.add(count);
            }
        }
        total
    }

    /// As text; `whole`: with a line for each end and shape.
    pub fn render(&self, whole: bool) -> String {
        let mut text = String::new();
        if whole {
            line(&mut text, ["end", "shape", "fanout", "harmed", "parallel", "xargs"].map(str::to_owned));
            let rows: std::collections::BTreeSet<_> = self.0.keys().map(|(end, shape, _)| (*end, *shape)).collect();
            for (end, shape) in rows {
                let of = |tool| self.0.get(&(end, shape, tool)).copied().unwrap_or_default();
                cells(&mut text, end, shape, of);
            }
            text.push('\n');
        }
        line(&mut text, ["end", "", "fanout", "harmed", "parallel", "xargs"].map(str::to_owned));
        let ends: std::collections::BTreeSet<_> = self.0.keys().map(|(end, ..)| *end).collect();
        for end in ends {
            cells(&mut text, end, "", |tool| self.total(tool, Some(end)));
        }
        cells(&mut text, "all", "", |tool| self.total(tool, None));
        let late = self.total(Tool::Fanout, None).late;
        text + &format!(
            "(rounds with survivors / rounds; harmed / looked after)\n\
             ends of fanout that were not over a second after the termination sequence: {late}, which a busy machine explains\n"
        )
    }
}

fn cells(text: &mut String, end: &str, shape: &str, of: impl Fn(Tool) -> Count) {
    let left = |count: Count| if count.ends == 0 { "-".to_owned() } else { format!("{}/{}", count.leaky, count.ends) };
    let own = of(Tool::Fanout);
    let harmed = format!("{}/{}", own.harmed, own.spared);
    line(text, [end.to_owned(), shape.to_owned(), left(own), harmed, left(of(Tool::Parallel)), left(of(Tool::Xargs))]);
}

fn line(text: &mut String, [end, shape, own, harmed, parallel, xargs]: [String; 6]) {
    writeln!(text, "{end:<22} {shape:<12} {own:>9} {harmed:>9} {parallel:>9} {xargs:>9}").ok();
}
