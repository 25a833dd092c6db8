//! Worldline Connect and Direct, once Ingenico. Their page: "Webhooks event structure".
//!
//! - A request names its secret in `X-GCS-KeyId`; a keyring has it under that id.
//! - The moment in `created` is that of the event, and nobody says to judge by it.
#![doc = mounting!(WORLDLINE, "worldline", Keyring::empty().and("4d4c2e1b-key", "7b9e55d2c0a14fb2b6f1"), "payment.paid")]

use std::borrow::Cow;

use crate::{
    scheme::{Encoding, Method, Scheme},
    source::{Source, TypePart},
};

/// Worldline: HMAC-SHA-256 in base64 over the body, in `X-GCS-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const WORLDLINE: Scheme = Scheme {
    name: Cow::Borrowed("worldline"),
    docs: Cow::Borrowed("Webhooks event structure"),
    quirks: Cow::Borrowed("the request names its key"),
    signature: Source::header("x-gcs-signature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    key_id: Some(Source::header("x-gcs-keyid")),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    ..Scheme::HMAC_SHA256
};
