//! [`Keys`]: the keyring of one scheme, checked and made ready, and exchangeable while requests come in.

#[cfg(feature = "discovery")]
mod fetched;
mod learning;
mod params;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use time::OffsetDateTime;

#[cfg(feature = "discovery")]
pub(crate) use self::fetched::FetchedKeys;
pub(crate) use self::learning::Learning;
pub(super) use self::params::signed_params;
use self::params::{check_params, fetchable, public_url, topics, verify_token};
use super::{
    Encoding, Method, Scheme,
    algorithm::Prepared,
    discovery::Topic,
    encoding,
    jws::root,
    prepare::{Ready, methods_of, prepare, split_id},
    validity::Validity,
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
    /// Whether a secret that arrived is being looked at.
    learning: Arc<AtomicBool>,
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
                keys: Arc::new([]),
                public_url: None,
                verify_token: None,
                params: BTreeMap::new(),
                topics: Box::default(),
                signed: Box::default(),
                keyring: Arc::new(Keyring::empty()),
            }))),
            learning: Arc::default(),
        }
    }

    pub(super) fn shared(scheme: Arc<Scheme>, keyring: &Keyring) -> Result<Self, ConfigError> {
        let ring = Ring::new(&scheme, keyring)?;
        Ok(Self {
            scheme,
            current: Arc::new(RwLock::new(Arc::new(ring))),
            learning: Arc::default(),
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

    pub(crate) const fn scheme(&self) -> &Arc<Scheme> {
        &self.scheme
    }

    /// The current keyring, as it was given.
    pub(crate) fn keyring(&self) -> Arc<Keyring> {
        Arc::clone(&self.current().keyring)
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
            other => ring.params.get(&other).cloned(),
        }
    }

    /// Whether there is no key, and so nothing that could match.
    pub(crate) fn is_empty(&self) -> bool {
        self.current().keys.is_empty()
    }

    /// The one chance to take a secret that arrives, where there is no key yet; `None` while another has it.
    pub(crate) fn learning(&self) -> Option<Learning> {
        let taken = self.learning.swap(true, Ordering::AcqRel);
        let learning = (!taken).then(|| Learning(self.clone()))?;
        self.is_empty().then_some(learning)
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
    pub(super) keys: Arc<[Key]>,
    pub(super) public_url: Option<Box<str>>,
    verify_token: Option<Secret>,
    /// All parameters.
    params: BTreeMap<Param, Secret>,
    /// The texts of [`Scheme::allowed`] that are topics of AWS.
    topics: Box<[Topic]>,
    /// The parameters that the signed content holds.
    pub(super) signed: Box<[(Param, Secret)]>,
    /// What all of this was made of, by which a request that does not match may be explained.
    keyring: Arc<Keyring>,
}

/// One key as it serves one method.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: Arc<str>,
    /// Its position in the keyring: a key may serve several methods.
    pub(super) position: usize,
    /// The public id, where the sender's keys have one.
    pub(super) id: Option<Box<str>>,
    /// The position of its method in the scheme.
    pub(super) method: usize,
    pub(super) prepared: Prepared,
    /// The last moment that the keyring says.
    not_after: Option<OffsetDateTime>,
    /// What its certificate says, where it came in one.
    valid: Option<Validity>,
}

impl Key {
    /// Whether the key can be that of somebody of this name. What is no certificate names nobody: whoever put it into the
    /// keyring said whose it is.
    pub(super) fn may_be_of(&self, name: &str) -> bool {
        self.valid.as_ref().is_none_or(|valid| valid.is_of(name))
    }

    /// Whether the key's certificate, where it has one, is valid at this moment. That it is not is the request's fault, where
    /// requests name their key: a key that was replaced long ago signed it.
    pub(super) fn is_valid_at(&self, now: OffsetDateTime) -> bool {
        self.valid.as_ref().is_none_or(|valid| valid.holds_at(now))
    }

    pub(super) fn counts_at(&self, now: OffsetDateTime) -> bool {
        self.not_after.is_none_or(|last| now <= last)
    }

    /// The id by which requests name this key: its public id, else its name in the keyring.
    pub(super) fn public_id(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name)
    }
}

impl Ring {
    /// Other keys beside the same parameters.
    fn with_keys(&self, keys: Arc<[Key]>, keyring: Arc<Keyring>) -> Self {
        Self {
            keys,
            keyring,
            public_url: self.public_url.clone(),
            verify_token: self.verify_token.clone(),
            params: self.params.clone(),
            topics: self.topics.clone(),
            signed: self.signed.clone(),
        }
    }

