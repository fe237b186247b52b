//! Names with groups in them: `{%(.+?)}`.

use std::sync::OnceLock;

use crate::template::pattern::Pattern;

/// A name whose text differs each time that it is used.
#[derive(Clone, Debug)]
pub(super) struct Dynamic {
    /// What it starts with.
    pub(super) prefix: Vec<u8>,
    /// The groups, and what stands behind them.
    rest: Vec<u8>,
    /// Compiled at the first look: `--plus` has a lot of them.
    pattern: OnceLock<Result<Pattern, String>>,
}

impl Dynamic {
    /// Reads a name; `None`: it has no groups.
    pub(super) fn of(name: &[u8]) -> Option<Dynamic> {
        let open = name.iter().position(|byte| *byte == b'(')?;
        let close = name.iter().rposition(|byte| *byte == b')').filter(|close| *close > open)?;
        let mut rest = b"\\A".to_vec();
        rest.extend_from_slice(&name[open..=close]);
        for byte in &name[close + 1..] {
            // As Perl's quotemeta.
            if !(byte.is_ascii_alphanumeric() || *byte == b'_') {
                rest.push(b'\\');
            }
            rest.push(*byte);
        }
        Some(Dynamic { prefix: name[..open].to_vec(), rest, pattern: OnceLock::new() })
    }

    /// Its pattern, as GNU parallel looks for it.
    ///
    /// # Errors
    /// Groups that are no regular expression, or one that is Perl's alone.
    pub(super) fn pattern(&self) -> Result<&Pattern, &str> {
        self.pattern.get_or_init(|| Pattern::compile(&self.rest, "xs")).as_ref().map_err(String::as_str)
    }

    /// How far it goes in `text`, which follows the prefix, and its groups.
    pub(super) fn fits(&self, text: &[u8]) -> Option<(usize, Vec<Vec<u8>>)> {
        let found = self.pattern().ok()?.captures_at(text, 0)?;
        let group = |range: &Option<std::ops::Range<usize>>| {
            range.clone().and_then(|range| text.get(range)).map(<[u8]>::to_vec).unwrap_or_default()
        };
        Some((found.range.end, found.groups.iter().map(group).collect()))
    }
}
