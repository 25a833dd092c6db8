//! How a request proves where it comes from, as data.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Jws;

/// How a request proves where it comes from. What of a [`Scheme`](super::Scheme) counts for it, each says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Proof {
    /// A signature over the parts of [`Scheme::content`](super::Scheme::content), or a token.
    #[default]
    Composed,
    /// The same, but each item of a batch is signed on its own: what [`Scheme::items`](super::Scheme::items) finds. The
    /// signature and the texts of the content are JSON pointers within an item. All items have to hold; one that does not
    /// refuses the delivery.
    Items,
    /// An HTTP message signature (RFC 9421), the digest of the body being that of RFC 9530. See [`MessageSignature`].
    MessageSignature(MessageSignature),
    /// The drafts before it, "Signing HTTP Messages" (draft-cavage-http-signatures-12): one header `Signature` with
    /// `keyId`, `algorithm`, `headers` and `signature`, or with `Signature ` in front of these in `Authorization`,
    /// whichever [`Scheme::signature`](super::Scheme::signature) names.
    ///
    /// [`Scheme::content`](super::Scheme::content) says what has to be covered: [`Part::Method`](super::Part::Method) and
    /// [`Part::Path`](super::Part::Path) by `(request-target)`, [`Part::Url`](super::Part::Url) by that and `host`,
    /// [`Part::Header`](super::Part::Header) by the header,
    /// [`Part::Timestamp`](super::Part::Timestamp) by `(created)` or `date`, [`Part::Body`](super::Part::Body) by `digest`
    /// where there is a body: at least one `SHA-256` or `SHA-512` of it, and all of these that are there, are computed
    /// again. More may be covered, in any order.
    ///
    /// A key counts where its name is the `keyId`. The `algorithm` is `hs2019`, or the tag of the key's method, or left out.
    /// [`Scheme::timestamp`](super::Scheme::timestamp) has the header `date`, which `(created)` stands for where it is
    /// covered; `(expires)` is kept to, where it is there, and has to be covered.
    DraftSignature,
    /// A token in compact form, signed by a key of the keyring.
    Jws(Jws),
}

/// What counts of a request's HTTP message signatures (RFC 9421).
///
/// The rest of the policy is in the scheme:
/// - [`Scheme::content`](super::Scheme::content) says what has to be covered, in any order, with whatever else:
///   [`Part::Method`](super::Part::Method) by `@method`; [`Part::Url`](super::Part::Url) by `@target-uri`, or by
///   `@authority`, `@path` and `@query`; [`Part::Path`](super::Part::Path) by `@path` and `@query`, by `@request-target` or
///   by `@target-uri`; [`Part::Header`](super::Part::Header) by the header; [`Part::Body`](super::Part::Body) by
///   `content-digest`. `@query` may be missing where the URL has none, `content-digest` where there is no body.
///   [`Part::Timestamp`](super::Part::Timestamp) is the parameter `created`, [`Part::Id`](super::Part::Id) the
///   [`Scheme::id`](super::Scheme::id). A signature that covers nothing never counts.
/// - A covered digest of the body is always computed again: at least one has to be of SHA-256 or SHA-512, and all of these
///   have to hold. The coverage is that of the one request: [`Coverage::Whole`](crate::Coverage::Whole) only where the
///   digest is covered.
/// - [`Scheme::timestamp`](super::Scheme::timestamp) is the field `created`, and its tolerance. `expires` is kept to, where
///   it is there.
/// - [`Scheme::id`](super::Scheme::id) may be the field `nonce`.
/// - A key counts where its name is the `keyid`; every key where a signature has none. An `alg` has to be the tag of the
///   key's method, which is the registered name of its algorithm.
///
/// Exactly one signature of a request may satisfy all of that: others, as of a proxy on the way, are passed over, but of
/// two that do nobody could say which is meant.
///
/// ```
/// use std::borrow::Cow;
/// use hooklatch::{Keyring, MessageSignature, Part, Proof, Scheme, SchemeVerifier, Source, provider};
///
/// let acme = Scheme {
///     name: "acme".into(),
///     proof: Proof::MessageSignature(MessageSignature {
///         tag: Some("acme-webhooks".into()),
///         ..MessageSignature::ANY
///     }),
///     content: Cow::Borrowed(&[Part::Method, Part::Url, Part::Timestamp, Part::Body]),
///     id: Some(Source::json("/id")),
///     ..provider::HTTP_MESSAGE_SIGNATURES
/// };
/// let keys = Keyring::empty().and("key-1", "hmac-sha256:dGhlIHNlY3JldCBvZiBhY21lJ3Mgd2ViaG9va3M=");
/// assert!(SchemeVerifier::new(acme, keys).is_ok());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct MessageSignature {
    /// The label of the signature that counts; without it any. A label is not signed.
    pub label: Option<Cow<'static, str>>,
    /// The `tag` a signature must have to count; without it any, or none.
    pub tag: Option<Cow<'static, str>>,
}

impl MessageSignature {
    /// A signature of any label and tag.
    pub const ANY: Self = Self {
        label: None,
        tag: None,
    };
}

impl Proof {
    /// The token, where the proof is one.
    pub(super) const fn jws(&self) -> Option<&Jws> {
        match self {
            Self::Jws(jws) => Some(jws),
            _ => None,
        }
    }

    /// Whether the content says what has to be covered, each part being told apart from the others by its name.
    pub(super) const fn names_parts(&self) -> bool {
        matches!(self, Self::MessageSignature(_) | Self::DraftSignature)
    }
}
