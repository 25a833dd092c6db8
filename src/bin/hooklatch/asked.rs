//! By what a request is judged: a sender and its keys, or a source of the configuration of `serve`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use hooklatch::{Keyring, PublicUrl, Scheme, Unverified};

use super::{
    config::{self, Config, Fault, SourceSetting},
    keys::{KeyArguments, scheme},
    request::Received,
};

/// Who sent it, as the command line says.
#[derive(Debug, Args)]
pub(crate) struct AskedArguments {
    /// The sender: the name of a preset, or the path of a JSON file that describes a scheme.
    #[arg(value_name = "SENDER", value_parser = scheme, required_unless_present = "source", conflicts_with = "source")]
    scheme: Option<Scheme>,
    #[command(flatten)]
    keys: KeyArguments,
    /// The source of the configuration that the request came to, instead of a sender and its keys; of a source with tenants
    /// `NAME/TENANT`.
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with_all = ["secret_env", "secret_file", "secret", "key_names", "allow_short_secrets", "params", "params_env"]
    )]
    source: Option<String>,
    /// The configuration of `hooklatch serve`, of which `explain` tries the other sources as well. With --source it is
    /// hooklatch.toml unless given.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

/// An endpoint: who sends there, and by what it is verified.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) scheme: Scheme,
    pub(crate) keys: Keyring,
    public_url: PublicUrl,
    /// How far the signed timestamp may be from now, if not as far as the sender says.
    pub(crate) tolerance: Option<Duration>,
}

impl AskedArguments {
    /// The endpoint that the request came to, and the others of the configuration, where one is given.
    pub(crate) fn endpoints(&self) -> Result<(Endpoint, Vec<Endpoint>), String> {
        let mut configured = self.configured()?;
        let Some(wanted) = &self.source else {
            let scheme = self.scheme.clone().ok_or("say who the sender is")?;
            let asked = Endpoint::new(String::new(), scheme, self.keys.keyring()?);
            return Ok((asked, configured));
        };
        let at = configured
            .iter()
            .position(|endpoint| endpoint.name == *wanted);
        let at = at.ok_or_else(|| {
            let names: Vec<&str> = configured.iter().map(|one| &*one.name).collect();
            format!(
                "there is no source {wanted:?}; there are {}",
                names.join(", ")
            )
        })?;
        let asked = configured.remove(at);
        Ok((asked, configured))
    }

    fn configured(&self) -> Result<Vec<Endpoint>, String> {
        let path = match (&self.config, &self.source) {
            (Some(path), _) => path,
            (None, Some(_)) => Path::new(config::DEFAULT_PATH),
            (None, None) => return Ok(Vec::new()),
        };
        let config = config::load(path).map_err(|fault| fault.to_string())?;
        let endpoints = of_config(&config);
        endpoints.map_err(|fault| fault.to_string())
    }
}

fn of_config(config: &Config) -> Result<Vec<Endpoint>, Fault> {
    let mut endpoints = Vec::new();
    for source in &config.sources {
        let endpoint = |name: String, keys| Endpoint {
            public_url: public_url(config, source),
            tolerance: source.tolerance,
            ..Endpoint::new(name, source.scheme.clone(), keys)
        };
        match &source.tenants {
            None => endpoints.push(endpoint(source.name.clone(), source.keys.keyring()?)),
            Some(tenants) => {
                for (tenant, keys) in tenants.all()? {
                    endpoints.push(endpoint(format!("{}/{tenant}", source.name), keys));
                }
            }
        }
    }
    Ok(endpoints)
}

fn public_url(config: &Config, source: &SourceSetting) -> PublicUrl {
    let own = source.public_url.as_ref();
    own.unwrap_or(&config.server.public_url).clone()
}

impl Endpoint {
    pub(crate) fn new(name: String, scheme: Scheme, keys: Keyring) -> Self {
        Self {
            name,
            scheme,
            keys,
            public_url: PublicUrl::as_received(),
            tolerance: None,
        }
    }

    /// The URL by which the sender knows it, unless the command line says another.
    pub(crate) fn url(&self, received: &Received) -> Option<String> {
        if received.names_url {
            return None;
        }
        // Whether a proxy may be believed is not known of a request that was recorded.
        self.public_url.of(&received.head).ok().flatten()
    }
}

/// The request as it came to this URL.
pub(crate) fn unverified<'a>(received: &'a Received, url: Option<&'a str>) -> Unverified<'a> {
    let request = Unverified::new(&received.head, &received.body, received.at);
    match url {
        Some(url) => request.with_url(url),
        None => request,
    }
}
