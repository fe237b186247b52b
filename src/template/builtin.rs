//! Builtins that read their arguments as names, arithmetic or code: `[[ {} -eq 1 ]]` would run what is in `a[$(…)]`.
//!
//! Found by giving such values to every builtin of dash, bash, zsh, ksh93 and mksh.

use super::lexer::{DYNAMIC, Facts, Word};
use super::place::{Class, EVALUATING, Limit};
use super::quote;

/// In arguments of `declare` and its like, where nothing says that the value is only assigned.
pub(crate) const DECLARED: Limit =
    Limit { class: Class::Harmless, place: "in an argument of declare or its like, which evaluates it" };
const NAMED: Limit =
    Limit { class: Class::Harmless, place: "in an argument of a builtin that takes it for a variable or for code" };
const COMPARED: Limit = Limit { class: Class::Integer, place: "beside an arithmetic comparison" };
const TESTED: Limit = Limit { class: Class::Harmless, place: "behind an operator that takes it for a variable" };
const MATCHED: Limit =
    Limit { class: Class::Harmless, place: "in a regular expression, in which ksh reads quotes twice" };
const SINGLE: Limit = Limit { class: Class::Single, place: "in a test" };
const OPERAND: Limit = Limit { class: Class::Operand, place: "beside another placeholder in a test" };
const SPECIAL: Limit = Limit { class: Class::Harmless, place: "in an assignment to a variable that shells evaluate" };

/// Builtins that declare variables.
pub(crate) fn declares(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 10] = [
        b"declare",
        b"typeset",
        b"local",
        b"readonly",
        b"export",
        b"integer",
        b"float",
        b"nameref",
        b"private",
        b"global",
    ];
    NAMES.contains(&name)
}

/// Builtins whose arguments are names of variables, arithmetic or code, whatever they look like.
const NAMING: [&[u8]; 22] = [
    b"let",
    b"unset",
    b"read",
    b"mapfile",
    b"readarray",
    b"getopts",
    b"wait",
    b"compgen",
    b"complete",
    b"compopt",
    b"vared",
    b"print",
    b"sysread",
    b"zparseopts",
    b"zformat",
    b"zstat",
    b"zstyle",
    b"enum",
    b"getln",
    b"functions",
    b"autoload",
    b"enable",
];

/// Builtins that evaluate numbers as arithmetic, in some shell.
const COUNTING: [&[u8]; 20] = [
    b"exit",
    b"return",
    b"break",
    b"continue",
    b"shift",
    b"ulimit",
    b"umask",
    b"kill",
    b"sleep",
    b"fg",
    b"bg",
    b"jobs",
    b"disown",
    b"limit",
    b"sched",
    b"logout",
    b"bye",
    b"history",
    b"fc",
    b"dirs",
];

/// Words before a builtin that leave it one.
const PREFIXES: [&[u8]; 7] = [b"command", b"builtin", b"exec", b"noglob", b"nocorrect", b"-", b"time"];

/// Variables that are integers, arrays or code for some shell, so that an assignment evaluates the value.
pub(crate) fn is_special_variable(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 50] = [
        b"PS1",
        b"PS2",
        b"PS3",
        b"PS4",
        b"PROMPT4",
        b"PROMPT_COMMAND",
        b"ENV",
        b"RANDOM",
        b"SRANDOM",
        b"SECONDS",
        b"LINENO",
        b"OPTIND",
        b"OPTERR",
        b"HISTCMD",
        b"HISTSIZE",
        b"HISTFILESIZE",
        b"SAVEHIST",
        b"COLUMNS",
        b"LINES",
        b"TMOUT",
        b"BAUD",
        b"FUNCNEST",
        b"ERRNO",
        b"UID",
        b"EUID",
        b"GID",
        b"EGID",
        b"PPID",
        b"USER_ID",
        b"KSHUID",
        b"KSHEGID",
        b"KSHGID",
        b"PGRP",
        b"SHLVL",
        b"KEYTIMEOUT",
        b"LISTMAX",
        b"LOGCHECK",
        b"MAILCHECK",
        b"DIRSTACKSIZE",
        b"DIRSTACK",
        b"PIPESTATUS",
        b"GROUPS",
        b"FUNCNAME",
        b"REPORTTIME",
        b"REPORTMEMORY",
        b"EPOCHREALTIME",
        b"EPOCHSECONDS",
        b"TRY_BLOCK_ERROR",
        b"TRY_BLOCK_INTERRUPT",
        b"ARGC",
    ];
    NAMES.contains(&name) || name.starts_with(b"BASH_") || name.starts_with(b"COMP_")
}

/// Notes what the command of these words does to the values in them.
pub(crate) fn restrict(words: &[Word], facts: &mut Facts<'_>) {
    let mut leading = true;
    for (index, word) in words.iter().enumerate() {
        let Some(name) = word.literal() else {
            leading = false;
            continue;
        };
        let arguments = &words[index + 1..];
        let dynamic = arguments.iter().any(|word| word.text.contains(&DYNAMIC));
        match name {
            b"[[" | b"[" | b"test" => comparison(arguments, name != b"[[", facts),
            b"printf" if dynamic => printf(arguments, leading, facts),
            b"for" | b"select" => facts.flows |= dynamic,
            b"set" => {
                facts.flows |= dynamic;
                facts.arrays |= arguments.first().is_some_and(|word| word.text == b"-A");
                if arguments.first().is_some_and(|word| word.text.starts_with(&[DYNAMIC])) {
                    limit_all(arguments, Limit::SUBSCRIPT, facts);
                }
            }
            name if declares(name) => declaration(name, arguments, leading, facts),
            name if NAMING.contains(&name) => {
                facts.arrays |= matches!(name, b"read" | b"mapfile" | b"readarray");
                facts.flows = true;
                facts.evaluates |= dynamic;
                limit_all(arguments, if leading { NAMED } else { Limit::SUBSCRIPT }, facts);
            }
            name if COUNTING.contains(&name) => {
                facts.evaluates |= dynamic;
                limit_all(arguments, Limit::SUBSCRIPT, facts);
            }
            _ => {}
        }
        leading = leading && PREFIXES.contains(&name);
    }
}

