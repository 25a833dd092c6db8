//! One public key as JSON, a JWK (RFC 7517; RFC 7518, section 6; RFC 8037). Pure.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::IgnoredAny};
use x509_cert::der::{Encode as _, asn1::UintRef};

use super::{Algorithm, public_key::Pkcs1};

/// The members that count. One that repeats is refused: two readers could see two keys.
#[derive(Deserialize)]
pub(super) struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// Of a private key.
    d: Option<IgnoredAny>,
}

impl Jwk {
    pub(super) fn parse(text: &[u8]) -> Result<Self, &'static str> {
        serde_json::from_slice(text).map_err(|_| "is not a JWK, a key as JSON")
    }

    /// The key as bytes, if it is one to verify signatures of this algorithm with.
    pub(super) fn key_for(&self, algorithm: Algorithm) -> Result<Vec<u8>, &'static str> {
        if self.d.is_some() {
            return Err("is a private key; only the sender's public key belongs here");
        }
        let signs = self.usage.as_deref().is_none_or(|usage| usage == "sig");
        let verifies = |operations: &Vec<String>| operations.iter().any(|one| one == "verify");
        if !signs || !self.key_ops.as_ref().is_none_or(verifies) {
            return Err("is a JWK that is not for signatures");
        }
        let names = names(algorithm);
        let alg = self.alg.as_deref();
        if alg.is_some_and(|alg| !names.alg.contains(&alg)) {
            return Err("is a JWK of another algorithm than the sender's");
        }
        if self.kty != names.kty || self.crv.as_deref() != names.crv {
            return Err("is a JWK of another kind or curve than the sender's algorithm needs");
        }
        match names.kty {
            "RSA" => rsa(&decoded(self.n.as_deref())?, &decoded(self.e.as_deref())?),
            "EC" => point(
                &decoded(self.x.as_deref())?,
                &decoded(self.y.as_deref())?,
                algorithm,
            ),
            _ => decoded(self.x.as_deref()),
        }
    }
}

/// What a JWK for an algorithm calls it, its kind and its curve.
struct Names {
    kty: &'static str,
    crv: Option<&'static str>,
    alg: &'static [&'static str],
}

const fn names(algorithm: Algorithm) -> Names {
    let (kty, crv, alg): (_, _, &[&str]) = match algorithm {
        Algorithm::RsaSha256 => ("RSA", None, &["RS256"]),
        Algorithm::RsaSha384 => ("RSA", None, &["RS384"]),
        Algorithm::RsaSha512 => ("RSA", None, &["RS512"]),
        Algorithm::RsaPssSha256 => ("RSA", None, &["PS256"]),
        Algorithm::RsaPssSha384 => ("RSA", None, &["PS384"]),
        Algorithm::RsaPssSha512 => ("RSA", None, &["PS512"]),
        Algorithm::RsaSha1 => ("RSA", None, &["RS1"]),
        Algorithm::EcdsaP256 | Algorithm::EcdsaP256Raw => ("EC", Some("P-256"), &["ES256"]),
        Algorithm::EcdsaP256Sha1 => ("EC", Some("P-256"), &[]),
        Algorithm::EcdsaP384Raw => ("EC", Some("P-384"), &["ES384"]),
        Algorithm::EcdsaP521Raw => ("EC", Some("P-521"), &["ES512"]),
        Algorithm::Ed25519 => ("OKP", Some("Ed25519"), &["EdDSA", "Ed25519"]),
        // No other algorithm has public keys.
        _ => ("", None, &[]),
    };
    Names { kty, crv, alg }
}

fn decoded(member: Option<&str>) -> Result<Vec<u8>, &'static str> {
    let text = member.ok_or("is a JWK without all its members")?;
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| "is a JWK with a member that is no base64url")
}

/// PKCS #1 of a modulus and an exponent.
fn rsa(n: &[u8], e: &[u8]) -> Result<Vec<u8>, &'static str> {
    let encoded = || {
        let key: Pkcs1<'_> = vec![UintRef::new(n)?, UintRef::new(e)?];
        key.to_der()
    };
    encoded().map_err(|_: x509_cert::der::Error| "is a JWK with no RSA key")
}

/// An uncompressed point (SEC 1, section 2.3.3). Coordinates have the length of the field, no shorter (RFC 7518).
fn point(x: &[u8], y: &[u8], algorithm: Algorithm) -> Result<Vec<u8>, &'static str> {
    let len = match algorithm {
        Algorithm::EcdsaP384Raw => 48,
        Algorithm::EcdsaP521Raw => 66,
        _ => 32,
    };
    if x.len() != len || y.len() != len {
        return Err("is a JWK with a coordinate of another length than the curve's");
    }
    Ok([&[4], x, y].concat())
}
