//! Afterpay. Their page: "Webhook Signature Generation".
//!
//! - The URL is signed: behind a proxy say which it is, by `Param::PublicUrl` or the receiver's URL policy.
//! - The sample of their page decodes base64 as hex and takes nearly anything; here only the signature itself counts.
//! - The id and the type are in the signed body.
#![doc = mounting!(AFTERPAY, "afterpay", Keyring::new("5HkzNq7hLJ3xUPVZ"), "created")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Encoding, Method, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Afterpay and Cash App: HMAC-SHA-256 in base64 over the URL, the timestamp and the body, in
/// `X-Afterpay-Request-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const AFTERPAY: Scheme = Scheme {
    name: Cow::Borrowed("afterpay"),
    docs: Cow::Borrowed("Webhook Signature Generation"),
    quirks: Cow::Borrowed("the URL is signed"),
    signature: Source::header("x-afterpay-request-signature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        Part::Url,
        Part::literal("\n"),
        Part::Timestamp,
        Part::literal("\n"),
        Part::Body,
    ]),
    timestamp: Some(Timestamp {
        source: Source::header("x-afterpay-request-date"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/webhook_event_id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/webhook_event_type"))]),
    ..Scheme::HMAC_SHA256
};
