//! Bland. Their page: "Webhook signing".
//!
//! - There is no event id and no type: an event is known by its content, the record of a call.
//! - The secret is the one of the account's "Keys" page.
#![doc = mounting!(BLAND, "bland", Keyring::new("8f742231b10e8888abcd99"))]

use std::borrow::Cow;

use crate::{scheme::Scheme, source::Source};

/// Bland: HMAC-SHA-256 in hex over the body, in `X-Webhook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const BLAND: Scheme = Scheme {
    name: Cow::Borrowed("bland"),
    docs: Cow::Borrowed("Webhook signing"),
    quirks: Cow::Borrowed("no event id, no type and no timestamp"),
    signature: Source::header("x-webhook-signature"),
    ..Scheme::HMAC_SHA256
};
