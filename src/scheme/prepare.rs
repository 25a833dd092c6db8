//! From the text of a key to one that is ready: checked, taken out of its wrapping, and refused where it is recognisably
//! something else.

use sha1::{Digest as _, Sha1};
use zeroize::Zeroizing;

use super::{
    Algorithm, Derivation, Encoding, KeyFormat, Method, Scheme, algorithm::Prepared, encoding,
    header::is_graphic,
};
#[cfg(feature = "asymmetric")]
use super::{certificate::Certificate, pem};
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
    #[cfg(feature = "asymmetric")]
    if let Some(certificate) = certificate(text) {
        return Ok(certificate?.spki().to_vec());
    }
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

/// The certificate that a key is given as, if it is; of several the first.
#[cfg(feature = "asymmetric")]
pub(super) fn certificate(text: &[u8]) -> Option<Result<Certificate, &'static str>> {
    let is_certificate = pem::label(text) == Some(pem::CERTIFICATE);
    is_certificate.then(|| Certificate::from_pem(text))
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
}
