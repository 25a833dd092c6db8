//! How a signature is made and written, and its key.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{encoding, header::Signatures};

/// One kind of signature a scheme accepts. A key serves exactly one method, found by its format; so the algorithm comes
/// from the configured key and never from the message. The one exception: HMACs of different hashes that take the same
/// key, as of a WebSub hub, which chooses one and says which. Then each of them counts, and the weakest that the scheme
/// names is the least that is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct Method {
    /// What marks a signature as one of this kind, as `v1` or `sha256=`.
    pub tag: Cow<'static, str>,
    /// The mark of an older or shorter way to write the same kind, which counts only where nothing has the first: so that
    /// what is weaker never stands in for what is stronger and wrong.
    pub fallback_tag: Option<Cow<'static, str>>,
    /// How it is made.
    pub algorithm: Algorithm,
    /// How it is written.
    pub encoding: Encoding,
    /// How its key is written.
    pub key: KeyFormat,
}

impl Method {
    /// HMAC-SHA-256 in lower-case hex, the key being the secret's text.
    pub const HMAC_SHA256: Self = Self {
        tag: Cow::Borrowed(""),
        fallback_tag: None,
        algorithm: Algorithm::HmacSha256,
        encoding: Encoding::Hex,
        key: KeyFormat::TEXT,
    };

    /// A static token, compared as text.
    pub const TOKEN: Self = Self {
        algorithm: Algorithm::Token,
        encoding: Encoding::Text,
        ..Self::HMAC_SHA256
    };

    /// HMAC-SHA-256 in base64url, the key being the secret's text: HS256 of tokens (RFC 7518, section 3.2).
    pub const HS256: Self = Self {
        encoding: Encoding::Base64Url,
        ..Self::HMAC_SHA256
    };

    /// RS256 of tokens: RSASSA-PKCS1-v1_5 with SHA-256.
    pub const RS256: Self = Self {
        algorithm: Algorithm::RsaSha256,
        key: KeyFormat::PUBLIC,
        ..Self::HS256
    };

    /// ES256 of tokens: ECDSA on P-256 with SHA-256.
    pub const ES256: Self = Self {
        algorithm: Algorithm::EcdsaP256Raw,
        ..Self::RS256
    };
}

impl Default for Method {
    fn default() -> Self {
        Self::HMAC_SHA256
    }
}

impl Method {
    /// The tag that counts in these signatures.
    pub(super) fn mark<'m>(&'m self, signatures: &Signatures<'_>) -> &'m str {
        match &self.fallback_tag {
            Some(other) if signatures.tagged(None, &self.tag).next().is_none() => other,
            _ => &self.tag,
        }
    }

    pub(super) fn decode<'b>(
        &self,
        text: &[u8],
        buffer: &'b mut encoding::Buffer,
    ) -> Option<&'b [u8]> {
        encoding::decode(
            self.encoding,
            text,
            &self.algorithm.signature_lengths(),
            buffer,
        )
    }

    /// Whether a text could be a signature of this kind.
    pub(super) fn accepts(&self, text: &[u8]) -> bool {
        if self.algorithm == Algorithm::Token {
            !text.is_empty()
        } else {
            self.decode(text, &mut { encoding::EMPTY }).is_some()
        }
    }
}

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC (RFC 2104) with SHA-1; unbroken as a MAC, but only where a sender has nothing better.
    HmacSha1,
    /// HMAC with SHA-256.
    HmacSha256,
    /// HMAC with SHA-384.
    HmacSha384,
    /// HMAC with SHA-512.
    HmacSha512,
    /// **Insecure**: the plain SHA-256 of the key followed by the content. Whoever has one signed request can make the
    /// signature of a longer one without the key (length extension), so what it covers is not what was sent, only how it
    /// begins. For senders that still have nothing else; take their HMAC wherever they have one. What such a signature
    /// covers is told as [`Coverage::Partial`](crate::Coverage::Partial).
    InsecurePrefixSha256,
    /// The key itself, compared in constant time.
    Token,
    /// ECDSA on P-256 with SHA-256, the signature in strict DER (feature `asymmetric`).
    EcdsaP256,
    /// ECDSA on P-256 with SHA-256, the signature as its two numbers of 32 bytes, as in JOSE (RFC 7518, section 3.4) and
    /// RFC 9421 (feature `asymmetric`). One algorithm never takes the other's signatures.
    EcdsaP256Raw,
    /// ECDSA on P-256 with SHA-1, in strict DER; only where a sender has nothing better (feature `asymmetric`).
    EcdsaP256Sha1,
    /// ECDSA on P-384 with SHA-384, the signature as its two numbers of 48 bytes (feature `asymmetric`).
    EcdsaP384Raw,
    /// ECDSA on P-521 with SHA-512, the signature as its two numbers of 66 bytes (feature `asymmetric`).
    EcdsaP521Raw,
    /// RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2) with SHA-1; only where a sender has nothing better. Keys of 2048 to 4096
    /// bits, as for all of RSA (feature `asymmetric`).
    RsaSha1,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (feature `asymmetric`).
    RsaSha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384 (feature `asymmetric`).
    RsaSha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512 (feature `asymmetric`).
    RsaSha512,
    /// RSASSA-PSS (RFC 8017, section 8.1) with SHA-256 and a salt of its length (feature `asymmetric`).
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384 (feature `asymmetric`).
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512 (feature `asymmetric`).
    RsaPssSha512,
    /// Ed25519 (RFC 8032), strict (feature `asymmetric`).
    Ed25519,
}

