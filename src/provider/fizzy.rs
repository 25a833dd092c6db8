//! Fizzy. Their page: "Webhooks (`webhook` of the SDK `fizzy-sdk`)".
//!
//! - The secret is used whole, as text.
//! - There is no timestamp; the event id, `/id`, is in the signed body. The event type is `/action`.
#![doc = mounting!(FIZZY, "fizzy", Keyring::new("8f742231b10e8888abcd99"), "card_published")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Fizzy: HMAC-SHA-256 in hex over the body, in `X-Webhook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const FIZZY: Scheme = Scheme {
    name: Cow::Borrowed("fizzy"),
    docs: Cow::Borrowed("Webhooks (`webhook` of the SDK `fizzy-sdk`)"),
    quirks: Cow::Borrowed("the secret is used with its prefix"),
    signature: Source::header("x-webhook-signature"),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/action"))]),
    ..Scheme::HMAC_SHA256
};
