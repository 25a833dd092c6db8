//! Cashfree. Their page: "Webhook signature verification".
//!
//! - No delimiter stands between the time, which is in milliseconds, and the body.
//! - There is no event id: an event is known by its content.
#![doc = mounting!(CASHFREE, "cashfree", Keyring::new("5HkzNq7hLJ3xUPVZ"), "PAYMENT_SUCCESS_WEBHOOK")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Encoding, Method, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Cashfree: HMAC-SHA-256 in base64 over `{timestamp}{body}`, in `x-webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CASHFREE: Scheme = Scheme {
    name: Cow::Borrowed("cashfree"),
    docs: Cow::Borrowed("Webhook signature verification"),
    quirks: Cow::Borrowed("the time is in milliseconds and runs into the body"),
    signature: Source::header("x-webhook-signature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::Timestamp, Part::Body]),
    timestamp: Some(Timestamp {
        source: Source::header("x-webhook-timestamp"),
        format: TimeFormat::UnixMillis,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};
