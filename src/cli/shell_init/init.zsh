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
    # Before the options change: env_fanout hands them on.
    local _fanout_output _fanout_status _fanout_kind=--print0
    local -a _fanout_names=(${(s. .)${2-}//,/ })
    [[ ${#_fanout_names} -eq 1 && ${parameters[${_fanout_names[1]}]-} == association* ]] && _fanout_kind=--print0=tag
    if ! _fanout_are_names $_fanout_names; then
        print -r -u2 -- "parset: ${(q+)2-} is no name of a variable: parset NAME[,NAME...] OPTIONS COMMAND"
        return 255
    fi
    local _fanout_how=$1
    shift 2
    [[ $_fanout_kind == *tag ]] && set -- --tag "$@"
    if [[ $_fanout_how == env_parset ]]; then
        _fanout_output=$(env_fanout $_fanout_kind -k "$@")
    else
        _fanout_output=$(command @FANOUT@ $_fanout_kind -k "$@")
    fi
    _fanout_status=$?
    emulate -L zsh
    # Each output ends with a NUL: what follows the last is no output.
    local -a _fanout_values=("${(@0)_fanout_output}")
    _fanout_values[-1]=()
    if [[ $_fanout_kind == *tag ]]; then
        set -A $_fanout_names[1] "${(@)_fanout_values}"
    elif [[ ${#_fanout_names} -eq 1 && $_fanout_names[1] != *\] ]]; then
        typeset -ga $_fanout_names[1]
        set -A $_fanout_names[1] "${(@)_fanout_values}"
    else
        local _fanout_index
        for (( _fanout_index = 1; _fanout_index <= ${#_fanout_values} && _fanout_index <= ${#_fanout_names}; _fanout_index++ )); do
            eval "${_fanout_names[_fanout_index]}=\${_fanout_values[_fanout_index]}"
        done
        if (( ${#_fanout_values} > ${#_fanout_names} )); then
            print -r -u2 -- "parset: ${#_fanout_values} jobs and ${#_fanout_names} names: give a name for each job, or one for all"
            return 255
        fi
    fi
    return _fanout_status
}

_fanout_are_names() {
    (( $# )) || return 1
    local _fanout_name
    for _fanout_name; do
        [[ $_fanout_name =~ '^[a-zA-Z_][a-zA-Z_0-9]*(\[[0-9]+\])?$' ]] || return 1
    done
}
