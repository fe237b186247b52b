//! `--results`, `--files` and `--tmpdir`: where output is kept.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};

use crate::diag::{Diag, escape};
use crate::exec::{Keeper, Shell};
use crate::options::{Options, OutputOptions, Resume};
use crate::output::Table;
use crate::report::open_to_append;
use crate::template::{Names, Template};

/// The folder for temporary files.
pub fn temporary_folder(options: &OutputOptions) -> PathBuf {
    options.tmpdir.clone().unwrap_or_else(std::env::temp_dir)
}

/// The files of jobs, if there are any. `label` makes a template of a text.
pub fn keeper(
    options: &Options,
    label: impl FnOnce(&[u8]) -> Template,
    names: &Names,
    shell: &Shell,
) -> Option<Arc<Keeper>> {
    let width = options.batch.packs().then_some(options.input.sources.len());
    Keeper::new(options, label, names, width, shell).map(Arc::new)
}

/// The table of all jobs, if there is one: its file is opened, and emptied unless it goes on.
///
/// # Errors
/// A file that can't be opened; a folder for temporary files that is none.
pub fn table(options: &Options, names: &Names, diag: &Diag) -> Result<Option<Table>> {
    if let Some(folder) = options.output.tmpdir.as_ref().filter(|folder| !folder.is_dir()) {
        let name = escape(folder.as_os_str().as_encoded_bytes());
        bail!("--tmpdir {name}: is no folder: make it, or give another one");
    }
    let Some(table) = options.output.table() else { return Ok(None) };
    if options.report.resume != Resume::No && options.report.joblog.is_none() {
        diag.warn(format_args!(
            "{}: a table does not say which jobs are done, so all of them are run: give --joblog FILE, too",
            options.report.resume.option()
        ));
    }
    let columns = || (1..=names.columns()).map(|column| names.of(column).unwrap_or_default().to_vec()).collect();
    let open = || {
        let Some(path) = &table.file else { return Table::new(options, None, columns()) };
        let file = open_to_append(path)?;
        if !table.append && file.metadata()?.is_file() {
            file.set_len(0)?;
        }
        Table::new(options, Some((file, path.clone())), columns())
    };
    open().map_err(|error| {
        let path = table.file.as_ref().map(|path| path.as_os_str().as_encoded_bytes()).unwrap_or_default();
        anyhow!("--results {}: can't be opened: {error}", escape(path))
    })
}
