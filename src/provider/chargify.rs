//! Maxio Advanced Billing (Chargify). Their page: "Webhooks: verifying".
//!
//! - The body is a form, which is signed as it is. The key is the shared key of the site.
//! - The event id, `X-Chargify-Webhook-Id`, is not signed and there is no timestamp: identical signed bytes under
//!   another id are refused. The form has the id, too.
//! - The scheme is known from public code of others.
#![doc = mounting!(CHARGIFY, "chargify", Keyring::new("8f742231b10e8888abcd99"), "payment_success")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Chargify: HMAC-SHA-256 in hex over the body, in `X-Chargify-Webhook-Signature-Hmac-Sha-256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CHARGIFY: Scheme = Scheme {
    name: Cow::Borrowed("chargify"),
    docs: Cow::Borrowed("Webhooks: verifying"),
    quirks: Cow::Borrowed("a form; the id is in a header and not signed"),
    signature: Source::header("x-chargify-webhook-signature-hmac-sha-256"),
    id: Some(Source::header("x-chargify-webhook-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::form("event"))]),
    ..Scheme::HMAC_SHA256
};
