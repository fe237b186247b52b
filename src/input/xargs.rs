//! What xargs reads: words, lines or delimited strings, packed as findutils packs them.
//!
//! Bytes are looked at once, and each goes from the origin into the record in runs; nothing is allocated per word.

mod packing;
mod words;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::os::fd::AsFd;

use anyhow::Result;
use rustix::fs::OFlags;

use super::origin::{Got, Origin, Sizes};
use super::reader::Step;
use crate::diag::{Diag, name_in_quotes};
use crate::model::{Words, system_error};
use crate::options::{Options, Split, XargsOptions};
use crate::sys::start::was_closed;
use crate::sys::wake::Wake;
use packing::{Fit, Packer};
use words::{Cut, Splitter};

/// Smaller windows than elsewhere: packed commands and their pointers take the rest of the memory, and nothing is looked up again.
const SIZES: Sizes = Sizes { window: 256 << 10, ..Sizes::REAL };
/// For so many of the last commands it is known where their input ends: more than are ever read ahead.
const PLACES: usize = 2048;

/// What ends a run of xargs before the end of its input. What was read before it is run, unless it says otherwise.
#[derive(Debug)]
pub struct BadInput(pub String);

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadInput {}

/// The input of xargs as a stream of argument lists.
pub struct XargsInput {
    options: XargsOptions,
    origin: Origin,
    /// Where the next byte is in those at hand.
    next: usize,
    splitter: Splitter,
    packer: Packer,
    /// What the next call answers.
    trouble: Option<BadInput>,
    ended: bool,
    /// Where the input of each of the last commands ends in a file that others go on to read.
    places: VecDeque<u64>,
    /// The room that commands have needed so far: bytes, and words. Growing step by step, each would take up to twice that.
    room: (usize, usize),
    /// Some command has been handed out.
    any: bool,
    /// Somebody may say that none is to be run; then the end is asked about, too.
    asks: bool,
    nul_said: bool,
    /// Standard input could not be read: what is said of that.
    broken: Option<&'static str>,
}

impl XargsInput {
    /// Opens the input.
    ///
    /// # Errors
    /// A file that can't be opened, a command that does not fit: in findutils' words.
    pub fn open(options: &Options, xargs: &XargsOptions) -> Result<XargsInput> {
        let packer = Packer::new(xargs, &options.command)?;
        let mut broken = was_closed(0).then_some(": Bad file descriptor");
        let (origin, next) = match &xargs.file {
            None => {
                let open = || Origin::open(io::stdin().as_fd().try_clone_to_owned()?, true, SIZES);
                open().unwrap_or_else(|_| {
                    broken = Some("");
                    (Origin::memory(Vec::new()), 0)
                })
            }
            Some(path) => {
                let open = || -> io::Result<(Origin, usize)> {
                    // Without NONBLOCK: as xargs, this waits for the writer of a FIFO.
                    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY;
                    let fd = rustix::fs::open(path, flags, rustix::fs::Mode::empty())?;
                    // As xargs, for which a directory holds nothing.
                    Ok(Origin::open(fd, false, SIZES).unwrap_or_else(|_| (Origin::memory(Vec::new()), 0)))
                };
                open().map_err(|error| {
                    let name = name_in_quotes(path.as_os_str().as_encoded_bytes());
                    BadInput(format!(
                        "Cannot open input file {name}: {}",
                        system_error(error.raw_os_error().unwrap_or_default())
                    ))
                })?
            }
        };
        Ok(XargsInput {
            splitter: Splitter::new(&xargs.split, xargs.replace.is_some()),
            options: xargs.clone(),
            origin,
            next,
            packer,
            trouble: None,
            ended: false,
            places: VecDeque::new(),
            room: (0, 0),
            any: false,
            asks: options.control.interactive,
            nul_said: false,
            broken: broken.filter(|_| xargs.file.is_none()),
        })
    }

