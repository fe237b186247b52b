//! What is generated from the definition of the command line. A test compares it with what is committed.

use std::io;

use clap_complete::{Shell, generate};
use clap_mangen::{Man, roff};

/// Each file's path in the repository, and what it has to hold.
///
/// # Errors
/// None in practice: everything is rendered in memory.
pub fn files() -> io::Result<Vec<(&'static str, Vec<u8>)>> {
    let completion = |shell: Shell| {
        let mut text = Vec::new();
        generate(shell, &mut fanout::cli::command(), "fanout", &mut text);
        text
    };
    let xargs = |shell: Shell| {
        let mut text = Vec::new();
        generate(shell, &mut fanout::cli::xargs_command(), "fanout-xargs", &mut text);
        text
    };
    Ok(vec![
        ("man/fanout.1", man_page()?),
        ("completions/fanout.bash", completion(Shell::Bash)),
        ("completions/_fanout", completion(Shell::Zsh)),
        ("completions/fanout.fish", completion(Shell::Fish)),
        ("man/fanout-xargs.1", xargs_page()?),
        ("completions/fanout-xargs.bash", xargs(Shell::Bash)),
        ("completions/_fanout-xargs", xargs(Shell::Zsh)),
        ("completions/fanout-xargs.fish", xargs(Shell::Fish)),
    ])
}

fn man_page() -> io::Result<Vec<u8>> {
    let parts: [&[u8]; 2] = [include_bytes!("description.roff"), include_bytes!("sections.roff")];
    page("FANOUT", fanout::cli::command(), parts, fanout::exit::TABLE)
}

fn xargs_page() -> io::Result<Vec<u8>> {
    let parts: [&[u8]; 2] = [include_bytes!("xargs.roff"), include_bytes!("xargs_sections.roff")];
    page("FANOUT-XARGS", fanout::cli::xargs_command(), parts, fanout::exit::XARGS_TABLE)
}

/// The options as clap knows them, between sections that are written by hand.
fn page(
    title: &str,
    command: clap::Command,
    [description, sections]: [&[u8]; 2],
    statuses: &[(&str, &str)],
) -> io::Result<Vec<u8>> {
    let man = Man::new(command);
    // Without a date, so that the page depends on nothing but the sources; clap_mangen would leave out its place, too.
    let mut page =
        format!(".TH {title} 1 \"\" \"fanout {}\" \"User Commands\"\n", env!("CARGO_PKG_VERSION")).into_bytes();
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    page.extend_from_slice(description);

    let mut options = Vec::new();
    man.render_options_section(&mut options)?;
    page.extend_from_slice(b".SH OPTIONS\n");
    // clap_mangen makes a section of each group; here they are parts of one.
    for line in String::from_utf8_lossy(&options).lines() {
        match line.strip_prefix(".SH ") {
            Some(heading) => page.extend_from_slice(format!(".SS {}\n", title_case(heading)).as_bytes()),
            None => page.extend_from_slice(format!("{line}\n").as_bytes()),
        }
    }

    page.extend_from_slice(exit_status(statuses).as_bytes());
    // Comments are for those who work on the page.
    for line in sections.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.starts_with(b".\\\"")) {
        page.extend_from_slice(line);
    }
    Ok(page)
}

/// `INPUT` as `Input`.
fn title_case(heading: &str) -> String {
    let (first, rest) = heading.split_at(1);
    first.to_uppercase() + &rest.to_lowercase()
}

/// The table of exit statuses.
fn exit_status(statuses: &[(&str, &str)]) -> String {
    let mut page = roff::Roff::default();
    page.control("SH", ["EXIT STATUS"]);
    for (status, meaning) in statuses {
        page.control("TP", []);
        page.text([roff::bold(*status)]);
        page.text([roff::roman(*meaning)]);
    }
    page.to_roff()
}
