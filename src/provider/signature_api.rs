//! SignatureAPI. Their page: "Verify webhook signatures".
//!
//! - Standard Webhooks. The event type is `/type`, the payload `/data`.
#![doc = mounting!(SIGNATURE_API, "signatureapi", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "envelope.completed")]

use std::borrow::Cow;

use super::standard_webhooks::{STANDARD_WEBHOOKS, V1};
use crate::scheme::Scheme;

/// SignatureAPI: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SIGNATURE_API: Scheme = Scheme {
    name: Cow::Borrowed("signatureapi"),
    docs: Cow::Borrowed("Verify webhook signatures"),
    quirks: Cow::Borrowed("Standard Webhooks"),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[V1]),
    ..STANDARD_WEBHOOKS
};
