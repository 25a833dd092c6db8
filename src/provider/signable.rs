//! Signable. Their page: "Signed webhooks".
//!
//! - The secret is in the answer to the request that made the webhook. Signing is in early access.
//! - There is no event id: an event is known by its content.
#![doc = mounting!(SIGNABLE, "signable", Keyring::new("8f742231b10e8888abcd99"), "signed-envelope")]

use std::borrow::Cow;

use super::common::BASE64;
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Signable: HMAC-SHA-256 in base64 over the body, in `Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SIGNABLE: Scheme = Scheme {
    name: Cow::Borrowed("signable"),
    docs: Cow::Borrowed("Signed webhooks"),
    quirks: Cow::Borrowed(
        "an early access of the sender; no timestamp is signed apart from the body",
    ),
    signature: Source::header("signature"),
    methods: Cow::Borrowed(&[BASE64]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/action"))]),
    ..Scheme::HMAC_SHA256
};
