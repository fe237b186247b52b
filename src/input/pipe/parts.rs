//! Files as parts of whole records (`--pipe-part`).

use std::fs::File;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use memchr::{memchr, memmem};
use rustix::fs::{FileType, SeekFrom, fstat, seek};

use super::blocks::header;
use super::groups::Groups;
use super::keys::{Keys, StartPerl};
use super::rule::{both, compile};
use crate::diag::escape;
use crate::model::{Body, Content, DataFile};
use crate::options::{BlockSize, PipeOptions};
use crate::sys::files::read_from;
use crate::template::pattern::Pattern;

/// What is read at once to find the end of a record. Where patterns match last in such a piece, a part ends (as GNU parallel).
pub const PIECE: usize = 128 << 10;

/// The parts of files, one after the other.
#[derive(Clone)]
pub struct Parts {
    files: Arc<[Source]>,
    block: BlockSize,
    separator: Arc<Separator>,
    /// Instead: lines with the same key are not separated (`--group-by`).
    groups: Option<Arc<Keys>>,
    /// The file at hand, and where in it the next part starts; `None`: at its first.
    file: usize,
    at: Option<u64>,
}

struct Source {
    data: Arc<DataFile>,
    /// Where its records start, and how long it is.
    first: u64,
    size: u64,
    head: Option<Arc<[u8]>>,
}

enum Separator {
    /// The end of a record and the start of the next one, and how much of it is the end.
    Text(Vec<u8>, usize),
    /// The same with the end as the first group.
    Pattern(Box<Pattern>),
}

impl Parts {
    /// Opens the files and reads their headers.
    ///
    /// # Errors
    /// A file that is not there, or can't be read at any place; a pattern or a key that is not understood.
    pub fn open(files: &[PathBuf], options: &PipeOptions, start_perl: StartPerl<'_>) -> Result<Parts> {
        let records = &options.records;
        let separator = if records.regexp {
            Separator::Pattern(Box::new(compile(&both(records), "s", records)?))
        } else {
            Separator::Text([&records.end[..], &records.start].concat(), records.end.len())
        };
        let header = options.header.as_deref().map(header).transpose()?;
        let files: Result<Vec<Source>> =
            files.iter().map(|path| Source::open(path, options.skip_first, header.as_ref())).collect();
        let files: Arc<[Source]> = files?.into();
        let open = |rule| Keys::open("--group-by", rule, start_perl);
        let mut groups = options.group_by.as_ref().map(open).transpose()?;
        if let (Some(keys), Some(first)) = (&mut groups, files.first())
            && keys.needs_header()
        {
            // As GNU parallel: it is a line like any other.
            keys.read_header(&first.first_line().with_context(|| first.cannot_read())?)?;
        }
        let (separator, groups) = (Arc::new(separator), groups.map(Arc::new));
        Ok(Parts { files, block: options.block, separator, groups, file: 0, at: None })
    }

    /// How many parts are still to come.
    pub fn count(&self, slots: &dyn Fn() -> usize) -> Option<u64> {
        let mut rest = self.clone();
        let mut count = 0;
        while rest.next(slots, &|| false).ok()?.is_some() {
            count += 1;
        }
        Some(count)
    }

    /// All of the first file.
    ///
    /// # Errors
    /// There is none.
    pub fn whole(&self) -> Result<Body> {
        let file =
            self.files.first().ok_or_else(|| anyhow!("--pipe-part needs a file to read: give one with -a FILE"))?;
        Ok(Body { head: None, content: Content::Part(Arc::clone(&file.data), 0..file.size) })
    }

    /// The next part; `None`, too, when perl is waited for and the run `is_over`.
    ///
    /// # Errors
    /// Those of reading; a line without a key.
    pub fn next(&mut self, slots: &dyn Fn() -> usize, is_over: &dyn Fn() -> bool) -> Result<Option<Body>> {
        let block = match self.block {
            BlockSize::Bytes(block) => block as u64,
            BlockSize::PerSlot(blocks) => {
                let size: u64 = self.files.iter().map(|file| file.size).sum();
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "less than the size")]
                let share = (size as f64 / slots() as f64 / blocks) as u64;
                self.block = BlockSize::Bytes(usize::try_from(share).unwrap_or(usize::MAX).saturating_add(1));
                share + 1
            }
        };
        while let Some(file) = self.files.get(self.file) {
            let start = self.at.unwrap_or(file.first);
            if start >= file.size {
                (self.file, self.at) = (self.file + 1, None);
                continue;
            }
            let end = match &self.groups {
                Some(keys) => {
                    let groups = Groups { data: &file.data, size: file.size, keys, is_over };
                    let Some(end) = groups.end(start, block)? else { return Ok(None) };
                    end
                }
                None => file.end(start.saturating_add(block), &self.separator).with_context(|| file.cannot_read())?,
            };
            self.at = Some(end);
            let content = Content::Part(Arc::clone(&file.data), start..end);
            return Ok(Some(Body { head: file.head.clone(), content }));
        }
        Ok(None)
    }
}

