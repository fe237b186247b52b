# env_fanout, env_parallel, parset and env_parset, for bash 4.4 and later. In ~/.bashrc or a script:
#
#     eval "$(fanout --shell-init bash)"

# Whether jobs are to get this name: `_fanout_wanted` are the names of --env, none for all.
_fanout_wants() {
    case $1 in
    _fanout_* | env_fanout | env_parallel | parset | env_parset | PARALLEL_* | FANOUT_*) return 1 ;;
    # What a new shell has by itself, or what is about a terminal.
    _ | BASH | BASHOPTS | BASHPID | BASH_ALIASES | BASH_ARGC | BASH_ARGV | BASH_ARGV0 | BASH_CMDS | BASH_COMMAND | \
        BASH_COMPAT | BASH_EXECUTION_STRING | BASH_LINENO | BASH_LOADABLES_PATH | BASH_MONOSECONDS | BASH_REMATCH | \
        BASH_SOURCE | BASH_SUBSHELL | BASH_TRAPSIG | BASH_VERSINFO | BASH_VERSION | BASH_XTRACEFD | COLUMNS | COMP_* | \
        DIRSTACK | EPOCHREALTIME | EPOCHSECONDS | EUID | FUNCNAME | GROUPS | HISTCMD | HISTFILE | HISTFILESIZE | HISTSIZE | \
        HOSTNAME | HOSTTYPE | LINENO | LINES | MACHTYPE | MAILCHECK | OLDPWD | OPTARG | OPTERR | OPTIND | OSTYPE | \
        PIPESTATUS | PPID | PROMPT_COMMAND | PS0 | PS1 | PS2 | PS4 | PWD | RANDOM | SECONDS | SHELLOPTS | SHLVL | SRANDOM | \
        UID) return 1 ;;
    esac
    case $_fanout_ignored in *" $1 "*) return 1 ;; esac
    case $_fanout_wanted in '' | *" $1 "*) return 0 ;; *) return 1 ;; esac
}

_fanout_names() {
    builtin compgen -A variable
    builtin compgen -A function
    builtin compgen -A alias
}

# Code that makes what jobs are to get. Aliases come last: they would change what follows.
_fanout_code() {
    local _fanout_line _fanout_value
    while IFS= builtin read -r _fanout_line; do
        case $_fanout_line in *login_shell | *restricted_shell | *expand_aliases) ;; *) builtin printf '%s\n' "$_fanout_line" ;; esac
    done < <(builtin shopt -p)
    while IFS= builtin read -r _fanout_line; do
        _fanout_wants "$_fanout_line" || continue
        # Jobs inherit what is exported; arrays can't be.
        case ${!_fanout_line@a} in *[aA]*) ;; *x*) continue ;; esac
        builtin declare -p -- "$_fanout_line" 2>/dev/null
    done < <(builtin compgen -A variable)
    while IFS= builtin read -r _fanout_line; do
        _fanout_wants "$_fanout_line" && builtin declare -f -- "$_fanout_line"
    done < <(builtin compgen -A function)
    for _fanout_line in "${!BASH_ALIASES[@]}"; do
        _fanout_wants "$_fanout_line" || continue
        # A blank at the end would have the next word, which may be a value, read as an alias.
        _fanout_value=${BASH_ALIASES[$_fanout_line]}
        _fanout_value=${_fanout_value%"${_fanout_value##*[![:blank:]]}"}
        builtin printf 'alias -- %q=%q\n' "$_fanout_line" "$_fanout_value"
    done
    builtin printf 'shopt -s expand_aliases\n'
}

