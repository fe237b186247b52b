//! Values that get into variables, and commands that would run what is in those.

use super::shown;

#[test]
fn what_a_shell_would_evaluate_or_expand_once_more_is_refused() {
    // Found by running them with such values.
    let evaluating = [
        "x={}; let x",
        "x={}; let y=x+1",
        "while read x; do let s+=x; done <<< {}",
        "x={}; [[ x -eq 1 ]]",
        "x={}; [[ 1 -lt x ]]",
        "x={}; a=([$x]=1)",
        "x={}; a+=([$x]=1)",
        "x={}; a=(1); unset \"a[$x]\"",
        "x={}; declare \"a[$x]=1\"",
        "x={}; read \"a[$x]\"",
        "x={}; printf -v \"a[$x]\" 1",
        "x={}; echo \"${!x}\"",
        "set -- {}; echo ${!1}",
        "x={}; ((x))",
        "x={}; exec {a[$x]}>/dev/null",
    ];
    let expanding = [
        "echo x >& {}",
        "echo x >& \"{}\"",
        "echo x >& out.{}",
        "1>& {} echo",
        "exec >& {}",
        "v={}; echo x >& \"$v\"",
        "echo x >& $(echo {})",
        "x={}; PS4=\"$x\"; set -x; :",
        "x={}; PS4=+$x; set -x; :",
        "x={}; compgen -W \"$x\"",
    ];
    for command in evaluating.iter().chain(&expanding) {
        for value in ["a[$(id)]", "a[`id`]"] {
            let text = shown(&[command], &[value]);
            assert!(text.starts_with("refused: "), "{command} with {value}: {text}");
        }
    }
    for command in expanding {
        for value in ["$(id)", "`id`"] {
            let text = shown(&[command], &[value]);
            assert!(text.starts_with("refused: "), "{command} with {value}: {text}");
        }
    }
    for command in ["echo {} >&2", "x={}; echo \"$x\" >&2", "x={}; [ 3 -eq 3 ] && echo \"$x\""] {
        let text = shown(&[command], &["a[$(id)]"]);
        assert!(!text.starts_with("refused: "), "{command}: {text}");
    }
}