impl Source {
    fn open(path: &Path, skip_first: bool, header: Option<&Pattern>) -> Result<Source> {
        let name = escape(path.as_os_str().as_encoded_bytes()).into_owned();
        let file = File::open(path).with_context(|| format!("cannot open input file {name}"))?;
        let status = fstat(&file).with_context(|| format!("cannot read input file {name}"))?;
        let size = match FileType::from_raw_mode(status.st_mode) {
            FileType::RegularFile => u64::try_from(status.st_size).unwrap_or(0),
            FileType::BlockDevice => seek(&file, SeekFrom::End(0)).with_context(|| format!("cannot read {name}"))?,
            _ => bail!(
                "--pipe-part only works on files that can be read at any place, and {name} is none: use --pipe < {name}"
            ),
        };
        let stamp = format!("{size} {}.{:09}", status.st_mtime, status.st_mtime_nsec);
        let data = Arc::new(DataFile { name, file, stamp });
        let mut source = Source { data, first: 0, size, head: None };
        source.pass(skip_first, header).with_context(|| source.cannot_read())?;
        Ok(source)
    }

    /// Passes over the first line and the header.
    fn pass(&mut self, skip_first: bool, header: Option<&Pattern>) -> Result<()> {
        if skip_first {
            self.first = self.first_line()?.len() as u64;
        }
        if let Some(header) = header {
            let mut bytes = Vec::new();
            if let Some(end) = self.grow(&mut bytes, |bytes| header.find_at(bytes, 0).map(|found| found.end))? {
                bytes.truncate(end);
                self.first += end as u64;
                self.head = Some(bytes.into());
            }
        }
        Ok(())
    }

    fn first_line(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let end = self.grow(&mut bytes, |bytes| memchr(b'\n', bytes).map(|newline| newline + 1))?;
        bytes.truncate(end.unwrap_or(bytes.len()));
        Ok(bytes)
    }

    /// Reads on from where records start until something is found.
    fn grow(&self, bytes: &mut Vec<u8>, find: impl Fn(&[u8]) -> Option<usize>) -> Result<Option<usize>> {
        loop {
            bytes.reserve(PIECE);
            let offset = self.first + bytes.len() as u64;
            if read_from(self.data.file.as_fd(), bytes, PIECE, offset)? == 0 {
                return Ok(None);
            }
            if let Some(end) = find(bytes) {
                return Ok(Some(end));
            }
        }
    }

    /// Where the part ends that is to go on to this place at least.
    fn end(&self, from: u64, separator: &Separator) -> Result<u64> {
        let (mut bytes, mut base) = (Vec::new(), from);
        if matches!(separator, Separator::Text(text, _) if text.is_empty()) {
            return Ok(from.min(self.size));
        }
        loop {
            bytes.reserve(PIECE);
            let offset = base + bytes.len() as u64;
            if offset >= self.size || read_from(self.data.file.as_fd(), &mut bytes, PIECE, offset)? == 0 {
                return Ok(self.size);
            }
            match separator {
                Separator::Text(text, end) => {
                    if let Some(at) = memmem::find(&bytes, text) {
                        return Ok(base + (at + end) as u64);
                    }
                    // A part of it may be here already.
                    let passed = bytes.len().saturating_sub(text.len() - 1);
                    bytes.drain(..passed);
                    base += passed as u64;
                }
                Separator::Pattern(pattern) => {
                    if let Some(end) = super::rule::last_match(pattern, &bytes) {
                        return Ok(base + end as u64);
                    }
                }
            }
        }
    }

    fn cannot_read(&self) -> String {
        format!("cannot read input file {}", self.data.name)
    }
}
