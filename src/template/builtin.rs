//! Builtins that read their arguments as names, arithmetic or code: `[[ {} -eq 1 ]]` would run what is in `a[$(…)]`.
//!
//! Found by giving such values to every builtin of dash, bash, zsh, ksh93 and mksh.

use super::lexer::{DYNAMIC, Facts, Word};
use super::place::{Class, EVALUATING, Limit};
use super::quote::{self, Encoding};

/// In arguments of `declare` and its like, where nothing says that the value is only assigned.
pub(crate) const DECLARED: Limit =
    Limit { class: Class::Harmless, place: "in an argument of declare or its like, which evaluates it" };
const NAMED: Limit =
    Limit { class: Class::Harmless, place: "in an argument of a builtin that takes it for a variable or for code" };
const COMPARED: Limit = Limit { class: Class::Integer, place: "beside an arithmetic comparison" };
const TESTED: Limit = Limit { class: Class::Harmless, place: "behind an operator that takes it for a variable" };
const MATCHED: Limit =
    Limit { class: Class::Harmless, place: "in a regular expression, in which ksh reads quotes twice" };
const FURTHER: Limit = Limit {
    class: Class::FurtherSubscript,
    place: "in arguments of printf, which takes further ones for its numbers, too, and evaluates them",
};
const OPERAND: Limit = Limit { class: Class::Operand, place: "beside another placeholder in a test" };

/// Builtins that declare variables.
const DECLARING: &str = "declare typeset local readonly export integer float nameref private global";

/// Builtins whose arguments are names of variables, arithmetic or code, whatever they look like.
const NAMING: &str = "let unset read mapfile readarray getopts wait compgen complete compopt vared print sysread zparseopts \
    zformat zstat zstyle enum getln functions autoload enable zregexparse";

/// Builtins that evaluate numbers as arithmetic, in some shell.
const COUNTING: &str = "exit return break continue shift ulimit umask kill sleep fg bg jobs disown limit sched logout bye history \
    fc dirs";

/// Words before a builtin that leave it one.
const PREFIXES: &str = "command builtin exec noglob nocorrect repeat - time";

/// Variables that are integers, arrays or code for some shell, so that an assignment evaluates the value.
const SPECIAL_VARIABLES: &str = "PS1 PS2 PS3 PS4 PROMPT4 PROMPT_COMMAND ENV RANDOM SRANDOM SECONDS LINENO OPTIND OPTERR HISTCMD HISTSIZE \
    HISTFILESIZE SAVEHIST COLUMNS LINES TMOUT BAUD FUNCNEST ERRNO UID EUID GID EGID PPID USER_ID KSHUID \
    KSHEGID KSHGID PGRP SHLVL KEYTIMEOUT LISTMAX LOGCHECK MAILCHECK DIRSTACKSIZE DIRSTACK PIPESTATUS GROUPS \
    FUNCNAME REPORTTIME REPORTMEMORY EPOCHREALTIME EPOCHSECONDS TRY_BLOCK_ERROR TRY_BLOCK_INTERRUPT ARGC";

fn is_in(names: &str, name: &[u8]) -> bool {
    names.split(' ').any(|other| other.as_bytes() == name)
}

/// Whether `name` is a builtin that declares variables.
pub(crate) fn declares(name: &[u8]) -> bool {
    is_in(DECLARING, name)
}

/// Whether an assignment to the variable `name` evaluates the value.
pub(crate) fn is_special_variable(name: &[u8]) -> bool {
    is_in(SPECIAL_VARIABLES, name) || name.starts_with(b"BASH_") || name.starts_with(b"COMP_")
}

/// Whether a shell expands the value of this variable when it shows it.
pub(crate) fn is_text_variable(name: &[u8]) -> bool {
    is_in("PS0 PS1 PS2 PS3 PS4 PROMPT PROMPT2 PROMPT3 PROMPT4 RPROMPT PROMPT_COMMAND ENV BASH_ENV", name)
}

