//! Which replacement strings there are.

/// Which replacement strings there are, besides the seven that are always there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplaceOptions {
    /// `-I`, or `-i` with a value: in place of `{}`.
    pub whole: Option<Vec<u8>>,
    /// `--extensionreplace`: in place of `{.}`.
    pub no_extension: Option<Vec<u8>>,
    /// `--basenamereplace`: in place of `{/}`.
    pub base: Option<Vec<u8>>,
    /// `--dirnamereplace`: in place of `{//}`.
    pub folder: Option<Vec<u8>>,
    /// `--basenameextensionreplace`: in place of `{/.}`.
    pub base_no_extension: Option<Vec<u8>>,
    /// `--seqreplace`: in place of `{#}`.
    pub seq: Option<Vec<u8>>,
    /// `--slotreplace`: in place of `{%}`.
    pub slot: Option<Vec<u8>>,
    /// `--rpl`, in their order.
    pub definitions: Vec<Vec<u8>>,
    /// `--plus`.
    pub plus: bool,
    /// `--match`, in their order.
    pub matches: Vec<Vec<u8>>,
    /// `--parens`.
    pub parens: Option<Vec<u8>>,
}
