//! [`Verified`]: what verification asserts, and how far it reaches.

use std::{fmt, sync::Arc, time::Duration};

use http::HeaderValue;
use time::OffsetDateTime;

use crate::source::Source;

/// Texts that a signature covers, and their places.
pub(crate) type CoveredTexts = Arc<[(Source, Box<str>)]>;

/// What a [`Verifier`](crate::Verifier) asserts about a request whose signature matched.
///
/// Only verification makes one, through [`assertion`](Self::assertion): search for that word to find every place that
/// claims "verified".
#[derive(Clone)]
pub struct Verified {
    pub(crate) key: Arc<str>,
    pub(crate) key_is_old: bool,
    pub(crate) id: Option<EventId>,
    pub(crate) id_is_signed: bool,
    pub(crate) timestamp: Option<SignedTime>,
    pub(crate) coverage: Coverage,
    pub(crate) digest: Option<[u8; 32]>,
    /// The texts that the signature covers, where it does not cover the body.
    pub(crate) covered: Option<CoveredTexts>,
    /// The same of each item, where the items of a batch are signed on their own.
    pub(crate) items: Box<[CoveredTexts]>,
    /// Whose key it was, where the receiver has tenants.
    pub(crate) tenant: Option<Arc<str>>,
}

impl Verified {
    /// Asserts that a key with this name verified the request. Make one only after a signature over the raw bytes
    /// matched: everything behind trusts it. Until more is said the coverage is [`Coverage::Nothing`].
    #[must_use]
    pub fn assertion(key: impl Into<Arc<str>>) -> Self {
        Self {
            key: key.into(),
            key_is_old: false,
            id: None,
            id_is_signed: false,
            timestamp: None,
            coverage: Coverage::Nothing,
            digest: None,
            covered: None,
            items: Box::default(),
            tenant: None,
        }
    }

    /// How much of the body the signature covers.
    #[must_use]
    pub const fn covering(mut self, coverage: Coverage) -> Self {
        self.coverage = coverage;
        self
    }

    /// The signed timestamp and how far it may be from now.
    #[must_use]
    pub const fn at(mut self, timestamp: SignedTime) -> Self {
        self.timestamp = Some(timestamp);
        self
    }

    /// The event id found outside the body, and whether the signature covers it.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<Box<str>>, signed: bool) -> Self {
        self.id = Some(EventId::Text(id.into()));
        self.id_is_signed = signed;
        self
    }

    /// A digest of everything that was signed, from which the same content is recognised under another id.
    #[must_use]
    pub const fn with_digest(mut self, digest: [u8; 32]) -> Self {
        self.digest = Some(digest);
        self
    }

    /// The texts that the signature covers, by their places, where it does not cover the body.
    #[must_use]
    pub fn with_covered(mut self, texts: impl IntoIterator<Item = (Source, Box<str>)>) -> Self {
        self.covered = Some(texts.into_iter().collect());
        self
    }

    /// The key that matched is not the keyring's first.
    #[must_use]
    pub const fn by_old_key(mut self, old: bool) -> Self {
        self.key_is_old = old;
        self
    }

    /// The name of the key that matched.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The event id found outside the body.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_ref().and_then(EventId::as_str)
    }

    /// The signed timestamp and its window, where the scheme has one.
    #[must_use]
    pub const fn timestamp(&self) -> Option<SignedTime> {
        self.timestamp
    }

    /// How much of the body the signature covers.
    #[must_use]
    pub const fn coverage(&self) -> Coverage {
        self.coverage
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the digest: of a MAC it is the expected signature.
        f.debug_struct("Verified")
            .field("key", &self.key)
            .field("id", &self.id())
            .field("timestamp", &self.timestamp)
            .field("coverage", &self.coverage)
            .finish_non_exhaustive()
    }
}

/// An event id from outside the body.
#[derive(Clone, Debug)]
pub(crate) enum EventId {
    Header(HeaderValue),
    Text(Box<str>),
}

impl EventId {
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Header(value) => value.to_str().ok(),
            Self::Text(text) => Some(text),
        }
    }
}

/// A signed timestamp and the window it must lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedTime {
    /// The signed moment.
    pub at: OffsetDateTime,
    /// How far it may lie in the past.
    pub past: Duration,
    /// How far it may lie in the future.
    pub future: Duration,
}

impl SignedTime {
    /// A signed moment and its window.
    #[must_use]
    pub const fn new(at: OffsetDateTime, past: Duration, future: Duration) -> Self {
        Self { at, past, future }
    }
}

/// How much of the body the signature covers. Where it is not [`Whole`](Self::Whole), a handler must fetch the object
/// from the sender instead of trusting what the body says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Coverage {
    /// Every byte.
    Whole,
    /// Some fields.
    Partial,
    /// No byte: a token tells who sent it, not what.
    Nothing,
}