/// Notes what the command of these words does to the values in them.
pub(crate) fn restrict(words: &[Word], facts: &mut Facts<'_>) {
    let mut leading = true;
    let last_dynamic = words.iter().rposition(|word| word.text.contains(&DYNAMIC)).unwrap_or(0);
    for (index, word) in words.iter().enumerate() {
        let arguments = &words[index + 1..];
        let dynamic = index < last_dynamic;
        let Some(name) = word.literal() else {
            if leading {
                // It may be the name of any of these builtins.
                facts.evaluates |= dynamic;
                limit_evaluated(arguments, facts);
            }
            leading = leading && word.vanishes(facts.placeholders);
            continue;
        };
        match name {
            b"[[" | b"[" | b"test" => {
                comparison(arguments, name != b"[[", facts);
                break;
            }
            b"printf" if dynamic => printf(arguments, leading, facts),
            b"alias" | b"setopt" | b"unsetopt" | b"emulate" if leading => facts.redefines = true,
            b"set" | b"shopt" if leading && arguments.iter().any(redefines) => facts.redefines = true,
            b"for" | b"select" => facts.flows |= dynamic,
            b"set" => {
                facts.flows |= dynamic;
                facts.arrays |= arguments.first().is_some_and(|word| word.text == b"-A");
                match arguments {
                    [option, array, ..] if option.text == b"-A" => limit_all(std::slice::from_ref(array), NAMED, facts),
                    [first, ..] if first.text.starts_with(&[DYNAMIC]) => limit_evaluated(arguments, facts),
                    _ => {}
                }
            }
            name if declares(name) => declaration(name, arguments, leading, facts),
            b"print" if prints_data(arguments) => {}
            name if is_in(NAMING, name) => {
                facts.arrays |= matches!(name, b"read" | b"mapfile" | b"readarray");
                facts.flows = true;
                facts.evaluates |= dynamic || name == b"let";
                subscripts(arguments, facts);
                // `compgen -W "$x"` expands the words once more.
                facts.reexpands |= matches!(name, b"compgen" | b"complete") && dynamic;
                if leading {
                    limit_all(arguments, NAMED, facts);
                } else {
                    limit_evaluated(arguments, facts);
                }
            }
            name if is_in(COUNTING, name) => {
                facts.evaluates |= dynamic;
                if leading {
                    limit_all(arguments, NAMED, facts);
                }
            }
            _ => {}
        }
        leading = leading && (is_in(PREFIXES, name) || name.iter().all(u8::is_ascii_digit));
    }
}

/// Whether `print` takes all values for data: behind options that do, and their end.
fn prints_data(arguments: &[Word]) -> bool {
    let is_plain =
        |text: &[u8]| text.len() > 1 && text[0] == b'-' && text[1..].iter().all(|byte| b"rnlN".contains(byte));
    let mut options = arguments.iter().skip_while(|word| word.literal().is_some_and(is_plain));
    options.next().and_then(Word::literal).is_some_and(|end| end == b"--")
}

/// Whether an argument of `set` or `shopt` turns on aliases or the history, which change what text means.
fn redefines(word: &Word) -> bool {
    let option = word.text.first().is_some_and(|byte| matches!(byte, b'-' | b'+'));
    (option && word.text.contains(&b'H')) || word.text.starts_with(b"hist") || word.text == b"expand_aliases"
}

/// Names of variables with subscripts that are only known when the shell runs: `read "a[$x]"`.
fn subscripts(words: &[Word], facts: &mut Facts<'_>) {
    if words.iter().any(|word| word.text.contains(&b'[') && word.text.contains(&DYNAMIC)) {
        facts.evaluates = true;
        facts.bracketed = true;
    }
}

fn limit_all(words: &[Word], limit: Limit, facts: &mut Facts<'_>) {
    for id in words.iter().flat_map(|word| &word.holes) {
        facts.places[*id].limit(limit);
    }
}

/// Words that may be evaluated as arithmetic: no subscripts with substitutions in them, and where a value is only a
/// part of a word that may have brackets of its own, no substitutions at all.
fn limit_evaluated(words: &[Word], facts: &mut Facts<'_>) {
    for word in words {
        for id in &word.holes {
            let whole = word.text.len() == 1 && (splits(*id, facts) || !facts.placeholders[*id].may_repeat());
            facts.places[*id].limit(if whole { Limit::SUBSCRIPT } else { Limit::SUBSTITUTION });
        }
    }
}

