//! Liveblocks. Their page: "Platform: webhooks (`WebhookHandler` of `@liveblocks/node`)".
//!
//! - Standard Webhooks. The event type is `/type`, as `storageUpdated`, the payload `/data`.
//! - An endpoint that fails for five days is disabled.
#![doc = mounting!(LIVEBLOCKS, "liveblocks", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "storageUpdated")]

use std::borrow::Cow;

use super::standard_webhooks::{STANDARD_WEBHOOKS, V1};
use crate::scheme::Scheme;

/// Liveblocks: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LIVEBLOCKS: Scheme = Scheme {
    name: Cow::Borrowed("liveblocks"),
    docs: Cow::Borrowed("Platform: webhooks (`WebhookHandler` of `@liveblocks/node`)"),
    quirks: Cow::Borrowed("Standard Webhooks, sent by Svix"),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[V1]),
    ..STANDARD_WEBHOOKS
};
