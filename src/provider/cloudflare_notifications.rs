//! Cloudflare Notifications. Their page: "Configure webhooks".
//!
//! - Cloudflare signs nothing, whatever is written about an HMAC: it repeats the secret of the webhook in
//!   `cf-webhook-auth`. `Delivery::coverage` is nothing.
//! - `alert_correlation_id` ties the start of an alert to its end, and is no event id: an event is known by its content.
//! - A new webhook gets a test message, which is acknowledged whether it has a handler or not.
#![doc = mounting!(CLOUDFLARE_NOTIFICATIONS, "cloudflare-notifications", Keyring::new("a-long-secret-of-your-choice"), "load_balancing_health_alert")]

use std::borrow::Cow;

use crate::{
    scheme::{Method, Scheme},
    source::{Source, TypePart},
};

/// Cloudflare Notifications: a token in `cf-webhook-auth`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CLOUDFLARE_NOTIFICATIONS: Scheme = Scheme {
    name: Cow::Borrowed("cloudflare-notifications"),
    docs: Cow::Borrowed("Configure webhooks"),
    quirks: Cow::Borrowed("a token, which signs nothing; no event id"),
    signature: Source::header("cf-webhook-auth"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/alert_type"))]),
    ..Scheme::HMAC_SHA256
};
