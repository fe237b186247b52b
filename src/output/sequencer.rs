//! The order in which output is printed. Pure: events in, events out.

use std::collections::VecDeque;
use std::io;
use std::time::Instant;

use super::packed::{pack, unpack};
use super::short::ShortFirst;
use crate::model::{Event, Seq, Stash};

/// So many jobs may wait as they are; those beyond are packed and put into the stash.
const IN_MEMORY: usize = 2048;

/// Puts events in the order in which they are to be printed.
///
/// Each `Seq` ends in exactly one [`Event::Finished`], whatever became of the job; that is the only rule it needs. It
/// never blocks on a job out of order: what comes early waits here, large output in the temporary file, and beyond
/// 2,048 jobs everything but 16 bytes a job.
#[derive(Debug)]
pub enum Sequencer {
    /// As events come.
    Arrival,
    /// As events come, but for short jobs, which are in the order of the input where that takes no waiting.
    Short(ShortFirst),
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
    /// How many jobs wait as they are.
    in_memory: usize,
    /// How many bytes of output wait.
    weight: u64,
    stash: Box<dyn Stash>,
}

/// The events of one job that has to wait.
#[derive(Debug, Default)]
enum Waiting {
    #[default]
    Nothing,
    #[expect(clippy::box_collection, reason = "keeps the entry of a job at 16 bytes")]
    Events(Box<Vec<Event>>),
    /// Its end, and nothing else, in the stash.
    Stashed { place: u64, length: u32 },
}

impl Sequencer {
    /// As events come.
    pub fn arrival() -> Sequencer {
        Sequencer::Arrival
    }

    /// As events come, short jobs in the order of the input; see [`Sequencer::due`].
    pub fn short_first() -> Sequencer {
        Sequencer::Short(ShortFirst::new())
    }

    /// In the order of the input; `stash` takes what would be too much for memory.
    pub fn input_order(stash: Box<dyn Stash>) -> Sequencer {
        Sequencer::Input(InputOrder { turn: Seq(1), waiting: VecDeque::new(), in_memory: 0, weight: 0, stash })
    }

    /// Takes an event, and hands out what can be printed now, in order.
    ///
    /// # Errors
    /// Those of the stash: output is lost.
    pub fn accept(&mut self, event: Event, print: &mut dyn FnMut(Event)) -> io::Result<()> {
        match self {
            Sequencer::Arrival => {
                print(event);
                Ok(())
            }
            Sequencer::Short(order) => {
                match event {
                    Event::Finished(finished) => order.accept(finished, &Instant::now, print),
                    event => print(event),
                }
                Ok(())
            }
            Sequencer::Input(order) => order.accept(event, print),
        }
    }

    /// When [`Sequencer::release`] is to be called, if nothing else comes before; `None`: never.
    pub fn due(&self) -> Option<Instant> {
        match self {
            Sequencer::Short(order) => order.due(),
            Sequencer::Arrival | Sequencer::Input(_) => None,
        }
    }

    /// Hands out what has waited long enough. In the order of the input, nothing has.
    pub fn release(&mut self, print: &mut dyn FnMut(Event)) {
        if let Sequencer::Short(order) = self {
            order.release(print);
        }
    }

    /// How many bytes of output wait: one event may hand out all of them.
    pub fn weight(&self) -> u64 {
        match self {
            Sequencer::Arrival => 0,
            Sequencer::Short(order) => order.weight(),
            Sequencer::Input(order) => order.weight,
        }
    }

    /// Whose turn it is; no job's, where any may be printed at any time.
    pub fn turn(&self) -> Option<Seq> {
        match self {
            Sequencer::Arrival | Sequencer::Short(_) => None,
            Sequencer::Input(order) => Some(order.turn),
        }
    }
}

impl InputOrder {
    fn accept(&mut self, event: Event, print: &mut dyn FnMut(Event)) -> io::Result<()> {
        let seq = match &event {
            Event::Started(started) => started.seq,
            Event::Slow(slow) => slow.seq,
            Event::Waits(seq) => *seq,
            Event::Output { seq, .. } => *seq,
            Event::Finished(finished) => finished.seq,
        };
        if seq != self.turn {
            return self.keep(seq, event);
        }
        let mut over = matches!(event, Event::Finished(_));
        print(event);
        while over {
            self.waiting.pop_front();
            self.turn.0 += 1;
            over = false;
            match self.waiting.front_mut().map(std::mem::take).unwrap_or_default() {
                Waiting::Nothing => {}
                Waiting::Events(events) => {
                    self.in_memory -= 1;
                    for event in *events {
                        self.weight -= event.weight();
                        over |= matches!(event, Event::Finished(_));
                        print(event);
                    }
                }
                Waiting::Stashed { place, length } => {
                    over = true;
                    let bytes = self.stash.take(place, length as usize)?;
                    let finished = unpack(&bytes).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
                    let event = Event::Finished(Box::new(finished));
                    self.weight -= event.weight();
                    print(event);
                }
            }
        }
        Ok(())
    }

