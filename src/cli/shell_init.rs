//! `--shell-init`: functions for an interactive shell, and `--shell-completion`.

use super::flags::ShellName;
use super::script::quote;

/// The functions, as code for the shell to read, which call fanout by `program`: the name or path it was called by.
pub fn functions(shell: ShellName, program: &[u8]) -> String {
    let code = match shell {
        ShellName::Bash => include_str!("shell_init/init.bash"),
        ShellName::Zsh => include_str!("shell_init/init.zsh"),
        ShellName::Fish => include_str!("shell_init/init.fish"),
    };
    let mut quoted = Vec::new();
    quote(program, &mut quoted);
    code.replace("@FANOUT@", &String::from_utf8_lossy(&quoted))
}

/// The completions, as code for the shell to read.
pub fn completions(shell: ShellName) -> &'static str {
    match shell {
        ShellName::Bash => include_str!("../../completions/fanout.bash"),
        ShellName::Zsh => include_str!("../../completions/_fanout"),
        ShellName::Fish => include_str!("../../completions/fanout.fish"),
    }
}
