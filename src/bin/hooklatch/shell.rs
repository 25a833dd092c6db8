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
    /// The command; the page of all of them unless given.
    command: Option<String>,
}

pub(crate) fn completions(arguments: &Completions) -> Outcome {
    let mut script = Vec::new();
    let command = &mut super::Arguments::command();
    clap_complete::generate(arguments.shell, command, NAME, &mut script);
    say(&script);
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn man(arguments: &Man) -> Outcome {
    let mut all = super::Arguments::command();
    all.build();
    let command = match &arguments.command {
        None => &all,
        Some(name) => all
            .find_subcommand(name)
            .ok_or("there is no such command")?,
    };
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command.clone()).render(&mut page);
    rendered.map_err(|error| error.to_string())?;
    say(&page);
    Ok(ExitCode::SUCCESS)
}

const NAME: &str = "hooklatch";
