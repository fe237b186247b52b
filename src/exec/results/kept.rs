//! One file that output is kept in, on the way through whatever compresses it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use zstd::stream::write::Encoder;

use super::complaint;
use crate::options::Compress;

/// A file that output is kept in.
#[derive(Debug)]
pub struct Kept {
    path: Vec<u8>,
    way: Way,
    /// Bytes that were meant to be written.
    total: u64,
    /// The first that went wrong; nothing is written after that.
    trouble: Option<String>,
}

/// The way to the file.
enum Way {
    Plain(File),
    Zstd(Encoder<'static, File>),
    Program {
        child: Child,
        name: String,
    },
    /// Not begun: what has no bytes has an empty file, as in GNU parallel.
    Later(Option<(File, Later)>),
}

/// What compresses from the first byte on.
#[derive(Debug)]
enum Later {
    Zstd,
    Program { shell: PathBuf, command: Vec<u8> },
}

impl Kept {
    /// To `file`, which is called `path` in messages.
    pub fn new(file: File, path: Vec<u8>, compress: Option<&Compress>, shell: &Path) -> Kept {
        let way = match compress {
            None => Way::Plain(file),
            Some(Compress::Zstd) => Way::Later(Some((file, Later::Zstd))),
            Some(Compress::Program(command)) => {
                Way::Later(Some((file, Later::Program { shell: shell.to_owned(), command: command.clone() })))
            }
        };
        Kept { path, way, total: 0, trouble: None }
    }

    /// Adds bytes. What goes wrong is said by [`Kept::close`]: the job may go on writing to nobody.
    pub fn write(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        if self.trouble.is_none()
            && !bytes.is_empty()
            && let Err(error) = self.try_write(bytes)
        {
            self.trouble = Some(self.complaint(&error));
        }
    }

    /// Bytes that were meant to be written, before they were compressed.
    pub fn total(&self) -> u64 {
        self.total
    }

    fn try_write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Way::Later(later) = &mut self.way {
            let (file, later) = later.take().ok_or(io::ErrorKind::InvalidInput)?;
            self.way = begin(file, later)?;
        }
        match &mut self.way {
            Way::Plain(file) => file.write_all(bytes),
            Way::Zstd(encoder) => encoder.write_all(bytes),
            Way::Program { child, .. } => child.stdin.as_mut().map_or(Ok(()), |stdin| stdin.write_all(bytes)),
            Way::Later(_) => Ok(()),
        }
    }

    fn complaint(&self, error: &io::Error) -> String {
        match &self.way {
            // Its end is known when it is waited for.
            Way::Program { name, .. } if error.kind() == io::ErrorKind::BrokenPipe => {
                format!("{name} has not compressed {}", String::from_utf8_lossy(&self.path))
            }
            _ => complaint(&self.path, "written", error),
        }
    }

    /// The end of it. `fsync`: waits until it is on the disk, where it is written by us.
    ///
    /// # Errors
    /// One line that names the file, if not everything has got there.
    pub fn close(self, fsync: bool) -> Result<(), String> {
        let Kept { path, way, trouble, .. } = self;
        let failed = |error: io::Error| complaint(&path, "written", &error);
        let file = match way {
            Way::Plain(file) => Some(file),
            Way::Later(later) => later.map(|(file, _)| file),
            Way::Zstd(encoder) if trouble.is_none() => Some(encoder.finish().map_err(failed)?),
            Way::Zstd(_) => None,
            Way::Program { mut child, name } => {
                // Its standard input ends.
                drop(child.stdin.take());
                let status = child.wait().map_err(failed)?;
                if !status.success() {
                    return Err(format!("{name} has not compressed {}: {status}", String::from_utf8_lossy(&path)));
                }
                None
            }
        };
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        match file.filter(|_| fsync) {
            Some(file) => file.sync_all().map_err(failed),
            None => Ok(()),
        }
    }
}

fn begin(file: File, later: Later) -> io::Result<Way> {
    match later {
        Later::Zstd => Ok(Way::Zstd(Encoder::new(file, 1)?)),
        Later::Program { shell, command } => {
            let name = String::from_utf8_lossy(&command).into_owned();
            let mut program = Command::new(shell);
            program.arg("-c").arg(OsStr::from_bytes(&command)).stdin(Stdio::piped()).stdout(file);
            Ok(Way::Program { child: program.spawn()?, name })
        }
    }
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Way::Plain(_) => "Plain",
            Way::Zstd(_) => "Zstd",
            Way::Program { .. } => "Program",
            Way::Later(_) => "Later",
        })
    }
}
