//! [`KeySetting`] and [`SecretSetting`]: where secrets are. Neither holds one.

use std::{ops::Range, path::PathBuf, sync::Arc};

use hooklatch::{Algorithm, ConfigError, ConfigErrorKind, Keyring, Param, Scheme, Secret};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use toml::{Spanned, value::Datetime};

use super::{
    Fault,
    document::Document,
    fault::{Findings, Problem},
    file::SourceFile,
    given::{Elsewhere, Given, Several},
    origin::Origin,
    params::{self, is_secret_param},
};

/// Where one secret is.
#[derive(Clone, Debug)]
pub(crate) struct SecretSetting {
    document: Arc<Document>,
    origin: Origin,
}

impl SecretSetting {
    /// Reads it anew.
    ///
    /// # Errors
    /// The variable is not set, the file cannot be read, or what is there is empty.
    pub(crate) fn secret(&self) -> Result<Secret, Fault> {
        let secret = self.origin.read();
        secret.map_err(|problem| Fault::from((&*self.document, vec![problem])))
    }

    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// Where the keys and parameters of a source are.
#[derive(Clone, Debug)]
pub(crate) struct KeySetting {
    document: Arc<Document>,
    /// Where faults of the keyring as a whole are shown.
    pub(super) place: Range<usize>,
    keys: Vec<Key>,
    jwks: Option<Origin>,
    params: Vec<(Param, Origin)>,
    allow_short: bool,
    /// Whether all that the file says of them could be taken.
    pub(super) is_whole: bool,
}

/// Where one key is.
#[derive(Clone, Debug)]
struct Key {
    origin: Origin,
    name: String,
    not_after: Option<OffsetDateTime>,
}

impl KeySetting {
    /// Reads them anew, so that a changed file or variable counts.
    ///
    /// # Errors
    /// A variable is not set, a file cannot be read, or what is there is empty.
    pub(crate) fn keyring(&self) -> Result<Keyring, Fault> {
        self.read().map_err(|problems| self.fault(problems))
    }

    pub(super) fn fault(&self, problems: Vec<Problem>) -> Fault {
        Fault::from((&*self.document, problems))
    }

    /// The keys in these files, the current one first.
    pub(super) fn of_files(
        document: &Arc<Document>,
        files: impl Iterator<Item = PathBuf>,
        place: Range<usize>,
    ) -> Self {
        let key = |file| {
            let origin = Origin::file_at(file, place.clone());
            Key {
                name: origin.name(),
                origin,
                not_after: None,
            }
        };
        Self {
            document: Arc::clone(document),
            keys: files.map(key).collect(),
            place: place.clone(),
            jwks: None,
            params: Vec::new(),
            allow_short: false,
            is_whole: true,
        }
    }

    /// The same keys with the parameters of another setting.
    pub(super) fn with_params_of(mut self, other: &Self) -> Self {
        self.params.clone_from(&other.params);
        self.allow_short = other.allow_short;
        self
    }

    pub(super) const fn has_keys(&self) -> bool {
        !self.keys.is_empty() || self.jwks.is_some()
    }

    pub(super) fn has_param(&self, param: Param) -> bool {
        self.params.iter().any(|(known, _)| *known == param)
    }

    /// The files that it reads.
    pub(super) fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.origins().filter_map(Origin::file).map(Into::into)
    }

    /// What the keys are called.
    pub(crate) fn names(&self) -> Vec<&str> {
        let keys = self.keys.iter().map(|key| &*key.name);
        keys.chain(self.jwks.as_ref().map(|_| "jwks")).collect()
    }

