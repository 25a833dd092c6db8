//! Alchemy (Notify). Their page: "Webhook signature and security".
//!
//! - Each webhook has a signing key of its own, `whsec_…`, used whole, as text.
//! - There is no timestamp; the event id, `/id`, is in the signed body. `/createdAt` says when it happened.
#![doc = mounting!(ALCHEMY, "alchemy", Keyring::new("whsec_5HkzNq7hLJ3xUPVZ"), "ADDRESS_ACTIVITY")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Alchemy: HMAC-SHA-256 in hex over the body, in `X-Alchemy-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ALCHEMY: Scheme = Scheme {
    name: Cow::Borrowed("alchemy"),
    docs: Cow::Borrowed("Webhook signature and security"),
    quirks: Cow::Borrowed("each webhook has a signing key of its own, used as text"),
    signature: Source::header("x-alchemy-signature"),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/event"),
    ..Scheme::HMAC_SHA256
};
