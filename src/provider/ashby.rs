//! Ashby. Their page: "Webhooks: authenticating requests".
//!
//! - Without a secret token a webhook is not signed.
//! - No event id is documented: an event is known by its content.
//! - The event type is `/action`, as `applicationSubmit`; a test sends `ping`.
#![doc = mounting!(ASHBY, "ashby", Keyring::new("8f742231b10e8888abcd99"), "applicationSubmit")]

use std::borrow::Cow;

use super::common::SHA256;
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Ashby: HMAC-SHA-256 in hex over the body, as `sha256=…` in `Ashby-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ASHBY: Scheme = Scheme {
    name: Cow::Borrowed("ashby"),
    docs: Cow::Borrowed("Webhooks: authenticating requests"),
    quirks: Cow::Borrowed("no event id: an event is known by its content"),
    signature: Source::header("ashby-signature"),
    methods: Cow::Borrowed(&[SHA256]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/action"))]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};
