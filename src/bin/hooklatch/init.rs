//! `hooklatch init`.

use std::{
    fmt::Write as _,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use hooklatch::{Keyring, Keys, Param, Scheme, testing::Sender};

use super::{Outcome, config, say};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The file to write; `-` prints it.
    #[arg(value_name = "PATH", default_value = config::DEFAULT_PATH)]
    path: PathBuf,
    /// A sender to receive from, by its name among `hooklatch providers`. May repeat.
    #[arg(long = "provider", value_name = "NAME", num_args = 1.., value_parser = provider, default_value = "stripe")]
    providers: Vec<&'static Scheme>,
    /// Overwrite a file that is there.
    #[arg(long)]
    force: bool,
}

fn provider(name: &str) -> Result<&'static Scheme, String> {
    let found = hooklatch::provider::by_name(name);
    found.ok_or_else(|| "there is no such sender; `hooklatch providers` lists them".to_owned())
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let text = text(&arguments.providers);
    if arguments.path == Path::new("-") {
        say(text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let path = arguments.path.display();
    let written = create(&arguments.path, arguments.force)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(format!("{path} is there already; --force overwrites it"));
        }
        Err(error) => return Err(format!("{path}: {error}")),
    }
    let told = format!(
        "{path} is written. Set the variables that it names, then `hooklatch check --config {path}`.\n"
    );
    say(told.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn create(path: &Path, force: bool) -> io::Result<File> {
    if force {
        return File::create(path);
    }
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// A configuration with a source for each of these senders.
fn text(providers: &[&Scheme]) -> String {
    let mut providers = providers.to_vec();
    providers.sort_by_key(|scheme| &scheme.name);
    providers.dedup();
    let sources: String = providers.iter().map(|scheme| source(scheme)).collect();
    format!("{SETTINGS}\n# The senders. Each has a name, a path and its keys.\n{sources}\n{SOURCE}")
}

/// A source for a sender, with what it needs.
fn source(scheme: &Scheme) -> String {
    let name = &*scheme.name;
    let variable = name
        .to_uppercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    // A variable does not begin with a digit.
    let variable = if variable.starts_with(|c: char| c.is_ascii_digit()) {
        format!("HOOK_{variable}")
    } else {
        variable
    };
    let mut text = String::new();
    if !scheme.docs.is_empty() {
        let _ = write!(text, "\n# {}", one_line(&scheme.docs));
    }
    let _ = write!(
        text,
        "\n[[sources]]\nname = \"{name}\"\npath = \"/webhooks/{name}\"\nprovider = \"{name}\"\n"
    );
    let sample = Sender::new(scheme.clone()).keyring();
    if is_fetched(scheme, &sample) {
        text.push_str("# Its keys are fetched from where the sender publishes them.\n");
    } else {
        let kind = if has_public_keys(scheme) {
            "PUBLIC_KEY"
        } else {
            "WEBHOOK_SECRET"
        };
        let _ = writeln!(text, "secret = {{ env = \"{variable}_{kind}\" }}");
    }
    let params: Vec<_> = params(&sample)
        .map(|(name, value)| match value {
            Some(value) => format!("{name} = {value:?}"),
            None => format!(
                "{name} = {{ env = \"{variable}_{}\" }}",
                name.to_uppercase()
            ),
        })
        .collect();
    if !params.is_empty() {
        let _ = writeln!(
            text,
            "# Put your own here.\nparams = {{ {} }}",
            params.join(", ")
        );
    }
    text
}

/// Whether the sender's keys are fetched, given no more than the parameters it needs anyway.
fn is_fetched(scheme: &Scheme, sample: &Keyring) -> bool {
    let given = params_of(sample).fold(Keyring::empty(), |keyring, param| {
        match sample.param(param).cloned() {
            Some(value) => keyring.with(param, value),
            None => keyring,
        }
    });
    scheme.discovery.is_some() && Keys::new(scheme, given).is_ok()
}

/// Whether the keys are public ones.
fn has_public_keys(scheme: &Scheme) -> bool {
    !scheme
        .methods
        .iter()
        .any(|method| config::is_secret(method.algorithm))
}

/// The parameters that a sender needs, by name, with an example of those that are not secret.
fn params(sample: &Keyring) -> impl Iterator<Item = (&'static str, Option<String>)> {
    params_of(sample).map(|param| {
        let name = param.name();
        let value = match param {
            param if config::is_secret_param(param) => None,
            // What they look like is checked.
            Param::PublicUrl | Param::Topics | Param::AllowedOrigins => {
                let value = sample.param(param);
                value.and_then(|value| String::from_utf8(value.expose().to_vec()).ok())
            }
            _ => Some(format!("your-{}", name.replace('_', "-"))),
        };
        (name, value)
    })
}

fn params_of(sample: &Keyring) -> impl Iterator<Item = Param> {
    let all = config::PARAMS.iter().filter_map(|name| config::param(name));
    all.filter(|param| sample.param(*param).is_some())
}

/// A comment is one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const SETTINGS: &str = include_str!("init/settings.toml");
const SOURCE: &str = include_str!("init/source.toml");
