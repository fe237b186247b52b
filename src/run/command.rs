//! The command of all jobs.

use anyhow::Result;

use crate::diag::Diag;
use crate::options::{Options, Tag, Way};
use crate::template::{Insertion, ShellFamily, Strings, Template};

/// The command as a template. What is odd about it is said.
///
/// # Errors
/// A command that can't be followed.
pub fn template(options: &Options, family: ShellFamily, strings: &mut Strings, diag: &Diag) -> Result<Template> {
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
    // What jobs read is no argument, unless it has a name.
    let only_named = options.pipe.as_ref().is_some_and(|pipe| pipe.way == Way::Stdin);
    let nothing =
        options.batch.insert_nothing || options.semaphore.is_some() || (only_named && options.input.sources.is_empty());
    Insertion { repeat_words: options.batch.repeat_words, nothing, only_named, quoted: options.quote }
}
