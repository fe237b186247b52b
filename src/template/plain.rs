//! Commands to which a shell would do nothing but split them into words, so that none is needed.

use super::context::Context;
use super::lexer::Item;
use super::place::Level;
use super::placeholder::Placeholder;
use super::quote;
use crate::model::{Record, Slot, Words};

/// How to make the words of a plain command.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The words before the first one with a placeholder.
    head: Words,
    steps: Vec<Step>,
    /// Each word is as it is (`--quote`).
    pub(crate) whole: bool,
}

#[derive(Clone, Debug)]
enum Step {
    /// A part of a word.
    Text(Vec<u8>),
    /// Values in a word; outside of quotes each is a word of its own, joined with what is directly around.
    Values { id: usize, split: bool },
    /// Words of their own: all arguments as they are.
    All,
    /// The end of a word; in quotes, it is one even if it is empty.
    End { quoted: bool },
}

/// What [`scan`] meets.
enum Event {
    Byte(u8),
    Hole { id: usize, split: bool },
    End { quoted: bool },
}

/// Splits `items` into words as a shell would. Answers whether that is all that a shell would do.
fn scan(items: impl Iterator<Item = Item>, mut meet: impl FnMut(Event)) -> bool {
    let mut items = items.peekable();
    let mut in_first = true;
    loop {
        while items.next_if(|item| matches!(item, Item::Byte(b' ' | b'\t'))).is_some() {}
        if items.peek().is_none() {
            return !in_first;
        }
        let mut quoted = false;
        let mut empty = true;
        while let Some(item) = items.next_if(|item| !matches!(item, Item::Byte(b' ' | b'\t'))) {
            match item {
                Item::Hole(id) => meet(Event::Hole { id, split: true }),
                Item::Byte(quote @ (b'\'' | b'"')) => {
                    quoted = true;
                    loop {
                        match items.next() {
                            Some(Item::Byte(byte)) if byte == quote => break,
                            Some(Item::Byte(b'$' | b'`' | b'\\' | b'!')) if quote == b'"' => return false,
                            Some(Item::Byte(byte)) => meet(Event::Byte(byte)),
                            Some(Item::Hole(id)) => meet(Event::Hole { id, split: false }),
                            None => return false,
                        }
                    }
                }
                // An assignment, or for zsh the path of a command.
                Item::Byte(b'=') if in_first || empty => return false,
                Item::Byte(byte) if ORDINARY[usize::from(byte)] => meet(Event::Byte(byte)),
                Item::Byte(_) => return false,
            }
            empty = false;
        }
        in_first = false;
        meet(Event::End { quoted });
    }
}

/// Bytes that mean nothing to a shell, outside of quotes.
const ORDINARY: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = quote::is_safe(byte as u8) || matches!(byte as u8, b',' | b':' | b'@' | b'%' | b'=' | 0x80..);
        byte += 1;
    }
    table
};

impl Plan {
    /// The plan for a template; `None` if its commands need a shell.
    pub(crate) fn of(items: &[Item], placeholders: &[Placeholder]) -> Option<Plan> {
        let mut plan = Plan { head: Words::new(), steps: Vec::new(), whole: false };
        let mut word: Vec<Step> = Vec::new();
        let mut first = None;
        let plain = scan(items.iter().copied(), |event| match event {
            Event::Byte(byte) => match word.last_mut() {
                Some(Step::Text(text)) => text.push(byte),
                _ => word.push(Step::Text(vec![byte])),
            },
            Event::Hole { id, split } => word.push(Step::Values { id, split }),
            Event::End { quoted } => {
                if first.is_none() {
                    first = Some((word.clone(), quoted));
                }
                match word.as_slice() {
                    [] if plan.steps.is_empty() => plan.head.push(b""),
                    [Step::Text(text)] if plan.steps.is_empty() => plan.head.push(text),
                    [Step::Values { id, split: true }] if placeholders[*id].is_all() => plan.steps.push(Step::All),
                    _ => {
                        plan.steps.append(&mut word);
                        plan.steps.push(Step::End { quoted });
                    }
                }
                word.clear();
            }
        });
        let (first, quoted) = first?;
        let starts = match first.as_slice() {
            [Step::Text(text)] => quoted || !super::lexer::is_keyword(text),
            // If the first word vanishes, the second is the command's name.
            steps => {
                quoted
                    || steps.iter().any(|step| match step {
                        Step::Values { id, .. } => !placeholders[*id].may_vanish(),
                        _ => true,
                    })
            }
        };
        (plain && starts).then_some(plan)
    }

    /// Fills `words`, which are forgotten first.
    pub(crate) fn expand(
        &self,
        placeholders: &[Placeholder],
        context: &Context,
        record: &Record,
        slot: Slot,
        words: &mut Words,
    ) {
        words.clear();
        words.append(&self.head);
        let mut started = false;
        for step in &self.steps {
            match step {
                Step::Text(text) => {
                    words.extend_word(text);
                    started = true;
                }
                Step::All if record.args.is_empty() => words.push(b""),
                Step::All => words.append(&record.args),
                Step::End { quoted } => {
                    if started || *quoted {
                        words.finish_word();
                    }
                    started = false;
                }
                Step::Values { id, .. } if context.places[*id].around.is_some() => {
                    let mut text = Vec::new();
                    context.write_hole(*id, placeholders, record, slot, Level::WORD, &mut text);
                    words.extend_word(&text);
                    started = true;
                }
                Step::Values { id, split } => {
                    let mut more = false;
                    placeholders[*id].for_each(record, slot, |value| {
                        match (more, split) {
                            (true, true) => words.finish_word(),
                            (true, false) => words.extend_word(b" "),
                            (false, _) => {}
                        }
                        words.extend_word(value);
                        more = true;
                        started = true;
                    });
                }
            }
        }
    }
}

/// Splits the text of a whole command into `words`, which are forgotten first. Answers whether that is all that a
/// shell would do to it.
pub(crate) fn split(text: &[u8], words: &mut Words) -> bool {
    words.clear();
    let mut first_quoted = None;
    let plain = scan(text.iter().map(|byte| Item::Byte(*byte)), |event| match event {
        Event::Byte(byte) => words.extend_word(&[byte]),
        Event::Hole { .. } => {}
        Event::End { quoted } => {
            first_quoted.get_or_insert(quoted);
            words.finish_word();
        }
    });
    plain && (first_quoted == Some(true) || !words.get(0).is_some_and(super::lexer::is_keyword))
}
