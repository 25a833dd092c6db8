//! What a signature covers, as data.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha512};

use super::{Encoding, encoding};
use crate::source::Source;

/// One part of the bytes a signature covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "users write schemes as literals")]
pub enum Part {
    /// This text.
    Literal(Cow<'static, str>),
    /// The event id ([`Scheme::id`]) as it was received. An id, as a covered header or text, must not contain the literal
    /// beside it: a request in which it does is refused.
    Id,
    /// The timestamp as it was received, never re-printed.
    Timestamp,
    /// The request's method in upper case.
    Method,
    /// The whole URL the sender was given: the keyring's [`Param::PublicUrl`](crate::Param::PublicUrl), else what the
    /// receiver's [`PublicUrl`](crate::PublicUrl) policy says, else scheme, host and path as received. With and without
    /// the port, and with an apostrophe in either spelling, it is the same URL.
    Url,
    /// The path and query as received.
    Path,
    /// The value of a header.
    Header(Cow<'static, str>),
    /// The raw body.
    Body,
    /// The fields of a form body, sorted by name then value, repeats dropped, each name directly followed by its value.
    /// Nothing where the request has the [`Scheme::body_digest`].
    SortedForm,
    /// The text of this place, as of a form's field; it must be there. In a body it is read before anything is
    /// believed, within the bounds of every read.
    Text(Source),
    /// This text or nothing: both count. For a text of which implementations disagree, as a last newline.
    Maybe(Cow<'static, str>),
}

impl Part {
    /// This text.
    #[must_use]
    pub const fn literal(text: &'static str) -> Self {
        Self::Literal(Cow::Borrowed(text))
    }
}

/// A digest of the body that the sender puts where the signature covers it, as Twilio does with the query parameter
/// `bodySHA256` of a signed URL.
///
/// ```
/// use std::borrow::Cow;
/// use hooklatch::{BodyDigest, Coverage, Encoding, Part, Scheme, Source};
///
/// let digested = Scheme {
///     content: Cow::Borrowed(&[Part::Header(Cow::Borrowed("x-content-sha256"))]),
///     body_digest: Some(BodyDigest { source: Source::header("x-content-sha256"), ..BodyDigest::SHA256 }),
///     ..Scheme::HMAC_SHA256
/// };
/// assert!(digested.check().is_ok());
/// assert_eq!(digested.coverage(), Coverage::Whole);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct BodyDigest {
    /// Where it is: a covered header, or a query parameter of the covered URL or path. It may be missing only where the
    /// content has the body in another form, and the body is no JSON. A parameter beside a [`Part::SortedForm`] has to be
    /// the last of the query.
    pub source: Source,
    /// How it is made.
    #[serde(default)]
    pub hash: DigestHash,
    /// How it is written.
    pub encoding: Encoding,
}

impl BodyDigest {
    /// A SHA-256 in lower-case hex, in the header `x-content-sha256`.
    pub const SHA256: Self = Self {
        source: Source::Header(Cow::Borrowed("x-content-sha256")),
        hash: DigestHash::Sha256,
        encoding: Encoding::Hex,
    };
}

/// The hash of a [`BodyDigest`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DigestHash {
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-512.
    Sha512,
}

impl BodyDigest {
    /// The digest of a body, as the sender writes it.
    pub(super) fn of(&self, body: &[u8]) -> Option<String> {
        match self.hash {
            DigestHash::Sha256 => encoding::encode(self.encoding, &Sha256::digest(body)),
            DigestHash::Sha512 => encoding::encode(self.encoding, &Sha512::digest(body)),
        }
    }
}
