//! AfterShip. Their page: "Webhook signature".
//!
//! - There is no timestamp; the event id, `/event_id`, is in the signed body.
//! - The scheme is known from public code of others.
#![doc = mounting!(AFTERSHIP, "aftership", Keyring::new("8f742231b10e8888abcd99"), "tracking_update")]

use std::borrow::Cow;

use super::common::BASE64;
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// AfterShip: HMAC-SHA-256 in base64 over the body, in `aftership-hmac-sha256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const AFTERSHIP: Scheme = Scheme {
    name: Cow::Borrowed("aftership"),
    docs: Cow::Borrowed("Webhook signature"),
    quirks: Cow::Borrowed("no timestamp is signed"),
    signature: Source::header("aftership-hmac-sha256"),
    methods: Cow::Borrowed(&[BASE64]),
    id: Some(Source::json("/event_id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    ..Scheme::HMAC_SHA256
};
