//! The order in which output is printed. Pure: events in, events out.

use std::collections::VecDeque;

use crate::model::{Event, Seq};

/// Puts events in the order in which they are to be printed.
///
/// Each `Seq` ends in exactly one [`Event::Finished`], whatever became of the job; that is the only rule it needs. It
/// never blocks on a job out of order: what comes early waits here, and its bytes in the buffers' account or in the
/// temporary file.
#[derive(Debug)]
pub enum Sequencer {
    /// As events come.
    Arrival,
    /// In the order of the input (as GNU parallel `--keep-order`).
    Input(InputOrder),
}

/// What waits for its turn.
#[derive(Debug)]
pub struct InputOrder {
    /// Whose turn it is.
    turn: Seq,
    /// What has come of the jobs from `turn` on.
    waiting: VecDeque<Waiting>,
}

/// The events of one job that has to wait.
#[derive(Debug, Default)]
enum Waiting {
    #[default]
    Nothing,
    /// Nearly always the only one.
    One(Event),
    Several(Vec<Event>),
}

impl Waiting {
    fn add(&mut self, event: Event) {
        *self = match std::mem::take(self) {
            Waiting::Nothing => Waiting::One(event),
            Waiting::One(first) => Waiting::Several(vec![first, event]),
            Waiting::Several(mut events) => {
                events.push(event);
                Waiting::Several(events)
            }
        };
    }
}

impl Sequencer {
    /// `keep_order`: in the order of the input.
    pub fn new(keep_order: bool) -> Sequencer {
        if keep_order {
            Sequencer::Input(InputOrder { turn: Seq(1), waiting: VecDeque::new() })
        } else {
            Sequencer::Arrival
        }
    }

    /// Takes an event, and hands out what can be printed now, in order.
    pub fn accept(&mut self, event: Event, print: &mut dyn FnMut(Event)) {
        match self {
            Sequencer::Arrival => print(event),
            Sequencer::Input(order) => order.accept(event, print),
        }
    }

    /// Whose turn it is; no job's, where any may be printed at any time.
    pub fn turn(&self) -> Option<Seq> {
        match self {
            Sequencer::Arrival => None,
            Sequencer::Input(order) => Some(order.turn),
        }
    }
}

impl InputOrder {
    fn accept(&mut self, event: Event, print: &mut dyn FnMut(Event)) {
        let seq = match &event {
            Event::Started(started) => started.seq,
            Event::Output { seq, .. } => *seq,
            Event::Finished(finished) => finished.seq,
        };
        if seq != self.turn {
            let index = usize::try_from(seq.0 - self.turn.0).unwrap_or(usize::MAX);
            if index >= self.waiting.len() {
                self.waiting.resize_with(index + 1, Waiting::default);
            }
            self.waiting[index].add(event);
            return;
        }
        let mut over = matches!(event, Event::Finished(_));
        print(event);
        while over {
            self.waiting.pop_front();
            self.turn.0 += 1;
            over = false;
            let events = self.waiting.front_mut().map(std::mem::take).unwrap_or_default();
            let mut each = |event: Event| {
                over |= matches!(event, Event::Finished(_));
                print(event);
            };
            match events {
                Waiting::Nothing => {}
                Waiting::One(event) => each(event),
                Waiting::Several(events) => events.into_iter().for_each(each),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Captured, Finished, Outcome, Stream, Usage, Words};
    use proptest::prelude::*;
    use std::time::{Duration, SystemTime};

    fn finished(seq: u64) -> Event {
        Event::Finished(Box::new(Finished {
            seq: Seq(seq),
            slot: None,
            start: SystemTime::UNIX_EPOCH,
            wall: Duration::ZERO,
            outcome: Outcome::Skipped,
            success: true,
            usage: Usage::default(),
            leaked: false,
            tries: 0,
            command: Vec::new(),
            args: Words::new(),
            tag: None,
            stdout: Captured::Empty,
            stderr: Captured::Empty,
            stdout_bytes: 0,
            stderr_bytes: 0,
        }))
    }

    fn output(seq: u64) -> Event {
        Event::Output { seq: Seq(seq), tag: None, stream: Stream::Out, bytes: Captured::Empty }
    }

    /// `12.` is: output of 1, output of 2, the end of 2.
    fn printed(sequencer: &mut Sequencer, event: Event) -> String {
        let mut text = String::new();
        sequencer.accept(event, &mut |event| match event {
            Event::Finished(finished) => text.push_str(&format!("{}. ", finished.seq)),
            Event::Output { seq, .. } => text.push_str(&format!("{seq} ")),
            Event::Started(_) => {}
        });
        text
    }

    #[test]
    fn what_comes_early_waits_and_whose_turn_it_is_goes_through() {
        let mut sequencer = Sequencer::new(true);
        assert_eq!(printed(&mut sequencer, output(2)), "");
        assert_eq!(printed(&mut sequencer, finished(3)), "");
        assert_eq!(printed(&mut sequencer, output(1)), "1 ");
        assert_eq!(printed(&mut sequencer, finished(1)), "1. 2 ");
        assert_eq!(sequencer.turn(), Some(Seq(2)));
        assert_eq!(printed(&mut sequencer, output(2)), "2 ");
        assert_eq!(printed(&mut sequencer, finished(2)), "2. 3. ");
        assert_eq!(sequencer.turn(), Some(Seq(4)));
    }

    #[test]
    fn without_an_order_everything_goes_through() {
        let mut sequencer = Sequencer::new(false);
        assert_eq!(printed(&mut sequencer, finished(7)), "7. ");
        assert_eq!(printed(&mut sequencer, output(3)), "3 ");
        assert_eq!(sequencer.turn(), None);
    }

    proptest! {
        #[test]
        fn any_order_of_arrival_gives_the_order_of_the_input(
            order in Just((1..=50u64).collect::<Vec<_>>()).prop_shuffle(),
            noisy in proptest::collection::vec(any::<bool>(), 50),
        ) {
            let mut sequencer = Sequencer::new(true);
            let mut text = String::new();
            for seq in order {
                if noisy[seq as usize - 1] {
                    text += &printed(&mut sequencer, output(seq));
                }
                text += &printed(&mut sequencer, finished(seq));
            }
            let expected: String = (1..=50u64)
                .map(|seq| if noisy[seq as usize - 1] { format!("{seq} {seq}. ") } else { format!("{seq}. ") })
                .collect();
            prop_assert_eq!(text, expected);
        }
    }
}
