//! JSON Web Signatures (RFC 7515) and the tokens made of them (RFC 7519), described as data.
//!
//! A second way to prove a request, with the same keys, methods and places as the first. What the message says of its
//! own verification is checked and never followed: `alg` has to be the name of the key's own algorithm, `kid` picks
//! among the keys of the keyring and adds none, and `jku`, `jwk` and `x5c` are no source of trust (a chain has to end at
//! a root of the keyring).
//!
//! Why not the crate `jsonwebtoken`: of detached content and `b64` (RFC 7797) it knows nothing, nor of ES512, whose keys
//! some senders have; and its keys are not those of our methods. What is left of the format is small.

#[cfg(feature = "asymmetric")]
mod chain;
#[cfg(not(feature = "asymmetric"))]
#[path = "jws/without_chain.rs"]
mod chain;
mod check;
mod members;
mod sign;
mod token;
mod verify;
mod window;

use std::{borrow::Cow, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Algorithm, Encoding};
use crate::{profile::seconds, secret::Param, source::Source};

#[cfg(feature = "discovery")]
pub(super) use self::verify::key_name;
pub(super) use self::{
    chain::root, members::Members, sign::Signer, verify::check_head, verify::verify,
};

/// A token in compact form (RFC 7515, section 7.1), signed by a key of the keyring.
///
/// Of the [`Scheme`](super::Scheme) count the place of the [`signature`](super::Scheme::signature), where the token is;
/// the [`methods`](super::Scheme::methods), which all have the same tag (what stands in front of the token, as
/// `Bearer `) and are written in base64url; [`key_id`](super::Scheme::key_id), which is
/// `Source::Protected("/kid")` where the sender's keys have names; and what reads [`Source::Claim`]: `timestamp`, `id`
/// and `body_digest`. The claims `exp` and `nbf` count wherever they are: with the timestamp they make the window in
/// which a request is fresh.
///
/// A token is at most 64 KiB long, its header 8 KiB. Base64url is strict, a member that repeats is refused, and so is
/// whatever stands in `crit` (RFC 7515, section 4.1.11) and not in [`critical`](Self::critical).
///
/// ```
/// use std::borrow::Cow;
/// use hooklatch::{BodyDigest, Coverage, Jws, Must, Proof, Requirement, Scheme, Source};
///
/// // HS256 in a header of its own; the claim `sha256` binds the body.
/// const ACME: Scheme = Scheme {
///     name: Cow::Borrowed("acme"),
///     signature: Source::header("x-acme-token"),
///     proof: Proof::Jws(Jws {
///         require: Cow::Borrowed(&[Requirement {
///             of: Source::claim("/iss"),
///             must: Must::Equal(Cow::Borrowed("acme")),
///         }]),
///         ..Jws::CLAIMS
///     }),
///     body_digest: Some(BodyDigest { source: Source::claim("/sha256"), ..BodyDigest::SHA256 }),
///     ..Scheme::JWT_HS256
/// };
/// assert!(ACME.check().is_ok());
/// assert_eq!(ACME.coverage(), Coverage::Whole);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct Jws {
    /// What the token signs.
    pub payload: TokenPayload,
    /// What has to hold of the verified token, all of it.
    pub require: Cow<'static, [Requirement]>,
    /// The names that may stand in `crit`: extensions that are understood here. `b64` needs no mention.
    pub critical: Cow<'static, [Cow<'static, str>]>,
    /// Whether a detached payload may be signed as it is, with `b64` false and in `crit` (RFC 7797).
    pub unencoded: bool,
    /// Whether the claim of [`Scheme::body_digest`](super::Scheme::body_digest) may be missing where the body is empty.
    pub empty_without_digest: bool,
    /// How far the clocks may be apart where `exp` and `nbf` are judged, in seconds.
    #[serde(with = "seconds")]
    pub leeway: Duration,
    /// The chain of certificates that stands in the token and whose root is in the keyring.
    pub chain: Option<Chain>,
}

impl Jws {
    /// A token whose claims say something of the request, with a leeway of 60 s.
    pub const CLAIMS: Self = Self {
        payload: TokenPayload::Claims,
        require: Cow::Borrowed(&[]),
        critical: Cow::Borrowed(&[]),
        unencoded: false,
        empty_without_digest: false,
        leeway: Duration::from_secs(60),
        chain: None,
    };