    /// The keys that count at this moment, and their positions.
    pub(super) fn counting_at(&self, now: OffsetDateTime) -> impl Iterator<Item = (usize, &Key)> {
        let keys = self.keys.iter().enumerate();
        keys.filter(move |(_, key)| key.counts_at(now))
    }

    /// One of the sender's other parameters.
    pub(super) fn param(&self, param: Param) -> Option<&Secret> {
        self.params.get(&param)
    }

    /// The topic of this ARN, if it is one of the keyring's.
    pub(super) fn topic(&self, arn: &[u8]) -> Option<&Topic> {
        let mut topics = self.topics.iter();
        topics.find(|topic| topic.arn.as_bytes() == arn)
    }

    /// The key of this name, else the first.
    fn key(&self, name: Option<&str>) -> Option<&Key> {
        let named = name.and_then(|name| self.keys.iter().find(|key| *key.name == *name));
        named.or_else(|| self.keys.first())
    }

    pub(super) fn new(scheme: &Scheme, keyring: &Keyring) -> Result<Self, ConfigError> {
        if keyring.keys().is_empty() && scheme.discovery.is_some() {
            fetchable(scheme, keyring)?;
        } else if keyring.keys().is_empty()
            && !scheme.methods.is_empty()
            && !scheme.learns_its_secret()
        {
            return Err(ConfigError::new(
                ConfigErrorKind::Key,
                format!("{} needs a key and the keyring has none", scheme.name),
            ));
        }
        let short = keyring.allows_short_secrets();
        let made = keyring.keys().iter().enumerate().map(|(position, key)| {
            let made = Key::all(scheme, key, position, short);
            // A set may hold keys of other kinds, for other purposes.
            let passes = key.is_of_set() && made.as_ref().is_err_and(is_of_key);
            (!passes).then_some(made)
        });
        let keys = made.flatten().collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() && !keyring.keys().is_empty() {
            return Err(ConfigError::new(
                ConfigErrorKind::Key,
                format!("no key of the set can be one of {}", scheme.name),
            ));
        }
        check_params(scheme, keyring)?;
        Ok(Self {
            keys: keys.into_iter().flatten().collect(),
            topics: topics(scheme, keyring)?,
            params: keyring.params().clone(),
            public_url: public_url(scheme, keyring)?,
            verify_token: verify_token(scheme, keyring)?,
            signed: signed_params(scheme, keyring)?,
            keyring: Arc::new(keyring.clone()),
        })
    }
}

impl Key {
    /// The key, once for each method it serves. Where a request names its method, that is each one that it can serve:
    /// which of them made a signature, its key and its name have to agree on.
    fn all(
        scheme: &Scheme,
        key: &NamedKey,
        position: usize,
        short: bool,
    ) -> Result<Vec<Self>, ConfigError> {
        let new = |method| Self::new(scheme, key, position, method, short);
        if scheme.proof.jws().is_some() || scheme.method_id.is_some() {
            let methods = scheme.methods.iter().enumerate();
            let (able, unable): (Vec<_>, Vec<_>) = methods.map(new).partition(Result::is_ok);
            return match unable.into_iter().next() {
                Some(Err(reason)) if able.is_empty() => Err(reason),
                _ => Ok(able.into_iter().flatten().collect()),
            };
        }
        let methods = methods_of(scheme, key.secret().expose());
        let keys: Vec<Self> = methods.map(new).collect::<Result<_, _>>()?;
        if keys.is_empty() {
            let prefixes = scheme.methods.iter().map(|method| &*method.key.prefix);
            let prefixes: Vec<&str> = prefixes.collect();
            return Err(refusal(
                key.name(),
                &format!("does not begin with {}", prefixes.join(" or ")),
            ));
        }
        Ok(keys)
    }

    fn new(
        scheme: &Scheme,
        key: &NamedKey,
        position: usize,
        (index, method): (usize, &Method),
        short: bool,
    ) -> Result<Self, ConfigError> {
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
        let chain = scheme.proof.jws().and_then(|jws| jws.chain.as_ref());
        let ready = match chain {
            Some(_) => root(secret.expose()).map(Ready::always),
            None => prepare(method, &secret, short),
        };
        let ready = ready.map_err(fault)?;
        Ok(Self {
            name: key.name().into(),
            position,
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
