//! Brex. Their page: "Webhooks".
//!
//! - Standard Webhooks. The event type is `/event_type`, as `TRANSFER_PROCESSED`.
//! - An event is thin: it names an object, which the handler fetches.
#![doc = mounting!(BREX, "brex", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "TRANSFER_PROCESSED")]

use std::borrow::Cow;

use super::standard_webhooks::{STANDARD_WEBHOOKS, V1};
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Brex: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `Webhook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const BREX: Scheme = Scheme {
    name: Cow::Borrowed("brex"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("Standard Webhooks, the event type in event_type"),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[V1]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event_type"))]),
    payload: Cow::Borrowed(""),
    ..STANDARD_WEBHOOKS
};
