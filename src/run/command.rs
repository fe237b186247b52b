//! The command of all jobs.

use anyhow::Result;

use crate::diag::{Diag, is_utf8};
use crate::options::{Options, Tag};
use crate::template::{Insertion, ShellFamily, Strings, Template};

/// The command as a template. What is odd about it is said.
///
/// # Errors
/// A command that can't be followed.
pub fn template(options: &Options, family: ShellFamily, strings: &mut Strings, diag: &Diag) -> Result<Template> {
    if let Some(xargs) = &options.xargs {
        return Ok(Template::argv(&options.command, xargs.replace.as_deref(), is_utf8()));
    }
    let (mut template, warnings) = Template::compile(&options.command, family, insertion(options), strings)?;
    warnings.into_iter().for_each(|warning| diag.warn(warning));
    if let Some(tag) = options.output.tag.as_ref().filter(|_| options.batch.packs()) {
        let label = match tag {
            Tag::Template(text) => Some(Template::label(text, insertion(options), strings)),
            Tag::Args => None,
        };
        template.count_tag(label.as_ref());
    }
    Ok(template)
}

/// How inputs get into the command and whatever is written like it.
pub fn insertion(options: &Options) -> Insertion {
    let nothing = options.batch.insert_nothing || options.semaphore.is_some();
    Insertion { repeat_words: options.batch.repeat_words, nothing, quoted: options.quote }
}
