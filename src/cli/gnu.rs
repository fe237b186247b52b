//! GNU parallel's own names of options, and which of them a shortened one means.
//!
//! A script that says `--tim 5` must get what GNU parallel gives it, so a name is completed over the names that GNU parallel
//! knows, and ours are taken only as they are. `OPTIONS` is its `options_hash()` as Debian has it (20221122), word by
//! word; a test reads it from there.

/// Names, separated by `|`, and what follows the option, in the words of Perl's Getopt::Long: nothing, `=s` (text),
/// `=i`, `=f` (a number), `:s` (maybe text), `:f` (maybe a number).
const OPTIONS: &[&str] = &[
    "B=s",
    "E=s",
    "H=i",
    "I=s",
    "L=s",
    "T",
    "U=s",
    "W=s",
    "X",
    "Y",
    "_parset=s",
    "_pipe-means-argfiles",
    "_test=s",
    "arg-file-sep|argfilesep=s",
    "arg-file|argfile|a=s",
    "arg-sep|argsep=s",
    "bar",
    "basefile|bf=s",
    "basenameextensionreplace|bner=s",
    "basenamereplace|bnr=s",
    "bg",
    "bin=s",
    "block-size|blocksize|block=s",
    "block-timeout|blocktimeout|bt=s",
    "bug",
    "cat",
    "cleanup",
    "col-sep|colsep|C=s",
    "color-failed|colour-failed|colorfailed|colourfailed|color-fail|colour-fail|colorfail|colourfail|cf",
    "color|colour",
    "compress",
    "controlmaster|M",
    "csv",
    "ctag",
    "ctag-string|ctagstring=s",
    "ctrl-c|ctrlc",
    "debug|D=s",
    "delay=s",
    "delimiter|d=s",
    "dirnamereplace|dnr=s",
    "dry-run|dryrun|dr",
    "embed",
    "env=s",
    "eof|e:s",
    "eta",
    "exit|x",
    "extensionreplace|er=s",
    "fg",
    "fifo",
    "filter-hosts|filterhosts|filter-host",
    "filter=s",
    "g",
    "gnu",
    "group",
    "group-by|groupby=s",
    "halt-on-error|haltonerror|halt=s",
    "header=s",
    "help|h",
    "hgrp|hostgrp|hostgroup|hostgroups",
    "interactive|p",
    "joblog|jl=s",
    "jobs|j=s",
    "keep-order|keeporder|k",
    "latest-line|latestline|ll",
    "limit=s",
    "line-buffer|line-buffered|linebuffer|linebuffered|lb",
    "linkinputsource|xapplyinputsource=i",
    "link|xapply",
    "load=s",
    "m",
    "max-args|maxargs|n=s",
    "max-chars|maxchars|s=s",
    "max-line-length-allowed|maxlinelengthallowed",
    "max-lines|maxlines|l:f",
    "max-procs|maxprocs|P=s",
    "max-replace-args|maxreplaceargs|N=s",
    "memfree=s",
    "memsuspend=s",
    "min-version|minversion=i",
    "nice=i",
    "no-ctrl-c|no-ctrlc|noctrlc",
    "no-keep-order|nokeeporder|nok|no-k",
    "no-run-if-empty|norunifempty|r",
    "nonall",
    "noswap",
    "null|0",
    "number-of-cores|numberofcores",
    "number-of-cpus|numberofcpus",
    "number-of-sockets|numberofsockets",
    "number-of-threads|numberofthreads",
    "onall",
    "open-tty|o",
    "output-as-files|outputasfiles|files",
    "parens=s",
    "pipe-part|pipepart",
    "pipe|spreadstdin",
    "plain",
    "plus",
    "process-slot-var|processslotvar=s",
    "profile|J=s",
    "progress",
    "quote|q",
    "recend=s",
    "recordenv|record-env",
    "recstart=s",
    "regexp|regex",
    "remove-rec-sep|removerecsep|rrs",
    "replace|i:s",
    "results|result|res=s",
    "resume",
    "resume-failed|resumefailed",
    "retries=s",
    "retry-failed|retryfailed",
    "return=s",
    "round-robin|roundrobin|round",
    "rpl=s",
    "rsync-opts|rsyncopts=s",
    "semaphore",
    "semaphore-name|semaphorename|id=s",
    "semaphore-timeout|semaphoretimeout|st=s",
    "seqreplace=s",
    "session",
    "shard=s",
    "shebang|hashbang",
    "shell-completion|shellcompletion=s",
    "shell-quote|shellquote|shell_quote",
    "show-limits|showlimits",
    "shuf",
    "silent",
    "skip-first-line|skipfirstline",
    "slotreplace=s",
    "sql-and-worker|sqlandworker=s",
    "sql-master|sqlmaster=s",
    "sql-worker|sqlworker=s",
    "sql=s",
    "ssh-delay|sshdelay=f",
    "ssh=s",
    "sshloginfile|slf=s",
    "sshlogin|S=s",
    "tag",
    "tag-string|tagstring=s",
    "tee",
    "template|tmpl=s",
    "term-seq|termseq=s",
    "timeout=s",
    "tmpdir|tempdir=s",
    "tmux",
    "tmux-pane|tmuxpane",
    "tollef",
    "total-jobs|totaljobs|total=s",
    "transfer",
    "transfer-file|transferfile|transfer-files|transferfiles|tf=s",
    "trc=s",
    "trim=s",
    "tty",
    "ungroup|u",
    "use-compress-program|compress-program|usecompressprogram|compressprogram=s",
    "use-cores-instead-of-threads|usecoresinsteadofthreads",
    "use-cpus-instead-of-cores|usecpusinsteadofcores",
    "use-decompress-program|decompress-program|usedecompressprogram|decompressprogram=s",
    "use-sockets-instead-of-threads|usesocketsinsteadofthreads",
    "v",
    "verbose|t",
    "version|V",
    "wait",
    "will-cite|willcite|nn|nonotice|no-notice",
    "work-dir|workdir|wd=s",
    "xargs",
];