    /// The parameters that the keyring has to have.
    pub(crate) fn params(&self) -> impl Iterator<Item = Param> {
        self.require.iter().filter_map(|one| match one.must {
            Must::EqualParam(param) => Some(param),
            _ => None,
        })
    }

    /// Whether a claim is about the URL the sender was given.
    pub(super) fn signs_url(&self) -> bool {
        let url = |one: &Requirement| matches!(one.must, Must::UrlSha256(_));
        self.require.iter().any(url)
    }

    /// The texts of the request with which claims are compared.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Source> {
        self.require.iter().filter_map(|one| match &one.must {
            Must::EqualText(source) => Some(source),
            _ => None,
        })
    }
}

impl Default for Jws {
    fn default() -> Self {
        Self::CLAIMS
    }
}

/// What a token signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenPayload {
    /// Claims about the request. Of the body they sign what [`Scheme::body_digest`](super::Scheme::body_digest) says, and
    /// without it nothing.
    #[default]
    Claims,
    /// The event itself: id, type and payload are read of the token's claims, and a handler decodes them.
    Event,
    /// Nothing that is in it: what is signed is [`Scheme::content`](super::Scheme::content), and the token's own payload
    /// is empty (RFC 7515, appendix F).
    Detached,
}

/// What has to hold of one claim, or of one member of the token's header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct Requirement {
    /// Where it is: [`Source::Claim`] or [`Source::Protected`], or the first of several of these.
    pub of: Source,
    /// What it has to be.
    pub must: Must,
}

/// What a claim has to be. The text of a claim is that of a string, number, `true` or `false`; of the claim `/aud`, which
/// may be an array (RFC 7519, section 4.1.3), one element is enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Must {
    /// There, whatever it is.
    Present,
    /// This text.
    Equal(Cow<'static, str>),
    /// One of these texts.
    OneOf(Cow<'static, [Cow<'static, str>]>),
    /// What the keyring has for this parameter; a keyring without it is a [`ConfigError`](crate::ConfigError).
    EqualParam(Param),
    /// What the keyring has for this parameter, if it has it.
    EqualParamIfSet(Param),
    /// The text at this place of the request. In a body it is read within the bounds of every read.
    EqualText(Source),
    /// The SHA-256 of the URL the sender was given, in one of its spellings.
    UrlSha256(Encoding),
}

/// A chain of three certificates in `x5c` (RFC 7515, section 4.1.6) whose root is pinned: the keys of the keyring are the
/// roots, in base64 or PEM. The root that the token presents is not looked at; the leaf has to be signed by the
/// intermediate, and that by a root of the keyring. Both count at the moment of the token's
/// [`timestamp`](super::Scheme::timestamp). Needs the feature `asymmetric`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct Chain {
    /// The object identifier of an extension that the leaf has to have.
    pub leaf: Cow<'static, str>,
    /// The object identifier of an extension that the intermediate has to have.
    pub intermediate: Cow<'static, str>,
}

impl Algorithm {
    /// The name a token has for it (RFC 7518, section 3.1, and RFC 8037); `None` for what no token is signed with.
    pub(super) const fn token_name(self) -> Option<&'static str> {
        Some(match self {
            Self::HmacSha256 => "HS256",
            Self::HmacSha384 => "HS384",
            Self::HmacSha512 => "HS512",
            Self::RsaSha256 => "RS256",
            Self::RsaSha384 => "RS384",
            Self::RsaSha512 => "RS512",
            Self::RsaPssSha256 => "PS256",
            Self::RsaPssSha384 => "PS384",
            Self::RsaPssSha512 => "PS512",
            Self::EcdsaP256Raw => "ES256",
            Self::EcdsaP384Raw => "ES384",
            Self::EcdsaP521Raw => "ES512",
            Self::Ed25519 => "EdDSA",
            Self::HmacSha1
            | Self::InsecurePrefixSha256
            | Self::Token
            | Self::EcdsaP256
            | Self::EcdsaP256Sha1
            | Self::RsaSha1 => return None,
        })
    }
}
