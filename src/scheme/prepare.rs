//! From the text of a key to one that is ready: checked, taken out of its wrapping, and refused where it is recognisably
//! something else.

use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::{
    Algorithm, Derivation, Encoding, KeyFormat, Method, Scheme, algorithm::Prepared,
    ascii::is_graphic, encoding, pem, validity::Validity,
};
use crate::secret::Secret;

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

/// The methods a key serves: that one, and the other HMACs that take the same key.
pub(super) fn methods_of<'s>(
    scheme: &'s Scheme,
    secret: &[u8],
) -> impl Iterator<Item = (usize, &'s Method)> {
    let found = method_of(scheme, secret);
    let others = scheme
        .methods
        .iter()
        .enumerate()
        .filter(move |(index, method)| {
            found.is_some_and(|(first, own)| first != *index && own.shares_key(method))
        });
    found.into_iter().chain(others)
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

/// A key made ready, and what its certificate says, where it came in one.
pub(super) struct Ready {
    pub(super) prepared: Prepared,
    pub(super) valid: Option<Validity>,
}

impl Ready {
    /// A key that says nothing of when it counts.
    pub(super) const fn always(prepared: Prepared) -> Self {
        Self {
            prepared,
            valid: None,
        }
    }
}

/// Checks a key and makes it ready.
pub(super) fn prepare(
    method: &Method,
    secret: &Secret,
    short: bool,
) -> Result<Ready, &'static str> {
    let text = secret.expose();
    if method.algorithm.is_public_key() {
        return public_key(method, text);
    }
    let prepared = shared_secret(method, text, short)?;
    let valid = None;
    Ok(Ready { prepared, valid })
}

fn shared_secret(method: &Method, text: &[u8], short: bool) -> Result<Prepared, &'static str> {
    check_text(text)?;
    if method.algorithm != Algorithm::Token {
        check_kind(&method.key, text)?;
    }
    let text = without_prefix(&method.key, text);
    let key = encoding::decode_key(method.key.encoding, text)
        .ok_or_else(|| unreadable(method.key.encoding))?;
    check_key(method, &key, short)?;
    let mut key = derived(method.key.derivation, key)?;
    key.extend_from_slice(method.key.suffix.as_bytes());
    Prepared::new(method.algorithm, method.encoding, &key)
}

/// What a key that cannot be decoded should be.
const fn unreadable(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Hex | Encoding::HexUpper | Encoding::HexAnyCase => {
            "is not written as the sender writes its keys: in hexadecimal"
        }
        Encoding::Base64 => "is not written as the sender writes its keys: in base64",
        Encoding::Base64Url | Encoding::Base64UrlPadded => {
            "is not written as the sender writes its keys: in URL-safe base64"
        }
        Encoding::Base64OfHex => {
            "is not written as the sender writes its keys: in hexadecimal, and that in base64"
        }
        Encoding::Text => "is not written as the sender writes its keys",
    }
}

fn derived(
    derivation: Derivation,
    secret: Zeroizing<Vec<u8>>,
) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    Ok(match derivation {
        Derivation::None => secret,
        Derivation::Sha1 => Zeroizing::new(Sha1::digest(&*secret).to_vec()),
        Derivation::Nfkd if secret.is_ascii() => secret,
        Derivation::Nfkd => {
            let text = str::from_utf8(&secret).map_err(|_| "is not text")?;
            let normal = Zeroizing::new(text.nfkd().collect::<String>());
            Zeroizing::new(normal.as_bytes().to_vec())
        }
        Derivation::Sha256 => Zeroizing::new(Sha256::digest(&*secret).to_vec()),
    })
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
    if text.iter().any(u8::is_ascii_control) && !pem::is_pem(text) {
        return Err("contains a control character");
    }
    Ok(())
}