fn limit_all(words: &[Word], limit: Limit, facts: &mut Facts<'_>) {
    for id in words.iter().flat_map(|word| &word.holes) {
        facts.places[*id].limit(limit);
    }
}

/// The operands of `test` and `[[`.
fn comparison(operands: &[Word], operators_by_value: bool, facts: &mut Facts<'_>) {
    for (index, word) in operands.iter().enumerate() {
        if operators_by_value {
            let repeats = |id: &usize| facts.placeholders[*id].may_repeat();
            if word.holes.iter().any(repeats) && !word.quoted {
                limit_all(std::slice::from_ref(word), SINGLE, facts);
            }
            if let [first, second] = &operands[index..operands.len().min(index + 2)]
                && !first.holes.is_empty()
                && !second.holes.is_empty()
            {
                limit_all(&operands[index..index + 2], Limit::SUBSCRIPT, facts);
                limit_all(&operands[index..index + 2], OPERAND, facts);
            }
        }
        if word.text == b"=~" {
            limit_all(&operands[index + 1..], MATCHED, facts);
        }
        let Some(text) = word.literal().filter(|text| EVALUATING.contains(text)) else {
            continue;
        };
        let unary = matches!(text, b"-v" | b"-R" | b"-t");
        let limit = if unary { TESTED } else { COMPARED };
        let from = if unary { index + 1 } else { index.saturating_sub(1) };
        let around = &operands[from..operands.len().min(index + 2)];
        facts.evaluates |= around.iter().any(|word| word.text.contains(&DYNAMIC));
        limit_all(around, limit, facts);
    }
}

/// `printf`: zsh and ksh evaluate what a number is made of, and `-v` takes the name of a variable.
fn printf(arguments: &[Word], leading: bool, facts: &mut Facts<'_>) {
    let Some(first) = arguments.first() else {
        return;
    };
    let mut format = first;
    if first.text.starts_with(b"-") && first.text != b"--" {
        facts.evaluates = true;
        limit_all(arguments, Limit::SUBSCRIPT, facts);
        if leading {
            limit_all(&arguments[..arguments.len().min(2)], NAMED, facts);
        }
        return;
    }
    if first.text == b"--" {
        format = arguments.get(1).unwrap_or(first);
    }
    if !format.literal().is_some_and(only_strings) {
        facts.evaluates = true;
        limit_all(arguments, Limit::SUBSCRIPT, facts);
    }
}

/// Whether a format of `printf` only has conversions of strings.
fn only_strings(format: &[u8]) -> bool {
    let mut rest = format;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        rest = &rest[at + 1..];
        let flags = rest.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'.')).count();
        if !matches!(rest.get(flags), Some(b's' | b'b' | b'q' | b'c' | b'%')) {
            return false;
        }
        rest = &rest[flags + 1..];
    }
    true
}

/// `declare` and its like: data only behind `name=`, without attributes that evaluate it, and without arrays.
fn declaration(name: &[u8], arguments: &[Word], leading: bool, facts: &mut Facts<'_>) {
    facts.flows |= arguments.iter().any(|word| word.text.contains(&DYNAMIC));
    let mut strict = matches!(name, b"integer" | b"float" | b"nameref");
    facts.evaluates |= strict;
    for word in arguments.iter().filter(|word| word.text.starts_with(b"-") || word.text.starts_with(b"+")) {
        let flags = &word.text[1..];
        strict |= flags.iter().any(|flag| !matches!(flag, b'x' | b'r' | b'g' | b'p' | b'-'));
        facts.evaluates |=
            flags.iter().any(|flag| !matches!(flag, b'x' | b'r' | b'g' | b'p' | b'f' | b'F' | b'l' | b'u'));
        facts.arrays |= flags.iter().any(|flag| matches!(flag, b'a' | b'A' | b'T' | &DYNAMIC));
    }
    facts.evaluates |= arguments.iter().any(|word| word.text.starts_with(&[DYNAMIC]));
    if !leading {
        limit_all(arguments, Limit::SUBSCRIPT, facts);
        return;
    }
    for word in arguments {
        let equals = word.text.iter().position(|byte| *byte == b'=').unwrap_or(0);
        let variable = word.text[..equals].strip_suffix(b"+").unwrap_or(&word.text[..equals]);
        if strict || !quote::is_name(variable) {
            limit_all(std::slice::from_ref(word), DECLARED, facts);
        } else if is_special_variable(variable) {
            limit_all(std::slice::from_ref(word), SPECIAL, facts);
        } else {
            facts.declared.extend(&word.holes);
            for id in &word.holes {
                if facts.placeholders[*id].may_repeat() && !word.quoted {
                    facts.places[*id].limit(SINGLE);
                }
            }
        }
    }
}
