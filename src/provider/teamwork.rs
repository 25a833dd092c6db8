//! Teamwork.com. Their page: "Setting up webhooks: tokens and checksums".
//!
//! - The body is JSON, XML or a form, as the webhook is set; its raw bytes are signed in each case. Without the feature `xml`
//!   an `Event` of an XML body is 422, a `RawEvent` fits.
//! - The event id, `X-Projects-Delivery`, and the event type, `X-Projects-Event`, are headers and not signed; there is
//!   no timestamp. Identical signed bytes under another id are refused.
#![doc = mounting!(TEAMWORK, "teamwork", Keyring::new("8f742231b10e8888abcd99"), "TASK.CREATED")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Teamwork.com: HMAC-SHA-256 in hex over the body, in `X-Projects-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const TEAMWORK: Scheme = Scheme {
    name: Cow::Borrowed("teamwork"),
    docs: Cow::Borrowed("Setting up webhooks: tokens and checksums"),
    quirks: Cow::Borrowed("JSON, XML or a form, as it is set; the event id is not signed"),
    signature: Source::header("x-projects-signature"),
    id: Some(Source::header("x-projects-delivery")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::header("x-projects-event"))]),
    ..Scheme::HMAC_SHA256
};
