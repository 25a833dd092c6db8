//! [`Keys`]: the keyring of one scheme, checked and made ready, and exchangeable while requests come in.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use time::OffsetDateTime;

use super::{
    Encoding, Scheme,
    algorithm::Prepared,
    encoding,
    prepare::{method_of, prepare, split_id},
};
use crate::{
    error::{ConfigError, ConfigErrorKind},
    secret::{Keyring, NamedKey, Param, Secret},
};

/// A handle to the keys in use. Cheap to clone; every clone sees a [`replace`](Self::replace), so secrets can be rolled
/// without a restart. Prints key names only.
#[derive(Clone)]
pub struct Keys {
    scheme: Arc<Scheme>,
    current: Arc<RwLock<Arc<Ring>>>,
}

impl Keys {
    /// Checks a keyring against a scheme and makes it ready.
    ///
    /// # Errors
    /// [`ConfigErrorKind::Key`] when there is no key, or one is empty, padded, shorter than 16 bytes, undecodable or
    /// of another kind; [`ConfigErrorKind::Feature`] when a key's algorithm is not built in; [`ConfigErrorKind::Param`]
    /// when a parameter of the sender is missing or unusable. The message names the key and never holds any of it.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a keyring that is given away is wiped here"
    )]
    pub fn new(scheme: &Scheme, keyring: Keyring) -> Result<Self, ConfigError> {
        Self::shared(Arc::new(scheme.clone()), &keyring)
    }

    /// No keys: nothing ever matches.
    #[cfg(feature = "tenants")]
    pub(super) fn none(scheme: Arc<Scheme>) -> Self {
        Self {
            scheme,
            current: Arc::new(RwLock::new(Arc::new(Ring {
                keys: Box::default(),
                public_url: None,
                verify_token: None,
            }))),
        }
    }

    pub(super) fn shared(scheme: Arc<Scheme>, keyring: &Keyring) -> Result<Self, ConfigError> {
        let ring = Ring::new(&scheme, keyring)?;
        Ok(Self {
            scheme,
            current: Arc::new(RwLock::new(Arc::new(ring))),
        })
    }

    /// Puts another keyring in place of the current one, for all requests that are verified from now on.
    ///
    /// # Errors
    /// As for [`new`](Self::new); the current keys then stay.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a keyring that is given away is wiped here"
    )]
    pub fn replace(&self, keyring: Keyring) -> Result<(), ConfigError> {
        let ring = Arc::new(Ring::new(&self.scheme, &keyring)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    pub(super) fn current(&self) -> Arc<Ring> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The MAC of a text by the key of this name, else by the first key, in this encoding; `None` where the key makes no
    /// MACs.
    pub(crate) fn mac(&self, name: Option<&str>, text: &str, encoding: Encoding) -> Option<String> {
        let ring = self.current();
        let mac = ring
            .key(name)?
            .prepared
            .mac(&|sink| sink(text.as_bytes()))?;
        encoding::encode(encoding, mac.as_slice())
    }

    /// The public id of the key of this name, else of the first key.
    pub(crate) fn key_id(&self, name: Option<&str>) -> Option<String> {
        self.current().key(name)?.id.as_deref().map(str::to_owned)
    }

    /// One of the sender's other parameters, as the current keyring has it.
    pub(crate) fn param(&self, param: Param) -> Option<Secret> {
        let ring = self.current();
        match param {
            Param::PublicUrl => ring.public_url.as_deref().map(Secret::from),
            Param::VerifyToken => ring.verify_token.clone(),
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ring = self.current();
        let names: Vec<&str> = ring.keys.iter().map(|key| &*key.name).collect();
        f.debug_struct("Keys")
            .field("scheme", &self.scheme.name)
            .field("keys", &names)
            .finish()
    }
}

/// A keyring made ready.
#[derive(Debug)]
pub(super) struct Ring {
    pub(super) keys: Box<[Key]>,
    pub(super) public_url: Option<Box<str>>,
    verify_token: Option<Secret>,
}

/// One key, which serves one method.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: Arc<str>,
    /// The public id, where the sender's keys have one.
    pub(super) id: Option<Box<str>>,
    /// The position of its method in the scheme.
    pub(super) method: usize,
    pub(super) prepared: Prepared,
    /// The last moment that the keyring says.
    not_after: Option<OffsetDateTime>,
    /// The first and last moment of its certificate.
    valid: Option<(OffsetDateTime, OffsetDateTime)>,
}

impl Key {
    pub(super) fn counts_at(&self, now: OffsetDateTime) -> bool {
        let valid = |(first, last)| first <= now && now <= last;
        self.not_after.is_none_or(|last| now <= last) && self.valid.is_none_or(valid)
    }

    /// The id by which requests name this key: its public id, else its name in the keyring.
    pub(super) fn public_id(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name)
    }
}

