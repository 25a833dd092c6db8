//! Kinde. Their page: "Webhooks: decode and verify".
//!
//! - The whole body is a token (RS256, `application/jwt`), and the event its claims: handlers decode `data` of them, while
//!   `Delivery::body` is the token.
//! - Keys are known by their `kid`, which is their name in the keyring. They are those of your own domain, never of what a
//!   token says.
//! - The timestamp, `event_timestamp`, is that of the event.
#![doc = mounting_by_kid!(KINDE, "kinde", "kinde-1", "", "user.created")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{
        Discovery, Jws, KeyPlace, Method, Names, Proof, Scheme, TimeFormat, Timestamp, TokenPayload,
    },
    source::{Source, TypePart},
};

/// Kinde: the body is an RS256 token, and the event its claims.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const KINDE: Scheme = Scheme {
    name: Cow::Borrowed("kinde"),
    docs: Cow::Borrowed("Webhooks: decode and verify"),
    quirks: Cow::Borrowed("the whole body is a token, and the event its claims"),
    proof: Proof::Jws(Jws {
        payload: TokenPayload::Event,
        ..Jws::CLAIMS
    }),
    signature: Source::Body,
    methods: Cow::Borrowed(&[Method::RS256]),
    key_id: Some(Source::protected("/kid")),
    discovery: Some(Discovery {
        place: KeyPlace::Fixed(Cow::Borrowed("https://{domain}/.well-known/jwks")),

        ..Discovery::JWKS
    }),
    content: Cow::Borrowed(&[]),
    timestamp: Some(Timestamp {
        source: Source::FirstOf(Cow::Borrowed(&[
            Source::claim("/event_timestamp"),
            Source::claim("/timestamp"),
        ])),
        format: TimeFormat::Rfc3339,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/event_id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};