/// Refuses what is recognisably not a secret for this method.
fn check_kind(format: &KeyFormat, text: &[u8]) -> Result<(), &'static str> {
    let rest = without_prefix(format, text);
    let is_own = |prefix: &str| format.prefix_kept && format.prefix.starts_with(prefix);
    for (prefix, reason) in FOREIGN {
        if rest.starts_with(prefix.as_bytes()) && !is_own(prefix) {
            return Err(reason);
        }
    }
    if format.encoding != Encoding::Text && rest.starts_with(b"whsec_") {
        return Err("begins with whsec_, which is not how this sender writes its keys");
    }
    // A public key is no secret: as the key of an HMAC it would let anybody sign.
    if encoding::decode_key(Encoding::Base64, rest).is_some_and(|key| is_public(&key))
        || is_public(rest)
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
    if is_public(key) {
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
    /// Whether one key serves this method and another: both are HMACs, and the key is written in the same way.
    pub(super) fn shares_key(&self, other: &Self) -> bool {
        self.algorithm.is_hmac() && other.algorithm.is_hmac() && self.key == other.key
    }

    /// Whether this is HTTP Basic authentication (RFC 7617).
    pub(super) fn is_basic(&self) -> bool {
        self.algorithm == Algorithm::Token && self.tag.eq_ignore_ascii_case("basic ")
    }
}

/// A public key in any of the texts that senders give.
#[cfg(feature = "asymmetric")]
fn public_key(method: &Method, text: &[u8]) -> Result<Ready, &'static str> {
    let text = without_prefix(&method.key, text);
    if !pem::is_pem(text) && !text.starts_with(b"{") {
        check_text(text)?;
    }
    for (prefix, reason) in FOREIGN {
        let is_own = method.key.prefix.starts_with(prefix) || prefix == PEM;
        if !is_own && text.starts_with(prefix.as_bytes()) {
            return Err(reason);
        }
    }
    let mut refusal = "is not written as the sender writes its public keys";
    for candidate in super::key_text::candidates(method.algorithm, &method.key, text)? {
        match Prepared::new(method.algorithm, method.encoding, &candidate.key) {
            Ok(prepared) => {
                let valid = candidate.valid;
                return Ok(Ready { prepared, valid });
            }
            Err(reason) => refusal = reason,
        }
    }
    Err(refusal)
}

#[cfg(not(feature = "asymmetric"))]
fn public_key(method: &Method, text: &[u8]) -> Result<Ready, &'static str> {
    let prepared = Prepared::new(method.algorithm, method.encoding, text)?;
    let valid = None;
    Ok(Ready { prepared, valid })
}

fn without_prefix<'k>(format: &KeyFormat, text: &'k [u8]) -> &'k [u8] {
    if format.prefix_kept {
        return text;
    }
    text.strip_prefix(format.prefix.as_bytes()).unwrap_or(text)
}

/// Whether bytes look like a public key: a SubjectPublicKeyInfo or certificate (RFC 5280) or an RSA key of PKCS #1 in
/// DER, each a sequence that is as long as it says and begins with what such a key begins with; or a JWK.
fn is_public(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"{") && bytes.windows(KTY.len()).any(|text| text == KTY) {
        return true;
    }
    let Some((rest, len)) = sequence(bytes) else {
        return false;
    };
    // A sequence that begins with an object identifier, a version or a serial number; a long integer.
    let inner = |(inner, _): (&[u8], usize)| matches!(inner.first(), Some(0x06 | 0xa0 | 0x02));
    rest.len() == len
        && (sequence(rest).is_some_and(inner) || matches!(rest, [0x02, 0x81..=0x82, ..]))
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

/// Below this a secret could be found by trying, from one captured request.
const SHORTEST: usize = 16;
/// The member of a JWK that says what kind of key it is.
const KTY: &[u8] = b"\"kty\"";
#[cfg(feature = "asymmetric")]
const PEM: &str = "-----BEGIN";

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

    fn prepared(method: &Method, secret: &str) -> Result<Ready, &'static str> {
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
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
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
}
