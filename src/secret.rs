//! [`Secret`] and [`Keyring`]: what verifies a sender's signatures. Never printed, wiped on drop.

use std::{borrow::Cow, collections::BTreeMap, env, fmt};

use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::error::{ConfigError, ConfigErrorKind};

/// A secret as the sender shows it: text, before any prefix is taken off or encoding undone.
///
/// `Debug` prints no byte of it, there is no `Display` and no `==`, and the memory is wiped on drop.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A secret from its text or bytes.
    #[must_use]
    pub fn new(secret: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(secret.into()))
    }

    /// The bytes. Whoever reads them must not let them out; named so that every such place can be found.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}

/// The secrets or public keys of one endpoint, and the sender's other parameters.
///
/// The first key is the current one; the others are older or newer ones that still count, so that a secret can be
/// rolled without refusing a request: a delivery says which key matched, and `hooklatch_old_key_matches_total` tells
/// when an old one is no longer used. Which algorithm a key serves comes from the scheme, never from a request.
///
/// A keyring is checked when a receiver or layer is built from it: an empty, short, padded or foreign secret is a
/// [`ConfigError`].
///
/// ```
/// # use hooklatch::Keyring;
/// let keys = Keyring::new("whsec_5HkzNq7hLJ3xUPVZ").and("2025", "whsec_KXXs1TLJnq2oPmVC");
/// assert!(!format!("{keys:?}").contains("5Hkz"));
/// ```
#[derive(Clone, Debug)]
pub struct Keyring {
    keys: Vec<NamedKey>,
    params: BTreeMap<Param, Secret>,
    allow_short: bool,
}

impl Keyring {
    /// A keyring of one key, named `current`.
    #[must_use]
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self::empty().and("current", secret)
    }

    /// A keyring of one key read from an environment variable and named after it.
    ///
    /// # Errors
    /// [`ConfigErrorKind::Key`] when the variable is not set, not Unicode or empty: a missing secret never means "accept".
    pub fn from_env(variable: &str) -> Result<Self, ConfigError> {
        let fault = |what| {
            ConfigError::new(
                ConfigErrorKind::Key,
                format!("environment variable {variable} {what}"),
            )
        };
        match env::var(variable) {
            Ok(secret) if secret.trim().is_empty() => {
                Err(fault("is empty; set it to the sender's secret"))
            }
            Ok(secret) => Ok(Self::empty().and(variable.to_owned(), secret)),
            Err(env::VarError::NotPresent) => {
                Err(fault("is not set; set it to the sender's secret"))
            }
            Err(env::VarError::NotUnicode(_)) => Err(fault("is not Unicode text")),
        }
    }

    /// The public keys of a JWK Set (RFC 7517, section 5), as a sender publishes them: each under its `kid`, by which
    /// requests name it. Keys that do not verify signatures, and later those that are of another kind than the scheme
    /// needs, are passed over, as senders add keys for other purposes; that no key is left is an error.
    ///
    /// ```
    /// # use hooklatch::Keyring;
    /// let set = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"2026-01",
    ///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    /// let keys = Keyring::from_jwks(set)?;
    /// assert_eq!(keys.keys()[0].name(), "2026-01");
    /// assert!(Keyring::from_jwks(r#"{"keys":[]}"#).is_err());
    /// # Ok::<(), hooklatch::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigErrorKind::Key`] when the text is no JWK Set, has more than 100 keys or a private one, or has no key to
    /// verify signatures with.
    pub fn from_jwks(text: &str) -> Result<Self, ConfigError> {
        let fault = |what| ConfigError::new(ConfigErrorKind::Key, format!("the JWK Set {what}"));
        let set: JwkSet<'_> = serde_json::from_str(text).map_err(|_| fault("is none"))?;
        if set.keys.len() > MOST_JWKS {
            return Err(fault("has more than 100 keys"));
        }
        let mut keyring = Self::empty();
        for (position, key) in set.keys.into_iter().enumerate() {
            let Ok(purpose) = serde_json::from_str::<JwkPurpose>(key.get()) else {
                continue;
            };
            if purpose.d.is_some() {
                return Err(fault("has a private key; only public keys belong here"));
            }
            if purpose.verifies() {
                let name = purpose.kid.unwrap_or_else(|| format!("key {position}"));
                keyring = keyring.push(name.into(), key.get().into(), None);
            }
        }
        if keyring.keys.is_empty() {
            return Err(fault("has no key that verifies signatures"));
        }
        for key in &mut keyring.keys {
            key.is_of_set = true;
        }
        Ok(keyring)
    }

    /// A keyring with no key, for schemes whose parameters are all there is. A scheme that needs a key refuses it.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            keys: Vec::new(),
            params: BTreeMap::new(),
            allow_short: false,
        }
    }

    /// Adds a key that counts as well.
    #[must_use]
    pub fn and(self, name: impl Into<Cow<'static, str>>, secret: impl Into<Secret>) -> Self {
        self.push(name.into(), secret.into(), None)
    }

    /// Adds a key that counts until (and including) a moment: the grace period of a rolled secret.
    #[must_use]
    pub fn and_until(
        self,
        name: impl Into<Cow<'static, str>>,
        secret: impl Into<Secret>,
        not_after: OffsetDateTime,
    ) -> Self {
        self.push(name.into(), secret.into(), Some(not_after))
    }

    /// Sets one of the sender's other parameters.
    #[must_use]
    pub fn with(mut self, param: Param, value: impl Into<Secret>) -> Self {
        self.params.insert(param, value.into());
        self
    }

    /// Accepts secrets below 16 bytes. A short secret can be guessed offline from one captured request; only for a
    /// sender that gives no choice, and for tests with published secrets.
    #[must_use]
    pub const fn insecure_allow_short_secrets(mut self) -> Self {
        self.allow_short = true;
        self
    }

    /// The keys, the current one first.
    #[must_use]
    pub fn keys(&self) -> &[NamedKey] {
        &self.keys
    }

    /// One of the sender's other parameters.
    #[must_use]
    pub fn param(&self, param: Param) -> Option<&Secret> {
        self.params.get(&param)
    }

    /// All of the sender's other parameters.
    pub(crate) const fn params(&self) -> &BTreeMap<Param, Secret> {
        &self.params
    }

    /// Whether secrets below 16 bytes were explicitly allowed.
    #[must_use]
    pub const fn allows_short_secrets(&self) -> bool {
        self.allow_short
    }

    fn push(
        mut self,
        name: Cow<'static, str>,
        secret: Secret,
        not_after: Option<OffsetDateTime>,
    ) -> Self {
        self.keys.push(NamedKey {
            name,
            secret,
            not_after,
            is_of_set: false,
        });
        self
    }
}

