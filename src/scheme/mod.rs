//! How a sender signs, described as data.
//!
//! A [`Scheme`] is one struct of public facts: where the signature lives, how it is written, which algorithm and key
//! make it, the exact content it covers, and where the timestamp, id and type are. One interpreter, [`SchemeVerifier`],
//! verifies all of them, and [`Scheme::sign`] signs for all of them. A sender that cannot be described so is a
//! [`Verifier`] of its own.
//!
//! Each question about a sender has a member of its own, and they combine:
//!
//! | the question | its answer |
//! |---|---|
//! | how is a request proved? | [`Proof`]: composed parts, each item by itself, an HTTP message signature, a token ([`Jws`]) |
//! | where is the signature, and how does it stand there? | [`Source`], [`Grammar`], [`Several`] |
//! | how is it made and written? | [`Method`]: [`Algorithm`], [`Encoding`], [`KeyFormat`] |
//! | what does it cover? | [`Part`], [`BodyDigest`]; [`Scheme::coverage`] follows |
//! | whose key is it? | [`Scheme::key_id`], [`Scheme::method_id`]; [`Discovery`] where the sender publishes its keys |
//! | is it meant for us? | [`Allowed`], [`Requirement`] |
//! | when was it made? | [`Timestamp`] |
//! | what is it about? | the places of id, type and payload; [`Items`], [`Format`], [`Compression`] |
//! | is the URL asked for? | [`Handshake`] |
//! | how is it delivered? | [`Profile`] |
//!
//! In none of them does a request choose: the algorithm is that of the configured key, a name picks among the keys that
//! there are, and a URL of keys is compared with a list.
//!
//! A preset is a constant ([`crate::provider`]); your own scheme is a literal:
//!
//! ```
//! use std::borrow::Cow;
//! use hooklatch::{Part, Scheme, Source};
//!
//! const ACME: Scheme = Scheme {
//!     name: Cow::Borrowed("acme"),
//!     signature: Source::header("x-acme-signature"),
//!     content: Cow::Borrowed(&[Part::Body]),
//!     id: Some(Source::json("/id")),
//!     ..Scheme::HMAC_SHA256
//! };
//! assert!(ACME.check().is_ok());
//! ```

mod algorithm;
mod ascii;
mod body;
#[cfg(feature = "asymmetric")]
pub(crate) mod certificate;
mod check;
mod compression;
mod content;
mod cover;
mod describe;
mod discovery;
mod draft;
mod draft_signature;
mod encoding;
mod grammar;
mod handshake;
mod head;
mod header;
mod headers;
mod items;
#[cfg(feature = "asymmetric")]
mod jwk;
mod jws;
#[cfg(feature = "asymmetric")]
mod key_text;
mod keys;
mod listed;
mod message;
mod method;
mod part;
#[cfg_attr(
    not(feature = "asymmetric"),
    expect(dead_code, reason = "without public keys PEM is only recognised")
)]
mod pem;
mod place;
mod prepare;
mod proof;
#[cfg(feature = "asymmetric")]
mod public_key;
#[cfg(feature = "discovery")]
mod query;
mod reach;
mod refusal;
mod seal;
mod several;
mod sign;
mod timestamp;
mod url;
mod validity;
mod verifier;
mod view;

use std::{borrow::Cow, fmt, sync::Arc};

use bytes::Bytes;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    delivery::Verified,
    error::Rejection,
    profile::Profile,
    source::{FormPayload, Format, Items, Source, TypePart},
};

#[cfg(all(feature = "asymmetric", feature = "testing"))]
pub(crate) use self::pem::private_key;
pub use self::{
    compression::Compression,
    discovery::{Discovery, KeyAccess, KeyDocument, KeyMember, KeyPlace, KeyUrl},
    grammar::{Grammar, Several},
    handshake::{AnswerHeader, AnswerPart, ChallengeAnswer, Condition, Handshake},
    jws::{Chain, Jws, Must, Requirement, TokenPayload},
    keys::Keys,
    method::{Algorithm, Derivation, Encoding, KeyFormat, Method},
    part::{Allowed, BodyDigest, DigestHash, Listed, ListedAs, Part},
    proof::{MessageSignature, Proof},
    sign::{SignError, Signable, Signed},
    timestamp::{Names, TimeFormat, Timestamp},
    verifier::SchemeVerifier,
};
pub(crate) use self::{encoding::encode, handshake::is_nonce, url::original_uri};

