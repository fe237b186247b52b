//! clap's errors as one line of ours: the option, what is wrong with it, and the remedy.

use std::error::Error as _;

use anyhow::{Error, anyhow};
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The line for an error of the parser (not for its help and version, which are errors to clap as well).
pub fn one_line(error: &clap::Error) -> Error {
    // clap names an option as in its usage: `--jobs <N>`.
    let arg = text(error, ContextKind::InvalidArg).unwrap_or_default();
    let arg = arg.split([' ', '[', '=']).next().unwrap_or_default();
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument => match text(error, ContextKind::SuggestedArg) {
            _ if instead(arg).is_some() => {
                anyhow!("{arg} of GNU parallel is not there: {}", instead(arg).unwrap_or_default())
            }
            _ if is_absent(arg) => anyhow!("{arg} of GNU parallel is not there yet: see --help for what is"),
            Some(suggested) => anyhow!("unknown option {arg}: did you mean {suggested}?"),
            None => anyhow!("unknown option {arg}: see --help"),
        },
        ErrorKind::ValueValidation => match error.source() {
            Some(reason) => anyhow!("{arg} '{value}': {reason}"),
            None => anyhow!("{arg} '{value}': not understood"),
        },
        ErrorKind::InvalidValue if value.is_empty() => anyhow!("{arg} needs a value: see --help"),
        ErrorKind::InvalidValue => {
            let valid = text(error, ContextKind::ValidValue).unwrap_or_default();
            anyhow!("{arg} '{value}': give {valid}")
        }
        ErrorKind::TooManyValues => anyhow!("{arg} takes no value: leave '={value}' out"),
        ErrorKind::ArgumentConflict => {
            let prior = text(error, ContextKind::PriorArg).unwrap_or_default();
            anyhow!("{arg} cannot be combined with {prior}: choose one")
        }
        _ => {
            let message = error.to_string();
            let first = message.lines().next().unwrap_or_default();
            anyhow!("{}", first.strip_prefix("error: ").unwrap_or(first))
        }
    }
}

/// Options of GNU parallel that are not there; their names resemble others that would be suggested instead.
const ABSENT: &str = "arg-file-sep arg-sep basefile bf bg bin block block-size block-timeout bt cat cf cleanup color color-failed \
    colsep compress compress-program controlmaster csv ctag ctagstring decompress-program embed env eof er exit fg \
    fifo files files0 filter filter-hosts group-by hashbang header hgrp hostgroups id interactive latest-line limit \
    ll load match max-chars max-line-length-allowed max-lines max-replace-args memfree memsuspend minversion nonall \
    noswap number-of-cores number-of-cpus number-of-sockets number-of-threads onall open-tty output-as-files \
    outputasfiles parens pipe pipe-part pipepart plus process-slot-var profile quote recend record-env recstart \
    regexp remove-rec-sep removerecsep replace res results return round round- \
    robin roundrobin rpl rrs rsync-opts semaphore semaphore-name semaphore-timeout semaphorename semaphoretimeout \
    session shard shebang shebang-wrap shell-completion shell-quote shellquote show-limits shuf skip-first-line slf \
    spreadstdin sql sql-and-worker sql-master sql-worker sqlandworker sqlmaster sqlworker ssh ssh-delay sshdelay \
    sshlogin sshloginfile tee template tf tmpdir tmpl tmux tmuxpane total total-jobs transfer transferfile trc trim \
    wait wd workdir xargs";
/// The same with one letter.
const ABSENT_LETTERS: &str = "I i q E s X m L l N C G S J w z D H x W";

/// What serves in place of some of them.
const INSTEAD: [(&str, &str); 7] = [
    ("--link", "link sources by :::+ or ::::+"),
    ("--xapply", "link sources by :::+ or ::::+"),
    ("-I", "use {} and its relatives"),
    ("-i", "use {} and its relatives"),
    ("--seqreplace", "use {#}"),
    ("--slotreplace", "use {%}"),
    ("--no-keep-order", "leave --keep-order out"),
];

fn instead(arg: &str) -> Option<&'static str> {
    INSTEAD.iter().find(|(name, _)| *name == arg).map(|(_, instead)| *instead)
}

fn is_absent(arg: &str) -> bool {
    let name = arg.trim_start_matches('-');
    let list = if arg.starts_with("--") { ABSENT } else { ABSENT_LETTERS };
    list.split(' ').any(|absent| absent == name)
}

/// A piece of what clap knows about an error.
fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => match texts.split_last() {
            Some((last, [])) => Some(last.clone()),
            Some((last, others)) => Some(format!("{} or {last}", others.join(", "))),
            None => None,
        },
        _ => None,
    }
}
