//! Orb. Their page: "Webhooks: verification (`webhooks.ts` of the SDK `orb-billing`)".
//!
//! - Each endpoint has a secret of its own.
//! - The timestamp is RFC 3339, in `X-Orb-Timestamp`. One without an offset from UTC is refused.
//! - The event id, `/id`, is in the signed body.
#![doc = mounting!(ORB, "orb", Keyring::new("8f742231b10e8888abcd99"), "invoice.issued")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Method, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Orb: HMAC-SHA-256 in hex over `v1:{timestamp}:{body}`, as `v1=…` in `X-Orb-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ORB: Scheme = Scheme {
    name: Cow::Borrowed("orb"),
    docs: Cow::Borrowed("Webhooks: verification (`webhooks.ts` of the SDK `orb-billing`)"),
    quirks: Cow::Borrowed("a version stands in front of what is signed; the timestamp is RFC 3339"),
    signature: Source::header("x-orb-signature"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v1="),
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        Part::literal("v1:"),
        Part::Timestamp,
        Part::literal(":"),
        Part::Body,
    ]),
    timestamp: Some(Timestamp {
        source: Source::header("x-orb-timestamp"),
        format: TimeFormat::Rfc3339,
        names: Names::Attempt,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    ..Scheme::HMAC_SHA256
};
