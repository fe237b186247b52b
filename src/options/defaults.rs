//! Default options, which stand elsewhere than on the command line.

use std::ffi::OsString;

/// Which default options are wanted, as the command line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// `--plain`: none.
    pub plain: bool,
    /// `--profile`, in their order.
    pub profiles: Vec<OsString>,
}

/// Default options as they stand there; `cli` splits them into words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Of files, the weakest first. All of them together are one line of options.
    pub files: Vec<DefaultText>,
    /// Of a variable, which is stronger.
    pub variable: Option<DefaultText>,
}

/// A piece of default options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultText {
    /// Where it stands, for messages.
    pub origin: String,
    /// Words in quotes, as a shell has them.
    pub text: Vec<u8>,
}
