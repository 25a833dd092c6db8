//! 360Learning. Their page: "Webhooks security and signature verification".
//!
//! - Standard Webhooks. While a secret is rolled a request carries a `v1` for each.
//! - The event type is read from `/type` and the payload from `/data`, as the standard advises.
#![doc = mounting!(LEARNING_360, "360learning", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "course.created")]

use std::borrow::Cow;

use super::standard_webhooks::{STANDARD_WEBHOOKS, V1};
use crate::scheme::Scheme;

/// 360Learning: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LEARNING_360: Scheme = Scheme {
    name: Cow::Borrowed("360learning"),
    docs: Cow::Borrowed("Webhooks security and signature verification"),
    quirks: Cow::Borrowed("Standard Webhooks"),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[V1]),
    ..STANDARD_WEBHOOKS
};
