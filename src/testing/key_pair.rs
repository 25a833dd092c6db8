//! A sender's key pair of any algorithm.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::{
    digest::{Digest, SHA256},
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING,
        ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
        RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use num_bigint::BigUint;
use sha1::Digest as _;
use x509_cert::der::{
    Decode, Reader, SliceReader,
    asn1::{AnyRef, OctetStringRef, UintRef},
};

use crate::scheme::{Algorithm, Encoding, Method};

/// A key pair for one method of a scheme.
pub(super) struct Pair {
    pub(super) tag: String,
    /// As the sender shows it.
    pub(super) public_key: String,
    private: Private,
}

enum Private {
    Ecdsa(EcdsaKeyPair),
    EcdsaSha1(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(Arc<RsaKeyPair>, &'static dyn RsaEncoding),
    RsaSha1(Arc<RsaKeyPair>),
}

impl Pair {
    /// A pair for this method; `None` where its keys are no pairs. RSA keys take long to make, so that there are two for
    /// all of a process.
    pub(super) fn generate(method: &Method, number: usize) -> Option<Self> {
        Private::generate(method.algorithm, number).map(|private| Self::of(method, private))
    }

    /// The pair of this private key, for this method; `None` where the method's keys are of another kind.
    pub(super) fn load(method: &Method, der: &[u8]) -> Option<Self> {
        Private::load(method.algorithm, der).map(|private| Self::of(method, private))
    }

    fn of(method: &Method, private: Private) -> Self {
        let public = private.public_key();
        let public = match method.key.encoding {
            Encoding::Hex => public.iter().map(|byte| format!("{byte:02x}")).collect(),
            _ => STANDARD.encode(public),
        };
        Self {
            tag: method.tag.to_string(),
            public_key: format!("{}{public}", method.key.prefix),
            private,
        }
    }

    pub(super) fn sign(&self, content: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.private {
            Private::Ed25519(pair) => pair.sign(content).as_ref().to_vec(),
            Private::Ecdsa(pair) => {
                let signature = pair.sign(&random, content);
                let signature = signature.expect("the system has random bytes");
                signature.as_ref().to_vec()
            }
            Private::EcdsaSha1(pair) => ecdsa_sha1(pair, content),
            Private::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, content, &mut signature)
                    .expect("an RSA key signs");
                signature
            }
            Private::RsaSha1(pair) => rsa_sha1(pair, content).expect("an RSA key signs"),
        }
    }
}

impl Private {
    fn generate(algorithm: Algorithm, number: usize) -> Option<Self> {
        Self::made(
            algorithm,
            |curve| EcdsaKeyPair::generate(curve).ok(),
            || Ed25519KeyPair::generate().ok(),
            || RSA.get(number).map(|key| Arc::clone(key)),
        )
    }

    /// Of PKCS #8, or as older tools write it (RFC 5915, PKCS #1).
    fn load(algorithm: Algorithm, der: &[u8]) -> Option<Self> {
        let ecdsa = |curve| {
            let key = EcdsaKeyPair::from_pkcs8(curve, der);
            key.or_else(|_| EcdsaKeyPair::from_private_key_der(curve, der))
                .ok()
        };
        let rsa = || {
            let key = RsaKeyPair::from_pkcs8(der);
            key.or_else(|_| RsaKeyPair::from_der(der))
                .ok()
                .map(Arc::new)
        };
        Self::made(
            algorithm,
            ecdsa,
            || Ed25519KeyPair::from_pkcs8(der).ok(),
            rsa,
        )
    }

