//! Retell AI. Their page: "Secure the webhook".
//!
//! - The key is the API key that has the webhook badge.
//! - The header reads `v=…,d=…`: the timestamp in milliseconds, and the signature, over the body directly followed by
//!   the timestamp. A digit moved from one to the other makes a body that is no JSON and a moment that is long past.
//! - There is no event id: an event is known by its content.
#![doc = mounting!(RETELL, "retell", Keyring::new("8f742231b10e8888abcd99"), "call_ended")]

use std::{borrow::Cow, time::Duration};

use super::common::FIELDS;
use crate::{
    scheme::{Method, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Retell AI: HMAC-SHA-256 in hex over `{body}{timestamp}`, in the fields of `x-retell-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const RETELL: Scheme = Scheme {
    name: Cow::Borrowed("retell"),
    docs: Cow::Borrowed("Secure the webhook"),
    quirks: Cow::Borrowed("the timestamp is signed behind the body"),
    signature: Source::header("x-retell-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("d"),
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::Body, Part::Timestamp]),
    timestamp: Some(Timestamp {
        source: Source::field("v"),
        format: TimeFormat::UnixMillis,
        names: Names::Attempt,
        tolerance: Duration::from_secs(300),
    }),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    ..Scheme::HMAC_SHA256
};
