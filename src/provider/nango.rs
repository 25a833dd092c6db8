//! Nango. Their page: "Webhooks from Nango".
//!
//! - Nango sends two signatures. This is `X-Nango-Hmac-Sha256`. The deprecated `X-Nango-Signature` is a plain hash of secret
//!   and body, which whoever has one can extend without the secret: it is not read.
//! - There is no event id: an event is known by its content.
#![doc = mounting!(NANGO, "nango", Keyring::new("8f742231-b10e-8888-abcd-99yyyzzz85a5"), "sync")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Nango: HMAC-SHA-256 in hex over the body, in `x-nango-hmac-sha256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const NANGO: Scheme = Scheme {
    name: Cow::Borrowed("nango"),
    docs: Cow::Borrowed("Webhooks from Nango"),
    quirks: Cow::Borrowed("no event id; its deprecated signature is not read"),
    signature: Source::header("x-nango-hmac-sha256"),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    ..Scheme::HMAC_SHA256
};
