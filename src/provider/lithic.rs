//! Lithic. Their page: "Webhooks".
//!
//! - Standard Webhooks, as their SDK verifies it. The event type is `/event_type`, as `card_transaction.updated`.
//! - The event id is the header `webhook-id`, which is signed.
#![doc = mounting!(LITHIC, "lithic", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "card_transaction.updated")]

use std::borrow::Cow;

use super::standard_webhooks::{STANDARD_WEBHOOKS, V1};
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Lithic: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LITHIC: Scheme = Scheme {
    name: Cow::Borrowed("lithic"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("Standard Webhooks, the event type in event_type"),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[V1]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event_type"))]),
    payload: Cow::Borrowed(""),
    ..STANDARD_WEBHOOKS
};