    /// The environment variables that it reads.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.origins().filter_map(Origin::variable_name)
    }

    fn origins(&self) -> impl Iterator<Item = &Origin> {
        let keys = self.keys.iter().map(|key| &key.origin);
        let params = self.params.iter().map(|(_, origin)| origin);
        keys.chain(&self.jwks).chain(params)
    }

    pub(super) fn read(&self) -> Result<Keyring, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut keyring = match &self.jwks {
            None => Keyring::empty(),
            Some(origin) => jwks(origin).unwrap_or_else(|problem| {
                problems.push(problem);
                Keyring::empty()
            }),
        };
        for key in &self.keys {
            match key.origin.read() {
                Ok(secret) => keyring = key.add(keyring, secret),
                Err(problem) => problems.push(problem),
            }
        }
        for (param, origin) in &self.params {
            match origin.read() {
                Ok(value) => keyring = keyring.with(*param, value),
                Err(problem) => problems.push(problem),
            }
        }
        if self.allow_short {
            keyring = keyring.insecure_allow_short_secrets();
        }
        if problems.is_empty() {
            Ok(keyring)
        } else {
            Err(problems)
        }
    }

    /// What the library finds wrong with them, at the key that it is about.
    pub(super) fn problem(&self, error: &ConfigError) -> Problem {
        let allow = "`allow_short_secrets = true`";
        let message = error.to_string();
        let message = message.replace("Keyring::insecure_allow_short_secrets", allow);
        let is_about = |key: &&Key| message.contains(&format!("key {} ", key.name));
        let named = self.keys.iter().find(is_about);
        let only = match &*self.keys {
            [only] if error.kind() == ConfigErrorKind::Key => Some(only),
            _ => None,
        };
        let params = self.params.iter();
        let param = params
            .filter(|_| error.kind() == ConfigErrorKind::Param)
            .find(|(param, _)| message.contains(param.name()));
        match (named.or(only), param) {
            (Some(key), _) => key
                .origin
                .problem(&message, "expected a key that this sender uses"),
            (None, Some((_, origin))) => origin.problem(&message, "expected another value"),
            (None, None) if error.kind() == ConfigErrorKind::Param => {
                Problem::hidden(self.place.clone(), message, PARAM_MISSING)
            }
            (None, None) => Problem::hidden(self.place.clone(), message, MISSING),
        }
    }

    /// Warns of what works and may not be what was meant.
    pub(super) fn look(&self, findings: &mut Findings<'_>, now: OffsetDateTime) {
        let secret_params = self
            .params
            .iter()
            .filter(|(param, _)| is_secret_param(*param));
        let keys = self.keys.iter().map(|key| &key.origin);
        for origin in keys.chain(secret_params.map(|(_, origin)| origin)) {
            origin.look(findings);
        }
        for key in &self.keys {
            if key.not_after.is_some_and(|last| last < now) {
                let what = format!("the last moment of the key {} has passed", key.name);
                findings.warn(key.origin.problem(&what, "it counts no more: remove it"));
            }
        }
    }
}

impl Key {
    fn add(&self, keyring: Keyring, secret: Secret) -> Keyring {
        match self.not_after {
            Some(last) => keyring.and_until(self.name.clone(), secret, last),
            None => keyring.and(self.name.clone(), secret),
        }
    }
}

fn jwks(origin: &Origin) -> Result<Keyring, Problem> {
    let text = origin.read_text()?;
    let fault = |error: ConfigError| {
        origin.problem(
            &error.to_string(),
            "expected a JWK Set (RFC 7517) of public keys",
        )
    };
    Keyring::from_jwks(&text).map_err(fault)
}

/// A secret that is there now. `None`: there is a fault among the findings.
pub(super) fn secret(
    findings: &mut Findings<'_>,
    document: &Arc<Document>,
    given: Spanned<Given>,
) -> Option<SecretSetting> {
    let origin = Origin::of_secret(document, given).map(|(origin, _)| origin);
    let origin = findings.take(origin)?;
    findings.take(origin.read())?;
    origin.look(findings);
    Some(SecretSetting {
        document: Arc::clone(document),
        origin,
    })
}

