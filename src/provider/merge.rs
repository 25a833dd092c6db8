//! Merge. Their page: "Webhooks".
//!
//! - There is no event id and no timestamp: an event is known by its content.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(MERGE, "merge", Keyring::new("5HkzNq7hLJ3xUPVZ"), "Linked.account.created")]

use std::borrow::Cow;

use crate::{
    scheme::{Encoding, Method, Scheme},
    source::{Source, TypePart},
};

/// Merge: HMAC-SHA-256 in padded base64url over the body, in `X-Merge-Webhook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MERGE: Scheme = Scheme {
    name: Cow::Borrowed("merge"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("base64url with padding"),
    signature: Source::header("x-merge-webhook-signature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64UrlPadded,
        ..Method::HMAC_SHA256
    }]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/hook/event"))]),
    ..Scheme::HMAC_SHA256
};