impl Ring {
    /// The keys that count at this moment, and their positions.
    pub(super) fn counting_at(&self, now: OffsetDateTime) -> impl Iterator<Item = (usize, &Key)> {
        let keys = self.keys.iter().enumerate();
        keys.filter(move |(_, key)| key.counts_at(now))
    }

    /// The key of this name, else the first.
    fn key(&self, name: Option<&str>) -> Option<&Key> {
        let named = name.and_then(|name| self.keys.iter().find(|key| *key.name == *name));
        named.or_else(|| self.keys.first())
    }

    pub(super) fn new(scheme: &Scheme, keyring: &Keyring) -> Result<Self, ConfigError> {
        if keyring.keys().is_empty() && !scheme.methods.is_empty() {
            return Err(ConfigError::new(
                ConfigErrorKind::Key,
                format!("{} needs a key and the keyring has none", scheme.name),
            ));
        }
        let short = keyring.allows_short_secrets();
        let made = keyring.keys().iter().map(|key| {
            let made = Key::new(scheme, key, short);
            // A set may hold keys of other kinds, for other purposes.
            let passes = key.is_of_set() && made.as_ref().is_err_and(is_of_key);
            (!passes).then_some(made)
        });
        let keys = made.flatten().collect::<Result<Box<[Key]>, _>>()?;
        if keys.is_empty() && !scheme.methods.is_empty() {
            return Err(ConfigError::new(
                ConfigErrorKind::Key,
                format!("no key of the set can be one of {}", scheme.name),
            ));
        }
        Ok(Self {
            keys,
            public_url: keyring
                .param(Param::PublicUrl)
                .map(public_url)
                .transpose()?,
            verify_token: verify_token(scheme, keyring)?,
        })
    }
}

impl Key {
    fn new(scheme: &Scheme, key: &NamedKey, short: bool) -> Result<Self, ConfigError> {
        let (index, method) = method_of(scheme, key.secret().expose()).ok_or_else(|| {
            let prefixes: Vec<&str> = scheme
                .methods
                .iter()
                .map(|method| &*method.key.prefix)
                .collect();
            refusal(
                key.name(),
                &format!("does not begin with {}", prefixes.join(" or ")),
            )
        })?;
        if method.algorithm.is_public_key() && cfg!(not(feature = "asymmetric")) {
            return Err(ConfigError::new(
                ConfigErrorKind::Feature,
                format!(
                    "key {} of {} needs the cargo feature `asymmetric` of hooklatch",
                    key.name(),
                    scheme.name
                ),
            ));
        }
        let fault = |reason| refusal(key.name(), reason);
        let (id, secret) = split_id(&method.key, key.secret()).map_err(fault)?;
        let ready = prepare(method, &secret, short).map_err(fault)?;
        Ok(Self {
            name: key.name().into(),
            id,
            method: index,
            prepared: ready.prepared,
            not_after: key.not_after(),
            valid: ready.valid,
        })
    }
}

fn is_of_key(error: &ConfigError) -> bool {
    error.kind() == ConfigErrorKind::Key
}

fn refusal(name: &str, reason: &str) -> ConfigError {
    ConfigError::new(ConfigErrorKind::Key, format!("key {name} {reason}"))
}

fn public_url(url: &Secret) -> Result<Box<str>, ConfigError> {
    let text = str::from_utf8(url.expose()).ok().filter(|text| {
        let uri = text.parse::<http::Uri>();
        uri.is_ok_and(|uri| uri.scheme().is_some() && uri.host().is_some())
    });
    let fault = || {
        ConfigError::new(
            ConfigErrorKind::Param,
            "public_url is not an absolute URL, as https://example.com/hooks",
        )
    };
    text.map(Box::from).ok_or_else(fault)
}

fn verify_token(scheme: &Scheme, keyring: &Keyring) -> Result<Option<Secret>, ConfigError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_debug_hold_no_secret() {
        let keyring = Keyring::new("sk_live_0123456789abcdef");
        let error = Keys::new(&Scheme::HMAC_SHA256, keyring).unwrap_err();
        assert_eq!(error.kind(), ConfigErrorKind::Key);
        assert!(!format!("{error:?} {error}").contains("0123"));
        let keys = Keys::new(&Scheme::HMAC_SHA256, Keyring::new("0123456789abcdef")).unwrap();
        assert!(format!("{keys:?}").contains("current"));
        assert!(!format!("{keys:?} {:?}", keys.current()).contains("0123"));
        assert!(Keys::new(&Scheme::HMAC_SHA256, Keyring::empty()).is_err());
    }

    #[test]
    fn a_refused_replacement_leaves_the_keys() {
        let keys = Keys::new(&Scheme::HMAC_SHA256, Keyring::new("0123456789abcdef")).unwrap();
        assert!(keys.replace(Keyring::new("short")).is_err());
        assert_eq!(&*keys.current().keys[0].name, "current");
        assert!(
            keys.replace(Keyring::empty().and("next", "fedcba9876543210"))
                .is_ok()
        );
        assert_eq!(&*keys.current().keys[0].name, "next");
    }
}