/// How a signature or key is written. Decoding is strict: only the canonical spelling of the exact length counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "users write schemes as literals")]
pub enum Encoding {
    /// Lower-case hexadecimal.
    Hex,
    /// Base64 with padding (RFC 4648, section 4).
    Base64,
    /// URL-safe base64 without padding (RFC 4648, section 5).
    Base64Url,
    /// Upper-case hexadecimal.
    HexUpper,
    /// Hexadecimal in either case, or in both; only where a sender says that it counts so.
    HexAnyCase,
    /// URL-safe base64 with padding.
    Base64UrlPadded,
    /// Base64 with padding of the text in lower-case hexadecimal.
    Base64OfHex,
    /// The bytes themselves.
    Text,
}

/// How a key is written by the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct KeyFormat {
    /// A prefix that is taken off before decoding, as `whsec_`; empty for none.
    pub prefix: Cow<'static, str>,
    /// Whether a key without that prefix is refused.
    pub prefix_required: bool,
    /// Whether the prefix is a part of the key and stays, as the `sk_` of an API key that signs (Paystack).
    pub prefix_kept: bool,
    /// How the rest is written. Padding of base64 keys may be missing: a key comes from a trusted hand.
    pub encoding: Encoding,
    /// What separates the key from a public id in front of it, as `|` in `public_key|private_key`. Requests name the key
    /// by that id instead of its name in the keyring; a key without an id is refused.
    pub id_before: Option<char>,
    /// How the key is made of the secret.
    pub derivation: Derivation,
    /// What is put behind the key then, as the `&` of OAuth 1 (RFC 5849, section 3.4.2); empty for nothing.
    pub suffix: Cow<'static, str>,
}

impl KeyFormat {
    /// The secret's text is the key, whatever it looks like.
    pub const TEXT: Self = Self {
        prefix: Cow::Borrowed(""),
        prefix_required: false,
        prefix_kept: false,
        encoding: Encoding::Text,
        id_before: None,
        derivation: Derivation::None,
        suffix: Cow::Borrowed(""),
    };

    /// A public key in base64, where it is no PEM.
    pub const PUBLIC: Self = Self {
        encoding: Encoding::Base64,
        ..Self::TEXT
    };

    /// The ways in which a public key of this format may be written: as the sender writes it, and as others do. None of
    /// them can be taken for another: they differ in length.
    #[cfg(feature = "asymmetric")]
    pub(super) fn public_encodings(&self) -> impl Iterator<Item = Encoding> {
        let others = [Encoding::Base64, Encoding::Hex];
        let own = Some(self.encoding).filter(|own| *own != Encoding::Text);
        let others = others.into_iter().filter(move |other| Some(*other) != own);
        own.into_iter().chain(others)
    }
}

/// How a key is made of a secret, after its prefix and encoding are undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Derivation {
    /// The secret is the key.
    #[default]
    None,
    /// The key is the SHA-1 of the secret's bytes (Braintree).
    Sha1,
    /// The key is the secret's text in Unicode's normalisation form NFKD (UAX #15): however an accent was typed, it is
    /// the same key (EasyPost).
    Nfkd,
    /// The key is the SHA-256 of the secret's bytes (PhonePe).
    Sha256,
}

impl Default for KeyFormat {
    fn default() -> Self {
        Self::TEXT
    }
}