/// An option of GNU parallel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known(&'static str);

/// What follows an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A value, whatever it looks like.
    Value,
    /// A value if one follows that does not look like an option.
    MaybeText,
    /// A value if a number follows.
    MaybeNumber,
}

/// What a long name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This option.
    One(Known),
    /// It starts all these names, in the order of the alphabet, and they are not of one option.
    Several(Vec<&'static str>),
    /// None of GNU parallel's.
    None,
}

impl Known {
    /// All its names, the main one first; those of one letter are short ones.
    pub fn names(self) -> std::str::Split<'static, char> {
        let names = match self.0.as_bytes() {
            [.., b'=' | b':', _] => &self.0[..self.0.len() - 2],
            _ => self.0,
        };
        names.split('|')
    }

    /// Its first name.
    pub fn name(self) -> &'static str {
        self.names().next().unwrap_or_default()
    }

    /// What follows it.
    pub fn takes(self) -> Takes {
        match self.0.as_bytes() {
            [.., b'=', _] => Takes::Value,
            [.., b':', b's'] => Takes::MaybeText,
            [.., b':', _] => Takes::MaybeNumber,
            _ => Takes::Nothing,
        }
    }
}

/// The option that this long name, in lower case, stands for: it is one of its names or starts only names of this option.
pub fn long(typed: &str) -> Found {
    let known = || OPTIONS.iter().map(|spec| Known(spec));
    if let Some(exact) = known().find(|known| known.names().any(|name| name == typed)) {
        return Found::One(exact);
    }
    let starts = |name: &&str| !typed.is_empty() && name.starts_with(typed);
    let mut candidates = known().filter(|known| known.names().any(|name| starts(&name)));
    match (candidates.next(), candidates.next()) {
        (None, _) => Found::None,
        (Some(only), None) => Found::One(only),
        (Some(_), Some(_)) => {
            let mut names: Vec<&str> = known().flat_map(Known::names).filter(starts).collect();
            names.sort_unstable();
            Found::Several(names)
        }
    }
}

/// The option with this letter.
pub fn short(letter: char) -> Option<Known> {
    let mut name = [0; 4];
    let letter = &*letter.encode_utf8(&mut name);
    OPTIONS.iter().map(|spec| Known(spec)).find(|known| known.names().any(|name| name == letter))
}

#[cfg(test)]
mod tests;
