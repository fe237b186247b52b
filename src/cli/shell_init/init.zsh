# env_fanout, env_parallel, parset and env_parset, for zsh. In ~/.zshrc or a script:
#
#     eval "$(fanout --shell-init zsh)"

zmodload zsh/parameter

# Whether jobs are to get this name: `_fanout_wanted` are the names of --env, none for all.
_fanout_wants() {
    case $1 in
    (_fanout_*|env_fanout|env_parallel|parset|env_parset|PARALLEL_*|FANOUT_*) return 1 ;;
    esac
    (( ${_fanout_ignored[(Ie)$1]} )) && return 1
    (( ! ${#_fanout_wanted} || ${_fanout_wanted[(Ie)$1]} ))
}

_fanout_names() {
    print -rl -- ${(k)parameters} ${(k)functions} ${(k)aliases}
}

# Code that makes what jobs are to get. Aliases come last: they would change what follows.
_fanout_code() {
    local _fanout_name
    for _fanout_name in $_fanout_options; do
        case $_fanout_name in
        # Values are quoted for zsh as it is without these.
        (cshjunkiequotes|rcquotes) ;;
        (errexit|errreturn|interactive|login|monitor|noexec|privileged|restricted|shinstdin|verbose|xtrace|zle) ;;
        (*) print -r -- "setopt $_fanout_name" ;;
        esac
    done
    for _fanout_name in ${(k)parameters}; do
        _fanout_wants $_fanout_name || continue
        case ${parameters[$_fanout_name]} in
        # What the shell has by itself, what jobs inherit, and what is of a function that runs.
        (*special*|scalar*export*|integer*export*|float*export*|undefined*) ;;
        (*) typeset -p -- $_fanout_name ;;
        esac
    done
    for _fanout_name in ${(k)functions}; do
        _fanout_wants $_fanout_name && functions -- $_fanout_name
    done
    # A blank at the end would have the next word, which may be a value, read as an alias; so would a global one.
    for _fanout_name in ${(k)aliases}; do
        _fanout_wants $_fanout_name && print -r -- "alias -- ${(qq)_fanout_name}=${(qq)aliases[$_fanout_name]%%[[:blank:]]##}"
    done
}

# Runs fanout with everything that this shell knows: aliases, arrays, functions, variables.
env_fanout() {
    local -a _fanout_options=(${(f)"$(setopt)"})
    emulate -L zsh
    _fanout_options=(${_fanout_given-$_fanout_options})
    setopt extendedglob
    local _fanout_word _fanout_next
    local -a _fanout_wanted _fanout_ignored
    for _fanout_word; do
        case $_fanout_next$_fanout_word in
        (:::|:::+|::::|::::+) break ;;
        (--env) _fanout_next=--env= ;;
        (--env=*) _fanout_wanted+=(${(s:,:)${_fanout_word#--env=}}) _fanout_next= ;;
        (--record-env|--recordenv)
            local _fanout_record=${PARALLEL_HOME:-${HOME:?}/.parallel}
            command mkdir -p -- $_fanout_record && _fanout_names >$_fanout_record/ignored_vars
            return
            ;;
        (--session)
            typeset -ga _fanout_sessions
            _fanout_sessions+=("${PARALLEL_IGNORED_NAMES-}")
            typeset -g PARALLEL_IGNORED_NAMES="$(_fanout_names)"
            return 0
            ;;
        (--end-session)
            (( ${#_fanout_sessions} )) || return 1
            typeset -g PARALLEL_IGNORED_NAMES=${_fanout_sessions[-1]}
            _fanout_sessions[-1]=()
            return 0
            ;;
        esac
    done
    _fanout_ignored=(${(f)PARALLEL_IGNORED_NAMES-})
    if (( ${_fanout_wanted[(Ie)_]} )); then
        _fanout_wanted=()
        _fanout_word=${PARALLEL_HOME:-${HOME-}/.parallel}/ignored_vars
        [[ -r $_fanout_word ]] && _fanout_ignored+=(${(f)"$(<$_fanout_word)"})
    fi
    PARALLEL_ENV=<(_fanout_code) PARALLEL_SHELL=${commands[zsh]:-zsh} command @FANOUT@ "$@"
}
env_parallel() { env_fanout "$@" }

# parset NAME,... ARGUMENTS of fanout: sets variables to what the jobs print. One name is an array, one of an associative
# array has the inputs as keys, and several get the output of a job each.
parset() { _fanout_parset parset "$@" }
env_parset() { _fanout_parset env_parset "$@" }

_fanout_parset() {
    # Before they change: env_fanout hands them on.
    local -a _fanout_given=(${(f)"$(setopt)"})
    emulate -L zsh
    local _fanout_output _fanout_status _fanout_name _fanout_kind=list _fanout_how=$1
    local -a _fanout_names=(${(s. .)${2-}//,/ }) _fanout_more=()
    if ! _fanout_are_names $_fanout_names; then
        print -r -u2 -- "parset: ${(q+)2-} is no name of a variable: parset NAME[,NAME...] OPTIONS COMMAND"
        return 255
    fi
    for _fanout_name in $_fanout_names; do
        _fanout_name=${_fanout_name%%'['*}
        if [[ ${parameters[$_fanout_name]-} == *readonly* ]]; then
            print -r -u2 -- "parset: $_fanout_name is read-only: give another name"
            return 255
        fi
    done
    if [[ ${#_fanout_names} -gt 1 || ${_fanout_names[-1]} == *\] ]]; then
        _fanout_kind=names
    elif [[ ${parameters[$_fanout_names]-} == association* ]]; then
        _fanout_kind=keys
        _fanout_more=(--print0=input)
    fi
    shift 2
    if [[ $_fanout_how == env_parset ]]; then
        _fanout_output=$(env_fanout --print0 -k $_fanout_more "$@")
    else
        _fanout_output=$(command @FANOUT@ --print0 -k $_fanout_more "$@")
    fi
    _fanout_status=$?
    # Each output ends with a NUL: what follows the last is no output.
    local -a _fanout_values=("${(@0)_fanout_output}")
    _fanout_values[-1]=()
    if [[ $_fanout_kind == names ]]; then
        local _fanout_index
        for (( _fanout_index = 1; _fanout_index <= ${#_fanout_values}; _fanout_index++ )); do
            if (( _fanout_index > ${#_fanout_names} )); then
                print -r -u2 -- "parset: ${#_fanout_values} jobs and ${#_fanout_names} names: give a name for each job, or one for all"
                return 255
            fi
            _fanout_is_for $_fanout_names[_fanout_index] "$_fanout_values[_fanout_index]" || return 255
            eval "${_fanout_names[_fanout_index]}=\${_fanout_values[_fanout_index]}"
        done
    else
        [[ $_fanout_kind == keys ]] || typeset -ga $_fanout_names[1]
        set -A $_fanout_names[1] "${(@)_fanout_values}"
    fi
    return _fanout_status
}

# Whether this value can be that of this variable: zsh executes what is in an expression for a number.
_fanout_is_for() {
    local _fanout_name=${1%%'['*}
    [[ ${parameters[$_fanout_name]-} == (integer|float)* ]] || return 0
    [[ $2 =~ '^([-+*/%().[:space:]0-9]*|[-+]?0[xX][0-9a-fA-F]+|[-+]?[0-9]+#[0-9a-zA-Z]+|[-+]?[0-9.]+[eE][-+]?[0-9]+)$' ]] && return 0
    print -r -u2 -- "parset: $1 is a number (typeset -i or -F), which ${(q+)2} is not: give another name"
    return 1
}

_fanout_are_names() {
    (( $# )) || return 1
    local _fanout_name
    for _fanout_name; do
        [[ $_fanout_name =~ '^[a-zA-Z_][a-zA-Z_0-9]*(\[[0-9]+\])?$' ]] || return 1
    done
}
