//! `--results` and `--files`: the files that jobs' output is kept in.
//!
//! What a job writes goes to its files as it is read, so that they can be followed while it runs. `seq` comes last, once
//! everything is in place: only a job that has one is done (GNU parallel writes it first, and takes every file for a whole
//! one). Files are made anew for each job, never opened through what is there.

mod folder;
mod kept;
mod name;

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::Shell;
use crate::model::{Outcome, Record, Slot};
use crate::options::{Compress, Options, Results, Resume};
use crate::template::{Names, Template};
use folder::{FileId, Folder};
pub use kept::Kept;
use name::Columns;

/// Where the output of the jobs of a run is kept.
#[derive(Debug)]
pub struct Keeper {
    naming: Naming,
    compress: Option<Compress>,
    shell: CString,
    /// Names are printed.
    named: bool,
    /// Files are on the disk before the job counts as done.
    fsync: bool,
    /// Files of an earlier run are all that says what is done.
    resumes: bool,
}

/// How files are named.
#[derive(Debug)]
enum Naming {
    /// `--results NAME`: in `NAME/COLUMN/VALUE/…/`.
    Values { root: Vec<u8>, columns: Columns },
    /// `--results` with replacement strings.
    Template(Template),
    /// `--files`: in this folder.
    Temporary(PathBuf),
}

/// Why files could not be made.
#[derive(Debug)]
pub struct Trouble {
    /// One line that names the file.
    pub reason: String,
    /// What the system said.
    pub error: io::Error,
}

/// The files of one job that runs.
#[derive(Debug)]
pub struct JobFiles {
    /// The name of the file of standard output, as it is printed.
    name: Vec<u8>,
    /// What says that the job is done.
    seq: Option<Seq>,
    temporary: Option<PathBuf>,
}

/// The file that is made at the end.
#[derive(Debug)]
struct Seq {
    folder: Folder,
    file: Vec<u8>,
    number: u64,
    /// The file of standard output, and which one this job has made.
    stdout: (Vec<u8>, FileId),
}

/// Where a job's files are.
struct Place {
    folder: Folder,
    /// The names of the files, `folder` before them.
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    seq: Vec<u8>,
    /// The name of the folder, with the slash behind it.
    path: Vec<u8>,
}

impl Keeper {
    /// `None` where output is printed. `label`: what makes a template of the text of `--results`; `names`: of the inputs'
    /// columns, where they have any (`--header`); `width`: so many inputs make up a record, where jobs get several.
    pub fn new(
        options: &Options,
        label: impl FnOnce(&[u8]) -> Template,
        names: &Names,
        width: Option<usize>,
        shell: &Shell,
    ) -> Option<Keeper> {
        let output = &options.output;
        let naming = match &output.results {
            Some(Results::Files(text)) => {
                let template = label(text);
                // A semaphore's job has no inputs: nothing stands in their place.
                let is_filled = options.semaphore.is_some() && template.leading_text() != text.as_slice();
                if template.has_placeholders() || is_filled {
                    Naming::Template(template)
                } else {
                    Naming::Values { root: text.clone(), columns: Columns { names: names.clone(), width } }
                }
            }
            _ if output.files.is_some() => Naming::Temporary(output.tmpdir.clone().unwrap_or_else(std::env::temp_dir)),
            _ => return None,
        };
        let (compress, named, shell) = (output.compress.clone(), output.files.is_some(), shell.path.clone());
        let resumes = options.report.resume == Resume::Finished && options.report.joblog.is_none();
        Some(Keeper { naming, compress, shell, named, fsync: options.report.fsync, resumes })
    }

    /// The template of their names, if there is one.
    pub fn template(&self) -> Option<&Template> {
        match &self.naming {
            Naming::Template(template) => Some(template),
            _ => None,
        }
    }

    /// Makes the files of a job: for its standard output, and for its standard error where that is kept.
    ///
    /// # Errors
    /// Those of making files and folders, with the name of what could not be made.
    pub fn open(&self, record: &Record, slot: Slot) -> Result<(JobFiles, Kept, Option<Kept>), Trouble> {
        let place = match &self.naming {
            Naming::Temporary(folder) => return self.open_temporary(folder),
            _ => self.place(record, slot, true).map_err(|(path, error)| Trouble::new(&path, "made", error))?,
        };
        let make = |file: &[u8]| {
            let path = [&place.path, file].concat();
            let made = place.folder.make(file).and_then(|file| Ok((FileId::of(&file)?, file)));
            let (id, file) = made.map_err(|error| Trouble::new(&path, "made", error))?;
            Ok::<_, Trouble>((id, Kept::new(file, path, self.compress.as_ref(), &self.shell)))
        };
        // A job that has been done before is not, from now on.
        place
            .folder
            .remove(&place.seq)
            .map_err(|error| Trouble::new(&[&place.path[..], &place.seq].concat(), "removed", error))?;
        let ((id, stdout), (_, stderr)) = (make(&place.stdout)?, make(&place.stderr)?);
        let name = [&place.path[..], &place.stdout].concat();
        let seq = Seq { folder: place.folder, file: place.seq, number: record.seq.0, stdout: (place.stdout, id) };
        Ok((JobFiles { name, seq: Some(seq), temporary: None }, stdout, Some(stderr)))
    }

    fn open_temporary(&self, folder: &Path) -> Result<(JobFiles, Kept, Option<Kept>), Trouble> {
        let folder_name = folder.as_os_str().as_bytes();
        // As GNU parallel names them.
        let file = tempfile::Builder::new().prefix("par").rand_bytes(5).suffix(".par").tempfile_in(folder);
        let kept = file.and_then(|file| file.keep().map_err(|error| error.error));
        let (file, path) = kept.map_err(|error| Trouble::new(folder_name, "written to", error))?;
        let base = path.file_name().unwrap_or_default().as_bytes();
        let slash: &[u8] = if folder_name.ends_with(b"/") { b"" } else { b"/" };
        let name = [folder_name, slash, base].concat();
        let kept = Kept::new(file, name.clone(), self.compress.as_ref(), &self.shell);
        Ok((JobFiles { name, seq: None, temporary: Some(path) }, kept, None))
    }

