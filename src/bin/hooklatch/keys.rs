//! Where the keys of a command come from.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
};

use clap::Args;
use hooklatch::{Keyring, Param, Scheme, Secret, provider};

use super::{
    config::{PARAMS, param},
    unseen::{Unseen, is_path, is_variable, without_line_break},
};

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
    #[arg(long, allow_hyphen_values = true, value_parser = Unseen(secret))]
    secret: Vec<Secret>,
    /// What the key is called, where requests name it (Pusher, Worldline): its variable, its path or `--secret` unless given.
    /// May repeat: one for each key, in the order variables, files, --secret.
    #[arg(long = "key-name", value_name = "NAME", value_parser = Unseen(visible))]
    key_names: Vec<String>,
    /// Accept secrets below 16 bytes, as of published examples.
    #[arg(long)]
    allow_short_secrets: bool,
    /// One of the sender's other parameters, as `public_url=https://example.com/hooks` or `topics=arn:…`.
    #[arg(long = "param", value_name = "NAME=VALUE", allow_hyphen_values = true, value_parser = Unseen(parameter))]
    params: Vec<(Param, Secret)>,
    /// One that is secret, and the environment variable that holds it, as `verify_token=MY_VERIFY_TOKEN`.
    #[arg(long = "param-env", value_name = "NAME=VARIABLE", value_parser = Unseen(parameter_variable))]
    params_env: Vec<(Param, String)>,
}

impl KeyArguments {
    /// The keyring, which may have no key: not every sender has one.
    pub(crate) fn keyring(&self) -> Result<Keyring, String> {
        if self.key_names.len() > self.count() {
            return Err("there are more names (--key-name) than keys".to_owned());
        }
        let mut names = self.key_names.iter();
        let mut keyring = Keyring::empty();
        for (name, secret) in self.keys()? {
            keyring = keyring.and(names.next().cloned().unwrap_or(name), secret);
        }
        if self.allow_short_secrets {
            keyring = keyring.insecure_allow_short_secrets();
        }
        let params = self.params()?.into_iter();
        Ok(params.fold(keyring, |keyring, (param, value)| {
            keyring.with(param, value)
        }))
    }

    const fn count(&self) -> usize {
        self.secret_env.len() + self.secret_file.len() + self.secret.len()
    }

    /// The keys, each with where it is.
    fn keys(&self) -> Result<Vec<(String, Secret)>, String> {
        let mut keys = Vec::with_capacity(self.count());
        for variable in &self.secret_env {
            keys.push((variable.clone(), variable_secret(variable)?));
        }
        for path in &self.secret_file {
            keys.push((path.display().to_string(), from_file(path)?));
        }
        let given = self.secret.iter();
        keys.extend(given.map(|secret| ("--secret".to_owned(), secret.clone())));
        Ok(keys)
    }

    /// Whether the keys have names of their own.
    pub(crate) const fn is_named(&self) -> bool {
        !self.key_names.is_empty()
    }

    pub(crate) fn params(&self) -> Result<Vec<(Param, Secret)>, String> {
        let of_env = self.params_env.iter();
        let of_env = of_env.map(|(param, variable)| Ok((*param, variable_secret(variable)?)));
        let given = self.params.iter().cloned().map(Ok);
        given.chain(of_env).collect()
    }
}

/// What the library says is wrong, with the flag in the place of the method.
pub(crate) fn told(error: &impl fmt::Display) -> String {
    let flag = "--allow-short-secrets";
    let text = error.to_string();
    text.replace("Keyring::insecure_allow_short_secrets", flag)
}

/// The keyring of an environment variable.
pub(crate) fn from_env(variable: &str) -> Result<Keyring, String> {
    if !is_variable(variable) && env::var_os(variable).is_none() {
        return Err(
            "there is no environment variable of the name given, which is not shown since it may be a secret: give the name \
             of a variable, as STRIPE_WEBHOOK_SECRET"
                .to_owned(),
        );
    }
    Keyring::from_env(variable).map_err(|error| told(&error))
}

fn variable_secret(variable: &str) -> Result<Secret, String> {
    let keyring = from_env(variable)?;
    let key = keyring.keys().first();
    key.map(|key| key.secret().clone())
        .ok_or_else(|| format!("environment variable {variable} holds no key"))
}

fn from_file(path: &Path) -> Result<Secret, String> {
    let bytes = fs::read(path).map_err(|error| {
        if path.exists() || is_path(&path.to_string_lossy(), path) {
            return format!("{}: {error}", path.display());
        }
        format!("there is no file of the name given, which is not shown since it may be a secret: {error}")
    })?;
    Ok(without_line_break(&Secret::new(bytes)))
}

#[expect(clippy::unnecessary_wraps, reason = "the form that clap asks for")]
fn secret(text: &str) -> Result<Secret, String> {
    Ok(text.into())
}

/// A text that every place of a request can hold.
pub(crate) fn visible(text: &str) -> Result<String, String> {
    let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned())
        .ok_or_else(|| "it must be visible ASCII".to_owned())
}

fn parameter(text: &str) -> Result<(Param, Secret), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((named(name)?, value.into()))
}

fn parameter_variable(text: &str) -> Result<(Param, String), String> {
    let (name, variable) = text.split_once('=').ok_or("write it as NAME=VARIABLE")?;
    Ok((named(name)?, variable.to_owned()))
}

fn named(name: &str) -> Result<Param, String> {
    param(name).ok_or_else(|| {
        format!(
            "there is no parameter of this name; there are {}",
            PARAMS.join(", ")
        )
    })
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
