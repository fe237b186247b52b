//! The one temporary file for output that does not fit in memory.

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use zstd::stream::write::Decoder;

use crate::model::Spilled;
use crate::sys::files;

/// How much is read back at a time.
const PIECE: usize = 256 << 10;
/// And at least.
const LEAST: usize = 4 << 10;
/// How hard is tried to make it small: hardly, so that it is faster than most disks.
const LEVEL: i32 = 1;

/// An unlinked temporary file that all jobs share, made when it is first needed.
///
/// One for all, because a hundred thousand jobs may wait behind a slow first one, and each would take a descriptor.
#[derive(Debug)]
pub struct SpillFile {
    folder: PathBuf,
    /// What goes there is compressed (`--compress`).
    compress: bool,
    file: OnceLock<File>,
    end: AtomicU64,
    written: AtomicU64,
}

impl SpillFile {
    /// Will be made in `folder`; `compress`: what goes there is compressed.
    pub fn new(folder: PathBuf, compress: bool) -> Arc<SpillFile> {
        Arc::new(SpillFile {
            folder,
            compress,
            file: OnceLock::new(),
            end: AtomicU64::new(0),
            written: AtomicU64::new(0),
        })
    }

    /// All bytes that ever went here.
    pub fn bytes_written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// A new output, empty yet.
    pub fn output(self: &Arc<SpillFile>) -> SpilledOutput {
        SpilledOutput { spill: Arc::clone(self), extents: Vec::new(), length: 0 }
    }

    fn file(&self) -> io::Result<&File> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = tempfile::tempfile_in(&self.folder)?;
        // tempfile leaves it to the umask where the file never had a name.
        file.set_permissions(Permissions::from_mode(0o600))?;
        Ok(self.file.get_or_init(|| file))
    }

    /// What to tell the user when it can't be written.
    pub fn complaint(&self, error: &io::Error) -> String {
        format!(
            "can't keep the output of jobs in {}: {error}: make room there or set TMPDIR (or --tmpdir) to another folder",
            self.folder.display()
        )
    }
}

/// The output of one job in the shared file. Its space is given back when it is dropped.
#[derive(Debug)]
pub struct SpilledOutput {
    spill: Arc<SpillFile>,
    /// (offset, length) of its pieces, in order.
    extents: Vec<(u64, u64)>,
    length: u64,
}

impl SpilledOutput {
    /// Adds bytes at its end.
    ///
    /// # Errors
    /// Those of making and writing the file: ENOSPC, EDQUOT, EFBIG, EROFS, EMFILE.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = self.spill.file()?;
        self.length += bytes.len() as u64;
        // Each piece is a frame of its own; frames one after the other are a stream.
        let frame = if self.spill.compress { Some(zstd::bulk::compress(bytes, LEVEL)?) } else { None };
        let bytes = frame.as_deref().unwrap_or(bytes);
        let length = bytes.len() as u64;
        let offset = self.spill.end.fetch_add(length, Ordering::Relaxed);
        file.write_all_at(bytes, offset)?;
        self.spill.written.fetch_add(length, Ordering::Relaxed);
        match self.extents.last_mut() {
            Some((start, so_far)) if *start + *so_far == offset => *so_far += length,
            _ => self.extents.push((offset, length)),
        }
        Ok(())
    }
}

impl Spilled for SpilledOutput {
    fn len(&self) -> u64 {
        self.length
    }

    fn copy_to(&self, out: &mut dyn Write) -> io::Result<()> {
        if !self.spill.compress {
            return self.copy_stored(out);
        }
        let mut decoder = Decoder::new(out)?;
        self.copy_stored(&mut decoder)?;
        decoder.flush()
    }
}

impl SpilledOutput {
    /// Its bytes as they stand in the file.
    fn copy_stored(&self, out: &mut dyn Write) -> io::Result<()> {
        let file = self.spill.file()?;
        let mut piece = Vec::new();
        // Less where there is no memory (`ulimit -v`).
        let size = if piece.try_reserve_exact(PIECE).is_ok() { PIECE } else { LEAST };
        piece.resize(size, 0);
        for (offset, length) in &self.extents {
            let (mut at, end) = (*offset, offset + length);
            while at < end {
                let wanted = usize::try_from(end - at).unwrap_or(size).min(size);
                file.read_exact_at(&mut piece[..wanted], at)?;
                out.write_all(&piece[..wanted])?;
                at += wanted as u64;
            }
        }
        Ok(())
    }
}

impl Drop for SpilledOutput {
    fn drop(&mut self) {
        if let Some(file) = self.spill.file.get() {
            for (offset, length) in &self.extents {
                files::punch(file, *offset, *length);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interleaved_outputs_come_back_whole() {
        assert_eq!(interleaved(false), 150_000);
        assert!(interleaved(true) < 10_000, "compressed");
    }

    /// Answers how many bytes went to the file.
    fn interleaved(compress: bool) -> u64 {
        let spill = SpillFile::new(std::env::temp_dir(), compress);
        let (mut a, mut b) = (spill.output(), spill.output());
        for n in 0..100u8 {
            a.append(&[n; 1000]).expect("written");
            b.append(&[255 - n; 500]).expect("written");
        }
        let mut text = Vec::new();
        a.copy_to(&mut text).expect("read");
        assert_eq!(text, (0..100u8).flat_map(|n| [n; 1000]).collect::<Vec<u8>>());
        drop(a);
        text.clear();
        b.copy_to(&mut text).expect("read");
        assert_eq!(text, (0..100u8).flat_map(|n| [255 - n; 500]).collect::<Vec<u8>>());
        assert_eq!(b.len(), 50_000);
        spill.bytes_written()
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let spill = SpillFile::new(PathBuf::from("/proc/nonexistent"), false);
        let error = spill.output().append(b"x").expect_err("no such folder");
        assert!(spill.complaint(&error).contains("TMPDIR"));
    }
}
