//! `--template`: files that are written before each job.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use crate::model::{Record, Slot};
use crate::options::FileTemplate;
use crate::template::{Insertion, Strings, Template};

/// A file that is written before each job.
#[derive(Debug)]
pub struct FilledFile {
    name: Template,
    contents: Template,
}

impl FilledFile {
    /// Reads the file with the replacement strings, which `resolve` may change.
    ///
    /// # Errors
    /// Those of reading.
    pub fn read(file: &FileTemplate, insertion: Insertion, strings: &mut Strings) -> io::Result<FilledFile> {
        let contents = Template::label(&fs::read(&file.source)?, insertion, strings);
        Ok(FilledFile { name: Template::label(&file.target, insertion, strings), contents })
    }

    /// What is composed for it.
    pub fn templates(&self) -> [&Template; 2] {
        [&self.name, &self.contents]
    }

    /// Writes it for one job and answers where. Values stand there as they are: what reads the file is not known.
    ///
    /// # Errors
    /// One line with the name of the file and the reason.
    pub fn write(&self, record: &Record, slot: Slot) -> Result<PathBuf, String> {
        let (mut name, mut contents) = (Vec::new(), Vec::new());
        self.name.label_text(record, slot, &mut name);
        self.contents.label_text(record, slot, &mut contents);
        let path = PathBuf::from(OsString::from_vec(name));
        match fs::write(&path, contents) {
            Ok(()) => Ok(path),
            Err(error) => Err(format!("--template: can't write {}: {error}", path.display())),
        }
    }
}
