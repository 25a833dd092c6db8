//! Uploadcare. Their page: "Webhooks: secure webhooks".
//!
//! - A webhook without a signing secret is not signed.
//! - There is no event id: an event is known by its content. The event type is `/hook/event`, as `file.uploaded`.
#![doc = mounting!(UPLOADCARE, "uploadcare", Keyring::new("8f742231b10e8888abcd99"), "file.uploaded")]

use std::borrow::Cow;

use crate::{
    scheme::{Method, Scheme},
    source::{Source, TypePart},
};

/// Uploadcare: HMAC-SHA-256 in hex over the body, as `v1=…` in `X-Uc-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const UPLOADCARE: Scheme = Scheme {
    name: Cow::Borrowed("uploadcare"),
    docs: Cow::Borrowed("Webhooks: secure webhooks"),
    quirks: Cow::Borrowed("signed only with a secret"),
    signature: Source::header("x-uc-signature"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v1="),
        ..Method::HMAC_SHA256
    }]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/hook/event"))]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};
