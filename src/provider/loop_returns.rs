//! Loop Returns. Their page: "Validate webhooks from Loop".
//!
//! - There is no event id: an event is known by its content.
//! - The event type is `/trigger`, as `return.created`.
#![doc = mounting!(LOOP_RETURNS, "loop-returns", Keyring::new("8f742231b10e8888abcd99"), "return.created")]

use std::borrow::Cow;

use super::common::BASE64;
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Loop: HMAC-SHA-256 in base64 over the body, in `X-Loop-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LOOP_RETURNS: Scheme = Scheme {
    name: Cow::Borrowed("loop-returns"),
    docs: Cow::Borrowed("Validate webhooks from Loop"),
    quirks: Cow::Borrowed("no event id: an event is known by its content"),
    signature: Source::header("x-loop-signature"),
    methods: Cow::Borrowed(&[BASE64]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/trigger"))]),
    ..Scheme::HMAC_SHA256
};