    /// A key for this algorithm, made by the way for its kind.
    fn made(
        algorithm: Algorithm,
        ecdsa: impl FnOnce(&'static EcdsaSigningAlgorithm) -> Option<EcdsaKeyPair>,
        ed25519: impl FnOnce() -> Option<Ed25519KeyPair>,
        rsa: impl FnOnce() -> Option<Arc<RsaKeyPair>>,
    ) -> Option<Self> {
        Some(match algorithm {
            Algorithm::EcdsaP256 => Self::Ecdsa(ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING)?),
            Algorithm::EcdsaP256Raw => Self::Ecdsa(ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING)?),
            Algorithm::EcdsaP256Sha1 => Self::EcdsaSha1(ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING)?),
            Algorithm::EcdsaP384Raw => Self::Ecdsa(ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING)?),
            Algorithm::EcdsaP521Raw => Self::Ecdsa(ecdsa(&ECDSA_P521_SHA512_FIXED_SIGNING)?),
            Algorithm::Ed25519 => Self::Ed25519(ed25519()?),
            Algorithm::RsaSha1 => Self::RsaSha1(rsa()?),
            Algorithm::RsaSha256 => Self::Rsa(rsa()?, &RSA_PKCS1_SHA256),
            Algorithm::RsaSha384 => Self::Rsa(rsa()?, &RSA_PKCS1_SHA384),
            Algorithm::RsaSha512 => Self::Rsa(rsa()?, &RSA_PKCS1_SHA512),
            Algorithm::RsaPssSha256 => Self::Rsa(rsa()?, &RSA_PSS_SHA256),
            Algorithm::RsaPssSha384 => Self::Rsa(rsa()?, &RSA_PSS_SHA384),
            Algorithm::RsaPssSha512 => Self::Rsa(rsa()?, &RSA_PSS_SHA512),
            _ => return None,
        })
    }

    /// SubjectPublicKeyInfo in DER; of Ed25519 the 32 bytes.
    fn public_key(&self) -> Vec<u8> {
        let der = match self {
            Self::Ed25519(pair) => return pair.public_key().as_ref().to_vec(),
            Self::Ecdsa(pair) | Self::EcdsaSha1(pair) => pair.public_key().as_der(),
            Self::Rsa(pair, _) | Self::RsaSha1(pair) => pair.public_key().as_der(),
        };
        der.expect("a public key can be written").as_ref().to_vec()
    }
}

static RSA: [LazyLock<Arc<RsaKeyPair>>; 2] = [LazyLock::new(rsa_key), LazyLock::new(rsa_key)];

fn rsa_key() -> Arc<RsaKeyPair> {
    let key = RsaKeyPair::generate(KeySize::Rsa2048);
    Arc::new(key.expect("the system has random bytes"))
}

/// aws-lc-rs verifies SHA-1 and does not sign with it. ECDSA signs a number: that of a SHA-1 is that of the same bytes
/// behind zeros.
fn ecdsa_sha1(pair: &EcdsaKeyPair, content: &[u8]) -> Vec<u8> {
    let number = [&[0; 12][..], &sha1::Sha1::digest(content)].concat();
    let digest = Digest::import_less_safe(&number, &SHA256).expect("as long as a SHA-256");
    let signature = pair.sign_digest(&digest).expect("an ECDSA key signs");
    signature.as_ref().to_vec()
}

/// RSASSA-PKCS1-v1_5 with SHA-1 by its definition (RFC 8017, section 8.2.1).
fn rsa_sha1(pair: &RsaKeyPair, content: &[u8]) -> Option<Vec<u8>> {
    let pkcs8 = pair.as_der().ok()?;
    let (n, d) = modulus_and_exponent(pkcs8.as_ref()).ok()?;
    let len = pair.public_modulus_len();
    let tail = [&SHA1_INFO[..], &sha1::Sha1::digest(content)].concat();
    let mut message = vec![0xff; len.checked_sub(tail.len())?];
    if let [first, second, .., last] = &mut *message {
        (*first, *second, *last) = (0, 1, 0);
    }
    message.extend(tail);
    let number = BigUint::from_bytes_be(&message)
        .modpow(&d, &n)
        .to_bytes_be();
    let zeros = vec![0; len.checked_sub(number.len())?];
    Some([zeros, number].concat())
}

/// Of a private key in PKCS #8 (RFC 5208) with PKCS #1 in it.
fn modulus_and_exponent(pkcs8: &[u8]) -> Result<(BigUint, BigUint), x509_cert::der::Error> {
    let outer = AnyRef::from_der(pkcs8)?;
    let mut outer = SliceReader::new(outer.value())?;
    let (_version, _algorithm): (UintRef<'_>, AnyRef<'_>) = (outer.decode()?, outer.decode()?);
    let inner: &OctetStringRef = outer.decode()?;
    let inner = AnyRef::from_der(inner.as_bytes())?;
    let mut inner = SliceReader::new(inner.value())?;
    let mut number = || {
        let number: UintRef<'_> = inner.decode()?;
        Ok::<_, x509_cert::der::Error>(BigUint::from_bytes_be(number.as_bytes()))
    };
    let (_version, n, _e, d) = (number()?, number()?, number()?, number()?);
    Ok((n, d))
}

/// What stands in front of a SHA-1 (RFC 8017, section 9.2, note 1).
const SHA1_INFO: [u8; 15] = [
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
];
