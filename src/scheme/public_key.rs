//! Public keys and the signatures they check, through aws-lc-rs.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA1_ASN1, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED,
    ECDSA_P521_SHA512_FIXED, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, VerificationAlgorithm,
};

use x509_cert::{
    der::{Decode as _, asn1::UintRef},
    spki::SubjectPublicKeyInfoRef,
};

use super::Algorithm;

/// A public key, parsed once and bound to its algorithm.
pub(super) struct PublicKey(ParsedPublicKey);

impl PublicKey {
    /// A key as SPKI (DER), as an uncompressed point (ECDSA), as PKCS #1 (RSA) or as its 32 bytes (Ed25519).
    pub(super) fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self, &'static str> {
        if algorithm.is_rsa() {
            check_rsa(key)?;
        }
        let verification: &'static dyn VerificationAlgorithm = match algorithm {
            Algorithm::EcdsaP256 => &ECDSA_P256_SHA256_ASN1,
            Algorithm::EcdsaP256Raw => &ECDSA_P256_SHA256_FIXED,
            Algorithm::EcdsaP256Sha1 => &ECDSA_P256_SHA1_ASN1,
            Algorithm::EcdsaP384Raw => &ECDSA_P384_SHA384_FIXED,
            Algorithm::EcdsaP521Raw => &ECDSA_P521_SHA512_FIXED,
            Algorithm::RsaSha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Algorithm::RsaSha256 => &RSA_PKCS1_2048_8192_SHA256,
            Algorithm::RsaSha384 => &RSA_PKCS1_2048_8192_SHA384,
            Algorithm::RsaSha512 => &RSA_PKCS1_2048_8192_SHA512,
            Algorithm::RsaPssSha256 => &RSA_PSS_2048_8192_SHA256,
            Algorithm::RsaPssSha384 => &RSA_PSS_2048_8192_SHA384,
            Algorithm::RsaPssSha512 => &RSA_PSS_2048_8192_SHA512,
            Algorithm::Ed25519 if is_of_small_order(key) => {
                return Err("is a point of small order, which anybody can sign for");
            }
            Algorithm::Ed25519 => &ED25519,
            Algorithm::HmacSha1
            | Algorithm::HmacSha256
            | Algorithm::HmacSha384
            | Algorithm::HmacSha512
            | Algorithm::Token => return Err("is for an algorithm without public keys"),
        };
        ParsedPublicKey::new(verification, key)
            .map(Self)
            .map_err(|_| "is not a public key of the sender's algorithm")
    }

    /// Whether the signature over the content is this key's. Yes or no, and no more.
    pub(super) fn verify(&self, content: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(content, signature).is_ok()
    }
}

/// An RSA key as of PKCS #1 (RFC 8017, appendix A.1.1): modulus and exponent.
pub(super) type Pkcs1<'k> = Vec<UintRef<'k>>;

/// Keys below 2048 bits can be broken; above 4096 a check takes long, and no sender has one. A small or even exponent is
/// a mistake or a trap.
fn check_rsa(key: &[u8]) -> Result<(), &'static str> {
    let spki = SubjectPublicKeyInfoRef::from_der(key);
    let inner = spki.as_ref().ok();
    let inner = inner.map(|spki| spki.subject_public_key.raw_bytes());
    let key = Pkcs1::from_der(inner.unwrap_or(key)).map_err(|_| "is not an RSA key")?;
    let [n, e] = &*key else {
        return Err("is not an RSA key");
    };
    let (n, e) = (n.as_bytes(), e.as_bytes());
    let leading = n.first().map_or(8, |byte| byte.leading_zeros());
    let bits = u32::try_from(n.len()).map_or(u32::MAX, |len| len.saturating_mul(8));
    if !(2048..=4096).contains(&bits.saturating_sub(leading)) {
        return Err("is an RSA key of less than 2048 or more than 4096 bits");
    }
    let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
    let large = e.len() > 3 || e.len() == 3 && *e >= [1, 0, 1][..];
    if !large || !odd(e) || !odd(n) {
        return Err("is an RSA key with an exponent below 65537 or an even number");
    }
    Ok(())
}

/// Whether the key is one of the encodings of a point of small order: a placeholder of zeros is one, and under it a
/// signature can be made for any content.
fn is_of_small_order(key: &[u8]) -> bool {
    let Some(last) = key.last_chunk::<32>() else {
        return false;
    };
    let mut y = *last;
    y[31] &= 0x7f;
    let near_p = |low: u8| {
        let mut bytes = [0xff; 32];
        bytes[0] = low;
        bytes[31] = 0x7f;
        bytes
    };
    let mut one = [0; 32];
    one[0] = 1;
    [
        [0; 32],
        one,
        near_p(0xec),
        near_p(0xed),
        near_p(0xee),
        ORDER_8,
        ORDER_8_TOO,
    ]
    .contains(&y)
}

const ORDER_8: [u8; 32] = [
    0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
    0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
];
const ORDER_8_TOO: [u8; 32] = [
    0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
    0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_small_order_is_refused_and_a_real_one_is_not() {
        assert!(PublicKey::new(Algorithm::Ed25519, &[0; 32]).is_err());
        assert!(PublicKey::new(Algorithm::Ed25519, &ORDER_8).is_err());
        let pair = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let public = aws_lc_rs::signature::KeyPair::public_key(&pair);
        let key = PublicKey::new(Algorithm::Ed25519, public.as_ref()).unwrap();
        assert!(key.verify(b"content", pair.sign(b"content").as_ref()));
        assert!(!key.verify(b"other", pair.sign(b"content").as_ref()));
    }

    #[test]
    fn a_key_of_another_algorithm_is_refused() {
        for key in [&[1; 31][..], &[1; 33], b"", &[4; 65]] {
            assert!(PublicKey::new(Algorithm::EcdsaP256, key).is_err());
            assert!(PublicKey::new(Algorithm::Ed25519, key).is_err());
        }
    }
}