/// One key of a [`Keyring`].
#[derive(Clone, Debug)]
pub struct NamedKey {
    name: Cow<'static, str>,
    secret: Secret,
    not_after: Option<OffsetDateTime>,
    is_of_set: bool,
}

/// A JWK Set, its keys as they stand there.
#[derive(serde::Deserialize)]
struct JwkSet<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

/// What a JWK is for.
#[derive(serde::Deserialize)]
struct JwkPurpose {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    /// Of a private key.
    d: Option<IgnoredAny>,
}

impl JwkPurpose {
    fn verifies(&self) -> bool {
        let operations = self.key_ops.as_ref();
        matches!(&*self.kty, "RSA" | "EC" | "OKP")
            && self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && operations.is_none_or(|all| all.iter().any(|one| one == "verify"))
    }
}

const MOST_JWKS: usize = 100;

impl NamedKey {
    /// The name by which logs and metrics call this key; not secret.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's text as the sender shows it.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Whether it is one of a set, which may hold keys of other kinds.
    pub(crate) const fn is_of_set(&self) -> bool {
        self.is_of_set
    }

    /// The last moment at which this key counts.
    #[must_use]
    pub const fn not_after(&self) -> Option<OffsetDateTime> {
        self.not_after
    }
}

/// A parameter of a sender that is not a signing key.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Param {
    /// The URL the sender was given, where it is part of what is signed: absolute, exactly as it stands in the sender's
    /// dashboard. It wins over every [`PublicUrl`](crate::PublicUrl) policy.
    PublicUrl,
    /// The token that you chose and a sender repeats in its URL challenge. Compared in constant time; empty is a
    /// [`ConfigError`].
    VerifyToken,
    /// A bearer token of the sender's API, where its keys are given to those alone who have one (eBay). It ends after a
    /// while: then [`Keys::replace`](crate::Keys::replace) the keyring.
    AccessToken,
    /// Your id at the sender's API, where its keys are given to those alone who have one (Plaid).
    ClientId,
    /// The secret of that id.
    ClientSecret,
    /// Your domain at the sender, where its keys are published there, as `acme.kinde.com`.
    Domain,
    /// The topics that this endpoint takes messages of, with white space or commas between them: the ARNs of AWS SNS; of
    /// WebSub the topics you subscribed to, exactly as they stand in the request, without which none is confirmed.
    Topics,
    /// The id that the sender gave this endpoint, where it is part of what is signed (PayPal). Not secret.
    WebhookId,
    /// Whom the sender's tokens are for, the claim `aud`: the audience or app id that you gave the sender.
    Audience,
    /// Who issues the sender's tokens, where each customer has an issuer of its own (LiveKit: the API key).
    Issuer,
    /// The e-mail address of the service account in whose name the sender's tokens are made (Google).
    ServiceAccount,
    /// The bundle id of the app (Apple).
    BundleId,
    /// The id of the app in the store, in digits (Apple, production only).
    AppId,
    /// The environment, as `Production` or `Sandbox` (Apple).
    Environment,
    /// The origins that may deliver, separated by white space, as `eventemitter.example.com` (CloudEvents). Without it
    /// none may.
    AllowedOrigins,
    /// How many requests per minute they may send, as `100`; told to whoever asks. Without it as many as they like.
    AllowedRate,
}

impl Param {
    /// Its name in a configuration and in errors, in lower case with underscores: `webhook_id`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PublicUrl => "public_url",
            Self::VerifyToken => "verify_token",
            Self::AccessToken => "access_token",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::Domain => "domain",
            Self::Topics => "topics",
            Self::WebhookId => "webhook_id",
            Self::Audience => "audience",
            Self::Issuer => "issuer",
            Self::ServiceAccount => "service_account",
            Self::BundleId => "bundle_id",
            Self::AppId => "app_id",
            Self::Environment => "environment",
            Self::AllowedOrigins => "allowed_origins",
            Self::AllowedRate => "allowed_rate",
        }
    }

    /// Whether no answer may tell it.
    pub(crate) const fn is_secret(self) -> bool {
        !matches!(self, Self::AllowedRate)
    }
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
