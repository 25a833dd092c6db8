//! [`Keys`]: the keyring of one scheme, checked and made ready, and exchangeable while requests come in.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use sha1::{Digest as _, Sha1};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::{
    Algorithm, Derivation, Encoding, KeyFormat, Method, Scheme, algorithm::Prepared, encoding,
    header::is_graphic,
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
    not_after: Option<OffsetDateTime>,
}

impl Key {
    pub(super) fn counts_at(&self, now: OffsetDateTime) -> bool {
        self.not_after.is_none_or(|last| now <= last)
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
        let keys = keyring
            .keys()
            .iter()
            .map(|key| Key::new(scheme, key, short))
            .collect::<Result<_, _>>()?;
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
        let prepared = prepare(method, &secret, short).map_err(fault)?;
        Ok(Self {
            name: key.name().into(),
            id,
            method: index,
            prepared,
            not_after: key.not_after(),
        })
    }
}

fn refusal(name: &str, reason: &str) -> ConfigError {
    ConfigError::new(ConfigErrorKind::Key, format!("key {name} {reason}"))
}

/// The one method a key serves: that whose prefix it has, else the first that does without one.
pub(super) fn method_of<'s>(scheme: &'s Scheme, secret: &[u8]) -> Option<(usize, &'s Method)> {
    let methods = || scheme.methods.iter().enumerate();
    let prefixed = |method: &Method| {
        !method.key.prefix.is_empty() && secret.starts_with(method.key.prefix.as_bytes())
    };
    methods()
        .find(|(_, method)| prefixed(method))
        .or_else(|| methods().find(|(_, method)| !method.key.prefix_required))
}

/// The public id in front of a key, and the key without it.
pub(super) fn split_id(
    format: &KeyFormat,
    secret: &Secret,
) -> Result<(Option<Box<str>>, Secret), &'static str> {
    let Some(separator) = format.id_before else {
        return Ok((None, secret.clone()));
    };
    let text = str::from_utf8(secret.expose()).map_err(|_| "is not text")?;
    let parts = text.split_once(separator).filter(|(id, _)| !id.is_empty());
    let (id, key) = parts.ok_or("has no public id in front of it")?;
    if !is_graphic(id.as_bytes()) {
        return Err("has a public id of other than visible ASCII");
    }
    Ok((Some(id.into()), key.into()))
}

/// Checks a key and makes it ready.
pub(super) fn prepare(
    method: &Method,
    secret: &Secret,
    short: bool,
) -> Result<Prepared, &'static str> {
    let text = secret.expose();
    if method.algorithm.is_public_key() {
        let key = public_key(&method.key, text)?;
        return Prepared::new(method.algorithm, method.encoding, &key);
    }
    check_text(text)?;
    if method.algorithm != Algorithm::Token {
        check_kind(&method.key, text)?;
    }
    let text = without_prefix(&method.key, text);
    let key = encoding::decode_key(method.key.encoding, text)
        .ok_or("is not written as the sender writes its keys")?;
    check_key(method, &key, short)?;
    let key = derived(method.key.derivation, key);
    Prepared::new(method.algorithm, method.encoding, &key)
}

fn derived(derivation: Derivation, secret: Zeroizing<Vec<u8>>) -> Zeroizing<Vec<u8>> {
    match derivation {
        Derivation::None => secret,
        Derivation::Sha1 => Zeroizing::new(Sha1::digest(&*secret).to_vec()),
    }
}

fn check_text(text: &[u8]) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("is empty");
    }
    if text.trim_ascii().is_empty() {
        return Err("is nothing but whitespace");
    }
    if text.trim_ascii() != text {
        return Err("begins or ends with whitespace; a stray newline is the usual reason");
    }
    if text.iter().any(u8::is_ascii_control) && !text.starts_with(PEM) {
        return Err("contains a control character");
    }
    Ok(())
}

/// Refuses what is recognisably not a secret for this method.
fn check_kind(format: &KeyFormat, text: &[u8]) -> Result<(), &'static str> {
    let rest = without_prefix(format, text);
    for (prefix, reason) in FOREIGN {
        if rest.starts_with(prefix.as_bytes()) {
            return Err(reason);
        }
    }
    if format.encoding != Encoding::Text && rest.starts_with(b"whsec_") {
        return Err("begins with whsec_, which is not how this sender writes its keys");
    }
    // A public key is no secret: as the key of an HMAC it would let anybody sign.
    if encoding::decode_key(Encoding::Base64, rest).is_some_and(|key| is_spki(&key))
        || is_spki(rest)
    {
        return Err("is a public key, not a secret");
    }
    Ok(())
}

fn check_key(method: &Method, key: &[u8], short: bool) -> Result<(), &'static str> {
    if key.is_empty() {
        return Err("is empty");
    }
    if key.len() < SHORTEST && !short {
        return Err(
            "is shorter than 16 bytes and could be guessed; a sender's own test secret may be allowed with \
                    Keyring::insecure_allow_short_secrets",
        );
    }
    if is_spki(key) {
        return Err("is a public key, not a secret");
    }
    if method.algorithm == Algorithm::Token {
        if method.encoding == Encoding::Text && !key.iter().all(|byte| matches!(byte, b' '..=b'~'))
        {
            return Err("is a token of other than visible ASCII, which no header can carry");
        }
        if method.is_basic() && !key.contains(&b':') {
            return Err("is not `user:password`");
        }
    }
    Ok(())
}

impl Method {
    /// Whether this is HTTP Basic authentication (RFC 7617).
    pub(super) fn is_basic(&self) -> bool {
        self.algorithm == Algorithm::Token && self.tag.eq_ignore_ascii_case("basic ")
    }
}

