//! Keys made ready: the work that depends on the key alone is done once, and never per request.

use std::{fmt, ops::RangeInclusive};

use hmac::{Hmac, KeyInit};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{Algorithm, Encoding, encoding};

impl Algorithm {
    /// The lengths a decoded signature may have. Of a token nothing is decoded.
    pub(super) const fn signature_lengths(self) -> RangeInclusive<usize> {
        match self {
            Self::HmacSha1 => 20..=20,
            Self::HmacSha256 | Self::InsecurePrefixSha256 => 32..=32,
            Self::HmacSha384 => 48..=48,
            Self::HmacSha512 | Self::Ed25519 => 64..=64,
            Self::EcdsaP256 | Self::EcdsaP256Sha1 => 8..=72,
            Self::EcdsaP256Raw => 64..=64,
            Self::EcdsaP384Raw => 96..=96,
            Self::EcdsaP521Raw => 132..=132,
            Self::RsaSha1
            | Self::RsaSha256
            | Self::RsaSha384
            | Self::RsaSha512
            | Self::RsaPssSha256
            | Self::RsaPssSha384
            | Self::RsaPssSha512 => 256..=LONGEST_RSA,
            Self::Token => 0..=0,
        }
    }

    /// Whether it is RSA: no other signature is as long.
    #[cfg(feature = "asymmetric")]
    pub(super) const fn is_rsa(self) -> bool {
        *self.signature_lengths().end() == LONGEST_RSA
    }

    /// Whether the key is a public one.
    pub(crate) const fn is_public_key(self) -> bool {
        !self.is_hmac() && !matches!(self, Self::InsecurePrefixSha256 | Self::Token)
    }

    /// Whether it is HMAC with one of its hashes.
    pub(super) const fn is_hmac(self) -> bool {
        matches!(
            self,
            Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha384 | Self::HmacSha512
        )
    }
}

/// Gives the content to a sink, chunk after chunk.
pub(super) type Feed<'f> = &'f dyn Fn(&mut dyn FnMut(&[u8]));

/// A key made ready for its algorithm.
pub(super) enum Prepared {
    HmacSha1(Box<Hmac<Sha1>>),
    HmacSha256(Box<Hmac<Sha256>>),
    HmacSha384(Box<Hmac<Sha384>>),
    HmacSha512(Box<Hmac<Sha512>>),
    /// The hash of the key so far.
    PrefixSha256(Box<Sha256>),
    /// The token as it stands in the request, encoded.
    Token(Zeroizing<String>),
    #[cfg(feature = "asymmetric")]
    PublicKey(super::public_key::PublicKey),
    /// The root of the chain that a token presents.
    #[cfg(feature = "asymmetric")]
    Root(Box<super::certificate::Certificate>),
}

impl Prepared {
    /// Makes a decoded key ready; the reason if it cannot be one.
    pub(super) fn new(
        algorithm: Algorithm,
        encoding: Encoding,
        key: &[u8],
    ) -> Result<Self, &'static str> {
        Ok(match algorithm {
            Algorithm::HmacSha1 => Self::HmacSha1(hmac(key)?),
            Algorithm::HmacSha256 => Self::HmacSha256(hmac(key)?),
            Algorithm::HmacSha384 => Self::HmacSha384(hmac(key)?),
            Algorithm::HmacSha512 => Self::HmacSha512(hmac(key)?),
            Algorithm::InsecurePrefixSha256 => {
                Self::PrefixSha256(Box::new(Sha256::new_with_prefix(key)))
            }
            Algorithm::Token => {
                let token = encoding::encode(encoding, key).map(Zeroizing::new);
                Self::Token(token.ok_or("is not text")?)
            }
            #[cfg(feature = "asymmetric")]
            _ => Self::PublicKey(super::public_key::PublicKey::new(algorithm, key)?),
            #[cfg(not(feature = "asymmetric"))]
            _ => return Err("needs the cargo feature `asymmetric`"),
        })
    }

    /// The MAC of a content; `None` if this key makes none.
    pub(super) fn mac(&self, feed: Feed<'_>) -> Option<Mac> {
        match self {
            Self::HmacSha1(key) => Some(mac(&**key, feed)),
            Self::HmacSha256(key) => Some(mac(&**key, feed)),
            Self::HmacSha384(key) => Some(mac(&**key, feed)),
            Self::HmacSha512(key) => Some(mac(&**key, feed)),
            Self::PrefixSha256(key) => Some(prefix_hash(key, feed)),
            Self::Token(_) => None,
            #[cfg(feature = "asymmetric")]
            Self::PublicKey(_) | Self::Root(_) => None,
        }
    }

    /// Whether a signature over the content is that of this public key; no for keys of other kinds.
    #[cfg_attr(
        not(feature = "asymmetric"),
        expect(unused_variables, clippy::unused_self, reason = "no public keys")
    )]
    pub(super) fn verifies(&self, content: &[u8], signature: &[u8]) -> bool {
        #[cfg(feature = "asymmetric")]
        if let Self::PublicKey(key) = self {
            return key.verify(content, signature);
        }
        false
    }

    /// The certificate, where it is the root of a chain.
    #[cfg(feature = "asymmetric")]
    pub(super) fn root(&self) -> Option<&super::certificate::Certificate> {
        match self {
            Self::Root(root) => Some(root),
            _ => None,
        }
    }

    /// The token as it stands in the request, to sign with.
    pub(super) fn token(&self) -> Option<String> {
        match self {
            Self::Token(token) => Some(token.as_str().to_owned()),
            _ => None,
        }
    }

    /// Whether this text is the token, compared in constant time for its length.
    pub(super) fn is_token(&self, text: &[u8]) -> bool {
        match self {
            Self::Token(token) => bool::from(token.as_bytes().ct_eq(text)),
            _ => false,
        }
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared([redacted])")
    }
}

