//! `hooklatch completions` and `hooklatch man`.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Args, Command, CommandFactory as _};
use clap_complete::Shell;

use super::{Outcome, say};

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The command, as `sign` or `deliveries list`; the page of all of them unless given.
    command: Vec<String>,
}

pub(crate) fn completions(arguments: &Completions) -> Outcome {
    let mut script = Vec::new();
    let command = &mut super::Arguments::command();
    clap_complete::generate(arguments.shell, command, NAME, &mut script);
    say(&script)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn man(arguments: &Man) -> Outcome {
    // There is no page of `help` to refer to.
    let mut all = super::Arguments::command().disable_help_subcommand(true);
    all.build();
    let words = arguments.command.iter();
    let mut words = words.flat_map(|words| words.split_whitespace());
    let command = words.try_fold(&all, |command, word| command.find_subcommand(word));
    let command = command.ok_or("there is no such command")?;
    let page = page(command).map_err(|error| error.to_string())?;
    say(&page)?;
    Ok(ExitCode::SUCCESS)
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let source = format!("{NAME} {}", env!("CARGO_PKG_VERSION"));
    // What stands behind the help would be one paragraph of a section "EXTRA".
    let behind = command.get_after_help().map(ToString::to_string);
    let command = command.clone().after_help(None::<&str>);
    clap_mangen::Man::new(command)
        .source(source)
        .render(&mut page)?;
    if let Some(behind) = behind {
        write!(page, "{}", section(&behind))?;
    }
    Ok(page)
}

/// A section of the page, whose title stands in the text before a colon.
fn section(text: &str) -> String {
    let (title, text) = text.split_once(':').unwrap_or(("Notes", text));
    let title = title.to_uppercase();
    let text = text.trim_end().replace('\\', "\\e").replace('-', "\\-");
    match text.strip_prefix('\n') {
        // To be copied as it stands. What begins with a dot or a quote would be a command of roff's.
        Some(lines) => {
            let lines = lines.replace('\n', "\n\\&");
            format!(".SH \"{title}\"\n.nf\n\\&{lines}\n.fi\n")
        }
        None => format!(".SH \"{title}\"\n\\&{}\n", text.trim_start()),
    }
}

const NAME: &str = "hooklatch";