/// Whether several values of a placeholder become several words.
fn splits(id: usize, facts: &Facts<'_>) -> bool {
    let bare =
        matches!(facts.places[id].encoding, Encoding::Bare | Encoding::Quoted | Encoding::Command | Encoding::Name);
    bare && facts.placeholders[id].may_repeat()
}

/// Keeps a word one: what would be the second word is not where it seems to be.
fn limit_splitting(word: &Word, facts: &mut Facts<'_>) {
    for id in &word.holes {
        if splits(*id, facts) {
            facts.places[*id].limit(Limit::SINGLE);
        }
    }
}

/// The operands of `test` and `[[`.
fn comparison(operands: &[Word], operators_by_value: bool, facts: &mut Facts<'_>) {
    for (index, word) in operands.iter().enumerate() {
        if operators_by_value {
            limit_splitting(word, facts);
            if let [first, second] = &operands[index..operands.len().min(index + 2)]
                && !first.holes.is_empty()
                && !second.holes.is_empty()
            {
                limit_evaluated(&operands[index..index + 2], facts);
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
        // The name of a variable is arithmetic, too: `[[ x -eq 1 ]]`.
        let number = |word: &Word| word.text.iter().all(u8::is_ascii_digit);
        facts.evaluates |= around.iter().any(|word| word.text.as_slice() != text && !number(word));
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
        subscripts(arguments, facts);
        limit_evaluated(arguments, facts);
        if leading {
            limit_all(&arguments[..arguments.len().min(2)], NAMED, facts);
        }
        return;
    }
    if first.text == b"--" {
        format = arguments.get(1).unwrap_or(first);
    }
    let operands = &arguments[arguments.len().min(if first.text == b"--" { 2 } else { 1 })..];
    let Some(conversions) = format.literal().and_then(conversions) else {
        facts.evaluates = true;
        limit_evaluated(arguments, facts);
        return;
    };
    if conversions.iter().all(|string| *string) {
        return;
    }
    facts.evaluates = true;
    let mut sure = true;
    for (index, operand) in operands.iter().enumerate() {
        let splits = operand.holes.iter().any(|id| splits(*id, facts));
        if !sure || !conversions[index % conversions.len()] {
            limit_evaluated(std::slice::from_ref(operand), facts);
        } else if splits {
            limit_all(std::slice::from_ref(operand), FURTHER, facts);
        }
        sure &= !splits && !operand.vanishes(facts.placeholders);
    }
}

/// The conversions of a format of `printf`: whether each is of a string. `None` if it is not that simple.
fn conversions(format: &[u8]) -> Option<Vec<bool>> {
    let mut found = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        rest = &rest[at + 1..];
        let flags = rest.iter().take_while(|byte| b"0123456789-. +#'".contains(byte)).count();
        match rest.get(flags)? {
            b'%' => {}
            b's' | b'b' | b'q' | b'c' => found.push(true),
            b'd' | b'i' | b'u' | b'o' | b'x' | b'X' | b'e' | b'f' | b'g' | b'E' | b'F' | b'G' | b'a' | b'A' => {
                found.push(false)
            }
            _ => return None,
        }
        rest = &rest[flags + 1..];
    }
    Some(found)
}

/// `declare` and its like: data only behind `name=`, without attributes that evaluate it, and without arrays.
fn declaration(name: &[u8], arguments: &[Word], leading: bool, facts: &mut Facts<'_>) {
    facts.flows |= arguments.iter().any(|word| word.text.contains(&DYNAMIC));
    subscripts(arguments, facts);
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
    facts.evaluates |= arguments.iter().any(|word| {
        let equals = word.text.iter().position(|byte| *byte == b'=').unwrap_or(0);
        is_special_variable(&word.text[..equals])
    });
    if !leading {
        limit_evaluated(arguments, facts);
        return;
    }
    for word in arguments {
        let equals = word.text.iter().position(|byte| *byte == b'=').unwrap_or(0);
        let variable = word.text[..equals].strip_suffix(b"+").unwrap_or(&word.text[..equals]);
        if strict || !quote::is_name(variable) {
            limit_all(std::slice::from_ref(word), DECLARED, facts);
        } else if is_special_variable(variable) {
            limit_all(std::slice::from_ref(word), Limit::SPECIAL, facts);
        } else {
            facts.declared.extend(&word.holes);
            limit_splitting(word, facts);
        }
    }
}
