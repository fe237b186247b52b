//! The replacement strings of `--plus`, as GNU parallel 20221122 defines them. There, jobs on this machine have `:` in
//! `$PARALLEL_SSHHOST` and `$PARALLEL_SSHLOGIN`; here, they have none of both.

/// What a name of `--plus` stands for.
pub(super) enum Plus {
    /// Perl's code.
    Code(&'static str),
    /// Perl's code for a number of ours.
    Number(&'static str),
    /// Text of the command.
    Text(&'static [u8]),
}

use Plus::{Code, Number, Text};

/// How GNU parallel counts digits for `{0#}`.
pub(crate) const PADDED_SEQ: &str = "$f=1+int((log(total_jobs())/log(10)));$_=sprintf(\"%0${f}d\",seq())";
/// How it does for `{0%}`.
pub(crate) const PADDED_SLOT: &str =
    "$f=1+int((log($Global::max_jobs_running||1)/log(10)));$_=sprintf(\"%0${f}d\",slot())";
/// `{##}`.
pub(crate) const TOTAL: &str = "$_=total_jobs()";
/// `{choose_k}`.
pub(crate) const CHOOSE: &str = "for $t (2..$#arg){ if($arg[$t-1] ge $arg[$t]) { skip() } }";
/// `{uniq}`.
pub(crate) const UNIQUE: &str = "if(::uniq(@arg) != @arg) { skip(); }";
/// What `{#regexp}` and `{%regexp}` do first.
pub(crate) const NON_GREEDY: &str = "$nongreedy=::make_regexp_ungreedy($$1);";

/// Names and what they stand for.
pub(super) const DEFINITIONS: [(&[u8], Plus); 33] = [
    (b"{+/}", Code("s:/[^/]*$:: || s:.*$::")),
    (b"{+.}", Code("s:.*\\.:: || s:.*$::")),
    (b"{+..}", Code("s:.*\\.([^/.]*\\.[^/.]*)$:$1: || s:.*$::")),
    (b"{+...}", Code("s:.*\\.([^/.]*\\.[^/.]*\\.[^/.]*)$:$1: || s:.*$::")),
    (b"{..}", Code("s:\\.[^/.]*\\.[^/.]*$::")),
    (b"{...}", Code("s:\\.[^/.]*\\.[^/.]*\\.[^/.]*$::")),
    (b"{/..}", Code("s:.*/::; s:\\.[^/.]*\\.[^/.]*$::")),
    (b"{/...}", Code("s:.*/::; s:\\.[^/.]*\\.[^/.]*\\.[^/.]*$::")),
    (b"{choose_k}", Code(CHOOSE)),
    (b"{uniq}", Code(UNIQUE)),
    (b"{##}", Number(TOTAL)),
    (b"{0%}", Number(PADDED_SLOT)),
    (b"{0#}", Number(PADDED_SEQ)),
    (b"{:-([^}]+?)}", Code("$_ ||= $$1")),
    (b"{:(\\d+?)}", Code("substr($_,0,$$1) = \"\"")),
    (b"{:(\\d+?):(\\d+?)}", Code("$_ = substr($_,$$1,$$2);")),
    (b"{#([^#}][^}]*?)}", Code("$nongreedy=::make_regexp_ungreedy($$1);s/^$nongreedy(.*)/$1/;")),
    (b"{##([^#}][^}]*?)}", Code("s/^$$1//;")),
    (b"{%([^}]+?)}", Code("$nongreedy=::make_regexp_ungreedy($$1);s/(.*)$nongreedy$/$1/;")),
    (b"{%%([^}]+?)}", Code("s/$$1$//;")),
    (b"{/([^#%}/]+?)/([^}]*?)}", Code("s/$$1/$$2/;")),
    (b"{/#([^}]+?)/([^}]*?)}", Code("s/^$$1/$$2/g;")),
    (b"{/%([^}]+?)/([^}]*?)}", Code("s/$$1$/$$2/g;")),
    (b"{//([^}]+?)/([^}]*?)}", Code("s/$$1/$$2/g;")),
    (b"{^([^}]+?)}", Code("s/^($$1)/uc($1)/e;")),
    (b"{^^([^}]+?)}", Code("s/($$1)/uc($1)/eg;")),
    (b"{,([^}]+?)}", Code("s/^($$1)/lc($1)/e;")),
    (b"{,,([^}]+?)}", Code("s/($$1)/lc($1)/eg;")),
    (b"{slot}", Text(b"${PARALLEL_JOBSLOT}")),
    (b"{host}", Text(b"${PARALLEL_SSHHOST:-:}")),
    (b"{sshlogin}", Text(b"${PARALLEL_SSHLOGIN:-:}")),
    (b"{hgrp}", Text(b"${PARALLEL_HOSTGROUPS}")),
    (b"{agrp}", Text(b"${PARALLEL_ARGHOSTGROUPS}")),
];
