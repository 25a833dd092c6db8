//! Loops. Their page: "Webhooks".
//!
//! - Standard Webhooks. The event type is `/eventName`, as `email.delivered`; the payload is the whole body.
//! - The scheme is known from public code of others.
#![doc = mounting!(LOOPS, "loops", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "email.delivered")]

use std::borrow::Cow;

use super::standard_webhooks::{STANDARD_WEBHOOKS, V1};
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Loops: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LOOPS: Scheme = Scheme {
    name: Cow::Borrowed("loops"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("Standard Webhooks; the event type is eventName"),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[V1]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/eventName"))]),
    payload: Cow::Borrowed(""),
    ..STANDARD_WEBHOOKS
};
