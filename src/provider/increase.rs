//! Increase. Their page: "Webhooks".
//!
//! - Standard Webhooks, as their SDK verifies it.
//! - The event type is `/category`, as `account.created`; the body names an object, which the handler fetches.
//! - The event id is the header `webhook-id`, which is signed.
#![doc = mounting!(INCREASE, "increase", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "account.created")]

use std::borrow::Cow;

use super::standard_webhooks::{STANDARD_WEBHOOKS, V1};
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Increase: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const INCREASE: Scheme = Scheme {
    name: Cow::Borrowed("increase"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("Standard Webhooks; an event is thin and its type is called a category"),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[V1]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/category"))]),
    payload: Cow::Borrowed(""),
    ..STANDARD_WEBHOOKS
};
