//! What a signature covers, as data.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha512};

use super::{Encoding, encoding};
use crate::{secret::Param, source::Source};

/// One part of the bytes a signature covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "users write schemes as literals")]
pub enum Part {
    /// This text.
    Literal(Cow<'static, str>),
    /// The event id ([`Scheme::id`](super::Scheme::id)) as it was received. An id, as a covered header or text, must not contain the literal
    /// beside it: a request in which it does is refused.
    Id,
    /// The timestamp as it was received, never re-printed.
    Timestamp,
    /// The request's method in upper case.
    Method,
    /// The whole URL the sender was given: the keyring's [`Param::PublicUrl`](crate::Param::PublicUrl), else what the
    /// receiver's [`PublicUrl`](crate::PublicUrl) policy says, else scheme, host and path as received. With and without
    /// the port, with an empty path as nothing or as a slash, and with an apostrophe in either spelling, it is the same
    /// URL.
    Url,
    /// The path and query as received.
    Path,
    /// The value of a header.
    Header(Cow<'static, str>),
    /// The raw body.
    Body,
    /// The CRC-32 of the body (ISO 3309) as a decimal number. It finds errors, and no forgery: whoever saw one signature can
    /// make another body with that number, so this covers nothing that counts as the body.
    Crc32,
    /// A parameter of the keyring, as the id that the sender gave this endpoint. A keyring without it is refused.
    Param(Param),
    /// The document: the raw body, or of a form the text of its [`Scheme::form_payload`](super::Scheme::form_payload), which then has to be there. What
    /// else stands in such a form is not signed.
    Document,
    /// Of a JSON array the first element, as it stands in the body; any other body, all of it. The other elements are
    /// not signed.
    FirstElement,
    /// The fields of a form body, sorted by name then value, repeats dropped, each name directly followed by its value.
    /// Nothing where the request has the [`Scheme::body_digest`](super::Scheme::body_digest).
    SortedForm,
    /// The text of this place, as of a form's field; it must be there. In a body it is read before anything is
    /// believed, within the bounds of every read.
    Text(Source),
    /// The text of this place, which may hold the literals beside it: the only such part of a content, so that all others
    /// can be told from it.
    FreeText(Source),
    /// This text or nothing: both count. For a text of which implementations disagree, as a last newline.
    Maybe(Cow<'static, str>),
    /// These parts where the request has the place, and nothing where it has not, as in `id:…;` of a query parameter that
    /// may be missing. Only literals, headers and texts can be such parts.
    ///
    /// ```
    /// use std::borrow::Cow;
    /// use hooklatch::{Part, Scheme, Source};
    ///
    /// const ACME: Scheme = Scheme {
    ///     content: Cow::Borrowed(&[
    ///         Part::Where(
    ///             Source::Query(Cow::Borrowed("id")),
    ///             Cow::Borrowed(&[
    ///                 Part::literal("id:"),
    ///                 Part::Text(Source::Query(Cow::Borrowed("id"))),
    ///                 Part::literal(";"),
    ///             ]),
    ///         ),
    ///         Part::Body,
    ///     ]),
    ///     ..Scheme::HMAC_SHA256
    /// };
    /// assert!(ACME.check().is_ok());
    /// ```
    Where(Source, Cow<'static, [Self]>),
    /// The headers that the request itself says are signed.
    Listed(Listed),
    /// The path, and the query behind a `?` with all but unreserved characters escaped; all of that escaped once more as
    /// ECMAScript's `encodeURI` does (Contentful).
    EscapedPath,
    /// The URL as for [`Url`](Self::Url), without its query.
    BareUrl,
    /// The URL as for [`Url`](Self::Url), the parameters of its query decoded and sorted by name then value. Before a
    /// [`SortedForm`](Self::SortedForm) that has fields the `?` stands even without parameters, and a `.` behind those
    /// there are (Plivo). As in a sorted form, where one parameter ends is not signed.
    SortedUrl,
}

impl Part {
    /// This text.
    #[must_use]
    pub const fn literal(text: &'static str) -> Self {
        Self::Literal(Cow::Borrowed(text))
    }

    /// This part and, where it is a choice, the parts in it.
    pub(super) fn each(parts: &[Self]) -> impl Iterator<Item = &Self> {
        parts
            .iter()
            .flat_map(|part| [part].into_iter().chain(part.inner()))
    }

    /// The parts in a part.
    pub(super) fn inner(&self) -> &[Self] {
        match self {
            Self::Where(_, parts) => parts,
            _ => &[],
        }
    }

    /// The place of which it takes the text, or asks whether it is there.
    pub(super) const fn source(&self) -> Option<&Source> {
        match self {
            Self::Text(source) | Self::FreeText(source) | Self::Where(source, _) => Some(source),
            Self::Listed(listed) => Some(&listed.list),
            _ => None,
        }
    }
}

/// A text under the signature that must be one of those the keyring lists, where a valid signature alone does not say that
/// a request is meant for this endpoint: anybody may have AWS SNS send messages of a topic of their own anywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct Allowed {
    /// Where the text is. The content must cover it.
    pub source: Source,
    /// The parameter of the keyring that lists those allowed, with white space or commas between them. It must be there.
    pub param: Param,
}

/// The headers that a request names as signed. Each has to be there once, as visible ASCII; the list has to name at most
/// 32, none twice, and they hold at most 8 KiB.
///
/// ```
/// use std::borrow::Cow;
/// use hooklatch::{Listed, ListedAs, Part, Scheme, Source};
///
/// let acme = Scheme {
///     content: vec![
///         Part::Listed(Listed {
///             list: Source::header("x-signed-headers"),
///             separator: ',',
///             written: ListedAs::Pairs,
///             join: Cow::Borrowed(";"),
///             always: vec!["x-signed-headers".into()].into(),
///         }),
///         Part::literal("\n"),
///         Part::Body,
///     ]
///     .into(),
///     ..Scheme::HMAC_SHA256
/// };
/// assert!(acme.check().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct Listed {
    /// Where their names stand.
    pub list: Source,
    /// What separates the names.
    pub separator: char,
    /// How they are signed.
    pub written: ListedAs,
    /// What is signed between them.
    pub join: Cow<'static, str>,
    /// The headers that the list has to name, in lower case: those that something is read of.
    #[serde(default)]
    pub always: Cow<'static, [Cow<'static, str>]>,
}

/// How [`Listed`] headers are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "users write schemes as literals")]
pub enum ListedAs {
    /// Their values, in the order of the list. A value may hold what joins them: then one could be made longer and the
    /// next shorter, so the body behind them is only whole where it is JSON.
    Values,
    /// `name:value` in lower case and the order of the alphabet.
    Pairs,
    /// `Name: value` and a newline, in the order and the spelling of the list.
    Lines,
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
