//! [`Keys`]: the keyring of one scheme, checked and made ready, and exchangeable while requests come in.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use time::OffsetDateTime;

use super::{
    Encoding, Jws, KeyPlace, Method, Part, Scheme,
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

/// Gives the chance back on drop.
pub(crate) struct Learning(Keys);

impl Learning {
    /// Makes this secret the key, beside the parameters there are.
    pub(crate) fn finish(self, secret: &Secret) -> Result<(), ConfigError> {
        let keys = &self.0;
        let keyring = Keyring::new(secret.clone());
        let ready = keyring.keys().iter().enumerate();
        let ready = ready.map(|(position, key)| Key::all(&keys.scheme, key, position, false));
        let ready: Vec<Vec<Key>> = ready.collect::<Result<_, _>>()?;
        let mut current = keys.current.write().unwrap_or_else(PoisonError::into_inner);
        // Its owner may have put keys there meanwhile; those count.
        if current.keys.is_empty() {
            *current = Arc::new(current.with_keys(ready.into_iter().flatten().collect()));
        }
        Ok(())
    }
}

impl Drop for Learning {
    fn drop(&mut self) {
        self.0.learning.store(false, Ordering::Release);
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
    fn with_keys(&self, keys: Arc<[Key]>) -> Self {
        Self {
            keys,
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

/// Whether there is all that fetching the keys takes.
fn fetchable(scheme: &Scheme, keyring: &Keyring) -> Result<(), ConfigError> {
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
                "{} needs the parameter {param:?} to fetch its keys",
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
fn topics(scheme: &Scheme, keyring: &Keyring) -> Result<Box<[Topic]>, ConfigError> {
    let Some(allowed) = &scheme.allowed else {
        return Ok(Box::default());
    };
    let fault = |what: &str| {
        let message = format!("{:?} of {} {what}", allowed.param, scheme.name);
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

fn public_url(scheme: &Scheme, keyring: &Keyring) -> Result<Option<Box<str>>, ConfigError> {
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
fn check_params(scheme: &Scheme, keyring: &Keyring) -> Result<(), ConfigError> {
    for param in scheme.proof.jws().into_iter().flat_map(Jws::params) {
        let value = keyring.param(param).map(Secret::expose);
        if value.is_none_or(|value| value.trim_ascii().is_empty()) {
            return Err(ConfigError::new(
                ConfigErrorKind::Param,
                format!(
                    "{} needs the parameter {param:?}: its tokens name it",
                    scheme.name
                ),
            ));
        }
    }
    Ok(())
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

/// The parameters that the content of a scheme holds.
pub(super) fn signed_params(
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
                    "{param:?} of {} is missing: it is part of what is signed",
                    scheme.name
                ),
            )
        };
        Ok((param, value.ok_or_else(fault)?.clone()))
    };
    params.map(value).collect()
}

/// Keys that were fetched, made ready. Cheap to clone.
#[cfg(feature = "discovery")]
#[derive(Clone, Debug)]
pub(crate) struct FetchedKeys {
    keys: Arc<[Key]>,
    /// Whether requests do not name their key.
    is_any: bool,
}

#[cfg(feature = "discovery")]
impl FetchedKeys {
    /// Those of the keys that the scheme can use.
    pub(super) fn new(scheme: &Scheme, keyring: &Keyring) -> Result<Self, ConfigError> {
        let all = keyring.keys().iter();
        let (able, unable): (Vec<_>, Vec<_>) = all
            .enumerate()
            .map(|(position, key)| Key::all(scheme, key, position, false))
            .partition(Result::is_ok);
        if let (true, Some(Err(reason))) = (able.is_empty(), unable.into_iter().next()) {
            return Err(reason);
        }
        Ok(Self {
            keys: able.into_iter().flatten().flatten().collect(),
            is_any: scheme.key_id.is_none(),
        })
    }

    /// Whether the key that a request names is here.
    pub(crate) fn has(&self, id: &str) -> bool {
        let is_named = |key: &Key| self.is_any || *key.name == *id;
        self.keys.iter().any(is_named)
    }
}

#[cfg(feature = "discovery")]
impl Keys {
    /// These keys, and the parameters of the current ones.
    pub(super) fn with_fetched(&self, fetched: &FetchedKeys) -> Self {
        let ring = self.current().with_keys(Arc::clone(&fetched.keys));
        Self {
            scheme: Arc::clone(&self.scheme),
            current: Arc::new(RwLock::new(Arc::new(ring))),
            learning: Arc::default(),
        }
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
