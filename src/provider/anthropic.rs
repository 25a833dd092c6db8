//! Anthropic. Their page: "Webhooks".
//!
//! - Standard Webhooks; their SDK verifies by its reference library.
//! - The event type is `/data/type`, as `session.status_idled`: the outer `/type` is always `event`.
//! - The event id is the header `webhook-id`, which is signed; the body has one, too.
#![doc = mounting!(ANTHROPIC, "anthropic", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "session.status_idled")]

use std::borrow::Cow;

use super::standard_webhooks::{STANDARD_WEBHOOKS, V1};
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Anthropic: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ANTHROPIC: Scheme = Scheme {
    name: Cow::Borrowed("anthropic"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("the type of an event is that of its data"),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[V1]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/data/type"))]),
    ..STANDARD_WEBHOOKS
};
