//! Modern Treasury. Their page: "Webhooks".
//!
//! - The event type is the kind of object and the event: `payment_order.created`.
//! - The event id, `X-Webhook-ID`, is not signed and there is no timestamp: identical signed bytes under another id
//!   are refused.
#![doc = mounting!(MODERN_TREASURY, "modern-treasury", Keyring::new("8f742231b10e8888abcd99"), "payment_order.created")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Modern Treasury: HMAC-SHA-256 in hex over the body, in `X-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MODERN_TREASURY: Scheme = Scheme {
    name: Cow::Borrowed("modern-treasury"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("the event type is the object and what became of it"),
    signature: Source::header("x-signature"),
    id: Some(Source::header("x-webhook-id")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/data/object")),
        TypePart::new(Source::json("/event")),
    ]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};
