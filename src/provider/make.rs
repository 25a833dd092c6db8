//! Make (event subscriptions). Their page: "Event subscription: verify signatures".
//!
//! - Standard Webhooks. The header `Webhook-Topic` is not signed; the event type is read from `/type`.
//! - What is meant here is the events of the platform, not the requests that a scenario of Make sends, which are as
//!   their author made them.
#![doc = mounting!(MAKE, "make", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "scenario.updated")]

use std::borrow::Cow;

use super::standard_webhooks::{STANDARD_WEBHOOKS, V1};
use crate::scheme::Scheme;

/// Make: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `Webhook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MAKE: Scheme = Scheme {
    name: Cow::Borrowed("make"),
    docs: Cow::Borrowed("Event subscription: verify signatures"),
    quirks: Cow::Borrowed("Standard Webhooks; the topic is in a header, too"),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[V1]),
    keep_headers: Cow::Borrowed(&[Cow::Borrowed("webhook-topic")]),
    ..STANDARD_WEBHOOKS
};