# Runs fanout with everything that this shell knows: aliases, arrays, functions, variables.
env_fanout() {
    local - _fanout_wanted= _fanout_ignored= _fanout_word _fanout_next=
    builtin set +eux
    for _fanout_word; do
        case $_fanout_next$_fanout_word in
        ::: | :::+ | :::: | ::::+) break ;;
        --env) _fanout_next=--env= ;;
        --env=*) _fanout_wanted+=" ${_fanout_word//,/ } " _fanout_next= _fanout_wanted=${_fanout_wanted/--env=/} ;;
        --record-env | --recordenv)
            local _fanout_record=${PARALLEL_HOME:-${HOME:?}/.parallel}
            command mkdir -p -- "$_fanout_record" && _fanout_names >"$_fanout_record/ignored_vars"
            return
            ;;
        --session)
            _fanout_sessions+=("${PARALLEL_IGNORED_NAMES-}")
            PARALLEL_IGNORED_NAMES=$(_fanout_names)
            PARALLEL_IGNORED_NAMES=" ${PARALLEL_IGNORED_NAMES//$'\n'/ } "
            return 0
            ;;
        --end-session)
            [[ ${#_fanout_sessions[@]} -gt 0 ]] || return 1
            PARALLEL_IGNORED_NAMES=${_fanout_sessions[${#_fanout_sessions[@]} - 1]}
            builtin unset '_fanout_sessions[${#_fanout_sessions[@]}-1]'
            return 0
            ;;
        esac
    done
    _fanout_ignored=${PARALLEL_IGNORED_NAMES-}
    if [[ $_fanout_wanted == *' _ '* ]]; then
        _fanout_wanted=
        _fanout_word=${PARALLEL_HOME:-${HOME-}/.parallel}/ignored_vars
        if [[ -r $_fanout_word ]]; then
            _fanout_word=$(<"$_fanout_word")
            _fanout_ignored+=" ${_fanout_word//$'\n'/ } "
        fi
    fi
    PARALLEL_ENV=<(_fanout_code) PARALLEL_SHELL=$BASH command @FANOUT@ "$@"
}
env_parallel() { env_fanout "$@"; }

# parset NAME,... ARGUMENTS of fanout: sets variables to what the jobs print. One name is an array, one of an associative
# array has the inputs as keys, and several get the output of a job each.
parset() { _fanout_parset "command @FANOUT@" "$@"; }
env_parset() { _fanout_parset env_fanout "$@"; }

_fanout_parset() {
    local - _fanout_how=$1 _fanout_values=() _fanout_names=() _fanout_name _fanout_index _fanout_status _fanout_kind=list
    builtin set +eux
    IFS=$', \n' builtin read -r -d '' -a _fanout_names < <(builtin printf '%s\0' "${2-}")
    for _fanout_name in "${_fanout_names[@]}"; do
        if [[ ! $_fanout_name =~ ^[a-zA-Z_][a-zA-Z_0-9]*(\[[0-9]+\])?$ ]]; then
            builtin printf 'parset: %q is no name of a variable: parset NAME[,NAME...] OPTIONS COMMAND\n' "$_fanout_name" >&2
            return 255
        fi
        if [[ $(_fanout_attributes "$_fanout_name") == *r* ]]; then
            builtin printf 'parset: %s is read-only: give another name\n' "$_fanout_name" >&2
            return 255
        fi
    done
    if [[ ${#_fanout_names[@]} -eq 0 ]]; then
        builtin printf 'parset: no name of a variable: parset NAME[,NAME...] OPTIONS COMMAND\n' >&2
        return 255
    fi
    builtin shift 2
    _fanout_name=${_fanout_names[0]}
    if [[ ${#_fanout_names[@]} -gt 1 || $_fanout_name == *\] ]]; then
        _fanout_kind=names
    elif [[ $(_fanout_attributes "$_fanout_name") == *A* ]]; then
        _fanout_kind=keys
        builtin set -- --print0=input "$@"
    fi
    builtin mapfile -d '' -t _fanout_values < <(_fanout_run "$_fanout_how" --print0 -k "$@")
    builtin wait $!
    _fanout_status=$?
    if [[ $_fanout_kind == names ]]; then
        for _fanout_index in "${!_fanout_values[@]}"; do
            if [[ _fanout_index -ge ${#_fanout_names[@]} ]]; then
                builtin printf 'parset: %d jobs and %d names: give a name for each job, or one for all\n' "${#_fanout_values[@]}" "${#_fanout_names[@]}" >&2
                return 255
            fi
            _fanout_name=${_fanout_names[_fanout_index]}
            _fanout_is_for "$_fanout_name" "${_fanout_values[_fanout_index]}" || return 255
            builtin printf -v "$_fanout_name" %s "${_fanout_values[_fanout_index]}"
        done
        return "$_fanout_status"
    fi
    local -n _fanout_target=$_fanout_name
    if [[ $_fanout_kind == list ]]; then
        _fanout_is_for "$_fanout_name" "${_fanout_values[@]}" || return 255
        _fanout_target=("${_fanout_values[@]}")
        return "$_fanout_status"
    fi
    _fanout_target=()
    for ((_fanout_index = 0; _fanout_index < ${#_fanout_values[@]}; _fanout_index += 2)); do
        if [[ -n ${_fanout_values[_fanout_index]} ]]; then
            _fanout_is_for "$_fanout_name" "${_fanout_values[_fanout_index + 1]}" || return 255
            _fanout_target[${_fanout_values[_fanout_index]}]=${_fanout_values[_fanout_index + 1]}
        else
            builtin printf 'parset: no key is empty in bash: the output of an empty input is left out\n' >&2
        fi
    done
    return "$_fanout_status"
}

# The letters of `declare` that a variable has.
_fanout_attributes() {
    local _fanout_name=${1%%\[*} _fanout_declared
    _fanout_declared=$(builtin declare -p -- "$_fanout_name" 2>/dev/null)
    # That of a nameref tells nothing of what it refers to; of what has no value, only this tells.
    [[ $_fanout_declared =~ ^declare\ -([a-zA-Z-]*) ]] && builtin printf %s "${BASH_REMATCH[1]}"
    builtin printf %s "${!_fanout_name@a}"
}

# Whether these values can be those of this variable: bash executes what is in an expression for an integer.
_fanout_is_for() {
    local _fanout_value _fanout_is=$1
    [[ $(_fanout_attributes "$1") == *i* ]] || return 0
    builtin shift
    for _fanout_value; do
        if [[ ! $_fanout_value =~ ^([-+*/%()[:space:]0-9]*|[-+]?0[xX][0-9a-fA-F]+|[-+]?[0-9]+#[0-9a-zA-Z@_]+)$ ]]; then
            builtin printf 'parset: %s is an integer (declare -i), which %q is not: give another name\n' "$_fanout_is" "$_fanout_value" >&2
            return 1
        fi
    done
}

_fanout_run() {
    if [[ $1 == env_fanout ]]; then
        builtin shift
        env_fanout "$@"
    else
        builtin shift
        command @FANOUT@ "$@"
    fi
}
