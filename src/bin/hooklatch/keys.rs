//! Where the keys of a command come from.

use std::{fs, path::PathBuf};

use clap::Args;
use hooklatch::{Keyring, Param, Scheme, Secret, provider};

/// The keys, and the sender's other parameters.
#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    /// The environment variable that holds the secret or public key; to sign for a sender with a key pair, the private key in
    /// PEM. May repeat: the first is the current key.
    #[arg(long, value_name = "NAME")]
    secret_env: Vec<String>,
    /// The file that holds the secret or public key, or to sign the private key in PEM. One line break at its end does not count.
    #[arg(long, value_name = "PATH")]
    secret_file: Vec<PathBuf>,
    /// The secret itself. It lands in the shell's history and in the list of processes, which others may read: prefer
    /// --secret-env or --secret-file.
    #[arg(long, value_parser = secret, hide_default_value = true)]
    secret: Vec<Secret>,
    /// Accept secrets below 16 bytes, as of published examples.
    #[arg(long)]
    allow_short_secrets: bool,
    /// One of the sender's other parameters, as `public_url=https://example.com/hooks` or `topics=arn:…`.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    params: Vec<(Param, Secret)>,
}

impl KeyArguments {
    /// The keyring, which may have no key: not every sender has one.
    pub(crate) fn keyring(&self) -> Result<Keyring, String> {
        let mut keyring = Keyring::empty();
        for variable in &self.secret_env {
            keyring = join(keyring, &from_env(variable)?);
        }
        for path in &self.secret_file {
            keyring = keyring.and(path.display().to_string(), from_file(path)?);
        }
        for secret in &self.secret {
            keyring = keyring.and("--secret", secret.clone());
        }
        if self.allow_short_secrets {
            keyring = keyring.insecure_allow_short_secrets();
        }
        let params = self.params.iter();
        Ok(params.fold(keyring, |keyring, (param, value)| {
            keyring.with(*param, value.clone())
        }))
    }

    pub(crate) fn params(&self) -> &[(Param, Secret)] {
        &self.params
    }
}

/// The keyring of an environment variable.
pub(crate) fn from_env(variable: &str) -> Result<Keyring, String> {
    Keyring::from_env(variable).map_err(|error| error.to_string())
}

fn join(keyring: Keyring, other: &Keyring) -> Keyring {
    let keys = other.keys().iter();
    keys.fold(keyring, |keyring, key| {
        keyring.and(key.name().to_owned(), key.secret().clone())
    })
}

fn from_file(path: &PathBuf) -> Result<Secret, String> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let secret = Secret::new(bytes);
    let text = secret.expose();
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    Ok(Secret::new(text.strip_suffix(b"\r").unwrap_or(text)))
}

#[expect(clippy::unnecessary_wraps, reason = "the form that clap asks for")]
fn secret(text: &str) -> Result<Secret, String> {
    Ok(text.into())
}

fn parameter(text: &str) -> Result<(Param, Secret), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    let param = serde_json::from_value(name.into());
    let param = param.map_err(|_| format!("there is no parameter {name:?}"))?;
    Ok((param, value.into()))
}

/// The scheme of an argument: the name of a preset, or the path of a JSON file that describes one.
pub(crate) fn scheme(text: &str) -> Result<Scheme, String> {
    if let Some(preset) = provider::by_name(text) {
        return Ok(preset.clone());
    }
    if !text.ends_with(".json") {
        return Err("there is no such sender; `hooklatch providers` lists them".to_owned());
    }
    let file = fs::read(text).map_err(|error| error.to_string())?;
    let scheme: Scheme = serde_json::from_slice(&file).map_err(|error| error.to_string())?;
    scheme.check().map_err(|error| error.to_string())?;
    Ok(scheme)
}
