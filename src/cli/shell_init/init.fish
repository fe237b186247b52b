# env_fanout, env_parallel, parset and env_parset, for fish. In ~/.config/fish/config.fish or a script:
#
#     fanout --shell-init fish | source

# Whether jobs are to get this name: $_fanout_wanted are the names of --env, none for all.
function _fanout_wants --no-scope-shadowing
    switch $argv[1]
        case '_fanout_*' env_fanout env_parallel parset env_parset 'PARALLEL_*' 'FANOUT_*'
            return 1
        # What a new shell has by itself, or what is about a terminal.
        case _ argv history status pipestatus status_generation version hostname umask 'fish_*' '__fish_*' FISH_VERSION \
                COLUMNS LINES CMD_DURATION PWD SHLVL HOME USER dirprev dirnext IFS
            return 1
    end
    contains -- $argv[1] $_fanout_ignored; and return 1
    test (count $_fanout_wanted) -eq 0; or contains -- $argv[1] $_fanout_wanted
end

# The functions that a new shell does not know where to find.
function _fanout_functions
    for name in (functions --all --names)
        set -l from (functions --details -- $name)
        switch $from
            case 'embedded:*' n/a
            case '*/*'
                contains -- (path dirname -- $from) $fish_function_path; or echo -- $name
            case '*'
                echo -- $name
        end
    end
end

# Code that makes what jobs are to get. Aliases are functions in fish. Jobs inherit what is exported.
function _fanout_code --no-scope-shadowing
    set -l _fanout_exported (set --names --export)
    set -l _fanout_universal (set --names --universal)
    for _fanout_name in (set --names)
        contains -- $_fanout_name $_fanout_exported $_fanout_universal; and continue
        _fanout_wants $_fanout_name; or continue
        string join ' ' -- set --global $_fanout_name (string escape -- $$_fanout_name)
    end
    for _fanout_name in (_fanout_functions)
        _fanout_wants $_fanout_name; and functions --no-details -- $_fanout_name
    end
end

# Runs fanout with everything that this shell knows: functions, aliases, variables and lists.
function env_fanout --no-scope-shadowing
    set -l _fanout_wanted
    set -l _fanout_ignored $PARALLEL_IGNORED_NAMES
    set -l _fanout_next
    for _fanout_word in $argv
        switch "$_fanout_next$_fanout_word"
            case ::: ':::+' :::: '::::+'
                break
            case --env
                set _fanout_next --env=
            case '--env=*'
                set -a _fanout_wanted (string split , -- (string replace -r -- '^--env=' '' $_fanout_word))
                set _fanout_next
            case --record-env --recordenv
                set -q PARALLEL_HOME; and set -l _fanout_record $PARALLEL_HOME; or set -l _fanout_record $HOME/.parallel
                mkdir -p -- $_fanout_record
                and begin
                    set --names
                    functions --all --names
                end >$_fanout_record/ignored_vars
                return
            case --session
                set -g PARALLEL_IGNORED_NAMES (set --names) (functions --all --names)
                return 0
            case --end-session
                set -e -g PARALLEL_IGNORED_NAMES
                return
        end
    end
    if contains -- _ $_fanout_wanted
        set _fanout_wanted
        set -q PARALLEL_HOME; and set -l _fanout_record $PARALLEL_HOME; or set -l _fanout_record $HOME/.parallel
        test -r $_fanout_record/ignored_vars; and set -a _fanout_ignored (cat $_fanout_record/ignored_vars)
    end
    # A file only where it is too long for a variable: that stays behind if the shell is interrupted.
    set -l _fanout_text (_fanout_code | string collect)
    if test (string length -- "$_fanout_text") -le 30000
        PARALLEL_ENV=$_fanout_text PARALLEL_SHELL=(status fish-path) command @FANOUT@ $argv
        return
    end
    set -l _fanout_file (mktemp); or return 255
    printf '%s\n' $_fanout_text >$_fanout_file
    PARALLEL_ENV=$_fanout_file PARALLEL_SHELL=(status fish-path) command @FANOUT@ $argv
    set -l _fanout_status $status
    rm -f -- $_fanout_file
    return $_fanout_status
end

function env_parallel --no-scope-shadowing
    env_fanout $argv
end

# parset NAME,... ARGUMENTS of fanout: sets variables to what the jobs print. One name is a list, and several get the output
# of a job each.
function parset --no-scope-shadowing
    set -l _fanout_how parset
    _fanout_parset $argv
end

function env_parset --no-scope-shadowing
    set -l _fanout_how env_parset
    _fanout_parset $argv
end

function _fanout_parset --no-scope-shadowing
    set -l _fanout_names (string match -r -a '[^, ]+' -- "$argv[1]")
    if test (count $_fanout_names) -eq 0; or string match -q -v -r '^[a-zA-Z_][a-zA-Z_0-9]*(\[[0-9]+\])?$' -- $_fanout_names
        echo "parset: $(string escape -- "$argv[1]") is no name of a variable: parset NAME[,NAME...] OPTIONS COMMAND" >&2
        return 255
    end
    # A file, as what is between parentheses does not read what parset does.
    set -l _fanout_output (mktemp); or return 255
    if test $_fanout_how = env_parset
        env_fanout --print0 -k $argv[2..] >$_fanout_output
    else
        command @FANOUT@ --print0 -k $argv[2..] >$_fanout_output
    end
    set -l _fanout_result $status
    set -l _fanout_values (string split0 <$_fanout_output)
    rm -f -- $_fanout_output
    # What is not there is made for all, as in a function of another shell.
    for _fanout_name in (string replace -r '\[.*' '' -- $_fanout_names)
        set -q $_fanout_name; or set -g $_fanout_name
    end
    if test (count $_fanout_names) -eq 1; and not string match -q '*]' -- $_fanout_names
        set $_fanout_names $_fanout_values
    else if test (count $_fanout_values) -gt 0
        for _fanout_index in (seq (count $_fanout_values))
            if test $_fanout_index -gt (count $_fanout_names)
                echo "parset: $(count $_fanout_values) jobs and $(count $_fanout_names) names: give a name for each job, or one for all" >&2
                return 255
            end
            set $_fanout_names[$_fanout_index] $_fanout_values[$_fanout_index]
        end
    end
    return $_fanout_result
end
