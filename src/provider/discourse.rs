//! Discourse. Their page: "Configure webhooks".
//!
//! - The event id, `X-Discourse-Event-Id`, is not signed and there is no timestamp: identical signed bytes under
//!   another id are refused.
//! - The event type is the header `X-Discourse-Event`, as `post_created`, which is not signed either.
//! - The scheme is known from public code of others.
#![doc = mounting!(DISCOURSE, "discourse", Keyring::new("8f742231b10e8888abcd99"), "post_created")]

use std::borrow::Cow;

use super::common::SHA256;
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Discourse: HMAC-SHA-256 in hex over the body, as `sha256=…` in `X-Discourse-Event-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const DISCOURSE: Scheme = Scheme {
    name: Cow::Borrowed("discourse"),
    docs: Cow::Borrowed("Configure webhooks"),
    quirks: Cow::Borrowed("id and type are not signed"),
    signature: Source::header("x-discourse-event-signature"),
    methods: Cow::Borrowed(&[SHA256]),
    id: Some(Source::header("x-discourse-event-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::header("x-discourse-event"))]),
    keep_headers: Cow::Borrowed(&[
        Cow::Borrowed("x-discourse-event-type"),
        Cow::Borrowed("x-discourse-instance"),
    ]),
    ..Scheme::HMAC_SHA256
};
