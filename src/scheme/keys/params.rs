//! What a keyring has to hold besides keys.

use crate::{
    error::{ConfigError, ConfigErrorKind},
    scheme::{Jws, KeyPlace, Part, Scheme, discovery::Topic},
    secret::{Keyring, Param, Secret},
};

/// Whether there is all that fetching the keys takes.
pub(super) fn fetchable(scheme: &Scheme, keyring: &Keyring) -> Result<(), ConfigError> {
    if cfg!(not(feature = "discovery")) {
        return Err(ConfigError::new(
            ConfigErrorKind::Feature,
            format!(
                "{} needs a key, or the cargo feature `discovery` of hooklatch to fetch it",
                scheme.name
            ),
        ));
    }
    let Some(discovery) = &scheme.discovery else {
        return Ok(());
    };
    let domain = match &discovery.place {
        KeyPlace::Fixed(url) | KeyPlace::PerKey(url) => url.contains("{domain}"),
        KeyPlace::Named(urls) => urls.iter().any(|url| url.url.contains("{domain}")),
    };
    let mut params = discovery
        .access
        .params()
        .chain(domain.then_some(Param::Domain));
    let missing = params.find(|param| keyring.param(*param).is_none_or(is_empty));
    match missing {
        Some(param) => Err(ConfigError::new(
            ConfigErrorKind::Param,
            format!(
                "{} needs the parameter {param} to fetch its keys",
                scheme.name
            ),
        )),
        None => domain_fault(scheme, keyring),
    }
}

fn is_empty(value: &Secret) -> bool {
    value.expose().trim_ascii().is_empty()
}

/// Whether the domain is one: it becomes part of a URL.
fn domain_fault(scheme: &Scheme, keyring: &Keyring) -> Result<(), ConfigError> {
    let Some(domain) = keyring.param(Param::Domain) else {
        return Ok(());
    };
    let letters = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    let mut labels = domain.expose().split(|byte| *byte == b'.');
    let count = labels.clone().count();
    let fits = labels.all(|label| !label.is_empty() && label.iter().all(letters));
    if fits && count > 1 {
        return Ok(());
    }
    Err(ConfigError::new(
        ConfigErrorKind::Param,
        format!(
            "domain of {} is no host name, as acme.example.com",
            scheme.name
        ),
    ))
}

/// The topics that the keyring lists, where the scheme takes those alone.
pub(super) fn topics(scheme: &Scheme, keyring: &Keyring) -> Result<Box<[Topic]>, ConfigError> {
    let Some(allowed) = &scheme.allowed else {
        return Ok(Box::default());
    };
    let fault = |what: &str| {
        let message = format!("{} of {} {what}", allowed.param, scheme.name);
        ConfigError::new(ConfigErrorKind::Param, message)
    };
    let list = keyring.param(allowed.param).map(Secret::expose);
    let list = list.unwrap_or_default();
    let list = str::from_utf8(list).map_err(|_| fault("is not text"))?;
    let names = list.split(|c: char| c == ',' || c.is_ascii_whitespace());
    let topics = names
        .filter(|name| !name.is_empty())
        .map(|name| Topic::parse(name).ok_or_else(|| fault("holds what is no ARN of a topic")))
        .collect::<Result<Box<[_]>, _>>()?;
    if topics.is_empty() {
        return Err(fault(
            "is missing: without it messages of anybody's topic would be taken",
        ));
    }
    Ok(topics)
}

pub(super) fn public_url(
    scheme: &Scheme,
    keyring: &Keyring,
) -> Result<Option<Box<str>>, ConfigError> {
    let fault = |what: String| Err(ConfigError::new(ConfigErrorKind::Param, what));
    let Some(url) = keyring.param(Param::PublicUrl) else {
        if scheme.needs_param(Param::PublicUrl) {
            let name = &scheme.name;
            return fault(format!(
                "public_url of {name} is missing: its URL challenge needs it"
            ));
        }
        return Ok(None);
    };
    let text = str::from_utf8(url.expose()).ok().filter(|text| {
        let uri = text.parse::<http::Uri>();
        uri.is_ok_and(|uri| uri.scheme().is_some() && uri.host().is_some())
    });
    text.map_or_else(
        || fault("public_url is not an absolute URL, as https://example.com/hooks".to_owned()),
        |text| Ok(Some(text.into())),
    )
}

/// Whether the keyring has what the tokens of this sender name.
pub(super) fn check_params(scheme: &Scheme, keyring: &Keyring) -> Result<(), ConfigError> {
    for param in scheme.proof.jws().into_iter().flat_map(Jws::params) {
        let value = keyring.param(param).map(Secret::expose);
        if value.is_none_or(|value| value.trim_ascii().is_empty()) {
            return Err(ConfigError::new(
                ConfigErrorKind::Param,
                format!(
                    "{} needs the parameter {param}: its tokens name it",
                    scheme.name
                ),
            ));
        }
    }
    Ok(())
}

pub(super) fn verify_token(
    scheme: &Scheme,
    keyring: &Keyring,
) -> Result<Option<Secret>, ConfigError> {
    let token = keyring.param(Param::VerifyToken).cloned();
    let fault = |what| {
        Err(ConfigError::new(
            ConfigErrorKind::Param,
            format!("verify_token of {} {what}", scheme.name),
        ))
    };
    match &token {
        Some(token) if token.expose().trim_ascii().is_empty() => fault("is empty"),
        None if scheme.needs_param(Param::VerifyToken) => {
            fault("is missing: its URL challenge repeats it")
        }
        _ => Ok(token),
    }
}

/// The parameters that the content of a scheme holds.
pub(in crate::scheme) fn signed_params(
    scheme: &Scheme,
    keyring: &Keyring,
) -> Result<Box<[(Param, Secret)]>, ConfigError> {
    let params = scheme.content.iter().filter_map(|part| match part {
        Part::Param(param) => Some(*param),
        _ => None,
    });
    let value = |param| {
        let value = keyring.param(param);
        let value = value.filter(|value| !value.expose().trim_ascii().is_empty());
        let fault = || {
            ConfigError::new(
                ConfigErrorKind::Param,
                format!(
                    "{param} of {} is missing: it is part of what is signed",
                    scheme.name
                ),
            )
        };
        Ok((param, value.ok_or_else(fault)?.clone()))
    };
    params.map(value).collect()
}