#[cfg(feature = "discovery")]
pub(crate) use self::keys::FetchedKeys;
#[cfg(feature = "discovery")]
pub use self::query::KeyQuery;

/// Verifies one sender's signatures. Synchronous and pure: no clock, no I/O; the same request and moment always give
/// the same answer.
///
/// Implement it for a sender that a [`Scheme`] cannot describe, and give it to
/// [`VerifyLayer::with_verifier`](crate::VerifyLayer::with_verifier).
pub trait Verifier: fmt::Debug + Send + Sync {
    /// Checks what can be checked before the body is read: the headers the signature needs are there, single,
    /// well-formed and bounded.
    ///
    /// # Errors
    /// The reason to refuse, a 401 kind.
    fn check_head(&self, head: &Parts) -> Result<(), Rejection>;

    /// Checks the signature over exactly these bytes, in constant time. Everything in the request is untrusted.
    ///
    /// # Errors
    /// The reason to refuse, a 401 kind; [`RejectionKind::KeysUnavailable`](crate::RejectionKind::KeysUnavailable) when
    /// the fault is ours. To the sender all 401 kinds are one and the same.
    fn verify(&self, request: &Unverified<'_>) -> Result<Verified, Rejection>;
}

/// A request as it came, not yet believed. Prints method, path and size, and never a header, query or body.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Unverified<'a> {
    /// Method, URL and headers.
    pub head: &'a Parts,
    /// The raw body.
    pub body: &'a Bytes,
    /// The moment at which keys must be valid.
    pub now: OffsetDateTime,
    /// The URL by which the sender knows this endpoint, where the receiver's policy tells; else the request's own says.
    pub url: Option<&'a str>,
}

impl<'a> Unverified<'a> {
    /// A request to be judged at a moment.
    #[must_use]
    pub const fn new(head: &'a Parts, body: &'a Bytes, now: OffsetDateTime) -> Self {
        Self {
            head,
            body,
            now,
            url: None,
        }
    }

    /// The same, at this URL.
    #[must_use]
    pub const fn with_url(mut self, url: &'a str) -> Self {
        self.url = Some(url);
        self
    }
}

impl fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified")
            .field("method", &self.head.method)
            .field("path", &self.head.uri.path())
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// How one sender signs and delivers.
///
/// Also what a configuration file holds: it deserialises, with every field but `name` optional.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct Scheme {
    /// The sender's short name, as `stripe`.
    pub name: Cow<'static, str>,
    /// The title of the sender's own page on verifying its webhooks.
    pub docs: Cow<'static, str>,
    /// What is odd about this sender, in a sentence.
    pub quirks: Cow<'static, str>,
    /// The prefixes of this sender's headers, where it sends the same headers under several names (`webhook-` and
    /// `svix-`). The first whose signature header is there counts for all headers. Empty: header names are complete.
    pub header_prefixes: Cow<'static, [Cow<'static, str>]>,
    /// How a request proves where it comes from.
    pub proof: Proof,
    /// Where the signature text is.
    pub signature: Source,
    /// How signatures stand in that text.
    pub grammar: Grammar,
    /// Whether spaces may stand behind the separator of the grammar or in its place, as in `t=…, v1=…`; a comma before a
    /// space counts as one too.
    pub spaced: bool,
    /// Whether a request may have several such texts.
    pub several: Several,
    /// The kinds of signature that are accepted.
    pub methods: Cow<'static, [Method]>,
    /// Where a request names the key that signed it: by the public id in front of the key
    /// ([`KeyFormat::id_before`]), else by the name that the key has in the keyring. No other key then counts; without it
    /// every key does. The name is compared and never looked up anywhere.
    pub key_id: Option<Source>,
    /// Where a request says by which of the methods it is signed, by the method's tag, which then is no part of the
    /// signature's text. Every key then serves each method that can use it, and no request another than it names.
    pub method_id: Option<Source>,
    /// A text that must be one of those the keyring lists.
    pub allowed: Option<Allowed>,
    /// Where the sender publishes its keys, for a keyring that has none.
    pub discovery: Option<Discovery>,
    /// The exact bytes a signature covers, part after part. Empty for tokens.
    pub content: Cow<'static, [Part]>,
    /// A digest of the body that the signature covers instead of the body.
    pub body_digest: Option<BodyDigest>,
    /// What is signed of a compressed body.
    pub compression: Compression,
    /// The signed timestamp.
    pub timestamp: Option<Timestamp>,
    /// The event id.
    pub id: Option<Source>,
    /// The event type: the parts that apply, joined by `.`.
    pub event_type: Cow<'static, [TypePart]>,
    /// JSON pointer to what an event's handler decodes, `""` for all of the body; in an XML body the path of an element.
    /// Where nothing is there, all of it. Within an item of a batch it begins at the item.
    pub payload: Cow<'static, str>,
    /// The field of a form body that holds the document, where the sender wraps it so.
    pub form_payload: Option<FormPayload>,
    /// How a batch is split.
    pub items: Option<Items>,
    /// The formats of its bodies that take a cargo feature to read. JSON and forms always can be.
    pub formats: Cow<'static, [Format]>,
    /// The URL challenges, where the sender has some.
    pub handshakes: Cow<'static, [Handshake]>,
    /// More headers that handlers may see, besides the content type and those of the id, type and timestamp.
    pub keep_headers: Cow<'static, [Cow<'static, str>]>,
    /// How the sender delivers and retries.
    pub profile: Profile,
}