/// The keys that a source names.
pub(super) fn of_source(
    findings: &mut Findings<'_>,
    document: &Arc<Document>,
    source: &mut SourceFile,
    scheme: Option<&Scheme>,
    place: Range<usize>,
) -> KeySetting {
    let before = findings.count();
    let secrets = match (source.secret.take(), source.secrets.take()) {
        (Some(_), Some(both)) => {
            let what = "`secret` and `secrets` say the same";
            findings.fault(Problem::hidden(both.span(), what, "expected one of them"));
            None
        }
        (secret, secrets) => secret.or(secrets),
    };
    let mut setting = of_list(findings, document, secrets, place);
    if let Some(key) = findings.placed(source.public_key.take()) {
        let key = public_key(key, scheme);
        setting.keys.extend(findings.take(key));
    }
    if let Some(given) = source.jwks.take() {
        let origin = Origin::of_secret(document, given);
        setting.jwks = findings.take(origin).map(|(origin, _)| origin);
    }
    setting.allow_short = findings
        .value(source.allow_short_secrets.take())
        .unwrap_or_default();
    let params = source.params.take().map(Spanned::into_inner);
    for (name, given) in params.unwrap_or_default() {
        let param = params::of_file(findings.document(), &name, given);
        setting.params.extend(findings.take(param));
    }
    setting.is_whole = findings.count() == before;
    setting
}

/// The keys of a list.
pub(super) fn of_list(
    findings: &mut Findings<'_>,
    document: &Arc<Document>,
    secrets: Option<Spanned<Several>>,
    place: Range<usize>,
) -> KeySetting {
    let before = findings.count();
    let place = secrets.as_ref().map_or(place, Spanned::span);
    let secrets = secrets.map(Several::all).unwrap_or_default();
    let mut keys: Vec<Key> = Vec::new();
    for given in secrets {
        let key = key(document, given);
        keys.extend(findings.take(key));
    }
    KeySetting {
        document: Arc::clone(document),
        place,
        keys,
        jwks: None,
        params: Vec::new(),
        allow_short: false,
        is_whole: findings.count() == before,
    }
}

fn key(document: &Document, given: Spanned<Given>) -> Result<Key, Problem> {
    let (
        origin,
        Elsewhere {
            name, not_after, ..
        },
    ) = Origin::of_secret(document, given)?;
    let name = name.map_or_else(|| origin.name(), Spanned::into_inner);
    let not_after = not_after.as_ref().map(moment).transpose()?;
    Ok(Key {
        origin,
        name,
        not_after,
    })
}

fn moment(given: &Spanned<Datetime>) -> Result<OffsetDateTime, Problem> {
    let text = given.get_ref().to_string();
    OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| {
        Problem::shown(
            given.span(),
            "a moment needs a date, a time and an offset",
            "expected a moment, as 2026-12-31T23:59:59Z",
        )
    })
}

/// A public key that stands in the file.
fn public_key(key: Spanned<String>, scheme: Option<&Scheme>) -> Result<Key, Problem> {
    let place = key.span();
    if let Some(scheme) = scheme.filter(|scheme| uses_secrets(scheme)) {
        let what = format!("the keys of {} are secrets, not public keys", scheme.name);
        return Err(Problem::hidden(
            place,
            what,
            "expected `secret = { env = \"NAME\" }` instead",
        ));
    }
    let origin = Origin::here(key.into_inner(), place);
    Ok(Key {
        name: origin.name(),
        origin,
        not_after: None,
    })
}

fn uses_secrets(scheme: &Scheme) -> bool {
    let mut methods = scheme.methods.iter();
    methods.any(|method| is_secret(method.algorithm))
}

/// Whether whoever knows a key of this algorithm can sign.
pub(crate) const fn is_secret(algorithm: Algorithm) -> bool {
    matches!(
        algorithm,
        Algorithm::HmacSha1
            | Algorithm::HmacSha256
            | Algorithm::HmacSha384
            | Algorithm::HmacSha512
            | Algorithm::InsecurePrefixSha256
            | Algorithm::Token
    )
}

const PARAM_MISSING: &str = "give this source `params = { NAME = … }` with it";
const MISSING: &str = "give this source what it needs: `secret`, `public_key`, `jwks` or `params`";
