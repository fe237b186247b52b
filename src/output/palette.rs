//! The colors of `--color`: GNU parallel's own, in its order.

use std::process::{Command, Stdio};

use crate::model::Seq;
use crate::options::Color;

/// White on red.
const FAILED: &[u8] = b"\x1b[48;5;196;38;5;231m";

/// What turns colors on and off.
#[derive(Debug, Default)]
pub struct Palette {
    wanted: Color,
    colors: Vec<Vec<u8>>,
    failed: Vec<u8>,
    reset: Vec<u8>,
}

impl Palette {
    /// For these jobs. Where there is a terminal, `tput` is asked for what it understands (as GNU parallel).
    pub fn new(wanted: Color) -> Palette {
        if !wanted.is_on() {
            return Palette::default();
        }
        let clear = tput("el").unwrap_or_else(|| b"\x1b[K".to_vec());
        let reset = tput("sgr0").unwrap_or_else(|| b"\x1b[m".to_vec());
        let colors = combinations()
            .into_iter()
            .map(|(back, front)| [format!("\x1b[48;5;{back:03};38;5;{front:03}m").as_bytes(), &clear].concat());
        Palette { wanted, colors: colors.collect(), failed: [FAILED, &clear].concat(), reset }
    }

    /// What turns the color of a job on and off, if it has one.
    pub fn of(&self, seq: Seq, has_failed: bool) -> Option<(&[u8], &[u8])> {
        if self.wanted.failed && has_failed {
            return Some((&self.failed, &self.reset));
        }
        let count = u64::try_from(self.colors.len()).ok().filter(|count| self.wanted.jobs && *count > 0)?;
        let index = usize::try_from(seq.0 % count).unwrap_or(0);
        self.colors.get(index).map(|color| (&color[..], &self.reset[..]))
    }
}

/// Backgrounds and foregrounds that can be read, neighbours unlike each other.
fn combinations() -> Vec<(u8, u8)> {
    let black = [6..=7, 9..=11, 13..=15, 40..=51, 75..=87, 113..=123, 147..=159, 171..=182, 185..=231, 249..=254];
    let white =
        [1..=9, 12..=13, 16..=45, 52..=81, 88..=114, 124..=149, 160..=178, 180..=180, 182..=184, 196..=214, 232..=250];
    let on = |ranges: &[std::ops::RangeInclusive<u8>], front: u8| {
        ranges.iter().cloned().flatten().map(|back| (back, front)).collect::<Vec<_>>()
    };
    let pairs = [on(&black, 0), on(&white, 231)].concat();
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by(|a, b| (a % 23).cmp(&(b % 23)).then((b % 7).cmp(&(a % 7))));
    order.into_iter().map(|index| pairs[index]).collect()
}

/// What the terminal has for this; `None`: nothing, or there is no terminal.
fn tput(capability: &str) -> Option<Vec<u8>> {
    let terminal = std::fs::File::open("/dev/tty").ok()?;
    let asked = Command::new("tput").arg(capability).stdin(terminal).stderr(Stdio::null()).output().ok()?;
    let text = asked.stdout.strip_suffix(b"\n").map_or(asked.stdout.clone(), <[u8]>::to_vec);
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_those_of_gnu_parallel() {
        let palette = Palette::new(Color { jobs: true, failed: true });
        let of = |seq, failed| {
            let (on, _) = palette.of(Seq(seq), failed).expect("a color");
            String::from_utf8_lossy(on).into_owned()
        };
        assert!(of(1, false).starts_with("\x1b[48;5;134;38;5;231m"), "{:?}", of(1, false));
        assert!(of(2, false).starts_with("\x1b[48;5;021;38;5;231m"), "{:?}", of(2, false));
        assert!(of(1, true).starts_with("\x1b[48;5;196;38;5;231m"));
        let failed = Palette::new(Color { jobs: false, failed: true });
        assert_eq!(failed.of(Seq(1), false), None);
        assert_eq!(Palette::new(Color::default()).of(Seq(1), true), None);
    }
}
