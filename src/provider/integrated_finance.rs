//! integrated.finance. Their page: "Webhook Authentication".
//!
//! - Ed25519 (feature `asymmetric`) over six headers joined by `|`, one of which is the digest of the body, a SHA-512 in
//!   base64. The digest is made again here: the signature alone proves nothing of the body.
//! - A request names its key by its version in `X-Webhook-Key-Version`; a keyring has the key under that.
//! - No tolerance of the timestamp is documented, and nobody says that a retry is signed anew.
#![doc = mounting_public!(INTEGRATED_FINANCE, "integrated-finance", Keyring::empty().and("1", "KoWNJrNAqLoFq5RmEmkI18GvoaD9JqmON0WvpwH8yKk="), "event")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{
        Algorithm, BodyDigest, DigestHash, Encoding, KeyFormat, Method, Names, Part, Scheme,
        TimeFormat, Timestamp,
    },
    source::Source,
};

/// integrated.finance: Ed25519 in base64 over six headers with a digest of the body among them, in `X-Webhook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const INTEGRATED_FINANCE: Scheme = Scheme {
    name: Cow::Borrowed("integrated-finance"),
    docs: Cow::Borrowed("Webhook Authentication"),
    quirks: Cow::Borrowed("a digest of the body and other headers are signed, not the body"),
    signature: Source::header("x-webhook-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::Ed25519,
        encoding: Encoding::Base64,
        key: KeyFormat {
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    key_id: Some(Source::header("x-webhook-key-version")),
    content: Cow::Borrowed(&[
        Part::Header(Cow::Borrowed("x-webhook-content-digest")),
        Part::literal("|"),
        Part::Header(Cow::Borrowed("x-webhook-event-id")),
        Part::literal("|"),
        Part::Header(Cow::Borrowed("x-webhook-event-timestamp")),
        Part::literal("|"),
        Part::Header(Cow::Borrowed("x-webhook-request-id")),
        Part::literal("|"),
        Part::Timestamp,
        Part::literal("|"),
        Part::Header(Cow::Borrowed("x-webhook-key-version")),
    ]),
    body_digest: Some(BodyDigest {
        source: Source::header("x-webhook-content-digest"),
        hash: DigestHash::Sha512,
        encoding: Encoding::Base64,
    }),
    timestamp: Some(Timestamp {
        source: Source::header("x-webhook-request-timestamp"),
        format: TimeFormat::Rfc3339,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::header("x-webhook-event-id")),
    keep_headers: Cow::Borrowed(&[
        Cow::Borrowed("x-webhook-event-timestamp"),
        Cow::Borrowed("x-webhook-request-id"),
    ]),
    ..Scheme::HMAC_SHA256
};