/// The bytes of a public key: PEM whatever the format says, else as the format says.
fn public_key(format: &KeyFormat, text: &[u8]) -> Result<Vec<u8>, &'static str> {
    if text.trim_ascii().starts_with(PEM) {
        return pem(text.trim_ascii());
    }
    check_text(text)?;
    for (prefix, reason) in FOREIGN {
        if !format.prefix.starts_with(prefix) && text.starts_with(prefix.as_bytes()) {
            return Err(reason);
        }
    }
    let key = encoding::decode_key(format.encoding, without_prefix(format, text));
    key.map(|key| key.to_vec())
        .ok_or("is not written as the sender writes its public keys")
}

/// The bytes of a `PUBLIC KEY` block.
fn pem(text: &[u8]) -> Result<Vec<u8>, &'static str> {
    let block = text
        .strip_prefix(PEM_START)
        .and_then(|rest| rest.strip_suffix(PEM_END));
    let base64: Vec<u8> = block
        .ok_or("is PEM, but not one block of a PUBLIC KEY")?
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let key = encoding::decode_key(Encoding::Base64, &base64);
    key.map(|key| key.to_vec())
        .ok_or("is PEM that cannot be decoded")
}

fn without_prefix<'k>(format: &KeyFormat, text: &'k [u8]) -> &'k [u8] {
    text.strip_prefix(format.prefix.as_bytes()).unwrap_or(text)
}

/// Whether bytes look like a SubjectPublicKeyInfo (RFC 5280): a sequence that begins with a sequence that begins with
/// an object identifier, all of it as long as it says.
fn is_spki(bytes: &[u8]) -> bool {
    let Some((rest, len)) = sequence(bytes) else {
        return false;
    };
    rest.len() == len && sequence(rest).is_some_and(|(inner, _)| inner.first() == Some(&0x06))
}

/// What follows the head of a DER sequence, and the length the head tells.
fn sequence(bytes: &[u8]) -> Option<(&[u8], usize)> {
    match bytes {
        [0x30, 0x82, high, low, rest @ ..] => {
            Some((rest, usize::from(u16::from_be_bytes([*high, *low]))))
        }
        [0x30, 0x81, len, rest @ ..] => Some((rest, usize::from(*len))),
        [0x30, len @ ..=0x7f, rest @ ..] => Some((rest, usize::from(*len))),
        _ => None,
    }
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

/// Below this a secret could be found by trying, from one captured request.
const SHORTEST: usize = 16;
const PEM: &[u8] = b"-----BEGIN";
const PEM_START: &[u8] = b"-----BEGIN PUBLIC KEY-----";
const PEM_END: &[u8] = b"-----END PUBLIC KEY-----";

/// How keys of other kinds begin, and what to say then.
const FOREIGN: [(&str, &str); 9] = [
    ("v1,whsec_", "begins with v1,whsec_: take off `v1,`"),
    (
        "whpk_",
        "begins with whpk_: it is a public key, which another kind of signature needs",
    ),
    (
        "whpk1_",
        "begins with whpk1_: it is a public key, which another kind of signature needs",
    ),
    (
        "whsk_",
        "begins with whsk_: it is the sender's private key; only the public key (whpk_) belongs here",
    ),
    (
        "whsk1_",
        "begins with whsk1_: it is the sender's private key; only the public key (whpk_) belongs here",
    ),
    (
        "sk_",
        "begins with sk_: it looks like a secret API key, not a webhook secret",
    ),
    (
        "pk_",
        "begins with pk_: it looks like a publishable API key, not a webhook secret",
    ),
    (
        "rk_",
        "begins with rk_: it looks like a restricted API key, not a webhook secret",
    ),
    ("-----BEGIN", "is PEM, not a secret"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const BASE64: Method = Method {
        encoding: Encoding::Base64,
        key: KeyFormat {
            prefix: std::borrow::Cow::Borrowed("whsec_"),
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    };
    const SPKI: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";

    fn prepared(method: &Method, secret: &str) -> Result<Prepared, &'static str> {
        prepare(method, &secret.into(), false)
    }

    #[test]
    fn what_is_not_a_secret_is_refused() {
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{SPKI}\n-----END PUBLIC KEY-----");
        let bad = [
            "",
            " ",
            "\n",
            "0123456789abcdef\n",
            " 0123456789abcdef",
            "0123456789\0abcdef",
            "0123456789abcde",
            "sk_live_0123456789abcdef",
            "pk_live_0123456789abcdef",
            "rk_live_0123456789abcdef",
            "v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
            "whsk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
            SPKI,
            &pem,
        ];
        for secret in bad {
            assert!(
                prepared(&Method::HMAC_SHA256, secret).is_err(),
                "{secret:?} as text"
            );
            assert!(prepared(&BASE64, secret).is_err(), "{secret:?} as base64");
        }
        for secret in [
            "whsec_",
            "whsec_MfKQ",
            "whsec_not base64, is it",
            "whsec_whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ] {
            assert!(prepared(&BASE64, secret).is_err(), "{secret:?}");
        }
        assert!(prepared(&BASE64, &format!("whsec_{SPKI}")).is_err());
    }

    #[test]
    fn secrets_are_taken_as_the_sender_writes_them() {
        assert!(prepared(&Method::HMAC_SHA256, "whsec_test_secret").is_ok());
        assert!(prepared(&BASE64, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_ok());
        assert!(prepared(&BASE64, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_ok());
        assert!(prepare(&Method::HMAC_SHA256, &"short".into(), true).is_ok());
        assert!(prepare(&Method::HMAC_SHA256, &"".into(), true).is_err());
        let basic = &Scheme::BASIC.methods[0];
        assert!(prepared(basic, "user:a long password").is_ok());
        assert!(prepared(basic, "a long user name without").is_err());
    }

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