    fn keep(&mut self, seq: Seq, event: Event) -> io::Result<()> {
        let index = usize::try_from(seq.0 - self.turn.0).unwrap_or(usize::MAX);
        if index >= self.waiting.len() {
            self.waiting.resize_with(index + 1, Waiting::default);
        }
        self.weight += event.weight();
        let place = &mut self.waiting[index];
        if let Waiting::Events(events) = place {
            events.push(event);
            return Ok(());
        }
        if self.in_memory >= IN_MEMORY
            && let Event::Finished(finished) = &event
            && let Some(bytes) = pack(finished)
        {
            let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            *place = Waiting::Stashed { place: self.stash.put(&bytes)?, length };
        } else {
            *place = Waiting::Events(Box::new(vec![event]));
            self.in_memory += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Captured, Finished, Stream};
    use proptest::prelude::*;

    /// A stash in memory.
    #[derive(Debug, Default)]
    struct Heap(Vec<u8>);

    impl Stash for Heap {
        fn put(&mut self, bytes: &[u8]) -> io::Result<u64> {
            self.0.extend_from_slice(bytes);
            Ok((self.0.len() - bytes.len()) as u64)
        }

        fn take(&mut self, place: u64, length: usize) -> io::Result<Vec<u8>> {
            Ok(self.0[place as usize..][..length].to_vec())
        }
    }

    fn finished(seq: u64) -> Event {
        Event::Finished(Box::new(Finished::already_done(Seq(seq))))
    }

    fn output(seq: u64) -> Event {
        Event::Output { seq: Seq(seq), tag: None, stream: Stream::Out, bytes: Captured::Empty }
    }

    /// `12.` is: output of 1, output of 2, the end of 2.
    fn printed(sequencer: &mut Sequencer, event: Event) -> String {
        let mut text = String::new();
        let accepted = sequencer.accept(event, &mut |event| match event {
            Event::Finished(finished) => text.push_str(&format!("{}. ", finished.seq)),
            Event::Output { seq, .. } => text.push_str(&format!("{seq} ")),
            Event::Started(_) | Event::Slow(_) | Event::Waits(_) => {}
        });
        accepted.expect("memory");
        text
    }

    #[test]
    fn what_comes_early_waits_and_whose_turn_it_is_goes_through() {
        let mut sequencer = Sequencer::input_order(Box::new(Heap::default()));
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
        let mut sequencer = Sequencer::arrival();
        assert_eq!(printed(&mut sequencer, finished(7)), "7. ");
        assert_eq!(printed(&mut sequencer, output(3)), "3 ");
        assert_eq!(sequencer.turn(), None);
    }

    #[test]
    fn a_crowd_behind_a_slow_first_waits_in_the_stash() {
        let mut sequencer = Sequencer::input_order(Box::new(Heap::default()));
        let last = 3 * IN_MEMORY as u64;
        for seq in (2..=last).rev() {
            assert_eq!(printed(&mut sequencer, finished(seq)), "");
        }
        let Sequencer::Input(order) = &sequencer else { panic!("in order") };
        assert_eq!(order.in_memory, IN_MEMORY);
        let expected: String = (1..=last).map(|seq| format!("{seq}. ")).collect();
        assert_eq!(printed(&mut sequencer, finished(1)), expected);
        let Sequencer::Input(order) = &sequencer else { panic!("in order") };
        assert_eq!((order.in_memory, order.weight), (0, 0));
    }

    proptest! {
        #[test]
        fn any_order_of_arrival_gives_the_order_of_the_input(
            order in Just((1..=50u64).collect::<Vec<_>>()).prop_shuffle(),
            noisy in proptest::collection::vec(any::<bool>(), 50),
        ) {
            let mut sequencer = Sequencer::input_order(Box::new(Heap::default()));
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
