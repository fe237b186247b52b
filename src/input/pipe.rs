//! What jobs read: blocks of a stream, parts of files, or what comes while they run.

mod blocks;
mod groups;
mod keys;
mod parts;
mod rule;
mod shards;
mod stream;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};

use crate::diag::Diag;
use crate::model::{Block, Body, Content, Lanes, Words};
use crate::options::{PipeOptions, Spread, Way};
use crate::sys::wake::Wake;
use crate::sys::watch;
use blocks::{Blocks, Cut};
use keys::{Keys, StartPerl};
use parts::Parts;

/// Cuts what jobs read.
pub struct Pipe {
    cutter: Cutter,
    /// Those of `--shard` and `--bin`.
    keys: Option<Keys>,
    spread: Spread,
    /// What the names of files begin with (`--cat`, `--fifo`), and how many there have been.
    names: Option<PathBuf>,
    named: u64,
    /// The rows of all jobs, where these have to run at once.
    rows: Option<std::vec::IntoIter<Words>>,
    lanes: Lanes,
}

enum Cutter {
    Blocks(Box<Blocks>),
    Parts(Parts),
}

/// The arguments that are left: the next ones.
pub type NextArgs<'a> = &'a mut dyn FnMut(&mut Words) -> Result<bool>;

impl Pipe {
    /// Opens what is cut; nothing is read yet. `folder` is for temporary files.
    ///
    /// # Errors
    /// A file that can't be cut; a pattern that is not understood; perl, where keys take it.
    pub fn open(options: &PipeOptions, folder: &Path, start_perl: StartPerl<'_>) -> Result<Pipe> {
        let cutter = match &options.files {
            Some(files) => Cutter::Parts(Parts::open(files, options, start_perl)?),
            None => Cutter::Blocks(Box::new(Blocks::new(options, start_perl)?)),
        };
        let keys = match &options.spread {
            Spread::Shard(rule) => Some(Keys::open("--shard", rule, start_perl)?),
            Spread::Bin(rule) => Some(Keys::open("--bin", rule, start_perl)?),
            _ => None,
        };
        Ok(Pipe {
            cutter,
            keys,
            spread: options.spread.clone(),
            names: (options.way != Way::Stdin).then(|| temporary_names(folder)).transpose()?,
            named: 0,
            rows: None,
            lanes: Lanes::default(),
        })
    }

    /// How many jobs there will be, where that can be known.
    pub fn total(&self, slots: &dyn Fn() -> usize) -> Option<u64> {
        match (&self.cutter, &self.spread) {
            (Cutter::Parts(parts), Spread::Jobs) => parts.count(slots),
            _ => None,
        }
    }

    /// What the next job reads, and its arguments; `None` at the end, and once `stop` was called.
    ///
    /// # Errors
    /// Those of reading.
    pub fn next(
        &mut self,
        next_args: NextArgs<'_>,
        slots: &dyn Fn() -> usize,
        stop: &Wake,
        diag: &Diag,
    ) -> Result<Option<(Words, Body)>> {
        let mut args = Words::new();
        let body = match (&mut self.cutter, &self.spread) {
            (Cutter::Parts(parts), Spread::Jobs) => match parts.next(slots, &|| stop.is_called())? {
                Some(body) => body,
                None => return Ok(None),
            },
            (Cutter::Blocks(blocks), Spread::Jobs) => match blocks.next(stop, diag)? {
                Cut::Block(block) => Body { head: blocks.head().cloned(), content: Content::Block(block) },
                Cut::End | Cut::Stopped => return Ok(None),
            },
            (_, spread) => {
                if self.rows.is_none() {
                    self.rows = Some(rows(spread, next_args, slots())?.into_iter());
                }
                match self.rows.as_mut().and_then(Iterator::next) {
                    None => {
                        self.hand_out(stop, diag)?;
                        return Ok(None);
                    }
                    Some(row) => args = row,
                }
                match &mut self.cutter {
                    Cutter::Parts(parts) => parts.whole()?,
                    Cutter::Blocks(_) => Body { head: None, content: Content::Lane(self.lanes.add()) },
                }
            }
        };
        if self.spread == Spread::Jobs {
            next_args(&mut args)?;
        }
        if let Some(names) = &self.names {
            // As GNU parallel: the name is the only argument.
            args.clear();
            self.named += 1;
            args.push(&[names.as_os_str().as_encoded_bytes(), self.named.to_string().as_bytes()].concat());
        }
        Ok(Some((args, body)))
    }

    /// Hands all of the stream out to jobs that run.
    fn hand_out(&mut self, stop: &Wake, diag: &Diag) -> Result<()> {
        let Cutter::Blocks(blocks) = &mut self.cutter else { return Ok(()) };
        let handed = match &mut self.keys {
            Some(keys) => {
                let by_number = matches!(self.spread, Spread::Bin(_));
                shards::hand_out(blocks, &self.lanes, keys, by_number, stop, diag)
            }
            None => hand_out(blocks, &self.lanes, &self.spread, stop, diag),
        };
        self.lanes.end();
        handed
    }
}

fn hand_out(blocks: &mut Blocks, lanes: &Lanes, spread: &Spread, stop: &Wake, diag: &Diag) -> Result<()> {
    let (mut turn, mut head) = (0, None);
    loop {
        let cut = if *spread == Spread::Tee { blocks.next_bytes(stop)? } else { blocks.next(stop, diag)? };
        let Cut::Block(block) = cut else { return Ok(()) };
        let chunk = Arc::new(block);
        let is_read = if *spread == Spread::Tee {
            lanes.give_all(&chunk)
        } else {
            let header = blocks.head().filter(|_| head.is_none());
            head = head.or_else(|| header.map(|header| Arc::new(Block::new(header.to_vec().into(), 0))));
            lanes.give(turn, *spread == Spread::InTurn, head.as_ref(), &chunk)
        };
        if !is_read {
            // All jobs have ended, or read no more: what is left is for nobody.
            return Ok(());
        }
        turn += 1;
    }
}

/// The arguments of all jobs that run at once: a job for each row of `--tee`, else one for each slot.
fn rows(spread: &Spread, next_args: NextArgs<'_>, slots: usize) -> Result<Vec<Words>> {
    let mut rows = Vec::new();
    let mut more = true;
    while rows.len() < slots || *spread == Spread::Tee {
        let mut args = Words::new();
        more = more && next_args(&mut args)?;
        if *spread == Spread::Tee && (!more || args.is_empty()) {
            break;
        }
        rows.push(args);
    }
    if rows.is_empty() {
        bail!("--tee needs inputs, a job for each: ::: A B");
    }
    if rows.len() > slots {
        bail!("--tee requires --jobs to be higher: all {} jobs have to run at once (--jobs 0)", rows.len());
    }
    Ok(rows)
}

/// What the names of this run's temporary files begin with: what nobody has or can guess. Files are made anew, so one that is there after
/// all is not touched.
fn temporary_names(folder: &Path) -> Result<PathBuf> {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut random = [0u8; 12];
    rustix::rand::getrandom(&mut random, rustix::rand::GetRandomFlags::empty())?;
    let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
    let name: String = random.iter().map(letter).collect();
    let names = folder.join(format!("par{name}_"));
    if let Ok(names) = std::path::absolute(&names) {
        watch::leaves(&names);
    }
    Ok(names)
}