/// A MAC that was computed here. It has no `==`: [`matches`](Self::matches) compares in constant time.
pub(super) struct Mac {
    bytes: [u8; LONGEST_MAC],
    len: usize,
}

impl Mac {
    fn of(output: &[u8]) -> Self {
        let mut bytes = [0; LONGEST_MAC];
        for (byte, value) in bytes.iter_mut().zip(output) {
            *byte = *value;
        }
        Self {
            bytes,
            len: output.len().min(LONGEST_MAC),
        }
    }

    /// Whether a decoded signature is this MAC, all of it.
    pub(super) fn matches(&self, signature: &[u8]) -> bool {
        let mac = self.as_slice();
        if mac.len() != signature.len() {
            return false;
        }
        // Eight bytes at a time: byte by byte this would cost as much as a block of the hash.
        let ((words, rest), (others, other_rest)) =
            (mac.as_chunks::<8>(), signature.as_chunks::<8>());
        let pairs = words.iter().zip(others);
        let equal = pairs.fold(rest.ct_eq(other_rest), |equal, (word, other)| {
            equal & u64::from_ne_bytes(*word).ct_eq(&u64::from_ne_bytes(*other))
        });
        bool::from(equal)
    }

    /// The first 32 bytes, a shorter MAC being followed by zeros.
    pub(super) fn digest(&self) -> [u8; 32] {
        self.bytes.first_chunk().copied().unwrap_or_default()
    }

    /// The bytes, to sign with.
    pub(super) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

fn hmac<M: KeyInit>(key: &[u8]) -> Result<Box<M>, &'static str> {
    // HMAC takes keys of any length, an empty one too; refusing that is the keyring's business.
    M::new_from_slice(key)
        .map(Box::new)
        .map_err(|_| "has a length that the algorithm refuses")
}

fn mac<M: hmac::Mac + Clone>(key: &M, feed: Feed<'_>) -> Mac {
    let mut mac = key.clone();
    feed(&mut |chunk| mac.update(chunk));
    Mac::of(&mac.finalize().into_bytes())
}

fn prefix_hash(key: &Sha256, feed: Feed<'_>) -> Mac {
    let mut hash = key.clone();
    feed(&mut |chunk| hash.update(chunk));
    Mac::of(&hash.finalize())
}

const LONGEST_MAC: usize = 64;
/// Of a modulus of 4,096 bits.
const LONGEST_RSA: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn mac_of(algorithm: Algorithm, key: &[u8], content: &[u8]) -> String {
        let key = Prepared::new(algorithm, Encoding::Hex, key).unwrap();
        let mac = key
            .mac(&|sink| content.chunks(7).for_each(&mut *sink))
            .unwrap();
        assert!(mac.matches(mac.as_slice()));
        assert!(!mac.matches(&mac.as_slice()[1..]));
        assert!(!mac.matches(b""));
        encoding::encode(Encoding::Hex, mac.as_slice()).unwrap()
    }

    #[test]
    fn macs_are_those_of_rfc_2202_and_rfc_4231() {
        let content = b"what do ya want for nothing?";
        assert_eq!(
            mac_of(Algorithm::HmacSha1, b"Jefe", content),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        );
        assert_eq!(
            mac_of(Algorithm::HmacSha256, b"Jefe", content),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert!(
            mac_of(Algorithm::HmacSha384, b"Jefe", content)
                .starts_with("af45d2e376484031617f78d2b58a6b1b")
        );
        assert!(
            mac_of(Algorithm::HmacSha512, b"Jefe", content)
                .starts_with("164b7a7bfcf819e2e395fbe73b56e0a3")
        );
    }

    #[test]
    fn a_prefix_hash_is_the_plain_hash_of_both() {
        // What HubSpot's first version publishes.
        assert_eq!(
            mac_of(
                Algorithm::InsecurePrefixSha256,
                b"yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
                b"{'example_field':'example_value'}"
            ),
            "69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750"
        );
    }

    #[test]
    fn a_short_mac_is_padded_for_the_digest() {
        let key = Prepared::new(Algorithm::HmacSha1, Encoding::Hex, b"Jefe").unwrap();
        let digest = key.mac(&|_| ()).unwrap().digest();
        assert_eq!(digest[20..], [0; 12]);
        assert_ne!(digest[..20], [0; 20]);
    }

    #[test]
    fn a_key_prints_nothing() {
        let key = Prepared::new(Algorithm::Token, Encoding::Text, b"open sesame").unwrap();
        assert_eq!(format!("{key:?}"), "Prepared([redacted])");
        assert!(key.is_token(b"open sesame"));
        assert!(!key.is_token(b"open sesam"));
    }
}
