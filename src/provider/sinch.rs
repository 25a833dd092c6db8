//! Sinch. Their page: "Callbacks".
//!
//! - Conversation (`sinch`) signs a nonce, which is the event id, and a timestamp; Numbers (`sinch-numbers`) the body
//!   alone.
//! - There is no event type. Voice, which signs an MD5 of the body, is not read.
#![doc = mounting!(SINCH, "sinch", Keyring::new("5HkzNq7hLJ3xUPVZ"), "message")]
#![doc = mounting!(SINCH_NUMBERS, "sinch-numbers", Keyring::new("5HkzNq7hLJ3xUPVZ"), "PROVISIONING_TO_SMS_PLATFORM")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Algorithm, Encoding, Method, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Sinch Conversation: HMAC-SHA-256 in base64 over `{body}.{nonce}.{timestamp}`, in `x-sinch-webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SINCH: Scheme = Scheme {
    name: Cow::Borrowed("sinch"),
    docs: Cow::Borrowed("Callbacks"),
    quirks: Cow::Borrowed("the nonce is the id and is signed"),
    signature: Source::header("x-sinch-webhook-signature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        Part::Body,
        Part::literal("."),
        Part::Id,
        Part::literal("."),
        Part::Timestamp,
    ]),
    timestamp: Some(Timestamp {
        source: Source::header("x-sinch-webhook-signature-timestamp"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::header("x-sinch-webhook-signature-nonce")),
    ..Scheme::HMAC_SHA256
};

/// Sinch Numbers: HMAC-SHA-1 in hex over the body, in `X-Sinch-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SINCH_NUMBERS: Scheme = Scheme {
    name: Cow::Borrowed("sinch-numbers"),
    docs: Cow::Borrowed("Callbacks"),
    quirks: Cow::Borrowed("SHA-1 over the body alone"),
    signature: Source::header("x-sinch-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::HmacSha1,
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/eventId")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/eventType"))]),
    ..Scheme::HMAC_SHA256
};
