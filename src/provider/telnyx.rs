//! Telnyx. Their page: "Webhook signing".
//!
//! - Ed25519 (feature `asymmetric`); the public key is in Mission Control, in base64.
//! - Their Python library 4.176.0 made an HMAC with the public key, which anybody can; here a public key verifies
//!   signatures and makes none.
#![doc = mounting_public!(TELNYX, "telnyx", Keyring::new("KoWNJrNAqLoFq5RmEmkI18GvoaD9JqmON0WvpwH8yKk="), "call.hangup")]

use std::borrow::Cow;

use crate::{
    scheme::{Algorithm, Encoding, KeyFormat, Method, Part, Scheme, Timestamp},
    source::{Source, TypePart},
};

/// Telnyx: Ed25519 in base64 over `{timestamp}|{body}`, in `Telnyx-Signature-Ed25519`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const TELNYX: Scheme = Scheme {
    name: Cow::Borrowed("telnyx"),
    docs: Cow::Borrowed("Webhook signing"),
    quirks: Cow::Borrowed("a public key"),
    signature: Source::header("telnyx-signature-ed25519"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::Ed25519,
        encoding: Encoding::Base64,
        key: KeyFormat {
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::Timestamp, Part::literal("|"), Part::Body]),
    timestamp: Some(Timestamp::unix(Source::header("telnyx-timestamp"))),
    id: Some(Source::json("/data/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/data/event_type"))]),
    payload: Cow::Borrowed("/data/payload"),
    ..Scheme::HMAC_SHA256
};
