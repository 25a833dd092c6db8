//! Fourthwall. Their page: "Webhooks: signature verification".
//!
//! - A platform app finds its signature in `X-Fourthwall-Hmac-Apps-SHA256` instead, by the key of the app.
//! - There is no timestamp; the event id, `/id`, is in the signed body.
#![doc = mounting!(FOURTHWALL, "fourthwall", Keyring::new("8f742231b10e8888abcd99"), "ORDER_PLACED")]

use std::borrow::Cow;

use super::common::BASE64;
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Fourthwall: HMAC-SHA-256 in base64 over the body, in `X-Fourthwall-Hmac-SHA256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const FOURTHWALL: Scheme = Scheme {
    name: Cow::Borrowed("fourthwall"),
    docs: Cow::Borrowed("Webhooks: signature verification"),
    quirks: Cow::Borrowed("a shop and a platform app sign in headers of their own"),
    signature: Source::FirstOf(Cow::Borrowed(&[
        Source::header("x-fourthwall-hmac-sha256"),
        Source::header("x-fourthwall-hmac-apps-sha256"),
    ])),
    methods: Cow::Borrowed(&[BASE64]),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};
