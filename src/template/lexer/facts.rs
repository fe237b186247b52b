//! What the lexer reads, and what it finds out.

use super::HereDoc;
use crate::template::place::Place;
use crate::template::placeholder::Placeholder;

/// One element of the text that is lexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// A byte that the user wrote.
    Byte(u8),
    /// The placeholder of this index.
    Hole(usize),
}

/// What is known about a template once it is lexed.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) placeholders: &'a [Placeholder],
    /// Where each placeholder stands.
    pub(crate) places: Vec<Place>,
    /// The here-documents that hold placeholders.
    pub(crate) here_docs: Vec<HereDoc>,
    /// Some construct may evaluate variables as arithmetic, so that a subscript in what they hold would run, and a
    /// value may get into a variable.
    pub(crate) evaluates: bool,
    /// Some construct may expand what a variable holds once more, so that a substitution in it would run, and a value may
    /// get into a variable.
    pub(crate) reexpands: bool,
    /// A value is part of a word or text with a bracket of its own, which could make it a subscript.
    pub(crate) bracketed: bool,
    /// A value may get into a variable.
    pub(crate) flows: bool,
    /// There are array variables, so that `declare x='($(…))'` would run.
    pub(crate) arrays: bool,
    /// The shell is told to read what follows in another way.
    pub(crate) redefines: bool,
    /// Placeholders in arguments of `declare` and its like, which are data only while there are no arrays.
    pub(crate) declared: Vec<usize>,
    /// The interpreter whose program text holds a placeholder, and what to write instead.
    pub(crate) warning: Option<String>,
}