    /// The arguments of the next command.
    ///
    /// # Errors
    /// [`BadInput`]: there is no more; those of reading.
    pub fn fill(&mut self, args: &mut Words, stop: &Wake, diag: &Diag) -> Result<Step> {
        if let Some(trouble) = self.trouble.take() {
            self.ended = true;
            return Err(trouble.into());
        }
        if self.ended {
            return Ok(Step::End);
        }
        // A little more, because the next words may be shorter, or longer.
        args.make_room(self.room.0 + self.room.0 / 16, self.room.1 + self.room.1 / 16);
        self.packer.begin(args);
        if self.packer.is_full(args) {
            // The word that has not fitted into the one before.
            return Ok(self.hand_out(args));
        }
        loop {
            let bytes = &self.origin.bytes()[self.next..];
            let limit = self.packer.longest_word();
            let (used, cut) = self.splitter.cut(bytes, args, limit);
            self.next += used;
            if self.splitter.has_nul() && !self.nul_said && self.options.split != Split::At(0) {
                self.nul_said = true;
                if matches!(self.options.split, Split::Words { .. }) {
                    diag.line(
                        "WARNING: a NUL character occurred in the input.  It cannot be passed through in the argument \
                         list.  Did you mean to use the --null option?",
                    );
                }
            }
            match cut {
                Cut::More => {
                    let more = self.origin.more(self.next, stop);
                    // As xargs, for which an input that can't be read any more has ended.
                    let got = match more {
                        Ok(more) => {
                            self.next -= more.shift;
                            more.got
                        }
                        Err(_) => {
                            self.broken = Some("").filter(|_| self.options.file.is_none());
                            Got::End
                        }
                    };
                    match got {
                        Got::Bytes => {}
                        Got::Stopped => return Ok(Step::Stopped),
                        Got::End => self.splitter.end(),
                    }
                }
                Cut::Word { ends_line } => match self.take_word(args, ends_line) {
                    Ok(true) => return Ok(self.hand_out(args)),
                    Ok(false) => {}
                    Err(trouble) => {
                        self.ended = true;
                        return Err(trouble.into());
                    }
                },
                Cut::Line => {
                    if self.packer.line_ended() {
                        return Ok(self.hand_out(args));
                    }
                }
                Cut::End => {
                    self.ended = true;
                    let once = self.options.replace.is_none() && self.options.runs_if_empty && (!self.any || self.asks);
                    return Ok(if !args.is_empty() || once { self.hand_out(args) } else { Step::End });
                }
                Cut::Unmatched(quote) => {
                    let kind = if quote == b'"' { "double" } else { "single" };
                    let trouble = format!(
                        "unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option"
                    );
                    return self.fail(args, BadInput(trouble));
                }
                Cut::TooLong => return self.fail(args, BadInput("argument line too long".to_owned())),
            }
        }
    }

    /// A word is finished. Answers whether the record is.
    fn take_word(&mut self, args: &mut Words, ends_line: bool) -> Result<bool, BadInput> {
        match self.packer.push(args, self.splitter.size())? {
            Fit::Fits => {}
            Fit::Full => {
                if ends_line {
                    self.packer.line_ended();
                }
                return Ok(true);
            }
            Fit::Next => {
                if ends_line {
                    self.packer.line_of_held();
                }
                return Ok(true);
            }
        }
        Ok(ends_line && self.packer.line_ended())
    }

    /// What was read before is run first where xargs does that.
    fn fail(&mut self, args: &mut Words, trouble: BadInput) -> Result<Step> {
        args.cut_unfinished(0);
        if args.is_empty() || self.options.exits {
            self.ended = true;
            return Err(trouble.into());
        }
        self.trouble = Some(trouble);
        Ok(self.hand_out(args))
    }

    fn hand_out(&mut self, args: &Words) -> Step {
        self.any = true;
        self.room = (self.room.0.max(args.as_bytes().len()), self.room.1.max(args.len()));
        if let Some(place) = self.origin.place(self.next) {
            if self.places.len() == PLACES {
                self.places.pop_front();
            }
            self.places.push_back(place);
        }
        Step::Value
    }

    /// Whether the bytes at hand are those of the file.
    ///
    /// # Errors
    /// A mapped file that shrank.
    pub fn verify(&self) -> Result<()> {
        self.origin.verify()
    }

    /// What is said at the end of an input that could not be read (as xargs): it has been taken for empty.
    pub fn complaint(&self) -> Option<String> {
        self.broken.map(|why| format!("error closing file{why}"))
    }

    /// Leaves what was not used to whoever reads the same file behind us: all that is behind the last commands but `unused`, or
    /// what was not read.
    pub fn leave_rest(&mut self, unused: Option<usize>) {
        match unused.and_then(|unused| self.places.len().checked_sub(unused)?.checked_sub(1)) {
            Some(last) => self.origin.leave_at(self.places[last]),
            None => self.origin.leave(self.next),
        }
    }
}
