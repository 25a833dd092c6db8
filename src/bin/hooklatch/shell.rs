//! `hooklatch completions` and `hooklatch man`.

use std::process::ExitCode;

use clap::{Args, CommandFactory as _};
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
    say(&script);
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
    let mut page = Vec::new();
    let source = format!("{NAME} {}", env!("CARGO_PKG_VERSION"));
    let rendered = clap_mangen::Man::new(command.clone())
        .source(source)
        .render(&mut page);
    rendered.map_err(|error| error.to_string())?;
    say(&page);
    Ok(ExitCode::SUCCESS)
}

const NAME: &str = "hooklatch";