    /// Sees to it that everything has got to its file, and if the job has come to its own end, says so in `seq`. Answers the
    /// name to be printed. `is_over` is asked where a program is waited for: whether the run is being ended.
    ///
    /// # Errors
    /// One line that names the file: the job's output is not all there.
    pub fn close(
        &self,
        job: JobFiles,
        kept: impl IntoIterator<Item = Kept>,
        outcome: &Outcome,
        is_over: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<u8>>, String> {
        let is_whole =
            matches!(outcome, Outcome::Exited(_) | Outcome::Signaled(_) | Outcome::TimedOut | Outcome::WantedTerminal);
        let mut closed = Ok(());
        for kept in kept {
            closed = closed.and(kept.close(self.fsync, is_over));
        }
        if let Some(path) = job.temporary.filter(|_| !is_whole || closed.is_err()) {
            // Nobody would learn its name.
            std::fs::remove_file(path).ok();
        }
        closed?;
        if let Some(seq) = job.seq.filter(|_| is_whole) {
            let written = seq.write(self.fsync);
            written.map_err(|error| complaint(&[&job.name[..], b" (its seq)"].concat(), "written", &error))?;
        }
        Ok((self.named && is_whole).then_some(job.name))
    }

    /// Whether an earlier run has done this job, where that is known only now that its names have been evaluated.
    pub fn has_evaluated(&self, record: &Record, slot: Slot) -> bool {
        self.resumes && self.template().is_some_and(Template::evaluates) && self.has(record, slot)
    }

    /// Whether an earlier run has done this job, as its files say.
    pub fn has(&self, record: &Record, slot: Slot) -> bool {
        if record.values.is_none() && self.template().is_some_and(Template::evaluates) {
            return false;
        }
        let Ok(place) = self.place(record, slot, false) else { return false };
        // One that is empty was on its way when the run was killed.
        place.folder.length(&place.seq).is_some_and(|length| length > 0) && place.folder.length(&place.stdout).is_some()
    }

    fn place(&self, record: &Record, slot: Slot, make: bool) -> Result<Place, (Vec<u8>, io::Error)> {
        let open = |path: &[u8], below: &[Vec<u8>]| {
            let opened = Folder::open(path, below, make);
            let mut text = path.to_vec();
            for component in below {
                if !text.is_empty() && (!text.ends_with(b"/") || matches!(self.naming, Naming::Values { .. })) {
                    text.push(b'/');
                }
                text.extend_from_slice(component);
            }
            opened.map(|folder| (folder, text.clone())).map_err(|error| (text, error))
        };
        let three = |folder, path| {
            let [stdout, stderr, seq] = ["stdout", "stderr", "seq"].map(|name| name.as_bytes().to_vec());
            Place { folder, stdout, stderr, seq, path }
        };
        match &self.naming {
            Naming::Values { root, columns } => {
                let (folder, mut path) = open(root, &columns.components(record))?;
                path.push(b'/');
                Ok(three(folder, path))
            }
            Naming::Template(template) => {
                let mut text = Vec::new();
                template.label_text(record, slot, &mut text);
                let name = name::of_template(&text, template.leading_text());
                let (folder, mut path) = open(&name.fixed, &name.folders)?;
                if !path.is_empty() && !path.ends_with(b"/") {
                    path.push(b'/');
                }
                Ok(match name.file {
                    None => three(folder, path),
                    Some(file) => {
                        let with = |end: &[u8]| [&file[..], end].concat();
                        Place { stderr: with(b".err"), seq: with(b".seq"), stdout: file, folder, path }
                    }
                })
            }
            Naming::Temporary(folder) => {
                Err((folder.clone().into_os_string().into_vec(), io::ErrorKind::NotFound.into()))
            }
        }
    }
}

impl Seq {
    /// Makes the file, unless the names belong to a job of the same inputs that has started since.
    fn write(&self, fsync: bool) -> io::Result<()> {
        let is_ours = || self.folder.id(&self.stdout.0) == Some(self.stdout.1);
        if !is_ours() {
            return Ok(());
        }
        let mut file = self.folder.make(&self.file)?;
        let written = file.write_all(self.number.to_string().as_bytes());
        if let Err(error) = written.and_then(|()| if fsync { self.sync(&file) } else { Ok(()) }) {
            self.folder.remove(&self.file)?;
            return Err(error);
        }
        // It may have started meanwhile.
        if !is_ours() && self.folder.id(&self.file) == Some(FileId::of(&file)?) {
            self.folder.remove(&self.file)?;
        }
        Ok(())
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()?;
        self.folder.sync()
    }
}

impl Trouble {
    fn new(path: &[u8], what: &str, error: io::Error) -> Trouble {
        Trouble { reason: complaint(path, what, &error), error }
    }
}

impl JobFiles {
    /// No process came of the job.
    pub fn abandon(self) {
        if let Some(path) = self.temporary {
            std::fs::remove_file(path).ok();
        }
    }
}

/// What to tell the user where a file can't be dealt with.
fn complaint(path: &[u8], what: &str, error: &io::Error) -> String {
    let remedy = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ": free some space where it is",
        io::ErrorKind::FileTooLarge => ": raise the limit on the size of files (ulimit -f)",
        _ => "",
    };
    format!("{} can't be {what}: {error}{remedy}", String::from_utf8_lossy(path))
}
