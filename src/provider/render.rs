//! Render. Their page: "Webhooks (`render-examples/webhook-github-action`)".
//!
//! - Standard Webhooks, verified by the reference library in their examples.
//! - An event is thin: `/data` names the event and the service, which the handler fetches.
#![doc = mounting!(RENDER, "render", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "deploy_ended")]

use std::borrow::Cow;

use super::standard_webhooks::{STANDARD_WEBHOOKS, V1};
use crate::scheme::Scheme;

/// Render: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const RENDER: Scheme = Scheme {
    name: Cow::Borrowed("render"),
    docs: Cow::Borrowed("Webhooks (`render-examples/webhook-github-action`)"),
    quirks: Cow::Borrowed("Standard Webhooks; an event is thin"),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[V1]),
    ..STANDARD_WEBHOOKS
};