impl Scheme {
    /// HMAC-SHA-256 in lower-case hex over the body, in the header `x-signature`: where most senders start.
    pub const HMAC_SHA256: Self = Self {
        name: Cow::Borrowed("custom"),
        docs: Cow::Borrowed(""),
        quirks: Cow::Borrowed(""),
        header_prefixes: Cow::Borrowed(&[]),
        proof: Proof::Composed,
        // Spelled out, not `Source::header(..)`: what a function gives might need a drop, for all the compiler knows,
        // and `..Scheme::HMAC_SHA256` would be refused in a constant.
        signature: Source::Header(Cow::Borrowed("x-signature")),
        grammar: Grammar::Single,
        spaced: false,
        several: Several::No,
        methods: Cow::Borrowed(&[Method::HMAC_SHA256]),
        key_id: None,
        method_id: None,
        allowed: None,
        discovery: None,
        content: Cow::Borrowed(&[Part::Body]),
        body_digest: None,
        compression: Compression::Refused,
        timestamp: None,
        id: None,
        event_type: Cow::Borrowed(&[]),
        payload: Cow::Borrowed(""),
        form_payload: None,
        items: None,
        formats: Cow::Borrowed(&[]),
        handshakes: Cow::Borrowed(&[]),
        keep_headers: Cow::Borrowed(&[]),
        profile: Profile::DEFAULT,
    };

    /// A static token in `Authorization: Bearer …`. It says who sent the request, and nothing of what is in it.
    pub const BEARER: Self = Self {
        signature: Source::Header(Cow::Borrowed("authorization")),
        methods: Cow::Borrowed(&[Method {
            tag: Cow::Borrowed("Bearer "),
            ..Method::TOKEN
        }]),
        content: Cow::Borrowed(&[]),
        ..Self::HMAC_SHA256
    };

    /// A token (RFC 7519) signed with HS256, in `Authorization: Bearer …`. Until a claim binds the body it says who sent
    /// the request, and nothing of what is in it.
    pub const JWT_HS256: Self = Self {
        proof: Proof::Jws(Jws::CLAIMS),
        signature: Source::Header(Cow::Borrowed("authorization")),
        methods: Cow::Borrowed(&[Method {
            tag: Cow::Borrowed("Bearer "),
            ..Method::HS256
        }]),
        content: Cow::Borrowed(&[]),
        ..Self::HMAC_SHA256
    };

    /// `Authorization: Basic …`; the key is `user:password`.
    pub const BASIC: Self = Self {
        signature: Source::Header(Cow::Borrowed("authorization")),
        methods: Cow::Borrowed(&[Method {
            tag: Cow::Borrowed("Basic "),
            encoding: Encoding::Base64,
            ..Method::TOKEN
        }]),
        content: Cow::Borrowed(&[]),
        ..Self::HMAC_SHA256
    };
}

impl Default for Scheme {
    fn default() -> Self {
        Self::HMAC_SHA256
    }
}

impl From<SchemeVerifier> for Arc<dyn Verifier> {
    fn from(verifier: SchemeVerifier) -> Self {
        Arc::new(verifier)
    }
}
