//! Dynamic. Their page: "Setting up webhooks: signature validation".
//!
//! - The form is that of GitHub, on purpose. Each webhook has a secret of its own.
//! - There is no timestamp; the event id, `/eventId`, is in the signed body. The event type is `/eventName`, as
//!   `user.created`.
#![doc = mounting!(DYNAMIC, "dynamic", Keyring::new("8f742231b10e8888abcd99"), "user.created")]

use std::borrow::Cow;

use super::common::SHA256;
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Dynamic: HMAC-SHA-256 in hex over the body, as `sha256=…` in `x-dynamic-signature-256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const DYNAMIC: Scheme = Scheme {
    name: Cow::Borrowed("dynamic"),
    docs: Cow::Borrowed("Setting up webhooks: signature validation"),
    quirks: Cow::Borrowed("signed as GitHub signs"),
    signature: Source::header("x-dynamic-signature-256"),
    methods: Cow::Borrowed(&[SHA256]),
    id: Some(Source::json("/eventId")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/eventName"))]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};
